import { _t } from "@web/core/l10n/translation";

// Shopify's statuses are kept as it sends them, because its lists grow. Here is how they read.
// https://shopify.dev/docs/api/admin-graphql/latest/enums
const WORDS = {
    ATTEMPTED_DELIVERY: _t("Delivery attempted"),
    AUTHORIZATION: _t("Authorization"),
    AUTHORIZED: _t("Authorized"),
    AWAITING_RESPONSE: _t("Awaiting response"),
    CANCELED: _t("Cancelled"),
    CANCELLED: _t("Cancelled"),
    CAPTURE: _t("Capture"),
    CARRIER_PICKED_UP: _t("With the carrier"),
    CHANGE: _t("Change"),
    CONFIRMED: _t("Confirmed"),
    CUSTOMER: _t("Customer"),
    DECLINED: _t("Payment declined"),
    DELAYED: _t("Delayed"),
    DELIVERED: _t("Delivered"),
    EMV_AUTHORIZATION: _t("Authorization (chip)"),
    ERROR: _t("Error"),
    EXPIRED: _t("Expired"),
    FAILURE: _t("Failed"),
    FRAUD: _t("Fraud"),
    FULFILLED: _t("Fulfilled"),
    HIGH: _t("High"),
    INSPECTION_COMPLETE: _t("Inspected"),
    INVENTORY: _t("Items unavailable"),
    IN_PROGRESS: _t("In progress"),
    IN_TRANSIT: _t("On the way"),
    LABEL_PRINTED: _t("Label printed"),
    LABEL_PURCHASED: _t("Label bought"),
    LABEL_VOIDED: _t("Label voided"),
    LOW: _t("Low"),
    MARKED_AS_FULFILLED: _t("Shipped"),
    MEDIUM: _t("Medium"),
    NEGATIVE: _t("Negative"),
    NEUTRAL: _t("Neutral"),
    NONE: _t("None"),
    NOT_DELIVERED: _t("Not delivered"),
    NO_RETURN: _t("No return"),
    ON_HOLD: _t("On hold"),
    OPEN: _t("Open"),
    OTHER: _t("Other"),
    OUT_FOR_DELIVERY: _t("Out for delivery"),
    PAID: _t("Paid"),
    PARTIALLY_FULFILLED: _t("Partially fulfilled"),
    PARTIALLY_PAID: _t("Partially paid"),
    PARTIALLY_REFUNDED: _t("Partially refunded"),
    PENDING: _t("Pending"),
    PENDING_FULFILLMENT: _t("Fulfillment pending"),
    PICKED_UP: _t("Picked up"),
    POSITIVE: _t("Positive"),
    READY_FOR_PICKUP: _t("Ready for pickup"),
    REFUND: _t("Refund"),
    REFUNDED: _t("Refunded"),
    REQUEST_DECLINED: _t("Request declined"),
    RESTOCKED: _t("Restocked"),
    RETURNED: _t("Returned"),
    RETURN_FAILED: _t("Return failed"),
    RETURN_REQUESTED: _t("Return requested"),
    SALE: _t("Sale"),
    SCHEDULED: _t("Scheduled"),
    STAFF: _t("Staff error"),
    SUBMITTED: _t("Submitted"),
    SUCCESS: _t("Successful"),
    SUGGESTED_REFUND: _t("Suggested refund"),
    UNFULFILLED: _t("Unfulfilled"),
    UNKNOWN: _t("Unknown"),
    VOID: _t("Void"),
    VOIDED: _t("Voided"),
};

/**
 * Return how a status of Shopify reads; one that is not known here, as a plain phrase.
 *
 * @param {string|false} status for example "PARTIALLY_PAID"
 * @returns {string}
 */
export function shopifyWord(status) {
    if (!status) {
        return "";
    }
    if (status in WORDS) {
        return WORDS[status].toString();
    }
    const phrase = status.toLowerCase().replaceAll("_", " ");
    return phrase.charAt(0).toUpperCase() + phrase.slice(1);
}
