"""Decisions of webhooks: what is told to whom, which addresses are allowed, when a delivery is tried again or given up. Pure."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

import msgspec

from schemas.base import Event
from schemas.events.auctions import LotAnnounced, LotOffered, LotSold, LotUnsold
from schemas.events.flash_sales import FlashSaleEnded, FlashSaleOpened
from schemas.events.orders import (
    GoodsReturned,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    RefundRequested,
)
from schemas.events.payments import (
    DisputeClosed,
    DisputeOpened,
    PaymentAuthorised,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    RefundFailed,
)
from schemas.events.shows import ShowEnded, ShowScheduled, ShowStarted
from schemas.http.webhooks import HookEvent, HookMessage, HookState
from schemas.ids import derived_id

EVENTS: Mapping[type[Event], HookEvent] = {
    OrderPlaced: "order.placed",
    OrderConfirmed: "order.confirmed",
    OrderPaid: "order.paid",
    OrderCancelled: "order.cancelled",
    OrderShipped: "order.shipped",
    OrderDelivered: "order.delivered",
    GoodsReturned: "order.returned",
    RefundRequested: "order.refund_requested",
    PaymentAuthorised: "payment.authorised",
    PaymentFailed: "payment.failed",
    PaymentCaptured: "payment.captured",
    PaymentVoided: "payment.voided",
    PaymentRefunded: "payment.refunded",
    RefundFailed: "payment.refund_failed",
    DisputeOpened: "payment.dispute_opened",
    DisputeClosed: "payment.dispute_closed",
    LotAnnounced: "lot.announced",
    LotSold: "lot.sold",
    LotOffered: "lot.offered",
    LotUnsold: "lot.unsold",
    FlashSaleOpened: "flash_sale.opened",
    FlashSaleEnded: "flash_sale.ended",
    ShowScheduled: "show.scheduled",
    ShowStarted: "show.started",
    ShowEnded: "show.ended",
}
"""Facts that leave the server. Requested payments and 3-D Secure steps do not: they carry the token of a card and a link that
is the buyer's alone."""
PING = "ping"

PAUSES_MS = (5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000)
"""After each failure: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h (Standard Webhooks); after the eighth try it is given up."""
JITTER = 0.1
"""Of a pause, so that what failed together does not come back together."""
DISABLED_AFTER_MS = 5 * 24 * 3_600_000
ROTATION_MS = 24 * 3_600_000
"""How long an old secret signs beside the new one."""
QUEUE_MAX = 10_000
"""Deliveries that wait for one endpoint. What comes then is given up at once, and can be replayed."""
REPLAY_MAX = 5_000
KEPT_MS = 30 * 24 * 3_600_000
CLAIM_MS = 60_000
"""A delivery that was begun is nobody else's for so long; longer than any request takes. After a crash it is sent again."""
PAGE = 50


class Target(NamedTuple):
    """An endpoint as a delivery needs it."""

    url: str
    secret: str
    previous_secret: str | None
    previous_until_ms: int | None

    def secrets(self, now_ms: int) -> tuple[str, ...]:
        """Which sign now, the newest first."""
        if self.previous_secret is not None and self.previous_until_ms is not None and now_ms < self.previous_until_ms:
            return (self.secret, self.previous_secret)
        return (self.secret,)


class Next(NamedTuple):
    """A delivery after a try. `next_at_ms` is None when it is over."""

    state: Literal["waiting", "delivered", "dead"]
    next_at_ms: int | None


class Health(NamedTuple):
    """An endpoint after a try."""

    state: HookState
    failing_since_ms: int | None


# What is told


def show_of(event: Any) -> str:
    """The show whose host hears of it."""
    return str(event.show_id)


def seller_of(event: Any) -> str:
    """Who sells, when the fact says so itself, else an empty text."""
    return str(getattr(event, "seller_id", "") or getattr(event, "host_id", ""))


def message_of(event: Event, now_ms: int) -> tuple[str, str, str]:
    """Id, event and payload. The same fact has the same id, so that its receiver knows a repetition."""
    data: dict[str, Any] = msgspec.to_builtins(event)
    del data["type"]
    name = EVENTS[type(event)]
    message_id = "msg_" + hashlib.sha256(name.encode() + msgspec.json.encode(event)).hexdigest()[:32]
    return message_id, name, payload(name, data, now_ms)


def payload(name: str, data: dict[str, Any], at_ms: int) -> str:
    """The body of a message. It is kept as text: what is signed is what is sent, at every try."""
    timestamp = datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode(HookMessage(type=name, timestamp=timestamp, data=data)).decode()


def delivery_id(hook_id: str, message_id: str) -> str:
    """One event reaches one endpoint once."""
    return derived_id(hook_id, message_id, "dlv")


# Where to


def url_fault(url: str, trusted: Collection[str]) -> str | None:
    """Why the server sends nothing to this address, or None. `trusted` are the `host:port` that the operator names; all others
    are reached by https. That the name leads to a public address is checked at every connection."""
    try:
        parsed = urlsplit(url)
        host, port = parsed.hostname or "", parsed.port or (443 if parsed.scheme == "https" else 80)
    except ValueError:
        return "The address cannot be read."
    if parsed.scheme not in ("https", "http") or not host or not url.isascii() or not url.isprintable() or " " in url:
        return "Give an address like https://shop.example/hooks."
    if parsed.username is not None or parsed.password is not None or parsed.fragment:
        return "Leave name, password and #fragment out of the address; the signature proves who sends."
    if f"{host}:{port}" in trusted:
        return None
    if parsed.scheme != "https":
        return "The address must begin with https://."
    return None


# When, and when no more


def is_success(status: int | None) -> bool:
    """Standard Webhooks: 2xx is taken, all else is not, redirects included."""
    return status is not None and 200 <= status < 300


def next_of(name: str, attempts: int, status: int | None, share: float, now_ms: int) -> Next:
    """A delivery after its try number `attempts`, which was answered with `status` or not at all. `share` of [0, 1) spreads what
    failed together; a ping is tried once."""
    if is_success(status):
        return Next("delivered", None)
    if name == PING or attempts > len(PAUSES_MS):
        return Next("dead", None)
    pause_ms = PAUSES_MS[attempts - 1]
    return Next("waiting", now_ms + pause_ms + int(pause_ms * JITTER * share))


def health_after(health: Health, status: int | None, now_ms: int) -> Health:
    """An endpoint after a try: it is switched off when nothing has arrived for days, or when it says that it is gone (410)."""
    if is_success(status):
        return Health(health.state, None)
    since_ms = now_ms if health.failing_since_ms is None else health.failing_since_ms
    if health.state == "on" and (status == 410 or now_ms - since_ms >= DISABLED_AFTER_MS):
        return Health("failed", since_ms)
    return Health(health.state, since_ms)


def notice_id(hook_id: str, health: Health) -> str:
    """Its owner is told once per time that it fails."""
    return derived_id("webhook_failed", f"{hook_id}:{health.failing_since_ms}", "ntf")


assert set(EVENTS.values()) == set(get_args(HookEvent))
