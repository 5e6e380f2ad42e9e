"""HTTP operations of flash sales and waiting lines."""

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, NOT_FOUND, Refusal, Refused
from schemas.events.flash_sales import FlashSaleClosing, FlashSaleRequested
from schemas.http.flash_sales import JoinWaitlist, SaleRecord, SaleRecordsView, StartFlashSale, WaitsView, WaitView
from schemas.http.shows import ShowView
from schemas.ids import derived_id
from schemas.requests.catalog import GetOffers
from schemas.requests.moderation import GetDoor
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Call, Context, Endpoint, Reply
from server.ledger.ledger import Ledger
from server.ledger.rules import HoldLine, Leave, Release, Wait, Waiting
from server.modules.flash_sales import rules, store

TAKEN = "A flash sale with this id exists; make a new id for a new sale."


async def start_sale(ctx: Context, call: Call) -> Reply:
    """Write a flash sale down; the ledger opens it a moment later. The same id with the same content again is the same answer."""
    body: StartFlashSale = call.body
    show = await _show(ctx, body.show_id)
    async with ctx.reading() as connection:
        known = await store.sale(connection, body.sale_id)
    if known is None:
        offers = await ctx.ask(GetOffers(show_id=body.show_id))
        made = rules.start(body, show, ctx.actor.id, offers, ctx.now_ms)
        if isinstance(made, Refusal):
            raise made.refused()
        if await store.insert_sale(ctx.store, made):
            if stacked := await store.insert_items(ctx.store, made):
                raise rules.stacked(stacked).refused()
            ctx.publish(FlashSaleRequested(sale_id=made.sale_id, show_id=made.show_id))
            return Reply(rules.record(made), 201)
        # The same request came twice at the same time, and the other one was first.
        known = await store.sale(ctx.store, body.sale_id)
        assert known is not None, body.sale_id
    if not rules.is_repetition(known, body, ctx.actor.id):
        raise Refused(IDEMPOTENCY_CONFLICT, TAKEN)
    return Reply(rules.record(known), 201)


async def list_sales(ctx: Context, call: Call) -> Reply:
    """The show's flash sales, with what their products cost before. It is no secret: buyers may check what they were shown."""
    await _show(ctx, call.path["show_id"])
    async with ctx.reading() as connection:
        found = await store.sales_of(connection, call.path["show_id"])
    return Reply(SaleRecordsView(sales=[rules.record(each) for each in found]))


async def close_sale(ctx: Context, call: Call) -> Reply:
    """End a flash sale before its time; one that is over stays as it is. Holds that were made in it stay."""
    async with ctx.reading() as connection:
        known = await store.sale(connection, call.path["sale_id"])
    if known is None:
        raise Refused(NOT_FOUND, "There is no such flash sale.")
    if known.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show ends its flash sales.")
    found = await store.sale(ctx.store, known.sale_id, lock=True)
    assert found is not None, known
    after = rules.closing(found)
    if after != found:
        await store.update_sale(ctx.store, after)
        ctx.publish(FlashSaleClosing(sale_id=after.sale_id, show_id=after.show_id))
    return Reply(rules.record(after))


async def join_line(ctx: Context, call: Call) -> Reply:
    """Stand in line for units that others hold. The same id again is the same place."""
    body: JoinWaitlist = call.body
    show = await _show(ctx, body.show_id)
    door = await ctx.ask(GetDoor(host_id=show.host_id))
    if refusal := rules.may_wait(show, door.turns_away(ctx.actor.id)):
        raise refusal.refused()
    line = HoldLine(body.sku, body.quantity, body.sale_id or "")
    hold_ms = ctx.port(Settings).hold_duration_ms
    wish = Wait(command_id=body.wait_id, buyer_id=ctx.actor.id, line=line, hold_ms=hold_ms)
    outcome = await ctx.port(Ledger).submit(body.show_id, wish)
    made = rules.waiter(body, ctx.actor.id, outcome, ctx.now_ms)
    if isinstance(made, Refusal):
        raise made.refused()
    await store.put_wait(ctx.store, made)
    known = await store.wait(ctx.store, body.wait_id)
    assert known is not None, body
    place = outcome.place if isinstance(outcome, Waiting) else 0
    return Reply(rules.wait_view(known, place, ctx.now_ms), 201)


async def leave_line(ctx: Context, call: Call) -> Reply:
    """Stand in line no more, or give back what one's turn brought, so that the next one has it at once."""
    async with ctx.reading() as connection:
        known = await store.wait(connection, call.path["wait_id"])
    if known is None:
        raise Refused(NOT_FOUND, "There is no such place in line.")
    if known.buyer_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's place.")
    ledger = ctx.port(Ledger)
    await ledger.submit(known.show_id, Leave(command_id=derived_id(known.wait_id, "leave"), wait_id=known.wait_id))
    # Their turn may have come in this very moment: what is held for them by now is given back too.
    await ledger.submit(known.show_id, Release(command_id=derived_id(known.wait_id, "release"), hold_id=known.wait_id))
    await store.leave(ctx.store, known.wait_id)
    return Reply(rules.wait_view(rules.gone(known), 0, ctx.now_ms))


async def my_waits(ctx: Context, call: Call) -> Reply:
    """The caller's places in the lines of a show."""
    async with ctx.reading() as connection:
        found = await store.waits_of(connection, call.path["show_id"], ctx.actor.id)
        places = [await store.place(connection, each) if each.state == "waiting" else 0 for each in found]
    views = [rules.wait_view(each, place, ctx.now_ms) for each, place in zip(found, places, strict=True)]
    return Reply(WaitsView(waits=[view for view in views if view.state != "left"]))


async def _show(ctx: Context, show_id: str) -> ShowView:
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    return show


ROUTES = (
    Endpoint(
        "POST",
        "/api/flash_sales",
        start_sale,
        "host",
        "Start a flash sale, at once or after a countdown",
        body=StartFlashSale,
        view=SaleRecord,
        status=201,
    ),
    Endpoint("GET", "/api/flash_sales/{show_id}", list_sales, "anyone", "List the flash sales of a show", view=SaleRecordsView),
    Endpoint("POST", "/api/flash_sales/{sale_id}/close", close_sale, "host", "End a flash sale", view=SaleRecord),
    Endpoint(
        "POST",
        "/api/flash_sales/waits",
        join_line,
        "guest",
        "Stand in line for a product that is sold out",
        body=JoinWaitlist,
        view=WaitView,
        status=201,
    ),
    Endpoint("DELETE", "/api/flash_sales/waits/{wait_id}", leave_line, "guest", "Stand in line no more", view=WaitView),
    Endpoint("GET", "/api/flash_sales/{show_id}/waits", my_waits, "guest", "One's own places in line", view=WaitsView),
)
