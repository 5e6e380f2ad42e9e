"""The origin's side of the pipe: a listening socket per process, and per stream and edge a connection that is never waited for.

The only queue is the kernel's buffer of the connection. What it does not take now is sent from the layers' packet caches when it
takes more, in order; an edge that takes nothing for `STUCK_MS`, or falls back by half a cache, loses what it missed, and key
frames are asked for. So an edge that does not read costs no memory, and nobody waits for it.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable

from media.cascade import wire
from media.layer import Layer
from media.stage import Place
from media.stats import Counters
from media.stream import Pending, Stream
from media.uptrack import UpTrack

EDGES_MAX = 256
"""Connections of a process: one per stream and edge. More than any machine has cores; others are closed at once."""
SUBSCRIBE_MS = 2_000.0
"""A connection that has not said `Subscribe` for so long is closed."""
STUCK_MS = 1_000.0
"""An edge that takes nothing for so long has a problem that no repair mends: its viewers see a frozen picture already."""
BUFFER_BYTES = 1 << 20
"""Asked of the kernel, which may give less: a fifth of a second of four cameras in three layers."""

_BACKLOG = 64
_CHUNK = 48  # packets of one layer per message of a catch-up: below the default buffer of 208 KB
_MESSAGES_PER_WAKE = 8  # of one catch-up; then live packets and other edges have their turn
_READS_PER_WAKE = 16
_REMOVED_MAX = 64  # participants that an edge was not told of yet; it is cut off rather than left believing them


class EdgeLink:
    """One edge of one stream. `viewers` is how many watch there."""

    def __init__(self, pipe: "StreamPipe", sock: socket.socket) -> None:
        self.viewers = 0
        self._pipe = pipe
        self._sock = sock
        self._behind: dict[Layer, int] = {}
        """Layers that the edge has not got up to now, with the next number to send; others are live."""
        self._described = False
        self._elsewhere: int | None = None
        self._told_elsewhere: int | None = None
        self._removed: list[str] = []
        self._clocks_due = True
        self._progress_ms = pipe.now_ms()
        self._waiting = False

    def start(self) -> None:
        """Describe the stream and send the cached groups of pictures."""
        now_ms = self._pipe.now_ms()
        for layer in self._pipe.addresses:
            start = layer.replay_start(now_ms)
            if start is not None and layer.cache.highest - start < _reach(layer):
                self._behind[layer] = start
        self._catch_up()

    def changed(self) -> None:
        """The stream has another description."""
        self._described = False
        self._clocks_due = True
        self._behind = {layer: cursor for layer, cursor in self._behind.items() if layer in self._pipe.addresses}
        self._speak()

    def send(self, pending: Pending, message: list[bytes]) -> None:
        """The packets of a tick, which `message` has in the form of the wire."""
        if self._waiting:
            self._drop_if_stuck()
        behind = self._behind
        if behind:
            pending = [(layer, packet) for layer, packet in pending if packet.sequence < behind.get(layer, packet.sequence + 1)]
            message = wire.packets(pending, self._pipe.addresses) if pending else []
        if message and not (self._speak() and self._try(message)):
            self._keep_for_later(pending)

    def remove(self, participant_id: str) -> None:
        """This participant must not watch any more."""
        self._removed.append(participant_id)
        if len(self._removed) > _REMOVED_MAX:
            self._pipe.drop(self)
        else:
            self._speak()

    def report(self, elsewhere: int) -> None:
        """Every second: clocks and viewers."""
        self._elsewhere = elsewhere
        self._clocks_due = True
        if self._behind:
            self._drop_if_stuck()
        self._speak()

    def close(self) -> None:
        """End the connection."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._sock)
        loop.remove_writer(self._sock)
        self._sock.close()

    def _speak(self) -> bool:
        """Say what is due beside packets; False when the edge takes no more now. What is not said stays due."""
        if not self._described:
            if not self._try([self._pipe.description]):
                return False
            self._described = True
        while self._removed:
            if not self._try([wire.encode(wire.Removed(self._removed[0]))]):
                return False
            del self._removed[0]
        if self._elsewhere != self._told_elsewhere and self._elsewhere is not None:
            if not self._try([wire.encode(wire.Elsewhere(self._elsewhere))]):
                return False
            self._told_elsewhere = self._elsewhere
        if self._clocks_due and not self._behind:
            if not self._try([self._pipe.clocks()]):
                return False
            self._clocks_due = False
        return True

    def _try(self, message: list[bytes]) -> bool:
        try:
            self._sock.sendmsg(message)
        except BlockingIOError:
            if not self._waiting:
                self._waiting = True
                asyncio.get_running_loop().add_writer(self._sock, self._catch_up)
            return False
        except OSError:
            self._pipe.drop(self)
            return False
        self._progress_ms = self._pipe.now_ms()
        return True

    def _keep_for_later(self, pending: Pending) -> None:
        for layer in {layer for layer, _ in pending}:
            if layer not in self._behind:
                lowest = min(other.sequence for of, other in pending if of is layer)
                self._behind[layer] = max(lowest, layer.cache.highest - wire.PACKETS_MAX)  # without a late repair
        self._clocks_due = True

    def _catch_up(self) -> None:
        """Called when the buffer takes more: the oldest layers first, so that picture and sound stay together."""
        for _ in range(_MESSAGES_PER_WAKE):
            if not self._speak():
                return
            if not self._behind:
                self._rest()
                return
            self._drop_if_stuck()
            batch, cursors = self._next_batch()
            if batch and not self._try(wire.packets(batch, self._pipe.addresses)):
                return
            for layer, cursor in cursors.items():
                if cursor > layer.cache.highest:
                    del self._behind[layer]
                else:
                    self._behind[layer] = cursor
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().add_writer(self._sock, self._catch_up)

    def _next_batch(self) -> tuple[Pending, dict[Layer, int]]:
        batch: Pending = []
        cursors: dict[Layer, int] = {}
        for layer, cursor in sorted(self._behind.items(), key=_next_arrival)[:1]:
            end = min(cursor + _CHUNK, layer.cache.highest + 1)
            batch += [(layer, packet) for number in range(cursor, end) if (packet := layer.cache.get(number)) is not None]
            cursors[layer] = end
        return batch, cursors

    def _rest(self) -> None:
        if self._waiting:
            self._waiting = False
            asyncio.get_running_loop().remove_writer(self._sock)

    def _drop_if_stuck(self) -> None:
        stuck = self._waiting and self._pipe.now_ms() - self._progress_ms > STUCK_MS
        for layer, cursor in list(self._behind.items()):
            missed = layer.cache.highest + 1 - cursor
            if stuck or missed > _reach(layer):
                del self._behind[layer]
                self._pipe.dropped(layer, missed)


