"""A tiny H264 and Opus clip made by PyAV, and aiortc tracks that send it without decoding."""

import asyncio
import math
import random
import struct
import time
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.video.codeccontext import VideoCodecContext

RATE = 30
SECONDS = 4
WIDTH, HEIGHT = 320, 240
VIDEO_BASE = Fraction(1, 90_000)
AUDIO_BASE = Fraction(1, 48_000)


@lru_cache
def video_packets() -> tuple[tuple[bytes, bool], ...]:
    """Annex B access units and whether each is a key frame: one per second, parameter sets in front of each."""
    codec = av.CodecContext.create("libx264", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.framerate, codec.time_base = Fraction(RATE), Fraction(1, RATE)
    codec.gop_size = RATE
    codec.profile = "Baseline"
    codec.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "32", "bf": "0"}
    codec.options |= {"x264-params": "repeat-headers=1:scenecut=0"}
    units: list[tuple[bytes, bool]] = []
    for index in range(RATE * SECONDS):
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        bar = index * 96 // (RATE * SECONDS)  # leaves room for the noise, also in the narrower colour planes
        noise = random.Random(index)
        for plane in frame.planes:
            line = plane.line_size
            plane.update(b"".join(bytes([200]) * bar + bytes(line - bar - 64) + noise.randbytes(64) for _ in range(plane.height)))
        frame.pts = index
        units += [(bytes(packet), bool(packet.is_keyframe)) for packet in codec.encode(frame)]
    units += [(bytes(packet), bool(packet.is_keyframe)) for packet in codec.encode(None)]
    assert sum(key for _, key in units) == SECONDS
    return tuple(units)


@lru_cache
def audio_packets() -> tuple[bytes, ...]:
    """Opus frames of 20 ms."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = 48_000, "stereo", "s16"
    units: list[bytes] = []
    for index in range(50 * SECONDS):
        wave = [int(8000 * math.sin(sample / 20)) for sample in range(960) for _ in range(2)]
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(struct.pack("<1920h", *wave))
        frame.sample_rate, frame.pts = 48_000, index * 960
        units += [bytes(packet) for packet in codec.encode(frame)]
    return tuple(units)


class ClipTrack(MediaStreamTrack):
    """Sends the clip in a loop at its own pace, already encoded."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.sent = 0
        self._units = [unit for unit, _ in video_packets()] if kind == "video" else list(audio_packets())
        self._step = 90_000 // RATE if kind == "video" else 960
        self._base = VIDEO_BASE if kind == "video" else AUDIO_BASE
        self._started: float | None = None
        self.running = asyncio.Event()
        """Clear it, and nothing is sent until it is set again."""
        self.running.set()

    async def recv(self) -> "av.Packet[Any]":
        """The next frame, when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        if self._started is None:
            self._started = time.monotonic()
        if not self.running.is_set():
            await self.running.wait()
            self._started = time.monotonic() - float(self.sent * self._step * self._base)
        pts = self.sent * self._step
        await asyncio.sleep(max(0.0, self._started + float(pts * self._base) - time.monotonic()))
        packet = av.Packet(self._units[self.sent % len(self._units)])
        packet.pts = packet.dts = pts
        packet.time_base = self._base
        self.sent += 1
        return packet
