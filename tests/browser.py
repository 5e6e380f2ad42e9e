"""The system's Chromium for the tests that need a real browser."""

import os
import shutil

import pytest

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


def chromium() -> str:
    """Path of Chromium; without one the test is skipped, and on CI it fails."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    reason = "no Chromium here: `make test` installs it where it may use the package manager"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
