"""WHIP (RFC 9725) and WHEP for the public: authorises, finds the stream's media node, and passes the request on unchanged."""

import asyncio
import re
import ssl
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.errors import FORBIDDEN, NOT_FOUND, NOT_SIGNED_IN, SHOW_ENDED, Refused
from schemas.http.shows import ShowView
from schemas.media import HEADER_CLIENT, HEADER_SECRET, MediaNodeEntry
from schemas.requests.shows import CheckIngestToken, GetShow
from server.auth.actors import NOBODY
from server.auth.service import Auth
from server.http.decoding import SDP_BYTES_MAX, read_body
from server.http.problem import problem_response
from server.http.routing import Methods
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.module import UnitOfWork

log = get_logger(__name__)

SDP = ("application/sdp",)
PATCH_TYPES = ("application/trickle-ice-sdpfrag",)
DEADLINE_S = 8
"""OBS gives up after 8 s; a healthy node answers within milliseconds."""
CONNECTIONS_MAX = 64
"""Requests under way to one node; more wait up to `POOL_WAIT_S` and are then told to come back."""
POOL_WAIT_S = 3
NODES_MAX = 64
"""Nodes with an open client. Above it the client used longest ago is closed; it is made again when needed."""

PASSED_BACK = frozenset(
    {"content-type", "location", "etag", "link", "accept-post", "accept-patch", "retry-after", "allow", "valid-until"}
)
PASSED_ON = ("content-type", "if-match", "accept")

_STREAM = re.compile(r"shw_[0-9a-f]{32}")
_SESSION = re.compile(r"[A-Za-z0-9_-]{8,128}")


class Placement(Protocol):
    """Which node has which stream."""

    async def claim(self, stream_id: str, node_id: str) -> str:
        """Give the stream to the node unless it has one; returns the id of the node that has it now."""

    async def owner(self, stream_id: str) -> MediaNodeEntry | None:
        """The living node that has the stream."""

    async def nodes(self) -> list[MediaNodeEntry]:
        """Every living node."""


