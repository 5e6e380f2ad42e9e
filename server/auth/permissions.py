"""What an actor may do, as far as the edge can tell: ownership of a show or an order is each module's own matter."""

from collections.abc import Mapping

from schemas.errors import FORBIDDEN, NOT_SIGNED_IN, WireError
from server.auth.actors import HOST, OWNER, PACKER
from server.kernel.module import Actor, Permission

ROLES: Mapping[Permission, frozenset[str]] = {
    "packer": frozenset({PACKER, HOST}),
    "host": frozenset({HOST}),
    "owner": frozenset({OWNER}),
}
"""Of which an account must have one."""


def meets(actor: Actor | None, permission: Permission) -> bool:
    """Whether the caller is at least what the permission asks for; None is a caller without a session."""
    return missing(actor, permission) is None


def missing(actor: Actor | None, permission: Permission) -> WireError | None:
    """Why the caller does not meet the permission, or None."""
    if permission == "anyone":
        return None
    if actor is None:
        return NOT_SIGNED_IN
    if permission == "account" and actor.kind == "guest":
        return FORBIDDEN
    wanted = ROLES.get(permission)
    if wanted is not None and not (actor.kind == "account" and actor.roles & wanted):
        return FORBIDDEN
    return None
