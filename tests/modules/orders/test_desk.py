"""Carts with coupons, sales and delivery; what the host sends, takes back and pays back; what was won. With all modules."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from schemas.errors import (
    COUPON_INVALID,
    FORBIDDEN,
    HOLD_EXPIRED,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    NO_ADDRESS_ON_FILE,
    NOT_FOUND,
    ORDER_NOT_CANCELLABLE,
    ORDER_NOT_REFUNDABLE,
    ORDER_NOT_SHIPPABLE,
    REFUND_TOO_LARGE,
    RETURN_NOT_POSSIBLE,
    SALE_NOT_OPEN,
    SHIPPING_UNAVAILABLE,
    WireError,
)
from schemas.events.auctions import LotOffered, LotSold
from schemas.events.giveaways import GiveawayWon
from schemas.events.payments import DisputeClosed, DisputeOpened, RefundFailed
from schemas.http.orders import (
    AddressListView,
    HistoryView,
    OrderListView,
    OrderView,
    ParcelListView,
    QuoteView,
    ReceiptView,
)
from schemas.money import Money
from schemas.requests.orders import GetAddress, HasBought
from server.kernel.module import SYSTEM, Actor
from server.ledger.projection import Projection
from server.ledger.rules import HoldLine
from server.modules.orders import rules
from tests.modules.world import (
    BUYER,
    HOST,
    OTHER_BUYER,
    OTHER_HOST,
    PRICE,
    SHOW_ID,
    World,
    an_id,
    an_order,
    refused,
)

ADDRESS = {
    "address_id": an_id("adr", 1),
    "name": "Bea B.",
    "country": "DE",
    "city": "Berlin",
    "street": "Torstr. 1",
    "postal_code": "10119",
}
POST = {"option_id": "post", "name_en": "Post", "name_ru": "Почта", "price": {"amount_minor": 490, "currency": "EUR"}}
COUPON = {"coupon_id": an_id("cmd", 77), "show_id": SHOW_ID, "code": "SPRING", "uses_max": 1, "percent": 10}


async def view_of(world: World, actor: Actor, method: str, path: str, body: dict[str, Any] | None = None) -> OrderView:
    """What an operation on an order answers, after everybody has heard of it."""
    view = (await world.call(actor, method, path, body)).view
    assert isinstance(view, OrderView)
    await world.settle()
    return view


async def shop_that_delivers(world: World) -> None:
    await world.open_show(per_buyer_max=5)
    await world.call(HOST, "POST", "/api/orders/shipping", {**POST, "countries": ["DE", "FR"], "tax_rate_bp": 1_900})
    await world.call(BUYER, "POST", "/api/orders/addresses", ADDRESS)


async def paid(world: World, number: int = 1, quantity: int = 1, method: str = "tok_visa") -> OrderView:
    """An order that is paid."""
    await world.order(BUYER, number, quantity)
    await world.pay(BUYER, number, number, method)
    order = await world.order_now(BUYER, number)
    assert (order.state, order.payment) == ("confirmed", "captured")
    return order


async def until_refunded(world: World) -> None:
    for _ in range(5):
        await world.pass_time(2_000)
        await world.run_job("payments", "give_back")


def path(number: int = 1, rest: str = "") -> str:
    return f"/api/orders/{an_id('ord', number)}{rest}"


async def test_a_cart_with_delivery_and_coupon_is_quoted_and_placed_at_the_same_price(world: World) -> None:
    await shop_that_delivers(world)
    await world.call(HOST, "POST", "/api/coupons", COUPON)
    await world.settle()
    cart = {**an_order(1, [("DRESS-M", 2)]), "coupon": "SPRING"}
    quote = (await world.call(BUYER, "POST", "/api/orders/quote", {k: v for k, v in cart.items() if k != "order_id"})).view
    assert isinstance(quote, QuoteView)
    assert (quote.amounts.total_minor, quote.shipping, quote.needs_address) == (3_998 - 400 + 490, "post", False)
    assert await world.pool() == (5, 0, 0)
    order = await view_of(world, BUYER, "POST", "/api/orders", cart)
    assert order.amounts == quote.amounts
    assert order.shipping_tax_minor == 78
    assert (order.coupon, order.seller_id) == ("SPRING", HOST.id)
    assert order.address is not None
    assert order.address.city == "Berlin"
    with refused(COUPON_INVALID) as refusal:
        await world.call(OTHER_BUYER, "POST", "/api/orders/addresses", {**ADDRESS, "address_id": an_id("adr", 9)})
        await world.call(OTHER_BUYER, "POST", "/api/orders", {**an_order(2, [("DRESS-M", 1)]), "coupon": "SPRING"})
    assert refusal.extra["reason"] == "used_up"
    assert await world.pool() == (3, 2, 0)


async def test_another_cart_under_the_same_id_is_a_conflict(world: World) -> None:
    await shop_that_delivers(world)
    cart = an_order(1, [("DRESS-M", 1)])
    first = await view_of(world, BUYER, "POST", "/api/orders", {**cart, "shipping": "post"})
    assert await view_of(world, BUYER, "POST", "/api/orders", {**cart, "shipping": "post"}) == first
    for other in (cart, {**cart, "shipping": "post", "coupon": "SPRING"}, {**cart, "address_id": an_id("adr", 1)}):
        with refused(IDEMPOTENCY_CONFLICT):
            await world.call(BUYER, "POST", "/api/orders", other)


async def test_a_shop_that_delivers_needs_to_know_where_to(world: World) -> None:
    await shop_that_delivers(world)
    with refused(NO_ADDRESS_ON_FILE):
        await world.call(OTHER_BUYER, "POST", "/api/orders", an_order(1, [("DRESS-M", 1)]))
    with refused(NO_ADDRESS_ON_FILE):
        await world.call(BUYER, "POST", "/api/orders", {**an_order(1, [("DRESS-M", 1)]), "address_id": an_id("adr", 5)})
    with refused(SHIPPING_UNAVAILABLE):
        await world.call(BUYER, "POST", "/api/orders", {**an_order(1, [("DRESS-M", 1)]), "shipping": "air"})
    with refused(SALE_NOT_OPEN):
        line = {"sku": "DRESS-M", "quantity": 1, "unit_price": PRICE, "sale_id": an_id("sal", 1)}
        await world.call(BUYER, "POST", "/api/orders", {**an_order(1, []), "lines": [line]})
    assert await world.pool() == (5, 0, 0)


async def test_orders_of_one_show_travel_together_and_pay_the_delivery_once(world: World) -> None:
    await shop_that_delivers(world)
    first = await paid(world, 1)
    second = await paid(world, 2)
    assert first.amounts is not None
    assert second.amounts is not None
    assert (first.amounts.shipping_minor, second.amounts.shipping_minor) == (490, 0)
    parcels = (await world.call(HOST, "GET", f"/api/orders/shows/{SHOW_ID}/parcels")).view
    assert isinstance(parcels, ParcelListView)
    assert [[order.order_id for order in parcel.orders] for parcel in parcels.parcels] == [[first.order_id, second.order_id]]
    ids = {"order_ids": [first.order_id, second.order_id]}
    await world.call(HOST, "POST", "/api/orders/pack", ids)
    for _ in range(2):  # told twice, sent once
        await world.call(HOST, "POST", "/api/orders/ship", {**ids, "carrier": "DHL", "tracking": "00340"})
        await world.settle()
    order = await world.order_now(BUYER, 2)
    assert (order.state, order.fulfilment, order.tracking) == ("fulfilled", "shipped", "00340")
    await world.call(HOST, "POST", "/api/orders/deliver", ids)
    await world.settle()
    assert (await world.order_now(BUYER, 1)).fulfilment == "delivered"
    assert (await view_of(world, BUYER, "POST", path(2, "/received"))).fulfilment == "delivered"


async def test_nothing_is_sent_that_is_not_paid_and_nothing_to_two_people_at_once(world: World) -> None:
    await world.open_show(per_buyer_max=5)
    await world.order(BUYER, 1)
    one = {"order_ids": [an_id("ord", 1)], "carrier": "DHL"}
    with refused(ORDER_NOT_SHIPPABLE):
        await world.call(HOST, "POST", "/api/orders/ship", one)
    await world.pay(BUYER, 1, 1)
    await world.order(OTHER_BUYER, 2)
    await world.pay(OTHER_BUYER, 2, 2)
    with refused(INVALID_FIELD):
        await world.call(HOST, "POST", "/api/orders/ship", {**one, "order_ids": [an_id("ord", 1), an_id("ord", 2)]})
    with refused(NOT_FOUND):
        await world.call(HOST, "POST", "/api/orders/ship", {**one, "order_ids": [an_id("ord", 1), an_id("ord", 9)]})
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "POST", "/api/orders/ship", one)
    assert (await world.order_now(BUYER, 1)).fulfilment == "none"


async def test_a_withdrawn_order_is_on_sale_again_and_paid_back_whole(world: World) -> None:
    await shop_that_delivers(world)
    order = await paid(world, 1, 2)
    assert await world.pool() == (3, 0, 2)
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "POST", path(1, "/withdraw"), {"reason": "broken"})
    withdrawn = await view_of(world, HOST, "POST", path(1, "/withdraw"), {"reason": "broken"})
    assert (withdrawn.state, withdrawn.reason) == ("cancelled", "shop")
    assert withdrawn.refunded == order.amounts
    assert await world.pool() == (5, 0, 0)
    assert await view_of(world, HOST, "POST", path(1, "/withdraw"), {"reason": "broken"}) == await world.order_now(BUYER, 1)
    await until_refunded(world)
    now = await world.order_now(BUYER, 1)
    assert (now.payment, [refund.state for refund in now.refunds]) == ("refunded", ["done"])
    assert await world.dead_letters() == 0


async def test_refunds_of_parts_never_exceed_what_was_captured(world: World) -> None:
    await shop_that_delivers(world)
    await paid(world, 1, 2)
    part = {"refund_id": an_id("rfd", 1), "reason": "late", "lines": [{"position": 0, "quantity": 1}]}
    for _ in range(2):
        order = await view_of(world, HOST, "POST", path(1, "/refunds"), part)
        assert order.refunded is not None
        assert order.refunded.total_minor == 1_999
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(HOST, "POST", path(1, "/refunds"), {**part, "shipping": True})
    with refused(REFUND_TOO_LARGE):
        await world.call(HOST, "POST", path(1, "/refunds"), {"refund_id": an_id("rfd", 2), "reason": "x", "amount": 2_490})
    with refused(FORBIDDEN):
        await world.call(BUYER, "POST", path(1, "/refunds"), {**part, "refund_id": an_id("rfd", 3)})
    order = await view_of(world, HOST, "POST", path(1, "/refunds"), {**part, "refund_id": an_id("rfd", 3), "shipping": True})
    assert order.refunded == order.amounts
    await until_refunded(world)
    assert (await world.order_now(BUYER, 1)).payment == "refunded"
    receipt = (await world.call(BUYER, "GET", path(1, "/receipt"))).view
    assert isinstance(receipt, ReceiptView)
    assert (receipt.kept_minor, receipt.refunded) == (0, receipt.amounts)
    assert sum(tax.gross_minor for tax in receipt.taxes) == receipt.amounts.total_minor
    with pytest.raises(IntegrityError):
        async with world.database.begin() as connection:
            await connection.execute(text("UPDATE orders_orders SET refunded_minor = captured_minor + 1"))


async def test_a_refund_that_fails_is_left_to_give_again(world: World) -> None:
    await world.open_show()
    order = await paid(world)
    body = {"refund_id": an_id("rfd", 1), "reason": "late", "amount": 1_999}
    await view_of(world, HOST, "POST", path(1, "/refunds"), body)
    await world.emit(
        RefundFailed(
            refund_id=an_id("rfd", 1),
            payment_id=order.payment_id or "",
            order_id=order.order_id,
            show_id=SHOW_ID,
            reason="closed",
        )
    )
    now = await world.order_now(BUYER, 1)
    assert ([refund.state for refund in now.refunds], now.lines[0].refunded_minor) == (["failed"], 0)
    again = await view_of(world, HOST, "POST", path(1, "/refunds"), {**body, "refund_id": an_id("rfd", 2)})
    assert again.lines[0].refunded_minor == 1_999


async def test_goods_that_come_back_are_paid_back(world: World) -> None:
    await shop_that_delivers(world)
    await paid(world, 1, 3)
    wish = {"return_id": an_id("rtn", 1), "reason": "too small", "lines": [{"position": 0, "quantity": 2}]}
    with refused(RETURN_NOT_POSSIBLE):
        await world.call(BUYER, "POST", path(1, "/returns"), wish)
    await world.call(HOST, "POST", "/api/orders/ship", {"order_ids": [an_id("ord", 1)], "carrier": "DHL"})
    await view_of(world, BUYER, "POST", path(1, "/received"))
    for _ in range(2):
        asked = await view_of(world, BUYER, "POST", path(1, "/returns"), wish)
        assert asked.lines[0].returning == 2
    with refused(RETURN_NOT_POSSIBLE):
        await world.call(BUYER, "POST", path(1, "/returns"), {**wish, "return_id": an_id("rtn", 2)})
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(BUYER, "POST", path(1, "/returns"), {**wish, "reason": "too big"})
    with refused(REFUND_TOO_LARGE):
        body = {"refund_id": an_id("rfd", 1), "reason": "x", "lines": [{"position": 0, "quantity": 2}]}
        await world.call(HOST, "POST", path(1, "/refunds"), body)
    back = path(1, f"/returns/{an_id('rtn', 1)}")
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "POST", f"{back}/decide", {"accept": True})
    await view_of(world, HOST, "POST", f"{back}/decide", {"accept": True, "note": "Torstr. 1"})
    for _ in range(2):
        received = await view_of(world, HOST, "POST", f"{back}/receive", {"restock": True})
    assert (received.lines[0].returning, received.lines[0].refunded) == (0, 2)
    assert received.refunded is not None
    assert received.refunded.total_minor == 3_998
    await until_refunded(world)
    now = await world.order_now(BUYER, 1)
    assert (now.state, now.payment, now.returns[0].state) == ("fulfilled", "captured", "received")


async def test_a_refused_return_leaves_the_units_and_an_old_delivery_is_final(world: World) -> None:
    await world.open_show()
    await paid(world)
    await world.call(HOST, "POST", "/api/orders/ship", {"order_ids": [an_id("ord", 1)], "carrier": "DHL"})
    wish = {"return_id": an_id("rtn", 1), "reason": "no", "lines": [{"position": 0, "quantity": 1}]}
    await view_of(world, BUYER, "POST", path(1, "/returns"), wish)
    back = path(1, f"/returns/{an_id('rtn', 1)}")
    order = await view_of(world, HOST, "POST", f"{back}/decide", {"accept": False, "note": "worn"})
    assert (order.returns[0].state, order.lines[0].returning) == ("refused", 0)
    with refused(RETURN_NOT_POSSIBLE):
        await world.call(HOST, "POST", f"{back}/receive", {"restock": True})
    world.clock.advance(rules.ARRIVES_WITHIN_MS + 60_000)
    await world.run_job("orders", "arrive_silently")
    assert (await world.order_now(BUYER, 1)).fulfilment == "delivered"
    world.clock.advance(rules.RETURN_WINDOW_MS)
    with refused(RETURN_NOT_POSSIBLE):
        await world.call(BUYER, "POST", path(1, "/returns"), {**wish, "return_id": an_id("rtn", 2)})


async def test_a_dispute_stops_refunds_until_it_is_won(world: World) -> None:
    await world.open_show()
    order = await paid(world)
    facts: dict[str, Any] = {
        "dispute_id": "dsp_1",
        "payment_id": order.payment_id,
        "order_id": order.order_id,
        "show_id": SHOW_ID,
        "amount": order.total,
    }
    opened = DisputeOpened(**facts, reason="fraud", opened_at_ms=1)
    await world.emit(opened)
    await world.handle("orders", opened)
    body = {"refund_id": an_id("rfd", 1), "reason": "x", "amount": 1}
    with refused(ORDER_NOT_REFUNDABLE):
        await world.call(HOST, "POST", path(1, "/refunds"), body)
    closed = DisputeClosed(**facts, won=True, closed_at_ms=2)
    await world.emit(closed)
    await world.handle("orders", opened)  # late
    assert (await world.order_now(BUYER, 1)).dispute == "won"
    await view_of(world, HOST, "POST", path(1, "/refunds"), body)


async def test_a_code_that_pays_for_everything_needs_no_payment(world: World) -> None:
    await world.open_show()
    free = {**COUPON, "percent": None, "amount": {"amount_minor": 5_000, "currency": "EUR"}}
    await world.call(HOST, "POST", "/api/coupons", {name: value for name, value in free.items() if value is not None})
    await world.settle()
    await view_of(world, BUYER, "POST", "/api/orders", {**an_order(1, [("DRESS-M", 1)]), "coupon": "SPRING"})
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.payment, order.total.amount_minor) == ("confirmed", "none", 0)
    assert await world.pool() == (4, 0, 1)
    assert await world.dead_letters() == 0
    await world.call(HOST, "POST", "/api/orders/ship", {"order_ids": [order.order_id], "carrier": "DHL"})


def a_lot(kind: type[LotSold] | type[LotOffered], hold: int) -> LotSold | LotOffered:
    return kind(
        lot_id=an_id("lot", 1),
        show_id=SHOW_ID,
        seller_id=HOST.id,
        hold_id=an_id("lot", hold),
        buyer_id=BUYER.id,
        sku="DRESS-M",
        quantity=2,
        price=Money(amount_minor=5_001, currency="EUR"),
        expires_at_ms=9_999_999_999_999,
    )


async def test_a_lot_that_was_won_is_an_order_that_is_owed(world: World) -> None:
    await shop_that_delivers(world)
    await world.know(BUYER)
    await world.ledger.hold(SHOW_ID, an_id("lot", 1), BUYER.id, [HoldLine("DRESS-M", 2)], 3_600_000)
    for _ in range(2):
        await world.emit(a_lot(LotSold, 1))
        await world.handle("orders", a_lot(LotSold, 1))
    (order,) = await _orders_of(world, BUYER)
    assert (order.kind, order.total.amount_minor, order.buyer_name) == ("lot", 5_001 + 490, BUYER.name)
    number = int(order.order_id.removeprefix("ord_"), 16)
    with refused(ORDER_NOT_CANCELLABLE):
        await world.call(BUYER, "POST", f"/api/orders/{order.order_id}/cancel")
    await world.pay(BUYER, number, 1)
    (order,) = await _orders_of(world, BUYER)
    assert (order.state, order.payment, order.hold_id) == ("confirmed", "captured", an_id("lot", 1))
    assert await world.pool() == (3, 0, 2)
    await view_of(world, HOST, "POST", f"/api/orders/{order.order_id}/withdraw", {"reason": "lost"})
    assert await world.pool() == (5, 0, 0)


async def test_a_lot_that_is_offered_may_be_declined_and_a_late_payment_takes_no_other_units(world: World) -> None:
    await world.open_show(per_buyer_max=5)
    await world.know(BUYER)
    await world.ledger.hold(SHOW_ID, an_id("lot", 2), BUYER.id, [HoldLine("DRESS-M", 2)], 3_600_000)
    await world.emit(a_lot(LotOffered, 2))
    (order,) = await _orders_of(world, BUYER)
    assert (await view_of(world, BUYER, "POST", f"/api/orders/{order.order_id}/cancel")).reason == "buyer"
    assert await world.pool() == (5, 0, 0)
    # The hold of the next one ends before its payment is known: the lot is not taken from the pool again.
    await world.emit(a_lot(LotOffered, 3))
    newest = next(each for each in await _orders_of(world, BUYER) if each.hold_id == an_id("lot", 3))
    await world.pay(BUYER, int(newest.order_id.removeprefix("ord_"), 16), 5)
    newest = next(each for each in await _orders_of(world, BUYER) if each.hold_id == an_id("lot", 3))
    assert (newest.state, newest.reason, newest.payment) == ("cancelled", "hold_expired", "voided")
    assert await world.pool() == (5, 0, 0)


async def test_a_prize_is_an_order_that_costs_nothing(world: World) -> None:
    await world.open_show()
    await world.know(BUYER)
    await world.call(BUYER, "POST", "/api/orders/addresses", ADDRESS)
    won = GiveawayWon(
        giveaway_id=an_id("gvw", 1),
        show_id=SHOW_ID,
        seller_id=HOST.id,
        winner_id=BUYER.id,
        sku="DRESS-M",
        order_id=an_id("ord", 5),
    )
    await world.emit(won)
    await world.handle("orders", won)
    order = await world.order_now(BUYER, 5)
    assert (order.kind, order.state, order.payment, order.total.amount_minor) == ("giveaway", "confirmed", "none", 0)
    assert order.address is not None
    assert await world.dead_letters() == 0
    await world.call(HOST, "POST", "/api/orders/ship", {"order_ids": [order.order_id], "carrier": "DHL"})
    with refused(RETURN_NOT_POSSIBLE):
        wish = {"return_id": an_id("rtn", 1), "reason": "no", "lines": [{"position": 0, "quantity": 1}]}
        await world.call(BUYER, "POST", path(5, "/returns"), wish)


async def test_the_truth_of_an_order_is_told_to_those_whom_it_concerns(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1, "tok_declined")
    await world.pay(BUYER, 1, 2)
    await view_of(world, HOST, "POST", path(1, "/withdraw"), {"reason": "broken"})
    await record(world)
    history = (await world.call(BUYER, "GET", path(1, "/history"))).view
    assert isinstance(history, HistoryView)
    assert history == (await world.call(HOST, "GET", path(1, "/history"))).view
    own = [(entry.what, entry.actor_name, entry.why) for entry in history.entries if entry.source == "order"]
    assert own == [
        ("placed", "Bea", ""),
        ("payment_requested", "", ""),
        ("payment_failed", "", "card_declined"),
        ("payment_requested", "", ""),
        ("confirmed", "", ""),
        ("paid", "", ""),
        ("withdrawn", "Hanna", "broken"),
    ]
    ledger = [entry.what for entry in history.entries if entry.source == "ledger" and not entry.refused]
    assert ledger == ["held", "hold_extended", "hold_committed", "hold_restocked"]
    assert history.ledger_seq >= 5
    with refused(FORBIDDEN):
        await world.call(OTHER_BUYER, "GET", path(1, "/history"))


async def test_addresses_are_ones_own(world: World) -> None:
    first = (await world.call(BUYER, "POST", "/api/orders/addresses", ADDRESS)).view
    assert first == (await world.call(BUYER, "POST", "/api/orders/addresses", ADDRESS)).view
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(BUYER, "POST", "/api/orders/addresses", {**ADDRESS, "city": "Bonn"})
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(OTHER_BUYER, "POST", "/api/orders/addresses", ADDRESS)
    world.clock.advance(10)
    second = {**ADDRESS, "address_id": an_id("adr", 2), "city": "Paris", "country": "FR"}
    await world.call(BUYER, "POST", "/api/orders/addresses", second)
    own = f"/api/orders/addresses/{ADDRESS['address_id']}"
    for method, body in (("PATCH", {"city": "Bonn"}),):
        with refused(NOT_FOUND):
            await world.call(OTHER_BUYER, method, own, body)
    await world.call(OTHER_BUYER, "DELETE", own)
    world.clock.advance(10)
    listed = (await world.call(BUYER, "PATCH", own, {"city": "Bonn", "default": True})).view
    assert isinstance(listed, AddressListView)
    assert (listed.default_id, [each.city for each in listed.addresses]) == (ADDRESS["address_id"], ["Bonn", "Paris"])
    async with world.units(SYSTEM) as ctx:
        usual = await ctx.ask(GetAddress(actor_id=BUYER.id))
        assert usual is not None
        assert usual.city == "Bonn"
        assert await ctx.ask(GetAddress(actor_id=OTHER_BUYER.id)) is None
    after = (await world.call(BUYER, "DELETE", own)).view
    assert isinstance(after, AddressListView)
    assert [each.city for each in after.addresses] == ["Paris"]


async def test_who_has_paid_once_has_bought(world: World) -> None:
    await world.open_show()
    await world.order(OTHER_BUYER, 2)
    await paid(world)
    async with world.units(SYSTEM) as ctx:
        assert await ctx.ask(HasBought(actor_id=BUYER.id, seller_id=HOST.id))
        assert not await ctx.ask(HasBought(actor_id=BUYER.id, seller_id=OTHER_HOST.id))
        assert not await ctx.ask(HasBought(actor_id=OTHER_BUYER.id, seller_id=HOST.id))


async def test_goods_go_to_another_address_until_they_are_packed(world: World) -> None:
    await shop_that_delivers(world)
    await paid(world)
    for number, country in ((2, "FR"), (3, "JP")):
        body = {**ADDRESS, "address_id": an_id("adr", number), "country": country, "default": False}
        await world.call(BUYER, "POST", "/api/orders/addresses", body)
    moved = await view_of(world, BUYER, "POST", path(1, "/address"), {"address_id": an_id("adr", 2)})
    assert moved.address is not None
    assert moved.address.country == "FR"
    with refused(SHIPPING_UNAVAILABLE):
        await world.call(BUYER, "POST", path(1, "/address"), {"address_id": an_id("adr", 3)})
    await world.call(HOST, "POST", "/api/orders/pack", {"order_ids": [moved.order_id]})
    with refused(ORDER_NOT_CANCELLABLE):
        await world.call(BUYER, "POST", path(1, "/address"), {"address_id": an_id("adr", 1)})


async def test_units_that_somebody_stood_in_line_for_are_ordered_without_another_hold(world: World) -> None:
    await world.open_show(funded=1)
    await world.ledger.hold(SHOW_ID, an_id("wai", 1), BUYER.id, [HoldLine("DRESS-M", 1)], 120_000)
    await record(world)
    body = {**an_order(1, [("DRESS-M", 1)]), "hold_id": an_id("wai", 1)}
    for actor, wrong in (
        (OTHER_BUYER, body),
        (BUYER, {**body, "hold_id": an_id("wai", 2)}),
        (BUYER, {**an_order(1, [("DRESS-M", 2)]), "hold_id": an_id("wai", 1)}),
    ):
        with refused(HOLD_EXPIRED):
            await world.call(actor, "POST", "/api/orders", wrong)
    order = await view_of(world, BUYER, "POST", "/api/orders", body)
    assert (order.hold_id, await world.pool()) == (an_id("wai", 1), (0, 1, 0))
    with refused(HOLD_EXPIRED):
        await world.call(BUYER, "POST", "/api/orders", {**body, "order_id": an_id("ord", 2)})
    await world.pay(BUYER, 1, 1)
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    assert await world.pool() == (0, 0, 1)


@pytest.mark.parametrize(
    ("method", "rest", "error"),
    [
        ("GET", f"/api/orders/shows/{an_id('shw', 9)}", NOT_FOUND),
        ("GET", f"/api/orders/shows/{an_id('shw', 9)}/parcels", NOT_FOUND),
        ("GET", path(9, "/history"), NOT_FOUND),
        ("GET", path(9, "/receipt"), NOT_FOUND),
        ("POST", path(9, "/received"), NOT_FOUND),
        ("POST", path(1, "/received"), FORBIDDEN),
    ],
)
async def test_what_is_not_there_or_not_ones_own_is_named(world: World, method: str, rest: str, error: WireError) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    with refused(error):
        await world.call(HOST, method, rest)


async def test_the_hosts_list_is_filtered_and_paged(world: World) -> None:
    await world.open_show(per_buyer_max=5)
    await world.order(BUYER, 1)
    await paid(world, 2)
    for which, expected in (("all", 2), ("unpaid", 1), ("to_send", 1), ("sent", 0), ("returns", 0), ("disputed", 0)):
        listed = (await world.call(HOST, "GET", f"/api/orders/shows/{SHOW_ID}", query={"filter": which})).view
        assert isinstance(listed, OrderListView)
        assert (len(listed.orders), listed.next) == (expected, None), which
    with refused(INVALID_FIELD):
        await world.call(HOST, "GET", f"/api/orders/shows/{SHOW_ID}", query={"filter": "nonsense"})
    older = (await world.call(HOST, "GET", f"/api/orders/shows/{SHOW_ID}", query={"before": an_id("ord", 1)})).view
    assert isinstance(older, OrderListView)
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "GET", f"/api/orders/shows/{SHOW_ID}")


async def _orders_of(world: World, actor: Actor) -> list[OrderView]:
    view = (await world.call(actor, "GET", "/api/orders")).view
    assert isinstance(view, OrderListView)
    return view.orders


async def record(world: World) -> None:
    """Let the ledger's record in SQL catch up."""

    async def mine() -> object:
        return True

    async def nothing() -> object:
        return None

    projection = Projection(world.redis, world.database, world.clock, lease=mine, examine=nothing)
    try:
        while await projection.step():
            pass
    finally:
        await projection.aclose()
