"""Decisions about pictures: what a file is by its first bytes, and whether it may be decoded at all. Pure."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.errors import PICTURE_KIND, PICTURE_MOVES, PICTURE_TOO_LARGE, PICTURE_UNREADABLE, Refusal
from schemas.http.pictures import PREVIEW_NAME, WIDTHS

CONTENT_TYPES = ("image/jpeg", "image/png", "image/webp")
PIXELS_MAX = 40_000_000
"""More than a 36-megapixel camera has; decoded it takes 160 MB."""
SIDE_MAX = 20_000
UNUSED_MS = 24 * 3_600_000
"""An upload that no product or show has taken by then is swept."""

NAMES = (*(f"{width}.webp" for width in WIDTHS), PREVIEW_NAME)

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG that carry its size (ITU-T T.81, table B.1): all of C0–CF but DHT, JPG and DAC."""
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN = re.compile(rb"\A\xef\xbb\xbf|\A\s+")


@dataclass(frozen=True)
class Header:
    """What the first bytes of a file say: its kind, its size in pixels, and whether it moves."""

    kind: str
    width: int
    height: int
    moves: bool = False


def blob_group(picture_id: str) -> str:
    """Where the files of a picture are."""
    return f"pictures/{picture_id}"


def check_file(data: bytes) -> Header | Refusal:
    """The header of a file that may be decoded, or why it may not."""
    header = read_header(data)
    if isinstance(header, Refusal):
        return header
    if header.moves:
        return Refusal(PICTURE_MOVES, "Send a still picture; an animation can be a video later.")
    if not header.width or not header.height:
        return _BROKEN
    if header.width * header.height > PIXELS_MAX or max(header.width, header.height) > SIDE_MAX:
        detail = f"{header.width} × {header.height} pixels; make it smaller than {PIXELS_MAX // 1_000_000} megapixels."
        return Refusal(PICTURE_TOO_LARGE, detail, {"pixels_max": PIXELS_MAX})
    return header


def read_header(data: bytes) -> Header | Refusal:
    """Kind and size of a file by its bytes alone. What it is called, and what the sender says it is, does not matter."""
    try:
        if data.startswith(_PNG):
            return _png(data)
        if data.startswith(_JPEG):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        return _BROKEN
    return Refusal(PICTURE_KIND, f"This is {name_of(data)}; send a JPEG, PNG or WebP picture.")


def name_of(data: bytes) -> str:
    """What a refused file seems to be, in words for its sender."""
    start = _SCAN.sub(b"", data[:512]).lower()
    if not data:
        return "an empty file"
    if data[:4] == b"GIF8":
        return "a GIF"
    if data[4:8] == b"ftyp":
        return "a HEIC or AVIF picture or a video"
    if start.startswith((b"<svg", b"<?xml")):
        return "an SVG or XML file"
    if start.startswith((b"<!doctype", b"<html")):
        return "a web page"
    return "no picture that we know"


_BROKEN = Refusal(PICTURE_UNREADABLE, "The file is cut off or damaged; export it again.")


def _png(data: bytes) -> Header | Refusal:
    """W3C PNG, §11.2.1: IHDR comes first and begins with the size. An `acTL` chunk before the data makes it an animation."""
    if data[12:16] != b"IHDR":
        return _BROKEN
    width, height = struct.unpack_from(">II", data, 16)
    moves = b"acTL" in set(_png_chunks(data))
    return Header("png", width, height, moves)


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """Types of the chunks up to the first one with pixels."""
    at = len(_PNG)
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        yield kind
        if kind == b"IDAT":
            return
        at += 12 + length


def _jpeg(data: bytes) -> Header | Refusal:
    """ITU-T T.81, B.2: segments with their lengths, until the frame header says the size."""
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1  # fill bytes
        if data[at] != 0xFF:
            return _BROKEN
        marker = data[at + 1]
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Header("jpeg", width, height)
        if marker in (0xD9, 0xDA):
            return _BROKEN  # the end, or pixels, before any size
        at += 2 if marker in _WITHOUT_LENGTH else 2 + struct.unpack_from(">H", data, at + 2)[0]


def _webp(data: bytes) -> Header | Refusal:
    """RFC 9649, §2: the first chunk is VP8X with the canvas, VP8L, or VP8 with a key frame (RFC 6386, §9.1)."""
    kind = data[12:16]
    if kind == b"VP8X":
        flags, canvas = data[20], data[24:30]
        return Header("webp", _uint24(canvas, 0) + 1, _uint24(canvas, 3) + 1, bool(flags & 0x02))
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("webp", width & 0x3FFF, height & 0x3FFF)
    return _BROKEN


def _uint24(data: bytes, at: int) -> int:
    return data[at] | data[at + 1] << 8 | data[at + 2] << 16
