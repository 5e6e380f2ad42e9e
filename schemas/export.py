"""Writes `schemas/generated/` from the structs, or with `--check` says which files have drifted from them.

    python -m schemas.export [--check] [--with openapi.json=package.module:function]

`--with` adds a file whose text a function without arguments returns: descriptions of what modules serve are known to the server
only, and this package imports nothing of it.
"""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import get_args

import msgspec

import schemas.events
import schemas.http
from schemas import frames
from schemas.asyncapi import document
from schemas.base import Body, Event, View, event_type
from schemas.errors import ERRORS
from schemas.money import Money
from schemas.typescript import declarations

FOLDER = Path(__file__).parent / "generated"

ABSTRACT: frozenset[type[msgspec.Struct]] = frozenset({Body, View, Event, frames.ClientFrame, frames.ServerFrame})
"""Bases that never cross a process themselves."""


def structs_of(module: ModuleType) -> list[type[msgspec.Struct]]:
    """The structs that a module defines, in the order of its text."""
    own = [value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__]
    return [value for value in own if issubclass(value, msgspec.Struct) and value not in ABSTRACT]


def structs_in(package: ModuleType) -> Iterator[type[msgspec.Struct]]:
    """The structs of a package's modules, modules by name."""
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        yield from structs_of(importlib.import_module(f"{package.__name__}.{found.name}"))


def messages() -> str:
    """Text of `messages.d.ts`."""
    exported: list[type[msgspec.Struct]] = [*structs_of(frames), Money, *structs_in(schemas.http)]
    names = [struct.__name__ for struct in exported]
    assert len(names) == len(set(names)), "two structs of the contract have one name"
    return declarations(
        exported, {"ClientFrame": get_args(frames.AnyClientFrame), "ServerFrame": get_args(frames.AnyServerFrame)}
    )


def asyncapi() -> str:
    """Text of `asyncapi.json`."""
    events = [event for event in structs_in(schemas.events) if issubclass(event, Event)]
    return document(
        client=get_args(frames.AnyClientFrame),
        server=get_args(frames.AnyServerFrame),
        events=[event for event in events if "." in event_type(event)],  # a shared base has its class name for a tag
        payloads=list(structs_in(schemas.http)),
        errors=ERRORS,
    )


def files(added: Mapping[str, str] = {}) -> dict[str, str]:
    """Every generated file: name to text."""
    return {"messages.d.ts": messages(), "asyncapi.json": asyncapi(), **added}


def drifted(wanted: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """Names of the files whose text on disk is not the wanted one."""
    return [name for name, text in wanted.items() if not (path := folder / name).is_file() or path.read_text("utf-8") != text]


def write(wanted: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Write the files that differ."""
    folder.mkdir(exist_ok=True)
    for name in drifted(wanted, folder):
        (folder / name).write_text(wanted[name], "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m schemas.export", description="Generate schemas/generated/ from the structs")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file has drifted")
    parser.add_argument("--with", dest="added", action="append", default=[], metavar="NAME=MODULE:FUNCTION")
    options = parser.parse_args(arguments)
    wanted = files(dict(_added(entry) for entry in options.added))
    if not options.check:
        write(wanted)
        return 0
    stale = drifted(wanted)
    if stale:
        sys.stderr.write(f"drifted: {', '.join(stale)}; run `python -m schemas.export`\n")
    return 1 if stale else 0


def _added(entry: str) -> tuple[str, str]:
    name, _, source = entry.partition("=")
    module, _, function = source.partition(":")
    text = getattr(importlib.import_module(module), function)()
    assert isinstance(text, str), source
    return name, text


if __name__ == "__main__":
    sys.exit(main())
