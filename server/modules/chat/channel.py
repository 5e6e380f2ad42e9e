"""The channels `chat:<show_id>` (everybody talks and listens) and `chat_room:<show_id>` (the pinned message and the rules)."""

from typing import Any, NamedTuple

import msgspec

from schemas.errors import BLOCKED, REPEATED, SLOW_MODE, WireError
from schemas.events.chat import MessagePosted
from schemas.http.chat import HISTORY_MAX, ChatPublication, ChatRoomState, ChatState, PostMessage
from schemas.http.shows import ShowView
from schemas.requests.moderation import Door, GetDoor, GetRoomRules, RoomRules
from schemas.requests.notifications import IsFollowing
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context, Decision, Guard
from server.modules.chat import rules, store
from server.modules.chat.rules import Said


class Facts(NamedTuple):
    """What a message is decided on: the show, its rules and, when they ask for it, whether the author follows the host."""

    show: ShowView
    rules: RoomRules
    following: bool = False


class ChatChannel(ChannelKind):
    """Whoever has the link and is not blocked may read and, with a nickname, talk: one message a second, five at once."""

    name = "chat"
    command = PostMessage
    publication = ChatPublication
    snapshot = ChatState
    history_length = HISTORY_MAX
    emits = (MessagePosted,)
    commands_per_s = 1.0
    commands_burst = 5
    personal = True

    async def load(self, ctx: Context, subject: str) -> Facts | None:
        show = await ctx.ask(GetShow(show_id=subject))
        if show is None:
            return None
        return Facts(show, await ctx.ask(GetRoomRules(show_id=subject, host_id=show.host_id)))

    async def load_own(self, ctx: Context, subject: str, facts: Facts) -> Facts:
        if not facts.rules.settings.followers_only:
            return facts
        return facts._replace(following=await ctx.ask(IsFollowing(actor_id=ctx.actor.id, host_id=facts.show.host_id)))

    def authorise(self, actor: Actor, facts: Facts) -> WireError | None:
        return BLOCKED if facts.rules.door.turns_away(actor.id) else None

    def decide(self, actor: Actor, facts: Facts, state: Any, command: Any, command_id: str, now_ms: int) -> Decision:
        speaker = rules.Speaker(actor.id, actor.name, facts.rules.standing(actor.id, now_ms), facts.following)
        said = rules.speak(facts.show, speaker, state.entries, command, command_id, now_ms)
        if isinstance(said, rules.Refusal):
            return Decision(error=said.error, detail=said.detail, retry_after_ms=said.retry_after_ms)
        show_id, guards = facts.show.show_id, _guards(actor, said)
        if said.shadowed:
            return Decision(echo=said.message, guards=guards)
        if said.held is not None:
            echo = msgspec.structs.replace(said.message, waiting=True)
            return Decision(echo=echo, aside=rules.waits(show_id, said.message, said.held), guards=guards)
        return Decision(data=said.message, event=rules.posted(show_id, said.message), guards=guards)

    async def initial(self, ctx: Context, subject: str) -> ChatState:
        async with ctx.reading() as connection:
            messages = await store.last_messages(connection, subject, HISTORY_MAX)
            return ChatState(entries=rules.merged(messages, await store.last_removals(connection, subject, HISTORY_MAX)))

    def apply(self, state: ChatState, publication: ChatPublication) -> ChatState:
        return ChatState(entries=rules.with_publication(state.entries, publication))


class ChatRoomChannel(ChannelKind):
    """What stands above the chat and what the composer says; somebody who is slow gets only the newest state."""

    name = "chat_room"
    delivery = "state"
    publication = ChatRoomState
    snapshot = ChatRoomState
    history_length = 10

    async def load(self, ctx: Context, subject: str) -> Door | None:
        return await door_of(ctx, subject)

    def authorise(self, actor: Actor, facts: Door) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> ChatRoomState:
        async with ctx.reading() as connection:
            return await store.room(connection, subject)

    def apply(self, state: ChatRoomState, publication: ChatRoomState) -> ChatRoomState:
        return publication if publication.version > state.version else state


async def door_of(ctx: Context, show_id: str) -> Door | None:
    """Who is let into the show; None when there is no such show."""
    show = await ctx.ask(GetShow(show_id=show_id))
    return None if show is None else await ctx.ask(GetDoor(host_id=show.host_id))


async def tell_room(ctx: Context, show_id: str) -> None:
    """Count a change of the room and show it; every change goes through here. The room is locked."""
    await store.next_version(ctx.store, show_id)
    state = await store.room(ctx.store, show_id)
    ctx.push(f"{ChatRoomChannel.name}:{show_id}", state, state.version)


def _guards(actor: Actor, said: Said) -> tuple[Guard, ...]:
    guards = []
    if said.slow_ms:
        guards.append(Guard(f"slow:{actor.id}", said.slow_ms, SLOW_MODE))
    if said.same_text:
        guards.append(Guard(f"same:{actor.id}:{said.same_text}", rules.REPEAT_MS, REPEATED))
    return tuple(guards)
