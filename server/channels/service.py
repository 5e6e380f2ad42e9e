"""The websocket side of the server in one object: who may read a channel, what becomes of a command, and the process's life."""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from redis.asyncio import Redis

from schemas.base import Envelope, Event, event_subject, event_topic, event_type
from schemas.errors import (
    IDEMPOTENCY_CONFLICT,
    RATE_LIMITED,
    READ_ONLY_CHANNEL,
    UNKNOWN_CHANNEL,
    Refused,
)
from schemas.frames import Accepted, Publication, Subscribed
from server.channels.codec import Codec
from server.channels.conversation import Identities
from server.channels.door import DoorLimits
from server.channels.endpoint import Endpoint
from server.channels.figures import Meter
from server.channels.flights import Flights
from server.channels.flush import Flusher
from server.channels.framing import encode
from server.channels.hub import Channel, Hub
from server.channels.limits import HubLimits, KeyedBuckets, SessionLimits
from server.channels.live import Live
from server.channels.log import RECORDED_LENGTH_MAX, SEEN_PUSH_MS, ChannelLog, Published
from server.channels.session import Command, Join
from server.channels.transport import LiveProtocol, websocket_protocol
from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.kernel.module import SYSTEM, Actor, ChannelKind, Decision, UnitOfWork
from server.kernel.tasks import TaskGroup, forever, supervised
from server.redis import revocations

SWEEP_S = 1.0


@dataclass(frozen=True)
class ChannelsStats:
    """What the process does at the moment, and has done since its start."""

    connections: int
    paused: int
    channels: int
    publications: int
    frames: int
    writes: int
    gaps: int
    aborted_slow: int


@dataclass(frozen=True)
class Admitted:
    """A channel that the actor may read, with the facts it was decided on."""

    codec: Codec
    subject: str
    facts: Any


