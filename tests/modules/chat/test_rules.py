"""What may be said, and what the screen shows of it."""

import itertools
import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import (
    BLOCKED,
    FOLLOWERS_ONLY,
    INVALID_FIELD,
    MESSAGE_EMPTY,
    MESSAGE_TOO_LONG,
    MUTED,
    SHOW_ENDED,
    WireError,
)
from schemas.http.chat import HISTORY_MAX, ChatMessage, ChatPublication, ChatState, MessageRemoval, PostMessage, Quote
from schemas.http.moderation import ModerationSettings, SanctionKind
from schemas.http.shows import ScheduleShow, ShowView
from schemas.requests.moderation import Standing
from server.modules.chat import rules
from server.modules.chat.channel import ChatChannel
from tests.channels.proof import assert_law, assert_overlap_is_harmless

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


def a_standing(
    *,
    may_moderate: bool = False,
    sanction: SanctionKind | None = None,
    until_ms: int | None = None,
    settings: ModerationSettings | None = None,
) -> Standing:
    settings = settings or ModerationSettings(filter_words=False, filter_links=False)
    return Standing(may_moderate, sanction, until_ms, settings, ("fake",))


def speak(
    text: str,
    author: str = "gst_1",
    state: str = "live",
    message_id: str = MESSAGE_ID,
    *,
    entries: Sequence[ChatPublication] = (),
    standing: Standing | None = None,
    following: bool = True,
    reply_to: str | None = None,
    mentions: tuple[str, ...] = (),
) -> rules.Said | rules.Refusal:
    speaker = rules.Speaker(author, "Bea", standing or a_standing(may_moderate=author == "acc_1"), following)
    command = PostMessage(text=text, reply_to=reply_to, mentions=mentions)
    return rules.speak(a_show(state), speaker, entries, command, message_id, 42)


def post(text: str, author: str = "gst_1", state: str = "live", message_id: str = MESSAGE_ID) -> ChatMessage | rules.Refusal:
    outcome = speak(text, author, state, message_id)
    return outcome.message if isinstance(outcome, rules.Said) else outcome


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
    host, viewer, moderator = (
        speak("hi", author, standing=standing)
        for author, standing in (("acc_1", None), ("acc_2", None), ("acc_3", a_standing(may_moderate=True)))
    )
    roles = [said.message.author_role for said in (host, viewer, moderator) if isinstance(said, rules.Said)]
    assert roles == ["host", "viewer", "moderator"]


ALL_RULES = ModerationSettings(slow_mode_s=30, followers_only=True, approve_first=True)


def test_the_host_and_moderators_are_exempt_from_every_rule() -> None:
    standing = a_standing(may_moderate=True, settings=ALL_RULES)
    said = speak("fake at shop.ru", standing=standing, following=False)
    assert isinstance(said, rules.Said)
    assert said == rules.Said(said.message)


@pytest.mark.parametrize(
    ("standing", "following", "refusal"),
    [
        (a_standing(sanction="block"), True, rules.Refusal(BLOCKED)),
        (a_standing(sanction="mute", until_ms=100), True, rules.Refusal(MUTED, retry_after_ms=58)),
        (a_standing(settings=ALL_RULES), False, rules.Refusal(FOLLOWERS_ONLY)),
    ],
)
def test_who_is_restrained_is_told_how(standing: Standing, following: bool, refusal: rules.Refusal) -> None:
    assert speak("hello", standing=standing, following=following) == refusal


def test_a_mute_that_ended_since_it_was_looked_up_is_none() -> None:
    assert isinstance(speak("hello", standing=a_standing(sanction="mute", until_ms=42)), rules.Said)


@pytest.mark.parametrize(
    ("text", "settings", "held"),
    [
        ("hello", ModerationSettings(), None),
        ("f a k e", ModerationSettings(), "banned_word"),
        ("f a k e", ModerationSettings(filter_words=False), None),
        ("shop.ru", ModerationSettings(), "link"),
        ("shop.ru", ModerationSettings(filter_links=False), None),
        ("hello", ModerationSettings(approve_first=True), "approve_first"),
        ("fake shop.ru", ModerationSettings(approve_first=True), "banned_word"),
    ],
)
def test_a_moderator_looks_first_at_what_the_rules_say(text: str, settings: ModerationSettings, held: str | None) -> None:
    said = speak(text, standing=a_standing(settings=settings))
    assert isinstance(said, rules.Said)
    assert said.held == held
    shadowed = speak(text, standing=a_standing(sanction="shadow", settings=settings))
    assert isinstance(shadowed, rules.Said)
    assert (shadowed.shadowed, shadowed.held) == (True, None), "no moderator is troubled with it"


