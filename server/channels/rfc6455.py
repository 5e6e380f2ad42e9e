"""The server's side of RFC 6455, sans-I/O, without extensions: the opening handshake, a reader of client frames, control frames.

Our own, because a connection keeps nothing but this reader between two frames: some two hundred bytes where a general library
keeps ten thousand, and a node holds ten thousand connections. tests/channels/test_rfc6455.py holds it to the document and
compares it with `wsproto`.
"""

import base64
import binascii
import codecs
import hashlib
import struct
from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple

PROTOCOL_ERROR = 1002
INVALID_DATA = 1007
MESSAGE_TOO_BIG = 1009

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # §1.3
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_OPCODES = frozenset((_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG))
_CONTROL_BYTES_MAX = 125

_CLOSE_CODES = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014))
"""Those of the first thousand that may be on the wire (§7.4.1 and IANA's registry); from 3000 to 4999 all may."""


# Opening handshake (§4.2)


class Request(NamedTuple):
    """The HTTP request; header names in lower case."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]

    def header(self, name: str) -> str | None:
        """The value of a header, several of one name joined as RFC 9110 §5.3 says; None when it is not there."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None


class Refusal(NamedTuple):
    """Why there will be no websocket; `headers` say what the client should do."""

    status: HTTPStatus
    detail: str
    headers: Sequence[tuple[str, str]] = ()

    def encode(self) -> bytes:
        """The whole HTTP response."""
        body = f"{self.detail}\n".encode()
        lines = [
            f"HTTP/1.1 {self.status.value} {self.status.phrase}",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def parse_request(data: bytes) -> Request:
    """A whole request of which an HTTP parser has made sure that it is one."""
    head, _, _ = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    return Request(method, target, [(name.strip().lower(), value.strip()) for name, _, value in pairs])


def check_handshake(request: Request) -> Refusal | None:
    """What is wrong with the handshake, or None. Whoever routes by `Upgrade: websocket` has looked at that already."""
    if request.method != "GET":
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Open a websocket with GET.", [("Allow", "GET")])
    if request.header("sec-websocket-version") != "13":
        upgrade = [("Sec-WebSocket-Version", "13"), ("Upgrade", "websocket")]
        return Refusal(HTTPStatus.UPGRADE_REQUIRED, "Send Sec-WebSocket-Version: 13.", upgrade)  # §4.4
    if request.header("host") is None:
        return Refusal(HTTPStatus.BAD_REQUEST, "Send a Host header.")
    try:
        nonce = base64.b64decode(request.header("sec-websocket-key") or "", validate=True)
    except binascii.Error:
        nonce = b""
    if len(nonce) != 16:
        return Refusal(HTTPStatus.BAD_REQUEST, "Send one Sec-WebSocket-Key: 16 random bytes in base64.")
    return None


def accept_handshake(request: Request) -> bytes:
    """The HTTP response that opens the websocket. No subprotocol and no extension is taken up, whatever the client offers."""
    key = (request.header("sec-websocket-key") or "").encode()
    answer = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + answer
        + b"\r\n\r\n"
    )


# Frames (§5)


class Message(NamedTuple):
    """A whole message: `str` of a text message, `bytes` of a binary one."""

    data: str | bytes


class Fragment(NamedTuple):
    """A part of a message came, and it is not the last. Told so that it can be counted."""


class Ping(NamedTuple):
    """Answer it with `pong_frame`."""

    data: bytes


class Pong(NamedTuple):
    """Nobody here asks with a ping frame, so this one was unasked for."""


class PeerClosed(NamedTuple):
    """The peer's last frame; `code` is None when it gave none."""

    code: int | None
    reason: str


Event = Message | Fragment | Ping | Pong | PeerClosed


