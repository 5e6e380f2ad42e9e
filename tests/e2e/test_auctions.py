"""An auction in real browsers: a host opens a lot, two people bid against each other, the clock is reset, the hammer falls, and
the winner has paid with the saved card."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from tests.e2e.control_room import open_desk
from tests.e2e.shopper import Client
from tests.e2e.site import Site
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, make_show, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}
CLOCK = SystemClock()


@pytest.mark.reference
async def test_two_people_bid_and_the_winner_pays_with_the_saved_card(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    await start_show(host)
    await prepare(host, start="10", seconds="60")
    anna = await open_page(browser, show_url, problems, locale="en-GB", viewport=PHONE)
    known = await a_bidder(site, "Boris")
    cookies = {"cookies": [{"name": each.name, "value": each.value, "url": site.url} for each in known.http.cookies.jar]}
    await known.close()
    boris = await open_page(browser, show_url, problems, locale="ru-RU", storage_state=cookies)

    # Account, card and address on the way to the first bid, a secret one; Boris brings them along.
    await host.get_by_test_id("auction-announce").click()
    await expect(anna.get_by_test_id("lot")).to_have_attribute("data-state", "announced", timeout=PATIENCE_MS)
    await maximum(anna, "10")
    await get_ready(anna, "Anna", "anna@example.test")
    await anna.get_by_test_id("lot-amount-send").click()
    await expect(anna.get_by_test_id("lot")).to_have_attribute("data-place", "waiting", timeout=PATIENCE_MS)
    await expect(anna.get_by_test_id("lot")).to_have_attribute("data-place", "leading", timeout=3 * PATIENCE_MS)
    await maximum(boris, "25")
    await expect(boris.get_by_test_id("lot")).to_have_attribute("data-place", "leading", timeout=PATIENCE_MS)
    await expect(anna.get_by_test_id("lot")).to_have_attribute("data-place", "outbid", timeout=PATIENCE_MS)
    await expect(anna.get_by_test_id("lot-standing")).to_contain_text("outbid")

    # Anna bids step by step against a maximum that she does not know; Boris's page never said it to hers.
    await anna.get_by_test_id("lot-next").click()
    await expect(anna.get_by_test_id("lot-price")).to_have_text("€13", timeout=PATIENCE_MS)
    assert "25" not in await anna.get_by_test_id("lot").inner_text()
    await maximum(anna, "100", confirm=True)
    await expect(anna.get_by_test_id("lot")).to_have_attribute("data-place", "leading", timeout=PATIENCE_MS)
    await expect(anna.get_by_test_id("lot-price")).to_have_text("€26", timeout=PATIENCE_MS)
    await expect(host.get_by_test_id("auction-leader")).to_contain_text("Anna", timeout=PATIENCE_MS)

    for page, place in ((anna, "won"), (boris, "lost")):
        await expect(page.get_by_test_id("lot")).to_have_attribute("data-place", place, timeout=3 * PATIENCE_MS)
    await expect(host.get_by_test_id("auction-lot")).to_have_attribute("data-state", "paid", timeout=2 * PATIENCE_MS)
    assert site.sql("select state, payment from orders_orders") == [("confirmed", "captured")]
    assert site.sql("select price_minor, due_minor, bids from auctions_lots") == [(2_600, 2_600, 4)]

    truth = await open_page(browser, await link(anna), problems, locale="en-GB")
    await expect(truth.get_by_test_id("truth-row").filter(has_text="Sold for")).to_have_count(1, timeout=PATIENCE_MS)
    assert "€100" not in await truth.get_by_test_id("truth").inner_text(), "Anna's maximum stays hers"
    assert problems == []


@pytest.mark.reference
async def test_a_late_bid_resets_the_clock_and_sudden_death_does_not(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    await start_show(host)
    show_id = show_url.rpartition("/")[2]
    first, second = [await a_bidder(site, name) for name in ("Anna", "Boris")]
    viewer = await open_page(browser, show_url, problems, locale="en-GB", viewport=PHONE)

    await prepare(host, start="10", seconds="15", soft_close="10")
    await host.get_by_test_id("auction-start").click()
    lot = viewer.get_by_test_id("lot")
    await expect(lot).to_have_attribute("data-state", "open", timeout=PATIENCE_MS)
    lot_id = await lot.get_attribute("data-lot")
    planned_ms = (await send_bid(first, show_id, lot_id, 1_000))["ends_at_ms"]
    await until(planned_ms - 4_000)
    assert (await send_bid(second, show_id, lot_id, 2_000))["ends_at_ms"] > planned_ms
    await expect(lot).to_have_attribute("data-state", "sold", timeout=PATIENCE_MS)
    assert CLOCK.now_ms() > planned_ms + 5_000

    await prepare(host, start="10", seconds="15", soft_close="0")
    await host.get_by_test_id("auction-start").click()
    await expect(lot).to_have_attribute("data-state", "open", timeout=PATIENCE_MS)
    lot_id = await lot.get_attribute("data-lot")
    planned_ms = (await send_bid(first, show_id, lot_id, 1_000))["ends_at_ms"]
    await until(planned_ms - 3_000)
    assert (await send_bid(second, show_id, lot_id, 2_000))["ends_at_ms"] == planned_ms
    await expect(lot).to_have_attribute("data-state", "sold", timeout=PATIENCE_MS)
    late = await second.call("POST", "/api/auctions/bids", bid_body(show_id, lot_id, 5_000))
    assert (late.status_code, late.json()["type"].rpartition("#")[2]) == (409, "lot_over")
    assert problems == []
    for client in (first, second):
        await client.close()


async def start_show(host: Page) -> None:
    """On air without a camera: this is about money."""
    show_id = host.url.rpartition("show=")[2]
    await host.evaluate("(id) => fetch(`/api/shows/${id}/start`, {method: 'POST'}).then((answer) => answer.ok)", show_id)


async def prepare(host: Page, *, start: str, seconds: str, soft_close: str = "") -> None:
    """A lot in the run of the show."""
    await open_desk(host, "auctions")
    before = await host.get_by_test_id("auction-lot").count()
    await host.get_by_test_id("auction-new").click()
    await host.get_by_test_id("auction-start-price").fill(start)
    await host.get_by_test_id("auction-duration").select_option(seconds)
    if soft_close:
        await host.get_by_test_id("auction-form").locator("summary").click()
        await host.get_by_test_id("auction-soft-close").select_option(soft_close)
    await host.get_by_test_id("auction-prepare").click()
    await expect(host.get_by_test_id("auction-lot")).to_have_count(before + 1, timeout=PATIENCE_MS)


async def get_ready(bidder: Page, name: str, email: str) -> None:
    """What a first bid asks for, in the player."""
    for field, value in (("name", name), ("email", email), ("password", "correct horse battery")):
        await bidder.get_by_test_id(f"sign-up-{field}").fill(value)
    await bidder.get_by_test_id("sign-up-submit").click()
    await bidder.get_by_test_id("save-card").click()
    for field, value in (("street", f"{name} street 1"), ("postal_code", "10115"), ("city", "Berlin")):
        await bidder.get_by_test_id(f"address-{field}").fill(value)
    await bidder.get_by_test_id("address-country").select_option("DE")
    await bidder.get_by_test_id("save-address").click()
    await expect(bidder.get_by_test_id("bidder")).to_have_count(0, timeout=PATIENCE_MS)


async def maximum(bidder: Page, amount: str, *, confirm: bool = False) -> None:
    await bidder.get_by_test_id("lot-own").click()
    await bidder.get_by_test_id("lot-amount").fill(amount)
    await bidder.get_by_test_id("lot-amount-send").click()
    if confirm:
        await bidder.get_by_test_id("lot-confirm-yes").click()


async def link(page: Page) -> str:
    """The address of the lot's whole story."""
    lot_id = await page.get_by_test_id("lot").get_attribute("data-lot")
    return f"{page.url.partition('/watch/')[0]}/lot/{lot_id}"


