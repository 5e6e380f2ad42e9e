"""The history of a run: what every client sent, was answered and received, in the order in which that happened.

One JSON object a line. Times are milliseconds on the monotonic clock of the process that drives the clients.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec


class Happened(msgspec.Struct, frozen=True, kw_only=True, tag_field="what"):
    """One thing that happened to one client. `at_ms` is set when it is recorded."""

    who: str
    at_ms: float = 0.0


class Opened(Happened, frozen=True, tag="opened"):
    """A connection stands, and its ticket was good. `node` says where."""

    node: str


class Lost(Happened, frozen=True, tag="lost"):
    """The connection is over, whoever ended it."""

    reason: str


class Sent(Happened, frozen=True, tag="sent"):
    """A command left, for the first time or again. `marker` is what its publication will be known by."""

    channel: str
    command_id: str
    marker: str


class Accepted(Happened, frozen=True, tag="accepted"):
    """A command was acknowledged. No position: its effect comes with a publication of the server's own."""

    channel: str
    command_id: str
    epoch: str | None = None
    offset: int | None = None


class Refused(Happened, frozen=True, tag="refused"):
    """A command was answered with an error. A temporary one says nothing about its effect."""

    channel: str
    command_id: str
    name: str
    temporary: bool


class Subscribed(Happened, frozen=True, tag="subscribed"):
    """A subscription began; `asked` is the position that the client had given. `publications` are (offset, data)."""

    channel: str
    asked: tuple[str, int] | None
    epoch: str
    offset: int
    recovered: bool
    publications: list[tuple[int, str]]
    snapshot: str


class Pushed(Happened, frozen=True, tag="pushed"):
    """A publication arrived; `data` is its JSON, byte for byte."""

    channel: str
    epoch: str
    offset: int
    data: str


class Gapped(Happened, frozen=True, tag="gapped"):
    """The server said that something is missing, and gave the state anew."""

    channel: str
    epoch: str
    offset: int
    snapshot: str


class Unsubscribed(Happened, frozen=True, tag="unsubscribed"):
    """The server ended the subscription, with a reason."""

    channel: str
    reason: str


class Stayed(Happened, frozen=True, tag="stayed"):
    """The run is over, all is quiet, and this client is still subscribed: what it shows now is what it will show."""

    channel: str


AnyEvent = Opened | Lost | Sent | Accepted | Refused | Subscribed | Pushed | Gapped | Unsubscribed | Stayed

EventT = TypeVar("EventT", bound=Happened)


class History:
    """Events in the order in which they were recorded."""

    def __init__(self, events: Iterable[AnyEvent] = ()) -> None:
        self.events: list[AnyEvent] = list(events)

    def record(self, event: AnyEvent) -> None:
        """Append, with the time."""
        self.events.append(msgspec.structs.replace(event, at_ms=time.monotonic() * 1000))

    def of(self, kind: type[EventT]) -> list[EventT]:
        """The events of one sort."""
        return [event for event in self.events if isinstance(event, kind)]

    def write(self, path: Path) -> None:
        """As JSON lines."""
        path.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in self.events))


def read(path: Path) -> History:
    """A history that `write` has written."""
    decoder = msgspec.json.Decoder(AnyEvent)
    return History(decoder.decode(line) for line in path.read_bytes().splitlines())
