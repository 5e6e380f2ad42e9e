"""The ledger of one show: which rule decides a command, which one applies an event, and what a call of the script does. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from schemas.events.ledger import (
    AnyLedgerEvent,
    HoldCommitted,
    HoldExpired,
    HoldExtended,
    HoldReleased,
    StockFunded,
    StockHeld,
)
from server.ledger.rules import stock
from server.ledger.rules.commands import AnyCommand, Commit, Extend, Fund, Hold, Release
from server.ledger.rules.outcomes import AnyOutcome, Fenced, IdempotencyConflict, StaleEpoch
from server.ledger.rules.state import Decision, LogMismatch, ShowState, clamp


def decide(state: ShowState, command: AnyCommand, now_ms: int) -> Decision:
    """What a new command gives at `now_ms`. Reads only: `apply` the event to change the state."""
    match command:
        case Fund():
            return stock.fund(state, command, now_ms)
        case Hold():
            return stock.hold(state, command, now_ms)
        case Extend():
            return stock.extend(state, command, now_ms)
        case Commit():
            return stock.commit(state, command, now_ms)
        case Release():
            return stock.release(state, command, now_ms)
        case _:
            raise NotImplementedError(command)


def apply(state: ShowState, event: AnyLedgerEvent) -> None:
    """Change the state as the event says; the only function that does.

    Raises:
        LogMismatch: the event is not the next one, or does not fit.
    """
    if (event.show_id, event.epoch, event.seq) != (state.show_id, state.epoch, state.seq + 1) or event.at_ms < state.last_ms:
        raise LogMismatch(f"{event} cannot follow seq {state.seq} of {state.show_id} in epoch {state.epoch}")
    match event:
        case StockFunded():
            stock.apply_funded(state, event)
        case StockHeld():
            stock.apply_held(state, event)
        case HoldExtended():
            hold = stock.open_hold(state, event)
            longer = replace(hold, expires_at_ms=event.expires_at_ms, extensions=hold.extensions + 1)
            state.holds[event.hold_id] = longer
        case HoldCommitted():
            stock.apply_ended(state, event, "committed")
        case HoldReleased():
            stock.apply_ended(state, event, "released")
        case HoldExpired():
            stock.apply_ended(state, event, "expired")
        case _:
            raise NotImplementedError(event)
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
        for hold_id in [] if self.fence else stock.overdue(state, now_ms):
            events.append(stock.expire(state, hold_id, now_ms))
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
