"""The start page finds shows by words and tags, shows the one on air moving, and follows its host."""

import pytest
from playwright.async_api import Browser, Page, expect

from server.kernel.ids import new_id
from tests.e2e.shopper import CLOCK, Client, open_shop
from tests.e2e.site import Site
from tests.e2e.test_on_air import PATIENCE_MS, browser, claim, go_live, make_show, open_page

__all__ = ["browser"]

pytestmark = pytest.mark.e2e

DAY_MS = 86_400_000


async def announce(owner: Client, title: str, tags: list[str], days: int) -> str:
    """A show that begins in so many days."""
    show_id = new_id("shw", CLOCK)
    body = {"show_id": show_id, "title": title, "tags": tags, "scheduled_at_ms": CLOCK.now_ms() + days * DAY_MS}
    await owner.must("POST", "/api/shows", body)
    return show_id


async def listed(page: Page, wanted: list[str], others: list[str]) -> None:
    """These shows are on the page, those are not."""
    for show_id in wanted:
        await expect(page.get_by_test_id(f"show-{show_id}")).to_be_visible(timeout=PATIENCE_MS)
    for show_id in others:
        await expect(page.get_by_test_id(f"show-{show_id}")).to_have_count(0)


async def test_shows_are_found_by_words_and_tags_and_their_host_is_followed(site: Site, browser: Browser) -> None:
    problems = list[str]()
    owner, mugs = await open_shop(site.url, site.key, 5)
    try:
        scarves = await announce(owner, "Шарфы из мериноса", ["wool", "winter"], 2)
        kettles = await announce(owner, "Kettles and pots", ["tea"], 1)
        page = await open_page(browser, site.url, problems, locale="en-GB", viewport={"width": 390, "height": 844})
        await listed(page, [mugs, scarves, kettles], [])
        await expect(page.get_by_test_id("hero-watch")).to_have_attribute("href", f"/watch/{mugs}")
        # The soonest comes first.
        links = page.get_by_test_id("section-next").locator("a[href^='/watch/']")
        assert [await link.get_attribute("href") for link in await links.all()] == [f"/watch/{kettles}", f"/watch/{scarves}"]

        search = page.get_by_test_id("search")
        await search.fill("ШАРФ")
        await listed(page, [scarves], [mugs, kettles])
        await search.fill("nothing of the kind")
        await expect(page.get_by_test_id("nothing-found")).to_be_visible()
        await search.fill("")
        await page.get_by_test_id("tag-tea").click()
        await listed(page, [kettles], [mugs, scarves])
        await page.get_by_test_id("tag-tea").click()
        await listed(page, [mugs, scarves, kettles], [])

        [(host_id,)] = site.sql("select distinct host_id from shows_shows")
        follow = page.get_by_test_id(f"follow-{host_id}")
        await follow.click()
        await expect(follow).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
        assert site.sql("select host_id from notifications_follows") == [(host_id,)]
        await page.reload()
        await expect(follow).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
        await follow.click()
        await expect(follow).to_have_attribute("aria-pressed", "false", timeout=PATIENCE_MS)
        assert site.sql("select count(*) from notifications_follows") == [(0,)]
    finally:
        await owner.close()
    assert problems == []


@pytest.mark.reference
async def test_what_is_on_air_moves_on_a_wide_screen_and_stays_still_for_who_wants_calm(site: Site, browser: Browser) -> None:
    problems = list[str]()
    host = await open_page(browser, f"{site.url}/studio/?key={site.key}", problems, locale="en-GB")
    await claim(host)
    await make_show(host)
    await go_live(host)
    wide = {"width": 1280, "height": 800}
    page = await open_page(browser, site.url, problems, locale="en-GB", viewport=wide)
    await expect(page.get_by_test_id("hero-video")).to_have_attribute("data-moving", "true", timeout=PATIENCE_MS)
    calm = await open_page(browser, site.url, problems, locale="en-GB", viewport=wide, reduced_motion="reduce")
    await expect(calm.get_by_test_id("hero-watch")).to_be_visible(timeout=PATIENCE_MS)
    await expect(calm.get_by_test_id("hero-video")).to_have_count(0)
    assert problems == []
