"""Who is let in, and how much they may send together."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from redis.asyncio import Redis
from websockets.exceptions import InvalidStatus

from server.channels.deadlines import SLOT_MS, Deadlines
from server.channels.door import Door, DoorLimits
from server.channels.limits import SessionLimits
from server.kernel.clock import SystemClock
from tests.channels.site import ANNA, BORIS, PATIENCE_S, Site, running_site

SMALL = DoorLimits(connections_per_address_max=3, handshakes_per_s=1.0, handshakes_burst=5, keys_max=4)


class Entrance(RuleBasedStateMachine):
    """People come from three addresses and go again."""

    def __init__(self) -> None:
        super().__init__()
        self.door = Door(SMALL)
        self.inside: list[str] = []
        self.now_ms = 0.0

    @rule(address=st.sampled_from("abc"), wait_ms=st.integers(0, 3_000))
    def come(self, address: str, wait_ms: int) -> None:
        self.now_ms += wait_ms
        refusal = self.door.refusal(address, full=False, now_ms=self.now_ms)
        if refusal is None:
            self.door.entered(address)
            self.inside.append(address)
        else:
            assert refusal.status == 429
            assert int(dict(refusal.headers)["Retry-After"]) >= 1

    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        if self.inside:
            address = self.inside.pop(data.draw(st.integers(0, len(self.inside) - 1)))
            self.door.left(address)

    @invariant()
    def nobody_is_forgotten_or_counted_twice(self) -> None:
        counts = {address: self.inside.count(address) for address in set(self.inside)}
        assert self.door._inside == counts
        assert max(counts.values(), default=0) <= SMALL.connections_per_address_max


TestEntrance = Entrance.TestCase


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 2_000)), max_size=60))
def test_buckets_of_persons_are_bounded_and_shared(steps: list[tuple[str, int]]) -> None:
    door, now_ms = Door(SMALL), 0.0
    for person, wait_ms in steps:
        now_ms += wait_ms
        first, again = door.buckets(None, person, now_ms), door.buckets(None, person, now_ms)
        assert first[0] is again[0]
        assert len(door._shared) <= SMALL.keys_max


def test_a_full_node_refuses_with_a_time_to_come_back_whoever_asks() -> None:
    refusal = Door(SMALL).refusal(None, full=True, now_ms=0)
    assert refusal is not None
    assert refusal.encode().startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 5\r\n" in refusal.encode()


async def refused_status(site: Site, address: str) -> int:
    """The status of a handshake that is refused."""
    with pytest.raises(InvalidStatus) as refused:
        await site.dial(address=address)
    assert int(refused.value.response.headers["Retry-After"]) >= 1
    return refused.value.response.status_code


async def test_an_address_has_a_limited_number_of_connections(redis: Redis) -> None:
    async with running_site(redis, door_limits=DoorLimits(connections_per_address_max=2)) as site:
        mine = [await site.dial(address="203.0.113.5") for _ in range(2)]
        assert await refused_status(site, "203.0.113.5") == 429
        await site.dial(address="203.0.113.6")
        await mine[0].leave()
        await site.dial(address="203.0.113.5")


async def test_an_address_may_not_shake_hands_without_end(redis: Redis) -> None:
    async with running_site(redis, door_limits=DoorLimits(handshakes_burst=2, handshakes_per_s=0.01)) as site:
        for _ in range(2):
            await (await site.dial(address="2001:db8::1")).leave()
        assert await refused_status(site, "2001:db8::2") == 429, "one customer has a /64"
        await site.dial(address="2001:db8:1::1")


async def test_a_person_on_two_connections_has_one_budget_of_frames(redis: Redis) -> None:
    limits = DoorLimits(frames_per_person_s=0.01, frames_per_person_burst=10)
    async with running_site(redis, door_limits=limits) as site:
        first, second, other = await site.enter(ANNA), await site.enter(ANNA), await site.enter(BORIS)
        for client in (first, second) * 5:
            assert (await client.ask(op="ping", t0_ms=0))["op"] == "pong"
        for client in (first, second):
            refused = await client.ask(op="ping", t0_ms=0)
            assert (refused["name"], refused["retry_after_ms"] > 1_000) == ("rate_limited", True)
        assert (await other.ask(op="ping", t0_ms=0))["op"] == "pong"


async def test_those_of_one_address_have_one_budget_of_frames_and_flooding_ends_who_goes_on(redis: Redis) -> None:
    limits = DoorLimits(frames_per_address_s=0.01, frames_per_address_burst=10)
    session_limits = SessionLimits(frames_per_s=1_000, frames_burst=1_000, refused_in_a_row_max=5)
    async with running_site(redis, door_limits=limits, session_limits=session_limits) as site:
        one, two = await site.dial(address="203.0.113.5"), await site.dial(address="203.0.113.5")
        for client, actor in ((one, ANNA), (two, BORIS)):
            assert (await client.ask(op="connect", ticket=site.ticket(actor)))["op"] == "connected"
        for client in (one, two) * 4:
            assert (await client.ask(op="ping", t0_ms=0))["op"] == "pong"
        for _ in range(6):
            await two.send(op="ping", t0_ms=0)
        assert await two.closed() == (4504, "flooding")
        assert (await one.ask(op="ping", t0_ms=0))["name"] == "rate_limited"


async def test_deadlines_come_in_order_and_none_too_early() -> None:
    clock = SystemClock()
    deadlines = Deadlines(clock)
    came: list[tuple[int, float]] = []
    done = asyncio.Event()

    class Sleeper:
        def __init__(self, number: int, due_ms: float) -> None:
            self.number, self.due_ms = number, due_ms
            self.slot = deadlines.add(due_ms, self)

        def on_deadline(self, slot: int) -> None:
            assert slot == self.slot
            came.append((self.number, clock.monotonic_ms() - self.due_ms))
            if self.number == 0:
                raise RuntimeError("a bug in one of them")
            if len(came) == 20:
                done.set()

    now_ms = clock.monotonic_ms()
    order = [7, 3, 19, 0, 11, 5, 2, 13, 17, 1, 4, 6, 8, 9, 10, 12, 14, 15, 16, 18]
    for number in order:
        Sleeper(number, now_ms + 2 * SLOT_MS * (number + 1))
    await asyncio.wait_for(done.wait(), PATIENCE_S)
    assert [number for number, _ in came] == sorted(order)
    assert all(late_ms >= 0 for _, late_ms in came)
    assert len(deadlines) == 0
