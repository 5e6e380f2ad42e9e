"""Follows the logs of channels by pub/sub, which is fast and may lose, and makes it lossless: offsets show every hole, and the
log itself closes it.

A channel is **held** while its snapshot is read or a hole is closed: what comes by pub/sub waits, and is taken afterwards from
where the channel then stands. So a subscription begins with the subscription: subscribe, read, then take what is newer than was
read.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from server.channels.feeds import Feed
from server.channels.figures import REPAIRED, RESTORED
from server.channels.hub import Channel
from server.channels.log import ChannelLog, Entry, decode_message
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.tasks import TaskGroup, until_done
from server.redis.subscriber import OnMessage, OnRestored

HOLE_MAX = 1_000
"""Publications that are read to close a hole; a larger one is met with the snapshot, which is what viewers would get anyway."""
HELD_MAX = 2_000
"""Publications that wait while a channel is held. Beyond them the oldest are dropped: a hole, which is closed as any other."""
POSITIONS_MAX = 1_000
"""Channels whose positions are read in one write."""

log = get_logger(__name__)


class Topics(Protocol):
    """What of `Subscriber` is used here."""

    async def subscribe(self, topic: str) -> None: ...
    def unsubscribe(self, topic: str) -> None: ...
    async def run(self) -> None: ...


@dataclass(eq=False)
class Followed:
    """A channel that has viewers here, or had them a moment ago."""

    channel: Channel
    feed: Feed
    stale: bool = False
    """Being loaded anew."""
    empty_since_ms: float | None = None
    seen_end: int = 0
    """Offset of the newest entry that the stream is known to have had; 0 when none was seen."""
    held: deque[Entry] | None = field(default=None, repr=False)
    """What came by pub/sub while the channel is held; None when it is not."""
    recheck: bool = False
    """The subscription was interrupted while the channel was held: its position must be compared once more."""
    behind: int = 0
    """Offset that Redis had at the last comparison and we had not, when there was one."""

    news: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Wakes who waits for the channel to move on; never stays set."""

    @property
    def is_held(self) -> bool:
        return self.held is not None

    def moved(self) -> None:
        """The channel stands elsewhere than before."""
        self.news.set()
        self.news.clear()


