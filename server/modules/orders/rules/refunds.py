"""Money back: how much of an order, of which lines, and what became of it. Pure.

What was given back of a line so far is a *cumulative* sum, of which every component (value, discount, tax) is a function; a
refund is the difference of two such sums. So parts add up to the whole exactly, however the order is split, in any order.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from schemas.errors import (
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    ORDER_NOT_REFUNDABLE,
    REFUND_TOO_LARGE,
    WRONG_CURRENCY,
    Refusal,
)
from schemas.events.orders import RefundRequested
from schemas.http.orders import LinePart, LineView, OrderView, RefundOrder, RefundView
from schemas.money import Amounts
from server.modules.orders.rules.order import Change, Given, Order, Part, changed
from server.modules.orders.rules.pricing import allocate, tax_within


class Wanted(NamedTuple):
    """A refund that somebody has decided on."""

    refund_id: str
    reason: str
    request: str
    parts: tuple[Part, ...]
    shipping_minor: int


def gross_of(line: LineView) -> int:
    """What was paid for a line."""
    return line.total.amount_minor - line.discount_minor


def refunded_so_far(line: LineView, units: int, also_minor: int) -> int:
    """What is given back of a line once `units` are: their share of what was paid and what was given `also`, no more than all.
    So the last units get what is left."""
    return max(0, min(gross_of(line), gross_of(line) * units // line.quantity + also_minor))


def open_units(line: LineView) -> int:
    """Units that are neither paid back nor on their way back."""
    return line.quantity - line.refunded - line.returning


def left_minor(view: OrderView) -> int:
    """What could still be given back."""
    return sum(gross_of(line) - line.refunded_minor for line in view.lines) + shipping_left(view)


def shipping_left(view: OrderView) -> int:
    """What could still be given back of the delivery."""
    paid = view.shipping.price.amount_minor if view.shipping else 0
    return paid - (view.refunded.shipping_minor if view.refunded else 0)


def came_back(order: Order, parts: Sequence[Part], now_ms: int) -> Order:
    """Units came back, but there is no money to give for them (any more)."""
    units = [msgspec.structs.replace(part, minor=0) for part in parts]
    return _with_parts(order, units, +1, now_ms, order.view.refunds)


def check_refundable(view: OrderView) -> Refusal | None:
    """Why no money can be given back now, or None."""
    if view.payment not in ("captured", "refunded"):
        return Refusal(ORDER_NOT_REFUNDABLE, f"Nothing was captured for this order: its payment is {view.payment}.")
    if view.dispute in ("open", "lost"):
        return Refusal(ORDER_NOT_REFUNDABLE, "The buyer's bank has taken the money back; settle the dispute first.")
    return None


def wanted(order: Order, body: RefundOrder, request: str) -> Wanted | Refusal:
    """What a host's refund consists of."""
    view = order.view
    if refusal := check_refundable(view):
        return refusal
    if body.amount is not None:
        if body.lines or body.shipping:
            return Refusal(INVALID_FIELD, "Give back an amount, or lines and the delivery; not both at once.")
        if body.currency not in (None, view.total.currency):
            return Refusal(WRONG_CURRENCY, f"This order was paid in {view.total.currency}.", {"currency": view.total.currency})
        return _of_amount(order, body, request)
    if not body.lines and not body.shipping:
        return Refusal(INVALID_FIELD, "Say what to give back: lines, the delivery, or an amount.")
    parts = unit_parts(view, body.lines)
    if isinstance(parts, Refusal):
        return parts
    return Wanted(body.refund_id, body.reason, request, parts, shipping_left(view) if body.shipping else 0)


def all_of_it(order: Order, refund_id: str, reason: str) -> Wanted:
    """Everything that is left."""
    parts = tuple(
        Part(place, line.quantity - line.refunded, gross_of(line) - line.refunded_minor)
        for place, line in enumerate(order.view.lines)
        if line.quantity > line.refunded or gross_of(line) > line.refunded_minor
    )
    return Wanted(refund_id, reason, "", parts, shipping_left(order.view))


