"""The clip is what it says: numbers that can be read from decoded pictures, and packets that together are the stream again."""

import av
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

from loadtests.media import clip
from loadtests.media.host import SIZE

START = b"\0\0\0\1"


def reassembled(payloads: list[bytes]) -> bytes:
    """Annex B again (RFC 6184 §5.6, §5.7.1, §5.8)."""
    units = b""
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == 24:
            position = 1
            while position < len(payload):
                size = int.from_bytes(payload[position : position + 2], "big")
                units += START + payload[position + 2 : position + 2 + size]
                position += 2 + size
        elif kind == 28:
            if payload[1] & 0x80:
                units += START + bytes([payload[0] & 0x60 | payload[1] & 0x1F])
            units += payload[2:]
        else:
            units += START + payload
    return units


def number_in(frame: av.VideoFrame) -> int:
    """As `page.js` reads it: the middle of each cell; the lower row is the upper one inverted."""
    grey = frame.planes[0]
    pixels, number = bytes(grey), 0
    for bit in range(clip.BITS):
        column = bit * clip.CELL + clip.CELL // 2
        upper, lower = (pixels[row * grey.line_size + column] > 127 for row in (clip.CELL // 2, clip.CELL * 3 // 2))
        assert upper != lower
        number |= upper << bit
    return number


def test_every_decoded_picture_shows_its_number() -> None:
    codec = av.CodecContext.create("h264", "r")
    assert isinstance(codec, VideoCodecContext)
    frames = [
        frame
        for payloads in clip.encoded()
        for packet in codec.parse(reassembled(list(payloads)))
        for frame in codec.decode(packet)
    ]
    frames += [frame for packet in codec.parse(b"") for frame in codec.decode(packet)] + codec.decode(None)
    assert [number_in(frame) for frame in frames] == list(range(clip.FRAMES))


def test_the_phase_turns_the_clip() -> None:
    turned, plain = clip.Clip(phase=30), clip.Clip()
    assert turned.number(clip.FRAMES - 30) == 0
    assert turned.frame(clip.FRAMES - 30, key=False) == plain.frame(0, key=True)
    assert turned.sound(50) == plain.sound(0)


def test_the_clip_is_about_as_heavy_as_a_broadcast() -> None:
    octets = sum(len(payload) for payloads in clip.encoded() for payload in payloads)
    assert 1_000_000 < octets * 8 / clip.GOP_S < 2_200_000


# A unit's type is 1, 5 or a parameter set; emulation prevention keeps start codes and trailing zeros out of real ones.
NALS = st.builds(
    lambda kind, body: bytes([0x60 | kind]) + body,
    st.sampled_from([1, 5, 7, 8]),
    st.binary(min_size=1).map(lambda body: body.replace(b"\0", b"\1"))
    | st.integers(SIZE - 3, 3 * SIZE).map(lambda size: b"\x55" * size),
)


@given(st.lists(NALS.filter(lambda nal: nal[0] & 0x1F < 7 or len(nal) < 200), max_size=5), st.just(b"\x65\x88"))
def test_packets_put_together_are_the_access_unit(nals: list[bytes], last: bytes) -> None:
    payloads = list(clip.packetized(b"".join(START + nal for nal in [*nals, last])))
    assert all(len(payload) <= SIZE or payload[0] & 0x1F == 24 for payload in payloads)
    assert reassembled(payloads) == b"".join(START + nal for nal in [*nals, last])