class Channels:
    """Everything that `server/app.py` wires of this package."""

    def __init__(
        self,
        *,
        redis: Redis,
        ledger_redis: Redis,
        kinds: Sequence[ChannelKind],
        units: UnitOfWork,
        identities: Identities,
        clock: Clock,
        tasks: TaskGroup,
        allowed_origins: Collection[str],
        limits: HubLimits | None = None,
        session_limits: SessionLimits | None = None,
        door_limits: DoorLimits | None = None,
    ) -> None:
        limits = limits or HubLimits()
        self._codecs = {kind.name: Codec(kind) for kind in kinds}
        assert len(self._codecs) == len(kinds), "two channel kinds have one name"
        self._units, self._clock, self._limits = units, clock, limits
        self._log = ChannelLog(redis)
        self._hub = Hub(limits)
        self._live = Live(
            hub=self._hub,
            flusher=Flusher(self._hub, clock, limits.delay_ms_max),
            log=self._log,
            redis=redis,
            ledger_redis=ledger_redis,
            units=units,
            clock=clock,
            tasks=tasks,
            limits=limits,
        )
        self._facts: Flights[Any] = Flights(tasks)
        self._buckets = KeyedBuckets()
        self._endpoint = Endpoint(
            channels=self,
            hub=self._hub,
            identities=identities,
            clock=clock,
            tasks=tasks,
            allowed_origins=allowed_origins,
            limits=limits,
            session_limits=session_limits or SessionLimits(),
            door_limits=door_limits or DoorLimits(),
        )
        self._redis = redis
        self._era = 0
        self._meter = Meter()

    # The process's life

    @property
    def websocket_protocol(self) -> type[LiveProtocol]:
        """For `uvicorn.Config(ws=…)`: `/ws`."""
        return websocket_protocol(self._endpoint)

    async def run(self) -> None:
        """Follow the logs and look after slow viewers, until cancelled."""
        async with supervised("channels") as group:
            group.start(self._live.run(), "live")
            group.start(self._sweep(), "sweep")
            group.start(forever(self._verify, "verify channels"), "verify")
            group.start(self._endpoint.run(), "look again")
            group.start(forever(self._hear_revocations, "revocations", pause_ms_max=1_000), "revocations")
            await group.join()

    async def drain(self, over_ms: int) -> None:
        """Take no more connections, and send everybody to another node, spread over `over_ms`, so that they do not come back
        all at once."""
        await self._endpoint.drain(over_ms)

    def stats(self) -> ChannelsStats:
        """Counts."""
        figures = self._hub.figures
        return ChannelsStats(
            connections=self._endpoint.connections,
            paused=len(self._endpoint.paused_since_ms),
            channels=len(self._hub.channels),
            publications=figures.publications,
            frames=figures.frames,
            writes=figures.writes,
            gaps=figures.gaps,
            aborted_slow=self._endpoint.aborted_slow,
        )

    async def _hear_revocations(self) -> None:
        await revocations.listen(self._redis, self._endpoint.look_at_everybody, self._take_revocation)

    def _take_revocation(self, revoked: revocations.Revoked) -> None:
        self._endpoint.end_sessions(frozenset(revoked.sessions))
        self._endpoint.look_at(frozenset(revoked.actors))

    def forget_facts(self) -> None:
        """Rights have changed: facts that are being read at this moment are too old for whoever asks from now on."""
        self._era += 1

    async def _verify(self) -> None:
        await asyncio.sleep(self._limits.verify_ms / 1000)
        await self._live.verify()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            now_ms = self._clock.monotonic_ms()
            self._endpoint.abort_stuck(now_ms)
            self._live.close_unused(now_ms)
            self._meter.update(self.stats())

    # For the outbox of any process

    async def publish_push(self, channel: str, data: bytes, command_id: str, version: int | None) -> None:
        """A publication that the server itself makes; the same `command_id` again has no effect.

        Raises:
            LookupError: there is no such kind of channel.
            Unavailable: Redis did not answer in time.
        """
        name, _, _ = channel.partition(":")
        codec = self._codecs.get(name)
        if codec is None:
            raise LookupError(f"no module has a channel kind {name!r}")
        await self._log.publish(
            channel,
            command_id,
            data,
            at_ms=self._clock.now_ms(),
            length_max=_length_max(codec.kind),
            version=version,
            seen_ms=SEEN_PUSH_MS,
        )

    # For a connection

    async def admit(self, actor: Actor, channel: str) -> Admitted:
        """The channel, if the actor may read it.

        Raises:
            Refused: it does not exist, or the actor may not.
            Unavailable: the database cannot be reached.
        """
        name, _, subject = channel.partition(":")
        codec = self._codecs.get(name)
        if codec is None:
            raise Refused(UNKNOWN_CHANNEL, f"There is no kind of channel {name!r}")
        kind = codec.kind
        key, reader = (f"{channel} {actor.id}", actor) if kind.personal else (channel, SYSTEM)
        key += f" {self._era}"
        facts = await self._facts.run(key, lambda: self._load(kind, reader, subject))
        if facts is None:
            raise Refused(UNKNOWN_CHANNEL)
        error = kind.authorise(actor, facts)
        if error is not None:
            raise Refused(error)
        return Admitted(codec, subject, facts)

    async def join(self, actor: Actor, request: Join) -> "Joining":
        """Everything for a reply to `subscribe`. Take the reply and join the hub without an await in between.

        Raises:
            Refused: as `admit`.
            Unavailable: Redis or the database cannot be reached.
        """
        admitted = await self.admit(actor, request.channel)
        channel = await self._live.open(admitted.codec, request.channel, admitted.subject)
        older: list[Publication] = []
        wanted = request.position
        if wanted is not None and wanted.epoch == channel.epoch and channel.since(wanted.offset) is None:
            older = await self._older(channel, wanted.offset)
        return Joining(channel, request, older)

    async def publish(self, actor: Actor, request: Command) -> Accepted:
        """Decide a command and append its publication; a retry gets the first outcome.

        Raises:
            Refused: by limits, by the channel's kind, or because another command had this id.
            msgspec.ValidationError: the command has not the shape of the kind's.
            Unavailable: Redis or the database cannot be reached; whether it was published is not known.
        """
        name, _, _ = request.channel.partition(":")
        codec = self._codecs.get(name)
        if codec is None:
            raise Refused(UNKNOWN_CHANNEL)
        if codec.kind.command is None:
            raise Refused(READ_ONLY_CHANNEL)
        kind = codec.kind
        wait_ms = self._buckets.take((actor.id, name), kind.commands_per_s, kind.commands_burst, self._clock.monotonic_ms())
        if wait_ms:
            raise Refused(RATE_LIMITED, retry_after_ms=wait_ms)
        command = codec.command(request.data)
        if kind.transactional:
            admitted = await self.admit(actor, request.channel)
            async with self._units(actor) as ctx:
                await kind.carry_out(ctx, admitted.subject, admitted.facts, command, request.command_id)
            return Accepted(
                id=request.frame_id, command_id=request.command_id, epoch=None, offset=None, echo=msgspec.Raw(b"null")
            )
        fingerprint = _fingerprint(actor, request)
        echo: msgspec.Struct | None = None
        try:
            admitted = await self.admit(actor, request.channel)
            state = (await self._live.open(codec, request.channel, admitted.subject)).state
            decision = kind.decide(actor, admitted.facts, state, command, request.command_id, self._clock.now_ms())
            published = await self._carry_out(actor, kind, request, decision, fingerprint)
            echo = decision.echo
        except Refused:
            # The facts may have changed since the first try was accepted, and a retry must hear what the first would have.
            before = await self._log.outcome(request.channel, request.command_id, fingerprint)
            if before is None:
                raise
            published = before
        return _accepted(request, published, echo)

    async def _load(self, kind: ChannelKind, reader: Actor, subject: str) -> Any | None:
        async with self._units(reader) as ctx:
            return await kind.load(ctx, subject)

    async def _carry_out(
        self, actor: Actor, kind: ChannelKind, request: Command, decision: Decision, fingerprint: str
    ) -> Published:
        if decision.error is not None:
            extra = {} if decision.retry_after_ms is None else {"retry_after_ms": decision.retry_after_ms}
            raise Refused(decision.error, decision.detail, **extra)
        assert decision.data is not None or decision.echo is not None, f"{kind.name}.decide gave neither data nor error"
        now_ms = self._clock.now_ms()
        published = await self._log.publish(
            request.channel,
            request.command_id,
            b"" if decision.data is None else encode(decision.data),
            at_ms=now_ms,
            length_max=_length_max(kind),
            fingerprint=fingerprint,
            envelope=None if decision.event is None else self._envelope(kind, decision.event, now_ms),
            guards=[(guard.key, guard.ttl_ms) for guard in decision.guards],
        )
        if published.outcome == "guarded":
            raise Refused(decision.guards[published.guard].error, retry_after_ms=published.remaining_ms)
        if published.outcome == "conflict":
            raise Refused(IDEMPOTENCY_CONFLICT, "Another command had this command_id; make a new one for each intent")
        assert published.outcome != "stale", "commands have no version"
        if decision.data is not None:
            self._live.check_epoch(request.channel, published.epoch)
        if decision.aside is not None:
            # After the note of the command and before its answer: a retry that finds the note comes here again, and the event's
            # handlers know the ids in it.
            async with self._units(actor) as ctx:
                ctx.publish(decision.aside)
        return published

    def _envelope(self, kind: ChannelKind, event: Event, now_ms: int) -> bytes:
        assert type(event) in kind.emits, f"{kind.name} does not list {type(event).__name__} in emits"
        # The id is ours and not the command's: a client chooses that, and could choose one that another event has.
        envelope = Envelope(
            id=new_id("evt", self._clock),
            source=event_topic(event),
            type=event_type(event),
            subject=event_subject(event),
            time_ms=now_ms,
            data=msgspec.Raw(encode(event)),
        )
        return encode(envelope)

    async def _older(self, channel: Channel, offset: int) -> list[Publication]:
        """What the ring has lost of a reader's gap; empty when it is too much or gone."""
        last = channel.base - 1
        if channel.newest_only or not 0 <= offset < last or channel.top - offset > self._limits.recovered_max:
            return []
        entries = await self._live.between(channel, offset + 1, last)
        return [Publication(offset=entry.offset, at_ms=entry.at_ms, data=msgspec.Raw(entry.data)) for entry in entries]


