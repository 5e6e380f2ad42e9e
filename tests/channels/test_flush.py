"""When viewers are written to: at once after a rest, seldom on conflated channels, and always with the newest in the end."""

import asyncio
import contextlib
import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.frames import Push
from server.channels.flush import Flusher
from server.channels.hub import Channel, Hub, Viewer
from server.channels.limits import HubLimits
from server.channels.log import Entry
from tests.channels.test_hub import frames_in
from tests.fakes.jumping_loop import JumpingLoop

CONFLATE_MS = 100


class Stage:
    """A conflated channel with one viewer; what it was written, and when."""

    def __init__(self, loop: JumpingLoop, *, conflate_ms: int = CONFLATE_MS, urgent: bool = False) -> None:
        self.loop = loop
        self.written: list[tuple[float, int]] = []
        self.hub = Hub(HubLimits())
        self.flusher = Flusher(self.hub, loop, 20)
        self.channel = Channel(
            "sign:door", lambda _, data: data, HubLimits(), newest_only=True, urgent=urgent, conflate_ms=conflate_ms
        )
        self.channel.load("e", 0, b"0", [])
        self.hub.add(self.channel)
        self.hub.join(Viewer(self.write), self.channel)

    def write(self, data: bytes) -> None:
        for frame in frames_in(data):
            assert isinstance(frame, Push)
            self.written.append((self.loop.monotonic_ms(), msgspec.json.decode(frame.data)))

    def append(self, value: int) -> None:
        self.hub.append(self.channel, Entry("e", self.channel.top + 1, 0, b"%d" % value))
        self.flusher.appended(self.channel)


def play(moments_ms: list[int]) -> list[tuple[float, int]]:
    """Append a publication at each moment; everything that the viewer was written."""
    loop = JumpingLoop()
    stage = Stage(loop)

    async def scenario() -> None:
        for number, at_ms in enumerate(moments_ms):
            await asyncio.sleep((at_ms - loop.monotonic_ms()) / 1000)
            stage.append(number)
        await asyncio.sleep(10 * CONFLATE_MS / 1000)

    with contextlib.closing(loop):
        loop.run_until_complete(scenario())
    return stage.written


def at(ms: float) -> object:
    """This moment, but for what floating point makes of it."""
    return pytest.approx(ms, abs=0.01)


def test_the_first_after_a_rest_goes_at_once_and_the_last_of_a_burst_at_the_end_of_the_rest() -> None:
    assert play([1_000, 1_010, 1_020, 1_030]) == [(at(1_000), 0), (at(1_000 + CONFLATE_MS), 3)]


def test_after_a_flush_without_news_the_channel_has_rested() -> None:
    assert play([1_000, 1_000 + CONFLATE_MS + 1]) == [(at(1_000), 0), (at(1_000 + CONFLATE_MS + 1), 1)]


@given(gaps_ms=st.lists(st.integers(0, 3 * CONFLATE_MS), min_size=1, max_size=30))
def test_flushes_keep_their_distance_and_every_state_is_shown_or_replaced_in_time(gaps_ms: list[int]) -> None:
    moments = [sum(gaps_ms[: index + 1]) for index in range(len(gaps_ms))]
    written = play(moments)
    times = [at_ms for at_ms, _ in written]
    assert all(later - earlier >= CONFLATE_MS - 0.01 for earlier, later in itertools.pairwise(times))
    values = [value for _, value in written]
    assert values == sorted(set(values))
    assert values[-1] == len(moments) - 1, "the newest always arrives"
    for number, at_ms in enumerate(moments):
        shown_ms = next(shown_ms for shown_ms, value in written if value >= number)
        assert shown_ms - at_ms <= CONFLATE_MS + 0.01


def test_a_channel_that_is_given_up_while_it_rests_is_flushed_no_more() -> None:
    loop = JumpingLoop()
    stage = Stage(loop)

    async def scenario() -> None:
        stage.append(0)
        await asyncio.sleep(0.001)
        stage.append(1)
        stage.hub.remove(stage.channel)
        await asyncio.sleep(10 * CONFLATE_MS / 1000)

    with contextlib.closing(loop):
        loop.run_until_complete(scenario())
    assert stage.written == [(0, 0)]


