"""Deadlines of the connection, and scripts by their hash."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from server.kernel.errors import Unavailable
from server.kernel.tasks import TaskGroup
from server.redis.blocking import BlockingReader
from server.redis.connection import connect, reaching
from server.redis.embedded import EmbeddedValkey
from server.redis.scripts import Script

COUNT = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


async def test_nobody_listening_means_unavailable(tmp_path: Path) -> None:
    client = connect(f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(Unavailable):
        async with reaching():
            await client.ping()
    with pytest.raises(Unavailable):
        await COUNT.run(client, ["n"], [1])
    await client.aclose()


async def test_a_server_that_hangs_means_unavailable_after_the_deadline(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    await server.start()
    client = connect(server.url)
    await client.ping()
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        began = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable):
            await COUNT.run(client, ["n"], [1], deadline_ms=300)
        assert asyncio.get_running_loop().time() - began < 2
    finally:
        os.kill(server.pid, signal.SIGCONT)
    # The connection whose answer was given up is not used again: the next answer belongs to the next question.
    assert await COUNT.run(client, ["other"], [5]) == 5
    await client.aclose()
    await server.stop()


async def test_a_refusal_of_the_server_is_not_an_outage(redis: Redis) -> None:
    await redis.lpush("list", 1)
    with pytest.raises(ResponseError):
        await COUNT.run(redis, ["list"], [1])


async def test_a_full_server_is_an_outage(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", memory_max_mb=8)
    await server.start()
    client = connect(server.url)

    async def fill() -> None:
        async with reaching():
            for number in range(100):
                await client.set(f"key:{number}", b"x" * 200_000)

    with pytest.raises(Unavailable):
        await fill()
    await client.aclose()
    await server.stop()


async def test_a_script_survives_a_server_that_forgot_it(redis: Redis) -> None:
    assert await COUNT.run(redis, ["n"], [2]) == 2
    await redis.script_flush()
    assert await COUNT.run(redis, ["n"], [3]) == 5


async def test_a_command_that_is_cancelled_ends_and_leaves_its_connection_to_others(redis: Redis) -> None:
    async def ask_for_ever() -> None:
        while True:
            await redis.get("key")

    tasks = TaskGroup("test")
    for turns in range(60):
        asking = tasks.start(ask_for_ever())
        for _ in range(turns % 20):
            await asyncio.sleep(0)
        asking.cancel()
        ended, _ = await asyncio.wait([asking], timeout=1)
        assert ended, f"swallowed after {turns % 20} turns"
    assert not redis.connection_pool._in_use_connections


async def test_a_blocking_read_can_be_cut_short_at_any_moment(redis: Redis) -> None:
    reader = BlockingReader(redis, block_ms=20_000)
    await reader.ensure()
    tasks = TaskGroup("test")
    for pause_s in (0, 0, 0.0005, 0.001, 0.003, 0.01):
        reading = tasks.start(reader.read("XREAD", "BLOCK", 20_000, "STREAMS", "stream", "$"))
        await asyncio.sleep(pause_s)
        reader.interrupt()
        async with asyncio.timeout(2):
            assert await reading == []
    await reader.aclose()


async def test_an_interrupt_ends_only_the_read_that_it_was_meant_for(redis: Redis) -> None:
    # Once the task that unblocks outlived its read, and cut short every following one: a busy loop.
    reader = BlockingReader(redis, block_ms=20_000)
    await reader.ensure()
    tasks = TaskGroup("test")

    async def read_twice() -> list[int]:
        return [len(await reader.read("XREAD", "BLOCK", 20_000, "STREAMS", "stream", "0")) for _ in range(2)]

    reading = tasks.start(read_twice())
    await asyncio.sleep(0)
    reader.interrupt()
    done, _ = await asyncio.wait([reading], timeout=0.3)
    assert not done, "the second read was cut short too"
    await redis.xadd("stream", {"n": 1})
    async with asyncio.timeout(2):
        assert await reading == [0, 1]
    await reader.aclose()


async def test_a_reader_connects_again_after_its_connection_was_cut(redis: Redis) -> None:
    reader = BlockingReader(redis, block_ms=20_000)
    await reader.ensure()
    reading = TaskGroup("test").start(reader.read("XREAD", "BLOCK", 20_000, "STREAMS", "stream", "$"))
    async with asyncio.timeout(5):
        while not [each for each in await redis.client_list() if each["cmd"] == "xread"]:  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.002)
    run_id = reader.run_id
    await redis.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(Unavailable):
        await reading
    await redis.xadd("stream", {"n": 1})
    reply = await reader.read("XREAD", "STREAMS", "stream", "0")
    assert [(stream, len(entries)) for stream, entries in reply] == [(b"stream", 1)]
    assert reader.run_id == run_id
    await reader.aclose()


async def test_a_new_connection_costs_no_command_of_its_own(redis: Redis, valkey_url: str) -> None:
    client = connect(valkey_url)
    await redis.config_resetstat()
    await asyncio.gather(*(client.blpop(["nothing"], timeout=0.2) for _ in range(5)))
    called = await redis.info("commandstats")
    assert {name for name in called if not name.startswith("cmdstat_config")} == {"cmdstat_blpop"}
    assert called["cmdstat_blpop"]["calls"] == 5
    await client.aclose()
