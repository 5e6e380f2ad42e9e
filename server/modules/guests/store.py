"""Every query of the module `guests`."""

from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.accounts import ERASED_NAME
from server.kernel.module import Store
from server.modules.guests.rules import GUESTS_MAX, INVITES_MAX, Backstage, Guest, Invite
from server.modules.guests.tables import INVITES, PASSES, STAGES
from server.store.rows import rows_of

STAGE_FIELDS = ("show_id", "layout", "featured", "ended", "version", "stage_version")


async def lock_backstage(store: Store, show_id: str) -> Backstage:
    """Everything of a show; nobody else changes it until the transaction ends (in SQLite every write transaction does that)."""
    empty = _stage_row(Backstage(show_id=show_id))
    await store.execute(insert(STAGES).values(empty).on_conflict_do_nothing())
    await store.execute(select(STAGES.c.show_id).where(STAGES.c.show_id == show_id).with_for_update())
    return await backstage(store, show_id)


async def backstage(store: Store, show_id: str) -> Backstage:
    """Everything of a show that matters now; one that never had a guest is empty."""
    row = (await store.execute(select(STAGES).where(STAGES.c.show_id == show_id))).one_or_none()
    if row is None:
        return Backstage(show_id=show_id)
    invites = select(INVITES).where(INVITES.c.show_id == show_id).order_by(INVITES.c.created_at_ms, INVITES.c.invite_id)
    present = (PASSES.c.show_id == show_id) & (PASSES.c.standing != "removed")
    passes = select(PASSES).where(present).order_by(PASSES.c.joined_at_ms, PASSES.c.participant_id)
    return Backstage(
        invites=tuple([_invite(found) for found in await store.execute(invites.limit(INVITES_MAX))]),
        guests=tuple([_guest(found) for found in await store.execute(passes.limit(GUESTS_MAX))]),
        **{name: getattr(row, name) for name in STAGE_FIELDS},
    )


async def write(store: Store, before: Backstage, after: Backstage) -> None:
    """Write what differs. `before` was read with its lock."""
    row = _stage_row(after)
    await store.execute(update(STAGES).where(STAGES.c.show_id == after.show_id).values(row))
    for invite in after.invites:
        if invite not in before.invites:
            await _upsert(store, INVITES, "invite_id", {"show_id": after.show_id, **_fields(invite)})
    for guest in after.guests:
        if guest not in before.guests:
            await _upsert(
                store, PASSES, "participant_id", {"show_id": after.show_id, **_fields(guest), "muted": list(guest.muted)}
            )


async def invite_by_key(store: Store, key_hash: str) -> tuple[str, Invite] | None:
    """The invitation that a key opens, and its show."""
    return await _invite_where(store, INVITES.c.key_hash == key_hash)


async def invite_by_id(store: Store, invite_id: str) -> tuple[str, Invite] | None:
    """An invitation, and its show."""
    return await _invite_where(store, INVITES.c.invite_id == invite_id)


async def guest(store: Store, participant_id: str) -> tuple[str, Guest] | None:
    """A guest, removed or not, and the show."""
    return await _guest_where(store, PASSES.c.participant_id == participant_id)


async def guest_by_token(store: Store, show_id: str, token_hash: str) -> Guest | None:
    """Whose pass a token is, if it is good for the show now."""
    found = await _guest_where(store, (PASSES.c.token_hash == token_hash) & (PASSES.c.show_id == show_id))
    return None if found is None or found[1].standing == "removed" else found[1]


async def actors(store: Store, show_id: str) -> frozenset[str]:
    """Whose sessions the present guests of a show are."""
    present = (PASSES.c.show_id == show_id) & (PASSES.c.standing != "removed")
    return frozenset((await store.execute(select(PASSES.c.actor_id).where(present).limit(GUESTS_MAX))).scalars())


async def _invite_where(store: Store, which: Any) -> tuple[str, Invite] | None:
    row = (await store.execute(select(INVITES).where(which))).one_or_none()
    return None if row is None else (row.show_id, _invite(row))


async def _guest_where(store: Store, which: Any) -> tuple[str, Guest] | None:
    row = (await store.execute(select(PASSES).where(which))).one_or_none()
    return None if row is None else (row.show_id, _guest(row))


async def _upsert(store: Store, table: Table, key: str, row: dict[str, Any]) -> None:
    await store.execute(insert(table).values(row).on_conflict_do_update(index_elements=[key], set_=row))


def _invite(row: Any) -> Invite:
    return Invite(**{name: getattr(row, name) for name in Invite.__struct_fields__})


def _guest(row: Any) -> Guest:
    fields = {name: getattr(row, name) for name in Guest.__struct_fields__}
    return Guest(**{**fields, "muted": tuple(row.muted)})


def _stage_row(backstage: Backstage) -> dict[str, Any]:
    return {name: getattr(backstage, name) for name in STAGE_FIELDS}


def _fields(item: Invite | Guest) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__struct_fields__}


async def forget_person(store: Store, actor_id: str) -> None:
    """The passes of somebody have no name any more."""
    await store.execute(update(PASSES).where(PASSES.c.actor_id == actor_id).values(name=ERASED_NAME))


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """In which shows somebody was a guest."""
    return {"passes": await rows_of(store, PASSES, PASSES.c.actor_id == actor_id, ("token_hash",))}


async def stages_of(store: Store, actor_id: str) -> list[str]:
    """Shows in which somebody waits or is on stage."""
    here = (PASSES.c.actor_id == actor_id) & (PASSES.c.standing != "removed")
    return list((await store.execute(select(PASSES.c.show_id).where(here).distinct().order_by(PASSES.c.show_id))).scalars())
