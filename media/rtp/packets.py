"""RTP packets (RFC 3550 §5.1): the fields that a relay looks at, and sequence numbers that never wrap.

Everywhere in the relay a sequence number is *extended*: a 64-bit count whose low 16 bits travel in the packet.
"""

from struct import Struct
from typing import NamedTuple

HEADER = Struct("!BBHII")
"""Version, padding, extension and CSRC count; marker and payload type; sequence number; timestamp; SSRC."""

HEADER_LENGTH = 12
VERSION = 0x80
MARKER = 0x80
_PADDING = 0x20
_EXTENSION = 0x10
_ONE_BYTE_FORM = 0xBEDE  # RFC 8285 §4.2
_TWO_BYTE_FORM = 0x1000  # RFC 8285 §4.3, low four bits are the application's


class RtpError(ValueError):
    """The bytes are not an RTP packet."""


class Packet(NamedTuple):
    """A packet as the viewers get it: plaintext payload without the sender's header extensions and padding."""

    sequence: int
    timestamp: int
    marker: bool
    payload: bytes
    arrived_ms: float


def extend(value: int, near: int) -> int:
    """The count nearest to `near` whose low 16 bits are `value`; negative when that lies before the first packet."""
    return near + ((value - near + 0x8000) & 0xFFFF) - 0x8000


def header_length(data: bytes) -> int:
    """Bytes before the payload: fixed header, CSRCs and header extension.

    Raises:
        RtpError: too short, or not version 2.
    """
    if len(data) < HEADER_LENGTH or data[0] >> 6 != 2:
        raise RtpError("not RTP version 2")
    length = HEADER_LENGTH + 4 * (data[0] & 0x0F)
    if data[0] & _EXTENSION:
        if len(data) < length + 4:
            raise RtpError("the header extension is cut off")
        length += 4 + 4 * int.from_bytes(data[length + 2 : length + 4], "big")
    if len(data) < length:
        raise RtpError("the header is cut off")
    return length


def without_padding(header: bytes, payload: bytes) -> bytes:
    """The payload without the padding that the P bit announces (RFC 3550 §5.1).

    Raises:
        RtpError: the padding is longer than the payload.
    """
    if not header[0] & _PADDING:
        return payload
    count = payload[-1] if payload else 0
    if not 0 < count <= len(payload):
        raise RtpError("the padding is longer than the payload")
    return payload[:-count]


def extension(header: bytes, wanted: int) -> bytes | None:
    """Value of one header extension element (RFC 8285), or None. `header` is the whole header, as `header_length` cut it."""
    if not header[0] & _EXTENSION:
        return None
    position = HEADER_LENGTH + 4 * (header[0] & 0x0F)
    profile = int.from_bytes(header[position : position + 2], "big")
    elements = header[position + 4 :]
    if profile == _ONE_BYTE_FORM:
        return _one_byte(elements, wanted)
    if profile & 0xFFF0 == _TWO_BYTE_FORM:
        return _two_byte(elements, wanted)
    return None


def _one_byte(elements: bytes, wanted: int) -> bytes | None:
    position = 0
    while position < len(elements):
        first = elements[position]
        if first == 0:
            position += 1
            continue
        name, size = first >> 4, (first & 0x0F) + 1
        if name == 15:  # RFC 8285 §4.2: stop here
            return None
        if name == wanted:
            return _whole(elements[position + 1 : position + 1 + size], size)
        position += 1 + size
    return None


def _two_byte(elements: bytes, wanted: int) -> bytes | None:
    position = 0
    while position + 1 < len(elements):
        name, size = elements[position], elements[position + 1]
        if name == 0:
            position += 1
            continue
        if name == wanted:
            return _whole(elements[position + 2 : position + 2 + size], size)
        position += 2 + size
    return None


def _whole(value: bytes, size: int) -> bytes | None:
    return value if len(value) == size else None
