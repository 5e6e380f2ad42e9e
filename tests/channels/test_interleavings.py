"""Redis, pub/sub, node and viewer as one simulation: whatever comes in whatever order, a viewer shows the truth in the end.

`Live`, hub, flusher and follower are the real ones. Redis is simulated, with what it may do: messages that get lost, connections
that break, reads that fail or take long, a server that restarts and has forgotten its last entries.
"""

import asyncio
import contextlib
import random
from typing import Any, cast

import msgspec
from hypothesis import event, given, settings
from hypothesis import strategies as st

from schemas.base import View
from schemas.frames import Gap, Push
from server.channels.codec import Codec
from server.channels.flush import Flusher
from server.channels.follow import HOLE_MAX
from server.channels.hub import Hub, Viewer
from server.channels.limits import HubLimits
from server.channels.live import Live
from server.channels.log import ChannelLog, Entry, Opened
from server.kernel.errors import Unavailable
from server.kernel.module import ChannelKind, Context
from server.kernel.tasks import supervised
from server.redis.subscriber import OnMessage, OnRestored
from tests.channels.site import Units
from tests.channels.test_hub import frames_in
from tests.fakes.jumping_loop import JumpingLoop

HISTORY = 6
LIMITS = HubLimits(ring_length_max=4)
ROOM = "numbers:room"


class Numbers(View, frozen=True):
    """Snapshot: the last numbers."""

    numbers: list[int]


class NumbersKind(ChannelKind):
    """Publications are numbers."""

    name = "numbers"
    publication = int
    snapshot = Numbers
    history_length = HISTORY

    async def initial(self, ctx: Context, subject: str) -> msgspec.Struct:
        return Numbers(numbers=[])

    def apply(self, state: Numbers, publication: int) -> Numbers:
        return Numbers(numbers=[*state.numbers, publication][-HISTORY:])


