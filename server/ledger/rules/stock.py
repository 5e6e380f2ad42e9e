"""Units: funded, held, sold or given back. Mirrored by `scripts/{fund,hold,extend,commit,release,sweep}.lua`. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from schemas.events.ledger import HoldCommitted, HoldExpired, HoldExtended, HoldReleased, StockFunded, StockHeld
from server.ledger.rules.commands import EXTENSIONS_MAX, SWEEP_MAX, Commit, Extend, Fund, Hold, HoldLine, Release
from server.ledger.rules.outcomes import (
    Committed,
    Extended,
    Funded,
    Held,
    HoldGone,
    IdempotencyConflict,
    LimitReached,
    Released,
    SoldOut,
    UnknownSku,
)
from server.ledger.rules.state import (
    Decision,
    Ended,
    HoldRecord,
    LogMismatch,
    Pool,
    ShowState,
    buy,
    head,
    known_pool,
    line_state,
    set_pool,
)

EndT = TypeVar("EndT", HoldReleased, HoldExpired)


def overdue(state: ShowState, now_ms: int) -> list[str]:
    """Ids of the holds that a call expires before its commands: those longest overdue, at most `SWEEP_MAX`."""
    due = [(hold.expires_at_ms, hold_id) for hold_id, hold in state.holds.items() if hold.state == "held"]
    return [hold_id for expires_at_ms, hold_id in sorted(due) if expires_at_ms <= now_ms][:SWEEP_MAX]


def expire(state: ShowState, hold_id: str, now_ms: int) -> HoldExpired:
    """The event that ends an overdue hold; its cause is the hold itself."""
    return _given_back(state, HoldExpired, hold_id, hold_id, now_ms)


def demand(lines: Sequence[HoldLine]) -> tuple[HoldLine, ...]:
    """Each SKU once, in order of appearance: two lines of one SKU must not pass the check one by one."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.sku] = totals.get(line.sku, 0) + line.quantity
    return tuple(HoldLine(sku, quantity) for sku, quantity in totals.items())


def fund(state: ShowState, command: Fund, now_ms: int) -> Decision:
    """Units into the pool, or free ones out of it."""
    pool = state.pools.get(command.sku)
    if pool is None and command.quantity < 0:
        return Decision(UnknownSku(command.sku))
    pool = pool or Pool(command.sku, 0, 0, 0, command.per_buyer_max)
    if pool.available + command.quantity < 0:
        return Decision(SoldOut(command.sku, pool.available))
    line = line_state(pool, command.quantity, funded=command.quantity)
    event = StockFunded(**head(state, command.command_id, now_ms), lines=[line], per_buyer_max=command.per_buyer_max)
    return Decision(Funded(), event)


def hold(state: ShowState, command: Hold, now_ms: int) -> Decision:
    """Every line or none."""
    if command.command_id in state.holds:
        # The stored outcome is gone, the hold is not: the id is used up.
        return Decision(IdempotencyConflict())
    lines = demand(command.lines)
    for line in lines:
        pool = state.pools.get(line.sku)
        if pool is None:
            return Decision(UnknownSku(line.sku))
        if state.bought.get((line.sku, command.buyer_id), 0) + line.quantity > pool.per_buyer_max:
            return Decision(LimitReached(line.sku, pool.per_buyer_max))
        if line.quantity > pool.available:
            return Decision(SoldOut(line.sku, pool.available))
    expires_at_ms = now_ms + command.hold_ms
    event = StockHeld(
        **head(state, command.command_id, now_ms),
        hold_id=command.command_id,
        buyer_id=command.buyer_id,
        expires_at_ms=expires_at_ms,
        lines=[line_state(state.pools[line.sku], line.quantity, held=line.quantity) for line in lines],
    )
    return Decision(Held(command.command_id, expires_at_ms, event.seq), event)


def extend(state: ShowState, command: Extend, now_ms: int) -> Decision:
    """More time, once."""
    hold = state.holds.get(command.hold_id)
    if hold is None or hold.state != "held" or hold.expires_at_ms <= now_ms:
        return _gone(state, command.hold_id, now_ms)
    expires_at_ms = now_ms + command.hold_ms
    if hold.extensions >= EXTENSIONS_MAX or expires_at_ms <= hold.expires_at_ms:
        return Decision(Extended(hold.expires_at_ms))
    event = HoldExtended(**head(state, command.command_id, now_ms), hold_id=command.hold_id, expires_at_ms=expires_at_ms)
    return Decision(Extended(expires_at_ms), event)


