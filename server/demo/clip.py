"""The clip that the robot host repeats: H264 (constrained baseline) and Opus in a Matroska file, made once, read as packets."""

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext
from av.bitstream import BitStreamFilterContext
from av.video.codeccontext import VideoCodecContext

from server.demo import scene

FILE_NAME = "house-channel-1.mkv"
"""The number counts changes of the scene: a clip of an older version is made anew."""

VIDEO_BITRATE_MAX_BPS = 1_200_000
AUDIO_BITRATE_BPS = 48_000

X264_OPTIONS = {
    "profile": "baseline",
    "level": "3.1",  # the level that browsers offer for WebRTC (RFC 7742 §6.2)
    "preset": "veryfast",
    "crf": "19",
    "maxrate": str(VIDEO_BITRATE_MAX_BPS),
    "bufsize": str(VIDEO_BITRATE_MAX_BPS // 2),
    # A key frame each second, exactly: a viewer who joins waits for one second at most. Parameter sets in front of each.
    "g": str(scene.FRAMES_PER_S),
    "x264-params": "scenecut=0:repeat-headers=1:sliced-threads=0",
}


@dataclass(frozen=True)
class Clip:
    """Encoded frames in order; `video` and `audio` are evenly spaced and last exactly as long as each other."""

    video: tuple[bytes, ...]
    audio: tuple[bytes, ...]
    frames_per_s: int
    blocks_per_s: int


def ready_clip(folder: Path) -> Clip:
    """The clip in `folder`, made first if it is not there. Takes some seconds of CPU the first time; call it in a thread."""
    path = folder / FILE_NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed: a process that dies half-way leaves no half clip under the final name.
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        try:
            _make(unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    return _read(path)


def _make(path: Path) -> None:
    with av.open(str(path), "w", format="matroska") as container:
        video = container.add_stream("libx264", rate=scene.FRAMES_PER_S, options=X264_OPTIONS)
        assert isinstance(video.codec_context, VideoCodecContext)
        video.codec_context.width, video.codec_context.height = scene.WIDTH, scene.HEIGHT
        video.codec_context.pix_fmt = "yuv420p"
        video.codec_context.max_b_frames = 0
        audio = container.add_stream("libopus", rate=scene.SAMPLES_PER_S, options={"frame_duration": "20"})
        assert isinstance(audio.codec_context, AudioCodecContext)
        audio.codec_context.layout, audio.codec_context.format = "stereo", "s16"
        audio.codec_context.bit_rate = AUDIO_BITRATE_BPS
        for picture in scene.pictures():
            container.mux(video.codec_context.encode(picture))
        container.mux(video.codec_context.encode(None))
        _encode_sound(container, audio)


def _encode_sound(container: av.container.OutputContainer, stream: av.AudioStream) -> None:
    """Encode three loops and keep the middle one: its first packet already knows what sounded before, so the seam is silent."""
    count = scene.LOOP_S * 50
    packets = [packet for block in scene.sounds(3) for packet in stream.codec_context.encode(block)]
    for index, packet in enumerate(packets[count : 2 * count]):
        packet.stream = stream
        packet.time_base = Fraction(1, 50)
        packet.pts = packet.dts = index
        container.mux(packet)


def _read(path: Path) -> Clip:
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        annexb = BitStreamFilterContext("h264_mp4toannexb", video)
        pictures: list[bytes] = []
        blocks: list[bytes] = []
        for packet in container.demux(video, audio):
            if packet.stream is audio and packet.size:
                blocks.append(bytes(packet))
            elif packet.stream is video:
                pictures.extend(bytes(part) for part in annexb.filter(packet if packet.size else None))
    return Clip(tuple(pictures), tuple(blocks), scene.FRAMES_PER_S, 50)
