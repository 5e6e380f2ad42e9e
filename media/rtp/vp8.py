"""VP8 in RTP (RFC 7741 §4.2): does this payload start a key frame, and how large is its picture."""

_START_CODE = b"\x9d\x01\x2a"
_SIDE_MASK = 0x3FFF  # the two bits above are the upscaling


def is_key(payload: bytes) -> bool:
    """Whether this payload is the beginning of a key frame: first partition, and the P bit of the frame header is 0."""
    if not payload or not payload[0] & 0x10 or payload[0] & 0x07:  # S bit, partition index 0
        return False
    start = _descriptor_length(payload)
    return start < len(payload) and not payload[start] & 0x01


def resolution(payload: bytes) -> tuple[int, int] | None:
    """Width and height by the header of a key frame (RFC 6386 §9.1); None for any other payload."""
    if not is_key(payload):
        return None
    start = _descriptor_length(payload) + 3
    header = payload[start : start + 7]
    if len(header) < 7 or header[:3] != _START_CODE:
        return None
    width = int.from_bytes(header[3:5], "little") & _SIDE_MASK
    height = int.from_bytes(header[5:7], "little") & _SIDE_MASK
    return (width, height) if width and height else None


def _descriptor_length(payload: bytes) -> int:
    if not payload[0] & 0x80 or len(payload) < 2:  # no X: one byte
        return 1
    flags, length = payload[1], 2
    if flags & 0x80:  # I: picture id of 7 or 15 bits
        length += 2 if len(payload) > 2 and payload[2] & 0x80 else 1
    if flags & 0x40:  # L: TL0PICIDX
        length += 1
    if flags & 0x30:  # T or K
        length += 1
    return length
