"""The shop in a real browser: a host on a phone makes a product with pictures and announces a show; a viewer sees it."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.e2e.control_room import open_desk
from tests.e2e.site import Site
from tests.e2e.talking import accessible
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, open_page
from tests.modules.pictures import files

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}
LOADED = "image => image.complete && image.naturalWidth > 0 && image.currentSrc.includes('/media/pictures/')"


def photo(name: str, orientation: int = 1) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": files.photo(orientation, (1200, 900))}


async def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def ready(page: Page, count: int) -> None:
    await expect(page.locator("[data-testid=picture-tile][data-state=ready]")).to_have_count(count, timeout=PATIENCE_MS)


async def test_from_an_empty_shelf_to_the_player(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await host.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await claim(host)
    await host.get_by_test_id("open-shop").click()
    await expect(host.get_by_test_id("first-steps")).to_be_visible(timeout=PATIENCE_MS)
    await shot(host, "empty")
    await accessible(host)

    await make_product(host)
    main = await change_order(host)
    show_id = await announce(host, site)
    await pin(host, site, show_id)
    await see(await open_page(browser, site.url, problems, locale="ru-RU"), show_id, main)
    assert problems == []


async def make_product(host: Page) -> None:
    """Two variants and two pictures; a file that is none is refused beside the pictures, and nothing is lost."""
    await host.get_by_test_id("product-new").click()
    await host.get_by_test_id("picture-file").set_input_files([photo("a.jpg"), photo("b.jpg", 6)])
    await ready(host, 2)
    evil: FilePayload = {"name": "evil.png", "mimeType": "image/png", "buffer": files.SVG}
    await host.get_by_test_id("picture-file").set_input_files(evil)
    await expect(host.get_by_test_id("pictures")).to_contain_text("JPEG, PNG or WebP.", timeout=PATIENCE_MS)
    await shot(host, "new-refused")
    await host.get_by_test_id("picture-remove").nth(2).click()
    await host.get_by_test_id("product-title").fill("Linen dress")
    await host.get_by_test_id("product-description").fill("Heavy linen, cut wide.")
    for at, (label, price, stock) in enumerate((("Size M", "49", "3"), ("Size L", "a lot", "2"))):
        if at:
            await host.get_by_test_id("variant-add").click()
        for name, value in (("label", label), ("price", price), ("stock", stock)):
            await host.get_by_test_id(f"variant-{name}-{at}").fill(value)
    await host.get_by_test_id("product-create").click()
    await expect(host.get_by_test_id("variant-1")).to_contain_text("Not an amount", timeout=PATIENCE_MS)
    await expect(host.get_by_test_id("variant-0")).not_to_contain_text("Not an amount")
    await expect(host.get_by_test_id("product-title")).to_have_value("Linen dress")
    await shot(host, "new-filled")
    await accessible(host)
    await host.get_by_test_id("variant-price-1").fill("55.50")
    await host.get_by_test_id("product-create").click()
    card = host.get_by_test_id("products").get_by_role("link")
    await expect(card).to_contain_text("€49 – €55.50", timeout=PATIENCE_MS)
    await expect(card).to_contain_text("5 in stock · 2 variants")
    assert await card.locator("img").evaluate(LOADED)
    await shot(host, "grid-one")


async def change_order(host: Page) -> str:
    """The second picture becomes the main one, by keyboard; returns its address."""
    card = host.get_by_test_id("products").get_by_role("link")
    await card.click()
    await expect(host.get_by_test_id("product-details")).to_be_visible(timeout=PATIENCE_MS)
    first, second = await pictures(host)
    later = host.get_by_test_id("picture-later").first
    await later.focus()
    await later.press("Enter")
    assert await pictures(host) == [second, first]
    await expect(host.get_by_test_id("picture-later").nth(1)).to_be_disabled()
    await host.get_by_test_id("product-save").click()
    await expect(host.get_by_test_id("product-details")).to_contain_text("Saved", timeout=PATIENCE_MS)
    await shot(host, "edit")
    await accessible(host)
    await host.get_by_test_id("host-back").click()
    await expect(card).to_contain_text("Linen dress", timeout=PATIENCE_MS)
    assert second.split("/")[3] in (await card.locator("img").get_attribute("src") or "")
    return second


async def announce(host: Page, site: Site) -> str:
    """A show with a cover of its own, tags and a time, which is changed afterwards; returns its id."""
    await host.goto(f"{site.url}/studio/")
    await host.get_by_test_id("show-title").fill("Linen evening")
    await host.get_by_test_id("show-tags").fill("linen, #summer, Linen")
    await host.get_by_test_id("show-when").fill("2031-05-01T19:30")
    await host.get_by_test_id("picture-file").set_input_files(photo("cover.jpg", 8))
    await ready(host, 1)
    await shot(host, "show-new")
    await accessible(host)
    await host.get_by_test_id("show-create").click()
    await host.wait_for_url("**/studio/?show=*")
    show_id = host.url.rpartition("show=")[2]
    await host.goto(f"{site.url}/studio/")
    await host.get_by_test_id(f"edit-{show_id}").click()
    sheet = host.get_by_test_id("show-sheet")
    await expect(sheet.get_by_test_id("show-when")).to_have_value("2031-05-01T19:30")
    await expect(sheet.get_by_test_id("show-tags")).to_have_value("linen, summer")
    await sheet.get_by_test_id("show-title").fill("Linen night")
    await shot(host, "show-edit")
    await sheet.get_by_test_id("show-save").click()
    await expect(host.get_by_test_id(f"open-{show_id}")).to_contain_text("Linen night", timeout=PATIENCE_MS)
    return show_id


async def pin(host: Page, site: Site, show_id: str) -> None:
    """Bring three units into the show and pin them."""
    await host.get_by_test_id(f"open-{show_id}").click()
    sku = str(site.sql("select sku from catalog_variants where label = 'Size M'")[0][0])
    await open_desk(host, "stock")
    await host.get_by_test_id(f"fund-quantity-{sku}").fill("3")
    await host.get_by_test_id(f"fund-{sku}").click()
    await open_desk(host, "run")
    await host.get_by_test_id(f"pin-{sku}").click()
    await expect(host.get_by_test_id(f"unpin-{sku}")).to_be_visible(timeout=PATIENCE_MS)


async def see(page: Page, show_id: str, main: str) -> None:
    """A viewer finds the show by its cover, and the product with its main picture in the player."""
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    start = page.get_by_test_id(f"show-{show_id}")
    await expect(start).to_contain_text("#linen #summer", timeout=PATIENCE_MS)
    await expect(start.locator("img")).to_have_js_property("complete", True)
    assert await start.locator("img").evaluate(LOADED)
    await shot(page, "start")
    await start.click()
    pinned = page.locator(".pin-card-picture img").first
    await expect(pinned).to_be_visible(timeout=PATIENCE_MS)
    assert main.split("/")[3] in (await pinned.get_attribute("src") or "")
    await shot(page, "player")


async def pictures(page: Page) -> list[str]:
    """Addresses of the pictures in their order."""
    return [await image.get_attribute("src") or "" for image in await page.locator("[data-testid=picture-tile] img").all()]
