"""Uploading pictures: what comes out of a file, what is refused, and what survives."""

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from schemas.errors import PICTURE_KIND, PICTURE_TOO_LARGE, PICTURE_UNREADABLE, RATE_LIMITED, WireError
from schemas.http.pictures import PictureView, picture_of
from schemas.requests.pictures import UsePictures
from server.kernel.errors import Unavailable
from server.kernel.module import Actor
from server.modules.pictures import jobs, rules
from server.modules.pictures.adapters import Broken, Busy, Darkroom, Developed
from server.modules.pictures.adapters.processes import ProcessDarkroom
from server.modules.pictures.tables import PICTURES
from server.store.blobs import FolderBlobs
from tests.modules.pictures import files
from tests.modules.world import HOST, OTHER_HOST, World, refused

DAY_MS = 24 * 3_600_000


async def upload(world: World, data: bytes, actor: Actor = HOST) -> PictureView:
    view = (await world.call(actor, "POST", "/api/pictures", raw=data)).view
    assert isinstance(view, PictureView)
    return view


async def blob(world: World, view: PictureView, name: str = "800.webp") -> bytes | None:
    return await world.blobs.get(f"pictures/{view.picture_id}/{name}")


async def rows(world: World) -> int:
    async with world.database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(PICTURES)) or 0)


async def use(world: World, *views: PictureView, actor: Actor = HOST) -> list[str]:
    async with world.units(actor) as ctx:
        return await ctx.ask(UsePictures(owner_id=actor.id, picture_ids=tuple(view.picture_id for view in views)))


async def sweep(world: World) -> None:
    await world.run_job("pictures", "sweep")


def grow_old(world: World, ms: int) -> None:
    """All files were written so long ago."""
    for folder in (world.folder / "blobs" / "pictures").glob("*/*"):
        at_s = (world.clock.now_ms() - ms) / 1000
        os.utime(folder, (at_s, at_s))


