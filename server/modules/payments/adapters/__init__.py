"""Payment providers: the port, what they answer, and the registry of those that this installation has.

A provider answers with values: a time-out or a lost connection is `Unknown`, and only asking again with the same key may
resolve it. Keys are the ids of our payments, refunds and cards; a provider does the same work once per key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from schemas.errors import SIGNATURE_INVALID, Refused
from schemas.money import Money
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter

KEY_KEPT_MS = 24 * 3_600_000
"""Providers forget an idempotency key after a day (Stripe: "at least 24 hours"): the same request would then be a new one, so
whoever has no answer by then may only look, never send again."""
WEBHOOK_AGE_MAX_S = 300
"""An older signature is a replay; what clocks differ by and a queue delays fits in."""

CALLS = counter("efir_payment_provider_calls_total", "Calls to payment providers", ("provider", "call", "answer"))

log = get_logger(__name__)

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do; a feature that needs more is not offered with it."""

    manual_capture: bool = False
    partial_capture: bool = False
    saved_card: bool = False
    refunds: bool = False
    partial_refunds: bool = False
    disputes: bool = False
    """It tells of chargebacks."""
    signed_webhooks: bool = False
    """Its webhooks prove who sent them. Others are only a hint to look."""
    hosted_entry: bool = False
    """It asks for the card on a page of its own: a charge or a set-up without a method is answered with `RequiresAction`."""
    receipts: bool = False
    """It makes fiscal receipts (54-FZ) and wants the lines of the order."""


@dataclass(frozen=True)
class ReceiptLine:
    """One line of a fiscal receipt, gross."""

    title: str
    quantity: int
    total_minor: int


@dataclass(frozen=True)
class Charge:
    """A payment as a provider is asked about it. `key` is ours, `reference` the provider's own id once it is known. An empty
    `method` means that the provider asks for the card on its own page (`hosted_entry`)."""

    key: str
    amount: Money
    method: str
    order_id: str
    owner_id: str
    created_at_ms: int
    reference: str = ""
    return_url: str = ""
    off_session: bool = False
    """The buyer is not there: their saved card is charged because they agreed before (merchant initiated)."""
    save_card: bool = False
    lines: tuple[ReceiptLine, ...] = ()
    contact: str = ""
    """Phone number that a fiscal receipt is sent to."""


@dataclass(frozen=True)
class RefundWish:
    """Money to be given back of a charge. `key` is ours, `reference` the provider's own id once it is known."""

    key: str
    amount: Money
    created_at_ms: int
    reference: str = ""


@dataclass(frozen=True)
class CardSetup:
    """A card to be kept for later. `key` is ours, `reference` the provider's own id of the set-up once it is known."""

    key: str
    method: str
    owner_id: str
    return_url: str
    reference: str = ""


@dataclass(frozen=True)
class KeptCard:
    """A card that may be charged later: `method` is the token for it, `label` what its owner knows it by."""

    method: str
    label: str


@dataclass(frozen=True)
class Authorised:
    """The amount is kept for us, not charged yet; `capture_before_ms` is when the issuer lets go of it."""

    amount: Money | None = None
    reference: str = ""
    capture_before_ms: int | None = None
    card: KeptCard | None = None


@dataclass(frozen=True)
class Declined:
    """No; `reason` is a short name such as `card_declined`."""

    reason: str
    reference: str = ""


@dataclass(frozen=True)
class RequiresAction:
    """The buyer must confirm at `url`."""

    url: str
    reference: str = ""


@dataclass(frozen=True)
class Captured:
    """The amount is ours since `captured_at_ms`; `fee` is what the provider keeps of it, when it says so."""

    captured_at_ms: int
    amount: Money | None = None
    fee: Money | None = None
    reference: str = ""


@dataclass(frozen=True)
class Voided:
    """The authorisation is given back."""


@dataclass(frozen=True)
class Refunded:
    """The buyer has the money back, or will have it without anybody doing more."""

    refunded_at_ms: int
    reference: str = ""


@dataclass(frozen=True)
class CardSaved:
    """The card may be charged later."""

    card: KeptCard


@dataclass(frozen=True)
class Unseen:
    """The provider has never heard of this key: the same request may be sent again, while keys are kept."""


@dataclass(frozen=True)
class Unknown:
    """No answer in time, or none yet: it may or may not have happened."""

    reference: str = ""


Result = Authorised | Declined | RequiresAction | Captured | Voided | Unseen | Unknown
RefundResult = Refunded | Declined | Unseen | Unknown
SetupResult = CardSaved | Declined | RequiresAction | Unknown


@dataclass(frozen=True)
class DisputeNews:
    """A chargeback: the bank has taken the money back (`open`), or the dispute is decided."""

    dispute_id: str
    amount: Money
    reason: str
    state: Literal["open", "won", "lost"]
    at_ms: int


@dataclass(frozen=True)
class Notice:
    """What a webhook is about. Its content is not believed, the object is read again: webhooks come late, twice and out of order.
    Only a dispute is taken from the webhook itself, since its signature says who sent it.

    `event_id` is the same for every copy. `key` or `reference` names the object; a notice about nothing of ours has neither.
    """

    event_id: str
    about: Literal["payment", "refund", "dispute", "nothing"]
    key: str = ""
    reference: str = ""
    dispute: DisputeNews | None = None


