"""The seeds of a target, and how they are damaged."""

from functools import cache

from tests.media.fuzz.__main__ import CORPUS


@cache
def seeds(name: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]


def mutated(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """Replace, insert, remove, or repeat at a place."""
    for where, kind, value in edits:
        place = int(where * len(data))
        if kind == 0:
            data = data[:place] + value + data[place + len(value) :]
        elif kind == 1:
            data = data[:place] + value + data[place:]
        elif kind == 2:
            data = data[:place] + data[place + 1 + len(value) :]
        else:
            data = data[:place] + data[max(0, place - 20) : place] + data[place:]
    return data
