"""Units: funded, held, sold, given back or restocked. Pure.

Mirrored by `scripts/{fund,hold,extend,commit,release,restock}.lua` and, what they share, `prelude.lua`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from schemas.events.ledger import (
    HoldCommitted,
    HoldExpired,
    HoldExtended,
    HoldReleased,
    HoldRestocked,
    StockFunded,
    StockHeld,
)
from server.ledger.rules.commands import EXTENSIONS_MAX, Commit, Extend, Fund, Hold, HoldLine, Release, Restock
from server.ledger.rules.coupons import coupon_refusal, use_coupon
from server.ledger.rules.outcomes import (
    AnyOutcome,
    Committed,
    Extended,
    Funded,
    Held,
    HoldGone,
    IdempotencyConflict,
    LimitReached,
    Released,
    Restocked,
    SoldOut,
    UnknownSku,
)
from server.ledger.rules.sales import not_open
from server.ledger.rules.state import (
    Appliers,
    Deciders,
    Decision,
    Ended,
    Endings,
    HoldRecord,
    LogMismatch,
    Moves,
    Pool,
    ShowState,
    add,
    apply_line,
    head,
    hold_lines,
    taken,
)

EndT = TypeVar("EndT", HoldCommitted, HoldReleased, HoldExpired, HoldRestocked)
HoldEnd = HoldCommitted | HoldReleased | HoldExpired | HoldRestocked

MOVES: Mapping[type[HoldEnd], tuple[Ended, int, int]] = {
    HoldCommitted: ("committed", -1, 1),
    HoldReleased: ("released", -1, 0),
    HoldExpired: ("expired", -1, 0),
    HoldRestocked: ("restocked", 0, -1),
}
"""What the end of a hold makes of it, and how many units, by unit held, become held and sold."""


def due(state: ShowState) -> Iterator[tuple[int, str]]:
    """When which hold ends by itself."""
    return ((hold.expires_at_ms, f"hold:{hold_id}") for hold_id, hold in state.holds.items() if hold.state == "held")


def expire(state: ShowState, hold_id: str, now_ms: int) -> tuple[HoldExpired]:
    """The event that ends an overdue hold; its cause is the hold itself."""
    return (end(state, HoldExpired, hold_id, hold_id, now_ms),)


def demand(lines: Sequence[HoldLine]) -> tuple[HoldLine, ...]:
    """Each SKU of each sale once, in order of appearance: two lines of one SKU must not pass the check one by one."""
    totals: dict[tuple[str, str], int] = {}
    for line in lines:
        totals[line.sku, line.sale_id] = totals.get((line.sku, line.sale_id), 0) + line.quantity
    return tuple(HoldLine(sku, quantity, sale_id) for (sku, sale_id), quantity in totals.items())


def refusal(state: ShowState, buyer_id: str, lines: Sequence[HoldLine], now_ms: int) -> AnyOutcome | None:
    """Why the buyer cannot have these lines (as `demand` makes them), or None."""
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.sku] += line.quantity
        if refused := _line_refusal(state, buyer_id, line, wanted[line.sku], now_ms):
            return refused
    return None


def _line_refusal(state: ShowState, buyer_id: str, line: HoldLine, wanted: int, now_ms: int) -> AnyOutcome | None:
    """`wanted` counts the units of the SKU in this line and those before it."""
    pool = state.pools.get(line.sku)
    if pool is None:
        return UnknownSku(line.sku)
    free = pool.available
    if line.sale_id:
        if refused := not_open(state, line.sale_id, now_ms):
            return refused
        offer = state.sales[line.sale_id].offers.get(line.sku)
        if offer is None:
            return UnknownSku(line.sku)
        if state.bought_in_sale.get((line.sale_id, line.sku, buyer_id), 0) + line.quantity > offer.per_buyer_max:
            return LimitReached(line.sku, offer.per_buyer_max)
        free = min(free, offer.available)
    if state.bought.get((line.sku, buyer_id), 0) + wanted > pool.per_buyer_max:
        return LimitReached(line.sku, pool.per_buyer_max)
    if line.quantity > free or wanted > pool.available:
        return SoldOut(line.sku, free)
    return None


def fund(state: ShowState, command: Fund, now_ms: int) -> Decision:
    """Units into the pool, or free ones out of it."""
    pool = state.pools.get(command.sku)
    if pool is None and command.quantity < 0:
        return Decision(UnknownSku(command.sku))
    available = pool.available if pool else 0
    if available + command.quantity < 0:
        return Decision(SoldOut(command.sku, available))
    line = Moves(state).line(HoldLine(command.sku, command.quantity), funded=command.quantity)
    event = StockFunded(**head(state, command.command_id, now_ms), lines=[line], per_buyer_max=command.per_buyer_max)
    return Decision(Funded(), (event,))


def hold(state: ShowState, command: Hold, now_ms: int) -> Decision:
    """Every line or none."""
    if taken(state, command.command_id):
        # The stored outcome is gone, what it made is not: the id is used up.
        return Decision(IdempotencyConflict())
    lines = demand(command.lines)
    refused = refusal(state, command.buyer_id, lines, now_ms) or coupon_refusal(state, command.coupon, command.buyer_id)
    if refused:
        return Decision(refused)
    event = held(state, command.command_id, command.buyer_id, lines, now_ms + command.hold_ms, now_ms, coupon=command.coupon)
    return Decision(Held(event.hold_id, event.expires_at_ms, event.seq), (event,))


def held(
    state: ShowState,
    hold_id: str,
    buyer_id: str,
    lines: Sequence[HoldLine],
    expires_at_ms: int,
    now_ms: int,
    *,
    coupon: str = "",
    waited: bool = False,
) -> StockHeld:
    """The event that begins a hold."""
    return StockHeld(
        **head(state, hold_id, now_ms),
        hold_id=hold_id,
        buyer_id=buyer_id,
        expires_at_ms=expires_at_ms,
        lines=Moves(state).lines(lines, held=1),
        coupon=coupon,
        waited=waited,
    )


def extend(state: ShowState, command: Extend, now_ms: int) -> Decision:
    """More time, once."""
    hold = state.holds.get(command.hold_id)
    if hold is None or hold.state != "held" or hold.expires_at_ms <= now_ms:
        return _gone(state, command.hold_id, now_ms)
    expires_at_ms = now_ms + command.hold_ms
    if hold.extensions >= EXTENSIONS_MAX or expires_at_ms <= hold.expires_at_ms:
        return Decision(Extended(hold.expires_at_ms))
    event = HoldExtended(**head(state, command.command_id, now_ms), hold_id=command.hold_id, expires_at_ms=expires_at_ms)
    return Decision(Extended(expires_at_ms), (event,))


def commit(state: ShowState, command: Commit, now_ms: int) -> Decision:
    """Sold, when the hold is open."""
    hold = state.holds.get(command.hold_id)
    if hold is not None and hold.state == "committed":
        return Decision(Committed())
    if hold is None or hold.state != "held" or hold.expires_at_ms <= now_ms:
        return _gone(state, command.hold_id, now_ms)
    return Decision(Committed(), (end(state, HoldCommitted, command.hold_id, command.command_id, now_ms),))


def release(state: ShowState, command: Release, now_ms: int) -> Decision:
    """Free again, when the hold is open."""
    hold = state.holds.get(command.hold_id)
    if hold is not None and hold.state == "released":
        return Decision(Released())
    if hold is None or hold.state != "held" or hold.expires_at_ms <= now_ms:
        return _gone(state, command.hold_id, now_ms)
    return Decision(Released(), (end(state, HoldReleased, command.hold_id, command.command_id, now_ms),))


def restock(state: ShowState, command: Restock, now_ms: int) -> Decision:
    """Free again, when the hold was committed."""
    hold = state.holds.get(command.hold_id)
    if hold is not None and hold.state == "restocked":
        return Decision(Restocked())
    if hold is not None and hold.state == "committed":
        return Decision(Restocked(), (end(state, HoldRestocked, command.hold_id, command.command_id, now_ms),))
    if hold is not None and hold.state == "held" and hold.expires_at_ms > now_ms:
        return Decision(HoldGone("held"))
    return _gone(state, command.hold_id, now_ms)


def _gone(state: ShowState, hold_id: str, now_ms: int) -> Decision:
    """Refuse a command on a hold that is not open; one that is overdue ends here, even when the sweep had no room for it."""
    hold = state.holds.get(hold_id)
    if hold is None:
        return Decision(HoldGone("unknown"))
    if hold.state == "held":
        return Decision(HoldGone("expired"), expire(state, hold_id, now_ms))
    return Decision(HoldGone(hold.state))


def end(
    state: ShowState, event: type[EndT], hold_id: str, command_id: str, now_ms: int, moves: Moves | None = None, after: int = 0
) -> EndT:
    """The event that ends a hold; `moves` and `after`, when it is not the first event of its decision."""
    hold = state.holds[hold_id]
    _, held, sold = MOVES[event]
    lines = (moves or Moves(state)).lines(hold.lines, held=held, sold=sold)
    return event(**head(state, command_id, now_ms, after), hold_id=hold_id, buyer_id=hold.buyer_id, lines=lines)


def apply_funded(state: ShowState, event: StockFunded) -> None:
    """Change the pools."""
    for line in event.lines:
        state.pools.setdefault(line.sku, Pool(line.sku, 0, 0, 0, 0))
        apply_line(state, line, funded=line.quantity)
        state.pools[line.sku] = replace(state.pools[line.sku], per_buyer_max=event.per_buyer_max)


def apply_held(state: ShowState, event: StockHeld) -> None:
    """Begin a hold."""
    waiter = state.waits.pop(event.hold_id, None)
    if event.hold_id in state.holds or event.waited != (waiter is not None):
        raise LogMismatch(f"{event} begins a hold that was there before, or meets {waiter}")
    record = HoldRecord(event.buyer_id, hold_lines(event.lines), event.expires_at_ms, coupon=event.coupon)
    for line in event.lines:
        apply_line(state, line, held=line.quantity)
    state.holds[event.hold_id] = record
    _count(state, record, 1)


def apply_extended(state: ShowState, event: HoldExtended) -> None:
    """Move the end of a hold."""
    hold = state.holds.get(event.hold_id)
    if hold is None or hold.state != "held":
        raise LogMismatch(f"{event} meets {hold}")
    state.holds[event.hold_id] = replace(hold, expires_at_ms=event.expires_at_ms, extensions=hold.extensions + 1)


def apply_end(state: ShowState, event: HoldEnd) -> None:
    """End a hold, once; one that is sold may be restocked, once."""
    hold = state.holds.get(event.hold_id)
    ending, held, sold = MOVES[type(event)]
    if hold is None or hold.state != ("committed" if ending == "restocked" else "held"):
        raise LogMismatch(f"{event} meets {hold}: a hold ends once")
    if hold.lines != hold_lines(event.lines) or hold.buyer_id != event.buyer_id:
        raise LogMismatch(f"{event} ends another hold than {hold}")
    for line in event.lines:
        apply_line(state, line, held=held * line.quantity, sold=sold * line.quantity)
    state.holds[event.hold_id] = replace(hold, state=ending)
    if ending != "committed":
        _count(state, hold, -1)


def _count(state: ShowState, hold: HoldRecord, times: int) -> None:
    """What the buyer has more (1) or less (-1) of."""
    for line in hold.lines if hold.counts else ():
        add(state.bought, (line.sku, hold.buyer_id), times * line.quantity)
        if line.sale_id:
            add(state.bought_in_sale, (line.sale_id, line.sku, hold.buyer_id), times * line.quantity)
    if hold.coupon:
        use_coupon(state, hold.coupon, hold.buyer_id, times)


def violations(state: ShowState, kept: Mapping[str, int]) -> Iterator[str]:
    """I1, I2 and I9 of pools and holds; `kept` are units by SKU that are held without a hold: by lots and giveaways."""
    held, sold, bought = Counter(kept), Counter[str](), Counter[tuple[str, str]]()
    for hold in state.holds.values():
        if hold.state not in ("held", "committed"):
            continue
        for line in hold.lines:
            (held if hold.state == "held" else sold)[line.sku] += line.quantity
            bought[line.sku, hold.buyer_id] += line.quantity if hold.counts else 0
    for giveaway in state.giveaways.values():
        sold[giveaway.sku] += len(giveaway.winners)
    for pool in state.pools.values():
        if pool.held < 0 or pool.sold < 0 or pool.available < 0:
            yield f"pool out of bounds: {pool}"
        if (pool.held, pool.sold) != (held[pool.sku], sold[pool.sku]):
            yield f"{pool} is not what its holds tell: {held[pool.sku]} held, {sold[pool.sku]} sold"
    if +bought != state.bought:
        yield f"units by buyer are {state.bought}, by holds {+bought}"


DECIDE: Deciders = {Fund: fund, Hold: hold, Extend: extend, Commit: commit, Release: release, Restock: restock}
APPLY: Appliers = {
    StockFunded: apply_funded,
    StockHeld: apply_held,
    HoldExtended: apply_extended,
    HoldCommitted: apply_end,
    HoldReleased: apply_end,
    HoldExpired: apply_end,
    HoldRestocked: apply_end,
}
ENDINGS: Endings = {"hold": expire}
