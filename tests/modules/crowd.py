"""Many people in one world: commands to transactional channels as the channels' service carries them out, and sanctions."""

from typing import Any

import msgspec

from schemas.errors import Refused
from schemas.http.moderation import SanctionKind
from server.channels.codec import Codec
from server.kernel.module import SYSTEM, Actor, ChannelKind
from tests.modules.world import HOST, SHOW_ID, World, an_id

MODERATOR = Actor("acc_" + "d" * 32, "account", "Mo")
ANNA = Actor("gst_" + "3" * 32, "guest", "Anna")


def people(count: int) -> list[Actor]:
    """Viewers with a session."""
    return [Actor(an_id("gst", 1_000 + number), "guest", f"Viewer {number}") for number in range(count)]


async def send(
    world: World, kind: ChannelKind, actor: Actor, data: dict[str, Any], command_id: str, show_id: str = SHOW_ID
) -> None:
    """A command to a transactional channel: decode strictly, authorise load the facts, carry out.

    Raises:
        Refused: as the service would.
    """
    assert kind.transactional, kind.name
    command = Codec(kind).command(msgspec.json.encode(data))
    async with world.units(SYSTEM) as ctx:
        facts = await kind.load(ctx, show_id)
    error = kind.authorise(actor, facts)
    if error is not None:
        raise Refused(error)
    if kind.personal:
        async with world.units(actor) as ctx:
            facts = await kind.load_own(ctx, show_id, facts)
    async with world.units(actor) as ctx:
        await kind.carry_out(ctx, show_id, facts, command, command_id)


async def facts(world: World, kind: ChannelKind, actor: Actor = SYSTEM, show_id: str = SHOW_ID) -> Any:
    """What a channel of this show is authorised on."""
    async with world.units(actor) as ctx:
        return await kind.load(ctx, show_id)


async def restrain(world: World, actor: Actor, kind: SanctionKind, duration_ms: int | None = None) -> None:
    """The host mutes, blocks or shadow-bans somebody."""
    await world.know(actor)
    body = {"actor_id": actor.id, "kind": kind, "duration_ms": duration_ms}
    await world.call(HOST, "POST", f"/api/moderation/{SHOW_ID}/sanctions", body)


async def appoint(world: World, actor: Actor, moderator: bool = True) -> None:
    """The host makes somebody a moderator, or ends that."""
    await world.know(actor)
    await world.call(HOST, "POST", f"/api/moderation/{SHOW_ID}/moderators", {"actor_id": actor.id, "moderator": moderator})


async def let_in(world: World, actor: Actor) -> None:
    """The host lets somebody take part again."""
    await world.call(HOST, "POST", f"/api/moderation/{SHOW_ID}/lift", {"actor_id": actor.id})
