"""What can go wrong on a person's side, in a real browser: camera, network, codec, link. The page says so, and what to do."""

import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import cast

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, StorageState, ViewportSize, async_playwright, expect

from schemas.errors import STREAM_FULL
from server.http.problem import problem_response
from server.kernel.ids import new_id
from tests.browser import ARGUMENTS, chromium
from tests.e2e.shopper import CLOCK, Client, enter, open_shop, order_body, pool_ready
from tests.e2e.site import Site, until
from tests.e2e.talking import PHONE, accessible
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, go_live, make_show, open_page, say_hello, watch

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

FAKE_CAMERA, FAKE_CONSENT = "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"
BUSY = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('in use', 'NotReadableError'));"
"""Another program has the camera: no program can be made to take a fake one."""
NO_MICROPHONE = """const all = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
navigator.mediaDevices.enumerateDevices = async () => (await all()).filter(({ kind }) => kind !== "audioinput");"""
NO_WEBRTC = "delete window.RTCPeerConnection;"
NOBODY_THERE = "127.0.0.9"
"""An address of this machine where nothing listens: packets to it are refused, as by a strict firewall."""
OFFLINE_MS = 10_000
SESSIONS = re.compile(r"/whep/shw_[0-9a-f]+(/[^/]+)?$")
"""Offers and restarts of paths, without what is told beside the media."""
BLOCKED_MS = 60_000
"""Two sessions come to nothing before the network is named as the reason."""


@contextlib.asynccontextmanager
async def chromium_with(arguments: Sequence[str]) -> AsyncIterator[Browser]:
    """A browser that is set up in another way."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=list(arguments))
        yield launched
        await launched.close()


async def invite(owner: Client, show_id: str, label: str) -> tuple[str, str]:
    """The id of a new invitation, and its link."""
    made = await owner.must(
        "POST", "/api/guests/invites", {"invite_id": new_id("inv", CLOCK), "show_id": show_id, "label": label, "max_uses": 9}
    )
    return made["invite"]["invite_id"], "/guest/#" + made["link"].partition("#")[2]


async def studio(launched: Browser, url: str, owner: Client, show_id: str, trouble: "Trouble") -> Page:
    """The host's control room."""
    cookies = [{"name": each.name, "value": each.value or "", "url": url} for each in owner.http.cookies.jar]
    context = await launched.new_context(locale="ru-RU", storage_state=cast(StorageState, {"cookies": cookies}))
    return await opened(context, f"{url}/studio/?show={show_id}", trouble)


