"""Which customer an order gets, and why: B4 of issue 3, and R-72 to R-84 line by line."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import ADDRESS, ShopifyCase, line, money

COMPANY_CREATE = """
mutation ($input: CompanyCreateInput!) {
  companyCreate(input: $input) {
    company { id locations(first: 5) { nodes { id } } }
    userErrors { field message }
  }
}
"""

# Shop settings, by what they say in the table below.
CREATE = {'customer_import': 'create', 'customer_policy': 'contact'}
FIND = {'customer_import': 'find', 'customer_policy': 'contact'}
NONE = {'customer_import': 'none', 'customer_policy': 'contact'}
ADDRESS_POLICY = {'customer_import': 'create', 'customer_policy': 'address'}
FIND_ADDRESS = {'customer_import': 'find', 'customer_policy': 'address'}
ALWAYS = {'customer_import': 'create', 'customer_policy': 'default'}
EVERYONE = 'hand country linked email phone address similar default'

# What is there → who is taken, and the reason that is kept. "hand" and "linked" are links that are
# made, "default" and "country" are settings, the others are contacts; "similar" are those who are
# nearly the buyer: longer and shorter e-mails, a phone with a digit more, the house next door.
PERSONS = (
    (CREATE, EVERYONE, 'hand', "chosen by hand"),
    (NONE, EVERYONE, 'hand', "chosen by hand"),
    (ALWAYS, EVERYONE, 'hand', "chosen by hand"),
    (CREATE, 'country linked email phone default', 'country', "default customer of the country"),
    (NONE, 'country linked email phone default', 'country', "default customer of the country"),
    (ALWAYS, 'country linked email phone default', 'country', "default customer of the country"),
    (NONE, 'row linked email phone default', 'default', "default customer of the shop"),
    (NONE, 'linked email phone default', 'default', "default customer of the shop"),
    (NONE, 'linked email phone', 'linked', "Shopify customer"),
    (NONE, 'email phone', 'email', "e-mail"),
    (NONE, 'similar', None, None),
    (ALWAYS, 'linked email phone default', 'default', "default customer of the shop"),
    (ALWAYS, 'linked email phone', None, None),
    (CREATE, 'row linked email phone default', 'linked', "Shopify customer"),
    (CREATE, 'linked email phone address similar default', 'linked', "Shopify customer"),
    (CREATE, 'archived email phone address similar default', 'email', "e-mail"),
    (CREATE, 'email phone address similar default', 'email', "e-mail"),
    (CREATE, 'phone address similar default', 'phone', "phone"),
    (CREATE, 'address similar default', 'new', "new contact"),
    (CREATE, 'similar', 'new', "new contact"),
    (FIND, 'email similar default', 'email', "e-mail"),
    (FIND, 'similar default', 'default', "default customer of the shop"),
    (FIND, 'similar', None, None),
    (ADDRESS_POLICY, 'linked email phone address default', 'linked', "Shopify customer"),
    (ADDRESS_POLICY, 'email phone address similar default', 'address', "invoice address"),
    (ADDRESS_POLICY, 'email phone similar default', 'new', "new contact"),
    (ADDRESS_POLICY, 'nowhere email phone similar default', 'email', "e-mail"),
    (ADDRESS_POLICY, 'nowhere phone similar default', 'phone', "phone"),
    (FIND_ADDRESS, 'email phone similar default', 'default', "default customer of the shop"),
    (CREATE, 'nowhere similar default', 'default', "default customer of the shop"),
    (CREATE, 'nowhere similar', None, None),
)

B_VAT = {'company_import': 'create', 'company_policy': 'vat'}
B_CHAIN = {'company_import': 'create', 'company_policy': 'vat_contact'}
B_CONTACT = {'company_import': 'create', 'company_policy': 'contact'}
B_FIND = {'company_import': 'find', 'company_policy': 'vat_contact'}
B_NONE = {'company_import': 'none', 'company_policy': 'vat_contact'}
B_ALWAYS = {'company_import': 'create', 'company_policy': 'default'}
COMPANIES = (
    (B_CHAIN, 'hand country location linked vat email phone default', 'hand', "chosen by hand"),
    (B_CHAIN, 'country location linked vat email default', 'location', "Shopify company"),
    (B_CHAIN, 'country location vat email default', 'location', "Shopify company"),
    (B_CHAIN, 'country linked vat email default', 'linked', "Shopify company"),
    (B_CHAIN, 'country vat email phone default', 'vat', "tax ID"),
    (B_CHAIN, 'country email phone default', 'email', "e-mail"),
    (B_CHAIN, 'country phone default', 'phone', "phone"),
    (B_CHAIN, 'country similar default', 'new', "new company"),
    (B_CONTACT, 'vat email phone default', 'email', "e-mail"),
    (B_CONTACT, 'vat phone default', 'phone', "phone"),
    (B_CONTACT, 'vat default', 'new', "new company"),
    (B_VAT, 'vat email phone default', 'vat', "tax ID"),
    (B_VAT, 'email phone default', 'new', "new company"),
    (B_FIND, 'email default', 'email', "e-mail"),
    (B_FIND, 'country similar default', 'default', "default company of the shop"),
    (B_FIND, 'country similar', None, None),
    (B_NONE, 'linked vat email default', 'default', "default company of the shop"),
    (B_NONE, 'linked vat email', 'linked', "Shopify company"),
    (B_NONE, 'country similar', None, None),
    (B_ALWAYS, 'linked vat email default', 'default', "default company of the shop"),
)


class ChoiceCase(ShopifyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.us = cls.env.ref('base.us')

    def contact(self, name, **values):
        return self.env['res.partner'].create({'name': name, **values})

    def put_company(self, **values):
        """Create a company in the twin; return the gid of its location."""
        address = {
            'address1': "1 Factory Road",
            'city': "Chicago",
            'zip': "60601",
            'countryCode': 'US',
            'zoneCode': 'IL',
        }
        given = {
            'company': {'name': "Acme Inc", 'externalId': 'C1'},
            'companyContact': {
                'firstName': "Bea",
                'lastName': "Buyer",
                'email': 'bea@acme.example',
                'phone': '+13125550188',
            },
            'companyLocation': {
                'name': "Acme Chicago",
                'taxRegistrationId': 'US 12.345-67',
                'billingAddress': address,
                'shippingAddress': address,
            },
            **values,
        }
        payload = self.twin.execute(COMPANY_CREATE, {'input': given})['data']['companyCreate']
        self.assertFalse(payload['userErrors'])
        return payload['company']['locations']['nodes'][0]['id']

    def company_order(self, location=None, **values):
        """Import an order that a company bought."""
        location = location or self.put_company()
        return self.import_order(
            **{'companyLocationId': location, 'email': 'bea@acme.example', **values}
        )

    def choose(self, order):
        """Choose the customer of a staged order as the button does; return the reason."""
        order.action_find_customer()
        return order.customer_decision or None


@tagged('post_install', '-at_install')
class TestOrderOfChoice(ChoiceCase):
    def setUp(self):
        super().setUp()
        self.shop.write({'auto_create_orders': False, 'default_partner_id': False})

    def run_table(self, order, table, arrange):
        for policies, there, expected, reason in table:
            with self.subTest(policies=policies, there=there):
                savepoint = self.env.cr.savepoint()
                try:
                    self.shop.write(policies)
                    who = arrange(order, there.split())
                    latest = self.env['res.partner'].search([], order='id desc', limit=1).id
                    self.assertEqual(self.choose(order), reason)
                    if expected == 'new':
                        self.assertGreater(order.partner_id.id, latest)
                    else:
                        self.assertEqual(order.partner_id, who[expected])
                    self.assertEqual(order.error_code, False if expected else 'no_customer')
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def arrange_shared(self, order, there, default_field):
        """Make the settings that the words name; return word → contact."""
        who = {None: self.env['res.partner']}
        for word in ('hand', 'country', 'default'):
            if word in there:
                who[word] = self.contact(word)
        if 'hand' in there:
            order.partner_id = who['hand']
        if 'country' in there or 'row' in there:
            self.env['shopify.country.template'].create(
                {
                    'shop_id': self.shop.id,
                    'country_id': self.us.id,
                    'default_partner_id': who['country'].id if 'country' in there else False,
                }
            )
        self.shop[default_field] = who.get('default')
        return who

    def arrange_person(self, order, there):
        who = self.arrange_shared(order, there, 'default_partner_id')
        place = {
            'street': "12 ST JAMES'S  Square",
            'zip': "62701",
            'city': "springfield",
            'country_id': self.us.id,
        }
        people = {
            'linked': {},
            'archived': {'active': False},
            'email': {'email': ' Ada@EXAMPLE.com '},
            'phone': {'phone': '(217) 555-0123', 'country_id': self.us.id},
            'address': {'name': "ada lovelace", **place},
        }
        for word in set(there) & set(people):
            who[word] = self.contact(**{'name': word, **people[word]})
        link = [word for word in ('linked', 'archived') if word in there]
        order.customer_id.partner_id = who[link[0]] if link else False
        if 'similar' in there:
            for email in ('xada@example.com', 'ada@example.com.au', 'ad@example.com'):
                self.contact("Similar", email=email)
            self.contact("Similar", phone='+1 217 555 0124')
            self.contact("Similar", phone='217 555 012', country_id=self.us.id)
            self.contact("Ada Lovelace", **{**place, 'street': "12 St James's Square 2"})
            self.contact("Adam Lovelace", **place)
        if 'nowhere' in there:
            order.sudo().write({'billing_address': False, 'shipping_address': False})
            order.customer_id.address = False
        return who

    def arrange_company(self, order, there):
        who = self.arrange_shared(order, there, 'default_company_partner_id')
        companies = {
            'linked': {},
            'location': {},
            'vat': {'vat': 'us1234567'},
            'phone': {'phone': '312.555.0188', 'country_id': self.us.id},
            'email': {'child_ids': [Command.create({'name': "B", 'email': 'BEA@acme.example'})]},
        }
        for word in set(there) & set(companies):
            who[word] = self.contact(**{'name': word, 'is_company': True, **companies[word]})
        order.shopify_company_id.partner_id = who.get('linked')
        order.company_location_id.partner_id = who.get('location')
        if 'similar' in there:
            self.contact("Person", email='bea@acme.example', phone='+13125550188')
            self.contact("Acme", is_company=True, vat='US12345678', email='abea@acme.example')
        return who

    def test_persons(self):
        """B4, R-72, R-76, R-77, R-78, R-79, R-80: the table of choices for orders of persons."""
        order = self.import_order(
            phone='+12175550123',
            customer={'toUpsert': {'email': 'ada@example.com', 'firstName': "Ada"}},
        )
        self.assertTrue(order.customer_id)
        self.run_table(order, PERSONS, self.arrange_person)

    def test_companies(self):
        """B4, R-82, R-83: the table for companies; the default of a country is not for them."""
        order = self.company_order()
        self.assertEqual(order.company_location_id.vat, 'US 12.345-67')
        self.assertEqual(order.ship_country_id, self.us)
        self.run_table(order, COMPANIES, self.arrange_company)

    def test_phones_written_in_five_ways(self):
        """B4, R-79: the same number is the same buyer; the one next to it is not."""
        order = self.import_order(email=None, phone='+12175550123')
        self.shop.customer_import = 'find'
        neighbour = self.contact("N", phone='+12175550124')
        for text in (
            '+1 217-555-0123',
            '(217) 555-0123',
            '217.555.0123',
            '1 217 555 0123',
            '+12175550123',
        ):
            savepoint = self.env.cr.savepoint()
            partner = self.contact("P", phone=text, country_id=self.us.id)
            self.assertEqual(self.choose(order), "phone", text)
            self.assertEqual(order.partner_id, partner, text)
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        self.choose(order)
        self.assertNotEqual(order.partner_id, neighbour)
        self.assertEqual(order.error_code, 'no_customer')

    def test_a_private_person_comes_before_a_company_with_the_same_e_mail(self):
        """Peers' pain: business and private customers share e-mails; B2B customers stay apart."""
        company = self.contact("Acme", is_company=True, email='ada@example.com')
        private = self.contact("Ada", email='ada@example.com')
        order = self.import_order()
        self.choose(order)
        self.assertEqual(order.partner_id, private)
        private.active = False
        order.customer_id.partner_id = False
        self.choose(order)
        self.assertEqual(order.partner_id, company, "who buys without B2B may be a company")
        other = self.company_order()
        other.shopify_company_id.partner_id = company
        order.customer_id.partner_id = False
        self.choose(order)
        self.assertNotEqual(order.partner_id, company, "it buys as a company in this store")