def unit_parts(view: OrderView, wishes: Iterable[LinePart], *, returning: bool = False) -> tuple[Part, ...] | Refusal:
    """Units of lines with their share of the money. `returning`: units that came back, which were put aside for that before."""
    units: dict[int, int] = {}
    for wish in wishes:
        units[wish.position] = units.get(wish.position, 0) + wish.quantity
    parts = []
    for position, count in sorted(units.items()):
        if position >= len(view.lines):
            return Refusal(INVALID_FIELD, f"The order has no line {position}; they count from 0.", {"position": position})
        line = view.lines[position]
        free = line.returning if returning else open_units(line)
        if count > free:
            extra: dict[str, str | int | bool] = {"position": position, "left": free}
            return Refusal(REFUND_TOO_LARGE, f"Only {free} units of line {position} are left.", extra)
        also = line.refunded_minor - gross_of(line) * line.refunded // line.quantity
        after = max(line.refunded_minor, refunded_so_far(line, line.refunded + count, also))
        parts.append(Part(position, count, after - line.refunded_minor))
    return tuple(parts)


def refund(order: Order, wish: Wanted, now_ms: int) -> Change | Refusal:
    """Decide on a refund: it counts as given from now on, and the provider hears of it."""
    amounts = amounts_of(order, wish.parts, wish.shipping_minor)
    if not amounts.total_minor:
        return Refusal(REFUND_TOO_LARGE, "Nothing is left to give back.", {"left_minor": left_minor(order.view)})
    made = RefundView(
        refund_id=wish.refund_id,
        state="requested",
        amounts=amounts,
        reason=wish.reason,
        requested_at_ms=now_ms,
        decided_at_ms=None,
    )
    after = _with_parts(order, wish.parts, +1, now_ms, [*order.view.refunds, made])
    parts = {**order.parts, wish.refund_id: Given(_with_shares(order, wish.parts), wish.request)}
    after = msgspec.structs.replace(after, parts=parts)
    view = order.view
    event = RefundRequested(
        refund_id=wish.refund_id,
        order_id=view.order_id,
        show_id=view.show_id,
        seller_id=view.seller_id,
        payment_id=view.payment_id or "",
        amounts=amounts,
        reason=wish.reason,
    )
    params = {"refund": wish.refund_id, "amount_minor": str(amounts.total_minor), "currency": amounts.currency}
    return Change(after, events=(event,), what="refund_requested", why=wish.reason, params=params)


def repeated(order: Order, refund_id: str, request: str) -> bool | Refusal:
    """Whether a refund with this id is there already; another content under its id is refused."""
    known = order.parts.get(refund_id)
    if known is None:
        return False
    if known.request != request:
        return Refusal(IDEMPOTENCY_CONFLICT, "A refund with this id exists; make a new id for a new refund.")
    return True


def refund_done(order: Order, refund_id: str, at_ms: int, now_ms: int) -> Change | None:
    """The provider has given the money back; None when that is old news."""
    known = _refund_of(order, refund_id)
    if known.state == "done":
        return None
    after = order
    if known.state == "failed":
        # Somebody has given it back after all: it counts again.
        after = _with_parts(order, order.parts[refund_id].parts, +1, now_ms, order.view.refunds)
    refunds = [_decided(each, refund_id, "done", at_ms) for each in after.view.refunds]
    done = sum(each.amounts.total_minor for each in refunds if each.state == "done")
    payment = "refunded" if done == order.view.total.amount_minor else order.view.payment
    after = changed(after, now_ms, refunds=refunds, refunded=_sum(refunds, order.amounts.currency), payment=payment)
    given = {"amount_minor": str(known.amounts.total_minor), "currency": known.amounts.currency}
    return Change(after, what="refunded", params={"refund": refund_id, **given})


def refund_failed(order: Order, refund_id: str, reason: str, now_ms: int) -> Change | None:
    """The provider will not give the money back: it is the shop's again, and the shop's to give back otherwise."""
    known = _refund_of(order, refund_id)
    if known.state != "requested":
        return None
    refunds = [_decided(each, refund_id, "failed", now_ms) for each in order.view.refunds]
    after = _with_parts(order, order.parts[refund_id].parts, -1, now_ms, refunds)
    return Change(after, what="refund_failed", why=reason, params={"refund": refund_id})


def disputed(order: Order, state: str, now_ms: int, reason: str = "") -> Change | None:
    """The buyer's bank has taken the money back, or the dispute is decided (`won` or `lost`). A decision that overtakes the
    opening stands."""
    if order.view.dispute == state or (state == "open" and order.view.dispute is not None):
        return None
    return Change(changed(order, now_ms, dispute=state), what=f"dispute_{state}", why=reason)


