"""A small world for the tests of the bus: two modules, their events, a table, and everything wired as in the product."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec
from redis.asyncio import Redis
from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, insert, select

from schemas.base import Envelope, Event, Request, event_type
from server.bus.asking import AskRegistry
from server.bus.consume import Consumer
from server.bus.outbox import OutboxRelay
from server.bus.topics import Sources
from server.bus.unit_of_work import UnitsOfWork
from server.kernel.module import Answers, Consumes, Context, Module
from server.store.database import Database
from tests.fakes.clock import FakeClock

METADATA = MetaData()  # of its own: the product has no such table
EFFECTS = Table(
    "bustest_effects",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("thing_id", String(40), nullable=False),
    Column("number", Integer, nullable=False),
)


class ThingHappened(Event, frozen=True, tag="alpha.thing_happened.v1"):
    """Emitted by alpha, consumed by beta."""

    SUBJECT: ClassVar[str] = "thing_id"
    thing_id: str
    number: int = 0


class OtherHappened(Event, frozen=True, tag="alpha.other_happened.v1"):
    """Emitted by alpha, consumed by nobody."""

    SUBJECT: ClassVar[str] = "thing_id"
    thing_id: str


class EffectHappened(Event, frozen=True, tag="beta.effect_happened.v1"):
    """Emitted by beta when it has handled a thing."""

    SUBJECT: ClassVar[str] = "thing_id"
    thing_id: str


class StateView(msgspec.Struct, frozen=True):
    """What is pushed to channels."""

    number: int


class GetNumber(Request[int]):
    """A question of beta that alpha answers."""


class Warehouse:
    """An outside service."""


async def record(event: ThingHappened, ctx: Context) -> None:
    """Beta's plain handler: one row and one event for each thing."""
    await ctx.store.execute(insert(EFFECTS).values(thing_id=event.thing_id, number=event.number))
    ctx.publish(EffectHappened(thing_id=event.thing_id))


Handler = Callable[[ThingHappened, Context], Awaitable[None]]


@dataclass
class Pushed:
    """What a fake of the channels was asked to publish. It behaves: a command id that it knows has no effect."""

    seen: dict[str, tuple[str, bytes, int | None]] = field(default_factory=dict)
    calls: int = 0
    error: Exception | None = None

    async def publish(self, channel: str, data: bytes, command_id: str, version: int | None) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error
        self.seen.setdefault(command_id, (channel, data, version))


@dataclass
class World:
    """The bus of one process."""

    database: Database
    redis: Redis
    clock: FakeClock
    modules: tuple[Module, ...]
    ports: Mapping[type, object] = field(default_factory=dict)
    pushed: Pushed = field(default_factory=Pushed)

    def __post_init__(self) -> None:
        self._consumers: list[Consumer] = []
        self.units = UnitsOfWork(self.database, self.clock, AskRegistry(self.modules), self.ports)
        self.relay = OutboxRelay(self.database, self.redis, self.pushed.publish, self.clock)
        self.sources = Sources(self.modules, self.redis, self.redis)

    def consumer(self, name: str = "worker-1") -> Consumer:
        """A consumer of beta, in a worker of this name."""
        self._consumers.append(Consumer(self.modules[1], self.sources, self.units, self.clock, name))
        return self._consumers[-1]

    async def aclose(self) -> None:
        """Close what the consumers hold open."""
        for consumer in self._consumers:
            await consumer.aclose()

    async def drain(self) -> None:
        """Relay everything."""
        while await self.relay.relay_once():
            pass

    async def effects(self) -> list[str]:
        """Things that beta has recorded, in order."""
        async with self.database.reading() as connection:
            rows = await connection.execute(select(EFFECTS.c.thing_id).order_by(EFFECTS.c.id))
            return list(rows.scalars())


def modules(handler: Handler = record, answers: tuple[Answers, ...] = ()) -> tuple[Module, ...]:
    """Alpha emits, beta consumes by `handler`."""
    alpha = Module("alpha", emits=(ThingHappened, OtherHappened), answers=answers)
    beta = Module("beta", consumes=(Consumes(ThingHappened, handler),), emits=(EffectHappened,))
    return alpha, beta


async def entries(redis: Redis, stream: str) -> list[Envelope]:
    """Envelopes in a stream."""
    found: Any = await redis.xrange(stream)
    return [msgspec.json.decode(fields[b"e"], type=Envelope) for _, fields in found]


def envelope(event: ThingHappened, event_id: str = "evt_1") -> bytes:
    """An encoded envelope, as the outbox writes it."""
    data = msgspec.Raw(msgspec.json.encode(event))
    made = Envelope(id=event_id, source="alpha", type=event_type(event), subject=event.thing_id, time_ms=0, data=data)
    return msgspec.json.encode(made)
