"""The provider `yookassa` (ЮKassa), over its REST API v3: payments in two steps, saved cards, refunds, fiscal receipts (54-FZ).

`method` is a one-time token of its page script, or the name of a way to pay (`bank_card`, `sbp`, …) whose data the buyer gives on
YooKassa's own page; without a method the buyer chooses the way there too. Saved cards are `saved/<id>`.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from schemas.errors import MALFORMED, Refused
from schemas.money import Money
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.tls import client_context
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

SAVED = "saved/"
ON_THEIR_PAGE = frozenset({"bank_card", "sbp", "yoo_money", "sberbank", "tinkoff_bank", "mir_pay"})
VOIDED = frozenset({"canceled_by_merchant", "expired_on_capture", "expired_on_confirmation"})
"""Reasons of a cancellation that give an authorisation back, or by which there never was one; any other is a refusal."""
PAGE = 100
PAGES_MAX = 20
LATE_MS = 60_000
"""How much their clock may be before ours when a payment is looked for by its time."""

log = get_logger(__name__)

Json = dict[str, Any]


class _No(Exception):
    """YooKassa refuses a request for good; `code` says why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class YooKassa:
    """`PaymentProvider` by YooKassa's API."""

    def __init__(
        self,
        shop_id: str,
        secret_key: str,
        *,
        api_url: str,
        vat_code: int | None = None,
        contact: str = "",
        deadline_ms: int = 30_000,
    ) -> None:
        """With `vat_code` it makes fiscal receipts; `contact` gets those of buyers whose phone is not known."""
        self.deadline_ms = deadline_ms
        self.capabilities = Capabilities(
            manual_capture=True,
            partial_capture=True,
            saved_card=True,
            refunds=True,
            partial_refunds=True,
            hosted_entry=True,
            receipts=vat_code is not None,
        )
        self._vat_code = vat_code
        self._contact = contact
        self._http = httpx.AsyncClient(
            base_url=api_url.rstrip("/") + "/",
            auth=(shop_id, secret_key),
            timeout=deadline_ms / 1000,
            trust_env=False,
            verify=client_context(),
        )

    async def authorise(self, charge: Charge) -> Result:
        body: Json = {
            "amount": _amount(charge.amount),
            "capture": False,
            "description": f"Order {charge.order_id}",
            "metadata": {"payment_id": charge.key, "order_id": charge.order_id},
            **_way(charge.method),
        }
        if not charge.off_session:
            body["confirmation"] = {"type": "redirect", "return_url": charge.return_url}
        if charge.save_card:
            body["save_payment_method"] = True
        if receipt := self._receipt(charge, charge.amount):
            body["receipt"] = receipt
        try:
            return _result(await self._post("payments", charge.key, body), charge)
        except _No as no:
            return Declined(no.code)

    async def capture(self, charge: Charge, amount: Money) -> Result:
        found = await self._payment(charge)
        if found is None:
            return Declined("nothing_authorised")
        if found["status"] != "waiting_for_capture":
            return _result(found, charge)
        body: Json = {"amount": _amount(amount)}
        if receipt := self._receipt(charge, amount):
            body["receipt"] = receipt
        return await self._close(charge, found["id"], "capture", body)

    async def void(self, charge: Charge) -> Result:
        found = await self._payment(charge)
        if found is None:
            return Unseen()
        if found["status"] != "waiting_for_capture":
            # A payment that its buyer has not confirmed cannot be cancelled here: it ends by itself within the hour. Whoever does
            # not wait that long gives back what is paid late.
            return _result(found, charge)
        return await self._close(charge, found["id"], "cancel", {})

    async def get(self, charge: Charge) -> Result:
        found = await self._payment(charge)
        return Unseen() if found is None else _result(found, charge)

    async def refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        found = await self._payment(charge)
        if found is None:
            return Declined("nothing_captured")
        body: Json = {
            "payment_id": found["id"],
            "amount": _amount(wish.amount),
            "description": wish.key,
            "metadata": {"refund_id": wish.key},
        }
        if receipt := self._receipt(charge, wish.amount):
            body["receipt"] = receipt
        try:
            return _refund(await self._post("refunds", wish.key, body))
        except _No as no:
            return Declined(no.code)

    async def get_refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        found = await self._payment(charge)
        if found is None:
            return Unseen()
        async for refund in self._list("refunds", {"payment_id": found["id"]}):
            if wish.key in (refund.get("description"), refund.get("metadata", {}).get("refund_id")):
                return _refund(refund)
        return Unseen()

    async def save_card(self, setup: CardSetup) -> SetupResult:
        """Without a charge ("привязка на нулевую сумму"): the card's data are given on YooKassa's page."""
        body: Json = {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": setup.return_url}}
        try:
            made = await self._post("payment_methods", setup.key, body)
            if made["status"] == "pending":  # the answer to a repeated key is the first one: how it stands now is asked for
                made = await self._get(f"payment_methods/{made['id']}", {})
        except _No as no:
            return Declined(no.code)
        if made["status"] == "active":
            return CardSaved(_kept(made))
        if made["status"] == "inactive":
            return Declined("authentication_failed")
        return RequiresAction(made["confirmation"]["confirmation_url"], made["id"]) if "confirmation" in made else Unknown()

    async def forget_card(self, method: str) -> None:
        """YooKassa forgets a saved card when its owner asks their bank; we do not name it any more."""

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now_ms: int) -> Notice:
        """Notifications are not signed: they are a hint to look, and nothing in them is believed."""
        try:
            event = msgspec.json.decode(raw, type=_Notification)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refused(MALFORMED, "Send a notification of YooKassa.") from error
        metadata, what = event.object.metadata, event.event.partition(".")[0]
        event_id = f"{event.event}:{event.object.id}"
        if what == "payment":
            return Notice(event_id, "payment", metadata.get("payment_id", ""), event.object.id)
        if what == "refund":
            return Notice(event_id, "refund", metadata.get("refund_id", ""), event.object.payment_id)
        return Notice(event_id, "nothing")

    async def close(self) -> None:
        """Give up every connection."""
        await self._http.aclose()

    async def _close(self, charge: Charge, reference: str, how: str, body: Json) -> Result:
        try:
            return _result(await self._post(f"payments/{reference}/{how}", f"{charge.key}:{how}", body), charge)
        except _No as no:
            # Somebody else was faster, and the payment itself says what has happened.
            found = await self._payment(charge)
            if found is None or found["status"] == "waiting_for_capture":
                return Declined(no.code)
            return _result(found, charge)

    async def _payment(self, charge: Charge) -> Json | None:
        """The payment, also when the answer that named it was lost: then it is looked for by our id among those of its time."""
        if charge.reference:
            try:
                return await self._get(f"payments/{charge.reference}", {})
            except _No as no:
                if no.status == 404:
                    return None
                raise Unavailable(f"yookassa: {no.code}") from no
        since = datetime.fromtimestamp((charge.created_at_ms - LATE_MS) / 1000, tz=UTC).isoformat(timespec="milliseconds")
        async for payment in self._list("payments", {"created_at.gte": since.replace("+00:00", "Z")}):
            if payment.get("metadata", {}).get("payment_id") == charge.key:
                return payment
        return None

    async def _list(self, path: str, query: Mapping[str, str]) -> AsyncIterator[Json]:
        cursor: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            try:
                page = await self._get(path, {**query, **cursor, "limit": str(PAGE)})
            except _No as no:
                raise Unavailable(f"yookassa: {no.code}") from no
            for item in page["items"]:
                yield item
            if "next_cursor" not in page:
                return
            cursor = {"cursor": page["next_cursor"]}
        raise Unavailable("yookassa: there are too many payments to look through")

    async def _post(self, path: str, key: str, body: Json) -> Json:
        return await self._answer("POST", path, json=body, headers={"idempotence-key": key})

    async def _get(self, path: str, query: Mapping[str, str]) -> Json:
        return await self._answer("GET", path, params=query)

    async def _answer(self, method: str, path: str, **request: Any) -> Json:
        """The object that was asked for.

        Raises:
            Unavailable: no answer, or one that leaves open what has happened (5xx, 429).
            _No: a refusal.
        """
        try:
            answer = await self._http.request(method, path, **request)
            found: Any = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"yookassa: {error!r}") from error
        if answer.is_success and isinstance(found, dict):
            return found
        code = found.get("code", "") if isinstance(found, dict) else ""
        if answer.status_code == 401:
            log.error("yookassa refuses the key of this shop; look at YOOKASSA_SECRET_KEY")
        if answer.status_code in (400, 403, 404):
            raise _No(answer.status_code, str(code) or "invalid_request")
        raise Unavailable(f"yookassa: {answer.status_code} {code}")

    def _receipt(self, charge: Charge, amount: Money) -> Json | None:
        """The fiscal receipt, or None without one. Of a part of the amount it has one line: which goods it is for is said by the
        receipt of the whole."""
        if self._vat_code is None:
            return None
        contact = charge.contact or self._contact
        customer = {"email": contact} if "@" in contact else {"phone": contact.lstrip("+")}
        lines = [(line.title, line.quantity, line.total_minor) for line in charge.lines]
        if not lines or sum(total_minor for *_, total_minor in lines) != amount.amount_minor:
            lines = [(f"Order {charge.order_id}", 1, amount.amount_minor)]
        return {"customer": customer, "items": [item for line in lines for item in self._items(line, amount.currency)]}

    def _items(self, line: tuple[str, int, int], currency: str) -> list[Json]:
        """A line; two when its total does not divide by its units, since a receipt multiplies."""
        title, quantity, total_minor = line
        unit_minor, rest = divmod(total_minor, quantity)
        parts = [(quantity - rest, unit_minor), (rest, unit_minor + 1)]
        return [
            {
                "description": title[:128],
                "quantity": f"{units}.00",
                "amount": _amount(Money(amount_minor=minor, currency=currency)),
                "vat_code": self._vat_code,
                "payment_mode": "full_payment",
                "payment_subject": "commodity",
            }
            for units, minor in parts
            if units
        ]