def commit(state: ShowState, command: Commit, now_ms: int) -> Decision:
    """Sold, when the hold is open."""
    hold = state.holds.get(command.hold_id)
    if hold is not None and hold.state == "committed":
        return Decision(Committed())
    if hold is None or hold.state != "held" or hold.expires_at_ms <= now_ms:
        return _gone(state, command.hold_id, now_ms)
    lines = [line_state(state.pools[line.sku], line.quantity, held=-line.quantity, sold=line.quantity) for line in hold.lines]
    event = HoldCommitted(**head(state, command.command_id, now_ms), hold_id=command.hold_id, buyer_id=hold.buyer_id, lines=lines)
    return Decision(Committed(), event)


def release(state: ShowState, command: Release, now_ms: int) -> Decision:
    """Free again, when the hold is open."""
    hold = state.holds.get(command.hold_id)
    if hold is not None and hold.state == "released":
        return Decision(Released())
    if hold is None or hold.state != "held" or hold.expires_at_ms <= now_ms:
        return _gone(state, command.hold_id, now_ms)
    return Decision(Released(), _given_back(state, HoldReleased, command.hold_id, command.command_id, now_ms))


def _gone(state: ShowState, hold_id: str, now_ms: int) -> Decision:
    """Refuse a command on a hold that is not open; one that is overdue ends here, even when the sweep had no room for it."""
    hold = state.holds.get(hold_id)
    if hold is None:
        return Decision(HoldGone("unknown"))
    if hold.state == "held":
        return Decision(HoldGone("expired"), expire(state, hold_id, now_ms))
    return Decision(HoldGone(hold.state))


def _given_back(state: ShowState, event: type[EndT], hold_id: str, command_id: str, now_ms: int) -> EndT:
    hold = state.holds[hold_id]
    lines = [line_state(state.pools[line.sku], line.quantity, held=-line.quantity) for line in hold.lines]
    return event(**head(state, command_id, now_ms), hold_id=hold_id, buyer_id=hold.buyer_id, lines=lines)


def apply_funded(state: ShowState, event: StockFunded) -> None:
    """Change the pools."""
    for line in event.lines:
        pool = state.pools.get(line.sku) or Pool(line.sku, 0, 0, 0, 0)
        set_pool(state, line, replace(pool, funded=pool.funded + line.quantity, per_buyer_max=event.per_buyer_max))


def apply_held(state: ShowState, event: StockHeld) -> None:
    """Begin a hold."""
    if event.hold_id in state.holds:
        raise LogMismatch(f"{event} begins a hold that was there before")
    for line in event.lines:
        pool = known_pool(state, line)
        set_pool(state, line, replace(pool, held=pool.held + line.quantity))
        buy(state, line.sku, event.buyer_id, line.quantity)
    lines = tuple(HoldLine(line.sku, line.quantity) for line in event.lines)
    state.holds[event.hold_id] = HoldRecord(event.buyer_id, lines, event.expires_at_ms)


def apply_ended(state: ShowState, event: HoldCommitted | HoldReleased | HoldExpired, ending: Ended) -> None:
    """End a hold, once."""
    hold = open_hold(state, event)
    if hold.lines != tuple(HoldLine(line.sku, line.quantity) for line in event.lines) or hold.buyer_id != event.buyer_id:
        raise LogMismatch(f"{event} ends another hold than {hold}")
    for line in event.lines:
        pool = known_pool(state, line)
        sold = line.quantity if ending == "committed" else 0
        set_pool(state, line, replace(pool, held=pool.held - line.quantity, sold=pool.sold + sold))
        buy(state, line.sku, event.buyer_id, sold - line.quantity)
    state.holds[event.hold_id] = replace(hold, state=ending)


def open_hold(state: ShowState, event: HoldExtended | HoldCommitted | HoldReleased | HoldExpired) -> HoldRecord:
    """The hold of an event, which must be open.

    Raises:
        LogMismatch: it is not.
    """
    hold = state.holds.get(event.hold_id)
    if hold is None or hold.state != "held":
        raise LogMismatch(f"{event} meets {hold}: a hold ends once")
    return hold
