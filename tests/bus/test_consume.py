"""Consumers: every event at least once, its effect once, in order, whatever dies in between."""

import asyncio
import os
import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import func, insert, select

from schemas.base import Envelope
from schemas.events.ledger import StockFunded
from server.bus.consume import ATTEMPTS_MAX, Consumer
from server.bus.dead_letters import count_dead_letters, list_dead_letters, replay
from server.bus.lease import LEASE_MS
from server.bus.tables import INBOX
from server.bus.topics import CHANNELS_KEY, LEDGER_SHOWS_KEY, channel_stream, ledger_stream
from server.kernel.errors import Unavailable
from server.kernel.module import SYSTEM, ChannelKind, Consumes, Context, Module
from server.kernel.tasks import supervised
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey
from tests.bus.conftest import MakeWorld
from tests.bus.shop import EFFECTS, ThingHappened, Warehouse, World, entries, envelope, record
from tests.fakes.clock import FakeClock


async def happen(world: World, *names: str) -> None:
    async with world.units(SYSTEM) as ctx:
        for name in names:
            ctx.publish(ThingHappened(thing_id=name))
    await world.drain()


async def pending(redis: Redis, stream: str = "bus:alpha", group: str = "beta") -> int:
    found = await redis.xpending(stream, group)
    return int(found["pending"])


async def exhaust(consumer: Consumer, clock: FakeClock, rounds: int = 12) -> None:
    """Let every pause between attempts pass."""
    for _ in range(rounds):
        await consumer.step()
        clock.advance(10_000)


async def test_a_fact_of_one_module_has_its_effect_in_another(world: World) -> None:
    await happen(world, "one", "two", "three")
    consumer = world.consumer()
    await consumer.step()
    assert await world.effects() == ["one", "two", "three"]
    await world.drain()
    assert [found.subject for found in await entries(world.redis, "bus:beta")] == ["one", "two", "three"]
    assert await pending(world.redis) == 0
    assert await consumer.step() == 0


async def test_the_same_event_twice_has_one_effect(world: World) -> None:
    for _ in range(3):
        await world.redis.xadd("bus:alpha", {b"e": envelope(ThingHappened(thing_id="one"))})
    await world.consumer().step()
    assert await world.effects() == ["one"]
    assert await pending(world.redis) == 0


async def test_two_workers_that_handle_the_same_event_at_once_have_one_effect(make_world: MakeWorld) -> None:
    both_inside = asyncio.Barrier(2)

    async def meet(event: ThingHappened, ctx: Context) -> None:
        await both_inside.wait()
        await record(event, ctx)

    world = make_world(meet)
    await world.redis.xadd("bus:alpha", {b"e": envelope(ThingHappened(thing_id="one"))})
    await world.redis.xadd("bus:alpha", {b"e": envelope(ThingHappened(thing_id="one"))})
    first, second = world.consumer(), world.consumer()  # the same name: as when a paused worker comes back
    await first._intakes[0].refill(0)
    await first._intakes[0].refill(0)
    await second._intakes[0].refill(0)  # claims both from the first
    for consumer in (first, second):
        assert len(consumer._intakes[0].streams["bus:alpha"].backlog) == 2
    first._intakes[0].streams["bus:alpha"].backlog.popleft()
    async with asyncio.timeout(10):
        await asyncio.gather(first._work(first._intakes[0], "bus:alpha"), second._work(second._intakes[0], "bus:alpha"))
    assert await world.effects() == ["one"]


