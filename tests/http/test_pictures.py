"""Pictures over HTTP: how large a body may be and who may send it, and the addresses under which pictures are kept for ever."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis

from schemas.http.pictures import BYTES_MAX
from server.auth.passwords import Passwords
from server.auth.service import Auth
from server.bus.asking import AskRegistry
from server.bus.unit_of_work import UnitsOfWork
from server.http.application import build_app
from server.http.pictures import picture_routes
from server.kernel.config import Settings
from server.modules.pictures.adapters import Darkroom
from server.modules.pictures.adapters.processes import ProcessDarkroom
from server.modules.pictures.module import MODULE
from server.store.blobs import Blobs, FolderBlobs
from server.store.database import Database
from tests.fakes.clock import FakeClock
from tests.http.conftest import HOST_EMAIL, HOST_PASSWORD, ORIGIN, make_static
from tests.http.fake_media import SECRET, FakePlacement
from tests.modules.pictures import files

JPEG = {"content-type": "image/jpeg"}


@pytest.fixture
async def shop(sqlite_database: Database, redis: Redis, clock: FakeClock, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The application with the module, and a host who has logged in."""
    settings = Settings(public_url=ORIGIN, internal_secret=SECRET)
    auth = Auth(sqlite_database, redis, clock, settings, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    await auth.ensure_host(HOST_EMAIL, HOST_PASSWORD, "Host")
    blobs = FolderBlobs(tmp_path / "blobs")
    units = UnitsOfWork(sqlite_database, clock, AskRegistry([MODULE]), {Blobs: blobs, Darkroom: ProcessDarkroom()})
    make_static(tmp_path / "static")
    app = build_app(
        modules=[MODULE],
        units=units,
        auth=auth,
        settings=settings,
        placement=FakePlacement(),
        extra_routes=picture_routes(blobs),
        clock=clock,
        static_folder=tmp_path / "static",
    )
    transport = httpx.ASGITransport(app=app, client=("203.0.113.9", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        logged_in = await client.post("/api/auth/login", json={"email": HOST_EMAIL, "password": HOST_PASSWORD})
        assert logged_in.status_code == 200
        yield client
    await auth.close()


async def in_parts(size: int, count: list[int]) -> AsyncIterator[bytes]:
    """A body whose length nobody is told; counts what was taken of it."""
    part = 64 * 1024
    for at in range(0, size, part):
        count.append(min(part, size - at))
        yield bytes(count[-1])


async def test_a_picture_is_served_for_ever_with_its_true_type(shop: httpx.AsyncClient) -> None:
    made = await shop.post("/api/pictures", content=files.photo(), headers=JPEG)
    assert made.status_code == 201
    shop.cookies.clear()
    for url, kind in ((made.json()["url"], "image/webp"), (made.json()["url"].replace("800.webp", "1200.jpg"), "image/jpeg")):
        answer = await shop.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert (await shop.get(url, headers={"if-none-match": answer.headers["etag"]})).status_code == 304
        assert (await shop.head(url)).status_code == 200


@pytest.mark.parametrize(
    "name", ["801.webp", "800.png", "..%2f..%2fefir.sqlite3", "800.webp.", "800.webp/x", "..", "%2e%2e/800.webp"]
)
async def test_nothing_else_is_served(shop: httpx.AsyncClient, name: str) -> None:
    made = await shop.post("/api/pictures", content=files.photo(), headers=JPEG)
    url = made.json()["url"]
    assert (await shop.get(url.replace("800.webp", name))).status_code == 404
    assert (await shop.get(f"/media/pictures/pic_{'0' * 32}/800.webp")).status_code == 404


async def test_what_the_sender_calls_a_file_does_not_matter_its_bytes_do(shop: httpx.AsyncClient) -> None:
    for data, status, name in (
        (files.SVG, 415, "picture_kind"),
        (files.HTML, 415, "picture_kind"),
        (files.encoded(files.halves(), "WEBP"), 201, None),
    ):
        answer = await shop.post("/api/pictures", content=data, headers={"content-type": "image/png"})
        assert (answer.status_code, answer.json().get("name")) == (status, name)
    answer = await shop.post("/api/pictures", content=files.SVG, headers={"content-type": "image/svg+xml"})
    assert (answer.status_code, answer.json()["name"]) == (415, "unsupported_media_type")


async def test_a_body_over_the_limit_is_refused_before_it_is_read(shop: httpx.AsyncClient) -> None:
    for size in (BYTES_MAX + 1, 11 * 2**20 + 1, 50 * 2**20):
        answer = await shop.post("/api/pictures", content=bytes(size), headers=JPEG)
        assert (answer.status_code, answer.json()["name"], answer.json()["bytes_max"]) == (413, "too_large", BYTES_MAX)
    taken: list[int] = []
    answer = await shop.post("/api/pictures", content=in_parts(50 * 2**20, taken), headers=JPEG)
    assert answer.json()["name"] == "too_large"
    padded = files.photo() + bytes(BYTES_MAX - len(files.photo()))
    assert (await shop.post("/api/pictures", content=padded, headers=JPEG)).status_code == 201


async def test_only_this_address_takes_large_bodies(shop: httpx.AsyncClient) -> None:
    answer = await shop.post("/api/auth/login", content=bytes(2 * 2**20), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["bytes_max"]) == (413, 128 * 1024)


async def test_only_hosts_upload(shop: httpx.AsyncClient) -> None:
    shop.cookies.clear()
    assert (await shop.post("/api/pictures", content=files.photo(), headers=JPEG)).status_code == 401
    await shop.post("/api/auth/guest", json={"name": "Ann"})
    assert (await shop.post("/api/pictures", content=files.photo(), headers=JPEG)).status_code == 403


async def test_another_site_cannot_upload_for_a_host(shop: httpx.AsyncClient) -> None:
    answer = await shop.post("/api/pictures", content=files.photo(), headers=JPEG | {"origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["name"]) == (403, "cross_origin")
