"""Shows over HTTP, on their channel and in their answers."""

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, NOT_FOUND, SHOW_ENDED, UNKNOWN_SKU
from schemas.events.media import StreamEnded, StreamStarted
from schemas.http.shows import IngestView, ShowListView, ShowState
from schemas.requests.shows import CheckIngestToken, GetShow
from server.kernel.module import SYSTEM
from server.modules.shows.channel import ShowChannel
from tests.modules.world import BUYER, HOST, OTHER_HOST, SHOW_ID, World, an_id, refused

BODY = {"show_id": SHOW_ID, "title": "Dresses"}
CHANNEL = f"show:{SHOW_ID}"


async def state(world: World) -> ShowState:
    view = (await world.call(BUYER, "GET", f"/api/shows/{SHOW_ID}")).view
    assert isinstance(view, ShowState)
    return view


async def test_a_show_is_made_once(world: World) -> None:
    first = await world.call(HOST, "POST", "/api/shows", BODY)
    world.clock.advance(1_000)
    again = await world.call(HOST, "POST", "/api/shows", BODY)
    assert (first.status, first.view) == (again.status, again.view) == (201, first.view)
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(HOST, "POST", "/api/shows", {**BODY, "title": "Hats"})
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(OTHER_HOST, "POST", "/api/shows", BODY)


async def test_an_unlisted_show_is_listed_for_its_host_alone_but_open_to_whoever_has_the_link(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {**BODY, "unlisted": True})
    await world.call(HOST, "POST", "/api/shows", {"show_id": an_id("shw", 2), "title": "Hats"})

    async def listed(actor: object) -> set[str]:
        view = (await world.call(actor, "GET", "/api/shows")).view  # type: ignore[arg-type]
        assert isinstance(view, ShowListView)
        return {show.title for show in view.shows}

    assert await listed(HOST) == {"Dresses", "Hats"}
    assert await listed(OTHER_HOST) == await listed(BUYER) == {"Hats"}
    assert (await state(world)).show.title == "Dresses"


async def test_only_its_host_runs_a_show(world: World) -> None:
    await world.open_show()
    for method, action in (("POST", "start"), ("POST", "end"), ("GET", "ingest")):
        with refused(FORBIDDEN):
            await world.call(OTHER_HOST, method, f"/api/shows/{SHOW_ID}/{action}")
        with refused(NOT_FOUND):
            await world.call(HOST, method, f"/api/shows/{an_id('shw', 9)}/{action}")
    for action in ("pin", "unpin"):
        with refused(FORBIDDEN):
            await world.call(OTHER_HOST, "POST", f"/api/shows/{SHOW_ID}/{action}", {"sku": "DRESS-M"})
    with refused(NOT_FOUND):
        await world.call(BUYER, "GET", f"/api/shows/{an_id('shw', 9)}")


async def test_every_change_reaches_the_players_with_a_higher_version(world: World) -> None:
    kind = ShowChannel()
    await world.call(HOST, "POST", "/api/shows", BODY)
    empty = await world.snapshot(kind, SHOW_ID)
    await world.publish("DRESS-M", 10)
    await world.fund("DRESS-M", 5)
    await world.settle()
    for action, body in (
        ("start", None),
        ("pin", {"sku": "DRESS-M"}),
        ("pin", {"sku": "DRESS-M"}),
        ("unpin", {"sku": "DRESS-M"}),
        ("end", None),
        ("end", None),
    ):
        reply = await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/{action}", body)
        assert reply.view == await state(world)
        await world.settle()  # versions that wait together are sent as the newest of them
    pushes = world.screens.pushes[CHANNEL]
    assert [push["version"] for push in pushes] == [2, 3, 4, 5, 6]
    assert [push["show"]["state"] for push in pushes] == ["scheduled", "live", "live", "live", "ended"]
    assert pushes[0]["offers"][0]["sku"] == "DRESS-M"
    assert pushes[0]["show"]["cover_url"] == "/static/DRESS-M.svg"
    assert [push["pinned"] for push in pushes] == [[], [], ["DRESS-M"], [], []]
    now = await world.snapshot(kind, SHOW_ID)
    assert world.fold(kind, CHANNEL, empty) == now == await state(world)
    assert world.fold(kind, CHANNEL, now) == now
    with refused(SHOW_ENDED):
        await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/start")


async def test_only_what_the_show_sells_can_be_pinned(world: World) -> None:
    await world.open_show()
    with refused(UNKNOWN_SKU):
        await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/pin", {"sku": "HAT"})
    assert (await state(world)).pinned == []


async def test_the_stream_comes_and_goes_without_ending_the_show(world: World) -> None:
    await world.open_show()
    now_ms = world.clock.now_ms()
    await world.emit(StreamStarted(stream_id=SHOW_ID, node_id="med_1", started_at_ms=now_ms))
    assert (await state(world)).show.on_air
    await world.emit(StreamStarted(stream_id=SHOW_ID, node_id="med_1", started_at_ms=now_ms))
    await world.emit(StreamEnded(stream_id=SHOW_ID, node_id="med_1", ended_at_ms=now_ms + 1))
    after = await state(world)
    assert (after.show.on_air, after.show.state) == (False, "live")
    await world.emit(StreamStarted(stream_id=an_id("shw", 9), node_id="med_1", started_at_ms=now_ms))
    assert await world.dead_letters() == 0


async def test_the_host_reads_the_stream_token_which_opens_the_show_until_it_ends(world: World) -> None:
    await world.open_show()
    reply = await world.call(HOST, "GET", f"/api/shows/{SHOW_ID}/ingest")
    assert isinstance(reply.view, IngestView)
    assert reply.view.whip_url == f"http://127.0.0.1:8080/whip/{SHOW_ID}"
    token = reply.view.token
    assert len(token) >= 43, "256 bits"

    async def opens(show_id: str, given: str) -> bool:
        async with world.units(SYSTEM) as ctx:
            return await ctx.ask(CheckIngestToken(show_id=show_id, token=given))

    assert await opens(SHOW_ID, token)
    assert not await opens(SHOW_ID, token[:-1])
    assert not await opens(an_id("shw", 9), token)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    assert not await opens(SHOW_ID, token)


async def test_other_modules_can_ask_for_a_show(world: World) -> None:
    await world.open_show()
    async with world.units(SYSTEM) as ctx:
        found = await ctx.ask(GetShow(show_id=SHOW_ID))
        missing = await ctx.ask(GetShow(show_id="no id at all"))
    assert found == (await state(world)).show
    assert missing is None
