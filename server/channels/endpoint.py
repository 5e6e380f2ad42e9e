"""The websocket endpoint: the shell that moves bytes between a socket, its `Session`, the service and the hub."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from schemas.errors import (
    CLOSE_FORBIDDEN_ORIGIN,
    CLOSE_SHUTDOWN,
    CLOSE_UNAVAILABLE,
    INTERNAL,
    INVALID_FIELD,
    NOT_SUBSCRIBED,
    UNAVAILABLE,
    CloseCode,
    Refused,
)
from schemas.frames import Accepted, Subscribed, Unsubscribed
from server.channels.framing import failed
from server.channels.hub import Channel, Hub, Viewer
from server.channels.limits import HubLimits, SessionLimits
from server.channels.session import Authenticate, Close, Command, Effect, Join, Leave, Session
from server.channels.transport import Wire, wire_of
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.ids import new_id
from server.kernel.log import get_logger
from server.kernel.module import Actor
from server.kernel.tasks import TaskGroup

RETRY_AFTER_S = 5
DRAIN_STEP_MS = 50
CLOSE_TIMEOUT_S = 1.0
"""For the closing handshake of those who were told to go; then the process ends anyway."""

log = get_logger(__name__)


class Subscription(Protocol):
    """A channel that is ready to be joined, and the reply that must go out in the same breath."""

    @property
    def channel(self) -> Channel: ...
    def reply(self) -> Subscribed: ...


class Service(Protocol):
    """What a connection needs of `Channels`."""

    async def join(self, actor: Actor, request: Join) -> Subscription: ...
    async def publish(self, actor: Actor, request: Command) -> Accepted: ...


class Endpoint:
    """All websockets of the process."""

    def __init__(
        self,
        *,
        channels: Service,
        hub: Hub,
        actors_by_ticket: Callable[[str], Awaitable[Actor | None]],
        clock: Clock,
        tasks: TaskGroup,
        allowed_origins: Collection[str],
        limits: HubLimits,
        session_limits: SessionLimits,
    ) -> None:
        self.channels, self.hub, self.actors_by_ticket = channels, hub, actors_by_ticket
        self.clock, self.tasks, self.limits, self.session_limits = clock, tasks, limits, session_limits
        self.aborted_slow = 0
        self.paused_since_ms: dict[Connection, float] = {}
        self._allowed_origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._connections: dict[Connection, None] = {}
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def connections(self) -> int:
        """Open connections."""
        return len(self._connections)

    @property
    def paused(self) -> int:
        """Connections whose socket takes nothing at the moment."""
        return len(self.paused_since_ms)

    async def serve(self, websocket: WebSocket) -> None:
        """One connection, from its handshake to its end."""
        if self._draining or len(self._connections) >= self.limits.connections_max:
            await websocket.send_denial_response(Response(status_code=503, headers={"Retry-After": str(RETRY_AFTER_S)}))
            return
        wire = wire_of(websocket)
        await websocket.accept()
        if not self._same_site(websocket):
            # After the handshake, because a browser tells its page the close code but not the status of a refused handshake.
            await websocket.close(CLOSE_FORBIDDEN_ORIGIN.number, CLOSE_FORBIDDEN_ORIGIN.name)
            return
        connection = Connection(self, websocket, wire)
        self._connections[connection] = None
        self._empty.clear()
        try:
            await connection.run()
        finally:
            self._connections.pop(connection, None)
            if not self._connections:
                self._empty.set()

    def abort_stuck(self, now_ms: float) -> None:
        """Drop connections that have been paused for `paused_ms_max`."""
        for connection, since_ms in list(self.paused_since_ms.items()):
            if now_ms - since_ms > self.limits.paused_ms_max:
                self.aborted_slow += 1
                connection.abort()

    async def drain(self, over_ms: int) -> None:
        """Close all connections with `shutdown`, evenly over `over_ms`, and accept no others."""
        self._draining = True
        leaving = deque(self._connections)
        steps = max(1, over_ms // DRAIN_STEP_MS)
        per_step = -(-len(leaving) // steps)
        while leaving:
            for _ in range(min(per_step, len(leaving))):
                leaving.popleft().close(CLOSE_SHUTDOWN)
            if leaving:
                await asyncio.sleep(DRAIN_STEP_MS / 1000)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._empty.wait()

    def _same_site(self, websocket: WebSocket) -> bool:
        """Browsers always say where the page comes from, and CORS does not guard websockets (OWASP ASVS 5.0 V4.4.2). Programs
        send no Origin; they have no cookies of a victim to abuse either."""
        origin = websocket.headers.get("origin")
        if origin is None or origin.lower() in self._allowed_origins:
            return True
        parts = urlsplit(origin.lower())
        return parts.scheme in ("http", "https") and parts.netloc == websocket.headers.get("host", "").lower()


class Connection:
    """One websocket."""

    __slots__ = (
        "_actor",
        "_ended",
        "_endpoint",
        "_pending",
        "_room",
        "_session",
        "_timer",
        "_timer_ms",
        "_viewer",
        "_websocket",
        "_wire",
        "_working",
    )

    def __init__(self, endpoint: Endpoint, websocket: WebSocket, wire: Wire) -> None:
        self._endpoint, self._websocket, self._wire = endpoint, websocket, wire
        clock = endpoint.clock
        self._session = Session(new_id("con", clock), clock.monotonic_ms(), endpoint.session_limits)
        self._viewer = Viewer(wire.write)
        self._actor: Actor | None = None
        self._pending: deque[Effect] = deque()
        self._working = False
        self._ended = False
        self._room = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_ms: float | None = None

    async def run(self) -> None:
        """Until either side has closed."""
        self._wire.attach(self)
        self._measure_room()
        self._carry_out()
        try:
            while True:
                await self._room.wait()
                message = await self._websocket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                data = message.get("text")
                now_ms, unix_ms = self._now()
                self._session.receive_frame(message["bytes"] if data is None else data, now_ms, unix_ms)
                self._carry_out()
        finally:
            self._end()

    def close(self, code: CloseCode) -> None:
        """End the connection with a close code."""
        self._session.close(code)
        self._carry_out()

    def abort(self) -> None:
        """Drop the connection without a word: a close frame would wait behind what its peer does not read."""
        self._end()
        self._wire.abort()

    # Listener of the transport

    def paused(self) -> None:
        if not self._ended:
            self._viewer.paused = True
            self._endpoint.paused_since_ms[self] = self._endpoint.clock.monotonic_ms()
            self._measure_room()

    def resumed(self) -> None:
        self._endpoint.paused_since_ms.pop(self, None)
        if not self._ended:
            self._endpoint.hub.resumed(self._viewer)
            self._measure_room()

    def lost(self) -> None:
        self._end()

    # Effects

    def _carry_out(self) -> None:
        """Send what the session has to say, and start what it wants done."""
        self._send_frames()
        for effect in self._session.effects():
            if isinstance(effect, Close):
                self._say_goodbye(effect.code)
                return
            self._pending.append(effect)
        if self._pending and not self._working:
            self._working = True
            self._endpoint.tasks.start(self._work(), "websocket")
        self._measure_room()
        self._arm_timer()

    async def _work(self) -> None:
        """One effect after the other: a client's subscribe, publish and leave keep their order."""
        try:
            while self._pending and not self._ended:
                await self._perform(self._pending.popleft())
                self._carry_out()
        finally:
            self._working = False

    async def _perform(self, effect: Effect) -> None:
        frame_id = getattr(effect, "frame_id", None)
        session = self._session
        try:
            async with asyncio.timeout(self._endpoint.limits.deadline_ms / 1000):
                await self._act(effect)
            return
        except Refused as refused:
            retry_after_ms = refused.extra.get("retry_after_ms")
            session.refuse(frame_id, refused.error, refused.detail, None if retry_after_ms is None else int(retry_after_ms))
        except msgspec.ValidationError as error:
            session.strike(failed(INVALID_FIELD, frame_id, str(error)), self._now()[0])
        except (Unavailable, TimeoutError):
            session.refuse(frame_id, UNAVAILABLE)
            if isinstance(effect, Authenticate):
                session.close(CLOSE_UNAVAILABLE)
        except Exception:  # a bug in a kind or in ours: this frame is answered, the connection and all others go on
            log.exception("a frame could not be handled", effect=type(effect).__name__, session=session.session_id)
            session.refuse(frame_id, INTERNAL)
        if isinstance(effect, Join):
            self._leave(effect.channel)

    async def _act(self, effect: Effect) -> None:
        if isinstance(effect, Authenticate):
            self._actor = self._viewer.actor = await self._endpoint.actors_by_ticket(effect.ticket)
            if self._actor is None:
                self._session.ticket_refused(effect.frame_id)
            else:
                self._session.connected(effect.frame_id, self._actor.id, *self._now())
        elif isinstance(effect, Join):
            await self._join(effect)
        elif isinstance(effect, Leave):
            self._leave(effect.channel)
            self._session.send(Unsubscribed(channel=effect.channel, id=effect.frame_id))
        elif isinstance(effect, Command):
            assert self._actor is not None
            if effect.channel not in self._session.channels:  # its subscription was refused in the meantime
                raise Refused(NOT_SUBSCRIBED)
            self._session.send(await self._endpoint.channels.publish(self._actor, effect))

    async def _join(self, effect: Join) -> None:
        assert self._actor is not None
        ready = await self._endpoint.channels.join(self._actor, effect)
        if self._ended:  # the peer has gone while we looked
            return
        # No await from here: the reply speaks of the channel's top, and the cursor starts there.
        self._session.send(ready.reply())
        self._send_frames()
        self._endpoint.hub.join(self._viewer, ready.channel)
        self._session.joined(effect.channel)

    def _leave(self, name: str) -> None:
        self._session.left(name)
        channel = self._endpoint.hub.channels.get(name)
        if channel is not None:
            self._endpoint.hub.leave(self._viewer, channel)

    # Bytes and time

    def _send_frames(self) -> None:
        frames = self._session.frames_to_send()
        if frames and not self._ended:
            self._wire.write(frames[0] if len(frames) == 1 else b"".join(frames))

    def _measure_room(self) -> None:
        """Read on only while effects are few and the peer reads our answers: so both stay bounded."""
        if self._ended or (len(self._pending) < self._endpoint.session_limits.effects_max and not self._wire.is_paused):
            self._room.set()
        else:
            self._room.clear()

    def _arm_timer(self) -> None:
        due_ms = self._session.next_timer_ms()
        if due_ms == self._timer_ms:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_ms = None, due_ms
        if due_ms is not None and not self._ended:
            delay_ms = max(0.0, due_ms - self._endpoint.clock.monotonic_ms())
            self._timer = asyncio.get_running_loop().call_later(delay_ms / 1000, self._on_timer)

    def _on_timer(self) -> None:
        self._timer, self._timer_ms = None, None
        self._session.handle_timer(*self._now())
        self._carry_out()

    def _now(self) -> tuple[float, int]:
        return self._endpoint.clock.monotonic_ms(), self._endpoint.clock.now_ms()

    def _say_goodbye(self, code: CloseCode) -> None:
        if self._ended:
            return
        self._end()
        if self._wire.is_paused:
            self._wire.abort()
        else:
            self._endpoint.tasks.start(self._close_websocket(code), "close")

    async def _close_websocket(self, code: CloseCode) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the peer was faster
            await self._websocket.close(code.number, code.name)

    def _end(self) -> None:
        """Nothing more is written or decided. Safe to call twice."""
        self._ended = True
        self._session.close(CLOSE_SHUTDOWN)
        self._pending.clear()
        self._endpoint.hub.leave_all(self._viewer)
        self._endpoint.paused_since_ms.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._measure_room()
