"""What the ledger decides: state + command + time -> outcome + events. Pure; the oracle of `scripts/*.lua`, which do the same.

`decide` only reads, `apply` alone changes a state, and only by an event: so a state is always the fold of its log (`replay.py`).
Each script names the function that it mirrors; `tests/ledger/test_agreement.py` drives both and compares everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

import msgspec

from schemas.events.ledger import (
    AnyLedgerEvent,
    HoldCommitted,
    HoldExpired,
    HoldExtended,
    HoldReleased,
    LineState,
    StockFunded,
    StockHeld,
)

QUANTITY_MAX = 1_000_000
"""Of one command. Totals stay far below 10**14, up to which Lua's JSON writes whole numbers as such."""
LINES_MAX = 50
HOLD_MS_MAX = 24 * 3_600_000
"""A hold must end long before the stored outcome of its command is forgotten (`KEEP_MS` in prelude.lua)."""
SWEEP_MAX = 100
"""Holds that one call may expire: a script must be short, because the server does nothing else meanwhile."""
EXTENSIONS_MAX = 1
"""More time when a payment begins, but not again and again: else one person keeps a unit from everybody for ever."""

Ended = Literal["committed", "released", "expired"]
EndT = TypeVar("EndT", HoldReleased, HoldExpired)


class HoldLine(msgspec.Struct, frozen=True):
    """So many units of one SKU."""

    sku: str
    quantity: int


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """An intent. Its maker gives the id; the same id again gets the stored outcome of the first time."""

    command_id: str


class Fund(Command, frozen=True, tag="fund"):
    """Bring units into the pool of a SKU, or take free ones out (negative). `per_buyer_max` is the pool's limit from now on."""

    sku: str
    quantity: int
    per_buyer_max: int


class Hold(Command, frozen=True, tag="hold"):
    """Keep units for a buyer: every line or none. The command's id is the hold's id."""

    buyer_id: str
    lines: tuple[HoldLine, ...]
    hold_ms: int


class Extend(Command, frozen=True, tag="extend"):
    """Give the buyer `hold_ms` from now, because a payment has begun."""

    hold_id: str
    hold_ms: int


class Commit(Command, frozen=True, tag="commit"):
    """The held units are sold."""

    hold_id: str


class Release(Command, frozen=True, tag="release"):
    """The held units are free again."""

    hold_id: str


AnyCommand = Fund | Hold | Extend | Commit | Release


class Outcome(msgspec.Struct, frozen=True, tag_field="outcome"):
    """Answer to a command. All are stored with the command's id, but for the last three, which say "not decided"."""


class Funded(Outcome, frozen=True, tag="funded"):
    """The pool has changed."""


class Held(Outcome, frozen=True, tag="held"):
    """The units are kept until `expires_at_ms`; `seq` is the place of the event in the log."""

    hold_id: str
    expires_at_ms: int
    seq: int


class SoldOut(Outcome, frozen=True, tag="sold_out"):
    """There are only `available` units; nothing is held (or taken out of the pool)."""

    sku: str
    available: int


class LimitReached(Outcome, frozen=True, tag="limit_reached"):
    """The buyer would have more than `per_buyer_max`, held and sold together."""

    sku: str
    per_buyer_max: int


class UnknownSku(Outcome, frozen=True, tag="unknown_sku"):
    """The show has no pool of this SKU."""

    sku: str


class Extended(Outcome, frozen=True, tag="extended"):
    """The hold ends at `expires_at_ms`, which only the first extension moves."""

    expires_at_ms: int


class Committed(Outcome, frozen=True, tag="committed"):
    """The units are sold, now or by an earlier command."""


class Released(Outcome, frozen=True, tag="released"):
    """The units are free, now or by an earlier command."""


class HoldGone(Outcome, frozen=True, tag="hold_gone"):
    """The hold ended in another way before, or never was."""

    state: Literal["expired", "released", "committed", "unknown"]


class IdempotencyConflict(Outcome, frozen=True, tag="idempotency_conflict"):
    """This id was used before with other content."""


class Fenced(Outcome, frozen=True, tag="fenced"):
    """The show is stopped by an operator, an audit or a failed script: temporary, nothing is decided."""

    reason: str


class StaleEpoch(Outcome, frozen=True, tag="stale_epoch"):
    """The caller knows another life of the show than the present one."""

    epoch: str


