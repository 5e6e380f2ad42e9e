"""The clip, drawn once for the whole run: drawing takes seconds."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.demo import clip


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    clip.ready_clip(folder)
    return folder


@pytest.fixture(scope="session")
def drawn(clip_folder: Path) -> clip.Clip:
    return clip.ready_clip(clip_folder)


@pytest.fixture
async def site_folder(clip_folder: Path) -> AsyncIterator[Path]:
    """A folder with a short path (a unix socket's has at most 107 bytes) whose site finds the clip ready."""
    path = Path(tempfile.mkdtemp(prefix="demo-"))
    (path / "data").mkdir()
    shutil.copy(clip_folder / clip.FILE_NAME, path / "data")
    yield path
    shutil.rmtree(path, ignore_errors=True)
