"""What people are told when something happens, and the module's answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.events.notifications import HostUnfollowed
from schemas.events.orders import OrderCancelled, OrderConfirmed, OrderShipped
from schemas.events.payments import PaymentRefunded
from schemas.events.questions import QuestionAnswered
from schemas.events.shows import ShowChanged, ShowEnded, ShowScheduled, ShowStarted
from schemas.http.notifications import NotificationView
from schemas.ids import is_rehearsal
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.notifications import IsFollowing, Notify
from schemas.requests.orders import GetOrder
from server.kernel.module import Context
from server.modules.notifications import rules, store
from server.modules.notifications.channel import tell


async def show_scheduled(event: ShowScheduled, ctx: Context) -> None:
    """Who asks for it will be reminded ten minutes before."""
    due_at_ms = rules.reminder_due_at_ms(event.scheduled_at_ms, ctx.now_ms)
    if due_at_ms is not None:
        await store.insert_fanout(ctx.store, "show_reminder", event.show_id, event.host_id, due_at_ms)


async def show_changed(event: ShowChanged, ctx: Context) -> None:
    """The reminder moves with the show."""
    if not event.rescheduled:
        return  # whoever is just being reminded goes on being so
    await store.end_fanouts(ctx.store, event.show_id, "show_reminder")
    due_at_ms = rules.reminder_due_at_ms(event.scheduled_at_ms, ctx.now_ms)
    if due_at_ms is not None:
        await store.insert_fanout(ctx.store, "show_reminder", event.show_id, event.host_id, due_at_ms)


async def show_started(event: ShowStarted, ctx: Context) -> None:
    """Followers and those who wait are told, by a job: there may be many. Nobody waits for a rehearsal."""
    if is_rehearsal(event.show_id):
        return
    await store.end_fanouts(ctx.store, event.show_id, "show_reminder")
    await store.insert_fanout(ctx.store, "show_started", event.show_id, event.host_id, ctx.now_ms)


async def show_ended(event: ShowEnded, ctx: Context) -> None:
    """Who has not heard of the show by now need not."""
    await store.end_fanouts(ctx.store, event.show_id, "show_reminder", "show_started")
    await store.drop_reminders(ctx.store, event.show_id)


async def order_confirmed(event: OrderConfirmed, ctx: Context) -> None:
    """The buyer may be elsewhere by now."""
    order = await ctx.ask(GetOrder(order_id=event.order_id))
    assert order is not None, event
    await tell(ctx, rules.order_confirmed(order, ctx.now_ms), [order.buyer_id])


async def order_cancelled(event: OrderCancelled, ctx: Context) -> None:
    """The buyer hears why."""
    order = await ctx.ask(GetOrder(order_id=event.order_id))
    assert order is not None, event
    notification = rules.order_cancelled(order, event.reason, ctx.now_ms)
    if notification is not None:
        await tell(ctx, notification, [order.buyer_id])


async def order_shipped(event: OrderShipped, ctx: Context) -> None:
    """The buyer can follow the parcel."""
    order = await ctx.ask(GetOrder(order_id=event.order_id))
    assert order is not None, event
    await tell(ctx, rules.order_shipped(order, event, ctx.now_ms), [event.buyer_id])


async def payment_refunded(event: PaymentRefunded, ctx: Context) -> None:
    """The buyer hears that money comes back, and how much, before the bank shows it."""
    order = await ctx.ask(GetOrder(order_id=event.order_id))
    assert order is not None, event
    await tell(ctx, rules.order_refunded(order, event, ctx.now_ms), [order.buyer_id])


async def question_answered(event: QuestionAnswered, ctx: Context) -> None:
    """Whoever asked may have left before the host came to it."""
    await tell(ctx, rules.question_answered(event, ctx.now_ms), [event.asker_id])


async def is_following(request: IsFollowing, ctx: Context) -> bool:
    """Whether somebody follows a host."""
    async with ctx.reading() as connection:
        return await store.is_following(connection, request.actor_id, request.host_id)


async def notify(request: Notify, ctx: Context) -> None:
    """Another module tells somebody something."""
    assert rules.is_own_path(request.link), f"not a path of this site: {request.link}"
    notification = NotificationView(
        notification_id=request.notification_id,
        kind=request.kind,
        params={name: rules.clip(text) for name, text in request.params.items()},
        link=request.link,
        created_at_ms=ctx.now_ms,
    )
    await tell(ctx, notification, [request.actor_id])


async def erase(event: ActorErased, ctx: Context) -> None:
    """Whom somebody follows, their inbox, their browsers and what was still to be pushed to them: all of it goes."""
    for host_id in await store.forget_person(ctx.store, event.actor_id):
        ctx.publish(HostUnfollowed(host_id=host_id, actor_id=event.actor_id, unfollowed_at_ms=ctx.now_ms))


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What somebody is told, wants to be told, and where."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
