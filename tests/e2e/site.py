"""A whole Efir as its own processes, started the way a newcomer starts it, for the tests that need the real thing."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from server.kernel.clock import SystemClock

ROOT = Path(__file__).resolve().parents[2]
START_MS = 120_000


class Site:
    """`python -m server up` with its own data folder and free ports."""

    def __init__(
        self, folder: Path, *, demo: bool = False, hold_ms: int = 180_000, media_processes: int = 1, web_processes: int | None = 1
    ) -> None:
        """`web_processes`: None means the server's own choice."""
        self.folder = folder
        self.demo = demo
        self.http_port = free_port(socket.SOCK_STREAM)
        self.udp_port = free_media_port(media_processes)
        self.environment = {
            "DATA_DIR": str(folder / "data"),
            "HTTP_PORT": str(self.http_port),
            "UDP_PORT": str(self.udp_port),
            "MEDIA_PROCESSES": str(media_processes),
            "WEB_PROCESSES": "" if web_processes is None else str(web_processes),
            "HOLD_MS": str(hold_ms),
        }
        self.process: asyncio.subprocess.Process | None = None
        self.key = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    async def start(self) -> None:
        """Start everything and wait until it says that it is on air; its logs go to `<folder>/up.log`."""
        words = [sys.executable, "-m", "server", "up", *([] if self.demo else ["--no-demo"])]
        environment = {**os.environ, **self.environment}
        with (self.folder / "up.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *words, cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        try:
            async with asyncio.timeout(START_MS / 1000):
                await self._on_air(self.process)
        except BaseException:
            await self.stop()
            raise

    async def _on_air(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := (await process.stdout.readline()).decode():
            if found := re.search(r"/studio/(?:\?key=(\S+))?", line):
                self.key = found[1] or ""
                return
        raise AssertionError(f"`up` ended before it was on air:\n{self.log()[-4000:]}")

    def log(self) -> str:
        """Everything the processes have written."""
        return (self.folder / "up.log").read_text(errors="replace")

    def pids(self, role: str) -> list[int]:
        """Processes of one role (`web`, `media`, `worker`, `demo`, `valkey`) that belong to this site."""
        assert self.process is not None
        children = [pid for pid in descendants(self.process.pid) if role_of(pid) == role]
        return sorted(children)

    def kill(self, role: str) -> None:
        """`kill -9` of one role."""
        for pid in self.pids(role):
            os.kill(pid, signal.SIGKILL)

    async def kill_everything(self) -> None:
        """`kill -9` of every process at once, and wait until they are gone."""
        assert self.process is not None
        everyone = [self.process.pid, *descendants(self.process.pid)]
        for pid in everyone:
            os.kill(pid, signal.SIGKILL)
        await self.process.wait()
        await until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() and alive(pid) for pid in everyone), 10_000)

    async def stop(self) -> int:
        """SIGTERM and the drain; the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(40):
            return await self.process.wait()

    def sql(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the record, read while the site runs or after it."""
        with sqlite3.connect(f"file:{self.folder}/data/efir.sqlite3?mode=ro", uri=True, timeout=10) as connection:
            return connection.execute(query).fetchall()


def free_port(kind: int, count: int = 1) -> int:
    """A port that nobody has just now, and `count - 1` after it."""
    while True:
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            first = 0
            for number in range(count):
                probe = probes.enter_context(socket.socket(socket.AF_INET, kind))
                probe.bind(("127.0.0.1", first + number if first else 0))
                first = first or int(probe.getsockname()[1])
            return first


def free_media_port(count: int = 1) -> int:
    """A number that nobody has just now for UDP, nor for TCP, and `count - 1` after it."""
    while True:
        first = free_port(socket.SOCK_DGRAM, count)
        with contextlib.ExitStack() as probes, contextlib.suppress(OSError):
            for port in range(first, first + count):
                probes.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)).bind(("127.0.0.1", port))
            return first


def descendants(pid: int) -> list[int]:
    """Process ids below `pid`."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    children = [int(word) for word in text.split()]
    return children + [below for child in children for below in descendants(child)]


def role_of(pid: int) -> str:
    """Role of one of our processes, from its command line."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    if "valkey-server" in words[0]:
        return "valkey"
    return words[words.index("server") + 1] if "server" in words else ""


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie waits for its parent and runs no more."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until(condition: Callable[[], object], deadline_ms: int, step_ms: int = 50) -> None:
    """Wait until the condition holds.

    Raises:
        AssertionError: it does not within `deadline_ms`.
    """
    clock = SystemClock()
    end_ms = clock.monotonic_ms() + deadline_ms
    while not condition():
        assert clock.monotonic_ms() < end_ms, f"not within {deadline_ms} ms"
        await asyncio.sleep(step_ms / 1000)
