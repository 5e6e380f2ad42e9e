"""The player as a Mini App: within a page that speaks as Telegram's web client does, and with the proxy of its phone apps."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, BrowserContext, Frame, Page, Route, ViewportSize, async_playwright, expect

from server.kernel.clock import SystemClock
from tests.browser import ARGUMENTS, chromium, holds
from tests.e2e.control_room import open_desk
from tests.e2e.site import Site, until
from tests.e2e.talking import Show, say, sees
from tests.e2e.test_on_air import PATIENCE_MS
from tests.fakes.telegram import BOT_TOKEN, init_data, person

pytestmark = pytest.mark.e2e

WEB = "https://web.telegram.org"
LIGHT = {"bg_color": "#ffffff", "secondary_bg_color": "#f1f1f1", "text_color": "#000000"}
DARK = {"bg_color": "#17212b", "secondary_bg_color": "#232e3c", "text_color": "#f5f5f5"}

CLIENT = """<!doctype html><title>Telegram</title>
<style>body {{ margin: 0 }} iframe {{ width: 100vw; height: 100vh; border: 0 }}</style>
<iframe src="{src}" allow="autoplay; fullscreen; picture-in-picture"></iframe>
<script>
  window.calls = [];
  const frame = document.querySelector("iframe");
  addEventListener("message", (event) => {{
    if (event.source === frame.contentWindow) calls.push({{ origin: event.origin, ...JSON.parse(event.data) }});
  }});
  window.send = (eventType, eventData) => frame.contentWindow.postMessage(JSON.stringify({{ eventType, eventData }}), "*");
</script>"""
"""Telegram's web client, as far as a Mini App knows it."""

PROXY = """(() => {
  window.calls = JSON.parse(sessionStorage.calls ?? "[]");
  window.TelegramWebviewProxy = { postEvent: (eventType, data) => {
    window.calls.push({ eventType, eventData: JSON.parse(data) });
    sessionStorage.calls = JSON.stringify(window.calls);
  } };
})()"""
"""What Telegram's apps for phones put into the page before anything else; it remembers over the pages of a visit."""


FELT = """calls.filter((call) => call.eventType === "web_app_trigger_haptic_feedback")
  .map((call) => call.eventData.notification_type)"""
ASKED = """calls.filter((call) => call.eventType === "web_app_setup_closing_behavior")
  .map((call) => call.eventData.need_confirmation)"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser in which a public address (web.telegram.org, which the test answers for) may frame this machine's."""
    async with async_playwright() as playwright:
        arguments = [*ARGUMENTS, "--disable-features=LocalNetworkAccessChecks"]
        made = await playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield made
        await made.close()


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    """A shop with a bot."""
    running = Site(folder)
    running.environment |= {"TELEGRAM_BOT_TOKEN": BOT_TOKEN, "TELEGRAM_APP": "shop_bot/live"}
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def show(site: Site, browser: Browser) -> Show:
    """A show that has begun."""
    made = Show(site, browser)
    await made.start()
    return made


def launched(
    *, theme: dict[str, str] = LIGHT, user: str | None = None, age_s: int = 0, platform: str = "web", **extra: str
) -> str:
    """The fragment that Telegram adds to the app's address."""
    signed_at = SystemClock().now_ms() // 1000 - age_s
    data = init_data(auth_date=signed_at, user=user or person(70_042, "Анна", last_name="Lee", language_code="ru"), extra=extra)
    parameters = {
        "tgWebAppData": data,
        "tgWebAppVersion": "8.0",
        "tgWebAppPlatform": platform,
        "tgWebAppThemeParams": json.dumps(theme),
    }
    return "#" + "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())


class Client:
    """Somebody in Telegram's web client, with the Mini App open."""

    def __init__(self, page: Page, frame: Frame) -> None:
        self.page = page
        self.frame = frame

    async def calls(self, event_type: str) -> list[Any]:
        """Data of the methods of one name that the app has called."""
        found: list[Any] = await self.page.evaluate("(name) => calls.filter((call) => call.eventType === name)", event_type)
        return [call["eventData"] for call in found]

    async def send(self, event_type: str, data: object = None) -> None:
        await self.page.evaluate("([name, data]) => send(name, data)", [event_type, data])

    async def called(self, event_type: str, data: object) -> None:
        """The last call of that method has this data, or soon has."""
        condition = "([name, wanted]) => JSON.stringify(calls.findLast((call) => call.eventType === name)?.eventData) === wanted"
        await holds(self.page, condition, [event_type, json.dumps(data, separators=(",", ":"))])


