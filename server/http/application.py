"""The web role's ASGI application: every route and everything around them."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schemas.errors import MALFORMED
from server.auth.service import Auth
from server.http import embed, installed
from server.http.faces import Faces
from server.http.for_people import ForPeople
from server.http.health import Check, Health, Metrics
from server.http.media import IceServers, MediaProxy
from server.http.media_metrics import MediaMetrics
from server.http.media_nodes import MediaNodes, Placement
from server.http.middleware import Guard, Observed, SecurityHeaders
from server.http.openapi import openapi_document
from server.http.pages import Pages
from server.http.problem import method_not_allowed_response, not_found_response, problem_response, problems_page
from server.http.routing import Methods, Operation, by_path_first, endpoint_routes
from server.http.sessions import SESSION_ENDPOINTS
from server.http.static_files import Assets, StaticFiles
from server.http.web_metrics import OWN_METRICS, WebMetrics
from server.kernel.clock import Clock, SystemClock
from server.kernel.config import Settings
from server.kernel.module import Module, UnitOfWork
from server.kernel.words import Words

STATIC_FOLDER = Path(__file__).parents[2] / "static"

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def build_app(
    *,
    modules: Sequence[Module],
    units: UnitOfWork,
    auth: Auth,
    settings: Settings,
    placement: Placement,
    extra_routes: Sequence[BaseRoute] = (),
    lifespan: Lifespan | None = None,
    checks: Mapping[str, Check] | None = None,
    notices: Mapping[str, Check] | None = None,
    clock: Clock | None = None,
    static_folder: Path = STATIC_FOLDER,
    ice_servers: IceServers = lambda client: (),
) -> Starlette:
    """The application. `checks` are the parts that `/healthz` asks; each raises when its part is not well; so do `notices`, which
    need somebody's attention but leave the server well. Its `state.drain` ends
    what would hold a process that is about to stop.

    Raises:
        ValueError: two modules claim the same operation.
    """
    clock = clock or SystemClock()
    assets = Assets(static_folder, clock)
    faces = Faces(units, Words(static_folder / "locales"), settings.origin)
    pages = Pages(assets, settings.origin, faces, settings.embed_origin_list)
    nodes = MediaNodes(placement, settings.internal_secret)
    metrics = Metrics(settings.internal_secret)
    endpoints = [endpoint.bind(auth) for endpoint in SESSION_ENDPOINTS]
    endpoints += [endpoint for module in modules for endpoint in module.routes]
    routes: list[BaseRoute] = [
        *extra_routes,
        *endpoint_routes(endpoints, auth, units),
        *MediaProxy(auth, units, nodes, clock, ice_servers).routes(),
        _get("/healthz", Health(checks or {}, notices)),
        _get("/metrics", WebMetrics(metrics, settings.data_path)),
        _get(OWN_METRICS, metrics),
        _get("/metrics/media", MediaMetrics(metrics, nodes)),
        _get("/api/openapi.json", _fixed(msgspec.json.encode(openapi_document(modules)), "application/json")),
        _get("/problems", _problems),
        _get("/static/{path:path}", StaticFiles(assets), name="/static"),
        _get(installed.MANIFEST, installed.respond),
        _get(embed.PATH, embed.EmbedScript(assets)),
        *pages.routes(),
    ]
    files = {endpoint.path: endpoint.raw.bytes_max for endpoint in endpoints if endpoint.raw is not None}
    middleware = [
        Middleware(SecurityHeaders, https=auth.cookie.secure),
        Middleware(ForPeople, explain=pages.explain),
        Middleware(Observed, clock=clock),
        Middleware(Guard, clock=clock, cookie=auth.cookie, origin=settings.origin, files=files),
    ]
    handlers: dict[Any, Any] = {HTTPException: _on_http_exception}
    app = Starlette(
        routes=by_path_first(routes), middleware=middleware, exception_handlers=handlers, lifespan=_closing(nodes, lifespan)
    )
    # Pages redirect to their slash themselves; elsewhere another address is another thing.
    app.router.redirect_slashes = False
    app.state.drain = nodes.drain
    return app


def _get(path: str, operation: Operation, name: str | None = None) -> Route:
    return Route(path, Methods(name or path, {"GET": operation}))


def _fixed(body: bytes, media_type: str) -> Operation:
    async def respond(_: Request) -> Response:
        return Response(body, headers={"cache-control": "no-cache"}, media_type=media_type)

    return respond


async def _problems(_: Request) -> Response:
    return problems_page()


async def _on_http_exception(_: Request, error: Exception) -> Response:
    """What Starlette itself refuses: unknown paths, above all."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return not_found_response()
    if error.status_code == 405:
        return method_not_allowed_response((error.headers or {}).get("Allow", "GET"))
    return problem_response(MALFORMED, error.detail)


def _closing(nodes: MediaNodes, lifespan: Lifespan | None) -> Lifespan:
    @contextlib.asynccontextmanager
    async def run(app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(nodes.clients.close)
            if lifespan is not None:
                await stack.enter_async_context(lifespan(app))
            yield

    return run
