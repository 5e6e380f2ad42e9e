"""The player in Firefox: the picture plays, the chat works both ways, a purchase is paid."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.site import Site
from tests.e2e.test_on_air import FRAMES, PATIENCE_MS, SEE_FRAMES, browser, claim, go_live, make_show, open_page
from tests.firefox import firefox_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

ONLY_VP8 = """
const prefer = RTCRtpTransceiver.prototype.setCodecPreferences;
RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
  return prefer.call(this, codecs.filter(({ mimeType }) => !/h264/i.test(mimeType)));
};
"""
"""The host sends no H264: Firefox fetches a decoder for it from its vendor at the first start, and tests stay on this machine."""

LONG_MS = 2 * PATIENCE_MS
"""Firefox' first start on a busy machine is slow."""


@pytest.mark.reference
async def test_firefox_plays_talks_and_buys(site: Site, browser: Browser, folder: Path) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await host.add_init_script(ONLY_VP8)
    await claim(host)
    show_url = await make_show(host)
    await go_live(host)
    async with firefox_page(folder, site.url) as viewer:
        await viewer.goto(show_url)
        await viewer.until("document.querySelector('[data-testid=video]')?.videoWidth > 0", LONG_MS)
        assert await viewer.evaluate(f"({SEE_FRAMES})(document.querySelector('[data-testid=video]'), {FRAMES})") > 0

        await viewer.type("chat-input", "Hello from the fox", PATIENCE_MS)
        await viewer.click("chat-send", PATIENCE_MS)
        await viewer.type("nickname", "Foxy", PATIENCE_MS)
        await viewer.click("nickname-save", PATIENCE_MS)
        await expect(host.get_by_test_id("chat-message").filter(has_text="Hello from the fox")).to_have_count(
            1, timeout=PATIENCE_MS
        )
        await host.get_by_test_id("chat-input").fill("Welcome, Foxy")
        await host.get_by_test_id("chat-send").click()
        heard = (
            "[...document.querySelectorAll('[data-testid=chat-message]')].some((each) => each.textContent.includes('Welcome'))"
        )
        await viewer.until(heard, PATIENCE_MS)

        await viewer.click("buy-MUG", PATIENCE_MS)
        await viewer.click("pay", PATIENCE_MS)
        await viewer.until("document.querySelector('[data-testid=order-status]')?.dataset.state === 'paid'", LONG_MS)
    assert site.sql("select state, payment from orders_orders") == [("confirmed", "captured")]
    assert problems == []
