"""Decisions of the polls: what may be asked, which vote counts, when it is over. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

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
from schemas.http.polls import POLLS_MAX, OpenPoll, PollsState, PollStatus, PollView
from schemas.http.shows import ShowView
from schemas.requests.moderation import Door
from server.channels.text import KEPT_FORMAT, clean_text


class Facts(NamedTuple):
    """The show, and who moderates it."""

    show: ShowView
    door: Door


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """A poll with its counts, one per option."""

    poll_id: str
    show_id: str
    opened_by: str
    question: str
    options: tuple[str, ...]
    counts: tuple[int, ...]
    status: PollStatus
    hide_results: bool
    opened_at_ms: int
    closes_at_ms: int
    closed_at_ms: int | None = None


class Refusal(NamedTuple):
    """Why not, and what to do instead."""

    error: WireError
    detail: str = ""


def moderates(facts: Facts, actor_id: str) -> bool:
    """Whether somebody may open and close polls, and see counts that are hidden."""
    return facts.door.may_moderate(actor_id)


def open_poll(body: OpenPoll, facts: Facts, actor_id: str, open_now: int, now_ms: int) -> Poll | Refusal:
    """A new poll beside `open_now` others. As many may be open as a player shows, so that none counts out of sight."""
    if not moderates(facts, actor_id):
        return Refusal(FORBIDDEN, "Only the host and moderators of the show may do this.")
    if facts.show.state == "ended":
        return Refusal(SHOW_ENDED)
    question, options = clean_text(body.question), tuple(clean_text(option) for option in body.options)
    if not all(_shows(text) for text in (question, *options)):
        return Refusal(INVALID_FIELD, "The question and each option need a visible text.")
    if len(set(options)) < len(options):
        return Refusal(INVALID_FIELD, "Two options are the same.")
    if open_now >= POLLS_MAX:
        return Refusal(TOO_MANY_POLLS, f"{POLLS_MAX} polls are open; close one first.")
    return Poll(
        poll_id=body.poll_id,
        show_id=body.show_id,
        opened_by=actor_id,
        question=question,
        options=options,
        counts=(0,) * len(options),
        status="open",
        hide_results=body.hide_results,
        opened_at_ms=now_ms,
        closes_at_ms=now_ms + body.duration_ms,
    )


def is_repetition(poll: Poll, body: OpenPoll, actor_id: str) -> bool:
    """Whether `body` is the command that opened `poll`, sent again."""
    question, options = clean_text(body.question), tuple(clean_text(option) for option in body.options)
    given = (actor_id, body.show_id, question, options)
    same = given == (poll.opened_by, poll.show_id, poll.question, poll.options)
    return same and (body.hide_results, body.duration_ms) == (poll.hide_results, poll.closes_at_ms - poll.opened_at_ms)


def cast(poll: Poll | None, show_id: str, before: int | None, option: int, now_ms: int) -> Poll | Refusal:
    """The poll with one more vote of somebody who has voted for `before`. The same vote again changes nothing, even when the poll
    is over by then: the first answer may have been lost."""
    if poll is None or poll.show_id != show_id:
        return Refusal(NOT_FOUND, "There is no such poll in this show.")
    if before is not None:
        return poll if before == option else Refusal(ALREADY_VOTED)
    if poll.status == "closed" or now_ms >= poll.closes_at_ms:
        return Refusal(POLL_CLOSED)
    if option >= len(poll.options):
        return Refusal(INVALID_FIELD, f"The poll has {len(poll.options)} options; they count from 0.")
    counts = tuple(votes + (place == option) for place, votes in enumerate(poll.counts))
    return msgspec.structs.replace(poll, counts=counts)


def close(poll: Poll, now_ms: int) -> Poll:
    """The end of a poll; a closed one stays as it is. It closed at its time, however late somebody notices."""
    if poll.status == "closed":
        return poll
    return msgspec.structs.replace(poll, status="closed", closed_at_ms=min(now_ms, poll.closes_at_ms))


def view(poll: Poll, *, all_counts: bool) -> PollView:
    """A poll as the host (`all_counts`) or a viewer sees it."""
    hidden = poll.hide_results and poll.status == "open" and not all_counts
    return PollView(
        poll_id=poll.poll_id,
        question=poll.question,
        options=list(poll.options),
        counts=None if hidden else list(poll.counts),
        total=sum(poll.counts),
        status=poll.status,
        hide_results=poll.hide_results,
        opened_at_ms=poll.opened_at_ms,
        closes_at_ms=poll.closes_at_ms if poll.closed_at_ms is None else poll.closed_at_ms,
    )


def state(version: int, polls: Sequence[Poll], *, all_counts: bool) -> PollsState:
    """What the channels carry."""
    return PollsState(version=version, polls=[view(poll, all_counts=all_counts) for poll in polls])


def _shows(text: str) -> bool:
    return bool(set(text) - KEPT_FORMAT - {" "})  # joiners alone show nothing
