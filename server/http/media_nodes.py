"""The web role's way to the media nodes: which one, requests that are passed on, and event streams that are passed through."""

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Protocol

import httpx
from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from schemas.errors import NOT_FOUND, UNAVAILABLE, Refused
from schemas.media import HEADER_CLIENT, HEADER_SECRET, MediaNodeEntry, node_of
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger

log = get_logger(__name__)

DEADLINE_S = 8
"""OBS gives up after 8 s; a healthy node answers within milliseconds."""
CONNECTIONS_MAX = 64
"""Requests under way to one node; more wait up to `POOL_WAIT_S` and are then told to come back."""
POOL_WAIT_S = 3
NODES_MAX = 64
"""Nodes with an open client. Above it the client used longest ago is closed; it is made again when needed."""
STREAMS_MAX = 4_000
"""Event streams through this process, each of which holds two sockets. More are refused: a player works without them."""
ORIGIN_VIEWERS = 150
"""Up to so many viewers of 2 Mbit/s a node takes all of its broadcasts', which costs it 15 to 30 % of a core: a second process
would take every packet through the pipe and gain nothing. Above it the others of the machine take their part."""
ORIGIN_BUSY = 0.5
"""The same for larger broadcasts and several at once: share of a core. Packets of publishers wait for nobody below it."""
STREAM_SILENCE_S = 45
"""Three heartbeats of a node: after that it is gone, or our connection is."""

PASSED_BACK = frozenset(
    {"content-type", "location", "etag", "link", "accept-post", "accept-patch", "retry-after", "allow", "valid-until"}
)
PASSED_ON = ("content-type", "if-match", "accept")
"""Nothing else of a client's request reaches a node: its `x-efir-…` headers least of all."""


class Placement(Protocol):
    """Which node has which stream."""

    async def claim(self, stream_id: str, node_id: str) -> str:
        """Give the stream to the node unless it has one; returns the id of the node that has it now."""

    async def owner(self, stream_id: str) -> MediaNodeEntry | None:
        """The living node that has the stream."""

    async def node(self, node_id: str) -> MediaNodeEntry | None:
        """The node, if it lives."""

    async def nodes(self) -> list[MediaNodeEntry]:
        """Every living node."""


class NodeClients:
    """One HTTP client with kept-alive connections per media node, and one for event streams: they would fill the other's pool."""

    def __init__(self) -> None:
        self._clients: OrderedDict[tuple[str, bool], httpx.AsyncClient] = OrderedDict()

    async def get(self, control_url: str, *, streams: bool = False) -> httpx.AsyncClient:
        """The client of the node at `http://host:port` or `unix:/path`."""
        key = control_url, streams
        client = self._clients.get(key)
        if client is None:
            client = self._clients[key] = _client(control_url, streams)
        self._clients.move_to_end(key)
        if len(self._clients) > 2 * NODES_MAX:
            _, oldest = self._clients.popitem(last=False)
            await oldest.aclose()
        return client

    async def close(self) -> None:
        """Close every connection."""
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()


