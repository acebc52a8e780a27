import logging

from odoo import http
from odoo.http import Response, request

from ..shopify_api import webhook

_logger = logging.getLogger(__name__)


class ShopifyWebhook(http.Controller):
    """Where Shopify calls when an order is new or has changed (R-03).

    A call only rings the bell: the scheduled import is woken and reads the order itself. So a call
    may come twice, late, or never, and it is answered within the second that Shopify grants.
    """

    @http.route(
        '/shopify/webhook/<string:token>',
        type='http',
        auth='public',
        methods=['POST'],
        csrf=False,  # Shopify has no session; its signature says who it is
        save_session=False,
        max_content_length=webhook.MAX_BYTES,
    )
    def receive(self, token, **_parameters):
        """Answer one call: 200 when it is understood, 401 without a hint when it is not ours."""
        if (request.httprequest.content_length or 0) > webhook.MAX_BYTES:
            return Response(status=413)
        body = request.httprequest.get_data()
        call = webhook.Call.from_headers(request.httprequest.headers)
        # Nobody is signed in: the token finds the store, the signature proves who calls.
        store_sudo = request.env['shopify.store'].sudo()._find_called(token)
        if not store_sudo._is_called_by(call, body):
            _logger.info("A call that names %r as its store was refused", call.store_domain[:100])
            return Response(status=401)
        store_sudo._answer_call(call, body)
        return Response(status=200)