class SimulatedRedis:
    """One channel's log as the scripts keep it, and the wire to one subscriber. Every answer takes some time."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.entries: list[Entry] = []
        self.epoch, self.offset = "", 0
        self.process, self.epoch_of, self.seen_process = 0, -1, 0
        self.failing = False
        self.connected = True
        self.subscribed = False
        self.wire: list[Entry] = []
        self.on_message: OnMessage | None = None
        self.on_restored: OnRestored | None = None
        self.known: dict[tuple[str, int], int] = {}

    def topics(self, on_message: OnMessage, on_restored: OnRestored) -> "SimulatedRedis":
        self.on_message, self.on_restored = on_message, on_restored
        return self

    # Subscriber

    async def subscribe(self, topic: str) -> None:
        await self._answer()
        self.subscribed = True

    def unsubscribe(self, topic: str) -> None:
        self.subscribed = False

    # ChannelLog

    async def open(self, channel: str, count: int) -> Opened:
        await self._answer()
        self._position()
        opened = Opened(self.epoch, self.offset, self.entries[-count:])
        await self._travel()
        return opened

    async def positions(self, channels: list[str]) -> list[tuple[str, int]]:
        await self._answer()
        position = (self.epoch, self.offset)
        await self._travel()
        return [position]

    async def between(self, channel: str, first: int, last: int) -> list[Entry]:
        await self._answer()
        found = [entry for entry in self.entries if first <= entry.offset <= last]
        await self._travel()
        return found

    # What happens

    def publish(self, number: int) -> None:
        self._position()
        self.offset += 1
        entry = Entry(self.epoch, self.offset, 0, b"%d" % number)
        assert (self.epoch, self.offset) not in self.known
        self.known[self.epoch, self.offset] = number
        self.entries.append(entry)
        if self.connected and self.subscribed:
            self.wire.append(entry)

    def deliver(self, count: int) -> None:
        assert self.on_message is not None
        for _ in range(min(count, len(self.wire))):
            epoch, offset, at_ms, data = self.wire.pop(0)
            self.on_message(f"ch:{{{ROOM}}}:log".encode(), b" ".join([epoch.encode(), b"%d" % offset, b"%d" % at_ms, data]))

    def cut(self) -> None:
        self.connected = False
        self.wire.clear()

    def restart(self, forgotten: int) -> None:
        """Another process, started from a file that lacks the last entries."""
        self.cut()
        self.process += 1
        if forgotten:
            del self.entries[-forgotten:]
            self.offset = max(0, self.offset - forgotten)

    def restore(self) -> None:
        assert self.on_restored is not None
        if not self.connected:
            self.connected = True
            restarted, self.seen_process = self.process != self.seen_process, self.process
            self.on_restored(restarted)

    def _position(self) -> None:
        if self.epoch_of != self.process:
            self.epoch, self.epoch_of = f"e{self.process}", self.process

    async def _answer(self) -> None:
        await self._travel()
        if self.failing:
            raise Unavailable("simulated")

    async def _travel(self) -> None:
        await asyncio.sleep(self.chance.choice([0, 0, 0.001, 0.004]))


class Page:
    """A viewer that takes frames as a page does."""

    def __init__(self) -> None:
        self.viewer = Viewer(self.write)
        self.numbers: list[int] = []
        self.epoch, self.offset, self.gaps = "", 0, 0
        self.seen: dict[tuple[str, int], int] = {}

    def write(self, data: bytes) -> None:
        for frame in frames_in(data):
            if isinstance(frame, Gap):
                self.numbers = msgspec.json.decode(frame.snapshot)["numbers"]
                self.gaps += 1
            else:
                assert isinstance(frame, Push)
                assert (frame.epoch, frame.offset) == (self.epoch, self.offset + 1), "a hole, or an epoch without a gap"
                self.seen[frame.epoch, frame.offset] = int(bytes(frame.data))
                self.numbers = [*self.numbers, int(bytes(frame.data))][-HISTORY:]
            self.epoch, self.offset = frame.epoch, frame.offset


steps = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 9)),
    st.tuples(st.just("publish"), st.integers(1, 9)),
    st.tuples(st.just("deliver"), st.integers(1, 9)),
    st.tuples(st.just("deliver"), st.integers(1, 9)),
    st.tuples(st.just("lose"), st.integers(0, 3)),
    st.tuples(st.just("cut"), st.just(0)),
    st.tuples(st.just("restore"), st.just(0)),
    st.tuples(st.just("restart"), st.integers(0, 5)),
    st.tuples(st.just("verify"), st.just(0)),
    st.tuples(st.just("reads fail"), st.integers(0, 1)),
    st.tuples(st.just("wait"), st.integers(0, 6)),
)


class House:
    """The node over the simulated Redis."""

    def __init__(self, loop: JumpingLoop, redis: SimulatedRedis, tasks: Any) -> None:
        self.redis, self.tasks = redis, tasks
        self.hub = Hub(LIMITS)
        self.page = Page()
        self.number = 0
        self.lost = False
        self.live = Live(
            hub=self.hub,
            flusher=Flusher(self.hub, loop, 20),
            log=cast(ChannelLog, redis),
            redis=cast(Any, None),
            ledger_redis=cast(Any, None),
            units=Units(),
            clock=loop,
            tasks=tasks,
            limits=LIMITS,
            topics=cast(Any, redis.topics),
        )

    async def join(self) -> None:
        channel = await self.live.open(Codec(NumbersKind()), ROOM, "room")
        self.page.numbers = list(channel.state.numbers)
        self.page.epoch, self.page.offset = channel.epoch, channel.top
        self.hub.join(self.page.viewer, channel)

    async def take(self, step: str, amount: int) -> None:
        redis = self.redis
        if step == "publish":
            for _ in range(amount):
                self.number += 1
                redis.publish(self.number)
        elif step == "deliver":
            redis.deliver(amount)
        elif step == "lose":
            self.lost = self.lost or len(redis.wire) > amount
            del redis.wire[amount : amount + 1]
        elif step == "cut":
            redis.cut()
        elif step == "restore":
            redis.restore()
        elif step == "restart":
            redis.restart(amount)
        elif step == "verify":
            self.tasks.start(self.verify(), "verify")
        elif step == "reads fail":
            redis.failing = bool(amount)
        else:
            await asyncio.sleep(amount / 1000)

    async def verify(self) -> None:
        with contextlib.suppress(Unavailable):  # as `Channels._verify`, which tries again after a while
            await self.live._follower.verify()

    async def settle(self) -> None:
        """The faults are over and messages arrive. Only what was lost without a sign needs the regular comparison."""
        self.redis.failing = False
        self.redis.restore()
        for _ in range(3):
            await asyncio.sleep(20)
            self.redis.deliver(10**6)
            if self.lost:
                await asyncio.sleep(20)
                await self.live._follower.verify()
        await asyncio.sleep(20)


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32), before=st.integers(0, 9), script=st.lists(steps, min_size=5, max_size=60))
def test_whatever_happens_a_viewer_shows_the_truth_in_the_end(seed: int, before: int, script: list[tuple[str, int]]) -> None:
    redis = SimulatedRedis(random.Random(seed))

    async def scenario() -> None:
        async with supervised("simulation") as tasks:
            house = House(loop, redis, tasks)
            for _ in range(before):
                await house.take("publish", 1)
            joining = tasks.start(house.join(), "join")
            for step, amount in script:
                if step == "reads fail" and not joining.done():
                    continue  # a subscription that is refused is the endpoint's business
                await house.take(step, amount)
            await house.settle()
            await joining
            page = house.page
            assert (page.epoch, page.offset) == (redis.epoch, redis.offset)
            assert page.numbers == [int(entry.data) for entry in redis.entries[-HISTORY:]]
            assert page.seen.items() <= redis.known.items(), "another publication at a known position"
            event(f"gaps: {min(page.gaps, 3)}")

    with contextlib.closing(JumpingLoop()) as loop:
        loop.run_until_complete(scenario())
    assert len(redis.known) <= HOLE_MAX
