"""Leases and the jobs that they guard."""

import asyncio

from redis.asyncio import Redis
from sqlalchemy import insert, select

from server.bus.jobs import JobRunner
from server.bus.lease import Lease
from server.bus.tables import JOBS
from server.kernel.module import Context, Module, every_ms
from server.kernel.tasks import supervised
from tests.bus.shop import EFFECTS, World
from tests.fakes.clock import FakeClock


async def test_one_holder_at_a_time_and_the_token_grows_with_each_change(redis: Redis, clock: FakeClock) -> None:
    first, second = Lease(redis, "x", "a", clock), Lease(redis, "x", "b", clock)
    token = await first.hold()
    assert token is not None
    assert await second.hold() is None
    clock.advance(5_000)
    assert await first.hold() == token
    await second.release()  # not its own: nothing happens
    assert await second.hold() is None
    await first.release()
    taken = await second.hold()
    assert taken is not None
    assert taken > token


async def test_a_restarted_holder_goes_on_at_once(redis: Redis, clock: FakeClock) -> None:
    assert await Lease(redis, "x", "a|1", clock).hold() == await Lease(redis, "x", "a|1", clock).hold()
    assert await Lease(redis, "x", "a", clock).hold() is None


async def test_a_lease_ends_by_itself(redis: Redis, clock: FakeClock) -> None:
    first, second = Lease(redis, "x", "a", clock, lease_ms=30), Lease(redis, "x", "b", clock)
    await first.hold()
    async with asyncio.timeout(5):
        while await second.hold() is None:  # noqa: ASYNC110 - the server's clock ends it
            await asyncio.sleep(0.005)
    clock.advance(8)
    assert await first.hold() is None


async def test_the_token_grows_on_when_redis_lost_its_data(redis: Redis, clock: FakeClock) -> None:
    before = await Lease(redis, "x", "a", clock).hold()
    await redis.flushall()
    await asyncio.sleep(0.002)
    after = await Lease(redis, "x", "b", clock).hold()
    assert before is not None
    assert after is not None
    assert after > before


def runner(world: World, module: Module, name: str) -> JobRunner:
    return JobRunner([module], world.units, world.redis, world.clock, name)


async def add_row(ctx: Context) -> None:
    """A job."""
    await ctx.store.execute(insert(EFFECTS).values(thing_id="job", number=ctx.now_ms % 1000))


async def test_a_job_runs_about_every_period_in_one_worker(world: World) -> None:
    module = Module("alpha", jobs=(every_ms(1_000, add_row),))
    first, second = runner(world, module, "worker-1"), runner(world, module, "worker-2")
    assert [await first.step(), await second.step()] == [1, 0]
    assert [await first.step(), await second.step()] == [0, 0]
    world.clock.advance(1_000)
    assert [await second.step(), await first.step()] == [0, 1]
    assert await world.effects() == ["job", "job"]


async def test_a_worker_that_was_paused_beyond_its_lease_cannot_commit(world: World) -> None:
    async def pause(ctx: Context) -> None:
        await ctx.store.execute(insert(EFFECTS).values(thing_id="mine", number=1))

    module = Module("alpha", jobs=(every_ms(1_000, pause),))
    first, second = runner(world, module, "worker-1"), runner(world, module, "worker-2")
    await first.step()
    await world.redis.delete("{lease:job:alpha.pause}")  # it ended while the first worker was paused
    world.clock.advance(1_000)
    await second.step()
    first._jobs[0].lease._renew_at_ms = world.clock.monotonic_ms() + 1  # the first one does not know yet
    first._jobs[0].lease.token = first._jobs[0].lease.token or 1
    async with world.database.reading() as connection:
        token = await connection.scalar(select(JOBS.c.token))
    assert await first.step() == 1
    assert await world.effects() == ["mine", "mine"]
    async with world.database.reading() as connection:
        assert await connection.scalar(select(JOBS.c.token)) == token


async def test_a_job_that_fails_runs_again_at_its_next_turn(world: World) -> None:
    async def fail_once(ctx: Context) -> None:
        await add_row(ctx)
        if not await world.effects() and world.clock.monotonic_ms() == 0:
            raise RuntimeError("once")

    jobs = runner(world, Module("alpha", jobs=(every_ms(1_000, fail_once),)), "worker-1")
    await jobs.step()
    assert await world.effects() == []
    world.clock.advance(1_000)
    await jobs.step()
    assert await world.effects() == ["job"]


async def test_running_jobs_keep_their_own_pace(world: World) -> None:
    blocked = asyncio.Event()

    async def hang(ctx: Context) -> None:
        await blocked.wait()

    module = Module("alpha", jobs=(every_ms(5, add_row), every_ms(5, hang)))
    async with supervised("test") as tasks:
        tasks.start(runner(world, module, "worker-1").run())
        async with asyncio.timeout(10):
            while len(await world.effects()) < 3:
                world.clock.advance(5)
                await asyncio.sleep(0.005)
