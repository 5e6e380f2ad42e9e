"""HTTP operations of moderation."""

from collections.abc import Sequence

import msgspec

from schemas.errors import FORBIDDEN, INVALID_FIELD, LIMIT_REACHED, NOT_FOUND, Refused
from schemas.events.moderation import (
    ActorSanctioned,
    ChatRulesChanged,
    MessageApproved,
    MessagePinned,
    MessagesRemoved,
    SanctionLifted,
)
from schemas.http.moderation import (
    Appoint,
    AuditPage,
    BannedWords,
    LiftSanction,
    ModerationSettings,
    ModerationState,
    ModeratorView,
    MyStanding,
    PinMessage,
    RemoveMessages,
    ReviewMessage,
    Sanction,
    SanctionView,
)
from schemas.http.shows import ShowView
from schemas.requests.chat import GetMessage
from schemas.requests.moderation import GetStanding
from schemas.requests.shows import GetShow
from server.auth.store import get_actor
from server.kernel.module import Actor, Call, Context, Endpoint, Reply
from server.modules.moderation import rules, store
from server.modules.moderation.channel import Deed, audit_entry, moderation_state, save
from server.modules.moderation.rules import Refusal, Roles

AUDIT_PAGE = 50


async def get_state(ctx: Context, call: Call) -> Reply:
    """Queue, rules, sanctions, moderators and the end of the audit log."""
    show = await _show_in_charge(ctx, call)
    async with ctx.reading() as connection:
        return Reply(await moderation_state(connection, show.show_id, show.host_id, ctx.now_ms))


async def get_audit(ctx: Context, call: Call) -> Reply:
    """A page of the audit log, newest first (`?before=<entry_id>`)."""
    show = await _show_in_charge(ctx, call)
    given = call.query.get("before")
    if given is not None and not (given.isascii() and given.isdigit() and len(given) <= 15):
        raise Refused(INVALID_FIELD, "`before` is an entry_id of this log.", field="before")
    async with ctx.reading() as connection:
        lines, intact = await store.audit(connection, show.show_id, None if given is None else int(given), AUDIT_PAGE)
    older = lines[-1].number if lines and lines[-1].number > 1 else None
    page = AuditPage(entries=[audit_entry(line) for line in lines], before=None if older is None else str(older), intact=intact)
    return Reply(page)


async def get_my_standing(ctx: Context, call: Call) -> Reply:
    """What the caller may do. Who is shadow-banned is not told so."""
    show = await _show(ctx, call)
    asked = GetStanding(show_id=show.show_id, host_id=show.host_id, actor_id=ctx.actor.id)
    async with ctx.reading() as connection:
        found = await store.standing(connection, asked, ctx.now_ms)
    told = None if found.sanction == "shadow" else found.sanction
    return Reply(MyStanding(may_moderate=found.may_moderate, sanction=told, until_ms=found.until_ms))


async def change_settings(ctx: Context, call: Call) -> Reply:
    """Replace the rules of the show's chat."""
    body: ModerationSettings = call.body
    show, _ = await _take_charge(ctx, call)
    _, before = await store.settings(ctx.store, show.show_id)
    if body == before:
        return Reply(await moderation_state(ctx.store, show.show_id, show.host_id, ctx.now_ms))
    await store.write_settings(ctx.store, show.show_id, body)
    ctx.publish(
        ChatRulesChanged(
            show_id=show.show_id,
            slow_mode_s=body.slow_mode_s,
            followers_only=body.followers_only,
            approve_first=body.approve_first,
        )
    )
    return Reply(await save(ctx, show, [Deed("settings", show.show_id, msgspec.json.encode(body).decode())]))


async def change_words(ctx: Context, call: Call) -> Reply:
    """Replace the host's banned words, in all of the host's shows."""
    body: BannedWords = call.body
    show, _ = await _take_charge(ctx, call)
    before, after = await store.words(ctx.store, show.host_id), rules.clean_words(body.words)
    await store.write_words(ctx.store, show.host_id, after)
    detail = rules.changed_words(before, after)
    return Reply(await save(ctx, show, [Deed("words", show.host_id, detail)] if detail else [], host_wide=True))


