"""Decisions of notifications: who is told what, what an inbox shows, and when a push is tried again. Pure."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from schemas.events.orders import OrderShipped
from schemas.events.payments import PaymentRefunded
from schemas.events.questions import QuestionAnswered
from schemas.http.notifications import INBOX_MAX, InboxRead, InboxState, NotificationKind, NotificationView
from schemas.http.orders import OrderView
from schemas.http.shows import ShowView
from schemas.ids import derived_id

FanoutKind = Literal["show_started", "show_reminder"]

SOON_MS = 10 * 60_000
"""How long before its start a show is announced to those who asked."""
FOLLOWS_MAX = 500
"""Hosts that one person follows, and shows that one person waits for."""
SUBSCRIPTIONS_MAX = 10
"""Browsers of one person that take pushes; an eleventh takes the place of the oldest."""
KEPT_MS = 90 * 24 * 3_600_000
"""How long a notification, or the wish to hear of a show that never started, is remembered."""
TEXT_LENGTH_MAX = 200
"""Of one word in a notification that people wrote themselves; with it every push fits into one record of 4,096 bytes."""

PARCEL_LENGTH_MAX = 80
"""Of a carrier's name and of a tracking number, which share a record with a title."""

ATTEMPTS_MAX = 8
"""With the pauses below these are spread over about four minutes when the push service says nothing, longer when it does."""
BACKOFF_MS = 2_000
BACKOFF_MS_MAX = 5 * 60_000

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S


class Post(NamedTuple):
    """How a push service should treat a push: `ttl_s` is how long it is worth being delivered (RFC 8030 §5.2), `urgency` whether
    it may wake a device whose battery is low (§5.3)."""

    ttl_s: int
    urgency: Literal["normal", "high"]