@tagged('post_install', '-at_install')
class TestCustomerLines(ChoiceCase):
    # === BY HAND === #

    def test_bill_to_by_hand_stays(self):
        """R-72: sell-to and bill-to may be set by hand, each alone, and are never overwritten."""
        self.shop.auto_create_orders = False
        order, payer = self.import_order(), self.contact("Payer")
        order.action_find_customer()
        buyer = order.partner_id
        order.partner_invoice_id = payer
        order.action_sync()
        order.action_create_documents()
        sale = order.sale_order_ids
        self.assertEqual((sale.partner_id, sale.partner_invoice_id), (buyer, payer))
        self.assertEqual(order.customer_decision, "chosen by hand")
        other = self.import_order(email='eve@example.com')
        other.partner_invoice_id = payer
        other.action_create_documents()
        self.assertEqual(other.sale_order_ids.partner_id, payer, "sell-to is as bill-to")

    def test_a_customer_is_created_from_the_order_with_a_template(self):
        """R-73: with the template that the user chose, though the shop creates none."""
        self.shop.write({'customer_import': 'find', 'default_partner_id': False})
        order = self.import_order()
        self.assertEqual(order.error_code, 'no_customer')
        terms = self.env.ref('account.account_payment_term_30days')
        order.customer_template_id = self.env['shopify.country.template'].create(
            {
                'shop_id': self.shop.id,
                'country_id': self.env.ref('base.be').id,
                'payment_term_id': terms.id,
            }
        )
        order.action_create_customer()
        partner = order.partner_id
        self.assertEqual((partner.name, partner.street), ("Ada Lovelace", ADDRESS['address1']))
        self.assertEqual(partner.property_payment_term_id, terms)
        self.assertEqual((order.document_state, order.error_message), ('pending', False))
        self.assertEqual(order.customer_decision, "created by hand")
        order.action_create_documents()
        self.assertEqual(order.sale_order_ids.partner_id, partner)
        with self.assertRaisesRegex(UserError, "have documents already"):
            order.action_create_customer()

    def test_a_customer_needs_an_address(self):
        """R-74: POS orders often have none: the button and the order say so; the default helps."""
        self.shop.default_partner_id = False
        nobody = {'billingAddress': None, 'shippingAddress': None}
        order = self.import_order(**nobody)
        self.assertEqual(order.error_code, 'no_customer')
        self.assertIn("created from an address", order.error_message)
        with self.assertRaisesRegex(UserError, "no address"):
            order.action_create_customer()
        self.shop.default_partner_id = self.contact("Counter")
        order.action_create_documents()
        self.assertEqual(order.sale_order_ids.partner_id.name, "Counter")
        self.assertFalse(order.customer_id.partner_id, "a default customer is nobody's own contact")

    def test_the_address_of_the_shopify_customer_is_enough(self):
        """R-74: a customer at the counter whose address Shopify knows becomes a contact."""
        address = {'address1': "1 Navy Yard", 'city': "Boston", 'country': "United States"}
        order = self.import_order(
            billingAddress=None,
            shippingAddress=None,
            customer={'toUpsert': {'email': 'ada@example.com', 'addresses': [address]}},
        )
        self.assertEqual(order.partner_id.street, "1 Navy Yard")
        self.assertEqual(order.customer_decision, "new contact")

    def test_find_mapping_after_a_customer_was_linked(self):
        """R-75: link the Shopify customer, press the button, and the order goes on."""
        self.shop.write({'customer_import': 'find', 'default_partner_id': False})
        order = self.import_order(customer={'toUpsert': {'email': 'ada@example.com'}})
        self.assertEqual(order.document_state, 'failed')
        partner = self.contact("Countess")
        order.customer_id.partner_id = partner
        order.action_find_customer()
        self.assertEqual(order.partner_id, partner)
        self.assertEqual(order.customer_decision, "Shopify customer")
        self.assertEqual((order.document_state, order.error_message), ('pending', False))
        order.action_create_documents()
        self.assert_equal_to_shopify(order)

    def test_a_customer_whom_no_rule_chooses_any_more_goes(self):
        """R-74: an order that says "no customer" has none, and an old reason does not stay."""
        self.shop.auto_create_orders = False
        order = self.import_order(billingAddress=None, shippingAddress=None)
        order.action_find_customer()
        self.assertEqual(order.partner_id, self.shop.default_partner_id)
        self.shop.default_partner_id = False
        order.action_find_customer()
        self.assertEqual((order.error_code, order.customer_decision), ('no_customer', False))
        self.assertFalse(order.partner_id)

    # === TEMPLATES === #

    def test_the_default_customer_of_a_country_takes_its_orders(self):
        """R-76: also when nobody is imported; the goods go where the order says."""
        partner = self.contact("Sales to the US")
        self.shop.write(
            {
                'customer_import': 'none',
                'country_template_ids': [
                    Command.create({'country_id': self.us.id, 'default_partner_id': partner.id})
                ],
            }
        )
        order = self.import_order(customer={'toUpsert': {'email': 'ada@example.com'}})
        sale = order.sale_order_ids
        self.assertEqual((sale.partner_id, sale.partner_invoice_id), (partner, partner))
        self.assertEqual(sale.partner_shipping_id.street, ADDRESS['address1'])
        self.assertFalse(order.customer_id.partner_id)
        self.assertEqual(order.customer_decision, "default customer of the country")

    def test_a_country_gets_its_row_with_its_first_order(self):
        """R-76, R-84: rows show what there is to set, and change nothing until they are filled."""
        self.shop.customer_import = 'none'
        orders = [self.import_order(), self.import_order()]
        rows = self.env['shopify.country.template'].search([('shop_id', '=', self.shop.id)])
        self.assertEqual((rows.country_id, len(rows)), (self.us, 1))
        for order in orders:
            self.assertEqual(order.partner_id, self.shop.default_partner_id)

    def test_the_country_decides_the_template_of_new_customers(self):
        """R-84: values of the customer's country, else of the row without a country."""
        position = self.env['account.fiscal.position'].create({'name': "US private"})
        tags = self.env['res.partner.category'].create({'name': "Shopify"})
        terms = self.env.ref('account.account_payment_term_15days')
        own_terms = self.env.ref('account.account_payment_term_30days')
        self.shop.country_template_ids = [
            Command.create(
                {
                    'country_id': self.us.id,
                    'fiscal_position_id': position.id,
                    'payment_term_id': own_terms.id,
                    'category_id': tags.ids,
                }
            ),
            Command.create(
                {'payment_term_id': terms.id, 'user_id': self.env.ref('base.user_admin').id}
            ),
        ]
        partner = self.import_order().partner_id
        self.assertEqual(partner.property_account_position_id, position)
        self.assertEqual(partner.category_id, tags)
        self.assertEqual(partner.user_id, self.env.ref('base.user_admin'))
        self.assertEqual(partner.property_payment_term_id, own_terms)
        ottawa = {**ADDRESS, 'countryCode': 'CA', 'provinceCode': 'ON', 'zip': 'K1A 0A1'}
        order = self.import_order(
            email='cee@example.com',
            billingAddress={**ottawa, 'phone': None},
            shippingAddress={**ottawa, 'phone': None},
        )
        self.assertEqual(order.customer_decision, "new contact")
        self.assertEqual(order.partner_id.property_payment_term_id, terms)
        self.assertFalse(order.partner_id.property_account_position_id)

    def test_companies_have_a_fiscal_position_of_their_own(self):
        """R-84, R-82: what is right for private buyers of a country is not for its companies."""
        private, business = self.env['account.fiscal.position'].create(
            [{'name': "US private"}, {'name': "US business"}]
        )
        self.shop.country_template_ids = [
            Command.create(
                {
                    'country_id': self.us.id,
                    'fiscal_position_id': private.id,
                    'company_fiscal_position_id': business.id,
                }
            )
        ]
        person, company = self.import_order().partner_id, self.company_order().partner_id
        self.assertEqual(person.property_account_position_id, private)
        self.assertEqual(company.property_account_position_id, business)

    def test_a_clerk_finds_and_creates_customers(self):
        """R-73, R-75: a user needs no right to create contacts; a stranger may do neither."""
        clerk = new_test_user(self.env, 'clerk', 'shopify_connector.group_user')
        stranger = new_test_user(self.env, 'stranger', 'base.group_user')
        self.shop.write({'customer_import': 'find', 'default_partner_id': False})
        order = self.import_order()
        for action in ('action_find_customer', 'action_create_customer'):
            with self.assertRaises(AccessError, msg=action):
                getattr(order.with_user(stranger), action)()
        order.with_user(clerk).action_create_customer()
        self.assertEqual(order.partner_id.name, "Ada Lovelace")
        order.partner_id = False
        order.with_user(clerk).action_find_customer()
        self.assertEqual(order.customer_decision, "Shopify customer")

    def test_a_country_has_one_row_per_shop(self):
        """R-84: two templates for one country would leave the choice to chance."""
        rows = self.env['shopify.country.template']
        rows.create({'shop_id': self.shop.id})
        self.assertEqual(rows.search([]).mapped('display_name'), ["All other countries"])
        with self.assertRaisesRegex(Exception, 'unique'), self.cr.savepoint():
            rows.create({'shop_id': self.shop.id})

    def test_a_point_of_sale_has_one_customer_while_the_web_shop_creates(self):
        """R-78, R-86: the rules are of the shop, so two shops on one store differ."""
        counter = self.contact("Counter")
        self.shop.copy(
            {
                'name': "POS",
                'sequence': 1,
                'import_domain': "[('tag_ids.name', '=', 'pos')]",
                'customer_policy': 'default',
                'default_partner_id': counter.id,
            }
        )
        pos, web = self.put_order(tags=['pos']), self.put_order()
        self.run_import()
        self.assertEqual(self.get_order(pos).sale_order_ids.partner_id, counter)
        self.assertEqual(self.get_order(web).sale_order_ids.partner_id.name, "Ada Lovelace")

    def test_the_invoice_address_finds_who_was_created_from_it(self):
        """R-80, R-81: a created contact has the bill-to data, so the next order finds it."""
        self.shop.customer_policy = 'address'
        firm = {**ADDRESS, 'company': "Analytical Engines", 'phone': None}
        first = self.import_order(email='one@example.com', billingAddress=firm)
        self.assertEqual(first.customer_decision, "new contact")
        self.assertEqual(first.sale_order_ids.partner_invoice_id, first.partner_id)
        second = self.import_order(email='two@example.com', billingAddress=firm)
        self.assertEqual(second.customer_decision, "invoice address")
        self.assertEqual(second.partner_id, first.partner_id)
        invoice = self.env['res.partner'].create(
            {
                'parent_id': self.contact("Holding").id,
                'type': 'invoice',
                'name': "Difference Ltd",
                'street': ADDRESS['address1'],
                'zip': ADDRESS['zip'],
                'city': ADDRESS['city'],
                'country_id': self.us.id,
            }
        )
        third = self.import_order(
            email='three@example.com', billingAddress={**firm, 'company': "Difference Ltd"}
        )
        sale = third.sale_order_ids
        self.assertEqual(sale.partner_id.name, "Holding")
        self.assertEqual(sale.partner_invoice_id, invoice, "it is there already")
        fourth = self.import_order(
            billingAddress=firm, shippingAddress={**firm, 'firstName': "Bob"}
        )
        self.assertEqual(fourth.partner_id, first.partner_id)
        shipped_to = fourth.sale_order_ids.partner_shipping_id
        self.assertEqual(shipped_to.name, "Analytical Engines, Bob Lovelace")

    # === NO DUPLICATES === #

    def test_one_buyer_in_one_batch_is_one_contact(self):
        """Peers' pain: no duplicates, though a guest and a customer order in the same minute."""
        gids = [
            self.put_order(customer={'toUpsert': {'email': 'ada@example.com'}}),
            self.put_order(email='Ada@example.com'),
            self.put_order(email=None, phone='+12175550123'),
        ]
        self.run_import()
        partners = {self.get_order(gid).partner_id for gid in gids}
        self.assertEqual(len(partners), 1)
        self.assertEqual(
            self.env['res.partner'].search_count([('email', '=ilike', 'ada@example.com')]), 1
        )

    def test_a_batch_asks_the_database_once(self):
        """M-03: the queries of a choice do not grow with the number of orders."""
        self.shop.auto_create_orders = False
        self.contact("Ada", email='buyer1@example.com')
        gids = [self.put_order(email=f'buyer{number}@example.com') for number in range(24)]
        self.run_import()
        orders = self.env['shopify.order'].search([('shopify_id', 'in', gids)])
        self.shop.customer_import = 'find'
        counts = []
        for part in (orders[:4], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env['res.partner']._shopify_choose(part)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    # === COMPANIES === #

    def test_a_company_becomes_a_company_with_its_main_contact(self):
        """R-82: tax ID, address of the location, the buyer as a member; later orders follow."""
        location = self.put_company()
        order = self.company_order(location)
        partner = order.partner_id
        self.assertTrue(partner.is_company)
        self.assertEqual((partner.name, partner.street), ("Acme Inc", "1 Factory Road"))
        self.assertEqual(partner.vat, 'US 12.345-67')
        member = partner.child_ids.filtered(lambda child: child.type == 'contact')
        self.assertEqual((member.name, member.email), ("Bea Buyer", 'bea@acme.example'))
        self.assertEqual(order.customer_decision, "new company")
        self.assertEqual(order.shopify_company_id.partner_id, partner)
        self.assertEqual(order.sale_order_ids.partner_id, partner)
        again = self.company_order(location)
        self.assertEqual((again.partner_id, again.customer_decision), (partner, "Shopify company"))

    def test_the_address_of_a_company_is_not_repeated(self):
        """R-82: a buyer named at the company's address is invoiced as the company."""
        location = self.put_company()
        place = {'address1': "1 Factory Road", 'city': "Chicago", 'zip': "60601"}
        named = {**ADDRESS, **place, 'firstName': "Bea", 'lastName': "Buyer"}
        home = {**ADDRESS, 'firstName': "Bea", 'lastName': "Buyer"}
        sale = self.company_order(
            location, billingAddress=named, shippingAddress=named
        ).sale_order_ids
        company = sale.partner_id
        self.assertEqual(sale.partner_invoice_id, company)
        self.assertEqual(sale.partner_shipping_id.name, "Bea Buyer")
        self.assertEqual(len(company.child_ids), 1, "the member stands for the delivery address")
        sale = self.company_order(
            location, billingAddress=home, shippingAddress=home
        ).sale_order_ids
        self.assertEqual(sale.partner_invoice_id.street, ADDRESS['address1'])
        self.assertEqual(sale.partner_invoice_id.parent_id, company)

    def test_companies_of_one_batch_are_made_once(self):
        """R-82: three orders of two branches of one company, one contact."""
        location = self.put_company()
        gids = [
            self.put_order(companyLocationId=location, email='bea@acme.example') for _ in range(3)
        ]
        self.run_import()
        orders = [self.get_order(gid) for gid in gids]
        self.assertEqual(len({order.partner_id for order in orders}), 1)
        self.assertEqual(self.env['res.partner'].search_count([('name', '=', "Acme Inc")]), 1)

    def test_a_known_company_is_not_read_again(self):
        """M-03: one more request for a batch with unknown companies, none for known ones."""
        location = self.put_company()
        asked = []
        for _ in range(2):
            self.twin.requests.clear()
            self.company_order(location)
            asked.append([r.operation for r in self.twin.requests].count('CompanyLocations'))
        self.twin.requests.clear()
        self.import_order()
        asked.append([r.operation for r in self.twin.requests].count('CompanyLocations'))
        self.assertEqual(asked, [1, 0, 0])

    def test_customers_of_a_location(self):
        """R-82: a location may sell to one contact and invoice another, as in the seed's table."""
        sell, bill = self.contact("Branch"), self.contact("Head office")
        order = self.company_order()
        location = order.company_location_id
        location.partner_id = sell
        with self.assertRaises(ValidationError), self.cr.savepoint():
            location.write({'partner_id': False, 'partner_invoice_id': bill.id})
        again = self.company_order(location.shopify_id)
        sale = again.sale_order_ids
        self.assertEqual(sale.partner_id, sell)
        self.assertEqual(sale.partner_invoice_id.commercial_partner_id, sell)
        location.partner_invoice_id = bill
        sale = self.company_order(location.shopify_id).sale_order_ids
        self.assertEqual((sale.partner_id, sale.partner_invoice_id), (sell, bill))

    def test_default_company(self):
        """R-82, R-83: companies have their own default; that of persons and countries is not it."""
        country, default = self.contact("Country"), self.contact("Companies", is_company=True)
        self.shop.write(
            {
                'company_import': 'none',
                'default_company_partner_id': default.id,
                'country_template_ids': [
                    Command.create({'country_id': self.us.id, 'default_partner_id': country.id})
                ],
            }
        )
        order = self.company_order()
        self.assertEqual(order.sale_order_ids.partner_id, default)
        self.assertFalse(order.shopify_company_id.partner_id)
        self.shop.default_company_partner_id = False
        order = self.company_order(email=None)
        self.assertEqual(order.error_code, 'no_customer')
        self.assertIn("default company", order.error_message)

    def test_a_company_order_can_have_its_company_created(self):
        """R-73, R-82: the same button makes the company of a company's order."""
        self.shop.company_import = 'find'
        order = self.company_order()
        self.assertEqual(order.error_code, 'no_customer')
        order.action_create_customer()
        self.assertTrue(order.partner_id.is_company)
        self.assertEqual(order.shopify_company_id.partner_id, order.partner_id)
        order.action_create_documents()
        self.assert_equal_to_shopify(order)

    def test_a_company_without_details_still_gets_its_customer(self):
        """R-82: no main contact, no address, no tax ID: the order's own address is enough."""
        location = self.put_company(
            company={'name': "Bare GmbH"}, companyContact=None, companyLocation={'name': "Bare"}
        )
        order = self.company_order(
            location, lineItems=[line("Mug", '10.00', sku='MUG', priceSet=money('10.00'))]
        )
        self.assertEqual((order.partner_id.name, order.partner_id.is_company), ("Bare GmbH", True))
        self.assertEqual(order.partner_id.street, ADDRESS['address1'])
