"""A viewer sees and hears everybody on stage, arranged as the host says, in one session from the beginning."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.site import Site
from tests.e2e.test_guests import LISTENING, arrive, invite, stands
from tests.e2e.test_on_air import PATIENCE_MS, SEE_FRAMES, browser, claim, go_live, open_page, watch

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

SLOT = "(figure) => [...figure.classList].find((name) => name.startsWith('player-slot-')).at(-1)"


@pytest.mark.reference
async def test_a_viewer_gets_an_admitted_guest_without_another_session(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    await host.get_by_test_id("show-title").fill("Two potters")
    await host.get_by_test_id("show-create").click()
    await go_live(host)
    show_id = host.url.rpartition("show=")[2]
    viewer = await open_page(browser, f"{site.url}/watch/{show_id}", problems, viewport={"width": 390, "height": 844})
    await watch(viewer)
    joined: list[str] = []
    viewer.on("request", lambda request: joined.append(request.url) if request.url.endswith(f"/whep/{show_id}") else None)
    await shape(viewer, "solo")

    guest, guest_id = await arrive(browser, await invite(host, "Ivan"), "Иван", problems)
    await stands(guest, "waiting")
    await host.get_by_test_id(f"admit-{guest_id}").click()
    await shape(viewer, "side_by_side")
    async with asyncio.timeout(PATIENCE_MS / 1000):
        assert await viewer.get_by_test_id("video-1").evaluate(SEE_FRAMES, 15) > 0
        for video in ("video", "video-1"):
            assert await viewer.get_by_test_id(video).evaluate(LISTENING)
    await expect(viewer.get_by_test_id("spot-1")).to_contain_text("Иван")

    await host.get_by_test_id("layout-picture_in_picture").click()
    await host.get_by_test_id("layout-featured").select_option(guest_id)
    await host.get_by_test_id("layout-apply").click()
    await shape(viewer, "picture_in_picture")
    assert await viewer.get_by_test_id("spot-1").evaluate(SLOT) == "0"
    await host.get_by_test_id(f"mute-video-{guest_id}").click()
    await expect(viewer.get_by_test_id("spot-1")).to_have_class("player-spot player-slot-0 player-spot-dark", timeout=PATIENCE_MS)
    await host.get_by_test_id(f"remove-{guest_id}").click()
    await shape(viewer, "solo")
    assert await viewer.get_by_test_id("video").evaluate(SEE_FRAMES, 15) > 0
    assert joined == []
    assert problems == []


async def shape(viewer: Page, wanted: str) -> None:
    await expect(viewer.get_by_test_id("player")).to_have_attribute("data-shape", wanted, timeout=PATIENCE_MS)
