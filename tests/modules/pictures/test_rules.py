"""What a file is, by its bytes alone."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from schemas.errors import PICTURE_KIND, PICTURE_MOVES, PICTURE_TOO_LARGE, PICTURE_UNREADABLE, Refusal, WireError
from server.modules.pictures import rules
from tests.modules.pictures import files


def check(data: bytes) -> WireError | tuple[str, int, int]:
    found = rules.check_file(data)
    return found.error if isinstance(found, Refusal) else (found.kind, found.width, found.height)


@given(
    st.sampled_from([("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {}), ("WEBP", {"lossless": True})]),
    st.integers(1, 300),
    st.integers(1, 300),
    st.sampled_from(["RGB", "L", "RGBA"]),
)
def test_the_header_says_what_the_decoder_says(kind: tuple[str, dict[str, bool]], width: int, height: int, mode: str) -> None:
    name, options = kind
    picture = Image.new("L" if name == "JPEG" and mode == "RGBA" else mode, (width, height))
    assert check(files.encoded(picture, name, **options)) == (name.lower(), width, height)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", PICTURE_KIND),
        (files.SVG, PICTURE_KIND),
        (b"\xef\xbb\xbf  <svg/>", PICTURE_KIND),
        (files.HTML, PICTURE_KIND),
        (b"%PDF-1.7", PICTURE_KIND),
        (files.gif(), PICTURE_KIND),
        (files.gif(1), PICTURE_KIND),
        (b"\x00\x00\x00\x1cftypheic", PICTURE_KIND),
        (files.moving("PNG"), PICTURE_MOVES),
        (files.moving("WEBP"), PICTURE_MOVES),
        (files.png_bomb(60_000, 60_000), PICTURE_TOO_LARGE),
        (files.png_bomb(8_001, 5_000), PICTURE_TOO_LARGE),
        (files.encoded(Image.new("1", (20_001, 1))), PICTURE_TOO_LARGE),
        (files.png_bomb(0, 1_000), PICTURE_UNREADABLE),
        (files.photo()[:60], PICTURE_UNREADABLE),
        (b"\xff\xd8\xff\xd9", PICTURE_UNREADABLE),
        (files.encoded(files.halves())[:18], PICTURE_UNREADABLE),
        (b"\x89PNG\r\n\x1a\n" + files.HTML, PICTURE_UNREADABLE),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X", PICTURE_UNREADABLE),
    ],
)
def test_what_is_no_still_picture_of_a_sensible_size_is_refused(data: bytes, error: WireError) -> None:
    assert check(data) == error


def test_a_bomb_is_small_enough_to_be_uploaded_and_would_be_decoded_without_the_rule() -> None:
    bomb = files.png_bomb(60_000, 60_000)
    assert len(bomb) < 1_000_000
    assert Image.open(io.BytesIO(files.png_bomb(8_000, 4_000))).size == (8_000, 4_000)


def test_a_refused_file_is_called_by_its_name() -> None:
    names = {"an SVG": files.SVG, "a web page": files.HTML, "a GIF": files.gif(), "an empty file": b""}
    for name, data in names.items():
        found = rules.check_file(data)
        assert isinstance(found, Refusal)
        assert name in found.detail


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", b"\xff\xd8\xff\xe0"]),
)
def test_whatever_the_bytes_are_there_is_an_answer(data: bytes, start: bytes) -> None:
    assert isinstance(rules.check_file(start + data), Refusal | rules.Header)