async def a_bidder(site: Site, name: str) -> Client:
    """Somebody with account, card and address, over HTTP."""
    client = Client(site.url)
    await client.must("POST", "/api/auth/guest", {"name": name})
    account = {"name": name, "email": f"{name.lower()}@example.test", "password": "correct horse battery"}
    await client.must("POST", "/api/auth/register", account)
    await client.must("POST", "/api/payments/cards", {"card_id": new_id("crd", CLOCK), "method": "tok_visa"})
    place = {"name": name, "country": "DE", "city": "Berlin", "street": f"{name} street 1", "postal_code": "10115"}
    await client.must("POST", "/api/orders/addresses", {"address_id": new_id("adr", CLOCK), **place})
    return client


def bid_body(show_id: str, lot_id: str | None, amount_minor: int, currency: str = "EUR") -> dict[str, Any]:
    bid = {"lot_id": lot_id, "amount": {"amount_minor": amount_minor, "currency": currency}, "confirmed": True}
    return {"bid_id": new_id("bid", CLOCK), "show_id": show_id, "bid": bid}


async def send_bid(client: Client, show_id: str, lot_id: str | None, amount_minor: int, currency: str = "EUR") -> Any:
    return await client.must("POST", "/api/auctions/bids", bid_body(show_id, lot_id, amount_minor, currency))


async def until(at_ms: int) -> None:
    """This moment of the clock that the lot ends by."""
    await asyncio.sleep(max(0, at_ms - CLOCK.now_ms()) / 1000)
