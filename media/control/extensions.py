"""The two core extensions of WHEP: server-sent events, and the choice of a layer (draft-ietf-wish-whep core extensions)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from media import whep
from media.control.requests import JSON_TYPE, Handler, body, content_type, decoded
from media.events import EVENT_KINDS
from media.layer_wish import LayerWish, wanted_rid
from media.node import MediaNode
from media.subscriber import Subscriber
from schemas.errors import INVALID_FIELD, Refused

_EVENTS = "urn:ietf:params:whep:ext:core:server-sent-events"
_LAYER = "urn:ietf:params:whep:ext:core:layer"
_KINDS: "msgspec.json.Decoder[list[str]]" = msgspec.json.Decoder(list[str])
_WISH = msgspec.json.Decoder(LayerWish)


def links(session_url: str) -> tuple[str, str]:
    """`Link` headers of the 201 of a viewer's session."""
    return (
        f'<{session_url}/sse>; rel="{_EVENTS}"; events="{",".join(EVENT_KINDS)}"',
        f'<{session_url}/layer>; rel="{_LAYER}"',
    )


def listen(node: MediaNode) -> Handler:
    """`POST …/sse`: a JSON list of event names, or no body for all of them."""

    async def respond(request: Request) -> Response:
        session = _viewer(node, request)
        kinds = set(EVENT_KINDS)
        if content_type(request):
            kinds &= set(decoded(await body(request, JSON_TYPE), _KINDS))  # unknown names are of other drafts, or `scte35`
        if not kinds:
            raise Refused(INVALID_FIELD, f"Name at least one of {', '.join(EVENT_KINDS)}")
        listener = node.events.open(
            session.id, session.stream.id, kinds, [(line, place) for line, place, _ in _pictures(session)]
        )
        return Response(status_code=201, headers={"Location": f"{request.url.path}/{listener.id}"})

    return respond


def listener(node: MediaNode) -> Handler:
    """`GET …/sse/<listener>`: the stream; DELETE ends it."""

    async def respond(request: Request) -> Response:
        session, listener_id = _viewer(node, request), request.path_params["listener_id"]
        if request.method == "DELETE":
            node.events.close(session.id, listener_id)
            return Response(status_code=200)
        found = node.events.find(session.id, listener_id)
        if found.ended:
            return Response(status_code=204)  # tells an EventSource not to connect again (HTML §9.2.3)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(node.events.read(found), headers=headers, media_type="text/event-stream")

    return respond


def layer(node: MediaNode) -> Handler:
    """`POST …/layer` with a wish, or one without limits for the automatic choice; DELETE gives all pictures back to it."""

    async def respond(request: Request) -> Response:
        session = _viewer(node, request)
        if request.method == "DELETE":
            for _, _, mid in _pictures(session):
                session.choose_layer(mid, None)
            return Response(status_code=200)
        wish: LayerWish = decoded(await body(request, JSON_TYPE), _WISH)
        place, mid = _picture(session, wish.media_id)
        rid = wanted_rid(session.stream.layers().get(place, ()), wish)
        if not session.choose_layer(mid, rid):
            raise Refused(INVALID_FIELD, "This encoding is not sent now; the event `layers` tells which are", field="/rid")
        return Response(status_code=200)

    return respond


def _viewer(node: MediaNode, request: Request) -> Subscriber:
    found: Any = node.session(whep.KIND, request.path_params["stream_id"], request.path_params["session_id"])
    assert isinstance(found, Subscriber)
    return found


def _pictures(session: Subscriber) -> list[tuple[int, int, str]]:
    """M-line index, place and mid of each picture that the session gets."""
    lines = enumerate(session.chosen)
    return [(line, item.place, item.media.mid) for line, item in lines if item.media.kind == "video" and item.codec is not None]


def _picture(session: Subscriber, media_id: str | int | None) -> tuple[int, str]:
    """Place and mid of an m-line, by its index.

    Raises:
        Refused: no picture comes by that m-line.
    """
    for line, place, mid in _pictures(session):
        if media_id is None or str(line) == str(media_id):
            return place, mid
    raise Refused(INVALID_FIELD, "mediaId is the index of a video m-line of the answer", field="/mediaId")
