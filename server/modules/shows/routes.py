"""HTTP operations of shows."""

from collections.abc import Callable

from schemas.errors import (
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    NOT_FOUND,
    SHOW_ENDED,
    UNKNOWN_PICTURE,
    Refusal,
    Refused,
    WireError,
)
from schemas.events.shows import ProductUnpinned, RehearsalMade, ShowChanged, ShowEnded, ShowScheduled, ShowStarted
from schemas.http.catalog import OfferView
from schemas.http.shows import (
    EditShow,
    GoToRunItem,
    IngestView,
    MakeRehearsal,
    PinProduct,
    RunOfShowState,
    ScheduleShow,
    SetRunOfShow,
    ShowListView,
    ShowState,
    ShowView,
)
from schemas.requests.catalog import GetOffers
from schemas.requests.pictures import UsePictures
from server.kernel.config import Settings
from server.kernel.ids import new_secret
from server.kernel.module import Call, Context, Endpoint, Reply, Store
from server.modules.shows import rules, store
from server.modules.shows.channel import run_state, save, save_run, show_state
from server.modules.shows.rules import Run, Show

Change = Callable[[Show, list[OfferView]], Show | WireError]


async def list_shows(ctx: Context, call: Call) -> Reply:
    """Shows for the start page."""
    async with ctx.reading() as connection:
        found = await store.shows(connection, ctx.actor.id)
    return Reply(ShowListView(shows=rules.listing_order(found)))


async def schedule_show(ctx: Context, call: Call) -> Reply:
    """Make a show. The same id with the same content again is the same answer."""
    body: ScheduleShow = call.body
    made = rules.scheduled(body, ctx.actor.id, ctx.actor.name, ctx.now_ms)
    if await store.insert_show(ctx.store, made, new_secret(), ctx.now_ms):
        view = made.view
        await _use_cover(ctx, () if body.cover is None else (body.cover,))
        ctx.publish(
            ShowScheduled(show_id=view.show_id, host_id=view.host_id, title=view.title, scheduled_at_ms=view.scheduled_at_ms)
        )
        return Reply(view, 201)
    stored = await store.show(ctx.store, body.show_id)
    if stored is None or not rules.is_repetition(stored, body, ctx.actor.id):
        raise Refused(IDEMPOTENCY_CONFLICT, "A show with this id exists; make a new id for a new show.")
    return Reply(stored.view, 201)


async def make_rehearsal(ctx: Context, call: Call) -> Reply:
    """Rehearse a show: copy what it says and its run. The same id again is the same answer."""
    body: MakeRehearsal = call.body
    show = await _own_show(ctx, ctx.store, call, lock=True)
    if (known := await store.show(ctx.store, body.rehearsal_id)) is not None:
        if known.view.rehearsal_of != show.view.show_id:
            raise Refused(IDEMPOTENCY_CONFLICT, "A rehearsal with this id exists; make a new id for a new rehearsal.")
        return Reply(known.view, 201)
    refusal = rules.may_rehearse(show, await store.rehearsal(ctx.store, show.view.show_id))
    if refusal is not None:
        raise refusal.refused()
    made = rules.rehearsed(show, body.rehearsal_id, ctx.now_ms)
    await store.insert_show(ctx.store, made, new_secret(), ctx.now_ms)
    run = await store.run(ctx.store, show.view.show_id)
    if run.items:
        await store.save_run(ctx.store, made.view.show_id, Run(), Run(items=run.items, version=1))
    ctx.publish(RehearsalMade(rehearsal_id=made.view.show_id, show_id=show.view.show_id, host_id=show.view.host_id))
    return Reply(made.view, 201)


async def get_rehearsal(ctx: Context, call: Call) -> Reply:
    """The rehearsal of a show that has not ended."""
    async with ctx.reading() as connection:
        show = await _own_show(ctx, connection, call)
        found = await store.rehearsal(connection, show.view.show_id)
    if found is None:
        raise Refused(NOT_FOUND, "No rehearsal of this show is running.")
    return Reply(found.view)


async def get_show(ctx: Context, call: Call) -> Reply:
    """A show as its players see it; an unlisted one too, for whoever has its link."""
    async with ctx.reading() as connection:
        found = await store.show(connection, call.path["show_id"])
    if found is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    return Reply(show_state(found, await ctx.ask(GetOffers(show_id=found.view.show_id))))


