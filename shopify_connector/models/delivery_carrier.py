import json

from odoo import api, fields, models

from ..shopify_api.shipping import Tracking
from ..shopify_api.tracking import TRACKING_COMPANIES

PLACEHOLDER = '<shipmenttrackingnumber>'  # in a carrier's tracking link, see `delivery`


class DeliveryCarrier(models.Model):
    _inherit = 'delivery.carrier'

    shopify_tracking_company = fields.Selection(
        [(name, name) for name in TRACKING_COMPANIES],
        help="What Shopify calls this carrier. With one of these names Shopify makes tracking"
        " numbers clickable and follows the parcels by itself. Empty: the name of the delivery"
        " method is sent.",
    )

    # === BUSINESS METHODS === #

    def _shopify_get_company(self):
        """Return the tracking company (R-118): Shopify's name of it, else ours, else the code."""
        if not self:
            return ''
        return self.shopify_tracking_company or self.name or self.delivery_type

    def _shopify_get_tracking(self, picking):
        """Return the :class:`Tracking` of a delivery, which is empty without a number.

        Several parcels are several numbers with commas between them, as delivery connectors of
        Odoo write them.
        """
        numbers = _split_numbers(picking.carrier_tracking_ref)
        urls = self._shopify_get_urls(picking, numbers) if self and numbers else ()
        return Tracking(self._shopify_get_company(), numbers, urls)

    def _shopify_get_urls(self, picking, numbers):
        """Return one address for each number, or none at all when that is not possible."""
        if self.tracking_url and PLACEHOLDER in self.tracking_url:
            return tuple(self.tracking_url.replace(PLACEHOLDER, number) for number in numbers)
        link = picking.carrier_tracking_url
        urls = self._shopify_read_link(link)
        if len(urls) == len(numbers):
            return urls
        return (link,) if len(numbers) == 1 and link and not urls else ()

    @api.model
    def _shopify_read_link(self, link):
        """Return the addresses in a list of (name, address) that some connectors give, as JSON."""
        try:
            pairs = json.loads(link or '')
            return tuple(url for _name, url in pairs)
        except (TypeError, ValueError):
            return ()


def _split_numbers(text):
    """Return the tracking numbers in a text, each once."""
    parts = (part.strip() for part in (text or '').split(','))
    return tuple(dict.fromkeys(part for part in parts if part))
