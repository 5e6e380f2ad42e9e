"""Stripe's API as far as we use it: it keeps the first answer of a key, refuses other content under it, and its search lags."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.payment_faults import Line

API_KEY = "sk_test_efir"
WEBHOOK_SECRET = "whsec_efir"
NOW_S = 1_800_000_000
DECLINES = {"pm_declined": "card_declined", "pm_poor": "insufficient_funds"}

Json = dict[str, Any]


@dataclass
class FakeStripe:
    """`searches_lag`: so many searches find nothing yet. `keeps_pages`: it refuses to close a page. `refunds` is how refunds end,
    `amount_off` what it gets wrong."""

    line: Line = field(default_factory=Line)
    intents: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    setups: dict[str, Json] = field(default_factory=dict)
    sessions: dict[str, Json] = field(default_factory=dict)
    now_s: int = NOW_S
    keeps_pages: bool = False
    customers: int = 0
    detached: list[str] = field(default_factory=list)
    searches_lag: int = 0
    refund_status: str = "succeeded"
    amount_off: int = 0
    known: dict[str, tuple[bytes, int, Json]] = field(default_factory=dict)

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[Route("/v1/{path:path}", self._enter, methods=["GET", "POST"])])

    def confirm(self, key: str, approve: bool) -> None:
        """The buyer answers their bank about our payment or card `key`."""
        for intent in [*self.intents.values(), *self.setups.values()]:
            if key in intent["metadata"].values() and intent["status"] == "requires_action":
                paid = "succeeded" if intent["object"] == "setup_intent" else "requires_capture"
                intent["status"] = paid if approve else "requires_payment_method"
                error = None if approve else {"code": "payment_intent_authentication_failure"}
                intent["last_payment_error"] = intent["last_setup_error"] = error
                intent["amount_capturable"] = intent.get("amount", 0) if approve else 0

    def enter_card(self, key: str, method: str) -> None:
        """The buyer gives a card on the page of our payment or card `key`. One that declines leaves the page open for another."""
        (page,) = [each for each in self.sessions.values() if key in each["metadata"].values() and each["status"] == "open"]
        if page["mode"] == "setup":
            setup = {**page["setup_intent_data"], "customer": page["customer"], "payment_method": method}
            status, made = self._set_up(setup)
        else:
            # Each try is the same payment with another card.
            self.intents.pop((page["payment_intent"] or {}).get("id", ""), None)
            price = page["line_items"]["0"]["price_data"]
            data = {"amount": price["unit_amount"], "currency": price["currency"], "customer": page.get("customer")}
            status, made = self._create({**data, **page["payment_intent_data"], "payment_method": method})
            page["payment_intent"] = made if status == 200 else made["error"]["payment_intent"]
        if status == 200:
            page |= {"status": "complete", "url": None, "setup_intent": made if page["mode"] == "setup" else None}

    def pages_end(self) -> None:
        """So much time goes by that every page is closed."""
        for page in self.sessions.values():
            if page["status"] == "open":
                page |= {"status": "expired", "url": None}

    def charges(self, key: str) -> int:
        """How many payments were made for our id, or may still be made on a page."""
        pages = [page for page in self.sessions.values() if page["status"] == "open"]
        return len([each for each in (*self.intents.values(), *pages) if each["metadata"].get("payment_id") == key])

    def captured_minor(self, key: str) -> int:
        return sum(intent["amount_received"] for intent in self.intents.values() if intent["metadata"]["payment_id"] == key)

    def refunded_minor(self) -> int:
        return sum(refund["amount"] for refund in self.refunds.values() if refund["status"] == "succeeded")

    def webhook(
        self, kind: str, about: Json, at_s: int, secret: str = WEBHOOK_SECRET, event_id: str = "evt_1"
    ) -> tuple[bytes, dict[str, str]]:
        """A signed event."""
        event = {"id": event_id, "object": "event", "type": kind, "created": at_s, "data": {"object": about}}
        raw = json.dumps(event).encode()
        signature = hmac.new(secret.encode(), f"{at_s}.".encode() + raw, hashlib.sha256).hexdigest()
        return raw, {"stripe-signature": f"t={at_s},v1={signature}"}

    async def _enter(self, request: Request) -> Response:
        return await self.line.through(request, self._work)

    async def _work(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return _error(401, "authentication_error", "api_key_invalid")
        key, body = request.headers.get("idempotency-key", ""), await request.body()
        # The library itself adds keys of its own to requests without one.
        if request.method == "POST" and key in self.known:
            first, status, answer = self.known[key]
            if first != body:
                return _error(400, "idempotency_error", None)
            return JSONResponse(answer, status)
        status, answer = self._route(request.method, request.path_params["path"], await _params(request))
        if request.method == "POST":
            self.known[key] = (body, status, json.loads(json.dumps(answer)))
        return JSONResponse(answer, status)

    def _route(self, method: str, path: str, params: Json) -> tuple[int, Json]:
        kind, _, rest = path.partition("/")
        name, _, verb = rest.partition("/")
        if kind == "checkout":
            return self._checkout(method, verb, params)
        match (method, kind, bool(name), verb):
            case ("POST", "customers" | "payment_intents", False, _):
                return self._create(params) if kind == "payment_intents" else self._customer()
            case ("GET", "payment_intents", True, _) if name == "search":
                return self._search(params)
            case ("GET", "payment_intents", True, _):
                return (200, self.intents[name]) if name in self.intents else _missing()
            case ("POST", "payment_intents", True, _):
                return self._close(self.intents[name], verb, params)
            case (_, "refunds", False, _):
                return self._refund(params) if method == "POST" else self._refunds_of(params["payment_intent"])
            case ("POST", "setup_intents", False, _):
                return self._set_up(params)
            case ("GET", "setup_intents", True, _):
                return 200, self.setups[name]
            case ("POST", "payment_methods", True, "detach"):
                self.detached.append(name)
                return 200, _method(name)
        return _missing()

    def _checkout(self, method: str, path: str, params: Json) -> tuple[int, Json]:
        page_id, _, verb = path.partition("/")
        if method == "POST" and not page_id:
            return self._open_page(params)
        if page_id not in self.sessions:
            return _missing()
        return self._expire(self.sessions[page_id]) if verb == "expire" else (200, self.sessions[page_id])

    def _open_page(self, params: Json) -> tuple[int, Json]:
        page_id = f"cs_{len(self.sessions) + 1}"
        assert "payment_method" not in params, params
        assert params["success_url"].startswith("http"), params
        if params["mode"] == "payment":
            if not 30 * 60 <= int(params["expires_at"]) - self.now_s <= 24 * 3_600:
                return _refusal("")
            assert params["payment_intent_data"]["capture_method"] == "manual", params
            assert params["line_items"]["0"]["quantity"] == "1", params
        made = {
            **params,
            "id": page_id,
            "object": "checkout.session",
            "status": "open",
            "url": f"https://checkout.example/{page_id}",
            "payment_intent": None,
            "setup_intent": None,
        }
        self.sessions[page_id] = made
        return 200, made

    def _expire(self, page: Json) -> tuple[int, Json]:
        if page["status"] != "open" or self.keeps_pages:
            return _refusal("")
        page |= {"status": "expired", "url": None}
        return 200, page

    def _customer(self) -> tuple[int, Json]:
        self.customers += 1
        return 200, {"id": f"cus_{self.customers}", "object": "customer"}

    def _create(self, params: Json) -> tuple[int, Json]:
        method, intent_id = params["payment_method"], f"pi_{len(self.intents) + 1}"
        amount = int(params["amount"]) + self.amount_off
        intent = {
            "id": intent_id,
            "object": "payment_intent",
            "created": NOW_S,
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "currency": params["currency"],
            "customer": params.get("customer"),
            "metadata": params["metadata"],
            "payment_method": _method(method),
            "last_payment_error": None,
            "next_action": None,
            "latest_charge": None,
        }
        self.intents[intent_id] = intent
        if method in DECLINES or (method == "pm_3ds" and params.get("off_session") == "true"):
            intent["status"] = "requires_payment_method"
            code = "authentication_required" if method == "pm_3ds" else "card_declined"
            intent["last_payment_error"] = {"type": "card_error", "code": code, "decline_code": DECLINES.get(method)}
            return 402, {"error": {**intent["last_payment_error"], "payment_intent": intent}}
        if method == "pm_3ds":
            assert params["return_url"].startswith("http"), params
            intent["status"] = "requires_action"
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds"}}
        else:
            intent["status"], intent["amount_capturable"] = "requires_capture", amount
        card = {"capture_before": NOW_S + 7 * 24 * 3_600}
        intent["latest_charge"] = {
            "id": f"ch_{intent_id}",
            "object": "charge",
            "created": NOW_S,
            "payment_method_details": {"type": "card", "card": card},
            "balance_transaction": None,
        }
        return 200, intent

    def _search(self, params: Json) -> tuple[int, Json]:
        wanted = re.fullmatch(r'metadata\["payment_id"\]:"(\w+)"', params["query"])
        assert wanted, params
        found = [intent for intent in self.intents.values() if intent["metadata"]["payment_id"] == wanted[1]]
        if self.searches_lag:
            self.searches_lag -= 1
            found = []
        return 200, {"object": "search_result", "data": found, "has_more": False, "url": "/v1/payment_intents/search"}

    def _close(self, intent: Json, verb: str, params: Json) -> tuple[int, Json]:
        if verb == "cancel" and intent["status"] not in ("succeeded", "canceled"):
            intent["status"], intent["amount_capturable"] = "canceled", 0
            return 200, intent
        if verb == "capture" and intent["status"] == "requires_capture":
            amount = int(params["amount_to_capture"])
            if amount > intent["amount_capturable"]:
                return _refusal("amount_too_large")
            fee = {"id": "txn_1", "object": "balance_transaction", "fee": 32, "currency": intent["currency"]}
            intent["latest_charge"]["balance_transaction"] = fee
            intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
            return 200, intent
        return _refusal("payment_intent_unexpected_state")

    def _refund(self, params: Json) -> tuple[int, Json]:
        intent, amount = self.intents[params["payment_intent"]], int(params["amount"])
        given = sum(item["amount"] for item in self.refunds.values() if item["payment_intent"] == intent["id"])
        if given + amount > intent["amount_received"]:
            return _refusal("charge_already_refunded" if given == intent["amount_received"] else "amount_too_large")
        made = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "created": NOW_S,
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": params["metadata"],
            "status": self.refund_status,
            "failure_reason": "expired_or_canceled_card" if self.refund_status == "failed" else None,
        }
        self.refunds[made["id"]] = made
        return 200, made

    def _refunds_of(self, intent_id: str) -> tuple[int, Json]:
        found = [item for item in self.refunds.values() if item["payment_intent"] == intent_id]
        return 200, {"object": "list", "data": found, "has_more": False, "url": "/v1/refunds"}

    def _set_up(self, params: Json) -> tuple[int, Json]:
        method = params["payment_method"]
        made = {
            "id": f"seti_{len(self.setups) + 1}",
            "object": "setup_intent",
            "customer": params["customer"],
            "metadata": params["metadata"],
            "payment_method": _method(method),
            "status": "requires_action" if method == "pm_3ds" else "succeeded",
            "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds"}},
            "last_setup_error": None,
        }
        if method in DECLINES:
            return 402, {"error": {"type": "card_error", "code": "card_declined", "decline_code": DECLINES[method]}}
        self.setups[made["id"]] = made
        return 200, made


def _method(method: str) -> Json:
    return {"id": method, "object": "payment_method", "card": {"brand": "visa", "last4": "4242"}}


def _error(status: int, kind: str, code: str | None) -> JSONResponse:
    return JSONResponse({"error": {"type": kind, "code": code, "message": "no"}}, status)


def _refusal(code: str) -> tuple[int, Json]:
    return 400, {"error": {"type": "invalid_request_error", "code": code, "message": "no"}}


def _missing() -> tuple[int, Json]:
    return 404, {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "no"}}


async def _params(request: Request) -> Json:
    """`a[b]=c` as {"a": {"b": "c"}}; a list is a mapping too, by its positions."""
    pairs = [*request.query_params.multi_items(), *parse_qsl((await request.body()).decode())]
    found: Json = {}
    for name, value in pairs:
        *outer, last = [part.rstrip("]") for part in name.split("[")]
        place = found
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return found
