"""Bodies that travel compressed (gzip, RFC 9110 §8.4.1.3): what is made once per content and sent to everybody.

Only files and pages, which hold no secrets: an answer that mixes a secret with something from outside would tell the secret by
its length (BREACH). gzip and not something denser, because Python has it and a page compresses to a quarter with it.
"""

import asyncio
import gzip
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

LEVEL = 6
"""A page of 40 kB takes about a millisecond; higher levels save a percent."""
WORTH_BYTES = 1_024
"""Less than a packet is not worth a header."""
KEPT_BYTES_MAX = 8 * 1024 * 1024
"""All scripts, sheets and catalogues compress to less than 1 MB; pages of different shows come and go."""

_NOT = re.compile(r"\bgzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)")
_COMPRESSIBLE = re.compile(r"text/|application/(?:json|manifest\+json|xml)|image/svg\+xml")


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the client takes gzip (RFC 9110 §12.5.3)."""
    given = accept_encoding.lower()
    return "gzip" in given and not _NOT.search(given)


def is_compressible(media_type: str) -> bool:
    """Pictures, fonts and videos are compressed as they are."""
    return _COMPRESSIBLE.match(media_type) is not None


class Compressed:
    """Compressed bodies by an address that changes with the content; the least recently used ones make room."""

    def __init__(self, kept_bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._kept_bytes_max = kept_bytes_max
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    async def of(self, key: str, read: Callable[[], bytes]) -> bytes:
        """The body under this key, compressed. The first time it is read and compressed off the event loop.

        Raises:
            OSError: `read` failed.
        """
        found = self._bodies.get(key)
        if found is None:
            found = await asyncio.to_thread(lambda: gzip.compress(read(), LEVEL, mtime=0))
            self._keep(key, found)
        else:
            self._bodies.move_to_end(key)
        return found

    async def answer(
        self, request: Request, key: str, read: Callable[[], bytes], headers: Mapping[str, str], media_type: str
    ) -> Response | None:
        """The body compressed, for who takes it so; None for who does not. `headers` have the etag of the plain body; this one is
        weak: the bytes differ, what they mean does not (RFC 9110 §8.8.1).

        Raises:
            OSError: `read` failed.
        """
        if not accepts_gzip(request.headers.get("accept-encoding", "")):
            return None
        coded = {**headers, "etag": f"W/{headers['etag']}", "content-encoding": "gzip"}
        return Response(await self.of(key, read), headers=coded, media_type=media_type)

    def _keep(self, key: str, body: bytes) -> None:
        if key not in self._bodies:
            self._bodies[key] = body
            self._bytes += len(body)
        while self._bytes > self._kept_bytes_max and len(self._bodies) > 1:
            self._bytes -= len(self._bodies.popitem(last=False)[1])
