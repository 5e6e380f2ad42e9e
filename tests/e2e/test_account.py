"""One's own page and the people of a shop, in a browser: a guest buys, registers, speaks another language, and is forgotten; an
owner invites a packer, who sees parcels and no money, until the owner takes the role away."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import AT_REST
from tests.e2e.shopper import Client, enter, open_shop, pool_ready
from tests.e2e.site import Site, until
from tests.e2e.talking import PHONE, accessible
from tests.e2e.test_books import buy, log_in
from tests.e2e.test_on_air import PATIENCE_MS, browser, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

PICTURES = os.environ.get("EFIR_PICTURES", "")
"""A folder for pictures of what the test sees, for people who look at pages."""
DESKTOP = {"width": 1280, "height": 800}
PASSWORD = "a long pass phrase"
MARKS = ("Zoenomen", "zoe@example.test")


async def test_a_guest_buys_registers_looks_around_and_is_forgotten(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    owner, show_id = await shop(site)
    await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": "MUG"})
    page = await open_page(browser, f"{site.url}/watch/{show_id}", problems, locale="en-GB", viewport=PHONE)
    await page.get_by_test_id("buy-MUG").click()
    await page.get_by_test_id("pay").click()
    await page.get_by_test_id("nickname").fill(MARKS[0])
    await page.get_by_test_id("nickname-save").click()
    await expect(page.get_by_test_id("order-status").first).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    await page.keyboard.press("Escape")
    await picture(page, "player")

    await page.get_by_test_id("to-account").click()
    await expect(page.get_by_test_id("account-name")).to_have_text(MARKS[0], timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("account-order")).to_have_count(1)
    await picture(page, "guest")
    await accessible(page)

    await page.get_by_test_id("register").click()
    await page.get_by_test_id("sign-up-email").fill(MARKS[1])
    await page.get_by_test_id("sign-up-password").fill(PASSWORD)
    await page.get_by_test_id("sign-up-submit").click()
    await expect(page.get_by_test_id("account-email")).to_have_text(MARKS[1], timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("account-order-link")).to_be_visible()
    await picture(page, "orders")

    for section in ("bids", "following", "settings"):
        await page.get_by_test_id(f"tab-{section}").click()
        await expect(page.get_by_test_id(f"section-{section}")).to_be_visible()
        await picture(page, section)
        await accessible(page)
    await page.goto(f"{site.url}/account/#bids")  # only the fragment changes
    await expect(page.get_by_test_id("section-bids")).to_be_visible()
    await page.goto(f"{site.url}/account/#settings")
    await page.get_by_test_id("profile-language").select_option("ru")
    await page.get_by_test_id("profile-save").click()
    await expect(page.get_by_role("tab", name="Заказы")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("profile-saved")).to_contain_text("Сохранено")
    await picture(page, "settings-ru")
    async with page.expect_download() as started:
        await page.get_by_test_id("download").click()
    kept = json.loads(await asyncio.to_thread(Path(await (await started.value).path()).read_text))
    assert (kept["person"]["email"], len(kept["modules"]["orders"]["orders"])) == (MARKS[1], 1)

    await page.get_by_test_id("erase").click()
    await expect(page.get_by_test_id("obstacle")).to_have_attribute("data-kind", "order", timeout=PATIENCE_MS)
    await picture(page, "obstacles")
    await page.keyboard.press("Escape")
    await deliver(site, owner)
    await page.get_by_test_id("erase").click()
    await page.get_by_test_id("erase-password").fill("not that one")
    await page.get_by_test_id("erase-sure").check()
    await picture(page, "erase")
    await accessible(page)
    await page.get_by_test_id("erase-now").click()
    await expect(page.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_test_id("erase-password").fill(PASSWORD)
    await page.get_by_test_id("erase-sure").check()
    await page.get_by_test_id("erase-now").click()
    await page.wait_for_url(f"{site.url}/")
    await page.goto(f"{site.url}/account/")
    await expect(page.get_by_test_id("sign-up")).to_be_visible(timeout=PATIENCE_MS)
    await until(lambda: site.sql("select buyer_name from orders_orders") == [("—",)], PATIENCE_MS)
    tables = [str(name) for (name,) in site.sql("select name from sqlite_master where type = 'table'")]
    for mark in MARKS:
        assert not [name for name in tables if mark in str(site.sql(f"select * from {name}"))], mark  # noqa: S608 - our own names
    await owner.close()
    assert problems == []


@pytest.mark.reference
async def test_an_owner_invites_a_packer_who_sees_parcels_and_no_money(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    owner, show_id = await shop(site)
    await buy(site, show_id, 2)
    host = await open_page(browser, f"{site.url}/studio/", problems, locale="en-GB", viewport=DESKTOP)
    await log_in(host)
    await host.get_by_test_id("open-staff").click()
    await host.get_by_test_id("invite").click()
    await host.get_by_test_id("role-packer").check()
    await host.get_by_test_id("invite-label").fill("Paula, depot")
    await picture(host, "invite")
    await accessible(host)
    await host.get_by_test_id("invite-make").click()
    link = await host.get_by_test_id("staff-link").input_value(timeout=PATIENCE_MS)
    await host.get_by_test_id("invite-done").click()
    await expect(host.get_by_test_id("staff-invite")).to_contain_text("Paula, depot")

    packer = await open_page(browser, link, problems, locale="en-GB", viewport=PHONE)
    await expect(packer.get_by_test_id("join-role")).to_have_attribute("data-role", "packer", timeout=PATIENCE_MS)
    await picture(packer, "join")
    await accessible(packer)
    await packer.get_by_test_id("sign-up-name").fill("Paula")
    await packer.get_by_test_id("sign-up-email").fill("paula@example.test")
    await packer.get_by_test_id("sign-up-password").fill(PASSWORD)
    await packer.get_by_test_id("sign-up-submit").click()
    await packer.get_by_test_id("join-accept").click()
    await packer.get_by_test_id("join-go").click()
    await expect(packer.get_by_test_id("parcel")).to_have_count(1, timeout=PATIENCE_MS)
    text = await packer.locator("body").inner_text()
    assert "Mug" in text
    assert "19.90" not in text
    assert "39.80" not in text
    await picture(packer, "packing")
    await accessible(packer)
    await packer.get_by_test_id("pack").click()
    await expect(packer.get_by_test_id("parcel")).to_have_attribute("data-packed", "true", timeout=PATIENCE_MS)
    await packer.get_by_test_id("send").click()
    await packer.get_by_test_id("carrier").fill("DHL")
    await packer.get_by_test_id("sent").click()
    await expect(packer.get_by_test_id("nothing")).to_be_visible(timeout=PATIENCE_MS)
    assert site.sql("select fulfilment from orders_orders") == [("shipped",)]
    for forbidden in (f"/api/orders/shows/{show_id}", "/api/books/statement", "/api/accounts/staff"):
        assert (await packer.request.get(site.url + forbidden)).status == 403, forbidden

    await host.reload()
    await expect(host.locator("[data-name=Paula]")).to_be_visible(timeout=PATIENCE_MS)
    await picture(host, "staff")
    await accessible(host)
    await host.get_by_test_id("take-packer").click()
    await host.get_by_test_id("take-sure").click()
    await expect(host.locator("[data-name=Paula]")).to_have_count(0, timeout=PATIENCE_MS)
    assert (await packer.request.get(f"{site.url}/api/orders/packing")).status == 403
    await host.get_by_test_id("take-owner").click()
    await host.get_by_test_id("take-sure").click()
    await expect(host.get_by_test_id("error")).to_be_visible(timeout=PATIENCE_MS)
    await owner.close()
    assert problems == []


async def shop(site: Site) -> tuple[Client, str]:
    """A live show with nine mugs."""
    owner, show_id = await open_shop(site.url, site.key, 9)
    someone = await enter(site.url, "Probe")
    await pool_ready(someone, show_id, 9)
    await someone.close()
    return owner, show_id


async def deliver(site: Site, owner: Client) -> None:
    """Everything that was bought is sent, and has arrived."""
    ids = {"order_ids": [order_id for (order_id,) in site.sql("select order_id from orders_orders")]}
    await owner.must("POST", "/api/orders/ship", {**ids, "carrier": "DHL"})
    await owner.must("POST", "/api/orders/deliver", ids)


async def picture(page: Page, name: str) -> None:
    """Keep what the page shows, when somebody wants to look."""
    await expect(page.locator(".icon-turning")).to_have_count(0, timeout=PATIENCE_MS)
    if not PICTURES:
        return
    size = page.viewport_size
    assert size is not None
    for which, box in (("phone", PHONE), ("desktop", DESKTOP)):
        await page.set_viewport_size({"width": box["width"], "height": box["height"]})
        for theme in ("light", "dark"):
            await page.emulate_media(color_scheme=theme)
            await page.evaluate(AT_REST)
            await page.screenshot(path=f"{PICTURES}/{name}-{which}-{theme}.png")
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(size)
