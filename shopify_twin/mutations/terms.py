"""Payment terms on orders and drafts."""

from ..engine.errors import UserError
from ..engine.payments import make_payment_terms
from .common import done, failed, must_find
from .registry import mutation


def add_terms(store, reference, given):
    """Give an order or a draft terms as a ``PaymentTermsInput`` says."""
    template = must_find(store, 'PaymentTermsTemplate', given['paymentTermsTemplateId'])
    schedule = next(iter(given.get('paymentSchedules') or ()), {})
    return make_payment_terms(
        store, reference, template, schedule.get('issuedAt'), schedule.get('dueAt')
    )


def complaint(message, code):
    """Return an error of a payment terms mutation."""
    return UserError(None, message, code, 'PaymentTermsCreateUserError')


@mutation('paymentTermsCreate')
def payment_terms_create(store, referenceId, paymentTermsAttributes):  # noqa: N803 (Shopify's names)
    """Give terms ([R] payment-terms-create-on-order.json)."""
    code = 'PAYMENT_TERMS_CREATION_UNSUCCESSFUL'
    reference = store.find('Order', referenceId) or store.find('DraftOrder', referenceId)
    if reference is None:
        # [I] wording.
        return failed(complaint("Reference id is invalid.", code), payment_terms=None)
    if len(paymentTermsAttributes.get('paymentSchedules') or ()) > 1:
        message = "Cannot create payment terms with multiple payment schedules."
        return failed(complaint(message, code), payment_terms=None)
    if reference.typename == 'Order' and reference.fully_paid:
        message = "Cannot create payment terms on an Order that has already been paid in full."
        return failed(complaint(message, code), payment_terms=None)
    terms = add_terms(store, reference, paymentTermsAttributes)
    store.emit('PAYMENT_TERMS_CREATE', terms)
    store.touch(reference)
    return done(payment_terms=terms)


@mutation('paymentTermsUpdate')
def payment_terms_update(store, input):  # noqa: A002
    """Change terms."""
    terms = store.find('PaymentTerms', input['paymentTermsId'])
    if terms is None:
        error = complaint("Could not find payment terms.", 'PAYMENT_TERMS_UPDATE_UNSUCCESSFUL')
        return failed(error, payment_terms=None)
    given = input['paymentTermsAttributes']
    made = add_terms(store, terms.reference, {'paymentTermsTemplateId': terms.template.id, **given})
    terms.template, terms.payment_schedules = made.template, made.payment_schedules
    for schedule in terms.payment_schedules:
        schedule.payment_terms = terms
    terms.reference.payment_terms = terms
    store.remove(made)
    return done(payment_terms=terms)


@mutation('paymentTermsDelete')
def payment_terms_delete(store, input):  # noqa: A002
    """Take terms away."""
    terms = store.find('PaymentTerms', input['paymentTermsId'])
    if terms is None:
        error = complaint("Could not find payment terms.", 'PAYMENT_TERMS_DELETE_UNSUCCESSFUL')
        return failed(error, deleted_id=None)
    terms.reference.payment_terms = None
    store.remove(terms)
    return done(deleted_id=terms.id)
