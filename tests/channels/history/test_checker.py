"""The checker over hand-made histories: good ones, and for every rule one that breaks it and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.channels.history.checker import check
from tests.channels.history.events import (
    Accepted,
    AnyEvent,
    Gapped,
    History,
    Lost,
    Opened,
    Pushed,
    Refused,
    Sent,
    Stayed,
    Subscribed,
    Unsubscribed,
    read,
)
from tests.channels.history.laws import Law, law_of
from tests.channels.kinds import SignKind, TalkKind

ROOM, DOOR = "talk:room", "sign:door"
LAWS: dict[str, Law] = {
    ROOM: law_of(TalkKind(), lambda said: str(said.text), lambda talk: [said.text for said in talk.said], holds=20),
    DOOR: law_of(SignKind(), lambda sign: str(sign.version), lambda sign: [str(sign.version)] if sign.version else []),
}


def said(*texts: str) -> str:
    """The state of the room."""
    return '{"said":[' + ",".join(message(text) for text in texts) + "]}"


def message(text: str) -> str:
    return f'{{"text":"{text}","author_id":"a"}}'


def sign(version: int) -> str:
    return f'{{"version":{version},"text":"x"}}'


def send(text: str, at_ms: float = 0.0, channel: str = ROOM) -> Sent:
    return Sent(who="anna", channel=channel, command_id=text, marker=text, at_ms=at_ms)


def yes(text: str, offset: int | None, epoch: str | None = "e1", at_ms: float = 1.0, channel: str = ROOM) -> Accepted:
    return Accepted(who="anna", channel=channel, command_id=text, epoch=epoch, offset=offset, at_ms=at_ms)


def no(text: str, *, temporary: bool = False) -> Refused:
    return Refused(who="anna", channel=ROOM, command_id=text, name="message_empty", temporary=temporary)


def push(who: str, offset: int, text: str, epoch: str = "e1", channel: str = ROOM) -> Pushed:
    data = message(text) if channel == ROOM else sign(int(text))
    return Pushed(who=who, channel=channel, epoch=epoch, offset=offset, data=data)


def fresh(
    who: str, offset: int, state: str, epoch: str = "e1", asked: tuple[str, int] | None = None, channel: str = ROOM
) -> Subscribed:
    return Subscribed(
        who=who, channel=channel, asked=asked, epoch=epoch, offset=offset, recovered=False, publications=[], snapshot=state
    )


def resumed(who: str, asked: tuple[str, int], offset: int, *texts: str, first: int = 0) -> Subscribed:
    first = first or asked[1] + 1
    missed = [(first + number, message(text)) for number, text in enumerate(texts)]
    return Subscribed(
        who=who, channel=ROOM, asked=asked, epoch="e1", offset=offset, recovered=True, publications=missed, snapshot="null"
    )


def gap(who: str, offset: int, state: str, epoch: str = "e1") -> Gapped:
    return Gapped(who=who, channel=ROOM, epoch=epoch, offset=offset, snapshot=state)


def end(*who: str, channel: str = ROOM) -> list[AnyEvent]:
    return [Stayed(who=one, channel=channel) for one in who]


def told(*texts: str) -> list[AnyEvent]:
    """Anna said these things one after the other and was told their places."""
    events: list[AnyEvent] = []
    for offset, text in enumerate(texts, 1):
        events += [send(text, at_ms=10 * offset), yes(text, offset, at_ms=10 * offset + 5)]
    return events


GOOD: dict[str, list[AnyEvent]] = {
    "everybody stays": [
        fresh("boris", 0, said()), *told("a", "b"), push("boris", 1, "a"), push("boris", 2, "b"),
        fresh("late", 2, said("a", "b")), *end("boris", "late"),
    ],
    "a reader comes back within the window": [
        Opened(who="boris", node="1"), fresh("boris", 0, said()), *told("a", "b"), push("boris", 1, "a"),
        Lost(who="boris", reason="cut"), resumed("boris", ("e1", 1), 2, "b"), fresh("late", 2, said("a", "b")),
        *end("boris", "late"),
    ],
    "a slow reader is told that it missed something": [
        fresh("boris", 0, said()), *told("a", "b", "c"), gap("boris", 2, said("a", "b")), push("boris", 3, "c"),
        fresh("late", 3, said("a", "b", "c")), *end("boris", "late"),
    ],
    "the epoch ends and nothing is lost": [
        fresh("boris", 0, said()), *told("a"), push("boris", 1, "a"), gap("boris", 1, said("a"), "e2"),
        fresh("late", 1, said("a"), "e2"), *end("boris", "late"),
    ],
    "commands without an answer were or were not carried out": [
        fresh("boris", 0, said()), send("a"), send("b"), no("b", temporary=True), send("b"), push("boris", 1, "b"),
        fresh("late", 1, said("b")), *end("boris", "late"),
    ],
    "a command refused once and accepted when it was sent again": [
        fresh("boris", 0, said()), send("a"), no("a"), *told("a"), push("boris", 1, "a"), fresh("late", 1, said("a")),
        *end("boris", "late"),
    ],
    "a state channel skips": [
        fresh("boris", 0, sign(0), channel=DOOR), send("1", channel=DOOR), yes("1", None, None, channel=DOOR),
        send("2", channel=DOOR), yes("2", None, None, channel=DOOR), push("boris", 2, "2", channel=DOOR),
        fresh("late", 2, sign(2), channel=DOOR), *end("boris", "late", channel=DOOR),
    ],
    "what the room no longer holds": [
        fresh("boris", 0, said()), *told(*(f"m{number}" for number in range(1, 26))),
        *(push("boris", number, f"m{number}") for number in range(1, 26)),
        fresh("late", 25, said(*(f"m{number}" for number in range(6, 26)))), *end("boris", "late"),
    ],
}  # fmt: skip

BAD: dict[str, list[AnyEvent]] = {
    "hole": [
        fresh("boris", 0, said()), *told("a", "b"), push("boris", 2, "b"), fresh("late", 2, said("a", "b")),
        *end("boris", "late"),
    ],
    "twice": [
        fresh("boris", 0, said()), *told("a"), push("boris", 1, "a"), push("boris", 1, "a"), fresh("late", 1, said("a")),
        *end("boris", "late"),
    ],
    "epoch": [
        fresh("boris", 1, said("a")), *told("a"), send("b"), yes("b", 2, "e2"), push("boris", 2, "b", "e2"),
        fresh("late", 2, said("a", "b"), "e2"), *end("boris", "late"),
    ],
    "back": [
        fresh("boris", 0, said()), *told("a", "b"), push("boris", 1, "a"), push("boris", 2, "b"), gap("boris", 1, said("a")),
        push("boris", 2, "b"), fresh("late", 2, said("a", "b")), *end("boris", "late"),
    ],
    "resume": [
        fresh("boris", 0, said()), *told("a", "b"), push("boris", 1, "a"), resumed("boris", ("e1", 1), 2),
        fresh("late", 2, said("a", "b")), *end("boris", "late"),
    ],
    "window": [
        fresh("boris", 0, said()), *told("a", "b"), push("boris", 1, "a"), fresh("boris", 2, said("a", "b"), asked=("e1", 1)),
        fresh("late", 2, said("a", "b")), *end("boris", "late"),
    ],
    "bytes": [
        fresh("boris", 0, said()), fresh("carl", 0, said()), *told("a"), push("boris", 1, "a"),
        Pushed(who="carl", channel=ROOM, epoch="e1", offset=1, data='{"text":"a","author_id":"b"}'),
        fresh("late", 1, said("a")), *end("boris", "carl", "late"),
    ],
    "state": [
        fresh("boris", 0, said()), *told("a", "b"), push("boris", 1, "a"), push("boris", 2, "b"), gap("boris", 2, said("b")),
        send("c", at_ms=50), yes("c", 3, at_ms=51), push("boris", 3, "c"),
        fresh("late", 3, said("a", "b", "c")), *end("boris", "late"),
    ],
    "acknowledged": [
        fresh("boris", 0, said()), send("a"), yes("a", 1), send("b"), push("boris", 1, "b"), gap("boris", 2, said("b", "a")),
        fresh("late", 2, said("b", "a")), *end("boris", "late"),
    ],
    "order": [
        fresh("boris", 0, said()), send("a", at_ms=1), yes("a", 2, at_ms=2), send("b", at_ms=3), yes("b", 1, at_ms=4),
        push("boris", 1, "b"), push("boris", 2, "a"), fresh("late", 2, said("b", "a")), *end("boris", "late"),
    ],
    "once": [
        fresh("boris", 0, said()), *told("a"), send("a"), push("boris", 1, "a"), push("boris", 2, "a"),
        fresh("late", 2, said("a", "a")), *end("boris", "late"),
    ],
    "phantom": [
        fresh("boris", 0, said()), *told("a"), push("boris", 1, "a"), push("boris", 2, "ghost"),
        fresh("late", 2, said("a", "ghost")), *end("boris", "late"),
    ],
    "refused": [
        fresh("boris", 0, said()), send("a"), no("a"), push("boris", 1, "a"), fresh("late", 1, said("a")), *end("boris", "late"),
    ],
    "ended": [
        fresh("boris", 0, said()), Unsubscribed(who="boris", channel=ROOM, reason="internal"), fresh("late", 0, said()),
        *end("late"),
    ],
    "silence": [
        fresh("boris", 0, said()), *told("a", "b"), push("boris", 1, "a"), fresh("late", 2, said("a", "b")),
        *end("boris", "late"),
    ],
    "lost": [
        fresh("boris", 0, said()), *told("a"), push("boris", 1, "a"), gap("boris", 0, said(), "e2"),
        fresh("late", 0, said(), "e2"), *end("boris", "late"),
    ],
}  # fmt: skip


def rules(events: Sequence[AnyEvent], *, loss_allowed: bool = False) -> set[str]:
    """Rules that the history of the one channel in it breaks."""
    used = {event.channel for event in events if isinstance(event, Stayed)}
    found = check(events, {name: LAWS[name] for name in used}, window=10, loss_allowed=loss_allowed)
    return {violation.rule for violation in found}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_history_has_nothing_to_complain_of(name: str) -> None:
    assert rules(GOOD[name]) == set()


@pytest.mark.parametrize("rule", BAD)
def test_a_history_that_breaks_one_rule_is_caught_by_that_rule_alone(rule: str) -> None:
    assert rules(BAD[rule]) == {rule}


def test_a_state_channel_that_ends_with_an_older_version_has_lost_one() -> None:
    events = [*GOOD["a state channel skips"][:-3], push("boris", 3, "1", channel=DOOR), fresh("late", 3, sign(1), channel=DOOR)]
    assert "lost" in rules([*events, *end("boris", "late", channel=DOOR)])


def test_what_an_older_file_has_forgotten_may_be_lost_but_only_with_a_new_epoch() -> None:
    assert rules(BAD["lost"], loss_allowed=True) == set()
    same_epoch = [
        fresh("boris", 0, said()), *told("a"), push("boris", 1, "a"), gap("boris", 0, said()), send("b"), yes("b", 1),
        push("boris", 1, "b"), fresh("late", 1, said("b")), *end("boris", "late"),
    ]  # fmt: skip
    assert rules(same_epoch, loss_allowed=True) == {"back", "bytes", "state", "acknowledged", "lost"}


def test_a_run_that_nobody_came_to_in_the_end_proves_nothing() -> None:
    assert rules([event for event in GOOD["everybody stays"] if event != Stayed(who="late", channel=ROOM)]) == {"silence"}


def test_a_history_is_written_and_read_as_json_lines(tmp_path: Path) -> None:
    everything = History([event for events in [*GOOD.values(), *BAD.values()] for event in events])
    everything.write(tmp_path / "history.jsonl")
    assert read(tmp_path / "history.jsonl").events == everything.events


def test_a_law_with_a_shorter_memory_would_excuse_what_is_lost() -> None:
    events = [event for event in GOOD["what the room no longer holds"] if getattr(event, "who", "") != "late"]
    events += [fresh("late", 25, said(*(f"m{number}" for number in range(7, 26)))), *end("late")]
    shorter = {ROOM: replace(LAWS[ROOM], holds=19)}
    assert {violation.rule for violation in check(events, {ROOM: LAWS[ROOM]})} >= {"lost"}
    assert "lost" not in {violation.rule for violation in check(events, shorter)}
