"""Who is on a channel, over all processes: counted, published when it changes, and forgotten with a process that died."""

import asyncio
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from schemas.http.presence import SAMPLE_MAX, PersonPresent, PresenceState
from server.channels.framing import encode
from server.channels.hub import Channel, Hub, Viewer
from server.channels.limits import HubLimits
from server.channels.log import ChannelLog, here_key
from server.channels.presence import Presence
from server.kernel.module import Actor
from server.redis.connection import connect
from tests.channels.site import ANNA, BORIS, HOST, Client, Site, running_site
from tests.fakes.clock import FakeClock

SHOW = "crowd:show"
LIVELY = HubLimits(presence_rest_ms=20, presence_heartbeat_ms=50, presence_expires_ms=400)
NAMELESS = Actor(id="gst_" + "d" * 32, kind="guest", name="")


async def count_seen(client: Client, count: int) -> dict[str, Any]:
    """Wait for a push with this count."""
    while True:  # one after the other: an earlier push with this count is no answer
        push = await client.next("push")
        if push["data"]["count"] == count:
            state: dict[str, Any] = push["data"]
            return state


async def present(
    log: ChannelLog, process: str, count: int, people: list[bytes] | None = None, expires_ms: int = 60_000, rest_ms: int = 0
) -> int:
    return await log.present(SHOW, process, count, people or [], expires_ms=expires_ms, rest_ms=rest_ms)


async def state(log: ChannelLog) -> PresenceState:
    opened = await log.open(SHOW, 1)
    return msgspec.json.decode(opened.entries[-1].data, type=PresenceState)


async def test_everybody_on_the_channel_is_told_who_comes_and_who_goes(redis: Redis) -> None:
    async with running_site(redis, limits=LIVELY) as site:
        anna = await site.enter(ANNA)
        await anna.subscribe(SHOW)
        assert await count_seen(anna, 1) == {"count": 1, "sample": [{"actor_id": ANNA.id, "name": "Anna"}]}
        boris, nameless = await site.enter(BORIS), await site.enter(NAMELESS)
        await boris.subscribe(SHOW)
        await nameless.subscribe(SHOW)
        seen = await count_seen(anna, 3)
        assert [person["name"] for person in seen["sample"]] == ["Anna", "Boris"]
        await boris.cut()
        await nameless.ask(op="unsubscribe", channel=SHOW)
        await count_seen(anna, 1)


async def test_a_person_with_two_pages_open_is_one(redis: Redis) -> None:
    async with running_site(redis, limits=LIVELY) as site:
        pages = [await site.enter(ANNA) for _ in range(3)]
        for page in pages:
            await page.subscribe(SHOW)
        boris = await site.enter(BORIS)
        await boris.subscribe(SHOW)
        await count_seen(boris, 2)
        await pages[0].cut()
        await pages[1].cut()
        host = await site.enter(HOST)
        await host.subscribe(SHOW)
        await count_seen(boris, 3)


async def test_viewers_of_a_node_that_died_are_forgotten_by_the_others(log: ChannelLog, redis: Redis) -> None:
    async with running_site(redis, limits=LIVELY) as site:
        anna = await site.enter(ANNA)
        await anna.subscribe(SHOW)
        await count_seen(anna, 1)
        await present(log, "a node that says nothing more", 2, expires_ms=300)
        await count_seen(anna, 3)
        await count_seen(anna, 1)


async def test_a_node_that_is_drained_takes_its_viewers_with_it(redis: Redis) -> None:
    quiet = HubLimits(presence_rest_ms=60_000)  # would tell of its leaving viewers in a minute
    async with running_site(redis, limits=LIVELY) as site, running_site(redis, limits=quiet) as other:
        anna, boris = await site.enter(ANNA), await other.enter(BORIS)
        await anna.subscribe(SHOW)
        await boris.subscribe(SHOW)
        await count_seen(anna, 2)
        await asyncio.gather(other.channels.drain(0), boris.closed())
        await count_seen(anna, 1)


