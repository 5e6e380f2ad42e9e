"""H.264 in RTP (RFC 6184): does this payload start or carry a key frame, and which profile is the stream really."""

from collections.abc import Iterator

_IDR = 5
_SPS = 7
_STAP_A = 24
_FU_A = 28
_START = 0x80


def units(payload: bytes) -> Iterator[bytes]:
    """NAL units whose first byte is in this payload: a single one, those of a STAP-A, or the first fragment of a FU-A.

    Of a fragment only the beginning is given. Truncated aggregates end early.
    """
    if not payload:
        return
    kind = payload[0] & 0x1F
    if kind == _STAP_A:
        position = 1
        while position + 2 < len(payload):
            size = int.from_bytes(payload[position : position + 2], "big")
            if size:
                yield payload[position + 2 : position + 2 + size]
            position += 2 + size
    elif kind == _FU_A:
        if len(payload) > 1 and payload[1] & _START:
            yield bytes([payload[0] & 0xE0 | payload[1] & 0x1F]) + payload[2:]
    elif 0 < kind < _STAP_A:
        yield payload


def is_key(payload: bytes) -> bool:
    """Whether a decoder can start with the frame of this packet: an IDR slice or a sequence parameter set begins in it."""
    kind = payload[0] & 0x1F if payload else 0
    if kind == _FU_A:
        return len(payload) > 1 and payload[1] & 0x9F == _START | _IDR
    if kind == _STAP_A:
        return any(unit[0] & 0x1F in (_IDR, _SPS) for unit in units(payload))
    return kind in (_IDR, _SPS)


def profile(level_id: str) -> str:
    """Name of the profile in a profile-level-id (RFC 6184 §8.1, table 5): the constraint flags decide, not the digits alone."""
    if len(level_id) != 6 or not set(level_id.lower()) <= set("0123456789abcdef"):
        return "unknown"
    kind, flags = int(level_id[:2], 16), int(level_id[2:4], 16)
    if kind == 0x42:
        return "constrained-baseline" if flags & 0x40 else "baseline"
    if kind == 0x4D:
        return "constrained-baseline" if flags & 0x80 else "main"
    if kind == 0x64:
        return "constrained-high" if flags & 0x0C == 0x0C else "high"
    return "unknown"


def profile_level_id(payload: bytes) -> str | None:
    """The six hexadecimal digits of RFC 6184 §8.1 from a sequence parameter set in this payload, or None."""
    for unit in units(payload):
        if unit[0] & 0x1F == _SPS and len(unit) >= 4:
            return unit[1:4].hex()
    return None


class ParameterSets:
    profile_level_id = ""
    resolution = None

    def observe(self, payload: bytes) -> bool:
        self.profile_level_id = profile_level_id(payload) or self.profile_level_id
        return False

    def missing_before(self, payload: bytes) -> bytes | None:
        return None
