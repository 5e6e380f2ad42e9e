"""Key frames are recognised in payloads that aiortc's packetisers made, and in any bytes without failing."""

from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from media.rtp import h264, vp8
from tests.media.clips import video_packets


def payloads(unit: bytes) -> list[bytes]:
    return list(H264Encoder._packetize(H264Encoder._split_bitstream(unit)))


def test_exactly_the_key_frames_of_a_clip_are_found() -> None:
    for unit, key in video_packets():
        found = [h264.is_key(payload) for payload in payloads(unit)]
        assert any(found) is key
        assert not key or found[0] or found[1]


def test_the_profile_is_read_from_the_parameter_set() -> None:
    first = [h264.profile_level_id(payload) for payload in payloads(video_packets()[0][0])]
    known = [profile for profile in first if profile]
    assert known
    assert known[0][:2] == "42"


@given(st.binary(max_size=80))
def test_any_payload_is_a_key_frame_or_not(data: bytes) -> None:
    assert h264.is_key(data) in (True, False)
    assert vp8.is_key(data) in (True, False)
    profile = h264.profile_level_id(data)
    assert profile is None or len(profile) == 6


@given(
    st.booleans(),
    st.integers(0, 3),
    st.none() | st.integers(0, 0x7FFF),
    st.none() | st.integers(0, 255),
    st.booleans(),
)
def test_a_vp8_key_frame_is_the_start_of_partition_0_with_p_clear(
    start: bool, partition: int, picture: int | None, tl0: int | None, inter: bool
) -> None:
    descriptor = VpxPayloadDescriptor(partition_start=int(start), partition_id=partition, picture_id=picture, tl0picidx=tl0)
    data = bytes(descriptor) + bytes([int(inter), 0, 0, 0x9D, 0x01, 0x2A])
    assert vp8.is_key(data) is (start and partition == 0 and not inter)
