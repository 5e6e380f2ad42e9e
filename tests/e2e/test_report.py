"""A short show from the first pin to its report: what was watched, said and bought is there, for its host alone."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.shopper import enter, open_shop, pool_ready
from tests.e2e.site import Site, until
from tests.e2e.talking import PHONE, accessible, say, sees
from tests.e2e.test_books import buy, log_in
from tests.e2e.test_on_air import PATIENCE_MS, browser, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e


@pytest.mark.reference
async def test_a_show_with_a_purchase_has_a_report_for_its_host(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    owner, show_id = await open_shop(site.url, site.key, 5)
    await pool_ready(owner, show_id, 5)
    await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": "MUG"})
    viewer = await open_page(browser, f"{site.url}/watch/{show_id}", problems, locale="en-GB")
    await say(viewer, "Is it blue?")
    await viewer.get_by_test_id("nickname").fill("Vera")
    await viewer.get_by_test_id("nickname-save").click()
    await sees(viewer, "Is it blue?")
    await buy(site, show_id, 2)
    await until(lambda: site.sql("select max(viewers_peak) from recaps_minutes") == [(1,)], 30_000)
    host = await open_page(browser, f"{site.url}/report/{show_id}", problems, locale="en-GB", viewport=PHONE)
    await log_in(host)
    await expect(host.get_by_test_id("report")).to_have_attribute("data-state", "live", timeout=PATIENCE_MS)
    await owner.must("POST", f"/api/shows/{show_id}/end")
    await until(lambda: site.sql("select 1 from recaps_shows where ended_at_ms is not null") == [(1,)], 20_000)
    await host.goto(f"{site.url}/studio/")
    await host.get_by_test_id(f"report-{show_id}").click()
    await read_report(host)
    await walk_along_the_plot(host)
    await take_files(host, show_id)
    await accessible(host)
    await host.set_viewport_size({"width": 1280, "height": 800})
    await host.emulate_media(color_scheme="dark")
    await accessible(host)
    await host.goto(f"{site.url}/studio/?show={show_id}")
    await host.get_by_test_id("open-report").click()
    await expect(host.get_by_test_id("report")).to_be_visible(timeout=PATIENCE_MS)
    await viewer.goto(f"{site.url}/report/{show_id}")
    await expect(viewer.get_by_test_id("login-email")).to_be_visible(timeout=PATIENCE_MS)
    stranger = await enter(site.url, "Troll")
    assert (await stranger.call("GET", f"/api/recaps/{show_id}")).status_code == 403
    assert (await stranger.call("GET", f"/api/chat/{show_id}/messages.csv")).status_code == 403
    await stranger.close()
    await owner.close()
    assert problems == []


async def read_report(host: Page) -> None:
    await expect(host.get_by_test_id("report")).to_have_attribute("data-state", "ended", timeout=PATIENCE_MS)
    await expect(host.get_by_test_id("report-revenue")).to_have_text("$39.80")
    for name, value in (("orders", "1"), ("viewers", "1"), ("messages", "1")):
        await expect(host.get_by_test_id(f"report-{name}")).to_have_text(value)
    product = host.get_by_test_id("report-product")
    await expect(product).to_have_attribute("data-sku", "MUG")
    await expect(product).to_contain_text("$39.80")
    await expect(host.locator("[data-testid=report-highlight][data-kind=orders]")).to_contain_text("pinned: Mug")


async def walk_along_the_plot(host: Page) -> None:
    """Without a pointer: the minute in which something was bought says so."""
    said = host.get_by_test_id("report-minute")
    await host.get_by_test_id("report-plot").focus()
    await host.keyboard.press("Home")
    for _ in range(3):
        if "order" in (await said.text_content() or ""):
            break
        await host.keyboard.press("ArrowRight")
    await expect(said).to_contain_text("1 order")
    await expect(said).to_contain_text("pinned: Mug")
    await host.get_by_test_id("report-table").click()
    await expect(host.locator(".report-table tbody tr").first).to_be_visible()


async def take_files(host: Page, show_id: str) -> None:
    async with host.expect_download() as download:
        await host.get_by_test_id("report-chat-csv").click()
    made = await download.value
    assert made.suggested_filename == f"{show_id}_chat.csv"
    text = await asyncio.to_thread(Path(await made.path()).read_text, encoding="utf-8-sig")
    assert "Is it blue?" in text
    async with host.expect_download() as download:
        await host.get_by_test_id("report-minutes-csv").click()
    text = await asyncio.to_thread(Path(await (await download.value).path()).read_text, encoding="utf-8-sig")
    assert "39.80" in text
