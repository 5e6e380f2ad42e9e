"""The main job on real input: a host broadcasts from a browser, a viewer in another browser watches, talks and buys."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser import ARGUMENTS, chromium
from tests.e2e.control_room import open_desk
from tests.e2e.shopper import OWNER
from tests.e2e.site import Site

pytestmark = pytest.mark.e2e

PATIENCE_MS = 30_000
FRAMES = 60
"""Two seconds of the fake camera's picture."""

SEE_FRAMES = """(video, wanted) => new Promise((resolve) => {
  let shown = 0;
  const count = () => (++shown < wanted ? video.requestVideoFrameCallback(count) : resolve(video.videoWidth));
  video.requestVideoFrameCallback(count);
})"""
"""Ends when so many frames were shown: a playing video, not the presence of its tag."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        await browser.close()


async def open_page(browser: Browser, url: str, problems: list[str], **options: Any) -> Page:
    """A page of a new person; what goes wrong in it is collected."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: problems.append(f"{error}"))
    page.on("console", lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None)
    await page.goto(url)
    return page


async def test_a_host_goes_live_and_a_viewer_watches_talks_and_buys(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    await go_live(host)

    viewer = await open_page(browser, show_url, problems, locale="en-GB", viewport={"width": 390, "height": 844})
    await watch(viewer)
    await talk(viewer, host)
    await expect(viewer.get_by_test_id("stock-MUG").first).to_have_attribute("data-available", "5", timeout=PATIENCE_MS)
    await buy(viewer)

    await expect(viewer.get_by_test_id("stock-MUG").first).to_have_attribute("data-available", "4", timeout=PATIENCE_MS)
    sale = host.get_by_test_id("sale-row")
    await expect(sale).to_have_count(1, timeout=PATIENCE_MS)
    await expect(sale).to_contain_text("Vera")
    await expect(host.get_by_test_id("stock-MUG").first).to_have_attribute("data-sold", "1", timeout=PATIENCE_MS)
    assert site.sql("select state, payment from orders_orders") == [("confirmed", "captured")]
    assert site.sql("select state from payments_payments") == [("captured",)]
    assert problems == []


async def claim(host: Page) -> None:
    """The first person with the key becomes the owner."""
    for name in ("name", "email", "password"):
        await host.get_by_test_id(f"claim-{name}").fill(OWNER[name])
    await host.get_by_test_id("claim-submit").click()
    await expect(host.get_by_test_id("show-new")).to_be_visible(timeout=PATIENCE_MS)


async def make_show(host: Page) -> str:
    """A show with one product of which there are five; returns the viewers' address."""
    await host.get_by_test_id("show-title").fill("Mugs by hand")
    await host.get_by_test_id("show-create").click()
    await open_desk(host, "stock")
    await host.get_by_test_id("product-new").click()
    for name, value in (("title", "Mug"), ("sku", "MUG"), ("price", "19.90"), ("stock", "5")):
        await host.get_by_test_id(f"product-{name}").fill(value)
    await host.get_by_test_id("product-create").click()
    await host.get_by_test_id("fund-quantity-MUG").fill("5")
    await host.get_by_test_id("fund-MUG").click()
    await open_desk(host, "run")
    await host.get_by_test_id("pin-MUG").click()
    await expect(host.get_by_test_id("unpin-MUG")).to_be_visible(timeout=PATIENCE_MS)
    show_id = host.url.rpartition("show=")[2]
    return f"{host.url.partition('/studio/')[0]}/watch/{show_id}"


async def go_live(host: Page) -> None:
    await host.get_by_test_id("camera-on").click()
    await expect(host.get_by_test_id("go-live")).to_be_enabled(timeout=PATIENCE_MS)
    await host.get_by_test_id("go-live").click()
    await expect(host.get_by_test_id("broadcast")).to_have_attribute("data-status", "live", timeout=PATIENCE_MS)
    await expect(host.get_by_test_id("broadcast")).to_have_attribute("data-on-air", "true", timeout=PATIENCE_MS)


async def watch(viewer: Page) -> None:
    """The picture moves: frames are counted as the browser shows them."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        width = await viewer.get_by_test_id("video").evaluate(SEE_FRAMES, FRAMES)
    assert width > 0


async def talk(viewer: Page, host: Page) -> None:
    await say_hello(viewer, host, "Is it <b>dishwasher</b> safe?")


async def say_hello(viewer: Page, host: Page, text: str) -> None:
    """Somebody's first line in the chat, under a name."""
    await viewer.get_by_test_id("chat-input").fill(text)
    await viewer.get_by_test_id("chat-send").click()
    await viewer.get_by_test_id("nickname").fill("Vera")
    await viewer.get_by_test_id("nickname-save").click()
    for page in (viewer, host):
        await expect(page.get_by_test_id("chat-message").filter(has_text=text)).to_have_count(1, timeout=PATIENCE_MS)


async def buy(viewer: Page) -> None:
    await viewer.get_by_test_id("buy-MUG").first.click()
    await viewer.get_by_test_id("pay").click()
    await expect(viewer.get_by_test_id("order-status").first).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    await viewer.get_by_test_id("keep-watching").click()
