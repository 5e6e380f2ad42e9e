"""The line for units that others hold. Mirrored by `scripts/waitlist.lua`. Pure.

Whenever units become free, whoever waits longest *and whose wish fits* is served: one unit does not lie about because the first
in line wants three. A *wish* is (quantity, sale): those with the same wish are served strictly in order, and of the wishes that
fit the one whose first has waited longest. A SKU has at most `WISHES_MAX` different ones, so that finding the next costs the
same whether two wait or five hundred. Somebody who buys at once takes what is free only after the line was served.
"""

from collections.abc import Iterator, Mapping

from schemas.events.ledger import AnyLedgerEvent, WaitJoined, WaitLeft
from server.ledger.rules.commands import WAITING_MAX, WISHES_MAX, HoldLine, Leave, Wait
from server.ledger.rules.outcomes import Held, IdempotencyConflict, Left, LineFull, SoldOut, Waiting
from server.ledger.rules.state import Appliers, Deciders, Decision, LogMismatch, ShowState, Waiter, head, taken
from server.ledger.rules.stock import held, refusal


def wait(state: ShowState, command: Wait, now_ms: int) -> Decision:
    """Held at once, or in line."""
    line = command.line
    if taken(state, command.command_id):
        return Decision(IdempotencyConflict())
    refused = refusal(state, command.buyer_id, [line], now_ms)
    if refused is None:
        event = held(state, command.command_id, command.buyer_id, [line], now_ms + command.hold_ms, now_ms)
        return Decision(Held(event.hold_id, event.expires_at_ms, event.seq), (event,))
    if not isinstance(refused, SoldOut):
        return Decision(refused)
    wishes = [(waiter.quantity, waiter.sale_id) for waiter in state.waits.values() if waiter.sku == line.sku]
    another = (line.quantity, line.sale_id) not in wishes
    if len(wishes) >= WAITING_MAX or (another and len(set(wishes)) >= WISHES_MAX):
        return Decision(LineFull())
    joined = WaitJoined(
        **head(state, command.command_id, now_ms),
        wait_id=command.command_id,
        buyer_id=command.buyer_id,
        sku=line.sku,
        quantity=line.quantity,
        sale_id=line.sale_id,
        hold_ms=command.hold_ms,
    )
    return Decision(Waiting(len(wishes) + 1), (joined,))


def leave(state: ShowState, command: Leave, now_ms: int) -> Decision:
    """Out of the line; a hold that the line has led to stays."""
    if command.wait_id not in state.waits:
        return Decision(Left())
    return Decision(Left(), (WaitLeft(**head(state, command.command_id, now_ms), wait_id=command.wait_id),))


def serve(state: ShowState, now_ms: int) -> AnyLedgerEvent | None:
    """The next event of the line, or None when nobody's wish fits. SKUs in order of their bytes."""
    firsts: dict[tuple[bytes, int, str], str] = {}
    for wait_id, waiter in sorted(state.waits.items(), key=lambda item: item[1].seq):
        firsts.setdefault((waiter.sku.encode(), waiter.quantity, waiter.sale_id), wait_id)
    for wait_id in sorted(firsts.values(), key=lambda ident: (state.waits[ident].sku.encode(), state.waits[ident].seq)):
        if event := _attend(state, wait_id, state.waits[wait_id], now_ms):
            return event
    return None


def _attend(state: ShowState, wait_id: str, waiter: Waiter, now_ms: int) -> AnyLedgerEvent | None:
    """Serve the first of a wish, send them away when they cannot be served any more, or neither."""
    left = WaitLeft(**head(state, wait_id, now_ms), wait_id=wait_id)
    free = state.pools[waiter.sku].available
    if waiter.sale_id:
        sale = state.sales[waiter.sale_id]
        if sale.over:
            return left
        if sale.ends_at_ms <= now_ms:
            return None  # its end is due but not in the log yet; that event brings us here again
        free = min(free, sale.offers[waiter.sku].available)
    if waiter.quantity > free:
        return None
    line = HoldLine(waiter.sku, waiter.quantity, waiter.sale_id)
    if refusal(state, waiter.buyer_id, [line], now_ms):
        return left  # it fits, so only the limit is in the way: they have bought since
    return held(state, wait_id, waiter.buyer_id, [line], now_ms + waiter.hold_ms, now_ms, waited=True)


def apply_joined(state: ShowState, event: WaitJoined) -> None:
    """One more in line."""
    if event.wait_id in state.waits or event.sku not in state.pools:
        raise LogMismatch(f"{event} joins twice, or for a SKU without a pool")
    state.waits[event.wait_id] = Waiter(event.buyer_id, event.sku, event.quantity, event.sale_id, event.hold_ms, event.seq)


def apply_left(state: ShowState, event: WaitLeft) -> None:
    """One less in line."""
    if state.waits.pop(event.wait_id, None) is None:
        raise LogMismatch(f"{event} meets nobody")


def violations(state: ShowState, _: Mapping[str, int]) -> Iterator[str]:
    """I9 of the line: who is served is in it no more, and nobody waits for what was never sold here."""
    for wait_id, waiter in state.waits.items():
        if wait_id in state.holds:
            yield f"{wait_id} waits and is served"
        if waiter.sku not in state.pools or (waiter.sale_id and waiter.sale_id not in state.sales):
            yield f"{waiter} waits for nothing"
    if len({waiter.seq for waiter in state.waits.values()}) != len(state.waits):
        yield "two have the same place"


DECIDE: Deciders = {Wait: wait, Leave: leave}
APPLY: Appliers = {WaitJoined: apply_joined, WaitLeft: apply_left}