def amounts_of(order: Order, parts: Sequence[Part], shipping_minor: int) -> Amounts:
    """What a refund consists of: the difference between what is given back with it and without it."""
    view = order.view
    shares = _with_shares(order, parts)
    goods = sum(part.minor for part in shares)
    before = view.refunded.shipping_minor if view.refunded else 0
    rate = view.shipping.tax_rate_bp if view.shipping else 0
    shipping_tax = tax_within(before + shipping_minor, rate) - tax_within(before, rate)
    subtotal = sum(part.subtotal_minor for part in shares)
    return Amounts(
        currency=view.total.currency,
        subtotal_minor=subtotal,
        discount_minor=subtotal - goods,
        shipping_minor=shipping_minor,
        tax_minor=sum(part.tax_minor for part in shares) + shipping_tax,
        total_minor=goods + shipping_minor,
    )


def _with_shares(order: Order, parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(_with_share(order, part) for part in parts)


def _with_share(order: Order, part: Part) -> Part:
    """The part with its share of the line's value and tax: what belongs to all that is given back, less what went before."""
    line = order.view.lines[part.position]
    given = [each for made in _standing(order).values() for each in made.parts if each.position == part.position]
    value, tax = _cumulated(line, line.refunded_minor + part.minor, line.refunded + part.units)
    # A failed refund in between can leave a cent at the wrong place; no component may leave its bounds for it.
    subtotal = max(part.minor, value - sum(each.subtotal_minor for each in given))
    within = min(part.minor, max(0, tax - sum(each.tax_minor for each in given)))
    return msgspec.structs.replace(part, subtotal_minor=subtotal, tax_minor=within)


def _cumulated(line: LineView, gross_minor: int, units: int) -> tuple[int, int]:
    """Value before the discount, and tax, of what is given back of a line. A line that cost nothing is counted in units."""
    whole = gross_of(line)
    if not whole:
        return line.total.amount_minor * units // line.quantity, 0
    return line.total.amount_minor * gross_minor // whole, tax_within(gross_minor, line.tax_rate_bp)


def _standing(order: Order) -> Mapping[str, Given]:
    """Refunds that count."""
    failed = {each.refund_id for each in order.view.refunds if each.state == "failed"}
    return {refund_id: given for refund_id, given in order.parts.items() if refund_id not in failed}


def _of_amount(order: Order, body: RefundOrder, request: str) -> Wanted | Refusal:
    """An amount is taken from every line, and from the delivery, by what is left of it."""
    view = order.view
    assert body.amount is not None
    left = [gross_of(line) - line.refunded_minor for line in view.lines]
    most = sum(left) + shipping_left(view)
    if body.amount > most:
        extra: dict[str, str | int | bool] = {"left_minor": most, "currency": view.total.currency}
        return Refusal(REFUND_TOO_LARGE, f"At most {most} minor units are left to give back.", extra)
    *goods, shipping = allocate(body.amount, [*left, shipping_left(view)])
    parts = tuple(Part(place, 0, minor) for place, minor in enumerate(goods) if minor)
    return Wanted(body.refund_id, body.reason, request, parts, shipping)


def _with_parts(order: Order, parts: Sequence[Part], sign: int, now_ms: int, refunds: Sequence[RefundView]) -> Order:
    """The order with parts of its lines given back (+1), or not given back after all (-1)."""
    lines = list(order.view.lines)
    for part in parts:
        line = lines[part.position]
        lines[part.position] = msgspec.structs.replace(
            line, refunded=line.refunded + sign * part.units, refunded_minor=line.refunded_minor + sign * part.minor
        )
    refunded = _sum(refunds, order.amounts.currency)
    return changed(order, now_ms, lines=lines, refunds=list(refunds), refunded=refunded)


def _sum(refunds: Sequence[RefundView], currency: str) -> Amounts:
    """What is given back, or about to be."""
    standing = [each.amounts for each in refunds if each.state != "failed"]
    return Amounts(
        currency=currency,
        subtotal_minor=sum(each.subtotal_minor for each in standing),
        discount_minor=sum(each.discount_minor for each in standing),
        shipping_minor=sum(each.shipping_minor for each in standing),
        tax_minor=sum(each.tax_minor for each in standing),
        total_minor=sum(each.total_minor for each in standing),
    )


def _refund_of(order: Order, refund_id: str) -> RefundView:
    found = [each for each in order.view.refunds if each.refund_id == refund_id]
    assert found, f"a refund of {order.view.order_id} that nobody asked for: {refund_id}"
    return found[0]


def _decided(each: RefundView, refund_id: str, state: str, at_ms: int) -> RefundView:
    return msgspec.structs.replace(each, state=state, decided_at_ms=at_ms) if each.refund_id == refund_id else each
