"""How a robot buys: the order, the cards one after the other, the bank's question, and no order left unpaid."""

import asyncio

import msgspec

from schemas.errors import SOLD_OUT
from schemas.http.flash_sales import JoinWaitlist, WaitsView
from schemas.http.orders import NewLine, OrderListView, OrderView, PlaceOrder, QuoteOrder, QuoteView
from schemas.http.payments import ConfirmSandbox, PayOrder, WaitingPayment
from server.demo.buyer import Buyer
from server.demo.client import ApiRefused
from server.demo.deeds import CARDS, StandInLine, Wish

LOOK_S = 0.3
"""How often a robot looks how its payment stands."""
PAYMENT_S = 20.0
"""How long it waits for the outcome; the sandbox decides in a second."""
TURN_LOOK_S = 1.0
TURN_S = 180.0
"""How long it stands in line: holds of others end within that time."""
PARTING_LOOKS = 20

PAID, DEAD = ("authorised", "captured"), ("confirmed", "cancelled", "fulfilled", "returned")


async def buy(robot: Buyer, wish: Wish) -> bool:
    """From the wish to the payment; whether it is paid. What cannot be paid is cancelled.

    Raises:
        ApiRefused: the server refuses, or another of `buyer.MISHAPS`; `settle` looks after what was ordered.
    """
    try:
        hold_id = await _stand_in_line(robot, wish) if isinstance(wish, StandInLine) else None
        if isinstance(wish, StandInLine) and hold_id is None:
            return False
        order_id = await _order(robot, wish, hold_id)
    except ApiRefused as refusal:
        if refusal.name != SOLD_OUT.name or wish.sale_id is None or isinstance(wish, StandInLine):
            raise
        # Others were faster: the units that they hold may come back.
        return await buy(robot, StandInLine(wish.robot, wish.sku, wish.price, wish.manner, wish.sale_id))
    for card in CARDS[wish.manner]:
        if not await robot.scene.think(robot.scene.pace.step_s):
            break
        if await pay(robot, order_id, card):
            return True
    await robot.client.post(f"/api/orders/{order_id}/cancel")
    return False


async def pay(robot: Buyer, order_id: str, card: str) -> bool:
    """Whether the card has paid the order."""
    await robot.client.post("/api/payments", PayOrder(payment_id=robot.new_id("pay"), order_id=order_id, method=card))
    asked = False
    for _ in range(round(PAYMENT_S / LOOK_S)):
        order = await robot.client.get(f"/api/orders/{order_id}", OrderView)
        if order.payment in PAID:
            return True
        if order.payment == "failed" or order.state in DEAD:
            return False
        if order.action_url and not asked:
            asked = True
            await robot.scene.think(robot.scene.pace.step_s)
            await robot.client.post(f"/api/payments/sandbox/{order.action_url.rpartition('/')[2]}", ConfirmSandbox(approve=True))
        await asyncio.sleep(LOOK_S)
    return False


async def settle(robot: Buyer) -> None:
    """At the end: nothing that was ordered stays unpaid, nothing stays on hold, nobody stays in line.

    Raises:
        ApiRefused: the server refuses, or another of `buyer.MISHAPS`.
    """
    if not robot.actor_id:
        return
    ordered: set[str] = set()
    for _ in range(PARTING_LOOKS):
        orders = (await robot.client.get("/api/orders", OrderListView)).orders
        own = [order for order in orders if order.show_id == robot.scene.show_id]
        ordered |= {order.hold_id for order in own}
        unpaid = [order for order in own if order.state == "placed"]
        if not unpaid:
            break
        for order in unpaid:
            await _give_up(robot, order)
        await asyncio.sleep(LOOK_S)
    waits = await robot.client.get(f"/api/flash_sales/{robot.scene.show_id}/waits", WaitsView)
    for wait in waits.waits:
        if wait.wait_id not in ordered:
            await robot.client.request("DELETE", f"/api/flash_sales/waits/{wait.wait_id}")


async def _give_up(robot: Buyer, order: OrderView) -> None:
    """Cancel an order, or pay it where a bid was a promise. A payment under way is waited for, but not at the bank."""
    try:
        if order.payment == "in_progress":
            if order.action_url:
                await robot.client.post("/api/payments/abandon", WaitingPayment(order_id=order.order_id))
        elif order.kind == "lot":
            await pay(robot, order.order_id, "tok_visa")
        elif order.payment not in PAID:
            await robot.client.post(f"/api/orders/{order.order_id}/cancel")
    except ApiRefused as refusal:
        robot.scene.complain(refusal)


async def _order(robot: Buyer, wish: Wish, hold_id: str | None) -> str:
    line = NewLine(sku=wish.sku, quantity=1, unit_price=wish.price, sale_id=wish.sale_id)
    order = PlaceOrder(
        order_id=robot.new_id("ord"),
        show_id=robot.scene.show_id,
        lines=[line],
        address_id=robot.address_id,
        shipping=await _way(robot, line),
        hold_id=hold_id,
    )
    await robot.client.post("/api/orders", order)
    return order.order_id


async def _way(robot: Buyer, line: NewLine) -> str | None:
    """The cheapest way of delivery to the robot's address, where the shop has any."""
    if not robot.delivery:
        return None
    wanted = QuoteOrder(show_id=robot.scene.show_id, lines=[line], address_id=robot.address_id)
    options = msgspec.json.decode(await robot.client.post("/api/orders/quote", wanted), type=QuoteView).options
    return min(options, key=lambda option: option.price.amount_minor).option_id if options else None


async def _stand_in_line(robot: Buyer, wish: Wish) -> str | None:
    """Id of the hold when it is the robot's turn; None when that does not come, or the show ends before it."""
    place = JoinWaitlist(wait_id=robot.new_id("wai"), show_id=robot.scene.show_id, sku=wish.sku, sale_id=wish.sale_id)
    await robot.client.post("/api/flash_sales/waits", place)
    for _ in range(round(TURN_S / TURN_LOOK_S)):
        waits = await robot.client.get(f"/api/flash_sales/{robot.scene.show_id}/waits", WaitsView)
        states = {wait.wait_id: wait.state for wait in waits.waits}
        if states.get(place.wait_id) == "served":
            return place.wait_id
        if states.get(place.wait_id, "left") == "left" or not await robot.scene.rest(TURN_LOOK_S):
            break
    return None
