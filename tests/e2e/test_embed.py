"""The player on other people's sites: a blog with a strict policy shows it, on another host, over https."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Frame, Page, async_playwright, expect

from tests.browser import ARGUMENTS, chromium, holds
from tests.e2e.site import until
from tests.e2e.sites import TRUSTING, Blog, SecureSite, tls
from tests.e2e.talking import accessible
from tests.e2e.test_on_air import FRAMES, PATIENCE_MS, SEE_FRAMES, claim, go_live, make_show, open_page

pytestmark = pytest.mark.e2e

LISTEN = """for (const name of ["ready", "state", "size", "order", "close"])
  document.addEventListener(`efir:${name}`, ({ target, detail }) =>
    (window.heard ??= []).push({ name, on: target.id, ...detail }));"""
"""Before anything else of the page; what the site hears of its players."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, *TRUSTING])
        yield made
        await made.close()


@pytest.fixture
def context(folder: Path) -> ssl.SSLContext:
    return tls(folder)


@pytest.fixture
async def site(folder: Path, context: ssl.SSLContext) -> AsyncIterator[SecureSite]:
    """A shop that lets one blog show its player."""
    running = SecureSite(folder)
    running.environment["EMBED_ORIGINS"] = running.blog.url
    async with running.in_front(context), running.blog.served(context):
        await running.start()
        yield running
        await running.stop()


class Shop:
    """A live show with a mug, its host, and the blog."""

    def __init__(self, site: SecureSite, browser: Browser) -> None:
        self.site, self.browser = site, browser
        self.blog = site.blog
        self.problems: list[str] = []
        self.host: Page
        self.show_id = ""

    async def open(self, *, live: bool = True) -> None:
        self.host = await open_page(self.browser, f"{self.site.url}/studio/?key={self.site.key}", self.problems, locale="en-GB")
        await claim(self.host)
        self.show_id = (await make_show(self.host)).rpartition("/")[2]
        if live:
            await go_live(self.host)

    def script(self, attributes: str = "", name: str = "player") -> str:
        return f'<script async id="{name}" src="{self.site.url}/embed.js" data-show="{self.show_id}" {attributes}></script>'

    async def reader(self, body: str, blog: Blog | None = None, context: BrowserContext | None = None) -> Page:
        """Somebody reads the blog, in which `body` stands."""
        blog = blog or self.blog
        blog.body = body
        context = context or await self.browser.new_context(locale="en-GB", viewport={"width": 1000, "height": 800})
        page = await context.new_page()
        await page.add_init_script(LISTEN)
        page.on("pageerror", lambda error: self.problems.append(f"{error}"))
        page.on("console", lambda told: self.problems.append(told.text) if "Security Policy" in told.text else None)
        await page.goto(blog.url)
        return page


@pytest.fixture
async def shop(site: SecureSite, browser: Browser) -> Shop:
    made = Shop(site, browser)
    await made.open()
    return made


async def player(page: Page, number: int = 0) -> Frame:
    """The player in the blog's page."""
    await until(lambda: len(page.frames) > number + 1 and "/watch/" in page.frames[number + 1].url, PATIENCE_MS)
    return page.frames[number + 1]


async def heard(page: Page, name: str) -> list[dict[str, Any]]:
    """Events of one name that the site has heard; waits for the first."""
    await holds(page, "(name) => window.heard?.some((each) => each.name === name)", name)
    found: list[dict[str, Any]] = await page.evaluate("(name) => window.heard.filter((each) => each.name === name)", name)
    return found


async def take_name(frame: Frame) -> None:
    await frame.get_by_test_id("nickname").fill("Vera")
    await frame.get_by_test_id("nickname-save").click()


