"""Gift cards made and changed by staff or an app ([R] gift-card-lifecycle.json)."""

from ..engine.errors import UserError
from ..engine.money import MoneyV2
from ..engine.payments import GiftCardRecipient
from ..engine.verbs import make_gift_card
from .common import decimal, done, failed, must_find
from .registry import mutation

LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'


@mutation('giftCardCreate')
def gift_card_create(store, input):  # noqa: A002 (Shopify's name)
    """Make a gift card; its code is kept in small letters [R]."""
    money = input.get('initialAmount') or {'amount': input.get('initialValue') or 0}
    amount = decimal(money['amount'])
    error = create_error(store, input, amount)
    if error:
        return failed(error, gift_card=None, gift_card_code=None)
    code = (input.get('code') or ''.join(store.random.choices(LETTERS, k=16))).lower()
    value = MoneyV2(amount, money.get('currencyCode') or store.shop.currency_code)
    card = make_gift_card(store, value, code=code, source='api_client')
    change(store, card, input)
    store.emit('GIFT_CARDS_CREATE', card)
    return done(gift_card=card, gift_card_code=code)


def create_error(store, given, amount):
    """Return what is wrong with a ``GiftCardCreateInput``, or None; codes [S], wordings [I]."""

    def wrong(field, message, code):
        return UserError(['input', field], message, code, 'GiftCardUserError')

    code = given.get('code') or ''
    if amount <= 0:
        return wrong('initialValue', "must be greater than 0", 'GREATER_THAN')
    if code and len(code) < 8:
        return wrong('code', "Code is too short (minimum is 8 characters)", 'TOO_SHORT')
    if code and any(card.code == code.lower() for card in store.all('GiftCard')):
        return wrong('code', "Code has already been taken", 'TAKEN')
    if given.get('customerId') and not store.find('Customer', given['customerId']):
        return wrong('customerId', "The customer could not be found.", 'CUSTOMER_NOT_FOUND')
    return None


def change(store, card, given):
    """Set what an input says."""
    for name, attribute in (
        ('note', 'note'),
        ('expiresOn', 'expires_on'),
        ('templateSuffix', 'template_suffix'),
    ):
        if name in given:
            setattr(card, attribute, given[name])
    if given.get('customerId'):
        card.customer = must_find(store, 'Customer', given['customerId'])
    recipient = given.get('recipientAttributes')
    if recipient:
        card.recipient_attributes = GiftCardRecipient(
            must_find(store, 'Customer', recipient['id']),
            recipient.get('message'),
            recipient.get('preferredName'),
            recipient.get('sendNotificationAt'),
        )


@mutation('giftCardUpdate')
def gift_card_update(store, id, input):  # noqa: A002
    """Change what may be changed."""
    card = store.find('GiftCard', id)
    if card is None:
        return failed(UserError(['id'], "The gift card could not be found."), gift_card=None)
    change(store, card, input)
    store.emit('GIFT_CARDS_UPDATE', store.touch(card))
    return done(gift_card=card)


@mutation('giftCardDeactivate')
def gift_card_deactivate(store, id):  # noqa: A002
    """Switch a card off for good; its balance stays."""
    card = store.find('GiftCard', id)
    if card is None:
        message, code = "The gift card could not be found.", 'GIFT_CARD_NOT_FOUND'
        error = UserError(['id'], message, code, 'GiftCardDeactivateUserError')
        return failed(error, gift_card=None)
    card.deactivated_at = card.deactivated_at or store.clock.now()
    store.emit('GIFT_CARDS_DEACTIVATE', store.touch(card))
    return done(gift_card=card)


@mutation('giftCardCredit')
def gift_card_credit(store, id, creditInput):  # noqa: A002, N803
    """Put money on a card."""
    return moved(store, id, creditInput, 'credit')


@mutation('giftCardDebit')
def gift_card_debit(store, id, debitInput):  # noqa: A002, N803
    """Take money off a card."""
    return moved(store, id, debitInput, 'debit')


def moved(store, gid, given, kind):
    """Return the payload of a credit or debit; codes [S], wordings [I]."""
    key = f'gift_card_{kind}_transaction'
    amount = decimal(given[f'{kind}Amount']['amount'])
    card = store.find('GiftCard', gid)
    error = move_error(card, amount, kind)
    if error:
        message, code = error
        field = ['id'] if card is None else [f'{kind}Input', f'{kind}Amount', 'amount']
        return failed(
            UserError(field, message, code, 'GiftCardTransactionUserError'), **{key: None}
        )
    move = store.move_gift_card(card, amount if kind == 'credit' else -amount)
    move.note = given.get('note')
    move.processed_at = given.get('processedAt') or move.processed_at
    store.emit('GIFT_CARDS_UPDATE', card)
    return done(**{key: move})


def move_error(card, amount, kind):
    """Return (message, code) of what forbids a movement, or None."""
    if card is None:
        return "The gift card could not be found.", 'GIFT_CARD_NOT_FOUND'
    if amount <= 0:
        return "A positive amount must be used.", 'NEGATIVE_OR_ZERO_AMOUNT'
    if not card.enabled:
        return "The gift card is deactivated.", 'INVALID'
    if kind == 'debit' and amount > card.balance.amount:
        return "The gift card does not have sufficient funds.", 'INSUFFICIENT_FUNDS'
    return None
