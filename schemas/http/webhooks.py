"""Bodies of `/api/webhooks/…`, and what is sent to the endpoints: `HookMessage`, signed as Standard Webhooks say."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import HookId

HOOKS_MAX = 10
"""Endpoints of one seller."""

HookEvent = Literal[
    "order.placed",
    "order.confirmed",
    "order.paid",
    "order.cancelled",
    "order.shipped",
    "order.delivered",
    "order.returned",
    "order.refund_requested",
    "payment.authorised",
    "payment.failed",
    "payment.captured",
    "payment.voided",
    "payment.refunded",
    "payment.refund_failed",
    "payment.dispute_opened",
    "payment.dispute_closed",
    "lot.announced",
    "lot.sold",
    "lot.offered",
    "lot.unsold",
    "flash_sale.opened",
    "flash_sale.ended",
    "show.scheduled",
    "show.started",
    "show.ended",
]
HookState = Literal["on", "off", "failed"]
DeliveryState = Literal["waiting", "delivered", "dead"]

HookUrl = Annotated[str, Meta(min_length=8, max_length=500)]
HookDescription = Annotated[str, Meta(max_length=120)]
HookEvents = Annotated[list[HookEvent], Meta(min_length=1, max_length=len(HookEvent.__args__))]


class RegisterHook(Body, frozen=True):
    """Tell this address what happens in the caller's shows. The client makes the id."""

    hook_id: HookId
    url: HookUrl
    events: HookEvents
    description: HookDescription = ""


class ChangeHook(Body, frozen=True):
    """What is left out stays. `enabled` also brings an endpoint back that was switched off for failing."""

    url: HookUrl | None = None
    events: HookEvents | None = None
    description: HookDescription | None = None
    enabled: bool | None = None


class RotateSecret(Body, frozen=True):
    """Make a new secret; the old one signs too for a day. `version` is the endpoint's as last seen, so that a repetition does
    not rotate twice."""

    version: int


class ReplayFailed(Body, frozen=True):
    """Send everything again that was given up since `since_ms`."""

    since_ms: Annotated[int, Meta(ge=0, le=10**13)]


class HookView(View, frozen=True):
    """An endpoint. `failed`: switched off, because nothing has arrived for days. `failing_since_ms` is the first failure since
    the last success. While `previous_until_ms` lasts, messages are signed with the old secret too."""

    hook_id: str
    url: str
    description: str
    events: list[str]
    state: HookState
    created_at_ms: int
    failing_since_ms: int | None
    previous_until_ms: int | None
    waiting: int
    dead: int
    version: int


class HookSecretView(View, frozen=True):
    """An endpoint with its secret, which is shown this once."""

    hook: HookView
    secret: str


class HookListView(View, frozen=True):
    """The caller's endpoints, and all events that they can choose from."""

    hooks: list[HookView]
    events: list[str]


class DeliveryView(View, frozen=True):
    """One event for one endpoint. `status` is the HTTP status of the last answer, if there was one."""

    delivery_id: str
    hook_id: str
    message_id: str
    event: str
    state: DeliveryState
    attempts: int
    status: int | None
    created_at_ms: int
    next_at_ms: int | None
    done_at_ms: int | None


class DeliveryListView(View, frozen=True):
    """Deliveries of an endpoint, newest first; `after` for the next page."""

    deliveries: list[DeliveryView]
    after: str | None


class AttemptView(View, frozen=True):
    """One try: the status and the first bytes of the answer, or `error` when there was none."""

    number: int
    at_ms: int
    took_ms: int
    status: int | None
    answer: str
    error: str


class DeliveryDetailsView(View, frozen=True):
    """A delivery with what is sent and what came of it."""

    delivery: DeliveryView
    payload: str
    attempts: list[AttemptView]


class ReplayView(View, frozen=True):
    """How many deliveries are under way again."""

    replayed: int


class HookMessage(View, frozen=True):
    """What an endpoint gets. `timestamp` is when it happened, `data` the fields of the event."""

    type: str
    timestamp: str
    data: dict[str, Any]