class House:
    """Viewers of an ordinary and of an urgent channel on a loop on which each write takes time."""

    def __init__(self, loop: JumpingLoop, viewers: int, write_ms: float) -> None:
        self.loop, self.write_ms = loop, write_ms
        self.hub = Hub(HubLimits())
        self.flusher = Flusher(self.hub, loop, DELAY_MS_MAX)
        self.appended_ms: dict[tuple[str, int], float] = {}
        self.delays_ms: dict[str, list[float]] = {"chat": [], "bids": []}
        self.writes = self.frames = 0
        for name in ("chat", "bids"):
            channel = Channel(name, lambda _, data: data, HubLimits(), urgent=name == "bids")
            channel.load("e", 0, b"0", [])
            self.hub.add(channel)
        for number in range(viewers):
            viewer = Viewer(self.first if number == 0 else self.write)
            for channel in self.hub.channels.values():
                self.hub.join(viewer, channel)

    def write(self, data: bytes) -> None:
        self.loop.selector.now_s += self.write_ms / 1000

    def first(self, data: bytes) -> None:
        """The viewer that is served first in a round: its delay is the scheduler's, and not that of writing to the others."""
        frames = frames_in(data)
        self.writes += 1
        self.frames += len(frames)
        for frame in frames:
            assert isinstance(frame, Push)
            self.delays_ms[frame.channel].append(self.loop.monotonic_ms() - self.appended_ms[frame.channel, frame.offset])
        self.write(data)

    def append(self, name: str) -> None:
        channel = self.hub.channels[name]
        self.hub.append(channel, Entry("e", channel.top + 1, 0, b"1"))
        self.appended_ms[name, channel.top] = self.loop.monotonic_ms()
        self.flusher.appended(channel)


DELAY_MS_MAX = 20


def run_house(viewers: int, write_ms: float, moments: list[tuple[float, str]]) -> House:
    """Append at these moments, as far as the loop is free then."""
    loop = JumpingLoop()
    house = House(loop, viewers, write_ms)

    async def scenario() -> None:
        for at_ms, name in moments:
            if at_ms > loop.monotonic_ms():  # else in the same tick as the one before
                await asyncio.sleep(max(0.0, at_ms - loop.monotonic_ms()) / 1000)
            house.append(name)
        await asyncio.sleep(1)

    with contextlib.closing(loop):
        loop.run_until_complete(scenario())
    return house


def test_a_lone_message_is_written_at_once_however_many_viewers_there_are() -> None:
    house = run_house(2_000, 0.005, [(1_000, "chat"), (2_000, "chat"), (3_000, "chat")])
    assert house.delays_ms["chat"] == [0, 0, 0]


@pytest.mark.parametrize("viewers", [200, 1_000, 10_000])
def test_in_a_burst_of_chat_messages_share_writes_and_wait_no_longer_than_50_ms(viewers: int) -> None:
    burst = [(1_000 + 2.0 * number, "chat") for number in range(150)]
    house = run_house(viewers, 0.005, burst)
    assert house.frames == 150
    assert house.frames / house.writes >= 3.5
    added_ms = [delay_ms - viewers * 0.005 for delay_ms in house.delays_ms["chat"]]  # beyond one round, which nobody can avoid
    assert max(added_ms) <= 50


@given(
    viewers=st.integers(1, 1_200),
    write_us=st.integers(0, 20),
    gaps=st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["chat", "chat", "bids"])), min_size=1, max_size=40),
)
def test_nothing_waits_longer_than_the_limit_beside_a_round_and_bids_never_longer_than_a_step(
    viewers: int, write_us: int, gaps: list[tuple[int, str]]
) -> None:
    at_ms, moments = 1_000.0, []
    for gap_ms, name in gaps:
        at_ms += gap_ms
        moments.append((at_ms, name))
    house = run_house(viewers, write_us / 1000, moments)
    assert len(house.delays_ms["chat"]) + len(house.delays_ms["bids"]) == len(gaps), "everything arrives, once"
    round_ms = viewers * write_us / 1000
    step_ms = min(viewers, HubLimits().writes_per_step_max) * write_us / 1000
    assert all(delay_ms <= step_ms + round_ms + 0.01 for delay_ms in house.delays_ms["bids"])
    # A round of chat in progress, the rest after it, and rounds of bids that came between.
    bids = len(house.delays_ms["bids"])
    assert all(delay_ms <= DELAY_MS_MAX + (2 + bids) * round_ms + 0.01 for delay_ms in house.delays_ms["chat"])


def test_bids_that_never_stop_do_not_silence_the_chat() -> None:
    moments = [(1_000 + 0.5 * number, "bids") for number in range(400)]
    house = run_house(1_200, 0.005, sorted([*moments, (1_020.0, "chat"), (1_100.0, "chat")]))
    assert len(house.delays_ms["chat"]) == 2
    assert max(house.delays_ms["chat"]) <= 60


def test_bids_go_before_a_chat_message_of_the_same_moment() -> None:
    house = run_house(400, 0.005, [(1_000, "chat"), (1_000, "bids")])
    assert house.delays_ms["bids"] == [0]
    assert house.delays_ms["chat"] == [at(400 * 0.005)]


def test_a_small_room_that_chats_a_little_never_waits() -> None:
    house = run_house(10, 0.005, [(1_000 + number, "chat") for number in range(20)])
    assert house.delays_ms["chat"] == [0] * 20
