"""Facts of the module `accounts`."""

from typing import ClassVar

from schemas.base import Event

ERASED_NAME = "—"
"""Stands where the name of somebody stood who had their data erased; no language of its own."""


class ActorErased(Event, frozen=True, tag="accounts.actor_erased.v1"):
    """Somebody wants to be forgotten. Whoever keeps something of them erases it, or reduces it to what must be kept.

    It is told several times, minutes and a day later again, so that what was on its way meanwhile goes as well.
    """

    SUBJECT: ClassVar[str] = "actor_id"
    actor_id: str
    erased_at_ms: int


class RoleGranted(Event, frozen=True, tag="accounts.role_granted.v1"):
    """Somebody works for the shop in this role from now on."""

    SUBJECT: ClassVar[str] = "actor_id"
    actor_id: str
    name: str
    role: str
    granted_at_ms: int


class RoleTaken(Event, frozen=True, tag="accounts.role_taken.v1"):
    """Somebody has this role no longer."""

    SUBJECT: ClassVar[str] = "actor_id"
    actor_id: str
    role: str
    taken_at_ms: int
