"""What the ledger decides is in SQL within moments, each entry once and in order; and Redis keeps what others need."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis.asyncio import Redis

from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.kernel.tasks import supervised
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.log import log_key, read_log, refused_key
from server.ledger.projection import KEPT, Projection, trim
from server.ledger.replay import replay
from server.ledger.rules import HoldLine
from server.ledger.wire import key
from server.store.database import Database

SHOW = "shw_0123456789abcdef0123456789abcdef"
OTHER = "shw_fedcba9876543210fedcba9876543210"
SKU = "CAP-A"
ONE = [HoldLine(SKU, 1)]


@dataclass
class Lease:
    """A lease that this worker has, or not."""

    mine: bool = True
    examined: int = 0
    asked: list[bool] = field(default_factory=list)

    async def hold(self) -> int | None:
        return 1 if self.mine else None

    async def examine(self) -> None:
        self.examined += 1


@pytest.fixture
async def ledger(redis: Redis) -> AsyncIterator[Ledger]:
    made = Ledger(redis, SystemClock())
    yield made
    await made.close()


def projection(redis: Redis, database: Database, lease: Lease | None = None, groups: Sequence[str] = ()) -> Projection:
    lease = lease or Lease()
    return Projection(redis, database, SystemClock(), lease=lease.hold, examine=lease.examine, groups=groups)


async def until_recorded(redis: Redis, database: Database, show_id: str) -> None:
    """Wait until SQL has everything that the log has."""
    history = LedgerHistory(database)
    async with asyncio.timeout(10):
        for _ in itertools.count():
            end: Any = await redis.hget(key(show_id, "meta"), "seq")
            if (await history.projected(show_id))[1] == int(end):
                return
            await asyncio.sleep(0.005)


async def buy(ledger: Ledger, show_id: str, count: int, start: int = 0) -> None:
    names = range(start, start + count)
    await asyncio.gather(*(ledger.hold(show_id, f"ord_{i}", f"acc_{i}", ONE, 60_000) for i in names))


async def test_every_event_reaches_sql_as_it_was_written(ledger: Ledger, redis: Redis, database: Database) -> None:
    copying = projection(redis, database)
    async with supervised("projection") as tasks:
        tasks.start(copying.run())
        await ledger.fund(SHOW, "mov_1", SKU, 200, 5)
        await ledger.fund(OTHER, "mov_1", SKU, 10, 5)
        await buy(ledger, SHOW, 150)
        await ledger.commit(SHOW, "com_1", "ord_1")
        for show_id in (SHOW, OTHER):
            await until_recorded(redis, database, show_id)
    history = LedgerHistory(database)
    for show_id in (SHOW, OTHER):
        recorded = [event async for event in history.all_events(show_id)]
        assert recorded == [event async for event in read_log(redis, show_id)]
        state = await replay(redis, show_id)
        assert await history.projected(show_id) == (state.epoch, state.seq)
    assert [event.seq for event in await history.events(SHOW, "ord_1")][-1] == 152


async def test_a_decision_is_in_sql_within_moments(ledger: Ledger, redis: Redis, sqlite_database: Database) -> None:
    history = LedgerHistory(sqlite_database)
    await ledger.fund(SHOW, "mov_1", SKU, 200, 5)
    delays: list[float] = []
    async with supervised("projection") as tasks:
        tasks.start(projection(redis, sqlite_database).run())
        await until_recorded(redis, sqlite_database, SHOW)
        for number in range(20):
            await ledger.hold(SHOW, f"ord_{number}", "acc_1" + str(number), ONE, 60_000)
            decided = asyncio.get_running_loop().time()
            while (await history.projected(SHOW))[1] < number + 2:
                assert asyncio.get_running_loop().time() < decided + 5
                await asyncio.sleep(0.002)
            delays.append(asyncio.get_running_loop().time() - decided)
    assert sorted(delays)[10] < 0.1, f"the usual delay is {sorted(delays)[10]:.3f} s"


async def test_scripts_hear_how_far_the_record_is(ledger: Ledger, redis: Redis, sqlite_database: Database) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 200, 5)
    await buy(ledger, SHOW, 20)
    copying = projection(redis, sqlite_database)
    assert await copying.step() > 20
    assert await redis.hget(key(SHOW, "meta"), "projected") == b"21"
    await copying.aclose()


async def test_who_has_no_lease_writes_nothing(ledger: Ledger, redis: Redis, sqlite_database: Database) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 200, 5)
    lease = Lease(mine=False)
    copying = projection(redis, sqlite_database, lease)
    assert await copying.step() == 0
    assert await LedgerHistory(sqlite_database).projected(SHOW) == ("", 0)
    lease.mine = True
    assert await copying.step() == 1
    assert lease.examined == 1, "whether Redis is older is looked at before anything is copied"
    await copying.aclose()


async def test_two_that_both_believe_to_hold_the_lease_write_each_entry_once(
    ledger: Ledger, redis: Redis, database: Database
) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 1_000, 5)
    async with supervised("projections") as tasks:
        for _ in range(3):
            tasks.start(projection(redis, database).run())
        for start in range(0, 300, 30):
            await buy(ledger, SHOW, 30, start)
        await until_recorded(redis, database, SHOW)
    recorded = [event.seq async for event in LedgerHistory(database).all_events(SHOW)]
    assert recorded == list(range(1, 302))


class Fragile(Database):
    """A database whose transaction fails at its very end, or whose answer to the commit is lost."""

    fail: str = ""

    def begin(self) -> Any:
        context, failure = super().begin(), self.fail

        class Failing:
            async def __aenter__(self) -> Any:
                return await context.__aenter__()

            async def __aexit__(self, *error: Any) -> Any:
                if failure == "before":
                    await context.__aexit__(Unavailable, Unavailable("planted"), None)
                else:
                    await context.__aexit__(*error)
                raise Unavailable("planted")

        return Failing() if failure else context


@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_batch_that_fails_is_repeated_and_never_doubled(
    fault: str, ledger: Ledger, redis: Redis, sqlite_database: Database
) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 200, 5)
    await buy(ledger, SHOW, 20)
    fragile = Fragile(str(sqlite_database.url))
    copying = projection(redis, fragile)
    fragile.fail = fault
    with pytest.raises(Unavailable):
        await copying.step()
    fragile.fail = ""
    await copying.step()
    assert [event.seq for event in await LedgerHistory(sqlite_database).events(SHOW)] == list(range(1, 22))
    await copying.aclose()
    await fragile.dispose()


async def test_a_log_that_does_not_fit_stops_its_show_and_no_other(
    ledger: Ledger, redis: Redis, sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for show_id in (SHOW, OTHER):
        await ledger.fund(show_id, "mov_1", SKU, 200, 5)
    copying = projection(redis, sqlite_database)
    await copying.step()
    for show_id in (SHOW, OTHER):
        await buy(ledger, show_id, 5)
    await redis.xdel(log_key(SHOW), "3-0")
    await copying.step()
    history = LedgerHistory(sqlite_database)
    assert (await history.projected(SHOW))[1] == 1
    assert (await history.projected(OTHER))[1] == 6
    assert "STANDS STILL" in caplog.text
    await copying.aclose()


async def test_an_entry_that_nobody_can_read_stops_its_show_and_no_other(
    ledger: Ledger, redis: Redis, sqlite_database: Database
) -> None:
    await redis.sadd("ledger:shows", OTHER)
    await redis.xadd(log_key(OTHER), {"e": json.dumps({"no": "envelope"})}, id="1-0")
    await ledger.fund(SHOW, "mov_1", SKU, 200, 5)
    copying = projection(redis, sqlite_database)
    await copying.step()
    assert (await LedgerHistory(sqlite_database).projected(SHOW))[1] == 1
    await copying.aclose()


async def test_only_what_sql_and_every_consumer_have_is_trimmed(ledger: Ledger, redis: Redis, sqlite_database: Database) -> None:
    stream: Any = log_key(SHOW)
    await ledger.fund(SHOW, "mov_1", SKU, 100_000, 100_000)
    for start in range(0, 1_500, 500):
        await buy(ledger, SHOW, 500, start)

    async def first() -> int:
        entries: Any = await redis.xrange(stream, count=1)
        return int(entries[0][0].partition(b"-")[0])

    assert await trim(redis, SHOW, 1_501, ["orders"]) == 0, "a group that does not exist yet has read nothing"
    await redis.xgroup_create(stream, "orders", id="0")
    assert await trim(redis, SHOW, 1_501, ["orders"]) == 0
    entries: Any = await redis.xreadgroup("orders", "a", {stream: ">"}, count=300)
    assert await trim(redis, SHOW, 1_501, ["orders"]) == 0, "read is not acknowledged"
    ids = [entry_id for entry_id, _ in entries[0][1]]
    await redis.xack(stream, "orders", *ids[:100])
    assert await trim(redis, SHOW, 1_501, ["orders"]) == 100
    assert await first() == 101
    await redis.xack(stream, "orders", *ids[100:])
    assert await trim(redis, SHOW, 1_200, ["orders"]) == 100, "what SQL has, less what web nodes may need"
    await redis.xgroup_setid(stream, "orders", "1501-0")
    assert await trim(redis, SHOW, 1_501, ["orders"]) == 301
    assert await redis.xlen(stream) == KEPT
    assert await trim(redis, "shw_none", 1_501, []) == 0


async def test_the_worker_trims_by_itself_and_the_rest_still_replays(
    ledger: Ledger, redis: Redis, sqlite_database: Database
) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 100_000, 100_000)
    async with supervised("projection") as tasks:
        tasks.start(projection(redis, sqlite_database).run())
        for start in range(0, 3_000, 500):
            await buy(ledger, SHOW, 500, start)
        await until_recorded(redis, sqlite_database, SHOW)
        async with asyncio.timeout(10):
            while await redis.xlen(log_key(SHOW)) > 2 * KEPT:  # noqa: ASYNC110 - the server has no event to wait for
                await asyncio.sleep(0.01)
    recorded = [event.seq async for event in LedgerHistory(sqlite_database).all_events(SHOW)]
    assert recorded == list(range(1, 3_002))


async def test_refusals_are_recorded_once_and_then_forgotten_by_redis(redis: Redis, sqlite_database: Database) -> None:
    await redis.sadd("ledger:shows", SHOW)
    command = {"op": "bid", "command_id": "bid_1", "lot_id": "lot_1", "bidder_id": "acc_1", "amount_minor": 5, "currency": "EUR"}
    fields: Any = {"c": json.dumps(command), "o": "0" * 40 + '{"outcome":"unknown_lot"}', "s": "0", "t": "1700"}
    for _ in range(5):
        await redis.xadd(refused_key(SHOW), fields)
    copying = projection(redis, sqlite_database)
    assert await copying.step() == 5
    found = await LedgerHistory(sqlite_database).refusals(SHOW, "lot_1")
    assert [(refusal.at_ms, type(refusal.outcome).__name__) for refusal in found] == [(1700, "UnknownLot")] * 5
    assert await redis.xlen(refused_key(SHOW)) == 0
    assert await copying.step() == 0
    await copying.aclose()
