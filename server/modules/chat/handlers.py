"""What the chat does when something happens, and its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.events.chat import MessagePosted
from schemas.events.moderation import ChatRulesChanged, MessageApproved, MessagePinned, MessagesRemoved
from schemas.http.chat import ChatMessage, MessageRemoval, Quote
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.chat import GetMessage
from server.kernel.module import Context
from server.modules.chat import rules, store
from server.modules.chat.channel import ChatChannel, tell_room


async def record(event: MessagePosted, ctx: Context) -> None:
    """Keep a message for the export and for replays; the channel's log forgets it one day. One that was removed before it came
    here is removed."""
    await store.lock_room(ctx.store, event.show_id)
    message = ChatMessage(
        message_id=event.message_id,
        author_id=event.author_id,
        author_name=event.author_name,
        author_role=event.author_role,  # type: ignore[arg-type]  # events carry plain words, so that old nodes read new ones
        text=event.text,
        posted_at_ms=event.posted_at_ms,
        mentions=await store.names(ctx.store, event.show_id, event.mentioned_ids),
    )
    if await store.insert_message(ctx.store, event.show_id, message, event.reply_to):
        await _remove_again(ctx, event)


async def messages_removed(event: MessagesRemoved, ctx: Context) -> None:
    """Take messages off every screen and out of every later answer, whether they are recorded already or not."""
    await store.lock_room(ctx.store, event.show_id)
    if event.author_id is not None:
        removed = await store.bury_author(ctx.store, event.show_id, event.author_id, event.removed_at_ms)
    else:
        removed = await store.bury(ctx.store, event.show_id, event.message_ids, event.removed_at_ms)
    if removed:
        # A removal hides what comes before it: the messages, and replies that quote them. The clocks that dated those may be
        # ahead of the moderator's. What is not recorded yet is looked at when it is.
        at_ms = max(event.removed_at_ms, await store.last_posted_ms(ctx.store, event.show_id) + 1)
        await _tell_removal(ctx, event.show_id, removed, at_ms)


async def message_approved(event: MessageApproved, ctx: Context) -> None:
    """A held message is said now."""
    await store.lock_room(ctx.store, event.show_id)
    message = ChatMessage(
        message_id=event.message_id,
        author_id=event.author_id,
        author_name=event.author_name,
        author_role="viewer",  # others are not held
        text=event.text,
        posted_at_ms=event.approved_at_ms,
        reply=None if event.reply_to is None else await _quote(ctx, event.show_id, event.reply_to),
        mentions=await store.names(ctx.store, event.show_id, event.mentioned_ids),
    )
    if await store.insert_message(ctx.store, event.show_id, message, event.reply_to):
        ctx.push(f"{ChatChannel.name}:{event.show_id}", message)


async def message_pinned(event: MessagePinned, ctx: Context) -> None:
    """Another message stands above the chat, or none; one that has been removed meanwhile does not."""
    await store.lock_room(ctx.store, event.show_id)
    pinned = None
    if event.message_id is not None:
        found = await store.message(ctx.store, event.show_id, event.message_id)
        pinned = None if found is None or found.removed else found.message_id
    await store.change_room(ctx.store, event.show_id, {"pinned_id": pinned})
    await tell_room(ctx, event.show_id)


async def chat_rules_changed(event: ChatRulesChanged, ctx: Context) -> None:
    """Composers say what holds now."""
    await store.lock_room(ctx.store, event.show_id)
    changed = {name: getattr(event, name) for name in ("slow_mode_s", "followers_only", "approve_first")}
    await store.change_room(ctx.store, event.show_id, changed)
    await tell_room(ctx, event.show_id)


async def get_message(request: GetMessage, ctx: Context) -> ChatMessage | None:
    """A recorded message that is on the screens."""
    async with ctx.reading() as connection:
        found = await store.message(connection, request.show_id, request.message_id)
    return None if found is None or found.removed else found


async def _quote(ctx: Context, show_id: str, message_id: str) -> Quote | None:
    found = await store.message(ctx.store, show_id, message_id)
    return None if found is None else rules.quote(found)


async def _remove_again(ctx: Context, event: MessagePosted) -> None:
    """What a removal could not reach on the screens, because it was said or heard of later: the message itself, when it or all
    of its author's were removed; and what a reply quotes, when that was removed while the reply was on its way."""
    subjects = [name for name in (event.message_id, event.author_id, event.reply_to) if name is not None]
    removed_at_ms = await store.tombstones(ctx.store, event.show_id, subjects)
    again = [subject for subject, at_ms in removed_at_ms.items() if subject != event.author_id and at_ms <= event.posted_at_ms]
    if removed_at_ms.get(event.author_id, -1) >= event.posted_at_ms:
        again += await store.bury(ctx.store, event.show_id, [event.message_id], removed_at_ms[event.author_id])
    if again:
        await _tell_removal(ctx, event.show_id, again, max(event.posted_at_ms + 1, *removed_at_ms.values()))


async def _tell_removal(ctx: Context, show_id: str, message_ids: Sequence[str], at_ms: int) -> None:
    removal = MessageRemoval(message_ids=list(message_ids), at_ms=at_ms)
    await store.insert_removal(ctx.store, show_id, removal)
    ctx.push(f"{ChatChannel.name}:{show_id}", removal)
    if await store.unpin(ctx.store, show_id, message_ids):
        await tell_room(ctx, show_id)


async def erase(event: ActorErased, ctx: Context) -> None:
    """Somebody's lines leave the screens and the record, with their name, and others mention them no more. That they were said,
    by an id, stays: replies and the order of the talk hang on it. The channel's log in Redis holds a copy until it is written
    over."""
    for show_id in await store.shows_of_author(ctx.store, event.actor_id):
        await store.lock_room(ctx.store, show_id)
        removed = await store.bury_author(ctx.store, show_id, event.actor_id, ctx.now_ms)
        if removed:
            await _tell_removal(ctx, show_id, removed, max(ctx.now_ms, await store.last_posted_ms(ctx.store, show_id) + 1))
        await store.empty_author(ctx.store, show_id, event.actor_id)
    await store.unmention(ctx.store, event.actor_id)


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What somebody said, also what was removed."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
