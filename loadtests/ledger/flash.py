"""Ten thousand buyers, five hundred units: everybody presses the button, over HTTP, against a whole server with its defaults.

Everybody's connection is open before the sale begins, as a player's is. `within_s` is how long the crowd needs to press: people
who see the same button appear do not press within one millisecond.
"""

import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert

from loadtests.channels.bench import SOURCES, need_descriptors
from loadtests.channels.lines import Child, python
from schemas.http.auth import ClaimShop
from schemas.http.catalog import FundPool, NewVariant, PublishProduct
from schemas.http.orders import NewLine, PlaceOrder
from schemas.http.shows import ScheduleShow
from schemas.money import Money
from server.auth.sessions import SessionCookie, expires_at_ms, token_hash
from server.auth.tables import actors, sessions
from server.demo.client import ShopClient
from server.kernel.clock import SystemClock
from server.kernel.config import Settings
from server.kernel.ids import new_id, new_secret
from server.store.database import Database
from tests.e2e.site import Site, until

PRICE = Money(amount_minor=1990, currency="EUR")
SKU = "FLASH-CAP"
UNITS = 500
BUYERS = 10_000
WITHIN_S = 2.0
DEADLINE_S = 120.0

clock = SystemClock()


async def measure(quick: bool) -> dict[str, float]:
    """How many got a unit, how everybody was answered, and how fast."""
    buyers, units = (2_000, 100) if quick else (BUYERS, UNITS)
    need_descriptors(buyers)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        site = Site(folder, web_processes=None)
        stack.push_async_callback(site.stop)
        await site.start()
        show_id = await _open_show(stack, site, units)
        tokens = await _enter(site, buyers)
        crowd = Child(python("loadtests.ledger.buyers"))
        stack.push_async_callback(crowd.close)
        await crowd.start()
        requests = [_request(site, token, show_id) for token in tokens]
        await crowd.ask("come", deadline_s=DEADLINE_S, port=site.http_port, requests=requests, sources=SOURCES)
        answer = await crowd.ask("press", deadline_s=DEADLINE_S, within_s=WITHIN_S)
        held = site.sql("select count(*) from orders_orders where state = 'placed'")[0][0]
    statuses: Counter[str] = Counter(answer["statuses"])
    taken: list[float] = answer["taken_ms"]
    assert isinstance(held, int)
    return {
        "flash_buyers": buyers,
        "flash_units": units,
        "flash_orders": statuses["201"],
        "flash_orders_in_sql": held,
        "flash_sold_out": statuses["409 sold_out"],
        "flash_unanswered": buyers - statuses["201"] - statuses["409 sold_out"],
        "flash_5xx": sum(count for status, count in statuses.items() if status.startswith("5")),
        "flash_p50_ms": taken[len(taken) // 2],
        "flash_p99_ms": taken[len(taken) * 99 // 100],
        "flash_lasted_s": round(answer["lasted_s"], 2),
    }


async def _open_show(stack: AsyncExitStack, site: Site, units: int) -> str:
    host = ShopClient(site.url)
    stack.push_async_callback(host.close)
    claim = ClaimShop(key=site.key, email="host@example.test", password="correct horse battery", name="Host")
    await host.post("/api/auth/claim", claim)
    show_id = new_id("shw", clock)
    await host.post("/api/shows", ScheduleShow(show_id=show_id, title="Load"))
    variant = NewVariant(sku=SKU, price=PRICE, on_hand=units)
    await host.post("/api/catalog/products", PublishProduct(product_id=new_id("prd", clock), title="Cap", variants=[variant]))
    pool = FundPool(move_id=new_id("mov", clock), show_id=show_id, sku=SKU, quantity=units, per_buyer_max=1)
    await host.post("/api/catalog/pools", pool)
    await host.post(f"/api/shows/{show_id}/start")
    await until(lambda: site.sql("select count(*) from bus_inbox where module = 'catalog'")[0][0] == 1, 20_000)
    return show_id


async def _enter(site: Site, count: int) -> list[str]:
    """Guests with sessions, written into the database of the running server: ten thousand entrances are not what is measured."""
    now_ms = clock.now_ms()
    tokens = [new_secret() for _ in range(count)]
    ids = [new_id("gst", clock) for _ in tokens]
    people = [dict(actor_id=one, kind="guest", name="Buyer", locale="en", created_at_ms=now_ms) for one in ids]
    times = dict(created_at_ms=now_ms, used_at_ms=now_ms, expires_at_ms=expires_at_ms(now_ms, now_ms))
    entered = [dict(session_hash=token_hash(token), actor_id=one, **times) for one, token in zip(ids, tokens, strict=True)]
    database = Database(Settings(data_dir=site.environment["DATA_DIR"]).sql_url)
    try:
        async with database.begin() as connection:
            await connection.execute(insert(actors), people)
            await connection.execute(insert(sessions), entered)
    finally:
        await database.dispose()
    return tokens


def _request(site: Site, token: str, show_id: str) -> str:
    """The bytes of a browser's order."""
    order: Any = PlaceOrder(
        order_id=new_id("ord", clock), show_id=show_id, lines=[NewLine(sku=SKU, quantity=1, unit_price=PRICE)]
    )
    body = msgspec.json.encode(order).decode()
    cookie = SessionCookie(secure=False).name
    lines = [
        "POST /api/orders HTTP/1.1",
        f"Host: 127.0.0.1:{site.http_port}",
        f"Origin: {site.url}",
        f"Cookie: {cookie}={token}",
        "Content-Type: application/json",
        f"Idempotency-Key: {order.order_id}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + body
