"""Sizes of one product in the player: chosen in the sheet, paid in as many taps as without; and no overlay hides a price."""

import pytest
from playwright.async_api import Browser, Page, expect

from server.kernel.ids import new_id
from tests.e2e.shopper import CLOCK, Client, enter, open_shop, pool_ready
from tests.e2e.site import Site, until
from tests.e2e.test_on_air import PATIENCE_MS, browser, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}
PRICES = {"TEE-S": 1000, "TEE-M": 1200}

HIDDEN_PRICES = """() => [...document.querySelectorAll(".pin-card-price")].filter((price) => {
  const box = price.getBoundingClientRect();
  if (box.width === 0 || box.left + box.width / 2 > innerWidth) return false;
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return !seen || !(price === seen || price.contains(seen) || seen.contains(price));
}).map((price) => price.textContent)"""
"""Prices of which something else is what one would touch. Pinned products stand in a row that scrolls sideways: those to the
right are yet to come."""


@pytest.mark.reference
async def test_a_size_is_chosen_in_the_sheet_and_no_overlay_hides_a_price(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    owner, show_id = await open_shop(site.url, site.key, 9)
    await tees(owner, show_id)
    probe = await enter(site.url, "Probe")
    await pool_ready(probe, show_id, 9)
    await probe.close()
    funded = "select count(*) from ledger_events where type like '%stock_funded%'"
    await until(lambda: site.sql(funded) == [(3,)], 20_000)
    for sku in ("MUG", "TEE-S"):
        await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": sku})
    options = ["Small", "Large", "Very large indeed, as large as it goes"]
    poll = {
        "poll_id": new_id("pol", CLOCK),
        "show_id": show_id,
        "question": "Which size do you wear at home?",
        "options": options,
    }
    await owner.must("POST", "/api/polls", poll)
    giveaway = {"giveaway_id": new_id("gvw", CLOCK), "show_id": show_id, "sku": "MUG", "lasts_ms": 300_000}
    await owner.must("POST", "/api/giveaways", giveaway)
    await owner.close()

    buyer = await open_page(browser, f"{site.url}/watch/{show_id}", problems, locale="en-GB", viewport=PHONE)
    for part in ("poll", "giveaway"):
        await buyer.locator(f"[data-testid={part}]").wait_for(timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("pin-TEE-S")).to_be_visible(timeout=PATIENCE_MS)
    assert await buyer.evaluate(HIDDEN_PRICES) == []
    await buyer.get_by_test_id("chat-input").fill("Is it warm?")
    assert await buyer.evaluate(HIDDEN_PRICES) == []
    await buyer.get_by_test_id("chat-input").fill("")

    await named(buyer)
    await buyer.get_by_test_id("buy-TEE-S").click()
    sheet = buyer.get_by_test_id("product-sheet")
    await expect(sheet.get_by_test_id("variant-TEE-S")).to_be_checked()
    await sheet.get_by_test_id("variant-TEE-S").focus()
    await buyer.keyboard.press("ArrowRight")
    await expect(sheet.get_by_test_id("variant-TEE-M")).to_be_checked()
    await expect(sheet.get_by_test_id("price-now")).to_have_text("€12")
    await expect(sheet.get_by_test_id("pay")).to_contain_text("€12", timeout=PATIENCE_MS)
    await sheet.get_by_test_id("pay").click()
    await expect(buyer.get_by_test_id("order-status")).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    await expect(sheet.get_by_test_id("variants")).to_have_count(0)
    assert site.sql("select sku, quantity from orders_lines") == [("TEE-M", 1)]
    assert problems == []


async def tees(owner: Client, show_id: str) -> None:
    """A shirt in two sizes, in the show's pool."""
    variants = [
        {"sku": sku, "label": sku[-1], "on_hand": 9, "price": {"amount_minor": price, "currency": "EUR"}}
        for sku, price in PRICES.items()
    ]
    await owner.must("POST", "/api/catalog/products", {"product_id": new_id("prd", CLOCK), "title": "Tee", "variants": variants})
    for sku in PRICES:
        pool = {"move_id": new_id("mov", CLOCK), "show_id": show_id, "sku": sku, "quantity": 9}
        await owner.must("POST", "/api/catalog/pools", pool)


async def named(buyer: Page) -> None:
    """The guest has a name, so that no question comes between the button and the payment."""
    await buyer.get_by_test_id("chat-input").fill("Hello")
    await buyer.get_by_test_id("chat-send").click()
    await buyer.get_by_test_id("nickname").fill("Bea")
    await buyer.get_by_test_id("nickname-save").click()
    await expect(buyer.get_by_test_id("chat-message").last).to_contain_text("Hello", timeout=PATIENCE_MS)
