"""What becomes of a command, and of what the server itself publishes: the channel's kind decides, one script carries it out."""

import hashlib

import msgspec

from schemas.base import Envelope, Event, event_subject, event_topic, event_type
from schemas.errors import IDEMPOTENCY_CONFLICT, RATE_LIMITED, READ_ONLY_CHANNEL, Refused
from schemas.frames import Accepted
from server.channels.admission import Admission
from server.channels.framing import encode
from server.channels.limits import KeyedBuckets
from server.channels.live import Live
from server.channels.log import RECORDED_LENGTH_MAX, SEEN_PUSH_MS, ChannelLog, Published, Tally
from server.channels.session import Command
from server.channels.tallies import Tallies
from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.kernel.module import Actor, ChannelKind, Decision, UnitOfWork
from server.kernel.tasks import TaskGroup


class Commands:
    """Carries commands out; one per process."""

    def __init__(
        self, admission: Admission, live: Live, log: ChannelLog, *, units: UnitOfWork, clock: Clock, tasks: TaskGroup
    ) -> None:
        self._admission, self._live, self._log, self._units, self._clock = admission, live, log, units, clock
        self._tallies = Tallies(log, clock, tasks)
        self._buckets = KeyedBuckets()

    async def publish_push(self, channel: str, data: bytes, command_id: str, version: int | None) -> None:
        """A publication that the server itself makes; the same `command_id` again has no effect.

        Raises:
            LookupError: there is no such kind of channel.
            Unavailable: Redis did not answer in time.
        """
        codec = self._admission.codec(channel)
        if codec is None:
            raise LookupError(f"no module has a channel kind {channel.partition(':')[0]!r}")
        await self._log.publish(
            channel,
            command_id,
            data,
            at_ms=self._clock.now_ms(),
            length_max=_length_max(codec.kind),
            version=version,
            seen_ms=SEEN_PUSH_MS,
        )

    async def publish(self, actor: Actor, request: Command) -> Accepted:
        """Decide a command and append its publication; a retry gets the first outcome.

        Raises:
            Refused: by limits, by the channel's kind, or because another command had this id.
            msgspec.ValidationError: the command has not the shape of the kind's.
            Unavailable: Redis or the database cannot be reached; whether it was published is not known.
        """
        codec = self._admission.known_codec(request.channel)
        if codec.kind.command is None:
            raise Refused(READ_ONLY_CHANNEL)
        kind = codec.kind
        wait_ms = self._buckets.take((actor.id, kind.name), kind.commands_per_s, kind.commands_burst, self._clock.monotonic_ms())
        if wait_ms:
            raise Refused(RATE_LIMITED, retry_after_ms=wait_ms)
        command = codec.command(request.data)
        if kind.transactional:
            admitted = await self._admission.admit_command(actor, request.channel)
            async with self._units(actor) as ctx:
                echo = await kind.carry_out(ctx, admitted.subject, admitted.facts, command, request.command_id)
            return _accepted(request, None, echo)
        fingerprint = _fingerprint(actor, request)
        echo = None
        try:
            admitted = await self._admission.admit_command(actor, request.channel)
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

    async def _carry_out(
        self, actor: Actor, kind: ChannelKind, request: Command, decision: Decision, fingerprint: str
    ) -> Published:
        if decision.error is not None:
            extra = {} if decision.retry_after_ms is None else {"retry_after_ms": decision.retry_after_ms}
            raise Refused(decision.error, decision.detail, **extra)
        now_ms = self._clock.now_ms()
        guards = [(guard.key, guard.ttl_ms) for guard in decision.guards]
        if decision.tally:
            assert decision.data is None, f"{kind.name}.decide gave data and a tally: totals are a publication of their own"
            published = await self._tallies.add(
                request.channel,
                Tally(request.command_id, fingerprint, decision.tally, guards),
                conflate_ms=kind.conflate_ms,
                length_max=_length_max(kind),
            )
        else:
            assert decision.data is not None or decision.echo is not None, f"{kind.name}.decide gave neither data nor error"
            published = await self._log.publish(
                request.channel,
                request.command_id,
                b"" if decision.data is None else encode(decision.data),
                at_ms=now_ms,
                length_max=_length_max(kind),
                fingerprint=fingerprint,
                envelope=None if decision.event is None else self._envelope(kind, decision.event, now_ms),
                guards=guards,
            )
        if published.outcome == "guarded":
            raise Refused(decision.guards[published.guard].error, retry_after_ms=published.remaining_ms)
        if published.outcome == "conflict":
            raise Refused(IDEMPOTENCY_CONFLICT, "Another command had this command_id; make a new one for each intent")
        assert published.outcome != "stale", "commands have no version"
        if published.outcome == "appended":  # the position of a duplicate may be of an epoch that has ended since
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


def _length_max(kind: ChannelKind) -> int:
    return RECORDED_LENGTH_MAX if kind.emits else kind.history_length


def _accepted(request: Command, published: Published | None, echo: msgspec.Struct | None) -> Accepted:
    placed = published if published is not None and published.offset else None
    return Accepted(
        id=request.frame_id,
        command_id=request.command_id,
        epoch=None if placed is None else placed.epoch,
        offset=None if placed is None else placed.offset,
        echo=msgspec.Raw(b"null" if echo is None else encode(echo)),
    )


def _fingerprint(actor: Actor, request: Command) -> str:
    return hashlib.blake2b(actor.id.encode() + b"\0" + request.data, digest_size=12).hexdigest()
