"""`kill -9` of any one process, and of all of them at once, while people buy.

What a person was told stays true: no unit is sold twice, no acknowledged order is lost, nobody is charged twice, and no hold
stays for ever. The short run belongs to every `make test`; the long one (`make chaos`) kills for a minute at random moments.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from server.kernel.ids import new_id
from server.kernel.tasks import TaskGroup
from server.ledger.ledger import Ledger
from server.redis.connection import connect
from tests.e2e.conftest import folder as folder
from tests.e2e.shopper import CLOCK, Client, enter, open_shop, order_body, pool_ready
from tests.e2e.site import Site

UNITS = 400
BUYERS = 6
HOLD_MS = 4_000
PATIENCE_MS = 60_000
ROLES = ("web", "worker", "media", "valkey")


@dataclass
class Told:
    """What the buyers were told, in the server's own words."""

    orders: set[str] = field(default_factory=set)
    captured: set[str] = field(default_factory=set)
    abandoned: set[str] = field(default_factory=set)


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    running = Site(folder, hold_ms=HOLD_MS)
    await running.start()
    yield running
    await running.stop()


async def test_nothing_promised_is_lost_when_each_process_and_then_all_are_killed(site: Site) -> None:
    await buy_under_fire(site, [*ROLES, "everything"], random.Random(7), pause_ms=(600, 1_200))


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(3))
async def test_nothing_promised_is_lost_in_a_minute_of_random_kills(site: Site, seed: int) -> None:
    dice = random.Random(seed)
    targets = [dice.choice([*ROLES, "everything"]) for _ in range(20)]
    await buy_under_fire(site, targets, dice, pause_ms=(500, 4_000))


async def buy_under_fire(site: Site, targets: Sequence[str], dice: random.Random, pause_ms: tuple[int, int]) -> None:
    """Buyers buy while the targets are killed one after another; then everything promised is looked up."""
    owner, show_id = await open_shop(site.url, site.key, UNITS, patience_ms=PATIENCE_MS)
    await pool_ready(owner, show_id, UNITS)
    told, stop, tasks = Told(), asyncio.Event(), TaskGroup("buyers")
    buyers = [tasks.start(buy_until(site, show_id, told, stop, number), f"buyer {number}") for number in range(BUYERS)]
    for target in targets:
        await asyncio.sleep(dice.uniform(*pause_ms) / 1000)  # the moment of the kill is what varies
        if target == "everything":
            await site.kill_everything()
            await site.start()
        else:
            site.kill(target)
    await asyncio.sleep(pause_ms[1] / 1000)  # some more purchases after the last kill
    stop.set()
    async with asyncio.timeout(PATIENCE_MS / 1000 + 30):
        results = await asyncio.gather(*buyers, return_exceptions=True)
    assert [result for result in results if result is not None] == []
    await owner.close()
    await check(site, show_id, told)


async def buy_until(site: Site, show_id: str, told: Told, stop: asyncio.Event, number: int) -> None:
    """Buy one unit after another; every fifth order is left unpaid."""
    client = await enter(site.url, f"buyer {number}", patience_ms=PATIENCE_MS)
    count = 0
    while not stop.is_set():
        count += 1
        body = order_body(show_id)
        answer = await client.call("POST", "/api/orders", body)
        assert answer.status_code in (201, 409), answer.text
        if answer.status_code == 409:
            continue
        told.orders.add(body["order_id"])
        if count % 5 == 0:
            told.abandoned.add(body["order_id"])
        else:
            await pay(client, body["order_id"], told)
    await client.close()


async def pay(client: Client, order_id: str, told: Told) -> None:
    """Pay an order and wait for its end."""
    payment = {"payment_id": new_id("pay", CLOCK), "order_id": order_id, "method": "tok_visa"}
    answer = await client.call("POST", "/api/payments", payment)
    assert answer.status_code in (202, 409), answer.text
    end_ms = CLOCK.monotonic_ms() + PATIENCE_MS
    while True:
        order = await client.must("GET", f"/api/orders/{order_id}")
        if order["payment"] == "captured":
            told.captured.add(order_id)
            return
        if order["state"] == "cancelled" and order["payment"] in ("none", "voided", "failed"):
            return
        assert CLOCK.monotonic_ms() < end_ms, order
        await asyncio.sleep(0.1)


async def check(site: Site, show_id: str, told: Told) -> None:
    """Compare what was told with the record, the ledger and the payment provider, once everything has settled."""
    redis = connect(f"unix://{site.folder}/data/valkey/valkey.sock")
    try:
        ledger = Ledger(redis, CLOCK)
        async with asyncio.timeout(HOLD_MS / 1000 + 30):
            while (await ledger.pools(show_id)).pools[0].held or site.sql(OPEN_ORDERS) != [(0,)]:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.2)
        pool = (await ledger.pools(show_id)).pools[0]
        await ledger.close()
        books: list[Any] = [await redis.hget(key, "closing") async for key in redis.scan_iter("sandbox:*")]
    finally:
        await redis.aclose()
    record = {str(row[0]): (row[1], row[2]) for row in site.sql("select order_id, state, payment from orders_orders")}
    confirmed = {order_id for order_id, (state, _) in record.items() if state == "confirmed"}
    assert told.orders <= record.keys(), "an acknowledged order is lost"
    assert {record[order_id] for order_id in told.captured} <= {("confirmed", "captured")}, "a paid order is not paid"
    assert not told.abandoned & confirmed, "an order that nobody paid is confirmed"
    assert len(told.captured) > len(ROLES), "hardly anything was bought: the run proves nothing"
    assert (pool.held, pool.sold, pool.available) == (0, len(confirmed), UNITS - len(confirmed)), "stock and orders differ"
    charged = site.sql("select order_id, count(*) from payments_payments where state = 'captured' group by order_id")
    assert {str(row[0]) for row in charged} == confirmed, "captured payments and confirmed orders differ"
    assert all(row[1] == 1 for row in charged), "somebody was charged twice"
    taken = sum(closing is not None and closing.startswith(b"captured") for closing in books)
    assert taken == len(confirmed), "the provider took money that no order knows of"


OPEN_ORDERS = "select count(*) from orders_orders where state = 'placed' or (state = 'confirmed' and payment != 'captured')"
