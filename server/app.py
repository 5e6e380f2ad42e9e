"""The composition root: settings → adapters → bus → modules → roles. It alone knows which adapters and modules exist."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvicorn
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media.placement import Placement, machine_of
from schemas.base import Event, event_topic
from schemas.media import NODE_LEASE_MS, MediaNodeEntry
from server.auth.service import Auth
from server.bus.asking import AskRegistry
from server.bus.consume import Consumer
from server.bus.housekeeping import Housekeeping
from server.bus.jobs import JobRunner
from server.bus.lease import Lease
from server.bus.outbox import OutboxRelay
from server.bus.topics import LEDGER_TOPIC, Sources
from server.bus.unit_of_work import UnitsOfWork
from server.channels.audience import Audience
from server.channels.service import Channels
from server.channels.transport import HTTP_PROTOCOL
from server.http.application import STATIC_FOLDER, build_app
from server.http.ice_servers import ice_server_links
from server.http.pictures import picture_routes
from server.kernel.clock import Clock, SystemClock
from server.kernel.config import Settings
from server.kernel.errors import SetupError, Unavailable
from server.kernel.ids import new_id
from server.kernel.log import get_logger
from server.kernel.module import SYSTEM, Module
from server.kernel.process import settle
from server.kernel.tasks import TaskGroup, forever, until_done
from server.kernel.watchdog import Watchdog
from server.ledger.audit import Auditor, check_fences
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.projection import Projection
from server.ledger.restore import Restorer
from server.modules.accounts.module import MODULE as ACCOUNTS
from server.modules.auctions.adapters import BidMemory
from server.modules.auctions.module import MODULE as AUCTIONS
from server.modules.books.module import MODULE as BOOKS
from server.modules.catalog.module import MODULE as CATALOG
from server.modules.chat.module import MODULE as CHAT
from server.modules.coupons.module import MODULE as COUPONS
from server.modules.flash_sales.module import MODULE as FLASH_SALES
from server.modules.giveaways.module import MODULE as GIVEAWAYS
from server.modules.guests.adapters import NodeStages, StageControl
from server.modules.guests.module import MODULE as GUESTS
from server.modules.moderation.module import MODULE as MODERATION
from server.modules.notifications.adapters import PushSender
from server.modules.notifications.adapters.http_sender import HttpPushSender
from server.modules.notifications.adapters.words import PushWords
from server.modules.notifications.module import MODULE as NOTIFICATIONS
from server.modules.orders.module import MODULE as ORDERS
from server.modules.payments.adapters import Bank, Providers
from server.modules.payments.adapters.setup import build_providers
from server.modules.payments.module import MODULE as PAYMENTS
from server.modules.pictures.adapters import Darkroom
from server.modules.pictures.adapters.processes import ProcessDarkroom
from server.modules.pictures.module import MODULE as PICTURES
from server.modules.polls.module import MODULE as POLLS
from server.modules.presence.module import MODULE as PRESENCE
from server.modules.questions.module import MODULE as QUESTIONS
from server.modules.reactions.module import MODULE as REACTIONS
from server.modules.recaps.module import MODULE as RECAPS
from server.modules.shows.module import MODULE as SHOWS
from server.modules.webhooks.adapters import HookSender, HttpHookSender
from server.modules.webhooks.module import MODULE as WEBHOOKS
from server.redis.connection import connect
from server.store.blobs import Blobs, FolderBlobs
from server.store.database import Database

if TYPE_CHECKING:
    from media.cascade import Origin
    from media.node import MediaNode

log = get_logger(__name__)

MODULES: tuple[Module, ...] = (
    *(SHOWS, CATALOG, CHAT, MODERATION, ORDERS, PAYMENTS, GUESTS, NOTIFICATIONS),
    *(QUESTIONS, POLLS, REACTIONS, PRESENCE),
    *(FLASH_SALES, AUCTIONS, GIVEAWAYS, COUPONS, BOOKS, WEBHOOKS),
    *(PICTURES, ACCOUNTS, RECAPS),
)

DRAIN_MS = 5_000
SWEEP_MS = 250
"""How often expired holds are looked for; a hold is also swept when the next buyer asks, so this only frees and tells."""
PURGE_MS = 60_000
SANDBOX_MS = 500
MEDIA_EVENTS_MAX = 1_000
"""Facts of the relay that wait for the database. More than that means it is gone for long: the oldest is dropped and logged."""
KEEP_ALIVE_S = 75
"""Longer than the 60 s after which balancers give up an idle connection, so that they close it and not we in mid-request."""
TCP_BACKLOG = 2_048
"""Connections the kernel completes while the loop is busy: a flash sale's first second."""


