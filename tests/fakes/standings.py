"""Answers GetStanding as the test says, where the module `moderation` is not in the world."""

from schemas.http.moderation import ModerationSettings, SanctionKind
from schemas.requests.moderation import GetStanding, Standing
from server.kernel.module import Context, Module, answer

MODERATORS: set[str] = set()
SANCTIONS: dict[str, tuple[SanctionKind, int | None]] = {}
"""By actor: the kind of the sanction and its end."""


async def get_standing(request: GetStanding, ctx: Context) -> Standing:
    """As `MODERATORS` and `SANCTIONS` say; the host is never restrained."""
    sanction, until_ms = SANCTIONS.get(request.actor_id, (None, None))
    may_moderate = request.actor_id == request.host_id or request.actor_id in MODERATORS
    if may_moderate or (until_ms is not None and until_ms <= ctx.now_ms):
        sanction = until_ms = None
    return Standing(may_moderate, sanction, until_ms, ModerationSettings(), ())


MODULE = Module(name="moderation", answers=(answer(GetStanding, get_standing),))