AnyOutcome = (
    Funded
    | Held
    | SoldOut
    | LimitReached
    | UnknownSku
    | Extended
    | Committed
    | Released
    | HoldGone
    | IdempotencyConflict
    | Fenced
    | StaleEpoch
)


@dataclass(frozen=True)
class Pool:
    """Units of one SKU that the show may sell."""

    sku: str
    funded: int
    held: int
    sold: int
    per_buyer_max: int

    @property
    def available(self) -> int:
        return self.funded - self.held - self.sold


@dataclass(frozen=True)
class HoldRecord:
    """A hold and how it stands; `lines` has each SKU once."""

    buyer_id: str
    lines: tuple[HoldLine, ...]
    expires_at_ms: int
    state: Literal["held"] | Ended = "held"
    extensions: int = 0


@dataclass
class ShowState:
    """Everything of one show that its log implies."""

    show_id: str
    epoch: str
    seq: int = 0
    last_ms: int = 0
    pools: dict[str, Pool] = field(default_factory=dict)
    holds: dict[str, HoldRecord] = field(default_factory=dict)
    bought: dict[tuple[str, str], int] = field(default_factory=dict)
    """Units by (SKU, buyer), held and sold together; no zeros."""


@dataclass(frozen=True)
class Decision:
    """Outcome of one command and what it changes (nothing, when it is refused)."""

    outcome: AnyOutcome
    event: AnyLedgerEvent | None = None


class LogMismatch(Exception):
    """An event does not fit the state before it: the log has a hole, or a script has a fault."""


def check(command: AnyCommand) -> None:
    """Refuse what no caller may ever send.

    Raises:
        ValueError: a number out of range or an empty list; the edges have checked that before, so this is a fault of ours.
    """
    sensible = bool(command.command_id)
    match command:
        case Fund():
            sensible &= abs(command.quantity) <= QUANTITY_MAX and 1 <= command.per_buyer_max <= QUANTITY_MAX
        case Hold():
            sensible &= 1 <= len(command.lines) <= LINES_MAX and 1 <= command.hold_ms <= HOLD_MS_MAX
            sensible &= all(1 <= line.quantity <= QUANTITY_MAX for line in command.lines)
        case Extend():
            sensible &= 1 <= command.hold_ms <= HOLD_MS_MAX
    if not sensible:
        raise ValueError(f"senseless command: {command}")


def clamp(state: ShowState, server_ms: int) -> int:
    """Time of a call: the server's, but never before the show's last event."""
    return max(server_ms, state.last_ms)


def decide(state: ShowState, command: AnyCommand, now_ms: int) -> Decision:
    """What a new command gives at `now_ms`. Reads only: `apply` the event to change the state."""
    match command:
        case Fund():
            return _fund(state, command, now_ms)
        case Hold():
            return _hold(state, command, now_ms)
        case Extend():
            return _extend(state, command, now_ms)
        case Commit():
            return _commit(state, command, now_ms)
        case Release():
            return _release(state, command, now_ms)


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


def apply(state: ShowState, event: AnyLedgerEvent) -> None:
    """Change the state as the event says; the only function that does.

    Raises:
        LogMismatch: the event is not the next one, or does not fit.
    """
    if (event.show_id, event.epoch, event.seq) != (state.show_id, state.epoch, state.seq + 1) or event.at_ms < state.last_ms:
        raise LogMismatch(f"{event} cannot follow seq {state.seq} of {state.show_id} in epoch {state.epoch}")
    match event:
        case StockFunded():
            _apply_funded(state, event)
        case StockHeld():
            _apply_held(state, event)
        case HoldExtended():
            hold = _open_hold(state, event)
            longer = replace(hold, expires_at_ms=event.expires_at_ms, extensions=hold.extensions + 1)
            state.holds[event.hold_id] = longer
        case HoldCommitted():
            _apply_ended(state, event, "committed")
        case HoldReleased():
            _apply_ended(state, event, "released")
        case HoldExpired():
            _apply_ended(state, event, "expired")
    state.seq, state.last_ms = event.seq, event.at_ms


