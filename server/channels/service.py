"""The websocket side of the server in one object: what its parts are, the process's life, and subscriptions."""

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from redis.asyncio import Redis
from starlette.routing import BaseRoute, Route

from schemas.frames import Accepted, Publication, Subscribed
from server.channels.admission import Admission, Admitted
from server.channels.commands import Commands
from server.channels.conversation import Identities
from server.channels.door import DoorLimits
from server.channels.endpoint import Endpoint
from server.channels.figures import Meter
from server.channels.flush import Flusher
from server.channels.hub import Channel, Hub
from server.channels.limits import HubLimits, SessionLimits
from server.channels.live import Live
from server.channels.log import ChannelLog
from server.channels.long_poll import PATH as POLL_PATH
from server.channels.long_poll import LongPoll
from server.channels.presence import Presence
from server.channels.session import Command, Join
from server.channels.transport import LiveProtocol, websocket_protocol
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.module import Actor, ChannelKind, UnitOfWork
from server.kernel.tasks import TaskGroup, forever, supervised
from server.redis import revocations

SWEEP_S = 1.0


@dataclass(frozen=True)
class ChannelsStats:
    """What the process does at the moment, and has done since its start."""

    connections: int
    polls: int
    refused: int
    paused: int
    channels: int
    publications: int
    frames: int
    writes: int
    gaps: int
    aborted_slow: int


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
        self._clock, self._limits = clock, limits
        self._admission = Admission(kinds, units, clock, tasks)
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
        self._presence = Presence(self._hub, self._log, clock, limits)
        self._commands = Commands(
            admission=self._admission, live=self._live, log=self._log, units=units, clock=clock, tasks=tasks
        )
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
        self._meter = Meter()

    # The process's life

    @property
    def websocket_protocol(self) -> type[LiveProtocol]:
        """For `uvicorn.Config(ws=…)`: `/ws`."""
        return websocket_protocol(self._endpoint)

    @property
    def routes(self) -> list[BaseRoute]:
        """For the web application: polls, where no websocket gets through."""
        return [Route(POLL_PATH, LongPoll(self._endpoint).answer, methods=["POST"])]

    async def run(self) -> None:
        """Follow the logs and look after slow viewers, until cancelled."""
        async with supervised("channels") as group:
            group.start(self._live.run(), "live")
            group.start(self._presence.run(), "presence")
            group.start(self._sweep(), "sweep")
            group.start(forever(self._verify, "verify channels"), "verify")
            group.start(self._endpoint.run(), "look again")
            group.start(forever(self._hear_revocations, "revocations", pause_ms_max=1_000), "revocations")
            await group.join()

    async def drain(self, over_ms: int) -> None:
        """Take no more connections, and send everybody to another node, spread over `over_ms`, so that they do not come back
        all at once. Afterwards nobody is counted here any more."""
        await self._endpoint.drain(over_ms)
        with contextlib.suppress(Unavailable):  # then our entry expires
            await self._presence.report(everything=True)

    async def close(self) -> None:
        """Let what was published be answered, and close the connection for it. The last thing that is done with it."""
        await self._log.close()

    def stats(self) -> ChannelsStats:
        """Counts."""
        figures = self._hub.figures
        return ChannelsStats(
            connections=self._endpoint.connections,
            polls=len(self._endpoint.others),
            refused=self._endpoint.door.refused,
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
        """As `Commands.publish_push`."""
        await self._commands.publish_push(channel, data, command_id, version)

    # For a connection

    async def admit(self, actor: Actor, channel: str) -> Admitted:
        """As `Admission.admit`."""
        return await self._admission.admit(actor, channel)

    def forget_facts(self) -> None:
        """As `Admission.forget_facts`."""
        self._admission.forget_facts()

    async def publish(self, actor: Actor, request: Command) -> Accepted:
        """As `Commands.publish`."""
        return await self._commands.publish(actor, request)

    async def join(self, actor: Actor, request: Join) -> "Joining":
        """Everything for a reply to `subscribe`. Take the reply and join the hub without an await in between.

        Raises:
            Refused: as `admit`.
            Unavailable: Redis or the database cannot be reached.
        """
        era = self._admission.era
        admitted = await self._admission.admit_reader(actor, request.channel)
        channel = await self._live.open(admitted.codec, request.channel, admitted.subject)
        older: Older | None = None
        wanted = request.position
        if wanted is not None and wanted.epoch == channel.epoch and wanted.offset > channel.top:
            await self._live.reach(channel, wanted.offset)
        if wanted is not None and wanted.epoch == channel.epoch and channel.since(wanted.offset) is None:
            older = await self._older(channel, wanted.offset)
        if era != self._admission.era:  # whoever lost a right meanwhile was not seen here when that was looked at
            await self._admission.admit(actor, request.channel)
        return Joining(channel, request, older)

    async def _older(self, channel: Channel, offset: int) -> "Older | None":
        """What the ring has lost of a reader's gap; None when it is too much or gone."""
        last = channel.floor
        if channel.newest_only or not 0 <= offset < last or channel.top - offset > self._limits.recovered_max:
            return None
        entries = await self._live.between(channel, offset + 1, last)
        if not entries:
            return None
        found: list[Publication] = []
        for each in entries:
            if each.data:
                after = offset if channel.sparse else None
                found.append(Publication(offset=each.offset, at_ms=each.at_ms, data=msgspec.Raw(each.data), after=after))
                offset = each.offset
        return Older(last, found)


class Older(NamedTuple):
    """What came before a ring, up to the offset `upto`."""

    upto: int
    publications: list[Publication]


@dataclass(frozen=True)
class Joining:
    """A subscription that is about to begin."""

    channel: Channel
    request: Join
    older: Older | None

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
        if self.older is None:
            return self.channel.since(offset)
        # The ring has moved on while the log was read, but not past what was read: `older` ends where the ring then began.
        newer = self.channel.since(self.older.upto)
        return None if newer is None else [*self.older.publications, *newer]
