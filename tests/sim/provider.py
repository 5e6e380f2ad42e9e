"""A payment provider that misbehaves by the dice, and keeps the books that tell what really happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

import msgspec

from schemas.errors import SIGNATURE_INVALID, Refused
from schemas.money import Money
from server.kernel.errors import Unavailable
from server.modules.payments.adapters import (
    Authorised,
    Capabilities,
    Captured,
    CardSaved,
    CardSetup,
    Charge,
    Declined,
    KeptCard,
    Notice,
    Refunded,
    RefundResult,
    RefundWish,
    RequiresAction,
    Result,
    SetupResult,
    Unknown,
    Unseen,
    Voided,
)
from tests.fakes.clock import FakeClock

FATES = ("pays",) * 8 + ("declines",) * 2 + ("late",) * 3 + ("late_decline", "asks", "asks", "lies")
"""`late`: known only after a while, maybe after the hold is over. `lies`: says no and takes the money all the same."""


@dataclass
class Deal:
    """One key and what has become of it. `fate_at_ms` is when its fate comes true."""

    key: str
    order_id: str
    amount: Money
    fate: str
    born_ms: int
    fate_at_ms: int
    answer: bool | None = None
    closing: str = ""
    captured_minor: int = 0
    refunds: dict[str, int] = field(default_factory=dict)

    @property
    def kept_minor(self) -> int:
        """What the buyer is really charged in the end."""
        return self.captured_minor - sum(self.refunds.values())


class UnreliableProvider:
    """`PaymentProvider`. `faults` is how often a call loses its request or its answer; 0 makes it a good provider."""

    capabilities = Capabilities(manual_capture=True, partial_capture=True, saved_card=True, refunds=True, partial_refunds=True)
    deadline_ms = 60_000

    def __init__(self, dice: Random, clock: FakeClock, may_capture: Callable[[Charge], bool]) -> None:
        self.deals: dict[str, Deal] = {}
        self.faults = 0.0
        self.webhooks: list[tuple[int, bytes]] = []
        self.complaints: list[str] = []
        self._dice = dice
        self._clock = clock
        self._may_capture = may_capture

    async def authorise(self, charge: Charge) -> Result:
        self._lose("request")
        deal = self.deals.get(charge.key)
        if deal is None:
            now_ms, fate = self._clock.now_ms(), self._dice.choice(FATES)
            late_ms = self._dice.choice((500, 5_000, 90_000, 400_000)) if fate in ("late", "late_decline", "lies") else 0
            deal = Deal(charge.key, charge.order_id, charge.amount, fate, now_ms, now_ms + late_ms)
            self.deals[charge.key] = deal
            self._tell(charge.key, deal.fate_at_ms)
        if deal.amount != charge.amount:
            self.complaints.append(f"{charge.key} was used for {deal.amount} and for {charge.amount}")
        self._lose("answer")
        return self._standing(deal)

    async def capture(self, charge: Charge, amount: Money) -> Result:
        self._lose("request")
        deal = self.deals[charge.key]
        if not self._pays(deal):
            return Declined("nothing_authorised")
        if not deal.closing:
            if not self._may_capture(charge):
                self.complaints.append(f"{charge.key} is captured before the units of {charge.order_id} are committed")
            if amount.amount_minor > deal.amount.amount_minor:
                self.complaints.append(f"{charge.key}: more is captured than was authorised")
            deal.closing, deal.captured_minor = "captured", amount.amount_minor
            self._tell(charge.key, self._clock.now_ms())
        self._lose("answer")
        return self._standing(deal)

    async def void(self, charge: Charge) -> Result:
        self._lose("request")
        deal = self.deals.get(charge.key)
        if deal is None:
            return Unseen()
        deal.closing = deal.closing or "voided"
        self._lose("answer")
        return self._standing(deal)

    async def get(self, charge: Charge) -> Result:
        self._lose("request")
        deal = self.deals.get(charge.key)
        if deal is None:
            return Unseen()
        if self.faults and self._clock.now_ms() < deal.born_ms + 2_000 and self._dice.random() < 0.3:
            return Unseen()  # its read replicas lag behind
        return self._standing(deal)

    async def refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        self._lose("request")
        deal = self.deals[charge.key]
        if wish.key not in deal.refunds:
            if wish.amount.amount_minor > deal.kept_minor:
                return Declined("more_than_captured")
            deal.refunds[wish.key] = wish.amount.amount_minor
        self._lose("answer")
        return Refunded(self._clock.now_ms())

    async def get_refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        self._lose("request")
        return Refunded(self._clock.now_ms()) if wish.key in self.deals[charge.key].refunds else Unseen()

    async def save_card(self, setup: CardSetup) -> SetupResult:
        return CardSaved(KeptCard(setup.method, "Visa"))

    async def forget_card(self, method: str) -> None:
        """Nothing is kept."""

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now_ms: int) -> Notice:
        if headers.get("signature") != "good":
            raise Refused(SIGNATURE_INVALID)
        event_id, key = msgspec.json.decode(raw, type=tuple[str, str])
        return Notice(event_id, "payment", key)

    async def close(self) -> None:
        """There is no connection."""

    def confirm(self, key: str, approve: bool) -> None:
        """The buyer answers the bank, if it asks; the first answer counts."""
        deal = self.deals[key]
        if deal.fate == "asks" and deal.answer is None and not deal.closing:
            deal.answer = approve
            self._tell(key, self._clock.now_ms())

    def due_webhooks(self) -> list[bytes]:
        """Those whose time has come, in any order; each may come again."""
        now_ms = self._clock.now_ms()
        due = [raw for at_ms, raw in self.webhooks if at_ms <= now_ms]
        self.webhooks = [(at_ms, raw) for at_ms, raw in self.webhooks if at_ms > now_ms]
        self._dice.shuffle(due)
        self.webhooks += [(now_ms + 5_000, raw) for raw in due if self.faults and self._dice.random() < 0.3]
        return due

    def _pays(self, deal: Deal) -> bool:
        if deal.fate == "asks":
            return deal.answer is True
        return deal.fate in ("pays", "late", "lies") and deal.fate_at_ms <= self._clock.now_ms()

    def _standing(self, deal: Deal) -> Result:
        if deal.closing == "captured":
            return Captured(deal.born_ms, Money(amount_minor=deal.captured_minor, currency=deal.amount.currency))
        if deal.closing == "voided":
            return Voided()
        if self._pays(deal):
            return Authorised(deal.amount)
        if deal.fate == "asks":
            return RequiresAction("https://bank.example") if deal.answer is None else Declined("authentication_failed")
        if deal.fate in ("late", "late_decline") and deal.fate_at_ms > self._clock.now_ms():
            return Unknown()
        return Declined("card_declined")

    def _tell(self, key: str, at_ms: int) -> None:
        """A webhook about the key: lost sometimes, else early or late."""
        if self._dice.random() < 0.8 or self.deals[key].fate == "lies":
            raw = msgspec.json.encode((f"evt_{key}_{at_ms}", key))
            self.webhooks.append((at_ms + self._dice.choice((0, 0, 1_000, 30_000)), raw))

    def _lose(self, _: str) -> None:
        if self._dice.random() < self.faults:
            raise Unavailable("the provider does not answer")
