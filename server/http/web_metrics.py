"""`/metrics` of a machine whose web processes share one port: the figures of all of them on one page, whoever was asked.

The kernel gives a connection to any of them, so each would tell another one's counters every time. `/metrics/process` is the
answering process alone.
"""

import asyncio
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import Response

from server.http.health import Metrics
from server.http.media_metrics import DEADLINE_S, merged
from server.kernel.tls import client_context

OWN_METRICS = "/metrics/process"


class WebMetrics:
    """Asks the processes that `up` has started here, by their own sockets; where there is one or none, tells its own figures."""

    def __init__(self, guard: Metrics, folder: Path) -> None:
        self._guard = guard
        self._folder = folder

    async def __call__(self, request: Request) -> Response:
        if not self._guard.allows(request):
            return self._guard.refusal()
        sockets = sorted(self._folder.glob("web-*.sock"))
        if len(sockets) < 2:
            return await self._guard(request)
        pages = await asyncio.gather(*(own_page(socket) for socket in sockets))
        named = {socket.stem: page for socket, page in zip(sockets, pages, strict=True)}
        return self._guard.page(merged(named, label="process", up="efir_web_up"))


async def own_page(socket: Path) -> str | None:
    """The figures of the process behind a socket; None when it does not answer."""
    transport = httpx.AsyncHTTPTransport(uds=str(socket), verify=client_context())
    async with httpx.AsyncClient(transport=transport, base_url="http://web", timeout=DEADLINE_S, trust_env=False) as client:
        try:
            answer = await client.get(OWN_METRICS)
        except httpx.HTTPError:
            return None
    return answer.text if answer.status_code == httpx.codes.OK else None
