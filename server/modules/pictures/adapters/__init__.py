"""The port to what makes pictures of files, and its outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Developed:
    """What was made of a file: its size in pixels, upright, and the new files by name."""

    width: int
    height: int
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Broken:
    """The file cannot be read as a picture; `reason` is for our log."""

    reason: str


@dataclass(frozen=True)
class Busy:
    """Too many files wait already."""


class Darkroom(Protocol):
    """Makes pictures of files that nobody trusts."""

    async def develop(self, data: bytes) -> Developed | Broken | Busy:
        """New files of the pixels of a file, and nothing else of it.

        Raises:
            Unavailable: not within the deadline.
        """
