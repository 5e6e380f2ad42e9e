"""Decisions of flash sales: what may be sold at another price, and what each fact of the ledger means for a sale. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from schemas.errors import (
    ALREADY_RUNNING,
    FORBIDDEN,
    HOLD_EXPIRED,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    LIMIT_REACHED,
    SALE_NOT_OPEN,
    SHOW_ENDED,
    SOLD_OUT,
    UNKNOWN_SKU,
    WAITLIST_FULL,
    WRONG_CURRENCY,
    Refusal,
)
from schemas.http.catalog import OfferView
from schemas.http.flash_sales import (
    COUNTDOWN_MS_MIN,
    FlashSaleOver,
    FlashSalePublication,
    FlashSalesState,
    FlashSaleUnits,
    FlashSaleView,
    JoinWaitlist,
    NewSaleItem,
    SaleItemRecord,
    SaleItemView,
    SaleRecord,
    SaleState,
    SaleUnits,
    StartFlashSale,
    WaitView,
)
from schemas.http.shows import ShowView
from schemas.money import Money
from schemas.requests.flash_sales import SaleTerms
from server.ledger.rules import (
    AnyOutcome,
    Held,
    IdempotencyConflict,
    LimitReached,
    LineFull,
    OpenSale,
    SaleItem,
    SaleNotOpen,
    SoldOut,
    UnknownSku,
    Waiting,
)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of a sale, with what it cost before."""

    sku: str
    price_minor: int
    normal_minor: int
    lowest_minor: int
    quantity_max: int
    per_buyer_max: int


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A flash sale as SQL has it."""

    sale_id: str
    show_id: str
    host_id: str
    currency: str
    coupons_allowed: bool
    starts_in_ms: int
    lasts_ms: int
    items: tuple[Item, ...]
    state: SaleState
    reason: str
    closing: bool
    starts_at_ms: int
    ends_at_ms: int
    asked_at_ms: int


class Waiter(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in line, as SQL has it."""

    wait_id: str
    show_id: str
    buyer_id: str
    sku: str
    quantity: int
    sale_id: str | None
    state: str
    seq: int | None
    expires_at_ms: int
    joined_at_ms: int


# A sale of the host


def start(body: StartFlashSale, show: ShowView, actor_id: str, offers: Sequence[OfferView], now_ms: int) -> Sale | Refusal:
    """A new sale, as it is written down before the ledger is asked."""
    if refusal := _may_start(body, show, actor_id):
        return refusal
    by_sku = {offer.sku: offer for offer in offers}
    items = []
    for new in body.items:
        item = _item(new, by_sku.get(new.sku))
        if isinstance(item, Refusal):
            return item
        items.append(item)
    return Sale(
        sale_id=body.sale_id,
        show_id=body.show_id,
        host_id=actor_id,
        currency=body.items[0].price.currency,
        coupons_allowed=body.coupons_allowed,
        starts_in_ms=body.starts_in_ms,
        lasts_ms=body.lasts_ms,
        items=tuple(items),
        state="opening",
        reason="",
        closing=False,
        starts_at_ms=0,
        ends_at_ms=0,
        asked_at_ms=now_ms,
    )


def is_repetition(sale: Sale, body: StartFlashSale, actor_id: str) -> bool:
    """Whether `body` is the command that made `sale`, sent again. What the products cost then is not in it."""
    given = [(item.sku, item.price.amount_minor, item.quantity_max, item.per_buyer_max) for item in body.items]
    known = [(item.sku, item.price_minor, item.quantity_max, item.per_buyer_max) for item in sale.items]
    currencies = {item.price.currency for item in body.items}
    return (body.show_id, actor_id, body.coupons_allowed, body.starts_in_ms, body.lasts_ms, currencies, given) == (
        sale.show_id,
        sale.host_id,
        sale.coupons_allowed,
        sale.starts_in_ms,
        sale.lasts_ms,
        {sale.currency},
        known,
    )


def stacked(skus: Sequence[str]) -> Refusal:
    """Another sale of the show sells the same."""
    detail = f"{', '.join(skus)}: in a flash sale already; wait for its end, or end it."
    return Refusal(ALREADY_RUNNING, detail, {"sku": skus[0]})