class _Object(msgspec.Struct):
    id: str
    metadata: dict[str, str] = {}
    payment_id: str = ""


class _Notification(msgspec.Struct):
    event: str
    object: _Object


def _way(method: str) -> Json:
    if not method:
        return {}
    if method.startswith(SAVED):
        return {"payment_method_id": method.removeprefix(SAVED)}
    return {"payment_method_data": {"type": method}} if method in ON_THEIR_PAGE else {"payment_token": method}


def _result(payment: Json, charge: Charge) -> Result:
    reference = str(payment["id"])
    amount = _money(payment["amount"])
    match payment["status"]:
        case "waiting_for_capture":
            method = payment.get("payment_method", {})
            card = _kept(method) if charge.save_card and method.get("saved") else None
            return Authorised(amount, reference, _ms(payment.get("expires_at")), card)
        case "succeeded":
            income = payment.get("income_amount")
            fee = None
            if income is not None:
                kept = max(0, amount.amount_minor - _money(income).amount_minor)
                fee = Money(amount_minor=kept, currency=amount.currency)
            captured_at_ms = _ms(payment.get("captured_at")) or _ms(payment.get("created_at")) or charge.created_at_ms
            return Captured(captured_at_ms, amount, fee, reference)
        case "canceled":
            reason = str(payment.get("cancellation_details", {}).get("reason", "card_declined"))
            return Voided() if reason in VOIDED else Declined(reason, reference)
        case "pending" if "confirmation_url" in payment.get("confirmation", {}):
            return RequiresAction(payment["confirmation"]["confirmation_url"], reference)
        case _:
            return Unknown(reference)


def _refund(refund: Json) -> RefundResult:
    if refund["status"] == "succeeded":
        return Refunded(_ms(refund.get("created_at")) or 0, refund["id"])
    if refund["status"] == "canceled":
        return Declined(str(refund.get("cancellation_details", {}).get("reason", "canceled")))
    return Unknown(refund["id"])


def _kept(method: Json) -> KeptCard:
    card = method.get("card", {})
    return KeptCard(f"{SAVED}{method['id']}", f"{card.get('card_type', 'Card')} •••• {card.get('last4', '')}".strip())


def _amount(money: Money) -> Json:
    """YooKassa writes major units with two digits; its currencies all have hundredths."""
    return {"value": f"{money.amount_minor // 100}.{money.amount_minor % 100:02d}", "currency": money.currency}


def _money(amount: Json) -> Money:
    whole, _, part = str(amount["value"]).partition(".")
    return Money(amount_minor=int(whole) * 100 + int(part.ljust(2, "0")[:2]), currency=amount["currency"])


def _ms(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
