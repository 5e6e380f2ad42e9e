"""The installed app without a network, and the player's comforts: small window, screen that stays on, sound, calendar."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from tests.browser import holds
from tests.e2e.shopper import OWNER, Client
from tests.e2e.site import Site
from tests.e2e.talking import PHONE, accessible
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, go_live, make_show, open_page, watch

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

CONTROLLED = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
KEPT = (
    "caches.keys().then(async (names) => (await (await caches.open(names[0])).keys()).map((each) => new URL(each.url).pathname))"
)
LOCKS = """(() => {
  window.locks = [];
  navigator.wakeLock.request = async (kind) => {
    const lock = { kind, released: false, release: async () => void (lock.released = true) };
    window.locks.push(lock);
    return lock;
  };
})()"""
"""The tests' Chromium has no screen to keep on: this one remembers what it was asked."""


@pytest.mark.reference
async def test_without_a_network_a_page_says_so_and_comes_back_by_itself(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    page = await open_page(browser, site.url, problems, locale="ru-RU", viewport=PHONE)
    await holds(page, CONTROLLED)
    await holds(page, "caches.keys().then((names) => names.length === 1)")
    kept = await page.evaluate(KEPT)
    assert "/offline/" in kept
    assert [path for path in kept if not path.startswith(("/static/", "/combined/offline/", "/offline/"))] == []

    await site.stop()
    await page.goto(f"{site.url}/orders/")
    await expect(page.get_by_test_id("offline")).to_contain_text("Нет соединения", timeout=PATIENCE_MS)
    assert page.url == f"{site.url}/orders/"
    await accessible(page)

    # The shop is there again: the same address shows what was wanted.
    await site.start()
    await page.get_by_test_id("offline-again").click()
    await expect(page.get_by_test_id("offline")).to_have_count(0, timeout=PATIENCE_MS)
    assert problems == []


@pytest.mark.reference
async def test_the_browsers_offer_to_install_is_made_in_the_page(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    page = await open_page(browser, site.url, problems, locale="en-GB", viewport=PHONE)
    await expect(page.get_by_test_id("install-card")).to_have_count(0)
    # Only an https address is ever offered by Chromium itself.
    await page.evaluate(
        """() => {
          const event = new Event("beforeinstallprompt", { cancelable: true });
          event.prompt = async () => ((window.prompted = true), { outcome: "accepted" });
          window.dispatchEvent(event);
        }"""
    )
    await page.get_by_test_id("install").click()
    assert await page.evaluate("window.prompted")
    await expect(page.get_by_test_id("install-card")).to_have_count(0)
    assert problems == []


@pytest.mark.reference
async def test_a_show_that_is_to_come_goes_into_the_calendar(site: Site, browser: Browser, folder: Path) -> None:
    problems: list[str] = []
    owner = Client(site.url)
    await owner.must("POST", "/api/auth/claim", {"key": site.key, **OWNER})
    clock = SystemClock()
    show_id, starts_ms = new_id("shw", clock), clock.now_ms() + 86_400_000
    await owner.must("POST", "/api/shows", {"show_id": show_id, "title": "Autumn; mugs, cups", "scheduled_at_ms": starts_ms})
    await owner.close()
    for address in (site.url, f"{site.url}/watch/{show_id}"):
        page = await open_page(browser, address, problems, locale="en-GB", viewport=PHONE)
        await page.get_by_test_id(f"calendar-{show_id}").click()
        google = await page.get_by_test_id("calendar-google").get_attribute("href")
        assert google is not None
        assert google.startswith("https://calendar.google.com/calendar/render?action=TEMPLATE&text=Autumn%3B+mugs%2C+cups&dates=")
        await accessible(page)
        async with page.expect_download() as coming:
            await page.get_by_test_id("calendar-file").click()
        file = await coming.value
        assert file.suggested_filename == f"{show_id}.ics"
        await file.save_as(folder / "show.ics")
        text = (folder / "show.ics").read_text()
        assert "SUMMARY:Autumn\\; mugs\\, cups\n" in text
        assert f"UID:{show_id}@127.0.0.1\n" in text
    assert problems == []


@pytest.mark.reference
async def test_the_player_has_a_small_window_keeps_the_screen_on_and_remembers_the_sound(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    await go_live(host)

    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    await context.add_init_script(LOCKS)
    viewer = await context.new_page()
    viewer.set_default_timeout(PATIENCE_MS)
    viewer.on("pageerror", lambda error: problems.append(f"{error}"))
    await viewer.goto(show_url)
    await watch(viewer)

    # The screen stays on while the picture plays, and only while somebody sees it.
    await holds(viewer, "locks.length === 1 && !locks[0].released && locks[0].kind === 'screen'")
    hide = """(hidden) => {
      Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await viewer.evaluate(hide, True)
    await holds(viewer, "locks[0].released")
    await viewer.evaluate(hide, False)
    await holds(viewer, "locks.length === 2 && !locks[1].released")
    assert await viewer.evaluate("navigator.mediaSession.metadata.title") == "Mugs by hand"

    # The small window stays while sheets come and go.
    small = viewer.get_by_test_id("pip")
    await small.click()
    await expect(small).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
    await viewer.get_by_test_id("orders").click()
    await viewer.get_by_test_id("close").click()
    assert await viewer.evaluate("document.pictureInPictureElement === document.querySelector('.player-slot-0 video')")
    await small.click()
    await expect(small).to_have_attribute("aria-pressed", "false", timeout=PATIENCE_MS)

    # Sound, as it was chosen before, with the first touch of anything.
    await viewer.get_by_test_id("sound").click()
    await viewer.get_by_test_id("mute").wait_for()
    await viewer.reload()
    await watch(viewer)
    await expect(viewer.get_by_test_id("sound")).to_be_visible()
    await viewer.locator(".stage-title").click()
    await expect(viewer.get_by_test_id("mute")).to_be_visible()
    assert not await viewer.get_by_test_id("video").evaluate("(video) => video.muted")
    await viewer.get_by_test_id("mute").click()
    await viewer.reload()
    await watch(viewer)
    await viewer.locator(".stage-title").click()
    await expect(viewer.get_by_test_id("sound")).to_be_visible()
    await accessible(viewer)

    # The host ends the show: the screen may go off.
    locks = await viewer.evaluate("locks.length")
    assert locks >= 1
    await viewer.evaluate("fetch('/api/auth/me')")
    response = await host.request.post(f"{site.url}/api/shows/{show_url.rpartition('/')[2]}/end", headers={"origin": site.url})
    assert response.ok
    await holds(viewer, "locks.every((lock) => lock.released)")
    assert problems == []
