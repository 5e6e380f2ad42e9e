"""A show is announced differently until it begins."""

from typing import Any

import pytest

from schemas.errors import FORBIDDEN, SHOW_BEGUN, SHOW_ENDED, UNKNOWN_PICTURE
from schemas.http.pictures import PictureView, picture_url
from schemas.http.shows import ShowState, ShowView
from server.kernel.module import Actor
from tests.modules.pictures import files
from tests.modules.world import BUYER, HOST, OTHER_HOST, SHOW_ID, World, refused

HOUR_MS = 3_600_000


def a_show(**changes: Any) -> dict[str, Any]:
    given = {"title": "Dresses", "description": "", "unlisted": False, "scheduled_at_ms": 5_000, "cover": None, "tags": []}
    return given | changes


async def edit(world: World, actor: Actor = HOST, **changes: Any) -> ShowState:
    state = (await world.call(actor, "PATCH", f"/api/shows/{SHOW_ID}", a_show(**changes))).view
    assert isinstance(state, ShowState)
    return state


async def cover(world: World, number: int = 0, actor: Actor = HOST) -> str:
    view = (await world.call(actor, "POST", "/api/pictures", raw=files.encoded(files.halves(60 + number, 40)))).view
    assert isinstance(view, PictureView)
    return view.picture_id


async def schedule(world: World, **more: Any) -> ShowView:
    view = (await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses", **more})).view
    assert isinstance(view, ShowView)
    return view


async def test_a_show_is_scheduled_with_a_cover_and_tags(world: World) -> None:
    first = await cover(world)
    made = {"cover": first, "tags": ["#Linen", "linen ", "summer  sale"], "scheduled_at_ms": 5_000}
    view = await schedule(world, **made)
    assert (view.cover_url, view.tags) == (picture_url(first), ["Linen", "summer sale"])
    assert await schedule(world, **made) == view


async def test_an_edit_reaches_every_player_and_again_changes_nothing(world: World) -> None:
    await schedule(world)
    first = await cover(world)
    states = [await edit(world, title="Linen", cover=first, tags=["new"], unlisted=True) for _ in range(2)]
    await world.settle()
    assert states[0] == states[1]
    view = states[0].show
    assert (view.title, view.cover_url, view.tags, view.unlisted, view.scheduled_at_ms) == (
        "Linen",
        picture_url(first),
        ["new"],
        True,
        5_000,
    )
    assert len(world.screens.pushes[f"show:{SHOW_ID}"]) == 1


async def test_without_a_cover_the_first_product_gives_one(world: World) -> None:
    await schedule(world)
    await world.publish("DRESS-M", 5)
    await world.fund("DRESS-M", 2)
    await world.settle()
    chosen = await cover(world)
    assert (await edit(world, cover=chosen)).show.cover_url == picture_url(chosen)
    assert (await edit(world)).show.cover_url == "/static/DRESS-M.svg"


async def test_only_its_host_edits_a_show_and_only_with_own_pictures(world: World) -> None:
    await schedule(world)
    with refused(FORBIDDEN):
        await edit(world, OTHER_HOST)
    foreign = await cover(world, actor=OTHER_HOST)
    with refused(UNKNOWN_PICTURE):
        await edit(world, cover=foreign)


async def test_a_show_that_has_begun_is_what_it_is(world: World) -> None:
    await schedule(world)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/start")
    with refused(SHOW_BEGUN):
        await edit(world, title="Later")
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await edit(world, title="Later")


@pytest.mark.parametrize("later", [True, False])
async def test_the_reminder_moves_with_the_show(world: World, later: bool) -> None:
    await world.know(HOST, BUYER)
    begins = world.clock.now_ms() + HOUR_MS
    await schedule(world, scheduled_at_ms=begins)
    await world.call(BUYER, "POST", "/api/notifications/remind", {"show_id": SHOW_ID, "remind": True})
    await world.settle()
    await edit(world, title="Renamed", scheduled_at_ms=begins + (2 * HOUR_MS if later else 0))
    await world.settle()

    async def told() -> int:
        for _ in range(3):
            await world.run_job("notifications", "fan_out")
        return len(world.screens.pushes.get(f"inbox:{BUYER.id}", []))

    world.clock.advance(HOUR_MS - 60_000)
    assert await told() == (0 if later else 1)
    world.clock.advance(2 * HOUR_MS)
    assert await told() == 1
