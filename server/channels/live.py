"""Keeps the hub's channels in step with Redis: opens them at a snapshot, follows their logs, loads them anew after a loss."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from redis.asyncio import Redis

from schemas.errors import INTERNAL
from schemas.frames import Unsubscribed
from server.bus.tail import Tail
from server.channels.codec import Codec
from server.channels.feeds import Feed, LedgerFeed, LogFeed
from server.channels.figures import REPAIRED
from server.channels.flush import Flusher
from server.channels.follow import Followed, LogFollower, Topics
from server.channels.framing import encode_frame
from server.channels.hub import Channel, Hub
from server.channels.limits import HubLimits
from server.channels.log import ChannelLog, Entry, entry_offset, read_ends
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.flights import Flights
from server.kernel.log import get_logger
from server.kernel.module import UnitOfWork
from server.kernel.tasks import TaskGroup, supervised
from server.redis.subscriber import OnMessage, OnRestored, Subscriber

RELOAD_PAUSE_MS = 200
"""Between attempts to reload channels while Redis or the database is away; it doubles up to `RELOAD_PAUSE_MS_MAX`."""
RELOAD_PAUSE_MS_MAX = 5_000
REACH_MS = 1_000
"""For a publication that is in Redis to arrive here; then whoever waits for it gets the snapshot that there is."""

log = get_logger(__name__)


@dataclass
class Streams:
    """Which channels live on which stream: several kinds may follow the ledger's log of one show."""

    by_stream: dict[str, list[Followed]] = field(default_factory=dict)
    by_channel: dict[str, Followed] = field(default_factory=dict)

    def add(self, followed: Followed) -> None:
        self.by_stream.setdefault(followed.feed.stream, []).append(followed)
        self.by_channel[followed.channel.name] = followed

    def remove(self, followed: Followed) -> bool:
        """Whether the stream has no channel any more."""
        del self.by_channel[followed.channel.name]
        rest = self.by_stream[followed.feed.stream]
        rest.remove(followed)
        if not rest:
            del self.by_stream[followed.feed.stream]
        return not rest