class StreamPipe:
    """The edges of a stream; a `Tap` of it (see `media.stream`). `addresses` name its layers on the wire."""

    def __init__(self, stream: Stream, counters: Counters, now_ms: Callable[[], float]) -> None:
        self.stream = stream
        self.now_ms = now_ms
        self.links: list[EdgeLink] = []
        self.addresses: dict[Layer, wire.Address] = {}
        self.description = b""
        self._counters = counters
        self._described: wire.Description | None = None
        self._describe()

    @property
    def viewers(self) -> int:
        """How many watch at all edges."""
        return sum(link.viewers for link in self.links)

    @property
    def edges(self) -> int:
        """See `media.stream.Tap`."""
        return len(self.links)

    def add(self, sock: socket.socket) -> EdgeLink:
        """A new edge."""
        self.stream.flush()  # so that nothing pending is sent twice
        self.changed()
        link = EdgeLink(self, sock)
        self.links.append(link)
        if self not in self.stream.taps:
            self.stream.taps.append(self)
        link.start()
        return link

    def drop(self, link: EdgeLink) -> None:
        """This edge is gone; its viewers are counted no more."""
        if link in self.links:
            self.links.remove(link)
            link.close()
            self.stream.elsewhere = self.viewers
            if not self.links:
                self.stream.taps.remove(self)

    def send(self, pending: Pending) -> None:
        """See `media.stream.Tap`. Encoded once for all edges."""
        if any(layer not in self.addresses for layer, _ in pending):
            self.changed()
        known = [(layer, packet) for layer, packet in pending if layer in self.addresses]  # a layer may have gone meanwhile
        if known:
            message = wire.packets(known, self.addresses)
            self._counters.pipe_packets_out += len(known) * len(self.links)
            for link in list(self.links):
                link.send(known, message)

    def changed(self) -> None:
        """See `media.stream.Tap`."""
        if self._describe():
            for link in list(self.links):
                link.changed()

    def report(self) -> None:
        """Every second."""
        self.changed()
        self.stream.elsewhere = viewers = self.viewers
        for link in list(self.links):
            link.report(len(self.stream.subscribers) + viewers - link.viewers)

    def removed(self, participant_id: str) -> None:
        """This participant must not watch any more, wherever it does."""
        for link in list(self.links):
            link.remove(participant_id)

    def clocks(self) -> bytes:
        """The message of now."""
        now_ms = self.now_ms()
        stamps = [
            (*self.addresses[layer], (self.stream.timestamp_now(track, now_ms) - layer.skew_ticks) & 0xFFFFFFFF)
            for track in self.stream.tracks
            if track.packets
            for layer in track.layers
            if layer in self.addresses
        ]
        return wire.encode(wire.Clocks(now_ms, tuple(stamps)))

    def dropped(self, layer: Layer, packets: int) -> None:
        """An edge has lost packets for good."""
        self._counters.dropped_pipe_full += packets
        if layer.needs_key:
            layer.keyframes.request()

    def receive(self, link: EdgeLink, message: wire.ToOrigin) -> None:
        """What an edge says."""
        if isinstance(message, wire.KeyframeWanted):
            layer = next((layer for layer, at in self.addresses.items() if at == (message.track, message.layer)), None)
            if layer is not None and layer.needs_key:
                self._counters.plis_in += 1
                self._counters.plis_suppressed += layer.keyframes.wanted
                layer.keyframes.request()
        elif isinstance(message, wire.Viewers):
            link.viewers = max(0, message.count)
            self.stream.elsewhere = self.viewers

    def _describe(self) -> bool:
        tracks = self.stream.tracks
        described = wire.Description(
            tuple(place.view() for place in self._places()), tuple(_describe_track(track) for track in tracks)
        )
        if described == self._described:
            return False
        self._described, self.description = described, wire.encode(described)
        self.addresses = {
            layer: (wire.track_key(track.place, track.kind), index)
            for track in tracks
            for index, layer in enumerate(track.layers)
        }
        return True

    def _places(self) -> list[Place]:
        return [place for place in self.stream.stage.places if place.participant_id]