def test_a_message_is_dated_after_what_its_node_knows_unless_that_clock_is_far_ahead() -> None:
    for last_ms, dated_ms in ((0, 42), (41, 42), (42, 43), (50, 51), (42 + rules.SKEW_MS_MAX, 42)):
        said = speak("hello", entries=[message(1, last_ms)])
        assert isinstance(said, rules.Said)
        assert said.message.posted_at_ms == dated_ms


def test_a_reply_to_what_is_not_on_the_screens_is_refused() -> None:
    entries = shown([message(1, 10), message(2, 20), removal(30, 2)])
    said = speak("yes", entries=entries, reply_to="msg_001", mentions=("gst_1", "gst_9"))
    assert isinstance(said, rules.Said)
    assert said.message.reply == rules.quote(message(1, 10))
    assert [mention.actor_id for mention in said.message.mentions] == ["gst_1"]
    for missing in ("msg_002", "msg_009"):
        refusal = speak("yes", entries=entries, reply_to=missing)
        assert isinstance(refusal, rules.Refusal)
        assert refusal.error == INVALID_FIELD


@given(st.text(max_size=2_000))
def test_every_text_is_a_short_visible_message_or_refused(text: str) -> None:
    outcome = post(text)
    if isinstance(outcome, ChatMessage):
        assert 1 <= len(outcome.text) <= 500
        assert outcome.text == outcome.text.strip()
        assert post(outcome.text) == outcome
    else:
        assert outcome.error in (MESSAGE_EMPTY, MESSAGE_TOO_LONG)


def message(number: int, at_ms: int, reply_to: int | None = None) -> ChatMessage:
    quote = None if reply_to is None else Quote(message_id=f"msg_{reply_to:03}", author_id="gst_2", author_name="Ben", text="x")
    return ChatMessage(
        message_id=f"msg_{number:03}",
        author_id="gst_1",
        author_name="Bea",
        author_role="viewer",
        text="x",
        posted_at_ms=at_ms,
        reply=quote,
    )


def removal(at_ms: int, *numbers: int) -> MessageRemoval:
    return MessageRemoval(message_ids=[f"msg_{number:03}" for number in numbers], at_ms=at_ms)


def shown(publications: Iterable[ChatPublication]) -> list[ChatPublication]:
    state: list[ChatPublication] = []
    for publication in publications:
        state = rules.with_publication(state, publication)
    return state


@given(st.dictionaries(st.integers(0, 200), st.integers(0, 50), max_size=HISTORY_MAX), st.data())
def test_the_screen_shows_each_message_once_however_often_and_late_it_is_heard(
    times: dict[int, int], data: st.DataObject
) -> None:
    said = [message(number, at_ms) for number, at_ms in times.items()]
    heard = data.draw(st.permutations(said + said[: len(said) // 2]))
    assert shown(heard) == sorted(said, key=lambda item: (item.posted_at_ms, item.message_id))


@given(st.data())
def test_a_removal_holds_whichever_of_the_two_is_heard_first(data: st.DataObject) -> None:
    said: list[ChatPublication] = [message(1, 10), message(2, 20, reply_to=1), message(3, 30), removal(40, 1, 9)]
    entries = shown(data.draw(st.permutations(said * 2)))
    removed, reply, other, last = entries
    assert isinstance(removed, ChatMessage)
    assert (removed.removed, removed.text) == (True, "")
    assert isinstance(reply, ChatMessage)
    assert reply.reply is not None
    assert (reply.text, reply.reply.text, reply.reply.author_name) == ("x", "", "Ben")
    assert (other, last) == (said[2], said[3])


def test_a_removal_hides_what_is_dated_before_it_in_whatever_order_things_are_heard() -> None:
    said: list[ChatPublication] = [message(1, 10), message(2, 20, reply_to=1), removal(25, 1), message(3, 30, reply_to=1)]
    states = [shown(order) for order in itertools.permutations(said)]
    assert all(state == states[0] for state in states)
    quotes = [entry.reply.text for entry in states[0] if isinstance(entry, ChatMessage) and entry.reply is not None]
    assert quotes == ["", "x"]


def test_the_oldest_entry_makes_room() -> None:
    entries = shown(message(number, number) for number in range(HISTORY_MAX + 20))
    assert entries == [message(number, number) for number in range(20, HISTORY_MAX + 20)]
    assert rules.with_publication(entries, removal(500, 119))[0] == message(21, 21)


@pytest.mark.parametrize("seed", range(3))
def test_the_state_follows_from_the_last_publications_alone(seed: int) -> None:
    chance = random.Random(seed)
    publications: list[ChatPublication] = []
    for number in range(1, HISTORY_MAX + 40):
        lately = chance.randint(max(0, number - 130), number)
        if chance.random() < 0.3:
            publications.append(removal(number, lately, chance.randint(0, number)))
        else:
            publications.append(message(number, number, lately if chance.random() < 0.5 else None))
    assert_law(ChatChannel(), ChatState(entries=[]), publications)
    assert_overlap_is_harmless(ChatChannel(), ChatState(entries=[]), publications)
