"""A consumer: gives a module every event that it consumes, at least once, and makes the effect happen once."""

import asyncio
import traceback
from collections.abc import Sequence

import msgspec
from sqlalchemy import Select, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Envelope, Event, event_type
from server.bus.dead_letters import letter
from server.bus.intake import BLOCK_MS, Entry, Intake, StreamState
from server.bus.lease import Lease
from server.bus.tables import DEAD_LETTERS, INBOX
from server.bus.topics import Source, Sources
from server.bus.unit_of_work import UnitsOfWork
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter
from server.kernel.module import SYSTEM, Consumes, Module
from server.kernel.tasks import TaskGroup, forever

ATTEMPTS_MAX = 8
BACKOFF_MS = 100
"""Doubled after each failure: 0.1 s … 6.4 s, together about 13 s, in which the later events of the stream wait."""
OUTAGE_PAUSE_MS_MAX = 5_000
"""`Unavailable` is nobody's fault: it is tried again for ever, and within this once Redis or the database is back."""
DELIVERIES_MAX = 25
"""An event that was handed out so often without any outcome has killed its worker each time."""
HANDLER_TIMEOUT_S = 30.0

CONSUMED = counter("bus_consumed_total", "Events that a module has dealt with", ("module", "outcome"))

log = get_logger(__name__)


class AlreadyHandled(Exception):
    """The event has had its effect: the unit of work rolls back."""


class Poison(Exception):
    """The entry cannot be read, now or later."""


class Consumer:
    """Consumes for one module. Of several workers the one that holds the module's lease works, the others stand by.

    Handlers run one after another per stream, in the order of the stream. An event whose handler fails is tried again with
    growing pauses, and then becomes a dead letter; other streams go on meanwhile.
    """

    def __init__(self, module: Module, sources: Sources, units: UnitsOfWork, clock: Clock, name: str) -> None:
        """`name` is the worker's: unique among living workers, and the same again after a restart."""
        assert module.consumes, module.name
        self.module = module
        self._units = units
        self._clock = clock
        self._handlers: dict[str, Consumes] = {event_type(entry.event): entry for entry in module.consumes}
        assert len(self._handlers) == len(module.consumes), f"{module.name} consumes an event twice"
        own = sources.of(module)
        self._lease = Lease(own[0].redis, f"consume:{module.name}", name, clock)
        self._token: int | None = None
        self._intakes = [Intake(group[0].redis, group, module.name, name, clock) for group in _by_redis(own)]

    def wake(self) -> None:
        """A show or a recorded channel was made: look at it now rather than within a second."""
        for intake in self._intakes:
            intake.wake()

    async def run(self) -> None:
        """Consume for ever; end it by cancelling. While Redis or the database is away it waits."""
        tasks = TaskGroup(f"consumer {self.module.name}")
        try:
            for intake in self._intakes:
                tasks.start(self._run(intake), self.module.name)
            await tasks.join()
        finally:
            await tasks.close()
            await self.aclose()

    async def step(self, block_ms: int = 0) -> int:
        """Handle what there is; returns how many entries were dealt with. Waits up to `block_ms` for the first one.

        Raises:
            Unavailable: Redis is away.
        """
        return sum([await self._round(intake, block_ms) for intake in self._intakes])

    async def aclose(self) -> None:
        """Close its connections; `run` does so by itself."""
        for intake in self._intakes:
            await intake.aclose()

    async def _run(self, intake: Intake) -> None:
        async def step() -> None:
            await self._round(intake, BLOCK_MS)

        await forever(step, f"consumer {self.module.name}", pause_ms_max=1_000)

    async def _round(self, intake: Intake, block_ms: int) -> int:
        token = await self._lease.hold()
        if token != self._token:  # ours since just now, or lost: whatever is pending may be somebody else's business meanwhile
            self._token = token
            for each in self._intakes:
                each.forget()
        if token is None:
            await asyncio.sleep(block_ms / 1000)
            return 0
        try:
            await intake.refill(block_ms)
            return sum([await self._work(intake, stream) for stream in list(intake.streams)])
        except BaseException:
            intake.forget()  # what was read but not acknowledged is claimed again
            raise

    async def _work(self, intake: Intake, stream: str) -> int:
        """Handle a stream's backlog up to the first failure."""
        state = intake.streams.get(stream)
        if state is None or self._clock.monotonic_ms() < state.retry_at_ms:
            return 0
        done: list[str] = []
        try:
            while state.backlog and await self._deal_with(intake, stream, state, state.backlog[0]):
                done.append(state.backlog.popleft().id)
        finally:
            if done:
                await intake.acknowledge(stream, done)
        return len(done)

    async def _deal_with(self, intake: Intake, stream: str, state: StreamState, entry: Entry) -> bool:
        """Whether the entry is done with: handled, of no interest, or a dead letter."""
        try:
            outcome = await self._handle(entry, state.sparse)
        except Poison as error:
            return await self._bury(stream, entry, error)
        except Unavailable as error:
            entry.outages += 1
            pause_ms = min(BACKOFF_MS * 2**entry.outages, OUTAGE_PAUSE_MS_MAX)
            state.retry_at_ms = self._clock.monotonic_ms() + pause_ms
            log.warning(
                "an event waits for an outage to end", module=self.module.name, stream=stream, entry=entry.id, error=repr(error)
            )
            return False
        except Exception as error:  # noqa: BLE001 - whatever the handler raises, the event is tried again and then kept
            entry.attempts += 1
            if entry.attempts >= ATTEMPTS_MAX:
                return await self._bury(stream, entry, error)
            state.retry_at_ms = self._clock.monotonic_ms() + BACKOFF_MS * 2 ** (entry.attempts - 1)
            log.warning(
                "a handler failed; it will be tried again",
                module=self.module.name,
                stream=stream,
                entry=entry.id,
                attempt=entry.attempts,
                error="".join(traceback.format_exception_only(error)).strip(),
            )
            return False
        CONSUMED.labels(self.module.name, outcome).inc()
        return True

    async def _handle(self, entry: Entry, sparse: bool) -> str:
        if b"e" not in entry.fields:
            if sparse:
                return "skipped"
            raise Poison("the entry has no envelope")
        envelope = _decode_envelope(entry.fields[b"e"])
        consumes = self._handlers.get(envelope.type)
        if consumes is None:
            return "skipped"
        if entry.deliveries > DELIVERIES_MAX:
            raise Poison(f"delivered {entry.deliveries} times without an outcome")
        event = _decode_event(envelope, consumes.event)
        try:
            async with asyncio.timeout(HANDLER_TIMEOUT_S), self._units.open(SYSTEM, self._claim(envelope.id)) as ctx:
                async with ctx.reading() as connection:
                    if await connection.scalar(_handled(self.module.name, envelope.id)):
                        raise AlreadyHandled
                await consumes.handler(event, ctx)
        except AlreadyHandled:
            return "duplicate"
        return "handled"

    def _claim(self, event_id: str) -> "_InboxClaim":
        return _InboxClaim(self.module.name, event_id, self._clock.now_ms())

    async def _bury(self, stream: str, entry: Entry, error: BaseException) -> bool:
        envelope = entry.fields.get(b"e", b"")
        log.error("an event became a dead letter", module=self.module.name, stream=stream, entry=entry.id, exc_info=error)
        values = letter(
            self.module.name, stream, entry.id, _type_of(envelope), envelope, error, entry.attempts, self._clock.now_ms()
        )
        async with self._units.open(SYSTEM) as ctx:
            await ctx.store.execute(insert(DEAD_LETTERS).values(values))
        CONSUMED.labels(self.module.name, "dead").inc()
        return True


