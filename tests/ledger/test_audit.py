"""Whatever is changed behind the scripts' back is found, and the show stops until somebody has looked at it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.ledger.audit import Auditor, audit, check_fences, fenced_shows
from server.ledger.history import LedgerHistory
from server.ledger.keyspace import keys
from server.ledger.ledger import Ledger
from server.ledger.log import read_log
from server.ledger.projection import Projection
from server.ledger.replay import fold
from server.ledger.rules import Held, HoldLine
from server.ledger.wire import key
from server.store.database import Database
from tests.ledger.test_restore import ONE, OTHER, SHOW, SKU, busy_show, lease

Change = Callable[[Any], Awaitable[Any]]


def of(name: str) -> str:
    return key(SHOW, name)


PLANTED: dict[str, Change] = {
    "a unit out of nothing": lambda redis: redis.hincrby(of(f"pool:{SKU}"), "funded", 1),
    "a held unit is free": lambda redis: redis.hincrby(of(f"pool:{SKU}"), "held", -1),
    "a sold unit is free": lambda redis: redis.hincrby(of(f"pool:{SKU}"), "sold", -1),
    "another limit": lambda redis: redis.hset(of(f"pool:{SKU}"), "per_buyer_max", 99),
    "a pool nobody knows": lambda redis: redis.sadd(of("skus"), "GHOST"),
    "a buyer has bought less": lambda redis: redis.hincrby(of(f"bought:{SKU}"), "acc_0", -1),
    "a hold for somebody else": lambda redis: redis.set(
        of("hold:ord_1"), '{"buyer_id":"acc_x","lines":[{"sku":"CAP-A","quantity":1}],"expires_at_ms":1,"state":"held"}'
    ),
    "a hold is gone": lambda redis: redis.delete(of("hold:ord_1")),
    "a sold hold is gone": lambda redis: redis.delete(of("hold:ord_0")),
    "a hold never ends": lambda redis: redis.zrem(of("due"), "hold:ord_1"),
    "a hold ends too early": lambda redis: redis.zadd(of("due"), {"hold:ord_1": 1}),
    "a sale has more": lambda redis: redis.hset(of("offer:sal_1:BAG"), "quantity_max", 99),
    "a sale is cheaper": lambda redis: redis.hset(of("offer:sal_1:BAG"), "price_minor", 1),
    "a sale is open again": lambda redis: redis.hset(of("sale:sal_2"), "state", "open"),
    "a buyer has had less in a sale": lambda redis: redis.hset(of("insale:sal_1:BAG"), "acc_s", 0),
    "a coupon was used less": lambda redis: redis.hset(of("coupon:SAVE10"), "used", 0),
    "a coupon opens": lambda redis: redis.hset(of("coupon:SAVE20"), "state", "open"),
    "a use is forgotten": lambda redis: redis.delete(of("uses:SAVE10")),
    "somebody jumps the queue": lambda redis: redis.zadd(of("queue:1||BAG"), {"wai_2": 1}),
    "somebody is out of the line": lambda redis: redis.delete(of("waiter:wai_2")),
    "a line is not looked at": lambda redis: redis.delete(of("firsts:BAG")),
    "a lot is cheaper": lambda redis: redis.hset(of("lot:lot_open"), "price_minor", 1),
    "a lot has another leader": lambda redis: redis.hset(of("lot:lot_open"), "leader_id", "bid_0"),
    "a maximum is lower": lambda redis: redis.hset(of("lot:lot_announced"), "leader_max_minor", 1),
    "a lot has other terms": lambda redis: redis.hset(of("lot:lot_open"), "terms", "{}"),
    "a lot never ends": lambda redis: redis.zrem(of("due"), "lot:lot_open"),
    "a sold lot is open again": lambda redis: redis.hset(of("lot:lot_sold"), "state", "open"),
    "a lot is not shown": lambda redis: redis.zrem(of("open:lot"), "lot_open"),
    "somebody never entered": lambda redis: redis.hdel(of("entrants:gvw_open"), "ent_1"),
    "another winner": lambda redis: redis.hset(of("giveaway:gvw_drawn"), "winners", '["ent_2"]'),
    "the position": lambda redis: redis.hincrby(of("meta"), "seq", 1),
    "the life": lambda redis: redis.hset(of("meta"), "epoch", "another"),
    "an entry of the log": lambda redis: redis.xdel(of("log"), "5-0"),
}


@pytest.fixture
async def ledger(redis: Redis) -> AsyncIterator[Ledger]:
    made = Ledger(redis, SystemClock())
    yield made
    await made.close()


@pytest.mark.parametrize("change", PLANTED.values(), ids=PLANTED)
async def test_every_planted_difference_is_found_and_stops_its_show_alone(change: Change, ledger: Ledger, redis: Redis) -> None:
    await busy_show(ledger)
    await ledger.fund(OTHER, "mov_1", SKU, 100, 3)
    auditor = Auditor(redis, ledger, None)
    await change(redis)
    assert await auditor.step() == [SHOW]
    with pytest.raises(Unavailable, match="audit"):
        await ledger.hold(SHOW, "ord_new", "acc_9", ONE, 600_000)
    assert isinstance(await ledger.hold(OTHER, "ord_new", "acc_9", ONE, 600_000), Held)
    assert list(await fenced_shows(redis)) == [SHOW]
    with pytest.raises(Unavailable, match=SHOW):
        await check_fences(redis)
    assert await auditor.step() == [], "it is stopped once"
    await ledger.unfence(SHOW)
    await Auditor(redis, ledger, None).step()


async def test_a_difference_that_comes_while_the_replay_is_kept_is_found(ledger: Ledger, redis: Redis) -> None:
    await busy_show(ledger)
    auditor = Auditor(redis, ledger, None)
    assert await auditor.step() == []
    await redis.hincrby(of(f"pool:{SKU}"), "sold", 1)
    assert await auditor.step() == [SHOW]


async def test_an_honest_show_passes_whatever_it_does_between_two_looks(ledger: Ledger, redis: Redis) -> None:
    auditor = Auditor(redis, ledger, None)
    await busy_show(ledger)
    assert await auditor.step() == []
    for number in range(5):
        await ledger.hold(SHOW, f"ord_n{number}", f"acc_n{number}", ONE, 1 if number % 2 else 600_000)
        await ledger.sweep(SHOW)
        assert await auditor.step() == []
    await ledger.commit(SHOW, "com_9", "ord_n0")
    assert await auditor.step() == []
    await check_fences(redis)
    state = fold(SHOW, [event async for event in read_log(redis, SHOW)])
    assert len(dict(keys(state))) > 20, "hardly anything was compared"


async def test_a_show_is_compared_at_one_moment_while_it_sells(ledger: Ledger, redis: Redis) -> None:
    await busy_show(ledger)
    other = Ledger(redis, SystemClock())
    selling = True

    class Busy(Auditor):
        async def _advance(self, *args: Any) -> None:
            for number in range(3 if selling else 0):  # it goes on between reading and replaying
                await other.hold(SHOW, f"ord_b{number}_{self._turn}", f"b{number}", ONE, 60_000)
                self._turn += 1
            await super()._advance(*args)

    auditor = Busy(redis, ledger, None)
    for _ in range(5):
        assert await auditor.audit(SHOW) == []
    await redis.hincrby(of(f"pool:{SKU}"), "held", 1)
    assert await auditor.audit(SHOW) != []
    await other.close()


async def test_what_redis_has_trimmed_is_replayed_from_the_record(
    ledger: Ledger, redis: Redis, sqlite_database: Database
) -> None:
    await busy_show(ledger)

    async def nothing() -> None:
        pass

    copying = Projection(redis, sqlite_database, SystemClock(), lease=lease, examine=nothing)
    while await copying.step():
        pass
    await copying.aclose()
    await redis.xtrim(of("log"), minid="20-0", approximate=False)
    await ledger.hold(SHOW, "ord_new", "acc_9", ONE, 600_000)
    history = LedgerHistory(sqlite_database)
    assert await audit(redis, ledger, SHOW, history) == []
    assert await audit(redis, ledger, SHOW) != [], "without the record the replay has no beginning"
    await redis.hincrby(of(f"pool:{SKU}"), "sold", 1)
    assert len(await audit(redis, ledger, SHOW, history)) == 1


async def test_every_hold_has_its_turn(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 1_000, 3)
    for number in range(30):
        await ledger.hold(SHOW, f"ord_{number}", f"acc_{number}", [HoldLine(SKU, 1)], 600_000)
    auditor = Auditor(redis, ledger, None, holds_max=7)
    assert await auditor.audit(SHOW) == []
    await redis.delete(of("hold:ord_29"))
    found = [len(await auditor.audit(SHOW)) for _ in range(6)]
    assert sum(found) >= 1
    assert found.count(0) >= 3, "not all of them each time"