async def remove_messages(ctx: Context, call: Call) -> Reply:
    """Take messages off every screen: those that are named, or all of one person's in this show."""
    body: RemoveMessages = call.body
    if (body.author_id is None) == (not body.message_ids):
        raise Refused(INVALID_FIELD, "Name messages or an author, one of the two.", field="message_ids")
    show = await _show(ctx, call)
    named = list(dict.fromkeys(body.message_ids))
    # One that is not recorded yet is removed as well: the chat remembers it until the message comes.
    found = [await ctx.ask(GetMessage(show_id=show.show_id, message_id=message_id)) for message_id in named]
    show, roles = await _take_charge(ctx, call)
    authors = [message.author_id for message in found if message is not None] if body.author_id is None else [body.author_id]
    _granted(rules.removal(roles, ctx.actor.id, authors))
    ctx.publish(MessagesRemoved(show_id=show.show_id, message_ids=named, author_id=body.author_id, removed_at_ms=ctx.now_ms))
    if body.author_id is not None:
        return Reply(await save(ctx, show, [Deed("remove_messages", body.author_id, body.reason)]))
    said = zip(named, found, strict=True)
    return Reply(
        await save(
            ctx, show, [Deed("remove_messages", one, rules.removed_message(message, body.reason)) for one, message in said]
        )
    )


async def restrain(ctx: Context, call: Call) -> Reply:
    """Mute, block or shadow-ban somebody in all of the host's shows."""
    body: Sanction = call.body
    person = await _person(ctx, body.actor_id)
    show, roles = await _take_charge(ctx, call)
    _granted(rules.sanction(roles, ctx.actor.id, body))
    until_ms = None if body.duration_ms is None else ctx.now_ms + body.duration_ms
    view = SanctionView(
        actor_id=person.id,
        name=person.name,
        kind=body.kind,
        until_ms=until_ms,
        reason=body.reason,
        by_name=ctx.actor.name,
        at_ms=ctx.now_ms,
    )
    await store.write_sanction(ctx.store, show.host_id, view)
    ctx.publish(ActorSanctioned(host_id=show.host_id, actor_id=person.id, kind=body.kind, until_ms=until_ms))
    if body.kind != "shadow":  # whose rights are the same, as far as they can see
        ctx.revoke(person.id)
    lasting = "" if until_ms is None else f"{body.duration_ms} ms"
    detail = " · ".join(part for part in (person.name, lasting, body.reason) if part)
    return Reply(await save(ctx, show, [Deed(body.kind, person.id, detail)], host_wide=True))


async def lift_sanction(ctx: Context, call: Call) -> Reply:
    """Let somebody take part again."""
    body: LiftSanction = call.body
    show, _ = await _take_charge(ctx, call)
    return Reply(await save(ctx, show, await _lift(ctx, show, body.actor_id, body.reason), host_wide=True))


async def pin_message(ctx: Context, call: Call) -> Reply:
    """Keep a message above the chat, or take it away from there."""
    body: PinMessage = call.body
    show = await _show(ctx, call)
    detail = ""
    if body.message_id is not None:
        message = await ctx.ask(GetMessage(show_id=show.show_id, message_id=body.message_id))
        if message is None:
            raise Refused(
                NOT_FOUND, "There is no such message on the screens; one that was said just now can be pinned in a second."
            )
        detail = f"{message.author_name}: {message.text}"
    show, _ = await _take_charge(ctx, call)
    ctx.publish(MessagePinned(show_id=show.show_id, message_id=body.message_id, pinned_at_ms=ctx.now_ms))
    deed = Deed("unpin") if body.message_id is None else Deed("pin", body.message_id, detail)
    return Reply(await save(ctx, show, [deed]))


async def review_message(ctx: Context, call: Call) -> Reply:
    """Show a held message to everybody, or to nobody. The same decision again changes nothing."""
    body: ReviewMessage = call.body
    show, _ = await _take_charge(ctx, call)
    found = await store.held_message(ctx.store, show.show_id, body.message_id)
    decision = "approved" if body.approve else "rejected"
    if found is None or found[1] not in ("waiting", decision):
        raise Refused(NOT_FOUND, "No message with this id waits; somebody else may have decided on it.")
    held, before = found
    if before == decision:
        return Reply(await moderation_state(ctx.store, show.show_id, show.host_id, ctx.now_ms))
    await store.review(ctx.store, held.message_id, decision)
    if body.approve:
        ctx.publish(
            MessageApproved(
                show_id=show.show_id,
                message_id=held.message_id,
                author_id=held.author_id,
                author_name=held.author_name,
                text=held.text,
                approved_at_ms=ctx.now_ms,
                reply_to=held.reply_to,
                mentioned_ids=held.mentioned_ids,
            )
        )
    deed = Deed("approve" if body.approve else "reject", held.message_id, f"{held.reason} · {held.author_name}: {held.text}")
    return Reply(await save(ctx, show, [deed]))


