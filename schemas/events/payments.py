"""Facts of the module `payments`. Each carries what its consumers need, so that none must ask before it calls outside."""

from typing import ClassVar

from schemas.base import Event
from schemas.money import Money


class PaymentRequested(Event, frozen=True, tag="payments.payment_requested.v1"):
    """A buyer wants to pay an order; the provider has not been asked yet. `method` is the provider's token of the card."""

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


class PaymentVoided(Event, frozen=True, tag="payments.payment_voided.v1"):
    """The authorisation was given back; the buyer is not charged."""

    SUBJECT: ClassVar[str] = "order_id"
    payment_id: str
    order_id: str
    show_id: str
