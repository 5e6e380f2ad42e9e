"""A client that is served, by websocket or by polling: its session's effects are carried out in the order in which they came,
those of different channels side by side.
"""

import asyncio
from functools import partial
from typing import Any, Protocol

import msgspec

from schemas.errors import (
    CLOSE_SHUTDOWN,
    CLOSE_SIGNED_OUT,
    CLOSE_UNAVAILABLE,
    INTERNAL,
    INVALID_FIELD,
    NOT_SUBSCRIBED,
    UNAVAILABLE,
    CloseCode,
    Refused,
)
from schemas.frames import Accepted, Subscribed, Unsubscribed
from server.auth.actors import Identity
from server.channels.framing import failed
from server.channels.hub import Channel, Hub, Viewer
from server.channels.limits import HubLimits, SessionLimits, TokenBucket
from server.channels.session import Authenticate, Close, Command, Effect, Join, Leave, Session
from server.channels.turns import Turns
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.module import Actor
from server.kernel.tasks import TaskGroup

log = get_logger(__name__)


class Subscription(Protocol):
    """A channel that is ready to be joined, and the reply that must go out in the same breath."""

    @property
    def channel(self) -> Channel: ...
    def reply(self) -> Subscribed: ...


class Service(Protocol):
    """What a client needs of `Channels`."""

    async def join(self, actor: Actor, request: Join) -> Subscription: ...
    async def publish(self, actor: Actor, request: Command) -> Accepted: ...
    async def admit(self, actor: Actor, channel: str) -> object: ...
    def forget_facts(self) -> None: ...


class Identities(Protocol):
    """Who somebody is. Each raises Unavailable when that cannot be found out now."""

    async def by_ticket(self, ticket: str) -> Identity | None: ...
    async def by_cookie(self, header: str) -> Identity | None: ...
    async def by_session(self, session_hash: str) -> Actor | None: ...


ALONE = ""
"""Lane of effects that concern the whole conversation."""


class LookAgain:
    """The person's session, name and rights may have changed."""


class Host(Protocol):
    """The process's side of a conversation."""

    channels: Service
    hub: Hub
    identities: Identities
    clock: Clock
    tasks: TaskGroup
    limits: HubLimits
    session_limits: SessionLimits
    turns: Turns

    def buckets(self, address: str | None, actor_id: str | None) -> tuple[TokenBucket, ...]:
        """What the client's frames draw from besides its own bucket."""

    def look_again_later(self, conversation: "Conversation") -> None:
        """It could not be looked at now."""


