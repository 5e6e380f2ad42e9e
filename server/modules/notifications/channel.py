"""The channel `inbox:<actor_id>`, for that person alone, and the one way to put something into an inbox."""

import re
from collections.abc import Sequence
from typing import Any

from schemas.errors import FORBIDDEN, WireError
from schemas.http.notifications import INBOX_MAX, InboxPublication, InboxState, NotificationView
from server.kernel.module import Actor, ChannelKind, Context
from server.modules.notifications import rules, store

ACTOR_ID = re.compile(r"(gst|acc)_[0-9a-f]{32}")


class InboxChannel(ChannelKind):
    """Every notification and every move of the read mark, on all devices of a person at once."""

    name = "inbox"
    publication = InboxPublication
    snapshot = InboxState
    history_length = 2 * INBOX_MAX
    """The mark only moves past something new, so among so many publications there are `INBOX_MAX` notifications."""

    async def load(self, ctx: Context, subject: str) -> str | None:
        return subject if ACTOR_ID.fullmatch(subject) else None

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None if actor.id == facts else FORBIDDEN

    async def initial(self, ctx: Context, subject: str) -> InboxState:
        async with ctx.reading() as connection:
            return await store.inbox(connection, subject)

    def apply(self, state: InboxState, publication: InboxPublication) -> InboxState:
        return rules.applied(state, publication)


async def tell(ctx: Context, notification: NotificationView, actor_ids: Sequence[str]) -> None:
    """Put a notification into inboxes, on the screens, and into the queue of pushes; who has it already hears nothing."""
    if not actor_ids:
        return
    told = await store.insert_items(ctx.store, notification, actor_ids)
    for actor_id, item in told:
        ctx.push(f"{InboxChannel.name}:{actor_id}", item)
    if told:
        expires_at_ms = ctx.now_ms + rules.POSTS[notification.kind].ttl_s * 1_000
        await store.queue_pushes(ctx.store, notification, [actor_id for actor_id, _ in told], ctx.now_ms, expires_at_ms)