async def test_the_player_on_a_blog_plays_talks_and_buys(shop: Shop) -> None:
    page = await shop.reader(f"<article>{shop.script('data-theme=dark data-locale=ru')}</article>")
    frame = await player(page)
    width = await frame.get_by_test_id("video").evaluate(SEE_FRAMES, FRAMES)
    assert width > 0
    assert await frame.evaluate("[document.documentElement.lang, document.documentElement.style.colorScheme]") == ["ru", "dark"]
    box = await page.locator("article > div").bounding_box()
    assert box is not None
    assert abs(box["height"] - 800) < 1, "as high as the window"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await frame.get_by_test_id("chat-input").fill("Hello from the blog")
    await frame.get_by_test_id("chat-send").click()
    await take_name(frame)
    await expect(shop.host.get_by_test_id("chat-message").filter(has_text="Hello from the blog")).to_have_count(
        1, timeout=PATIENCE_MS
    )
    cookies: dict[str, Any] = {cookie.get("name", ""): cookie for cookie in await page.context.cookies()}
    assert set(cookies) == {"__Host-efir_framed"}
    assert (cookies["__Host-efir_framed"]["sameSite"], cookies["__Host-efir_framed"]["secure"]) == ("None", True)

    await frame.get_by_test_id("buy-MUG").first.click()
    await frame.get_by_test_id("pay").click()
    await expect(frame.get_by_test_id("order-status").first).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    [order] = await heard(page, "order")
    assert shop.site.sql("select order_id, show_id, buyer_name from orders_orders") == [
        (order["order_id"], order["show_id"], "Vera")
    ]
    assert set(order) == {"name", "on", "order_id", "show_id"}
    assert (await heard(page, "ready"))[0]["on"] == "player"
    assert (await heard(page, "state"))[-1]["state"] == "live"
    assert (await heard(page, "size"))[-1]["width"] > 0
    assert shop.problems == []


@pytest.mark.reference
async def test_in_the_frame_somebody_signs_in_and_is_known_when_they_come_back(shop: Shop) -> None:
    page = await shop.reader(shop.script())
    frame = await player(page)
    await frame.get_by_test_id("embed-account").click()
    for name, value in (("name", "Vera"), ("email", "vera@example.test"), ("password", "correct horse battery")):
        await frame.get_by_test_id(f"sign-up-{name}").fill(value)
    await frame.get_by_test_id("sign-up-submit").click()
    await expect(frame.get_by_test_id("embed-account-sheet")).to_have_count(0, timeout=PATIENCE_MS)
    await page.reload()
    frame = await player(page)
    await frame.get_by_test_id("embed-account").click()
    await expect(frame.get_by_test_id("embed-account-sheet")).to_contain_text("Vera", timeout=PATIENCE_MS)
    # On another site, and outside of frames, this browser's visitor is somebody else.
    alone = await page.context.new_page()
    await alone.goto(f"{shop.site.url}/")
    assert await alone.evaluate("fetch('/api/auth/me').then((answer) => answer.status)") == 401
    assert shop.problems == []


@pytest.mark.reference
async def test_the_page_of_a_bank_opens_in_a_window_of_its_own(shop: Shop) -> None:
    page = await shop.reader(shop.script())
    frame = await player(page)
    await frame.get_by_test_id("buy-MUG").first.click()
    await frame.get_by_test_id("card").select_option("tok_3ds")
    await frame.get_by_test_id("pay").click()
    await take_name(frame)
    async with page.context.expect_page() as opened:
        await frame.get_by_test_id("order-action").click()
    bank = await opened.value
    await bank.wait_for_url("**/sandbox/**")
    assert await bank.evaluate("window.opener") is None
    assert "/watch/" in frame.url, "the show went on"
    assert shop.problems == []


@pytest.mark.reference
async def test_a_site_that_is_not_listed_gets_no_player(shop: Shop, context: ssl.SSLContext) -> None:
    evil = Blog(shop.site.url)
    async with evil.served(context):
        page = await shop.reader(shop.script(), evil)
        await until(lambda: shop.problems, PATIENCE_MS)
        assert "frame-ancestors" in shop.problems[0]
        assert await page.evaluate("window.heard ?? []") == []
        # Nor by saying that it is another one, nor as what it is not.
        for query in (f"?embed=inline&parent={shop.blog.url}", "", "#tgWebAppVersion=8.0&tgWebAppData=x"):
            shop.problems.clear()
            await shop.reader(f'<iframe src="{shop.site.url}/watch/{shop.show_id}{query}"></iframe>', evil)
            await until(lambda: shop.problems, PATIENCE_MS)
            assert "frame-ancestors" in shop.problems[0]
    # And the listed one gets no page that is not made for it.
    for path in ("/studio/?embed=inline", "/account/?embed=inline", "/cards/", "/?embed"):
        shop.problems.clear()
        await shop.reader(f'<iframe src="{shop.site.url}{path}"></iframe>')
        await until(lambda: shop.problems, PATIENCE_MS)
        assert "frame-ancestors" in shop.problems[0]