class NodeClients:
    """One HTTP client with kept-alive connections per media node."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, httpx.AsyncClient] = OrderedDict()

    async def get(self, control_url: str) -> httpx.AsyncClient:
        """The client of the node at `http://host:port` or `unix:/path`."""
        client = self._clients.get(control_url)
        if client is None:
            client = self._clients[control_url] = _client(control_url)
        self._clients.move_to_end(control_url)
        if len(self._clients) > NODES_MAX:
            _, oldest = self._clients.popitem(last=False)
            await oldest.aclose()
        return client

    async def close(self) -> None:
        """Close every connection."""
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()


class MediaProxy:
    """The routes `/whip/…` and `/whep/…`."""

    def __init__(self, auth: Auth, units: UnitOfWork, placement: Placement, secret: str) -> None:
        self._auth = auth
        self._units = units
        self._placement = placement
        self._secret = secret
        self.clients = NodeClients()

    def routes(self) -> list[Route]:
        """Both endpoints and their sessions."""
        routes = []
        for kind, start in (("whip", self.publish), ("whep", self.play)):
            endpoint = {"POST": start, "GET": _empty, "OPTIONS": _options}
            session = {"PATCH": self.in_session, "DELETE": self.in_session, "GET": self.in_session, "OPTIONS": _options}
            for path, operations in ((f"/{kind}/{{stream_id}}", endpoint), (f"/{kind}/{{stream_id}}/{{session_id}}", session)):
                routes.append(Route(path, Methods(path, operations)))
        return routes

    async def publish(self, request: Request) -> Response:
        """`POST /whip/{stream_id}`: with the show's ingest token, or by its host's session."""
        show = await self._show(request.path_params["stream_id"])
        refusal = await self._may_publish(request, show)
        if refusal is not None:
            return refusal
        offer = await read_body(request, SDP, SDP_BYTES_MAX)
        return await self._forward(request, await self._node_to_publish_on(show.show_id), offer)

    async def play(self, request: Request) -> Response:
        """`POST /whep/{stream_id}`: anyone who knows the show."""
        show = await self._show(request.path_params["stream_id"])
        offer = await read_body(request, SDP, SDP_BYTES_MAX)
        return await self._forward(request, await self._node_of(show.show_id), offer)

    async def in_session(self, request: Request) -> Response:
        """Requests to a session: its address is unguessable and known to its client alone, so it is the authorisation."""
        stream_id, session_id = request.path_params["stream_id"], request.path_params["session_id"]
        if not _STREAM.fullmatch(stream_id) or not _SESSION.fullmatch(session_id):
            raise Refused(NOT_FOUND, "There is no such session.")
        body = await read_body(request, PATCH_TYPES, SDP_BYTES_MAX) if request.method == "PATCH" else b""
        return await self._forward(request, await self._node_of(stream_id), body)

    async def _show(self, stream_id: str) -> ShowView:
        if not _STREAM.fullmatch(stream_id):
            raise Refused(NOT_FOUND, "There is no such show.")
        async with self._units(NOBODY) as ctx:
            show = await ctx.ask(GetShow(stream_id))
        if show is None:
            raise Refused(NOT_FOUND, "There is no such show.")
        if show.state == "ended":
            raise Refused(SHOW_ENDED)
        return show

    async def _may_publish(self, request: Request, show: ShowView) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            async with self._units(NOBODY) as ctx:
                allowed = await ctx.ask(CheckIngestToken(show.show_id, token.strip()))
            return None if allowed else _unauthorised("This stream key is wrong; copy it from the studio again.")
        actor = await self._auth.actor_of(self._auth.cookie.read(request.headers.get("cookie", "")))
        if actor is None:
            return _unauthorised("Send the stream key as `Authorization: Bearer <key>`, or log in as the show's host.")
        if not actor.is_host or actor.id != show.host_id:
            raise Refused(FORBIDDEN, "Only the show's host may broadcast here.")
        return None

    async def _node_to_publish_on(self, stream_id: str) -> MediaNodeEntry:
        node = await self._node_of(stream_id)
        owner_id = await self._placement.claim(stream_id, node.node_id)
        if owner_id == node.node_id:
            return node
        owner = await self._placement.owner(stream_id)
        if owner is None:
            raise Unavailable(f"the media node {owner_id} of {stream_id} has just gone")
        return owner

    async def _node_of(self, stream_id: str) -> MediaNodeEntry:
        owner = await self._placement.owner(stream_id)
        return owner or least_loaded(await self._placement.nodes())

    async def _forward(self, request: Request, node: MediaNodeEntry, body: bytes) -> Response:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        headers |= {HEADER_SECRET: self._secret, HEADER_CLIENT: request.client.host if request.client else ""}
        client = await self.clients.get(node.control_url)
        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await client.request(request.method, request.url.path, content=body or None, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            # Not tried again: whether the node has made the session is unknown, and the client knows how to start over.
            raise Unavailable(f"media node {node.node_id} at {node.control_url}: {error!r}") from error
        if answer.status_code == 403 and request.method != "GET":
            log.error("a media node refuses the internal secret", node=node.node_id)
            raise Unavailable(f"media node {node.node_id} has another internal secret")
        response = Response(answer.content, answer.status_code)
        response.raw_headers += [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in answer.headers.multi_items()
            if name.lower() in PASSED_BACK
        ]
        response.headers["cache-control"] = "no-store"
        return response


def least_loaded(nodes: Sequence[MediaNodeEntry]) -> MediaNodeEntry:
    """Where a new stream goes: the node with the fewest receivers that is not about to stop.

    Raises:
        Unavailable: there is none.
    """
    ready = [node for node in nodes if not node.draining]
    if not ready:
        raise Unavailable("no media node is running")
    return min(ready, key=lambda node: (node.subscribers, node.streams, node.node_id))


def _client(control_url: str) -> httpx.AsyncClient:
    # Kept shorter than uvicorn keeps its side (5 s), so that a request is not sent into a connection that is being closed.
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=8, keepalive_expiry=2)
    timeout = httpx.Timeout(DEADLINE_S, connect=2, pool=POOL_WAIT_S)
    path = control_url.removeprefix("unix:")
    uds = path if path != control_url else None
    # Nodes speak plain HTTP on a private address. Without this httpx loads the certificates of the world, for 0.1 s, to no use;
    # a context without any trusts nobody.
    transport = httpx.AsyncHTTPTransport(uds=uds, limits=limits, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    base_url = "http://media" if uds is not None else control_url
    return httpx.AsyncClient(transport=transport, timeout=timeout, base_url=base_url, trust_env=False)


def _unauthorised(detail: str) -> Response:
    return problem_response(NOT_SIGNED_IN, detail, headers={"www-authenticate": 'Bearer realm="efir"'})


async def _empty(request: Request) -> Response:
    """GET and HEAD of an endpoint: nothing to see, but players discover by it that WHEP is spoken (draft-ietf-wish-whep §4)."""
    if not _STREAM.fullmatch(request.path_params["stream_id"]):
        raise Refused(NOT_FOUND, "There is no such show.")
    return Response(status_code=200, headers={"accept-post": SDP[0], "content-type": SDP[0], "cache-control": "no-store"})


async def _options(_: Request) -> Response:
    """RFC 9725 §4.7 and the CORS protocol; there are no ICE servers to announce: the nodes have public addresses."""
    return Response(
        status_code=200,
        headers={
            "accept-post": SDP[0],
            "accept-patch": PATCH_TYPES[0],
            "access-control-allow-methods": "POST, PATCH, DELETE, GET, HEAD, OPTIONS",
            "access-control-allow-headers": "Authorization, Content-Type, If-Match",
            "access-control-max-age": "86400",
        },
    )
