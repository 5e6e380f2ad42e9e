"""The tail: gap-free, in order, prompt when the set of streams changes, honest when the server changed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from redis.asyncio import Redis

from server.bus.tail import Tail
from server.kernel.tasks import supervised
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey


class Reader:
    """Notes what a tail hands on."""

    def __init__(self, redis: Redis) -> None:
        self.seen: list[tuple[str, str, int]] = []
        self.resets = 0
        self.tail = Tail(redis, self.entry, self.reset)
        self._arrived = asyncio.Condition()

    async def entry(self, stream: str, entry_id: str, fields: Mapping[bytes, bytes]) -> None:
        async with self._arrived:
            self.seen.append((stream, entry_id, int(fields[b"n"])))
            self._arrived.notify_all()

    async def reset(self) -> None:
        async with self._arrived:
            self.resets += 1
            self._arrived.notify_all()

    async def until(self, count: int, deadline_s: float = 10) -> None:
        async with asyncio.timeout(deadline_s), self._arrived:
            await self._arrived.wait_for(lambda: len(self.seen) >= count)

    async def until_reset(self, count: int) -> None:
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: self.resets >= count)

    def numbers(self, stream: str) -> list[int]:
        return [number for name, _, number in self.seen if name == stream]


@pytest.fixture
async def reader(redis: Redis) -> AsyncIterator[Reader]:
    """A running tail."""
    made = Reader(redis)
    async with supervised("test") as tasks:
        tasks.start(made.tail.run())
        yield made


async def add(redis: Redis, stream: str, *numbers: int) -> None:
    for number in numbers:
        await redis.xadd(stream, {b"n": number}, id=f"{number}-0")


async def test_it_hands_on_everything_after_the_position_in_order(reader: Reader, redis: Redis) -> None:
    await add(redis, "a", *range(1, 451))
    reader.tail.follow("a", "3-0")
    await reader.until(447)
    await add(redis, "a", *range(451, 461))
    await reader.until(457)
    assert reader.numbers("a") == list(range(4, 461))
    assert reader.tail.following == {"a": "460-0"}


async def test_a_stream_that_is_added_or_removed_while_it_waits_takes_effect_at_once(reader: Reader, redis: Redis) -> None:
    reader.tail.follow("quiet")
    for number in range(1, 21):
        stream = f"s{number}"
        await add(redis, stream, 1)
        reader.tail.follow(stream)
        # A blocking read lasts a second; twenty of them would be noticed. Each change interrupts it instead.
        await reader.until(number, deadline_s=0.8)
        reader.tail.unfollow(stream)
    await add(redis, "s1", 2)
    await add(redis, "quiet", 1)
    await reader.until(21)
    assert reader.numbers("s1") == [1]


async def test_following_again_moves_the_position(reader: Reader, redis: Redis) -> None:
    await add(redis, "a", 1, 2, 3)
    reader.tail.follow("a")
    await reader.until(3)
    reader.tail.follow("a", "1-0")
    await reader.until(5)
    assert reader.numbers("a") == [1, 2, 3, 2, 3]


async def test_one_entry_that_its_reader_cannot_take_silences_nothing(redis: Redis) -> None:
    reader = Reader(redis)
    await redis.xadd("a", {b"n": "not a number"}, id="1-0")
    await add(redis, "a", 2)
    async with supervised("test") as tasks:
        tasks.start(reader.tail.run())
        reader.tail.follow("a")
        await reader.until(1)
    assert reader.seen == [("a", "2-0", 2)]


async def test_a_cut_connection_loses_nothing_and_is_no_reset(reader: Reader, redis: Redis) -> None:
    reader.tail.follow("a")
    for number in range(1, 101):
        await add(redis, "a", number)
        if number % 25 == 0:
            await redis.client_kill_filter(_type="normal", skipme=True)
    await reader.until(100)
    assert reader.numbers("a") == list(range(1, 101))
    assert reader.resets == 0


async def test_another_server_process_is_a_reset_and_what_came_after_is_read(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    await server.start()
    client = connect(server.url)
    reader = Reader(client)
    async with supervised("test") as tasks:
        tasks.start(reader.tail.run())
        reader.tail.follow("a")
        await add(client, "a", 1, 2)
        await reader.until(2)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await server.wait()
        await server.start()
        await add(client, "a", 3)
        await reader.until_reset(1)
        await reader.until(3)
    assert (reader.numbers("a"), reader.resets) == ([1, 2, 3], 1)
    await client.aclose()
    await server.stop()


async def test_writers_and_changes_at_once_leave_no_gap(reader: Reader, redis: Redis) -> None:
    async def write(stream: str) -> None:
        await add(redis, stream, *range(1, 101))

    async def change() -> None:
        for number in range(100):
            reader.tail.follow(f"other{number}")
            await asyncio.sleep(0.001)
            reader.tail.unfollow(f"other{number}")

    streams = [f"s{number}" for number in range(8)]
    for stream in streams:
        reader.tail.follow(stream)
    await asyncio.gather(*(write(stream) for stream in streams), change())
    await reader.until(800)
    assert all(reader.numbers(stream) == list(range(1, 101)) for stream in streams)
