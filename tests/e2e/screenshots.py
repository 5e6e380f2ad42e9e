"""`make screenshots`: pictures of every page, both languages, both themes, phone and desktop, in `.screenshots/` (git-ignored).

They come from a running house channel, so that there is something to see. Look at them after every change of a page.
"""

import asyncio
import itertools
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, StorageState, async_playwright

from server.kernel.ids import new_id
from tests.browser import ARGUMENTS, AT_REST, chromium
from tests.e2e.control_room import GROUPS, open_desk
from tests.e2e.shopper import CLOCK, OWNER
from tests.e2e.site import ROOT, Site, until
from tests.e2e.talking import Show, moderate, say, sees

Take = Callable[[Page, Site, str, str], Awaitable[None]]

FOLDER = ROOT / ".screenshots"
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
LANGUAGES = {"en": "en-GB", "ru": "ru-RU"}
THEMES = ("light", "dark")
ON_AIR_MS = 90_000
LONG_MS = 3_600_000
"""Longer than all pictures take."""


async def main() -> int:
    """Exit status 0 when every picture was taken."""
    FOLDER.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="efir-"))
    site = Site(folder, demo=True)
    await site.start()
    try:
        show_id = await on_air(site)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            owner = await claim(browser, site)
            talk_id = await talk(browser, site, owner)
            market_id = await market(browser, site, owner)
            rehearsal_id = await rehearsal(browser, owner, site, market_id)
            subjects: dict[Take, str] = {
                take_talk: talk_id,
                take_moderation: talk_id,
                take_market: market_id,
                take_desk: market_id,
                take_rehearsal: rehearsal_id,
            }
            for (size, box), (language, locale), theme in itertools.product(SIZES.items(), LANGUAGES.items(), THEMES):
                for take_some, cookies in (
                    (take_public, None),
                    (take_talk, None),
                    (take_studio, owner),
                    (take_moderation, owner),
                    (take_market, owner),
                    (take_desk, owner),
                    (take_rehearsal, owner),
                ):
                    context = await browser.new_context(
                        viewport={"width": box[0], "height": box[1]},
                        locale=locale,
                        color_scheme="dark" if theme == "dark" else "light",
                        storage_state=cookies,
                    )
                    seen = subjects.get(take_some, show_id)
                    await take_some(await context.new_page(), site, seen, f"{size}-{language}-{theme}")
                    await context.close()
            await browser.close()
    finally:
        await site.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}/\n")
    return 0


async def market(browser: Browser, site: Site, owner: StorageState) -> str:
    """A live show of the owner with a flash sale and an auction; each picture of it has a giveaway of its own."""
    context = await browser.new_context(storage_state=owner)
    page = await context.new_page()
    await page.goto(f"{site.url}/cards/")
    show_id, lot_id = new_id("shw", CLOCK), new_id("lot", CLOCK)
    await post(page, "shows", show_id=show_id, title="Evening auction / Вечерний аукцион")
    await post(page, f"shows/{show_id}/start")
    goods = {
        "LAMP": ("Moon lamp / Лампа-луна", "lamp"),
        "BOWL": ("Tea bowl / Пиала", "mug"),
        "VASE": ("Tall vase / Ваза", "teapot"),
    }
    for sku, (title, picture) in goods.items():
        variant = {"sku": sku, "price": {"amount_minor": 4900, "currency": "EUR"}, "on_hand": 20}
        url = f"/static/demo/{picture}.svg"
        await post(page, "catalog/products", product_id=new_id("prd", CLOCK), title=title, image_url=url, variants=[variant])
        await post(
            page, "catalog/pools", move_id=new_id("mov", CLOCK), show_id=show_id, sku=sku, quantity=9, listed=sku == "LAMP"
        )
    stocked = "select show_id from ledger_events where type like '%stock_funded%'"
    await until(lambda: site.sql(stocked).count((show_id,)) == len(goods), 20_000)
    price = {"amount_minor": 2900, "currency": "EUR"}
    item = {"sku": "LAMP", "price": price, "quantity_max": 5, "per_buyer_max": 1}
    await post(page, "flash_sales", sale_id=new_id("sal", CLOCK), show_id=show_id, items=[item], lasts_ms=20 * 60_000)
    lot = {"lot_id": lot_id, "show_id": show_id, "sku": "VASE", "start_minor": 1000, "currency": "EUR"}
    await post(page, "auctions/lots", **lot, duration_ms=LONG_MS)
    await post(page, f"auctions/lots/{lot_id}/start")
    await context.close()
    return show_id


