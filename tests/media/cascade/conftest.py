"""Real media nodes with real pipes between them, in one process."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from media.cascade import Origin
from tests.media.clients import STREAM
from tests.media.conftest import Relay
from tests.media.hands import HandViewer

StartViewer = Callable[..., Awaitable[HandViewer]]


class Machine:
    """Nodes that share a folder, and the registry that says which of them has the stream."""

    def __init__(self, folder: Path, make_relay: Callable[..., Awaitable[Relay]]) -> None:
        self.folder = folder
        self.owner = ""
        self.unknown = False
        """The registry cannot be asked."""
        self._make = make_relay

    async def node(self, name: str) -> Relay:
        """A running node; the first one becomes the owner of the stream."""
        self.owner = self.owner or name
        return await self._make(node_id=name, pipe=str(self.path(name)), find_origin=self.find)

    async def find(self, stream_id: str) -> Origin | None:
        """Where the stream is."""
        assert stream_id == STREAM
        if self.unknown:
            raise ConnectionError("the registry is away")
        return Origin(self.owner, str(self.path(self.owner))) if self.owner else None

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.pipe"


@pytest.fixture
async def machine(make_relay: Callable[..., Awaitable[Relay]]) -> AsyncIterator[Machine]:
    folder = Path(tempfile.mkdtemp(prefix="efir-"))  # pytest's own paths are too long for a unix socket
    yield Machine(folder, make_relay)
    shutil.rmtree(folder)


@pytest.fixture
async def origin(machine: Machine) -> Relay:
    return await machine.node("origin")


@pytest.fixture
async def edge(machine: Machine, origin: Relay) -> Relay:
    return await machine.node("edge")


@pytest.fixture
async def viewer() -> AsyncIterator[StartViewer]:
    """Starts viewers of a relay."""
    started: list[HandViewer] = []

    async def start(relay: Relay, offer: str | None = None, headers: dict[str, str] | None = None) -> HandViewer:
        made = await (HandViewer.start(relay, offer, headers) if offer is not None else HandViewer.start(relay, headers=headers))
        started.append(made)
        return made

    yield start
    for one in started:
        one.close()
