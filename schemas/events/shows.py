"""Facts of the module `shows`."""

from typing import ClassVar

from schemas.base import Event


class ShowScheduled(Event, frozen=True, tag="shows.show_scheduled.v1"):
    """A host made a show; nobody has seen it yet."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    host_id: str
    title: str
    scheduled_at_ms: int


class ShowChanged(Event, frozen=True, tag="shows.show_changed.v1"):
    """A show that has not begun is announced differently: another title, time, cover, or (un)listed. `rescheduled` says whether
    the time is another one."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    host_id: str
    title: str
    scheduled_at_ms: int
    rescheduled: bool


class ShowStarted(Event, frozen=True, tag="shows.show_started.v1"):
    """The show is on air."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    host_id: str
    started_at_ms: int


class ShowEnded(Event, frozen=True, tag="shows.show_ended.v1"):
    """The show is over and does not come back."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    ended_at_ms: int


class RehearsalMade(Event, frozen=True, tag="shows.rehearsal_made.v1"):
    """A host rehearses a show: a copy of it, which is a show of its own, for nobody but those who have its link."""

    SUBJECT: ClassVar[str] = "rehearsal_id"
    rehearsal_id: str
    show_id: str
    host_id: str


class ProductPinned(Event, frozen=True, tag="shows.product_pinned.v1"):
    """A product is shown in every player."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    sku: str
    pinned_at_ms: int


class ProductUnpinned(Event, frozen=True, tag="shows.product_unpinned.v1"):
    """A product is no longer shown in the players."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    sku: str
    unpinned_at_ms: int = 0
