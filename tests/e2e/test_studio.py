"""The control room as a host has it: the run of show by keys and by pointer, the check of the devices, and going live."""

import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from tests.browser import ARGUMENTS, chromium
from tests.e2e.control_room import open_desk
from tests.e2e.site import Site
from tests.e2e.talking import PHONE, Show, accessible, say
from tests.e2e.test_flash_sales import post
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

CLOCK = SystemClock()
GOODS = ("BOWL", "LAMP", "MUG")


async def stock(show: Show) -> None:
    """The show sells a bowl, a lamp and a mug."""
    for sku in GOODS:
        variant = {"sku": sku, "price": {"amount_minor": 3900, "currency": "EUR"}, "on_hand": 9}
        made = {"product_id": new_id("prd", CLOCK), "title": sku.title(), "variants": [variant]}
        await post(show.host, "/api/catalog/products", made)
        move = {"move_id": new_id("mov", CLOCK), "show_id": show.show_id, "sku": sku, "quantity": 5}
        await post(show.host, "/api/catalog/pools", move)
    for sku in GOODS:
        await expect(show.host.get_by_test_id(f"stock-{sku}")).to_have_attribute("data-available", "5", timeout=PATIENCE_MS)


async def run_of(page: Page, *wanted: str) -> None:
    """The steps in this order, as the page shows them."""
    rows = page.locator("ol.run-rows > li")
    await expect(rows).to_have_count(len(wanted), timeout=PATIENCE_MS)
    for at, title in enumerate(wanted):
        await expect(rows.nth(at)).to_contain_text(title, timeout=PATIENCE_MS)


async def saved(site: Site, *wanted: str) -> None:
    """The steps in this order, as the record has them once the answer is there."""
    rows = site.sql("select coalesce(sku, title) from shows_run_items order by position")
    assert rows == [(each,) for each in wanted]


async def test_the_run_is_ordered_by_keys_and_by_pointer_and_every_studio_of_the_host_sees_it(
    site: Site, browser: Browser
) -> None:
    show = Show(site, browser)
    await show.start()
    await stock(show)
    host = show.host
    await run_of(host, "Bowl", "Lamp", "Mug")

    # A segment in words, refused without a title, then placed first by keys.
    await host.get_by_test_id("run-add").click()
    await host.get_by_test_id("run-note").fill("hello everybody")
    await host.get_by_test_id("run-save").click()
    await expect(host.get_by_test_id("run-form").get_by_role("alert")).to_be_visible()
    await expect(host.get_by_test_id("run-note")).to_have_value("hello everybody")
    await host.get_by_test_id("run-title").fill("Welcome")
    await host.get_by_test_id("run-minutes").fill("3")
    await host.get_by_test_id("run-save").click()
    await run_of(host, "Bowl", "Lamp", "Mug", "Welcome")
    grip = host.locator("[data-testid^=grip-seg]")
    await grip.focus()
    for place in (3, 2, 1):
        await host.keyboard.press("Alt+ArrowUp")
        await expect(host.get_by_test_id("run-said")).to_have_text(f"Welcome: place {place} of 4")
    await run_of(host, "Welcome", "Bowl", "Lamp", "Mug")
    await expect(grip).to_be_focused()

    # Another studio of the host shows the same, and is the one that drags.
    other = await host.context.new_page()
    await other.goto(host.url)
    await run_of(other, "Welcome", "Bowl", "Lamp", "Mug")
    async with other.expect_response(lambda answer: answer.url.endswith("/run")) as put:
        await drag(other, "grip-BOWL", "item-MUG")
    assert (await put.value).status == 200
    for page in (other, host):
        await run_of(page, "Welcome", "Lamp", "Mug", "Bowl")
    await saved(site, "Welcome", "LAMP", "MUG", "BOWL")
    assert show.problems == []


async def drag(page: Page, grip: str, onto: str) -> None:
    """Take a row by its grip and let it go below the middle of another."""
    start = await page.get_by_test_id(grip).bounding_box()
    end = await page.get_by_test_id(onto).bounding_box()
    assert start
    assert end
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, end["y"] + end["height"] * 0.8, steps=8)
    await page.mouse.up()


@pytest.mark.reference
async def test_a_refused_order_comes_back_with_a_message_and_nothing_is_lost(site: Site, browser: Browser) -> None:
    show = Show(site, browser)
    await show.start()
    await stock(show)
    host = show.host
    origin = site.url

    async def meanwhile(route: Any) -> None:
        """The host's other studio is faster."""
        items = [{"item_id": sku, "sku": sku} for sku in ("MUG", "LAMP", "BOWL")]
        body = {"version": 0, "items": items}
        answer = await host.request.post(f"{origin}/api/shows/{show.show_id}/run", data=body, headers={"origin": origin})
        assert answer.ok, await answer.text()
        await route.continue_()

    await host.route("**/run", meanwhile, times=1)
    await host.get_by_test_id("grip-BOWL").focus()
    await host.keyboard.press("Alt+ArrowDown")
    await expect(host.get_by_test_id("tray").get_by_test_id("error")).to_contain_text("changed elsewhere", timeout=PATIENCE_MS)
    await run_of(host, "Mug", "Lamp", "Bowl")
    await saved(site, "MUG", "LAMP", "BOWL")
    assert show.problems == []


