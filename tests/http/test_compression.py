"""What travels compressed, and to whom."""

import gzip
from pathlib import Path

import httpx
import pytest

from server.http.compression import Compressed, accepts_gzip, is_compressible
from tests.http.conftest import SHOW_ID, World


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("br, gzip;q=1.0", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("br, gzip; q=0.000, identity", False),
        ("gzip;q=0.01", True),
    ],
)
def test_only_who_takes_gzip_gets_it(accepted: str, taken: bool) -> None:
    assert accepts_gzip(accepted) is taken


def test_text_is_worth_it_and_pictures_are_not() -> None:
    worth = ["text/javascript; charset=utf-8", "text/css", "image/svg+xml", "application/manifest+json"]
    assert all(map(is_compressible, worth))
    assert not any(map(is_compressible, ["image/png", "font/woff2", "video/mp4", "application/wasm"]))


async def test_a_page_travels_compressed_and_says_the_same(client: httpx.AsyncClient) -> None:
    plain = await client.get(f"/watch/{SHOW_ID}", headers={"accept-encoding": "identity"})
    coded = await client.get(f"/watch/{SHOW_ID}", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert coded.headers["content-encoding"] == "gzip"
    assert coded.text == plain.text
    assert coded.headers["etag"] == f"W/{plain.headers['etag']}"
    assert "Accept-Encoding" in plain.headers["vary"]
    assert coded.headers["content-security-policy"] == plain.headers["content-security-policy"]


async def test_a_file_travels_compressed_unless_it_is_small_or_a_part_is_asked_for(world: World) -> None:
    (world.static / "watch/page.js").write_text("export const words = 1;\n" * 500, encoding="utf-8")
    headers = {"accept-encoding": "gzip"}
    coded = await world.client.get("/static/watch/page.js", headers=headers)
    assert coded.headers["content-encoding"] == "gzip"
    assert int(coded.headers["content-length"]) < 200
    assert coded.text == "export const words = 1;\n" * 500
    known = await world.client.get("/static/watch/page.js", headers={**headers, "if-none-match": coded.headers["etag"]})
    assert known.status_code == 304
    part = await world.client.get("/static/watch/page.js", headers={**headers, "range": "bytes=0-5"})
    assert (part.status_code, part.text, part.headers.get("content-encoding")) == (206, "export", None)
    assert "content-encoding" not in (await world.client.get("/static/base.css", headers=headers)).headers
    head = await world.client.head("/static/watch/page.js", headers=headers)
    assert (head.status_code, head.content) == (200, b"")


async def test_what_is_kept_has_a_limit_and_the_least_used_goes_first(tmp_path: Path) -> None:
    reads: list[str] = []

    def reading(name: str) -> bytes:
        reads.append(name)
        return name.encode() * 1_000

    size = len(gzip.compress(b"a" * 1_000, 6, mtime=0))
    kept = Compressed(kept_bytes_max=2 * size + size // 2)
    for name in ("a", "b", "a", "c", "a", "b"):
        assert gzip.decompress(await kept.of(name, lambda name=name: reading(name))) == name.encode() * 1_000  # type: ignore[misc]
    assert reads == ["a", "b", "c", "b"], "b was the least used one when c came"


async def test_a_file_that_vanished_is_not_remembered(tmp_path: Path) -> None:
    kept = Compressed()
    with pytest.raises(FileNotFoundError):
        await kept.of("x", (tmp_path / "gone").read_bytes)
    (tmp_path / "gone").write_bytes(b"back")
    assert gzip.decompress(await kept.of("x", (tmp_path / "gone").read_bytes)) == b"back"
