"""What a viewer's player does beside playing: early, over new paths, with its quality told; and what the studio sends."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.site import Site
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, go_live, make_show, open_page, watch

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

FIRST_VIDEO = """new MutationObserver((_, observer) => {
  const video = document.querySelector("video");
  if (!video) return;
  window.firstVideo = video;
  observer.disconnect();
}).observe(document, {childList: true, subtree: true});"""

BEGAN = (
    """(part) => performance.getEntriesByType("resource").find(({name}) => new URL(name).pathname.startsWith(part)).startTime"""
)

LINES = "(video) => Math.min(video.videoWidth, video.videoHeight)"


async def test_a_viewer_sees_early_and_keeps_the_picture_in_another_network(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    offers: list[str] = []
    host.on("request", lambda request: offers.append(request.post_data or "") if "/whip/" in request.url else None)
    await go_live(host)
    assert "a=simulcast:send l;m;h" in offers[0]
    graded = ("good", "fair", "poor")
    await until_one_of(host, "uplink", "data-grade", graded)

    context = await browser.new_context(locale="ru-RU", viewport={"width": 390, "height": 844})
    await context.add_init_script(FIRST_VIDEO)
    viewer = await context.new_page()
    viewer.set_default_timeout(PATIENCE_MS)
    viewer.on("pageerror", lambda error: problems.append(f"{error}"))
    await viewer.goto(show_url)
    await watch(viewer)
    video = viewer.get_by_test_id("video")
    assert await video.evaluate("(video) => video === window.firstVideo"), "the page took the document's own element over"
    # The show is on its way before any script runs, by a line in the page's head; of what scripts ask for, the picture is first.
    assert await viewer.evaluate(BEGAN, "/whep/") < await viewer.evaluate(BEGAN, "/api/auth/"), "the picture is asked for first"
    assert await viewer.evaluate(BEGAN, "/api/shows/") < await viewer.evaluate(BEGAN, "/whep/"), "and the show before that"
    await expect(viewer.get_by_test_id("player")).to_have_attribute("data-shape", "solo")

    await tell_quality(viewer, graded)
    await change_network(viewer, show_url)
    await video_reaches(viewer, 720)
    await viewer.get_by_test_id("sound").click()
    await expect(viewer.get_by_test_id("mute")).to_be_visible()
    assert not await video.evaluate("(video) => video.muted || video.paused")

    await host.get_by_test_id("end-show").click()
    await host.get_by_test_id("end-show-sure").click()
    await expect(viewer.get_by_test_id("stage-state")).to_have_attribute("data-state", "ended", timeout=PATIENCE_MS)
    assert problems == []
    await context.close()


async def tell_quality(viewer: Page, graded: tuple[str, ...]) -> None:
    """The dot has a colour and a text, and its sheet says what the connection carries."""
    await until_one_of(viewer, "quality", "data-grade", graded)
    assert "Связь" in (await viewer.get_by_test_id("quality").get_attribute("aria-label") or "")
    await viewer.get_by_test_id("quality").click()
    await expect(viewer.get_by_test_id("quality-sheet")).to_contain_text("Мбит/с")
    await viewer.get_by_test_id("quality-sheet").get_by_test_id("close").click()
    await expect(viewer.get_by_test_id("quality-sheet")).to_have_count(0)


async def change_network(viewer: Page, show_url: str) -> None:
    """The browser says that the network is another one: the same session goes on, by an ICE restart."""
    show_id = show_url.rpartition("/")[2]
    joined: list[str] = []
    viewer.on(
        "request", lambda request: joined.append(request.url) if request.method == "POST" and "/whep/" in request.url else None
    )
    async with viewer.expect_response(lambda response: response.request.method == "PATCH") as patched:
        await viewer.evaluate("() => window.dispatchEvent(new Event('online'))")
    response = await patched.value
    assert f"/whep/{show_id}/" in response.url
    assert response.status == 200
    await watch(viewer)
    assert [url for url in joined if url.endswith(show_id)] == []


async def video_reaches(viewer: Page, lines: int) -> None:
    """The picture has its full size: also a server that takes one encoding of three gets the large one. The host's browser
    encodes three sizes without a graphics card, and leaves the large one out while another test has the processor."""
    async with asyncio.timeout(4 * PATIENCE_MS / 1000):
        while await viewer.get_by_test_id("video").evaluate(LINES) < lines:  # noqa: ASYNC110 - the page's state, not ours
            await asyncio.sleep(0.1)


async def until_one_of(page: Page, testid: str, attribute: str, values: tuple[str, ...]) -> None:
    """Wait until the attribute has one of these values."""
    selector = ", ".join(f'[data-testid="{testid}"][{attribute}="{value}"]' for value in values)
    await page.locator(selector).wait_for(timeout=PATIENCE_MS)