class LogFollower:
    """All channels of the process with `source="log"`."""

    def __init__(
        self,
        *,
        topics: Callable[[OnMessage, OnRestored], Topics],
        log: ChannelLog,
        deliver: Callable[[Followed, Entry], None],
        reload: Callable[[Followed], None],
        tasks: TaskGroup,
    ) -> None:
        """`topics` makes the subscriber (`server.redis.subscriber`). `deliver` takes the next publication of a channel; `reload`
        loads a channel anew, between `hold` and `release`."""
        self._log, self._deliver, self._reload, self._tasks = log, deliver, reload, tasks
        self._subscriber = topics(self._receive, self._restored)
        self._by_topic: dict[bytes, Followed] = {}

    async def run(self) -> None:
        """Receive until cancelled."""
        await self._subscriber.run()

    async def begin(self, followed: Followed) -> None:
        """Subscribe; from now on nothing of the channel is missed, and all of it held.

        Raises:
            Unavailable: Redis did not confirm in time.
        """
        self.hold(followed)
        self._by_topic[followed.feed.stream.encode()] = followed
        try:
            await self._subscriber.subscribe(followed.feed.stream)
        except BaseException:
            self.end(followed)
            raise

    def end(self, followed: Followed) -> None:
        """Follow the channel no more."""
        del self._by_topic[followed.feed.stream.encode()]
        self._subscriber.unsubscribe(followed.feed.stream)

    def hold(self, followed: Followed) -> None:
        """Let what comes wait."""
        if followed.held is None:
            followed.held = deque(maxlen=HELD_MAX)

    def release(self, followed: Followed) -> None:
        """Take what has waited and is newer than the channel."""
        waiting, followed.held = followed.held or deque(), None
        for entry in waiting:
            if self._is_current(followed):
                self._receive_entry(followed, entry)
        if followed.recheck and not followed.is_held:
            followed.recheck = False
            self._tasks.start(until_done(partial(self.compare, [followed]), "compare a channel"), "compare")

    async def verify(self) -> None:
        """Compare all channels with Redis, in case something was lost without a sign: entries there, or a message here.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        await self.compare(list(self._by_topic.values()), patient=True)

    async def compare(self, some: Sequence[Followed], *, patient: bool = False) -> None:
        """Bring channels to where Redis says that they stand. `patient`: what is missing may be on its way, so only what was
        missing the last time as well is fetched.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        for start in range(0, len(some), POSITIONS_MAX):
            part = some[start : start + POSITIONS_MAX]
            before = [(one.channel.epoch, one.channel.top) for one in part]
            positions = await self._log.positions([one.channel.name for one in part])
            for followed, known, position in zip(part, before, positions, strict=True):
                if followed.held is not None:
                    followed.recheck = followed.recheck or not patient
                elif self._is_current(followed) and followed.channel.epoch == known[0]:
                    self._compare_one(followed, known[1], *position, patient=patient)

    def _compare_one(self, followed: Followed, known_top: int, epoch: str, offset: int, *, patient: bool) -> None:
        channel = followed.channel
        if epoch != channel.epoch or offset < known_top:
            log.warning("a channel has lost its history", channel=channel.name, known=known_top, offset=offset)
            self._reload(followed)
        elif channel.top < (followed.behind if patient else offset):
            self._close_hole(followed, offset)
        followed.behind = offset if offset > channel.top else 0

    def _receive(self, topic: bytes, payload: bytes) -> None:
        followed = self._by_topic.get(topic)
        if followed is None:
            return
        try:
            entry = decode_message(payload)
        except ValueError:
            log.warning("a message that is none of ours", topic=topic)
            return
        self._receive_entry(followed, entry)

    def _receive_entry(self, followed: Followed, entry: Entry) -> None:
        if followed.held is None:
            self._take(followed, entry)
        else:
            followed.held.append(entry)

    def _take(self, followed: Followed, entry: Entry) -> None:
        channel = followed.channel
        if entry.epoch != channel.epoch:
            self._reload(followed)
        elif entry.offset == channel.top + 1:
            self._deliver(followed, entry)
        elif entry.offset > channel.top:
            self._close_hole(followed, entry.offset)

    def _close_hole(self, followed: Followed, last: int) -> None:
        """Read everything up to `last` from the log, the last one too: then it need not be kept."""
        if last - followed.channel.top > HOLE_MAX:
            self._reload(followed)
        else:
            self.hold(followed)
            self._tasks.start(self._fill(followed, followed.channel.top + 1, last), "close a hole")

    async def _fill(self, followed: Followed, first: int, last: int) -> None:
        channel, epoch = followed.channel, followed.channel.epoch
        try:
            entries = await self._log.between(channel.name, first, last)
        except Unavailable:
            entries = []
        if followed.stale or (channel.epoch, channel.top) != (epoch, first - 1) or not self._is_current(followed):
            return  # loaded anew in the meantime, or given up
        whole = [(epoch, offset) for offset in range(first, last + 1)]
        if [(entry.epoch, entry.offset) for entry in entries] != whole:
            self._reload(followed)
            return
        REPAIRED.labels("log").inc()
        for entry in entries:
            if self._is_current(followed):
                self._deliver(followed, entry)
        self.release(followed)

    def _restored(self, restarted: bool) -> None:
        """Nothing came while the connection was away. Another server process may also have lost the end of its file, and every
        channel's epoch ends with it."""
        log.warning("the subscriber is back", restarted=restarted, channels=len(self._by_topic))
        RESTORED.labels("another" if restarted else "same").inc()
        everything = list(self._by_topic.values())
        if restarted:
            for followed in everything:
                self._reload(followed)
            return
        for followed in everything:
            followed.recheck = followed.held is not None
        self._tasks.start(until_done(partial(self.compare, everything), "compare channels"), "compare")

    def _is_current(self, followed: Followed) -> bool:
        return self._by_topic.get(followed.feed.stream.encode()) is followed