async def rehearsal(browser: Browser, owner: StorageState, site: Site, show_id: str) -> str:
    """A rehearsal that is on, with its robots."""
    context = await browser.new_context(storage_state=owner)
    page = await context.new_page()
    await page.goto(f"{site.url}/cards/")
    rehearsal_id = new_id("reh", CLOCK)
    await post(page, f"shows/{show_id}/rehearsal", rehearsal_id=rehearsal_id)
    await post(page, f"shows/{rehearsal_id}/start")
    await context.close()
    return rehearsal_id


async def post(page: Page, path: str, **body: object) -> None:
    """A request of this person's browser."""
    origin = "/".join(page.url.split("/")[:3])
    answer = await page.request.post(f"{origin}/api/{path}", data=body, headers={"origin": origin})
    assert answer.ok, await answer.text()


async def on_air(site: Site) -> str:
    """The id of the house channel's show, once its picture moves."""
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client, asyncio.timeout(ON_AIR_MS / 1000):
        while True:
            shows = (await client.get("/api/shows")).json()["shows"]
            if shows and shows[0]["on_air"]:
                return str(shows[0]["show_id"])
            await asyncio.sleep(0.25)


async def claim(browser: Browser, site: Site) -> StorageState:
    """Make an owner, so that the studio can be seen from inside; returns the owner's cookies."""
    page = await browser.new_page()
    await page.goto(f"{site.url}/studio/?key={site.key}")
    for name in ("name", "email", "password"):
        await page.get_by_test_id(f"claim-{name}").fill(OWNER[name])
    await page.get_by_test_id("claim-submit").click()
    await page.get_by_test_id("show-new").wait_for()
    await page.get_by_test_id("show-title").fill("Friday ceramics / Пятничная керамика")
    await page.get_by_test_id("show-create").click()
    await page.get_by_test_id("room-title").wait_for()
    cookies = await page.context.storage_state()
    await page.context.close()
    return cookies


async def talk(browser: Browser, site: Site, owner: StorageState) -> str:
    """A show of the owner in which people talk: a pin, a question on air, a poll, a message on hold, somebody muted."""
    show = Show(site, browser)
    context = await browser.new_context(storage_state=owner, viewport={"width": 1280, "height": 1600})
    host = await context.new_page()
    await host.goto(f"{site.url}/studio/")
    await host.locator("[data-testid^=open-shw]").first.click()
    await host.get_by_test_id("room-title").wait_for()
    show.show_id = host.url.rpartition("show=")[2]
    started = await host.request.post(f"{site.url}/api/shows/{show.show_id}/start", headers={"origin": site.url})
    assert started.ok, await started.text()
    vera = await show.viewer("Vera")
    troll = await show.viewer("Troll")
    for page, text in ((vera, "Синюю можно в посудомойку?"), (host, "@Vera yes, all of them are dishwasher safe 👍")):
        await say(page, text)
        await sees(host, text)
    await moderate(host, "dishwasher safe", "pin")
    for text in ("Which clay is this?", "Будет ли лампа зелёной?"):
        await ask(vera, text)
    await host.get_by_test_id("tab-questions").click()
    await host.get_by_test_id("question-live").first.click()
    await host.get_by_test_id("tab-chat").click()
    options = ["Sea blue / Морская", "Moss / Мох"]
    poll = {"poll_id": new_id("pol", CLOCK), "show_id": show.show_id, "question": "Which glaze next? / Какая глазурь следующая?"}
    await post(host, "polls", **poll, options=options, duration_ms=LONG_MS)
    await vera.get_by_test_id("poll-option-1").click()
    await say(troll, "cheap followers: https://example.test")
    await host.get_by_test_id("tab-held").click()
    await host.get_by_test_id("held-row").wait_for()
    await host.get_by_test_id("tab-chat").click()
    await moderate(host, "Troll is here", "mute-60")
    await troll.context.close()
    await context.close()
    return show.show_id


async def ask(page: Page, text: str) -> None:
    """A question to the host, from a desktop."""
    await page.get_by_test_id("tab-questions").click()
    await page.get_by_test_id("question-text").fill(text)
    await page.get_by_test_id("question-ask").click()
    await page.get_by_test_id("question").filter(has_text=text).wait_for()


async def take_talk(page: Page, site: Site, show_id: str, suffix: str) -> None:
    """A viewer among others: chat, poll, questions, who watches, what can be done about a line."""
    await page.goto(f"{site.url}/watch/{show_id}")
    await page.get_by_test_id("poll").wait_for()
    await page.get_by_test_id("live-question").wait_for()
    await page.get_by_test_id("pinned-message").wait_for()
    await take(page, "talk", suffix)
    await page.get_by_test_id("poll-option-0").click()
    await page.get_by_test_id("poll-bars").wait_for()
    await page.get_by_test_id("chat-emoji").click()
    await page.get_by_test_id("emoji-picker").wait_for()
    await take(page, "emoji", suffix)
    await page.get_by_test_id("chat-emoji").click()
    await page.get_by_test_id("viewers").click()
    await take(page, "viewers", suffix)
    await page.get_by_test_id("viewers-sheet").get_by_test_id("close").click()
    await page.locator("[data-testid=open-questions], [data-testid=tab-questions]").click()
    await page.get_by_test_id("question").first.wait_for()
    await take(page, "questions", suffix)


