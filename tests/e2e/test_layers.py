"""A viewer chooses the size of the picture: three encodings of the studio, one menu in the player."""

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.site import Site
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, go_live, make_show, open_page, watch

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

LINES = "(video) => Math.min(video.videoWidth, video.videoHeight)"


@pytest.mark.reference
async def test_a_viewer_takes_the_smallest_picture_and_leaves_the_choice_to_the_server_again(
    site: Site, browser: Browser
) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    await go_live(host)
    viewer = await open_page(browser, show_url, problems, locale="en-GB", viewport={"width": 390, "height": 844})
    await watch(viewer)

    await viewer.get_by_test_id("quality").click()
    for layer in ("auto", "h", "m", "l"):
        await expect(viewer.get_by_test_id(f"layer-{layer}")).to_have_count(1, timeout=PATIENCE_MS)
    await expect(viewer.get_by_test_id("layer-auto")).to_be_checked()
    await choose(viewer, "l", lambda lines: lines == 180)
    await choose(viewer, "h", lambda lines: lines == 720)
    await choose(viewer, "auto", lambda lines: lines == 720)
    assert problems == []


async def choose(viewer: Page, layer: str, reached: Callable[[int], bool]) -> None:
    """Press the radio button and wait for the picture's size, which changes at a key frame."""
    async with viewer.expect_response(lambda response: response.url.endswith("/layer")) as answered:
        await viewer.get_by_test_id(f"layer-{layer}").check()
    assert (await answered.value).status == 200
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not reached(await viewer.get_by_test_id("video").evaluate(LINES)):  # noqa: ASYNC110 - the page's state, not ours
            await asyncio.sleep(0.1)
    await expect(viewer.get_by_test_id(f"layer-{layer}")).to_be_checked()
