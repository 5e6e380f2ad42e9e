"""The files of the browser: an index of what may be served, each with the digest of its content, and the route that serves them.

Only what the index lists exists, so no path can leave the folder. An address with the right `?v=<digest>` may be kept for ever
(`immutable`, RFC 8246); any other is asked about at every use and answered with 304. Pages hand out the addresses with digests.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from server.http.comments import without_comments
from server.http.compression import WORTH_BYTES, Compressed, is_compressible
from server.http.problem import not_found_response
from server.kernel.clock import Clock

PREFIX = "/static/"
RESCAN_MS = 1_000
"""How old the index may be: an edited file shows at the next reload, and a crowd that arrives at once costs one scan."""
FOR_EVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
"""For fonts and pictures of libraries, which are named without a digest: an old one breaks nothing, unlike code."""

TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".ftl": "text/plain; charset=utf-8",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What is served; the machine's own table of types is not asked, because it differs from machine to machine."""

SERVICE_WORKER = "service_worker.js"

_NOT_SERVED = frozenset({"node_modules", "vendor.mjs"})


@dataclass(frozen=True)
class Asset:
    """A file of the index; `stamp` tells whether it has changed since."""

    path: Path
    media_type: str
    digest: str
    stamp: tuple[int, int]


class Assets:
    """The index; made anew when it is older than `RESCAN_MS`, reading only files that have changed."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._clock = clock
        self._scanned_at_ms = float("-inf")
        self._by_url: Mapping[str, Asset] = {}
        self._scanning = asyncio.Lock()

    async def all(self) -> Mapping[str, Asset]:
        """Every asset by its address; the same object as long as no file changes."""
        if self._clock.monotonic_ms() - self._scanned_at_ms >= RESCAN_MS:
            async with self._scanning:
                if self._clock.monotonic_ms() - self._scanned_at_ms >= RESCAN_MS:
                    found = await asyncio.to_thread(self._scan)
                    self._by_url = self._by_url if found == self._by_url else found
                    self._scanned_at_ms = self._clock.monotonic_ms()
        return self._by_url

    def _scan(self) -> dict[str, Asset]:
        found = {}
        for path in _files(self.folder):
            url = PREFIX + path.relative_to(self.folder).as_posix()
            known = self._by_url.get(url)
            try:
                stamp = stamp_of(os.stat(path))
                unchanged = known is not None and known.stamp == stamp
                found[url] = known if known and unchanged else Asset(path, TYPES[path.suffix], _digest(path), stamp)
            except FileNotFoundError:
                continue  # removed between listing and reading
        return found


class StaticFiles:
    """`GET /static/{path}`."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._compressed = Compressed()

    async def __call__(self, request: Request) -> Response:
        asset = (await self._assets.all()).get(PREFIX + request.path_params["path"])
        if asset is None:
            return not_found_response()
        try:
            stat = await asyncio.to_thread(os.stat, asset.path)
        except FileNotFoundError:
            return not_found_response()
        # A file that changed a moment ago must not be kept for ever under the digest of its former content.
        current = stamp_of(stat) == asset.stamp
        keep = _keep(request, asset) if current else "no-cache"
        headers = {"cache-control": keep, "etag": f'"{asset.digest}"'} if current else {"cache-control": keep}
        if request.path_params["path"] == SERVICE_WORKER:
            headers["service-worker-allowed"] = "/"  # it shows pushes for every page, not only for those below /static/
            # A worker's policy is its script's own, and the one for files lets nothing be fetched.
            headers["content-security-policy"] = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
        if current and etag_matches(request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=304, headers=headers)
        if current and is_compressible(asset.media_type) and stat.st_size >= WORTH_BYTES:
            headers["vary"] = "Accept-Encoding"
            # A range is one of the bytes as they are (RFC 9110 §14.2), and nobody asks for a part of a script.
            if "range" not in request.headers and (coded := await self._compress(request, asset, headers)):
                return coded
        return FileResponse(asset.path, headers=headers, media_type=asset.media_type, stat_result=stat)

    async def _compress(self, request: Request, asset: Asset, headers: dict[str, str]) -> Response | None:
        is_ours = asset.path.suffix == ".js" and "vendor" not in asset.path.relative_to(self._assets.folder).parts

        def read() -> bytes:
            # Others' files stay as they are: their licences stand in comments.
            return without_comments(asset.path.read_bytes()) if is_ours else asset.path.read_bytes()

        try:
            return await self._compressed.answer(request, f"{asset.digest} {is_ours}", read, headers, asset.media_type)
        except FileNotFoundError:
            return not_found_response()


def etag_matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison of RFC 9110 §13.1.2."""
    return etag in [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]


def stamp_of(stat: os.stat_result) -> tuple[int, int]:
    """What changes when a file is written."""
    return stat.st_mtime_ns, stat.st_size


def _keep(request: Request, asset: Asset) -> str:
    if request.query_params.get("v") == asset.digest:
        return FOR_EVER
    return A_DAY if request.path_params["path"].startswith("vendor/") and asset.path.suffix in (".svg", ".woff2") else "no-cache"


def _files(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name in _NOT_SERVED:
            continue
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _files(path)
        elif entry.is_file(follow_symlinks=False) and path.suffix in TYPES:
            yield path


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
