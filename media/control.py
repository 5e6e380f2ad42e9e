"""HTTP of a media node on its private address: WHIP and WHEP sessions as web nodes pass them on, and `/stats`.

The web role has authorised the client; requests without the shared secret are refused.
"""

import hmac
from collections.abc import Awaitable, Callable
from types import ModuleType

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from media import sdp, whep, whip
from media.negotiation import restart_fragment
from media.node import MediaNode
from media.peer import Peer, Who
from schemas.errors import (
    FORBIDDEN,
    INVALID_FIELD,
    MALFORMED,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    Refused,
)
from schemas.media import HEADER_CLIENT, HEADER_PARTICIPANT, HEADER_ROLE, HEADER_SECRET, HEADER_STAGE

SDP_TYPE = "application/sdp"
FRAGMENT_TYPE = "application/trickle-ice-sdpfrag"
_BODY_MAX = 128 * 1024  # an offer of a browser has 5 to 20 KiB
_RETRY_AFTER_S = "2"

Handler = Callable[[Request], Awaitable[Response]]
_ENCODER = msgspec.json.Encoder()


def control_app(node: MediaNode, secret: str) -> Starlette:
    """The application; serve it on a unix socket or a private TCP address."""
    routes = [Route("/stats", _guarded(_stats(node), secret), methods=["GET"])]
    for protocol, name in ((whip, "whip"), (whep, "whep")):
        endpoint, session = _endpoint(node, protocol, name), _session(node, protocol)
        routes += [
            Route(f"/{name}/{{stream_id}}", _guarded(endpoint, secret), methods=["POST", "GET", "HEAD", "OPTIONS"]),
            Route(
                f"/{name}/{{stream_id}}/{{session_id}}",
                _guarded(session, secret),
                methods=["PATCH", "DELETE", "GET", "HEAD", "OPTIONS"],
            ),
        ]
    return Starlette(routes=routes)


def _guarded(handler: Handler, secret: str) -> Handler:
    """Check the secret; turn refusals into problem+json (RFC 9457)."""
    expected = secret.encode()

    async def guarded(request: Request) -> Response:
        try:
            if not hmac.compare_digest(request.headers.get(HEADER_SECRET, "").encode(), expected):
                raise Refused(FORBIDDEN, "This address is for the web nodes only")
            return await handler(request)
        except Refused as refused:
            return _problem(refused)

    return guarded


def _problem(refused: Refused) -> Response:
    error = refused.error
    body = {
        "type": f"/problems#{error.name}",
        "title": error.title,
        "status": error.status,
        "detail": refused.detail,
        "code": error.number,
        **refused.extra,
    }
    headers = {"Retry-After": _RETRY_AFTER_S} if error.temporary else {}
    return Response(_ENCODER.encode(body), error.status, headers, media_type="application/problem+json")


def _stats(node: MediaNode) -> Handler:
    async def stats(request: Request) -> Response:
        return Response(_ENCODER.encode(node.stats()), media_type="application/json")

    return stats


def _endpoint(node: MediaNode, protocol: ModuleType, name: str) -> Handler:
    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            return _describe(request)
        body = await _body(request, SDP_TYPE)
        stream_id = request.path_params["stream_id"]
        session, answer = protocol.open_session(node, stream_id, body, request.headers.get(HEADER_CLIENT, ""), _who(request))
        headers = {
            "Location": f"/{name}/{stream_id}/{session.id}",
            "ETag": session.etag,
            "Accept-Patch": FRAGMENT_TYPE,
        }
        return Response(answer, 201, headers, media_type=SDP_TYPE)

    return endpoint


def _who(request: Request) -> Who:
    """Whom the web role has authorised, by the headers that it alone sets."""
    role = request.headers.get(HEADER_ROLE, "viewer")
    if role not in ("host", "guest"):
        return Who()
    on_stage = request.headers.get(HEADER_STAGE, "waiting") == "live"
    return Who("host" if role == "host" else "guest", request.headers.get(HEADER_PARTICIPANT, ""), on_stage)


def _session(node: MediaNode, protocol: ModuleType) -> Handler:
    async def session(request: Request) -> Response:
        if request.method in ("OPTIONS", "GET", "HEAD"):
            return _describe(request)
        found = node.session(protocol.KIND, request.path_params["stream_id"], request.path_params["session_id"])
        if request.method == "DELETE":
            found.close()
            return Response(status_code=200)
        return _patch(found, sdp_fragment(await _body(request, FRAGMENT_TYPE)), request.headers.get("if-match"))

    return session


def _describe(request: Request) -> Response:
    """OPTIONS, GET and HEAD: an empty answer that says what is here (RFC 9725 §4.2)."""
    headers = {"Accept-Post": SDP_TYPE, "Allow": "POST, PATCH, DELETE, GET, HEAD, OPTIONS", "Accept-Patch": FRAGMENT_TYPE}
    return Response(status_code=200, headers=headers, media_type=SDP_TYPE if request.method == "HEAD" else None)


def sdp_fragment(text: str) -> sdp.Fragment:
    """Raises:
    Refused: it is not a trickle fragment.
    """
    try:
        return sdp.parse_fragment(text)
    except sdp.SdpError as error:
        raise Refused(MALFORMED, f"The fragment cannot be read: {error}") from error


def _patch(session: Peer, fragment: sdp.Fragment, if_match: str | None) -> Response:
    """Trickle or ICE restart (RFC 9725 §4.3). A restart is known by its new ufrag, not by `If-Match: *`: players send that with
    candidates too; and players that keep no ETag may trickle without one. Candidates need nothing: an ICE-lite server answers
    whoever has the password."""
    restart = bool(fragment.ufrag) and fragment.ufrag != session.remote_ufrag
    if restart and if_match is None:
        raise Refused(PRECONDITION_REQUIRED)
    if if_match not in (None, "*", session.etag):
        raise Refused(PRECONDITION_FAILED)
    if not restart:
        return Response(status_code=204)
    if not fragment.password:
        raise Refused(INVALID_FIELD, "A new ice-ufrag needs its ice-pwd")
    session.restart_ice(fragment.ufrag)
    return Response(restart_fragment(session.local_end()), 200, {"ETag": session.etag}, media_type=FRAGMENT_TYPE)


async def _body(request: Request, expected: str) -> str:
    """The text of the request.

    Raises:
        Refused: another content type, too long, or not text.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "PATCH" and given == SDP_TYPE:
        raise Refused(INVALID_FIELD, "This session has no open counter-offer; only ICE fragments can be sent")
    if given != expected:
        raise Refused(UNSUPPORTED_MEDIA_TYPE, f"Send {expected}")
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > _BODY_MAX:
                raise Refused(TOO_LARGE, f"At most {_BODY_MAX} bytes")
            chunks.append(chunk)
        return b"".join(chunks).decode()
    except (UnicodeDecodeError, ClientDisconnect) as error:
        raise Refused(MALFORMED, "The body is not UTF-8 text") from error
