"""Cards on real pages: given on the page of a provider, kept, then paying by one tap; and an order paid on its own page."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.shopper import enter, open_shop, pool_ready
from tests.e2e.site import Site
from tests.e2e.test_on_air import PATIENCE_MS, browser, open_page
from tests.fakes.yookassa_api import SECRET_KEY, SHOP_ID, FakeYooKassa
from tests.http.fake_media import served

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

PICTURES = os.environ.get("EFIR_PICTURES", "")
"""A folder for pictures of what the test sees, for people who look at pages."""


@pytest.fixture
def fake() -> FakeYooKassa:
    """A payment service; webhooks of it never come, so a buyer who is back must be asked about."""
    return FakeYooKassa()


@pytest.fixture
async def paying_site(folder: Path, fake: FakeYooKassa) -> AsyncIterator[Site]:
    """A shop that takes the sandbox's cards and those of that service."""
    async with served(fake.app()) as url:
        running = Site(folder)
        running.environment |= {
            "PAYMENT_PROVIDERS": "sandbox,yookassa",
            "YOOKASSA_SHOP_ID": SHOP_ID,
            "YOOKASSA_SECRET_KEY": SECRET_KEY,
            "YOOKASSA_API_URL": f"{url}/v3",
        }
        await running.start()
        yield running
        await running.stop()


@pytest.mark.reference
async def test_a_card_given_on_the_providers_page_is_kept_and_pays_by_one_tap(
    paying_site: Site, fake: FakeYooKassa, browser: Browser
) -> None:
    site, problems = paying_site, list[str]()
    owner, show_id = await open_shop(site.url, site.key, 9)
    someone = await enter(site.url, "Probe")
    await pool_ready(someone, show_id, 9)
    await someone.close()
    await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": "MUG"})
    await owner.close()
    buyer = await open_page(
        browser, f"{site.url}/watch/{show_id}", problems, locale="en-GB", viewport={"width": 390, "height": 844}
    )
    await buyer.context.route("https://bank.example/**", their_page)

    await buyer.get_by_test_id("buy-MUG").click()
    await expect(buyer.get_by_test_id("ways")).to_have_attribute("data-way", "page", timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("on-their-page")).to_be_visible()
    await buyer.get_by_test_id("keep-card").check()
    await picture(buyer, "picker-new")
    await buyer.get_by_test_id("pay").click()
    await buyer.get_by_test_id("nickname").fill("Bea")
    await buyer.get_by_test_id("nickname-save").click()
    await expect(buyer.get_by_test_id("their-page")).to_be_visible(timeout=PATIENCE_MS)

    # Back without paying: the payment waits, and may go on.
    await buyer.goto(f"{site.url}/watch/{show_id}")
    await buyer.get_by_test_id("open-order").click()
    await expect(buyer.get_by_test_id("order-status")).to_have_attribute("data-state", "action", timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("other-way")).to_be_visible()
    await picture(buyer, "waiting")
    await buyer.get_by_test_id("order-action").click()
    await expect(buyer.get_by_test_id("their-page")).to_be_visible(timeout=PATIENCE_MS)
    fake.enter_card(fake.bodies[0]["metadata"]["payment_id"], "pt_visa")
    await buyer.goto(fake.bodies[0]["confirmation"]["return_url"])
    await buyer.get_by_test_id("orders").click()
    await expect(buyer.get_by_test_id("order-status").first).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    await picture(buyer, "orders")
    await buyer.get_by_test_id("close").click()

    await buyer.get_by_test_id("buy-MUG").click()
    await expect(buyer.get_by_test_id("ways")).to_have_attribute("data-way", "saved", timeout=PATIENCE_MS)
    await picture(buyer, "picker-saved")
    await buyer.get_by_test_id("pay").click()
    await expect(buyer.get_by_test_id("order-status").first).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    assert [fake.charges(body["metadata"]["payment_id"]) for body in fake.bodies] == [1, 1]
    await buyer.get_by_test_id("close").click()

    await pay_on_the_order_page(buyer, site)
    await buyer.goto(f"{site.url}/cards/")
    await expect(buyer.get_by_test_id("card-row")).to_have_attribute("data-state", "ready", timeout=PATIENCE_MS)
    await picture(buyer, "cards")
    await buyer.get_by_test_id("save-card").click()
    await expect(buyer.get_by_test_id("their-page")).to_be_visible(timeout=PATIENCE_MS)
    fake.enter_card("", "pt_visa")
    await buyer.goto(f"{site.url}/cards/")
    await expect(buyer.get_by_test_id("card-row")).to_have_count(2, timeout=PATIENCE_MS)
    for row in range(2):
        await expect(buyer.get_by_test_id("card-row").nth(row)).to_have_attribute("data-state", "ready", timeout=PATIENCE_MS)
    await picture(buyer, "cards-two")
    assert problems == []


async def pay_on_the_order_page(buyer: Page, site: Site) -> None:
    """A test card declines in the player; the order's own page offers the saved card."""
    await buyer.get_by_test_id("buy-MUG").click()
    await buyer.get_by_test_id("other-ways").click()
    await buyer.get_by_test_id("way-sandbox").click()
    await buyer.get_by_test_id("card").select_option("tok_declined")
    await buyer.get_by_test_id("pay").click()
    await expect(buyer.get_by_test_id("order-status").first).to_have_attribute("data-state", "declined", timeout=PATIENCE_MS)
    [(order_id,)] = site.sql("select order_id from orders_orders where payment = 'failed'")
    await buyer.goto(f"{site.url}/order/{order_id}")
    await expect(buyer.get_by_test_id("ways")).to_have_attribute("data-way", "saved", timeout=PATIENCE_MS)
    await picture(buyer, "order-pay")
    await buyer.get_by_test_id("pay").click()
    await expect(buyer.get_by_test_id("order-status")).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("pay-again")).to_have_count(0)


async def their_page(route: Route) -> None:
    """What stands for the page of the payment service."""
    await route.fulfill(content_type="text/html", body="<title>Pay</title><p data-testid='their-page'>Your card?</p>")


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
