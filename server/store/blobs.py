"""Blobs: files that the server keeps, by key. In a folder by default; the port is narrow enough for an object store."""

import asyncio
import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_KEY = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*(\.[a-z0-9]+)?")
"""A key is a path of lower-case words, so that no key can leave the folder and every object store takes it."""


@dataclass(frozen=True)
class Stored:
    """A group of blobs, and when the last one was written."""

    group: str
    written_at_ms: int


class Blobs(Protocol):
    """Where blobs are. A blob never changes: a key is written once, and its address may be kept for ever. `group` is the key up
    to its last slash; a group is deleted as a whole."""

    async def put(self, key: str, data: bytes) -> None:
        """Keep a blob; when this returns, it survives a loss of power.

        Raises:
            OSError: the disk is full, or away.
        """

    async def get(self, key: str) -> bytes | None:
        """The blob, or None when there is none."""

    async def delete(self, group: str) -> None:
        """Forget every blob of a group; one that is not there is no error."""

    async def groups(self, parent: str) -> list[Stored]:
        """The groups below a parent, the oldest first: to find what nobody refers to."""


class FolderBlobs:
    """Blobs as files. Written under another name, synced, renamed, and the folder synced too: a file is there whole or not at
    all. A group lies in one of 256 folders, by the last two letters of its name, which are random in our ids."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, data: bytes) -> None:
        await asyncio.to_thread(self._put, self._path(key), data)

    async def get(self, key: str) -> bytes | None:
        path = self._path(key)
        with contextlib.suppress(FileNotFoundError):
            return await asyncio.to_thread(path.read_bytes)
        return None

    async def delete(self, group: str) -> None:
        await asyncio.to_thread(_delete, self._path(f"{group}/x").parent)

    async def groups(self, parent: str) -> list[Stored]:
        found = await asyncio.to_thread(lambda: list(self._groups(parent)))
        return sorted(found, key=lambda stored: stored.written_at_ms)

    def _put(self, path: Path, data: bytes) -> None:
        made = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        # The names are on the disk only when the folders that list them are.
        for folder in (path.parent, *(new.parent for new in made)):
            _sync(folder)

    def _groups(self, parent: str) -> Iterator[Stored]:
        _check(parent)
        for folder in (self._folder / parent).glob("*/*"):
            with contextlib.suppress(FileNotFoundError):
                yield Stored(f"{parent}/{folder.name}", int(folder.stat().st_mtime * 1000))

    def _path(self, key: str) -> Path:
        _check(key)
        parent, group, name = key.rsplit("/", 2)
        return self._folder / parent / group[-2:] / group / name


def _check(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _delete(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        for file in list(folder.iterdir()):
            file.unlink(missing_ok=True)
        folder.rmdir()
