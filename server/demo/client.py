"""What every part of the house channel speaks with: the public HTTP API and the websocket, as any other client would."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from schemas.base import Body
from schemas.frames import (
    FRAME_BYTES_MAX,
    Accepted,
    AnyClientFrame,
    AnyServerFrame,
    Connect,
    Connected,
    Failed,
    Gap,
    Pong,
    Position,
    Publish,
    Push,
    ServerPing,
    Subscribe,
    Subscribed,
)
from schemas.http.auth import TicketView
from server.kernel.tls import client_context

ViewT = TypeVar("ViewT", bound=msgspec.Struct)

DEADLINE_S = 10.0
"""Of every request. The server answers in milliseconds; on a busy machine that starts up, in a second or two."""

SERVER_FRAME_BYTES_MAX = 1024 * 1024
"""A snapshot with a hundred long chat messages is about 300 KB."""


OVERTAKEN_MAX = 1_000
"""Frames that came while a reply was waited for. More than that in the second that a dozen subscriptions take is a flood, whose
newest frames say enough."""


class ApiRefused(Exception):
    """The server said no; `name` is the error's name in `schemas/errors.py`, or the bare status."""

    def __init__(self, status: int, name: str, detail: str) -> None:
        super().__init__(f"{status} {name}: {detail}")
        self.status = status
        self.name = name


TEMPORARY = (ApiRefused, httpx.TransportError, OSError, TimeoutError)
"""What a client of a server that starts or restarts meets; it comes back later."""


class Problem(msgspec.Struct, frozen=True):
    """The members of problem+json (RFC 9457) that matter here."""

    type: str = "about:blank"
    title: str = ""
    detail: str = ""


class ShopClient:
    """One person with one session cookie."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        # Behind HTTPS the session cookie is marked "secure"; we come by loopback, past the proxy, and send it all the same.
        policy = DefaultCookiePolicy(secure_protocols=("https", "http"))
        self._http = httpx.AsyncClient(
            base_url=self.base_url, cookies=CookieJar(policy), timeout=DEADLINE_S, trust_env=False, verify=client_context()
        )

    async def get(self, path: str, view: type[ViewT]) -> ViewT:
        """The view at `path`.

        Raises:
            ApiRefused: the server refuses.
            httpx.TransportError: the server cannot be reached in time.
        """
        return msgspec.json.decode(await self.request("GET", path), type=view)

    async def post(self, path: str, body: Body | None = None) -> bytes:
        """Send `body` as JSON; raises as `get` does."""
        content = b"" if body is None else msgspec.json.encode(body)
        return await self.request("POST", path, content, {"Content-Type": "application/json"})

    async def request(self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
        """Body of the answer; raises as `get` does."""
        answer = await self.exchange(method, path, content, headers)
        return answer.content

    async def exchange(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The whole answer, for its headers; raises as `get` does."""
        answer = await self._http.request(method, path, content=content, headers=headers)
        if answer.is_error:
            raise _refusal(answer)
        return answer

    @asynccontextmanager
    async def live(self) -> AsyncIterator["LiveConnection"]:
        """A websocket of this person, authenticated with a fresh ticket."""
        ticket = msgspec.json.decode(await self.post("/api/auth/ticket"), type=TicketView).ticket
        address = "ws" + self.base_url.removeprefix("http") + "/ws"
        async with connect(
            address,
            open_timeout=DEADLINE_S,
            max_size=SERVER_FRAME_BYTES_MAX,
            ping_interval=None,
            proxy=None,
        ) as socket:
            connection = LiveConnection(socket)
            await connection.send(Connect(id=1, ticket=ticket))
            await connection.expect(Connected)
            yield connection

    async def close(self) -> None:
        await self._http.aclose()


class LiveConnection:
    """The websocket protocol of `schemas/frames.py` as a client sees it. Frames are sent by several tasks, read by one."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._last_id = 1
        self._overtaken: deque[Push | Gap] = deque(maxlen=OVERTAKEN_MAX)
        self._decoder: msgspec.json.Decoder[AnyServerFrame] = msgspec.json.Decoder(AnyServerFrame)

    async def subscribe(self, channel: str, position: Position | None = None) -> Subscribed:
        """Join a channel; its snapshot is in the reply. Only before `frames` is read.

        Raises:
            ApiRefused: the server refuses.
        """
        await self.send(Subscribe(id=self._next_id(), channel=channel, position=position))
        reply: Subscribed = await self.expect(Subscribed)
        return reply

    async def publish(self, channel: str, command_id: str, command: Body) -> None:
        """Send a command; the outcome comes as a frame."""
        data = msgspec.Raw(msgspec.json.encode(command))
        await self.send(Publish(id=self._next_id(), channel=channel, command_id=command_id, data=data))

    async def frames(self) -> AsyncIterator[Push | Gap | Accepted | Failed]:
        """What the server says, for as long as it talks to us. Pings are answered here.

        Raises:
            websockets.ConnectionClosed: the connection has ended.
        """
        while True:
            frame = self._overtaken.popleft() if self._overtaken else await self._receive()
            if isinstance(frame, Push | Gap | Accepted | Failed):
                yield frame

    async def send(self, frame: AnyClientFrame) -> None:
        data = msgspec.json.encode(frame)
        assert len(data) <= FRAME_BYTES_MAX, frame
        await self._socket.send(data, text=True)

    async def expect(self, kind: type[Any]) -> Any:
        """The next frame of this kind; pushes that overtake it are kept for `frames`. Raises `ApiRefused` for an error frame."""
        while True:
            frame = await self._receive()
            if isinstance(frame, kind):
                return frame
            if isinstance(frame, Push | Gap):
                self._overtaken.append(frame)
            if isinstance(frame, Failed):
                raise ApiRefused(frame.code, frame.name, frame.detail)

    async def _receive(self) -> AnyServerFrame:
        frame = self._decoder.decode(await self._socket.recv())
        if isinstance(frame, ServerPing):
            await self.send(Pong())
        return frame

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


async def first_failure(*tasks: asyncio.Task[object]) -> None:
    """Wait until one of the tasks ends, and raise what it ended with."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


def _refusal(answer: httpx.Response) -> ApiRefused:
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        return ApiRefused(answer.status_code, str(answer.status_code), answer.text[:200])
    return ApiRefused(answer.status_code, problem.type.rpartition("#")[2], problem.detail or problem.title)
