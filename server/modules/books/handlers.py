"""Each fact that moves money becomes one transfer, whatever comes first and however often it comes. A rehearsal moves none."""

from schemas.events.orders import OrderPaid
from schemas.events.payments import DisputeClosed, DisputeOpened, PaymentCaptured, PaymentRefunded
from schemas.ids import is_rehearsal
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Context
from server.modules.books import rules, store
from server.modules.books.rules import Place, Transfer


async def order_paid(event: OrderPaid, ctx: Context) -> None:
    """The sale."""
    fee_bps = ctx.port(Settings).platform_fee_share
    place = await _place(ctx, event.order_id, event.show_id, event.seller_id)
    amounts = event.amounts or rules.of_total(event.total)
    await _record(ctx, rules.sale(place, amounts, fee_bps, event.paid_at_ms))


async def payment_captured(event: PaymentCaptured, ctx: Context) -> None:
    """The money has come."""
    place = await _place(ctx, event.order_id, event.show_id)
    await _record(ctx, rules.capture(place, event.payment_id, event.amount, event.fee, event.captured_at_ms))


async def payment_refunded(event: PaymentRefunded, ctx: Context) -> None:
    """Some of it went back."""
    place = await _place(ctx, event.order_id, event.show_id, event.seller_id)
    await _record(ctx, rules.refund(place, event.refund_id, event.amounts, event.refunded_at_ms))


async def dispute_opened(event: DisputeOpened, ctx: Context) -> None:
    """The buyer's bank has it for now."""
    place = await _place(ctx, event.order_id, event.show_id)
    await _record(ctx, rules.dispute(place, event.dispute_id, event.amount, event.opened_at_ms))


async def dispute_closed(event: DisputeClosed, ctx: Context) -> None:
    """Ours again, or gone."""
    place = await _place(ctx, event.order_id, event.show_id)
    await _record(ctx, rules.dispute_closed(place, event.dispute_id, event.amount, event.won, event.closed_at_ms))


async def _place(ctx: Context, order_id: str, show_id: str, seller_id: str = "") -> Place:
    """The seller is the show's host, whether the fact says so or not."""
    if not seller_id:
        show = await ctx.ask(GetShow(show_id=show_id))
        assert show is not None, f"money of a show that does not exist: {show_id}"
        seller_id = show.host_id
    return Place(order_id, show_id, seller_id)


async def _record(ctx: Context, transfer: Transfer) -> None:
    if is_rehearsal(transfer.show_id):
        return
    await store.record(ctx.store, transfer, ctx.now_ms)