async def appoint(ctx: Context, call: Call) -> Reply:
    """Make an account a moderator of all of the host's shows, or end that."""
    body: Appoint = call.body
    person = await _person(ctx, body.actor_id)
    show, roles = await _take_charge(ctx, call)
    if ctx.actor.id != show.host_id:
        raise Refused(FORBIDDEN, "Only the host appoints and dismisses moderators.")
    deeds: list[Deed] = []
    if not body.moderator:
        if await store.dismiss(ctx.store, show.host_id, person.id):
            deeds = [Deed("dismiss", person.id, person.name)]
    elif person.id not in roles.moderator_ids:
        _refuse_moderator(show, roles, person)
        await store.appoint(ctx.store, show.host_id, ModeratorView(actor_id=person.id, name=person.name), ctx.now_ms)
        deeds = [*await _lift(ctx, show, person.id, "appointed"), Deed("appoint", person.id, person.name)]
    if deeds:
        ctx.revoke(person.id)
    return Reply(await save(ctx, show, deeds, host_wide=True))


def _refuse_moderator(show: ShowView, roles: Roles, person: Actor) -> None:
    if person.id == show.host_id or person.kind != "account":
        raise Refused(INVALID_FIELD, "A moderator is somebody else with an account: a guest registers first.", field="actor_id")
    if len(roles.moderator_ids) >= rules.MODERATORS_MAX:
        raise Refused(LIMIT_REACHED, f"A host has at most {rules.MODERATORS_MAX} moderators; dismiss one first.")


async def _lift(ctx: Context, show: ShowView, actor_id: str, reason: str) -> Sequence[Deed]:
    if not await store.lift(ctx.store, show.host_id, actor_id):
        return []
    ctx.publish(SanctionLifted(host_id=show.host_id, actor_id=actor_id))
    ctx.revoke(actor_id)
    return [Deed("lift", actor_id, reason)]


async def _show(ctx: Context, call: Call) -> ShowView:
    show = await ctx.ask(GetShow(show_id=call.path["show_id"]))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    return show


async def _show_in_charge(ctx: Context, call: Call) -> ShowView:
    show = await _show(ctx, call)
    async with ctx.reading() as connection:
        _refuse_others(ctx, await store.roles(connection, show.host_id))
    return show


async def _take_charge(ctx: Context, call: Call) -> tuple[ShowView, Roles]:
    """The show, if the caller is in charge of it; what is the host's is locked from now on."""
    show = await _show_in_charge(ctx, call)
    await store.lock(ctx.store, show.host_id)
    await store.open_show(ctx.store, show.show_id, show.host_id)
    roles = await store.roles(ctx.store, show.host_id)
    _refuse_others(ctx, roles)  # again under the lock: the host may have dismissed the caller meanwhile
    return show, roles


def _refuse_others(ctx: Context, roles: Roles) -> None:
    if not roles.may_moderate(ctx.actor.id):
        raise Refused(FORBIDDEN, "Only the host and moderators may do this.")


async def _person(ctx: Context, actor_id: str) -> Actor:
    async with ctx.reading() as connection:
        person = await get_actor(connection, actor_id)
    if person is None:
        raise Refused(NOT_FOUND, "There is nobody with this id.")
    return person


def _granted(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal.error, refusal.detail)


SHOW = "/api/moderation/{show_id}"
STATE = ModerationState

ROUTES = (
    Endpoint("GET", SHOW, get_state, "account", "See queue, rules, sanctions and moderators", view=STATE),
    Endpoint("GET", f"{SHOW}/audit", get_audit, "account", "Read the audit log", view=AuditPage),
    Endpoint("GET", f"{SHOW}/me", get_my_standing, "guest", "See what one may do", view=MyStanding),
    Endpoint("POST", f"{SHOW}/settings", change_settings, "account", "Set the chat's rules", body=ModerationSettings, view=STATE),
    Endpoint("POST", f"{SHOW}/words", change_words, "account", "Set the host's banned words", body=BannedWords, view=STATE),
    Endpoint("POST", f"{SHOW}/remove", remove_messages, "account", "Remove messages", body=RemoveMessages, view=STATE),
    Endpoint("POST", f"{SHOW}/sanctions", restrain, "account", "Mute, block or shadow-ban", body=Sanction, view=STATE),
    Endpoint("POST", f"{SHOW}/lift", lift_sanction, "account", "Lift a sanction", body=LiftSanction, view=STATE),
    Endpoint("POST", f"{SHOW}/pin", pin_message, "account", "Pin a message, or none", body=PinMessage, view=STATE),
    Endpoint(
        "POST", f"{SHOW}/held/review", review_message, "account", "Decide on a held message", body=ReviewMessage, view=STATE
    ),
    Endpoint("POST", f"{SHOW}/moderators", appoint, "host", "Appoint or dismiss a moderator", body=Appoint, view=STATE),
)
