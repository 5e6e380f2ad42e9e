"""Bodies of `/api/payments/…`."""

from typing import Annotated

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import END, CardId, OrderId, PaymentId
from schemas.money import Money

CARDS_MAX = 10
"""Cards that one person may keep here."""

Provider = Annotated[str, Meta(pattern="^[a-z]{2,24}" + END)]
Method = Annotated[str, Meta(min_length=1, max_length=200, description="A token of the provider; cards never touch this server")]
ReturnPath = Annotated[str, Meta(pattern=r"^/(?![/\\])[^\s\\]{0,290}" + END)]


class PayOrder(Body, frozen=True):
    """Pay an order with `method` or with a saved card, not both. With neither the provider asks for the card on a page of its
    own, where it can (`hosted_entry` of `/api/payments/providers`); the buyer is sent there as to a bank, by `action_url`.

    The built-in provider `sandbox` knows `tok_visa` (pays), `tok_declined`, `tok_insufficient_funds`, `tok_expired_card`,
    `tok_3ds` (the buyer confirms on a page), `tok_slow`, `tok_timeout` (the outcome is learnt later), `tok_late_decline`,
    `tok_webhook_first`, `tok_webhook_late`, `tok_webhook_twice`, `tok_chargeback`, `tok_refund_fails` and `tok_refund_unknown`.
    """

    payment_id: PaymentId
    order_id: OrderId
    method: Method | None = None
    card_id: CardId | None = None
    provider: Provider = "sandbox"
    save_card: bool = False
    """Keep the card for later, once it has paid."""
    return_path: ReturnPath | None = None
    """Where on this site the buyer comes back to after having confirmed with their bank; default the show."""


class WaitingPayment(Body, frozen=True):
    """The payment of an order that waits for its buyer, at their bank or on the provider's page."""

    order_id: OrderId


class PaymentView(View, frozen=True):
    """`state` is `created`, `requires_action`, `unknown`, `authorised`, `captured`, `refunded`, `disputed`, `failed` or `voided`.

    `action_url` is where the buyer confirms while the state is `requires_action`. A part may have been given back: `refunded`.
    """

    payment_id: str
    order_id: str
    state: str
    amount: Money
    reason: str | None
    provider: str = ""
    action_url: str | None = None
    captured: Money | None = None
    refunded: Money | None = None


class SaveCard(Body, frozen=True):
    """Keep a card for bids and quick purchases. `card_id` is the idempotency key; the same body again asks how it stands.

    Without `method` the provider asks for the card on a page of its own, where it can.
    """

    card_id: CardId
    method: Method | None = None
    provider: Provider = "sandbox"
    return_path: ReturnPath | None = None
    """Where on this site its owner comes back to after having confirmed with their bank; default the start page."""


class CardView(View, frozen=True):
    """A saved card. `state` is `ready`, `requires_action` until its owner has confirmed at `action_url`, or `failed`."""

    card_id: str
    provider: str
    label: str
    is_default: bool
    state: str
    action_url: str | None
    saved_at_ms: int


class CardListView(View, frozen=True):
    """One's own cards, the one that pays by itself first."""

    cards: list[CardView]


class ProviderView(View, frozen=True):
    """A payment provider of this shop. `hosted_entry`: it asks for the card on a page of its own, so `method` may be left out;
    without it a token of the provider is needed. `keeps_cards`: a card can be kept there for later."""

    name: str
    hosted_entry: bool
    keeps_cards: bool


class ProvidersView(View, frozen=True):
    """How one can pay in this shop."""

    providers: list[ProviderView]


class ConfirmSandbox(Body, frozen=True):
    """What the buyer answers on the sandbox bank's page."""

    approve: bool


class SandboxView(View, frozen=True):
    """What the sandbox bank asks about: an amount, or only a card that is to be kept."""

    key: str
    amount: Money | None
    return_path: str
