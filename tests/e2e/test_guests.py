"""Guests on real input: a link, a camera, the waiting room, the stage, and out; every claim by frames and sound that arrive."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.control_room import open_desk
from tests.e2e.site import Site, until
from tests.e2e.test_on_air import PATIENCE_MS, SEE_FRAMES, browser, claim, go_live, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

FRAMES = 15
LISTENING = """(video) => new Promise((resolve) => {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(video.srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    if (!samples.some((sample) => Math.abs(sample) > 0.01)) return;
    clearInterval(timer);
    context.close();
    resolve(true);
  }, 50);
})"""
"""Ends when the fake microphone's beep is heard in what a tile plays."""


async def sees(page: Page, tile: str, *, hears: bool = True) -> None:
    """The tile's picture moves and its sound is there."""
    video = page.get_by_test_id(f"tile-{tile}").locator("video").first
    async with asyncio.timeout(PATIENCE_MS / 1000):
        assert await video.evaluate(SEE_FRAMES, FRAMES) > 0
        if hears:
            assert await video.evaluate(LISTENING)


async def invite(host: Page, label: str, uses: int = 1) -> str:
    """A new link."""
    await open_desk(host, "guests")
    if not await host.get_by_test_id("invite-label").is_visible():
        await host.get_by_test_id("invites").locator("summary").click()
    await host.get_by_test_id("invite-label").fill(label)
    await host.get_by_test_id("invite-uses").fill(str(uses))
    await host.get_by_test_id("invite-create").click()
    await expect(host.get_by_test_id("invites").locator("strong", has_text=label)).to_be_visible(timeout=PATIENCE_MS)
    return await host.get_by_test_id("invite-link").input_value()


async def arrive(browser: Browser, link: str, name: str, problems: list[str]) -> tuple[Page, str]:
    """A guest in the waiting room, and the id of the pass."""
    guest = await open_page(browser, link, problems, locale="ru-RU", viewport={"width": 390, "height": 844})
    await guest.get_by_test_id("guest-name").fill(name)
    await guest.get_by_test_id("guest-accept").click()
    await join(guest)
    stored = await guest.evaluate("Object.values(localStorage).map(JSON.parse).find((each) => each.participantId).participantId")
    return guest, str(stored)


async def join(guest: Page) -> None:
    await guest.get_by_test_id("camera-on").click()
    await expect(guest.get_by_test_id("heard")).to_have_attribute("data-heard", "true", timeout=PATIENCE_MS)
    await guest.get_by_test_id("guest-join").click()
    await expect(guest.get_by_test_id("guest")).to_have_attribute("data-status", "live", timeout=PATIENCE_MS)


async def stands(guest: Page, standing: str) -> None:
    await expect(guest.get_by_test_id("guest")).to_have_attribute("data-standing", standing, timeout=PATIENCE_MS)


async def over(guest: Page, why: str) -> None:
    await expect(guest.get_by_test_id("guest-over")).to_have_attribute("data-why", why, timeout=PATIENCE_MS)


async def test_guests_wait_talk_and_leave(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    await host.get_by_test_id("show-title").fill("Two potters")
    await host.get_by_test_id("show-create").click()
    await go_live(host)

    # Looking uses nothing up; the key is not in the address that servers see, nor stays in it.
    link = await invite(host, "Ivan")
    assert "/guest/#" in link
    preview = await open_page(browser, link, problems)
    await expect(preview.get_by_test_id("invite-show")).to_have_text("Two potters", timeout=PATIENCE_MS)
    ivan, ivan_id = await arrive(browser, link, "Иван", problems)
    assert "#" not in ivan.url
    await sees(host, ivan_id)
    await stands(ivan, "waiting")
    await expect(host.get_by_test_id(f"guest-{ivan_id}")).to_have_attribute("data-standing", "waiting")

    await host.get_by_test_id(f"admit-{ivan_id}").click()
    await stands(ivan, "live")
    await sees(ivan, "host")
    anna, anna_id = await arrive(browser, await invite(host, "Anna", 2), "Анна", problems)
    await sees(anna, "host")
    await sees(anna, ivan_id)
    await expect(ivan.get_by_test_id(f"tile-{anna_id}")).to_have_count(0)
    await host.get_by_test_id(f"admit-{anna_id}").click()
    await sees(ivan, anna_id)

    # The host's word reaches the guest, and viewers' layout changes only when it is applied.
    await host.get_by_test_id(f"mute-audio-{ivan_id}").click()
    await expect(ivan.get_by_test_id("muted-by-host")).to_be_visible(timeout=PATIENCE_MS)
    await host.get_by_test_id("layout-solo").click()
    await expect(host.get_by_test_id("layout-picker")).to_have_attribute("data-changed", "true")
    assert site.sql("select layout from guests_stages") == [("side_by_side",)]
    await host.get_by_test_id("layout-featured").select_option(anna_id)
    await host.get_by_test_id("layout-apply").click()
    await expect(host.get_by_test_id("layout-picker")).to_have_attribute("data-changed", "false", timeout=PATIENCE_MS)
    assert site.sql("select layout, featured from guests_stages") == [("solo", anna_id)]

    # A reload keeps the pass and the place on stage.
    await anna.reload()
    await join(anna)
    await stands(anna, "live")
    await sees(ivan, anna_id)
    await anna.get_by_test_id("guest-leave").click()
    await expect(host.get_by_test_id(f"guest-{anna_id}")).to_have_attribute("data-standing", "waiting", timeout=PATIENCE_MS)
    await anna.get_by_test_id("come-back").click()

    await host.get_by_test_id(f"remove-{ivan_id}").click()
    await over(ivan, "guest_removed")
    late = await open_page(browser, link, problems)
    await over(late, "invite_used")
    await host.get_by_test_id("end-show").click()
    await host.get_by_test_id("end-show-sure").click()
    await over(anna, "show_ended")
    # The page has it from the show's channel; the passes are ended by a worker, at its own pace.
    await until(lambda: site.sql("select distinct standing from guests_passes") == [("removed",)], PATIENCE_MS)
    assert problems == []
