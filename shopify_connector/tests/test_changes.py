"""What a user changes in Shopify from Odoo: paid, cancelled; and how it comes back."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import ShopifyCase, money

PAID = {
    'transactions': [
        {'kind': 'SALE', 'status': 'SUCCESS', 'gateway': 'manual', 'amountSet': money('10.00')}
    ]
}


@tagged('post_install', '-at_install')
class TestChanges(ShopifyCase):
    def cancel(self, order, **values):
        """Answer the wizard on the order page."""
        wizard = self.env['shopify.cancel.order'].with_context(default_order_id=order.id)
        with Form(wizard) as form:
            for name, value in values.items():
                setattr(form, name, value)
        return form.record.action_cancel()

    def sent(self, operation):
        """Return the variables of the requests of one operation."""
        return [r.variables for r in self.twin.requests if r.operation == operation]

    def test_an_order_is_marked_as_paid(self):
        """R-62, R-64: paid in Shopify, and at once in Odoo, documents or not."""
        order = self.import_order()
        self.assertFalse(order.fully_paid)
        order.action_mark_as_paid()
        self.assertTrue(self.twin.store.get(order.shopify_id).fully_paid)
        self.assertEqual((order.fully_paid, order.financial_status), (True, 'PAID'))
        self.assertEqual(order.transaction_ids.mapped('amount'), [10.0])
        self.assertEqual(len(order.sale_order_ids), 1, "its documents stay")
        self.assertIn('sent', order.event_ids.mapped('kind'))

    def test_what_is_paid_cannot_be_paid_again(self):
        """R-62: Shopify's refusal is shown in its own words."""
        order = self.import_order(**PAID)
        with self.assertRaisesRegex(UserError, "cannot be marked as paid"):
            order.action_mark_as_paid()

    def test_an_order_is_cancelled_with_all_choices(self):
        """R-63, R-64: reason, refund, restock, notice and note; the result is there at once."""
        order = self.import_order(**PAID)
        self.cancel(
            order,
            reason='CUSTOMER',
            refund=True,
            restock=False,
            notify_customer=False,
            staff_note="called us",
        )
        (sent,) = self.sent('OrderCancel')
        self.assertEqual(
            {name: value for name, value in sent.items() if name != 'orderId'},
            {
                'reason': 'CUSTOMER',
                'restock': False,
                'refundMethod': {'originalPaymentMethodsRefund': True},
                'notifyCustomer': False,
                'staffNote': "called us",
            },
        )
        self.assertEqual(len(self.sent('Job')), 1, "the job was followed")
        self.assertTrue(order.cancelled_at)
        self.assertEqual((order.cancel_reason, order.total_refunded), ('CUSTOMER', 10.0))

    def test_a_cancellation_without_refund_keeps_the_money(self):
        """R-63: no refund when none is wanted."""
        order = self.import_order(**PAID)
        self.cancel(order, refund=False)
        self.assertTrue(order.cancelled_at)
        self.assertEqual(order.total_refunded, 0.0)

    def test_what_cannot_be_cancelled_says_why(self):
        """R-63: orderCancelUserErrors are shown; the order stays."""
        order = self.import_order()
        self.cancel(order)
        with self.assertRaisesRegex(UserError, "already been canceled"):
            self.cancel(order)

    def test_a_lost_answer_is_not_sent_twice(self):
        """R-62: Shopify did it and the answer was lost: the order is read, and it is paid."""
        order = self.import_order()
        self.twin.faults.add('drop_after', 'OrderMarkAsPaid', times=1)
        order.action_mark_as_paid()
        self.assertEqual(len(self.sent('OrderMarkAsPaid')), 1)
        self.assertTrue(order.fully_paid)
        self.assertEqual(order.transaction_ids.mapped('amount'), [10.0])

    def test_a_request_that_did_not_arrive_is_an_error(self):
        """R-62: Shopify is down: nothing is claimed."""
        order = self.import_order()
        self.twin.faults.add('http', 'OrderMarkAsPaid', status=503)
        with self.assertRaises(UserError):
            order.action_mark_as_paid()
        self.assertFalse(order.fully_paid)

    def test_without_the_scope_it_says_which_is_missing(self):
        """R-62, R-63: changing orders is a feature of its own; importing needs no write scope."""
        order = self.import_order()
        self.store.granted_scopes = (
            '\n'.join(
                scope for scope in self.store.granted_scopes.split() if scope != 'write_orders'
            )
            + '\nread_orders'
        )
        self.assertFalse(self.store.missing_scopes)
        with self.assertRaisesRegex(UserError, 'write_orders'):
            order.action_mark_as_paid()
        with self.assertRaisesRegex(UserError, 'write_orders'):
            self.cancel(order)

    def test_users_may_strangers_may_not(self):
        """R-05: a user of the app marks and cancels; others cannot."""
        user = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        stranger = new_test_user(
            self.env, 'stranger', 'base.group_user,sales_team.group_sale_salesman'
        )
        order = self.import_order()
        with self.assertRaises(AccessError):
            order.with_user(stranger).action_mark_as_paid()
        order.with_user(user).action_mark_as_paid()
        self.assertTrue(order.fully_paid)