async def opened(context: BrowserContext, address: str, trouble: "Trouble") -> Page:
    """A page where something is wrong."""
    if trouble.script:
        await context.add_init_script(trouble.script)
    if trouble.granted:
        await context.grant_permissions(["camera", "microphone"])
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(address)
    return page


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a browser, and the words for it."""

    says: str
    without: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    script: str = ""
    host: str = "127.0.0.1"
    granted: bool = False


TROUBLES = (
    Trouble("Браузеру нельзя использовать камеру", without=(FAKE_CONSENT,)),
    Trouble("камера или микрофон не найдены", without=(FAKE_CONSENT, FAKE_CAMERA), granted=True),
    Trouble("Камера занята другой программой", script=BUSY),
    Trouble("только по https", more=("--host-resolver-rules=MAP shop.test 127.0.0.1",), host="shop.test"),
    Trouble("Этот браузер не умеет", script=NO_WEBRTC),
    Trouble("Микрофона нет", script=NO_MICROPHONE),
)


@pytest.mark.reference
async def test_host_and_guest_are_told_what_is_wrong_with_the_camera(site: Site) -> None:
    owner, show_id = await open_shop(site.url, site.key, 1)
    _, link = await invite(owner, show_id, "Ivan")
    for trouble in TROUBLES:
        url = site.url.replace("127.0.0.1", trouble.host)
        async with chromium_with([each for each in ARGUMENTS if each not in trouble.without] + list(trouble.more)) as launched:
            page = await studio(launched, url, owner, show_id, trouble)
            await page.get_by_test_id("camera-on").click()
            await expect(page.get_by_test_id("stage").get_by_role("alert")).to_contain_text(trouble.says, timeout=PATIENCE_MS)
            await accessible(page)

            context = await launched.new_context(locale="ru-RU", viewport=cast(ViewportSize, PHONE))
            guest = await opened(context, url + link, trouble)
            await guest.get_by_test_id("guest-accept").click()
            await guest.get_by_test_id("camera-on").click()
            await expect(guest.get_by_role("alert")).to_contain_text(trouble.says, timeout=PATIENCE_MS)
            await accessible(guest)
            if trouble.script != NO_MICROPHONE:
                await expect(guest.get_by_test_id("guest-join")).to_be_disabled()
    await owner.close()


@pytest.mark.reference
async def test_an_invitation_that_leads_nowhere_says_why(site: Site, browser: Browser) -> None:
    owner, show_id = await open_shop(site.url, site.key, 1)
    problems: list[str] = []
    for why in ("invite_expired", "invite_revoked", "invite_unknown", "show_ended"):
        invite_id, link = await invite(owner, show_id, "Ivan")
        if why == "invite_expired":
            with sqlite3.connect(site.folder / "data" / "efir.sqlite3", timeout=10) as connection:
                connection.execute("update guests_invites set expires_at_ms = 1")
        elif why == "invite_revoked":
            await owner.must("POST", f"/api/guests/invites/{invite_id}/revoke")
        elif why == "invite_unknown":
            link = f"{link[:-3]}AAA"
        else:
            await owner.must("POST", f"/api/shows/{show_id}/end")
        page = await open_page(browser, site.url + link, problems, locale="en-GB", viewport=PHONE)
        await expect(page.get_by_test_id("guest-over")).to_have_attribute("data-why", why, timeout=PATIENCE_MS)
        await accessible(page)
    assert problems == []
    await owner.close()


async def test_an_address_where_nothing_is_says_so_in_the_readers_language(site: Site, browser: Browser) -> None:
    for locale, text in (("ru-RU", "Здесь ничего нет"), ("en-GB", "There is nothing here")):
        problems: list[str] = []
        page = await open_page(browser, site.url, problems, locale=locale, viewport=PHONE)
        response = await page.goto(f"{site.url}/nothing/of/it")
        assert response is not None
        assert response.status == 404
        await expect(page.get_by_role("heading", level=1)).to_have_text(text, timeout=PATIENCE_MS)
        await accessible(page)
        await page.get_by_test_id("problem-home").click()
        await page.wait_for_url(f"{site.url}/")
        assert problems == []


@pytest.mark.reference
async def test_what_keeps_the_picture_away_is_named_and_the_rest_works(site: Site, browser: Browser) -> None:
    problems: list[str] = []
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    show_url = await make_show(host)
    await go_live(host)

    await udp_is_blocked(browser, show_url)
    await everything_is_blocked(browser, show_url)
    for change, state, text in (
        (no_common_codec, "failed", "share no video format"),
        (no_room, "full", "The show is full"),
        (None, "failed", "cannot play or send live video"),
    ):
        viewer = await a_viewer(browser, "" if change else NO_WEBRTC)
        if change:
            await viewer.route(re.compile("/whep/shw_[0-9a-f]+$"), change)
        await viewer.goto(show_url)
        await stage_says(viewer, state, text)
        await say_hello(viewer, host, f"no picture: {state} {text}")
        await accessible(viewer)
        await viewer.context.close()

    viewer = await a_viewer(browser)
    await viewer.goto(f"{site.url}/watch/shw_{'0' * 32}")
    await expect(viewer.get_by_test_id("missing")).to_be_visible(timeout=PATIENCE_MS)
    await host.get_by_test_id("end-show").click()
    await host.get_by_test_id("end-show-sure").click()
    await viewer.goto(show_url)
    await stage_says(viewer, "ended", "The show is over")
    assert problems == []


async def a_viewer(launched: Browser, script: str = "") -> Page:
    """Somebody with a phone."""
    context = await launched.new_context(locale="en-GB", viewport=cast(ViewportSize, PHONE))
    if script:
        await context.add_init_script(script)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


async def stage_says(viewer: Page, state: str, text: str, patience_ms: int = PATIENCE_MS) -> None:
    stage = viewer.get_by_test_id("stage-state")
    await expect(stage).to_have_attribute("data-state", state, timeout=patience_ms)
    await expect(stage).to_contain_text(text)


async def udp_is_blocked(launched: Browser, show_url: str) -> None:
    """The picture comes over TCP, and nothing needs to be said."""
    viewer = await a_viewer(launched)
    await viewer.route(SESSIONS, lambda route: unreachable(route, "udp"))
    await viewer.goto(show_url)
    await watch(viewer)
    await viewer.context.close()


async def everything_is_blocked(launched: Browser, show_url: str) -> None:
    """The network is named as the reason; once it lets media through, the picture comes by itself."""
    viewer = await a_viewer(launched)
    await viewer.route(SESSIONS, lambda route: unreachable(route, "udp|tcp"))
    await viewer.goto(show_url)
    await stage_says(viewer, "blocked", "This network lets no live video through", BLOCKED_MS)
    await accessible(viewer)
    await viewer.unroute_all(behavior="wait")
    await watch(viewer)
    await viewer.context.close()


async def unreachable(route: Route, transports: str) -> None:
    """The server's candidates of these transports lead to where nobody is."""
    response = await route.fetch()
    answer = re.sub(rf"(?mi)^(a=candidate:\S+ \d+ (?:{transports}) \d+) \S+ ", rf"\1 {NOBODY_THERE} ", await response.text())
    await route.fulfill(response=response, body=answer)


