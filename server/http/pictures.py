"""`/media/pictures/<picture_id>/<name>`: uploaded pictures as they were made anew. An address never changes its content."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.http.pictures import ADDRESS
from server.http.problem import not_found_response
from server.http.routing import Methods
from server.http.static_files import FOR_EVER, TYPES, etag_matches
from server.store.blobs import Blobs

PATH = "/media/pictures/{picture_id}/{name}"


def picture_routes(blobs: Blobs) -> list[Route]:
    """The route of all pictures: anybody who knows an id, which nobody can guess, may look."""

    async def show(request: Request) -> Response:
        found = re.fullmatch(ADDRESS, request.url.path)
        if found is None:
            return not_found_response()
        picture_id, name = found["picture_id"], found["name"]
        # `any` origin: chats and search engines show the preview of a show on their own pages.
        headers = {
            "cache-control": FOR_EVER,
            "etag": f'"{picture_id[4:]}-{name}"',
            "cross-origin-resource-policy": "cross-origin",
        }
        if etag_matches(request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=304, headers=headers)
        data = await blobs.get(f"pictures/{picture_id}/{name}")
        if data is None:
            return not_found_response()
        return Response(data, headers=headers, media_type=TYPES[f".{name.rpartition('.')[2]}"])

    return [Route(PATH, Methods(PATH, {"GET": show}))]
