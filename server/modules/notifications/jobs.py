"""Timed work of the module `notifications`: telling many, sending pushes, forgetting."""

import asyncio
import base64
import hashlib
import random

import msgspec

from schemas.requests.shows import GetShow
from server.kernel.log import get_logger
from server.kernel.metrics import counter
from server.kernel.module import Context
from server.modules.notifications import rules, store
from server.modules.notifications.adapters import Answer, Gone, Later, Push, PushSender, Rejected, Taken
from server.modules.notifications.adapters.words import PushWords
from server.modules.notifications.channel import tell
from server.modules.notifications.store import Delivery

BATCH = 500
"""People told in one transaction: tens of milliseconds, in which nobody else writes to SQLite."""
SENT_MAX = 60
"""Pushes of one round: three times the sender's connections, so that with nothing but time-outs a round takes 30 s, half of what
a job may."""

PUSHES = counter("notifications_pushes_total", "Pushes by what the push service said", ("answer",))

log = get_logger(__name__)


class PushText(msgspec.Struct, frozen=True, kw_only=True):
    """What the service worker gets, as JSON. `tag` replaces an older notification that says the same."""

    title: str
    body: str
    link: str
    tag: str
    locale: str
    at_ms: int


async def fan_out(ctx: Context) -> None:
    """Tell the next batch of those whom a show concerns."""
    async with ctx.reading() as connection:
        due = await store.due_fanout(connection, ctx.now_ms)
    if due is None:
        return
    show = await ctx.ask(GetShow(show_id=due.show_id))
    audience = rules.audience(due.kind, show)
    fanout = await store.lock_fanout(ctx.store, due)
    if fanout is None:
        return
    told: list[str] = []
    if show is not None and audience != "nobody":
        told = await store.people(ctx.store, fanout, with_followers=audience == "everybody", count=BATCH)
        await tell(ctx, rules.of_show(fanout.kind, show, ctx.now_ms), told)
    if len(told) == BATCH:
        await store.move_fanout(ctx.store, fanout, told[-1], ctx.now_ms)
        return
    await store.end_fanouts(ctx.store, fanout.show_id, fanout.kind)
    if fanout.kind == "show_started":
        await store.drop_reminders(ctx.store, fanout.show_id)


async def deliver(ctx: Context) -> None:
    """Send what is due, all at once, and note what the push services said.

    Sent before it is noted, so at least once: a worker that dies in between sends again what was sent, and the topic and the tag
    make one notification of the two. That two workers do not send the same is the job's lease.
    """
    async with ctx.reading() as connection:
        due = await store.due_deliveries(connection, ctx.now_ms, SENT_MAX)
        expired = await store.has_expired(connection, ctx.now_ms)
        key = await store.private_key(connection)
    answers: list[Answer] = []
    if due:
        assert key is not None, "a browser cannot subscribe before there is a key"
        sender, words = ctx.port(PushSender), ctx.port(PushWords)  # type: ignore[type-abstract]
        answers = await asyncio.gather(*(sender.send(_push(delivery, key, words)) for delivery in due))
    for delivery, answer in zip(due, answers, strict=True):
        await _note(ctx, delivery, answer)
    if expired:
        await store.drop_expired(ctx.store, ctx.now_ms)


async def forget(ctx: Context) -> None:
    """Nobody scrolls back for months."""
    await store.forget(ctx.store, ctx.now_ms - rules.KEPT_MS)


def _push(delivery: Delivery, key: str, words: PushWords) -> Push:
    notification = delivery.notification
    post = rules.POSTS[notification.kind]
    title, body = words.of(notification.kind, notification.params, delivery.locale)
    text = PushText(
        title=title,
        body=body,
        link=notification.link,
        tag=notification.notification_id,
        locale=delivery.locale,
        at_ms=notification.created_at_ms,
    )
    return Push(
        endpoint=delivery.endpoint,
        p256dh=delivery.p256dh,
        auth=delivery.auth,
        private_key=key,
        text=msgspec.json.encode(text),
        ttl_s=post.ttl_s,
        urgency=post.urgency,
        topic=_topic(notification.notification_id),
    )


def _topic(notification_id: str) -> str:
    """32 characters of base64url (RFC 8030 §5.4), which tell the push service nothing."""
    return base64.urlsafe_b64encode(hashlib.sha256(notification_id.encode()).digest()[:24]).decode()


async def _note(ctx: Context, delivery: Delivery, answer: Answer) -> None:
    PUSHES.labels(type(answer).__name__.lower()).inc()
    match answer:
        case Taken():
            await store.drop_delivery(ctx.store, delivery.delivery_id)
        case Gone():
            await store.drop_subscription(ctx.store, delivery)
        case Rejected(reason=reason):
            log.error("a push service rejects a push", subscription=delivery.subscription_id, reason=reason)
            await store.drop_delivery(ctx.store, delivery.delivery_id)
        case Later(reason=reason, not_before_ms=not_before_ms):
            attempts = delivery.attempts + 1
            at_ms = rules.retry_at_ms(attempts, not_before_ms, delivery.expires_at_ms, random.random(), ctx.now_ms)
            if at_ms is None:
                log.warning("a push is given up", subscription=delivery.subscription_id, reason=reason)
                await store.drop_delivery(ctx.store, delivery.delivery_id)
            else:
                await store.retry_delivery(ctx.store, delivery.delivery_id, attempts, at_ms)
