"""The player in Chromium: cold on a slow device, and during a busy chat.

The site is `python -m server up` with the house channel on air; the browser is on the same machine, so that the network costs
nothing and the page everything.
"""

import asyncio
import contextlib
import statistics
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvloop
from playwright.async_api import Browser, CDPSession, Page, ViewportSize, async_playwright
from websockets.exceptions import ConnectionClosed

from schemas.http.auth import EnterAsGuest
from schemas.http.chat import PostMessage
from schemas.http.shows import ShowListView, ShowState
from server.demo.client import LiveConnection, ShopClient
from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from server.kernel.tasks import TaskGroup, supervised
from tests.browser import ARGUMENTS, chromium
from tests.e2e.site import Site

MEASUREMENTS = ("cold", "busy")
PHONE = ViewportSize(width=390, height=844)
SLOWER = 4
"""How much slower than this machine's core the page's core is: Chromium's own throttling, as Lighthouse uses it."""
LINES_PER_S = 20
SPEAKERS = 40
"""One person may say a line in two seconds."""
WATCHED_S = 4.0
ON_AIR_S = 90.0
READY_S = 30.0

SCRIPT = Path(__file__).with_name("page.js")
TOLD = "usable, with a picture"
"""What the script says when it is so."""

clock = SystemClock()


def run(quick: bool, only: str | None) -> dict[str, float]:
    """Figures of the player; `quick` opens it three times instead of nine and listens for five seconds instead of twenty."""
    return uvloop.run(_measure(3 if quick else 9, 5.0 if quick else 20.0, (only,) if only else MEASUREMENTS))


async def _measure(times: int, seconds: float, names: tuple[str, ...]) -> dict[str, float]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        site = Site(folder, demo=True)
        stack.push_async_callback(site.stop)
        await site.start()
        show_id = await _on_air(site)
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        stack.push_async_callback(browser.close)
        figures: dict[str, float] = {}
        if "cold" in names:
            figures |= await _cold(browser, site, show_id, times)
        if "busy" in names:
            figures |= await _busy(stack, browser, site, show_id, seconds)
        return figures


async def _on_air(site: Site) -> str:
    """The id of the house channel's show, once it is live and something is pinned."""
    async with asyncio.timeout(ON_AIR_S), httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        while True:
            shows = msgspec.json.decode((await client.get("/api/shows")).content, type=ShowListView).shows
            for show in shows:
                if show.on_air:
                    state = msgspec.json.decode((await client.get(f"/api/shows/{show.show_id}")).content, type=ShowState)
                    if state.pinned:
                        return show.show_id
            await asyncio.sleep(0.2)


async def _cold(browser: Browser, site: Site, show_id: str, times: int) -> dict[str, float]:
    """The first visit of somebody with nothing in the cache."""
    runs = [await _visit(browser, site, show_id) for _ in range(times)]
    figures = {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}
    return {**figures, "usable_ms_worst": max(run["usable_ms"] for run in runs)}


async def _visit(browser: Browser, site: Site, show_id: str) -> dict[str, float]:
    page, session = await _open(browser)
    sent: dict[str, int] = {}
    kinds: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: kinds.__setitem__(event["requestId"], event["type"]))
    session.on("Network.loadingFinished", lambda event: sent.__setitem__(event["requestId"], int(event["encodedDataLength"])))
    await session.send("Network.enable")
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await _visited(page, f"{site.url}/watch/{show_id}")
    script_kb = sum(size for request, size in sent.items() if kinds.get(request) == "Script") / 1_000
    requests = len(kinds)
    # Whatever comes late and pushes something away comes within these seconds.
    await page.wait_for_timeout(WATCHED_S * 1_000)
    seen: dict[str, Any] = await page.evaluate("window.efir")
    for line in seen["shifted"]:
        sys.stdout.write(f"shifted at {line}\n")
    await page.context.close()
    return {
        "script_kb": script_kb,
        "requests": requests,
        "usable_ms": seen["usable_ms"],
        "picture_ms": seen["picture_ms"],
        "layout_shift": seen["shift"],
    }


async def _busy(stack: AsyncExitStack, browser: Browser, site: Site, show_id: str, seconds: float) -> dict[str, float]:
    """How much of the time the main thread works while twenty lines a second arrive, on this machine's core as it is."""
    tasks = await stack.enter_async_context(supervised("speakers"))
    speakers = [await _speaker(stack, tasks, site, show_id, number) for number in range(SPEAKERS)]
    page, session = await _open(browser)
    own = await page.context.new_cdp_session(page)
    await _visited(page, f"{site.url}/watch/{show_id}")
    await session.send("Performance.enable")
    # The same tasks by the thread's own clock, which stands while the relay, the encoder and the speakers have the core.
    await own.send("Performance.enable", {"timeDomain": "threadTicks"})
    said = tasks.start(_talk(speakers, show_id, seconds), "talk")
    await page.wait_for_timeout(1_000)
    before, own_before, began_ms = await _task_s(session), await _task_s(own), clock.monotonic_ms()
    await said
    passed_s = (clock.monotonic_ms() - began_ms) / 1_000
    busy, works = (await _task_s(session) - before) / passed_s, (await _task_s(own) - own_before) / passed_s
    lines = await page.locator("[data-testid=chat-message]").count()
    await page.context.close()
    return {"main_thread_busy": round(works, 3), "main_thread_wall": round(busy, 3), "chat_lines_shown": lines}


async def _visited(page: Page, url: str) -> None:
    """Until the page is usable and has a picture. It says so itself: to be asked would cost the thread that is measured."""
    async with page.expect_console_message(lambda message: message.text == TOLD, timeout=READY_S * 1_000):
        await page.goto(url, wait_until="commit")


async def _open(browser: Browser) -> tuple[Page, CDPSession]:
    context = await browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)
    page = await context.new_page()
    await page.add_init_script(path=SCRIPT)
    return page, await context.new_cdp_session(page)


async def _task_s(session: CDPSession) -> float:
    """Seconds that the main thread has worked (Chrome DevTools Protocol, `TaskDuration`)."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


async def _speaker(stack: AsyncExitStack, tasks: TaskGroup, site: Site, show_id: str, number: int) -> LiveConnection:
    client = ShopClient(site.url)
    stack.push_async_callback(client.close)
    await client.post("/api/auth/guest", EnterAsGuest(name=f"speaker {number}"))
    connection = await stack.enter_async_context(client.live())
    await connection.subscribe(f"chat:{show_id}")
    tasks.start(_listen(connection), "listen")
    return connection


async def _listen(connection: LiveConnection) -> None:
    with contextlib.suppress(ConnectionClosed):  # the run is over
        async for _ in connection.frames():
            pass


async def _talk(speakers: list[LiveConnection], show_id: str, seconds: float) -> None:
    began_ms = clock.monotonic_ms()
    for number in range(int(seconds * LINES_PER_S)):
        line = PostMessage(text=f"Line {number}: do you ship to the islands, and how long does it take?")
        await speakers[number % len(speakers)].publish(f"chat:{show_id}", new_id("msg", clock), line)
        await asyncio.sleep(max(0.0, (began_ms + (number + 1) * 1_000 / LINES_PER_S - clock.monotonic_ms()) / 1_000))
