"""A running site for the tests of this folder."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.site import Site


@pytest.fixture
async def folder() -> AsyncIterator[Path]:
    """A short path: a unix socket's path has at most 107 bytes (unix(7)), which pytest's own folders exceed."""
    path = Path(tempfile.mkdtemp(prefix="efir-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    """An empty shop, on air."""
    running = Site(folder)
    await running.start()
    yield running
    await running.stop()
