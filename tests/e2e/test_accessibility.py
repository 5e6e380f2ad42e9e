"""axe-core over every page in its main states: phone and desktop, light and dark. Nothing serious may be found."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import pytest
from playwright.async_api import Browser, Page

from server.kernel.ids import new_id
from tests.e2e.control_room import GROUPS, open_desk
from tests.e2e.screenshots import market
from tests.e2e.shopper import CLOCK, Client, enter, open_shop, order_body, pool_ready, settle
from tests.e2e.site import ROOT, Site
from tests.e2e.talking import serious_findings
from tests.e2e.test_on_air import PATIENCE_MS, browser, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

SIZES = ((390, 844), (1280, 800))
THEMES = ("light", "dark")
RULES = {"light": "", "dark": "color-contrast"}
NOTHING = f"shw_{'0' * 32}"


@dataclass(frozen=True)
class View:
    """A page in one state. `page`: its folder; `path` with the ids of the shop in braces; `ready`: a selector that is there then;
    `opens`: what is pressed there (by test id), one after the other, each opening a sheet that is looked at and closed again."""

    page: str
    path: str
    ready: str
    opens: tuple[str, ...] = ()


STRANGERS = (
    View("start", "/", "[data-testid=section-live]"),
    View("problem", "/nothing/of/it", "[data-testid=problem]"),
    View("offline", "/offline/", "[data-testid=offline]"),
    View("paid", "/paid/", "[data-testid=paid]"),
    View("watch", f"/watch/{NOTHING}", "[data-testid=missing]"),
    View("studio", "/studio/", "[data-testid=login]"),
    View("guest", "/guest/#nothing", "[data-testid=guest-over]"),
    View("join", "/join/", "[data-testid=join]"),
    View("moderate", "/moderate/{show}", "[data-testid=door]"),
    View("order", "/order/{order}", "main"),
    View("orders", "/orders/", "main, form"),
    View("account", "/account/", "main"),
    View("cards", "/cards/", "main"),
    View("addresses", "/addresses/", "main"),
    View("lot", "/lot/{lot}", "main"),
    View("draw", "/draw/{giveaway}", "main"),
    View("sandbox", "/sandbox/nothing", "main"),
    View("shop", "/shop/", "main, form"),
    View("staff", "/staff/", "main, form"),
    View("packing", "/packing/", "main, form"),
    View("statement", "/statement/", "main, form"),
    View("webhooks", "/webhooks/", "main, form"),
)
PLAYER = (
    View("watch", "/watch/{show}", "[data-testid=buy-MUG]", ("buy-MUG", "orders", "bell", "viewers", "open-questions")),
    View("watch", "/watch/{market}", "[data-testid=lot]", ("lot-next", "flash-buy-LAMP", "chat-emoji")),
)
BUYER = (
    View("order", "/order/{order}", "[data-testid=receipt]"),
    View("account", "/account/", "[data-testid=account-order]"),
    View("account", "/account/#settings", "[data-testid=register]", ("register",)),
    View("addresses", "/addresses/", "[data-testid=add-address]", ("add-address",)),
    View("cards", "/cards/", "main"),
)
OWNER = (
    View("orders", "/orders/", "[data-testid=orders], [data-testid=orders-none]"),
    View("start", "/", "[data-testid=section-live]", ("bell",)),
    View("account", "/account/#settings", "[data-testid=profile]"),
    View("shop", "/shop/", "[data-testid=products]"),
    View("shop", "/shop/new", "[data-testid=product-form]"),
    View("staff", "/staff/", "[data-testid=member]", ("invite",)),
    View("packing", "/packing/", "[data-testid=parcel], [data-testid=nothing]"),
    View("statement", "/statement/", "[data-testid=statement-line]", ("statement-open",)),
    View("webhooks", "/webhooks/", "[data-testid=hook-new]", ("hook-new",)),
    View("moderate", "/moderate/{show}", "[data-testid=desk]"),
    View("order", "/order/{order}", "[data-testid=host-tools]"),
    View("report", "/report/{show}", "[data-testid=report]"),
)
STUDIO = (
    View("studio", "/studio/", "[data-testid=show-new]"),
    View("studio", "/studio/?show={market}", "[data-testid=item-LAMP]", ("run-menu-LAMP", "device-check-open")),
)
SHORT = (STRANGERS[0], PLAYER[0], STUDIO[1])


class Shop:
    """A shop with something of everything: two live shows, a sale, a lot, a paid order."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site = site
        self.browser = browser
        self.ids: dict[str, str] = {}
        self.people: dict[str, Client] = {}

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for client in self.people.values():
            await client.close()

    async def open(self) -> None:
        """Everything through the API."""
        owner, show_id = await open_shop(self.site.url, self.site.key, 5)
        buyer = await enter(self.site.url, "Bea")
        self.people = {"owner": owner, "buyer": buyer}
        await pool_ready(buyer, show_id, 5)
        order = await buyer.must("POST", "/api/orders", order_body(show_id))
        payment = {"payment_id": new_id("pay", CLOCK), "order_id": order["order_id"], "method": "tok_visa"}
        await buyer.must("POST", "/api/payments", payment)
        await settle(buyer, order["order_id"])
        await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": "MUG"})
        poll = {"poll_id": new_id("pol", CLOCK), "show_id": show_id, "question": "Which glaze?"}
        await owner.must("POST", "/api/polls", {**poll, "options": ["Blue", "Green"], "duration_ms": 3_600_000})
        state = {"cookies": self.cookies("owner")}
        market_id = await market(self.browser, self.site, state)  # type: ignore[arg-type]
        gift = {"giveaway_id": new_id("gvw", CLOCK), "show_id": market_id, "sku": "BOWL", "lasts_ms": 300_000}
        await owner.must("POST", "/api/giveaways", gift)
        [(lot_id,)] = self.site.sql("select lot_id from auctions_lots")
        [(product_id,)] = self.site.sql("select product_id from catalog_variants where sku = 'MUG'")
        self.ids = {"show": show_id, "market": market_id, "lot": str(lot_id), "order": order["order_id"]}
        self.ids |= {"giveaway": str(gift["giveaway_id"]), "product": str(product_id)}

    def cookies(self, who: str) -> list[dict[str, str]]:
        """Who somebody is, for a browser."""
        jar = self.people[who].http.cookies.jar
        return [{"name": each.name, "value": each.value or "", "url": self.site.url} for each in jar]

    async def page(self, who: str, problems: list[str]) -> Page:
        """A browser of the owner, the buyer or a stranger."""
        known = {"storage_state": {"cookies": self.cookies(who)}} if who in self.people else {}
        return await open_page(self.browser, f"{self.site.url}/offline/", problems, locale="en-GB", **known)


