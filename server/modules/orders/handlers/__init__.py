"""What an order does when something happens: to its hold and its payment, and to what somebody has won; and its answers."""

from server.modules.orders.handlers.answers import get_address, get_order, has_bought
from server.modules.orders.handlers.payments import (
    action_required,
    confirm_for_nothing,
    dispute_closed,
    dispute_opened,
    hold_expired,
    payment_authorised,
    payment_captured,
    payment_failed,
    payment_requested,
    payment_voided,
    refund_failed,
    refunded,
)
from server.modules.orders.handlers.people import collect, erase, find_obstacles
from server.modules.orders.handlers.units import giveaway_won, lot_offered, lot_sold, lot_unsold, release_units

__all__ = [
    "action_required",
    "collect",
    "confirm_for_nothing",
    "dispute_closed",
    "dispute_opened",
    "erase",
    "find_obstacles",
    "get_address",
    "get_order",
    "giveaway_won",
    "has_bought",
    "hold_expired",
    "lot_offered",
    "lot_sold",
    "lot_unsold",
    "payment_authorised",
    "payment_captured",
    "payment_failed",
    "payment_requested",
    "payment_voided",
    "refund_failed",
    "refunded",
    "release_units",
]
