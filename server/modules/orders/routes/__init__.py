"""HTTP operations of orders: the buyer's, the host's, and what a person or the shop keeps for later."""

from server.modules.orders.routes import checkout, desk, kept, truth

ROUTES = (*checkout.ROUTES, *desk.ROUTES, *kept.ROUTES, *truth.ROUTES)
