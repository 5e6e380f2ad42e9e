"""Reads the history of a run and says what in it must never happen. Pure.

Rules, each with a broken build that it catches in `test_broken_builds.py` or a hand-made history in `test_checker.py`:

- `hole`, `twice`: between a snapshot and the next one a viewer gets every offset once, in order (of a state channel: ever newer
  ones); `epoch`: never a publication of another epoch without a gap before it; `back`: never an older state of the same epoch;
- `resume`: what a resumed reader is given begins behind what it had; `window`: who comes back soon enough is given all of it;
- `bytes`: one (epoch, offset) is the same publication for every viewer on every node;
- `state`: a snapshot is the earlier snapshot and the publications between them;
- `acknowledged`: at the place that a command was told stands what it said; `order`: who heard an answer before another command
  was sent comes before it; `once`: a command has one place, however often it was sent;
- `ended`: the server takes no subscription away;
- `phantom`: nobody is shown what nobody sent; `refused`: nor what was refused;
- `silence`: in the end all viewers stand at the same place; `lost`: and see everything that was acknowledged.

A command without an answer, or with a temporary error, may have had its effect or not.
"""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.channels.history.events import (
    Accepted,
    AnyEvent,
    Gapped,
    Pushed,
    Refused,
    Sent,
    Stayed,
    Subscribed,
    Unsubscribed,
)
from tests.channels.history.laws import Law


class Violation(NamedTuple):
    """Something that must never happen."""

    rule: str
    channel: str
    who: str
    text: str


@dataclass
class View:
    """Where a viewer stands on a channel. `broken`: a rule was broken there, so that its state says nothing any more."""

    epoch: str = ""
    top: int = 0
    snapshot: str = ""
    taken_at: int = 0
    broken: bool = False
    stayed: bool = False


@dataclass
class Intent:
    """Everything about one command."""

    who: str
    channel: str
    marker: str
    first_sent_ms: float
    accepted: list[Accepted] = field(default_factory=list)
    refusals: int = 0
    open: int = 0
    """Attempts whose outcome nobody knows."""

    @property
    def is_refused(self) -> bool:
        return bool(self.refusals) and not self.accepted and not self.open

    @property
    def accepted_at_ms(self) -> float:
        return min(accepted.at_ms for accepted in self.accepted)


Place = tuple[str, int]
"""(epoch, offset)."""


