"""A real broadcast that never answers a request for a key frame: H264 with its frame's number drawn into the picture, and Opus.

Made once per run by PyAV: 640x480, 30 frames/s, about 1.5 Mbit/s, constrained baseline, one key frame in `GOP_S` seconds.
"""

import math
import random
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

import av
from av.video.codeccontext import VideoCodecContext

from loadtests.media.host import FRAME_RATE, SIZE, SOUND_RATE

GOP_S = 4
FRAMES = GOP_S * FRAME_RATE
WIDTH, HEIGHT = 640, 480
BITS = 16
CELL = WIDTH // BITS
"""The number is BITS cells wide and two rows high: black or white by bit, the lower row inverted (`page.js` reads it)."""
BITRATE_BPS = 1_500_000

_STAP_A, _FU_A = 24, 28  # RFC 6184 §5.2
_SPS, _PPS = 7, 8


class Clip:
    """The clip in a loop. `phase` turns it: the key frames of two clips then fall on different moments."""

    def __init__(self, phase: int = 0) -> None:
        self._phase = phase
        self._frames = encoded()
        self._sounds = sounds()

    def number(self, frame: int) -> int:
        """The number in the picture of a host's frame; 0 is a key frame."""
        return (frame + self._phase) % FRAMES

    def frame(self, number: int, key: bool) -> Sequence[bytes]:
        """See `Programme`. Key frames come when they come."""
        return self._frames[self.number(number)]

    def sound(self, number: int) -> bytes:
        """See `Programme`."""
        return self._sounds[number % len(self._sounds)]


@lru_cache
def encoded() -> tuple[tuple[bytes, ...], ...]:
    """RTP payloads of each frame."""
    codec = av.CodecContext.create("libx264", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.framerate, codec.time_base = Fraction(FRAME_RATE), Fraction(1, FRAME_RATE)
    codec.gop_size, codec.bit_rate, codec.thread_count = FRAMES, BITRATE_BPS, 1
    codec.profile = "Baseline"
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", "maxrate": "1500k", "bufsize": "1500k"}
    codec.options |= {"x264-params": f"repeat-headers=1:scenecut=0:keyint={FRAMES}:min-keyint={FRAMES}:sliced-threads=0"}
    units: list[tuple[bytes, bool]] = []
    for number in range(FRAMES):
        units += [(bytes(packet), bool(packet.is_keyframe)) for packet in codec.encode(_picture(number))]
    units += [(bytes(packet), bool(packet.is_keyframe)) for packet in codec.encode(None)]
    assert [key for _, key in units] == [True] + [False] * (FRAMES - 1)
    return tuple(tuple(packetized(unit)) for unit, _ in units)


def _picture(number: int) -> av.VideoFrame:
    """The number above; below it a slope with a moving field of noise, which is what costs bits."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    noise = random.Random(number)
    grey, blue, red = frame.planes
    colours = [235 if number >> bit & 1 else 16 for bit in range(BITS)]
    upper = b"".join(bytes([colour]) * CELL for colour in colours)
    lower = b"".join(bytes([251 - colour]) * CELL for colour in colours)
    slope = bytes(40 + column * 150 // WIDTH for column in range(WIDTH))
    left = 16 * (number % 24)
    rows = [upper] * CELL + [lower] * CELL
    for row in range(HEIGHT - 2 * CELL):
        noisy = 100 <= row < 244
        rows.append(slope[:left] + _soft(noise, 200) + slope[left + 200 :] if noisy else slope)
    grey.update(b"".join(line.ljust(grey.line_size, b"\0") for line in rows))
    for plane in (blue, red):
        plane.update(bytes([128]) * plane.buffer_size)
    frame.pts = number
    return frame


def _soft(noise: random.Random, length: int) -> bytes:
    return bytes(96 + value // 4 for value in noise.randbytes(length))


def packetized(unit: bytes) -> Iterator[bytes]:
    """RTP payloads of at most `SIZE` bytes for an access unit in Annex B (RFC 6184): parameter sets in one STAP-A, the rest as
    single units or fragments."""
    sets: list[bytes] = []
    for nal in _units(unit):
        kind = nal[0] & 0x1F
        if kind in (_SPS, _PPS):
            sets.append(nal)
            continue
        if sets:
            yield bytes([0x60 | _STAP_A]) + b"".join(len(item).to_bytes(2, "big") + item for item in sets)
            sets = []
        if len(nal) <= SIZE:
            yield nal
            continue
        body, room = nal[1:], SIZE - 2
        for start in range(0, len(body), room):
            flags = (0x80 if start == 0 else 0) | (0x40 if start + room >= len(body) else 0)
            yield bytes([nal[0] & 0x60 | _FU_A, flags | kind]) + body[start : start + room]


def _units(unit: bytes) -> Iterator[bytes]:
    """NAL units between start codes of three or four bytes."""
    for piece in unit.split(b"\0\0\1"):
        nal = piece.rstrip(b"\0")
        if nal:
            yield nal


@lru_cache
def sounds() -> tuple[bytes, ...]:
    """A second of a tone as Opus, 20 ms each."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = 48_000, "stereo", "s16"
    packets: list[bytes] = []
    for index in range(SOUND_RATE):
        wave = [int(8000 * math.sin((index * 960 + sample) / 20)) for sample in range(960) for _ in range(2)]
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(struct.pack("<1920h", *wave))
        frame.sample_rate, frame.pts = 48_000, index * 960
        packets += [bytes(packet) for packet in codec.encode(frame)]
    return tuple(packets)
