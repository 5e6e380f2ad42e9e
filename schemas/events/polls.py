"""Facts of the module `polls`."""

from typing import ClassVar

from schemas.base import Event


class PollOpened(Event, frozen=True, tag="polls.poll_opened.v1"):
    """The host asks everybody."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    poll_id: str
    question: str
    options: list[str]
    closes_at_ms: int


class PollClosed(Event, frozen=True, tag="polls.poll_closed.v1"):
    """The poll is over; `counts` are the votes of each option."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    poll_id: str
    counts: list[int]
    closed_at_ms: int