async def in_web_client(browser: Browser, src: str, problems: list[str]) -> Client:
    """The app in a frame of web.telegram.org. Nothing leaves this machine: the test answers for that address."""
    context = await browser.new_context(locale="en-GB", viewport=ViewportSize(width=390, height=844))

    async def answer(route: Route) -> None:
        await route.fulfill(body=CLIENT.format(src=src.replace("&", "&amp;")), content_type="text/html")

    await context.route(f"{WEB}/**", answer)
    page = await context.new_page()
    page.on("pageerror", lambda error: problems.append(f"{error}"))
    page.on("console", lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None)
    await page.goto(f"{WEB}/k/")
    await until(lambda: len(page.frames) == 2 and page.frames[1].url.startswith("http"), PATIENCE_MS)
    return Client(page, page.frames[1])


async def on_phone(browser: Browser, url: str, problems: list[str]) -> Page:
    context = await browser.new_context(locale="en-GB", viewport=ViewportSize(width=390, height=844))
    await context.add_init_script(PROXY)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: problems.append(f"{error}"))
    await page.goto(url)
    return page


async def cookies_of(context: BrowserContext) -> dict[str, Any]:
    found: list[Any] = list(await context.cookies())
    return {cookie["name"]: cookie for cookie in found}


async def test_in_telegrams_web_client_somebody_is_known_talks_and_finds_the_way_back(show: Show) -> None:
    site, browser, problems = show.site, show.browser, show.problems
    client = await in_web_client(browser, f"{site.url}/watch/{show.show_id}{launched(theme=DARK)}", problems)
    app = client.frame

    # Known at once, under the name from Telegram: nobody is asked for a nickname.
    await app.get_by_test_id("chat-input").wait_for()
    await until(
        lambda: site.sql("select name, kind, locale from auth_actors where kind = 'account' and name like 'А%'"), PATIENCE_MS
    )
    assert site.sql("select name, locale from auth_actors where actor_id in (select actor_id from auth_telegram)") == [
        ("Анна Lee", "ru")
    ]
    await app.get_by_test_id("chat-input").fill("Hello from Telegram")
    await app.get_by_test_id("chat-send").click()
    await sees(show.host, "Hello from Telegram")
    await expect(app.get_by_test_id("nickname-sheet")).to_have_count(0)
    [framed] = [cookie for name, cookie in (await cookies_of(client.page.context)).items() if name == "efir_framed"]
    assert (framed["sameSite"], framed["httpOnly"], framed["secure"]) == ("None", True, True)
    assert "efir_session" not in await cookies_of(client.page.context)

    # What a person is known by is not in the address any more, and what is told goes to Telegram alone.
    assert "tgWebAppData" not in await app.evaluate("location.href")
    assert await client.calls("web_app_ready") == [{}]
    assert await client.calls("web_app_expand") == [{}]
    assert {call["origin"] for call in await client.page.evaluate("calls")} == {site.url}

    # Colours, at the start and live.
    style = "getComputedStyle(document.documentElement)"
    assert await app.evaluate(f"[{style}.colorScheme, {style}.backgroundColor]") == ["dark", "rgb(23, 33, 43)"]
    await client.send("theme_changed", {"theme_params": LIGHT})
    await holds(app, f"{style}.colorScheme === 'light' && {style}.backgroundColor === 'rgb(255, 255, 255)'")
    assert await client.calls("web_app_set_header_color") == [{"color": "#000000"}] * 2

    # Notches and Telegram's buttons.
    assert len(await client.calls("web_app_request_safe_area")) == 1
    assert await app.evaluate("document.querySelector('.stage-top').getBoundingClientRect().y") == 0
    await client.send("safe_area_changed", {"top": 47, "bottom": 34, "left": 0, "right": 0})
    await client.send("content_safe_area_changed", {"top": 40, "bottom": 0, "left": 0, "right": 0})
    await holds(app, "document.querySelector('.stage-top').getBoundingClientRect().y === 87")

    # The back button closes the newest sheet first; meanwhile a pull does not put the app away.
    await client.called("web_app_setup_back_button", {"is_visible": True})
    await client.called("web_app_setup_swipe_behavior", {"allow_vertical_swipe": True})
    await app.get_by_test_id("orders").click()
    await expect(app.locator("dialog[open]")).to_have_count(1)
    await client.called("web_app_setup_swipe_behavior", {"allow_vertical_swipe": False})
    await client.send("back_button_pressed")
    await expect(app.locator("dialog[open]")).to_have_count(0)
    await client.called("web_app_setup_swipe_behavior", {"allow_vertical_swipe": True})

    # Hearts are felt.
    await app.get_by_test_id("react").click()
    await client.called("web_app_trigger_haptic_feedback", {"type": "impact", "impact_style": "light"})

    # Share leads into the app.
    await app.get_by_test_id("share").click()
    link = quote(f"https://t.me/shop_bot/live?startapp={show.show_id}", safe="")
    await client.called("web_app_open_tg_link", {"path_full": f"/share/url?url={link}&text=Friday+ceramics"})

    # Back again: all shows, where there is nothing behind; the same person.
    await client.send("back_button_pressed")
    await app.get_by_test_id("section-live").wait_for()
    await client.called("web_app_setup_back_button", {"is_visible": False})
    assert await app.evaluate("fetch('/api/auth/me').then((answer) => answer.json()).then((me) => me.name)") == "Анна Lee"
    assert problems == []


