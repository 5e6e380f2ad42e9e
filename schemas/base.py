"""The base shapes of everything that crosses a process: events, questions, HTTP bodies and frames.

An *event* is a fact in the past tense. It never changes its meaning: adding an optional field is allowed, anything else is
a new version (`….v2`). A *request* is a question that exactly one module answers, in the same process.
"""

from typing import ClassVar, Generic, TypeVar

import msgspec

ReplyT = TypeVar("ReplyT", covariant=True)


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """A fact. Subclasses name their wire type as `tag="<module>.<noun>_<past participle>.v<n>"`.

    Unknown fields are accepted when decoding: during a rolling deploy an older worker reads a newer event.
    """

    SUBJECT: ClassVar[str]
    """Name of the field that says what the event is about; events of one subject keep their order in the outbox."""


class Request(Generic[ReplyT]):
    """A question; the type argument is the shape of the answer. Questions stay inside one process, so they are not encoded."""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client may send: an unknown field is an error, so that a typing mistake is noticed."""


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What a client gets. Clients must ignore fields that they do not know."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a bus topic. Attribute names follow CloudEvents 1.0; `data` is the encoded event, its `type` included."""

    id: str
    source: str
    type: str
    subject: str
    time_ms: int
    data: msgspec.Raw


def event_type(event: Event | type[Event]) -> str:
    """Wire type, e.g. `orders.order_placed.v1`."""
    tag = event.__struct_config__.tag
    assert isinstance(tag, str), event
    return tag


def event_topic(event: Event | type[Event]) -> str:
    """Topic of the event: the name of the module that emits it."""
    return event_type(event).split(".", 1)[0]


def event_subject(event: Event) -> str:
    """Value of the field that `SUBJECT` names."""
    return str(getattr(event, event.SUBJECT))
