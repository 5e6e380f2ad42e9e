"""Command and state of `polls:<show_id>` and `poll_desk:<show_id>`, and bodies of `/api/polls/…`."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import PollId, ShowId

POLLS_MAX = 3
"""Polls in a player: every open one, and the newest of the others. No more than this are open at a time."""
OPTIONS_MAX = 6
POLL_MS_MIN = 10_000
POLL_MS_MAX = 60 * 60_000

PollStatus = Literal["open", "closed"]
PollOption = Annotated[str, Meta(min_length=1, max_length=80)]


class OpenPoll(Body, frozen=True):
    """The host asks everybody. The client makes the id. `hide_results` shows counts to viewers only after the end."""

    poll_id: PollId
    show_id: ShowId
    question: Annotated[str, Meta(min_length=1, max_length=200)]
    options: Annotated[list[PollOption], Meta(min_length=2, max_length=OPTIONS_MAX)]
    duration_ms: Annotated[int, Meta(ge=POLL_MS_MIN, le=POLL_MS_MAX)] = 60_000
    hide_results: bool = False


class CastVote(Body, frozen=True):
    """One vote each, and it stays. `option` counts from 0."""

    poll_id: PollId
    option: Annotated[int, Meta(ge=0, lt=OPTIONS_MAX)]


class PollView(View, frozen=True):
    """A poll. `counts` is null while results are hidden; it closes at `closes_at_ms` by the server's clock."""

    poll_id: str
    question: str
    options: list[str]
    counts: list[int] | None
    total: int
    status: PollStatus
    hide_results: bool
    opened_at_ms: int
    closes_at_ms: int


class PollsState(View, frozen=True):
    """What `polls:<show_id>` carries, whole at each change: the polls of a player, newest first. `version` grows with each vote.

    `poll_desk:<show_id>` is the same with all counts, for the host and moderators.
    """

    version: int
    polls: list[PollView]


class MyVote(View, frozen=True):
    """What the caller voted for in a poll."""

    poll_id: str
    option: int


class MyVotes(View, frozen=True):
    """The caller's votes in the polls of a show."""

    votes: list[MyVote]
