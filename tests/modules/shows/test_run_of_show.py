"""The run of show over HTTP and on its channel, over a real database: whole orders, conflicts, going on, and who sees it."""

from typing import Any

from sqlalchemy import func, select

from schemas.errors import FORBIDDEN, NOT_FOUND, RUN_CHANGED, SHOW_ENDED, UNKNOWN_RUN_ITEM
from schemas.http.shows import RunOfShowState, ShowState
from server.kernel.module import Actor
from server.modules.shows.channel import RunOfShowChannel, ShowChannel
from server.modules.shows.tables import RUN_ITEMS
from tests.modules.world import BUYER, HOST, OTHER_HOST, SHOW_ID, World, an_id, refused

CHANNEL = f"run_of_show:{SHOW_ID}"
RUN = f"/api/shows/{SHOW_ID}/run"
INTRO = {"item_id": an_id("seg", 1), "title": "Intro", "note": "say hello", "planned_minutes": 3}
DRESS = {"item_id": "DRESS-M", "sku": "DRESS-M", "planned_minutes": 10}
HAT = {"item_id": "HAT", "sku": "HAT"}


async def a_show(world: World) -> None:
    await world.open_show()
    await world.publish("HAT", 10, number=2)
    await world.fund("HAT", 5, number=2)
    await world.settle()


async def put(world: World, version: int, *items: dict[str, Any], actor: Actor = HOST) -> RunOfShowState:
    view = (await world.call(actor, "POST", RUN, {"version": version, "items": list(items)})).view
    assert isinstance(view, RunOfShowState)
    return view


async def go_to(world: World, item_id: str, actor: Actor = HOST) -> RunOfShowState:
    view = (await world.call(actor, "POST", f"{RUN}/current", {"item_id": item_id})).view
    assert isinstance(view, RunOfShowState)
    return view


async def pinned(world: World) -> list[str]:
    view = await world.snapshot(ShowChannel(), SHOW_ID)
    assert isinstance(view, ShowState)
    return view.pinned


def ids(state: RunOfShowState) -> list[str]:
    return [item.item_id for item in state.items]


async def test_every_change_of_the_run_reaches_the_studios_whole(world: World) -> None:
    kind = RunOfShowChannel()
    await a_show(world)
    empty = await world.snapshot(kind, SHOW_ID)
    assert (empty.version, empty.items, empty.current_id) == (0, [], None)
    await put(world, 0, INTRO, DRESS, HAT)
    await world.settle()
    await put(world, 1, HAT, INTRO, DRESS)
    await world.settle()
    await put(world, 1, HAT, INTRO, DRESS)  # the answer was lost
    await go_to(world, INTRO["item_id"])  # type: ignore[arg-type]
    await world.settle()
    await go_to(world, "DRESS-M")
    await go_to(world, "DRESS-M")
    await world.settle()
    now = await world.snapshot(kind, SHOW_ID)
    assert [push["version"] for push in world.screens.pushes[CHANNEL]] == [1, 2, 3, 4]
    assert ids(now) == ["HAT", INTRO["item_id"], "DRESS-M"]
    assert (now.items[1].title, now.items[1].note, now.items[1].planned_minutes) == ("Intro", "say hello", 3)
    assert (now.current_id, now.current_since_ms) == ("DRESS-M", world.clock.now_ms())
    assert world.fold(kind, CHANNEL, empty) == now == (await world.call(HOST, "GET", RUN)).view
    assert world.fold(kind, CHANNEL, now) == now


async def test_two_studios_that_sort_at_once_lose_nothing_unseen(world: World) -> None:
    await a_show(world)
    first = await put(world, 0, INTRO, DRESS, HAT)
    second = await put(world, first.version, HAT, INTRO, DRESS)
    with refused(RUN_CHANGED) as refusal:
        await put(world, first.version, DRESS, HAT)
    assert refusal.extra["version"] == second.version
    assert (await world.call(HOST, "GET", RUN)).view == second
    async with world.database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(RUN_ITEMS)) == 3


async def test_going_on_pins_the_next_product_in_every_player_and_unpins_the_one_before(world: World) -> None:
    await a_show(world)
    await put(world, 0, DRESS, INTRO)
    await go_to(world, "DRESS-M")
    assert await pinned(world) == ["DRESS-M"]
    await go_to(world, "HAT")  # sold in the show and never put in order
    assert await pinned(world) == ["HAT"]
    await go_to(world, str(INTRO["item_id"]))
    assert await pinned(world) == []
    with refused(UNKNOWN_RUN_ITEM):
        await go_to(world, an_id("seg", 9))
    emptied = await put(world, 4)
    assert (emptied.items, emptied.current_id) == ([], None)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await go_to(world, "HAT")


async def test_nobody_but_the_host_sees_or_changes_the_run(world: World) -> None:
    await a_show(world)
    await put(world, 0, INTRO)
    await world.settle()
    kind = RunOfShowChannel()
    async with world.units(HOST) as ctx:
        facts = await kind.load(ctx, SHOW_ID)
    assert facts is not None
    assert kind.authorise(HOST, facts) is None
    assert [kind.authorise(actor, facts) for actor in (OTHER_HOST, BUYER)] == [FORBIDDEN, FORBIDDEN]
    for body, path in (({"version": 1, "items": []}, RUN), ({"item_id": "HAT"}, f"{RUN}/current")):
        with refused(FORBIDDEN):
            await world.call(OTHER_HOST, "POST", path, body)
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "GET", RUN)
    with refused(NOT_FOUND):
        await world.call(HOST, "GET", f"/api/shows/{an_id('shw', 9)}/run")
    assert not any("say hello" in str(pushes) for channel, pushes in world.screens.pushes.items() if channel != CHANNEL)
