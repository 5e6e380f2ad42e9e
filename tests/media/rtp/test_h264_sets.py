"""Parameter sets as libx264 writes them, in many sizes and profiles, and as nobody should write them."""

from fractions import Fraction
from functools import lru_cache

import av
import pytest
from aiortc.codecs.h264 import H264Encoder
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

from media.rtp import h264, sps, vp8
from media.rtp.h264 import ParameterSets


@lru_cache
def encode(width: int, height: int, pixels: str, profile: str, params: str = "") -> tuple[bytes, ...]:
    """NAL units of a single frame."""
    codec = av.CodecContext.create("libx264", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = width, height, pixels
    codec.framerate, codec.time_base = Fraction(30), Fraction(1, 30)
    codec.options = {
        "preset": "ultrafast" if profile == "baseline" else "faster",
        "profile": profile,
        "x264-params": "repeat-headers=1:threads=1:slices=1:" + params,
    }
    frame = av.VideoFrame(width, height, pixels)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.pts = 0
    packets = [*codec.encode(frame), *codec.encode(None)]
    return tuple(H264Encoder._split_bitstream(bytes(packets[0])))


def only(units: tuple[bytes, ...], kind: int) -> bytes:
    (found,) = [unit for unit in units if unit[0] & 0x1F == kind]
    return found


SIZES = [(16, 16), (320, 240), (640, 360), (854, 480), (1280, 720), (1920, 1080), (1080, 1920), (426, 240), (98, 34)]
FORMATS = [
    ("yuv420p", "baseline", ""),
    ("yuv420p", "main", ""),
    ("yuv420p", "high", "8x8dct=1"),
    ("yuv420p", "high", "cqm=jvt"),  # scaling lists
    ("yuv422p", "high422", "cqm=jvt"),
    ("yuv444p", "high444", "cqm=jvt"),
    ("yuv420p10le", "high10", ""),
    ("yuv420p", "main", "interlaced=1"),  # rows count half frames
    ("yuv420p", "high", "sar=4/3:colorprim=bt709:force-cfr=1:nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=500"),
]


@pytest.mark.parametrize(("pixels", "profile", "params"), FORMATS)
def test_the_size_is_read_from_sets_of_every_profile(pixels: str, profile: str, params: str) -> None:
    for width, height in SIZES:
        if "interlaced" in params and height % 4:  # the encoder refuses
            continue
        unit = only(encode(width, height, pixels, profile, params), 7)
        assert h264.resolution(unit) == (width, height)


def test_a_size_is_the_same_in_an_aggregate_and_absent_in_other_payloads() -> None:
    units = encode(854, 480, "yuv420p", "high")
    (aggregate, *_) = H264Encoder._packetize(iter([only(units, 7), only(units, 8)]))
    assert aggregate[0] & 0x1F == 24
    assert h264.resolution(aggregate) == (854, 480)
    assert h264.resolution(only(units, 8)) is None
    assert h264.resolution(only(units, 5)) is None


@given(st.data())
def test_a_damaged_set_has_a_plausible_size_or_none(data: st.DataObject) -> None:
    unit = bytearray(only(encode(1280, 720, *data.draw(st.sampled_from(FORMATS))), 7))
    for place, value in data.draw(st.lists(st.tuples(st.integers(1, len(unit) - 1), st.integers(0, 255)), max_size=6)):
        unit[place] = value
    size = sps.resolution(bytes(unit[: data.draw(st.integers(0, len(unit)))]))
    assert size is None or all(0 < side <= 16_384 for side in size)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_sets_without_failing(data: bytes) -> None:
    size = sps.resolution(b"\x67" + data)
    assert size is None or all(0 < side <= 16_384 for side in size)
    assert (number := sps.sequence_set_id(b"\x67" + data)) is None or 0 <= number < 32
    assert (ids := sps.picture_set_ids(b"\x68" + data)) is None or (0 <= ids[0] < 256 and 0 <= ids[1] < 32)


def aggregate(*units: bytes) -> bytes:
    return b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


@pytest.mark.parametrize("together", [True, False])
def test_a_bare_key_frame_gets_the_sets_in_front_that_a_decoder_then_accepts(together: bool) -> None:
    units = encode(320, 240, "yuv420p", "baseline")
    sequence, picture, slice_ = only(units, 7), only(units, 8), only(units, 5)
    sets = ParameterSets()
    assert sets.missing_before(slice_) is None
    for payload in [aggregate(sequence, picture)] if together else [sequence, picture]:
        sets.receive(payload)
    injected = sets.missing_before(slice_)
    assert injected == aggregate(sequence, picture)
    assert sets.sequence_set == sequence
    start = b"\x00\x00\x00\x01"
    decoder = av.CodecContext.create("h264", "r")
    stream = b"".join(start + unit for unit in [*h264.units(injected), slice_])
    frames = [*decoder.decode(av.Packet(stream)), *decoder.decode(None)]
    assert [(frame.width, frame.height) for frame in frames] == [(320, 240)]


def test_a_key_frame_that_brings_its_sets_needs_none() -> None:
    units = encode(320, 240, "yuv420p", "baseline")
    sequence, picture = only(units, 7), only(units, 8)
    sets = ParameterSets()
    sets.receive(aggregate(sequence, picture))
    assert sets.missing_before(sequence) is None
    assert sets.missing_before(aggregate(sequence, picture)) is None
    fragment = b"\x7c\x85" + only(units, 5)[1:50]
    assert sets.missing_before(fragment) == aggregate(sequence, picture)
    assert sets.missing_before(aggregate(b"\x09\xf0")) == aggregate(sequence, picture)


def test_a_renewed_set_takes_the_place_of_the_old_one() -> None:
    small, large = encode(320, 240, "yuv420p", "baseline"), encode(1280, 720, "yuv420p", "main")
    sets = ParameterSets()
    for units in (small, large):
        sets.receive(only(units, 7))
        sets.receive(only(units, 8))
    assert sets.missing_before(only(large, 5)) == aggregate(only(large, 7), only(large, 8))


def test_a_truncated_aggregate_is_not_remembered() -> None:
    units = encode(320, 240, "yuv420p", "baseline")
    sets = ParameterSets()
    sets.receive(aggregate(only(units, 8), only(units, 7))[:-1])
    assert sets.sequence_set is None


def test_a_picture_set_alone_is_not_injected() -> None:
    units = encode(320, 240, "yuv420p", "baseline")
    sets = ParameterSets()
    sets.receive(only(units, 8))
    assert sets.missing_before(only(units, 5)) is None


SET = st.builds(lambda kind, body: bytes([0x60 | kind]) + body, st.sampled_from([7, 8]), st.binary(max_size=700))


@given(st.lists(st.lists(SET, min_size=1, max_size=8).map(lambda units: aggregate(*units)), max_size=20))
def test_what_is_injected_fits_into_a_packet_whatever_came(payloads: list[bytes]) -> None:
    sets = ParameterSets()
    for payload in payloads:
        sets.receive(payload)
        injected = sets.missing_before(b"\x65")
        assert injected is None or len(injected) <= 1100
        assert injected is None or {unit[0] & 0x1F for unit in h264.units(injected)} == {7, 8}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_size_of_a_vp8_key_frame(width: int, height: int) -> None:
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt, codec.time_base = width, height, "yuv420p", Fraction(1, 30)
    sizes = []
    for index in range(2):
        frame = av.VideoFrame(width, height, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.pts = index
        sizes += [vp8.resolution(b"\x90\x80\x01" + bytes(packet)) for packet in codec.encode(frame)]
    sizes += [vp8.resolution(b"\x90\x80\x01" + bytes(packet)) for packet in codec.encode(None)]
    assert sizes == [(width, height), None]


@given(st.binary(max_size=30) | st.binary(max_size=20).map(lambda rest: b"\x10\x00\x00\x00\x9d\x01\x2a" + rest))
def test_any_vp8_payload_has_a_size_or_none(data: bytes) -> None:
    size = vp8.resolution(data)
    assert size is None or all(0 < side < 16_384 for side in size)
