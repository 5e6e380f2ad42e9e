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


class ParticipantConnected(Event, frozen=True, tag="media.participant_connected.v1"):
    """A guest's first packets arrived; `place` is where its tracks are, from 1 on."""

    SUBJECT: ClassVar[str] = "stream_id"
    stream_id: str
    participant_id: str
    place: int
    connected_at_ms: int


class ParticipantDisconnected(Event, frozen=True, tag="media.participant_disconnected.v1"):
    """A guest's session is over, whoever ended it; its place is free."""

    SUBJECT: ClassVar[str] = "stream_id"
    stream_id: str
    participant_id: str
    disconnected_at_ms: int
