"""A chat with everything real: commands through the channels' service, publications in the channel's log, and what follows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from schemas.frames import Accepted
from schemas.http.chat import ChatMessage, ChatState
from server.auth.service import Auth
from server.bus.outbox import OutboxRelay
from server.channels.service import Channels
from server.channels.session import Command, Join
from server.kernel.config import Settings
from server.kernel.module import SYSTEM, Actor
from server.kernel.tasks import TaskGroup
from server.modules.chat.channel import ChatChannel, ChatRoomChannel
from tests.modules.world import SHOW_ID, World, an_id

CHANNEL = f"chat:{SHOW_ID}"
ROOM = f"chat_room:{SHOW_ID}"
MO = Actor("acc_" + "d" * 32, "account", "Mo")
PATIENCE_S = 10.0


class Talk:
    """The chat of the world's show, on one web node."""

    def __init__(self, world: World, channels: Channels) -> None:
        self.world, self.channels = world, channels
        self._frames = 0

    async def say(self, actor: Actor, text: str, number: int | None = None, **fields: Any) -> Accepted:
        """A message as a page sends it, five seconds after the last one; the node has heard of it when this returns.

        Raises:
            Refused: as the service does.
        """
        self._frames += 1
        self.world.clock.advance(5_000)  # so that the bucket of the person is never what refuses
        name = an_id("msg", self._frames if number is None else number)
        data = msgspec.json.encode({"text": text, **fields})
        accepted = await self.channels.publish(actor, Command(self._frames, CHANNEL, name, data))
        if accepted.offset is not None:
            await self.heard(accepted.offset)
        return accepted

    async def settle(self) -> None:
        """Let every fact reach everybody, and the node hear what came of it."""
        await self.world.settle()
        redis_key = f"ch:{{{CHANNEL}}}:meta"
        await self.heard(int(await self.world.redis.hget(redis_key, "o") or 0))

    async def heard(self, offset: int) -> None:
        """Wait until the node knows the channel up to this offset."""
        async with asyncio.timeout(PATIENCE_S):
            while (await self._reply(CHANNEL)).offset < offset:  # noqa: ASYNC110 - the test asks, as a viewer would
                await asyncio.sleep(0.005)

    async def state(self) -> ChatState:
        """What somebody who comes now is given."""
        return msgspec.json.decode((await self._reply(CHANNEL)).snapshot, type=ChatState)

    async def texts(self) -> list[str]:
        """Of the messages that are shown."""
        entries = (await self.state()).entries
        return [entry.text for entry in entries if isinstance(entry, ChatMessage) and not entry.removed]

    async def _reply(self, channel: str) -> Any:
        return (await self.channels.join(SYSTEM, Join(1, channel, None))).reply()


@contextlib.asynccontextmanager
async def web_node(world: World) -> AsyncIterator[Talk]:
    """A node that follows the chat; pushes of the world's outbox go into the channels' logs as well."""
    tasks = TaskGroup("talk")
    auth = Auth(world.database, world.redis, world.clock, Settings())
    channels = Channels(
        redis=world.redis,
        ledger_redis=world.redis,
        kinds=[ChatChannel(), ChatRoomChannel()],
        units=world.units,
        identities=auth,
        clock=world.clock,
        tasks=tasks,
        allowed_origins=[],
    )

    async def publish(channel: str, data: bytes, command_id: str, version: int | None) -> None:
        await world.screens.publish(channel, data, command_id, version)
        if channel in (CHANNEL, ROOM):
            await channels.publish_push(channel, data, command_id, version)

    before, world.relay = world.relay, OutboxRelay(world.database, world.redis, publish, world.clock)
    tasks.start(channels.run(), "channels")
    try:
        yield Talk(world, channels)
    finally:
        world.relay = before
        await tasks.close()
        await channels.close()
        await auth.close()
