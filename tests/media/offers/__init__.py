"""Offers of real clients: Chromium's as captured, those of OBS, FFmpeg and Firefox in the shape that they send."""

from pathlib import Path


def _read(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sdp").read_text().replace("\n", "\r\n")


CHROMIUM_WHIP = _read("chromium_whip")
CHROMIUM_WHEP = _read("chromium_whep")
OBS = _read("obs")
FFMPEG = _read("ffmpeg")
FIREFOX_WHIP = _read("firefox_whip")
FIREFOX_WHEP = _read("firefox_whep")
NAMES_WHIP = ["chromium", "obs", "ffmpeg", "firefox"]


def without_h264(text: str) -> str:
    """The same offer from a browser that has no H264."""
    return text.replace("H264/90000", "H263/90000")
