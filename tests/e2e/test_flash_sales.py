"""What makes a show a bargain, as people have it: a flash sale bought out by two browsers, the line, a coupon, a giveaway."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from tests.e2e.control_room import open_desk
from tests.e2e.site import Site
from tests.e2e.talking import PHONE, Show, accessible
from tests.e2e.test_on_air import PATIENCE_MS, browser

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

CLOCK = SystemClock()
PRICE = {"amount_minor": 3900, "currency": "EUR"}
DRAW_MS = 120_000
"""A giveaway of a minute, the roll call, and a busy machine."""


async def post(page: Page, path: str, body: Any) -> Any:
    """A request of this person's browser."""
    origin = "/".join(page.url.split("/")[:3])
    answer = await page.request.post(origin + path, data=body, headers={"origin": origin})
    assert answer.ok, await answer.text()
    return await answer.json()


async def stock(show: Show, units: int) -> None:
    """The show sells bowls."""
    bowl = {"sku": "BOWL", "price": PRICE, "on_hand": units, "label": "blue"}
    made = {"product_id": new_id("prd", CLOCK), "title": "Bowl", "variants": [bowl], "image_url": "/static/demo/mug.svg"}
    await post(show.host, "/api/catalog/products", made)
    move = {"move_id": new_id("mov", CLOCK), "show_id": show.show_id, "sku": "BOWL", "quantity": units}
    await post(show.host, "/api/catalog/pools", move)
    await expect(show.host.get_by_test_id("stock-BOWL")).to_have_attribute("data-available", str(units), timeout=PATIENCE_MS)


async def test_a_flash_sale_is_bought_out_and_the_line_goes_on(site: Site, browser: Browser) -> None:
    show = Show(site, browser)
    await show.start()
    await stock(show, 5)
    vera = await show.viewer("Vera")
    ivan = await show.viewer("Ivan", viewport=PHONE, has_touch=True)

    await start_sale(show.host)
    for page in (vera, ivan):
        await expect(page.get_by_test_id("flash")).to_have_attribute("data-phase", "on", timeout=PATIENCE_MS)
        await expect(page.get_by_test_id("flash-BOWL")).to_have_attribute("data-left", "1")
        await expect(page.get_by_test_id("flash-BOWL").get_by_test_id("price-now")).to_have_text("€29.50")
        await expect(page.get_by_test_id("flash-BOWL").get_by_test_id("price-was")).to_contain_text("€39")

    order = await buy(vera, "flash-buy-BOWL", "tok_declined")
    await expect(ivan.get_by_test_id("flash-BOWL")).to_have_attribute("data-left", "0", timeout=PATIENCE_MS)
    await ivan.get_by_test_id("wait-BOWL").tap()
    await expect(ivan.get_by_test_id("place-BOWL")).to_have_attribute("data-place", "1", timeout=PATIENCE_MS)
    for page in (show.host, ivan):
        await accessible(page)

    await post(vera, f"/api/orders/{order}/cancel", {})
    await expect(ivan.get_by_test_id("turn")).to_be_visible(timeout=PATIENCE_MS)
    await ivan.get_by_test_id("turn-buy").tap()
    await expect(ivan.get_by_test_id("product-sheet").get_by_test_id("price-now")).to_have_text("€29.50")
    await ivan.get_by_test_id("pay").tap()
    await expect(ivan.get_by_test_id("order-status").first).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    await ivan.get_by_test_id("close").tap()
    await expect(ivan.get_by_test_id("turn")).to_have_count(0, timeout=PATIENCE_MS)
    desk = show.host.get_by_test_id("desk-flash-BOWL")
    await expect(desk).to_have_attribute("data-sold", "1", timeout=PATIENCE_MS)

    await show.host.get_by_test_id("flash-close").click()
    for page in (vera, ivan):
        await expect(page.get_by_test_id("flash")).to_have_count(0, timeout=PATIENCE_MS)
    await expect(vera.get_by_test_id("offer-BOWL").get_by_test_id("stock-BOWL")).to_have_attribute("data-available", "4")
    assert show.problems == []


async def start_sale(host: Page) -> None:
    """One bowl for 29.50, now, for longer than a busy machine needs."""
    await open_desk(host, "flash")
    await host.get_by_test_id("flash-new").click()
    await host.get_by_test_id("flash-price-0").fill("45")
    await host.get_by_test_id("flash-units-0").fill("1")
    await host.get_by_test_id("flash-span").select_option("600")
    await host.get_by_test_id("flash-start").click()
    await expect(host.get_by_test_id("flash-form").get_by_role("alert")).to_be_visible()
    await host.get_by_test_id("flash-price-0").fill("29.50")
    await host.get_by_test_id("flash-start").click()
    await expect(host.get_by_test_id("desk-flash")).to_have_attribute("data-phase", "on", timeout=PATIENCE_MS)


