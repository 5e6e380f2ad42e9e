"""What viewers are told beside the media: the server-sent events of WHEP (draft-ietf-wish-whep core extensions).

Events are states, not a history: a state that was replaced before it was read is of no use to anybody. So a listener keeps at
most one frame per kind, and what a slow one missed costs nothing.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Literal, Protocol, get_args

import msgspec

from schemas.base import Event
from schemas.errors import NOT_FOUND, UNAVAILABLE, Refused
from schemas.events.media import StreamEnded, StreamStarted
from schemas.media import LayerView

EventKind = Literal["active", "inactive", "layers", "viewercount", "reconnect"]
EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)

HEARTBEAT_S = 15.0
"""A comment after so long a silence: below the 30 to 60 s after which proxies and mobile networks forget a connection."""
LISTENERS_PER_SESSION_MAX = 2
"""One, and one of a player that lost its connection before we noticed. Another one ends the oldest."""
LOOK_S = 1.0  # viewer count and layers are compared so often
TICK_S = 0.02
WAKES_PER_TICK = 32
"""Writing to a listener costs about 50 µs. A thousand of them at once would stop the media for 50 ms: this is 1.6 ms per tick,
and everybody of 1600 knows within a second."""

_ACTIVE, _INACTIVE, _RECONNECT = (b"event: %s\ndata: {}\n\n" % kind for kind in (b"active", b"inactive", b"reconnect"))
_encode = msgspec.json.Encoder().encode


class Watched(Protocol):
    """What is told of a stream."""

    @property
    def active(self) -> bool:
        """Whether the host's packets are coming."""

    @property
    def viewers(self) -> int:
        """How many watch, at all processes."""

    def layers(self) -> Mapping[int, Sequence[LayerView]]:
        """Per place: the encodings of its picture."""


class Listener:
    """One event stream. `places` are pairs of m-line index and place of the session's pictures: `layers` is told by m-line."""

    def __init__(self, session_id: str, stream_id: str, kinds: Iterable[EventKind], places: Sequence[tuple[int, int]]) -> None:
        self.id = secrets.token_urlsafe(12)
        self.session_id = session_id
        self.stream_id = stream_id
        self.kinds = frozenset(kinds)
        self.places = tuple(places)
        self.ended = False
        """What is pending is still read, then there is nothing more."""
        self.reads = 0
        self._pending: dict[str, bytes] = {}
        self._wake = asyncio.Event()

    def put(self, kind: EventKind, frame: bytes) -> bool:
        """Replace the pending frame of this kind; whether the listener wants it. `wake` makes it leave."""
        if kind not in self.kinds:
            return False
        slot = "publication" if kind in ("active", "inactive") else kind
        self._pending.pop(slot, None)  # so that the order is that of the newest states
        self._pending[slot] = frame
        return True

    def wake(self) -> None:
        """Let the reader go on."""
        self._wake.set()

    async def read(self) -> AsyncIterator[bytes]:
        """Frames until the session ends or somebody else reads: a player connects again before we notice that it had gone."""
        self.reads += 1
        turn = self.reads
        self._wake.set()  # the reader before sees that its turn is over
        yield b":\n\n"  # lets proxies and the player see that the stream is open
        while turn == self.reads:
            if self._pending:
                frames = b"".join(self._pending.values())
                self._pending.clear()
                yield frames
            elif self.ended:
                return
            else:
                self._wake.clear()
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        await self._wake.wait()
                except TimeoutError:
                    yield b":\n\n"


class _Audience:
    """The listeners of a stream, and what they were told last."""

    def __init__(self) -> None:
        self.listeners: dict[str, Listener] = {}
        self.viewers = -1
        self.layers: object = None