class MediaNodes:
    """Finds nodes and speaks to them. `secret` is the internal one."""

    def __init__(self, placement: Placement, secret: str) -> None:
        self.clients = NodeClients()
        self._placement = placement
        self._secret = secret
        self._sent = Sent()
        self._streams: set[_EventStream] = set()

    @property
    def open_streams(self) -> int:
        """Event streams that pass through now."""
        return len(self._streams)

    async def to_publish_on(self, stream_id: str) -> MediaNodeEntry:
        """The node that has the stream, which is claimed when it is new.

        Raises:
            Unavailable: there is none.
        """
        node = await self.of_stream(stream_id)
        owner_id = await self._placement.claim(stream_id, node.node_id)
        if owner_id == node.node_id:
            return node
        owner = await self._placement.owner(stream_id)
        if owner is None:
            raise Unavailable(f"the media node {owner_id} of {stream_id} has just gone")
        return owner

    async def of_stream(self, stream_id: str) -> MediaNodeEntry:
        """The node that has the stream's publishers, or that would take them.

        Raises:
            Unavailable: there is none.
        """
        owner = await self._placement.owner(stream_id)
        return owner or least_loaded(await self._placement.nodes())

    async def to_play_on(self, stream_id: str, *, participates: bool) -> MediaNodeEntry:
        """The node for a new viewer: the one that has the stream while it has room, else one of the same machine. Those who
        `participate` are always with the stream, for the shortest way.

        Raises:
            Unavailable: there is none.
        """
        owner = await self._placement.owner(stream_id)
        if owner is not None and (participates or not owner.machine):
            return owner
        nodes = await self._placement.nodes()
        if owner is None:
            return least_loaded(nodes)
        chosen = best_for_viewer(owner, [self._sent.counted(node) for node in nodes if node.machine == owner.machine])
        self._sent.add(chosen)
        return chosen

    async def of_session(self, session_id: str) -> MediaNodeEntry:
        """The node that made the session.

        Raises:
            Refused: it is none of our ids, or the node is gone and the session with it: the player begins again.
        """
        node_id = node_of(session_id)
        node = await self._placement.node(node_id) if node_id else None
        if node is None:
            raise Refused(NOT_FOUND, "This session is over or never was; connect again.")
        return node

    async def every(self) -> list[MediaNodeEntry]:
        """Every living node."""
        return await self._placement.nodes()

    async def ask(
        self, node: MediaNodeEntry, method: str, path: str, headers: Mapping[str, str], body: bytes = b"", deadline_s: float = 0
    ) -> httpx.Response:
        """One request of our own or of a client's. Not tried again: whether the node has acted is unknown.

        Raises:
            Unavailable: no answer in time.
        """
        client = await self.clients.get(node.control_url)
        try:
            async with asyncio.timeout(deadline_s or DEADLINE_S):
                return await client.request(method, path, content=body or None, headers={**headers, HEADER_SECRET: self._secret})
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unavailable(f"media node {node.node_id} at {node.control_url}: {error!r}") from error

    async def forward(
        self, request: Request, node: MediaNodeEntry, body: bytes, who: Mapping[str, str] | None = None
    ) -> Response:
        """Pass a client's request on and the answer back. `who` are the headers that say what we know of the client.

        Raises:
            Unavailable: no answer in time, or the node does not know our secret.
        """
        answer = await self.ask(node, request.method, request.url.path, _passed_on(request) | dict(who or {}), body)
        _check_secret(answer, node)
        return _passed_back(Response(answer.content, answer.status_code), answer)

    async def stream(self, request: Request, node: MediaNodeEntry) -> Response:
        """Pass a stream of events through as it comes. The deadline is for its head; it ends when either side goes.

        Raises:
            Unavailable: no answer in time.
            Refused: too many streams.
        """
        if len(self._streams) >= STREAMS_MAX:
            raise Refused(UNAVAILABLE, "Too many event streams here; go on without one, or try again.")
        client = await self.clients.get(node.control_url, streams=True)
        headers = _passed_on(request) | {HEADER_SECRET: self._secret}
        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await client.send(client.build_request("GET", request.url.path, headers=headers), stream=True)
                if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                    await answer.aread()
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unavailable(f"media node {node.node_id} at {node.control_url}: {error!r}") from error
        if answer.is_closed:
            _check_secret(answer, node)
            return _passed_back(Response(answer.content, answer.status_code), answer)
        return _passed_back(_EventStream(answer, self._streams), answer)

    async def drain(self) -> None:
        """This process is about to stop: end the event streams; players open them again at another process."""
        for stream in list(self._streams):
            stream.end()