async def everywhere(page: Page, name: str) -> list[str]:
    """Findings of what is on screen now, in every size and theme."""
    found = []
    # The theme changes colours and nothing else.
    for (width, height), theme in itertools.product(SIZES, THEMES):
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        found += [f"{name} {width} {theme}: {rule} {nodes}" for rule, nodes in await serious_findings(page, RULES[theme])]
    return found


async def look(page: Page, shop: Shop, views: Iterable[View]) -> list[str]:
    """Findings of these views and of the sheets that open there."""
    found = []
    for view in views:
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto("about:blank")  # the same address with another fragment would not be loaded
        await page.goto(shop.site.url + view.path.format(**shop.ids))
        await page.locator(view.ready).first.wait_for(timeout=PATIENCE_MS)
        found += await everywhere(page, view.path)
        for testid in view.opens:
            await page.set_viewport_size({"width": 390, "height": 844})
            await page.get_by_test_id(testid).first.click()
            await page.locator("dialog[open], [data-testid=emoji-picker]").first.wait_for(timeout=PATIENCE_MS)
            found += await everywhere(page, f"{view.path} {testid}")
            await page.keyboard.press("Escape")
            await page.locator("dialog[open]").wait_for(state="detached", timeout=PATIENCE_MS)
    return found


async def desks(page: Page, shop: Shop) -> list[str]:
    """Findings of every desk of the control room."""
    found = []
    await page.goto(f"{shop.site.url}/studio/?show={shop.ids['market']}")
    for desk in GROUPS:
        await page.set_viewport_size({"width": 1280, "height": 800})
        await open_desk(page, desk)
        found += await everywhere(page, f"desk {desk}")
    return found


def test_no_page_is_left_out() -> None:
    seen = {view.page for view in (*STRANGERS, *PLAYER, *BUYER, *OWNER, *STUDIO)}
    assert seen == {path.parent.name for path in (ROOT / "static").glob("*/page.json")}


async def test_start_page_player_and_studio_have_no_serious_finding(site: Site, browser: Browser) -> None:
    problems = list[str]()
    async with Shop(site, browser) as shop:
        page = await shop.page("owner", problems)
        assert await look(page, shop, SHORT) == []
    assert problems == []


@pytest.mark.reference
@pytest.mark.parametrize(
    ("who", "views"),
    [("stranger", STRANGERS), ("viewer", PLAYER), ("buyer", BUYER), ("owner", OWNER), ("owner", STUDIO)],
    ids=["strangers", "player", "buyer", "owner", "studio"],
)
async def test_no_view_has_a_serious_finding(site: Site, browser: Browser, who: str, views: tuple[View, ...]) -> None:
    problems = list[str]()
    async with Shop(site, browser) as shop:
        page = await shop.page(who, problems)
        found = await look(page, shop, views)
        if views is STUDIO:
            found += await desks(page, shop)
    assert found == []
    assert problems == []