class EventHub:
    """Compares the streams with what was told, and tells the difference. Started by the node; nothing here blocks the media."""

    def __init__(self, streams: Mapping[str, Watched]) -> None:
        self._streams = streams
        self._audiences: dict[str, _Audience] = {}
        self._by_session: dict[str, list[Listener]] = {}
        self._due: dict[str, Listener] = {}  # who is to be woken, in this order; each once
        self._timer: asyncio.TimerHandle | None = None
        self._draining = False

    def __len__(self) -> int:
        return sum(len(listeners) for listeners in self._by_session.values())

    def open(self, session_id: str, stream_id: str, kinds: Iterable[EventKind], places: Sequence[tuple[int, int]]) -> Listener:
        """A new listener of a session; the oldest is ended when there are too many.

        Raises:
            Refused: the node is about to stop.
        """
        if self._draining:
            raise Refused(UNAVAILABLE, "This media node is about to stop; connect again")
        mine = self._by_session.setdefault(session_id, [])
        if len(mine) == LISTENERS_PER_SESSION_MAX:
            self._end(mine[0])
        listener = Listener(session_id, stream_id, kinds, places)
        self._by_session.setdefault(session_id, []).append(listener)
        self._audiences.setdefault(stream_id, _Audience()).listeners[listener.id] = listener
        return listener

    def find(self, session_id: str, listener_id: str) -> Listener:
        """Raises:
        Refused: there is none, or it has ended.
        """
        for listener in self._by_session.get(session_id, ()):
            if listener.id == listener_id:
                return listener
        raise Refused(NOT_FOUND, "This event stream is over or never was")

    def read(self, listener: Listener) -> AsyncIterator[bytes]:
        """Frames for one connection, which begin with the state of the moment: what an earlier connection lost is told again."""
        stream = self._streams.get(listener.stream_id)
        if stream is not None and not self._draining:
            if stream.active:
                listener.put("active", _ACTIVE)
            elif listener.reads:  # never first: the draft forbids it
                listener.put("inactive", _INACTIVE)
            listener.put("viewercount", _viewer_count(stream.viewers))
            listener.put("layers", _layers(stream.layers(), listener.places))
        return listener.read()

    def close(self, session_id: str, listener_id: str) -> None:
        """The player wants no more.

        Raises:
            Refused: see `find`.
        """
        self._end(self.find(session_id, listener_id))

    def end_session(self, session_id: str) -> None:
        """The session is over, and its event streams with it."""
        for listener in list(self._by_session.get(session_id, ())):
            self._end(listener)

    def told(self, event: Event) -> None:
        """A fact of the relay: the publisher came or went."""
        if isinstance(event, StreamStarted):
            self._tell(event.stream_id, "active", _ACTIVE)
        elif isinstance(event, StreamEnded):
            self._tell(event.stream_id, "inactive", _INACTIVE)

    def look(self, open_sessions: Mapping[str, object]) -> None:
        """Once a second: end what belongs to no session any more, tell viewer counts and layers that changed."""
        for session_id in [key for key in self._by_session if key not in open_sessions]:
            self.end_session(session_id)
        for stream_id, audience in self._audiences.items():
            stream = self._streams.get(stream_id)
            if stream is None:
                continue
            if stream.viewers != audience.viewers:
                audience.viewers = stream.viewers
                self._tell(stream_id, "viewercount", _viewer_count(stream.viewers))
            layers = stream.layers()
            # The bitrate changes every second; it is told when something else does.
            shape = [(v.place, v.rid, v.width, v.height, v.active) for views in layers.values() for v in views]
            if shape != audience.layers:
                audience.layers = shape
                self._tell_layers(audience, layers)

    def pump(self) -> None:
        """Wake the next few listeners."""
        for _ in range(min(WAKES_PER_TICK, len(self._due))):
            self._due.pop(next(iter(self._due))).wake()

    def _pump_soon(self) -> None:
        # A timer while somebody waits, and none else: a process that wakes up for nothing costs its media time.
        if self._timer is None and self._due:
            self._timer = asyncio.get_running_loop().call_later(TICK_S, self._pump_again)

    def _pump_again(self) -> None:
        self._timer = None
        self.pump()
        self._pump_soon()

    async def run(self, open_sessions: Mapping[str, object]) -> None:
        """For ever; end it by cancelling."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look(open_sessions)

    async def drain(self) -> None:
        """Ask every player to connect again (elsewhere), in the pace of `pump`, then end the streams."""
        self._draining = True
        for listeners in self._by_session.values():
            for listener in listeners:
                listener.ended = True
                listener.put("reconnect", _RECONNECT)
                self._due[listener.id] = listener
        while self._due:
            self.pump()
            await asyncio.sleep(TICK_S)

    def _tell(self, stream_id: str, kind: EventKind, frame: bytes) -> None:
        audience = self._audiences.get(stream_id)
        if audience is not None:
            self._due |= {key: listener for key, listener in audience.listeners.items() if listener.put(kind, frame)}
            self._pump_soon()

    def _tell_layers(self, audience: _Audience, layers: Mapping[int, Sequence[LayerView]]) -> None:
        frames: dict[tuple[tuple[int, int], ...], bytes] = {}  # most viewers have the same m-lines
        for listener in audience.listeners.values():
            if listener.places not in frames:
                frames[listener.places] = _layers(layers, listener.places)
            if listener.put("layers", frames[listener.places]):
                self._due[listener.id] = listener
        self._pump_soon()

    def _end(self, listener: Listener) -> None:
        listener.ended = True
        listener.wake()
        mine = self._by_session[listener.session_id]
        mine.remove(listener)
        if not mine:
            del self._by_session[listener.session_id]
        audience = self._audiences[listener.stream_id]
        del audience.listeners[listener.id]
        if not audience.listeners:
            del self._audiences[listener.stream_id]


def _viewer_count(viewers: int) -> bytes:
    return b'event: viewercount\ndata: {"viewercount":%d}\n\n' % viewers


def _layers(layers: Mapping[int, Sequence[LayerView]], places: Sequence[tuple[int, int]]) -> bytes:
    """Per m-line index the encodings of its place; one without a bitrate is inactive."""
    lines = {str(line): [_layer(view) for view in layers.get(place, ())] for line, place in places}
    return b"event: layers\ndata: " + _encode(lines) + b"\n\n"


def _layer(view: LayerView) -> dict[str, str | int]:
    # One encoding without a rid still needs a name in the draft: the first spatial layer.
    named: dict[str, str | int] = {"rid": view.rid} if view.rid else {"spatialLayerId": 0}
    if view.active:
        named["bitrate"] = view.bitrate_bps
    if view.width and view.height:
        named |= {"width": view.width, "height": view.height}
    return named
