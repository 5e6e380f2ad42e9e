"""WHIP and WHEP: an offer becomes a session, which is trickled to, restarted and ended (RFC 9725 §4, draft-ietf-wish-whep §4)."""

from types import ModuleType

from starlette.requests import Request
from starlette.responses import Response

from media import sdp, whep
from media.control.extensions import links
from media.control.requests import FRAGMENT_TYPE, SDP_TYPE, Handler, content_type, text_body
from media.negotiation import restart_fragment
from media.node import MediaNode
from media.peer import Peer, Who
from schemas.errors import INVALID_FIELD, MALFORMED, PRECONDITION_FAILED, PRECONDITION_REQUIRED, Refused
from schemas.media import HEADER_CLIENT, HEADER_PARTICIPANT, HEADER_ROLE, HEADER_STAGE


def endpoint(node: MediaNode, protocol: ModuleType, name: str) -> Handler:
    """POST opens a session.

    An offer that the stream does not fit is a plain 406. WHEP also has a counter-offer, where the server sends an offer of its
    own and the player PATCHes its answer; here it could only repeat the one codec that the player has just not offered, and no
    player that we know reads it.
    """

    async def respond(request: Request) -> Response:
        if request.method != "POST":
            return _describe(request)
        offer = await text_body(request, SDP_TYPE)
        stream_id = request.path_params["stream_id"]
        if protocol is whep:
            await node.cascade.follow(stream_id)
        session, answer = protocol.open_session(node, stream_id, offer, request.headers.get(HEADER_CLIENT, ""), _who(request))
        # Relative: the node does not know under which names the web nodes are reached, and clients resolve it (RFC 3986 §5). OBS
        # puts it into the path of its URL, so it has no query.
        location = f"/{name}/{stream_id}/{session.id}"
        response = Response(answer, 201, media_type=SDP_TYPE)
        response.headers["location"] = location
        response.headers["etag"] = session.etag
        response.headers["accept-patch"] = FRAGMENT_TYPE
        for link in links(location) if protocol is whep else ():
            response.headers.append("link", link)
        return response

    return respond


def session(node: MediaNode, protocol: ModuleType) -> Handler:
    """PATCH and DELETE of a session. DELETE ignores If-Match (RFC 9725 §4.3.1)."""

    async def respond(request: Request) -> Response:
        if request.method in ("OPTIONS", "GET", "HEAD"):
            return _describe(request)
        found = node.session(protocol.KIND, request.path_params["stream_id"], request.path_params["session_id"])
        if request.method == "DELETE":
            found.close()
            node.events.end_session(found.id)
            return Response(status_code=200)
        if content_type(request) == SDP_TYPE:
            raise Refused(INVALID_FIELD, "This session has no open counter-offer; only ICE fragments can be sent")
        return _patch(found, sdp_fragment(await text_body(request, FRAGMENT_TYPE)), request.headers.get("if-match"))

    return respond


def _who(request: Request) -> Who:
    """Whom the web role has authorised, by the headers that it alone sets."""
    role = request.headers.get(HEADER_ROLE, "viewer")
    if role not in ("host", "guest"):
        return Who()
    on_stage = request.headers.get(HEADER_STAGE, "waiting") == "live"
    return Who("host" if role == "host" else "guest", request.headers.get(HEADER_PARTICIPANT, ""), on_stage)


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
    whoever has the password. Every check comes before the change, so that a failed restart leaves the session as it was."""
    restart = bool(fragment.ufrag) and fragment.ufrag != session.remote_ufrag
    if restart and if_match is None:
        raise Refused(PRECONDITION_REQUIRED)
    if if_match is not None and not matches(if_match, session.etag):
        raise Refused(PRECONDITION_FAILED)
    if not restart:
        return Response(status_code=204)
    if not fragment.password:
        raise Refused(INVALID_FIELD, "A new ice-ufrag needs its ice-pwd")
    session.restart_ice(fragment.ufrag)
    return Response(restart_fragment(session.local_end()), 200, {"ETag": session.etag}, media_type=FRAGMENT_TYPE)


def matches(if_match: str, etag: str) -> bool:
    """RFC 9110 §13.1.1: `*` or a list of strong tags. `"*"` in quotes is how the example of the WHEP draft spells it."""
    return any(part.strip() in ("*", '"*"', etag) for part in if_match.split(","))
