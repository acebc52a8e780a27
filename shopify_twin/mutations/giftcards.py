"""Gift cards: issue, change, credit, debit, deactivate ([R] gift-card-lifecycle.json)."""

from dataclasses import dataclass
from datetime import datetime

from ..engine import verbs
from ..engine.errors import UserError
from ..engine.money import MoneyV2
from ..engine.records import Record
from .common import decimal, done, failed, must_find
from .registry import mutation


@dataclass
class GiftCardRecipient(Record):
    """Who gets a gift card, and with what words."""

    typename = 'GiftCardRecipient'
    recipient: object
    message: str | None = None
    preferred_name: str | None = None
    send_notification_at: datetime | None = None


def complaint(field, message, code):
    """Return a ``GiftCardUserError``."""
    return UserError(field, message, code, 'GiftCardUserError')


@mutation('giftCardCreate')
def gift_card_create(store, input):  # noqa: A002 (Shopify's name)
    """Issue a gift card of a given or a made-up code."""
    amount = input.get('initialAmount') or {'amount': input.get('initialValue')}
    if amount['amount'] is None or decimal(amount['amount']) <= 0:
        error = complaint(['input', 'initialValue'], "must be greater than 0", 'GREATER_THAN')
        return failed(error, gift_card=None, gift_card_code=None)
    currency = amount.get('currencyCode') or store.shop.currency_code
    card = verbs.make_gift_card(store, MoneyV2(decimal(amount['amount']), currency), source='api_client')
    code = (input.get('code') or f'{store.random.getrandbits(48):012x}{card.last_characters}').lower()
    card.last_characters = code[-4:]
    change(store, card, input)
    return done(gift_card=card, gift_card_code=code)


def change(store, card, given):
    """Give a card what an input says of it."""
    for name, attribute in CHANGEABLE.items():
        if name in given:
            setattr(card, attribute, given[name])
    if given.get('customerId'):
        card.customer = must_find(store, 'Customer', given['customerId'])
    to = given.get('recipientAttributes')
    if to:
        card.recipient_attributes = GiftCardRecipient(
            must_find(store, 'Customer', to['id']),
            to.get('message'),
            to.get('preferredName'),
            to.get('sendNotificationAt'),
        )


#: Input field → attribute.
CHANGEABLE = {
    'note': 'note',
    'expiresOn': 'expires_on',
    'templateSuffix': 'template_suffix',
    'crossCurrencyRedemptionStrategy': 'cross_currency_redemption_strategy',
}


@mutation('giftCardUpdate')
def gift_card_update(store, id, input):  # noqa: A002
    """Change a card."""
    card = store.find('GiftCard', id)
    if card is None:
        error = complaint(['id'], "The gift card could not be found.", 'GIFT_CARD_NOT_FOUND')
        return failed(error, gift_card=None)
    change(store, card, input)
    store.touch(card)
    return done(gift_card=card)


@mutation('giftCardDeactivate')
def gift_card_deactivate(store, id):  # noqa: A002
    """Make a card useless, for good."""
    card = store.find('GiftCard', id)
    if card is None:
        error = complaint(['id'], "The gift card could not be found.", 'GIFT_CARD_NOT_FOUND')
        return failed(error, gift_card=None)
    card.deactivated_at = card.deactivated_at or store.clock.now()
    store.touch(card)
    return done(gift_card=card)


@mutation('giftCardCredit')
def gift_card_credit(store, id, creditInput):  # noqa: A002, N803
    """Put money on a card."""
    amount = decimal(creditInput['creditAmount']['amount'])
    return move(store, id, amount, creditInput, 'gift_card_credit_transaction')


@mutation('giftCardDebit')
def gift_card_debit(store, id, debitInput):  # noqa: A002, N803
    """Take money off a card."""
    amount = -decimal(debitInput['debitAmount']['amount'])
    return move(store, id, amount, debitInput, 'gift_card_debit_transaction')


def move(store, gid, amount, given, key):
    """Move money on a card and return the payload with the movement under `key`."""

    def refused(field, message, code):
        error = UserError(field, message, code, 'GiftCardTransactionUserError')
        return failed(error, **{key: None})

    card = store.find('GiftCard', gid)
    if card is None:
        return refused(['id'], "The gift card could not be found.", 'GIFT_CARD_NOT_FOUND')
    if card.balance.amount + amount < 0:
        # [I] wording.
        message = "The gift card does not have sufficient funds to satisfy the request."
        return refused([key.split('_')[2], 'amount'], message, 'INSUFFICIENT_FUNDS')
    made = store.move_gift_card(card, amount)
    made.note = given.get('note')
    made.processed_at = given.get('processedAt') or made.processed_at
    return done(**{key: made})
