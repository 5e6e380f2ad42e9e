"""Bodies of `/api/payments/…`."""

from typing import Annotated

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import END, OrderId, PaymentId
from schemas.money import Money


class PayOrder(Body, frozen=True):
    """Pay an order. `method` is a token of the provider: cards never touch this server.

    The built-in provider `sandbox` knows `tok_visa` (pays), `tok_declined`, `tok_timeout` (the outcome is learnt later) and
    `tok_slow`.
    """

    payment_id: PaymentId
    order_id: OrderId
    method: Annotated[str, Meta(min_length=1, max_length=200)]
    provider: Annotated[str, Meta(pattern="^[a-z]{2,24}" + END)] = "sandbox"


class PaymentView(View, frozen=True):
    """`state` is `created`, `requires_action`, `unknown`, `authorised`, `captured`, `failed`, `voided` or `refunded`."""

    payment_id: str
    order_id: str
    state: str
    amount: Money
    reason: str | None