@dataclass
class Core:
    """What every role has."""

    settings: Settings
    clock: Clock
    database: Database
    redis: Redis
    durable: Redis
    ledger: Ledger
    restorer: Restorer
    units: UnitsOfWork
    auth: Auth
    channels: Channels
    relay: OutboxRelay
    placement: Placement
    tasks: TaskGroup
    providers: Providers
    blobs: Blobs


@contextlib.asynccontextmanager
async def core(settings: Settings, role: str) -> AsyncIterator[Core]:
    """Connect everything; close it in the opposite order."""
    clock = SystemClock()
    tasks = TaskGroup(role)
    database = Database(settings.sql_url)
    redis = connect(settings.channels_redis_url)
    durable = connect(settings.durable_redis_url)
    restorer = Restorer(durable, database, clock)
    ledger = Ledger(durable, clock, before_load=restorer.examine)
    providers = build_providers(settings, durable, clock)
    placement = Placement(redis, clock)
    stages = NodeStages(placement, settings.internal_secret)
    pushes = HttpPushSender(clock, settings.push_contact_uri, settings.push_host_list)
    ports: dict[type, object] = {Ledger: ledger, Providers: providers, Settings: settings, StageControl: stages}
    ports |= {LedgerHistory: LedgerHistory(database)}
    ports |= {BidMemory: BidMemory()}
    ports |= {PushSender: pushes, PushWords: PushWords(STATIC_FOLDER / "locales")}
    blobs = FolderBlobs(settings.data_path / "blobs")
    ports |= {Blobs: blobs, Darkroom: ProcessDarkroom()}
    hooks = HttpHookSender(clock, settings.webhook_host_list)
    ports |= {HookSender: hooks}
    ports |= {Audience: Audience(redis)}
    auth = Auth(database, redis, clock, settings)
    ports |= {Auth: auth}
    units = UnitsOfWork(database, clock, AskRegistry(MODULES), ports)
    channels = Channels(
        redis=redis,
        ledger_redis=durable,
        kinds=[kind for module in MODULES for kind in module.channels],
        units=units,
        identities=auth,
        clock=clock,
        tasks=tasks,
        allowed_origins=[settings.origin, settings.local_url],
    )
    relay = OutboxRelay(database, durable, channels.publish_push, clock, channels_redis=redis)
    units.on_commit(relay.wake)
    try:
        yield Core(
            *(settings, clock, database, redis, durable, ledger, restorer, units, auth, channels, relay, placement, tasks),
            *(providers, blobs),
        )
    finally:
        await tasks.close()
        await channels.close()
        await stages.close()
        await pushes.close()
        await units.close()
        await providers.close()
        await hooks.close()
        await ledger.close()
        await restorer.close()
        await auth.close()
        await redis.aclose()
        await durable.aclose()
        await database.dispose()


async def web(settings: Settings) -> None:
    """HTTP, websockets, and the signalling of WHIP and WHEP."""
    async with core(settings, "web") as parts:
        watchdog = Watchdog(parts.clock)
        app = build_app(
            modules=MODULES,
            units=parts.units,
            auth=parts.auth,
            settings=settings,
            placement=parts.placement,
            extra_routes=[*parts.channels.routes, *picture_routes(parts.blobs)],
            checks={"loop": watchdog.check, **health_checks(parts)},
            notices={"shows": partial(check_fences, parts.durable)},
            ice_servers=lambda client: ice_server_links(settings, parts.clock.now_ms(), client),
        )
        parts.tasks.start(parts.channels.run(), "channels")
        parts.tasks.start(parts.restorer.run(), "restoration")
        parts.tasks.start(watchdog.run(), "watchdog")
        parts.tasks.start(parts.relay.run(), "outbox")
        config = uvicorn.Config(app, http=HTTP_PROTOCOL, ws=parts.channels.websocket_protocol, **server_settings(settings))
        listeners = [listen(settings.http_host, settings.http_port_number)]
        if settings.process_name:
            settings.data_path.mkdir(parents=True, exist_ok=True, mode=0o700)
            listeners.append(listen_control(f"unix:{settings.web_socket}"))

        async def drain() -> None:
            await app.state.drain()
            await parts.channels.drain(DRAIN_MS)

        settle()
        await DrainingServer(config, drain).serve(sockets=listeners)


