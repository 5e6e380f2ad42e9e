"""The player and the studio without a mouse, and by ear: where Tab leads, what Escape closes, what is said and how often."""

import asyncio
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page, StorageState, expect

from server.kernel.ids import new_id
from tests.e2e.shopper import CLOCK, Client, enter, open_shop, order_body, pool_ready
from tests.e2e.site import Site
from tests.e2e.talking import PHONE
from tests.e2e.test_auctions import a_bidder, send_bid
from tests.e2e.test_on_air import PATIENCE_MS, browser

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

PRESSES_MAX = 150
NOW = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  window.ids ??= new WeakMap();
  if (!window.ids.has(element)) window.ids.set(element, (window.lastId = (window.lastId ?? 0) + 1));
  const box = element.getBoundingClientRect();
  const label = element.dataset.testid ?? element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 40);
  const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  return { id: window.ids.get(element), name: `${element.tagName.toLowerCase()} ${label}`, marked: marked && box.width > 0 };
}"""
"""Who has the focus, and whether one sees it."""
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((element) => !element.disabled && element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }))
  .filter((element) => !(element.type === "radio" && !element.checked))
  .map((element) => `${element.tagName.toLowerCase()} ` +
    (element.dataset.testid ?? element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 40)))"""
LISTEN = """window.heard = [];
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) {
    const region = change.target.closest?.("[data-testid=said], [data-testid=said-at-once]");
    if (region && node.textContent) window.heard.push([region.getAttribute("aria-live"), node.textContent]);
  }
}).observe(document, { childList: true, subtree: true });"""
"""Collects what live regions are given, as a screen reader would."""


async def walk(page: Page) -> list[str]:
    """Names of everything that Tab reaches until it comes round; whoever has the focus shows it."""
    names, unmarked, first = [], [], None
    for _ in range(PRESSES_MAX):
        await page.keyboard.press("Tab")
        now = await page.evaluate(NOW)
        if now is None:
            continue  # through the browser's own buttons and back
        if first is None:
            first = now["id"]
        elif now["id"] == first:
            assert unmarked == []
            return names
        names.append(now["name"])
        if not now["marked"]:
            unmarked.append(now["name"])
    raise AssertionError(f"Tab does not come round: {names}")


async def everything_is_reached(page: Page) -> None:
    wanted = await page.evaluate(REACHABLE)
    reached = await walk(page)
    assert sorted(set(wanted) - set(reached)) == []


async def sheet_keeps_the_focus(page: Page, opener: str, sheet: str) -> None:
    """Opened with Enter, walked through, closed with Escape; then the opener has the focus again."""
    await page.get_by_test_id(opener).first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id(sheet)).to_be_visible(timeout=PATIENCE_MS)
    for _ in range(12):
        await page.keyboard.press("Tab")
        inside = "(sheet) => document.activeElement === document.body || sheet.contains(document.activeElement)"
        assert await page.get_by_test_id(sheet).evaluate(inside), f"the focus left {sheet}"
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id(sheet)).to_have_count(0)
    await expect(page.get_by_test_id(opener).first).to_be_focused()