async def take_moderation(page: Page, site: Site, show_id: str, suffix: str) -> None:
    """The moderators' page: a line with its menu, what is on hold, the rules, people, the log."""
    await page.goto(f"{site.url}/moderate/{show_id}")
    await page.get_by_test_id("chat-message").first.wait_for()
    await page.get_by_test_id("rules").wait_for()
    await take(page, "moderate", suffix)
    await page.get_by_test_id("chat-message").last.hover()
    await page.get_by_test_id("chat-menu").click()
    await page.get_by_test_id("message-menu").wait_for()
    await take(page, "menu", suffix)
    await page.get_by_test_id("message-menu").get_by_test_id("close").click()
    for tab in ("people", "log"):
        await page.get_by_test_id(f"tab-{tab}").click()
        await page.get_by_test_id("moderation").scroll_into_view_if_needed()
        await take(page, f"moderate-{tab}", suffix)


async def take_market(page: Page, site: Site, show_id: str, suffix: str) -> None:
    """What sells in a show, and the pages of their own: a lot's truth, addresses, cards, orders, the statement, webhooks;
    the shop, the account, the people of the shop, what is to be sent."""
    await page.goto(f"{site.url}/watch/{show_id}")
    await post(page, "giveaways", giveaway_id=new_id("gvw", CLOCK), show_id=show_id, sku="BOWL", lasts_ms=30_000)
    for part in ("flash", "lot", "giveaway"):
        await page.get_by_test_id(part).wait_for()
    await take(page, "market", suffix)
    lot_id = await page.get_by_test_id("lot").get_attribute("data-lot")
    for name, path, ready in (
        ("lot", f"lot/{lot_id}", "main"),
        ("addresses", "addresses/", "[data-testid=add-address]"),
        ("cards", "cards/", "main"),
        ("orders", "orders/", "[data-testid=orders-none]"),
        ("statement", "statement/", "main"),
        ("webhooks", "webhooks/", "main"),
        ("product-new", "shop/new", "[data-testid=product-form]"),
        ("shop", "shop/", "[data-testid=products]"),
        ("account", "account/", "[data-testid=account-name]"),
        ("account-settings", "account/#settings", "[data-testid=profile]"),
        ("staff", "staff/", "[data-testid=member]"),
        ("packing", "packing/", "[data-testid=nothing]"),
        ("join", "join/", "[data-testid=join]"),
    ):
        await page.goto(f"{site.url}/{path}")
        await page.locator(ready).first.wait_for()
        await take(page, name, suffix)
    await page.goto(f"{site.url}/shop/")
    await page.get_by_test_id("product-LAMP").click()
    await page.get_by_test_id("product-details").wait_for()
    await take(page, "product", suffix, whole=True)


async def take_desk(page: Page, site: Site, show_id: str, suffix: str) -> None:
    """The control room of a show that sells: its run, a step's menu, and every desk."""
    await page.goto(f"{site.url}/studio/?show={show_id}")
    await page.get_by_test_id("item-LAMP").wait_for()
    await take(page, "desk-run", suffix)
    await page.get_by_test_id("run-menu-LAMP").click()
    await page.get_by_test_id("run-menu").wait_for()
    await take(page, "desk-menu", suffix)
    await page.get_by_test_id("run-menu").get_by_test_id("close").click()
    for desk in GROUPS:
        await open_desk(page, desk)
        await take(page, f"desk-{desk}", suffix)
    await page.goto(f"{site.url}/report/{show_id}")
    await page.get_by_test_id("report-plot").focus()
    await page.keyboard.press("End")
    await take(page, "report", suffix, whole=True)


async def take_rehearsal(page: Page, site: Site, show_id: str, suffix: str) -> None:
    """A rehearsal as its host and as whoever has the link sees it, with robots that talk and buy."""
    await page.goto(f"{site.url}/studio/?show={show_id}")
    await page.get_by_test_id("rehearsal-bar").wait_for()
    await page.get_by_test_id("chat-message").first.wait_for(state="attached")
    await take(page, "rehearsal", suffix)
    await page.goto(f"{site.url}/watch/{show_id}")
    await page.get_by_test_id("rehearsal-note").first.wait_for()
    await page.get_by_test_id("chat-message").first.wait_for()
    await take(page, "rehearsed", suffix)