class _InboxClaim:
    """First statement of a handler's transaction: of two that handle the same event, one gets past this."""

    def __init__(self, module: str, event_id: str, now_ms: int) -> None:
        self._values = {"module": module, "event_id": event_id, "handled_at_ms": now_ms}

    async def __call__(self, connection: AsyncConnection) -> None:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        done = await connection.execute(dialect.insert(INBOX).values(self._values).on_conflict_do_nothing())
        if done.rowcount == 0:
            raise AlreadyHandled


def _handled(module: str, event_id: str) -> Select[tuple[int]]:
    return select(INBOX.c.handled_at_ms).where(INBOX.c.module == module, INBOX.c.event_id == event_id)


def _decode_envelope(data: bytes) -> Envelope:
    try:
        return msgspec.json.decode(data, type=Envelope)
    except msgspec.DecodeError as error:
        raise Poison(f"the envelope cannot be read: {error}") from error


def _decode_event(envelope: Envelope, kind: type[Event]) -> Event:
    try:
        return msgspec.json.decode(envelope.data, type=kind)
    except msgspec.DecodeError as error:
        raise Poison(f"the event {envelope.id} cannot be read: {error}") from error


def _type_of(envelope: bytes) -> str:
    try:
        return _decode_envelope(envelope).type
    except Poison:
        return ""


def _by_redis(sources: Sequence[Source]) -> list[list[Source]]:
    groups: dict[int, list[Source]] = {}
    for source in sources:
        groups.setdefault(id(source.redis), []).append(source)
    return list(groups.values())
