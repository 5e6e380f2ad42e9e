"""A web node in the test's own loop: real uvicorn, real websockets, real Valkey; and a client that behaves like a page."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import uvicorn
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from server.auth.actors import Identity
from server.auth.sessions import SessionCookie
from server.channels.door import DoorLimits
from server.channels.limits import HubLimits, SessionLimits
from server.channels.service import Channels
from server.channels.transport import HTTP_PROTOCOL, WRITE_BUFFER_BYTES
from server.http.middleware import Guard, Observed
from server.kernel.clock import SystemClock
from server.kernel.module import Actor, Context
from server.kernel.tasks import TaskGroup, supervised
from tests.channels.kinds import KINDS

PATIENCE_S = 10.0
SEND_BUFFER_BYTES = 64 * 1024
RECEIVE_BUFFER_BYTES = 32 * 1024
"""Of the node's sockets, and of a client's that is to get stuck. A buffer of no fixed size grows by megabytes, a fifth of a
second after it took nothing any more: the pause of a viewer that reads nothing would end by itself."""
PUBLICATION_BYTES = 4_000
ANNA = Actor(id="gst_" + "a" * 32, kind="guest", name="Anna")
BORIS = Actor(id="gst_" + "b" * 32, kind="guest", name="Boris")
HOST = Actor(id="acc_" + "c" * 32, kind="account", name="Host", roles=frozenset({"host"}))

_numbers = itertools.count(1)


def command_id() -> str:
    """Another one at each call."""
    return f"msg_{next(_numbers):032x}"


class Units:
    """A unit of work that has no database; kinds of these tests need none. Can be made to fail."""

    def __init__(self) -> None:
        self.broken: Exception | None = None

    @contextlib.asynccontextmanager
    async def __call__(self, actor: Actor) -> AsyncIterator[Context]:
        if self.broken is not None:
            raise self.broken
        yield None  # type: ignore[misc]


class People:
    """Who has which session and ticket. Tests change it as a log-out or a new name would."""

    def __init__(self) -> None:
        self.sessions: dict[str, Actor] = {}
        self.tickets: dict[str, str] = {}
        self.broken: Exception | None = None

    async def by_ticket(self, ticket: str) -> Identity | None:
        return self._identity(self.tickets.pop(ticket, ""))

    async def by_cookie(self, header: str) -> Identity | None:
        return self._identity(header.removeprefix("session="))

    async def by_session(self, session_hash: str) -> Actor | None:
        if self.broken is not None:
            raise self.broken
        return self.sessions.get(session_hash)

    def _identity(self, session: str) -> Identity | None:
        actor = self.sessions.get(session)
        return None if actor is None else Identity(actor, session)


class Site:
    """A running node."""

    def __init__(self, channels: Channels, listener: socket.socket, units: Units, people: People) -> None:
        self.channels, self.units, self.people = channels, units, people
        self.port: int = listener.getsockname()[1]
        self.send_buffer_bytes = listener.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        self.clients: list[Client] = []

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def session(self, actor: Actor = ANNA) -> str:
        """A new session."""
        session = f"session-{next(_numbers):016d}"
        self.people.sessions[session] = actor
        return session

    def ticket(self, actor: Actor = ANNA, session: str = "") -> str:
        """A single-use ticket of a session, by default of a new one."""
        ticket = f"ticket-{next(_numbers):016d}"
        self.people.tickets[ticket] = session or self.session(actor)
        return ticket

    async def dial(
        self, origin: str | None = None, receive_buffer_bytes: int | None = None, address: str | None = None
    ) -> "Client":
        """A websocket without a word said; `address` is whom our proxy names."""
        own = socket.socket(proto=socket.IPPROTO_TCP)  # for any other number asyncio leaves Nagle's algorithm on: 40 ms a frame
        own.setblocking(False)
        if receive_buffer_bytes is not None:
            own.setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes
            )  # before the connection: it bounds the window
        await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", self.port))
        headers = {} if address is None else {"X-Forwarded-For": address}
        options: dict[str, Any] = {"origin": origin, "compression": None, "additional_headers": headers, "sock": own}
        client = Client(await connect(f"ws://{self.address}/ws", **options))
        self.clients.append(client)
        return client

    async def enter(self, actor: Actor = ANNA, receive_buffer_bytes: int | None = None, session: str = "") -> "Client":
        """A connected websocket."""
        client = await self.dial(receive_buffer_bytes=receive_buffer_bytes)
        reply = await client.ask(op="connect", ticket=self.ticket(actor, session))
        assert reply["op"] == "connected", reply
        return client


@contextlib.asynccontextmanager
async def running_site(
    redis: Redis,
    *,
    limits: HubLimits | None = None,
    session_limits: SessionLimits | None = None,
    door_limits: DoorLimits | None = None,
    people: People | None = None,
) -> AsyncIterator[Site]:
    """A node over this Redis, until the end of the block."""
    units = Units()
    people = people or People()
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # accepted sockets inherit all of it
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    async with supervised("site") as tasks:
        channels = make_channels(redis, units, people, tasks, limits, session_limits, door_limits)
        protocols: dict[str, Any] = {"http": HTTP_PROTOCOL, "ws": channels.websocket_protocol}
        around = [
            Middleware(Observed, clock=SystemClock()),
            Middleware(Guard, clock=SystemClock(), cookie=SessionCookie(secure=False), origin="https://shop.example", files={}),
        ]
        app = Starlette(routes=channels.routes, middleware=around)
        config = uvicorn.Config(app, lifespan="off", log_level="warning", **protocols)
        server = uvicorn.Server(config)
        serving = tasks.start(server.serve(sockets=[listener]), "uvicorn")
        tasks.start(channels.run(), "channels")
        try:
            site = Site(channels, listener, units, people)
            yield site
        finally:
            for client in site.clients:
                await client.cut()
            server.should_exit = True
            await asyncio.wait_for(serving, PATIENCE_S)
            await channels.close()


def make_channels(
    redis: Redis,
    units: Units,
    people: People,
    tasks: TaskGroup,
    limits: HubLimits | None,
    session_limits: SessionLimits | None,
    door_limits: DoorLimits | None = None,
) -> Channels:
    return Channels(
        redis=redis,
        ledger_redis=redis,
        kinds=KINDS,
        units=units,
        identities=people,
        clock=SystemClock(),
        tasks=tasks,
        allowed_origins=["https://shop.example"],
        limits=limits,
        session_limits=session_limits or SessionLimits(frames_per_s=10_000, frames_burst=10_000),
        door_limits=door_limits or DoorLimits(frames_per_person_s=10_000, frames_per_person_burst=100_000),
    )


class Client:
    """One websocket; every wait has a deadline."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.inbox: list[dict[str, Any]] = []
        self._ids = itertools.count(1)

    @property
    def receive_buffer_bytes(self) -> int:
        """What the kernel takes from the node while this client reads nothing."""
        own: socket.socket = self.socket.transport.get_extra_info("socket")
        return own.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    async def send(self, **frame: Any) -> int:
        """Send a frame; gives it an id unless it has one."""
        number: int = frame.setdefault("id", next(self._ids))
        await self.socket.send(msgspec.json.encode(frame).decode())
        return number

    async def ask(self, **frame: Any) -> dict[str, Any]:
        """Send a frame and wait for its reply; what else comes stays in `inbox`."""
        return await self.reply(await self.send(**frame))

    async def reply(self, number: int) -> dict[str, Any]:
        """The answer to the frame with this id."""
        return await self.wait(lambda got: got.get("id") == number)

    async def say(self, channel: str, text: str, command: str = "") -> dict[str, Any]:
        """Publish on a channel of the kind `talk`."""
        return await self.ask(op="publish", channel=channel, command_id=command or command_id(), data={"text": text})

    async def subscribe(self, channel: str, position: tuple[str, int] | None = None) -> dict[str, Any]:
        """Subscribe; returns the reply."""
        at = None if position is None else {"epoch": position[0], "offset": position[1]}
        return await self.ask(op="subscribe", channel=channel, position=at)

    async def wait(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next frame for which `wanted` is true."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for index, frame in enumerate(self.inbox):
                    if wanted(frame):
                        return self.inbox.pop(index)
                self.inbox.append(msgspec.json.decode(await self.socket.recv()))

    async def next(self, op: str) -> dict[str, Any]:
        """The next frame of this operation."""
        return await self.wait(lambda got: got["op"] == op)

    async def pushes(self, count: int) -> list[dict[str, Any]]:
        """The next pushes."""
        return [await self.next("push") for _ in range(count)]

    async def closed(self) -> tuple[int | None, str]:
        """Wait for the end; code and reason of the server's close frame."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    self.inbox.append(msgspec.json.decode(await self.socket.recv()))
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (None, "")

    async def cut(self) -> None:
        """Drop the connection without a closing handshake, as a lost network does."""
        self.socket.transport.resume_reading()
        self.socket.transport.abort()
        await self.socket.wait_closed()

    async def leave(self) -> None:
        """Close in order."""
        await self.socket.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the node does by itself and tells nobody."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - statistics have no event
            await asyncio.sleep(0.005)


async def enter_stuck(site: Site, channel: str) -> Client:
    """A viewer of this channel whose socket takes nothing any more."""
    client = await site.enter(BORIS, RECEIVE_BUFFER_BYTES)
    await client.subscribe(channel)
    client.socket.transport.pause_reading()
    return client


async def fill(site: Site, sender: Client, stuck: Client, channel: str) -> int:
    """Publish more than everything between the hub and the stuck viewer can hold, so that its pause lasts; how many publications
    that took. The sender reads each of them before the next, so that it is never paused itself."""
    assert stuck.receive_buffer_bytes <= 2 * RECEIVE_BUFFER_BYTES, "a buffer that grows holds any amount"
    holds = site.send_buffer_bytes + stuck.receive_buffer_bytes + WRITE_BUFFER_BYTES + HubLimits().segment_bytes_max
    sent = holds // PUBLICATION_BYTES + 1
    for _ in range(sent):
        assert (await sender.say(channel, "x" * PUBLICATION_BYTES))["op"] == "accepted"
        await sender.next("push")
    await until(lambda: site.channels.stats().paused + site.channels.stats().aborted_slow == 1)
    return sent
