"""What leaves the server, to which addresses, and when a delivery is tried again or given up."""

import importlib
import pkgutil
from typing import get_args

import msgspec
import pytest

import schemas.events
from schemas.base import Event, event_type
from schemas.events.auctions import LotOpening
from schemas.events.flash_sales import FlashSaleClosing, FlashSaleRequested
from schemas.events.orders import OrderPaid
from schemas.events.payments import PaymentActionRequired, PaymentRequested
from schemas.events.shows import ProductPinned, ProductUnpinned, RehearsalMade, ShowChanged
from schemas.http.webhooks import HookEvent
from schemas.money import Money
from server.modules.webhooks import rules
from server.modules.webhooks.rules import Health

PUBLIC = ("orders", "payments", "auctions", "flash_sales", "shows")
KEPT_INSIDE = {
    PaymentRequested: "carries the token of a card",
    PaymentActionRequired: "carries a link that is the buyer's alone",
    ProductPinned: "is of the screen",
    RehearsalMade: "is nothing to anybody outside: nobody is told of a rehearsal",
    ShowChanged: "is of the announcement: who wants to know when a show begins hears that it has begun",
    ProductUnpinned: "is of the screen",
    FlashSaleRequested: "is a step on the way to an opened sale",
    FlashSaleClosing: "is a step on the way to an ended sale",
    LotOpening: "is a step on the way to an announced lot",
}
PAID = OrderPaid(
    order_id="ord_1",
    show_id="shw_1",
    buyer_id="gst_1",
    total=Money(amount_minor=5, currency="EUR"),
    paid_at_ms=7,
    seller_id="acc_1",
)


def test_every_fact_of_orders_payments_auctions_sales_and_shows_leaves_or_there_is_a_reason() -> None:
    assert {found.name for found in pkgutil.iter_modules(schemas.events.__path__)} >= set(PUBLIC)
    facts = {
        thing
        for name in PUBLIC
        for thing in vars(importlib.import_module(f"schemas.events.{name}")).values()
        if isinstance(thing, type) and issubclass(thing, Event) and thing is not Event and "." in event_type(thing)
    }
    assert facts == set(rules.EVENTS) | set(KEPT_INSIDE)
    assert sorted(rules.EVENTS.values()) == sorted(get_args(HookEvent))
    for event in rules.EVENTS:
        names = {field.name for field in msgspec.structs.fields(event)}
        assert names >= {"show_id"} or names >= {"seller_id"}
        assert not names & {"method", "url", "token", "card_id"}, "nothing that opens a card or belongs to the buyer alone"


def test_a_message_says_what_happened_and_when_and_has_one_id_for_ever() -> None:
    message_id, name, payload = rules.message_of(PAID, 1_700_000_000_123)
    assert name == "order.paid"
    assert rules.message_of(PAID, 5)[0] == message_id
    assert rules.message_of(msgspec.structs.replace(PAID, order_id="ord_2"), 5)[0] != message_id
    decoded = msgspec.json.decode(payload)
    assert (decoded["type"], decoded["timestamp"]) == ("order.paid", "2023-11-14T22:13:20.123Z")
    assert decoded["data"]["total"] == {"amount_minor": 5, "currency": "EUR"}
    assert "type" not in decoded["data"]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://shop.example/hooks", True),
        ("https://shop.example:8443/hooks?key=1", True),
        ("http://hooks.internal:8080/x", True),
        ("http://shop.example/hooks", False),
        ("ftp://shop.example/hooks", False),
        ("shop.example/hooks", False),
        ("https:///hooks", False),
        ("https://user:secret@shop.example/", False),
        ("https://user@shop.example/", False),
        ("https://shop.example/#part", False),
        ("https://shop.example:99999/", False),
        ("https://shop.example/a b", False),
        ("https://shop.example/\n", False),
        ("https://магазин.example/", False),
        ("https://[::1", False),
    ],
)
def test_only_addresses_by_https_without_credentials_are_allowed(url: str, good: bool) -> None:
    assert (rules.url_fault(url, ["hooks.internal:8080"]) is None) == good


def test_a_delivery_is_tried_eight_times_over_more_than_a_day() -> None:
    now_ms, waits = 0, []
    for attempts in range(1, 20):
        after = rules.next_of("order.paid", attempts, 500, 0.0, now_ms)
        if after.next_at_ms is None:
            break
        waits.append(after.next_at_ms - now_ms)
        now_ms = after.next_at_ms
    assert after.state == "dead"
    assert attempts == 8
    assert waits == [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000]
    for share in (0.0, 0.5, 0.999):
        assert 5_000 <= (rules.next_of("order.paid", 1, None, share, 0).next_at_ms or 0) <= 5_500


@pytest.mark.parametrize(
    ("status", "delivered"),
    [(200, True), (204, True), (299, True), (199, False), (301, False), (404, False), (503, False), (None, False)],
)
def test_only_2xx_is_taken(status: int | None, delivered: bool) -> None:
    assert (rules.next_of("order.paid", 1, status, 0.0, 0).state == "delivered") == delivered
    assert (rules.health_after(Health("on", 3), status, 9).failing_since_ms is None) == delivered


def test_a_ping_is_tried_once() -> None:
    assert rules.next_of(rules.PING, 1, 500, 0.0, 0) == rules.Next("dead", None)


def test_an_endpoint_is_switched_off_after_five_days_without_a_success_or_when_it_is_gone() -> None:
    first = rules.health_after(Health("on", None), 500, 1_000)
    assert first == Health("on", 1_000)
    last_ms = 1_000 + rules.DISABLED_AFTER_MS
    assert rules.health_after(first, None, last_ms - 1) == first
    assert rules.health_after(first, None, last_ms) == Health("failed", 1_000)
    assert rules.health_after(first, 204, last_ms) == Health("on", None)
    assert rules.health_after(Health("on", None), 410, 7) == Health("failed", 7)
    assert rules.health_after(Health("off", None), 410, 7).state == "off"


def test_two_secrets_sign_while_the_old_one_is_valid() -> None:
    target = rules.Target("u", "new", "old", 100)
    assert (target.secrets(99), target.secrets(100)) == (("new", "old"), ("new",))
    assert rules.Target("u", "new", None, None).secrets(0) == ("new",)
