"""Several web processes, a worker and a Valkey of its own, which a test may kill, stop and start again one by one."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from server.redis.embedded import EmbeddedValkey
from tests.channels.history.page import Entrance, dial
from tests.e2e.site import ROOT, free_port

NODES = 2
START_S = 60.0
HTTP_S = 3.0
"""A node that is stopped answers nothing: a page then goes to another one."""


@dataclass
class Role:
    """One process; `number` tells web processes apart."""

    name: str
    environment: dict[str, str]
    log: Path
    port: int = 0
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; a web process answers when this returns."""
        words = [sys.executable, "-m", "tests.channels.history.launch", self.name]
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *words, cwd=ROOT, env=self.environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        if self.port:
            await self._answers()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)

    async def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            await self.process.wait()

    async def _answers(self) -> None:
        async with httpx.AsyncClient(timeout=HTTP_S, trust_env=False) as client, asyncio.timeout(START_S):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await client.get(f"http://127.0.0.1:{self.port}/api/shows")
                    return
                assert self.process is not None
                assert self.process.returncode is None, self.log.read_text(errors="replace")[-3000:]
                await asyncio.sleep(0.05)


@dataclass
class Cluster:
    """The processes of one installation over one data folder."""

    folder: Path
    valkey: EmbeddedValkey
    nodes: list[Role] = field(default_factory=list)
    worker: Role | None = None

    @property
    def gates(self) -> "list[Gate]":
        """Of all web processes."""
        return [Gate(node.port, node.port) for node in self.nodes]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DATA_DIR": str(self.folder / "data"), "REDIS_URL": self.valkey.url, "LOG_LEVEL": "WARNING"}

    async def start(self) -> None:
        """Everything."""
        await self.valkey.start()
        await self.run("migrate")
        for number in range(NODES):
            port = free_port(socket.SOCK_STREAM)
            environment = {**self.environment, "HTTP_PORT": str(port), "PROCESS_NAME": f"web-{number}"}
            self.nodes.append(Role("web", environment, self.folder / f"web-{number}.log", port))
        self.worker = Role("worker", {**self.environment, "PROCESS_NAME": "worker-1"}, self.folder / "worker.log")
        await asyncio.gather(*(role.start() for role in (*self.nodes, self.worker)))

    async def run(self, command: str) -> str:
        """A tool of the command line; what it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", command, cwd=ROOT, env=self.environment, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(START_S):
            output, _ = await process.communicate()
        assert process.returncode == 0, command
        return output.decode()

    async def kill_valkey(self) -> None:
        """`kill -9` of the Valkey."""
        assert self.valkey.pid is not None
        os.kill(self.valkey.pid, signal.SIGKILL)
        await self.valkey.wait()

    def keep_file(self, older: Path) -> None:
        """Put a copy of the append-only file aside."""
        shutil.copytree(self.valkey.folder / "appendonlydir", older)

    async def restore_file(self, older: Path) -> None:
        """Kill the Valkey and start it with that copy."""
        await self.kill_valkey()
        shutil.rmtree(self.valkey.folder / "appendonlydir")
        shutil.copytree(older, self.valkey.folder / "appendonlydir")
        await self.valkey.start()

    async def stop(self) -> None:
        """End everything."""
        roles = [*self.nodes, *([self.worker] if self.worker else [])]
        for role in roles:
            role.signal(signal.SIGCONT)
            await role.kill()
        await self.valkey.stop()


@contextlib.asynccontextmanager
async def running_cluster(folder: Path) -> AsyncIterator[Cluster]:
    """A cluster until the end of the block."""
    (folder / "data").mkdir()
    cluster = Cluster(folder, EmbeddedValkey(folder / "data" / "valkey"))
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.stop()


@dataclass(frozen=True)
class Gate:
    """A web process: where its pages come from, and where the websocket goes, which may be a proxy before it."""

    http_port: int
    port: int


class Visitor:
    """A guest with a cookie jar, who gets a ticket and a websocket from any one of the gates."""

    def __init__(self, name: str, gates: Sequence[Gate], dice: random.Random) -> None:
        self.name, self._gates, self._dice = name, list(gates), dice
        self.http = httpx.AsyncClient(timeout=HTTP_S, trust_env=False)
        self._known = False

    async def enter(self) -> Entrance:
        """The way in.

        Raises:
            OSError: not just now.
        """
        gate = self._dice.choice(self._gates)
        url = f"http://127.0.0.1:{gate.http_port}/api/auth"
        try:
            if not self._known:
                (await self.http.post(f"{url}/guest", json={"name": self.name})).raise_for_status()
                self._known = True
            reply = (await self.http.post(f"{url}/ticket")).raise_for_status()
        except httpx.HTTPError as error:
            raise ConnectionError(f"{gate}: {error!r}") from error
        return Entrance(await dial(gate.port), str(reply.json()["ticket"]), str(gate.port))