async def media(settings: Settings) -> None:
    """The relay: one UDP port, and a private address where web nodes hand in sessions."""
    # Late: only this role needs aiortc, whose import takes as long as all the rest.
    from media.control import control_app
    from media.node import MediaNode

    async with core(settings, "media") as parts:
        recorder = EventRecorder(parts.units)
        node_id = new_id("med", parts.clock)
        node = MediaNode(
            node_id=node_id,
            udp_host=settings.udp_host,
            udp_port=settings.udp_port_number,
            tcp_port=settings.media_tcp_port_number,
            announced=settings.announced_addresses,
            clock=parts.clock,
            tasks=parts.tasks,
            on_event=recorder.put,
            pipe=str(settings.pipe_path),
            find_origin=partial(find_origin, parts.placement, settings.data_path),
        )
        try:
            settings.data_path.mkdir(parents=True, exist_ok=True, mode=0o700)
            await node.start()
        except OSError as error:
            raise SetupError(
                f"cannot use udp {settings.udp_port} or tcp {settings.media_tcp_port_number} of {settings.udp_host}, or "
                f"{settings.pipe_path} ({error}); set UDP_PORT or MEDIA_TCP_PORT, or DATA_DIR to a shorter path"
            ) from error
        await parts.placement.replace(settings.control_url, machine_of(settings.data_path))
        parts.tasks.start(recorder.run(), "events")
        parts.tasks.start(parts.relay.run(), "outbox")
        parts.tasks.start(forever(lambda: renew(parts, node), "registry"), "registry")
        config = uvicorn.Config(control_app(node, settings.internal_secret), **server_settings(settings))
        try:
            settle()
            await DrainingServer(config, node.drain).serve(sockets=[listen_control(settings.control_url)])
        finally:
            await parts.placement.forget(node_id)
            await node.close()


async def worker(settings: Settings, *beside: Callable[[Core], Coroutine[Any, Any, None]]) -> None:
    """Consumes the bus, relays the outbox, sweeps holds, runs the modules' jobs; for ever also `beside`, of a layer above."""
    async with core(settings, "worker") as parts:
        sources = Sources(MODULES, parts.durable, parts.redis)
        name = settings.process
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        for module in MODULES:
            if module.consumes:
                consumer = Consumer(module, sources, parts.units, parts.clock, name)
                parts.tasks.start(consumer.run(), f"consume:{module.name}")
        parts.tasks.start(JobRunner(MODULES, parts.units, parts.durable, parts.clock, name).run(), "jobs")
        parts.tasks.start(Housekeeping(parts.database, parts.durable, sources.topics, parts.clock).run(), "housekeeping")
        parts.tasks.start(parts.relay.run(), "outbox")
        parts.tasks.start(parts.restorer.run(), "restoration")
        parts.tasks.start(projection(parts, name).run(), "projection")
        parts.tasks.start(auditor(parts, name).run(), "audit")
        parts.tasks.start(forever(lambda: sweep(parts.ledger), "sweep"), "sweep")
        parts.tasks.start(forever(lambda: purge(parts.auth), "purge"), "purge")
        if parts.providers.bank is not None:
            parts.tasks.start(forever(partial(send_sandbox_webhooks, parts.providers.bank), "sandbox"), "sandbox")
        for errand in beside:
            parts.tasks.start(forever(partial(errand, parts), errand.__name__), errand.__name__)
        settle()
        await stop.wait()


ROLES: Mapping[str, Callable[[Settings], Coroutine[Any, Any, None]]] = {"web": web, "media": media, "worker": worker}


class DrainingServer(uvicorn.Server):
    """uvicorn that first drains what is ours when it is asked to stop; a second signal ends at once."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._drain = drain
        self._tasks = TaskGroup("drain")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called by the signal. uvicorn's own would raise it again after serving, before our parts are closed."""
        self.force_exit = bool(len(self._tasks))
        if not self.force_exit:
            asyncio.get_running_loop().call_soon_threadsafe(lambda: self._tasks.start(self._leave(), "drain"))

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(2 * DRAIN_MS / 1000):
                await self._drain()
        finally:
            self.should_exit = True


