"""RTP headers: extended numbers, padding, extensions; and that any bytes give a named error or a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.packets import RtpError, extend, extension, header_length, without_padding

NUMBERS = st.integers(0x10000, 1 << 48)


@given(NUMBERS, st.integers(-0x7FFF, 0x7FFF))
def test_a_number_within_half_a_turn_is_recovered_from_its_low_bits(near: int, distance: int) -> None:
    assert extend((near + distance) & 0xFFFF, near) == near + distance


def test_a_number_from_before_the_first_packet_is_negative() -> None:
    assert extend(0xFFFF, 3) == -1


@given(st.binary(max_size=64))
def test_any_bytes_give_a_length_within_them_or_an_rtp_error(data: bytes) -> None:
    try:
        length = header_length(data)
    except RtpError:
        return
    assert 12 <= length <= len(data)
    for wanted in range(1, 16):
        value = extension(data[:length], wanted)
        assert value is None or value in data


def test_one_byte_and_two_byte_extensions_are_found() -> None:
    head = b"\x90\x60" + bytes(10)
    one = head + b"\xbe\xde\x00\x02" + b"\x10A" + b"\x21BC" + b"\x00\x00\x00"
    two = head + b"\x10\x00\x00\x02" + b"\x01\x01A" + b"\x02\x02BC" + b"\x00"
    for header in (one, two):
        assert header_length(header) == len(header)
        assert extension(header, 1) == b"A"
        assert extension(header, 2) == b"BC"
        assert extension(header, 3) is None


def test_csrcs_come_before_the_extension() -> None:
    header = b"\x92\x60" + bytes(10) + bytes(8) + b"\xbe\xde\x00\x01" + b"\x10Z\x00\x00"
    assert header_length(header + b"payload") == len(header)
    assert extension(header, 1) == b"Z"


@given(st.binary(max_size=20), st.integers(1, 10))
def test_padding_is_taken_off(payload: bytes, count: int) -> None:
    padded = payload + bytes(count - 1) + bytes([count])
    assert without_padding(b"\xa0" + bytes(11), padded) == payload
    assert without_padding(b"\x80" + bytes(11), padded) == padded


@pytest.mark.parametrize("payload", [b"", b"\x00", b"\x02"])
def test_padding_longer_than_the_payload_is_an_error(payload: bytes) -> None:
    with pytest.raises(RtpError):
        without_padding(b"\xa0" + bytes(11), payload)
