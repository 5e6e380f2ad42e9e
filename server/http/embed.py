"""`/embed.js`: the script by which other sites show the player. It is made to be loaded by them, so nothing of it is secret."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from server.http.compression import Compressed, accepts_gzip
from server.http.problem import not_found_response
from server.http.static_files import PREFIX, Assets, etag_matches

PATH = "/embed.js"
SOURCE = PREFIX + "embed/embed.js"
KEEP = "public, max-age=600"
"""Its address stands in other people's pages and never changes; a new version is there within minutes."""


class EmbedScript:
    """`GET /embed.js`."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._compressed = Compressed()

    async def __call__(self, request: Request) -> Response:
        asset = (await self._assets.all()).get(SOURCE)
        if asset is None:
            return not_found_response()
        headers = {
            "cache-control": KEEP,
            "etag": f'"{asset.digest}"',
            "vary": "Accept-Encoding",
            # Of these two the first lets sites with COEP load it, the second those that check what they load (SRI).
            "cross-origin-resource-policy": "cross-origin",
            "access-control-allow-origin": "*",
        }
        if etag_matches(request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=304, headers=headers)
        try:
            if accepts_gzip(request.headers.get("accept-encoding", "")):
                body = await self._compressed.of(asset.digest, asset.path.read_bytes)
                headers |= {"content-encoding": "gzip", "etag": f"W/{headers['etag']}"}
            else:
                body = await asyncio.to_thread(asset.path.read_bytes)
        except FileNotFoundError:
            return not_found_response()
        return Response(body, headers=headers, media_type=asset.media_type)
