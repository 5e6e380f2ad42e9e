"""The provider `stripe`, through Stripe's own library: PaymentIntents with manual capture, SetupIntents for saved cards.

Without a method Stripe asks for the card on its own page, a Checkout Session. The reference of such a payment is the session's
until that is completed, then its PaymentIntent's. Saved cards are `<customer>/<payment method>`, since Stripe charges a card
later only for its customer.
"""

from collections.abc import Awaitable, Mapping
from typing import Any

import stripe

from schemas.errors import MALFORMED, SIGNATURE_INVALID, Refused
from schemas.money import Money
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
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

EXPAND = ["latest_charge.balance_transaction", "payment_method"]
SESSION_EXPAND = [f"payment_intent.{path}" for path in EXPAND]
LIST_MAX = 100
PAGE_OPEN_S = 3_600
"""How long the page for a card may be used, if it is not closed before. Stripe takes from 30 minutes to a day after the request,
so a request that is lost may be repeated for half an hour. Counted from the payment, so that each copy says the same."""

log = get_logger(__name__)

Json = dict[str, Any]


class _No(Exception):
    """Stripe refuses a request for good; `code` says why."""

    def __init__(self, code: str, reference: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.reference = reference


class Stripe:
    """`PaymentProvider` by Stripe's API."""

    capabilities = Capabilities(
        manual_capture=True,
        partial_capture=True,
        saved_card=True,
        refunds=True,
        partial_refunds=True,
        disputes=True,
        signed_webhooks=True,
        hosted_entry=True,
    )

    def __init__(self, api_key: str, webhook_secret: str, *, api_url: str = "", deadline_ms: int = 20_000) -> None:
        """`api_url` is another address of the API, for tests."""
        self.deadline_ms = deadline_ms
        self._webhook_secret = webhook_secret
        self._http = stripe.HTTPXClient(timeout=deadline_ms / 1000)
        # The library must not repeat by itself: how often and when is decided where the payment is known.
        self._client = stripe.StripeClient(
            api_key,
            http_client=self._http,
            max_network_retries=0,
            base_addresses={"api": api_url} if api_url else {},
        )

    async def authorise(self, charge: Charge) -> Result:
        if not charge.method:
            return await self._open_page(charge)
        customer, method = await self._customer(charge)
        params: Any = {
            "amount": charge.amount.amount_minor,
            "currency": charge.amount.currency.lower(),
            "payment_method": method,
            "payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            "metadata": _names(charge),
            "expand": EXPAND,
        }
        if customer:
            params["customer"] = customer
        if charge.save_card:
            params["setup_future_usage"] = "off_session"
        if charge.off_session:
            params["off_session"] = True
        else:
            params["return_url"] = charge.return_url
        try:
            made = await _asked(self._client.v1.payment_intents.create_async(params, {"idempotency_key": charge.key}))
        except _No as no:
            return Declined(no.code, no.reference)
        return _result(made, charge)

    async def capture(self, charge: Charge, amount: Money) -> Result:
        intent = await self._found(charge)
        if intent is None:
            return Declined("nothing_authorised")
        if intent["status"] != "requires_capture":
            return _result(intent, charge)
        params: Any = {"amount_to_capture": amount.amount_minor, "expand": EXPAND}
        try:
            # Without an idempotency key, which would repeat an answer of 500 for a day: a second capture is refused by the state.
            return _result(await _asked(self._client.v1.payment_intents.capture_async(intent["id"], params)), charge)
        except _No as no:
            return await self._after(no, charge)

    async def void(self, charge: Charge) -> Result:
        intent = await self._found(charge)
        if intent is not None and intent["status"] == "open":
            intent = await self._close_page(intent["id"], charge)
        if intent is None:
            return Unseen()
        if _is_page(intent) or intent["status"] in ("succeeded", "canceled"):
            return _result(intent, charge)
        try:
            params: Any = {"expand": EXPAND}
            return _result(await _asked(self._client.v1.payment_intents.cancel_async(intent["id"], params)), charge)
        except _No as no:
            return await self._after(no, charge)

    async def get(self, charge: Charge) -> Result:
        found = await self._found(charge)
        return Unseen() if found is None else _result(found, charge)

    async def refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        intent = await self._found(charge)
        if intent is None or _is_page(intent):
            return Declined("nothing_captured")
        params: Any = {
            "payment_intent": intent["id"],
            "amount": wish.amount.amount_minor,
            "metadata": {"refund_id": wish.key, "payment_id": charge.key},
        }
        try:
            return _refund(await _asked(self._client.v1.refunds.create_async(params, {"idempotency_key": wish.key})))
        except _No as no:
            return Declined(no.code)

    async def get_refund(self, charge: Charge, wish: RefundWish) -> RefundResult:
        intent = await self._found(charge)
        if intent is None or _is_page(intent):
            return Unseen()
        params: Any = {"payment_intent": intent["id"], "limit": LIST_MAX}
        found = await _asked(self._client.v1.refunds.list_async(params))
        mine = [refund for refund in found["data"] if (refund.get("metadata") or {}).get("refund_id") == wish.key]
        return _refund(mine[0]) if mine else Unseen()

    async def save_card(self, setup: CardSetup) -> SetupResult:
        if not setup.method:
            return await self._save_on_page(setup)
        try:
            customer = await self._new_customer(setup.owner_id, setup.key)
            params: Any = {
                "customer": customer,
                "payment_method": setup.method,
                "payment_method_types": ["card"],
                "usage": "off_session",
                "confirm": True,
                "return_url": setup.return_url,
                "metadata": {"card_id": setup.key},
                "expand": ["payment_method"],
            }
            made = await _asked(self._client.v1.setup_intents.create_async(params, {"idempotency_key": setup.key}))
            if made["status"] != "succeeded":  # the answer to a repeated key is the first one: how it stands now is asked for
                made = await _asked(self._client.v1.setup_intents.retrieve_async(made["id"], {"expand": ["payment_method"]}))
        except _No as no:
            return Declined(no.code)
        if made["status"] == "succeeded":
            return CardSaved(_kept(customer, made["payment_method"]))
        if made["status"] == "requires_action":
            return RequiresAction(_url(made), made["id"])
        if made["status"] in ("requires_payment_method", "canceled"):
            return Declined(_reason(made.get("last_setup_error")))
        return Unknown()

    async def forget_card(self, method: str) -> None:
        try:
            await _asked(self._client.v1.payment_methods.detach_async(method.rpartition("/")[2]))
        except _No as no:
            log.info("stripe does not know a card that is to be forgotten", reason=no.code)

    def read_webhook(self, raw: bytes, headers: Mapping[str, str], now_ms: int) -> Notice:
        try:
            event: Any = self._client.construct_event(
                raw, headers.get("stripe-signature"), self._webhook_secret, tolerance=WEBHOOK_AGE_MAX_S
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            raise Refused(
                SIGNATURE_INVALID, "Sign the body with the secret of this webhook, not longer ago than 300 s."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(MALFORMED, "Send an event of Stripe.") from error
        try:
            told = event.to_dict()
            return _notice(told["id"], told["type"], told["data"]["object"], told["created"])
        except (AttributeError, KeyError, TypeError) as error:
            raise Refused(MALFORMED, "Send an event of Stripe.") from error

    async def close(self) -> None:
        """Give up every connection."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def _after(self, no: _No, charge: Charge) -> Result:
        """A state that does not allow it any more (somebody else was faster) says by itself what has happened."""
        return await self.get(charge) if no.code == "payment_intent_unexpected_state" else Declined(no.code)

    async def _open_page(self, charge: Charge) -> Result:
        price = {
            "currency": charge.amount.currency.lower(),
            "unit_amount": charge.amount.amount_minor,
            "product_data": {"name": f"#{charge.order_id[-8:].upper()}"},  # read on Stripe's page, in whatever language that is
        }
        intent: Json = {"capture_method": "manual", "metadata": _names(charge)}
        params: Any = {
            "mode": "payment",
            "payment_method_types": ["card"],
            "line_items": [{"quantity": 1, "price_data": price}],
            "payment_intent_data": intent,
            "metadata": _names(charge),
            "expires_at": charge.created_at_ms // 1_000 + PAGE_OPEN_S,
            "success_url": charge.return_url,
            "cancel_url": charge.return_url,
        }
        try:
            if charge.save_card:
                intent["setup_future_usage"] = "off_session"
                params["customer"] = await self._new_customer(charge.owner_id, charge.key)
            # A repeated key gets the first answer, in which the page is open; how it stands by now is asked for a moment later.
            made = await _asked(self._client.v1.checkout.sessions.create_async(params, {"idempotency_key": charge.key}))
        except _No as no:
            return Declined(no.code)
        return _result(made, charge)

    async def _close_page(self, reference: str, charge: Charge) -> Json | None:
        try:
            params: Any = {"expand": SESSION_EXPAND}
            return await _asked(self._client.v1.checkout.sessions.expire_async(reference, params))
        except _No as no:
            # The buyer was faster: then there is a payment instead.
            found = await self._found(charge)
            if found is not None and found["status"] == "open":
                raise Unavailable(f"stripe: {no.code}") from no
            return found

    async def _save_on_page(self, setup: CardSetup) -> SetupResult:
        sessions = self._client.v1.checkout.sessions
        try:
            customer = await self._new_customer(setup.owner_id, setup.key)
            params: Any = {
                "mode": "setup",
                "customer": customer,
                "payment_method_types": ["card"],
                "setup_intent_data": {"metadata": {"card_id": setup.key}},
                "metadata": {"card_id": setup.key},
                "success_url": setup.return_url,
                "cancel_url": setup.return_url,
            }
            made = await _asked(sessions.create_async(params, {"idempotency_key": setup.key}))
            # The answer to a repeated key is the first one: how it stands now is asked for.
            now = await _asked(sessions.retrieve_async(made["id"], {"expand": ["setup_intent.payment_method"]}))
        except _No as no:
            return Declined(no.code)
        intent = now.get("setup_intent") or {}
        if now["status"] == "complete" and intent.get("status") == "succeeded":
            return CardSaved(_kept(customer, intent["payment_method"]))
        if now["status"] == "open":
            return RequiresAction(now["url"], now["id"])
        return Declined("expired") if now["status"] == "expired" else Unknown()

    async def _found(self, charge: Charge) -> Json | None:
        """The PaymentIntent; where the card is asked for on Stripe's page, the Checkout Session until it is completed."""
        if charge.method or charge.reference.startswith("pi_"):
            return await self._intent(charge)
        if not charge.reference:
            # The answer with the page's address was lost, so nobody can have paid there: asked for again, it is the same page.
            return None
        try:
            params: Any = {"expand": SESSION_EXPAND}
            session = await _asked(self._client.v1.checkout.sessions.retrieve_async(charge.reference, params))
        except _No as no:
            if no.code == "resource_missing":
                return None
            raise Unavailable(f"stripe: {no.code}") from no
        # While the page is open a refused card is no end: its buyer may try another one there.
        return session["payment_intent"] if session["status"] == "complete" else session

    async def _intent(self, charge: Charge) -> Json | None:
        """The PaymentIntent, also when the answer that named it was lost: then it is looked for by our id. The search is up to a
        minute behind; what it does not find is sent again under its key, and Stripe answers as before."""
        try:
            if charge.reference:
                params: Any = {"expand": EXPAND}
                return await _asked(self._client.v1.payment_intents.retrieve_async(charge.reference, params))
            wanted: Any = {
                "query": f'metadata["payment_id"]:"{charge.key}"',
                "limit": 1,
                "expand": [f"data.{path}" for path in EXPAND],
            }
            found = await _asked(self._client.v1.payment_intents.search_async(wanted))
        except _No as no:
            if no.code == "resource_missing":
                return None
            raise Unavailable(f"stripe: {no.code}") from no
        return found["data"][0] if found["data"] else None

    async def _customer(self, charge: Charge) -> tuple[str, str]:
        customer, _, method = charge.method.rpartition("/")
        if not customer and charge.save_card:
            customer = await self._new_customer(charge.owner_id, charge.key)
        return customer, method

    async def _new_customer(self, owner_id: str, key: str) -> str:
        params: Any = {"metadata": {"owner_id": owner_id}}
        made = await _asked(self._client.v1.customers.create_async(params, {"idempotency_key": f"{key}:customer"}))
        return str(made["id"])


async def _asked(answer: Awaitable[Any]) -> Json:
    """The answer of the library, as plain values: its objects raise on fields that Stripe leaves out.

    Raises:
        Unavailable: none, or one that leaves open what has happened.
        _No: a refusal.
    """
    try:
        return dict((await answer).to_dict())
    except stripe.CardError as error:
        body: Any = error.json_body or {}
        told: Json = body.get("error") or {}
        raise _No(_reason(told), (told.get("payment_intent") or {}).get("id", "")) from error
    except stripe.InvalidRequestError as error:
        raise _No(error.code or "invalid_request") from error
    except stripe.IdempotencyError as error:
        if error.code == "idempotency_key_in_use":  # our own request of before is still at work
            raise Unavailable("stripe works on it") from error
        raise _No("key_used_before") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.warning("stripe refuses the key of this shop; look at STRIPE_API_KEY", error=repr(error))
        raise Unavailable("stripe refuses our key") from error
    except stripe.StripeError as error:
        raise Unavailable(f"stripe: {error!r}") from error


def _names(charge: Charge) -> dict[str, str]:
    return {"payment_id": charge.key, "order_id": charge.order_id}


def _is_page(found: Json) -> bool:
    return bool(found["object"] == "checkout.session")


def _result(intent: Json, charge: Charge) -> Result:
    """What a PaymentIntent means, or a Checkout Session that has none yet."""
    match intent["status"]:
        case "open":
            return RequiresAction(intent["url"], intent["id"])
        case "requires_capture":
            card = _kept(intent["customer"], intent["payment_method"]) if charge.save_card and intent.get("customer") else None
            return Authorised(_money(intent["amount_capturable"], intent), intent["id"], _capture_before_ms(intent), card)
        case "succeeded":
            paid = intent.get("latest_charge") or {}
            transaction = paid.get("balance_transaction")
            fee = None
            if isinstance(transaction, dict):
                fee = Money(amount_minor=transaction["fee"], currency=transaction["currency"].upper())
            at_s = int(paid.get("created") or intent["created"])
            return Captured(at_s * 1_000, _money(intent["amount_received"], intent), fee, intent["id"])
        case "requires_action":
            return RequiresAction(_url(intent), intent["id"])
        case "requires_payment_method":
            return Declined(_reason(intent.get("last_payment_error")), intent["id"])
        case "canceled" | "expired":
            return Voided()
        case _:
            return Unknown(intent["id"])


def _refund(refund: Json) -> RefundResult:
    if refund["status"] == "succeeded":
        return Refunded(refund["created"] * 1_000, refund["id"])
    if refund["status"] in ("failed", "canceled"):
        return Declined(refund.get("failure_reason") or refund["status"])
    return Unknown(refund["id"])


def _notice(event_id: str, kind: str, about: Json, at_s: int) -> Notice:
    if kind.startswith("payment_intent."):
        return Notice(event_id, "payment", (about.get("metadata") or {}).get("payment_id", ""), about["id"])
    if kind.startswith("checkout.session.") and (key := (about.get("metadata") or {}).get("payment_id")):
        return Notice(event_id, "payment", key, about["id"])
    if kind.startswith("refund."):
        return Notice(event_id, "refund", (about.get("metadata") or {}).get("refund_id", ""), about.get("payment_intent") or "")
    # An inquiry (`warning_…`) has not taken any money.
    if kind.startswith("charge.dispute.") and not about["status"].startswith("warning_"):
        state: Any = about["status"] if about["status"] in ("won", "lost") else "open"
        news = DisputeNews(about["id"], _money(about["amount"], about), about["reason"], state, at_s * 1_000)
        return Notice(event_id, "dispute", "", about.get("payment_intent") or "", news)
    return Notice(event_id, "nothing")


def _kept(customer: str, method: Json) -> KeptCard:
    card = method["card"]
    return KeptCard(f"{customer}/{method['id']}", f"{card['brand'].capitalize()} •••• {card['last4']}")


def _money(minor: int, of: Json) -> Money:
    return Money(amount_minor=minor, currency=of["currency"].upper())


def _capture_before_ms(intent: Json) -> int | None:
    details = (intent.get("latest_charge") or {}).get("payment_method_details") or {}
    card: Json = details.get("card") or {}
    return card["capture_before"] * 1_000 if card.get("capture_before") else None


def _url(intent: Json) -> str:
    redirect = (intent.get("next_action") or {}).get("redirect_to_url")
    if redirect is None:
        raise Unavailable("stripe wants a step of its own script, which was not asked for")
    return str(redirect["url"])


def _reason(error: Json | None) -> str:
    error = error or {}
    return str(error.get("decline_code") or error.get("code") or "card_declined")
