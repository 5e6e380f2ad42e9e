"""The modules with everything real around them, in one process: database, Valkey, ledger, outbox, consumers, sandbox provider.

Time stands still until a test lets it pass; then it passes for the modules and for the ledger alike.
"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis
from sqlalchemy import func, select

from schemas.base import Event
from schemas.errors import Refused, WireError
from schemas.http.orders import OrderView
from schemas.http.payments import PaymentView
from server.auth.passwords import Passwords
from server.auth.service import Auth
from server.auth.store import add_actor, get_actor
from server.bus.asking import AskRegistry
from server.bus.consume import Consumer
from server.bus.outbox import OutboxRelay
from server.bus.tables import DEAD_LETTERS
from server.bus.topics import Sources
from server.bus.unit_of_work import UnitsOfWork
from server.channels.audience import Audience
from server.channels.codec import Codec
from server.http.application import STATIC_FOLDER
from server.kernel.config import Settings
from server.kernel.module import SYSTEM, Actor, Call, ChannelKind, Endpoint, Module, Reply
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.wire import key
from server.modules.accounts.module import MODULE as ACCOUNTS
from server.modules.auctions.adapters import BidMemory
from server.modules.books.module import MODULE as BOOKS
from server.modules.catalog.module import MODULE as CATALOG
from server.modules.chat.module import MODULE as CHAT
from server.modules.coupons.module import MODULE as COUPONS
from server.modules.flash_sales.module import MODULE as FLASH_SALES
from server.modules.giveaways.module import MODULE as GIVEAWAYS
from server.modules.guests.adapters import StageControl
from server.modules.guests.module import MODULE as GUESTS
from server.modules.moderation.module import MODULE as MODERATION
from server.modules.notifications.adapters import PushSender
from server.modules.notifications.adapters.http_sender import HttpPushSender
from server.modules.notifications.adapters.words import PushWords
from server.modules.notifications.module import MODULE as NOTIFICATIONS
from server.modules.orders.module import MODULE as ORDERS
from server.modules.payments.adapters import PaymentProvider, Providers
from server.modules.payments.adapters.sandbox import Sandbox
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
from server.store.blobs import Blobs, FolderBlobs
from server.store.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.stages import FakeStages

MODULES: tuple[Module, ...] = (
    *(SHOWS, CATALOG, CHAT, MODERATION, ORDERS, PAYMENTS, GUESTS, NOTIFICATIONS),
    *(QUESTIONS, POLLS, REACTIONS, PRESENCE),
    *(FLASH_SALES, COUPONS, GIVEAWAYS, BOOKS, WEBHOOKS, PICTURES, ACCOUNTS, RECAPS),
)

HOLD_MS = 60_000
ROUNDS_MAX = 60
PRICE = {"amount_minor": 1_999, "currency": "EUR"}

HOST = Actor("acc_" + "a" * 32, "account", "Hanna", roles=frozenset({"host"}))
OTHER_HOST = Actor("acc_" + "b" * 32, "account", "Otto", roles=frozenset({"host"}))
BUYER = Actor("gst_" + "1" * 32, "guest", "Bea")
OTHER_BUYER = Actor("gst_" + "2" * 32, "guest", "Ben")


def an_id(prefix: str, number: int) -> str:
    """A well-formed id."""
    return f"{prefix}_{number:032x}"


SHOW_ID = an_id("shw", 1)


@dataclass
class Screens:
    """What channels were told, as their logs would keep it: once per id, and never an older version after a newer one."""

    pushes: dict[str, list[Any]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    async def publish(self, channel: str, data: bytes, command_id: str, version: int | None) -> None:
        if command_id in self.seen or (version is not None and version <= self.versions.get(channel, 0)):
            return
        self.seen.add(command_id)
        if version is not None:
            self.versions[channel] = version
        self.pushes.setdefault(channel, []).append(msgspec.json.decode(data))


@dataclass
class World:
    """One installation."""

    database: Database
    redis: Redis
    clock: FakeClock
    ledger: Ledger
    units: UnitsOfWork
    relay: OutboxRelay
    consumers: dict[str, Consumer]
    screens: Screens
    stages: FakeStages
    pushes: HttpPushSender
    sandbox: Sandbox
    hooks: HttpHookSender
    folder: Path
    blobs: FolderBlobs
    auth: Auth
    modules: Sequence[Module]

    async def call(
        self,
        actor: Actor,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        raw: bytes = b"",
    ) -> Reply:
        """An HTTP request, from the decoded path on; the body goes through JSON and strict decoding like any other."""
        endpoint, values = _endpoint(self.modules, method, path)
        decoded = msgspec.json.decode(msgspec.json.encode(body), type=endpoint.body) if endpoint.body else None
        async with self.units(actor) as ctx:
            return await endpoint.handler(ctx, Call(decoded, values, query or {}, headers or {}, raw=raw))

    async def settle(self) -> None:
        """Let every fact reach everybody, and what follows from it, until nothing moves."""
        for _ in range(ROUNDS_MAX):
            moved = await self.relay.relay_once()
            for consumer in self.consumers.values():
                consumer.wake()
                moved += await consumer.step()
            if not moved:
                return
        raise AssertionError("the facts go round in circles")

    async def emit(self, event: Event) -> None:
        """A fact from outside (the relay, or one told twice)."""
        async with self.units(SYSTEM) as ctx:
            ctx.publish(event)
        await self.settle()

    async def handle(self, module: str, event: Event) -> None:
        """Give a module a fact past the inbox, as if the inbox had forgotten it."""
        (entry,) = [entry for entry in self.consumers[module].module.consumes if isinstance(event, entry.event)]
        async with self.units(SYSTEM) as ctx:
            await entry.handler(event, ctx)

    async def run_job(self, module: str, name: str) -> None:
        """One round of a module's timed work."""
        (job,) = [job for made in self.modules if made.name == module for job in made.jobs if job.name == name]
        async with self.units(SYSTEM) as ctx:
            await job.run(ctx)
        await self.settle()

    async def pass_time(self, ms: int, show_id: str = SHOW_ID) -> None:
        """Time passes. The ledger's clock never stands before its show's last moment, so that moment moves it."""
        seconds, micros = await self.redis.time()
        behind_ms = max(0, seconds * 1_000 + micros // 1_000 - self.clock.now_ms())
        self.clock.advance(behind_ms + ms)
        await self.redis.hset(key(show_id, "meta"), "last_ms", str(self.clock.now_ms()))

    async def expire_holds(self, ms: int = HOLD_MS + 1) -> None:
        """Let unpaid holds end, and everybody hear of it."""
        await self.pass_time(ms)
        await self.ledger.sweep(SHOW_ID)
        await self.settle()

    async def dead_letters(self) -> int:
        async with self.database.reading() as connection:
            return int(await connection.scalar(select(func.count()).select_from(DEAD_LETTERS)) or 0)

    async def snapshot(self, kind: ChannelKind, subject: str) -> Any:
        """The channel's state as the database and the ledger have it."""
        async with self.units(SYSTEM) as ctx:
            initial = await kind.initial(ctx, subject)
        return initial[2] if isinstance(initial, tuple) else initial

    def fold(self, kind: ChannelKind, channel: str, state: Any, since: int = 0) -> Any:
        """A browser's state after the pushes of a channel."""
        codec = Codec(kind)
        for push in self.screens.pushes.get(channel, [])[since:]:
            state = codec.reduce(state, msgspec.json.encode(push))
        return state

    # What happens in most tests.

    async def know(self, *people: Actor) -> None:
        """These people have a session: identity knows them."""
        async with self.database.begin() as connection:
            for actor in people:
                assert actor.kind != "system"
                if await get_actor(connection, actor.id) is None:
                    await add_actor(connection, actor.id, actor.kind, actor.name, actor.locale, self.clock.now_ms())

    async def open_show(self, *, stock: int = 10, funded: int = 5, per_buyer_max: int = 3, sku: str = "DRESS-M") -> None:
        """A live show that sells one product."""
        await self.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
        await self.publish(sku, stock)
        await self.fund(sku, funded, per_buyer_max)
        await self.call(HOST, "POST", f"/api/shows/{SHOW_ID}/start")
        await self.settle()

    async def publish(self, sku: str, stock: int, number: int = 1, price: Mapping[str, Any] = PRICE) -> Reply:
        body = {
            "product_id": an_id("prd", number),
            "title": "Dress",
            "image_url": f"/static/{sku}.svg",
            "variants": [{"sku": sku, "price": price, "on_hand": stock, "label": "M"}],
        }
        return await self.call(HOST, "POST", "/api/catalog/products", body)

    async def fund(self, sku: str, quantity: int, per_buyer_max: int = 3, number: int = 1) -> Reply:
        body = {
            "move_id": an_id("mov", number),
            "show_id": SHOW_ID,
            "sku": sku,
            "quantity": quantity,
            "per_buyer_max": per_buyer_max,
        }
        return await self.call(HOST, "POST", "/api/catalog/pools", body)

    async def order(self, buyer: Actor, number: int, quantity: int = 1, sku: str = "DRESS-M") -> OrderView:
        body = an_order(number, [(sku, quantity)])
        view = (await self.call(buyer, "POST", "/api/orders", body)).view
        assert isinstance(view, OrderView)
        await self.settle()
        return view

    async def pay(self, buyer: Actor, order: int, payment: int, method: str = "tok_visa") -> PaymentView:
        view = (await self.call(buyer, "POST", "/api/payments", a_payment(order, payment, method))).view
        assert isinstance(view, PaymentView)
        await self.settle()
        return view

    async def order_now(self, buyer: Actor, number: int) -> OrderView:
        view = (await self.call(buyer, "GET", f"/api/orders/{an_id('ord', number)}")).view
        assert isinstance(view, OrderView)
        return view

    async def payment_now(self, buyer: Actor, number: int) -> PaymentView:
        view = (await self.call(buyer, "GET", f"/api/payments/{an_id('pay', number)}")).view
        assert isinstance(view, PaymentView)
        return view

    async def pool(self, sku: str = "DRESS-M") -> tuple[int, int, int]:
        """Available, held, sold."""
        (pool,) = [pool for pool in (await self.ledger.pools(SHOW_ID)).pools if pool.sku == sku]
        return pool.available, pool.held, pool.sold


def an_order(number: int, lines: list[tuple[str, int]], price: Mapping[str, Any] = PRICE) -> dict[str, Any]:
    """Body of `POST /api/orders`."""
    made = [{"sku": sku, "quantity": quantity, "unit_price": price} for sku, quantity in lines]
    return {"order_id": an_id("ord", number), "show_id": SHOW_ID, "lines": made}


def a_payment(order: int, payment: int, method: str = "tok_visa") -> dict[str, Any]:
    """Body of `POST /api/payments`."""
    return {"payment_id": an_id("pay", payment), "order_id": an_id("ord", order), "method": method}


class Refusal:
    """`with refused(ERROR) as refusal: …`; then `refusal.extra`."""

    def __init__(self, error: WireError) -> None:
        self.error = error
        self.extra: Mapping[str, Any] = {}

    def __enter__(self) -> "Refusal":
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is None:
            pytest.fail(f"nothing was refused; expected {self.error.name}")
        if not isinstance(error, Refused):
            return False
        assert error.error == self.error, error
        self.extra = error.extra
        return True


def refused(error: WireError) -> Refusal:
    """Expect a refusal."""
    return Refusal(error)


async def make_world(
    database: Database,
    redis: Redis,
    push_hosts: str = "",
    webhook_hosts: str = "",
    modules: Sequence[Module] = MODULES,
    real: Mapping[str, PaymentProvider] = MappingProxyType({}),
) -> World:
    """An empty installation. `push_hosts` and `webhook_hosts` are the `host:port` of services on this machine; `real` providers
    take money, and leave the sandbox to rehearsals."""
    seconds, micros = await redis.time()
    clock = FakeClock(seconds * 1_000 + micros // 1_000)
    ledger = Ledger(redis, clock)
    # The provider's silence takes no real time here; its deadline is long, so that a busy machine does not look like an outage.
    sandbox = Sandbox(redis, clock, deadline_ms=20_000, slow_ms=10, silent_ms=10)
    stages = FakeStages()
    settings = Settings(hold_ms=str(HOLD_MS), push_hosts=push_hosts, webhook_hosts=webhook_hosts)
    pushes = HttpPushSender(clock, settings.push_contact_uri, settings.push_host_list)
    hooks = HttpHookSender(clock, settings.webhook_host_list)
    folder = Path(tempfile.mkdtemp(prefix="world-"))
    blobs = FolderBlobs(folder / "blobs")
    ports: dict[type, object] = {
        Blobs: blobs,
        Darkroom: ProcessDarkroom(),
        Ledger: ledger,
        Providers: Providers({"sandbox": sandbox, **real}, sandbox, real),
        Settings: settings,
        StageControl: stages,
        PushSender: pushes,
        HookSender: hooks,
        PushWords: PushWords(STATIC_FOLDER / "locales"),
        LedgerHistory: LedgerHistory(database),
        BidMemory: BidMemory(),
        Audience: Audience(redis),
    }
    # Argon2id with the least cost: these tests are about what happens, not how long it takes.
    auth = Auth(database, redis, clock, settings, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    ports |= {Auth: auth}
    units = UnitsOfWork(database, clock, AskRegistry(modules), ports)
    screens = Screens()
    sources = Sources(modules, redis, redis)
    consumers = {module.name: Consumer(module, sources, units, clock, "tester") for module in modules if module.consumes}
    relay = OutboxRelay(database, redis, screens.publish, clock)
    parts = (
        database,
        redis,
        clock,
        ledger,
        units,
        relay,
        consumers,
        screens,
        stages,
        pushes,
        sandbox,
        hooks,
        folder,
        blobs,
        auth,
    )
    return World(*parts, modules)


async def close_world(world: World) -> None:
    """Close every connection."""
    shutil.rmtree(world.folder)
    await world.ledger.close()
    await world.pushes.close()
    await world.hooks.close()
    await world.auth.close()
    for consumer in world.consumers.values():
        for intake in consumer._intakes:
            await intake.aclose()


def _endpoint(modules: Sequence[Module], method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    found = []
    for module in modules:
        for endpoint in module.routes:
            pattern, given = endpoint.path.split("/"), path.split("/")
            if endpoint.method == method and len(pattern) == len(given):
                pairs = list(zip(pattern, given, strict=True))
                if all(part == value or part.startswith("{") for part, value in pairs):
                    found.append((endpoint, {part.strip("{}"): value for part, value in pairs if part.startswith("{")}))
    # Fixed paths before patterns, as the router has it.
    found.sort(key=lambda item: [part.startswith("{") for part in item[0].path.split("/")])
    assert len({endpoint.path for endpoint, _ in found}) == len(found) >= 1, (method, path, found)
    return found[0]
