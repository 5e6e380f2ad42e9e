"""The warehouse in a real browser: a host counts, changes a price, puts units into the show and takes them back."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.control_room import open_desk
from tests.e2e.site import Site
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, make_show, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}


@pytest.mark.reference
async def test_a_host_counts_prices_and_takes_units_back(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    await make_show(host)
    await open_desk(host, "stock")
    row = host.get_by_test_id("warehouse").locator("[data-testid^='product-']").first
    sku = (await row.get_attribute("data-testid") or "").removeprefix("product-")
    on_hand = host.get_by_test_id(f"on-hand-{sku}")
    before = int("".join(filter(str.isdigit, await on_hand.inner_text())))
    await host.get_by_test_id(f"stock-edit-{sku}").click()

    await host.get_by_test_id(f"count-{sku}").fill(str(before + 5))
    await host.get_by_test_id(f"count-reason-{sku}").fill("Delivery")
    await host.get_by_test_id(f"count-save-{sku}").click()
    await expect(on_hand).to_contain_text(str(before + 5), timeout=PATIENCE_MS)
    await expect(host.get_by_test_id(f"stock-history-{sku}")).to_contain_text("Delivery", timeout=PATIENCE_MS)

    await host.get_by_test_id(f"price-{sku}").fill("77,50")
    await host.get_by_test_id(f"tax-{sku}").fill("7.5")
    await host.get_by_test_id(f"price-save-{sku}").click()
    await expect(row).to_contain_text("77.50", timeout=PATIENCE_MS)
    await host.get_by_test_id(f"tax-{sku}").fill("500")
    await host.get_by_test_id(f"price-save-{sku}").click()
    await expect(row).to_contain_text("Between 0 and 100", timeout=PATIENCE_MS)

    stock = host.get_by_test_id(f"stock-{sku}")
    await expect(stock).to_have_attribute("data-available", "5", timeout=PATIENCE_MS)
    await host.get_by_test_id(f"return-{sku}").fill("3")
    if folder := os.environ.get("SCREENSHOTS"):
        await row.screenshot(path=Path(folder) / "warehouse.png")
        await host.set_viewport_size(PHONE)  # type: ignore[arg-type]
        await row.screenshot(path=Path(folder) / "warehouse-phone.png")
        await host.emulate_media(color_scheme="dark")
        await row.screenshot(path=Path(folder) / "warehouse-dark.png")
    await host.get_by_test_id(f"return-save-{sku}").click()
    await expect(stock).to_have_attribute("data-available", "2", timeout=2 * PATIENCE_MS)
    await expect(on_hand).to_contain_text(str(before + 8), timeout=PATIENCE_MS)
    await expect(host.get_by_test_id(f"stock-history-{sku}")).to_contain_text("Back from a show", timeout=PATIENCE_MS)
    assert problems == []