def violations(state: ShowState) -> list[str]:
    """Broken promises of a state, in words; empty for every state that the rules can reach."""
    found: list[str] = []
    held: dict[str, int] = {}
    bought: dict[tuple[str, str], int] = {}
    for hold in state.holds.values():
        for line in hold.lines if hold.state in ("held", "committed") else ():
            bought[line.sku, hold.buyer_id] = bought.get((line.sku, hold.buyer_id), 0) + line.quantity
            held[line.sku] = held.get(line.sku, 0) + (line.quantity if hold.state == "held" else 0)
    for pool in state.pools.values():
        if pool.held < 0 or pool.sold < 0 or pool.available < 0:
            found.append(f"pool out of bounds: {pool}")
        if pool.held != held.get(pool.sku, 0):
            found.append(f"{pool} holds {pool.held}, its holds {held.get(pool.sku, 0)}")
    if bought != state.bought:
        found.append(f"units by buyer are {state.bought}, by holds {bought}")
    return found


@dataclass(frozen=True)
class Answer:
    """What one call of the script returns; `events` are those that it appended to the log."""

    epoch: str
    seq: int
    now_ms: int
    swept: int
    outcomes: tuple[AnyOutcome, ...]
    events: tuple[AnyLedgerEvent, ...] = ()


@dataclass
class Show:
    """A show as the server keeps it: its state, the stored outcomes and the fence. `call` is what `dispatch.lua` does."""

    state: ShowState
    stored: dict[str, tuple[AnyCommand, AnyOutcome]] = field(default_factory=dict)
    fence: str | None = None

    def call(self, batch: Sequence[tuple[str, AnyCommand]], server_ms: int, new_epoch: str = "") -> Answer:
        """Run a batch of (epoch that the caller knows or "", command)."""
        state = self.state
        now_ms = clamp(state, server_ms)
        if batch and not state.epoch:
            state.epoch = new_epoch
        events: list[AnyLedgerEvent] = []
        for hold_id in [] if self.fence else overdue(state, now_ms):
            events.append(expire(state, hold_id, now_ms))
            apply(state, events[-1])
        swept = len(events)
        outcomes = tuple(self._run(known_epoch, command, now_ms, events) for known_epoch, command in batch)
        return Answer(state.epoch, state.seq, now_ms, swept, outcomes, tuple(events))

    def _run(self, known_epoch: str, command: AnyCommand, now_ms: int, events: list[AnyLedgerEvent]) -> AnyOutcome:
        if command.command_id in self.stored:
            first, outcome = self.stored[command.command_id]
            return outcome if first == command else IdempotencyConflict()
        if self.fence:
            return Fenced(self.fence)
        if known_epoch not in ("", self.state.epoch):
            return StaleEpoch(self.state.epoch)
        decision = decide(self.state, command, now_ms)
        if decision.event is not None:
            apply(self.state, decision.event)
            events.append(decision.event)
        self.stored[command.command_id] = (command, decision.outcome)
        return decision.outcome


def _fund(state: ShowState, command: Fund, now_ms: int) -> Decision:
    pool = state.pools.get(command.sku)
    if pool is None and command.quantity < 0:
        return Decision(UnknownSku(command.sku))
    pool = pool or Pool(command.sku, 0, 0, 0, command.per_buyer_max)
    if pool.available + command.quantity < 0:
        return Decision(SoldOut(command.sku, pool.available))
    line = _line(pool, command.quantity, funded=command.quantity)
    head = _head(state, command.command_id, now_ms)
    return Decision(Funded(), StockFunded(**head, lines=[line], per_buyer_max=command.per_buyer_max))


def _hold(state: ShowState, command: Hold, now_ms: int) -> Decision:
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
        **_head(state, command.command_id, now_ms),
        hold_id=command.command_id,
        buyer_id=command.buyer_id,
        expires_at_ms=expires_at_ms,
        lines=[_line(state.pools[line.sku], line.quantity, held=line.quantity) for line in lines],
    )
    return Decision(Held(command.command_id, expires_at_ms, event.seq), event)


def _extend(state: ShowState, command: Extend, now_ms: int) -> Decision:
    hold = state.holds.get(command.hold_id)
    if hold is None or hold.state != "held" or hold.expires_at_ms <= now_ms:
        return _gone(state, command.hold_id, now_ms)
    expires_at_ms = now_ms + command.hold_ms
    if hold.extensions >= EXTENSIONS_MAX or expires_at_ms <= hold.expires_at_ms:
        return Decision(Extended(hold.expires_at_ms))
    event = HoldExtended(**_head(state, command.command_id, now_ms), hold_id=command.hold_id, expires_at_ms=expires_at_ms)
    return Decision(Extended(expires_at_ms), event)


