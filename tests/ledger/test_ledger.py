"""The ledger against a real server: its answers, its log, its limits."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from schemas.base import Envelope
from schemas.errors import STALE_EPOCH, Refused
from schemas.events.ledger import HoldExpired, StockFunded, StockHeld
from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.ledger.audit import audit
from server.ledger.ledger import Ledger
from server.ledger.log import SHOWS_KEY, decode_entry, log_key, read_log
from server.ledger.replay import replay
from server.ledger.rules import (
    LAG_MAX,
    Committed,
    Extended,
    Funded,
    Held,
    Hold,
    HoldGone,
    HoldLine,
    IdempotencyConflict,
    LimitReached,
    Opened,
    OpenSale,
    Pool,
    Released,
    SaleItem,
    SoldOut,
    UnknownSku,
    Wait,
    Waiting,
    violations,
)
from server.ledger.wire import PoolsSnapshot, key

SHOW = "shw_0123456789abcdef0123456789abcdef"
SKU = "CAP-A"
ONE = [HoldLine(SKU, 1)]


@pytest.fixture
async def ledger(redis: Redis) -> AsyncIterator[Ledger]:
    made = Ledger(redis, SystemClock())
    yield made
    await made.close()


async def test_a_purchase_from_the_pool_to_the_sale(ledger: Ledger, redis: Redis) -> None:
    assert await ledger.pools(SHOW) == PoolsSnapshot("", 0, [])
    assert await ledger.fund(SHOW, "mov_1", SKU, 10, 3) == Funded()
    held = await ledger.hold(SHOW, "ord_1", "acc_1", [HoldLine(SKU, 2)], 60_000)
    assert isinstance(held, Held)
    assert held.seq == 2
    assert isinstance(await ledger.extend(SHOW, "ext_1", "ord_1", 120_000), Extended)
    assert await ledger.commit(SHOW, "com_1", "ord_1") == Committed()
    assert await ledger.release(SHOW, "rel_1", "ord_1") == HoldGone("committed")
    snapshot = await ledger.pools(SHOW)
    assert (snapshot.seq, snapshot.pools) == (4, [Pool(SKU, funded=10, held=0, sold=2, per_buyer_max=3)])
    assert await ledger.shows() == [SHOW]
    assert await audit(redis, ledger, SHOW) == []


async def test_every_refusal_has_a_name(ledger: Ledger) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 3, 2)
    assert await ledger.hold(SHOW, "ord_1", "acc_1", [HoldLine("NONE", 1)], 1000) == UnknownSku("NONE")
    assert await ledger.hold(SHOW, "ord_2", "acc_1", [HoldLine(SKU, 3)], 1000) == LimitReached(SKU, 2)
    assert isinstance(await ledger.hold(SHOW, "ord_3", "acc_1", [HoldLine(SKU, 2)], 60_000), Held)
    assert await ledger.hold(SHOW, "ord_4", "acc_2", [HoldLine(SKU, 2)], 1000) == SoldOut(SKU, 1)
    assert await ledger.hold(SHOW, "ord_4", "acc_2", ONE, 1000) == IdempotencyConflict()
    assert await ledger.release(SHOW, "rel_1", "ord_3") == Released()
    assert await ledger.commit(SHOW, "com_1", "ord_3") == HoldGone("released")
    assert await ledger.extend(SHOW, "ext_1", "none", 5) == HoldGone("unknown")
    assert await ledger.fund(SHOW, "mov_2", SKU, -4, 2) == SoldOut(SKU, 3)
    with pytest.raises(ValueError, match="senseless"):
        await ledger.hold(SHOW, "ord_5", "acc_2", [HoldLine(SKU, -1)], 1000)


async def test_two_hundred_buyers_share_fifty_units(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 50, 5)
    calls_before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    buys = [ledger.hold(SHOW, f"ord_{i}", f"acc_{i}", ONE, 60_000) for i in range(200)]
    outcomes = Counter(type(outcome) for outcome in await asyncio.gather(*buys))
    assert outcomes == {Held: 50, SoldOut: 150}
    calls = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] - calls_before
    assert calls <= 4, "they must travel together"
    state = await replay(redis, SHOW)
    assert (state.pools[SKU].held, state.seq) == (50, 51)
    assert violations(state) == []
    assert await audit(redis, ledger, SHOW) == []


async def test_the_same_command_from_many_callers_happens_once(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 50, 5)
    other = Ledger(redis, SystemClock())
    buys = [node.hold(SHOW, "ord_1", "acc_1", ONE, 60_000) for node in (ledger, other) * 20]
    outcomes = set(await asyncio.gather(*buys))
    assert len(outcomes) == 1
    assert (await ledger.pools(SHOW)).pools[0].held == 1
    await other.close()


async def test_an_entry_of_the_log_is_an_envelope_with_the_event(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 10, 3)
    await ledger.hold(SHOW, "ord_1", 'acc_"ж\\1', ONE, 60_000)
    entries: Any = list(await redis.xrange(log_key(SHOW)) or [])
    assert [entry_id for entry_id, _ in entries] == [b"1-0", b"2-0"]
    fields = entries[1][1]
    envelope = msgspec.json.decode(fields[b"e"], type=Envelope)
    event = decode_entry(fields)
    assert isinstance(event, StockHeld)
    assert (event.hold_id, event.buyer_id, event.command_id) == ("ord_1", 'acc_"ж\\1', "ord_1")
    assert (envelope.source, envelope.type, envelope.subject) == ("ledger", "ledger.stock_held.v1", SHOW)
    assert (envelope.id, envelope.time_ms) == (f"{event.epoch}-2", event.at_ms)
    assert [type(event) async for event in read_log(redis, SHOW)] == [StockFunded, StockHeld]
    assert [event.seq async for event in read_log(redis, SHOW, after_seq=1)] == [2]


async def test_a_sweep_finds_the_shows_with_overdue_holds(ledger: Ledger, redis: Redis) -> None:
    for show_id in ("shw_a", "shw_b", "shw_c"):
        await ledger.fund(show_id, "mov_1", SKU, 300, 1)
        await asyncio.gather(*(ledger.hold(show_id, f"ord_{i}", f"acc_{i}", ONE, 80_000_000) for i in range(150)))
    calls_before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert await ledger.sweep_all() == 0
    calls = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] - calls_before
    assert calls == 0, "a show with nothing overdue must cost no script"
    # Shows whose clock is ahead: their holds are overdue for the script; the sweeper looks at the first expiry only.
    for show_id in ("shw_a", "shw_b"):
        await redis.zadd(key(show_id, "due"), {f"hold:ord_{i}": 1 for i in range(150)})
    assert await ledger.sweep_all() == 300
    assert [pool.held for show in ("shw_a", "shw_b", "shw_c") for pool in (await ledger.pools(show)).pools] == [0, 0, 150]
    ended = [event async for event in read_log(redis, "shw_a") if isinstance(event, HoldExpired)]
    assert len({event.hold_id for event in ended}) == len(ended) == 150


async def test_a_sweep_goes_on_with_a_long_line(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 1, 9)
    await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 80_000_000)
    waits = [Wait(command_id=f"wai_{i}", buyer_id=f"acc_w{i}", line=ONE[0], hold_ms=80_000_000) for i in range(250)]
    await asyncio.gather(*(ledger.submit(SHOW, wait) for wait in waits))
    await ledger.fund(SHOW, "mov_2", SKU, 249, 9)
    held = []
    for _ in range(4):
        held.append((await ledger.pools(SHOW)).pools[0].held)
        await ledger.sweep_all()
    assert held == [101, 201, 250, 250]
    assert await redis.zcard(key(SHOW, "freed")) == 0


async def test_a_hold_really_ends_by_the_servers_clock(ledger: Ledger) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 1, 1)
    held = await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 30)
    assert isinstance(held, Held)
    attempt = 0
    async with asyncio.timeout(5):
        while not isinstance(await ledger.hold(SHOW, f"try_{attempt}", "acc_2", ONE, 60_000), Held):
            attempt += 1
    assert attempt > 0
    assert await ledger.commit(SHOW, "com_1", "ord_1") == HoldGone("expired")


async def test_a_fenced_show_is_unavailable_until_it_is_opened(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 5, 5)
    await ledger.fence(SHOW, "counting")
    with pytest.raises(Unavailable, match="counting"):
        await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000)
    assert "counting" in caplog.text
    assert await ledger.fund(SHOW, "mov_1", SKU, 5, 5) == Funded()
    await ledger.unfence(SHOW)
    assert isinstance(await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000), Held)


async def test_a_show_whose_record_is_far_behind_takes_nothing_new(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 5, 5)
    await redis.hset(key(SHOW, "meta"), "projected", str(-LAG_MAX))
    with pytest.raises(Unavailable, match="behind"):
        await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000)
    assert await ledger.fund(SHOW, "mov_1", SKU, 5, 5) == Funded(), "what was decided stays known"
    await redis.hset(key(SHOW, "meta"), "projected", "1")
    assert isinstance(await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000), Held)


async def test_the_log_has_the_outcome_of_each_command_and_the_refusals_are_beside_it(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 1, 5)
    await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000)
    assert await ledger.hold(SHOW, "ord_2", "acc_2", ONE, 60_000) == SoldOut(SKU, 0)
    entries: Any = await redis.xrange(log_key(SHOW))
    for (_, fields), command_id in zip(entries, ("mov_1", "ord_1"), strict=True):
        assert fields[b"o"] == await redis.get(key(SHOW, f"cmd:{command_id}"))
    refused: Any = await redis.xrange(key(SHOW, "refused"))
    ((_, fields),) = refused
    assert (msgspec.json.decode(fields[b"c"])["command_id"], fields[b"s"]) == ("ord_2", b"2")
    assert fields[b"o"] == await redis.get(key(SHOW, "cmd:ord_2"))
    assert msgspec.json.decode(fields[b"o"][40:]) == {"outcome": "sold_out", "sku": SKU, "available": 0}


async def test_a_line_and_a_sale_by_the_servers_clock(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 2, 5)
    items = (SaleItem(SKU, quantity_max=2, per_buyer_max=2, price_minor=900),)
    sale = OpenSale(command_id="sal_1", items=items, currency="EUR", starts_in_ms=0, lasts_ms=800)
    assert isinstance(await ledger.submit(SHOW, sale), Opened)
    in_sale = [HoldLine(SKU, 2, "sal_1")]
    assert isinstance(await ledger.hold(SHOW, "ord_1", "acc_1", in_sale, 400), Held)
    for number, sale_id in enumerate(("", "sal_1")):
        line = HoldLine(SKU, 1 + number, sale_id)
        wait = Wait(command_id=f"wai_{number}", buyer_id=f"acc_{number + 2}", line=line, hold_ms=60_000)
        assert isinstance(await ledger.submit(SHOW, wait), Waiting)
    async with asyncio.timeout(5):
        while not (snapshot := await ledger.snapshot(SHOW)).sales or snapshot.sales[0].state == "open":
            await ledger.sweep(SHOW)
    assert isinstance(await ledger.commit(SHOW, "com_1", "wai_0"), Committed)
    kinds = [type(event).__name__ async for event in read_log(redis, SHOW)]
    assert kinds[-5:] == ["HoldExpired", "StockHeld", "SaleEnded", "WaitLeft", "HoldCommitted"]
    assert await audit(redis, ledger, SHOW) == []


async def test_a_caller_from_another_life_of_the_show_is_refused(ledger: Ledger) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 5, 5)
    command = Hold(command_id="ord_1", buyer_id="acc_1", lines=tuple(ONE), hold_ms=1000)
    with pytest.raises(Refused) as refused:
        await ledger.submit(SHOW, command, known_epoch="of-yore")
    assert refused.value.error == STALE_EPOCH
    epoch = refused.value.extra["epoch"]
    assert isinstance(epoch, str)
    assert epoch == (await ledger.pools(SHOW)).epoch
    assert isinstance(await ledger.submit(SHOW, command, known_epoch=epoch), Held)


async def test_a_server_that_forgot_its_scripts_gets_them_again(ledger: Ledger, redis: Redis) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 5, 5)
    await redis.script_flush()
    assert isinstance(await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000), Held)
    await redis.script_flush()
    assert (await ledger.pools(SHOW)).pools[0].held == 1


async def test_the_show_is_announced_before_its_log_exists(ledger: Ledger, redis: Redis) -> None:
    await ledger.sweep(SHOW)
    assert await redis.exists(SHOWS_KEY) == 0
    await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 1000)
    assert await redis.smembers(SHOWS_KEY) == {SHOW.encode()}


async def test_the_audit_names_what_differs(ledger: Ledger, redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 10, 3)
    await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000)
    await ledger.hold(SHOW, "ord_2", "acc_2", ONE, 60_000)
    assert await audit(redis, ledger, SHOW) == []
    await redis.hincrby(key(SHOW, f"pool:{SKU}"), "sold", 1)
    assert len(await audit(redis, ledger, SHOW)) == 1
    assert "AUDIT" in caplog.text
    await redis.hincrby(key(SHOW, f"pool:{SKU}"), "sold", -1)
    await redis.zrem(key(SHOW, "due"), "hold:ord_1")
    await redis.delete(key(SHOW, "hold:ord_2"))
    assert len(await audit(redis, ledger, SHOW)) == 2
    await redis.xdel(log_key(SHOW), "2-0")
    assert "contradicts" in (await audit(redis, ledger, SHOW))[0]


async def test_a_server_that_refuses_to_write_is_unavailable(
    ledger: Ledger, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 10, 3)
    await redis.set(key(SHOW, "meta") + "x", "1")
    await redis.delete(key(SHOW, "meta"))
    await redis.set(key(SHOW, "meta"), "not a hash")
    with caplog.at_level(logging.WARNING), pytest.raises(Unavailable, match="WRONGTYPE"):
        await ledger.hold(SHOW, "ord_1", "acc_1", ONE, 60_000)
    assert "refused a call" in caplog.text
