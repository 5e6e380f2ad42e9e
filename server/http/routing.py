"""An `Endpoint` as a route: session → actor → permission → decode → unit of work → handler → encode."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.datastructures import URLPath
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

from schemas.errors import FORBIDDEN, NOT_SIGNED_IN, Refused
from server.auth.actors import NOBODY
from server.auth.permissions import missing
from server.auth.service import Auth
from server.http.decoding import JSON_BYTES_MAX, decode_json, parse_query, read_body
from server.http.problem import method_not_allowed_response, refused_response
from server.kernel.module import Actor, Call, Endpoint, Permission, UnitOfWork

ROUTE_KEY = "efir.route"
"""Where a route leaves its path pattern in the scope, for metrics: a label with few values."""

JSON = ("application/json",)

Operation = Callable[[Request], Awaitable[Response]]

_NEEDED: Mapping[Permission, str] = {
    "anyone": "",
    "guest": "Enter as a guest (POST /api/auth/guest) or log in.",
    "account": "Register or log in; a guest cannot do this.",
    "packer": "Log in as somebody who packs for this shop.",
    "host": "Log in as a host of this shop.",
    "owner": "Log in as the owner of this shop.",
}


class Methods:
    """ASGI application of one path: its operations by method; answers OPTIONS, HEAD and wrong methods itself."""

    def __init__(self, path: str, operations: Mapping[str, Operation]) -> None:
        self._path = path
        self._operations = dict(operations)
        if "GET" in self._operations:
            self._operations.setdefault("HEAD", self._operations["GET"])
        self._allow = ", ".join(sorted({*self._operations, "OPTIONS"}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ROUTE_KEY] = self._path
        operation = self._operations.get(scope["method"])
        if operation is not None:
            try:
                response = await operation(Request(scope, receive, send))
            except Refused as refusal:
                # Most of a crowd is refused ("sold out"), and the way out through every layer costs as much as an answer.
                response = refused_response(refusal)
        elif scope["method"] == "OPTIONS":
            response = Response(status_code=204, headers={"allow": self._allow})
        else:
            response = method_not_allowed_response(self._allow)
        await response(scope, receive, send)


def endpoint_routes(endpoints: Sequence[Endpoint], auth: Auth, units: UnitOfWork) -> list[Route]:
    """One route per path.

    Raises:
        ValueError: two endpoints claim the same method and path.
    """
    by_path: dict[str, dict[str, Operation]] = {}
    for endpoint in endpoints:
        operations = by_path.setdefault(endpoint.path, {})
        if endpoint.method in operations:
            raise ValueError(f"{endpoint.method} {endpoint.path} is claimed twice")
        operations[endpoint.method] = _operation(endpoint, auth, units)
    # Fixed paths before patterns: /api/shows/mine must not be taken for a show whose id is `mine`.
    ordered = sorted(by_path.items(), key=lambda item: [part.startswith("{") for part in item[0].split("/")])
    return [Route(path, Methods(path, operations)) for path, operations in ordered]


class FixedPaths(BaseRoute):
    """All routes without parameters as one: they are found by their path, and not by trying one pattern after another. The other
    routes follow it."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = {route.path: route for route in routes}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        return (Match.NONE, {}) if route is None else route.matches(scope)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._routes[scope["path"]].handle(scope, receive, send)


def by_path_first(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The same routes, those without parameters found at once. A fixed path comes before any pattern that would take it."""
    fixed = [route for route in routes if isinstance(route, Route) and not route.param_convertors]
    return [FixedPaths(fixed), *(route for route in routes if route not in fixed)]


async def require_actor(request: Request, auth: Auth, permission: Permission) -> Actor:
    """The caller, who meets the permission; `NOBODY` for a caller without a session where anyone may call.

    Raises:
        Refused: not signed in, or not allowed.
    """
    actor = await auth.actor_of(auth.cookie.read(request.headers.get("cookie", "")))
    error = missing(actor, permission)
    if error is not None:
        assert error in (NOT_SIGNED_IN, FORBIDDEN), error
        raise Refused(error, _NEEDED[permission])
    return actor or NOBODY


def _operation(endpoint: Endpoint, auth: Auth, units: UnitOfWork) -> Operation:
    decoder = msgspec.json.Decoder(endpoint.body) if endpoint.body is not None else None

    async def run(request: Request) -> Response:
        actor = await require_actor(request, auth, endpoint.permission)
        query = parse_query(request.query_params.multi_items())
        body: Any = None
        raw = b""
        if (wanted := endpoint.raw) is not None:
            raw = await read_body(request, wanted.content_types, wanted.bytes_max, wanted.deadline_s)
        if decoder is not None:
            body = decode_json(await read_body(request, JSON, JSON_BYTES_MAX), decoder)
        address = request.client.host if request.client else ""
        call = Call(body, request.path_params, query, _headers(request), address, raw)
        async with units(actor) as ctx:
            reply = await endpoint.handler(ctx, call)
        # Only now, after the commit, is there anything to say.
        if reply.content is not None:
            headers = {"cache-control": "no-store"} | {name.lower(): value for name, value in reply.headers.items()}
            return Response(reply.content, reply.status, headers=headers, media_type=endpoint.produces)
        return _response(endpoint, reply.view, reply.status, reply.headers)

    return run


def _headers(request: Request) -> dict[str, str]:
    """By lower-case names; of several with one name the first. (`dict()` of Starlette's searches all of them for each.)"""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(request.headers.raw)}


def _response(endpoint: Endpoint, view: msgspec.Struct | None, status: int, headers: Mapping[str, str]) -> Response:
    # What the OpenAPI document promises is what is sent.
    assert endpoint.view is None or view is None or isinstance(view, endpoint.view), (endpoint.path, type(view))
    status = endpoint.status if status == 200 else status
    all_headers = {"cache-control": "no-store"} | {name.lower(): value for name, value in headers.items()}
    if view is None:
        return Response(status_code=204 if status == 200 else status, headers=all_headers)
    return Response(msgspec.json.encode(view), status, headers=all_headers, media_type="application/json")