async def edit_show(ctx: Context, call: Call) -> Reply:
    """Announce a show differently, until it begins. The same again changes nothing."""
    body: EditShow = call.body
    before, after, state = await _change(ctx, call, lambda show, offers: rules.edit(show, body, offers))
    if after != before:
        await _use_cover(ctx, rules.new_cover(before, body.cover))
        view = after.view
        ctx.publish(
            ShowChanged(
                show_id=view.show_id,
                host_id=view.host_id,
                title=view.title,
                scheduled_at_ms=view.scheduled_at_ms,
                rescheduled=view.scheduled_at_ms != before.view.scheduled_at_ms,
            )
        )
    return Reply(state)


async def get_calendar(ctx: Context, call: Call) -> Reply:
    """The date of a show that has not ended, for the calendar of whoever wants to see it."""
    async with ctx.reading() as connection:
        found = await store.show(connection, call.path["show_id"])
    if found is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if found.view.state == "ended":
        raise Refused(SHOW_ENDED)
    text = rules.calendar(found, ctx.port(Settings).origin, ctx.now_ms)
    headers = {"content-disposition": f'attachment; filename="{found.view.show_id}.ics"'}
    return Reply(headers=headers, content=text.encode())


async def start_show(ctx: Context, call: Call) -> Reply:
    """Go live."""
    before, after, state = await _change(ctx, call, lambda show, offers: rules.start(show, ctx.now_ms))
    if before.view.state != after.view.state:
        ctx.publish(ShowStarted(show_id=after.view.show_id, host_id=after.view.host_id, started_at_ms=ctx.now_ms))
    return Reply(state)


async def end_show(ctx: Context, call: Call) -> Reply:
    """End the show for good."""
    before, after, state = await _change(ctx, call, lambda show, offers: rules.end(show, ctx.now_ms))
    if before.view.state != after.view.state:
        ctx.publish(ShowEnded(show_id=after.view.show_id, ended_at_ms=ctx.now_ms))
    return Reply(state)


async def pin_product(ctx: Context, call: Call) -> Reply:
    """Show a product in every player; the oldest of three makes room."""
    body: PinProduct = call.body
    before, after, state = await _change(ctx, call, lambda show, offers: rules.pin(show, body.sku, offers))
    _publish_unpinned(ctx, before, after)
    return Reply(state)


async def unpin_product(ctx: Context, call: Call) -> Reply:
    """Take a product away from the players."""
    body: PinProduct = call.body
    before, after, state = await _change(ctx, call, lambda show, offers: rules.unpin(show, body.sku))
    _publish_unpinned(ctx, before, after)
    return Reply(state)


async def get_run(ctx: Context, call: Call) -> Reply:
    """The run of show as its host has planned it."""
    async with ctx.reading() as connection:
        show = await _own_show(ctx, connection, call)
        return Reply(run_state(await store.run(connection, show.view.show_id)))


async def set_run(ctx: Context, call: Call) -> Reply:
    """Put the steps in another order, all at once."""
    body: SetRunOfShow = call.body
    offers = await ctx.ask(GetOffers(show_id=call.path["show_id"]))
    show = await _own_show(ctx, ctx.store, call, lock=True)
    before = await store.run(ctx.store, show.view.show_id)
    after = rules.set_run(before, body, offers)
    if isinstance(after, Refusal):
        raise after.refused()
    await save_run(ctx, show.view.show_id, before, after)
    return Reply(run_state(after))


async def go_to_run_item(ctx: Context, call: Call) -> Reply:
    """Go on to a step of the run: its product is pinned, the one before is unpinned."""
    body: GoToRunItem = call.body
    offers = await ctx.ask(GetOffers(show_id=call.path["show_id"]))
    show = await _own_show(ctx, ctx.store, call, lock=True)
    run = await store.run(ctx.store, show.view.show_id)
    moved = rules.go_to(show, run, body.item_id, offers, ctx.now_ms)
    if isinstance(moved, WireError):
        raise Refused(moved)
    after, run_after = moved
    await save(ctx, show, after, offers)
    _publish_unpinned(ctx, show, after)
    await save_run(ctx, show.view.show_id, run, run_after)
    return Reply(run_state(run_after))