@pytest.mark.reference
async def test_next_pins_the_next_product_for_viewers_and_unpins_the_one_before(site: Site, browser: Browser) -> None:
    show = Show(site, browser)
    await show.start()
    await stock(show)
    host = show.host
    viewer = await show.visit(f"/watch/{show.show_id}", viewport=PHONE)
    await host.get_by_test_id("pin-MUG").click()
    await expect(viewer.get_by_test_id("pin-MUG")).to_be_visible(timeout=PATIENCE_MS)

    await host.get_by_test_id("run-next").click()
    await expect(host.get_by_test_id("item-BOWL")).to_have_attribute("data-current", "true", timeout=PATIENCE_MS)
    await expect(viewer.get_by_test_id("pin-BOWL")).to_be_visible(timeout=PATIENCE_MS)
    await host.locator("body").press("n")  # the same by a key
    await expect(host.get_by_test_id("item-LAMP")).to_have_attribute("data-current", "true", timeout=PATIENCE_MS)
    await expect(viewer.get_by_test_id("pin-LAMP")).to_be_visible(timeout=PATIENCE_MS)
    await expect(viewer.get_by_test_id("pin-BOWL")).to_have_count(0, timeout=PATIENCE_MS)
    await expect(viewer.get_by_test_id("pin-MUG")).to_have_count(1)  # what the host pinned by hand stays

    # Keys mean nothing while typing.
    await say(host, "now for the next one, please")
    await expect(host.get_by_test_id("item-LAMP")).to_have_attribute("data-current", "true")
    await host.get_by_test_id("chat-input").blur()
    await host.get_by_test_id("unpin-LAMP").wait_for()  # the key takes away what the host sees
    await host.locator("body").press("p")
    await expect(viewer.get_by_test_id("pin-LAMP")).to_have_count(0, timeout=PATIENCE_MS)
    await host.locator("body").press("?")
    await expect(host.get_by_test_id("shortcuts-sheet")).to_be_visible()
    await accessible(host)
    await host.keyboard.press("Escape")

    # From the row's menu to the form of a flash sale, filled in.
    await host.get_by_test_id("run-menu-MUG").click()
    await host.get_by_test_id("run-flash").click()
    await expect(host.get_by_test_id("flash-sku-0")).to_have_value("MUG")
    await expect(host.get_by_test_id("flash-price-0")).to_have_value("31.20")
    await expect(host.get_by_test_id("flash-units-0")).to_have_value("5")
    assert show.problems == []


@pytest.mark.reference
async def test_the_control_room_fits_one_screen_and_a_phone_and_everybody(site: Site, browser: Browser) -> None:
    show = Show(site, browser)
    await show.start()
    await stock(show)
    cookies = await show.host.context.storage_state()
    sizes: tuple[Any, ...] = ({"width": 1280, "height": 800}, PHONE)
    for size in sizes:
        page = await show.visit(f"/studio/?show={show.show_id}", viewport=size, storage_state=cookies)
        await page.get_by_test_id("item-MUG").wait_for()
        for desk in (
            "flash",
            "auctions",
            "giveaways",
            "polls",
            "coupons",
            "guests",
            "orders",
            "stock",
            "moderation",
            "links",
            "run",
        ):
            await open_desk(page, desk)
            await expect(page.get_by_test_id(f"desk-page-{desk}")).to_be_visible()
            await accessible(page)
            overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, (size, desk)
        if size != PHONE:
            # A height in fractions of a pixel may be rounded up.
            assert await page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 1
        await expect(page.get_by_test_id("number-left")).to_have_text("15", timeout=PATIENCE_MS)
    assert show.problems == []


@asynccontextmanager
async def with_devices(site: Site, *arguments: str) -> AsyncIterator[tuple[Page, list[str]]]:
    """A host in the room of a show that has not begun, in a browser with these devices, with the check open."""
    problems: list[str] = []
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=list(arguments))
        page = await launched.new_page(locale="en-GB")
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: problems.append(f"{error}"))
        await page.goto(f"{site.url}/studio/?key={site.key}")
        await claim(page)
        await page.get_by_test_id("show-title").fill("Mugs by hand")
        await page.get_by_test_id("show-create").click()
        await page.get_by_test_id("device-check-open").click()
        yield page, problems
        await launched.close()