async def take_public(page: Page, site: Site, show_id: str, suffix: str) -> None:
    """What everybody sees, and the door of the studio."""
    await page.goto(f"{site.url}/")
    await page.get_by_test_id(f"show-{show_id}").wait_for()
    await take(page, "start", suffix)
    await page.goto(f"{site.url}/offline/")
    await page.get_by_test_id("offline").wait_for()
    await take(page, "offline", suffix)
    await page.goto(f"{site.url}/paid/")
    await page.get_by_test_id("paid").wait_for()
    await take(page, "paid", suffix)
    await page.goto(f"{site.url}/nothing/of/it")
    await page.get_by_test_id("problem").wait_for()
    await take(page, "problem", suffix)
    await page.goto(f"{site.url}/watch/{show_id}")
    await page.get_by_test_id("video").evaluate("(video) => new Promise((done) => video.requestVideoFrameCallback(done))")
    await page.get_by_test_id("chat-message").first.wait_for()
    await take(page, "watch", suffix)
    await page.locator("[data-testid=quality]:not([data-grade=unknown])").click()
    await page.get_by_test_id("quality-sheet").wait_for()
    await take(page, "quality", suffix)
    await page.get_by_test_id("quality-sheet").get_by_test_id("close").click()
    await page.locator("[data-testid^=buy-]").first.click()
    await page.get_by_test_id("product-sheet").wait_for()
    await take(page, "sheet", suffix)
    await page.goto(f"{site.url}/watch/shw_{'0' * 32}")
    await page.get_by_test_id("missing").wait_for()
    await take(page, "missing", suffix)
    await page.goto(f"{site.url}/studio/")
    await page.get_by_test_id("login").wait_for()
    await take(page, "door", suffix)


async def take_studio(page: Page, site: Site, show_id: str, suffix: str) -> None:
    """The studio from inside."""
    await page.goto(f"{site.url}/studio/")
    await page.get_by_test_id("show-new").wait_for()
    await page.locator("[data-testid^=open-shw]").first.wait_for()
    await take(page, "studio", suffix)
    await page.locator("[data-testid^=open-shw]").first.click()
    await page.get_by_test_id("camera-on").click()
    await page.get_by_test_id("go-live").wait_for()
    await take(page, "room", suffix)
    await page.get_by_test_id("device-check-open").click()
    await page.locator("[data-testid=check-path]:not([data-state=trying])").wait_for()
    await page.locator("[data-testid=check-camera][data-state=ok]").wait_for()
    await take(page, "device-check", suffix)
    await page.get_by_test_id("check-done").click()
    await open_desk(page, "guests")
    await page.get_by_test_id("invites").locator("summary").click()
    await page.get_by_test_id("invite-label").fill("Иван / Ivan")
    await page.get_by_test_id("invite-create").click()
    await page.get_by_test_id("invite-link").wait_for()
    await page.get_by_test_id("guests").scroll_into_view_if_needed()
    await take(page, "invite", suffix)
    await take_guest(page, await page.get_by_test_id("invite-link").input_value(), suffix)


async def take_guest(host: Page, link: str, suffix: str) -> None:
    """A guest's way from the link onto the stage, and what the host sees of it. The host's own browser is a guest's too."""
    page = await host.context.new_page()
    await page.goto(link)
    await page.get_by_test_id("guest-accept").wait_for()
    await take(page, "guest-invited", suffix)
    await page.get_by_test_id("guest-accept").click()
    await page.get_by_test_id("camera-on").click()
    await page.get_by_test_id("heard").wait_for()
    await take(page, "guest-check", suffix)
    await page.get_by_test_id("guest-join").click()
    await page.locator("[data-testid=guest][data-status=live]").wait_for()
    await take(page, "guest-waiting", suffix)
    await host.locator("[data-testid^=admit-]").first.click()
    await page.locator("[data-testid=guest][data-standing=live]").wait_for()
    await take(page, "guest-live", suffix)
    await host.get_by_test_id("layout-picture_in_picture").click()
    await host.get_by_test_id("layout-apply").scroll_into_view_if_needed()
    await take(host, "guests", suffix)
    await host.locator("[data-testid^=remove-]").first.click()
    await page.get_by_test_id("guest-over").wait_for()
    await take(page, "guest-removed", suffix)


async def take(page: Page, name: str, suffix: str, *, whole: bool = False) -> None:
    """One picture, `whole` or of what the window shows, after fonts and pictures are there and sheets have come to rest."""
    await page.evaluate("() => document.fonts.ready")
    await page.wait_for_load_state("networkidle")
    await page.evaluate(AT_REST)
    await page.screenshot(path=FOLDER / f"{name}-{suffix}.png", full_page=whole)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
