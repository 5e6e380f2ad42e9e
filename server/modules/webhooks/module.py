"""Webhooks: tells other systems of the shop what happened, signed as Standard Webhooks say.

Owns      webhooks_hooks, webhooks_deliveries, webhooks_attempts
Decides   which facts leave the server and to whom: a show's host hears of its orders, payments, auctions, sales and of itself.
          When a delivery is tried again, when it is given up, when an endpoint is switched off.
Promises  every fact reaches every endpoint that wants it at least once under one id, or can be replayed; the order is not kept;
          no endpoint delays another; nothing is sent to addresses that are not public, and nothing that opens a card.
"""

from schemas.events.accounts import ActorErased
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.notifications import Notify
from schemas.requests.shows import GetShow
from server.kernel.config import Settings
from server.kernel.module import Module, answer, every_ms, on
from server.modules.webhooks import handlers, jobs, routes, rules
from server.modules.webhooks.adapters import HookSender

MODULE = Module(
    name="webhooks",
    consumes=(*(on(event, handlers.tell) for event in rules.EVENTS), on(ActorErased, handlers.erase)),
    asks=(GetShow, Notify),
    contributes=(answer(CollectPersonalData, handlers.collect),),
    routes=routes.ROUTES,
    # An event is under way within a second; when there is nothing to do each round looks at one index per endpoint.
    jobs=(every_ms(250, jobs.deliver), every_ms(3_600_000, jobs.forget)),
    ports=(HookSender, Settings),
)