@dataclass(frozen=True)
class Joining:
    """A subscription that is about to begin."""

    channel: Channel
    request: Join
    older: list[Publication]

    def reply(self) -> Subscribed:
        """The reply for the channel's present top; the viewer must join in the same breath."""
        channel, wanted = self.channel, self.request.position
        publications: list[Publication] | None = None
        if wanted is not None and wanted.epoch == channel.epoch:
            publications = self._missed(wanted.offset)
        recovered = publications is not None
        return Subscribed(
            id=self.request.frame_id,
            channel=channel.name,
            epoch=channel.epoch,
            offset=channel.top,
            recovered=recovered,
            publications=publications or [],
            snapshot=msgspec.Raw(b"null") if recovered else channel.snapshot(),
        )

    def _missed(self, offset: int) -> list[Publication] | None:
        if not self.older:
            return self.channel.since(offset)
        # The ring has moved on while the log was read, but not past what was read: `older` ends where the ring then began.
        newer = self.channel.since(self.older[-1].offset)
        return None if newer is None else [*self.older, *newer]


def _length_max(kind: ChannelKind) -> int:
    return RECORDED_LENGTH_MAX if kind.emits else kind.history_length


def _accepted(request: Command, published: Published, echo: msgspec.Struct | None) -> Accepted:
    return Accepted(
        id=request.frame_id,
        command_id=request.command_id,
        epoch=published.epoch if published.offset else None,
        offset=published.offset or None,
        echo=msgspec.Raw(b"null" if echo is None else encode(echo)),
    )


def _fingerprint(actor: Actor, request: Command) -> str:
    return hashlib.blake2b(actor.id.encode() + b"\0" + request.data, digest_size=12).hexdigest()
