"""What happens around every request: an id, metrics, security headers, a problem for every exception, and the guards at the door.

Plain ASGI classes: nothing is buffered and nothing is awaited that the application does not await itself.
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import CROSS_ORIGIN, RATE_LIMITED, Refused
from server.auth.limits import Rate, TokenBuckets, address_key
from server.auth.sessions import SessionCookie
from server.http.decoding import SDP_BYTES_MAX, accepted_bytes_max, too_large
from server.http.problem import internal_response, not_found_response, refused_response, unavailable_response
from server.http.routing import ROUTE_KEY
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter, histogram

log = get_logger(__name__)

REQUESTS = counter("efir_http_requests_total", "HTTP requests by route pattern and status", ("method", "route", "status"))
SECONDS = histogram("efir_http_request_seconds", "Time to the last byte of the answer", (0.005, 0.02, 0.1, 0.5, 2.0), ("route",))

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE_METHODS | {"POST", "PATCH", "DELETE", "PUT"}
SIGNALLING = ("/whip/", "/whep/")

POSTS_PER_ADDRESS = Rate(per_s=200, burst=2_000)
"""Against floods only: a thousand phones behind one address of a mobile operator, in the first second of a flash sale, pass."""

BROKEN_SURROUNDINGS = (Unavailable, TimeoutError, RedisConnectionError, RedisTimeoutError)
"""These say that a part is gone, not that we made a mistake. `media` may not name our `Unavailable`: it lets Redis' own pass."""

EXPOSED = "Location, Link, ETag, Accept-Post, Accept-Patch, Retry-After, Access-Control-Allow-Methods"
"""The last one for a WHIP client in use (@eyevinn/whip-web-client), which learns from it on other sites that it may trickle."""

_DEFAULTS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), display-capture=(), geolocation=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_INERT = (b"text/javascript", b"text/css", b"font/")
"""What runs or shows only within a page, and there by the page's policy: a cold player fetches many of these, and each header
would come along as many times."""
_OF_INERT = frozenset({b"x-content-type-options", b"cross-origin-resource-policy"})


class Observed:
    """Outermost: gives the request an id, measures it, and turns whatever is raised inside into a problem."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        started_ms = self._clock.monotonic_ms()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            # Handled here and not in Starlette's handlers, so that the guards' refusals take the same way.
            response = _response_to(error, scope, request_id)
            if status:
                raise  # half of an answer is out: only closing the connection is honest
            await response(scope, receive, watched)
        finally:
            route = scope.get(ROUTE_KEY, "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            REQUESTS.labels(method, route, str(status)).inc()
            SECONDS.labels(route).observe((self._clock.monotonic_ms() - started_ms) / 1000)


class SecurityHeaders:
    """Sets the strictest headers on every answer; a page or a route that needs other ones has set them already."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        headers = dict(_DEFAULTS)
        if https:
            headers["strict-transport-security"] = "max-age=31536000"
        self._headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        signalling = scope["path"].startswith(SIGNALLING)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = dict(message["headers"])
                # A worker is a page of its own: it has the policy that came with it (CSP 3 §4.2).
                inert = given.get(b"content-type", b"").startswith(_INERT) and b"service-worker-allowed" not in given
                wanted = [header for header in self._headers if not inert or header[0] in _OF_INERT]
                message["headers"] += [header for header in wanted if header[0] not in given]
                if signalling:
                    headers = MutableHeaders(scope=message)
                    # Players and encoders on other sites may use WHIP and WHEP: without cookies, so `*` gives nothing away.
                    headers["access-control-allow-origin"] = "*"
                    headers["access-control-expose-headers"] = EXPOSED
            await send(message)

        await self._app(scope, receive, with_headers)


class Guard:
    """Refuses at the door what no route should see: odd addresses, huge bodies, other sites' requests, floods."""

    def __init__(
        self,
        app: ASGIApp,
        clock: Clock,
        cookie: SessionCookie,
        origin: str,
        files: Mapping[str, int],
        posts: Rate = POSTS_PER_ADDRESS,
    ) -> None:
        """`files` are the paths that take files, with the longest body of each in bytes."""
        self._app = app
        self._files = files
        self._clock = clock
        self._cookie = cookie
        self._origin = origin
        self._posts = TokenBuckets(posts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if "\x00" in scope["path"]:
                await not_found_response()(scope, receive, send)
                return
            if scope["method"] not in SAFE_METHODS:
                self._check(scope, Headers(scope=scope))
        await self._app(scope, receive, send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        length = headers.get("content-length", "")
        bytes_max = self._files.get(scope["path"], SDP_BYTES_MAX)
        if length.isdigit() and int(length) > accepted_bytes_max(bytes_max):
            raise too_large(bytes_max)
        client = scope.get("client")
        wait_ms = self._posts.take(address_key(client[0] if client else ""), self._clock.monotonic_ms())
        if wait_ms:
            raise Refused(RATE_LIMITED, "Too many requests from this address; wait a little.", retry_after_ms=wait_ms)
        # WHIP and WHEP are open to other sites, but then without our cookie.
        guarded = not scope["path"].startswith(SIGNALLING) or self._cookie.read(headers.get("cookie", "")) is not None
        if guarded and is_cross_site(headers, self._origin):
            raise Refused(CROSS_ORIGIN, f"Send it from a page of {self._origin}.")


def is_cross_site(headers: Headers, origin: str) -> bool:
    """Whether a browser says that a page of another origin makes this request.

    Sec-Fetch-Site cannot be forged by pages, so it decides; older browsers send Origin with every unsafe request; who sends
    neither is no browser, and has no cookie that somebody else could misuse (the rule of Go's `http.CrossOriginProtection`).
    """
    given = headers.get("origin")
    if given is not None and given == origin:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    return given is not None and (not given.startswith(("http://", "https://")) or urlsplit(given).netloc != headers.get("host"))


def _response_to(error: Exception, scope: Scope, request_id: str) -> Response:
    if isinstance(error, Refused):
        return refused_response(error)
    if isinstance(error, BROKEN_SURROUNDINGS):
        log.warning("unavailable", request_id=request_id, method=scope["method"], path=scope["path"], reason=repr(error))
        return unavailable_response()
    log.error("request failed", request_id=request_id, method=scope["method"], path=scope["path"], exc_info=error)
    return internal_response(request_id)