class Checker:
    """One history. `loss_allowed`: the run gave Redis an older file back, so that what an epoch has lost may be gone; `window`:
    a reader that missed at most so many publications of its epoch must be given them."""

    def __init__(self, laws: Mapping[str, Law], *, loss_allowed: bool = False, window: int = 0) -> None:
        self.laws, self.loss_allowed, self.window = laws, loss_allowed, window
        self.found: list[Violation] = []
        self.views: dict[tuple[str, str], View] = defaultdict(View)
        self.logs: dict[str, dict[Place, str]] = defaultdict(dict)
        self.snapshots: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
        self.intents: dict[tuple[str, str], Intent] = {}
        self.epochs: dict[str, list[str]] = defaultdict(list)
        self.newcomer: dict[str, str] = {}
        """Per channel who subscribed last without a position: what it was given is what the server has."""

    def check(self, events: Sequence[AnyEvent]) -> list[Violation]:
        """Everything that must not be in this history, at most once per rule, channel and viewer."""
        for event in events:
            self._take(event)
        for channel in self.laws:
            self._check_snapshots(channel)
            self._check_commands(channel)
            self._check_end(channel)
        return list({found[:3]: found for found in reversed(self.found)}.values())[::-1]

    def _complain(self, rule: str, channel: str, who: str, text: str) -> None:
        self.found.append(Violation(rule, channel, who, text))

    def _take(self, event: AnyEvent) -> None:
        match event:
            case Sent():
                known = self.intents.setdefault(
                    (event.channel, event.command_id), Intent(event.who, event.channel, event.marker, event.at_ms)
                )
                known.open += 1
            case Accepted():
                intent = self.intents[event.channel, event.command_id]
                intent.accepted.append(event)
                intent.open -= 1
            case Refused() if not event.temporary:
                intent = self.intents[event.channel, event.command_id]
                intent.refusals += 1
                intent.open -= 1
            case Subscribed():
                self._take_subscribed(event)
            case Pushed():
                self._take_push(event, self.views[event.who, event.channel], event.epoch, event.offset, event.data)
            case Gapped():
                self._take_snapshot(event)
            case Stayed():
                self.views[event.who, event.channel].stayed = True
            case Unsubscribed():
                self._complain("ended", event.channel, event.who, f"the server ended the subscription: {event.reason}")

    # What one viewer sees

    def _take_subscribed(self, event: Subscribed) -> None:
        view = self.views[event.who, event.channel]
        if event.asked is None:
            self.newcomer[event.channel] = event.who
        if not event.recovered:
            missed = event.offset - event.asked[1] if event.asked and event.asked[0] == event.epoch else None
            if missed is not None and 0 <= missed <= self.window:
                self._complain("window", event.channel, event.who, f"missed only {missed} up to {event.offset}, got a snapshot")
            self._take_snapshot(event)
            return
        if event.asked != (view.epoch, view.top) or event.epoch != view.epoch:
            text = f"asked from {event.asked}, has {view.epoch, view.top}, was given the rest of epoch {event.epoch}"
            self._complain("resume", event.channel, event.who, text)
        for offset, data in event.publications:
            self._take_push(event, view, event.epoch, offset, data)
        if view.top != event.offset:
            text = f"the reply says {event.offset}, its publications lead to {view.top}"
            self._complain("resume", event.channel, event.who, text)
            view.top, view.broken = event.offset, True

    def _take_snapshot(self, event: Subscribed | Gapped) -> None:
        view = self.views[event.who, event.channel]
        if event.epoch == view.epoch and event.offset < view.top:
            text = f"was at {view.top} and is given the state at {event.offset} of the same epoch"
            self._complain("back", event.channel, event.who, text)
        self._remember_epoch(event.channel, event.epoch)
        known = self.snapshots[event.channel, event.epoch].setdefault(event.offset, event.snapshot)
        if known != event.snapshot and not self.laws[event.channel].ahead:
            text = f"two states at {event.epoch} {event.offset}: {_differ(known, event.snapshot)}"
            self._complain("state", event.channel, event.who, text)
        view.epoch, view.top, view.snapshot, view.taken_at = event.epoch, event.offset, event.snapshot, event.offset
        view.broken = False

    def _take_push(self, event: Pushed | Subscribed, view: View, epoch: str, offset: int, data: str) -> None:
        channel, who = event.channel, event.who
        if epoch != view.epoch:
            self._complain("epoch", channel, who, f"was in epoch {view.epoch}, gets {offset} of {epoch} without a gap")
            view.epoch, view.broken = epoch, True
        elif offset <= view.top:
            self._complain("twice", channel, who, f"has everything up to {view.top} and gets {offset}")
            view.broken = True
        elif offset > view.top + 1 and self.laws[channel].delivery == "event":
            self._complain("hole", channel, who, f"has everything up to {view.top} and gets {offset}")
            view.broken = True
        view.top = offset
        self._remember_epoch(channel, epoch)
        known = self.logs[channel].setdefault((epoch, offset), data)
        if known != data:
            self._complain("bytes", channel, who, f"{epoch} {offset} is {known} for others and {data} here")

    def _remember_epoch(self, channel: str, epoch: str) -> None:
        if epoch not in self.epochs[channel]:
            self.epochs[channel].append(epoch)

    # What all of them see together

    def _between(self, channel: str, epoch: str, after: int, upto: int) -> list[str] | None:
        """Publications behind `after`; None when somebody would have to have seen one and nobody has."""
        log = self.logs[channel]
        if self.laws[channel].delivery == "state":
            return [log[epoch, upto]] if (epoch, upto) in log else ([] if after == upto else None)
        found = [log.get((epoch, offset)) for offset in range(after + 1, upto + 1)]
        return None if None in found else [data for data in found if data is not None]

    def _check_snapshots(self, channel: str) -> None:
        law = self.laws[channel]
        if law.ahead:
            return
        for epoch in self.epochs[channel]:
            taken = sorted(self.snapshots[channel, epoch].items())
            for (before, state), (after, later) in itertools.pairwise(taken):
                between = self._between(channel, epoch, before, after)
                if between is not None and (told := law.fold(state, between)) != later:
                    text = f"the state at {before} and the publications up to {after} make another state: {_differ(told, later)}"
                    self._complain("state", channel, "", text)

    def _check_commands(self, channel: str) -> None:
        law, log = self.laws[channel], self.logs[channel]
        places: dict[str, list[Place]] = defaultdict(list)
        for place, data in log.items():
            places[law.marker(data)].append(place)
        intents = {intent.marker: intent for intent in self.intents.values() if intent.channel == channel}
        shown = {marker for taken in self._snapshots_of(channel) for marker in law.markers(taken)}
        for marker in (shown | places.keys()) - {""} if law.delivery == "event" else ():
            if marker not in intents:
                self._complain("phantom", channel, "", f"nobody sent {marker}")
            elif intents[marker].is_refused:
                self._complain("refused", channel, intents[marker].who, f"{marker} was refused and is shown")
        for intent in intents.values():
            self._check_places(intent, places[intent.marker], log)
        if law.delivery == "event":
            self._check_order(channel, list(intents.values()))

    def _snapshots_of(self, channel: str) -> list[str]:
        return [state for epoch in self.epochs[channel] for state in self.snapshots[channel, epoch].values()]

    def _check_places(self, intent: Intent, seen: Sequence[Place], log: Mapping[Place, str]) -> None:
        law = self.laws[intent.channel]
        told = {(answer.epoch, answer.offset) for answer in intent.accepted if answer.epoch and answer.offset}
        everywhere = {*told, *seen}
        epochs = [epoch for epoch, _ in everywhere]
        if len(epochs) > len(set(epochs)) or (len(everywhere) > 1 and not self.loss_allowed):
            self._complain("once", intent.channel, intent.who, f"{intent.marker} stands at {sorted(map(str, everywhere))}")
        for epoch, offset in told:
            assert epoch is not None
            assert offset is not None
            found = log.get((epoch, offset))
            if found is not None and law.marker(found) != intent.marker:
                text = f"{intent.marker} was told {epoch} {offset}, where viewers see {law.marker(found)}"
                self._complain("acknowledged", intent.channel, intent.who, text)

    def _check_order(self, channel: str, intents: Sequence[Intent]) -> None:
        for epoch in self.epochs[channel]:
            answers = [
                (answer.offset, intent)
                for intent in intents
                for answer in intent.accepted[:1]
                if answer.epoch == epoch and answer.offset is not None
            ]
            first_answer_ms = float("inf")
            for offset, intent in sorted(answers, key=lambda pair: -pair[0]):
                if first_answer_ms < intent.first_sent_ms:
                    text = f"{intent.marker} at {offset} was sent after a later one had been acknowledged"
                    self._complain("order", channel, intent.who, text)
                first_answer_ms = min(first_answer_ms, intent.accepted_at_ms)

    def _check_end(self, channel: str) -> None:
        newcomer = self.newcomer.get(channel)
        stayed = {who: view for (who, name), view in self.views.items() if name == channel and view.stayed}
        if newcomer not in stayed:
            self._complain("silence", channel, newcomer or "", "nobody who came at the end has stayed, so nothing is proved")
            return
        last = stayed[newcomer]
        for who, view in stayed.items():
            if (view.epoch, view.top) != (last.epoch, last.top):
                text = f"stands at {view.epoch} {view.top}, the channel is at {last.epoch} {last.top}"
                self._complain("silence", channel, who, text)
        between = self._between(channel, last.epoch, last.taken_at, last.top)
        if between is not None and not last.broken:
            self._check_lost(channel, last, self.laws[channel].fold(last.snapshot, between))

    def _check_lost(self, channel: str, last: View, state: str) -> None:
        law = self.laws[channel]
        shown = law.markers(state)
        if len(shown) > len(set(shown)):
            self._complain("once", channel, "", f"the state shows something twice: {shown}")
        acknowledged = [intent for intent in self.intents.values() if intent.channel == channel and intent.accepted]
        ranks = {place: rank for rank, place in enumerate(sorted(self._places(channel, acknowledged), key=self._rank(channel)))}
        for intent in acknowledged:
            gone = _is_gone(law, intent.marker, shown)
            told = [(answer.epoch, answer.offset) for answer in intent.accepted]
            newest = max((ranks[place] for place in told if place in ranks), default=len(ranks))
            displaced = law.delivery == "event" and len(ranks) - 1 - newest >= law.holds
            excused = self.loss_allowed and all(epoch != last.epoch for epoch, _ in told)
            if gone and not displaced and not excused:
                self._complain(
                    "lost", channel, intent.who, f"{intent.marker} was acknowledged at {told} and is not shown in the end"
                )

    def _places(self, channel: str, acknowledged: Sequence[Intent]) -> set[Place]:
        told = {(answer.epoch, answer.offset) for intent in acknowledged for answer in intent.accepted}
        return {*self.logs[channel], *((epoch, offset) for epoch, offset in told if epoch and offset)}

    def _rank(self, channel: str) -> "_Rank":
        return _Rank({epoch: number for number, epoch in enumerate(self.epochs[channel])})


class _Rank:
    """Order of places over epochs: these come in the order in which the viewers met them; one that none met comes first."""

    def __init__(self, epochs: Mapping[str, int]) -> None:
        self._epochs = epochs

    def __call__(self, place: Place) -> tuple[int, int]:
        return self._epochs.get(place[0], -1), place[1]


def check(events: Sequence[AnyEvent], laws: Mapping[str, Law], *, loss_allowed: bool = False, window: int = 0) -> list[Violation]:
    """As `Checker.check`."""
    return Checker(laws, loss_allowed=loss_allowed, window=window).check(events)


def _is_gone(law: Law, marker: str, shown: Sequence[str]) -> bool:
    if law.delivery == "state":
        return not shown or int(shown[-1]) < int(marker)
    return marker not in shown


def _differ(one: str, other: str) -> str:
    at = next(
        (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    return f"…{one[max(0, at - 40) : at + 60]}… against …{other[max(0, at - 40) : at + 60]}…"
