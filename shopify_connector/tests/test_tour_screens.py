"""Every screen opens for those who may see it."""

from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestTourScreens(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, 'shopify_user', groups='base.group_user,shopify_connector.group_user'
        )

    def get_actions(self):
        """Return the window actions of the addon."""
        data = self.env['ir.model.data'].search(
            [('module', '=', 'shopify_connector'), ('model', '=', 'ir.actions.act_window')]
        )
        return self.env['ir.actions.act_window'].browse(data.mapped('res_id'))

    def test_menus_open_for_a_user(self):
        """A11: a plain user opens every menu of the app without an error."""
        self.start_tour('/odoo/shopify', 'shopify_all_menus', login='shopify_user')

    def test_views_of_all_actions(self):
        """A11: each view of each action is valid for a plain user and shows its fields."""
        manager_only = self.env.ref('shopify_connector.action_connect')
        actions = self.get_actions() - manager_only
        self.assertGreater(len(actions), 10)
        for action in actions:
            with self.subTest(action=action.name):
                model = self.env[action.res_model].with_user(self.user)
                kinds = action.view_mode.split(',')
                views = model.get_views([(False, kind) for kind in kinds])['views']
                self.assertEqual(set(views), set(kinds))

    def test_connecting_is_for_managers(self):
        """R-36: a plain user may not connect a store."""
        wizard = self.env['shopify.connect'].with_user(self.user)
        self.assertFalse(wizard.has_access('create'))
        self.assertNotIn(
            self.env.ref('shopify_connector.menu_connect').id,
            self.env['ir.ui.menu'].with_user(self.user)._visible_menu_ids(),
        )
