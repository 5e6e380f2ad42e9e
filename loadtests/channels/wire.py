"""The websocket as the load clients speak it (RFC 6455): what thousands of viewers get alike is parsed once for all of them."""

import struct
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

STAMP = "said at µs "
"""A chat text that ends with this and a number was due at that time of CLOCK_MONOTONIC, which is one for the whole machine."""
_KNOWN_MAX = 2_000
"""Different pieces of bytes that are remembered: many times what is under way at once."""
_TEXT, _CLOSE = 1, 8


def client_frame(payload: bytes) -> bytes:
    """A text frame of a client. The masking key is zero: allowed, and it leaves the payload as it is."""
    length = len(payload)
    if length < 126:
        return struct.pack("!BB4x", 0x81, 0x80 | length) + payload
    return struct.pack("!BBH4x", 0x81, 0x80 | 126, length) + payload


def upgrade(host: str) -> bytes:
    """The request that begins a websocket."""
    lines = (
        "GET /ws HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def ticket_request(host: str, cookie: str) -> bytes:
    """What a page sends before it opens its websocket."""
    return (
        f"POST /api/auth/ticket HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
        "Content-Type: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ).encode()


class Missed(msgspec.Struct, frozen=True):
    """A publication in the reply to a subscription."""

    offset: int


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What a load client looks at of a server's frame."""

    op: str
    id: int = 0
    channel: str = ""
    epoch: str | None = ""
    offset: int | None = 0
    recovered: bool = False
    publications: list[Missed] = []
    code: int = 0
    name: str = ""
    temporary: bool = False
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Move(NamedTuple):
    """Pushes of one channel that follow each other without a hole."""

    channel: str
    epoch: str
    first: int
    last: int


@dataclass(frozen=True)
class Piece:
    """Bytes from a server, understood: `used` of them are whole frames, `steps` what they say, in order. `closed` is the code
    of a close frame, 0 without."""

    used: int
    pushes: int
    stamps: tuple[float, ...]
    steps: "tuple[Move | Frame, ...]"
    closed: int


_frames = msgspec.json.Decoder(Frame)


class Parser:
    """Remembers what it has parsed: viewers of one show get the same bytes."""

    def __init__(self) -> None:
        self._known: dict[bytes, Piece] = {}

    def parse(self, data: bytes) -> Piece:
        """The frames at the beginning of `data`."""
        known = self._known.get(data)
        if known is None:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            known = self._known[data] = parse(data)
        return known


def parse(data: bytes) -> Piece:
    """The frames at the beginning of `data`, up to the last whole one.

    Raises:
        ValueError: a frame that no server of ours sends.
    """
    at = 0
    stamps: list[float] = []
    steps: list[Move | Frame] = []
    pushes = 0
    closed = 0
    while (header := frame_header(data, at)) is not None and header[0] + header[1] <= len(data):
        start, length, opcode = header
        payload = data[start : start + length]
        at = start + length
        if opcode == _CLOSE:
            closed = int.from_bytes(payload[:2], "big") or 1005
            continue
        frame = _frames.decode(payload)
        if frame.op != "push":
            steps.append(frame)
            continue
        pushes += 1
        stamp = stamp_of(frame.data)
        if stamp is not None:
            stamps.append(stamp)
        offset, epoch = frame.offset or 0, frame.epoch or ""
        last = steps[-1] if steps else None
        if isinstance(last, Move) and (last.channel, last.epoch, last.last + 1) == (frame.channel, epoch, offset):
            steps[-1] = last._replace(last=offset)
        else:
            steps.append(Move(frame.channel, epoch, offset, offset))
    return Piece(at, pushes, tuple(stamps), tuple(steps), closed)


def frame_header(data: bytes, at: int) -> tuple[int, int, int] | None:
    """(start of the payload, its length, opcode) of the frame at `at`; None when the header is not there yet.

    Raises:
        ValueError: it is compressed, masked, fragmented, or neither text nor close.
    """
    if len(data) - at < 2:
        return None
    first, length = data[at], data[at + 1]
    if first not in (0x80 | _TEXT, 0x80 | _CLOSE) or length & 0x80:
        raise ValueError(f"no frame of ours begins with {data[at : at + 2].hex()}")
    if length < 126:
        return at + 2, length, first & 0x0F
    size = 2 if length == 126 else 8
    if len(data) - at < 2 + size:
        return None
    return at + 2 + size, int.from_bytes(data[at + 2 : at + 2 + size], "big"), first & 0x0F


def stamp_of(data: msgspec.Raw) -> float | None:
    """When the publication was due, in seconds of CLOCK_MONOTONIC."""
    _, found, digits = bytes(data).partition(STAMP.encode())
    return int(digits.partition(b'"')[0]) / 1e6 if found else None


def stamped(number: int, due_s: float) -> str:
    """A chat text that says when it was due; no two are alike."""
    return f"Line {number} of the show, {STAMP}{int(due_s * 1e6)}"
