"""People who talk in a show: a host in the studio and viewers in the player, each in a browser of their own."""

from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser import AT_REST
from tests.e2e.site import ROOT, Site
from tests.e2e.test_on_air import PATIENCE_MS, claim, open_page

PHONE = {"width": 390, "height": 844}
AXE = (ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text()
SERIOUS = ("serious", "critical")


class Show:
    """A live show with a host in the studio; `problems` collects what goes wrong in anybody's page."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site = site
        self.browser = browser
        self.problems: list[str] = []
        self.show_id = ""
        self.host: Page

    async def start(self) -> None:
        """An owner with a show that has begun; talking needs no picture."""
        self.host = await self.visit(f"/studio/?key={self.site.key}")
        await claim(self.host)
        await self.host.get_by_test_id("show-title").fill("Friday ceramics")
        await self.host.get_by_test_id("show-create").click()
        await self.host.get_by_test_id("room-title").wait_for()
        self.show_id = self.host.url.rpartition("show=")[2]
        url = f"{self.site.url}/api/shows/{self.show_id}/start"
        assert (await self.host.request.post(url, headers={"origin": self.site.url})).ok

    async def visit(self, path: str, **options: Any) -> Page:
        """A new person's page."""
        return await open_page(self.browser, self.site.url + path, self.problems, **{"locale": "en-GB", **options})

    async def viewer(self, name: str, **options: Any) -> Page:
        """A viewer who has said hello under a name."""
        page = await self.visit(f"/watch/{self.show_id}", **options)
        await say(page, f"{name} is here")
        await page.get_by_test_id("nickname").fill(name)
        await page.get_by_test_id("nickname-save").click()
        await expect(line(page, f"{name} is here")).to_have_count(1, timeout=PATIENCE_MS)
        return page


async def say(page: Page, text: str) -> None:
    """Type and send."""
    await page.get_by_test_id("chat-input").fill(text)
    await page.get_by_test_id("chat-send").click()


def line(page: Page, text: str) -> Locator:
    """The chat line with this text."""
    return page.get_by_test_id("chat-message").filter(has_text=text)


async def sees(page: Page, text: str, count: int = 1) -> None:
    """The chat shows this line so many times."""
    await expect(line(page, text)).to_have_count(count, timeout=PATIENCE_MS)


async def moderate(page: Page, text: str, action: str) -> None:
    """Do this about the message with this text, in the menu beside it."""
    await line(page, text).hover()
    await line(page, text).get_by_test_id("chat-menu").click()
    await page.get_by_test_id(f"menu-{action}").click()
    await expect(page.get_by_test_id("message-menu")).to_have_count(0, timeout=PATIENCE_MS)


async def accessible(page: Page) -> None:
    """axe-core finds nothing serious."""
    assert await serious_findings(page) == []


async def serious_findings(page: Page, only: str = "") -> list[tuple[str, list[str]]]:
    """What axe-core finds, as rule and elements; by one rule `only` or by all. Its script goes through the debugger, which
    the policy of the page does not reach."""
    await page.evaluate(AT_REST)
    await page.evaluate(AXE)
    options = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
    found = await page.evaluate("(options) => axe.run(options).then(({violations}) => violations)", options)
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found if each["impact"] in SERIOUS]
