"""What an order comes to, added up from its parts without the engine's own totals."""

from decimal import Decimal


def side(bag, name):
    """One side of a bag as a number; nothing for no bag."""
    return getattr(bag, name).amount if bag is not None else Decimal(0)


def allocated(line, name):
    """Discounts of a line or shipping line."""
    return sum(side(part.allocated_amount_set, name) for part in line.discount_allocations)


def taxes(holder, name):
    """Taxes of anything that has tax lines."""
    return sum(side(tax.price_set, name) for tax in holder.tax_lines)


def sold(order, name):
    """What an order cost as sold, added up from its parts."""
    goods = sum(
        side(line.original_unit_price_set, name) * line.quantity - allocated(line, name)
        for line in order.line_items
    )
    shipping = sum(
        side(line.original_price_set, name) - allocated(line, name) for line in order.shipping_lines
    )
    duties = [duty for line in order.line_items for duty in line.duties]
    extra = sum(side(duty.price, name) for duty in duties)
    extra += sum(side(fee.price, name) for fee in order.additional_fees)
    if order.taxes_included:
        return goods + shipping + extra
    holders = [*order.line_items, *order.shipping_lines, *duties, *order.additional_fees]
    return goods + shipping + extra + sum(taxes(holder, name) for holder in holders)


def given_back(order, name):
    """What all refunds took out of an order, added up from their parts."""
    whole = Decimal(0)
    for refund in order.refunds:
        parts = [(line.subtotal_set, line.total_tax_set) for line in refund.refund_line_items]
        parts += [
            (line.subtotal_amount_set, line.tax_amount_set) for line in refund.refund_shipping_lines
        ]
        for net, tax in parts:
            whole += side(net, name) + (0 if order.taxes_included else side(tax, name))
        whole += sum(side(duty.amount_set, name) for duty in refund.duties)
    return whole


def moved(order, *kinds, name='shop'):
    """Successful transactions of some kinds."""
    return sum(
        side(move.amount_set, name)
        for move in order.transactions
        if move.kind in kinds and move.status == 'SUCCESS'
    )
