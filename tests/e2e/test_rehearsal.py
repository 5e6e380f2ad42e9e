"""A host tries a show out: everybody sees that it is a rehearsal, everything works, and nothing of the shop has changed."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.site import Site
from tests.e2e.talking import PHONE, accessible
from tests.e2e.test_on_air import PATIENCE_MS, browser, buy, claim, go_live, make_show, open_page, watch

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

TWENTY = re.compile("^(20|1[0-9])$")
"""Of a pool of a rehearsal, out of which robots may have bought."""
STOCK = "select on_hand from catalog_variants union all select funded from catalog_pools where show_id like 'shw%'"


async def test_a_show_is_rehearsed_on_air_with_a_purchase_and_the_shop_is_as_it_was(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    await make_show(host)
    room, before = host.url, site.sql(STOCK)
    await expect(host.get_by_test_id("rehearsal-bar")).to_have_count(0)
    await host.get_by_test_id("rehearse").click()
    await host.wait_for_url("**/studio/?show=reh_*")
    bar = host.get_by_test_id("rehearsal-bar")
    await expect(bar).to_contain_text("Rehearsal", timeout=PATIENCE_MS)
    await expect(bar).to_contain_text("nothing is charged")
    await expect(host.get_by_test_id("room-title")).to_have_text("Mugs by hand")
    await expect(host.get_by_test_id("rehearse")).to_have_count(0)
    await go_live(host)
    await accessible(host)

    rehearsal_id = host.url.rpartition("show=")[2]
    viewer = await open_page(browser, f"{site.url}/watch/{rehearsal_id}", problems, locale="ru-RU", viewport=PHONE)
    await watch(viewer)
    await expect(viewer.get_by_test_id("rehearsal-note")).to_contain_text("Репетиция", timeout=PATIENCE_MS)
    await expect(viewer.locator("meta[name=robots]")).to_have_attribute("content", "noindex")
    await expect(viewer.get_by_test_id("stock-MUG").first).to_have_attribute("data-available", TWENTY, timeout=PATIENCE_MS)
    await host.get_by_test_id("pin-MUG").click()
    await expect(viewer.get_by_test_id("buy-MUG").first).to_be_visible(timeout=PATIENCE_MS)
    await accessible(viewer)
    await named(viewer)
    await buy(viewer)
    await expect(host.get_by_test_id("sale-row").filter(has_text="Vera")).to_have_count(1, timeout=PATIENCE_MS)

    # Who comes to the show meanwhile is led back into the rehearsal that runs.
    await bar.get_by_test_id("rehearsal-back").click()
    await host.wait_for_url(room)
    await host.get_by_test_id("rehearse").click()
    await host.wait_for_url(f"**/studio/?show={rehearsal_id}")
    await host.get_by_test_id("rehearsal-end").click()
    await host.wait_for_url(room)
    await expect(host.get_by_test_id("go-live")).to_be_visible(timeout=PATIENCE_MS)
    await expect(host.get_by_test_id("rehearsal-bar")).to_have_count(0)
    await expect(viewer.get_by_test_id("stage-state")).to_have_attribute("data-state", "ended", timeout=PATIENCE_MS)
    await expect(host.get_by_test_id("stock-MUG").first).to_have_attribute("data-available", "5", timeout=PATIENCE_MS)
    assert site.sql(STOCK) == before
    assert site.sql("select state, payment from orders_orders where buyer_name = 'Vera'") == [("confirmed", "captured")]
    assert site.sql("select count(*) from books_transfers") == [(0,)]
    assert problems == []


async def named(viewer: Page) -> None:
    """Somebody who writes, and so has a name."""
    await viewer.get_by_test_id("chat-input").fill("Слышно хорошо")
    await viewer.get_by_test_id("chat-send").click()
    await viewer.get_by_test_id("nickname").fill("Vera")
    await viewer.get_by_test_id("nickname-save").click()
    await expect(viewer.get_by_test_id("chat-message").filter(has_text="Слышно")).to_have_count(1, timeout=PATIENCE_MS)
