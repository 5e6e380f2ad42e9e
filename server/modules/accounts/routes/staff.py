"""HTTP operations on the people who work for the shop: who has which role, links that give one, taking one away."""

from secrets import randbits

from schemas.errors import INVALID_FIELD, INVITE_INVALID, NOT_FOUND, Refused
from schemas.events.accounts import RoleGranted, RoleTaken
from schemas.http.accounts import (
    INVITES_MAX,
    InviteStaff,
    JoinStaff,
    LookAtInvite,
    NewStaffInvite,
    ProfileView,
    RevokeStaffInvite,
    StaffInvitation,
    StaffInvite,
    StaffMember,
    StaffView,
    TakeRole,
)
from server.auth import store as people
from server.auth.actors import OWNER
from server.auth.invites import STAFF, granted_roles, staff_invite
from server.auth.sessions import token_hash
from server.kernel.config import Settings
from server.kernel.ids import new_secret, uuid7_hex
from server.kernel.module import Call, Context, Endpoint, Reply, Store
from server.modules.accounts import rules

NOT_VALID = "This link opens nothing any more: it was used, taken back, or is too old. Ask for another one."


async def list_staff(ctx: Context, call: Call) -> Reply:
    """Who works for the shop, and who is invited to."""
    async with ctx.reading() as connection:
        return Reply(await _staff(connection, ctx.now_ms))


async def invite(ctx: Context, call: Call) -> Reply:
    """A link for one person. Its key is in the answer and nowhere else."""
    body: InviteStaff = call.body
    origin = ctx.port(Settings).origin
    if len(await people.open_invites(ctx.store, STAFF, ctx.now_ms)) >= INVITES_MAX:
        raise Refused(INVALID_FIELD, "Take an invitation back first.")
    key = new_secret()
    made = staff_invite(
        f"inv_{uuid7_hex(ctx.now_ms, randbits(74))}", key, body.role, body.label.strip(), ctx.actor.id, ctx.now_ms
    )
    await people.add_invite(ctx.store, made)
    link = f"{origin}/join/#{key}"
    return Reply(NewStaffInvite(invite_id=made.invite_id, link=link, staff=await _staff(ctx.store, ctx.now_ms)), 201)


async def revoke_invite(ctx: Context, call: Call) -> Reply:
    """The link opens nothing any more."""
    body: RevokeStaffInvite = call.body
    if not await people.revoke_invite(ctx.store, body.invite_id, STAFF, ctx.now_ms):
        raise Refused(NOT_FOUND, "This invitation is used, or was taken back already.")
    return Reply(await _staff(ctx.store, ctx.now_ms))


async def take_role(ctx: Context, call: Call) -> Reply:
    """Somebody has a role no longer; what they have open is looked at again on every node at once."""
    body: TakeRole = call.body
    refusal = rules.owner_leaves(body.actor_id, await people.lock_role(ctx.store, OWNER))
    if body.role == OWNER and refusal is not None:
        raise refusal.refused()
    if await people.take_role(ctx.store, body.actor_id, body.role):
        ctx.publish(RoleTaken(actor_id=body.actor_id, role=body.role, taken_at_ms=ctx.now_ms))
        ctx.revoke(body.actor_id)
    return Reply(await _staff(ctx.store, ctx.now_ms))


async def look(ctx: Context, call: Call) -> Reply:
    """What an invitation is to."""
    body: LookAtInvite = call.body
    async with ctx.reading() as connection:
        found = await people.open_invite(connection, token_hash(body.key), STAFF, ctx.now_ms)
    if found is None:
        raise Refused(INVITE_INVALID, NOT_VALID)
    return Reply(StaffInvitation(role=found.role, invited_by=found.maker, expires_at_ms=found.expires_at_ms))


async def join(ctx: Context, call: Call) -> Reply:
    """Take an invitation up."""
    body: JoinStaff = call.body
    role = await people.use_invite(ctx.store, token_hash(body.key), STAFF, ctx.now_ms)
    if role is None:
        raise Refused(INVITE_INVALID, NOT_VALID)
    actor = ctx.actor
    given = granted_roles(role)
    await people.grant(ctx.store, actor.id, given, ctx.now_ms)
    for each in given:
        ctx.publish(RoleGranted(actor_id=actor.id, name=actor.name, role=each, granted_at_ms=ctx.now_ms))
    ctx.revoke(actor.id)
    account = await people.account_of(ctx.store, actor.id)
    assert account is not None, actor.id
    return Reply(
        ProfileView(
            actor_id=actor.id,
            kind=actor.kind,
            name=actor.name,
            email=account[0],
            locale=actor.locale,
            roles=sorted({*actor.roles, *given}),
            created_at_ms=account[1],
        )
    )


async def _staff(reader: Store, now_ms: int) -> StaffView:
    members = await people.staff(reader)
    invites = await people.open_invites(reader, STAFF, now_ms)
    return StaffView(
        people=[
            StaffMember(
                actor_id=each.actor_id,
                name=each.name,
                email=each.email,
                roles=sorted(each.roles),
                since_ms=each.since_ms,
            )
            for each in members
        ],
        invites=[
            StaffInvite(
                invite_id=each.invite_id,
                role=each.role,
                label=each.label,
                made_by=each.maker,
                created_at_ms=each.created_at_ms,
                expires_at_ms=each.expires_at_ms,
            )
            for each in invites
        ],
    )


STAFF_PATH = "/api/accounts/staff"

ROUTES = (
    Endpoint("GET", STAFF_PATH, list_staff, "owner", "Who works for the shop", view=StaffView),
    Endpoint("POST", f"{STAFF_PATH}/invites", invite, "owner", "Make a link to a role", InviteStaff, NewStaffInvite, 201),
    Endpoint("POST", f"{STAFF_PATH}/invites/revoke", revoke_invite, "owner", "Take a link back", RevokeStaffInvite, StaffView),
    Endpoint("POST", f"{STAFF_PATH}/take-role", take_role, "owner", "Take a role away", TakeRole, StaffView),
    Endpoint("POST", "/api/accounts/join/look", look, "anyone", "What an invitation is to", LookAtInvite, StaffInvitation),
    Endpoint("POST", "/api/accounts/join", join, "account", "Take an invitation up", JoinStaff, ProfileView),
)
