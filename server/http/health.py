"""`/healthz` for balancers and supervisors, `/metrics` for Prometheus."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from schemas.errors import FORBIDDEN
from server.http.problem import problem_response
from server.kernel.log import get_logger
from server.kernel.metrics import CONTENT_TYPE, render

log = get_logger(__name__)

Check = Callable[[], Awaitable[object]]

CHECK_DEADLINE_S = 2.0
"""A part that needs longer for a sign of life is as good as gone."""


class Health:
    """Runs every check at once; 200 when all pass, else 503 with the names of those that did not.

    `notices` are shown as well, and change nothing: a show that is stopped is no reason to take the whole server away.
    """

    def __init__(self, checks: Mapping[str, Check], notices: Mapping[str, Check] | None = None) -> None:
        self._notices = frozenset(notices or ())
        self._checks = {**checks, **(notices or {})}
        self._failing: set[str] = set()

    async def __call__(self, _: Request) -> Response:
        outcomes = await asyncio.gather(*(self._passes(name) for name in self._checks))
        passed = dict(zip(self._checks, outcomes, strict=True))
        states = {name: "ok" if well else "attention" if name in self._notices else "failed" for name, well in passed.items()}
        healthy = "failed" not in states.values()
        body = msgspec.json.encode({"status": "ok" if healthy else "failed", "checks": states})
        return Response(body, 200 if healthy else 503, headers={"cache-control": "no-store"}, media_type="application/json")

    async def _passes(self, name: str) -> bool:
        try:
            async with asyncio.timeout(CHECK_DEADLINE_S):
                await self._checks[name]()
        except Exception as error:  # noqa: BLE001 - whatever a check raises means that its part is not well; logged
            if name not in self._failing:  # once per outage: balancers ask many times a second
                log.warning("health check failed", check=name, error=repr(error))
            self._failing.add(name)
            return False
        self._failing.discard(name)
        return True


class Metrics:
    """The registry, for this machine and for whoever knows the internal secret (`Authorization: Bearer …`)."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def __call__(self, request: Request) -> Response:
        return self.page(render()) if self.allows(request) else self.refusal()

    def allows(self, request: Request) -> bool:
        """Whether this caller may see figures."""
        return _is_local(request) or self._knows_secret(request.headers.get("authorization", ""))

    def refusal(self) -> Response:
        """The answer for others."""
        return problem_response(FORBIDDEN, "Ask from the same machine, or with the internal secret as bearer token.")

    def page(self, text: bytes) -> Response:
        """A page of figures."""
        return Response(text, headers={"cache-control": "no-store", "content-type": CONTENT_TYPE})

    def _knows_secret(self, authorization: str) -> bool:
        expected = f"Bearer {self._secret}".encode()
        return bool(self._secret) and hmac.compare_digest(authorization.encode(), expected)


def _is_local(request: Request) -> bool:
    # A reverse proxy on this machine is local too: it has to pass X-Forwarded-For (uvicorn believes 127.0.0.1), or hide /metrics.
    try:
        return request.client is None or ip_address(request.client.host).is_loopback
    except ValueError:
        return False
