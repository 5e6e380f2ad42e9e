"""Frames of RFC 4571: any cut of the stream gives the same packets, and what is no frame is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.transport.framing import FRAME_MAX, Deframer, FramingError, framed

packets = st.lists(st.binary(min_size=1, max_size=300) | st.just(bytes(FRAME_MAX)), max_size=12)


@given(packets, st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_packets_come_out_as_they_went_in_however_the_stream_is_cut(sent: list[bytes], cuts: list[int]) -> None:
    data, deframer, received, position = framed(sent), Deframer(), [], 0
    while position < len(data):
        size = cuts[position % len(cuts)]
        received += deframer.receive(data[position : position + size])
        position += size
    assert received == sent
    assert not deframer.partial


def test_a_length_is_two_bytes_in_network_order() -> None:
    assert framed([b"a", b"b" * 258]) == b"\x00\x01a\x01\x02" + b"b" * 258


@pytest.mark.parametrize("size", [0, FRAME_MAX + 1, 65_535])
def test_an_empty_or_oversized_frame_is_refused_before_it_is_there(size: int) -> None:
    deframer = Deframer()
    assert deframer.receive(framed([b"good"]) + size.to_bytes(2, "big")[:1]) == [b"good"]
    with pytest.raises(FramingError, match=str(size)):
        deframer.receive(size.to_bytes(2, "big")[1:])


@given(st.lists(st.binary(max_size=3000), max_size=20))
def test_any_bytes_keep_less_than_one_frame(chunks: list[bytes]) -> None:
    deframer = Deframer()
    for chunk in chunks:
        try:
            deframer.receive(chunk)
        except FramingError:
            return
        assert len(deframer._rest) < FRAME_MAX + 2
