"""The relay: in order, at least once, by several processes at once."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from server.bus.dead_letters import RELAY, list_dead_letters, replay
from server.bus.outbox import OutboxRelay
from server.bus.tables import OUTBOX
from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.kernel.module import SYSTEM
from server.kernel.tasks import supervised
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey
from server.store.database import Database
from tests.bus.conftest import MakeWorld
from tests.bus.shop import Pushed, StateView, ThingHappened, World, entries

DYING_RELAY = """
import asyncio, os, signal, sys
from server.bus.outbox import OutboxRelay
from server.kernel.clock import SystemClock
from server.redis.connection import connect
from server.store.database import Database
class Dying(OutboxRelay):
    async def _send(self, rows, done):
        await super()._send(rows, done)
        os.kill(os.getpid(), signal.SIGKILL)  # sent, and not deleted
async def nothing(*args):
    pass
asyncio.run(Dying(Database(sys.argv[1]), connect(sys.argv[2]), nothing, SystemClock()).relay_once())
"""


async def publish(world: World, count: int, subject: str = "one") -> None:
    async with world.units(SYSTEM) as ctx:
        for number in range(count):
            ctx.publish(ThingHappened(thing_id=subject, number=number))


async def left(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(OUTBOX)) or 0)


async def numbers(redis: Redis) -> list[int]:
    return [int(bytes(envelope.data).split(b":")[-1].rstrip(b"}")) for envelope in await entries(redis, "bus:alpha")]


async def test_rows_leave_once_and_in_order(world: World) -> None:
    await publish(world, 450)
    await world.drain()
    assert await numbers(world.redis) == list(range(450))
    assert await left(world.database) == 0
    assert await world.relay.relay_once() == 0


async def test_two_relays_at_once_send_every_row_once_and_keep_the_order(world: World) -> None:
    await publish(world, 900)
    second = Database(world.database.url.render_as_string(hide_password=False))
    others = [OutboxRelay(second, world.redis, world.pushed.publish, world.clock) for _ in range(2)]

    async def drain(relay: OutboxRelay) -> None:
        while await relay.relay_once():
            pass

    await asyncio.gather(drain(world.relay), *(drain(other) for other in others))
    assert await numbers(world.redis) == list(range(900))
    assert await left(world.database) == 0
    await second.dispose()


async def test_a_commit_wakes_the_relay_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.bus.outbox.SWEEP_MS", 60_000)  # so that the sweep cannot have done it
    world.units.on_commit(world.relay.wake)
    async with supervised("test") as tasks:
        tasks.start(world.relay.run())
        for count in (1, 2, 3):
            await publish(world, 1)
            async with asyncio.timeout(10):
                while len(await numbers(world.redis)) < count:  # noqa: ASYNC110 - the test asks, as a reader would
                    await asyncio.sleep(0.002)


async def test_rows_of_a_killed_process_are_swept_up(world: World) -> None:
    await publish(world, 3)  # nobody wakes the relay
    async with supervised("test") as tasks:
        tasks.start(world.relay.run())
        async with asyncio.timeout(5):
            while await left(world.database):  # noqa: ASYNC110 - the table has no event
                await asyncio.sleep(0.01)
    assert await numbers(world.redis) == [0, 1, 2]


async def test_a_relay_killed_between_sending_and_deleting_leaves_duplicates_not_losses(world: World, valkey_url: str) -> None:
    await publish(world, 5)
    url = world.database.url.render_as_string(hide_password=False)
    dying = subprocess.Popen([sys.executable, "-c", DYING_RELAY, url, valkey_url])  # noqa: ASYNC220 - it ends at once
    assert await asyncio.to_thread(dying.wait, 60) == -signal.SIGKILL
    assert await numbers(world.redis) == [0, 1, 2, 3, 4]
    assert await left(world.database) == 5
    async with asyncio.timeout(5):  # the turn of the dead process has ended with it
        await world.drain()
    assert await numbers(world.redis) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    assert len({envelope.id for envelope in await entries(world.redis, "bus:alpha")}) == 5


async def test_while_redis_is_away_rows_wait_and_then_leave(make_world: MakeWorld, tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    await server.start()
    client = connect(server.url)
    world = make_world(client=client)
    await publish(world, 2)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    await server.wait()
    with pytest.raises(Unavailable):
        await world.relay.relay_once()
    assert await left(world.database) == 2
    async with supervised("test") as tasks:
        tasks.start(world.relay.run())
        await server.start()
        async with asyncio.timeout(10):
            while await left(world.database):  # noqa: ASYNC110 - the table has no event
                await asyncio.sleep(0.01)
    assert await numbers(client) == [0, 1]
    await client.aclose()
    await server.stop()


async def test_a_push_that_is_sent_again_has_one_effect(world: World) -> None:
    async with world.units(SYSTEM) as ctx:
        ctx.push("show:1", StateView(1))
        ctx.push("show:1", StateView(2))
    world.pushed.error = Unavailable("away")
    with pytest.raises(Unavailable):
        await world.relay.relay_once()
    assert await left(world.database) == 2
    world.pushed.error = None
    await world.drain()
    assert [data for _, data, _ in world.pushed.seen.values()] == [b'{"number":1}', b'{"number":2}']


async def test_of_states_that_wait_for_one_channel_only_the_newest_leaves(world: World) -> None:
    async with world.units(SYSTEM) as ctx:
        for version in (1, 2, 4, 3):
            ctx.push("show:1", StateView(version), version=version)
            ctx.push("sales:1", StateView(version))
        ctx.push("show:2", StateView(9), version=1)
    world.pushed.error = Unavailable("away")
    with pytest.raises(Unavailable):
        await world.relay.relay_once()
    assert await left(world.database) == 9, "a row is done only when what stands for it has arrived"
    world.pushed.error = None
    await world.drain()
    by_channel: dict[str, list[bytes]] = {}
    for channel, data, _ in world.pushed.seen.values():
        by_channel.setdefault(channel, []).append(data)
    assert by_channel == {
        "show:1": [b'{"number":4}'],
        "show:2": [b'{"number":9}'],
        "sales:1": [b'{"number":1}', b'{"number":2}', b'{"number":4}', b'{"number":3}'],
    }


async def test_a_push_outage_does_not_hold_up_events_and_the_other_way_round(world: World) -> None:
    async with world.units(SYSTEM) as ctx:
        ctx.push("show:1", StateView(1))
        ctx.publish(ThingHappened(thing_id="one", number=7))
    world.pushed.error = Unavailable("away")
    with pytest.raises(Unavailable):
        await world.relay.relay_once()
    assert await numbers(world.redis) == [7]
    assert await left(world.database) == 1


async def test_a_push_that_can_never_be_published_becomes_a_dead_letter_and_can_be_replayed(world: World) -> None:
    async with world.units(SYSTEM) as ctx:
        ctx.push("nonsense", StateView(1))
    world.pushed.error = ValueError("no such channel kind")
    await world.drain()
    assert await left(world.database) == 0
    (kept,) = await list_dead_letters(world.database)
    assert (kept.module, kept.stream, kept.envelope) == (RELAY, "nonsense", b'{"number":1}')
    assert "no such channel kind" in kept.error
    world.pushed.error = None
    assert await replay(world.database, SystemClock(), kept.id) is True
    await world.drain()
    assert [channel for channel, _, _ in world.pushed.seen.values()] == ["nonsense"]


async def test_a_row_id_is_never_used_again(world: World) -> None:
    ids: list[int] = []
    for _ in range(3):
        await publish(world, 1)
        async with world.database.reading() as connection:
            ids.append(int(await connection.scalar(select(OUTBOX.c.id)) or 0))
        await world.drain()
    assert ids == sorted(set(ids))


async def test_a_slow_channel_keeps_its_own_order(world: World) -> None:
    async def publish_slowly(channel: str, data: bytes, command_id: str, version: int | None) -> None:
        await asyncio.sleep(0.003 if b"0" in data else 0)
        await slow.publish(channel, data, command_id, version)

    slow = Pushed()
    relay = OutboxRelay(world.database, world.redis, publish_slowly, world.clock)
    async with world.units(SYSTEM) as ctx:
        for number in range(6):
            ctx.push(f"show:{number % 2}", StateView(number))
    await relay.relay_once()
    for channel in ("show:0", "show:1"):
        assert [data for name, data, _ in slow.seen.values() if name == channel] == sorted(
            data for name, data, _ in slow.seen.values() if name == channel
        )
