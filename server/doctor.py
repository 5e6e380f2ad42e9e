"""`python -m server doctor`: checks an installation, from ports to publish → recover, and says what to do about each fault.

It works beside a running site and before the first start; what it needs and does not find running (the embedded Valkey) it starts
for the time of the check.
"""

import asyncio
import contextlib
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import httpx
import msgspec
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as dial

from schemas.base import Body, View
from schemas.errors import WireError
from schemas.frames import AnyServerFrame, ClientFrame, Connect, Connected, Position, Publish, Push, Subscribe, Subscribed
from server.auth.actors import Identity
from server.bus.asking import AskRegistry
from server.bus.dead_letters import count_dead_letters
from server.bus.unit_of_work import UnitsOfWork
from server.channels.service import Channels
from server.kernel.clock import SystemClock
from server.kernel.config import Settings
from server.kernel.errors import Unavailable
from server.kernel.ids import new_id
from server.kernel.module import SYSTEM, Actor, ChannelKind, Context, Decision
from server.kernel.tasks import TaskGroup, supervised
from server.redis.connection import connect, reaching
from server.redis.embedded import EmbeddedValkey
from server.store.database import Database
from server.store.migrate import pending

DISK_BYTES_MIN = 1 << 30
CLOCK_STEP_MS_MAX = 100
VALKEY_MIN = (7, 2)
DEADLINE_S = 10.0
PING_DEADLINE_MS = 500

CLOCK = SystemClock()
FrameT = TypeVar("FrameT")
Check = Callable[["Patient"], Awaitable[str]]


class Fault(Exception):
    """A check failed; the message says what to do."""


class Patient:
    """What the checks look at."""

    def __init__(self, settings: Settings, running: bool) -> None:
        self.settings = settings
        self.running = running
        self.database = Database(settings.sql_url)
        self.redis = connect(settings.channels_redis_url)
        self.durable = connect(settings.durable_redis_url)

    async def close(self) -> None:
        await self.redis.aclose()
        await self.durable.aclose()
        await self.database.dispose()


async def doctor(settings: Settings) -> int:
    """Print one line a check; exit status 1 when one failed."""
    settings.data_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    running = await is_running(settings)
    sys.stdout.write(f"Efir {'runs' if running else 'does not run'} at {settings.local_url}\n")
    failed = 0
    async with valkey(settings) as settings:
        patient = Patient(settings, running)
        try:
            for name, check in CHECKS.items():
                passed, text = await examine(check, patient)
                failed += not passed
                sys.stdout.write(f"  {'ok  ' if passed else 'FAIL'}  {name:22} {text}\n")
        finally:
            await patient.close()
    return 1 if failed else 0


async def examine(check: Check, patient: Patient) -> tuple[bool, str]:
    """Outcome of one check within its deadline."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            return True, await check(patient)
    except Fault as fault:
        return False, str(fault)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a check is its finding
        return False, f"{type(error).__name__}: {error}"


async def is_running(settings: Settings) -> bool:
    """Whether a web role answers at our address."""
    async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
        try:
            return "checks" in (await client.get(f"{settings.local_url}/healthz")).json()
        except (httpx.HTTPError, ValueError):
            return False


@contextlib.asynccontextmanager
async def valkey(settings: Settings) -> AsyncIterator[Settings]:
    """Settings with a REDIS_URL: the given one, that of the running embedded server, or of one started for the check."""
    if not settings.embedded:
        yield settings
        return
    server = EmbeddedValkey(settings.valkey_folder)
    running = await answers(server.url)
    if not running:
        await server.start()
    try:
        yield replace(settings, redis_url=server.url)
    finally:
        if not running:
            await server.stop()


async def answers(url: str) -> bool:
    """Whether somebody serves at the URL."""
    redis = connect(url)
    try:
        async with reaching(deadline_ms=PING_DEADLINE_MS):
            return bool(await redis.ping())
    except Unavailable:
        return False
    finally:
        await redis.aclose()


async def check_disk(patient: Patient) -> str:
    folder = patient.settings.data_path
    probe = folder / f"doctor-{new_id('doc', CLOCK)}"
    try:
        probe.write_bytes(b"efir")
        probe.unlink()
    except OSError as error:
        raise Fault(f"cannot write into {folder} ({error.strerror}); set DATA_DIR or mend its rights") from error
    free = shutil.disk_usage(folder).free
    if free < DISK_BYTES_MIN:
        raise Fault(f"only {free >> 20} MiB free in {folder}; make room")
    return f"{free >> 30} GiB free in {folder}"


async def check_ports(patient: Patient) -> str:
    settings = patient.settings
    ports = (
        (socket.SOCK_STREAM, settings.http_host, settings.http_port_number, "HTTP_PORT"),
        *((socket.SOCK_DGRAM, settings.udp_host, port, "UDP_PORT") for port in settings.udp_ports),
        *((socket.SOCK_STREAM, settings.udp_host, port, "MEDIA_TCP_PORT") for port in settings.tcp_ports),
    )
    for kind, host, port, name in ports:
        if not port:  # MEDIA_TCP_PORT=0 switches it off
            continue
        free = is_free(kind, host, port)
        if free and patient.running:
            raise Fault(f"nobody listens on {name}={port}, although the site runs")
        if not free and not patient.running:
            raise Fault(f"{host}:{port} is taken by another program; set {name} to a free port")
    return f"tcp {settings.http_port} and udp {settings.udp_port}: {'ours' if patient.running else 'free'}"


def is_free(kind: int, host: str, port: int) -> bool:
    """Whether the port can be bound."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