class Conversation:
    """One client. Subclasses say how frames reach it (`write`) and how it ends (`_say_goodbye`)."""

    __slots__ = ("_busy", "_pending", "actor", "address", "ended", "host", "session", "session_hash", "viewer")

    def __init__(self, host: Host, session: Session, viewer: Viewer, address: str | None) -> None:
        self.host, self.session, self.viewer, self.address = host, session, viewer, address
        self.actor: Actor | None = None
        self.session_hash = ""
        self.ended = False
        self._pending: list[Effect | LookAgain] = []
        self._busy: tuple[str, ...] = ()  # lanes in which an effect is being carried out

    def write(self, data: bytes) -> None:
        """Send whole frames."""
        raise NotImplementedError

    def _say_goodbye(self, code: CloseCode) -> None:
        """The session has ended."""
        raise NotImplementedError

    @property
    def has_room(self) -> bool:
        """Whether another frame may be read: effects that wait are few, and so bounded."""
        return len(self._pending) + len(self._busy) < self.host.session_limits.effects_max

    @property
    def idle(self) -> bool:
        """Whether everything that was asked has been done."""
        return not self._busy and not self._pending

    def identify(self, identity: Identity) -> None:
        """This is who it is."""
        self.actor, self.session_hash = identity
        self.viewer.actor = self.actor
        self.session.shared = self.host.buckets(self.address, self.actor.id)

    def close(self, code: CloseCode) -> None:
        """End it with a close code."""
        self.session.close(code)
        self.carry_out()

    def look_again(self) -> None:
        """Find out who this is now, and leave what may not be read any more."""
        if not self.ended and self.actor is not None:
            self._pending.append(LookAgain())
            self._start_work()

    def carry_out(self) -> None:
        """Send what the session has to say, and start what it wants done."""
        self._send_frames()
        for effect in self.session.effects():
            if isinstance(effect, Close):
                if not self.ended:
                    self._say_goodbye(effect.code)
                return
            self._pending.append(effect)
        self._start_work()

    def end(self) -> None:
        """Nothing more is written or decided. Safe to call twice."""
        self.ended = True
        self.session.close(CLOSE_SHUTDOWN)
        self._pending.clear()
        self.host.hub.leave_all(self.viewer)

    def _start_work(self) -> None:
        """Start what need not wait: the first effect of each channel that has none under way. So a client's subscribe, publish
        and leave keep their order, and a chat line does not wait for a heart, whose answer comes with the next totals. Who it is
        comes before and after everything."""
        waiting: list[Effect | LookAgain] = []
        entering: list[tuple[str, Effect | LookAgain]] = []
        barred = set(self._busy)
        for effect in self._pending:
            lane = getattr(effect, "channel", ALONE)
            if ALONE in barred or lane in barred or (lane == ALONE and barred):
                waiting.append(effect)
                barred.add(lane)
            else:
                barred.add(lane)
                self._busy = (*self._busy, lane)
                if isinstance(effect, Authenticate | Join):
                    entering.append((lane, effect))
                else:
                    self.host.tasks.start(self._work([(lane, effect)]), "conversation")
        self._pending = waiting
        if entering:
            self.host.turns.take(partial(self._work, entering))

    async def _work(self, effects: list[tuple[str, Effect | LookAgain]]) -> None:
        for lane, effect in effects:
            try:
                if not self.ended:
                    await self._perform(effect)
            finally:
                self._busy = tuple(each for each in self._busy if each != lane)
            if not self.ended:
                self.carry_out()
        if self.idle:
            self._worked()

    def _worked(self) -> None:
        """Everything that was asked has been done."""

    async def _perform(self, effect: Effect | LookAgain) -> None:
        frame_id = getattr(effect, "frame_id", None)
        session = self.session
        try:
            async with asyncio.timeout(self.host.limits.deadline_ms / 1000):
                await self._act(effect)
            return
        except Refused as refused:
            extra = dict(refused.extra)
            retry_after_ms = extra.pop("retry_after_ms", None)
            wait_ms = None if retry_after_ms is None else int(retry_after_ms)
            session.refuse(frame_id, refused.error, refused.detail, wait_ms, extra)
        except msgspec.ValidationError as error:
            session.strike(failed(INVALID_FIELD, frame_id, str(error)), self._now()[0])
        except (Unavailable, TimeoutError):
            if isinstance(effect, LookAgain):
                self.host.look_again_later(self)
                return
            session.refuse(frame_id, UNAVAILABLE)
            if isinstance(effect, Authenticate):
                session.close(CLOSE_UNAVAILABLE)
        except Exception:  # a bug in a kind or in ours: this frame is answered, the connection and all others go on
            log.exception("a frame could not be handled", effect=type(effect).__name__, session=session.session_id)
            session.refuse(frame_id, INTERNAL)
        if isinstance(effect, Join):
            self._leave(effect.channel)

    async def _act(self, effect: Effect | LookAgain) -> None:
        if isinstance(effect, Authenticate):
            identity = await self.host.identities.by_ticket(effect.ticket)
            if identity is None:
                self.session.ticket_refused(effect.frame_id)
            else:
                self.identify(identity)
                self.session.connected(effect.frame_id, identity.actor.id, *self._now())
        elif isinstance(effect, LookAgain):
            await self._look_again()
        elif isinstance(effect, Join):
            await self._join(effect)
        elif isinstance(effect, Leave):
            self._leave(effect.channel)
            self.session.send(Unsubscribed(channel=effect.channel, id=effect.frame_id))
        elif isinstance(effect, Command):
            assert self.actor is not None
            if effect.channel not in self.session.channels:  # its subscription was refused in the meantime
                raise Refused(NOT_SUBSCRIBED)
            self.session.send(await self.host.channels.publish(self.actor, effect))

    async def _join(self, effect: Join) -> None:
        assert self.actor is not None
        ready = await self.host.channels.join(self.actor, effect)
        if self.ended:  # the peer has gone while we looked
            return
        # No await from here: the reply speaks of the channel's top, and the cursor starts there.
        reply = ready.reply()
        self.session.send(reply)
        self._send_frames()
        self.host.hub.join(self.viewer, ready.channel)
        self.session.joined(effect.channel)
        self._joined(reply)

    def _joined(self, reply: Subscribed) -> None:
        """A subscription has begun."""

    def _leave(self, name: str) -> None:
        self.session.left(name)
        channel = self.host.hub.channels.get(name)
        if channel is not None:
            self.host.hub.leave(self.viewer, channel)

    async def _look_again(self) -> None:
        actor = await self.host.identities.by_session(self.session_hash)
        if actor is None:
            self.session.close(CLOSE_SIGNED_OUT)
            return
        self.actor = self.viewer.actor = actor
        for channel in list(self.viewer.cursors):
            try:
                await self.host.channels.admit(actor, channel.name)
            except Refused as refused:
                self._leave(channel.name)
                self.session.send(Unsubscribed(channel=channel.name, reason=refused.error.name))

    def _send_frames(self) -> None:
        frames = self.session.frames_to_send()
        if frames and not self.ended:
            self.write(frames[0] if len(frames) == 1 else b"".join(frames))

    def _now(self) -> tuple[float, int]:
        return self.host.clock.monotonic_ms(), self.host.clock.now_ms()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.session.session_id} of {self._who()}>"

    def _who(self) -> Any:
        return None if self.actor is None else self.actor.id
