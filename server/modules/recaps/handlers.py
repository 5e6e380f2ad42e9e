"""Each fact about a show is noted once, under its own id, whatever comes first and however often it comes.

Facts that carry no time of their own get the moment at which they are heard, a few milliseconds later.
"""

from schemas.events.auctions import LotSold, LotUnsold
from schemas.events.chat import MessagePosted
from schemas.events.flash_sales import FlashSaleOpened
from schemas.events.giveaways import GiveawayStarted, GiveawayWon
from schemas.events.guests import GuestAdmitted
from schemas.events.ledger import WaitJoined
from schemas.events.orders import OrderPaid, OrderPlaced
from schemas.events.payments import PaymentRefunded
from schemas.events.polls import PollClosed
from schemas.events.questions import QuestionAnswered, QuestionAsked
from schemas.events.shows import ProductPinned, ProductUnpinned, ShowEnded, ShowStarted
from schemas.requests.orders import GetOrder
from server.channels.audience import Audience
from server.kernel.module import Context
from server.modules.recaps import rules, store
from server.modules.recaps.rules import Fact, Show


async def show_started(event: ShowStarted, ctx: Context) -> None:
    """From now on its audience is counted."""
    started_ms = event.started_at_ms
    await store.begin(ctx.store, Show(event.show_id, event.host_id, started_ms, None, started_ms, 0, 0))


async def show_ended(event: ShowEnded, ctx: Context) -> None:
    """The audience is counted once more, up to the end."""
    (seen,) = await ctx.port(Audience).count([event.show_id])
    await store.end(ctx.store, event.show_id, event.ended_at_ms)
    show = await store.show(ctx.store, event.show_id, lock=True)
    if show is not None:  # None: it ended without having begun
        await store.save_sample(ctx.store, *rules.sample(show, *seen, ctx.now_ms))


async def pinned(event: ProductPinned, ctx: Context) -> None:
    """A product came into the players."""
    at_ms = event.pinned_at_ms
    await store.add_fact(ctx.store, event.show_id, Fact("pin", f"{event.sku}:{at_ms}", at_ms, event.sku))


async def unpinned(event: ProductUnpinned, ctx: Context) -> None:
    """A product left the players."""
    at_ms = event.unpinned_at_ms or ctx.now_ms
    await store.add_fact(ctx.store, event.show_id, Fact("unpin", f"{event.sku}:{at_ms}", at_ms, event.sku))


async def message_posted(event: MessagePosted, ctx: Context) -> None:
    """Somebody said something."""
    await store.add_fact(ctx.store, event.show_id, Fact("message", event.message_id, event.posted_at_ms))


async def question_asked(event: QuestionAsked, ctx: Context) -> None:
    """Somebody asked."""
    await store.add_fact(ctx.store, event.show_id, Fact("question", event.question_id, event.asked_at_ms))


async def question_answered(event: QuestionAnswered, ctx: Context) -> None:
    """The host answered."""
    await store.add_fact(ctx.store, event.show_id, Fact("answered", event.question_id, event.answered_at_ms))


async def poll_closed(event: PollClosed, ctx: Context) -> None:
    """Everybody has voted."""
    fact = Fact("poll", event.poll_id, event.closed_at_ms, quantity=sum(event.counts))
    await store.add_fact(ctx.store, event.show_id, fact)


async def order_placed(event: OrderPlaced, ctx: Context) -> None:
    """Somebody wants to buy."""
    order = await ctx.ask(GetOrder(order_id=event.order_id))
    at_ms = ctx.now_ms if order is None else order.placed_at_ms
    await store.add_fact(ctx.store, event.show_id, Fact("placed", event.order_id, at_ms))


async def order_paid(event: OrderPaid, ctx: Context) -> None:
    """Somebody bought: the money may come long after the order, which is what the show did."""
    order = await ctx.ask(GetOrder(order_id=event.order_id))
    at_ms = event.paid_at_ms if order is None else order.placed_at_ms
    total = event.total
    paid = Fact("paid", event.order_id, at_ms, currency=total.currency, amount_minor=total.amount_minor)
    await store.add_fact(ctx.store, event.show_id, paid)
    for line in () if order is None else order.lines:
        goods_minor = line.total.amount_minor - line.discount_minor
        fact_id = f"{event.order_id}:{line.sku}:{line.sale_id or ''}"
        unit = Fact("unit", fact_id, at_ms, line.sku, line.quantity, line.total.currency, goods_minor)
        await store.add_fact(ctx.store, event.show_id, unit)


async def payment_refunded(event: PaymentRefunded, ctx: Context) -> None:
    """Some of it went back."""
    back = event.amounts
    fact = Fact("refunded", event.refund_id, event.refunded_at_ms, currency=back.currency, amount_minor=back.total_minor)
    await store.add_fact(ctx.store, event.show_id, fact)


async def flash_sale_opened(event: FlashSaleOpened, ctx: Context) -> None:
    """A flash sale was announced, or began."""
    sku = event.skus[0] if len(event.skus) == 1 else ""
    await store.add_fact(ctx.store, event.show_id, Fact("flash_sale", event.sale_id, event.starts_at_ms, sku))


async def lot_sold(event: LotSold, ctx: Context) -> None:
    """The hammer fell."""
    price = event.price
    fact = Fact("lot_sold", event.lot_id, ctx.now_ms, event.sku, event.quantity, price.currency, price.amount_minor)
    await store.add_fact(ctx.store, event.show_id, fact)


async def lot_unsold(event: LotUnsold, ctx: Context) -> None:
    """Nobody has it."""
    await store.add_fact(ctx.store, event.show_id, Fact("lot_unsold", event.lot_id, ctx.now_ms, event.sku, reason=event.reason))


async def giveaway_started(event: GiveawayStarted, ctx: Context) -> None:
    """People may take part."""
    await store.add_fact(ctx.store, event.show_id, Fact("giveaway", event.giveaway_id, ctx.now_ms, event.sku))


async def giveaway_won(event: GiveawayWon, ctx: Context) -> None:
    """Somebody was lucky."""
    await store.add_fact(ctx.store, event.show_id, Fact("giveaway_won", event.order_id, ctx.now_ms, event.sku))


async def guest_admitted(event: GuestAdmitted, ctx: Context) -> None:
    """A guest was on stage; one who comes back is the same guest."""
    await store.add_fact(ctx.store, event.show_id, Fact("guest", event.participant_id, ctx.now_ms))


async def wait_joined(event: WaitJoined, ctx: Context) -> None:
    """Somebody would have bought what was sold out."""
    await store.add_fact(ctx.store, event.show_id, Fact("wait", event.wait_id, event.at_ms, event.sku))