async def check_redis(patient: Patient) -> str:
    info = await patient.durable.info("server")
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version", info["redis_version"]))
    if tuple(int(part) for part in version.split(".")[:2]) < VALKEY_MIN:
        raise Fault(f"{name} {version} is too old; 7.2 or newer is needed")
    config = await patient.durable.config_get("appendonly", "appendfsync", "maxmemory-policy")
    wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
    wrong = [f"{key} {value}" for key, value in wanted.items() if config.get(key) != value]
    if wrong:
        raise Fault(f"{name} may lose or drop acknowledged sales; configure it with: {', '.join(wrong)}")
    script = "return {redis.call('INCR', KEYS[1]), redis.call('PEXPIRE', KEYS[1], 1000), redis.call('TIME')[1]}"
    await patient.durable.eval(script, 1, f"doctor:{new_id('doc', CLOCK)}")
    return f"{name} {version}, scripts run, every write is synced"


async def check_clock(patient: Patient) -> str:
    before_ms = CLOCK.now_ms()
    seconds, micros = await patient.durable.time()
    after_ms = CLOCK.now_ms()
    theirs_ms = int(seconds) * 1000 + int(micros) // 1000
    apart_ms = max(before_ms - theirs_ms, theirs_ms - after_ms, 0)
    if apart_ms > CLOCK_STEP_MS_MAX:
        raise Fault(f"this machine and Redis are {apart_ms} ms apart; run an NTP client on both")
    return f"{apart_ms} ms apart from the ledger's"


async def check_database(patient: Patient) -> str:
    await patient.database.check()
    missing = await pending(patient.settings.sql_url)
    if missing and patient.running:
        raise Fault(f"{len(missing)} migrations are missing; run `python -m server migrate`")
    return f"{patient.database.dialect}, {'migrations wait for the next start' if missing else 'schema is current'}"


async def check_dead_letters(patient: Patient) -> str:
    if await pending(patient.settings.sql_url):
        return "none yet"
    count = await count_dead_letters(patient.database)
    if count:
        raise Fault(f"{count} events could not be handled; look into bus_dead_letters")
    return "none"


async def check_channels(patient: Patient) -> str:
    """A websocket of our own on the real Redis: publish, cut the connection, publish again, resume, and get what was missed."""
    async with supervised("doctor") as tasks, Visit(patient) as visit, visit.channels(tasks) as channels:
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn.Config(Starlette(), ws=channels.websocket_protocol, log_config=None, loop="none")
        server = uvicorn.Server(config)
        tasks.start(channels.run(), "channels")
        serving = tasks.start(server.serve(sockets=[listener]), "server")
        async with visit.open(port) as socket_one:
            first = await visit.join(socket_one, None)
            await visit.say(socket_one, "before the cut")
            push = await visit.hear(socket_one, Push)
        await channels.publish_push(visit.channel, b'{"text":"during the cut"}', new_id("doc", CLOCK), None)
        async with visit.open(port) as socket_two:
            back = await visit.join(socket_two, Position(push.epoch, push.offset))
        server.should_exit = True
        await serving
    missed = [bytes(publication.data) for publication in back.publications]
    if first.recovered or not back.recovered or missed != [b'{"text":"during the cut"}']:
        raise Fault(f"a viewer who reconnects does not get what was missed: {back}")
    return "publish → cut → resume: nothing missed"


