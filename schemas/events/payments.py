"""Facts of the module `payments`. Each carries what its consumers need, so that none must ask before it calls outside."""

from typing import ClassVar

from schemas.base import Event
from schemas.money import Amounts, Money


class PaymentRequested(Event, frozen=True, tag="payments.payment_requested.v1"):
    """A buyer wants to pay an order; the provider has not been asked yet. `method` is the provider's token of the card; empty
    when the provider asks for the card on its own page."""

    SUBJECT: ClassVar[str] = "order_id"
    payment_id: str
    order_id: str
    show_id: str
    provider: str
    method: str
    amount: Money


class PaymentAuthorised(Event, frozen=True, tag="payments.payment_authorised.v1"):
    """The provider keeps the amount for us; it is not captured yet."""

    SUBJECT: ClassVar[str] = "order_id"
    payment_id: str
    order_id: str
    show_id: str
    amount: Money


class PaymentFailed(Event, frozen=True, tag="payments.payment_failed.v1"):
    """The provider declined; the order may be paid another way while its hold lasts."""

    SUBJECT: ClassVar[str] = "order_id"
    payment_id: str
    order_id: str
    show_id: str
    reason: str


class PaymentCaptured(Event, frozen=True, tag="payments.payment_captured.v1"):
    """The money is ours."""

    SUBJECT: ClassVar[str] = "order_id"
    payment_id: str
    order_id: str
    show_id: str
    amount: Money
    captured_at_ms: int
    provider: str = ""
    fee: Money | None = None
    """What the provider keeps, when it says so."""


class PaymentVoided(Event, frozen=True, tag="payments.payment_voided.v1"):
    """The authorisation was given back; the buyer is not charged."""

    SUBJECT: ClassVar[str] = "order_id"
    payment_id: str
    order_id: str
    show_id: str


class PaymentActionRequired(Event, frozen=True, tag="payments.payment_action_required.v1"):
    """The buyer must confirm the payment with their bank at `url` (3-D Secure)."""

    SUBJECT: ClassVar[str] = "order_id"
    payment_id: str
    order_id: str
    show_id: str
    url: str


class PaymentRefunded(Event, frozen=True, tag="payments.payment_refunded.v1"):
    """The provider has given money back to the buyer."""

    SUBJECT: ClassVar[str] = "order_id"
    refund_id: str
    payment_id: str
    order_id: str
    show_id: str
    seller_id: str
    amounts: Amounts
    refunded_at_ms: int


class RefundFailed(Event, frozen=True, tag="payments.refund_failed.v1"):
    """The provider will not give the money back; somebody has to."""

    SUBJECT: ClassVar[str] = "order_id"
    refund_id: str
    payment_id: str
    order_id: str
    show_id: str
    reason: str


class DisputeOpened(Event, frozen=True, tag="payments.dispute_opened.v1"):
    """The buyer's bank has taken the money back (chargeback) until the dispute is decided."""

    SUBJECT: ClassVar[str] = "order_id"
    dispute_id: str
    payment_id: str
    order_id: str
    show_id: str
    amount: Money
    reason: str
    opened_at_ms: int


class DisputeClosed(Event, frozen=True, tag="payments.dispute_closed.v1"):
    """The dispute is decided: `won` brings the money back."""

    SUBJECT: ClassVar[str] = "order_id"
    dispute_id: str
    payment_id: str
    order_id: str
    show_id: str
    amount: Money
    won: bool
    closed_at_ms: int
