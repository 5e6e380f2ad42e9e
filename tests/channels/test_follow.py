"""Pub/sub made lossless: connections that are killed, messages that get lost, and a Redis that comes back older than it was."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from server.channels import follow
from server.channels.follow import LogFollower
from server.channels.framing import encode
from server.channels.limits import HubLimits
from server.channels.log import ChannelLog, log_key, meta_key
from tests.channels.kinds import Said
from tests.channels.site import ANNA, BORIS, Client, Site, running_site, until
from tests.redis.servers import kill, own_valkey

ROOM = "talk:room"
WIDE = HubLimits(ring_length_max=10_000)


async def say(log: ChannelLog, number: int, channel: str = ROOM) -> None:
    data = encode(Said(text=str(number), author_id="server"))
    await log.publish(channel, f"say-{number}", data, at_ms=5, length_max=100_000)


def texts(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["data"]["text"] for frame in frames]


def ignoring(*dropped: int) -> Any:
    """A `_receive` that loses messages with these offsets, as pub/sub may."""
    receive = LogFollower._receive
    left = list(dropped)

    def lossy(self: LogFollower, topic: bytes, payload: bytes) -> None:
        offset = int(payload.split(b" ", 2)[1])
        if offset in left:
            left.remove(offset)
        else:
            receive(self, topic, payload)

    return lossy


async def test_messages_lost_with_a_killed_connection_are_fetched_and_nobody_gets_a_gap(redis: Redis, log: ChannelLog) -> None:
    async with running_site(redis, limits=WIDE) as site:
        anna = await site.enter()
        await anna.subscribe(ROOM)
        for number in range(300):
            await say(log, number)
            if number % 60 == 10:
                await redis.client_kill_filter(_type="pubsub")
        assert texts(await anna.pushes(300)) == [str(number) for number in range(300)]
        assert site.channels.stats().gaps == 0


async def test_a_lost_message_is_fetched_when_the_next_one_shows_the_hole(
    redis: Redis, log: ChannelLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogFollower, "_receive", ignoring(3, 4, 9))
    async with running_site(redis) as site:
        anna = await site.enter()
        await anna.subscribe(ROOM)
        for number in range(1, 21):
            await say(log, number)
        assert [push["offset"] for push in await anna.pushes(20)] == list(range(1, 21))
        assert site.channels.stats().gaps == 0


async def test_the_last_message_of_all_that_was_lost_is_fetched_by_the_check(
    redis: Redis, log: ChannelLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogFollower, "_receive", ignoring(2))
    async with running_site(redis, limits=HubLimits(verify_ms=50)) as site:
        anna = await site.enter()
        await anna.subscribe(ROOM)
        await say(log, 1)
        await say(log, 2)
        assert texts(await anna.pushes(2)) == ["1", "2"]
        assert site.channels.stats().gaps == 0


async def test_a_hole_that_is_too_large_is_met_with_the_snapshot(
    redis: Redis, log: ChannelLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "HOLE_MAX", 3)
    monkeypatch.setattr(LogFollower, "_receive", ignoring(*range(2, 8)))
    async with running_site(redis) as site:
        anna = await site.enter()
        await anna.subscribe(ROOM)
        for number in range(1, 9):
            await say(log, number)
        gap = await anna.next("gap")
        assert (gap["offset"], gap["snapshot"]["said"][-1]["text"]) == (8, "8")
        await say(log, 9)
        assert texts([await anna.wait(lambda got: got.get("offset") == 9)]) == ["9"]


async def test_what_comes_while_a_channel_is_held_and_does_not_fit_is_a_hole_like_any_other(
    redis: Redis, log: ChannelLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "HELD_MAX", 3)
    between = ChannelLog.between
    reading = asyncio.Event()

    async def slow(self: ChannelLog, channel: str, first: int, last: int) -> Any:
        if first == 2:
            reading.set()
            for number in range(4, 20):
                await say(log, number)
        return await between(self, channel, first, last)

    monkeypatch.setattr(LogFollower, "_receive", ignoring(2))
    monkeypatch.setattr(ChannelLog, "between", slow)
    async with running_site(redis) as site:
        anna = await site.enter()
        await anna.subscribe(ROOM)
        for number in range(1, 4):
            await say(log, number)
        assert texts(await anna.pushes(19)) == [str(number) for number in range(1, 20)]
        assert reading.is_set()
        assert site.channels.stats().gaps == 0


async def test_a_subscription_has_no_hole_between_its_snapshot_and_its_first_push(redis: Redis, log: ChannelLog) -> None:
    async with running_site(redis) as site:
        stop = asyncio.Event()

        async def talk() -> int:
            number = 0
            while not stop.is_set():
                number += 1
                await say(log, number)
            return number

        talking = asyncio.ensure_future(talk())
        viewers: list[tuple[Client, int]] = []
        for _ in range(15):  # each opens the channel anew
            site.channels._live.close_unused(1e18)
            site.channels._live.close_unused(2e18)
            client = await site.enter()
            reply = await client.subscribe(ROOM)
            pushes = await client.pushes(20)
            assert [push["offset"] for push in pushes] == list(range(reply["offset"] + 1, reply["offset"] + 21))
            viewers.append((client, reply["offset"]))
            await client.cut()
            await until(lambda: site.channels.stats().connections == 0)
        stop.set()
        await talking
        assert len({offset for _, offset in viewers}) == 15
        assert site.channels.stats().gaps == 0


async def test_what_is_published_right_after_the_snapshot_was_read_is_pushed_although_nothing_follows(
    site: Site, log: ChannelLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = ChannelLog.open

    async def read_then_publish(self: ChannelLog, channel: str, count: int) -> Any:
        read = await opened(self, channel, count)
        await say(log, read.offset + 1)
        return read

    monkeypatch.setattr(ChannelLog, "open", read_then_publish)
    anna = await site.enter()
    reply = await anna.subscribe(ROOM)
    assert (reply["offset"], [said["text"] for said in reply["snapshot"]["said"]]) in ((0, []), (1, ["1"]))
    if reply["offset"] == 0:
        assert texts(await anna.pushes(1)) == ["1"]


async def test_the_position_is_lost_and_everybody_is_told(redis: Redis, log: ChannelLog) -> None:
    async with running_site(redis, limits=HubLimits(verify_ms=50)) as site:
        anna = await site.enter()
        await anna.subscribe(ROOM)
        await say(log, 1)
        await anna.pushes(1)
        await redis.delete(meta_key(ROOM), log_key(ROOM))
        gap = await anna.next("gap")
        assert (gap["offset"], gap["snapshot"]) == (0, {"said": []})


class Witness:
    """Everything that viewers were told, by position: the same position must never stand for two things."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], str] = {}

    def take(self, client: Client) -> None:
        for frame in client.inbox:
            if frame["op"] == "push":
                text = self.known.setdefault((frame["epoch"], frame["offset"]), frame["data"]["text"])
                assert text == frame["data"]["text"], f"two publications at {frame['epoch']} {frame['offset']}"


