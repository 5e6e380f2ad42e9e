"""Follow a host, hear of the show without a reload, read it; and a push that arrives while no page asks for it."""

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from server.kernel.clock import SystemClock
from tests.e2e.site import Site, until
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, go_live, make_show, open_page
from tests.fakes.push_service import FakePushService
from tests.http.fake_media import served

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

SHOWN = """async (count) => {
  const registration = await navigator.serviceWorker.ready;
  for (;;) {
    const shown = await registration.getNotifications();
    if (shown.length >= count) return shown.map(({title, body, tag, data}) => ({title, body, tag, link: data.link}));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""
"""What the browser shows, as soon as it is so many."""


SUBSCRIBE = """(() => {
  const [endpoint, keys] = %s;
  const made = {endpoint, toJSON: () => ({endpoint, keys}), unsubscribe: async () => ((current = null), true)};
  let current = null;
  PushManager.prototype.getSubscription = async () => current;
  PushManager.prototype.subscribe = async ({applicationServerKey}) => {
    window.applicationServerKey = btoa(String.fromCharCode(...applicationServerKey));
    return (current = made);
  };
})()"""
"""The tests' Chromium reaches no push service of its maker: this one stands in the browser's stead."""


async def unread(page: Page, count: int) -> None:
    await expect(page.get_by_test_id("bell")).to_have_attribute("data-unread", str(count), timeout=PATIENCE_MS)


async def test_a_follower_hears_of_a_show_at_once_and_reads_it(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    show_id = show_url.rpartition("/")[2]

    viewer = await open_page(browser, show_url, problems, locale="en-GB", viewport={"width": 390, "height": 844})
    follow, remind = viewer.get_by_test_id("follow"), viewer.get_by_test_id(f"remind-{show_id}")
    await follow.click()
    await expect(follow).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    await remind.click()
    await expect(remind).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    assert site.sql("select count(*) from notifications_follows") == [(1,)]

    # The same person on the start page: there the bell is told, nothing is loaded again.
    start = await viewer.context.new_page()
    start.on("pageerror", lambda error: problems.append(f"{error}"))
    await start.goto(site.url)
    await expect(start.get_by_test_id(f"remind-{show_id}")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    await start.evaluate("window.neverReloaded = true")
    await unread(start, 0)

    await go_live(host)
    await unread(start, 1)
    await unread(viewer, 1)
    await expect(start.get_by_test_id("bell-arrived")).to_contain_text("is live")
    assert await start.evaluate("window.neverReloaded")

    # By keyboard, as a screen reader does.
    await start.get_by_test_id("bell").focus()
    await start.keyboard.press("Enter")
    items = start.get_by_test_id("inbox").get_by_test_id("inbox-item")
    await expect(items).to_have_count(1)
    await expect(items).to_have_attribute("data-kind", "show_started")
    await expect(items).to_contain_text("Mugs by hand")
    await expect(items).to_have_attribute("href", f"/watch/{show_id}")
    await unread(start, 0)
    await unread(viewer, 0)
    await start.keyboard.press("Escape")
    await expect(start.get_by_test_id("inbox")).to_have_count(0)
    await expect(start.get_by_test_id("bell")).to_be_focused()

    await start.reload()
    await unread(start, 0)
    await start.get_by_test_id("bell").click()
    await expect(start.get_by_test_id("inbox-item")).to_have_count(1)
    assert problems == []


@pytest.mark.reference
async def test_who_only_looks_gets_no_session_and_who_wants_a_reminder_does(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_id = (await make_show(host)).rpartition("/")[2]
    passer_by = await open_page(browser, site.url, problems, locale="ru-RU")
    remind = passer_by.get_by_test_id(f"remind-{show_id}")
    await expect(remind).to_have_text("Напомнить")
    await expect(passer_by.get_by_test_id("bell")).to_have_count(0)
    assert await passer_by.context.cookies() == []
    await remind.click()
    await expect(remind).to_have_text("Напомним", timeout=PATIENCE_MS)
    await unread(passer_by, 0)
    await go_live(host)
    await unread(passer_by, 1)
    assert problems == []


@pytest.mark.reference
async def test_a_push_leaves_for_the_browser_when_the_show_starts(folder: Path, browser: Browser) -> None:
    problems: list[str] = []
    service = FakePushService(now_s=SystemClock().now_ms() // 1_000)
    site = Site(folder)
    async with served(service.app()) as service.origin:
        site.environment["PUSH_HOSTS"] = service.origin.removeprefix("http://")
        await site.start()
        try:
            await follow_with_pushes(site, browser, service, problems)
        finally:
            await site.stop()
    assert problems == []


async def follow_with_pushes(site: Site, browser: Browser, service: FakePushService, problems: list[str]) -> None:
    """A follower allows pushes and closes the page; the host starts."""
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    device = service.subscribe("phone", "")
    context = await browser.new_context(locale="ru-RU", permissions=["notifications"])
    await context.add_init_script(SUBSCRIBE % json.dumps([service.endpoint(device), device.keys()]))
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(show_url)
    await page.get_by_test_id("follow").click()
    await expect(page.get_by_test_id("follow")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    await page.get_by_test_id("bell").click()
    await page.get_by_test_id("push-on").click()
    await expect(page.get_by_test_id("push")).to_have_attribute("data-status", "on", timeout=PATIENCE_MS)
    key = await page.evaluate("window.applicationServerKey")
    device.application_key = key.replace("+", "-").replace("/", "_").rstrip("=")
    await page.close()

    await go_live(host)
    await until(lambda: device.shown, PATIENCE_MS)
    assert device.shown[0]["title"] == "Olga в эфире"
    assert device.shown[0]["link"] == f"/watch/{show_url.rpartition('/')[2]}"


@pytest.mark.reference
async def test_a_push_shows_a_notification_while_no_page_asks_for_it(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    page = await open_page(browser, site.url, problems, permissions=["notifications"])
    session = await page.context.new_cdp_session(page)
    registrations: list[dict[str, str]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    await session.send("ServiceWorker.enable")
    scope = await page.evaluate(
        """async () => {
          await navigator.serviceWorker.register("/static/service_worker.js", {scope: "/"});
          return (await navigator.serviceWorker.ready).scope;
        }"""
    )
    assert scope == f"{site.url}/", "for every page of the site"
    text = {"title": "Hanna is live", "body": "“Mugs” has started.", "link": "/watch/shw_1", "tag": "ntf_1", "locale": "en"}
    for tag in ("ntf_1", "ntf_1", "ntf_2"):  # the first one twice, as after a crash between sending and noting
        data = json.dumps(text | {"tag": tag})
        push = {"origin": site.url, "registrationId": registrations[0]["registrationId"], "data": data}
        await session.send("ServiceWorker.deliverPushMessage", push)
    async with asyncio.timeout(PATIENCE_MS / 1000):
        shown = await page.evaluate(SHOWN, 2)
    assert sorted(each["tag"] for each in shown) == ["ntf_1", "ntf_2"]
    assert {(each["title"], each["body"], each["link"]) for each in shown} == {(text["title"], text["body"], text["link"])}
    assert problems == []
