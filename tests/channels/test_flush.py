"""When viewers are written to: at once after a rest, seldom on conflated channels, and always with the newest in the end."""

import asyncio
import itertools
import selectors

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

CONFLATE_MS = 100


class JumpingSelector(selectors.DefaultSelector):
    """Does not wait: time jumps to the next timer."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "the loop would wait for ever"
        self.now_s += max(0.0, timeout)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop, and a clock, on which an hour of timers passes in milliseconds and exactly in time."""

    def __init__(self) -> None:
        self.selector = JumpingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now_s

    def monotonic_ms(self) -> float:
        return self.selector.now_s * 1000

    def now_ms(self) -> int:
        return int(self.selector.now_s * 1000)


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

    loop.run_until_complete(scenario())
    loop.close()
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

    loop.run_until_complete(scenario())
    loop.close()
    assert stage.written == [(0, 0)]
