"""A media node's control interface that behaves: sessions, entity tags, refusals; no media. Served on a real unix socket."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from schemas.media import HEADER_CLIENT, HEADER_SECRET, MediaNodeEntry
from schemas.media import session_id as make_session_id
from server.kernel.tasks import supervised

SECRET = "the-internal-secret"


@dataclass
class FakeMedia:
    """Remembers who publishes what, and every request."""

    node_id: str = "one"
    published: dict[str, str] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    seen: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)
    stuck: bool = False
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def app(self) -> Starlette:
        """The ASGI application."""
        methods = ["POST", "PATCH", "DELETE", "GET", "OPTIONS"]
        return Starlette(
            routes=[
                Route("/{kind}/{stream_id}", self.start, methods=["POST"]),
                Route("/{kind}/{stream_id}/{session_id}", self.session, methods=methods),
            ]
        )

    async def start(self, request: Request) -> Response:
        kind, stream_id = request.path_params["kind"], request.path_params["stream_id"]
        refusal = await self._note(request)
        if refusal is not None:
            return refusal
        if not self.seen[-1][2].startswith(b"v=0"):
            return _problem(400, "malformed")
        if kind == "whip" and stream_id in self.published:
            return _problem(409, "stream_taken")
        if kind == "whep" and stream_id not in self.published:
            return _problem(409, "stream_inactive", {"Retry-After": "2"})
        session_id = make_session_id(self.node_id, f"session-{next(self._numbers):024}")
        self.sessions.add(session_id)
        if kind == "whip":
            self.published[stream_id] = session_id
        headers = [
            ("location", f"/{kind}/{stream_id}/{session_id}"),
            ("etag", '"1"'),
            ("link", "<urn:one>; rel=a"),
            ("link", "<urn:two>; rel=b"),
            ("server", "secret-node/1.0"),
        ]
        response = Response(b"v=0\r\nanswer\r\n", 201, media_type="application/sdp")
        response.raw_headers += [(name.encode(), value.encode()) for name, value in headers]
        return response

    async def session(self, request: Request) -> Response:
        refusal = await self._note(request)
        if refusal is not None:
            return refusal
        session_id = request.path_params["session_id"]
        if session_id not in self.sessions:
            return _problem(404, "not_found")
        if request.method == "DELETE":
            self.sessions.discard(session_id)
            self.published = {stream: owner for stream, owner in self.published.items() if owner != session_id}
            return Response(status_code=200)
        if request.method == "PATCH":
            return Response(status_code=204) if request.headers.get("if-match") == '"1"' else _problem(412, "precondition_failed")
        return Response(status_code=204)

    async def _note(self, request: Request) -> Response | None:
        self.seen.append((request.method, request.url.path, await request.body(), dict(request.headers)))
        if self.stuck:
            await asyncio.Event().wait()
        if request.headers.get(HEADER_SECRET) != SECRET:
            return _problem(403, "forbidden")
        assert request.headers[HEADER_CLIENT]
        return None


@dataclass
class FakePlacement:
    """The registry of nodes and streams, in memory."""

    entries: list[MediaNodeEntry] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)

    async def claim(self, stream_id: str, node_id: str) -> str:
        return self.owners.setdefault(stream_id, node_id)

    async def owner(self, stream_id: str) -> MediaNodeEntry | None:
        return next((entry for entry in self.entries if entry.node_id == self.owners.get(stream_id)), None)

    async def node(self, node_id: str) -> MediaNodeEntry | None:
        return next((entry for entry in self.entries if entry.node_id == node_id), None)

    async def nodes(self) -> list[MediaNodeEntry]:
        return list(self.entries)


def node_entry(node_id: str, control_url: str, subscribers: int = 0, draining: bool = False) -> MediaNodeEntry:
    """A registry entry."""
    return MediaNodeEntry(
        node_id=node_id, control_url=control_url, streams=0, subscribers=subscribers, draining=draining, renewed_at_ms=0
    )


@contextlib.asynccontextmanager
async def served(app: ASGIApp, uds: Path | None = None) -> AsyncIterator[str]:
    """The application on a real server: on a unix socket, or on a free TCP port of this machine. Yields its URL."""
    with socket.socket(socket.AF_UNIX if uds else socket.AF_INET) as listener:
        listener.bind(str(uds) if uds else ("127.0.0.1", 0))
        # Who connects before the server runs waits in the backlog, so nobody has to wait for the server.
        listener.listen(128)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        async with supervised("server") as tasks:
            running = tasks.start(server.serve(sockets=[listener]), "uvicorn")
            try:
                yield f"unix:{uds}" if uds else f"http://127.0.0.1:{listener.getsockname()[1]}"
            finally:
                server.should_exit = server.force_exit = True
                async with asyncio.timeout(10):
                    await running


def _problem(status: int, name: str, headers: dict[str, str] | None = None) -> Response:
    body = {"type": f"/problems#{name}", "status": status}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")