async def get_ingest(ctx: Context, call: Call) -> Reply:
    """Where and with which token the host publishes, for OBS and other WHIP clients (RFC 9725)."""
    origin = ctx.port(Settings).origin
    async with ctx.reading() as connection:
        show = await _own_show(ctx, connection, call)
        token = await store.ingest_token(connection, show.view.show_id)
    assert token is not None, show
    return Reply(IngestView(whip_url=f"{origin}/whip/{show.view.show_id}", token=token), headers={"Cache-Control": "no-store"})


async def _change(ctx: Context, call: Call, change: Change) -> tuple[Show, Show, ShowState]:
    offers = await ctx.ask(GetOffers(show_id=call.path["show_id"]))
    before = await _own_show(ctx, ctx.store, call, lock=True)
    after = change(before, offers)
    if isinstance(after, WireError):
        raise Refused(after)
    await save(ctx, before, after, offers)
    return before, after, show_state(after, offers)


async def _own_show(ctx: Context, reader: Store, call: Call, *, lock: bool = False) -> Show:
    show = await store.show(reader, call.path["show_id"], lock=lock)
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if show.view.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show may do this.")
    return show


async def _use_cover(ctx: Context, picture_ids: tuple[str, ...]) -> None:
    missing = await ctx.ask(UsePictures(owner_id=ctx.actor.id, picture_ids=picture_ids)) if picture_ids else []
    if missing:
        raise Refused(UNKNOWN_PICTURE, "Upload the cover again; it is gone, or somebody else's.", field="/cover")


def _publish_unpinned(ctx: Context, before: Show, after: Show) -> None:
    for sku in before.pinned:
        if sku not in after.pinned:
            ctx.publish(ProductUnpinned(show_id=after.view.show_id, sku=sku, unpinned_at_ms=ctx.now_ms))


ROUTES = (
    Endpoint("GET", "/api/shows", list_shows, "anyone", "List shows: live, next, ended", view=ShowListView),
    Endpoint("POST", "/api/shows", schedule_show, "host", "Schedule a show", body=ScheduleShow, view=ShowView, status=201),
    Endpoint("GET", "/api/shows/{show_id}", get_show, "anyone", "Get a show", view=ShowState),
    Endpoint("PATCH", "/api/shows/{show_id}", edit_show, "host", "Edit a show before it begins", body=EditShow, view=ShowState),
    Endpoint(
        *("GET", "/api/shows/{show_id}/calendar.ics", get_calendar, "anyone", "The show for a calendar (RFC 5545)"),
        produces="text/calendar; charset=utf-8",
    ),
    Endpoint("POST", "/api/shows/{show_id}/start", start_show, "host", "Go live", view=ShowState),
    Endpoint("POST", "/api/shows/{show_id}/end", end_show, "host", "End the show", view=ShowState),
    Endpoint("POST", "/api/shows/{show_id}/pin", pin_product, "host", "Pin a product", body=PinProduct, view=ShowState),
    Endpoint("POST", "/api/shows/{show_id}/unpin", unpin_product, "host", "Unpin a product", body=PinProduct, view=ShowState),
    Endpoint("POST", "/api/shows/{show_id}/rehearsal", make_rehearsal, "host", "Rehearse a show", MakeRehearsal, ShowView, 201),
    Endpoint("GET", "/api/shows/{show_id}/rehearsal", get_rehearsal, "host", "Get the running rehearsal", view=ShowView),
    Endpoint("GET", "/api/shows/{show_id}/run", get_run, "host", "Get the run of show", view=RunOfShowState),
    Endpoint(
        "POST", "/api/shows/{show_id}/run", set_run, "host", "Order the run of show", body=SetRunOfShow, view=RunOfShowState
    ),
    Endpoint(
        "POST", "/api/shows/{show_id}/run/current", go_to_run_item, "host", "Go to a step", body=GoToRunItem, view=RunOfShowState
    ),
    Endpoint("GET", "/api/shows/{show_id}/ingest", get_ingest, "host", "Get the address and token to publish", view=IngestView),
)
