"""Webhooks on their way from the sandbox to our route, without a network between."""

from collections.abc import Mapping

from server.auth.actors import NOBODY
from server.kernel.module import Call, Reply
from server.modules.payments.routes import take_webhook
from tests.modules.world import World


async def hook(world: World, raw: bytes, headers: Mapping[str, str], provider: str = "sandbox") -> Reply:
    """One webhook arrives."""
    async with world.units(NOBODY) as ctx:
        return await take_webhook(ctx, Call(path={"provider": provider}, headers=headers, raw=raw))


async def deliver(world: World) -> int:
    """Every webhook of the sandbox that is due arrives; returns how many."""
    due = await world.sandbox.due_webhooks()
    for body, headers, member in due:
        await hook(world, body, headers)
        await world.sandbox.sent(member, True)
    await world.settle()
    return len(due)
