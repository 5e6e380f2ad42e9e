"""WHIP (RFC 9725) and WHEP for the public: authorises, finds the media node, and passes the request on.

Clients are never redirected (307). A web node reaches every media node, and a session's id names its node, so whichever web node
a PATCH, a DELETE or an event stream comes to can pass it on: neither a redirect nor an absolute Location would save anything,
and media nodes need no public HTTP address.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.errors import FORBIDDEN, NOT_FOUND, NOT_SIGNED_IN, RATE_LIMITED, SHOW_ENDED, Refused
from schemas.http.shows import ShowView
from schemas.media import HEADER_PARTICIPANT, HEADER_ROLE, HEADER_STAGE, HOST, ROLE_PARAMETER, MediaNodeEntry, Role
from schemas.requests.guests import CheckPass
from schemas.requests.shows import CheckIngestToken, GetShow
from server.auth.actors import NOBODY
from server.auth.limits import Rate, TokenBuckets, address_key
from server.auth.service import Auth
from server.http.decoding import JSON_BYTES_MAX, SDP_BYTES_MAX, read_body
from server.http.media_nodes import MediaNodes
from server.http.problem import problem_response
from server.http.routing import Methods, Operation
from server.kernel.clock import Clock
from server.kernel.module import UnitOfWork

SDP = ("application/sdp",)
FRAGMENT = "application/trickle-ice-sdpfrag"
PATCH_TYPES = (FRAGMENT, "application/sdp")
"""The second is the answer to a counter-offer: the node says why there is none."""
JSON = ("application/json",)

SIGNALLING_PER_ADDRESS = Rate(per_s=50, burst=500)
"""A session costs a node about 2 ms for its handshake: one address takes at most a tenth of a core. Five hundred phones behind
one address of a mobile operator join within the first second."""

_STREAM = re.compile(r"(shw|reh)_[0-9a-f]{32}")
_SESSION = re.compile(r"[A-Za-z0-9_-]{8,128}")

IceServers = Callable[[str], Sequence[str]]
"""Values of `Link: …; rel="ice-server"` for a client, named by its address."""


@dataclass(frozen=True)
class Caller:
    """Who publishes or watches, as the media node is told."""

    role: Role = "viewer"
    participant_id: str = ""
    on_stage: bool = True

    @property
    def headers(self) -> dict[str, str]:
        headers: dict[str, str] = {HEADER_ROLE: self.role}
        if self.participant_id:
            headers[HEADER_PARTICIPANT] = self.participant_id
        if self.role == "guest":
            headers[HEADER_STAGE] = "live" if self.on_stage else "waiting"
        return headers


class MediaProxy:
    """The routes `/whip/…` and `/whep/…`."""

    def __init__(
        self, auth: Auth, units: UnitOfWork, nodes: MediaNodes, clock: Clock, ice_servers: IceServers = lambda client: ()
    ) -> None:
        self._auth = auth
        self._units = units
        self._nodes = nodes
        self._clock = clock
        self._ice_servers = ice_servers
        self._rate = TokenBuckets(SIGNALLING_PER_ADDRESS)

    def routes(self) -> list[Route]:
        """Both endpoints and their sessions, and the extensions of WHEP."""
        routes = []
        session = {"PATCH": self.patch, "DELETE": self.pass_on, "GET": self.pass_on, "OPTIONS": self.describe}
        for kind, start in (("whip", self.publish), ("whep", self.play)):
            path = f"/{kind}/{{stream_id}}"
            operations = {"POST": start, "GET": self.discover, "OPTIONS": self.describe}
            routes += [_route(path, operations), _route(f"{path}/{{session_id}}", session)]
        viewer = "/whep/{stream_id}/{session_id}"
        listener = {"GET": self.events, "DELETE": self.pass_on, "OPTIONS": self.describe}
        layer = {"POST": self.pass_json_on, "DELETE": self.pass_on, "OPTIONS": self.describe}
        return [
            *routes,
            _route(f"{viewer}/sse", {"POST": self.pass_json_on, "OPTIONS": self.describe}),
            _route(f"{viewer}/sse/{{listener_id}}", listener),
            _route(f"{viewer}/layer", layer),
        ]

    async def publish(self, request: Request) -> Response:
        """`POST /whip/{stream_id}`: with the show's ingest token, by its host's session, or with a guest's pass."""
        self._limit(request)
        show = await self._show(request)
        caller = await self._publisher(request, show)
        if isinstance(caller, Response):
            return caller
        offer = await read_body(request, SDP, SDP_BYTES_MAX)
        return await self._open(request, await self._nodes.to_publish_on(show.show_id), offer, caller)

    async def play(self, request: Request) -> Response:
        """`POST /whep/{stream_id}`: anyone who knows the show; its host and guests also see who waits for the stage."""
        self._limit(request)
        show = await self._show(request)
        caller = await self._viewer(request, show)
        offer = await read_body(request, SDP, SDP_BYTES_MAX)
        node = await self._nodes.to_play_on(show.show_id, participates=bool(caller.participant_id))
        return await self._open(request, node, offer, caller)

    async def patch(self, request: Request) -> Response:
        """Trickle or ICE restart."""
        self._limit(request)
        return await self._forward(request, await read_body(request, PATCH_TYPES, SDP_BYTES_MAX))

    async def pass_on(self, request: Request) -> Response:
        """A request without a body."""
        self._limit(request)
        return await self._forward(request, b"")

    async def pass_json_on(self, request: Request) -> Response:
        """A request of an extension; without a content type it has no body."""
        self._limit(request)
        body = await read_body(request, JSON, JSON_BYTES_MAX) if "content-type" in request.headers else b""
        return await self._forward(request, body)

    async def events(self, request: Request) -> Response:
        """`GET …/sse/{listener_id}`: server-sent events."""
        _check_session(request)
        return await self._nodes.stream(request, await self._nodes.of_session(request.path_params["session_id"]))

    async def discover(self, request: Request) -> Response:
        """GET and HEAD of an endpoint: nothing to see, but players discover WHEP by it (draft-ietf-wish-whep §4)."""
        if not _STREAM.fullmatch(request.path_params["stream_id"]):
            raise Refused(NOT_FOUND, "There is no such show.")
        return Response(status_code=200, headers={"accept-post": SDP[0], "content-type": SDP[0], "cache-control": "no-store"})

    async def describe(self, request: Request) -> Response:
        """OPTIONS (RFC 9725 §4.7): the CORS protocol, and for those who ask plainly the ICE servers (§4.6)."""
        response = Response(
            status_code=200,
            headers={
                "accept-post": SDP[0],
                "accept-patch": FRAGMENT,
                "access-control-allow-methods": "POST, PATCH, DELETE, GET, HEAD, OPTIONS",
                "access-control-allow-headers": "Authorization, Content-Type, If-Match, ETag",
                "access-control-max-age": "86400",
                "cache-control": "no-store",
            },
        )
        if "access-control-request-method" not in request.headers and await self._exists(request):
            self._announce_ice(request, response)
        return response

    async def _open(self, request: Request, node: MediaNodeEntry, offer: bytes, caller: Caller) -> Response:
        response = await self._nodes.forward(request, node, offer, caller.headers)
        if response.status_code == 201:
            self._announce_ice(request, response)
        return response

    async def _forward(self, request: Request, body: bytes) -> Response:
        """To a session: its address is unguessable and known to its client alone, so it is the authorisation."""
        _check_session(request)
        return await self._nodes.forward(request, await self._nodes.of_session(request.path_params["session_id"]), body)

    def _announce_ice(self, request: Request, response: Response) -> None:
        for link in self._ice_servers(_address(request)):
            response.headers.append("link", link)

    def _limit(self, request: Request) -> None:
        if request.method in ("GET", "HEAD"):
            return
        wait_ms = self._rate.take(address_key(_address(request)), self._clock.monotonic_ms())
        if wait_ms:
            raise Refused(RATE_LIMITED, "Too many requests from this address; wait a little.", retry_after_ms=wait_ms)

    async def _show(self, request: Request) -> ShowView:
        stream_id = request.path_params["stream_id"]
        show = None
        if _STREAM.fullmatch(stream_id):
            async with self._units(NOBODY) as ctx:
                show = await ctx.ask(GetShow(stream_id))
        if show is None:
            raise Refused(NOT_FOUND, "There is no such show.")
        if show.state == "ended":
            raise Refused(SHOW_ENDED)
        return show

    async def _exists(self, request: Request) -> bool:
        try:
            await self._show(request)
        except Refused:
            return False
        return True

    async def _publisher(self, request: Request, show: ShowView) -> Caller | Response:
        if _bearer(request) is not None:
            caller = await self._by_token(request, show)
            return caller or _unauthorised("This stream key is wrong; copy it from the studio again.")
        actor = await self._auth.actor_of(self._auth.cookie.read(request.headers.get("cookie", "")))
        if actor is None:
            return _unauthorised("Send the stream key as `Authorization: Bearer <key>`, or log in as the show's host.")
        if not actor.is_host or actor.id != show.host_id:
            raise Refused(FORBIDDEN, "Only the show's host may broadcast here.")
        return Caller("host", HOST)

    async def _viewer(self, request: Request, show: ShowView) -> Caller:
        """The host's cookie alone makes a viewer: a host who opens the show's page wants to see what everybody sees, and a
        participant never gets its own tracks back. The studio asks for more with `?role=host`."""
        if _bearer(request) is not None:
            return await self._by_token(request, show) or Caller()  # players send keys of their own; the show is public
        if request.query_params.get(ROLE_PARAMETER) != "host":
            return Caller()
        actor = await self._auth.actor_of(self._auth.cookie.read(request.headers.get("cookie", "")))
        if actor is None or not actor.is_host or actor.id != show.host_id:
            raise Refused(FORBIDDEN, "Only the show's host may watch as its host.")
        return Caller("host", HOST)

    async def _by_token(self, request: Request, show: ShowView) -> Caller | None:
        token = _bearer(request) or ""
        async with self._units(NOBODY) as ctx:
            if await ctx.ask(CheckIngestToken(show.show_id, token)):
                return Caller("host", HOST)
            guest = await ctx.ask(CheckPass(show.show_id, token))
        return None if guest is None else Caller("guest", guest.participant_id, guest.on_stage)


def _route(path: str, operations: Mapping[str, Operation]) -> Route:
    return Route(path, Methods(path, operations))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _check_session(request: Request) -> None:
    params = request.path_params
    ids = params["session_id"], params.get("listener_id", "listener")
    if not _STREAM.fullmatch(params["stream_id"]) or not all(_SESSION.fullmatch(value) for value in ids):
        raise Refused(NOT_FOUND, "There is no such session.")


def _unauthorised(detail: str) -> Response:
    return problem_response(NOT_SIGNED_IN, detail, headers={"www-authenticate": 'Bearer realm="efir"'})