def _commit(state: ShowState, command: Commit, now_ms: int) -> Decision:
    hold = state.holds.get(command.hold_id)
    if hold is not None and hold.state == "committed":
        return Decision(Committed())
    if hold is None or hold.state != "held" or hold.expires_at_ms <= now_ms:
        return _gone(state, command.hold_id, now_ms)
    lines = [_line(state.pools[line.sku], line.quantity, held=-line.quantity, sold=line.quantity) for line in hold.lines]
    head = _head(state, command.command_id, now_ms)
    return Decision(Committed(), HoldCommitted(**head, hold_id=command.hold_id, buyer_id=hold.buyer_id, lines=lines))


def _release(state: ShowState, command: Release, now_ms: int) -> Decision:
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
    lines = [_line(state.pools[line.sku], line.quantity, held=-line.quantity) for line in hold.lines]
    return event(**_head(state, command_id, now_ms), hold_id=hold_id, buyer_id=hold.buyer_id, lines=lines)


def _head(state: ShowState, command_id: str, now_ms: int) -> dict[str, Any]:
    """Fields that every event has."""
    seq = state.seq + 1
    return {"show_id": state.show_id, "epoch": state.epoch, "seq": seq, "command_id": command_id, "at_ms": now_ms}


def _line(pool: Pool, quantity: int, funded: int = 0, held: int = 0, sold: int = 0) -> LineState:
    """A line of an event: the pool as it is after the change."""
    available = pool.available + funded - held - sold
    return LineState(sku=pool.sku, quantity=quantity, available=available, held=pool.held + held, sold=pool.sold + sold)


def _apply_funded(state: ShowState, event: StockFunded) -> None:
    for line in event.lines:
        pool = state.pools.get(line.sku) or Pool(line.sku, 0, 0, 0, 0)
        _set_pool(state, line, replace(pool, funded=pool.funded + line.quantity, per_buyer_max=event.per_buyer_max))


def _apply_held(state: ShowState, event: StockHeld) -> None:
    if event.hold_id in state.holds:
        raise LogMismatch(f"{event} begins a hold that was there before")
    for line in event.lines:
        pool = _known_pool(state, line)
        _set_pool(state, line, replace(pool, held=pool.held + line.quantity))
        _buy(state, line.sku, event.buyer_id, line.quantity)
    lines = tuple(HoldLine(line.sku, line.quantity) for line in event.lines)
    state.holds[event.hold_id] = HoldRecord(event.buyer_id, lines, event.expires_at_ms)


def _apply_ended(state: ShowState, event: HoldCommitted | HoldReleased | HoldExpired, ending: Ended) -> None:
    hold = _open_hold(state, event)
    if hold.lines != tuple(HoldLine(line.sku, line.quantity) for line in event.lines) or hold.buyer_id != event.buyer_id:
        raise LogMismatch(f"{event} ends another hold than {hold}")
    for line in event.lines:
        pool = _known_pool(state, line)
        sold = line.quantity if ending == "committed" else 0
        _set_pool(state, line, replace(pool, held=pool.held - line.quantity, sold=pool.sold + sold))
        _buy(state, line.sku, event.buyer_id, sold - line.quantity)
    state.holds[event.hold_id] = replace(hold, state=ending)


def _open_hold(state: ShowState, event: HoldExtended | HoldCommitted | HoldReleased | HoldExpired) -> HoldRecord:
    hold = state.holds.get(event.hold_id)
    if hold is None or hold.state != "held":
        raise LogMismatch(f"{event} meets {hold}: a hold ends once")
    return hold


def _known_pool(state: ShowState, line: LineState) -> Pool:
    if line.sku not in state.pools:
        raise LogMismatch(f"{line} has no pool")
    return state.pools[line.sku]


def _set_pool(state: ShowState, line: LineState, pool: Pool) -> None:
    if (line.available, line.held, line.sold) != (pool.available, pool.held, pool.sold):
        raise LogMismatch(f"{line} says otherwise than {pool}")
    state.pools[line.sku] = pool


def _buy(state: ShowState, sku: str, buyer_id: str, units: int) -> None:
    total = state.bought.pop((sku, buyer_id), 0) + units
    if total:
        state.bought[sku, buyer_id] = total
