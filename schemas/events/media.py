"""Facts of the relay."""

from typing import ClassVar

from schemas.base import Event


class StreamStarted(Event, frozen=True, tag="media.stream_started.v1"):
    """A publisher's first packets arrived. `stream_id` is the id of the show."""

    SUBJECT: ClassVar[str] = "stream_id"
    stream_id: str
    node_id: str
    started_at_ms: int


class StreamEnded(Event, frozen=True, tag="media.stream_ended.v1"):
    """The publisher is gone: it said so, or nothing came for a while."""

    SUBJECT: ClassVar[str] = "stream_id"
    stream_id: str
    node_id: str
    ended_at_ms: int