async def test_the_last_one_to_go_leaves_zero_for_who_comes_next(log: ChannelLog, redis: Redis, site: Site) -> None:
    await present(log, "node", 1)
    await present(log, "node", 0)
    anna = await site.enter()
    reply = await anna.subscribe(SHOW)
    assert reply["snapshot"] == {"count": 0, "sample": []}
    assert not await redis.exists(here_key(SHOW))


async def test_changes_are_published_at_most_once_in_the_rest(log: ChannelLog) -> None:
    assert await present(log, "one", 1, rest_ms=60_000) == 0
    wait_ms = await present(log, "two", 5, rest_ms=60_000)
    assert 59_000 < wait_ms <= 60_000
    assert (await state(log)).count == 1
    assert await present(log, "two", 5) == 0
    assert (await state(log)).count == 6


async def test_a_clock_that_was_set_back_holds_nothing_up(log: ChannelLog, redis: Redis) -> None:
    await present(log, "one", 1)
    (entry,) = (await log.open(SHOW, 1)).entries
    await redis.delete(f"ch:{{{SHOW}}}:log")
    await redis.xadd(f"ch:{{{SHOW}}}:log", {"t": entry.at_ms + 3_600_000, "d": entry.data, "p": entry.epoch}, id="1-0")
    assert await present(log, "one", 2, rest_ms=1_000) == 0
    assert (await state(log)).count == 2


reports = st.tuples(st.sampled_from("abc"), st.lists(st.sampled_from(range(30)), max_size=20, unique=True))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(reports, min_size=1, max_size=8))
def test_what_is_published_is_the_sum_of_what_the_processes_last_said(valkey_url: str, told: list[tuple[str, list[int]]]) -> None:
    async def scenario() -> None:
        redis = connect(valkey_url)
        await redis.flushall()
        log = ChannelLog(redis)
        last: dict[str, list[int]] = {}
        publications, published = 0, PresenceState(count=0, sample=[])
        for process, numbers in told:
            people = [PersonPresent(actor_id=str(number), name=f"N\n{number}") for number in numbers]
            await present(log, process, len(people), [encode(person) for person in people])
            last[process] = numbers
            union = dict.fromkeys(number for name in sorted(last) for number in last[name])
            sample = [PersonPresent(actor_id=str(number), name=f"N\n{number}") for number in list(union)[:SAMPLE_MAX]]
            expected = PresenceState(count=sum(len(numbers) for numbers in last.values()), sample=sample)
            publications += expected != published
            published = expected
        opened = await log.open(SHOW, 1)
        assert opened.offset == publications, "only changes are published"
        if publications:
            assert await state(log) == published
        await log.close()
        await redis.aclose()

    asyncio.run(scenario())


async def test_redis_is_asked_as_often_for_a_thousand_viewers_as_for_one(log: ChannelLog, redis: Redis, clock: FakeClock) -> None:
    async def calls() -> int:
        stats = await redis.info("commandstats")
        return sum(int(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"]) for name in ("evalsha", "eval"))

    async def cost(viewers: int) -> int:
        hub, limits = Hub(HubLimits()), HubLimits(presence_rest_ms=0)  # Redis' clock does not follow the test's
        channel = Channel(f"crowd:{viewers}", lambda state, _: state, limits, newest_only=True, counts_viewers=True)
        hub.add(channel)
        presence = Presence(hub, log, clock, limits)
        before = await calls()
        for number in range(viewers):
            viewer = Viewer(lambda _: None)
            viewer.actor = Actor(id=str(number), kind="guest", name=f"N{number}")
            hub.join(viewer, channel)
        for _ in range(60):  # a minute without changes
            clock.advance(1_000)
            await presence.report()
        return await calls() - before

    await present(log, "warm up", 1)
    assert await cost(1_000) == await cost(1) == 12, "one heartbeat each five seconds"