class PaymentProvider(Protocol):
    """An outside service that moves money. Its methods may raise `Unavailable`, which `Providers` takes for `Unknown`."""

    capabilities: Capabilities
    deadline_ms: int
    """How long an answer may take; then it is `Unknown`."""

    async def authorise(self, charge: Charge) -> Result:
        """Keep an amount on the card that `charge.method` stands for, or that the buyer gives on the provider's page."""

    async def capture(self, charge: Charge, amount: Money) -> Result:
        """Take (at most) what was authorised; what is left of the authorisation is given back."""

    async def void(self, charge: Charge) -> Result:
        """Give back what was authorised. What was captured meanwhile stays and is said to be."""

    async def get(self, charge: Charge) -> Result:
        """What has become of a charge."""

    async def refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        """Give captured money back, all or a part."""

    async def get_refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        """What has become of a refund."""

    async def save_card(self, setup: CardSetup) -> SetupResult:
        """Keep a card; the same set-up again says how it stands."""

    async def forget_card(self, method: str) -> None:
        """Never charge this card again. A card that is not known is forgotten already."""

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now_ms: int) -> Notice:
        """What a webhook is about.

        Raises:
            Refused: `SIGNATURE_INVALID` or `MALFORMED`; nothing may be done then.
        """

    async def close(self) -> None:
        """Give up every connection."""


class Bank(Protocol):
    """What the sandbox plays besides: the bank that asks the buyer, and the sender of its webhooks."""

    async def confirm(self, key: str, approve: bool) -> bool:
        """The buyer's answer on the bank's page; False when nobody asked. The first answer counts."""

    async def deliver_due(self) -> None:
        """Send every webhook that is due."""


class Providers:
    """The providers of this installation by name; every call has its provider's deadline, and a provider that
    is not set up any more answers nothing.

    The sandbox is always there, because rehearsals pay at it, and offered for money only where it is set up.
    """

    def __init__(self, providers: Mapping[str, PaymentProvider], bank: Bank | None = None, offered: Collection[str] = ()) -> None:
        """`offered`: those that take money; all of them, unless it says which."""
        self._providers = dict(providers)
        self._offered = frozenset(offered or providers)
        self.bank = bank

    def __contains__(self, name: str) -> bool:
        """Whether it is set up to take money."""
        return name in self._offered

    @property
    def names(self) -> list[str]:
        """Those that are set up to take money."""
        return sorted(self._offered)

    def capabilities(self, name: str) -> Capabilities:
        """None at all when it is not there."""
        return self._providers[name].capabilities if name in self._providers else Capabilities()

    async def authorise(self, name: str, charge: Charge) -> Result:
        return await self._ask(name, "authorise", lambda provider: provider.authorise(charge))

    async def capture(self, name: str, charge: Charge, amount: Money) -> Result:
        return await self._ask(name, "capture", lambda provider: provider.capture(charge, amount))

    async def void(self, name: str, charge: Charge) -> Result:
        return await self._ask(name, "void", lambda provider: provider.void(charge))

    async def get(self, name: str, charge: Charge) -> Result:
        return await self._ask(name, "get", lambda provider: provider.get(charge))

    async def refund(self, name: str, charge: Charge, wish: RefundWish) -> RefundResult:
        return await self._ask(name, "refund", lambda provider: provider.refund(charge, wish))

    async def get_refund(self, name: str, charge: Charge, wish: RefundWish) -> RefundResult:
        return await self._ask(name, "get_refund", lambda provider: provider.get_refund(charge, wish))

    async def save_card(self, name: str, setup: CardSetup) -> SetupResult:
        return await self._ask(name, "save_card", lambda provider: provider.save_card(setup))

    async def forget_card(self, name: str, method: str) -> None:
        await self._ask(name, "forget_card", lambda provider: provider.forget_card(method))

    def read_webhook(self, name: str, raw: bytes, headers: Mapping[str, str], now_ms: int) -> Notice:
        """What a webhook for this provider is about.

        Raises:
            Refused: it is not from the provider, or nothing that can be read.
        """
        if name not in self._providers:
            raise Refused(SIGNATURE_INVALID, f"There is no provider {name!r} here; correct the address of the webhook.")
        return self._providers[name].read_webhook(raw, headers, now_ms)

    async def close(self) -> None:
        """Give up every connection of every provider."""
        for provider in self._providers.values():
            await provider.close()

    async def _ask(self, name: str, call: str, question: Callable[[PaymentProvider], Awaitable[AnswerT]]) -> AnswerT | Unknown:
        provider = self._providers.get(name)
        if provider is None:
            log.error("a payment waits for a provider that is not set up", provider=name)
            return Unknown()
        answer: AnswerT | Unknown = Unknown()
        try:
            async with asyncio.timeout(provider.deadline_ms / 1000):
                answer = await question(provider)
        except (TimeoutError, Unavailable) as error:
            log.warning("a payment provider does not answer", provider=name, call=call, error=repr(error))
        CALLS.labels(name, call, type(answer).__name__).inc()
        return answer
