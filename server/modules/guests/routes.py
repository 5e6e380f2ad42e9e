"""HTTP operations of guests."""

import hmac
from collections.abc import Callable

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, INVITE_UNKNOWN, NOT_FOUND, SHOW_ENDED, Refused, WireError
from schemas.http.guests import (
    AcceptInvite,
    BackstageState,
    CreateInvite,
    FindInvite,
    InviteMade,
    InvitePage,
    MuteGuest,
    OwnPart,
    PassGiven,
    SetLayout,
)
from schemas.http.shows import ShowView
from schemas.requests.shows import GetShow
from server.auth.actors import clean_name
from server.auth.sessions import token_hash
from server.kernel.config import Settings
from server.kernel.ids import new_secret
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.guests import rules, store
from server.modules.guests.channel import backstage_state, guest_view, invite_view, own_part, save
from server.modules.guests.rules import Backstage, Guest, Invite

Change = Callable[[Backstage], Backstage | WireError]


async def get_backstage(ctx: Context, call: Call) -> Reply:
    """The host's view of invitations and guests."""
    show = await _own_show(ctx, call.path["show_id"])
    async with ctx.reading() as connection:
        return Reply(backstage_state(await store.backstage(connection, show.show_id)))


async def create_invite(ctx: Context, call: Call) -> Reply:
    """Make a link. Its key is in this answer and nowhere else."""
    body: CreateInvite = call.body
    show = await _own_show(ctx, body.show_id)
    _refuse_ended(show)
    origin, key = ctx.port(Settings).origin, new_secret()
    before = await store.lock_backstage(ctx.store, show.show_id)
    known = await store.invite_by_id(ctx.store, body.invite_id)
    if known is None:
        made = Invite(
            invite_id=body.invite_id,
            key_hash=token_hash(key),
            label=body.label,
            max_uses=body.max_uses,
            created_at_ms=ctx.now_ms,
            expires_at_ms=ctx.now_ms + body.valid_for_ms,
        )
        decided = rules.invite(before, made)
    elif _is_repetition(known, body):
        decided = rules.renew_key(before, body.invite_id, token_hash(key), ctx.now_ms)
    else:
        raise Refused(IDEMPOTENCY_CONFLICT, "An invitation with this id exists; make a new id for a new one.")
    after = await save(ctx, before, _granted(decided))
    view = InviteMade(invite=invite_view(rules.find_invite(after, body.invite_id)), link=f"{origin}/guest/#{key}")
    return Reply(view, 201)


async def revoke_invite(ctx: Context, call: Call) -> Reply:
    """Withdraw a link; who came by it leaves."""
    invite_id = call.path["invite_id"]
    async with ctx.reading() as connection:
        found = await store.invite_by_id(connection, invite_id)
    if found is None:
        raise Refused(NOT_FOUND, "There is no such invitation.")
    return await _change(ctx, found[0], lambda stage: rules.revoke(stage, invite_id, ctx.now_ms))


async def find_invite(ctx: Context, call: Call) -> Reply:
    """What the invitation's page says. Uses nothing up."""
    body: FindInvite = call.body
    show_id, found = await _invite_of(ctx, body.key)
    show = await ctx.ask(GetShow(show_id=show_id))
    assert show is not None, show_id
    view = InvitePage(
        show_id=show_id,
        show_title=show.title,
        show_state=show.state,
        host_name=show.host_name,
        label=found.label,
        state=rules.invite_state(found, ctx.now_ms),
        expires_at_ms=found.expires_at_ms,
    )
    return Reply(view)


async def accept_invite(ctx: Context, call: Call) -> Reply:
    """Use an invitation once. The token is in this answer and nowhere else."""
    body: AcceptInvite = call.body
    name = clean_name(body.name)
    show_id, found = await _invite_of(ctx, body.key)
    show = await ctx.ask(GetShow(show_id=show_id))
    assert show is not None, show_id
    _refuse_ended(show)
    token = new_secret()
    before = await store.lock_backstage(ctx.store, show_id)
    # Looked up again under the lock: the link may have been made anew meanwhile.
    if not hmac.compare_digest(rules.find_invite(before, found.invite_id).key_hash, token_hash(body.key)):
        raise Refused(INVITE_UNKNOWN)
    known = await store.guest(ctx.store, body.pass_id)
    if known is None:
        guest = Guest(
            participant_id=body.pass_id,
            invite_id=found.invite_id,
            actor_id=ctx.actor.id,
            token_hash=token_hash(token),
            name=name,
            joined_at_ms=ctx.now_ms,
        )
        decided = rules.accept(before, guest, ctx.now_ms)
    elif (known[1].invite_id, known[1].actor_id, known[1].name) == (found.invite_id, ctx.actor.id, name):
        decided = rules.renew_token(before, body.pass_id, token_hash(token))
    else:
        raise Refused(IDEMPOTENCY_CONFLICT, "A pass with this id exists; make a new id for a new one.")
    after = await save(ctx, before, _granted(decided))
    (made,) = [guest for guest in after.guests if guest.participant_id == body.pass_id]
    return Reply(PassGiven(show_id=show_id, guest=guest_view(made), token=token), 201)


async def get_own_part(ctx: Context, call: Call) -> Reply:
    """A guest's own standing."""
    return Reply(own_part(*await _own_pass(ctx, call.path["pass_id"])))