async def no_common_codec(route: Route) -> None:
    """A browser that can play nothing of what is sent."""
    await route.continue_(post_data=(route.request.post_data or "").replace("VP8/", "XX8/").replace("H264/", "XX4/"))


async def no_room(route: Route) -> None:
    """The answer of a media node whose places are all taken; a thousand viewers are too many for a test."""
    response = problem_response(STREAM_FULL)
    await route.fulfill(status=response.status_code, headers=dict(response.headers), body=bytes(response.body))


async def test_ten_seconds_without_a_network_lose_nothing(site: Site, browser: Browser) -> None:
    """What was said and sold meanwhile is there once, and what the viewer says then arrives."""
    owner, show_id = await open_shop(site.url, site.key, 5)
    boris = await enter(site.url, "Boris")
    await pool_ready(boris, show_id, 5)
    await owner.must("POST", f"/api/shows/{show_id}/pin", {"sku": "MUG"})
    problems: list[str] = []
    viewer = await open_page(browser, f"{site.url}/watch/{show_id}", problems, locale="en-GB", viewport=PHONE)
    other = await open_page(browser, f"{site.url}/watch/{show_id}", problems, locale="ru-RU")
    await say_hello(viewer, other, "before")
    await say_hello(other, viewer, "also before")

    network = await viewer.context.new_cdp_session(viewer)
    nothing = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    await network.send("Network.enable")
    await network.send("Network.emulateNetworkConditions", {"offline": True, **nothing})
    gone_ms = CLOCK.monotonic_ms()
    for number in range(3):
        await other.get_by_test_id("chat-input").fill(f"meanwhile {number}")
        await other.get_by_test_id("chat-send").click()
        await expect(other.get_by_test_id("chat-message").filter(has_text=f"meanwhile {number}")).to_have_count(1)
    await boris.must("POST", "/api/orders", order_body(show_id))
    await until(lambda: CLOCK.monotonic_ms() - gone_ms >= OFFLINE_MS, 2 * OFFLINE_MS)
    await network.send("Network.emulateNetworkConditions", {"offline": False, **nothing})

    for number in range(3):
        line = viewer.get_by_test_id("chat-message").filter(has_text=f"meanwhile {number}")
        await expect(line).to_have_count(1, timeout=PATIENCE_MS)
    await expect(viewer.get_by_test_id("stock-MUG").first).to_have_attribute("data-available", "4", timeout=PATIENCE_MS)
    await expect(viewer.get_by_test_id("connection")).to_have_count(0, timeout=PATIENCE_MS)
    await viewer.get_by_test_id("chat-input").fill("after")
    await viewer.get_by_test_id("chat-send").click()
    await expect(other.get_by_test_id("chat-message").filter(has_text="after")).to_have_count(1, timeout=PATIENCE_MS)
    assert problems == []
    for client in (owner, boris):
        await client.close()
