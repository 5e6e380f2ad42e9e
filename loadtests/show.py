"""A whole show on one machine: a broadcast, viewers who listen on websockets, chat, and purchases over HTTP, all at once.

The site is `python -m server up` with its own data folder; everything goes through its public addresses, from this process.
"""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import uvloop

from schemas.frames import Push
from schemas.http.auth import ClaimShop, EnterAsGuest
from schemas.http.catalog import FundPool, NewVariant, PublishProduct
from schemas.http.chat import PostMessage
from schemas.http.orders import NewLine, PlaceOrder
from schemas.http.shows import IngestView, ScheduleShow
from schemas.money import Money
from server.demo import clip, robot
from server.demo.client import LiveConnection, ShopClient
from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from server.kernel.tasks import TaskGroup, supervised, until_done
from tests.e2e.site import ROOT, Site

PRICE = Money(amount_minor=1990, currency="USD")
SKU = "LOAD-MUG"
UNITS = 100_000
BUYERS = 10
LINES_PER_S = 2.0
"""Each line goes to every viewer."""
SETTLE_S = 2.0

clock = SystemClock()


def run(quick: bool) -> dict[str, float]:
    """Figures of a show; `quick` measures eight seconds with 50 viewers, else half a minute with 100."""
    return uvloop.run(_measure(8.0, 50) if quick else _measure(30.0, 100))


async def _measure(seconds: float, viewers: int) -> dict[str, float]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        site = Site(folder)
        stack.push_async_callback(site.stop)
        await site.start()
        host = ShopClient(site.url)
        stack.push_async_callback(host.close)
        show_id = await _open_show(host, site.key)
        tasks = await stack.enter_async_context(supervised("load"))
        await _broadcast(host, show_id, tasks)
        delays_ms: list[float] = []
        for number in range(viewers):
            await _join(stack, tasks, site.url, show_id, number, delays_ms)
        order_ms: list[float] = []
        buyers = [tasks.start(_buy(stack, site.url, show_id, seconds, order_ms), "buyer") for _ in range(BUYERS)]
        await _talk(stack, tasks, site.url, show_id, seconds)
        await asyncio.gather(*buyers)
        expected = int(seconds * LINES_PER_S) * viewers
        # What has not arrived by then counts as lost.
        await asyncio.sleep(SETTLE_S)
        await tasks.close()
    delays_ms.sort()
    order_ms.sort()
    return {
        "viewers": viewers,
        "chat_lines_lost": expected - len(delays_ms),
        "chat_p50_ms": round(delays_ms[len(delays_ms) // 2], 1),
        "chat_p99_ms": round(delays_ms[len(delays_ms) * 99 // 100], 1),
        "orders_per_s": round(len(order_ms) / seconds, 1),
        "order_p50_ms": round(order_ms[len(order_ms) // 2], 1),
        "order_p99_ms": round(order_ms[len(order_ms) * 99 // 100], 1),
    }


async def _open_show(host: ShopClient, key: str) -> str:
    claim = ClaimShop(key=key, email="host@example.test", password="correct horse battery", name="Host")
    await host.post("/api/auth/claim", claim)
    show_id = new_id("shw", clock)
    await host.post("/api/shows", ScheduleShow(show_id=show_id, title="Load"))
    variant = NewVariant(sku=SKU, price=PRICE, on_hand=UNITS)
    await host.post("/api/catalog/products", PublishProduct(product_id=new_id("prd", clock), title="Mug", variants=[variant]))
    pool = FundPool(move_id=new_id("mov", clock), show_id=show_id, sku=SKU, quantity=UNITS, per_buyer_max=UNITS)
    await host.post("/api/catalog/pools", pool)
    await host.post(f"/api/shows/{show_id}/start")
    return show_id


async def _broadcast(host: ShopClient, show_id: str, tasks: TaskGroup) -> None:
    """Publish the demo's clip as a host would; it is kept where `make run` keeps it, for drawing it takes long."""
    drawn = await asyncio.to_thread(clip.ready_clip, ROOT / "data")
    ingest = await host.get(f"/api/shows/{show_id}/ingest", IngestView)
    tasks.start(robot.publish_once(host, ingest, drawn, clock), "robot")


async def _join(stack: AsyncExitStack, tasks: TaskGroup, url: str, show_id: str, number: int, delays_ms: list[float]) -> None:
    viewer = await _guest(stack, url, f"viewer {number}")
    connection = await stack.enter_async_context(viewer.live())
    for channel in ("show", "stock", "chat"):
        await connection.subscribe(f"{channel}:{show_id}")
    tasks.start(_listen(connection, delays_ms), "viewer")


async def _listen(connection: LiveConnection, delays_ms: list[float]) -> None:
    async for frame in connection.frames():
        if isinstance(frame, Push) and frame.channel.startswith("chat:"):
            text = msgspec.json.decode(frame.data)["text"]
            delays_ms.append(clock.monotonic_ms() - float(text))


async def _talk(stack: AsyncExitStack, tasks: TaskGroup, url: str, show_id: str, seconds: float) -> None:
    """Lines that carry the time at which they were said. Many speakers: one alone may not say so much."""
    count = int(seconds * LINES_PER_S)
    speakers = [await stack.enter_async_context((await _guest(stack, url, f"speaker {n}")).live()) for n in range(4)]
    for speaker in speakers:
        await speaker.subscribe(f"chat:{show_id}")
        tasks.start(_listen(speaker, []), "speaker")
    for number in range(count):
        line = PostMessage(text=str(clock.monotonic_ms()))
        await speakers[number % len(speakers)].publish(f"chat:{show_id}", new_id("msg", clock), line)
        await asyncio.sleep(1 / LINES_PER_S)


async def _buy(stack: AsyncExitStack, url: str, show_id: str, seconds: float, taken_ms: list[float]) -> None:
    """Place orders one after another; `taken_ms` gets how long each took."""
    buyer = await _guest(stack, url, "buyer")
    lines = [NewLine(sku=SKU, quantity=1, unit_price=PRICE)]
    await until_done(lambda: _buy_once(buyer, show_id, lines), "the units reach the ledger", pause_ms_max=200)
    started_ms = clock.monotonic_ms()
    while clock.monotonic_ms() - started_ms < seconds * 1000:
        before_ms = clock.monotonic_ms()
        await _buy_once(buyer, show_id, lines)
        taken_ms.append(clock.monotonic_ms() - before_ms)


async def _buy_once(buyer: ShopClient, show_id: str, lines: list[NewLine]) -> None:
    await buyer.post("/api/orders", PlaceOrder(order_id=new_id("ord", clock), show_id=show_id, lines=lines))


async def _guest(stack: AsyncExitStack, url: str, name: str) -> ShopClient:
    client = ShopClient(url)
    stack.push_async_callback(client.close)
    await client.post("/api/auth/guest", EnterAsGuest(name=name))
    return client