def command(sale: Sale) -> OpenSale:
    """What the ledger is asked: the same at every repetition."""
    items = tuple(SaleItem(item.sku, item.quantity_max, item.per_buyer_max, item.price_minor) for item in sale.items)
    return OpenSale(
        command_id=sale.sale_id,
        items=items,
        currency=sale.currency,
        starts_in_ms=sale.starts_in_ms,
        lasts_ms=sale.lasts_ms,
    )


def opened(sale: Sale, starts_at_ms: int, ends_at_ms: int) -> Sale:
    """The ledger has opened it. One that is over already (both facts came late) stays so, but learns its times."""
    state: SaleState = "open" if sale.state == "opening" else sale.state
    return msgspec.structs.replace(sale, state=state, starts_at_ms=starts_at_ms, ends_at_ms=ends_at_ms)


def ended(sale: Sale, reason: str) -> Sale:
    """It is over, and stays so."""
    return sale if sale.state in ("over", "refused") else msgspec.structs.replace(sale, state="over", reason=reason)


def closing(sale: Sale) -> Sale:
    """Somebody wants it to end; the ledger does it. What is over stays so."""
    return msgspec.structs.replace(sale, closing=True) if running(sale) else sale


def refused(sale: Sale, reason: str) -> Sale:
    """The ledger did not open it."""
    return sale if sale.state != "opening" else msgspec.structs.replace(sale, state="refused", reason=reason)


def running(sale: Sale) -> bool:
    """Whether its products may not be in another sale."""
    return sale.state in ("opening", "open")


def record(sale: Sale) -> SaleRecord:
    """The sale as its host sees it."""

    def money(minor: int) -> Money:
        return Money(amount_minor=minor, currency=sale.currency)

    items = [
        SaleItemRecord(
            sku=item.sku,
            price=money(item.price_minor),
            normal_price=money(item.normal_minor),
            lowest_30d=money(item.lowest_minor),
            quantity_max=item.quantity_max,
            per_buyer_max=item.per_buyer_max,
        )
        for item in sale.items
    ]
    return SaleRecord(
        sale_id=sale.sale_id,
        show_id=sale.show_id,
        state=sale.state,
        reason=sale.reason,
        items=items,
        coupons_allowed=sale.coupons_allowed,
        starts_at_ms=sale.starts_at_ms,
        ends_at_ms=sale.ends_at_ms,
        asked_at_ms=sale.asked_at_ms,
    )


def terms(sale: Sale) -> SaleTerms:
    """What an order needs of it."""
    prices = {item.sku: Money(amount_minor=item.price_minor, currency=sale.currency) for item in sale.items}
    return SaleTerms(sale.sale_id, prices, sale.coupons_allowed)


# The line


def may_wait(show: ShowView, blocked: bool) -> Refusal | None:
    """Why somebody cannot stand in line, or None. `blocked` is the door's word."""
    if blocked:
        return Refusal(FORBIDDEN, "The host does not want you in this show.")
    return Refusal(SHOW_ENDED, "Nothing is sold in a show that is over.") if show.state == "ended" else None


def waiter(body: JoinWaitlist, buyer_id: str, outcome: AnyOutcome, now_ms: int) -> Waiter | Refusal:
    """A place in line, or units at once, by the ledger's answer."""
    expires_at_ms = 0
    match outcome:
        case Waiting():
            state = "waiting"
        case Held(expires_at_ms=expires_at_ms):
            if expires_at_ms <= now_ms:
                return Refusal(HOLD_EXPIRED, "Your turn is over; stand in line again with a new id.")
            state = "served"
        case SoldOut(sku=sku, available=available):
            return Refusal(SOLD_OUT, "", {"sku": sku, "available": available})
        case LimitReached(sku=sku, per_buyer_max=most):
            return Refusal(LIMIT_REACHED, f"One person may buy at most {most}.", {"sku": sku, "per_buyer_max": most})
        case UnknownSku(sku=sku):
            return Refusal(UNKNOWN_SKU, "", {"sku": sku})
        case SaleNotOpen(state=why):
            return Refusal(SALE_NOT_OPEN, _sale_not_open(why), {"state": why})
        case LineFull():
            return Refusal(WAITLIST_FULL, "Look again later.")
        case IdempotencyConflict():
            return Refusal(IDEMPOTENCY_CONFLICT, "Make a new id for a new place in line.")
        case _:
            raise AssertionError(f"no answer to a wish to wait: {outcome}")
    return Waiter(
        wait_id=body.wait_id,
        show_id=body.show_id,
        buyer_id=buyer_id,
        sku=body.sku,
        quantity=body.quantity,
        sale_id=body.sale_id,
        state=state,
        seq=None,
        expires_at_ms=expires_at_ms,
        joined_at_ms=now_ms,
    )