async def test_a_worker_that_dies_between_commit_and_acknowledgement_repeats_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await happen(world, "one", "two")
    dying = world.consumer()

    async def die(*_args: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(dying._intakes[0], "acknowledge", die)
    with pytest.raises(asyncio.CancelledError):
        await dying.step()
    assert await world.effects() == ["one", "two"]
    assert await pending(world.redis) == 2
    await world.consumer().step()
    assert await world.effects() == ["one", "two"]
    assert await pending(world.redis) == 0


async def test_a_worker_that_dies_before_its_commit_leaves_the_event_to_the_next(make_world: MakeWorld) -> None:
    deaths = iter([True, False])

    async def die_once(event: ThingHappened, ctx: Context) -> None:
        await record(event, ctx)
        if next(deaths, False):
            raise asyncio.CancelledError

    world = make_world(die_once)
    await happen(world, "one", "two")
    with pytest.raises(asyncio.CancelledError):
        await world.consumer().step()
    assert await world.effects() == []
    await world.consumer().step()
    assert await world.effects() == ["one", "two"]


async def test_a_handler_that_fails_is_tried_again_with_growing_pauses_and_order_is_kept(make_world: MakeWorld) -> None:
    attempts: list[float] = []

    async def fail_three_times(event: ThingHappened, ctx: Context) -> None:
        if event.thing_id == "one":
            attempts.append(world.clock.monotonic_ms())
            if len(attempts) <= 3:
                await record(event, ctx)
                raise RuntimeError("not yet")
        await record(event, ctx)

    world = make_world(fail_three_times)
    await happen(world, "one", "two")
    consumer = world.consumer()
    for _ in range(100):
        await consumer.step()
        world.clock.advance(10)
    pauses = [later - earlier for earlier, later in pairwise(attempts)]
    assert pauses == [100, 200, 400]
    assert await world.effects() == ["one", "two"]


async def test_after_the_last_attempt_an_event_becomes_a_dead_letter_and_the_next_one_goes_on(make_world: MakeWorld) -> None:
    async def refuse_one(event: ThingHappened, ctx: Context) -> None:
        await record(event, ctx)
        if event.thing_id == "one":
            raise RuntimeError("I do not like it")

    world = make_world(refuse_one)
    await happen(world, "one", "two")
    await exhaust(world.consumer(), world.clock)
    assert await world.effects() == ["two"]
    (kept,) = await list_dead_letters(world.database)
    assert (kept.module, kept.stream, kept.event_type, kept.attempts) == (
        "beta",
        "bus:alpha",
        "alpha.thing_happened.v1",
        ATTEMPTS_MAX,
    )
    assert "I do not like it" in kept.error
    assert "refuse_one" in kept.error
    assert await pending(world.redis) == 0


async def test_a_dead_letter_can_be_replayed_once_and_reaches_only_its_module(make_world: MakeWorld) -> None:
    broken = True

    async def repaired_later(event: ThingHappened, ctx: Context) -> None:
        if broken:
            raise RuntimeError("a bug")
        await record(event, ctx)

    world = make_world(repaired_later)
    await happen(world, "one")
    consumer = world.consumer()
    await exhaust(consumer, world.clock)
    (kept,) = await list_dead_letters(world.database, module="beta")
    broken = False
    assert await replay(world.database, world.clock, kept.id) is True
    assert await replay(world.database, world.clock, kept.id) is False
    assert await replay(world.database, world.clock, 404) is False
    await world.drain()
    await consumer.step()
    assert await world.effects() == ["one"]
    assert await world.redis.xlen("bus:alpha") == 1
    assert await count_dead_letters(world.database) == 0
    assert [each.id for each in await list_dead_letters(world.database, replayed=True)] == [kept.id]


@pytest.mark.parametrize(
    "fields",
    [
        {b"x": b"no envelope"},
        {b"e": b"\xff\x00 not JSON"},
        {b"e": b'{"id":"evt_1"}'},
        {
            b"e": b'{"id":"evt_1","source":"alpha","type":"alpha.thing_happened.v1","subject":"x","time_ms":1,'
            b'"data":{"type":"alpha.thing_happened.v1","thing_id":7}}'
        },
    ],
)
async def test_an_entry_that_cannot_be_read_becomes_a_dead_letter_at_once(make_world: MakeWorld, fields: dict[Any, Any]) -> None:
    world = make_world(record)
    await world.redis.xadd("bus:alpha", fields)
    await happen(world, "after")
    await world.consumer().step()
    assert await world.effects() == ["after"]
    (kept,) = await list_dead_letters(world.database)
    assert kept.envelope == fields.get(b"e", b"")
    assert kept.attempts == 0
    assert await pending(world.redis) == 0


async def test_events_of_no_interest_are_passed_over(make_world: MakeWorld) -> None:
    world = make_world(record)
    other = Envelope(id="evt_1", source="alpha", type="alpha.new_kind.v1", subject="x", time_ms=1, data=msgspec.Raw(b"{}"))
    await world.redis.xadd("bus:alpha", {b"e": msgspec.json.encode(other)})
    await world.consumer().step()
    assert (await world.effects(), await count_dead_letters(world.database), await pending(world.redis)) == ([], 0, 0)


async def test_an_outage_is_waited_out_and_counts_as_no_attempt(make_world: MakeWorld) -> None:
    outage = True

    async def need_the_ledger(event: ThingHappened, ctx: Context) -> None:
        if outage:
            raise Unavailable("the ledger is away")
        await record(event, ctx)

    world = make_world(need_the_ledger)
    await happen(world, "one")
    consumer = world.consumer()
    await exhaust(consumer, world.clock, rounds=3 * ATTEMPTS_MAX)
    assert await count_dead_letters(world.database) == 0
    outage = False
    await exhaust(consumer, world.clock, rounds=2)
    assert await world.effects() == ["one"]


async def test_an_event_that_kills_its_worker_again_and_again_becomes_a_dead_letter(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.bus.consume.DELIVERIES_MAX", 4)
    deaths = 0

    async def kill(event: ThingHappened, ctx: Context) -> None:
        nonlocal deaths
        deaths += 1
        raise asyncio.CancelledError

    world = make_world(kill)
    await happen(world, "one")
    for _ in range(4):
        with pytest.raises(asyncio.CancelledError):
            await world.consumer().step()
    await world.consumer().step()
    (kept,) = await list_dead_letters(world.database)
    assert (deaths, "without an outcome" in kept.error) == (4, True)


async def test_a_failing_stream_does_not_hold_up_another(make_world: MakeWorld) -> None:
    async def refuse_replays(event: ThingHappened, ctx: Context) -> None:
        if event.thing_id == "bad":
            raise RuntimeError("no")
        await record(event, ctx)

    world = make_world(refuse_replays)
    await world.redis.xadd("bus:replay:beta", {b"e": envelope(ThingHappened(thing_id="bad"), "evt_bad")})
    consumer = world.consumer()
    await consumer.step()
    await happen(world, "good")
    await consumer.step()
    assert await world.effects() == ["good"]


async def test_outside_calls_come_before_the_transaction_also_in_handlers(make_world: MakeWorld) -> None:
    async def call_first(event: ThingHappened, ctx: Context) -> None:
        ctx.port(Warehouse)
        await record(event, ctx)

    world = make_world(call_first, ports={Warehouse: Warehouse()})
    await happen(world, "one")
    await world.consumer().step()
    assert await world.effects() == ["one"]


async def test_a_handler_without_any_write_is_still_called_once(make_world: MakeWorld) -> None:
    calls: list[str] = []

    async def only_look(event: ThingHappened, ctx: Context) -> None:
        calls.append(event.thing_id)

    world = make_world(only_look)
    for _ in range(2):
        await world.redis.xadd("bus:alpha", {b"e": envelope(ThingHappened(thing_id="one"))})
    await world.consumer().step()
    async with world.database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(INBOX)) == 1
    assert calls == ["one"]


async def test_of_two_workers_one_consumes_and_the_other_takes_over_in_order(make_world: MakeWorld) -> None:
    world = make_world(record)
    first, second = world.consumer("worker-1"), world.consumer("worker-2")
    await happen(world, "one")
    assert await first.step() == 1
    await happen(world, "two")
    assert await second.step() == 0
    first._intakes[0].forget()
    await world.redis.delete("{lease:consume:beta}")  # as when it ends by itself after LEASE_MS
    assert await second.step() == 1
    world.clock.advance(LEASE_MS)
    await happen(world, "three")
    assert await first.step() == 0
    assert await world.effects() == ["one", "two"]
    assert await second.step() == 1
    assert await world.effects() == ["one", "two", "three"]


async def test_streams_that_were_deleted_are_joined_again(make_world: MakeWorld) -> None:
    world = make_world(record)
    consumer = world.consumer()
    await happen(world, "one")
    await consumer.step()
    await world.redis.flushall()
    await happen(world, "two")
    world.clock.advance(LEASE_MS)
    for _ in range(3):
        await consumer.step()
    assert await world.effects() == ["one", "two"]


class TalkKind(ChannelKind):
    """A channel kind that records things."""

    name = "talk"
    emits = (ThingHappened,)


async def test_events_that_channels_record_come_from_the_channels_logs(make_world: MakeWorld) -> None:
    alpha = Module("alpha", channels=(TalkKind(),))
    beta = Module("beta", consumes=(Consumes(ThingHappened, record),))
    world = make_world(manifests=(alpha, beta))
    redis, clock = world.redis, world.clock
    consumer = world.consumer()
    await consumer.step()
    await redis.sadd(CHANNELS_KEY, "talk:1", "other:1")
    await redis.xadd(channel_stream("talk:1"), {b"d": b"{}"}, id="1-0")
    await redis.xadd(channel_stream("talk:1"), {b"d": b"{}", b"e": envelope(ThingHappened(thing_id="said"))}, id="2-0")
    clock.advance(1_000)
    assert await consumer.step() == 2
    assert await world.effects() == ["said"]
    assert await count_dead_letters(world.database) == 0
    assert not await redis.exists(channel_stream("other:1"))


async def test_facts_of_the_ledger_come_from_the_logs_of_the_shows(make_world: MakeWorld) -> None:
    async def funded(event: StockFunded, ctx: Context) -> None:
        await ctx.store.execute(insert(EFFECTS).values(thing_id=event.show_id, number=event.seq))

    beta = Module("beta", consumes=(Consumes(StockFunded, funded),))
    world = make_world(manifests=(Module("alpha"), beta))
    redis = world.redis
    consumer = world.consumer()
    await consumer.step()
    for show in ("shw_1", "shw_2"):
        event = StockFunded(show_id=show, epoch="e", seq=1, command_id="c", at_ms=1, lines=[], per_buyer_max=1)
        made = Envelope(
            id=f"{show}:1",
            source="ledger",
            type="ledger.stock_funded.v1",
            subject=show,
            time_ms=1,
            data=msgspec.Raw(msgspec.json.encode(event)),
        )
        await redis.xadd(ledger_stream(show), {b"e": msgspec.json.encode(made)}, id="1-0")
        await redis.sadd(LEDGER_SHOWS_KEY, show)
    consumer.wake()
    assert await consumer.step() == 2
    assert sorted(await world.effects()) == ["shw_1", "shw_2"]


async def test_kill_9_of_redis_in_the_middle_loses_nothing_and_repeats_nothing(
    make_world: MakeWorld, clock: FakeClock, tmp_path: Path
) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    await server.start()
    client = connect(server.url)
    world = make_world(client=client)
    world.units.on_commit(world.relay.wake)
    names = [f"thing-{number}" for number in range(120)]
    async with supervised("test") as tasks:
        tasks.start(world.relay.run())
        tasks.start(world.consumer().run())
        for number, name in enumerate(names):
            async with world.units(SYSTEM) as ctx:
                ctx.publish(ThingHappened(thing_id=name))
            if number in (40, 80):
                assert server.pid is not None
                os.kill(server.pid, signal.SIGKILL)
                await server.wait()
                await server.start()
        async with asyncio.timeout(20):
            while len(await world.effects()) < len(names):
                clock.advance(100)
                await asyncio.sleep(0.02)
    assert await world.effects() == names
    assert await count_dead_letters(world.database) == 0
    await client.aclose()
    await server.stop()