async def test_the_check_tells_what_camera_microphone_and_line_deliver_and_the_countdown_can_be_called_off(site: Site) -> None:
    async with with_devices(site, *ARGUMENTS) as (host, problems):
        await expect(host.get_by_test_id("check-camera")).to_have_attribute("data-state", "ok", timeout=PATIENCE_MS)
        await expect(host.get_by_test_id("check-camera")).to_contain_text("720 × 1280")
        await expect(host.get_by_test_id("check-sound")).to_have_attribute("data-state", "heard", timeout=PATIENCE_MS)
        await expect(host.get_by_test_id("check-path")).to_have_attribute("data-state", "udp", timeout=PATIENCE_MS)
        assert site.sql("select on_air from shows_shows") == [(0,)], "nobody saw anything of the check"
        await accessible(host)
        await host.get_by_test_id("check-done").click()

        await host.get_by_test_id("go-live").click()
        await expect(host.get_by_test_id("count-down-left")).to_have_text("2", timeout=PATIENCE_MS)
        await host.get_by_test_id("count-down-cancel").click()
        await expect(host.get_by_test_id("count-down")).to_have_count(0)
        await expect(host.get_by_test_id("go-live")).to_be_enabled()
        assert site.sql("select state from shows_shows") == [("scheduled",)]
        await host.get_by_test_id("go-live").click()
        await host.keyboard.press("Escape")
        await expect(host.get_by_test_id("count-down")).to_have_count(0)
        assert site.sql("select state from shows_shows") == [("scheduled",)]

        await host.get_by_test_id("go-live").click()
        await expect(host.get_by_test_id("broadcast")).to_have_attribute("data-on-air", "true", timeout=PATIENCE_MS)
        assert site.sql("select state from shows_shows") == [("live",)]
        assert problems == []


@pytest.mark.reference
async def test_a_silent_microphone_is_noticed(site: Site, folder: Path) -> None:
    silence = folder / "silence.wav"
    with wave.open(str(silence), "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(48_000)
        made.writeframes(bytes(2 * 48_000))
    async with with_devices(site, *ARGUMENTS, f"--use-file-for-fake-audio-capture={silence}") as (host, problems):
        await expect(host.get_by_test_id("check-sound")).to_have_attribute("data-state", "silent", timeout=PATIENCE_MS)
        await host.get_by_test_id("check-done").click()
        await expect(host.get_by_test_id("not-heard")).to_be_visible()
        await host.get_by_test_id("toggle-microphone").click()
        await expect(host.get_by_test_id("not-heard")).to_have_count(0)  # who is muted knows why
        assert problems == []


@pytest.mark.reference
async def test_a_refused_camera_says_what_to_do(site: Site) -> None:
    arguments = [each for each in ARGUMENTS if each != "--use-fake-ui-for-media-stream"]
    async with with_devices(site, *arguments, "--deny-permission-prompts") as (host, problems):
        await expect(host.get_by_test_id("check-camera")).to_have_attribute("data-state", "camera_refused", timeout=PATIENCE_MS)
        await expect(host.get_by_test_id("check-camera")).to_contain_text("address bar")
        await expect(host.get_by_test_id("check-again")).to_be_visible()
        await host.get_by_test_id("check-done").click()
        await expect(host.get_by_test_id("go-live")).to_be_disabled()
        assert problems == []


@pytest.mark.reference
async def test_a_new_shop_is_led_from_its_first_product_to_the_camera(site: Site) -> None:
    problems: list[str] = []
    async with async_playwright() as playwright:
        asks = [each for each in ARGUMENTS if each != "--use-fake-ui-for-media-stream"]
        launched = await playwright.chromium.launch(executable_path=chromium(), args=asks)
        page = await open_page(launched, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
        await claim(page)
        set_up = page.get_by_test_id("set-up")
        await expect(set_up).to_have_attribute("data-step", "product", timeout=PATIENCE_MS)
        await accessible(page)
        for name, value in (("title", "Mug"), ("sku", "MUG"), ("price", "19.90"), ("stock", "5")):
            await page.get_by_test_id(f"product-{name}").fill(value)
        await page.get_by_test_id("product-create").click()
        await expect(set_up).to_have_attribute("data-step", "show", timeout=PATIENCE_MS)
        await page.reload()  # it goes on where it was
        await expect(set_up).to_have_attribute("data-step", "show", timeout=PATIENCE_MS)
        await page.get_by_test_id("set-up-skip").click()
        await expect(set_up).to_have_count(0)
        await page.get_by_test_id("show-title").fill("Mugs by hand")
        await page.get_by_test_id("show-create").click()
        await page.get_by_test_id("room-title").wait_for()

        await page.goto(f"{site.url}/studio/")
        await expect(set_up).to_have_attribute("data-step", "camera", timeout=PATIENCE_MS)
        await page.context.grant_permissions(["camera", "microphone"])
        await page.get_by_test_id("set-up-to-camera").click()
        await expect(page.get_by_test_id("check-camera")).to_have_attribute("data-state", "ok", timeout=PATIENCE_MS)
        await page.goto(f"{site.url}/studio/")
        await page.locator("[data-testid^=open-shw]").wait_for()
        await page.wait_for_load_state("networkidle")
        await expect(set_up).to_have_count(0)
        assert problems == []
        await launched.close()
