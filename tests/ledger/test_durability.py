"""What was acknowledged is on the disk: by the server's own settings, or by waiting for it, or else we say so loudly."""

import asyncio
import itertools
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from schemas.events.ledger import HoldCommitted, StockHeld
from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.kernel.tasks import supervised
from server.ledger.audit import audit
from server.ledger.ledger import Ledger
from server.ledger.log import read_log
from server.ledger.replay import replay
from server.ledger.rules import Committed, Held, HoldLine, violations
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey, find_binary

SHOW = "shw_0123456789abcdef0123456789abcdef"
SKU = "CAP-A"
ONE = [HoldLine(SKU, 1)]


@asynccontextmanager
async def server(*options: str) -> AsyncIterator[Redis]:
    """A server with settings of our choice, as somebody else's might be."""
    with tempfile.TemporaryDirectory(prefix="led-") as folder:
        socket = f"{folder}/s"
        command = [str(find_binary()), "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "", *options]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        client = connect(f"unix://{socket}")
        try:
            await answers(client)
            yield client
        finally:
            await client.aclose()
            process.terminate()
            await process.wait()


async def answers(client: Redis) -> None:
    """Wait until the server answers."""
    async with asyncio.timeout(10):
        for _ in itertools.count():
            with suppress(RedisConnectionError):
                await client.ping()
                return
            await asyncio.sleep(0.01)


async def waits(client: Redis) -> int:
    """How often somebody waited for the append-only file."""
    stats = await client.info("commandstats")
    return int(stats.get("cmdstat_waitaof", {"calls": 0})["calls"])


async def buy_one(client: Redis) -> None:
    ledger = Ledger(client, SystemClock())
    await ledger.fund(SHOW, "mov_1", SKU, 5, 5)
    assert isinstance(await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000), Held)
    await ledger.close()


async def test_a_server_that_syncs_every_second_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    async with server("--appendonly", "yes", "--appendfsync", "everysec") as client:
        await buy_one(client)
        assert await waits(client) >= 2
        assert "CAN LOSE" not in caplog.text


async def test_a_server_that_hides_its_settings_is_waited_for_as_well(caplog: pytest.LogCaptureFixture) -> None:
    async with server("--appendonly", "yes", "--appendfsync", "everysec", "--rename-command", "CONFIG", "") as client:
        await buy_one(client)
        assert await waits(client) >= 2
        assert "CAN LOSE" not in caplog.text


async def test_a_server_that_syncs_before_it_answers_needs_no_waiting(redis: Redis) -> None:
    before = await waits(redis)
    await buy_one(redis)
    assert await waits(redis) == before


@pytest.mark.parametrize("options", [("--appendonly", "no"), ("--appendonly", "yes", "--appendfsync", "no")])
async def test_a_server_that_never_syncs_is_reported_once_and_loudly(
    options: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    async with server(*options) as client:
        await buy_one(client)
        assert caplog.text.count("CAN LOSE ACKNOWLEDGED SALES") == 1


async def test_a_server_without_a_file_that_hides_its_settings_is_reported_as_well(caplog: pytest.LogCaptureFixture) -> None:
    async with server("--appendonly", "no", "--rename-command", "CONFIG", "") as client:
        await buy_one(client)
        assert caplog.text.count("CAN LOSE ACKNOWLEDGED SALES") == 1


async def test_what_is_not_on_the_disk_is_not_acknowledged_when_asked_again_either() -> None:
    async with server("--appendonly", "yes", "--appendfsync", "no", "--rename-command", "CONFIG", "") as client:
        ledger = Ledger(client, SystemClock(), deadline_s=1.2)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await ledger.fund(SHOW, "mov_1", SKU, 5, 5)
        assert [event.seq async for event in read_log(client, SHOW)] == [1]
        await ledger.close()


async def test_a_server_that_stands_still_leaves_the_outcome_open_until_asked_again(redis: Redis) -> None:
    ledger = Ledger(redis, SystemClock(), deadline_s=0.3)
    await ledger.fund(SHOW, "mov_1", SKU, 5, 5)
    process_id = int((await redis.info("server"))["process_id"])
    os.kill(process_id, signal.SIGSTOP)
    try:
        with pytest.raises(Unavailable):
            await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000)
    finally:
        os.kill(process_id, signal.SIGCONT)
    assert isinstance(await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000), Held)
    assert (await ledger.pools(SHOW)).pools[0].held == 1
    await ledger.close()