class PipeServer:
    """The socket of this process that edges connect to. Whoever may write to its file (mode 0600) is one of ours."""

    def __init__(
        self, path: str, subscribe: Callable[[str], StreamPipe], counters: Counters, now_ms: Callable[[], float]
    ) -> None:
        """`subscribe` gives the pipe of a stream."""
        self._path = path
        self._subscribe = subscribe
        self._counters = counters
        self._now_ms = now_ms
        self._listener: socket.socket | None = None
        self._new: dict[socket.socket, float] = {}
        self._links: dict[socket.socket, tuple[StreamPipe, EdgeLink]] = {}

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: the path cannot be used.
        """
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)  # left over from a process that was killed
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            os.fchmod(listener.fileno(), 0o600)  # before there is a file that others could open
            listener.bind(self._path)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
        listener.setblocking(False)
        self._listener = listener
        asyncio.get_running_loop().add_reader(listener, self._accept)

    def close(self) -> None:
        """End every connection, and listen no more."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
        for sock in [*self._new, *self._links]:
            self._end(sock)

    def each_second(self, now_ms: float) -> None:
        """Close connections that say nothing, and forget those whose edge was dropped."""
        for sock in [sock for sock, since_ms in self._new.items() if now_ms - since_ms > SUBSCRIBE_MS]:
            self._end(sock)
        for sock in [sock for sock in self._links if sock.fileno() < 0]:
            del self._links[sock]

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            sock, _ = self._listener.accept()
        except OSError:  # the edge has gone already, or this process has no descriptor left
            return
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        if len(self._new) + len(self._links) >= EDGES_MAX:
            sock.close()
            return
        self._new[sock] = self._now_ms()
        asyncio.get_running_loop().add_reader(sock, self._read, sock)

    def _read(self, sock: socket.socket) -> None:
        for _ in range(_READS_PER_WAKE):
            try:
                data = sock.recv(4096)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data or not self._receive(sock, data):
                self._end(sock)
                return

    def _receive(self, sock: socket.socket, data: bytes) -> bool:
        try:
            message = wire.decode_to_origin(data)
        except wire.WireError:
            self._counters.dropped_malformed += 1
            return False
        known = self._links.get(sock)
        if known is not None:
            known[0].receive(known[1], message)
        elif isinstance(message, wire.Subscribe) and message.version == wire.VERSION:
            del self._new[sock]
            pipe = self._subscribe(message.stream_id)
            self._links[sock] = (pipe, pipe.add(sock))
        else:
            return False
        return True

    def _end(self, sock: socket.socket) -> None:
        self._new.pop(sock, None)
        known = self._links.pop(sock, None)
        if known is not None:
            known[0].drop(known[1])
        if sock.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()


def _describe_track(track: UpTrack) -> wire.TrackDescription:
    return wire.TrackDescription(
        wire.track_key(track.place, track.kind),
        track.codec_name,
        track.profile_level_id,
        track.stereo,
        track.offered,
        tuple(layer.rid for layer in track.layers),
    )


def _reach(layer: Layer) -> int:
    """How far an edge may fall back: half the cache, so that what it is sent is still there when it is sent."""
    return layer.cache.capacity // 2


def _next_arrival(item: tuple[Layer, int]) -> float:
    layer, cursor = item
    packet = layer.cache.get(cursor)
    return packet.arrived_ms if packet is not None else 0.0
