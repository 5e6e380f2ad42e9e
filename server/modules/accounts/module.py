"""Accounts: one's own profile and data, and the people who work for the shop. Sessions and passwords are identity's.

Owns      accounts_erasures
Decides   when somebody's data may be erased (nothing under way, somebody else owns the shop), who works for the shop in which
          role, and who may invite.
Promises  an erased person is out on every node within a second, and forgotten in every module once the bus has been round,
          whatever crashes meanwhile; a link gives one role to one person; the shop never loses its last owner.
"""

from schemas.events.accounts import ActorErased, RoleGranted, RoleTaken
from schemas.requests.accounts import FindObstacles
from server.auth.service import Auth
from server.kernel.config import Settings
from server.kernel.module import Module, answer, every_ms
from server.modules.accounts import handlers, jobs, routes

MODULE = Module(
    name="accounts",
    emits=(ActorErased, RoleGranted, RoleTaken),
    contributes=(answer(FindObstacles, handlers.find_obstacles),),
    routes=routes.ROUTES,
    jobs=(every_ms(60_000, jobs.tell_again),),
    ports=(Auth, Settings),
)
