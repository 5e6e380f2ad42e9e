"""One edge of a stream, as the origin sees it: a connection that is never waited for.

The only queue is the kernel's buffer of the connection. What it does not take now is sent from the layers' packet caches when it
takes more, in order; an edge that takes nothing for `STUCK_MS`, or falls back by half a cache, loses what it missed, and key
frames are asked for. So an edge that does not read costs no memory, and nobody waits for it.
"""

import asyncio
import socket
from typing import Protocol

from media.cascade import wire
from media.layer import Layer
from media.stream import Pending

STUCK_MS = 1_000.0
"""An edge that takes nothing for so long has a problem that no repair mends: its viewers see a frozen picture already."""

_CHUNK = 48  # packets of one layer per message of a catch-up: below the default buffer of 208 KB
_MESSAGES_PER_WAKE = 8  # of one catch-up; then live packets and other edges have their turn
_REMOVED_MAX = 64  # participants that an edge was not told of yet; it is cut off rather than left believing them


class Pipe(Protocol):
    """What a link needs of its stream."""

    addresses: dict[Layer, wire.Address]
    description: bytes

    def now_ms(self) -> float:
        """Monotonic."""

    def clocks(self) -> bytes:
        """The message of now."""

    def dropped(self, layer: Layer, packets: int) -> None:
        """So many are lost for good."""

    def drop(self, link: "EdgeLink") -> None:
        """End this connection."""


class EdgeLink:
    """One edge of one stream. `viewers` is how many watch there."""

    def __init__(self, pipe: Pipe, sock: socket.socket) -> None:
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
        if self._behind:
            behind = dict(self._behind)  # before the drop, which counts these packets too
            self._drop_if_stuck()
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


def _reach(layer: Layer) -> int:
    """How far an edge may fall back: half the cache, so that what it is sent is still there when it is sent."""
    return layer.cache.capacity // 2


def _next_arrival(item: tuple[Layer, int]) -> float:
    layer, cursor = item
    packet = layer.cache.get(cursor)
    return packet.arrived_ms if packet is not None else 0.0
