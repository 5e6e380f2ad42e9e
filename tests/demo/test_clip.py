"""The house channel's clip is what every browser plays, and it has no seam."""

import re
from itertools import pairwise
from pathlib import Path

import av
import pytest
from av.video.frame import PictureType

from server.demo import clip, scene

IDR, SPS, PPS = 5, 7, 8


def nal_units(frame: bytes) -> list[bytes]:
    """NAL units of a frame in the byte stream format (H.264 annex B)."""
    return re.split(rb"\x00\x00\x00?\x01", frame)[1:]


def nal_types(frame: bytes) -> list[int]:
    return [unit[0] & 0x1F for unit in nal_units(frame)]


def brightness(frames: tuple[bytes, ...]) -> list[bytes]:
    """Every 50th pixel of the decoded pictures."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    pictures = [picture for frame in [*frames, b""] for picture in decoder.decode(av.Packet(frame) if frame else None)]
    return [bytes(picture.planes[0])[::50] for picture in pictures]


def difference(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def test_picture_and_sound_last_equally_long(drawn: clip.Clip) -> None:
    assert len(drawn.video) / drawn.frames_per_s == len(drawn.audio) / drawn.blocks_per_s == scene.LOOP_S


def test_a_key_frame_begins_each_second_with_its_parameter_sets_in_front(drawn: clip.Clip) -> None:
    for index, frame in enumerate(drawn.video):
        types = nal_types(frame)
        assert (IDR in types) == (index % drawn.frames_per_s == 0), (index, types)
        assert ({SPS, PPS} <= set(types)) == (IDR in types), (index, types)


def test_the_profile_is_the_one_that_every_browser_decodes(drawn: clip.Clip) -> None:
    (sps,) = (unit for unit in nal_units(drawn.video[0]) if unit[0] & 0x1F == SPS)
    profile, constraints, level = sps[1:4]
    assert profile == 66  # baseline (H.264 annex A.2.1)
    assert constraints & 0x40  # constraint_set1: the constrained kind, 42e0xx in SDP
    assert level <= 31


def test_no_frame_waits_for_a_later_one(drawn: clip.Clip) -> None:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    kinds = {PictureType(picture.pict_type) for frame in drawn.video[:50] for picture in decoder.decode(av.Packet(frame))}
    assert kinds == {PictureType.I, PictureType.P}


def test_the_bitrate_suits_a_mobile_link(drawn: clip.Clip) -> None:
    assert 100_000 < sum(map(len, drawn.video)) * 8 / scene.LOOP_S < clip.VIDEO_BITRATE_MAX_BPS
    assert 20_000 < sum(map(len, drawn.audio)) * 8 / scene.LOOP_S < 100_000


def test_the_picture_moves_and_the_last_frame_leads_into_the_first(drawn: clip.Clip) -> None:
    pictures = brightness(drawn.video)
    assert len(pictures) == len(drawn.video)
    steps = [difference(one, other) for one, other in pairwise(pictures)]
    assert min(steps) > 0
    assert difference(pictures[-1], pictures[0]) <= 1.5 * max(steps)


def test_the_melody_is_audible_and_has_no_click_at_the_seam() -> None:
    samples = b"".join(bytes(block.planes[0])[: 4 * block.samples] for block in scene.sounds(1))
    left = memoryview(samples).cast("h")[::2].tolist()
    assert len(left) == scene.LOOP_S * scene.SAMPLES_PER_S
    assert 3_000 < max(map(abs, left)) < 30_000
    steps = [abs(one - other) for one, other in pairwise(left)]
    assert abs(left[-1] - left[0]) <= max(steps)


def test_the_clip_is_made_once(clip_folder: Path) -> None:
    before = (clip_folder / clip.FILE_NAME).stat().st_mtime_ns
    clip.ready_clip(clip_folder)
    assert (clip_folder / clip.FILE_NAME).stat().st_mtime_ns == before


def test_a_process_that_dies_while_drawing_leaves_no_half_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(path: Path) -> None:
        path.write_bytes(b"half a clip")
        raise MemoryError

    monkeypatch.setattr(clip, "_make", die)
    with pytest.raises(MemoryError):
        clip.ready_clip(tmp_path)
    assert list(tmp_path.iterdir()) == []
