"""Every seed of the corpus and mutations of it through every target; and the work of each grows no faster than its input."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media import offers
from tests.media.fuzz.__main__ import CORPUS, NAMES
from tests.media.fuzz.negotiation import whip
from tests.media.fuzz.replay import mutated, seeds
from tests.media.fuzz.targets import TARGETS

MEDIA = str(Path(__file__).resolve().parents[3] / "media")


@pytest.fixture(autouse=True, scope="module")
def _close_the_node() -> Iterator[None]:
    yield
    whip.close()


def test_every_target_has_seeds_and_the_command_knows_it() -> None:
    assert set(NAMES) == set(TARGETS) == {path.name for path in CORPUS.iterdir()}
    assert all(len(seeds(name)) >= 4 for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_seed_is_read_or_refused(name: str) -> None:
    for data in seeds(name):
        TARGETS[name].one_input(data[: TARGETS[name].length_max])


EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=4)), max_size=6)


@pytest.mark.parametrize("name", NAMES)
def test_mutations_of_the_seeds_are_read_or_refused(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=60 if name in ("sdp", "whip") else 200)
    @given(st.sampled_from(seeds(name)), EDITS)
    def run(data: bytes, edits: list[tuple[float, int, bytes]]) -> None:
        target.one_input(mutated(data, edits)[: target.length_max])

    run()


@pytest.mark.parametrize("name", NAMES)
def test_any_bytes_are_read_or_refused(name: str) -> None:
    settings(max_examples=100)(given(st.binary(max_size=300))(TARGETS[name].one_input))()


def lines_run(function: Callable[[bytes], None], data: bytes) -> int:
    """How many lines of the relay's own code ran."""
    count = 0

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        return local if frame.f_code.co_filename.startswith(MEDIA) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        function(data)
    finally:
        sys.settrace(before)
    return count


def offer_with(lines: str, count: int) -> bytes:
    return (offers.OBS.rstrip("\r\n") + "\r\n" + "".join(lines.format(number) for number in range(count))).encode()


GROWING: dict[str, list[Callable[[int], bytes]]] = {
    "stun": [lambda n: bytes(20) + b"\x80\x01\x00\x00" * n, lambda n: bytes(20) + b"\x00\x08\x00\x00" * n],
    "rtp": [
        lambda n: b"\x90\x60" + bytes(10) + b"\xbe\xde" + n.to_bytes(2, "big") + bytes(4 * n),
        lambda n: b"\x90\x60" + bytes(10) + b"\xbe\xde" + n.to_bytes(2, "big") + b"\x30\x00" * 2 * n,
        lambda n: b"\x90\x60" + bytes(10) + b"\x10\x00" + n.to_bytes(2, "big") + b"\x05\x00" * 2 * n,
    ],
    "rtcp": [
        lambda n: b"\x80\xcc\x00\x00" * n,
        lambda n: b"\x81\xcd" + (n + 2).to_bytes(2, "big") + bytes(8) + b"\x00\x01\xff\xff" * n,
        lambda n: b"\x84\xce" + (2 * n + 2).to_bytes(2, "big") + bytes(8) + bytes(8 * n),
    ],
    "twcc": [
        lambda n: b"\x8f\xcd" + (n + 4).to_bytes(2, "big") + bytes(8) + b"\x00\x00\xff\xff" + bytes(4) + b"\x1f\xff\x00\x00" * n,
        lambda n: b"".join((3 * number & 0xFFFF).to_bytes(2, "big") + b"\x20\x00" for number in range(n)),
        lambda n: b"".join((7919 * number & 0xFFFF).to_bytes(2, "big") + b"\xff\xff" for number in range(n)),
    ],
    "srtp": [lambda n: bytes(12 + n), lambda n: b"\x0c\x80" + bytes(10) + bytes(n)],
    "sdp": [
        lambda n: offer_with("a=ssrc:{} cname:x\r\n", n),
        lambda n: offer_with("a=fmtp:96 p{}=1\r\n", n),
        lambda n: offer_with("a=extmap:{} urn:x\r\n", n),
        lambda n: b"v=0\r\nm=video 9 RTP/SAVPF" + b" 96" * n + b"\r\n",
    ],
    "fragment": [lambda n: b"a=candidate:1\r\n" * n, lambda n: b"a=ice-ufrag:abcd\r\n" * n],
    "h264": [
        lambda n: b"\x78" + b"\x00\x01\x67" * n,
        lambda n: b"\x67\x64\x00\x1f" + b"\xff" * n,
        lambda n: b"\x67" + bytes(n),
        lambda n: b"\x78" + b"".join(b"\x00\x03\x68" + (0x8000 | number & 0x7FFF).to_bytes(2, "big") for number in range(n)),
    ],
    "vp8": [lambda n: b"\xff" * n],
    "whip": [lambda n: offer_with("a=ssrc:{} cname:x\r\n", n), lambda n: offer_with("a=rtcp-fb:* nack\r\n", n)],
}
"""For each target, inputs that grow with a number: what a loop inside a loop would be slow at."""


@pytest.mark.parametrize("name", NAMES)
def test_the_work_grows_no_faster_than_the_input(name: str) -> None:
    for make in GROWING[name]:
        few, many = make(50), make(200)
        lines_run(TARGETS[name].one_input, few)  # what is done once only
        assert lines_run(TARGETS[name].one_input, many) <= 5 * lines_run(TARGETS[name].one_input, few) + 200
