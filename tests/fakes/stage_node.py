"""A media node's `/stage/…` that behaves as `schemas/media.py` says: secret, sessions, orders, 404 for who has no session."""

import asyncio
from dataclasses import dataclass, field

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schemas.media import HEADER_SECRET, StageOrder, StagePlace, StageView


@dataclass
class FakeStageNode:
    """`places` are the publishing participants by stream; `status` makes it answer every request with a failure."""

    secret: str
    places: dict[str, dict[str, StagePlace]] = field(default_factory=dict)
    status: int = 0
    stuck: bool = False

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/stage/{stream_id}", self.view, methods=["GET"]),
                Route("/stage/{stream_id}/{participant_id}", self.change, methods=["PUT", "DELETE"]),
            ]
        )

    def connect(self, stream_id: str, participant_id: str) -> None:
        """A guest's first packets."""
        places = self.places.setdefault(stream_id, {})
        places[participant_id] = StagePlace(
            place=len(places) + 1, participant_id=participant_id, on_stage=False, muted=(), publishing=True
        )

    async def view(self, request: Request) -> Response:
        return await self._refusal(request) or self._stage(request)

    async def change(self, request: Request) -> Response:
        refusal = await self._refusal(request)
        if refusal is not None:
            return refusal
        places = self.places.get(request.path_params["stream_id"], {})
        participant_id = request.path_params["participant_id"]
        if request.method == "DELETE":
            places.pop(participant_id, None)
            return Response(status_code=204)
        order = msgspec.json.decode(await request.body(), type=StageOrder)
        if participant_id not in places:
            return _problem(404, "not_found")
        places[participant_id] = msgspec.structs.replace(places[participant_id], on_stage=order.on_stage, muted=order.muted)
        return self._stage(request)

    async def _refusal(self, request: Request) -> Response | None:
        if self.stuck:
            await asyncio.Event().wait()
        if request.headers.get(HEADER_SECRET) != self.secret:
            return _problem(403, "forbidden")
        return _problem(self.status, "internal") if self.status else None

    def _stage(self, request: Request) -> Response:
        stream_id = request.path_params["stream_id"]
        view = StageView(stream_id=stream_id, places=tuple(self.places.get(stream_id, {}).values()))
        return Response(msgspec.json.encode(view), media_type="application/json")


def _problem(status: int, name: str) -> Response:
    return JSONResponse({"type": f"/problems#{name}", "status": status}, status, media_type="application/problem+json")