async def test_no_server_at_all_is_unavailable_within_the_deadline() -> None:
    client = connect("unix:///nonexistent/valkey.sock")
    ledger = Ledger(client, SystemClock(), deadline_s=0.3)
    for attempt in (ledger.hold(SHOW, "ord_1", "acc_1", ONE, 1000), ledger.pools(SHOW), ledger.sweep(SHOW), ledger.sweep_all()):
        with pytest.raises(Unavailable):
            async with asyncio.timeout(5):
                await attempt
    await ledger.close()
    await client.aclose()


class Shopper:
    """Buys again and again, and remembers what it was told."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self.ledger = ledger
        self.name = name
        self.held: set[str] = set()
        self.sold: set[str] = set()
        self.asked: set[str] = set()

    async def shop(self) -> None:
        for number in itertools.count():
            hold_id = f"ord_{self.name}_{number}"
            self.asked.add(hold_id)
            with suppress(Unavailable):
                if isinstance(await self.ledger.hold(SHOW, hold_id, self.name, ONE, 600_000), Held):
                    self.held.add(hold_id)
                    if isinstance(await self.ledger.commit(SHOW, f"com_{hold_id}", hold_id), Committed):
                        self.sold.add(hold_id)


async def crash_while_shopping(kills: int, shoppers: int) -> None:
    with tempfile.TemporaryDirectory(prefix="led-") as folder:
        valkey = EmbeddedValkey(Path(folder))
        await valkey.start()
        client = connect(valkey.url)
        ledger = Ledger(client, SystemClock(), deadline_s=10)
        await ledger.fund(SHOW, "mov_1", SKU, 1_000_000, 1_000_000)
        people = [Shopper(ledger, f"p{number}") for number in range(shoppers)]
        async with supervised("shoppers") as tasks:
            for person in people:
                tasks.start(person.shop(), person.name)
            for _ in range(kills):
                await progress(people)
                assert valkey.pid is not None
                os.kill(valkey.pid, signal.SIGKILL)
                await valkey.wait()
                await valkey.start()
            await progress(people)
        await ledger.close()
        checker = Ledger(client, SystemClock())
        await compare_with_log(client, checker, people)
        await checker.close()
        await client.aclose()
        await valkey.stop()


async def progress(people: list[Shopper]) -> None:
    """Wait until a good number of further purchases is acknowledged."""
    target = sum(len(person.sold) for person in people) + 200
    async with asyncio.timeout(30):
        for _ in itertools.count():
            if sum(len(person.sold) for person in people) >= target:
                return
            await asyncio.sleep(0.005)


async def compare_with_log(client: Redis, ledger: Ledger, people: list[Shopper]) -> None:
    events = [event async for event in read_log(client, SHOW)]
    holds = [event.hold_id for event in events if isinstance(event, StockHeld)]
    sales = [event.hold_id for event in events if isinstance(event, HoldCommitted)]
    assert len(set(holds)) == len(holds), "a hold was made twice"
    assert len(set(sales)) == len(sales), "a hold was sold twice"
    assert set(holds) <= set().union(*(person.asked for person in people))
    for person in people:
        assert person.held <= set(holds), "an acknowledged hold is lost"
        assert person.sold <= set(sales), "an acknowledged sale is lost"
    state = await replay(client, SHOW)
    assert violations(state) == []
    assert [event.seq for event in events] == list(range(1, state.seq + 1))
    assert (await ledger.pools(SHOW)).pools == [state.pools[SKU]]
    assert await audit(client, ledger, SHOW) == []


async def test_a_killed_server_loses_no_acknowledged_hold_and_doubles_none() -> None:
    await crash_while_shopping(kills=2, shoppers=30)


@pytest.mark.chaos
async def test_a_server_that_is_killed_again_and_again_loses_nothing() -> None:
    await crash_while_shopping(kills=30, shoppers=100)
