"""In which of its two currencies an order becomes documents (R-01, R-02)."""

from odoo import api, fields, models

from ..exceptions import Problem, ShopifyProblemError
from ..shopify_api.money import to_decimal

# No currency has more.
MOST_DECIMALS = 4

CURRENCY_POLICIES = [
    ('store', "Currency of the store"),
    ('buyer', "Currency the buyer saw"),
]


# pylint: disable=consider-merging-classes-inherited
# The two currencies of an order are a chapter of their own.
class ShopifyOrder(models.Model):
    """All amounts of an order are of one side; the choice is made when it first comes, and kept."""

    _inherit = 'shopify.order'

    currency_policy = fields.Selection(
        CURRENCY_POLICIES,
        string="Amounts In",
        required=True,
        default='store',
        readonly=True,
        help="Which of Shopify's two amounts the documents are made of. The rule of the shop when"
        " the order first came; it stays with the order.",
    )
    store_currency_id = fields.Many2one('res.currency', readonly=True)
    store_total = fields.Monetary(
        string="Total in the Store's Currency",
        currency_field='store_currency_id',
        readonly=True,
        help="What the store's own books say, beside documents in the buyer's currency.",
    )
    presentment_currency_id = fields.Many2one(
        'res.currency', string="Buyer's Currency", readonly=True
    )
    presentment_total = fields.Monetary(
        string="Total for the Buyer", currency_field='presentment_currency_id', readonly=True
    )

    # === BUSINESS METHODS: STAGE === #

    @api.model
    def _read_in_chosen_currency(self, shop, orders, known):
        """Return the orders of ``shopify_api`` with the amounts that their documents are made of.

        :param dict known: gid → staged order, whose choice stays.
        """
        chosen = []
        for order in orders:
            policy = (known.get(order.gid) or shop).currency_policy
            chosen.append(getattr(self, f'_read_in_currency_of_{policy}')(order))
        return chosen

    @api.model
    def _read_in_currency_of_store(self, order):
        return order

    @api.model
    def _read_in_currency_of_buyer(self, order):
        return order.in_buyer_currency()

    @api.model
    def _prepare_stage_currencies(self, order, currencies):
        """Return the currencies of an order and its total in both.

        :param dict currencies: ISO code → ``res.currency``
        """
        currency = currencies.get(order.total.currency)
        if not currency:
            raise ShopifyProblemError(self._get_currency_problem(order.total.currency))
        total = order.expected_document_total().amount
        if total != to_decimal(currency.round(float(total)), MOST_DECIMALS):
            raise ShopifyProblemError(self._get_decimals_problem(currency, total))
        nothing = currencies[None]
        return {
            'currency_id': currency.id,
            'store_currency_id': currencies.get(order.currency, nothing).id,
            'store_total': float(order.total.shop),
            'presentment_currency_id': currencies.get(order.presentment_currency, nothing).id,
            'presentment_total': float(order.total.presentment),
        }

    @api.model
    def _get_currency_problem(self, code):
        return Problem(
            'no_currency',
            self.env._(
                "Odoo has no currency %(code)s. Create it under Accounting → Configuration →"
                " Currencies, then import the order again.",
                code=code,
            ),
            subject=code,
        )

    @api.model
    def _get_decimals_problem(self, currency, amount):
        return Problem(
            'currency_decimals',
            self.env._(
                "Shopify has an amount of %(amount)s %(currency)s, and Odoo rounds this currency to"
                " %(rounding)s. Set a finer rounding under Accounting → Configuration →"
                " Currencies, then import the order again.",
                amount=amount,
                currency=currency.name,
                rounding=currency.rounding,
            ),
            subject=currency.name,
        )

    # === BUSINESS METHODS: RATES === #

    def _get_rate(self, day):
        """Return the rate company currency → currency of the order on a day."""
        self.ensure_one()
        company = self.company_id
        return self.env['res.currency']._get_conversion_rate(
            company.currency_id, self.currency_id, company, day
        )

    def _set_currency_rates(self):
        """Keep the rate company currency → currency of the order, of the day of each order."""
        for (company, currency, day), orders in self.grouped(
            lambda order: (order.company_id, order.currency_id, order.document_date)
        ).items():
            if currency != company.currency_id:
                orders.currency_rate = orders[0]._get_rate(day)

    def _map_currencies(self):
        """Check that foreign currencies have exchange rates: none would mean one to one (R-01).

        :return: order → problem for the orders in a currency without a rate.
        """
        foreign = self.filtered(lambda order: order.currency_id != order.company_id.currency_id)
        # Amounts in an inactive currency are shown without a sign, and nobody fetches its rates.
        foreign.currency_id.filtered(lambda currency: not currency.active).sudo().active = True
        usable = foreign.currency_id._shopify_get_usable(foreign.company_id)
        lacking = foreign.filtered(
            lambda order: (order.currency_id, order.company_id) not in usable
        )
        # Made here, where one worker of the store is at a time, and found when they are needed.
        for shop, orders in (foreign - lacking).grouped('shop_id').items():
            shop._get_pricelists(orders.currency_id)
        return {order: order._get_rate_problem() for order in lacking}

    def _get_rate_problem(self):
        return Problem(
            'no_rate',
            self.env._(
                "%(company)s has no exchange rate for %(currency)s. Enter one under Accounting →"
                " Configuration → Currencies.",
                company=self.company_id.name,
                currency=self.currency_id.name,
            ),
            subject=self.currency_id.name,
        )
