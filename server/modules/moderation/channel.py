"""The channel `moderation:<show_id>` (the host and moderators), and the one way to change what it shows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.errors import FORBIDDEN, WireError
from schemas.http.moderation import AuditAction, AuditEntry, ModerationState
from schemas.http.shows import ShowView
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context, Store
from server.modules.moderation import rules, store
from server.modules.moderation.rules import AuditLine, Roles

AUDIT_SHOWN_MAX = 30


class ModerationChannel(ChannelKind):
    """Queue, rules, sanctions and the end of the audit log; somebody who is slow gets only the newest state."""

    name = "moderation"
    delivery = "state"
    publication = ModerationState
    snapshot = ModerationState
    history_length = 3
    """Each publication is the whole state, of up to some 100 KB."""
    conflate_ms = 100
    """A raid fills the queue at hundreds of lines a second; a moderator reads none of them sooner than this."""

    async def load(self, ctx: Context, subject: str) -> Roles | None:
        show = await ctx.ask(GetShow(show_id=subject))
        if show is None:
            return None
        async with ctx.reading() as connection:
            return await store.roles(connection, show.host_id)

    def authorise(self, actor: Actor, facts: Roles) -> WireError | None:
        return None if facts.may_moderate(actor.id) else FORBIDDEN

    async def initial(self, ctx: Context, subject: str) -> ModerationState:
        show = await ctx.ask(GetShow(show_id=subject))
        assert show is not None, subject
        async with ctx.reading() as connection:
            return await moderation_state(connection, subject, show.host_id, ctx.now_ms)

    def apply(self, state: ModerationState, publication: ModerationState) -> ModerationState:
        return publication if publication.version > state.version else state


class Deed(NamedTuple):
    """What somebody in charge did, for the audit log: to whom or what, and why."""

    action: AuditAction
    target: str = ""
    detail: str = ""


async def moderation_state(reader: Store | Any, show_id: str, host_id: str, now_ms: int) -> ModerationState:
    """What the host and moderators see."""
    version, settings = await store.settings(reader, show_id)
    lines, _ = await store.audit(reader, show_id, None, AUDIT_SHOWN_MAX)
    return ModerationState(
        version=version,
        settings=settings,
        words=await store.words(reader, host_id),
        held=await store.held(reader, show_id),
        sanctions=await store.sanctions(reader, host_id, now_ms),
        moderators=await store.moderators(reader, host_id),
        audit=[audit_entry(line) for line in lines],
    )


def audit_entry(line: AuditLine) -> AuditEntry:
    """A line of the audit log as it is shown."""
    return AuditEntry(
        entry_id=str(line.number),
        at_ms=line.at_ms,
        by_id=line.by_id,
        by_name=line.by_name,
        action=line.action,
        target=line.target,
        detail=line.detail,
    )


async def save(ctx: Context, show: ShowView, deeds: Sequence[Deed], *, host_wide: bool = False) -> ModerationState:
    """Record what was done, and tell everybody in charge; every deed goes through here, in the transaction of its effect.
    `host_wide`: the host's other open shows are told as well. The host is locked."""
    lines = [
        AuditLine(show.show_id, 0, ctx.now_ms, ctx.actor.id, ctx.actor.name, deed.action, deed.target, rules.clipped(deed.detail))
        for deed in deeds
    ]
    if lines:
        await store.append_audit(ctx.store, show.show_id, lines)
    others = await store.open_shows(ctx.store, show.host_id) if host_wide else []
    for other in others:
        if other != show.show_id:
            await _tell(ctx, other, show.host_id)
    return await _tell(ctx, show.show_id, show.host_id)


async def _tell(ctx: Context, show_id: str, host_id: str) -> ModerationState:
    await store.next_version(ctx.store, show_id)
    state = await moderation_state(ctx.store, show_id, host_id, ctx.now_ms)
    ctx.push(f"{ModerationChannel.name}:{show_id}", state, state.version)
    return state
