"""Invitations: a 256-bit key that gives a role in a scope, a limited number of times, until a time, unless revoked.

Only the SHA-256 of the key is stored. A GET never uses a key up (link previews fetch addresses); the POST that carries it does.
The owner's set-up key is the invitation with scope `shop` and role `owner`.
"""

from dataclasses import dataclass

from server.auth.actors import HOST, OWNER
from server.auth.sessions import DAY_MS, token_hash

SHOP = "shop"
STAFF = "staff"
STAFF_VALID_MS = 7 * DAY_MS
"""A link to work for the shop: long enough to be read on Monday, short enough not to lie about."""
SETUP_VALID_MS = 7 * DAY_MS
"""The set-up key lies in a terminal's scroll-back; each start of the server prints a fresh one anyway."""


@dataclass(frozen=True)
class NewInvite:
    """An invitation as it is stored."""

    invite_id: str
    key_hash: str
    scope: str
    role: str
    max_uses: int
    created_at_ms: int
    expires_at_ms: int
    label: str = ""
    made_by: str = ""


def setup_invite(invite_id: str, key: str, now_ms: int) -> NewInvite:
    """The owner's set-up key: once, for a week."""
    return NewInvite(invite_id, token_hash(key), SHOP, OWNER, 1, now_ms, now_ms + SETUP_VALID_MS)


def granted_roles(role: str) -> tuple[str, ...]:
    """Roles that an invitation's role brings: an owner is a host too."""
    return (OWNER, HOST) if role == OWNER else (role,)


def staff_invite(invite_id: str, key: str, role: str, label: str, made_by: str, now_ms: int) -> NewInvite:
    """An invitation to work for the shop: one person, for a week."""
    return NewInvite(invite_id, token_hash(key), STAFF, role, 1, now_ms, now_ms + STAFF_VALID_MS, label, made_by)
