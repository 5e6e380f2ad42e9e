"""The system's Chromium for the measurements that need a decoder and a screen."""

import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from loadtests.media.relay import NotMeasured, Relay

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # load tests may run as root in a container
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Two pages are open, and neither may be taken for one that nobody looks at.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    # Chromium looks for its vendor's hosts at every start; load tests stay on this machine.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FIRST_FRAME_MS = 15_000
"""A player that shows nothing for so long is a failed measurement, not a slow one."""


@contextlib.asynccontextmanager
async def launched() -> AsyncIterator["Browser"]:
    """A headless browser for the block.

    Raises:
        NotMeasured: there is none, or it does not start.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise NotMeasured("no Chromium here: `make load` installs it where it may use the package manager")
    try:
        from playwright.async_api import async_playwright
    except ModuleNotFoundError:
        raise NotMeasured("the package playwright is not installed; `make load` installs it") from None
    async with async_playwright() as playwright:
        with _its_failures():
            browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@contextlib.contextmanager
def _its_failures() -> Iterator[None]:
    """A browser that fails, or a page that throws, is a figure that could not be had."""
    from playwright.async_api import Error

    try:
        yield
    except Error as error:
        raise NotMeasured(f"the browser: {str(error).splitlines()[0]}") from error


@contextlib.asynccontextmanager
async def page(browser: "Browser", relay: Relay) -> AsyncIterator["Page"]:
    """A page of the relay's origin with the functions of `page.js`, for the block.

    Raises:
        NotMeasured: something in it failed.
    """
    with _its_failures():
        opened = await browser.new_page(viewport={"width": 800, "height": 600})
        await opened.goto(relay.url)
        yield opened
        await opened.close()


async def play(opened: "Page", url: str, port: int | None = None, headers: Mapping[str, str] | None = None) -> float:
    """Start the player and wait for its first picture; when its request left, Unix ms. `port` as in `Client.connect`; `headers`
    are what the web role would say of the caller."""
    options = {"url": url, "port": port, "headers": dict(headers or {}), "deadlineMs": FIRST_FRAME_MS}
    answer: dict[str, float] = await opened.evaluate("play", options)
    return answer["postedMs"]


class Frame(NamedTuple):
    """A picture of a player: Unix ms when it was decoded and handed to the screen, and when it can be seen there (one or two
    refreshes later); the number in it, -1 when that cannot be read."""

    presented_ms: float
    seen_ms: float
    number: int


async def shown(opened: "Page") -> tuple[list[Frame], dict[str, float]]:
    """What the player has presented so far, and the receiver's statistics."""
    answer: dict[str, Any] = await opened.evaluate("shown()")
    return [Frame(*item) for item in answer["frames"]], answer["stats"]
