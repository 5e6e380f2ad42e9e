"""HTTP operations on oneself: profile, password, sessions, one's data.

Erasing ends the sessions in the transaction that promises it; the rest follows from the fact, in every module. What stays, and
why, each module's handler says. The person's id stays with orders, books and bids, which the law and other people's rights need;
there is nothing any more that says whose it was.
"""

import msgspec
from sqlalchemy.exc import IntegrityError

from schemas.errors import EMAIL_TAKEN, INVALID_FIELD, Refused
from schemas.events.accounts import ERASED_NAME, ActorErased
from schemas.http.accounts import (
    ChangePassword,
    ChangeProfile,
    DeleteAccount,
    ExportView,
    Obstacle,
    ObstacleListView,
    ProfileView,
)
from schemas.requests.accounts import CollectPersonalData, FindObstacles
from server.auth import store as people
from server.auth.actors import Kind, clean_email, clean_name
from server.auth.service import Auth
from server.kernel.module import Call, Context, Endpoint, Reply, Store
from server.modules.accounts import rules, store


async def get_profile(ctx: Context, call: Call) -> Reply:
    """Who the caller is."""
    async with ctx.reading() as connection:
        return Reply(await _profile(connection, ctx))


async def change_profile(ctx: Context, call: Call) -> Reply:
    """Another name, language or e-mail."""
    body: ChangeProfile = call.body
    actor = ctx.actor
    if body.email is not None and actor.kind == "guest":
        raise Refused(INVALID_FIELD, "Register first; a guest has no e-mail.", field="/email")
    if body.email is not None:
        if body.password is None:
            raise Refused(INVALID_FIELD, "Another e-mail needs your password.", field="/password")
        await ctx.port(Auth).check_password(actor.id, body.password, call.client_address)
    name = actor.name if body.name is None else clean_name(body.name)
    kind: Kind = "guest" if actor.kind == "guest" else "account"
    await people.change_actor(ctx.store, actor.id, kind, name, body.locale or actor.locale)
    if body.email is not None:
        try:
            await people.set_email(ctx.store, actor.id, clean_email(body.email))
        except IntegrityError as error:
            raise Refused(EMAIL_TAKEN, "Another account has this e-mail.", field="/email") from error
    ctx.revoke(actor.id)  # open connections speak under the new name
    view = await _profile(ctx.store, ctx)
    return Reply(msgspec.structs.replace(view, name=name, locale=body.locale or actor.locale))


async def change_password(ctx: Context, call: Call) -> Reply:
    """A new password: whoever knew the old one is out, on every device but this."""
    body: ChangePassword = call.body
    auth = ctx.port(Auth)
    await auth.check_password(ctx.actor.id, body.current, call.client_address)
    fresh = await auth.hash_password(body.new)
    here = auth.session_of(call.headers.get("cookie", ""))
    await people.set_password_hash(ctx.store, ctx.actor.id, fresh)
    await people.end_sessions(ctx.store, ctx.actor.id, but=here)
    ctx.revoke(ctx.actor.id)
    return Reply()


async def log_out_everywhere(ctx: Context, call: Call) -> Reply:
    """End every session, this one too."""
    auth = ctx.port(Auth)
    await people.end_sessions(ctx.store, ctx.actor.id)
    ctx.revoke(ctx.actor.id)
    return Reply(headers={"set-cookie": auth.cookie.clear(auth.cookie.is_framed(call.headers.get("cookie", "")))})


async def export(ctx: Context, call: Call) -> Reply:
    """All that the shop keeps of the caller, to be kept as a file."""
    said = await ctx.gather(CollectPersonalData(actor_id=ctx.actor.id))
    modules = {name: {kind: [dict(row) for row in rows] for kind, rows in kinds.items() if rows} for name, kinds in said.items()}
    async with ctx.reading() as connection:
        person = await _profile(connection, ctx)
    view = ExportView(exported_at_ms=ctx.now_ms, person=person, modules={name: found for name, found in modules.items() if found})
    return Reply(view, headers={"content-disposition": 'attachment; filename="my-data.json"'})


async def list_obstacles(ctx: Context, call: Call) -> Reply:
    """What has to be settled before the caller's data can be erased."""
    return Reply(ObstacleListView(obstacles=await _obstacles(ctx)))


async def delete(ctx: Context, call: Call) -> Reply:
    """Erase the caller: sessions at once, everything else from the bus on, again and again until it is done."""
    body: DeleteAccount = call.body
    actor, auth = ctx.actor, ctx.port(Auth)
    async with ctx.reading() as connection:
        has_password = await people.password_hash(connection, actor.id) is not None
    # Guests and those who come by Telegram have none: the session is all that tells who they are.
    if has_password:
        if body.password is None:
            raise Refused(INVALID_FIELD, "Deleting an account needs its password.", field="/password")
        await auth.check_password(actor.id, body.password, call.client_address)
    refusal = rules.refusal(await _obstacles(ctx))
    if refusal is not None:
        raise refusal.refused()
    next_at_ms = rules.next_time(1, ctx.now_ms)
    assert next_at_ms is not None
    await store.insert_erasure(ctx.store, actor.id, ctx.now_ms, next_at_ms)
    await people.erase(ctx.store, actor.id, ERASED_NAME)
    ctx.publish(ActorErased(actor_id=actor.id, erased_at_ms=ctx.now_ms))
    ctx.revoke(actor.id)
    return Reply(headers={"set-cookie": auth.cookie.clear(auth.cookie.is_framed(call.headers.get("cookie", "")))})


async def _obstacles(ctx: Context) -> list[Obstacle]:
    said = await ctx.gather(FindObstacles(actor_id=ctx.actor.id))
    return [obstacle for found in said.values() for obstacle in found]


async def _profile(reader: Store, ctx: Context) -> ProfileView:
    account = await people.account_of(reader, ctx.actor.id)
    return ProfileView(
        actor_id=ctx.actor.id,
        kind=ctx.actor.kind,
        name=ctx.actor.name,
        email=None if account is None else account[0],
        locale=ctx.actor.locale,
        roles=sorted(ctx.actor.roles),
        created_at_ms=await people.made_at_ms(reader, ctx.actor.id) if account is None else account[1],
    )


PROFILE = "/api/accounts/profile"

ROUTES = (
    Endpoint("GET", PROFILE, get_profile, "guest", "Who one is", view=ProfileView),
    Endpoint("PATCH", PROFILE, change_profile, "guest", "Another name, language or e-mail", ChangeProfile, ProfileView),
    Endpoint("POST", "/api/accounts/password", change_password, "account", "Another password", ChangePassword, status=204),
    Endpoint("POST", "/api/accounts/logout", log_out_everywhere, "guest", "Log out on every device", status=204),
    Endpoint("GET", "/api/accounts/export", export, "guest", "All that the shop keeps of oneself", view=ExportView),
    Endpoint("GET", "/api/accounts/obstacles", list_obstacles, "guest", "What keeps one here", view=ObstacleListView),
    Endpoint("POST", "/api/accounts/delete", delete, "guest", "Erase oneself", DeleteAccount, status=204),
)
