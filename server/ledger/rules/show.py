"""The ledger of one show: which rule decides a command, which one applies an event, and what a call of the script does. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.events.ledger import AnyLedgerEvent, ShowRestored
from server.ledger.rules import coupons, giveaways, lots, sales, stock, waitlist
from server.ledger.rules.commands import (
    LAG_MAX,
    SERVES_MAX,
    SWEEP_MAX,
    AnyBid,
    AnyCommand,
    Command,
    Commit,
    Enter,
    Extend,
    Hold,
    Wait,
)
from server.ledger.rules.outcomes import (
    AnyOutcome,
    Behind,
    BidAccepted,
    Committed,
    Entered,
    Extended,
    Fenced,
    Held,
    IdempotencyConflict,
    StaleEpoch,
    Waiting,
)
from server.ledger.rules.state import Appliers, Deciders, Decision, Endings, LogMismatch, ShowState, clamp

DECIDE: Deciders = {**stock.DECIDE, **sales.DECIDE, **coupons.DECIDE, **waitlist.DECIDE, **lots.DECIDE, **giveaways.DECIDE}
APPLY: Appliers = {**stock.APPLY, **sales.APPLY, **coupons.APPLY, **waitlist.APPLY, **lots.APPLY, **giveaways.APPLY}
ENDINGS: Endings = {**stock.ENDINGS, **sales.ENDINGS, **lots.ENDINGS, **giveaways.ENDINGS}
DUE: tuple[Callable[[ShowState], Iterator[tuple[int, str]]], ...] = (stock.due, sales.due, lots.due, giveaways.due)
"""Of every part: when which thing's time has come, as (time, "kind:id")."""
KEPT: tuple[Callable[[ShowState], Counter[str]], ...] = (lots.kept, giveaways.kept)
"""Of every part that holds units without a hold: how many, by SKU."""
CHECKS: tuple[Callable[[ShowState, Mapping[str, int]], Iterator[str]], ...] = (
    stock.violations,
    sales.violations,
    coupons.violations,
    waitlist.violations,
    lots.violations,
    giveaways.violations,
)

REFUSABLE: Mapping[type[Command], tuple[type[AnyOutcome], ...]] = {
    Hold: (Held,),
    Wait: (Held, Waiting),
    Extend: (Extended,),
    Commit: (Committed,),
    AnyBid: (BidAccepted,),
    Enter: (Entered,),
}
"""What people may ask, and its good outcomes; any other is kept, so that they can be told later why."""


def decide(state: ShowState, command: AnyCommand, now_ms: int) -> Decision:
    """What a new command gives at `now_ms`. Reads only: `apply` the events to change the state."""
    return DECIDE[type(command)](state, command, now_ms)


def apply(state: ShowState, event: AnyLedgerEvent) -> None:
    """Change the state as the event says; the only function that does.

    Raises:
        LogMismatch: the event is not the next one, or does not fit.
    """
    before = event.previous_epoch if isinstance(event, ShowRestored) else event.epoch
    if (event.show_id, before, event.seq) != (state.show_id, state.epoch, state.seq + 1) or event.at_ms < state.last_ms:
        raise LogMismatch(f"{event} cannot follow seq {state.seq} of {state.show_id} in epoch {state.epoch}")
    if not isinstance(event, ShowRestored):
        APPLY[type(event)](state, event)
    state.epoch, state.seq, state.last_ms = event.epoch, event.seq, event.at_ms


def overdue(state: ShowState, now_ms: int) -> list[str]:
    """What a call ends before its commands, as "kind:id": what is longest overdue, at most `SWEEP_MAX`."""
    due = [moment for part in DUE for moment in part(state) if moment[0] <= now_ms]
    return [thing for _, thing in sorted(due)][:SWEEP_MAX]


def end(state: ShowState, thing: str, now_ms: int) -> tuple[AnyLedgerEvent, ...]:
    """What happens to a thing whose time has come."""
    kind, _, ident = thing.partition(":")
    return ENDINGS[kind](state, ident, now_ms)