@contextlib.asynccontextmanager
async def two_viewers(redis: Redis) -> AsyncIterator[tuple[Site, Client, Site, Client]]:
    async with running_site(redis) as site, running_site(redis) as other:
        anna, boris = await site.enter(ANNA), await other.enter(BORIS)
        await anna.subscribe(ROOM)
        await boris.subscribe(ROOM)
        yield site, anna, other, boris


async def test_a_redis_that_comes_back_from_an_older_file_gives_no_position_to_two_publications(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    async with own_valkey(folder) as (server, redis), two_viewers(redis) as (site, anna, other, boris):
        witness = Witness()
        for number in range(5):
            assert (await anna.say(ROOM, f"kept {number}"))["op"] == "accepted"
        await boris.wait(lambda got: got.get("offset") == 5)
        await server.stop()
        shutil.copytree(folder, tmp_path / "older", ignore=shutil.ignore_patterns("*.sock", "lock"))
        await server.start()
        first = await resynchronised(anna, boris)
        for number in range(5):
            assert (await anna.say(ROOM, f"lost {number}"))["op"] == "accepted"
        await boris.wait(lambda got: got.get("op") == "push" and got["data"]["text"] == "lost 4")
        await kill(server)
        shutil.copytree(tmp_path / "older", folder, dirs_exist_ok=True)
        await server.start()
        second = await resynchronised(anna, boris)
        assert first != second, "another server process, another epoch"
        for number in range(5):
            accepted = await boris.say(ROOM, f"new {number}")
            assert accepted["epoch"] == second
        await anna.wait(lambda got: got.get("op") == "push" and got["data"]["text"] == "new 4")
        for client in (anna, boris):
            witness.take(client)
        assert {text for (epoch, _), text in witness.known.items() if epoch == second} >= {f"new {n}" for n in range(4)}
        assert [site.channels.stats().gaps, other.channels.stats().gaps] == [2, 2], "one for each process of the server"


async def resynchronised(*clients: Client) -> str:
    """The epoch of the gap that all of them get; the same, and one each."""
    gaps = [await client.next("gap") for client in clients]
    assert len({gap["epoch"] for gap in gaps}) == 1
    return str(gaps[0]["epoch"])


async def test_an_epoch_ends_once_however_many_come_at_once(tmp_path: Path) -> None:
    async with own_valkey(tmp_path) as (server, redis):
        logs = [ChannelLog(redis) for _ in range(5)]
        await say(logs[0], 0)
        before = (await logs[0].open(ROOM, 10)).epoch
        await kill(server)
        await server.start()
        for number, log in enumerate(logs):
            log_number = number * 10
            await asyncio.gather(*(say(log, log_number + step + 1) for step in range(5)), log.open(ROOM, 10))
        opened = await asyncio.gather(*(log.open(ROOM, 100) for log in logs))
        assert len({one.epoch for one in opened}) == 1
        assert opened[0].epoch != before
        assert [(entry.epoch, entry.offset) for entry in opened[0].entries] == [
            (before if offset == 1 else opened[0].epoch, offset) for offset in range(1, 27)
        ]
        await asyncio.gather(*(log.close() for log in logs))