POSTS: dict[NotificationKind, Post] = {
    "show_started": Post(HOUR_S, "high"),
    "show_reminder": Post(SOON_MS // 1_000, "high"),
    "outbid": Post(10 * MINUTE_S, "high"),
    "order_confirmed": Post(24 * HOUR_S, "normal"),
    "order_cancelled": Post(24 * HOUR_S, "normal"),
    "order_shipped": Post(24 * HOUR_S, "normal"),
    "order_refunded": Post(24 * HOUR_S, "normal"),
    "question_answered": Post(HOUR_S, "normal"),
    "webhook_failed": Post(24 * HOUR_S, "normal"),
    "your_turn": Post(5 * MINUTE_S, "high"),
    "giveaway_won": Post(24 * HOUR_S, "high"),
    "lot_won": Post(HOUR_S, "high"),
    "lot_sold": Post(HOUR_S, "normal"),
    "lot_offered": Post(HOUR_S, "high"),
}


# Who is told what


def notification_id(kind: NotificationKind, subject_id: str) -> str:
    """The same cause gives the same id, so that telling it again changes nothing."""
    return derived_id(kind, subject_id, "ntf")


def of_show(kind: FanoutKind, show: ShowView, now_ms: int) -> NotificationView:
    """A show starts, or will soon."""
    params = {"title": clip(show.title), "host": clip(show.host_name)}
    return _of(kind, show.show_id, _watch(show.show_id), params, now_ms)


def order_confirmed(order: OrderView, now_ms: int) -> NotificationView:
    """For the buyer."""
    return _of("order_confirmed", order.order_id, _watch(order.show_id), {"title": _goods(order)}, now_ms)


def order_cancelled(order: OrderView, reason: str, now_ms: int) -> NotificationView | None:
    """For the buyer, unless it was they who cancelled."""
    if reason == "buyer":
        return None
    params = {"title": _goods(order), "reason": reason}
    return _of("order_cancelled", order.order_id, _watch(order.show_id), params, now_ms)


def order_shipped(order: OrderView, event: OrderShipped, now_ms: int) -> NotificationView:
    """For the buyer. The carriers that have no number, or a host who did not type it, leave `tracking` empty."""
    params = {
        "title": _goods(order),
        "carrier": clip(event.carrier, PARCEL_LENGTH_MAX),
        "tracking": clip(event.tracking, PARCEL_LENGTH_MAX),
        "tracked": "yes" if event.tracking else "no",
    }
    return _of("order_shipped", order.order_id, f"/order/{order.order_id}", params, now_ms)


def order_refunded(order: OrderView, event: PaymentRefunded, now_ms: int) -> NotificationView:
    """For the buyer, once for each refund of an order. Readers write the amount as their language does."""
    amounts = event.amounts
    params = {"title": _goods(order), "amount_minor": str(amounts.total_minor), "currency": amounts.currency}
    return _of("order_refunded", event.refund_id, f"/order/{order.order_id}", params, now_ms)


def question_answered(event: QuestionAnswered, now_ms: int) -> NotificationView:
    """For whoever asked."""
    return _of("question_answered", event.question_id, _watch(event.show_id), {"text": clip(event.text)}, now_ms)


def is_own_path(link: str) -> bool:
    """Whether a link stays on this site: `//host` would not."""
    return link.startswith("/") and not link.startswith(("//", "/\\"))


def clip(text: str, most: int = TEXT_LENGTH_MAX) -> str:
    """At most `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def reminder_due_at_ms(scheduled_at_ms: int, now_ms: int) -> int | None:
    """When to announce a show; None when that time is over already."""
    due_at_ms = scheduled_at_ms - SOON_MS
    return due_at_ms if due_at_ms > now_ms else None


def audience(kind: FanoutKind, show: ShowView | None) -> Literal["everybody", "who_asked", "nobody"]:
    """Whom to tell: followers hear of shows that are listed, who asked has the link of an unlisted one as well. A show that is
    over, or has started before it could be announced, is no news."""
    wanted = "live" if kind == "show_started" else "scheduled"
    if show is None or show.state != wanted:
        return "nobody"
    return "everybody" if kind == "show_started" and not show.unlisted else "who_asked"


def _of(kind: NotificationKind, subject_id: str, link: str, params: dict[str, str], now_ms: int) -> NotificationView:
    return NotificationView(
        notification_id=notification_id(kind, subject_id),
        kind=kind,
        params=params,
        link=link,
        created_at_ms=now_ms,
    )


def _watch(show_id: str) -> str:
    return f"/watch/{show_id}"


def _goods(order: OrderView) -> str:
    return clip(order.lines[0].title)


# What an inbox shows


def inbox(notifications: Sequence[NotificationView], read_up_to_ms: int) -> InboxState:
    """The newest notifications, oldest first. A mark that is older than all of them says nothing more and is 0: so the state
    depends on what the list has and on nothing that is forgotten."""
    kept = sorted(notifications, key=lambda each: (each.created_at_ms, each.notification_id))[-INBOX_MAX:]
    tells = any(each.created_at_ms <= read_up_to_ms for each in kept)
    return InboxState(notifications=kept, read_up_to_ms=read_up_to_ms if tells else 0)


def applied(state: InboxState, publication: NotificationView | InboxRead) -> InboxState:
    """The inbox after a publication; one that it contains already changes nothing."""
    if isinstance(publication, InboxRead):
        return inbox(state.notifications, max(state.read_up_to_ms, publication.read_up_to_ms))
    if any(each.notification_id == publication.notification_id for each in state.notifications):
        return state
    return inbox([*state.notifications, publication], state.read_up_to_ms)


def after_mark(notification: NotificationView, read_up_to_ms: int) -> NotificationView:
    """What comes after the mark is unread, even when the clock of the process that tells it is a little late."""
    if notification.created_at_ms > read_up_to_ms:
        return notification
    return msgspec.structs.replace(notification, created_at_ms=read_up_to_ms + 1)


# Pushes


def subscription_id(endpoint: str) -> str:
    """The same browser subscribes once."""
    return "sub_" + hashlib.sha256(endpoint.encode()).hexdigest()[:32]


def endpoint_fault(endpoint: str, trusted: Collection[str]) -> str | None:
    """Why the server sends nothing to this address, or None. `trusted` are the `host:port` that the operator names; all others
    are public push services: https, at its usual port. That the name leads to a public address is checked at every connection."""
    try:
        parsed = urlsplit(endpoint)
        host, port = parsed.hostname or "", parsed.port or (443 if parsed.scheme == "https" else 80)
    except ValueError:
        return "The endpoint is not an address."
    if not host or parsed.username is not None or parsed.fragment or not endpoint.isascii() or not endpoint.isprintable():
        return "The endpoint is not an address of a push service."
    if f"{host}:{port}" in trusted:
        return None
    if parsed.scheme != "https" or port != 443:
        return "A push service is reached by https, at port 443."
    return None


def retry_at_ms(attempts: int, not_before_ms: int, expires_at_ms: int, share: float, now_ms: int) -> int | None:
    """When to send again after `attempts` failures; None: never, because it was enough or will be too late. `not_before_ms` is
    what the push service wishes (Retry-After), `share` of [0, 1) spreads what failed together."""
    if attempts >= ATTEMPTS_MAX:
        return None
    pause_ms = min(BACKOFF_MS * 2 ** (attempts - 1), BACKOFF_MS_MAX)
    at_ms = max(not_before_ms, now_ms + round(pause_ms * (1 + share) / 2))
    return at_ms if at_ms < expires_at_ms else None
