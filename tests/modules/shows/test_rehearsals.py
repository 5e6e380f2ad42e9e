"""Rehearsals: made once, one at a time, for the host alone, and in no list."""

from typing import Any

import msgspec
import pytest

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, NOT_FOUND, NOT_IN_REHEARSAL, REHEARSAL_RUNNING, SHOW_ENDED
from schemas.http.shows import RunOfShowState, ShowListView, ShowState, ShowView
from schemas.requests.shows import GetListedShows
from server.kernel.module import SYSTEM, Actor
from server.modules.shows.jobs import REHEARSAL_MS_MAX
from tests.modules.shows.test_run_of_show import INTRO
from tests.modules.world import BUYER, HOST, OTHER_HOST, SHOW_ID, World, an_id, refused

REH = an_id("reh", 1)
AGAIN = an_id("reh", 2)
BODY = {"show_id": SHOW_ID, "title": "Dresses", "description": "Silk, and how it is made.", "tags": ["silk", "autumn"]}


async def rehearse(world: World, rehearsal_id: str = REH, show_id: str = SHOW_ID, actor: Actor = HOST) -> ShowView:
    reply = await world.call(actor, "POST", f"/api/shows/{show_id}/rehearsal", {"rehearsal_id": rehearsal_id})
    assert (reply.status, type(reply.view)) == (201, ShowView)
    assert isinstance(reply.view, ShowView)
    await world.settle()
    return reply.view


async def running(world: World, actor: Actor = HOST) -> ShowView:
    view = (await world.call(actor, "GET", f"/api/shows/{SHOW_ID}/rehearsal")).view
    assert isinstance(view, ShowView)
    return view


async def state(world: World, show_id: str) -> ShowState:
    view = (await world.call(BUYER, "GET", f"/api/shows/{show_id}")).view
    assert isinstance(view, ShowState)
    return view


async def test_a_rehearsal_says_what_its_show_says_and_has_its_run(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {**BODY, "scheduled_at_ms": world.clock.now_ms() + 86_400_000})
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/run", {"version": 0, "items": [INTRO]})
    made = await rehearse(world)
    show = (await state(world, SHOW_ID)).show
    copied = ("host_id", "host_name", "title", "description", "tags", "cover_url")
    assert [getattr(made, name) for name in copied] == [getattr(show, name) for name in copied]
    assert (made.show_id, made.rehearsal_of, made.state, made.unlisted) == (REH, SHOW_ID, "scheduled", True)
    assert (show.rehearsal_of, made.scheduled_at_ms) == (None, world.clock.now_ms())
    runs: list[Any] = [(await world.call(HOST, "GET", f"/api/shows/{each}/run")).view for each in (SHOW_ID, REH)]
    assert isinstance(runs[1], RunOfShowState)
    assert runs[1].items == runs[0].items != []
    assert (await state(world, REH)).show == await running(world) == made


async def test_the_same_rehearsal_is_made_once_and_a_second_one_waits_for_the_first(world: World) -> None:
    await world.open_show(funded=5)
    made = await rehearse(world)
    assert await rehearse(world) == made
    with refused(REHEARSAL_RUNNING) as refusal:
        await rehearse(world, AGAIN)
    assert refusal.extra == {"rehearsal_id": REH}
    await world.call(HOST, "POST", f"/api/shows/{REH}/end")
    with refused(NOT_FOUND):
        await running(world)
    assert (await rehearse(world)).state == "ended", "a retry that comes late is no new rehearsal"
    assert (await rehearse(world, AGAIN)).state == "scheduled"
    assert (await running(world)).show_id == AGAIN


async def test_one_id_is_one_rehearsal_of_one_show(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", BODY)
    await world.call(HOST, "POST", "/api/shows", {**BODY, "show_id": an_id("shw", 2)})
    await rehearse(world)
    with refused(IDEMPOTENCY_CONFLICT):
        await rehearse(world, REH, an_id("shw", 2))
    assert (await running(world)).rehearsal_of == SHOW_ID


async def test_only_its_host_rehearses_a_show_and_sees_that_it_is_rehearsed(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", BODY)
    with refused(FORBIDDEN):
        await rehearse(world, actor=OTHER_HOST)
    with refused(NOT_FOUND):
        await rehearse(world, show_id=an_id("shw", 9))
    with refused(NOT_FOUND):
        await running(world)
    await rehearse(world)
    with refused(FORBIDDEN):
        await running(world, OTHER_HOST)
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "POST", f"/api/shows/{REH}/start")


async def test_what_is_over_or_a_rehearsal_itself_is_not_rehearsed(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", BODY)
    await rehearse(world)
    with refused(NOT_IN_REHEARSAL):
        await rehearse(world, AGAIN, REH)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await rehearse(world, AGAIN)


async def test_a_rehearsal_is_in_no_list_and_cannot_be_announced(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", BODY)
    made = await rehearse(world)
    listed: Any = (await world.call(HOST, "GET", "/api/shows")).view
    assert isinstance(listed, ShowListView)
    assert [show.show_id for show in listed.shows] == [SHOW_ID]
    async with world.units(SYSTEM) as ctx:
        assert [show.show_id for show in await ctx.ask(GetListedShows())] == [SHOW_ID]
    edit = {"title": "Hats", "description": "", "unlisted": False, "scheduled_at_ms": 1, "cover": None, "tags": []}
    with refused(NOT_IN_REHEARSAL):
        await world.call(HOST, "PATCH", f"/api/shows/{REH}", edit)
    with refused(NOT_IN_REHEARSAL):
        await world.call(BUYER, "POST", "/api/notifications/remind", {"show_id": REH, "remind": True})
    assert (await state(world, REH)).show == made


async def test_nobody_schedules_a_rehearsal_by_hand(world: World) -> None:
    with pytest.raises(msgspec.ValidationError, match="show_id"):
        await world.call(HOST, "POST", "/api/shows", {**BODY, "show_id": REH})
    with refused(NOT_FOUND):
        await state(world, REH)


async def test_a_forgotten_rehearsal_ends_by_itself_and_its_show_does_not(world: World) -> None:
    await world.open_show()
    await rehearse(world)
    await world.call(HOST, "POST", f"/api/shows/{REH}/start")
    world.clock.advance(REHEARSAL_MS_MAX)
    await world.run_job("shows", "end_forgotten")
    assert (await state(world, REH)).show.state == "live"
    world.clock.advance(1)
    await world.run_job("shows", "end_forgotten")
    ended = await state(world, REH)
    assert (ended.show.state, ended.show.ended_at_ms) == ("ended", world.clock.now_ms())
    assert (await state(world, SHOW_ID)).show.state == "live"
    assert world.screens.pushes[f"show:{REH}"][-1]["show"]["state"] == "ended"
    await world.run_job("shows", "end_forgotten")
    assert (await rehearse(world, AGAIN)).state == "scheduled", "the next one may begin"
