"""A giveaway from the host's wish to the orders of the winners, with the real ledger and the real database."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from schemas.base import Envelope
from schemas.errors import (
    ALREADY_RUNNING,
    BLOCKED,
    FORBIDDEN,
    GIVEAWAY_NOT_OVER,
    GIVEAWAY_OVER,
    IDEMPOTENCY_CONFLICT,
    NO_ADDRESS_ON_FILE,
    NOT_ELIGIBLE,
    NOT_FOUND,
    SHOW_ENDED,
    SOLD_OUT,
    UNKNOWN_GIVEAWAY,
    UNKNOWN_SKU,
    WireError,
)
from schemas.events.giveaways import GiveawayRequested, GiveawayWon
from schemas.http.giveaways import ROLL_CALL_MS, DrawView, GiveawaysState, GiveawayView
from server.bus.tables import OUTBOX
from server.kernel.module import Actor
from server.ledger.log import read_log
from server.modules.giveaways import rules, store
from server.modules.giveaways.channel import GiveawayChannel
from tests.modules.crowd import appoint, restrain
from tests.modules.flash_sales.sale import holds
from tests.modules.world import HOST, OTHER_HOST, SHOW_ID, World, an_id, refused

LASTS_MS = 30_000
GVW = an_id("gvw", 1)


def people(count: int) -> list[Actor]:
    """Accounts that may win."""
    return [Actor(an_id("acc", 100 + number), "account", f"Viewer {number}") for number in range(count)]


def body(number: int = 1, **fields: Any) -> dict[str, Any]:
    made = {"giveaway_id": an_id("gvw", number), "show_id": SHOW_ID, "sku": "DRESS-M", "winners_max": 2, "lasts_ms": LASTS_MS}
    return {**made, **fields}


async def settle_down(world: World, *crowd: Actor) -> None:
    """These people have a session and an address."""
    await world.know(*crowd)
    for actor in crowd:
        address = {"address_id": "adr_" + actor.id[4:], "name": actor.name, "country": "DE", "city": "Bonn", "street": "Markt 1"}
        await world.call(actor, "POST", "/api/orders/addresses", address)


async def start(world: World, number: int = 1, actor: Actor = HOST, **fields: Any) -> GiveawayView:
    view = (await world.call(actor, "POST", "/api/giveaways", body(number, **fields))).view
    assert isinstance(view, GiveawayView)
    await world.settle()
    return view


async def now(world: World, number: int = 1) -> GiveawayView:
    view: Any = (await world.call(HOST, "GET", f"/api/giveaways/{SHOW_ID}")).view
    (found,) = [each for each in view.giveaways if each.giveaway_id == an_id("gvw", number)]
    assert isinstance(found, GiveawayView)
    return found


async def enter(world: World, actor: Actor, giveaway_id: str = GVW, entry: str | None = None) -> int:
    entry_id = entry or "ent_" + actor.id[4:]
    view: Any = (await world.call(actor, "POST", f"/api/giveaways/{giveaway_id}/entries", {"entry_id": entry_id})).view
    await world.settle()
    return int(view.entries)


async def here(world: World, actor: Actor) -> None:
    view: Any = (await world.call(actor, "POST", f"/api/giveaways/{GVW}/here")).view
    assert view.here


async def end(world: World) -> None:
    """The time of the giveaway is over."""
    await world.pass_time(LASTS_MS)
    await world.ledger.sweep(SHOW_ID)
    await world.settle()


async def drawn(world: World) -> None:
    """The roll call is over as well, and the job comes by twice."""
    await world.pass_time(ROLL_CALL_MS)
    await world.run_job("giveaways", "draw_due")
    await world.run_job("giveaways", "draw_due")


async def won(world: World) -> list[GiveawayWon]:
    """Facts that somebody won, as they left."""
    events = []
    entries: Any = await world.redis.xrange("bus:giveaways")
    for _, fields in entries:
        envelope = msgspec.json.decode(fields[b"e"], type=Envelope)
        if envelope.type == "giveaways.giveaway_won.v1":
            events.append(msgspec.json.decode(envelope.data, type=GiveawayWon))
    return events


async def shown(world: World) -> GiveawaysState:
    state = await world.snapshot(GiveawayChannel(), SHOW_ID)
    assert isinstance(state, GiveawaysState)
    return state


async def test_winners_are_drawn_among_those_who_are_there_and_get_a_unit_each(world: World) -> None:
    await world.open_show(funded=5)
    crowd = people(6)
    await settle_down(world, *crowd)
    asked = await start(world)
    assert (asked.state, asked.seed, len(asked.commitment)) == ("opening", "", 64)
    assert await world.pool() == (3, 2, 0)
    assert [await enter(world, actor) for actor in crowd] == [1, 2, 3, 4, 5, 6]
    await end(world)
    ended = await now(world)
    assert (ended.state, ended.entries, ended.seed) == ("ended", 6, "")
    for actor in crowd[:4]:
        await here(world, actor)
    await drawn(world)
    result = await now(world)
    assert (result.state, result.present, result.commitment) == ("drawn", 4, rules.commitment_of(result.seed))
    winners = {winner.actor_id for winner in result.winners}
    assert len(winners) == 2
    assert winners <= {actor.id for actor in crowd[:4]}
    assert {winner.name for winner in result.winners} <= {actor.name for actor in crowd}
    assert await world.pool() == (3, 0, 2)
    told = await won(world)
    assert {event.winner_id for event in told} == winners
    assert len({event.order_id for event in told}) == 2
    assert all((event.seller_id, event.sku) == (HOST.id, "DRESS-M") for event in told)
    for actor in crowd:
        pushes = [push for push in world.screens.pushes.get(f"inbox:{actor.id}", []) if push["kind"] == "giveaway_won"]
        assert len(pushes) == (actor.id in winners)


async def test_anybody_can_compute_the_draw_again(world: World) -> None:
    await world.open_show(funded=5)
    crowd = people(5)
    await settle_down(world, *crowd)
    await start(world)
    for actor in crowd:
        await enter(world, actor)
    await end(world)
    with refused(GIVEAWAY_NOT_OVER):
        await world.call(HOST, "GET", f"/api/giveaways/{GVW}/draw")
    for actor in crowd[1:]:
        await here(world, actor)
    await drawn(world)
    made = (await world.call(crowd[0], "GET", f"/api/giveaways/{GVW}/draw")).view
    assert isinstance(made, DrawView)
    assert [entrant.actor_id for entrant in made.entrants] == [actor.id for actor in crowd], "in the order of the log"
    assert [entrant.present for entrant in made.entrants] == [False, True, True, True, True]
    listed = [entrant.actor_id for entrant in made.entrants if entrant.present]
    assert made.list_digest == rules.list_digest(listed)
    assert made.winners == rules.draw(made.seed, listed, listed, made.winners_max)
    assert {winner.actor_id for winner in (await now(world)).winners} == set(made.winners)


async def test_a_repeated_draw_is_the_same_draw_whatever_was_said_in_between(world: World) -> None:
    """The process died between the ledger and SQL, and somebody says "here" late."""
    await world.open_show(funded=5)
    crowd = people(4)
    await settle_down(world, *crowd)
    await start(world, winners_max=1)
    for actor in crowd:
        await enter(world, actor)
    await end(world)
    await here(world, crowd[0])
    await world.pass_time(ROLL_CALL_MS)
    await world.run_job("giveaways", "draw_due")
    assert (await now(world)).state == "called"
    with refused(GIVEAWAY_OVER):
        await here(world, crowd[1])
    for _ in range(3):
        await world.run_job("giveaways", "draw_due")
    result = await now(world)
    assert [winner.actor_id for winner in result.winners] == [crowd[0].id]
    assert len(await won(world)) == 1
    assert await world.pool() == (4, 0, 1)
    assert await world.dead_letters() == 0


async def test_without_anybody_there_the_units_go_back(world: World) -> None:
    await world.open_show(funded=5)
    await start(world)
    await end(world)
    await drawn(world)
    result = await now(world)
    assert (result.state, result.winners) == ("drawn", [])
    assert await world.pool() == (5, 0, 0)
    await start(world, 2)
    assert (await now(world, 2)).state == "open"


async def test_one_giveaway_at_a_time_and_a_repetition_is_the_same_one(world: World) -> None:
    await world.open_show(funded=5)
    first = await start(world)
    again = await start(world)
    assert (again.giveaway_id, again.commitment) == (first.giveaway_id, first.commitment), "the seed is made once"
    with refused(ALREADY_RUNNING):
        await start(world, 2)
    with refused(IDEMPOTENCY_CONFLICT):
        await start(world, winners_max=1)
    await world.handle("giveaways", GiveawayRequested(giveaway_id=GVW, show_id=SHOW_ID))
    await world.settle()
    assert await world.pool() == (3, 2, 0)


async def test_units_that_were_sold_in_the_meantime_refuse_the_giveaway(world: World) -> None:
    await world.open_show(funded=5, per_buyer_max=5)
    await world.call(HOST, "POST", "/api/giveaways", body(winners_max=4))
    await holds(world, people(1)[0], 1, 3, sale=None)
    stuck = await now(world)
    assert (stuck.state, stuck.reason) == ("refused", "sold_out")
    await start(world, 2, winners_max=2)


async def test_who_may_take_part(world: World) -> None:
    await world.open_show(funded=5)
    moderator, blocked, viewer = people(3)
    nowhere = people(4)[3]
    await world.know(nowhere)
    await settle_down(world, moderator, blocked, viewer, OTHER_HOST)
    await appoint(world, moderator)
    await restrain(world, blocked, "block")
    await start(world)
    strangers = ((moderator, NOT_ELIGIBLE), (blocked, BLOCKED), (nowhere, NO_ADDRESS_ON_FILE))
    for actor, error in ((HOST, NOT_ELIGIBLE), (OTHER_HOST, NOT_ELIGIBLE), *strangers):
        with refused(error):
            await enter(world, actor)
    assert await enter(world, viewer) == 1
    assert await enter(world, viewer) == 1, "the same entry again"
    assert await enter(world, viewer, entry=an_id("ent", 7)) == 1, "nobody is in twice"
    mine: Any = (await world.call(viewer, "GET", f"/api/giveaways/{SHOW_ID}/mine")).view
    assert (mine.entered, mine.here) == ([GVW], [])
    with refused(UNKNOWN_GIVEAWAY):
        await enter(world, viewer, an_id("gvw", 9))
    with refused(GIVEAWAY_NOT_OVER):
        await here(world, viewer)
    await end(world)
    late = people(5)[4]
    await settle_down(world, late)
    with refused(GIVEAWAY_OVER):
        await enter(world, late)
    with refused(NOT_ELIGIBLE):
        await here(world, late)


async def test_players_are_told_what_matters_and_see_what_a_newcomer_is_given(world: World) -> None:
    await world.open_show(funded=5)
    before = await shown(world)
    crowd = people(3)
    await settle_down(world, *crowd)
    await start(world)
    for actor in crowd:
        await enter(world, actor)
    (live,) = (await shown(world)).giveaways
    assert (live.entries, live.ended, live.winners_max) == (3, False, 2)
    await folds(world, before)
    await end(world)
    assert (await shown(world)).giveaways[0].ended
    await folds(world, before)
    await drawn(world)
    assert (await shown(world)).giveaways == []
    await folds(world, before)


async def folds(world: World, state: GiveawaysState) -> None:
    kind = GiveawayChannel()
    async for event in read_log(world.redis, SHOW_ID):
        publication = kind.project(event)
        if publication is not None:
            state = kind.apply(state, publication)
    assert state == await shown(world)


async def test_the_seed_is_on_no_wire_before_the_draw(world: World) -> None:
    await world.open_show(funded=5)
    viewer = people(1)[0]
    await settle_down(world, viewer)
    await start(world)
    await enter(world, viewer)
    async with world.database.reading() as connection:
        found = await store.giveaway(connection, GVW)
        outbox = [row.payload for row in await connection.execute(select(OUTBOX.c.payload))]
    assert found is not None
    seed = found.seed.encode()
    log: Any = await world.redis.xrange(f"{{sh:{SHOW_ID}}}:log")
    public: Any = (await world.call(viewer, "GET", f"/api/giveaways/{SHOW_ID}")).view
    told = [*outbox, msgspec.json.encode(public), *(value for _, fields in log for value in fields.values())]
    assert not any(seed in bytes(text) for text in told)
    await end(world)
    await here(world, viewer)
    await drawn(world)
    assert (await now(world)).seed.encode() == seed


BAD: list[tuple[dict[str, Any], WireError]] = [
    ({"show_id": an_id("shw", 9)}, NOT_FOUND),
    ({"sku": "NO-SUCH"}, UNKNOWN_SKU),
    ({"winners_max": 6}, SOLD_OUT),
]


@pytest.mark.parametrize(("change", "error"), BAD)
async def test_a_giveaway_that_cannot_be_is_refused_by_name(world: World, change: dict[str, Any], error: WireError) -> None:
    await world.open_show(funded=5)
    with refused(error):
        await start(world, **change)
    with refused(FORBIDDEN):
        await start(world, actor=OTHER_HOST)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await start(world)
    assert await world.pool() == (5, 0, 0)


@pytest.mark.parametrize(
    "change",
    [{"winners_max": 0}, {"winners_max": 101}, {"lasts_ms": 14_999}, {"lasts_ms": 300_001}, {"giveaway_id": "x"}, {"more": 1}],
)
async def test_a_body_that_is_out_of_range_is_not_even_read(world: World, change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        await start(world, **change)