@pytest.mark.reference
async def test_another_site_may_not_frame_the_player(show: Show) -> None:
    context = await show.browser.new_context()

    async def answer(route: Route) -> None:
        await route.fulfill(body=CLIENT.format(src=f"{show.site.url}/watch/{show.show_id}"), content_type="text/html")

    await context.route("https://evil.example/**", answer)
    page = await context.new_page()
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text) if "frame-ancestors" in message.text else None)
    await page.goto("https://evil.example/")
    await until(lambda: refusals, PATIENCE_MS)


@pytest.mark.reference
async def test_a_link_into_the_app_opens_its_show_and_a_purchase_is_felt(show: Show) -> None:
    await open_desk(show.host, "stock")
    await show.host.get_by_test_id("product-new").click()
    for name, value in (("title", "Mug"), ("sku", "MUG"), ("price", "19.90"), ("stock", "5")):
        await show.host.get_by_test_id(f"product-{name}").fill(value)
    await show.host.get_by_test_id("product-create").click()
    await show.host.get_by_test_id("fund-quantity-MUG").fill("5")
    await show.host.get_by_test_id("fund-MUG").click()
    await open_desk(show.host, "run")
    await show.host.get_by_test_id("pin-MUG").click()

    phone = await on_phone(
        show.browser, f"{show.site.url}/watch/{launched(platform='ios', start_param=show.show_id)}", show.problems
    )
    await expect(phone.locator(".stage-title")).to_have_text("Friday ceramics", timeout=PATIENCE_MS)
    assert phone.url == f"{show.site.url}/watch/{show.show_id}"
    await holds(phone, "calls.some((call) => call.eventType === 'web_app_request_fullscreen')")
    await phone.get_by_test_id("buy-MUG").first.click()
    await phone.get_by_test_id("pay").click()
    await expect(phone.get_by_test_id("order-status").first).to_have_attribute("data-state", "paid", timeout=PATIENCE_MS)
    await holds(phone, f"{FELT}.includes('success')")
    assert (await phone.evaluate(FELT)).count("success") == 1
    # While it was being paid, the app asked before it would be closed.
    answers = await phone.evaluate(ASKED)
    assert (answers[0], True in answers, answers[-1]) == (False, True, False)
    names = show.site.sql("select buyer_name from orders_orders")
    assert names == [("Анна Lee",)]
    assert show.problems == []


@pytest.mark.reference
async def test_a_guest_of_this_browser_becomes_the_person_from_telegram(show: Show) -> None:
    phone = await on_phone(show.browser, f"{show.site.url}/watch/{show.show_id}", show.problems)
    await say(phone, "Who am I?")
    await phone.get_by_test_id("nickname").fill("Vera")
    await phone.get_by_test_id("nickname-save").click()
    await sees(phone, "Who am I?")
    before = await phone.evaluate("fetch('/api/auth/me').then((answer) => answer.json())")
    await phone.goto(f"{show.site.url}/")
    await phone.goto(f"{show.site.url}/watch/{show.show_id}{launched(platform='android')}")
    await until(lambda: show.site.sql("select actor_id from auth_telegram"), PATIENCE_MS)
    after = await phone.evaluate("fetch('/api/auth/me').then((answer) => answer.json())")
    assert (after["actor_id"], after["kind"], after["name"]) == (before["actor_id"], "account", "Анна Lee")
    assert show.problems == []


@pytest.mark.reference
async def test_what_is_too_old_asks_to_open_the_app_again_and_the_show_goes_on(show: Show) -> None:
    phone = await on_phone(show.browser, f"{show.site.url}/watch/{show.show_id}{launched(age_s=7_200)}", show.problems)
    sheet = phone.get_by_test_id("telegram-sheet")
    await expect(sheet).to_contain_text("open it again", timeout=PATIENCE_MS)
    await phone.get_by_test_id("telegram-act").click()
    await holds(phone, "calls.some((call) => call.eventType === 'web_app_close')")
    await sheet.get_by_test_id("close").click()
    await expect(sheet).to_have_count(0)
    await expect(phone.locator(".stage-title")).to_have_text("Friday ceramics")
    assert show.site.sql("select count(*) from auth_telegram") == [(0,)]
    assert show.problems == []


@pytest.mark.reference
async def test_a_link_with_somebodys_data_signs_nobody_in_outside_of_telegram(show: Show) -> None:
    page = await show.visit(f"/watch/{show.show_id}{launched()}")
    await page.get_by_test_id("chat-input").wait_for()
    await holds(page, "fetch('/api/auth/me').then((answer) => answer.ok)")
    assert (await page.evaluate("fetch('/api/auth/me').then((answer) => answer.json())"))["kind"] == "guest"
    assert show.site.sql("select count(*) from auth_telegram") == [(0,)]
