import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Steps that answer one cause: press Fix, choose a record, and see the cause go. */
function fix(title, field, text) {
    const row = `.o_list_view .o_data_row:contains('${title}')`;
    return [
        {
            content: `${title}: 25 orders wait for it`,
            trigger: `${row} td[name='order_count']:contains('25')`,
        },
        {
            content: "Fix it",
            trigger: `${row} button[name='action_fix']`,
            run: "click",
        },
        {
            content: "Look for what is missing",
            trigger: `.modal div[name='${field}'] input`,
            run: `edit ${text}`,
        },
        {
            content: "Take it",
            trigger: `.o-autocomplete--dropdown-menu .o-autocomplete--dropdown-item:contains('${text}') a`,
            run: "click",
        },
        {
            content: "Set it and try all again",
            trigger: ".modal button[name='action_fix']",
            run: "click",
        },
        {
            content: "All of its orders went through",
            trigger: ".o_notification:contains('25 orders went through')",
        },
        {
            content: "Put the notification away",
            trigger: ".o_notification:contains('25 orders went through') .o_notification_close",
            run: "click",
        },
        {
            content: "The cause is gone",
            trigger: `body:not(:has(.modal)):not(:has(.o_data_row:contains('${title}'))) .o_list_view`,
        },
    ];
}

// A user finds four causes behind a hundred failed orders and needs four fixes.
tours.add("shopify_fix_causes", {
    steps: () => [
        {
            content: "The dashboard counts the causes, not the orders",
            trigger: ".o_kanban_record a.text-danger[name='action_view_problems']:contains('4')",
            run: "click",
        },
        ...fix("Tax not mapped", "tax_id", "Tax of the Moon"),
        ...fix("Product missing", "product_id", "LAMP-IN-ODOO"),
        ...fix("Shipping method not mapped", "carrier_id", "Rocket Mail"),
        ...fix("Location without warehouse", "warehouse_id", "Far"),
        {
            content: "Nothing is left to fix",
            trigger: ".o_view_nocontent:contains('Nothing to fix')",
        },
    ],
});

// A user looks ahead: what would the newest orders lack?
tours.add("shopify_look_ahead", {
    steps: () => [
        {
            content: "Open the shop",
            trigger: ".o_kanban_record a:contains('Web')",
            run: "click",
        },
        {
            content: "Check the last orders",
            trigger: ".o_form_view button:contains('Check the Last Orders')",
            run: "click",
        },
        {
            content: "Start",
            trigger: ".modal button[name='action_check']",
            run: "click",
        },
        {
            content: "The missing product is named",
            trigger: ".modal div[name='finding_ids'] .o_data_row:contains('LAMP')",
        },
        {
            content: "Close",
            trigger: ".modal footer button:contains('Close')",
            run: "click",
        },
        {
            content: "Back on the shop",
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});

// A user reads all there is to know about one order.
tours.add("shopify_review_order", {
    steps: () => [
        {
            content: "Open the orders of the shop",
            trigger: ".o_kanban_record a[name='action_view_orders']",
            run: "click",
        },
        {
            content: "Open the order",
            trigger: ".o_data_row td[name='name']",
            run: "click",
        },
        {
            content: "A high risk is said at the top",
            trigger: ".o_form_view .alert-warning:contains('high risk')",
        },
        {
            content: "So are its tags",
            trigger: ".o_form_view div[name='tag_ids']:contains('VIP')",
        },
        {
            content: "The status page of the buyer is one click away",
            trigger: "button[name='action_open_status_page']",
        },
        ...[
            ["payments", "transaction_ids", "Sale"],
            ["charges", "shipping_line_ids", "Express"],
            ["fulfillments", "fulfillment_ids", "1Z999"],
            ["risks", "risk_ids", "Card was refused three times"],
            ["details", "attribute_ids", "gift"],
            ["timeline", "event_ids", "Customer: Ada Lovelace"],
        ].flatMap(([page, field, text]) => [
            {
                content: `Open the page ${page}`,
                trigger: `.o_notebook .nav-link[name='${page}']`,
                run: "click",
            },
            {
                content: `It shows ${text}`,
                trigger: `.tab-pane.active div[name='${field}'] .o_data_row:contains('${text}')`,
            },
        ]),
    ],
});
