"""Server frames as bytes: JSON, and the websocket frame around it (RFC 6455 §5.2). Server frames are unmasked, so the bytes are
the same for every viewer and are made once."""

import struct
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from schemas.errors import WireError
from schemas.frames import Failed, ServerFrame

_JSON = msgspec.json.Encoder()
_FINAL_TEXT = 0x81
NOTHING: Mapping[str, str | int | bool] = MappingProxyType({})


def encode(value: msgspec.Struct) -> bytes:
    """JSON."""
    return _JSON.encode(value)


def text_frame(payload: bytes) -> bytes:
    """An unmasked, unfragmented text frame."""
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", _FINAL_TEXT, length) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", _FINAL_TEXT, 126, length) + payload
    return struct.pack("!BBQ", _FINAL_TEXT, 127, length) + payload


def payloads(data: bytes) -> list[bytes]:
    """What is in frames that `text_frame` made, one after the other."""
    found, at = [], 0
    while at < len(data):
        length, start = data[at + 1], at + 2
        if length >= 126:
            start += 2 if length == 126 else 8
            length = int.from_bytes(data[at + 2 : start], "big")
        at = start + length
        found.append(data[start:at])
    return found


def encode_frame(frame: ServerFrame) -> bytes:
    """A server frame, ready for the socket."""
    return text_frame(_JSON.encode(frame))


def failed(
    error: WireError,
    frame_id: int | None = None,
    detail: str = "",
    retry_after_ms: int | None = None,
    extra: Mapping[str, str | int | bool] = NOTHING,
) -> Failed:
    """The error frame of a row of the table."""
    return Failed(
        code=error.number,
        name=error.name,
        detail=detail or error.title,
        temporary=error.temporary,
        id=frame_id,
        retry_after_ms=retry_after_ms,
        extra=dict(extra),
    )
