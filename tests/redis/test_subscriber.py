"""Pub/sub on a connection that keeps itself alive."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis

from server.kernel.errors import Unavailable
from server.kernel.tasks import supervised
from server.redis import subscriber as subscriber_module
from server.redis.subscriber import Subscriber
from tests.redis.servers import hung, kill, own_valkey, until


class Heard:
    """What a listener was told, in order."""

    def __init__(self) -> None:
        self.messages: list[tuple[bytes, bytes]] = []
        self.restored: list[bool] = []

    def was_restored(self, times: int) -> bool:
        return len(self.restored) == times

    def message(self, topic: bytes, payload: bytes) -> None:
        self.messages.append((topic, payload))


@contextlib.asynccontextmanager
async def listening(redis: Redis) -> AsyncIterator[tuple[Subscriber, Heard]]:
    heard = Heard()
    subscriber = Subscriber(redis, heard.message, heard.restored.append)
    async with supervised("test") as tasks:
        tasks.start(subscriber.run(), "subscriber")
        yield subscriber, heard


async def send(redis: Redis, topic: str, payload: str) -> int:
    client: object = redis
    return int(await client.execute_command("SPUBLISH", topic, payload))  # type: ignore[attr-defined]


async def test_from_the_return_of_subscribe_on_every_message_comes_in_order(redis: Redis) -> None:
    async with listening(redis) as (subscriber, heard):
        for topic in ("one", "two"):
            await subscriber.subscribe(topic)
            assert await send(redis, topic, "first") == 1
        for number in range(100):
            await send(redis, "one", str(number))
        await until(lambda: len(heard.messages) == 102)
        assert heard.messages[:2] == [(b"one", b"first"), (b"two", b"first")]
        assert [payload for _, payload in heard.messages[2:]] == [b"%d" % number for number in range(100)]
        subscriber.unsubscribe("one")
        await subscriber.subscribe("three")  # answered behind the other
        assert await send(redis, "one", "gone") == 0
        assert heard.restored == []


async def test_a_killed_connection_comes_back_with_all_topics_and_says_so(redis: Redis) -> None:
    async with listening(redis) as (subscriber, heard):
        topics = [f"topic-{number}" for number in range(50)]
        await asyncio.gather(*(subscriber.subscribe(topic) for topic in topics))
        for times in range(1, 4):
            assert int(await redis.client_kill_filter(_type="pubsub")) == 1
            await until(partial(heard.was_restored, times))
            for topic in topics:
                assert await send(redis, topic, "again") == 1
        assert heard.restored == [False] * 3
        await until(lambda: len(heard.messages) == 150)


async def test_topics_that_are_wanted_while_the_connection_is_lost_are_subscribed_when_it_is_back(redis: Redis) -> None:
    async with listening(redis) as (subscriber, _):
        for number in range(20):
            await redis.client_kill_filter(_type="pubsub")
            await subscriber.subscribe(f"topic-{number}")
            assert await send(redis, f"topic-{number}", "there") == 1


async def test_another_process_behind_the_address_is_told_apart(tmp_path: Path) -> None:
    async with own_valkey(tmp_path) as (server, client), listening(client) as (subscriber, heard):
        await subscriber.subscribe("one")
        await kill(server)
        with pytest.raises(Unavailable):
            await subscriber.subscribe("two")
        await server.start()
        await until(lambda: heard.restored == [True])
        assert await send(client, "one", "1") == await send(client, "two", "2") == 1


async def test_a_silent_server_is_left_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriber_module, "SILENCE_S", 0.1)
    async with own_valkey(tmp_path) as (server, client), listening(client) as (subscriber, heard):
        await subscriber.subscribe("one")
        await asyncio.sleep(0.5)  # five silences of a server that answers
        assert subscriber.connects == 1
        with hung(server):
            await until(lambda: not subscriber.is_connected)
        await until(lambda: heard.restored == [False])
        assert await send(client, "one", "1") == 1
