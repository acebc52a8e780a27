import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const badge = (text) => `.o_form_view div[name='shopify_state']:contains('${text}')`;

// A clerk who knows nothing of Shopify does a delivery.
tours.add("shopify_clerk_delivers", {
    steps: () => [
        {
            content: "The delivery is ready",
            trigger: ".o_form_view button[name='button_validate']",
            run: "click",
        },
        {
            content: "It is done, and Shopify is told in a moment",
            trigger: badge("To Send"),
        },
    ],
});

// Shopify did not take it: the clerk reads why, and sends it again.
tours.add("shopify_clerk_sends_again", {
    steps: () => [
        {
            content: "What Shopify was not told of",
            trigger: ".o_list_view .o_data_row:contains('Not Sent') td[name='name']",
            run: "click",
        },
        {
            content: "The reason",
            trigger: ".o_form_view .alert-danger:contains('on hold in Shopify'):contains('Call the buyer')",
        },
        {
            content: "The hold is gone: once more",
            trigger: ".alert-danger button[name='action_shopify_send']",
            run: "click",
        },
        {
            content: "It is sent in a moment",
            trigger: ".o_notification:contains('Sent to Shopify in a moment, deliveries: 1')",
        },
        {
            content: "It waits, without an alarm",
            trigger: `body:not(:has(.o_form_view .alert-danger)) ${badge("To Send")}`,
        },
    ],
});

// All is well: what Shopify knows of the delivery.
tours.add("shopify_clerk_sees_it_sent", {
    steps: () => [
        {
            content: "Sent",
            trigger: badge("Sent"),
        },
        {
            content: "What Shopify has of it",
            trigger: ".o_notebook a[name='shopify']",
            run: "click",
        },
        {
            content: "Its shipment, with the tracking number",
            trigger: ".o_notebook .o_data_row td[name='tracking_number']:contains('T1')",
        },
    ],
});

// A user sends again what failed, with filters.
tours.add("shopify_sync_shipments", {
    steps: () => [
        {
            content: "The orders",
            trigger: "button.o-dropdown[data-menu-xmlid='shopify_connector.menu_orders']",
            run: "click",
        },
        {
            content: "Sync Shipments",
            trigger: ".o-dropdown-item[data-menu-xmlid='shopify_connector.menu_sync_shipments']",
            run: "click",
        },
        {
            content: "One delivery failed",
            trigger: ".modal div[name='delivery_count']:contains('1')",
        },
        {
            content: "Send it",
            trigger: ".modal button[name='action_sync']",
            run: "click",
        },
        {
            content: "It is sent in a moment",
            trigger: ".o_notification:contains('Sent to Shopify in a moment, deliveries: 1')",
        },
    ],
});
