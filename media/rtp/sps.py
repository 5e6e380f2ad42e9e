"""H.264 parameter sets, read as far as a relay needs (ITU-T H.264 §7.3.2): their ids and the size of the picture."""

_HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}  # those with the chroma fields of §7.3.2.1.1
_GOLOMB_MAX = 31  # leading zeros; a longer code is not in any syntax element
_SIDE_MAX = 16_384  # level 6.2 ends at 8192 by 4320
_POC_CYCLE_MAX = 255
_SET_MAX = 1024  # bytes read; parameter sets have 10 to 200


class ParameterSetError(ValueError):
    """The bytes are not a parameter set."""


class _Bits:
    """Reads bits and Exp-Golomb codes (§9.1) of a NAL unit's payload, emulation prevention (§7.4.1) removed."""

    def __init__(self, unit: bytes) -> None:
        payload = unit[1:_SET_MAX].replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(payload, "big")
        self._left = 8 * len(payload)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ParameterSetError("cut off")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _GOLOMB_MAX:
                raise ParameterSetError("a code is too long")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def sequence_set_id(unit: bytes) -> int | None:
    """Id of a sequence parameter set, 0 to 31, or None when it is broken."""
    try:
        bits = _Bits(unit)
        bits.take(24)
        found = bits.unsigned()
    except ParameterSetError:
        return None
    return found if found < 32 else None


def picture_set_ids(unit: bytes) -> tuple[int, int] | None:
    """Id of a picture parameter set, 0 to 255, and of the sequence parameter set that it belongs to; None when it is broken."""
    try:
        bits = _Bits(unit)
        picture, sequence = bits.unsigned(), bits.unsigned()
    except ParameterSetError:
        return None
    return (picture, sequence) if picture < 256 and sequence < 32 else None


def resolution(unit: bytes) -> tuple[int, int] | None:
    """Width and height of the shown picture by a whole sequence parameter set (NAL unit type 7); None when it is broken."""
    if not unit or unit[0] & 0x1F != 7:
        return None
    try:
        width, height = _size(_Bits(unit))
    except ParameterSetError:
        return None
    return (width, height) if 0 < width <= _SIDE_MAX and 0 < height <= _SIDE_MAX else None


def _size(bits: _Bits) -> tuple[int, int]:
    profile = bits.take(8)
    bits.take(16)
    bits.unsigned()  # id
    chroma = _read_chroma(bits) if profile in _HIGH_PROFILES else 1
    bits.unsigned()  # log2_max_frame_num_minus4
    _skip_picture_order(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.take(1)
    columns, rows = bits.unsigned() + 1, bits.unsigned() + 1
    fields = 1 if bits.take(1) else 2  # frame_mbs_only_flag: else rows count half frames
    bits.take(2 if fields == 2 else 1)
    left, right, top, bottom = [bits.unsigned() for _ in range(4)] if bits.take(1) else [0] * 4
    unit_x = 2 if chroma in (1, 2) else 1  # table 6-1: SubWidthC, SubHeightC
    unit_y = fields * (2 if chroma == 1 else 1)
    return 16 * columns - unit_x * (left + right), 16 * rows * fields - unit_y * (top + bottom)


def _read_chroma(bits: _Bits) -> int:
    """The ChromaArrayType (§7.4.2.1.1)."""
    chroma = bits.unsigned()
    if chroma > 3:
        raise ParameterSetError("an unknown chroma format")
    separate = bits.take(1) if chroma == 3 else 0
    bits.unsigned()  # bit depths
    bits.unsigned()
    bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return 0 if separate else chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = 8
    for _ in range(size):  # §7.3.2.1.1.1: a scale of 0 ends the list
        last = (last + bits.signed()) & 0xFF
        if not last:
            return


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        count = bits.unsigned()
        if count > _POC_CYCLE_MAX:
            raise ParameterSetError("too many reference frames in a cycle")
        for _ in range(count):
            bits.signed()
