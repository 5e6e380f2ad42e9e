"""Figures of the process: `/stats` for our own parts and tests, `/metrics` for Prometheus."""

from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import Response

from media.control.requests import JSON_TYPE, Handler, encode, knows, problem
from media.metrics import CONTENT_TYPE, RelayMetrics
from media.node import MediaNode
from schemas.errors import FORBIDDEN, Refused
from schemas.media import HEADER_SECRET


def stats(node: MediaNode) -> Handler:
    """`GET /stats`."""

    async def respond(request: Request) -> Response:
        return Response(encode(node.stats()), media_type=JSON_TYPE)

    return respond


def metrics(node: MediaNode, secret: str) -> Handler:
    """`GET /metrics`: for this machine (whoever may open the unix socket is), and for whoever has the internal secret, in our
    own header or as the bearer token that Prometheus can send."""
    relay = RelayMetrics(node)

    async def respond(request: Request) -> Response:
        given = request.headers.get(HEADER_SECRET, "") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if not (_is_local(request) or knows(secret, given)):
            return problem(Refused(FORBIDDEN, "Ask from the same machine, or with the internal secret as bearer token"))
        return Response(relay.render(), headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})

    return respond


def _is_local(request: Request) -> bool:
    if request.client is None:
        return True
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
