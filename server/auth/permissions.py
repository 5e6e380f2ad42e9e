"""What an actor may do, as far as the edge can tell: ownership of a show or an order is each module's own matter."""

from schemas.errors import FORBIDDEN, NOT_SIGNED_IN, WireError
from server.kernel.module import Actor, Permission


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
    if permission == "host" and not (actor.is_host and actor.kind == "account"):
        return FORBIDDEN
    return None