def refused(command: AnyCommand, outcome: AnyOutcome) -> bool:
    """Whether the outcome goes into the show's list of refusals."""
    good = [outcomes for kind, outcomes in REFUSABLE.items() if isinstance(command, kind)]
    return bool(good) and not isinstance(outcome, (*good[0], IdempotencyConflict))


def violations(state: ShowState) -> list[str]:
    """Broken promises of a state, in words; empty for every state that the rules can reach."""
    kept: Counter[str] = Counter()
    for count in KEPT:
        kept += count(state)
    return [violation for check in CHECKS for violation in check(state, kept)]


@dataclass(frozen=True)
class Answer:
    """What one call of the script returns; `events` are those that it appended to the log."""

    epoch: str
    seq: int
    now_ms: int
    swept: int
    outcomes: tuple[AnyOutcome, ...]
    events: tuple[AnyLedgerEvent, ...] = ()


@dataclass(frozen=True)
class Refused:
    """An entry of the list of refusals."""

    command: AnyCommand
    outcome: AnyOutcome
    seq: int
    at_ms: int


@dataclass
class Show:
    """A show as the server keeps it: its state, the stored outcomes and the fence. `call` is what `dispatch.lua` does."""

    state: ShowState
    stored: dict[str, tuple[AnyCommand, AnyOutcome]] = field(default_factory=dict)
    fence: str | None = None
    projected: int | None = None
    """The last entry that SQL has; None while nothing projects the log."""
    caused: dict[int, tuple[AnyCommand, AnyOutcome]] = field(default_factory=dict)
    """By `seq` of a command's last event, the command and its outcome: the log has both, so SQL can restore `stored`."""
    refusals: list[Refused] = field(default_factory=list)
    _served: int = 0

    def call(self, batch: Sequence[tuple[str, AnyCommand]], server_ms: int, new_epoch: str = "") -> Answer:
        """Run a batch of (epoch that the caller knows or "", command)."""
        state = self.state
        now_ms = clamp(state, server_ms)
        if batch and not state.epoch:
            state.epoch = new_epoch
        events: list[AnyLedgerEvent] = []
        things = [] if self.fence else overdue(state, now_ms)
        for thing in things:
            self._apply(end(state, thing, now_ms), events)
        self._served = 0
        if not self.fence:
            self._serve(now_ms, events)
        outcomes = tuple(self._run(known_epoch, command, now_ms, events) for known_epoch, command in batch)
        return Answer(state.epoch, state.seq, now_ms, len(things), outcomes, tuple(events))

    def _run(self, known_epoch: str, command: AnyCommand, now_ms: int, events: list[AnyLedgerEvent]) -> AnyOutcome:
        if command.command_id in self.stored:
            first, outcome = self.stored[command.command_id]
            return outcome if first == command else IdempotencyConflict()
        if self.fence:
            return Fenced(self.fence)
        if known_epoch not in ("", self.state.epoch):
            return StaleEpoch(self.state.epoch)
        if self.projected is not None and self.state.seq - self.projected > LAG_MAX:
            return Behind(self.state.seq - self.projected)
        decision = decide(self.state, command, now_ms)
        self._apply(decision.events, events)
        if decision.events:
            self.caused[self.state.seq] = (command, decision.outcome)
        if refused(command, decision.outcome):
            self.refusals.append(Refused(command, decision.outcome, self.state.seq, now_ms))
        self.stored[command.command_id] = (command, decision.outcome)
        self._serve(now_ms, events)
        return decision.outcome

    def _serve(self, now_ms: int, events: list[AnyLedgerEvent]) -> None:
        while self._served < SERVES_MAX and (event := waitlist.serve(self.state, now_ms)):
            self._apply((event,), events)
            self._served += 1

    def _apply(self, made: Sequence[AnyLedgerEvent], events: list[AnyLedgerEvent]) -> None:
        for event in made:
            apply(self.state, event)
            events.append(event)
