"""The host's statement and webhooks in a real browser: what was bought is in both, to the cent; a failing receiver, mended."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from server.kernel.ids import new_id
from tests.e2e.shopper import CLOCK, OWNER, enter, open_shop, order_body, pool_ready, settle
from tests.e2e.site import Site
from tests.e2e.talking import accessible
from tests.e2e.test_on_air import PATIENCE_MS, browser, open_page
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.http.fake_media import served

__all__ = ["browser"]

pytestmark = pytest.mark.e2e


async def buy(site: Site, show_id: str, quantity: int) -> str:
    """Somebody buys and pays; returns the order's id."""
    buyer = await enter(site.url, "Bea")
    order = await buyer.must("POST", "/api/orders", order_body(show_id, quantity))
    payment = {"payment_id": new_id("pay", CLOCK), "order_id": order["order_id"], "method": "tok_visa"}
    await buyer.must("POST", "/api/payments", payment)
    assert (await settle(buyer, order["order_id"]))["payment"] == "captured"
    await buyer.close()
    return str(order["order_id"])


async def log_in(page: Page) -> None:
    await page.get_by_test_id("login-email").fill(OWNER["email"])
    await page.get_by_test_id("login-password").fill(OWNER["password"])
    await page.get_by_test_id("login-submit").click()


async def connect(page: Page, url: str) -> None:
    """Register a webhook in the page; the secret is shown once."""
    await page.get_by_test_id("hook-new").click()
    await page.get_by_test_id("hook-url").fill("https://127.0.0.1/hooks")
    await page.get_by_test_id("hook-save").click()
    await expect(page.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_test_id("hook-url").fill(url)
    await page.get_by_test_id("hook-description").fill("Warehouse")
    await page.get_by_test_id("hook-save").click()
    secret = await page.get_by_test_id("hook-secret").input_value(timeout=PATIENCE_MS)
    assert secret.startswith("whsec_")
    await page.get_by_test_id("hook-secret-sheet").get_by_test_id("close").click()


@pytest.mark.reference
async def test_what_is_bought_is_in_the_statement_and_told_to_the_webhooks(folder: Path, browser: Browser) -> None:
    receiver = WebhookReceiver()
    problems: list[str] = []
    site = Site(folder)
    async with served(receiver.app()) as receiver.origin:
        site.environment["WEBHOOK_HOSTS"] = receiver.origin.removeprefix("http://")
        site.environment["PLATFORM_FEE_BPS"] = "500"
        await site.start()
        try:
            owner, show_id = await open_shop(site.url, site.key, 5)
            await pool_ready(owner, show_id, 5)
            await owner.close()
            page = await open_page(
                browser, f"{site.url}/webhooks/", problems, locale="en-GB", viewport={"width": 390, "height": 844}
            )
            await log_in(page)
            await connect(page, receiver.url("warehouse"))
            receiver.inbox("warehouse").answers.append(500)
            order_id = await buy(site, show_id, 2)
            await replay(page, receiver, order_id)
            await accessible(page)
            await page.set_viewport_size({"width": 1280, "height": 800})
            await page.goto(f"{site.url}/studio/")
            await page.get_by_test_id("open-statement").click()
            await read_statement(page, order_id)
        finally:
            await site.stop()
    assert problems == []


async def replay(page: Page, receiver: WebhookReceiver, order_id: str) -> None:
    """The first try has failed; sent again by hand it arrives."""
    await page.get_by_test_id("hook-deliveries").click()
    delivery = page.get_by_test_id("delivery").first
    await expect(delivery).to_have_attribute("data-state", "waiting", timeout=PATIENCE_MS)
    await delivery.get_by_role("button").first.click()
    await expect(page.get_by_test_id("attempt").first).to_contain_text("500", timeout=PATIENCE_MS)
    await accessible(page)
    await page.get_by_test_id("delivery-replay").click()
    await page.get_by_test_id("filter-delivered").click()
    await expect(page.get_by_test_id("delivery")).to_have_attribute("data-state", "delivered", timeout=PATIENCE_MS)
    first, *_, last = receiver.inbox("warehouse").got
    assert (first.id, first.json["data"]["order_id"]) == (last.id, order_id)
    await page.get_by_test_id("deliveries").get_by_test_id("close").click()


async def read_statement(page: Page, order_id: str) -> None:
    line = page.get_by_test_id("statement-line")
    await expect(line).to_have_attribute("data-order", order_id, timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("total_minor").first).to_have_text("$39.80")
    await expect(page.get_by_test_id("platform_fee_minor").first).to_have_text("−$1.99")
    await expect(page.get_by_test_id("net_minor").first).to_have_text("$37")
    async with page.expect_download() as download:
        await page.get_by_test_id("statement-csv").click()
    file = await (await download.value).path()
    rows = (await asyncio.to_thread(Path(file).read_text, encoding="utf-8-sig")).splitlines()
    assert rows[0].split(",")[-1] == "net"
    assert rows[1].split(",")[1] == order_id
    assert rows[1].split(",")[-1] == "37.00"
    await accessible(page)
    await page.get_by_test_id("statement-open").click()
    await expect(page.get_by_test_id("transfer")).to_have_count(2, timeout=PATIENCE_MS)
    await accessible(page)
