"""What may be said, and what the screen shows of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import INVALID_FIELD, MESSAGE_EMPTY, MESSAGE_TOO_LONG, SHOW_ENDED, WireError
from schemas.http.chat import HISTORY_MAX, ChatMessage, PostMessage
from schemas.http.shows import ScheduleShow, ShowView
from server.modules.chat import rules

MESSAGE_ID = "msg_" + "1" * 32


def a_show(state: str = "live") -> ShowView:
    body = ScheduleShow(show_id="shw_" + "1" * 32, title="Dresses")
    return ShowView(
        show_id=body.show_id,
        host_id="acc_1",
        host_name="Hanna",
        title=body.title,
        description="",
        state=state,
        unlisted=False,
        on_air=True,
        scheduled_at_ms=0,
        started_at_ms=0,
        ended_at_ms=None,
        cover_url=None,
    )


def post(text: str, author: str = "gst_1", state: str = "live", message_id: str = MESSAGE_ID) -> ChatMessage | rules.Refusal:
    return rules.post(a_show(state), author, "Bea", PostMessage(text=text), message_id, 42)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello", "hello"),
        ("  two\n\nlines\t", "two lines"),
        ("abc\u202edef", "abcdef"),
        ("a\u200bb\x07", "ab"),
        ("привет 👩\u200d💻", "привет 👩\u200d💻"),
        ("x" * 500, "x" * 500),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_a_message_is_shown_without_what_cannot_be_seen(text: str, shown: str) -> None:
    message = post(text)
    assert isinstance(message, ChatMessage)
    assert (message.text, message.message_id, message.posted_at_ms) == (shown, MESSAGE_ID, 42)


@pytest.mark.parametrize(
    ("text", "state", "message_id", "error"),
    [
        ("", "live", MESSAGE_ID, MESSAGE_EMPTY),
        (" \n\u200b\u202e ", "live", MESSAGE_ID, MESSAGE_EMPTY),
        ("x" * 501, "live", MESSAGE_ID, MESSAGE_TOO_LONG),
        ("late", "ended", MESSAGE_ID, SHOW_ENDED),
        ("hello", "live", "ord_" + "1" * 32, INVALID_FIELD),
    ],
)
def test_what_is_no_message_is_refused(text: str, state: str, message_id: str, error: WireError) -> None:
    refusal = post(text, state=state, message_id=message_id)
    assert isinstance(refusal, rules.Refusal)
    assert refusal.error == error


def test_people_talk_before_the_show_begins() -> None:
    assert isinstance(post("when do you start?", state="scheduled"), ChatMessage)


def test_only_the_host_of_the_show_has_the_badge() -> None:
    host, viewer = post("hi", "acc_1"), post("hi", "acc_2")
    assert isinstance(host, ChatMessage)
    assert isinstance(viewer, ChatMessage)
    assert (host.author_role, viewer.author_role) == ("host", "viewer")


@given(st.text(max_size=2_000))
def test_every_text_is_a_short_visible_message_or_refused(text: str) -> None:
    outcome = post(text)
    if isinstance(outcome, ChatMessage):
        assert 1 <= len(outcome.text) <= 500
        assert outcome.text == outcome.text.strip()
        assert post(outcome.text) == outcome
    else:
        assert outcome.error in (MESSAGE_EMPTY, MESSAGE_TOO_LONG)


def message(number: int, at_ms: int) -> ChatMessage:
    return ChatMessage(
        message_id=f"msg_{number:03}", author_id="gst_1", author_name="Bea", author_role="viewer", text="x", posted_at_ms=at_ms
    )


@given(st.dictionaries(st.integers(0, 200), st.integers(0, 50), max_size=HISTORY_MAX), st.data())
def test_the_screen_shows_each_message_once_however_often_and_late_it_is_heard(
    times: dict[int, int], data: st.DataObject
) -> None:
    said = [message(number, at_ms) for number, at_ms in times.items()]
    heard = data.draw(st.permutations(said + said[: len(said) // 2]))
    state: list[ChatMessage] = []
    for item in heard:
        state = rules.with_message(state, item)
    assert state == sorted(said, key=lambda item: (item.posted_at_ms, item.message_id))


def test_the_oldest_message_makes_room() -> None:
    state: list[ChatMessage] = []
    for number in range(HISTORY_MAX + 20):
        state = rules.with_message(state, message(number, number))
    assert [item.posted_at_ms for item in state] == list(range(20, HISTORY_MAX + 20))
