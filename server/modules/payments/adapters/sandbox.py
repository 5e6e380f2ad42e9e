"""The built-in provider `sandbox`: stands for a payment service outside, with a bank that asks, and webhooks in any order.

It keeps its own books in Redis, so that it outlives our processes, and signs its webhooks like a real provider.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from schemas.errors import MALFORMED, SIGNATURE_INVALID, Refused
from schemas.money import Money
from server.kernel.clock import Clock
from server.kernel.log import get_logger
from server.kernel.tls import client_context
from server.modules.payments.adapters import (
    WEBHOOK_AGE_MAX_S,
    Authorised,
    Capabilities,
    Captured,
    CardSaved,
    CardSetup,
    Charge,
    Declined,
    DisputeNews,
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
from server.redis.connection import reaching

SANDBOX_KEEP_S = 7 * 24 * 3600
"""A sandbox payment is forgotten after a week, as long as a card issuer keeps an authorisation."""
BUYER_AUTHORISATION_MS = 7 * 24 * 3_600_000
MERCHANT_AUTHORISATION_MS = (4 * 24 + 18) * 3_600_000
"""How long issuers keep an amount: shorter when the buyer was not there (Visa)."""
DISPUTE_OPENS_MS = 5_000
DISPUTE_ENDS_MS = 20_000
WEBHOOK_LATE_MS = 15_000
WEBHOOK_RETRIES_MS = (1_000, 5_000, 30_000, 120_000, 600_000)
"""After these pauses a webhook that was not taken is sent again; then it is given up, as providers do after some days."""
WEBHOOKS_PER_ROUND = 50
WEBHOOK_TIMEOUT_S = 5.0
OUTGOING = "sandbox_outgoing"
SIGNATURE = "sandbox-signature"

log = get_logger(__name__)


@dataclass(frozen=True)
class _Card:
    """How a test card behaves."""

    label: str
    declines: str = ""
    asks: bool = False
    slow: bool = False
    silent: bool = False
    webhook: Literal["usual", "first", "late", "twice"] = "usual"
    dispute: Literal["", "won", "lost"] = ""
    refund: Literal["works", "fails", "silent"] = "works"


CARDS: Mapping[str, _Card] = {
    "visa": _Card("Visa •••• 4242"),
    "mastercard": _Card("Mastercard •••• 4444"),
    "mir": _Card("Мир •••• 2204"),
    "slow": _Card("Visa •••• 0077", slow=True),
    "timeout": _Card("Visa •••• 0408", silent=True),
    "declined": _Card("Visa •••• 0002", declines="card_declined"),
    "insufficient_funds": _Card("Visa •••• 9995", declines="insufficient_funds"),
    "expired_card": _Card("Visa •••• 0069", declines="expired_card"),
    "lost_card": _Card("Visa •••• 9987", declines="lost_card"),
    "late_decline": _Card("Visa •••• 0341", declines="card_declined", silent=True),
    "3ds": _Card("Visa •••• 3220", asks=True),
    "webhook_first": _Card("Visa •••• 1001", slow=True, webhook="first"),
    "webhook_late": _Card("Visa •••• 1002", webhook="late"),
    "webhook_twice": _Card("Visa •••• 1003", webhook="twice"),
    "chargeback": _Card("Visa •••• 0259", dispute="lost"),
    "chargeback_won": _Card("Visa •••• 1976", dispute="won"),
    "refund_fails": _Card("Visa •••• 5126", refund="fails"),
    "refund_unknown": _Card("Visa •••• 7726", refund="silent"),
}
"""By what follows `tok_` in the token. `saved_` instead of it is the same card kept for later."""

_STRANGER = _Card("Visa •••• 0002", declines="card_declined")


class _Booking(msgspec.Struct, frozen=True, kw_only=True):
    amount: Money
    method: str
    known_at_ms: int
    booked_at_ms: int = 0
    off_session: bool = False
    save_card: bool = False


class _Refund(msgspec.Struct, frozen=True, kw_only=True):
    amount_minor: int
    known_at_ms: int


class _Dispute(msgspec.Struct, frozen=True, kw_only=True):
    dispute_id: str
    amount: Money
    reason: str
    state: Literal["open", "won", "lost"]
    at_ms: int


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    """Body of a webhook."""

    id: str
    about: Literal["payment", "refund", "dispute"]
    key: str
    dispute: _Dispute | None = None


class _Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    event: _Event
    copy: int = 0
    attempt: int = 0


class Sandbox:
    """`PaymentProvider` and `Bank`, for trying everything out. What each token does is said in `CARDS`."""

    capabilities = Capabilities(
        manual_capture=True,
        partial_capture=True,
        saved_card=True,
        refunds=True,
        partial_refunds=True,
        disputes=True,
        signed_webhooks=True,
    )

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        *,
        secret: str = "sandbox",
        origin: str = "",
        hook_url: str = "",
        deadline_ms: int = 2_000,
        slow_ms: int = 800,
        silent_ms: int = 60_000,
        late_ms: int = 3_000,
    ) -> None:
        """`origin` is where its bank's page is, `hook_url` where its webhooks go. `silent_ms` is how long a silent card says
        nothing: longer than anybody waits."""
        self.deadline_ms = deadline_ms
        self._secret = hashlib.sha256(f"{secret} of the sandbox".encode()).digest()
        self._origin = origin
        self._hook_url = hook_url
        self._silent_ms = silent_ms
        self._redis = redis
        self._clock = clock
        self._slow_ms = slow_ms
        self._late_ms = late_ms
        self._client: httpx.AsyncClient | None = None

    async def authorise(self, charge: Charge) -> Result:
        card, now_ms = _card(charge.method), self._clock.now_ms()
        wish = _Booking(
            amount=charge.amount,
            method=charge.method,
            known_at_ms=now_ms + (self._late_ms if card.silent else 0),
            booked_at_ms=now_ms,
            off_session=charge.off_session,
            save_card=charge.save_card,
        )
        first, stored = await self._write_once(charge.key, "booking", msgspec.json.encode(wish))
        booking = msgspec.json.decode(stored, type=_Booking)
        if (booking.amount, booking.method) != (charge.amount, charge.method):
            return Declined("key_used_before")
        if first:
            await self._tell(card, _Event(id=f"evt_{charge.key}_decided", about="payment", key=charge.key), booking.known_at_ms)
            if card.slow:
                await asyncio.sleep(self._slow_ms / 1000)
            if card.silent:
                await asyncio.sleep(self._silent_ms / 1000)
        return await self.get(charge)

    async def capture(self, charge: Charge, amount: Money) -> Result:
        booking = await self._booking(charge.key)
        if booking is None or not await self._pays(charge.key, booking):
            return Declined("nothing_authorised")
        if amount.currency != booking.amount.currency or amount.amount_minor > booking.amount.amount_minor:
            return Declined("more_than_authorised")
        now_ms = self._clock.now_ms()
        first, closing = await self._write_once(charge.key, "closing", f"captured:{now_ms}:{amount.amount_minor}".encode())
        if first:
            await self._tell_captured(_card(booking.method), charge.key, amount, now_ms)
        return _closed(closing, booking)

    async def void(self, charge: Charge) -> Result:
        booking = await self._booking(charge.key)
        if booking is None:
            return Unseen()
        first, closing = await self._write_once(charge.key, "closing", b"voided")
        if first:
            event = _Event(id=f"evt_{charge.key}_voided", about="payment", key=charge.key)
            await self._tell(_card(booking.method), event, self._clock.now_ms())
        return _closed(closing, booking)

    async def get(self, charge: Charge) -> Result:
        booking = await self._booking(charge.key)
        if booking is None:
            return Unseen()
        closing = await self._field(charge.key, "closing")
        if closing is not None:
            return _closed(closing, booking)
        if booking.known_at_ms > self._clock.now_ms():
            return Unknown()
        return self._standing(charge.key, booking, await self._field(charge.key, "answer"))

    async def refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        booking, closing = await self._booking(charge.key), await self._field(charge.key, "closing")
        captured = None if booking is None or closing is None else _closed(closing, booking)
        if booking is None or not isinstance(captured, Captured) or captured.amount is None:
            return Declined("nothing_captured")
        card = _card(booking.method)
        if card.refund == "fails":
            return Declined("card_closed")
        if wish.amount.currency != booking.amount.currency:
            return Declined("wrong_currency")
        silent = card.refund == "silent"
        refund = _Refund(
            amount_minor=wish.amount.amount_minor, known_at_ms=self._clock.now_ms() + (self._late_ms if silent else 0)
        )
        first = await self._book_refund(charge.key, wish.key, refund, captured.amount.amount_minor)
        if first is None:
            return Declined("more_than_captured")
        if first:
            await self._tell(card, _Event(id=f"evt_{wish.key}_refunded", about="refund", key=wish.key), refund.known_at_ms)
            if silent:
                await asyncio.sleep(self._silent_ms / 1000)
        return await self.get_refund(charge, wish)

    async def get_refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        stored = await self._field(charge.key, f"refund:{wish.key}")
        if stored is None:
            return Unseen()
        refund = msgspec.json.decode(stored, type=_Refund)
        if refund.amount_minor != wish.amount.amount_minor:
            return Declined("key_used_before")
        return Unknown() if refund.known_at_ms > self._clock.now_ms() else Refunded(refund.known_at_ms, f"sbr_{wish.key}")

    async def save_card(self, setup: CardSetup) -> SetupResult:
        card = _card(setup.method)
        if card.declines:
            return Declined(card.declines)
        if card.silent and (await self._write_once(setup.key, "booking", b"null"))[0]:
            await asyncio.sleep(self._silent_ms / 1000)
        if card.asks:
            await self._write_once(setup.key, "booking", b"null")
            answer = await self._field(setup.key, "answer")
            if answer is None:
                return RequiresAction(self._page(setup.key))
            if answer != b"approved":
                return Declined("authentication_failed")
        return CardSaved(_kept(setup.method))

    async def forget_card(self, method: str) -> None:
        """Its cards are everybody's: there is nothing to forget."""

    async def confirm(self, key: str, approve: bool) -> bool:
        """The buyer's answer on the bank's page; the first one counts."""
        if await self._field(key, "booking") is None:
            return False
        first, _ = await self._write_once(key, "answer", b"approved" if approve else b"refused")
        if first:
            await self._send_at(_Event(id=f"evt_{key}_confirmed", about="payment", key=key), self._clock.now_ms())
        return True

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now_ms: int) -> Notice:
        parts = dict(part.partition("=")[::2] for part in headers.get(SIGNATURE, "").split(","))
        at_s = parts.get("t", "")
        if not at_s.isascii() or not at_s.isdigit() or len(at_s) > 12:
            raise Refused(SIGNATURE_INVALID, f"Send the header {SIGNATURE}: t=<seconds>,v1=<HMAC-SHA256>.")
        if not hmac.compare_digest(parts.get("v1", "").encode(), self._signature(at_s, raw).encode()):
            raise Refused(SIGNATURE_INVALID, "Sign the bytes of the body with the secret of this shop.")
        if abs(now_ms // 1000 - int(at_s)) > WEBHOOK_AGE_MAX_S:
            raise Refused(SIGNATURE_INVALID, f"A signature is good for {WEBHOOK_AGE_MAX_S} seconds; send it anew.")
        try:
            event = msgspec.json.decode(raw, type=_Event)
        except msgspec.DecodeError as error:
            raise Refused(MALFORMED, f"Send an event of the sandbox ({error}).") from error
        dispute = event.dispute
        news = None
        if dispute is not None:
            news = DisputeNews(dispute.dispute_id, dispute.amount, dispute.reason, dispute.state, dispute.at_ms)
        return Notice(event.id, event.about, event.key, dispute=news)

    async def due_webhooks(self) -> list[tuple[bytes, dict[str, str], bytes]]:
        """Webhooks to be sent now: body, headers, and what `sent` takes."""
        now_ms = self._clock.now_ms()
        async with reaching("the sandbox"):
            waiting: Any = await self._redis.zrangebyscore(OUTGOING, 0, now_ms, start=0, num=WEBHOOKS_PER_ROUND)
        found = []
        for member in waiting:
            body = msgspec.json.encode(msgspec.json.decode(member, type=_Outgoing).event)
            at_s = str(now_ms // 1000)
            headers = {"content-type": "application/json", SIGNATURE: f"t={at_s},v1={self._signature(at_s, body)}"}
            found.append((body, headers, member))
        return found

    async def deliver_due(self) -> None:
        """Send every webhook that is due, as a real provider would: over HTTP, again after a pause when it is not taken."""
        for body, headers, member in await self.due_webhooks():
            await self.sent(member, await self._post(body, headers))

    async def sent(self, member: bytes, taken: bool) -> None:
        """A webhook was sent: forget it, or send it again later."""
        outgoing = msgspec.json.decode(member, type=_Outgoing)
        async with reaching("the sandbox"):
            await self._redis.zrem(OUTGOING, member)
        if taken:
            return
        if outgoing.attempt >= len(WEBHOOK_RETRIES_MS):
            log.warning("the sandbox gives a webhook up", event=outgoing.event.id)
            return
        again = msgspec.structs.replace(outgoing, attempt=outgoing.attempt + 1)
        await self._put(again, self._clock.now_ms() + WEBHOOK_RETRIES_MS[outgoing.attempt])

    async def close(self) -> None:
        """Give up the connection to our own server."""
        if self._client is not None:
            await self._client.aclose()

    async def _post(self, body: bytes, headers: dict[str, str]) -> bool:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=WEBHOOK_TIMEOUT_S, trust_env=False, verify=client_context())
        try:
            return (await self._client.post(self._hook_url, content=body, headers=headers)).is_success
        except httpx.HTTPError as error:
            log.warning("a webhook of the sandbox does not get through", error=repr(error))
            return False

    def _standing(self, key: str, booking: _Booking, answer: bytes | None) -> Result:
        card = _card(booking.method)
        if card.declines:
            return Declined(card.declines)
        if card.asks and booking.off_session:
            return Declined("authentication_required")
        if card.asks and answer is None:
            return RequiresAction(self._page(key), f"sbx_{key}")
        if card.asks and answer != b"approved":
            return Declined("authentication_failed")
        kept_ms = MERCHANT_AUTHORISATION_MS if booking.off_session else BUYER_AUTHORISATION_MS
        return Authorised(
            amount=booking.amount,
            reference=f"sbx_{key}",
            capture_before_ms=booking.booked_at_ms + kept_ms,
            card=_kept(booking.method) if booking.save_card else None,
        )

    async def _pays(self, key: str, booking: _Booking) -> bool:
        card = _card(booking.method)
        if card.declines or (card.asks and booking.off_session):
            return False
        return not card.asks or await self._field(key, "answer") == b"approved"

    def _page(self, key: str) -> str:
        return f"{self._origin}/sandbox/{key}"

    def _signature(self, at_s: str, raw: bytes) -> str:
        return hmac.new(self._secret, at_s.encode() + b"." + raw, hashlib.sha256).hexdigest()

    async def _tell(self, card: _Card, event: _Event, known_at_ms: int) -> None:
        """A webhook when the outcome is known: at once (the answer may be slower), late, or twice."""
        await self._send_at(event, known_at_ms + (WEBHOOK_LATE_MS if card.webhook == "late" else 0))
        if card.webhook == "twice":
            await self._send_at(event, known_at_ms, copy=1)

    async def _tell_captured(self, card: _Card, key: str, amount: Money, now_ms: int) -> None:
        await self._tell(card, _Event(id=f"evt_{key}_captured", about="payment", key=key), now_ms)
        if not card.dispute:
            return
        opened = _Dispute(
            dispute_id=f"dsp_{key}", amount=amount, reason="fraudulent", state="open", at_ms=now_ms + DISPUTE_OPENS_MS
        )
        closed = msgspec.structs.replace(opened, state=card.dispute, at_ms=now_ms + DISPUTE_ENDS_MS)
        for dispute in (opened, closed):
            event = _Event(id=f"evt_{key}_dispute_{dispute.state}", about="dispute", key=key, dispute=dispute)
            await self._send_at(event, dispute.at_ms)

    async def _send_at(self, event: _Event, due_at_ms: int, copy: int = 0) -> None:
        await self._put(_Outgoing(event=event, copy=copy), due_at_ms)

    async def _put(self, outgoing: _Outgoing, due_at_ms: int) -> None:
        async with reaching("the sandbox"):
            await self._redis.zadd(OUTGOING, {msgspec.json.encode(outgoing): due_at_ms})
            await self._redis.expire(OUTGOING, SANDBOX_KEEP_S)

    async def _book_refund(self, key: str, refund_key: str, refund: _Refund, captured_minor: int) -> bool | None:
        """Whether this was the first time; None when less than that is left. Watched, since two refunds may come at once."""
        first: bool | None = False

        async def book(pipeline: "Pipeline") -> None:
            nonlocal first
            fields: Any = await pipeline.hgetall(_books(key))
            pipeline.multi()  # type: ignore[no-untyped-call]
            name = f"refund:{refund_key}".encode()
            first = name not in fields
            refunds = [value for field, value in fields.items() if field.startswith(b"refund:") and field != name]
            given_minor = sum(msgspec.json.decode(value, type=_Refund).amount_minor for value in refunds)
            if first and given_minor + refund.amount_minor > captured_minor:
                first = None
            if first:
                pipeline.hset(_books(key), name.decode(), msgspec.json.encode(refund))

        async with reaching("the sandbox"):
            await self._redis.transaction(book, _books(key))
        return first

    async def _booking(self, key: str) -> _Booking | None:
        stored = await self._field(key, "booking")
        return None if stored in (None, b"null") else msgspec.json.decode(stored or b"", type=_Booking)

    async def _field(self, key: str, field: str) -> bytes | None:
        async with reaching("the sandbox"):
            stored = await self._redis.hget(_books(key), field)
        assert stored is None or isinstance(stored, bytes), key
        return stored

    async def _write_once(self, key: str, field: str, value: bytes) -> tuple[bool, bytes]:
        """Whether this was the first write, and what the field has now: HSETNX lets the first one decide for ever."""
        async with reaching("the sandbox"):
            first = await self._redis.hsetnx(_books(key), field, value)
            await self._redis.expire(_books(key), SANDBOX_KEEP_S)
            stored = await self._redis.hget(_books(key), field)
        assert isinstance(stored, bytes), key
        return bool(first), stored


def _card(method: str) -> _Card:
    prefix, _, name = method.partition("_")
    return CARDS.get(name, _STRANGER) if prefix in ("tok", "saved") else _STRANGER


def _kept(method: str) -> KeptCard:
    return KeptCard("saved_" + method.partition("_")[2], _card(method).label)


def _books(key: str) -> str:
    return f"sandbox:{key}"


def _closed(closing: bytes, booking: _Booking) -> Result:
    state, *rest = closing.decode().split(":")
    if state != "captured":
        return Voided()
    amount_minor = int(rest[1]) if len(rest) > 1 else booking.amount.amount_minor
    amount = Money(amount_minor=amount_minor, currency=booking.amount.currency)
    return Captured(int(rest[0]), amount, Money(amount_minor=_fee_minor(amount_minor), currency=amount.currency))


def _fee_minor(amount_minor: int) -> int:
    """1.4 % and 25, like a provider in Europe; never more than there is."""
    return min(amount_minor, (amount_minor * 14 + 999) // 1000 + 25)
