"""HTTP operations that tell the whole truth about an order: its history and its receipt."""

from schemas.http.orders import HistoryView, ReceiptView
from schemas.requests.shows import GetShow
from server.kernel.module import Call, Context, Endpoint, Reply
from server.ledger.history import LedgerHistory
from server.modules.orders import rules, store
from server.modules.orders.routes.common import known, read_order, seen_by


async def history(ctx: Context, call: Call) -> Reply:
    """Everything that happened to an order: its own changes, and what the ledger did for its holds or refused."""
    async with ctx.reading() as connection:
        order = seen_by(known(await store.order(connection, call.path["order_id"])), ctx)
        entries = await store.changes(connection, order.view.order_id)
    record = ctx.port(LedgerHistory)
    show_id = order.view.show_id
    # The first hold has the order's id; who stood in line or won a lot has another, and a late payment may have made one more.
    holds = {
        order.view.order_id,
        order.view.hold_id,
        *(entry.params["hold_id"] for entry in entries if "hold_id" in entry.params),
    }
    for hold_id in sorted(holds):
        events = await record.events(show_id, hold_id)
        refusals = [(each.at_ms, each.command, each.outcome) for each in await record.refusals(show_id, hold_id)]
        entries += rules.ledger_entries(events, refusals)
    _, seq = await record.projected(show_id)
    return Reply(HistoryView(order=order.view, entries=list(rules.ordered(entries)), ledger_seq=seq))


async def receipt(ctx: Context, call: Call) -> Reply:
    """What was paid, the tax within, and what was given back. All of it is the order's own amounts."""
    order = seen_by(await read_order(ctx, call.path["order_id"]), ctx)
    view = order.view
    show = await ctx.ask(GetShow(show_id=view.show_id))
    refunded = view.refunded or rules.nothing(order.amounts.currency)
    made = ReceiptView(
        order=view,
        show_title=show.title if show else "",
        seller_name=show.host_name if show else "",
        amounts=order.amounts,
        taxes=rules.taxes_of(view.lines, view.shipping, view.shipping_tax_minor),
        refunded=refunded,
        kept_minor=order.amounts.total_minor - refunded.total_minor,
    )
    return Reply(made)


ROUTES = (
    Endpoint("GET", "/api/orders/{order_id}/history", history, "guest", "Get all that happened to an order", view=HistoryView),
    Endpoint("GET", "/api/orders/{order_id}/receipt", receipt, "guest", "Get the receipt of an order", view=ReceiptView),
)
