"""A refusal for somebody who typed an address or followed a link: a page in their language instead of problem+json.

Programs, and the scripts of our own pages, ask for JSON (or for nothing in particular) and keep getting RFC 9457. The status and
the headers are the same either way.
"""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.problem import CONTENT_TYPE
from server.kernel.log import get_logger

log = get_logger(__name__)

FOR_PROGRAMS = ("/api/", "/static/", "/combined/", "/whip/", "/whep/", "/metrics", "/healthz")
"""Who opens one of these in a browser looks for what programs get."""

Explain = Callable[[Request, int, str, str], Awaitable[Response]]
"""Makes the page for a request, a status, the name of the error and the id of the request."""


class ForPeople:
    """Around everything that refuses: an answer that is a problem goes out as a page where a browser wants to show one."""

    def __init__(self, app: ASGIApp, explain: Explain) -> None:
        self._app = app
        self._explain = explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not wants_page(scope["method"], scope["path"], Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def held(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
            elif start is not None and message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    response = await self._page(Request(scope), start, body)
                    await response(scope, receive, send)
            else:
                await send(message)

        await self._app(scope, receive, held)

    async def _page(self, request: Request, start: Message, body: bytes) -> Response:
        given = MutableHeaders(raw=list(start["headers"]))
        try:
            name = str(msgspec.json.decode(body)["name"])
            response = await self._explain(request, start["status"], name, given.get("x-request-id", ""))
        except (KeyError, OSError, msgspec.DecodeError) as error:
            # Without the files of the page there is still the problem itself.
            log.warning("a problem went out without its page", path=request.url.path, reason=repr(error))
            return Response(body, start["status"], dict(given))
        for key in ("x-request-id", "retry-after", "allow", "connection"):
            if key in given:
                response.headers[key] = given[key]
        return response


def wants_page(method: str, path: str, headers: Headers) -> bool:
    """Whether a browser shows the answer: navigations name text/html, scripts and programs do not (RFC 9110 §12.5.1)."""
    return method in ("GET", "HEAD") and not path.startswith(FOR_PROGRAMS) and "text/html" in headers.get("accept", "")


def _is_problem(message: Message) -> bool:
    return MutableHeaders(raw=list(message["headers"])).get("content-type", "").startswith(CONTENT_TYPE)