async def leave(ctx: Context, call: Call) -> Reply:
    """A guest leaves the stage by their own will; the pass stays good."""
    show_id, guest = await _own_pass(ctx, call.path["pass_id"])
    before = await store.lock_backstage(ctx.store, show_id)
    after = await save(ctx, before, _granted(rules.send_back(before, guest.participant_id)))
    (left,) = [other for other in after.guests if other.participant_id == guest.participant_id]
    return Reply(own_part(show_id, left))


async def admit_guest(ctx: Context, call: Call) -> Reply:
    """Bring a guest on stage."""
    return await _change_guest(ctx, call, rules.admit)


async def send_guest_back(ctx: Context, call: Call) -> Reply:
    """From the stage into the waiting room."""
    return await _change_guest(ctx, call, rules.send_back)


async def mute_guest(ctx: Context, call: Call) -> Reply:
    """Withhold a guest's sound, picture, both or nothing."""
    body: MuteGuest = call.body
    return await _change_guest(ctx, call, lambda stage, guest: rules.mute(stage, guest, body.muted))


async def remove_guest(ctx: Context, call: Call) -> Reply:
    """End a guest's pass for good."""
    return await _change_guest(ctx, call, rules.remove)


async def set_layout(ctx: Context, call: Call) -> Reply:
    """Arrange the stage."""
    body: SetLayout = call.body
    return await _change(ctx, call.path["show_id"], lambda stage: rules.arrange(stage, body.layout, body.featured))


async def _change_guest(ctx: Context, call: Call, change: Callable[[Backstage, str], Backstage | WireError]) -> Reply:
    pass_id = call.path["pass_id"]
    async with ctx.reading() as connection:
        found = await store.guest(connection, pass_id)
    if found is None:
        raise Refused(NOT_FOUND, "There is no such guest.")
    return await _change(ctx, found[0], lambda stage: change(stage, pass_id))


async def _change(ctx: Context, show_id: str, change: Change) -> Reply:
    _refuse_ended(await _own_show(ctx, show_id))
    before = await store.lock_backstage(ctx.store, show_id)
    return Reply(backstage_state(await save(ctx, before, _granted(change(before)))))


async def _own_show(ctx: Context, show_id: str) -> ShowView:
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if show.host_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show may do this.")
    return show


async def _own_pass(ctx: Context, pass_id: str) -> tuple[str, Guest]:
    async with ctx.reading() as connection:
        found = await store.guest(connection, pass_id)
    if found is None:
        raise Refused(NOT_FOUND, "There is no such pass.")
    if found[1].actor_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's pass.")
    return found


async def _invite_of(ctx: Context, key: str) -> tuple[str, Invite]:
    async with ctx.reading() as connection:
        found = await store.invite_by_key(connection, token_hash(key))
    if found is None:
        raise Refused(INVITE_UNKNOWN)
    return found


def _is_repetition(known: tuple[str, Invite], body: CreateInvite) -> bool:
    show_id, invite = known
    given = (body.show_id, body.label, body.max_uses, body.valid_for_ms)
    return invite.uses == 0 and given == (show_id, invite.label, invite.max_uses, invite.expires_at_ms - invite.created_at_ms)


def _refuse_ended(show: ShowView) -> None:
    if show.state == "ended":
        raise Refused(SHOW_ENDED)


def _granted(decided: Backstage | WireError) -> Backstage:
    if isinstance(decided, WireError):
        raise Refused(decided)
    return decided


SHOW = "/api/guests/shows/{show_id}"
PASS = "/api/guests/passes/{pass_id}"

ROUTES = (
    Endpoint("GET", SHOW, get_backstage, "host", "List a show's invitations and guests", view=BackstageState),
    Endpoint("POST", f"{SHOW}/layout", set_layout, "host", "Arrange the stage", body=SetLayout, view=BackstageState),
    Endpoint(
        "POST", "/api/guests/invites", create_invite, "host", "Invite a guest", body=CreateInvite, view=InviteMade, status=201
    ),
    Endpoint(
        "POST", "/api/guests/invites/{invite_id}/revoke", revoke_invite, "host", "Withdraw an invitation", view=BackstageState
    ),
    Endpoint(
        "POST",
        "/api/guests/lookup",
        find_invite,
        "anyone",
        "Look at an invitation: uses nothing up",
        body=FindInvite,
        view=InvitePage,
    ),
    Endpoint(
        "POST", "/api/guests/passes", accept_invite, "guest", "Use an invitation", body=AcceptInvite, view=PassGiven, status=201
    ),
    Endpoint("GET", PASS, get_own_part, "guest", "Get one's own standing", view=OwnPart),
    Endpoint("POST", f"{PASS}/leave", leave, "guest", "Leave the stage", view=OwnPart),
    Endpoint("POST", f"{PASS}/admit", admit_guest, "host", "Bring a guest on stage", view=BackstageState),
    Endpoint("POST", f"{PASS}/back", send_guest_back, "host", "Send a guest to the waiting room", view=BackstageState),
    Endpoint("POST", f"{PASS}/mute", mute_guest, "host", "Withhold a guest's media", body=MuteGuest, view=BackstageState),
    Endpoint("POST", f"{PASS}/remove", remove_guest, "host", "Remove a guest for good", view=BackstageState),
)