class Violation(Exception):
    """The peer broke the protocol; end the connection with this close code. The reader is of no more use."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class FrameReader:
    """Bytes in, events out, one at a time: who reads no further leaves the rest unread. At most `bytes_max` of one message, plus
    what the last `feed` brought, are kept."""

    __slots__ = ("_at", "_buffer", "_bytes_max", "_decoder", "_opcode", "_parts", "_size")

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._buffer: bytes | bytearray = b""
        self._at = 0  # everything before it has been read
        # The message of which fragments have come; without one `_opcode` is 0 and the others are empty.
        self._opcode = 0
        self._size = 0
        self._parts: list[str] | list[bytes] | None = None
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes) -> None:
        """Bytes from the peer."""
        if self._at >= len(self._buffer):
            self._buffer, self._at = data, 0
            return
        if self._at or not isinstance(self._buffer, bytearray):
            self._buffer, self._at = bytearray(self._buffer[self._at :]), 0
        self._buffer += data

    def next(self) -> Event | None:
        """The next event; None when more bytes are needed.

        Raises:
            Violation: by the frame that comes next.
        """
        buffer, start = self._buffer, self._at + 2
        have = len(buffer)
        if have < start:
            self._keep_rest()
            return None
        first, second = buffer[start - 2], buffer[start - 1]
        opcode, final, length = first & 0x0F, first >= 0x80, second & 0x7F
        self._check(first, second, opcode, final, length)
        if length == 126:
            start += 2
            if have < start:
                self._keep_rest()
                return None
            length = _minimal(int.from_bytes(buffer[start - 2 : start], "big"), 126)
        elif length == 127:
            start += 8
            if have < start:
                self._keep_rest()
                return None
            length = int.from_bytes(buffer[start - 8 : start], "big")
            if length >= 1 << 63:
                raise Violation(PROTOCOL_ERROR, "the highest bit of a length is set")
            length = _minimal(length, 1 << 16)
        if opcode < _CLOSE and self._size + length > self._bytes_max:
            raise Violation(MESSAGE_TOO_BIG, f"a message has at most {self._bytes_max} bytes")
        end = start + 4 + length
        if have < end:
            self._keep_rest()
            return None
        payload = _unmasked(bytes(buffer[start : start + 4]), bytes(buffer[start + 4 : end]))
        self._at = end
        if end == have:
            self._buffer, self._at = b"", 0
        return self._event(opcode, final, payload)

    def _keep_rest(self) -> None:
        """More is needed: keep what is not read, and no more than that."""
        if self._at:
            self._buffer, self._at = self._buffer[self._at :], 0

    def _check(self, first: int, second: int, opcode: int, final: bool, length: int) -> None:
        """The first two bytes of a frame (§5.2, §5.4, §5.5)."""
        if first & 0x70:
            raise Violation(PROTOCOL_ERROR, "a reserved bit is set and no extension was agreed on")
        if opcode not in _OPCODES:
            raise Violation(PROTOCOL_ERROR, f"the opcode {opcode} is reserved")
        if second < 0x80:
            raise Violation(PROTOCOL_ERROR, "a client's frame must be masked")  # §5.1
        if opcode >= _CLOSE:
            if not final:
                raise Violation(PROTOCOL_ERROR, "a control frame is fragmented")
            if length > _CONTROL_BYTES_MAX:
                raise Violation(PROTOCOL_ERROR, f"a control frame has more than {_CONTROL_BYTES_MAX} bytes")
        elif (opcode == _CONTINUATION) != bool(self._opcode):
            raise Violation(PROTOCOL_ERROR, "a fragment is missing, or does not belong to a message")

    def _event(self, opcode: int, final: bool, payload: bytes) -> Event:
        if opcode == _PING:
            return Ping(payload)
        if opcode == _PONG:
            return Pong()
        if opcode == _CLOSE:
            return _closed(payload)
        if opcode and final:  # nearly all
            return Message(_text(payload) if opcode == _TEXT else payload)
        return self._fragment(opcode, final, payload)

    def _fragment(self, opcode: int, final: bool, payload: bytes) -> Event:
        """Text is decoded fragment by fragment: wrong bytes end the connection before the message has come (§8.1)."""
        if opcode:
            self._opcode, self._size, self._parts = opcode, 0, []
            self._decoder = codecs.getincrementaldecoder("utf-8")() if opcode == _TEXT else None
        self._size += len(payload)
        parts: list[str | bytes] = self._parts  # type: ignore[assignment]
        try:
            part = payload if self._decoder is None else self._decoder.decode(payload, final)
        except UnicodeDecodeError:
            raise Violation(INVALID_DATA, "text is not UTF-8") from None
        if part:  # empty fragments may come without end, and are not kept
            parts.append(part)
        if not final:
            return Fragment()
        empty = "" if self._opcode == _TEXT else b""
        self._opcode, self._size, self._parts, self._decoder = 0, 0, None, None
        return Message(empty.join(parts))  # type: ignore[arg-type]


def close_frame(code: int | None, reason: str = "") -> bytes:
    """A server's close frame; without a code an empty one (§5.5.1)."""
    payload = (
        b""
        if code is None
        else struct.pack("!H", code) + reason.encode()[: _CONTROL_BYTES_MAX - 2].decode(errors="ignore").encode()
    )
    return bytes((0x80 | _CLOSE, len(payload))) + payload


def pong_frame(data: bytes) -> bytes:
    """The answer to a ping (§5.5.3)."""
    return bytes((0x80 | _PONG, len(data))) + data


def _minimal(length: int, least: int) -> int:
    if length < least:
        raise Violation(PROTOCOL_ERROR, "a length is not written in the shortest way")
    return length


def _unmasked(key: bytes, payload: bytes) -> bytes:
    """§5.3, as one operation on long integers."""
    size = len(payload)
    mask = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Violation(INVALID_DATA, "text is not UTF-8") from None


def _closed(payload: bytes) -> PeerClosed:
    if not payload:
        return PeerClosed(None, "")
    if len(payload) == 1:
        raise Violation(PROTOCOL_ERROR, "half a close code")
    code = int.from_bytes(payload[:2], "big")
    if code not in _CLOSE_CODES and not 3000 <= code <= 4999:
        raise Violation(PROTOCOL_ERROR, f"the close code {code} may not be sent")
    return PeerClosed(code, _text(payload[2:]))
