"""What the module keeps of people itself, and what keeps an owner here."""

from collections.abc import Sequence

from schemas.http.accounts import Obstacle
from schemas.requests.accounts import FindObstacles
from server.auth.actors import OWNER
from server.auth.store import staff
from server.kernel.module import Context


async def find_obstacles(request: FindObstacles, ctx: Context) -> Sequence[Obstacle]:
    """The last owner hands the shop over first."""
    async with ctx.reading() as connection:
        owners = [member.actor_id for member in await staff(connection) if OWNER in member.roles]
    if owners == [request.actor_id]:
        return [Obstacle(kind="last_owner", subject_id=request.actor_id, title="", link="/staff/")]
    return []