async def test_a_photo_becomes_three_widths_and_a_preview_upright_and_without_its_place(world: World) -> None:
    original = files.photo(orientation=6, size=(4000, 2000))
    assert b"secret comment" in original
    assert files.decoded(original).getexif().get_ifd(files.GPS_IFD)
    view = await upload(world, original)
    assert (view.width, view.height) == (2000, 4000)
    assert picture_of(view.url) == view.picture_id
    for name in rules.NAMES:
        data = await blob(world, view, name)
        assert data is not None
        made = files.decoded(data)
        assert made.width == int(name.split(".")[0])
        assert made.height == 2 * made.width
        assert dict(made.getexif()) == {}
        assert not {"exif", "icc_profile", "comment", "xmp"} & made.info.keys()
        assert b"secret" not in data
        assert b"Telephone" not in data
        # Turned a quarter to the right, left is up.
        top, bottom = (made.convert("RGB").getpixel((made.width // 2, made.height * part // 4)) for part in (1, 3))
        assert isinstance(top, tuple)
        assert isinstance(bottom, tuple)
        assert top[0] > 180 > bottom[0]
        assert bottom[2] > 180 > top[2]


@pytest.mark.parametrize(
    ("name", "data", "left", "right"),
    [
        ("cmyk", files.encoded(files.halves(mode="CMYK"), "JPEG"), (220, 20, 20), (20, 20, 220)),
        ("16 bits of grey", files.grey_16_bits(), (8, 8, 8), (233, 233, 233)),
        ("a palette", files.encoded(files.halves(mode="P")), (220, 20, 20), (20, 20, 220)),
        ("grey", files.encoded(files.halves(mode="L"), "JPEG"), (80, 80, 80), (43, 43, 43)),
        ("webp", files.encoded(files.halves(), "WEBP"), (220, 20, 20), (20, 20, 220)),
        ("a polyglot", files.polyglot(), (220, 20, 20), (20, 20, 220)),
    ],
)
async def test_every_kind_of_pixels_keeps_its_colours(
    world: World, name: str, data: bytes, left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    made = await blob(world, await upload(world, data))
    assert made is not None, name
    assert b"<script" not in made
    picture = files.decoded(made).convert("RGB")
    for part, wanted in ((1, left), (3, right)):
        pixel = picture.getpixel((picture.width * part // 4, picture.height // 2))
        assert isinstance(pixel, tuple)
        assert all(abs(a - b) < 40 for a, b in zip(pixel, wanted, strict=True)), (name, pixel)


async def test_transparency_stays_and_lies_on_white_where_there_is_none(world: World) -> None:
    picture = files.halves(mode="RGBA")
    picture.putalpha(0)
    view = await upload(world, files.encoded(picture))
    webp, jpeg = await blob(world, view), await blob(world, view, "1200.jpg")
    assert webp is not None
    assert jpeg is not None
    assert files.decoded(webp).getpixel((10, 10))[3] == 0  # type: ignore[index]
    assert files.decoded(jpeg).getpixel((10, 10)) == (255, 255, 255)


async def test_a_small_picture_is_not_made_larger(world: World) -> None:
    view = await upload(world, files.encoded(files.halves(90, 60)))
    for name in rules.NAMES:
        data = await blob(world, view, name)
        assert data is not None
        assert files.decoded(data).size == (90, 60)


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("nothing", b"", PICTURE_KIND),
        ("svg", files.SVG, PICTURE_KIND),
        ("html", files.HTML, PICTURE_KIND),
        ("gif", files.gif(), PICTURE_KIND),
        ("bomb", files.png_bomb(60_000, 60_000), PICTURE_TOO_LARGE),
        ("half a photo", files.photo(size=(1200, 900))[:9_000], PICTURE_UNREADABLE),
        ("half a png", files.encoded(files.halves())[:-30], PICTURE_UNREADABLE),
        ("a header and noise", files.encoded(files.halves())[:60] + bytes(range(256)) * 20, PICTURE_UNREADABLE),
    ],
)
async def test_a_bad_file_is_refused_and_leaves_nothing(world: World, name: str, data: bytes, error: WireError) -> None:
    with refused(error):
        await upload(world, data)
    assert await rows(world) == 0
    assert await world.blobs.groups("pictures") == [], name


async def test_the_same_file_again_is_the_same_picture_and_another_hosts_is_another(world: World) -> None:
    first = await upload(world, files.photo())
    assert await upload(world, files.photo()) == first
    assert (await upload(world, files.photo(), OTHER_HOST)).picture_id != first.picture_id
    assert await rows(world) == 2


async def test_a_picture_belongs_to_who_uploaded_it(world: World) -> None:
    view = await upload(world, files.photo())
    assert await use(world, view, actor=OTHER_HOST) == [view.picture_id]
    assert await use(world, view) == []


async def test_what_nobody_used_within_a_day_goes_files_first_and_what_was_used_stays(world: World) -> None:
    kept, dropped = await upload(world, files.photo()), await upload(world, files.photo(3))
    assert await use(world, kept) == []
    world.clock.advance(DAY_MS - 1)
    for _ in range(2):
        await sweep(world)
    assert await use(world, dropped) == []
    other = await upload(world, files.photo(8))
    world.clock.advance(DAY_MS + 1)
    await sweep(world)
    assert await blob(world, other) is not None, "marked in one round, deleted in the next"
    assert await use(world, other) == [other.picture_id]
    await sweep(world)
    assert await blob(world, other) is None
    assert await rows(world) == 2
    for view in (kept, dropped):
        assert await blob(world, view) is not None


async def test_the_day_begins_anew_when_the_file_is_uploaded_again(world: World) -> None:
    view = await upload(world, files.photo())
    world.clock.advance(DAY_MS - 1_000)
    assert await upload(world, files.photo()) == view
    world.clock.advance(2_000)
    for _ in range(2):
        await sweep(world)
    assert await use(world, view) == []
    assert await blob(world, view) is not None


async def test_a_crash_between_the_files_and_the_row_leaves_files_that_are_swept_and_no_broken_picture(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise ConnectionError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr("server.modules.pictures.store.insert_picture", crash)
        with pytest.raises(ConnectionError):
            await upload(world, files.photo())
    assert await rows(world) == 0
    grow_old(world, DAY_MS - 60_000)
    await sweep(world)
    assert len(await world.blobs.groups("pictures")) == 1, "an upload may be under way"
    grow_old(world, DAY_MS + 60_000)
    await sweep(world)
    assert await world.blobs.groups("pictures") == []


async def test_a_crash_after_the_files_are_deleted_is_gone_on_from(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    view = await upload(world, files.photo())
    async with world.database.begin() as connection:
        await connection.execute(update(PICTURES).values(swept_at_ms=1))

    async def crash(*_: object) -> None:
        raise ConnectionError("the database is gone")

    with monkeypatch.context() as patch:
        patch.setattr("server.modules.pictures.store.forget", crash)
        with pytest.raises(ConnectionError):
            await sweep(world)
    assert await blob(world, view) is None
    await sweep(world)
    assert await rows(world) == 0


async def test_a_sweep_and_a_use_at_once_agree(world: World) -> None:
    views = [await upload(world, files.photo(size=(40 + number, 20))) for number in range(6)]
    world.clock.advance(DAY_MS + 1)
    missing, _ = await asyncio.gather(use(world, *views), sweep(world))
    async with world.database.reading() as connection:
        swept = set(await connection.scalars(select(PICTURES.c.picture_id).where(PICTURES.c.swept_at_ms.is_not(None))))
    assert set(missing) == swept


async def test_beyond_the_places_and_the_queue_files_are_turned_away_at_once() -> None:
    room = ProcessDarkroom(at_once=1, waiting_max=1)
    data = files.encoded(files.halves())
    made = await asyncio.gather(*(room.develop(data) for _ in range(4)))
    assert [type(outcome) for outcome in made] == [Developed, Developed, Busy, Busy]
    assert isinstance(await room.develop(data), Developed), "the places are free again"


async def test_a_busy_darkroom_is_told_to_the_host(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.units._ports, Darkroom, ProcessDarkroom(at_once=0, waiting_max=0))
    with refused(RATE_LIMITED) as refusal:
        await upload(world, files.photo())
    assert refusal.extra["retry_after_ms"] > 0


async def test_whoever_is_late_is_killed() -> None:
    room = ProcessDarkroom(at_once=1, deadline_s=0.05)
    with pytest.raises(Unavailable):
        await room.develop(files.photo(size=(4000, 3000)))
    assert isinstance(await ProcessDarkroom().develop(files.photo()), Developed)


@pytest.mark.parametrize("size", [(4_000, 10_000), (8_000, 5_000)])
async def test_the_darkroom_has_limits_of_its_own_and_the_largest_pictures_fit(size: tuple[int, int]) -> None:
    """Should a file deceive the rule about its size, the decoder still refuses it."""
    assert isinstance(await ProcessDarkroom().develop(files.png_bomb(30_000, 30_000)), Broken)
    outcome = await ProcessDarkroom().develop(files.png_bomb(*size))
    assert isinstance(outcome, Developed)
    assert (outcome.width, outcome.height) == size


async def test_blobs_are_whole_and_cannot_leave_their_folder(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    for key in ("../x/y", "a/../b", "/etc/passwd", "a//b", "a/b/.c", "A/B/C"):
        with pytest.raises(ValueError):
            await blobs.put(key, b"x")
    await blobs.put("pictures/pic_1/x.webp", b"first")
    assert await blobs.get("pictures/pic_1/x.webp") == b"first"
    assert [stored.group for stored in await blobs.groups("pictures")] == ["pictures/pic_1"]
    assert os.listdir(tmp_path / "blobs" / "pictures" / "_1" / "pic_1") == ["x.webp"], "nothing half-written stays"
    for _ in range(2):
        await blobs.delete("pictures/pic_1")
    assert await blobs.get("pictures/pic_1/x.webp") is None


def test_the_job_runs_often_enough_for_the_promise_of_a_day() -> None:
    assert jobs.SWEEP_EVERY_MS * 2 < rules.UNUSED_MS
