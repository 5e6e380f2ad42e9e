"""Who is on stage: the host's orders for a stream's participants, as the web role passes them on (contract: `schemas.media`)."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from media.control.requests import JSON_TYPE, Handler, body, decoded, encode
from media.node import MediaNode
from schemas.media import StageOrder, StageView

_ORDER = msgspec.json.Decoder(StageOrder)


def view(node: MediaNode) -> Handler:
    """`GET /stage/<stream>`."""

    async def respond(request: Request) -> Response:
        return _shown(node.stage(request.path_params["stream_id"]))

    return respond


def participant(node: MediaNode) -> Handler:
    """`PUT /stage/<stream>/<participant>` carries an order out; DELETE ends what the participant publishes, if anything."""

    async def respond(request: Request) -> Response:
        stream_id, participant_id = request.path_params["stream_id"], request.path_params["participant_id"]
        if request.method == "DELETE":
            node.remove(stream_id, participant_id)
            return Response(status_code=204)
        order: StageOrder = decoded(await body(request, JSON_TYPE), _ORDER)
        return _shown(node.order(stream_id, participant_id, order))

    return respond


def _shown(stage: StageView) -> Response:
    return Response(encode(stage), media_type=JSON_TYPE)