async def hears(page: Page, text: str) -> None:
    """Wait until this was said."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while text not in [heard for _, heard in await page.evaluate("heard")]:  # noqa: ASYNC110 - the page's state, not ours
            await asyncio.sleep(0.1)


async def person(launched: Browser, url: str, client: Client, path: str, **options: Any) -> Page:
    """A page of somebody who is signed in, with ears."""
    cookies = [{"name": each.name, "value": each.value or "", "url": url} for each in client.http.cookies.jar]
    state = cast(StorageState, {"cookies": cookies})
    context = await launched.new_context(locale="en-GB", storage_state=state, **options)
    await context.add_init_script(LISTEN)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(url + path)
    return page


async def test_player_and_studio_work_without_a_mouse(site: Site, browser: Browser) -> None:
    owner, show_id = await open_shop(site.url, site.key, 5)
    vera = await enter(site.url, "Vera")
    await pool_ready(vera, show_id, 5)
    await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": "MUG"})
    for options in ({"viewport": PHONE}, {"viewport": {"width": 1280, "height": 800}}):
        page = await person(browser, site.url, vera, f"/watch/{show_id}", **options)
        await page.get_by_test_id("buy-MUG").wait_for()
        await everything_is_reached(page)
        for opener, sheet in (("buy-MUG", "product-sheet"), ("bell", "inbox"), ("viewers", "viewers-sheet")):
            await sheet_keeps_the_focus(page, opener, sheet)
    await page.get_by_test_id("tab-chat").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_test_id("tab-questions")).to_be_focused()
    await expect(page.get_by_test_id("tab-questions")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_test_id("question-text")).to_be_visible()

    studio = await person(browser, site.url, owner, f"/studio/?show={show_id}", viewport={"width": 1280, "height": 800})
    await studio.get_by_test_id("item-MUG").wait_for()
    await everything_is_reached(studio)
    await sheet_keeps_the_focus(studio, "run-menu-MUG", "run-menu")
    await sheet_keeps_the_focus(studio, "device-check-open", "device-check")
    for client in (owner, vera):
        await client.close()


@pytest.mark.reference
async def test_what_happens_is_said_once(site: Site, browser: Browser) -> None:
    """Sold out and a lost connection, politely; who listens hears each once."""
    owner, show_id = await open_shop(site.url, site.key, 1)
    vera, boris = [await enter(site.url, name) for name in ("Vera", "Boris")]
    await pool_ready(vera, show_id, 1)
    await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": "MUG"})
    page = await person(browser, site.url, vera, f"/watch/{show_id}", viewport=PHONE)
    await page.get_by_test_id("buy-MUG").wait_for()
    assert await page.evaluate("heard") == []

    order = await boris.must("POST", "/api/orders", order_body(show_id))
    payment = {"payment_id": new_id("pay", CLOCK), "order_id": order["order_id"], "method": "tok_visa"}
    await boris.must("POST", "/api/payments", payment)
    await hears(page, "Sold out: Mug")
    assert await page.evaluate("heard") == [["polite", "Sold out: Mug"]]

    site.kill("web")
    await hears(page, "Connection lost. Reconnecting…")
    await expect(page.get_by_test_id("connection")).to_have_count(0, timeout=PATIENCE_MS)
    assert (await page.evaluate("heard"))[1] == ["polite", "Connection lost. Reconnecting…"]
    await expect(page.get_by_test_id("said")).to_have_text("")
    for client in (owner, vera, boris):
        await client.close()


@pytest.mark.reference
async def test_a_lot_is_said_aloud_to_who_cannot_see_it(site: Site, browser: Browser) -> None:
    owner, show_id = await open_shop(site.url, site.key, 5)
    anna, boris = [await a_bidder(site, name) for name in ("Anna", "Boris")]
    await pool_ready(anna, show_id, 5)
    lot_id = new_id("lot", CLOCK)
    lot = {"lot_id": lot_id, "show_id": show_id, "sku": "MUG", "start_minor": 1_000, "currency": "USD", "window_ms": 0}
    await owner.must("POST", "/api/auctions/lots", {**lot, "duration_ms": 20_000})
    page = await person(browser, site.url, anna, f"/watch/{show_id}", viewport=PHONE)
    await owner.must("POST", f"/api/auctions/lots/{lot_id}/start", {})
    await page.locator("[data-testid=lot][data-state=open]").wait_for()
    await send_bid(anna, show_id, lot_id, 1_000, "USD")
    await page.locator("[data-testid=lot][data-place=leading]").wait_for()
    await send_bid(boris, show_id, lot_id, 2_000, "USD")
    await page.locator("[data-testid=lot][data-state=sold]").wait_for()
    await hears(page, "Sold for $11")
    heard = await page.evaluate("heard")
    assert heard[:2] == [["polite", "You lead."], ["assertive", "You have been outbid!"]]
    assert [text for _, text in heard[2:4]] == ["10 seconds left", "5 seconds left"]
    assert heard[4:] == [["polite", "Sold for $11"]]
    for client in (owner, anna, boris):
        await client.close()
