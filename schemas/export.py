"""The text of `schemas/generated/` from the structs, and which files have drifted from them: `python -m server schema [--check]`.

What modules serve is known to the server only, and this package imports nothing of it: that file's text is handed in.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
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
