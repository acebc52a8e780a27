"""How an order is paid: transactions, payment terms, gift cards."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .money import ZERO, MoneyBag, MoneyV2, total
from .records import Record

#: Kinds that bring money in, when they succeed.
RECEIVING = ('SALE', 'CAPTURE')
#: Gateways staff settle by hand.
MANUAL_GATEWAYS = (
    'manual',
    'bank_deposit',
    'cash_on_delivery',
    'money_order',
    "Bank Deposit",
    "Cash on Delivery (COD)",
)


@dataclass(eq=False, repr=False, slots=True)
class CardPaymentDetails(Record):
    """The card a buyer used."""

    typename = 'CardPaymentDetails'
    company: str | None = "Visa"
    number: str | None = "•••• •••• •••• 4242"
    payment_method_name: str | None = 'card'
    wallet: str | None = None
    name: str | None = None
    bin: str | None = None
    avs_result_code: str | None = None
    cvv_result_code: str | None = None
    expiration_month: int | None = None
    expiration_year: int | None = None


@dataclass(eq=False, repr=False, slots=True)
class LocalPaymentMethodsPaymentDetails(Record):
    """iDEAL, Bancontact, Klarna and the like."""

    typename = 'LocalPaymentMethodsPaymentDetails'
    payment_method_name: str | None = 'ideal'
    payment_descriptor: str | None = None


@dataclass(eq=False, repr=False, slots=True)
class PaypalWalletPaymentDetails(Record):
    """PayPal."""

    typename = 'PaypalWalletPaymentDetails'
    payment_method_name: str | None = 'paypal_wallet'


@dataclass(eq=False, repr=False, slots=True)
class TransactionFee(Record):
    """What Shopify Payments keeps."""

    typename = 'TransactionFee'
    id: str | None = None
    amount: MoneyV2 | None = None
    flat_fee: MoneyV2 | None = None
    flat_fee_name: str | None = None
    rate: object = None
    rate_name: str | None = None
    tax_amount: MoneyV2 | None = None
    type: str = 'processing_fee'


@dataclass(eq=False, repr=False, slots=True)
class OrderTransaction(Record):
    """One movement (or attempt) of money on an order."""

    typename = 'OrderTransaction'
    id: str | None = None
    order: object = None
    kind: str = 'SALE'
    status: str = 'SUCCESS'
    gateway: str | None = 'manual'
    amount_set: MoneyBag | None = None
    amount_rounding_set: MoneyBag | None = None
    parent_transaction: object = None
    test: bool = False
    created_at: datetime | None = None
    processed_at: datetime | None = None
    payment_id: str | None = None
    account_number: str | None = None
    authorization_code: str | None = None
    authorization_expires_at: datetime | None = None
    error_code: str | None = None
    receipt_json: object = None
    settlement_currency: str | None = None
    settlement_currency_rate: object = None
    location: object = None
    user: object = None
    device: object = None
    fees: list = field(default_factory=list)
    payment_details: object = None
    multi_capturable: bool = False
    currency_exchange_adjustment: object = None

    @property
    def amount(self):
        """Deprecated shop-currency amount."""
        return self.amount_set.shop.amount

    @property
    def amount_v2(self):
        """Deprecated money object."""
        return self.amount_set.shop

    @property
    def manual_payment_gateway(self):
        """Whether staff settle this gateway by hand."""
        return self.gateway in MANUAL_GATEWAYS

    @property
    def formatted_gateway(self):
        """The gateway's name for people."""
        return (self.gateway or '').replace('_', ' ').title() if self.gateway else None

    @property
    def succeeded(self):
        """Whether the money moved."""
        return self.status == 'SUCCESS'

    @property
    def is_pending(self):
        """Whether the payment is under way: pending, and not settled by a later one."""
        return self.status in ('PENDING', 'AWAITING_RESPONSE') and not self.children(RECEIVING)

    def children(self, kinds):
        """Successful transactions of `kinds` that settle this one."""
        return [
            other
            for other in self.order.transactions
            if other.parent_transaction is self and other.kind in kinds and other.succeeded
        ]

    @property
    def capturable_amount(self):
        """What is left of a successful authorization."""
        zero = self.amount_set.zero
        if self.kind != 'AUTHORIZATION' or not self.succeeded or self.children(('VOID',)):
            return zero
        captured = total((child.amount_set for child in self.children(('CAPTURE',))), zero)
        return (self.amount_set - captured).floor_zero()

    @property
    def manually_capturable(self):
        """Whether staff may capture it."""
        return bool(self.capturable_amount)

    @property
    def total_unsettled_set(self):
        """What is authorized and not captured; null where nothing can be captured [S]."""
        amount = self.capturable_amount
        if self.kind == 'AUTHORIZATION' and amount:
            return amount
        if self.is_pending and self.kind == 'SALE':
            return self.amount_set
        return None

    @property
    def refundable_amount(self):
        """What of a received payment has not gone back yet."""
        zero = self.amount_set.zero
        if self.kind not in RECEIVING or not self.succeeded:
            return zero
        refunded = total((child.amount_set for child in self.children(('REFUND',))), zero)
        return (self.amount_set - refunded).floor_zero()

    @property
    def maximum_refundable_v2(self):
        """`refundable_amount` in shop currency, null where nothing was received."""
        return self.refundable_amount.shop if self.kind in RECEIVING and self.succeeded else None


