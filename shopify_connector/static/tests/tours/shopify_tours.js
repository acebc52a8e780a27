import { cookie } from "@web/core/browser/cookie";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// A manager connects a store and asks for its orders. Where the store is, the test says by cookies.
tours.add("shopify_connect_store", {
    steps: () => [
        {
            content: "Open the configuration",
            trigger: "button[data-menu-xmlid='shopify_connector.menu_configuration']",
            run: "click",
        },
        {
            content: "Connect a store",
            trigger: "[data-menu-xmlid='shopify_connector.menu_connect']",
            run: "click",
        },
        {
            content: "The wizard says which access scopes the app needs",
            trigger: ".modal .o_field_widget[name='required_scopes']:contains('read_orders')",
        },
        {
            content: "Enter the address",
            trigger: ".modal div[name='domain'] input",
            run: (helpers) => helpers.edit(cookie.get("shopify_domain")),
        },
        {
            content: "Enter the client id",
            trigger: ".modal div[name='client_id'] input",
            run: (helpers) => helpers.edit(cookie.get("shopify_client_id")),
        },
        {
            content: "Enter the secret, which nobody can read over the shoulder",
            trigger: ".modal div[name='client_secret'] input[type='password']",
            run: (helpers) => helpers.edit(cookie.get("shopify_client_secret")),
        },
        {
            content: "Test and connect",
            trigger: ".modal button[name='action_connect']",
            run: "click",
        },
        {
            content: "The store is connected",
            trigger: ".modal .alert-success:contains('Connected to')",
        },
        {
            content: "Its locations are there",
            trigger: ".modal div[name='location_ids'] .o_data_row td[name='name']",
        },
        {
            content: "Choose who ships for the first one",
            trigger: ".modal div[name='location_ids'] .o_data_row:first td[name='warehouse_id']",
            run: "click",
        },
        {
            content: "Open the warehouses",
            trigger: ".modal .o_selected_row div[name='warehouse_id'] input",
            run: "click",
        },
        {
            content: "Take one",
            trigger: ".o-autocomplete--dropdown-menu .o-autocomplete--dropdown-item:contains('Company') a",
            run: "click",
        },
        {
            content: "Leave the row",
            trigger: ".modal .alert-success",
            run: "click",
        },
        {
            content: "The choice is there",
            trigger:
                ".modal div[name='location_ids']:not(:has(.o_selected_row)) .o_data_row:first td[name='warehouse_id']:contains('Company')",
        },
        {
            content: "Start the first import",
            trigger: ".modal button[name='action_import_orders']",
            run: "click",
        },
        {
            content: "The shop opens to set its rules",
            trigger: "body:not(:has(.modal)) .o_form_view .o_arrow_button_current:contains('Connected')",
        },
    ],
});

// A user finds imported orders, opens one and follows it to the sales order and back.
tours.add("shopify_look_at_order", {
    steps: () => [
        {
            content: "The dashboard counts the orders",
            trigger: ".o_kanban_record a[name='action_view_orders']:contains('2')",
            run: "click",
        },
        {
            content: "Both orders are in the list",
            trigger: ".o_list_view .o_data_row:nth-child(2)",
        },
        {
            content: "Open the one that became a sales order",
            trigger: ".o_data_row:contains('Processed') td[name='name']",
            run: "click",
        },
        {
            content: "It equals Shopify to the cent",
            trigger: ".o_form_view .badge.text-bg-success:visible:contains('Equal to the cent'):contains('0.00')",
        },
        {
            content: "Open the sales order",
            trigger: "button[name='action_view_sale_orders']",
            run: "click",
        },
        {
            content: "And go back to the Shopify order from there",
            trigger: "button[name='action_view_shopify_order']",
            run: "click",
        },
        {
            content: "This is the Shopify order",
            trigger: ".o_form_view button[name='action_unlink_documents']",
        },
    ],
});

// A user reads why an order failed, sets what is missing, and tries again.
tours.add("shopify_try_again", {
    steps: () => [
        {
            content: "The dashboard says that an order failed",
            trigger: ".o_kanban_record a.text-danger[name='action_view_order_errors']:contains('1')",
            run: "click",
        },
        {
            content: "Open the failed order",
            trigger: ".o_data_row:contains('Failed') td[name='name']",
            run: "click",
        },
        {
            content: "It says why",
            trigger: ".o_form_view .alert-danger:contains('No product matches')",
        },
        {
            content: "Choose the product of its line",
            trigger: "div[name='line_ids'] .o_data_row td[name='product_id']",
            run: "click",
        },
        {
            content: "Look for it by its reference",
            trigger: "div[name='line_ids'] .o_selected_row div[name='product_id'] input",
            run: "edit MUG-IN-ODOO",
        },
        {
            content: "Take it",
            trigger: ".o-autocomplete--dropdown-menu .o-autocomplete--dropdown-item:contains('MUG-IN-ODOO') a",
            run: "click",
        },
        {
            content: "Try again",
            trigger: ".alert-danger button[name='action_create_documents']",
            run: "click",
        },
        {
            content: "Now there is a sales order",
            trigger: ".o_form_view .badge.text-bg-success:visible:contains('Equal to the cent')",
        },
    ],
});

// Each menu of the app and the title of the screen behind it.
const SCREENS = [
    ["orders", "order_import", "Orders to Import"],
    ["orders", "order", "Shopify Orders"],
    ["orders", "shipment", "Deliveries"],
    ["orders", "fulfillment", "Fulfillments"],
    ["orders", "transaction", "Payments"],
    ["orders", "order_exclusion", "Orders Left Out"],
    ["configuration", "store", "Stores"],
    ["configuration", "shop", "Shops"],
    ["configuration", "location", "Locations"],
    ["configuration", "tax", "Taxes"],
    ["configuration", "shipping_method", "Shipping Methods"],
    ["configuration", "payment_method", "Payment Methods"],
    ["configuration", "variant", "Variants"],
    ["configuration", "customer", "Customers"],
];

// A user opens every menu.
tours.add("shopify_all_menus", {
    steps: () =>
        SCREENS.flatMap(([section, menu, title]) => [
            {
                content: `Open the section of ${title}`,
                trigger: `button[data-menu-xmlid='shopify_connector.menu_${section}']`,
                run: "click",
            },
            {
                content: `Open ${title}`,
                trigger: `[data-menu-xmlid='shopify_connector.menu_${menu}']`,
                run: "click",
            },
            {
                content: `${title} is there`,
                trigger: `.o_list_view .o_breadcrumb:contains('${title}')`,
            },
        ]),
});