class EventRecorder:
    """Writes the relay's facts into the outbox; a database that is away for a moment only delays them."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units
        self._waiting: asyncio.Queue[Event] = asyncio.Queue(maxsize=MEDIA_EVENTS_MAX)

    def put(self, event: Event) -> None:
        """Called by the relay; never blocks."""
        if self._waiting.full():
            log.error("a fact of the relay is dropped: the database has been away too long", event=self._waiting.get_nowait())
        self._waiting.put_nowait(event)

    async def run(self) -> None:
        """Record for ever; end it by cancelling."""
        while True:
            event = await self._waiting.get()
            await until_done(partial(self._record, event), "record a fact of the relay")

    async def _record(self, event: Event) -> None:
        async with self._units(SYSTEM) as ctx:
            ctx.publish(event)


async def find_origin(placement: Placement, folder: Path, stream_id: str) -> "Origin | None":
    """The media process of this machine that has the stream.

    Raises:
        OSError: the registry does not answer.
    """
    from media.cascade import Origin

    try:
        owner = await placement.owner(stream_id)
    except RedisError as error:
        raise ConnectionError(f"the registry of media nodes: {error!r}") from error
    if owner is None or not owner.pipe or owner.machine != machine_of(folder):
        return None
    return Origin(owner.node_id, str(folder / owner.pipe))


async def renew(parts: Core, node: "MediaNode") -> None:
    """Say three times per lease that this media node lives."""
    used_s, started_ms = _cpu_s(), parts.clock.monotonic_ms()
    await parts.placement.renew(media_entry(parts, node), list(node.streams), node.published())
    await asyncio.sleep(NODE_LEASE_MS / 3000)
    node.busy = (_cpu_s() - used_s) * 1000 / max(1.0, parts.clock.monotonic_ms() - started_ms)


def media_entry(parts: Core, node: "MediaNode") -> MediaNodeEntry:
    """This media node as others see it."""
    return MediaNodeEntry(
        node_id=node.node_id,
        control_url=parts.settings.control_url,
        streams=len(node.streams),
        subscribers=node.stats().subscribers,
        draining=node.draining,
        renewed_at_ms=0,
        machine=machine_of(parts.settings.data_path),
        pipe=parts.settings.pipe_path.name,
        busy=node.busy,
    )


def _cpu_s() -> float:
    used = os.times()
    return used.user + used.system


def projection(parts: Core, name: str) -> Projection:
    """Copies the ledger's logs into SQL, in one worker at a time."""
    lease = Lease(parts.durable, "ledger:projection", name, parts.clock)
    groups = [module.name for module in MODULES if any(event_topic(each.event) == LEDGER_TOPIC for each in module.consumes)]
    return Projection(parts.durable, parts.database, parts.clock, lease=lease.hold, examine=parts.restorer.examine, groups=groups)


def auditor(parts: Core, name: str) -> Auditor:
    """Compares Redis with the record, in one worker at a time."""
    lease = Lease(parts.durable, "ledger:audit", name, parts.clock)
    return Auditor(parts.durable, parts.ledger, LedgerHistory(parts.database), lease=lease.hold)


async def sweep(ledger: Ledger) -> None:
    """Free expired holds, then rest."""
    await ledger.sweep_all()
    await asyncio.sleep(SWEEP_MS / 1000)


async def purge(auth: Auth) -> None:
    """Forget sessions that have ended, then rest."""
    await auth.purge()
    await asyncio.sleep(PURGE_MS / 1000)


async def send_sandbox_webhooks(bank: Bank) -> None:
    """Play the provider's part: send its webhooks that are due, then rest."""
    await bank.deliver_due()
    await asyncio.sleep(SANDBOX_MS / 1000)


def health_checks(parts: Core) -> dict[str, Callable[[], Awaitable[object]]]:
    """What `/healthz` asks; each raises when its part is not well."""

    async def media_node() -> None:
        if not await parts.placement.nodes():
            raise Unavailable("no media node is registered")

    return {
        "database": parts.database.check,
        "redis": parts.redis.ping,
        "ledger redis": parts.durable.ping,
        "media": media_node,
    }


def server_settings(settings: Settings) -> dict[str, Any]:
    """What every uvicorn of ours is started with."""
    return {
        "loop": "none",  # the role runs on uvloop already
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "date_header": True,
        "backlog": TCP_BACKLOG,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": DRAIN_MS // 1000,
        # Only a proxy on this machine may say who the client is.
        "forwarded_allow_ips": settings.trusted_proxies,
    }


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket that other web processes may share (SO_REUSEPORT).

    Raises:
        SetupError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SetupError(f"cannot listen on {host}:{port} ({error.strerror})") from error
    listener.listen(TCP_BACKLOG)
    return listener


def listen_control(url: str) -> socket.socket:
    """A private address, of a media node for example: `unix:/path`, or `http://host:port` for web nodes on other machines."""
    if not url.startswith("unix:"):
        parsed = urlsplit(url)
        return listen(parsed.hostname or "127.0.0.1", parsed.port or 80)
    path = url.removeprefix("unix:")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # left over from a process that was killed
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
    except OSError as error:
        listener.close()
        raise SetupError(f"cannot listen on {path} ({error}); set DATA_DIR to a shorter path") from error
    os.chmod(path, 0o600)
    listener.listen(TCP_BACKLOG)
    return listener
