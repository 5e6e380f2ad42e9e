"""Decisions of accounts: when an erasure is told again, what a role brings, who may take it. Pure."""

from collections.abc import Sequence

from schemas.errors import ACCOUNT_IN_USE, LAST_OWNER, Refusal
from schemas.http.accounts import Obstacle

AGAIN_AFTER_MS = (10 * 60_000, 24 * 3_600_000)
"""After the first time: when what was on its way is surely there, and when dead letters were replayed."""
WAIT_MS = 24 * 3_600_000
"""When money turned out to be under way after all, it is looked at again so much later."""
NAMED_MAX = 5
"""Obstacles that a refusal names; the page lists all."""


def next_time(told: int, now_ms: int) -> int | None:
    """When an erasure that was told `told` times is told again; None: that was the last time."""
    return now_ms + AGAIN_AFTER_MS[told - 1] if told <= len(AGAIN_AFTER_MS) else None


def refusal(obstacles: Sequence[Obstacle]) -> Refusal | None:
    """Why data cannot be erased now, or None."""
    if not obstacles:
        return None
    named = ", ".join(f"{each.kind} {each.subject_id}" for each in obstacles[:NAMED_MAX])
    return Refusal(ACCOUNT_IN_USE, f"Settle these first: {named}.", {"obstacles": len(obstacles)})


def owner_leaves(actor_id: str, owners: Sequence[str]) -> Refusal | None:
    """Why somebody cannot stop being an owner, or None: a shop always has one."""
    if list(owners) == [actor_id]:
        return Refusal(LAST_OWNER, "Make somebody else an owner first.")
    return None