class _EventStream(StreamingResponse):
    """Chunks of a node's answer, unbuffered. Closes the node's side whatever happens on the client's."""

    def __init__(self, answer: httpx.Response, open_streams: "set[_EventStream]") -> None:
        super().__init__(answer.aiter_raw(), headers={"x-accel-buffering": "no"})
        self._answer = answer
        self._open_streams = open_streams
        self._until: asyncio.Timeout | None = None

    def end(self) -> None:
        """End it from our side."""
        if self._until is not None:
            self._until.reschedule(asyncio.get_running_loop().time())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._open_streams.add(self)
        try:
            async with asyncio.timeout(None) as self._until:
                await super().__call__(scope, receive, send)
        except (httpx.HTTPError, TimeoutError):
            # The node went, or we do. What was sent is whole, so the answer ends in good order and the player comes back.
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._open_streams.discard(self)
            await self._answer.aclose()


class Sent:
    """Viewers that this process has sent to each node since the node counted them last: they come faster than it says so."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[int, int]] = {}
        """By node: when its entry was renewed, and how many went there since."""

    def counted(self, node: MediaNodeEntry) -> MediaNodeEntry:
        """The entry with them."""
        renewed_at_ms, count = self._since.get(node.node_id, (0, 0))
        if renewed_at_ms != node.renewed_at_ms or not count:
            return node
        return structs.replace(node, subscribers=node.subscribers + count)

    def add(self, node: MediaNodeEntry) -> None:
        """One more."""
        renewed_at_ms, count = self._since.pop(node.node_id, (0, 0))
        self._since[node.node_id] = (node.renewed_at_ms, count + 1 if renewed_at_ms == node.renewed_at_ms else 1)
        if len(self._since) > NODES_MAX:
            del self._since[next(iter(self._since))]


def best_for_viewer(owner: MediaNodeEntry, nodes: Sequence[MediaNodeEntry]) -> MediaNodeEntry:
    """Which of the machine's nodes takes a viewer of a stream that `owner` has. One that is about to stop never does, unless it
    is the last."""
    ready = [node for node in nodes if not node.draining]
    mine = next((node for node in ready if node.node_id == owner.node_id), None)
    if mine is not None and mine.subscribers < ORIGIN_VIEWERS and mine.busy < ORIGIN_BUSY:
        return mine
    return min(ready, key=lambda node: (node.subscribers, node.streams, node.node_id), default=owner)


def least_loaded(nodes: Sequence[MediaNodeEntry]) -> MediaNodeEntry:
    """Where a new stream goes: the node with the fewest receivers that is not about to stop.

    Raises:
        Unavailable: there is none.
    """
    ready = [node for node in nodes if not node.draining]
    if not ready:
        raise Unavailable("no media node is running")
    return min(ready, key=lambda node: (node.subscribers, node.streams, node.node_id))


def _client(control_url: str, streams: bool) -> httpx.AsyncClient:
    # Kept shorter than uvicorn keeps its side (5 s), so that a request is not sent into a connection that is being closed.
    most = STREAMS_MAX if streams else CONNECTIONS_MAX
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=8, keepalive_expiry=2)
    timeout = httpx.Timeout(STREAM_SILENCE_S if streams else DEADLINE_S, connect=2, pool=POOL_WAIT_S)
    path = control_url.removeprefix("unix:")
    uds = path if path != control_url else None
    # Nodes speak plain HTTP on a private address. Without this httpx loads the certificates of the world, for 0.1 s, to no use;
    # a context without any trusts nobody.
    transport = httpx.AsyncHTTPTransport(uds=uds, limits=limits, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    base_url = "http://media" if uds is not None else control_url
    return httpx.AsyncClient(transport=transport, timeout=timeout, base_url=base_url, trust_env=False)


def _passed_on(request: Request) -> dict[str, str]:
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    return headers | {HEADER_CLIENT: request.client.host if request.client else ""}


def _passed_back(response: Response, answer: httpx.Response) -> Response:
    response.status_code = answer.status_code
    response.raw_headers += [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers.multi_items()
        if name.lower() in PASSED_BACK
    ]
    response.headers["cache-control"] = "no-store"
    return response


def _check_secret(answer: httpx.Response, node: MediaNodeEntry) -> None:
    if answer.status_code == 403:
        log.error("a media node refuses the internal secret", node=node.node_id)
        raise Unavailable(f"media node {node.node_id} has another internal secret")
