"""Several media processes of one machine share the viewers of a stream: a plaintext pipe of RTP, on unix sockets.

The process that has a stream's publishers is its *origin*; another one becomes an *edge* of it when the web role sends it a
viewer, or when its own publisher has moved on. Every process can be both, for different streams. `Cascade` is a node's part.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from media.cascade.edge import PipedParticipant, Upstream
from media.cascade.origin import StreamPipe
from media.cascade.server import PipeServer
from schemas.errors import UNAVAILABLE, Refused

if TYPE_CHECKING:  # the node has a cascade
    from media.node import MediaNode
    from media.stream import Stream

FOLLOW_S = 3.0
"""A viewer's request waits so long for the stream to come from its origin: a look into Redis, and milliseconds of copying."""
LOOK_MS = 1_000.0
"""Between two looks for a new origin of a stream whose viewers wait; a process is taken for dead after 5 s."""
LOOK_RARELY_MS = 5_000.0
LOOKS_OFTEN = 60
"""After a minute without an origin it is looked for rarely: viewers of a show that takes a break may stay."""
LINGER_MS = 10_000.0
"""An edge without viewers keeps the connection for so long: a player that connects again starts at once."""


class Origin(NamedTuple):
    """Where a stream is published."""

    node_id: str
    pipe: str
    """Path of its socket."""


FindOrigin = Callable[[str], Awaitable[Origin | None]]
"""Gives the living node of this machine that has the stream, by its id; None when there is none. Raises OSError when nobody
knows, because the registry cannot be asked."""


class Cascade:
    """The pipes of a node, from and to others."""

    def __init__(self, node: "MediaNode", path: str, find_origin: FindOrigin) -> None:
        """`path` is that of this node's socket; empty when others cannot reach it."""
        self._node = node
        self._find_origin = find_origin
        self._server = PipeServer(path, self._pipe_of, node.counters, node.clock.monotonic_ms) if path else None
        self._upstreams: dict[str, Upstream] = {}
        self._looking: dict[str, asyncio.Task[object]] = {}
        self._looks: dict[str, tuple[int, float]] = {}
        """By stream: how often in vain, and when the last time."""

    def start(self) -> None:
        """Raises:
        OSError: the socket cannot be made.
        """
        if self._server is not None:
            self._server.start()

    def close(self) -> None:
        """End every pipe."""
        for task in self._looking.values():
            task.cancel()
        for upstream in list(self._upstreams.values()):
            upstream.close()
        self._upstreams = {}
        if self._server is not None:
            self._server.close()

    def is_edge(self, stream_id: str) -> bool:
        """Whether the stream is taken from another process."""
        return stream_id in self._upstreams

    async def follow(self, stream_id: str) -> None:
        """Before a viewer is taken: have the stream, if another process of this machine has it.

        Raises:
            Refused: it could not be found out in time.
        """
        upstream = self._upstreams.get(stream_id)
        if self.publishes(stream_id) or (upstream is not None and upstream.ready.is_set()):
            return
        task = self._look(stream_id)
        done, _ = await asyncio.wait([task], timeout=FOLLOW_S)
        if not done or task.cancelled() or not task.result():
            raise Refused(UNAVAILABLE, "The process that has this broadcast does not answer; try again")

    def lead(self, stream_id: str) -> None:
        """This node is no edge of the stream any more, for example because it takes a publisher of it."""
        upstream = self._upstreams.get(stream_id)
        if upstream is not None:
            upstream.close()
            del self._upstreams[stream_id]

    def removed(self, stream_id: str, participant_id: str) -> None:
        """This participant must not watch any more, at any edge."""
        stream = self._node.streams.get(stream_id)
        for tap in stream.taps if stream is not None else ():
            if isinstance(tap, StreamPipe):
                tap.removed(participant_id)

    def tick(self, now_ms: float) -> None:
        """Every 20 ms."""
        for upstream in self._upstreams.values():
            upstream.tick(now_ms)

    def each_second(self, now_ms: float) -> None:
        """Reports in both directions; looks for origins that are missing; ends what nobody needs."""
        if self._server is not None:
            self._server.each_second(now_ms)
        for stream_id, upstream in list(self._upstreams.items()):
            if upstream.stream.subscribers:
                upstream.idle_since_ms = None
                upstream.each_second()
            elif upstream.idle_since_ms is None:
                upstream.idle_since_ms = now_ms
                upstream.each_second()
            elif now_ms - upstream.idle_since_ms > LINGER_MS:
                self.lead(stream_id)
        for stream in self._node.streams.values():
            for tap in stream.taps:
                if isinstance(tap, StreamPipe):
                    tap.report()
        self._look_for(stream.id for stream in self._node.streams.values() if stream.subscribers)
        self._looks = {stream_id: look for stream_id, look in self._looks.items() if stream_id in self._node.streams}

    def _look_for(self, watched: Iterable[str]) -> None:
        now_ms = self._node.clock.monotonic_ms()
        for stream_id in list(watched):
            upstream = self._upstreams.get(stream_id)
            if self.publishes(stream_id) or (upstream is not None and upstream.stream.active):
                self._looks.pop(stream_id, None)
                continue
            count, last_ms = self._looks.get(stream_id, (0, -LOOK_RARELY_MS))
            if now_ms - last_ms >= (LOOK_MS if count < LOOKS_OFTEN else LOOK_RARELY_MS):
                self._looks[stream_id] = count + 1, now_ms
                self._look(stream_id)

    def publishes(self, stream_id: str) -> bool:
        """Whether a publisher of the stream is here."""
        stream = self._node.streams.get(stream_id)
        publishers = [place.publisher for place in stream.stage.places] if stream is not None else []
        return any(one is not None and not isinstance(one, PipedParticipant) for one in publishers)

    def _look(self, stream_id: str) -> "asyncio.Task[object]":
        task = self._looking.get(stream_id)
        if task is None:
            task = self._looking[stream_id] = self._node.transport.tasks.start(self._find(stream_id), "origin of a stream")
        return task

    async def _find(self, stream_id: str) -> bool:
        """Become an edge of the stream if another process has it; False when that could not be found out."""
        try:
            async with asyncio.timeout(FOLLOW_S):
                upstream = await self._connect(stream_id)
                if upstream is not None:
                    await upstream.ready.wait()
        except (OSError, TimeoutError):
            return False
        finally:
            del self._looking[stream_id]
        return True

    async def _connect(self, stream_id: str) -> Upstream | None:
        origin = await self._find_origin(stream_id)
        before = self._upstreams.get(stream_id)
        if origin is None or origin.node_id == self._node.node_id or self.publishes(stream_id):
            return before
        if before is not None:
            if before.origin_id == origin.node_id:
                return before
            self.lead(stream_id)  # the broadcast has moved on, although its old process lives
        node = self._node
        stream = node.stream(stream_id)
        upstream = Upstream(stream, node.transport, lambda participant: node.end_sessions(stream_id, participant), self._lost)
        upstream.start(origin.pipe, origin.node_id)
        self._upstreams[stream_id] = upstream
        return upstream

    def _lost(self, upstream: Upstream) -> None:
        if self._upstreams.get(upstream.stream.id) is upstream:
            del self._upstreams[upstream.stream.id]

    def _pipe_of(self, stream_id: str) -> StreamPipe:
        stream: Stream = self._node.stream(stream_id)
        found = next((tap for tap in stream.taps if isinstance(tap, StreamPipe)), None)
        return found or StreamPipe(stream, self._node.counters, self._node.clock.monotonic_ms)
