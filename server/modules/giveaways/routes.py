"""HTTP operations of the giveaways."""

from schemas.errors import NOT_FOUND, UNKNOWN_GIVEAWAY, Refusal, Refused
from schemas.events.giveaways import GiveawayRequested
from schemas.http.giveaways import (
    DrawView,
    EnterGiveaway,
    EntryMade,
    GiveawayListView,
    GiveawayView,
    HereView,
    MyEntriesView,
    StartGiveaway,
)
from schemas.http.shows import ShowView
from schemas.ids import is_rehearsal
from schemas.requests.moderation import GetDoor
from schemas.requests.orders import GetAddress
from schemas.requests.shows import GetShow
from server.kernel.ids import new_secret
from server.kernel.module import Call, Context, Endpoint, Reply
from server.ledger.ledger import Ledger
from server.ledger.rules import Enter
from server.modules.giveaways import rules, store
from server.modules.giveaways.rules import Giveaway


async def start_giveaway(ctx: Context, call: Call) -> Reply:
    """Write a giveaway down; the ledger puts the units aside a moment later. The same id with the same content again is the same
    answer."""
    body: StartGiveaway = call.body
    show = await _show(ctx, body.show_id)
    async with ctx.reading() as connection:
        known = await store.giveaway(connection, body.giveaway_id)
    if known is None:
        pools = {pool.sku: pool.available for pool in (await ctx.port(Ledger).pools(body.show_id)).pools}
        made = rules.start(body, show, ctx.actor.id, pools.get(body.sku), new_secret(), ctx.now_ms)
        if isinstance(made, Refusal):
            raise made.refused()
        if await store.insert_giveaway(ctx.store, made):
            ctx.publish(GiveawayRequested(giveaway_id=made.giveaway_id, show_id=made.show_id))
            return Reply(rules.view(made, (), 0), 201)
        known = await store.giveaway(ctx.store, body.giveaway_id)
    if refusal := rules.repeated(known, body, ctx.actor.id):
        raise refusal.refused()
    assert known is not None, body
    return Reply(rules.view(known, (), 0), 201)


async def list_giveaways(ctx: Context, call: Call) -> Reply:
    """The show's giveaways with their winners."""
    await _show(ctx, call.path["show_id"])
    async with ctx.reading() as connection:
        found = await store.giveaways_of(connection, call.path["show_id"])
        ids = [each.giveaway_id for each in found]
        winners, present = await store.winners(connection, ids), await store.present(connection, ids)
    views = [rules.view(each, winners[each.giveaway_id], present.get(each.giveaway_id, 0)) for each in found]
    return Reply(GiveawayListView(giveaways=views))


async def enter(ctx: Context, call: Call) -> Reply:
    """Take part: accounts with an address (in a rehearsal nothing is sent, so without), but nobody of the shop."""
    body: EnterGiveaway = call.body
    found = await _giveaway(ctx, call)
    door = await ctx.ask(GetDoor(host_id=found.host_id))
    reachable = is_rehearsal(found.show_id) or await ctx.ask(GetAddress(actor_id=ctx.actor.id)) is not None
    if refusal := rules.may_enter(ctx.actor.id, ctx.actor.is_host, door, has_address=reachable):
        raise refusal.refused()
    command = Enter(command_id=body.entry_id, giveaway_id=found.giveaway_id, entrant_id=ctx.actor.id)
    entries = rules.entered(await ctx.port(Ledger).submit(found.show_id, command))
    if isinstance(entries, Refusal):
        raise entries.refused()
    await store.put_entry(ctx.store, found.giveaway_id, found.show_id, ctx.actor.id, name=ctx.actor.name)
    return Reply(EntryMade(giveaway_id=found.giveaway_id, entries=entries), 201)


async def say_here(ctx: Context, call: Call) -> Reply:
    """Who takes part says "here" when the giveaway has ended; whoever does not cannot win."""
    found = await _giveaway(ctx, call)
    async with ctx.reading() as connection:
        has_entered = await store.has_entered(connection, found.giveaway_id, ctx.actor.id)
    if refusal := rules.may_say_here(found, has_entered, ctx.now_ms):
        raise refusal.refused()
    here = await store.say_here(ctx.store, found.giveaway_id, ctx.actor.id, ctx.now_ms)
    return Reply(HereView(giveaway_id=found.giveaway_id, here=here))


async def my_entries(ctx: Context, call: Call) -> Reply:
    """What the caller takes part in."""
    async with ctx.reading() as connection:
        found = await store.entries_of(connection, call.path["show_id"], ctx.actor.id)
    return Reply(MyEntriesView(entered=[each for each, _ in found], here=[each for each, here in found if here]))


async def get_draw(ctx: Context, call: Call) -> Reply:
    """Everything that a draw was made of."""
    found = await _giveaway(ctx, call)
    async with ctx.reading() as connection:
        made = rules.draw_view(found, await store.entrants(connection, found.giveaway_id))
    if isinstance(made, Refusal):
        raise made.refused()
    return Reply(made)


async def _giveaway(ctx: Context, call: Call) -> Giveaway:
    async with ctx.reading() as connection:
        found = await store.giveaway(connection, call.path["giveaway_id"])
    if found is None:
        raise Refused(UNKNOWN_GIVEAWAY)
    return found


async def _show(ctx: Context, show_id: str) -> ShowView:
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    return show


ROUTES = (
    Endpoint(
        "POST",
        "/api/giveaways",
        start_giveaway,
        "host",
        "Give something away",
        body=StartGiveaway,
        view=GiveawayView,
        status=201,
    ),
    Endpoint("GET", "/api/giveaways/{show_id}", list_giveaways, "anyone", "List the giveaways of a show", view=GiveawayListView),
    Endpoint(
        "POST",
        "/api/giveaways/{giveaway_id}/entries",
        enter,
        "account",
        "Take part in a giveaway",
        body=EnterGiveaway,
        view=EntryMade,
        status=201,
    ),
    Endpoint("POST", "/api/giveaways/{giveaway_id}/here", say_here, "account", "Say that one is there", view=HereView),
    Endpoint("GET", "/api/giveaways/{show_id}/mine", my_entries, "guest", "What one takes part in", view=MyEntriesView),
    Endpoint("GET", "/api/giveaways/{giveaway_id}/draw", get_draw, "anyone", "What a draw was made of", view=DrawView),
)
