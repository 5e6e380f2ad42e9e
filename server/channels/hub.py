"""The fan-out of one process: per channel a ring of frames encoded once, per viewer one cursor for each channel.

A publication costs one encoding; a viewer costs one `write` of bytes that it shares with everybody at the same cursor. There is
no queue per viewer: a slow viewer's cursor lags, and once the ring has moved past it the viewer gets `gap` with a snapshot. Pure:
no clock, no loop; `flush.py` decides when, and a viewer's `write` is the transport's.

Cost per delivered frame beside the bare write: loadtests/channels.py.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from schemas.frames import Gap, Publication, Push
from server.channels.framing import encode, encode_frame
from server.channels.limits import HubLimits
from server.channels.log import Entry
from server.kernel.module import Actor

LOST = -1
"""Cursor of a viewer that must get a snapshot: its epoch has ended."""

Reduce = Callable[[Any, bytes], Any]


@dataclass
class Figures:
    """Counts since the start of the process."""

    publications: int = 0
    frames: int = 0
    writes: int = 0
    gaps: int = 0


class Record(NamedTuple):
    """One publication in a ring; `frame` is the whole websocket frame of its push. Nothing lies between `after` and `offset`."""

    after: int
    offset: int
    at_ms: int
    data: bytes
    frame: bytes


class Segment(NamedTuple):
    """Bytes that take a viewer from one cursor to another."""

    data: bytes
    cursor: int
    frames: int


class Viewer:
    """A connection as the hub sees it. `paused` while its socket takes nothing; `actor` is None until it said who it is."""

    __slots__ = ("actor", "cursors", "paused", "write")

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self.write = write
        self.actor: Actor | None = None
        self.paused = False
        self.cursors: dict[Channel, int] = {}


class Channel:
    """State and ring of one channel. `newest_only`: viewers are sent the latest publication, not each (`delivery="state"`), and
    at most one every `conflate_ms`. `sparse`: not every offset is a publication, and pushes say behind which one they come."""

    def __init__(
        self,
        name: str,
        reduce: Reduce,
        limits: HubLimits,
        *,
        newest_only: bool = False,
        urgent: bool = False,
        conflate_ms: int = 0,
        counts_viewers: bool = False,
        sparse: bool = False,
    ) -> None:
        assert newest_only or not conflate_ms, "only a channel that may leave publications out can be conflated"
        self.name = name
        self.newest_only = newest_only
        self.urgent = urgent
        self.conflate_ms = conflate_ms
        self.counts_viewers = counts_viewers
        self.sparse = sparse
        self.viewers: dict[Viewer, None] = {}
        self.epoch = ""
        self.top = 0
        """Position: everything up to this offset is known here."""
        self.head = 0
        """Offset of the last publication: where viewers stand who have everything. Only `skip` moves `top` alone."""
        self.floor = 0
        """Whoever has everything up to here can be told the rest from the ring."""
        self._limits = limits
        self._reduce = reduce
        self._state: Any = None
        self._ring: list[Record] = []
        self._ring_bytes = 0
        self._segments: dict[int, Segment] = {}  # valid for the present top
        self._ready: dict[int, Segment] = {}  # those of them that lead to the top by publications alone
        self.ready = self._ready.get
        """The segment for a viewer at this cursor, when it was made before and leads to the top; bound once, it is hot."""
        self._snapshot: bytes | None = None

    @property
    def state(self) -> Any:
        """The snapshot at `top`."""
        return self._state

    def load(self, epoch: str, offset: int, state: Any, entries: Sequence[Entry]) -> None:
        """Begin at a snapshot; `entries` are the publications just before it. Whoever views the channel gets a gap."""
        self.epoch, self.top, self._state = epoch, offset, state
        self.floor = self.head = entries[0].offset - 1 if entries else offset
        self._ring, self._ring_bytes = [], 0
        for entry in entries:
            self._keep(entry)
        self._changed()
        for viewer in self.viewers:
            viewer.cursors[self] = LOST

    def append(self, entry: Entry) -> None:
        """The next publication."""
        assert (entry.epoch, entry.offset) == (self.epoch, self.top + 1), (self.name, self.epoch, self.top, entry[:2])
        self._state = self._reduce(self._state, entry.data)
        self.top = entry.offset
        self._keep(entry)
        self._changed()

    def skip(self, offset: int) -> None:
        """The next entry of the log is nothing to this channel."""
        assert self.sparse, self.name
        assert offset == self.top + 1, (self.name, self.top, offset)
        self.top = offset

    def snapshot(self) -> msgspec.Raw:
        """State at `top`; encoded once per offset."""
        if self._snapshot is None:
            self._snapshot = encode(self._state)
        return msgspec.Raw(self._snapshot)

    def since(self, offset: int) -> list[Publication] | None:
        """What a reader at `offset` of this epoch has missed; None when the ring does not reach back so far."""
        if offset > self.top or (offset < self.floor and not self.newest_only):
            return None
        missed = self._behind(offset)
        if self.newest_only:
            if offset < self.head and not missed:
                return None
            missed = missed[-1:]
        return [self._publication(each) for each in missed]

    def segment(self, cursor: int) -> Segment:
        """Bytes for a viewer at `cursor`, which is not at the head."""
        known = self._segments.get(cursor)
        if known is None:
            known = self._segments[cursor] = self._make_segment(cursor)
            if known.frames and known.cursor == self.head:
                self._ready[cursor] = known
        return known

    def _make_segment(self, cursor: int) -> Segment:
        if not 0 <= cursor <= self.top or not self._ring or (cursor < self.floor and not self.newest_only):
            gap = Gap(channel=self.name, epoch=self.epoch, offset=self.top, snapshot=self.snapshot())
            return Segment(encode_frame(gap), self.head, 0)
        if self.newest_only or cursor >= self._ring[-1].after:
            return Segment(self._ring[-1].frame, self.head, 1)
        frames: list[bytes] = []
        size = 0
        for record in self._behind(cursor):
            if frames and size + len(record.frame) > self._limits.segment_bytes_max:
                break
            frames.append(record.frame)
            size += len(record.frame)
            cursor = record.offset
        return Segment(b"".join(frames), cursor, len(frames))

    def _publication(self, record: Record) -> Publication:
        after = record.after if self.sparse else None
        return Publication(offset=record.offset, at_ms=record.at_ms, data=msgspec.Raw(record.data), after=after)

    def _behind(self, offset: int) -> list[Record]:
        return self._ring[bisect_right(self._ring, offset, key=_offset) :]

    def _keep(self, entry: Entry) -> None:
        push = Push(
            channel=self.name,
            epoch=entry.epoch,
            offset=entry.offset,
            at_ms=entry.at_ms,
            data=msgspec.Raw(entry.data),
            after=self.head if self.sparse else None,
        )
        record = Record(self.head, entry.offset, entry.at_ms, entry.data, encode_frame(push))
        self.head = entry.offset
        self._ring.append(record)
        self._ring_bytes += len(record.data) + len(record.frame)
        length_max = 1 if self.newest_only else self._limits.ring_length_max
        while len(self._ring) > length_max or (self._ring_bytes > self._limits.ring_bytes_max and len(self._ring) > 1):
            gone = self._ring.pop(0)
            self.floor = gone.offset
            self._ring_bytes -= len(gone.data) + len(gone.frame)

    def _changed(self) -> None:
        self._segments.clear()
        self._ready.clear()
        self._snapshot = None


def _offset(record: Record) -> int:
    return record.offset


Work = tuple[Viewer, tuple[Channel, ...]]


class Hub:
    """All channels and viewers of the process."""

    def __init__(self, limits: HubLimits) -> None:
        self.channels: dict[str, Channel] = {}
        self.figures = Figures()
        self.stirred: set[Channel] = set()
        """Channels that count their viewers, and whose viewers have changed; whoever counts clears it."""
        self._limits = limits
        self._dirty: dict[Channel, None] = {}
        self._dirty_urgent: dict[Channel, None] = {}
        self._work: deque[Work] = deque()
        self._work_urgent: deque[Work] = deque()
        self._joined: dict[tuple[bytes, ...], bytes] = {}

    def add(self, channel: Channel) -> None:
        """A channel that the process now follows."""
        self.channels[channel.name] = channel

    def remove(self, channel: Channel) -> None:
        """A channel that the process no longer follows; its viewers hear nothing more of it."""
        self.channels.pop(channel.name, None)
        self._dirty.pop(channel, None)
        self._dirty_urgent.pop(channel, None)
        for viewer in channel.viewers:
            viewer.cursors.pop(channel, None)
        channel.viewers.clear()
        self._stir(channel)

    def join(self, viewer: Viewer, channel: Channel) -> None:
        """The viewer has everything up to the channel's top, as the reply it was just sent says."""
        channel.viewers[viewer] = None
        viewer.cursors[channel] = channel.head
        self._stir(channel)

    def leave(self, viewer: Viewer, channel: Channel) -> None:
        """The viewer wants no more of the channel."""
        channel.viewers.pop(viewer, None)
        viewer.cursors.pop(channel, None)
        self._stir(channel)

    def leave_all(self, viewer: Viewer) -> None:
        """The connection has ended."""
        for channel in viewer.cursors:
            channel.viewers.pop(viewer, None)
            self._stir(channel)
        viewer.cursors.clear()

    def append(self, channel: Channel, entry: Entry) -> None:
        """A publication for everybody on the channel; `flush` sends it, on a conflated channel once it was touched. An entry that
        is nothing to the channel only moves it on."""
        if not entry.data:
            channel.skip(entry.offset)
            return
        channel.append(entry)
        self.figures.publications += 1
        if not channel.conflate_ms:
            self.touch(channel)

    def touch(self, channel: Channel) -> None:
        """The channel has something new for its viewers."""
        (self._dirty_urgent if channel.urgent else self._dirty)[channel] = None

    def resumed(self, viewer: Viewer) -> None:
        """The viewer's socket takes data again: send what it has missed."""
        viewer.paused = False
        self._advance(viewer, tuple(viewer.cursors))

    @property
    def is_in_round(self) -> bool:
        """Whether a round of writes on the channels that are not urgent has begun and not ended: the next `flush` goes on."""
        return bool(self._work)

    def flush(self, *, urgent: bool) -> bool:
        """Write what is new on the urgent channels, or on the others; whether there is more to do.

        At most `writes_per_step_max` viewers are written to, so that the loop gets its turn.
        """
        self._joined.clear()
        dirty, work = (self._dirty_urgent, self._work_urgent) if urgent else (self._dirty, self._work)
        if dirty and not work:
            self._collect(dirty, work)
        frames = writes = 0
        for _ in range(min(len(work), self._limits.writes_per_step_max)):
            viewer, channels = work.popleft()
            if viewer.paused:
                continue
            if len(channels) == 1:
                # Hot path, for nearly every viewer: one channel has news, and somebody at the same cursor was served before.
                (channel,) = channels
                segment = channel.ready(viewer.cursors.get(channel, LOST))
                if segment is not None:
                    viewer.cursors[channel] = segment.cursor
                    frames += segment.frames
                    writes += 1
                    viewer.write(segment.data)
                    continue
            self._advance(viewer, channels)
        self.figures.frames += frames
        self.figures.writes += writes
        return bool(work or dirty)

    def _stir(self, channel: Channel) -> None:
        if channel.counts_viewers:
            self.stirred.add(channel)

    def _collect(self, dirty: dict[Channel, None], work: deque[Work]) -> None:
        channels = tuple(dirty)
        dirty.clear()
        if len(channels) == 1:
            work.extend([(viewer, channels) for viewer in channels[0].viewers])
            return
        of_viewer: dict[Viewer, tuple[Channel, ...]] = {}
        for channel in channels:
            for viewer in channel.viewers:
                of_viewer[viewer] = (*of_viewer.get(viewer, ()), channel)
        work.extend(of_viewer.items())

    def _advance(self, viewer: Viewer, channels: tuple[Channel, ...]) -> None:
        """Write what the viewer lacks of these channels, as one write unless it lags far behind."""
        behind = True
        while behind and not viewer.paused:
            behind = False
            parts = []
            for channel in channels:
                cursor = viewer.cursors.get(channel)
                if cursor is None or cursor == channel.head:
                    continue
                segment = channel.segment(cursor)
                viewer.cursors[channel] = segment.cursor
                behind = behind or segment.cursor != channel.head
                self.figures.frames += segment.frames
                self.figures.gaps += not segment.frames
                parts.append(segment.data)
            if parts:
                self.figures.writes += 1
                viewer.write(parts[0] if len(parts) == 1 else self._join(parts))

    def _join(self, parts: Iterable[bytes]) -> bytes:
        # Viewers of one show are on the same channels at the same cursors, so that nearly all of them share one joined text.
        key = tuple(parts)
        known = self._joined.get(key)
        if known is None:
            known = self._joined[key] = b"".join(key)
        return known
