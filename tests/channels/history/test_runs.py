"""Recorded runs over two nodes in this loop, with a fault in each; the checker must find nothing. Longer ones with real
processes: tests/chaos/test_channels.py."""

import asyncio
import itertools
import shutil
from operator import length_hint
from pathlib import Path

from redis.asyncio import Redis

from server.channels.limits import HubLimits
from server.redis.embedded import EmbeddedValkey
from tests.channels.history.events import Gapped, Lost, Subscribed
from tests.channels.history.local import ROOM, TOPIC, WORDY, Door, Stage, staged
from tests.channels.history.page import Page
from tests.channels.history.proxy import FAIR, Weather, proxied
from tests.channels.site import PATIENCE_S
from tests.redis.servers import kill, own_valkey


async def test_a_run_without_faults_has_nothing_to_complain_of(redis: Redis, tmp_path: Path) -> None:
    async with staged(redis, seed=1) as stage:
        await stage.talk(100)
        await stage.finish()
    stage.run.verdict(tmp_path)
    assert stage.run.history.of(Lost) == []
    assert stage.run.history.of(Gapped) == []


async def test_a_connection_cut_at_every_byte_of_its_frames_resumes_where_it_was(redis: Redis, tmp_path: Path) -> None:
    """Toward the page, from its handshake on; it comes back after 0 ms each time."""
    cuts = [*range(0, 1_500, 12), *range(500, 660)]
    async with staged(redis, seed=3, viewers=1) as stage, proxied(stage.sites[0].port, stage.run.dice) as proxy:
        unlucky = await stage.newcomer(Door(stage.sites[0], proxy.port), back_s=(0.0, 0.0))
        left = iter([*(Weather(cut_down_after=cut) for cut in cuts), FAIR])
        proxy.forecast = left
        unlucky.cut()
        while proxy.weather != FAIR or length_hint(left):
            await stage.talk(2, pause_s=(0.0, 0.0))
        await stage.finish()
    stage.run.verdict(tmp_path)
    assert len(stage.run.history.of(Lost)) > len(cuts) / 2
    assert any(event.recovered for event in stage.run.history.of(Subscribed))


async def test_commands_cut_at_every_byte_and_sent_ten_at_a_time_have_one_effect(redis: Redis, tmp_path: Path) -> None:
    async with staged(redis, seed=4, viewers=2) as stage, proxied(stage.sites[1].port, stage.run.dice) as proxy:
        unlucky = await stage.newcomer(Door(stage.sites[1], proxy.port), back_s=(0.0, 0.0))
        proxy.forecast = (Weather(cut_up_after=after) for after in itertools.cycle(range(500, 3_000, 37)))
        unlucky.cut()
        assert await stage.run.write(unlucky, TOPIC, 20, copies=10, pause_s=(0.0, 0.0)) == 20
        proxy.forecast = iter(())
        proxy.change()
        await stage.finish()
    stage.run.verdict(tmp_path)
    assert len(stage.run.history.of(Lost)) > 5


async def level(page: Page, other: Page) -> None:
    """Wait until a page has come to where another one is."""
    async with asyncio.timeout(PATIENCE_S):
        while page.positions.get(ROOM) != other.positions[ROOM]:  # noqa: ASYNC110 - both may move on
            await asyncio.sleep(0.01)


async def test_readers_behind_a_bad_network_come_to_the_same_end(redis: Redis, tmp_path: Path) -> None:
    """They take nothing, then a byte a second, until the ring has moved past them; then the connection is dead and neither end
    knows, then the way is long. A ring this small is not what a reader may count on, so there is no window."""
    weathers = Weather(stall=True), Weather(down_bytes_per_s=1.0), Weather(swallow=True), Weather(latency_s=0.02, jitter_s=0.05)
    limits = HubLimits(ring_length_max=30, verify_ms=200)
    async with staged(redis, seed=5, limits=limits) as stage, proxied(stage.sites[0].port, stage.run.dice) as proxy:
        stage.run.window = 0
        door = Door(stage.sites[0], proxy.port)
        patient = await stage.newcomer(door, silence_s=60.0)
        hasty = await stage.newcomer(door, silence_s=1.0)
        for weather in weathers:
            proxy.weather = weather
            await stage.talk(40, WORDY if weather in weathers[:2] else TOPIC, pause_s=(0.0, 0.0))
            proxy.weather = FAIR
            if weather.swallow:  # what was swallowed is a hole in the stream of bytes
                proxy.reset_all()
            await level(patient, stage.viewers[0])
            await level(hasty, stage.viewers[0])
        await stage.finish()
    stage.run.verdict(tmp_path)
    gapped = {event.who for event in stage.run.history.of(Gapped)}
    assert patient.name in gapped, "the ring has not moved past the reader that takes nothing"


async def test_killed_clients_of_redis_lose_nothing(redis: Redis, tmp_path: Path) -> None:
    async with staged(redis, seed=6) as stage:
        talking = asyncio.create_task(stage.talk(150, copies=2))
        for number in itertools.count():
            await asyncio.sleep(stage.run.dice.uniform(0.01, 0.08))
            if talking.done():
                break
            await redis.client_kill_filter(_type="pubsub" if number % 4 else "normal", skipme=True)
        await talking
        await stage.finish()
    stage.run.verdict(tmp_path)


async def test_a_killed_redis_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    async with own_valkey(tmp_path / "valkey") as (server, redis), staged(redis, seed=7) as stage:
        talking = asyncio.create_task(stage.talk(60, pause_s=(0.0, 0.02)))
        await asyncio.sleep(0.3)
        await kill(server)
        await server.start()
        await talking
        await stage.finish()
    stage.run.verdict(tmp_path)


async def restore_older_file(stage: Stage, server: EmbeddedValkey, older: Path) -> None:
    """The pages talk; the file as it was is put aside; they talk on, and find Redis with that file."""
    await stage.talk(20)
    shutil.copytree(server.folder / "appendonlydir", older)
    await stage.talk(20)
    await kill(server)
    shutil.rmtree(server.folder / "appendonlydir")
    shutil.move(older, server.folder / "appendonlydir")
    await server.start()
    await stage.talk(20)
    await stage.finish()


async def test_an_older_file_under_running_nodes_ends_the_epoch_for_everybody(tmp_path: Path) -> None:
    async with own_valkey(tmp_path / "valkey") as (server, redis), staged(redis, seed=8) as stage:
        await restore_older_file(stage, server, tmp_path / "older")
    stage.run.loss_allowed = True
    stage.run.verdict(tmp_path)
    stage.run.loss_allowed = False
    assert {violation.rule for violation in stage.run.violations()} == {"lost"}, "the file was older: something must be gone"
