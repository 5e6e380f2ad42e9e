"""YooKassa's API v3 as far as we use it: it keeps the first answer of a key and refuses other content under it."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.payment_faults import Line

SHOP_ID, SECRET_KEY = "100500", "test_efir"
CREATED_AT = "2027-01-15T08:00:00.000Z"
EXPIRES_AT = "2027-01-22T08:00:00.000Z"
PAGE = 2
"""Short pages, so that whoever looks for something must turn them."""

Json = dict[str, Any]


@dataclass
class FakeYooKassa:
    """`refund_status` is how refunds end, `amount_off` what it gets wrong. `bodies` are the payments as they were asked for."""

    line: Line = field(default_factory=Line)
    payments: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    methods: dict[str, Json] = field(default_factory=dict)
    bodies: list[Json] = field(default_factory=list)
    refund_status: str = "succeeded"
    amount_off: int = 0
    known: dict[str, tuple[bytes, int, Json]] = field(default_factory=dict)
    searches_lag: int = 0

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[Route("/v3/{path:path}", self._enter, methods=["GET", "POST"])])

    def confirm(self, key: str, approve: bool) -> None:
        """The buyer answers their bank about our payment `key`, or about the card that waits."""
        for payment in self.payments.values():
            if payment["metadata"]["payment_id"] == key and payment["status"] == "pending":
                payment.pop("confirmation")
                _end(payment, "waiting_for_capture" if approve else "canceled", "3d_secure_failed")
        for method in self.methods.values():
            if method["status"] == "pending":
                method["status"] = "active" if approve else "inactive"

    def enter_card(self, key: str, method: str) -> None:
        """The buyer gives a card on the page of our payment `key`, or of the card that waits. One that declines leaves the page
        open for another."""
        if method != "pt_declined":
            self.confirm(key, True)

    def pages_end(self) -> None:
        """So much time goes by that every page is closed."""
        for payment in self.payments.values():
            if payment["status"] == "pending":
                payment.pop("confirmation")
                _end(payment, "canceled", "expired_on_confirmation")
        for method in self.methods.values():
            if method["status"] == "pending":
                method["status"] = "inactive"

    def charges(self, key: str) -> int:
        """How many payments were made for our id."""
        return sum(payment["metadata"]["payment_id"] == key for payment in self.payments.values())

    def captured_minor(self, key: str) -> int:
        paid = [
            item for item in self.payments.values() if item["metadata"]["payment_id"] == key and item["status"] == "succeeded"
        ]
        return sum(_minor(payment["amount"]) for payment in paid)

    def refunded_minor(self) -> int:
        return sum(_minor(refund["amount"]) for refund in self.refunds.values() if refund["status"] == "succeeded")

    def webhook(self, kind: str, about: Json) -> tuple[bytes, dict[str, str]]:
        """A notification, which nobody signs."""
        return json.dumps({"type": "notification", "event": kind, "object": about}).encode(), {}

    async def _enter(self, request: Request) -> Response:
        return await self.line.through(request, self._work)

    async def _work(self, request: Request) -> Response:
        expected = base64.b64encode(f"{SHOP_ID}:{SECRET_KEY}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"type": "error", "code": "invalid_credentials"}, 401)
        key, body = request.headers.get("idempotence-key", ""), await request.body()
        if request.method == "POST" and not key:
            return JSONResponse({"type": "error", "code": "invalid_request"}, 400)
        if request.method == "POST" and key in self.known:
            first, status, answer = self.known[key]
            if first != body:
                return JSONResponse({"type": "error", "code": "invalid_request", "parameter": "Idempotence-Key"}, 400)
            return JSONResponse(answer, status)
        content = json.loads(body) if body else {}
        status, answer = self._route(request.method, request.path_params["path"], content, dict(request.query_params))
        if request.method == "POST":
            self.known[key] = (body, status, json.loads(json.dumps(answer)))
        return JSONResponse(answer, status)

    def _route(self, method: str, path: str, body: Json, query: dict[str, str]) -> tuple[int, Json]:
        kind, _, rest = path.partition("/")
        name, _, verb = rest.partition("/")
        books = {"payments": self.payments, "refunds": self.refunds, "payment_methods": self.methods}[kind]
        match (method, kind, bool(name)):
            case ("GET", _, True):
                return (200, books[name]) if name in books else (404, {"type": "error", "code": "not_found"})
            case ("GET", _, False):
                return self._list(list(books.values()), query)
            case ("POST", "payments", False):
                return self._create(body)
            case ("POST", "payments", True):
                return self._close(self.payments[name], verb, body)
            case ("POST", "refunds", False):
                return self._refund(body)
        made: Json = {"id": f"method-{len(self.methods) + 1}", "type": body["type"], "saved": False, "status": "pending"}
        made["card"] = {"card_type": "Mir", "last4": "2204"}
        made["confirmation"] = {"type": "redirect", "confirmation_url": "https://bank.example/3ds"}
        self.methods[made["id"]] = made
        return 200, made

    def _list(self, items: list[Json], query: dict[str, str]) -> tuple[int, Json]:
        if "payment_id" in query:
            items = [item for item in items if item["payment_id"] == query["payment_id"]]
        start = int(query.get("cursor", "0"))
        page: Json = {"type": "list", "items": items[start : start + PAGE]}
        if len(items) > start + PAGE:
            page["next_cursor"] = str(start + PAGE)
        return 200, page

    def _create(self, body: Json) -> tuple[int, Json]:
        self.bodies.append(body)
        ways = (body.get("payment_token"), body.get("payment_method_id"), body.get("payment_method_data", {}).get("type"))
        # Without any of them the buyer chooses on the page, which then must know where they come back to.
        token = next((way for way in ways if way), "page")
        if token == "page" and not body.get("confirmation", {}).get("return_url"):
            return 400, {"type": "error", "code": "invalid_request", "parameter": "confirmation"}
        value = _minor(body["amount"]) + self.amount_off
        payment: Json = {
            "id": f"payment-{len(self.payments) + 1}",
            "status": "pending",
            "amount": {"value": f"{value // 100}.{value % 100:02d}", "currency": body["amount"]["currency"]},
            "created_at": CREATED_AT,
            "metadata": body["metadata"],
            "payment_method": {
                "type": "bank_card",
                "id": f"method-of-{token}",
                "saved": bool(body.get("save_payment_method")),
                "card": {"card_type": "Mir", "last4": "2204"},
            },
        }
        assert body["capture"] is False, body
        if token in ("pt_declined", "pt_poor"):
            _end(payment, "canceled", {"pt_declined": "general_decline", "pt_poor": "insufficient_funds"}[token])
        elif token in ("pt_3ds", "bank_card", "page"):
            payment["confirmation"] = {"type": "redirect", "confirmation_url": "https://bank.example/3ds"}
        elif token == "method-of-pt_3ds":
            _end(payment, "canceled", "permission_revoked")
        else:
            _end(payment, "waiting_for_capture")
        self.payments[payment["id"]] = payment
        return 200, payment

    def _close(self, payment: Json, verb: str, body: Json) -> tuple[int, Json]:
        if payment["status"] != "waiting_for_capture":
            return 400, {"type": "error", "code": "invalid_request"}
        if verb == "cancel":
            _end(payment, "canceled", "canceled_by_merchant")
            return 200, payment
        if _minor(body["amount"]) > _minor(payment["amount"]):
            return 400, {"type": "error", "code": "invalid_request"}
        income = _minor(body["amount"]) - 32
        payment |= {"amount": body["amount"], "captured_at": CREATED_AT, "status": "succeeded"}
        payment["income_amount"] = {"value": f"{income // 100}.{income % 100:02d}", "currency": body["amount"]["currency"]}
        return 200, payment

    def _refund(self, body: Json) -> tuple[int, Json]:
        payment = self.payments[body["payment_id"]]
        given = sum(_minor(item["amount"]) for item in self.refunds.values() if item["payment_id"] == payment["id"])
        if payment["status"] != "succeeded" or given + _minor(body["amount"]) > _minor(payment["amount"]):
            return 400, {"type": "error", "code": "invalid_request"}
        made = {
            "id": f"refund-{len(self.refunds) + 1}",
            "created_at": CREATED_AT,
            "payment_id": payment["id"],
            "amount": body["amount"],
            "description": body["description"],
            "status": {"failed": "canceled"}.get(self.refund_status, self.refund_status),
            "cancellation_details": {"reason": "insufficient_funds"},
        }
        self.refunds[made["id"]] = made
        return 200, made


def _end(payment: Json, status: str, reason: str = "") -> None:
    payment["status"] = status
    if status == "canceled":
        payment["cancellation_details"] = {"party": "payment_network", "reason": reason}
    else:
        payment["expires_at"] = EXPIRES_AT


def _minor(amount: Json) -> int:
    whole, _, part = amount["value"].partition(".")
    assert len(part) == 2, amount
    return int(whole) * 100 + int(part)
