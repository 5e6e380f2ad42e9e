"""Flash sales: SKUs at another price for a while, so many and so many for one buyer. Mirrored by `scripts/sales.lua`. Pure.

A sale sells out of the show's pools; it sets nothing aside. It has no event of its beginning: from `starts_at_ms` on it sells.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec

from schemas.events.ledger import SaleEnded, SaleOffer, SaleOpened
from server.ledger.rules.commands import CloseSale, OpenSale
from server.ledger.rules.outcomes import IdempotencyConflict, Opened, SaleClosed, SaleNotOpen, UnknownSku
from server.ledger.rules.state import (
    Appliers,
    Deciders,
    Decision,
    Endings,
    LogMismatch,
    Offer,
    Sale,
    ShowState,
    head,
    note_ended,
    taken,
)


def not_open(state: ShowState, sale_id: str, now_ms: int) -> SaleNotOpen | None:
    """Why nothing can be held at the sale's price now, or None."""
    sale = state.sales.get(sale_id)
    if sale is None:
        return SaleNotOpen(sale_id, "unknown")
    if sale.over or sale.ends_at_ms <= now_ms:
        return SaleNotOpen(sale_id, "over")
    if now_ms < sale.starts_at_ms:
        return SaleNotOpen(sale_id, "announced", sale.starts_at_ms)
    return None


def due(state: ShowState) -> Iterator[tuple[int, str]]:
    """When which sale ends by itself."""
    return ((sale.ends_at_ms, f"sale:{sale_id}") for sale_id, sale in state.sales.items() if not sale.over)


def open_sale(state: ShowState, command: OpenSale, now_ms: int) -> Decision:
    """Announce it."""
    if taken(state, command.command_id):
        return Decision(IdempotencyConflict())
    for item in command.items:
        if item.sku not in state.pools:
            return Decision(UnknownSku(item.sku))
    starts_at_ms = now_ms + command.starts_in_ms
    event = SaleOpened(
        **head(state, command.command_id, now_ms),
        sale_id=command.command_id,
        currency=command.currency,
        items=[SaleOffer(**msgspec.structs.asdict(item)) for item in command.items],
        starts_at_ms=starts_at_ms,
        ends_at_ms=starts_at_ms + command.lasts_ms,
    )
    return Decision(Opened(event.starts_at_ms, event.ends_at_ms), (event,))


def close_sale(state: ShowState, command: CloseSale, now_ms: int) -> Decision:
    """End it before its time, or at it when the sweep had no room."""
    sale = state.sales.get(command.sale_id)
    if sale is None:
        return Decision(SaleNotOpen(command.sale_id, "unknown"))
    if sale.over:
        return Decision(SaleClosed())
    if sale.ends_at_ms <= now_ms:
        return Decision(SaleClosed(), end_sale(state, command.sale_id, now_ms))
    event = SaleEnded(**head(state, command.command_id, now_ms), sale_id=command.sale_id, reason="host")
    return Decision(SaleClosed(), (event,))


def end_sale(state: ShowState, sale_id: str, now_ms: int) -> tuple[SaleEnded]:
    """The event that ends an overdue sale; its cause is the sale itself."""
    return (SaleEnded(**head(state, sale_id, now_ms), sale_id=sale_id, reason="time"),)


def apply_opened(state: ShowState, event: SaleOpened) -> None:
    """Begin a sale."""
    if event.sale_id in state.sales or any(item.sku not in state.pools for item in event.items):
        raise LogMismatch(f"{event} opens a sale that was there before, or of SKUs without a pool")
    offers = {item.sku: Offer(**msgspec.structs.asdict(item)) for item in event.items}
    state.sales[event.sale_id] = Sale(event.currency, event.starts_at_ms, event.ends_at_ms, offers)


def apply_ended(state: ShowState, event: SaleEnded) -> None:
    """End a sale, once."""
    sale = state.sales.get(event.sale_id)
    if sale is None or sale.over:
        raise LogMismatch(f"{event} meets {sale}: a sale ends once")
    state.sales[event.sale_id] = replace(sale, over=True)
    note_ended(state, "sale", event.sale_id)


def violations(state: ShowState, _: Mapping[str, int]) -> Iterator[str]:
    """I1 and I2 of sales."""
    held, sold = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    bought = Counter[tuple[str, str, str]]()
    for hold in state.holds.values():
        for line in hold.lines if hold.state in ("held", "committed") else ():
            if line.sale_id:
                (held if hold.state == "held" else sold)[line.sale_id, line.sku] += line.quantity
                bought[line.sale_id, line.sku, hold.buyer_id] += line.quantity
    if bought != state.bought_in_sale:
        yield f"units by buyer and sale are {state.bought_in_sale}, by holds {bought}"
    for (sale_id, sku, buyer_id), units in bought.items():
        if units > state.sales[sale_id].offers[sku].per_buyer_max:
            yield f"{buyer_id} has {units} of {sku} in {sale_id}"
    for sale_id, offer in ((sale_id, offer) for sale_id, sale in state.sales.items() for offer in sale.offers.values()):
        if (offer.held, offer.sold) != (held[sale_id, offer.sku], sold[sale_id, offer.sku]) or offer.available < 0:
            yield f"{offer} of {sale_id} is out of bounds, or not what its holds tell"


DECIDE: Deciders = {OpenSale: open_sale, CloseSale: close_sale}
APPLY: Appliers = {SaleOpened: apply_opened, SaleEnded: apply_ended}
ENDINGS: Endings = {"sale": end_sale}
