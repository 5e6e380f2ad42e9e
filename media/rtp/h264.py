"""H.264 in RTP (RFC 6184): where key frames start, what the stream really is, and what is missing to decode it."""

from collections.abc import Iterator

from media.rtp import sps
from media.rtp.sps import picture_set_ids, sequence_set_id

_IDR = 5
_SPS = 7
_PPS = 8
_STAP_A = 24
_FU_A = 28
_START = 0x80
_SETS_MAX_BYTES = 1100  # of the parameter sets of a stream: they go out in one packet
_SETS_MAX = 16  # an encoder has one or two of each


def units(payload: bytes) -> Iterator[bytes]:
    """NAL units whose first byte is in this payload: a single one, those of a STAP-A, or the first fragment of a FU-A.

    Of a fragment only the beginning is given. Of a truncated aggregate the whole units are.
    """
    if not payload:
        return
    kind = payload[0] & 0x1F
    if kind == _STAP_A:
        position = 1
        while position + 2 < len(payload):
            size = int.from_bytes(payload[position : position + 2], "big")
            if size and position + 2 + size <= len(payload):
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


def resolution(payload: bytes) -> tuple[int, int] | None:
    """Width and height by a sequence parameter set in this payload, which may be the bare set; None without one."""
    for unit in units(payload):
        if unit[0] & 0x1F == _SPS:
            return sps.resolution(unit)
    return None


class ParameterSets:
    """The sequence and picture parameter sets of a stream, by id: for key frames that come without (RFC 6184 §8.4).

    Limited to `_SETS_MAX` sets and one packet: the one that was renewed longest ago leaves first.
    """

    def __init__(self) -> None:
        self._sets: dict[tuple[int, int], bytes] = {}

    def receive(self, payload: bytes) -> None:
        """Look at a payload of the stream; fragments of parameter sets are not joined."""
        if not payload or payload[0] & 0x1F not in (_SPS, _PPS, _STAP_A):
            return
        for unit in units(payload):
            kind = unit[0] & 0x1F
            if kind == _SPS:
                self._keep(kind, sequence_set_id(unit), unit)
            elif kind == _PPS:
                ids = picture_set_ids(unit)
                self._keep(kind, ids[0] if ids is not None else None, unit)

    @property
    def sequence_set(self) -> bytes | None:
        """The sequence parameter set that came last, for `resolution`."""
        found = [unit for (kind, _), unit in self._sets.items() if kind == _SPS]
        return found[-1] if found else None

    def missing_before(self, first_payload: bytes) -> bytes | None:
        """The STAP-A (RFC 6184 §5.7.1) to send in front of a key frame that starts with this payload.

        None when the frame brings a sequence parameter set itself, or none with its picture parameter set is known.
        """
        if any(unit[0] & 0x1F == _SPS for unit in units(first_payload)):
            return None
        known = {number for kind, number in self._sets if kind == _SPS}
        pictures = [
            unit
            for (kind, _), unit in self._sets.items()
            if kind == _PPS and (ids := picture_set_ids(unit)) is not None and ids[1] in known
        ]
        if not pictures:
            return None
        sequences = [unit for (kind, _), unit in self._sets.items() if kind == _SPS]
        return bytes([0x60 | _STAP_A]) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in sequences + pictures)

    def _keep(self, kind: int, number: int | None, unit: bytes) -> None:
        if number is None or len(unit) + 3 > _SETS_MAX_BYTES:
            return
        self._sets.pop((kind, number), None)
        self._sets[kind, number] = bytes(unit)
        while len(self._sets) > _SETS_MAX or 1 + sum(len(one) + 2 for one in self._sets.values()) > _SETS_MAX_BYTES:
            del self._sets[next(iter(self._sets))]