async def check_media(patient: Patient) -> str:
    if not patient.running:
        return "not running"
    async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
        health = (await client.get(f"{patient.settings.local_url}/healthz")).json()
    if health["checks"].get("media") != "ok":
        raise Fault("no media node is registered; look for the media role's words in the log")
    return "a media node is registered"


CHECKS: dict[str, Check] = {
    "disk": check_disk,
    "ports": check_ports,
    "redis": check_redis,
    "clock": check_clock,
    "database": check_database,
    "dead letters": check_dead_letters,
    "publish → recover": check_channels,
    "media": check_media,
}


class Note(View, frozen=True):
    """Publication of the doctor's channel."""

    text: str


class Say(Body, frozen=True):
    """Command of the doctor's channel."""

    text: str


class Notes(View, frozen=True):
    """Snapshot of the doctor's channel."""

    notes: list[Note]


class DoctorKind(ChannelKind):
    """A channel that only this process knows."""

    name = "doctor"
    command = Say
    publication = Note
    snapshot = Notes

    async def load(self, ctx: Context, subject: str) -> str | None:
        return subject

    def authorise(self, actor: Actor, facts: str) -> WireError | None:
        return None

    def decide(self, actor: Actor, facts: str, state: Any, command: Say, command_id: str, now_ms: int) -> Decision:
        return Decision(data=Note(text=command.text))

    async def initial(self, ctx: Context, subject: str) -> Notes:
        return Notes(notes=[])

    def apply(self, state: Notes, publication: Note) -> Notes:
        return Notes(notes=[*state.notes, publication])


class Visit:
    """One run of the channels check, with a channel and a ticket of its own."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.ticket = new_id("doc", CLOCK)
        self.channel = f"doctor:{self.ticket}"
        self._ids = 0

    async def __aenter__(self) -> "Visit":
        return self

    async def __aexit__(self, *_: object) -> None:
        keys = [key async for key in self.patient.redis.scan_iter(f"ch:{{{self.channel}}}:*")]
        if keys:
            await self.patient.redis.delete(*keys)

    async def by_ticket(self, ticket: str) -> Identity | None:
        return Identity(SYSTEM, "") if ticket == self.ticket else None

    async def by_cookie(self, header: str) -> Identity | None:
        return None

    async def by_session(self, session_hash: str) -> Actor | None:
        return SYSTEM

    @contextlib.asynccontextmanager
    async def channels(self, tasks: TaskGroup) -> AsyncIterator[Channels]:
        """A node of our own."""
        units = UnitsOfWork(self.patient.database, CLOCK, AskRegistry([]), {})
        channels = Channels(
            redis=self.patient.redis,
            ledger_redis=self.patient.durable,
            kinds=[DoctorKind()],
            units=units,
            identities=self,
            clock=CLOCK,
            tasks=tasks,
            allowed_origins=[],
        )
        try:
            yield channels
        finally:
            await channels.close()

    @contextlib.asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[ClientConnection]:
        """A connected session."""
        async with dial(f"ws://127.0.0.1:{port}/ws", origin=None, proxy=None, compression=None) as connection:
            await self.send(connection, Connect(id=self._next(), ticket=self.ticket))
            await self.hear(connection, Connected)
            yield connection

    async def join(self, connection: ClientConnection, position: Position | None) -> Subscribed:
        await self.send(connection, Subscribe(id=self._next(), channel=self.channel, position=position))
        return await self.hear(connection, Subscribed)

    async def say(self, connection: ClientConnection, text: str) -> None:
        data = msgspec.Raw(msgspec.json.encode(Say(text=text)))
        command_id = new_id("doc", CLOCK)
        await self.send(connection, Publish(id=self._next(), channel=self.channel, command_id=command_id, data=data))

    async def send(self, connection: ClientConnection, frame: ClientFrame) -> None:
        await connection.send(msgspec.json.encode(frame).decode())

    async def hear(self, connection: ClientConnection, kind: type[FrameT]) -> FrameT:
        """The next frame of this kind."""
        while True:
            frame = msgspec.json.decode(await connection.recv(), type=AnyServerFrame)
            if isinstance(frame, kind):
                return frame

    def _next(self) -> int:
        self._ids += 1
        return self._ids
