"""Decisions of orders about people who leave: what is over, what stays of an order, and what a packer sees. Pure."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from schemas.events.accounts import ERASED_NAME
from schemas.http.accounts import Obstacle
from schemas.http.orders import AddressView, OrderView, PackingLine, PackingOrder, PackingParcel, PackingWay
from schemas.ids import is_rehearsal
from server.modules.orders.rules.fulfilment import parcels
from server.modules.orders.rules.order import Change, Order, changed


def is_over(view: OrderView) -> bool:
    """Whether nobody waits for anything of an order: goods have arrived or never will, and no money is on its way."""
    if any(back.state in ("requested", "accepted") for back in view.returns):
        return False
    if any(refund.state == "requested" for refund in view.refunds) or view.dispute == "open":
        return False
    if view.state == "cancelled":
        return view.payment not in ("in_progress", "authorised")
    if view.state == "confirmed" and is_rehearsal(view.show_id):
        return view.payment != "authorised"  # its goods are never sent
    return view.state == "returned" or view.fulfilment == "delivered"


def erased(order: Order, now_ms: int) -> Change:
    """The order without the person: of the address the country is left, for the tax."""
    there = order.view.address
    kept = (
        None
        if there is None
        else AddressView(address_id="", name="", country=there.country, region="", city="", street="", postal_code="", phone="")
    )
    returns = [msgspec.structs.replace(back, reason=ERASED_NAME, note="") for back in order.view.returns]
    gone = changed(order, now_ms, buyer_name=ERASED_NAME, address=kept, tracking="", action_url=None, returns=returns)
    return Change(gone, what="erased")


def obstacle(kind: Literal["order", "sale"], view: OrderView) -> Obstacle:
    """An order that is not over, as a reason not to leave."""
    return Obstacle(kind=kind, subject_id=view.order_id, title=view.lines[0].title, link=f"/order/{view.order_id}")


def packing(views: Sequence[OrderView]) -> list[PackingParcel]:
    """What is to be sent as a packer sees it: who, where to, what; no amounts."""
    return [
        PackingParcel(
            buyer_name=parcel.buyer_name,
            address=parcel.address,
            way=_way(parcel.orders[0]),
            orders=[_packing_order(view) for view in parcel.orders],
        )
        for parcel in parcels(views)
    ]


def _packing_order(view: OrderView) -> PackingOrder:
    lines = [
        PackingLine(title=line.title, label=line.label, sku=line.sku, image_url=line.image_url, quantity=line.quantity)
        for line in view.lines
    ]
    return PackingOrder(order_id=view.order_id, confirmed_at_ms=view.confirmed_at_ms, fulfilment=view.fulfilment, lines=lines)


def _way(view: OrderView) -> PackingWay | None:
    return None if view.shipping is None else PackingWay(name_en=view.shipping.name_en, name_ru=view.shipping.name_ru)
