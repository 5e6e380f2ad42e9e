"""The session as a pure state machine: any input, any order, any time."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import CLOSE_SHUTDOWN
from schemas.frames import CHANNELS_MAX, FRAME_BYTES_MAX, AnyClientFrame, AnyServerFrame, Unsubscribed
from server.channels.limits import SessionLimits
from server.channels.session import Authenticate, Close, Command, Join, Leave, Session
from tests.channels.test_hub import frames_in

LIMITS = SessionLimits()
UNIX_MS = 1_800_000_000_000


def sent(session: Session) -> list[AnyServerFrame]:
    return frames_in(b"".join(session.frames_to_send()))


def open_session(now_ms: float = 0.0) -> Session:
    session = Session("con_1", now_ms, LIMITS)
    session.receive_frame('{"op":"connect","id":1,"ticket":"tttttttttttttttt"}', now_ms, UNIX_MS)
    assert session.effects() == [Authenticate(1, "tttttttttttttttt")]
    session.connected(1, "gst_1", now_ms, UNIX_MS)
    assert [type(frame).__name__ for frame in sent(session)] == ["Connected"]
    return session


def give(session: Session, now_ms: float = 0.0, **frame: Any) -> None:
    session.receive_frame(json.dumps(frame), now_ms, UNIX_MS)


anything = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=50),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    ).map(json.dumps),
    st.fixed_dictionaries(
        {"op": st.sampled_from(["connect", "subscribe", "unsubscribe", "publish", "ping", "pong", "nonsense"])},
        optional={
            "id": st.integers(-1, 9) | st.text(max_size=2),
            "ticket": st.just("t" * 20) | st.just(""),
            "channel": st.sampled_from(["talk:a", "talk:b", "", "x"]),
            "command_id": st.just("msg_" + "0" * 32) | st.just("?"),
            "data": st.just({"text": "hello"}),
            "t0_ms": st.floats(allow_nan=False, allow_infinity=False),
            "more": st.none(),
        },
    ).map(json.dumps),
)


@given(frames=st.lists(st.tuples(anything, st.integers(0, 40_000)), max_size=30), authenticated=st.booleans())
def test_no_input_breaks_a_session(frames: list[tuple[str | bytes, int]], authenticated: bool) -> None:
    now_ms = 0.0
    session = open_session() if authenticated else Session("con_1", now_ms, LIMITS)
    closes = 0
    for data, pause_ms in frames:
        now_ms += pause_ms
        session.handle_timer(now_ms, UNIX_MS)
        session.receive_frame(data, now_ms, UNIX_MS)
        was_closed = session.is_closed
        effects = session.effects()
        closes += sum(isinstance(effect, Close) for effect in effects)
        assert len(session.channels) <= CHANNELS_MAX
        assert all(frame is not None for frame in sent(session))
        assert was_closed == (closes == 1), "a session closes once, and says so"
        if was_closed:
            assert session.next_timer_ms() is None
            assert [type(effect) for effect in effects] in ([], [Close])
        else:
            due = session.next_timer_ms()
            assert due is None or due > now_ms or not authenticated


@given(st.text(max_size=3 * FRAME_BYTES_MAX // 2))
def test_every_byte_counts_towards_the_limit(text: str) -> None:
    session = open_session()
    session.receive_frame(text, 0, UNIX_MS)
    assert session.is_closed == (len(text.encode()) > FRAME_BYTES_MAX)


def test_two_byte_letters_are_counted_as_two() -> None:
    session = open_session()
    session.receive_frame("ы" * (FRAME_BYTES_MAX // 2 + 1), 0, UNIX_MS)
    (close,) = session.effects()
    assert isinstance(close, Close)
    assert close.code.number == 4503


def test_frames_become_effects_in_order() -> None:
    session = open_session()
    give(session, op="subscribe", id=2, channel="talk:a")
    give(session, op="publish", id=3, channel="talk:a", command_id="msg_" + "0" * 32, data={"text": "hi"})
    give(session, op="unsubscribe", id=4, channel="talk:a")
    effects = session.effects()
    assert effects == [
        Join(2, "talk:a", None),
        Command(3, "talk:a", "msg_" + "0" * 32, b'{"text": "hi"}'),
        Leave(4, "talk:a"),
    ]
    assert session.effects() == []


def test_pings_keep_the_link_and_silence_ends_it() -> None:
    session = open_session()
    moments = []
    while not session.is_closed:
        due = session.next_timer_ms()
        assert due is not None
        session.handle_timer(due, UNIX_MS)
        moments.append(due)
    assert moments == [25_000, 50_000, 75_000]
    assert [frame.__class__.__name__ for frame in sent(session)] == ["ServerPing", "ServerPing"]
    (close,) = session.effects()
    assert isinstance(close, Close)
    assert close.code.name == "no_pong"


def test_any_frame_is_a_sign_of_life() -> None:
    session = open_session()
    for round_number in range(1, 20):
        session.handle_timer(round_number * 25_000, UNIX_MS)
        give(session, now_ms=round_number * 25_000 + 10, op="pong")
    assert not session.is_closed


def test_a_timer_that_comes_early_does_nothing() -> None:
    session = open_session()
    session.handle_timer(24_999, UNIX_MS)
    assert sent(session) == []
    assert session.next_timer_ms() == 25_000


def test_strikes_are_forgiven_after_a_minute() -> None:
    session = open_session()
    for number in range(10):
        session.receive_frame("{", number * 61_000.0, UNIX_MS)
        session.receive_frame('{"op":"pong"}', number * 61_000.0, UNIX_MS)
    assert not session.is_closed
    for _ in range(2):
        session.receive_frame("{", 9 * 61_000.0 + 1, UNIX_MS)
    assert session.is_closed


def test_nothing_comes_out_of_a_closed_session() -> None:
    session = open_session()
    give(session, op="subscribe", id=2, channel="talk:a")
    session.close(CLOSE_SHUTDOWN)
    session.close(CLOSE_SHUTDOWN)
    give(session, op="ping", id=3, t0_ms=0)
    session.connected(1, "gst_1", 0, UNIX_MS)
    session.joined("talk:a")
    session.send(Unsubscribed(channel="talk:a"))
    assert session.effects() == [Close(CLOSE_SHUTDOWN)]
    assert sent(session) == []
    assert session.channels == []


def test_a_second_connect_is_a_mistake() -> None:
    session = open_session()
    give(session, op="connect", id=2, ticket="t" * 16)
    (error,) = sent(session)
    assert msgspec.to_builtins(error)["name"] == "malformed"


@pytest.mark.parametrize("frame", [frame for frame in AnyClientFrame.__args__ if frame.__struct_config__.tag != "connect"])
def test_nothing_but_connect_is_taken_first(frame: type[msgspec.Struct]) -> None:
    values = {"id": 1, "channel": "talk:a", "command_id": "msg_" + "0" * 32, "data": {}, "t0_ms": 1.0}
    given_fields: dict[str, Any] = {name: values[name] for name in frame.__struct_fields__ if name in values}
    session = Session("con_1", 0, LIMITS)
    give(session, op=frame.__struct_config__.tag, **given_fields)
    (error,) = sent(session)
    assert msgspec.to_builtins(error)["name"] == "not_signed_in"
    assert session.effects() == []