def wait_view(found: Waiter, place: int, now_ms: int) -> WaitView:
    """A place in line as its owner sees it; a turn that was not taken is over."""
    late = found.state == "served" and found.expires_at_ms <= now_ms
    state = "left" if late else found.state
    assert state in ("waiting", "served", "left"), found
    return WaitView(
        wait_id=found.wait_id,
        show_id=found.show_id,
        sku=found.sku,
        quantity=found.quantity,
        sale_id=found.sale_id,
        state=state,  # type: ignore[arg-type]
        place=place if state == "waiting" else 0,
        expires_at_ms=found.expires_at_ms,
    )


def gone(found: Waiter) -> Waiter:
    """In line no more."""
    return msgspec.structs.replace(found, state="left")


# What players show


def applied(state: FlashSalesState, publication: FlashSalePublication) -> FlashSalesState:
    """The sales after a publication; units of a sale that is not shown change nothing."""
    match publication:
        case FlashSaleView(sale_id=sale_id):
            return shown([*(sale for sale in state.sales if sale.sale_id != sale_id), publication])
        case FlashSaleOver(sale_id=sale_id):
            return FlashSalesState(sales=[sale for sale in state.sales if sale.sale_id != sale_id])
        case FlashSaleUnits(changes=changes):
            latest = {(change.sale_id, change.sku): change for change in changes}
            return FlashSalesState(sales=[_with_units(sale, latest) for sale in state.sales])


def shown(sales: Sequence[FlashSaleView]) -> FlashSalesState:
    """The sales in the order in which they are shown."""
    return FlashSalesState(sales=sorted(sales, key=lambda sale: sale.sale_id))


def _with_units(sale: FlashSaleView, latest: Mapping[tuple[str, str], SaleUnits]) -> FlashSaleView:
    def changed(item: SaleItemView) -> SaleItemView:
        units = latest.get((sale.sale_id, item.sku))
        if units is None:
            return item
        return msgspec.structs.replace(item, available=units.available, held=units.held, sold=units.sold)

    return msgspec.structs.replace(sale, items=[changed(item) for item in sale.items])


def _may_start(body: StartFlashSale, show: ShowView, actor_id: str) -> Refusal | None:
    if show.host_id != actor_id:
        return Refusal(FORBIDDEN, "Only the host of the show starts flash sales.")
    if show.state == "ended":
        return Refusal(SHOW_ENDED, "Nothing is sold in a show that is over.")
    if 0 < body.starts_in_ms < COUNTDOWN_MS_MIN:
        return Refusal(INVALID_FIELD, "A countdown lasts 10 to 300 seconds; 0 starts at once.", {"field": "/starts_in_ms"})
    if len({item.sku for item in body.items}) < len(body.items):
        return Refusal(INVALID_FIELD, "A product is there twice.", {"field": "/items"})
    if len({item.price.currency for item in body.items}) > 1:
        return Refusal(WRONG_CURRENCY, "A flash sale has one currency; start one for each.", {"field": "/items"})
    return None


def _item(new: NewSaleItem, offer: OfferView | None) -> Item | Refusal:
    if offer is None:
        return Refusal(UNKNOWN_SKU, "Add the product to the show first.", {"sku": new.sku})
    if new.price.currency != offer.price.currency:
        detail = f"{offer.sku} is sold in {offer.price.currency}."
        return Refusal(WRONG_CURRENCY, detail, {"sku": offer.sku, "currency": offer.price.currency})
    normal_minor = offer.price.amount_minor
    if not 0 < new.price.amount_minor < normal_minor:
        detail = f"A flash price is above 0 and below the normal price of {offer.sku}."
        return Refusal(INVALID_FIELD, detail, {"field": "/items", "sku": offer.sku, "amount_minor": normal_minor})
    return Item(
        sku=new.sku,
        price_minor=new.price.amount_minor,
        normal_minor=normal_minor,
        lowest_minor=(offer.lowest_30d or offer.price).amount_minor,
        quantity_max=new.quantity_max,
        per_buyer_max=new.per_buyer_max,
    )


def _sale_not_open(state: str) -> str:
    words = {"announced": "The flash sale has not begun.", "over": "The flash sale is over.", "unknown": "There is no such sale."}
    return words[state]
