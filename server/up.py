"""`python -m server up`: everything on one machine. Starts the embedded Valkey and one child per role, and keeps them running.

A child that dies is started again, at once the first time and then ever more slowly. SIGTERM and Ctrl-C drain: the children get
SIGTERM and `DRAIN_MS` to finish, web first, so that no request meets a missing part.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import httpx

from server.auth.service import Auth
from server.demo.memory import remember
from server.kernel.clock import SystemClock
from server.kernel.config import Settings, with_secret
from server.kernel.errors import SetupError
from server.kernel.log import get_logger
from server.kernel.tasks import TaskGroup
from server.kernel.tls import client_context
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey
from server.store.database import Database
from server.store.migrate import upgrade

log = get_logger(__name__)

DRAIN_MS = 10_000
READY_MS = 120_000
STABLE_MS = 10_000
"""A child that lived so long starts with a clean record when it dies."""
RESTART_PAUSE_MS_MAX = 5_000
EARLY_DEATHS_MAX = 5
"""A child that dies so often before `up` is ready will not come up by itself: stop and show its words."""

HOUSE_HOST = "Efir"
"""Name that the robot host of the house channel goes by."""


async def up(settings: Settings, *, demo: bool) -> int:
    """Run until SIGTERM or Ctrl-C.

    Raises:
        SetupError: a port is taken, the data folder cannot be used, or a child does not come up.
    """
    settings = with_secret(settings)
    check_ports(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    tasks = TaskGroup("up")
    try:
        async with valkey(settings, tasks) as settings:
            await upgrade(settings.sql_url)
            for left_over in settings.data_path.glob("web-*.sock"):  # of a process that there may be no more
                left_over.unlink()
            children = roles(settings)
            keepers = [tasks.start(child.keep(), child.settings.process_name) for child in children]
            try:
                await ready(children, stopping)
                if not stopping.is_set():
                    await announce(settings, demo=demo)
                    if demo:
                        children.append(Child("demo", replace(settings, process_name="demo-1")))
                        keepers.append(tasks.start(children[-1].keep(), "demo"))
                await stopping.wait()
            finally:
                for _, together in itertools.groupby(reversed(children), key=lambda child: child.role):
                    await asyncio.gather(*(child.stop() for child in together))
                await asyncio.gather(*keepers, return_exceptions=True)
    finally:
        await tasks.close()
    return 0


def roles(settings: Settings) -> "list[Child]":
    """The children in the order of starting; draining goes the other way round."""
    media = [Child("media", settings.of_media_process(number + 1)) for number in range(settings.media_process_count)]
    worker = Child("worker", replace(settings, process_name="worker-1"))
    web = [Child("web", replace(settings, process_name=f"web-{number + 1}")) for number in range(settings.web_process_count)]
    return [*media, worker, *web]


@dataclass
class Child:
    """One role as a child process; its settings name it."""

    role: str
    settings: Settings
    process: asyncio.subprocess.Process | None = None
    deaths: int = 0
    stopping: bool = False

    async def keep(self) -> None:
        """Run the role; start it again whenever it dies, until `stop`."""
        clock = SystemClock()
        pause_ms = 0
        while not self.stopping:
            started_ms = clock.monotonic_ms()
            words = (sys.executable, "-m", "server", self.role, "--parent", str(os.getpid()))
            self.process = await asyncio.create_subprocess_exec(
                *words, env=self.settings.child_environment(), stdin=asyncio.subprocess.DEVNULL, process_group=0
            )
            status = await self.process.wait()
            if self._is_stopping():
                return
            self.deaths += 1
            pause_ms = 0 if clock.monotonic_ms() - started_ms > STABLE_MS else min(max(200, pause_ms * 2), RESTART_PAUSE_MS_MAX)
            log.error("a role died and is started again", role=self.settings.process_name, status=status, pause_ms=pause_ms)
            await asyncio.sleep(pause_ms / 1000)

    def _is_stopping(self) -> bool:
        return self.stopping

    async def stop(self) -> None:
        """SIGTERM, wait for the drain, then SIGKILL."""
        self.stopping = True
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            async with asyncio.timeout(DRAIN_MS / 1000):
                await self.process.wait()
        except TimeoutError:
            log.warning("a role did not drain in time", role=self.role)
            self.process.kill()
            await self.process.wait()


@contextlib.asynccontextmanager
async def valkey(settings: Settings, tasks: TaskGroup) -> AsyncIterator[Settings]:
    """Settings with a REDIS_URL: the given one, or that of an embedded server, which is started again when it dies."""
    if not settings.embedded:
        yield settings
        return
    server = EmbeddedValkey(settings.valkey_folder)
    await server.start()
    keeper = tasks.start(keep_valkey(server), "valkey")
    try:
        yield replace(settings, redis_url=server.url)
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await server.stop()


async def keep_valkey(server: EmbeddedValkey) -> None:
    """Start the server again whenever it dies."""
    while True:
        status = await server.wait()
        log.error("the embedded Valkey died and is started again", status=status)
        await server.start()


async def ready(children: Sequence[Child], stopping: asyncio.Event) -> None:
    """Wait until each web process answers that every part is well.

    Raises:
        SetupError: a child keeps dying, or nothing is ready after `READY_MS`.
    """
    clock = SystemClock()
    deadline_ms = clock.monotonic_ms() + READY_MS
    waiting = [child.settings for child in children if child.role == "web"]
    while not stopping.is_set():
        waiting = [each for each in waiting if not await is_well(each)]
        if not waiting:
            return
        for child in children:
            if child.deaths >= EARLY_DEATHS_MAX:
                raise SetupError(f"the role {child.role} does not start; its own words are above")
        if clock.monotonic_ms() > deadline_ms:
            raise SetupError(f"not ready after {READY_MS // 1000} s; `python -m server doctor` tells what is missing")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await stopping.wait()


async def is_well(settings: Settings) -> bool:
    """Whether this web process says so. Asked by its own socket: behind the shared port any of them might answer."""
    transport = httpx.AsyncHTTPTransport(uds=str(settings.web_socket), verify=client_context())
    async with httpx.AsyncClient(transport=transport, base_url="http://web", timeout=2.0, trust_env=False) as client:
        with contextlib.suppress(httpx.HTTPError):
            return (await client.get("/healthz")).status_code == httpx.codes.OK
        return False


async def announce(settings: Settings, *, demo: bool) -> None:
    """Say where to look."""
    if demo:
        memory = remember(settings.data_path, SystemClock())
        async with auth_of(settings) as auth:
            await auth.ensure_host(memory.email, memory.password, HOUSE_HOST)
    link, free = await studio_link(settings)
    sys.stdout.write(f"\n  Efir is on air\n  Watch   {settings.origin}/\n  Studio  {link}\n\n")
    if free:
        sys.stdout.write("  Whoever opens the studio link first becomes the owner of the shop. Ctrl-C stops everything.\n\n")
    sys.stdout.flush()


async def studio_link(settings: Settings) -> tuple[str, bool]:
    """Address of the studio; while the shop has no owner (True), with a fresh key that makes the first visitor its owner."""
    async with auth_of(settings) as auth:
        key = await auth.setup_key()
    return f"{settings.origin}/studio/" + (f"?key={key}" if key else ""), key is not None


@contextlib.asynccontextmanager
async def auth_of(settings: Settings) -> AsyncIterator[Auth]:
    """The accounts, for a moment."""
    database = Database(settings.sql_url)
    redis = connect(settings.channels_redis_url)
    auth = Auth(database, redis, SystemClock(), settings)
    try:
        yield auth
    finally:
        await auth.close()
        await redis.aclose()
        await database.dispose()


def check_ports(settings: Settings) -> None:
    """Raises SetupError when a port that a child needs is taken."""
    wanted = (
        (socket.SOCK_STREAM, settings.http_host, settings.http_port_number, "HTTP_PORT"),
        *((socket.SOCK_DGRAM, settings.udp_host, port, "UDP_PORT") for port in settings.udp_ports),
        *((socket.SOCK_STREAM, settings.udp_host, port, "MEDIA_TCP_PORT") for port in settings.tcp_ports),
    )
    for kind, host, port, name in wanted:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise SetupError(f"cannot use {host}:{port} ({error.strerror}); set {name} to a free port") from error