@pytest.mark.reference
async def test_a_bubble_is_used_by_keyboard(shop: Shop) -> None:
    page = await shop.reader(f"<a href='#' id=first>Text</a>{shop.script('data-mode=bubble')}")
    frame = await player(page)
    opener, closer = page.get_by_role("button", name="Open the show"), page.get_by_role("button", name="Close", exact=True)
    await opener.wait_for()
    await expect(frame.get_by_test_id("chat-input")).to_be_hidden()
    await frame.get_by_test_id("video").evaluate(SEE_FRAMES, FRAMES)
    await page.locator("#first").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(frame.get_by_test_id("chat-input")).to_be_visible(timeout=PATIENCE_MS)
    await accessible(page)
    # A sheet within the player has the first word.
    await frame.get_by_test_id("orders").focus()
    await page.keyboard.press("Enter")
    await expect(frame.locator("dialog[open]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(frame.locator("dialog[open]")).to_have_count(0)
    await expect(frame.get_by_test_id("chat-input")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(frame.get_by_test_id("chat-input")).to_be_hidden(timeout=PATIENCE_MS)
    await page.keyboard.press("Enter")
    await frame.get_by_test_id("embed-close").click()
    await expect(frame.get_by_test_id("chat-input")).to_be_hidden(timeout=PATIENCE_MS)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(closer).to_have_count(0)
    await page.reload()
    await page.wait_for_load_state("networkidle")
    assert len(page.frames) == 1, "closed for the session"
    assert shop.problems == []


@pytest.mark.reference
async def test_messages_of_others_are_not_heard(shop: Shop, context: ssl.SSLContext) -> None:
    page = await shop.reader(shop.script("data-mode=bubble"))
    frame = await player(page)
    await page.get_by_role("button", name="Open the show").wait_for()
    forged = "{ efir: 1, type: 'order', order_id: 'ord_forged' }"
    await page.evaluate(f"window.postMessage({forged}, '*')")
    await frame.evaluate("window.postMessage({ efir: 1, type: 'view', view: 'player' }, '*')")
    # Another frame of the shop's own origin, but not the one of the script.
    await page.evaluate(
        "(src) => document.body.append(Object.assign(document.createElement('iframe'), { src, id: 'other' }))",
        f"{shop.site.url}/watch/{shop.show_id}?embed=inline&parent={shop.blog.url}",
    )
    other = await player(page, 1)
    await other.evaluate(f"parent.postMessage({forged}, '*')")
    await other.evaluate("parent.postMessage({ efir: 1, type: 'state', state: 'ended' }, '*')")
    # What was sent before has arrived by the time that this has.
    await page.evaluate("new Promise((done) => { addEventListener('message', done, { once: true }); postMessage(1, '*'); })")
    assert [each for each in await page.evaluate("window.heard") if each["name"] == "order"] == []
    await expect(page.get_by_role("button", name="Open the show")).to_be_visible()
    assert await frame.evaluate("document.documentElement.dataset.view") == "preview"
    assert shop.problems == []


@pytest.mark.reference
async def test_several_shows_on_one_page_and_one_that_waits_for_its_time(site: SecureSite, browser: Browser) -> None:
    shop = Shop(site, browser)
    await shop.open(live=False)
    page = await shop.reader(shop.script(name="one") + shop.script("data-when=live", name="two"))
    one, two = await player(page), await player(page, 1)
    await expect(one.get_by_test_id("stage-state")).to_have_attribute("data-state", "scheduled", timeout=PATIENCE_MS)
    await holds(page, "heard.filter((each) => each.state === 'scheduled').length === 2")
    shown = "[...document.body.children].filter((each) => each.tagName === 'DIV' && each.offsetHeight > 0).length"
    assert await page.evaluate(shown) == 1
    await go_live(shop.host)
    await holds(page, f"{shown} === 2")
    assert sorted({each["on"] for each in await heard(page, "state")}) == ["one", "two"]
    assert "/watch/" in two.url
    assert shop.problems == []
