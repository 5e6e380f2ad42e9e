"""All clients of the process: takes websockets in, drops the stuck ones, sends everybody away when the node leaves, looks again
at people whose session or rights have changed."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import urlsplit

from schemas.errors import CLOSE_FORBIDDEN_ORIGIN, CLOSE_SHUTDOWN, CLOSE_SIGNED_OUT
from server.auth.limits import address_key
from server.channels.connection import Connection
from server.channels.conversation import Conversation, Identities, Service
from server.channels.deadlines import Deadlines
from server.channels.door import Door, DoorLimits
from server.channels.hub import Hub
from server.channels.limits import HubLimits, SessionLimits, TokenBucket
from server.channels.rfc6455 import Refusal, Request
from server.channels.transport import LiveProtocol
from server.channels.turns import Turns
from server.kernel.clock import Clock
from server.kernel.tasks import TaskGroup

PATH = "/ws"
DRAIN_STEP_MS = 50
CLOSE_TIMEOUT_S = 1.0
"""For the closing handshake of those who were told to go; then the process ends anyway."""
LOOKS_PER_STEP = 100
LOOK_STEP_MS = 1_000
"""When everybody is looked at again: ten thousand people in two minutes, a few hundred small queries a second."""


class Endpoint:
    """See the module's sentence."""

    def __init__(
        self,
        *,
        channels: Service,
        hub: Hub,
        identities: Identities,
        clock: Clock,
        tasks: TaskGroup,
        allowed_origins: Collection[str],
        limits: HubLimits,
        session_limits: SessionLimits,
        door_limits: DoorLimits,
    ) -> None:
        self.channels, self.hub, self.identities = channels, hub, identities
        self.clock, self.tasks, self.limits, self.session_limits = clock, tasks, limits, session_limits
        self.door = Door(door_limits)
        self.turns = Turns(tasks, limits.entering_at_once)
        self.deadlines = Deadlines(clock)
        self.aborted_slow = 0
        self.paused_since_ms: dict[Connection, float] = {}
        self.draining = False
        self.others: dict[Conversation, None] = {}
        """Clients that are here but hold no websocket: polls."""
        self._allowed_origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._connections: dict[Connection, None] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        self._to_look_at: dict[Conversation, None] = {}
        self._looking = asyncio.Event()

    @property
    def connections(self) -> int:
        """Open websockets."""
        return len(self._connections)

    # Reception of the transport

    def greet(self, request: Request, address: str | None) -> Refusal | None:
        """Why a handshake goes no further: cheap, before anything is decoded or allocated."""
        if request.target.partition("?")[0] != PATH:
            return Refusal(HTTPStatus.NOT_FOUND, f"The websocket is at {PATH}.")
        full = self.draining or len(self._connections) >= self.limits.connections_max
        return self.door.refusal(_key(address), full=full, now_ms=self.clock.monotonic_ms())

    def open(self, wire: LiveProtocol, request: Request, address: str | None) -> Connection | None:
        """A connection after its handshake."""
        if not self._same_site(request):
            # After the handshake, because a browser tells its page the close code but not the status of a refused handshake.
            wire.close(CLOSE_FORBIDDEN_ORIGIN.number, CLOSE_FORBIDDEN_ORIGIN.name)
            return None
        connection = Connection(self, wire, _key(address))
        self._connections[connection] = None
        self.door.entered(connection.address)
        self._empty.clear()
        return connection

    def _same_site(self, request: Request) -> bool:
        """Browsers always say where the page comes from, and CORS does not guard websockets (OWASP ASVS 5.0 V4.4.2). Programs
        send no Origin; they have no cookies of a victim to abuse either."""
        origin = request.header("origin")
        if origin is None or origin.lower() in self._allowed_origins:
            return True
        parts = urlsplit(origin.lower())
        return parts.scheme in ("http", "https") and parts.netloc == (request.header("host") or "").lower()

    # Host of connections

    def buckets(self, address: str | None, actor_id: str | None) -> tuple[TokenBucket, ...]:
        return self.door.buckets(address, actor_id, self.clock.monotonic_ms())

    def paused(self, connection: Connection) -> None:
        self.paused_since_ms[connection] = self.clock.monotonic_ms()

    def resumed(self, connection: Connection) -> None:
        self.paused_since_ms.pop(connection, None)

    def left(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        self._to_look_at.pop(connection, None)
        self.door.left(connection.address)
        if not self._connections:
            self._empty.set()

    # The process's life

    def abort_stuck(self, now_ms: float) -> None:
        """Drop connections that have been paused for `paused_ms_max`."""
        for connection, since_ms in list(self.paused_since_ms.items()):
            if now_ms - since_ms > self.limits.paused_ms_max:
                self.aborted_slow += 1
                connection.abort()

    async def drain(self, over_ms: int) -> None:
        """Close all connections with `shutdown`, evenly over `over_ms`, and accept no others."""
        self.draining = True
        for poll in list(self.others):
            poll.close(CLOSE_SHUTDOWN)
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

    # Sessions that end, rights that shrink

    def end_sessions(self, session_hashes: Collection[str]) -> None:
        """These sessions are over: so are their connections."""
        if session_hashes:
            for conversation in self._everybody():
                if conversation.session_hash in session_hashes:
                    conversation.close(CLOSE_SIGNED_OUT)

    def look_at(self, actor_ids: Collection[str]) -> None:
        """Name or rights of these people have changed: look at them and at what they read now."""
        if actor_ids:
            self.channels.forget_facts()
            for conversation in self._everybody():
                if conversation.actor is not None and conversation.actor.id in actor_ids:
                    conversation.look_again()

    def look_at_everybody(self) -> None:
        """News of changes may have been missed: look at all, some at a time."""
        self.channels.forget_facts()
        self._to_look_at.update(dict.fromkeys(self._everybody()))
        self._looking.set()

    def look_again_later(self, conversation: Conversation) -> None:
        if not conversation.ended:
            self._to_look_at[conversation] = None
            self._looking.set()

    async def run(self) -> None:
        """Look at those who wait for it, until cancelled."""
        while True:
            await self._looking.wait()
            await asyncio.sleep(LOOK_STEP_MS / 1000)
            for conversation in list(self._to_look_at)[:LOOKS_PER_STEP]:
                del self._to_look_at[conversation]
                conversation.look_again()
            if not self._to_look_at:
                self._looking.clear()

    def _everybody(self) -> list[Conversation]:
        return [*self._connections, *self.others]


def _key(address: str | None) -> str | None:
    return None if address is None else address_key(address)
