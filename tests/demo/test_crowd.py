"""Simulated buyers in a whole running site: they talk, vote, buy and bid, and leave nothing behind when the show ends."""

import asyncio
import contextlib
import random
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from schemas.http.auth import EnterAsGuest
from schemas.http.catalog import PoolView, StockState
from server.demo.client import ShopClient
from server.demo.crowd import visit
from server.demo.deeds import Pace
from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from server.kernel.tasks import supervised
from tests.e2e.shopper import OWNER, PRICE, Client
from tests.e2e.site import Site, until

CLOCK = SystemClock()
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
QUICK = Pace().faster(12)
DEADLINE_MS = 60_000
UNITS = 60

LIVELY = {
    "select count(distinct author_id) from chat_messages": 4,
    "select count(*) from orders_orders where kind = 'sale' and payment = 'captured'": 3,
    "select count(*) from payments_payments where state = 'failed'": 1,
    "select count(*) from payments_payments where method = 'tok_3ds' and state = 'captured'": 1,
    "select count(*) from orders_lines where sale_id is not null": 1,
    "select count(*) from auctions_bidders": 2,
    "select count(*) from auctions_lots where state = 'paid'": 1,
    "select count(*) from polls_votes": 3,
    "select count(*) from questions_questions": 1,
    "select count(*) from giveaways_entries where here_at_ms is not null": 1,
}
"""What a host sees within half a minute at this pace, and how much of it at least."""


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A shop without the house channel, in a folder with a short path."""
    folder = Path(tempfile.mkdtemp(prefix="crowd-"))
    running = Site(folder)
    await running.start()
    yield running
    await running.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def open_shop(site: Site) -> tuple[Client, str]:
    """A live show with a Russian title, in whose shop parcels cost something; its host."""
    host = Client(site.url)
    await host.must("POST", "/api/auth/claim", {"key": site.key, **OWNER})
    show_id = new_id("shw", CLOCK)
    for sku, title in (("MUG", "Кружка"), ("LAMP", "Лампа «Север»")):
        variants = [{"sku": sku, "price": PRICE, "on_hand": 100}]
        await host.must(
            "POST", "/api/catalog/products", {"product_id": new_id("prd", CLOCK), "title": title, "variants": variants}
        )
    post = {"option_id": "post", "name_en": "Post", "name_ru": "Почта", "price": {**PRICE, "amount_minor": 300}}
    await host.must("POST", "/api/orders/shipping", {**post, "countries": ["DE"]})
    await host.must("POST", "/api/shows", {"show_id": show_id, "title": "Вечер посуды"})
    for sku in ("MUG", "LAMP"):
        pool = {"move_id": new_id("mov", CLOCK), "show_id": show_id, "sku": sku, "quantity": UNITS, "per_buyer_max": 10}
        await host.must("POST", "/api/catalog/pools", pool)
    await host.must("POST", f"/api/shows/{show_id}/start")
    await host.must("POST", f"/api/shows/{show_id}/pin", {"sku": "MUG"})
    return host, show_id


async def open_everything(host: Client, show_id: str) -> None:
    """A poll, a lot, a flash sale with fewer units than robots want, and a giveaway."""
    poll = {"poll_id": new_id("pol", CLOCK), "show_id": show_id, "question": "Чай или кофе?", "options": ["Чай", "Кофе"]}
    await host.must("POST", "/api/polls", poll)
    lot = {"lot_id": new_id("lot", CLOCK), "show_id": show_id, "sku": "LAMP", "start_minor": 1_000, "currency": "USD"}
    await host.must("POST", "/api/auctions/lots", {**lot, "duration_ms": 10_000, "reset_ms": 3_000, "window_ms": 3_000})
    await host.must("POST", f"/api/auctions/lots/{lot['lot_id']}/start", {})
    item = {"sku": "LAMP", "price": {**PRICE, "amount_minor": 990}, "quantity_max": 2}
    await host.must("POST", "/api/flash_sales", {"sale_id": new_id("sal", CLOCK), "show_id": show_id, "items": [item]})
    prize = {"giveaway_id": new_id("gvw", CLOCK), "show_id": show_id, "sku": "MUG", "lasts_ms": 15_000}
    await host.must("POST", "/api/giveaways", prize)


async def test_robots_fill_a_show_and_leave_nothing_behind(site: Site) -> None:
    host, show_id = await open_shop(site)
    await pools_are(site, show_id, lambda pools: [pool.available for pool in pools] == [UNITS, UNITS])
    async with supervised("crowds") as tasks:
        crowd = tasks.start(visit(site.url, show_id, CLOCK, random.Random(1), QUICK), "crowd")
        await open_everything(host, show_id)

        def lacking() -> list[str]:
            assert not crowd.done(), crowd.exception()
            return [query for query, least in LIVELY.items() if not site.sql(query)[0][0] >= least]  # type: ignore[operator]

        with contextlib.suppress(AssertionError):
            await until(lambda: not lacking(), DEADLINE_MS, step_ms=200)
        assert lacking() == []
        await host.must("POST", f"/api/shows/{show_id}/end")
        async with asyncio.timeout(15):
            await crowd
    await nothing_is_left(site, show_id)
    entered = len(site.sql("select actor_id from auth_actors"))
    for nowhere in (show_id, new_id("shw", CLOCK)):
        await visit(site.url, nowhere, CLOCK, random.Random(1), QUICK)
    assert len(site.sql("select actor_id from auth_actors")) == entered, "no robot comes when the show is over"
    spoken = [str(text) for (text,) in site.sql("select text from chat_messages")]
    assert sum(bool(CYRILLIC.search(text)) for text in spoken) > len(spoken) / 2, spoken
    await host.close()


async def nothing_is_left(site: Site, show_id: str) -> None:
    """No robot speaks after the end, no order waits, and no unit is held."""
    [(ended_ms,)] = site.sql("select ended_at_ms from shows_shows")
    [(spoke_ms,)] = site.sql("select max(posted_at_ms) from chat_messages")
    assert isinstance(ended_ms, int)
    assert isinstance(spoke_ms, int)
    assert spoke_ms <= ended_ms + 1_000
    assert site.sql("select order_id, kind, payment from orders_orders where state = 'placed'") == []
    await pools_are(site, show_id, lambda pools: not any(pool.held for pool in pools))


async def pools_are(site: Site, show_id: str, condition: Callable[[list[PoolView]], bool]) -> None:
    """Wait until the show's pools are as they should be."""
    async with asyncio.timeout(20):
        while True:
            if condition(await pools(site, show_id)):
                return
            await asyncio.sleep(0.1)


async def pools(site: Site, show_id: str) -> list[PoolView]:
    """What is left of each product, as players see it."""
    client = ShopClient(site.url)
    try:
        await client.post("/api/auth/guest", EnterAsGuest(name="Newcomer"))
        async with client.live() as connection:
            joined = await connection.subscribe(f"stock:{show_id}")
            return msgspec.json.decode(bytes(joined.snapshot), type=StockState).pools
    finally:
        await client.close()
