"""Answers IsFollowing as the test says, where the module `notifications` is not in the world."""

from schemas.requests.notifications import IsFollowing
from server.kernel.module import Context, Module, answer

FOLLOWERS: set[tuple[str, str]] = set()
"""Pairs of a follower and a host."""


async def is_following(request: IsFollowing, ctx: Context) -> bool:
    """As `FOLLOWERS` says."""
    return (request.actor_id, request.host_id) in FOLLOWERS


MODULE = Module(name="notifications", answers=(answer(IsFollowing, is_following),))
