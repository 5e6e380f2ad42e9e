"""The system's Chromium for the tests that need a real browser."""

import os
import shutil

import pytest
from playwright.async_api import Frame, Page
from playwright.async_api import TimeoutError as NotWithin

PATIENCE_MS = 30_000
STEP_MS = 50

ARGUMENTS = [
    "--no-sandbox",  # tests run as root in CI
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Chromium looks for its vendor's hosts at every start; tests stay on this machine.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

AT_REST = """async () => {
  const moves = (each) => each.playState === "running" && each.effect.getComputedTiming().endTime < Infinity;
  while (document.getAnimations().some(moves)) await new Promise(requestAnimationFrame);
}"""
"""Ends when sheets and cards have come to rest: half-drawn text has no contrast. It asks anew in every frame, because the
promise `finished` of a transition that gives way to another one is sometimes never settled."""


def chromium() -> str:
    """Path of Chromium; without one the test is skipped, and on CI it fails."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    reason = "no Chromium here: `make test` installs it where it may use the package manager"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


async def holds(page: Page | Frame, expression: str, arg: object = None) -> None:
    """Wait until the page says that this is so. Playwright's `wait_for_function` asks from within the page, where the product's
    policy (CSP) lets nothing be evaluated; this asks through the debugger each time.

    Raises:
        playwright.async_api.TimeoutError: it is not so within `PATIENCE_MS`.
    """
    for _ in range(PATIENCE_MS // STEP_MS):
        if await page.evaluate(expression, arg):
            return
        await page.wait_for_timeout(STEP_MS)
    raise NotWithin(f"not within {PATIENCE_MS} ms: {expression}")
