"""Which stream carries what, and when entries may go."""

from typing import Any

from redis.asyncio import Redis

from server.bus.housekeeping import INBOX_KEPT_MS, Housekeeping
from server.bus.topics import CHANNELS_KEY, LEDGER_SHOWS_KEY, UNREAD_MAX, channel_stream, ledger_stream, trim
from server.kernel.module import SYSTEM
from server.ledger.log import SHOWS_KEY, log_key
from tests.bus.conftest import MakeWorld
from tests.bus.shop import ThingHappened, World, record


async def happen(world: World, count: int) -> None:
    async with world.units(SYSTEM) as ctx:
        for number in range(count):
            ctx.publish(ThingHappened(thing_id="one", number=number))
    await world.drain()


async def test_only_what_every_group_has_acknowledged_is_trimmed(make_world: MakeWorld) -> None:
    world = make_world(record)
    redis = world.redis
    await happen(world, 10)
    await redis.xgroup_create("bus:alpha", "slow", id="0")
    await world.consumer().step()
    assert await trim(redis, "alpha") == 0
    read: Any = await redis.xreadgroup("slow", "one", {"bus:alpha": ">"}, count=6)
    ids = [key for key, _ in read[0][1]]
    assert await trim(redis, "alpha") == 0
    await redis.xack("bus:alpha", "slow", *ids[:2], *ids[3:])  # the third is still under way
    assert await trim(redis, "alpha") == 2
    await redis.xack("bus:alpha", "slow", ids[2])
    assert await trim(redis, "alpha") == 4
    assert await redis.xlen("bus:alpha") == 4
    assert await trim(redis, "nobody") == 0


async def test_a_topic_without_readers_is_bounded(redis: Redis) -> None:
    async with redis.pipeline(transaction=False) as pipeline:
        for _ in range(UNREAD_MAX + 500):
            pipeline.xadd("bus:alpha", {b"e": b"x"})
        await pipeline.execute()
    assert await trim(redis, "alpha") > 0
    assert UNREAD_MAX <= await redis.xlen("bus:alpha") < UNREAD_MAX + 500


async def test_old_inbox_rows_are_forgotten_and_recent_ones_are_not(make_world: MakeWorld) -> None:
    world = make_world(record)
    keeping = Housekeeping(world.database, world.redis, world.sources.topics, world.clock)
    consumer = world.consumer()
    await happen(world, 1)
    await consumer.step()
    world.clock.advance(INBOX_KEPT_MS)
    await happen(world, 1)
    await consumer.step()
    world.clock.advance(1)
    await keeping.step()
    assert await world.redis.xlen("bus:alpha") == 0
    assert await world.effects() == ["one", "one"]


def test_topics_are_what_modules_emit_or_consume_through_the_outbox(make_world: MakeWorld) -> None:
    assert make_world(record).sources.topics == ["alpha", "beta", "replay:alpha", "replay:beta"]


def test_the_bus_and_the_ledger_and_the_channels_mean_the_same_keys() -> None:
    from server.channels.log import RECORDED_KEY

    assert (ledger_stream("shw_1"), LEDGER_SHOWS_KEY) == (log_key("shw_1"), SHOWS_KEY)
    assert (channel_stream("chat:1"), CHANNELS_KEY) == ("ch:{chat:1}:log", RECORDED_KEY)
