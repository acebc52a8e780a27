import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { BadgeField, badgeField } from "@web/views/fields/badge/badge_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { shopifyWord } from "@shopify_connector/fields/shopify_words";

/** A status of Shopify as a badge, in words. */
export class ShopifyStatusField extends BadgeField {
    get formattedValue() {
        return shopifyWord(this.props.record.data[this.props.name]);
    }
}

registry.category("fields").add("shopify_status", {
    ...badgeField,
    component: ShopifyStatusField,
    displayName: _t("Shopify status"),
    supportedTypes: ["char"],
    additionalClasses: ["o_field_badge"],
});

/** A status of Shopify as plain text, in words. */
export class ShopifyWordField extends Component {
    static template = "shopify_connector.ShopifyWordField";
    static props = standardFieldProps;

    get word() {
        return shopifyWord(this.props.record.data[this.props.name]);
    }
}

registry.category("fields").add("shopify_word", {
    component: ShopifyWordField,
    displayName: _t("Shopify word"),
    supportedTypes: ["char"],
});

/** An address as Shopify has it, one part a line. */
export class ShopifyAddressField extends Component {
    static template = "shopify_connector.ShopifyAddressField";
    static props = standardFieldProps;

    get lines() {
        const address = this.props.record.data[this.props.name];
        if (!address) {
            return [];
        }
        const join = (...parts) => parts.filter(Boolean).join(" ");
        return [
            address.name,
            address.company,
            address.address1,
            address.address2,
            join(address.zip, address.city, address.province_code),
            address.country_code,
            address.phone,
        ].filter(Boolean);
    }
}

registry.category("fields").add("shopify_address", {
    component: ShopifyAddressField,
    displayName: _t("Shopify address"),
    supportedTypes: ["json"],
});
