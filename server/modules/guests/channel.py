"""The channels `stage:<show_id>` (everybody), `backstage:<show_id>` (the host) and `guest:<pass_id>` (that guest), and the one
way to change what they show."""

from typing import Any

from schemas.errors import BLOCKED, FORBIDDEN, WireError
from schemas.http.guests import BackstageState, GuestView, InviteView, OwnPart, StageGuest, StageState
from schemas.requests.moderation import Door, GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context
from server.modules.guests import rules, store
from server.modules.guests.rules import Backstage, Guest, Invite


class StageChannel(ChannelKind):
    """Whoever may watch the show sees its stage; a slow viewer gets only the newest state."""

    name = "stage"
    delivery = "state"
    publication = StageState
    snapshot = StageState
    history_length = 10

    async def load(self, ctx: Context, subject: str) -> Door | None:
        show = await ctx.ask(GetShow(show_id=subject))
        return None if show is None else await ctx.ask(GetDoor(host_id=show.host_id))

    def authorise(self, actor: Actor, facts: Door) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> StageState:
        async with ctx.reading() as connection:
            return stage_state(await store.backstage(connection, subject))

    def apply(self, state: StageState, publication: StageState) -> StageState:
        return publication if publication.version > state.version else state


class BackstageChannel(ChannelKind):
    """Invitations and who waits, for the host alone."""

    name = "backstage"
    delivery = "state"
    publication = BackstageState
    snapshot = BackstageState
    history_length = 10

    async def load(self, ctx: Context, subject: str) -> Any | None:
        return await ctx.ask(GetShow(show_id=subject))

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None if actor.id == facts.host_id else FORBIDDEN

    async def initial(self, ctx: Context, subject: str) -> BackstageState:
        async with ctx.reading() as connection:
            return backstage_state(await store.backstage(connection, subject))

    def apply(self, state: BackstageState, publication: BackstageState) -> BackstageState:
        return publication if publication.version > state.version else state


class GuestChannel(ChannelKind):
    """A guest's own part in the show, for the session that took the invitation up."""

    name = "guest"
    delivery = "state"
    publication = OwnPart
    snapshot = OwnPart
    history_length = 10

    async def load(self, ctx: Context, subject: str) -> Guest | None:
        async with ctx.reading() as connection:
            found = await store.guest(connection, subject)
        return None if found is None else found[1]

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None if actor.id == facts.actor_id else FORBIDDEN

    async def initial(self, ctx: Context, subject: str) -> OwnPart:
        async with ctx.reading() as connection:
            found = await store.guest(connection, subject)
        assert found is not None, subject
        return own_part(*found)

    def apply(self, state: OwnPart, publication: OwnPart) -> OwnPart:
        return publication if publication.version > state.version else state


def stage_state(backstage: Backstage) -> StageState:
    """What everybody sees."""
    live = [guest for guest in backstage.guests if guest.standing == "live"]
    return StageState(
        version=backstage.stage_version,
        show_id=backstage.show_id,
        layout=backstage.layout,
        featured=backstage.featured,
        places=[
            StageGuest(
                place=guest.place,
                participant_id=guest.participant_id,
                name=guest.name,
                muted=list(guest.muted),
                live=guest.place is not None,
            )
            for guest in live
        ],
    )


def backstage_state(backstage: Backstage) -> BackstageState:
    """What the host sees."""
    return BackstageState(
        version=backstage.version,
        show_id=backstage.show_id,
        layout=backstage.layout,
        featured=backstage.featured,
        invites=[invite_view(invite) for invite in reversed(backstage.invites)],
        guests=[guest_view(guest) for guest in backstage.guests if guest.standing != "removed"],
    )


def own_part(show_id: str, guest: Guest) -> OwnPart:
    """What the guest sees."""
    return OwnPart(version=guest.version, show_id=show_id, guest=guest_view(guest))


def invite_view(invite: Invite) -> InviteView:
    """An invitation without its key."""
    return InviteView(
        invite_id=invite.invite_id,
        label=invite.label,
        max_uses=invite.max_uses,
        uses=invite.uses,
        created_at_ms=invite.created_at_ms,
        expires_at_ms=invite.expires_at_ms,
        revoked=invite.revoked_at_ms is not None,
    )


def guest_view(guest: Guest) -> GuestView:
    """A guest without what only the server needs."""
    return GuestView(
        participant_id=guest.participant_id,
        invite_id=guest.invite_id,
        name=guest.name,
        standing=guest.standing,
        muted=list(guest.muted),
        place=guest.place,
        joined_at_ms=guest.joined_at_ms,
    )


async def save(ctx: Context, before: Backstage, decided: Backstage) -> Backstage:
    """Write a change, tell everybody whom it concerns, publish what happened; every change goes through here, so none is
    forgotten. Returns the new state with its versions."""
    after = rules.numbered(before, decided)
    if after is before:
        return before
    await store.write(ctx.store, before, after)
    ctx.push(f"{BackstageChannel.name}:{after.show_id}", backstage_state(after), after.version)
    if after.stage_version > before.stage_version:
        ctx.push(f"{StageChannel.name}:{after.show_id}", stage_state(after), after.stage_version)
    for guest in after.guests:
        if guest not in before.guests:
            ctx.push(f"{GuestChannel.name}:{guest.participant_id}", own_part(after.show_id, guest), guest.version)
    for fact in rules.facts(before, after):
        ctx.publish(fact)
    return after
