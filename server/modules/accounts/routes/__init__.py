"""HTTP operations of accounts."""

from server.modules.accounts.routes import own, staff

ROUTES = (*own.ROUTES, *staff.ROUTES)
