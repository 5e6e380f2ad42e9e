"""A viewer in a network that lets no websocket through, and one whose device has the wrong time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.shopper import open_shop
from tests.e2e.site import Site
from tests.e2e.test_on_air import PATIENCE_MS, browser

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

WRONG_CLOCK = "const now = Date.now; window.trueNow = () => now(); Date.now = () => now() + 7 * 60_000;"
"""The device is seven minutes ahead; the server runs on the same machine, whose clock is the true one here."""
OFF_BY_MS = """async () => (await import("/static/lib/store.js")).clock.serverNowMs() - window.trueNow()"""


class OldProxy:
    """Forwards everything but websockets, which it does not know."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.refused = 0
        self.url = ""

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Until the end of the block."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser opens a connection of its own for a websocket, so the first request tells.
        with contextlib.suppress(ConnectionError):
            first = await reader.read(65_536)
            if first.startswith(b"GET /ws "):
                self.refused += 1
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                own_reader, own_writer = await asyncio.open_connection("127.0.0.1", self.target)
                own_writer.write(first)
                await asyncio.gather(pipe(reader, own_writer), pipe(own_reader, writer))
        writer.close()


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes from one end to the other, until either has closed."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.mark.reference
async def test_chat_works_both_ways_where_websockets_are_blocked(site: Site, browser: Browser) -> None:
    owner, show_id = await open_shop(site.url, site.key, 5)
    proxy = OldProxy(site.http_port)
    async with proxy.run():
        blocked = await enter(browser, f"{proxy.url}/watch/{show_id}", "Blocked")
        free = await enter(browser, f"{site.url}/watch/{show_id}", "Free")
        tried = proxy.refused
        assert tried >= 3, "two before the polls, and one when the name was taken: the network might have been another one"
        for speaker, text in ((blocked, "from behind the proxy"), (free, "from outside"), (blocked, "and back")):
            await say(speaker, text)
            for page in (blocked, free):
                message = page.get_by_test_id("chat-message").filter(has_text=text)
                await expect(message).to_have_count(1, timeout=PATIENCE_MS)
        assert proxy.refused == tried, "the polls stay"
        off_by_ms = await blocked.evaluate(OFF_BY_MS)
        assert abs(off_by_ms) <= 50
        off_by_ms = await free.evaluate(OFF_BY_MS)
        assert abs(off_by_ms) <= 50
    await owner.close()


async def enter(browser: Browser, url: str, name: str) -> Page:
    """A viewer with a name, in a browser whose clock is wrong."""
    context = await browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844})
    await context.add_init_script(WRONG_CLOCK)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(url)
    await expect(page.get_by_test_id("stock-MUG").first).to_have_attribute("data-available", "5", timeout=PATIENCE_MS)
    await page.get_by_test_id("chat-input").fill(f"I am {name}")
    await page.get_by_test_id("chat-send").click()
    await page.get_by_test_id("nickname").fill(name)
    await page.get_by_test_id("nickname-save").click()
    await expect(page.get_by_test_id("chat-message").filter(has_text=f"I am {name}")).to_have_count(1, timeout=PATIENCE_MS)
    return page


async def say(page: Page, text: str) -> None:
    """A line of chat."""
    await page.get_by_test_id("chat-input").fill(text)
    await page.get_by_test_id("chat-send").click()