@dataclass(eq=False, repr=False, slots=True)
class PaymentSchedule(Record):
    """One due date of payment terms."""

    typename = 'PaymentSchedule'
    id: str | None = None
    payment_terms: object = None
    issued_at: datetime | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def owed(self):
        """What the order or draft asks for in all."""
        return self.payment_terms.reference.payable_total

    @property
    def total_balance(self):
        """The amount of the schedule in presentment currency."""
        return self.owed.presentment

    @property
    def amount(self):
        """Deprecated name of the amount."""
        return self.owed.presentment

    @property
    def balance_due(self):
        """What is still open."""
        if self.completed_at:
            return MoneyV2(ZERO, self.owed.presentment.currency_code)
        return self.payment_terms.reference.payable_balance.presentment

    @property
    def due(self):
        """Whether the due date has come."""
        now = self.payment_terms.store.clock.now()
        return self.completed_at is None and self.due_at is not None and self.due_at <= now


@dataclass(eq=False, repr=False, slots=True)
class PaymentTerms(Record):
    """When an order is to be paid."""

    typename = 'PaymentTerms'
    id: str | None = None
    template: object = None
    reference: object = None
    store: object = None
    payment_schedules: list = field(default_factory=list)

    @property
    def payment_terms_name(self):
        """Name of the template."""
        return self.template.name

    @property
    def translated_name(self):
        """Name in the shop's language."""
        return self.template.translated_name

    @property
    def payment_terms_type(self):
        """NET, FIXED, RECEIPT or FULFILLMENT."""
        return self.template.payment_terms_type

    @property
    def due_in_days(self):
        """Days of a NET term."""
        return self.template.due_in_days

    @property
    def due(self):
        """Whether any schedule is due."""
        return any(schedule.due for schedule in self.payment_schedules)

    @property
    def overdue(self):
        """Whether a due date has passed without payment; same as `due` for local purposes [I]."""
        return self.due

    @property
    def order(self):
        """The order the terms are for, if it is one."""
        return self.reference if self.reference.typename == 'Order' else None

    @property
    def draft_order(self):
        """The draft the terms are for, if it is one."""
        return self.reference if self.reference.typename == 'DraftOrder' else None


def make_payment_terms(store, reference, template, issued_at=None, due_at=None):
    """Give an order or a draft the terms of `template`.

    A NET term is due its days after issue, RECEIPT at issue, FULFILLMENT without a date [R]
    payment-terms-create-on-order.json.
    """
    issued = issued_at or store.clock.now()
    due = due_at
    if template.payment_terms_type == 'NET':
        due = issued + timedelta(days=template.due_in_days)
    elif template.payment_terms_type == 'RECEIPT':
        due = issued
    terms = store.add(PaymentTerms(template=template, reference=reference, store=store))
    schedule = PaymentSchedule(
        id=store.next_gid('PaymentSchedule'), payment_terms=terms, issued_at=issued, due_at=due
    )
    terms.payment_schedules.append(schedule)
    reference.payment_terms = terms
    return terms


@dataclass(eq=False, repr=False, slots=True)
class GiftCardTransaction(Record):
    """A movement on a gift card; the amount is negative for a debit."""

    id: str | None = None
    gift_card: object = None
    amount: MoneyV2 | None = None
    processed_at: datetime | None = None
    note: str | None = None

    @property
    def typename(self):
        """Debit or credit, by the sign."""
        return 'GiftCardDebitTransaction' if self.amount.amount < 0 else 'GiftCardCreditTransaction'


@dataclass(eq=False, repr=False, slots=True)
class GiftCardRecipient(Record):
    """Whom a gift card is sent to."""

    typename = 'GiftCardRecipient'
    recipient: object
    message: str | None = None
    preferred_name: str | None = None
    send_notification_at: datetime | None = None


@dataclass(eq=False, repr=False, slots=True)
class GiftCardConfiguration(Record):
    """Limits of the shop."""

    typename = 'GiftCardConfiguration'
    issue_limit: MoneyV2
    purchase_limit: MoneyV2


@dataclass(eq=False, repr=False, slots=True)
class GiftCard(Record):
    """A gift card; its balance is its initial value plus its transactions."""

    typename = 'GiftCard'
    id: str | None = None
    initial_value: MoneyV2 | None = None
    code: str = ''
    source: str = 'purchased'
    last_characters: str = ''
    customer: object = None
    order: object = None
    line_item: object = None
    note: str | None = None
    expires_on: date | None = None
    template_suffix: str | None = None
    recipient_attributes: object = None
    cross_currency_redemption_strategy: str = 'NOT_ALLOWED'
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deactivated_at: datetime | None = None
    transactions: list = field(default_factory=list)

    @property
    def enabled(self):
        """Whether the card was not deactivated."""
        return self.deactivated_at is None

    @property
    def balance_status(self):
        """How much is left, in the words of the search ([S] query of giftCards)."""
        left = self.balance.amount
        if not left:
            return 'empty'
        return 'full' if left == self.initial_value.amount else 'partial'

    @property
    def is_redeemable(self):
        """Whether it can pay something."""
        return self.enabled and self.balance.amount > 0

    @property
    def masked_code(self):
        """The code as shown to staff."""
        return f"•••• •••• •••• {self.last_characters}"

    @property
    def balance(self):
        """What is left on the card."""
        moved = sum((transaction.amount.amount for transaction in self.transactions), ZERO)
        return MoneyV2(self.initial_value.amount + moved, self.initial_value.currency_code)