class Live:
    """The channels that this process follows."""

    def __init__(
        self,
        *,
        hub: Hub,
        flusher: Flusher,
        log: ChannelLog,
        redis: Redis,
        ledger_redis: Redis,
        units: UnitOfWork,
        clock: Clock,
        tasks: TaskGroup,
        limits: HubLimits,
        topics: Callable[[OnMessage, OnRestored], Topics] | None = None,
    ) -> None:
        """`topics` makes what brings the publications of the logs: a `Subscriber`, unless a simulation knows better."""
        topics = topics or partial(Subscriber, redis)
        self._hub, self._flusher, self._log = hub, flusher, log
        self._redis, self._ledger_redis = redis, ledger_redis
        self._units, self._clock, self._limits = units, clock, limits
        self._tasks = tasks
        self._follower = LogFollower(topics=topics, log=log, deliver=self._deliver, reload=self._reload, tasks=tasks)
        self._tail = Tail(ledger_redis, self._receive, self._reset)
        self._streams = Streams()
        self._opening: Flights[str, Channel] = Flights(tasks)
        self._ranges: Flights[str, list[Entry]] = Flights(tasks)
        self._ends: Flights[str, int] = Flights(tasks)
        self._reloading = False

    async def run(self) -> None:
        """Follow until cancelled."""
        async with supervised("channels") as group:
            group.start(self._follower.run(), "subscriber")
            group.start(self._tail.run(), "tail of the ledger")
            await group.join()

    async def open(self, codec: Codec, name: str, subject: str) -> Channel:
        """The channel, followed from now on. Join it before the next await, or it may be closed as unused one day.

        Raises:
            Unavailable: Redis or the database cannot be reached.
        """
        return self._hub.channels.get(name) or await self._opening.run(name, lambda: self._open(codec, name, subject))

    async def between(self, channel: Channel, first: int, last: int) -> list[Entry]:
        """Entries of the log that the channel's ring no longer has; holes and foreign epochs make it empty."""
        followed = self._streams.by_channel.get(channel.name)
        if followed is None:
            return []
        key = f"{channel.name} {channel.epoch} {first}-{last}"
        entries = await self._ranges.run(key, lambda: followed.feed.between(first, last))
        whole = [entry.offset for entry in entries] == list(range(first, last + 1))
        return entries if whole and all(entry.epoch == channel.epoch for entry in entries) else []

    async def reach(self, channel: Channel, offset: int) -> None:
        """Wait until the channel is at `offset`, which somebody has seen on another node: this one has not heard of it yet, and
        its own state would set them back. Only if Redis knows the offset too, and for `REACH_MS` at most.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        followed, epoch = self._streams.by_channel.get(channel.name), channel.epoch
        if followed is None or await self._ends.run(channel.name, lambda: self._catch_up(followed)) < offset:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REACH_MS / 1000):
                while channel.top < offset and channel.epoch == epoch and self._hub.channels.get(channel.name) is channel:
                    await followed.news.wait()

    async def _catch_up(self, followed: Followed) -> int:
        """Offset of the newest publication in the log; what of it was lost on its way here is being fetched now."""
        if _is_tailed(followed):
            (end,) = await read_ends(self._ledger_redis, [followed.feed.stream])
            return end
        await self._follower.compare([followed])
        ((_, end),) = await self._log.positions([followed.channel.name])
        return end

    def close_unused(self, now_ms: float) -> None:
        """Stop following channels that have had no viewer for `idle_channel_ms`."""
        for followed in list(self._streams.by_channel.values()):
            if followed.channel.viewers:
                followed.empty_since_ms = None
            elif followed.empty_since_ms is None:
                followed.empty_since_ms = now_ms
            elif now_ms - followed.empty_since_ms > self._limits.idle_channel_ms:
                self._forget(followed)

    async def _open(self, codec: Codec, name: str, subject: str) -> Channel:
        known = self._hub.channels.get(name)
        if known is not None:
            return known
        kind = codec.kind
        feed: Feed
        if kind.source == "ledger":
            feed = LedgerFeed(codec, subject, self._ledger_redis, self._units)
        else:
            feed = LogFeed(codec, name, subject, self._log, self._units)
        newest_only = kind.delivery == "state"
        channel = Channel(
            name,
            codec.reduce,
            self._limits,
            newest_only=newest_only,
            urgent=kind.source == "ledger",
            conflate_ms=kind.conflate_ms if newest_only else 0,
            counts_viewers=kind.counts_viewers,
            sparse=kind.source == "ledger",
        )
        followed = Followed(channel, feed)
        if not _is_tailed(followed):
            await self._follower.begin(followed)
        try:
            await self._load(followed)
        except BaseException:
            if not _is_tailed(followed):
                self._follower.end(followed)
            raise
        self._hub.add(channel)
        self._streams.add(followed)
        if followed.stale:  # while it was read another server process began to answer
            self._reload(followed)
        else:
            self._follow(followed)
        return channel

    async def verify(self) -> None:
        """Reload channels whose stream has become shorter: its entries were lost, and new ones would come under ids that the
        tail takes for read.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        await self._follower.verify()
        for tailed, redis in ((False, self._redis), (True, self._ledger_redis)):
            watched = [one for one in self._streams.by_channel.values() if _is_tailed(one) is tailed and not one.stale]
            seen = [one.seen_end for one in watched]
            ends = await read_ends(redis, [one.feed.stream for one in watched])
            for followed, seen_end, end in zip(watched, seen, ends, strict=True):
                # The channel went on meanwhile: a publication that came after the ends were read is none that is missing there,
                # and one that was loaded anew is compared the next time.
                if followed.stale or followed.seen_end < seen_end:
                    continue
                if end < seen_end:
                    log.warning("a stream has lost entries", stream=followed.feed.stream, seen=seen_end, end=end)
                    self._reload(followed)
                else:
                    followed.seen_end = max(followed.seen_end, end)

    def check_epoch(self, name: str, epoch: str) -> None:
        """A publication of ours went into this epoch: if viewers are told another, the history was lost."""
        followed = self._streams.by_channel.get(name)
        if followed is not None and not followed.stale and followed.channel.epoch != epoch:
            self._reload(followed)

    async def _load(self, followed: Followed) -> None:
        start = await followed.feed.start()
        followed.channel.load(start.epoch, start.offset, start.state, start.entries)
        followed.moved()
        followed.seen_end = start.entries[-1].offset if start.entries else 0

    def _follow(self, followed: Followed) -> None:
        """Go on from where the channel was loaded."""
        if not _is_tailed(followed):
            self._follower.release(followed)
            return
        # Everything behind the snapshot's offset comes from the stream, so nothing is lost. Another channel on the same stream
        # may stand further back: what it hands on twice is dropped by offset.
        stream, after = followed.feed.stream, followed.channel.top
        if len(self._streams.by_stream[stream]) > 1 and stream in self._tail.following:
            after = min(after, entry_offset(self._tail.following[stream]))
        self._tail.follow(stream, f"{after}-0")

    def _receive(self, stream: str, entry_id: str, fields: Mapping[bytes, bytes]) -> None:
        for followed in tuple(self._streams.by_stream.get(stream, ())):
            if not followed.stale:
                self._take(followed, entry_id, fields)

    def _take(self, followed: Followed, entry_id: str, fields: Mapping[bytes, bytes]) -> None:
        channel = followed.channel
        try:
            entry = followed.feed.entry(entry_id, fields)
        except Exception:  # whatever the kind raised: this channel ends, with a reason, and all others go on
            log.exception("an entry of the ledger cannot be shown; the channel is closed", channel=channel.name)
            self._close_broken(followed)
            return
        if entry.epoch == channel.epoch and entry.offset == channel.top + 1:
            self._deliver(followed, entry)
        elif entry.epoch != channel.epoch or entry.offset > channel.top:
            self._reload(followed)

    def _deliver(self, followed: Followed, entry: Entry) -> None:
        channel = followed.channel
        try:
            self._hub.append(channel, entry)
        except Exception:  # as above
            log.exception("a publication cannot be applied; the channel is closed", channel=channel.name)
            self._close_broken(followed)
            return
        followed.seen_end = entry.offset
        followed.moved()
        if entry.data:
            self._flusher.appended(channel)

    def _close_broken(self, followed: Followed) -> None:
        farewell = encode_frame(Unsubscribed(channel=followed.channel.name, reason=INTERNAL.name))
        for viewer in tuple(followed.channel.viewers):
            viewer.write(farewell)
        self._forget(followed)

    def _forget(self, followed: Followed) -> None:
        self._hub.remove(followed.channel)
        last = self._streams.remove(followed)
        if not _is_tailed(followed):
            self._follower.end(followed)
        elif last:
            self._tail.unfollow(followed.feed.stream)

    def _reset(self) -> None:
        """Another process answers for the ledger."""
        for followed in self._streams.by_channel.values():
            if _is_tailed(followed):
                self._reload(followed)

    def _reload(self, followed: Followed) -> None:
        followed.stale = True
        if not _is_tailed(followed):
            self._follower.hold(followed)
        if not self._reloading:
            self._reloading = True
            self._tasks.start(self._reload_stale(), "reload")

    async def _reload_stale(self) -> None:
        """One channel after the other, so that a restart of Redis is not met by a storm of reads."""
        pause_ms = RELOAD_PAUSE_MS
        try:
            while stale := [followed for followed in self._streams.by_channel.values() if followed.stale]:
                try:
                    await self._reload_one(stale[0])
                    pause_ms = RELOAD_PAUSE_MS
                except Unavailable as error:
                    log.warning("channels cannot be loaded yet", waiting=len(stale), error=error)
                    await asyncio.sleep(pause_ms / 1000)
                    pause_ms = min(2 * pause_ms, RELOAD_PAUSE_MS_MAX)
        finally:
            self._reloading = False

    async def _reload_one(self, followed: Followed) -> None:
        try:
            await self._load(followed)
        except Unavailable:
            raise
        except Exception:  # one channel that cannot be read must not keep the others from being loaded
            log.exception("a channel cannot be loaded; it is closed", channel=followed.channel.name)
            self._close_broken(followed)
            return
        if self._streams.by_channel.get(followed.channel.name) is followed:
            REPAIRED.labels("snapshot").inc()
            followed.stale = False
            self._follow(followed)
            self._hub.touch(followed.channel)
            self._flusher.touch(urgent=followed.channel.urgent)


def _is_tailed(followed: Followed) -> bool:
    """Whether the channel is read by XREAD, which has no part in publishing, as the ledger's log must be."""
    return isinstance(followed.feed, LedgerFeed)
