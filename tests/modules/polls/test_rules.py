"""What may be asked in a poll, which vote counts, and when it is over."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import (
    ALREADY_VOTED,
    FORBIDDEN,
    INVALID_FIELD,
    NOT_FOUND,
    POLL_CLOSED,
    SHOW_ENDED,
    TOO_MANY_POLLS,
    WireError,
)
from schemas.http.polls import POLLS_MAX, OpenPoll
from schemas.http.shows import ShowView
from schemas.requests.moderation import Door
from server.modules.polls import rules
from server.modules.polls.channel import PollChannel, PollDeskChannel
from server.modules.polls.rules import Facts, Poll, Refusal
from tests.channels.proof import assert_law, assert_overlap_is_harmless
from tests.modules.world import SHOW_ID, an_id

NOW_MS = 5_000_000
BODY = OpenPoll(poll_id=an_id("pol", 1), show_id=SHOW_ID, question="Which colour?", options=["red", "blue", "green"])


def facts(state: str = "live", *, moderator: bool = False) -> Facts:
    show = ShowView(
        show_id=SHOW_ID,
        host_id="acc_1",
        host_name="Hanna",
        title="Dresses",
        description="",
        state=state,
        unlisted=False,
        on_air=True,
        scheduled_at_ms=0,
        started_at_ms=0,
        ended_at_ms=None,
        cover_url=None,
    )
    return Facts(show, Door("acc_1", frozenset({"acc_2"} if moderator else ()), frozenset()))


def opened(**changes: object) -> Poll:
    poll = rules.open_poll(msgspec.structs.replace(BODY, **changes), facts(), "acc_1", 0, NOW_MS)
    assert isinstance(poll, Poll), poll
    return poll


def error_of(outcome: object) -> WireError:
    assert isinstance(outcome, Refusal), outcome
    return outcome.error


def test_a_poll_closes_by_the_servers_clock() -> None:
    poll = opened(duration_ms=10_000)
    assert (poll.status, poll.closes_at_ms, poll.counts) == ("open", NOW_MS + 10_000, (0, 0, 0))
    assert isinstance(rules.cast(poll, SHOW_ID, None, 0, NOW_MS + 9_999), Poll)
    assert error_of(rules.cast(poll, SHOW_ID, None, 0, NOW_MS + 10_000)) == POLL_CLOSED


def test_only_the_host_and_moderators_ask_while_the_show_is_not_over() -> None:
    assert error_of(rules.open_poll(BODY, facts(), "acc_2", 0, NOW_MS)) == FORBIDDEN
    assert isinstance(rules.open_poll(BODY, facts(moderator=True), "acc_2", 0, NOW_MS), Poll)
    assert isinstance(rules.open_poll(BODY, facts("scheduled"), "acc_1", 0, NOW_MS), Poll)
    assert error_of(rules.open_poll(BODY, facts("ended"), "acc_1", 0, NOW_MS)) == SHOW_ENDED
    assert isinstance(rules.open_poll(BODY, facts(), "acc_1", POLLS_MAX - 1, NOW_MS), Poll)
    assert error_of(rules.open_poll(BODY, facts(), "acc_1", POLLS_MAX, NOW_MS)) == TOO_MANY_POLLS


def test_texts_are_cleaned_and_options_differ() -> None:
    assert opened(question=" a\u202eb\n", options=["x\u0000", " y "]).options == ("x", "y")
    for changes in ({"question": "\u200d"}, {"options": ["red", " "]}, {"options": ["red", "red\u200b"]}):
        assert error_of(rules.open_poll(msgspec.structs.replace(BODY, **changes), facts(), "acc_1", 0, NOW_MS)) == INVALID_FIELD


def test_opening_again_is_recognised_by_its_content() -> None:
    poll = opened()
    assert rules.is_repetition(poll, BODY, "acc_1")
    assert not rules.is_repetition(poll, BODY, "acc_2")
    for changes in ({"question": "?"}, {"options": ["a", "b"]}, {"hide_results": True}, {"duration_ms": 70_000}):
        assert not rules.is_repetition(poll, msgspec.structs.replace(BODY, **changes), "acc_1")


def test_one_vote_each_and_it_stays() -> None:
    poll = opened()
    assert rules.cast(poll, SHOW_ID, 1, 1, NOW_MS) is poll
    assert error_of(rules.cast(poll, SHOW_ID, 1, 2, NOW_MS)) == ALREADY_VOTED
    assert error_of(rules.cast(poll, SHOW_ID, None, 3, NOW_MS)) == INVALID_FIELD
    assert error_of(rules.cast(poll, an_id("shw", 2), None, 0, NOW_MS)) == NOT_FOUND
    assert error_of(rules.cast(None, SHOW_ID, None, 0, NOW_MS)) == NOT_FOUND


def test_a_repeated_vote_is_fine_after_the_end() -> None:
    poll = rules.close(opened(), NOW_MS + 5)
    assert rules.cast(poll, SHOW_ID, 1, 1, NOW_MS + 10**9) is poll


def test_a_poll_closed_early_says_so_and_one_closed_late_closed_in_time() -> None:
    early = rules.close(opened(duration_ms=60_000), NOW_MS + 5)
    assert (early.status, early.closed_at_ms, rules.view(early, all_counts=False).closes_at_ms) == (
        "closed",
        NOW_MS + 5,
        NOW_MS + 5,
    )
    late = rules.close(opened(duration_ms=60_000), NOW_MS + 61_000)
    assert late.closed_at_ms == NOW_MS + 60_000
    assert rules.close(late, NOW_MS + 99_000) is late


def test_hidden_results_are_on_no_viewers_wire_before_the_end() -> None:
    voted = rules.cast(opened(hide_results=True), SHOW_ID, None, 2, NOW_MS)
    assert isinstance(voted, Poll)
    hidden = rules.view(voted, all_counts=False)
    assert (hidden.counts, hidden.total) == (None, 1)
    assert rules.view(voted, all_counts=True).counts == [0, 0, 1]
    assert rules.view(rules.close(voted, NOW_MS + 1), all_counts=False).counts == [0, 0, 1]


Votes = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 9_000)), max_size=40)


@given(Votes)
def test_the_counts_are_the_accepted_votes_in_whatever_order_they_come(votes: list[tuple[int, int, int]]) -> None:
    poll, cast = opened(duration_ms=10_000), dict[int, int]()
    for voter, option, later_ms in votes:
        outcome = rules.cast(poll, SHOW_ID, cast.get(voter), option, NOW_MS + 2 * later_ms)
        if isinstance(outcome, Poll):
            assert voter not in cast or (outcome is poll and cast[voter] == option)
            cast.setdefault(voter, option)
            poll = outcome
        else:
            assert option == 3 or voter in cast or 2 * later_ms >= 10_000
    assert list(poll.counts) == [sum(option == place for option in cast.values()) for place in range(3)]


def test_the_channels_keep_the_law() -> None:
    polls = [opened()]
    for step in range(12):
        voted = rules.cast(polls[-1], SHOW_ID, None, step % 3, NOW_MS)
        assert isinstance(voted, Poll)
        polls.append(voted)
    for kind, all_counts in ((PollChannel(), False), (PollDeskChannel(), True)):
        log = [rules.state(version, [poll], all_counts=all_counts) for version, poll in enumerate(polls, start=1)]
        empty = rules.state(0, [], all_counts=all_counts)
        assert_law(kind, empty, log)
        assert_overlap_is_harmless(kind, empty, log)
