"""The unit of work: one actor, one moment, one transaction, and what leaves with its commit."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Envelope, Event, Request, event_subject, event_topic, event_type
from server.bus.asking import AskRegistry
from server.bus.tables import OUTBOX
from server.bus.together import Readers, Writers
from server.kernel.clock import Clock
from server.kernel.errors import SetupError
from server.kernel.flights import Flights
from server.kernel.ids import new_id
from server.kernel.module import SYSTEM, Actor, Context, FoundT, ItemT, KeyT, MadeT, ReadMany, WriteMany
from server.kernel.tasks import TaskGroup
from server.store.database import Database

ReplyT = TypeVar("ReplyT")
PortT = TypeVar("PortT")

ASK_DEPTH_MAX = 8
"""A question asked while answering asks another one; deeper than this is two modules asking each other in circles."""

_answering: ContextVar[tuple[Request[Any], ...]] = ContextVar("answering", default=())
"""Shared questions that this task is answering, the outermost first."""

FirstStatement = Callable[[AsyncConnection], Awaitable[None]]


class UnitsOfWork:
    """Opens contexts: `async with units(actor) as ctx`. It is the kernel's `UnitOfWork`."""

    def __init__(self, database: Database, clock: Clock, registry: AskRegistry, ports: Mapping[type, object]) -> None:
        """`ports` are the outside services by their type, as modules name them in `ctx.port(…)`."""
        self._database = database
        self._clock = clock
        self._registry = registry
        self._ports = dict(ports)
        self._callbacks: list[Callable[[], None]] = []
        self._inside: set[asyncio.Task[Any]] = set()
        self._tasks = TaskGroup("questions")
        self._answers: Flights[Request[Any], Any] = Flights(self._tasks)
        self._readers = Readers(database)
        self._writers = Writers(lambda: self.open(SYSTEM))

    async def close(self) -> None:
        """End what is still being read, written or answered."""
        await self._writers.close()
        await self._readers.close()
        await self._tasks.close()

    async def answer_shared(self, request: Request[ReplyT]) -> ReplyT:
        """One answer for all who ask the same now; it is read after this call. A crowd that presses the same button asks the
        database once per answer and not once per head."""
        # Answers that wait for each other in a circle would wait for ever.
        assert request not in _answering.get(), f"questions go round in circles: {type(request).__name__}"
        reply: ReplyT = await self._answers.run(request, lambda: self._answer(request))
        return reply

    async def read_together(self, read: ReadMany[KeyT, FoundT], key: KeyT) -> FoundT:
        """As `Context.read_together`."""
        return await self._readers.read(read, key)

    async def write_together(self, write: WriteMany[ItemT, MadeT], item: ItemT) -> MadeT:
        """As `Context.write_together`."""
        return await self._writers.write(write, item)

    async def _answer(self, request: Request[Any]) -> Any:
        _answering.set((*_answering.get(), request))  # of the task that answers, which inherited those that led to it
        async with self.open(SYSTEM) as ctx:
            return await self._registry.ask(request, ctx)

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` after every commit that put something into the outbox (`relay.wake`)."""
        self._callbacks.append(callback)

    def __call__(self, actor: Actor) -> contextlib.AbstractAsyncContextManager[Context]:
        return self.open(actor)

    @contextlib.asynccontextmanager
    async def open(self, actor: Actor, first: FirstStatement | None = None) -> AsyncIterator[Context]:
        """A unit whose transaction begins with `first`, whenever it opens, and opens in any case when `first` is given.

        Raises:
            Unavailable: the database cannot be reached, or not in time; nothing has happened, unless the connection was lost
                just in the commit.
        """
        task = asyncio.current_task()
        assert task is not None
        # A second transaction of the same task would wait for the first one for ever.
        assert task not in self._inside, "units of work cannot be nested: use the ctx that you were given"
        unit = _Unit(self, self._database, self._clock, self._registry, self._ports, actor, first)
        self._inside.add(task)
        try:
            async with contextlib.AsyncExitStack() as stack:
                unit.stack = stack
                yield unit
                await unit.flush()
            if unit.has_outbox:
                for callback in self._callbacks:
                    callback()
        finally:
            unit.stack = None
            self._inside.discard(task)


class _Unit:
    """The `Context` of one unit of work."""

    def __init__(
        self,
        units: UnitsOfWork,
        database: Database,
        clock: Clock,
        registry: AskRegistry,
        ports: Mapping[type, object],
        actor: Actor,
        first: FirstStatement | None,
    ) -> None:
        self.actor = actor
        self.now_ms = clock.now_ms()
        self.stack: contextlib.AsyncExitStack | None = None
        self.has_outbox = False
        self._units = units
        self._database = database
        self._clock = clock
        self._registry = registry
        self._ports = ports
        self._first = first
        self._connection: AsyncConnection | None = None
        self._outbox: list[dict[str, Any]] = []
        self._depth = 0

    @property
    def store(self) -> "_Store":
        return _Store(self)

    def reading(self) -> contextlib.AbstractAsyncContextManager[AsyncConnection]:
        return self._database.reading()

    async def read_together(self, read: ReadMany[KeyT, FoundT], key: KeyT) -> FoundT:
        return await self._units.read_together(read, key)

    async def write_together(self, write: WriteMany[ItemT, MadeT], item: ItemT) -> MadeT:
        assert self._connection is None, "write together before the first use of ctx.store: this unit has the lock already"
        return await self._units.write_together(write, item)

    def publish(self, event: Event) -> None:
        assert self.stack is not None, "the unit of work has ended"
        envelope = Envelope(
            id=new_id("evt", self._clock),
            source=event_topic(event),
            type=event_type(event),
            subject=event_subject(event),
            time_ms=self.now_ms,
            data=msgspec.Raw(msgspec.json.encode(event)),
        )
        self._put("event", envelope.source, envelope.id, msgspec.json.encode(envelope), None)

    def push(self, channel: str, data: msgspec.Struct, version: int | None = None) -> None:
        assert self.stack is not None, "the unit of work has ended"
        self._put("push", channel, new_id("psh", self._clock), msgspec.json.encode(data), version)

    def revoke(self, actor_id: str) -> None:
        assert self.stack is not None, "the unit of work has ended"
        self._put("revoke", actor_id, new_id("rvk", self._clock), b"", None)

    async def ask(self, request: Request[ReplyT]) -> ReplyT:
        assert self._depth < ASK_DEPTH_MAX, f"questions go round in circles: {type(request).__name__}"
        if self._connection is None and self._registry.is_shared(request):
            return await self._units.answer_shared(request)
        self._depth += 1
        try:
            return await self._registry.ask(request, self)
        finally:
            self._depth -= 1

    async def gather(self, request: Request[ReplyT]) -> Mapping[str, ReplyT]:
        return await self._registry.gather(request, self)

    def port(self, kind: type[PortT]) -> PortT:
        assert self._connection is None, f"call {kind.__name__} before the first use of ctx.store: no lock may wait for it"
        if kind not in self._ports:
            raise SetupError(f"no adapter was chosen for the port {kind.__name__}")
        port = self._ports[kind]
        assert isinstance(port, object)
        return port  # type: ignore[return-value]

    async def connection(self) -> AsyncConnection:
        """The write transaction, which opens at the first call."""
        assert self.stack is not None, "the unit of work has ended"
        if self._connection is None:
            self._connection = await self.stack.enter_async_context(self._database.begin())
            if self._first is not None:
                await self._first(self._connection)
        return self._connection

    async def flush(self) -> None:
        """Last statement of the transaction: write the outbox. Locks on what the unit changed are held by now, so that events of
        one subject get their row ids in the order in which their transactions commit."""
        if self._outbox:
            await (await self.connection()).execute(insert(OUTBOX), self._outbox)
            self.has_outbox = True
        elif self._first is not None:
            await self.connection()

    def _put(self, kind: str, target: str, message_id: str, payload: bytes, version: int | None) -> None:
        self._outbox.append(
            {
                "kind": kind,
                "target": target,
                "message_id": message_id,
                "payload": payload,
                "version": version,
                "created_at_ms": self.now_ms,
            }
        )


class _Store:
    """The kernel's `Store` over the unit's connection."""

    def __init__(self, unit: _Unit) -> None:
        self._unit = unit

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        return await (await self._unit.connection()).execute(statement, parameters)

    async def scalar(self, statement: Any) -> Any:
        return await (await self._unit.connection()).scalar(statement)