async def buy(page: Page, button: str, card: str) -> str:
    """Press "buy" and pay with a card that declines; returns the order, which waits for another card."""
    await page.get_by_test_id(button).click()
    await page.get_by_test_id("card").select_option(card)
    async with page.expect_response(
        lambda answer: answer.url.endswith("/api/orders") and answer.request.method == "POST"
    ) as placed:
        await page.get_by_test_id("pay").click()
    order = await (await placed.value).json()
    await expect(page.get_by_test_id("order-status").first).to_have_attribute("data-state", "declined", timeout=PATIENCE_MS)
    return str(order["order_id"])


async def test_a_coupon_is_given_out_used_and_withdrawn(site: Site, browser: Browser) -> None:
    show = Show(site, browser)
    await show.start()
    await stock(show, 5)
    vera = await show.viewer("Vera")
    await open_desk(show.host, "coupons")
    await show.host.get_by_test_id("coupon-new").click()
    await show.host.get_by_test_id("coupon-code").fill("live10")
    await show.host.get_by_test_id("coupon-percent").fill("10")
    await show.host.get_by_test_id("coupon-uses").fill("3")
    await show.host.get_by_test_id("coupon-issue").click()
    row = show.host.get_by_test_id("coupon")
    await expect(row).to_have_attribute("data-code", "LIVE10", timeout=PATIENCE_MS)
    await expect(row).to_have_attribute("data-used", "0", timeout=PATIENCE_MS)

    line = {"sku": "BOWL", "quantity": 1, "unit_price": PRICE}
    body = {"order_id": new_id("ord", CLOCK), "show_id": show.show_id, "lines": [line], "coupon": "LIVE10"}
    order = await post(vera, "/api/orders", body)
    assert order["total"] == {"amount_minor": 3510, "currency": "EUR"}
    await expect(row).to_have_attribute("data-used", "1", timeout=PATIENCE_MS)
    await show.host.get_by_test_id("coupon-withdraw").click()
    await expect(row).to_have_attribute("data-state", "withdrawn", timeout=PATIENCE_MS)
    origin = show.site.url
    again = {**body, "order_id": new_id("ord", CLOCK)}
    refused = await vera.request.post(f"{origin}/api/orders", data=again, headers={"origin": origin})
    assert (await refused.json())["type"].endswith("coupon_invalid")
    assert show.problems == []


@pytest.mark.reference
async def test_a_giveaway_is_drawn_among_those_who_are_there(site: Site, browser: Browser) -> None:
    show = Show(site, browser)
    await show.start()
    await stock(show, 5)
    vera = await show.viewer("Vera")
    ivan = await show.viewer("Ivan", viewport=PHONE, has_touch=True)
    await open_desk(show.host, "giveaways")
    await show.host.get_by_test_id("giveaway-new").click()
    await show.host.get_by_test_id("giveaway-span").select_option("60")
    await show.host.get_by_test_id("giveaway-start").click()
    await expect(show.host.get_by_test_id("desk-giveaway")).to_be_visible(timeout=PATIENCE_MS)

    await ivan.get_by_test_id("giveaway-enter").tap()
    await ivan.get_by_test_id("gate-name").fill("Ivan")
    await ivan.get_by_test_id("gate-email").fill("ivan@example.test")
    await ivan.get_by_test_id("gate-password").fill("correct horse battery")
    await ivan.get_by_test_id("gate-submit").tap()
    await ivan.get_by_test_id("address-street").fill("Markt 1")
    await ivan.get_by_test_id("address-name").fill("Ivan Ivanov")
    await ivan.get_by_test_id("address-city").fill("Bonn")
    await ivan.get_by_test_id("address-country").select_option("DE")
    await ivan.get_by_test_id("save-address").tap()
    await expect(ivan.get_by_test_id("giveaway")).to_have_attribute("data-entered", "true", timeout=PATIENCE_MS)
    await expect(show.host.get_by_test_id("desk-giveaway")).to_have_attribute("data-entries", "1", timeout=PATIENCE_MS)
    await accessible(ivan)

    await expect(ivan.get_by_test_id("giveaway-result")).to_have_attribute("data-won", "true", timeout=DRAW_MS)
    await expect(vera.get_by_test_id("giveaway-result")).to_have_attribute("data-won", "false", timeout=PATIENCE_MS)
    await expect(vera.get_by_test_id("giveaway-result")).to_contain_text("Ivan")
    await expect(show.host.get_by_test_id("desk-giveaway-past")).to_contain_text("Ivan", timeout=PATIENCE_MS)
    href = await vera.get_by_test_id("giveaway-check").get_attribute("href")
    check = await show.visit(str(href))
    await expect(check.get_by_test_id("draw-verdict")).to_have_attribute("data-agrees", "true", timeout=PATIENCE_MS)
    await expect(check.get_by_test_id("draw-entrant")).to_have_attribute("data-won", "true")
    await accessible(check)
    assert show.problems == []
