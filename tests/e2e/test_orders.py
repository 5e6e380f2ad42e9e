"""An order from the cart to the goods that came back, on real pages: the buyer's phone and the host's desktop."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from server.kernel.ids import new_id
from tests.e2e.control_room import open_desk
from tests.e2e.shopper import CLOCK, Client, enter, open_shop, pool_ready
from tests.e2e.site import Site
from tests.e2e.talking import accessible
from tests.e2e.test_on_air import PATIENCE_MS, browser, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

PICTURES = os.environ.get("EFIR_PICTURES", "")
"""A folder for pictures of what the test sees, for people who look at pages."""

LAMP = {"amount_minor": 5_900, "currency": "USD"}


async def test_a_cart_is_paid_sent_and_taken_back(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    owner, show_id = await open_shop(site.url, site.key, 5)
    someone = await enter(site.url, "Probe")
    await pool_ready(someone, show_id, 5)
    await someone.close()
    await furnish(owner, show_id)

    buyer = await open_page(
        browser, f"{site.url}/watch/{show_id}", problems, locale="en-GB", viewport={"width": 390, "height": 844}
    )
    await fill_cart(buyer)
    await pay(buyer)
    [(order_id, total, shipping, discount)] = site.sql(
        "select order_id, total_minor, shipping_minor, discount_minor from orders_orders"
    )
    assert (total, shipping, discount) == (1_990 * 2 + 5_900 - 988 + 490, 490, 988)

    await buyer.goto(f"{site.url}/order/{order_id}")
    await expect(buyer.get_by_test_id("receipt-total")).to_have_text("$93.82", timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("history-entry").first).to_be_visible()
    await picture(buyer, "order-phone")

    await send_elsewhere(buyer)

    host = await host_page(browser, owner, f"{site.url}/studio/?show={show_id}", problems)
    await open_desk(host, "orders")
    await expect(host.get_by_test_id("parcel")).to_contain_text("Markt 5")
    await host.get_by_test_id("parcel").get_by_label("Carrier").fill("DHL")
    await host.get_by_test_id("parcel").get_by_label("Tracking number").fill("00340434")
    await picture(host, "desk")
    await host.get_by_test_id("parcel").get_by_test_id("ship").click()
    await expect(host.get_by_test_id("parcel")).to_have_count(0, timeout=PATIENCE_MS)

    # The buyer's page changes by itself.
    await expect(buyer.get_by_test_id("tracking")).to_have_text("DHL 00340434", timeout=PATIENCE_MS)
    await send_back(buyer)
    await host.goto(f"{site.url}/studio/?show={show_id}")
    await open_desk(host, "orders")
    await host.get_by_test_id("desk-all").click()
    await host.get_by_test_id("filter-returns").click()
    await expect(host.get_by_test_id("order-item")).to_contain_text("2 × Mug, 1 × Lamp", timeout=PATIENCE_MS)
    await accessible(host)
    await picture(host, "orders")
    await host.get_by_test_id("order-item").click()
    await host.wait_for_url(f"{site.url}/order/{order_id}")
    await host.goto(f"{site.url}/order/{order_id}")
    await host.get_by_test_id("return-yes").click()
    await expect(host.get_by_test_id("return-row")).to_have_attribute("data-state", "accepted", timeout=PATIENCE_MS)
    await picture(host, "order-host")
    await host.get_by_test_id("return-yes").click()
    await expect(buyer.get_by_test_id("return-row")).to_have_attribute("data-state", "received", timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("refund-row")).to_have_attribute("data-state", "done", timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("receipt-refunded")).to_have_text("−$17.91")
    await picture(buyer, "order-returned")
    assert problems == []
    await owner.close()


async def furnish(owner: Client, show_id: str) -> None:
    """A second product, a way of delivery, a coupon."""
    variant = {"sku": "LAMP", "price": LAMP, "on_hand": 9}
    await owner.must(
        "POST", "/api/catalog/products", {"product_id": new_id("prd", CLOCK), "title": "Lamp", "variants": [variant]}
    )
    pool = {"move_id": new_id("mov", CLOCK), "show_id": show_id, "sku": "LAMP", "quantity": 9, "per_buyer_max": 3}
    await owner.must("POST", "/api/catalog/pools", pool)
    post = {"option_id": "post", "name_en": "Post", "name_ru": "Почта", "price": {"amount_minor": 490, "currency": "USD"}}
    await owner.must("POST", "/api/orders/shipping", {**post, "tax_rate_bp": 1_900})
    await owner.must(
        "POST",
        "/api/coupons",
        {"coupon_id": new_id("cmd", CLOCK), "show_id": show_id, "code": "SPRING", "uses_max": 5, "percent": 10},
    )
    for sku in ("LAMP", "MUG"):
        await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": sku})


async def fill_cart(buyer: Page) -> None:
    """Two products, an address, a code."""
    await buyer.get_by_test_id("buy-MUG").click()
    await buyer.get_by_test_id("quantity-more").click()
    await buyer.get_by_test_id("add-to-cart").click()
    await buyer.get_by_test_id("buy-LAMP").click()
    await picture(buyer, "product")
    await buyer.get_by_test_id("add-to-cart").click()
    await buyer.get_by_test_id("open-cart").click()
    form = buyer.get_by_test_id("address-form")
    await expect(form).to_be_visible(timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("pay-cart")).to_have_count(0)
    for label, value in (("Name", "Bea B."), ("Street and number", "Torstr. 1"), ("Postcode", "10119"), ("City", "Berlin")):
        await form.get_by_label(label, exact=True).fill(value)
    await form.get_by_label("Country").select_option("DE")
    await picture(buyer, "address")
    await buyer.get_by_test_id("save-address").click()
    await expect(buyer.get_by_test_id("bill-total")).to_have_text("$103.70", timeout=PATIENCE_MS)
    await buyer.get_by_test_id("coupon").fill("nothing1")
    await buyer.get_by_test_id("use-coupon").click()
    await expect(buyer.get_by_role("alert")).to_contain_text("no such code", timeout=PATIENCE_MS)
    await expect(buyer.get_by_test_id("bill-total")).to_have_text("$103.70")
    await buyer.get_by_test_id("coupon").fill("spring")
    await buyer.get_by_test_id("use-coupon").click()
    await expect(buyer.get_by_test_id("bill-total")).to_have_text("$93.82", timeout=PATIENCE_MS)
    await picture(buyer, "cart")


async def pay(buyer: Page) -> None:
    await expect(buyer.get_by_test_id("pay-cart")).to_contain_text("$93.82")
    await buyer.get_by_test_id("pay-cart").click()
    await buyer.get_by_test_id("nickname").fill("Bea")
    await buyer.get_by_test_id("nickname-save").click()
    await expect(buyer.get_by_test_id("order-status")).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    await picture(buyer, "paid")
    await expect(buyer.get_by_test_id("open-cart")).to_have_count(0)


async def send_elsewhere(buyer: Page) -> None:
    """Another address for an order that is not packed yet, which is then the second one of the buyer's own."""
    await buyer.get_by_test_id("open-move").click()
    for field, value in (("street", "Markt 5"), ("city", "Bonn")):
        await buyer.get_by_test_id(f"address-{field}").fill(value)
    await buyer.get_by_test_id("address-country").select_option("DE")
    await picture(buyer, "order-move")
    await buyer.get_by_test_id("save-address").click()
    await expect(buyer.get_by_test_id("order-address")).to_contain_text("Markt 5", timeout=PATIENCE_MS)
    order = buyer.url
    await buyer.get_by_role("link", name="My addresses").click()
    await expect(buyer.get_by_test_id("address-row")).to_have_count(2, timeout=PATIENCE_MS)
    await accessible(buyer)
    await buyer.get_by_test_id("address-row").last.get_by_test_id("address-usual").click()
    await expect(buyer.get_by_test_id("address-row").first).to_contain_text("Markt 5", timeout=PATIENCE_MS)
    await picture(buyer, "addresses")
    await buyer.goto(order)


async def send_back(buyer: Page) -> None:
    await buyer.get_by_test_id("received").click()
    await expect(buyer.get_by_test_id("order-status")).to_have_attribute("data-state", "delivered", timeout=PATIENCE_MS)
    await buyer.get_by_test_id("open-return").click()
    await buyer.get_by_label("Mug · Units").fill("1")
    await buyer.get_by_label("What is wrong with it?").fill("A crack")
    await buyer.get_by_test_id("request-return").click()
    await expect(buyer.get_by_test_id("return-row")).to_have_attribute("data-state", "requested", timeout=PATIENCE_MS)


async def host_page(browser: Browser, owner: Client, url: str, problems: list[str]) -> Page:
    """The owner's own browser, with the session of the client."""
    home = url.partition("/studio/")[0]
    page = await open_page(browser, home, problems, locale="en-GB", viewport={"width": 1280, "height": 900})
    cookies = [{"name": cookie.name, "value": cookie.value or "", "url": home} for cookie in owner.http.cookies.jar]
    await page.context.add_cookies(cookies)  # type: ignore[arg-type]  # a plain dict is what Playwright wants
    await page.goto(url)
    return page


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=name.startswith(("order", "desk")))
