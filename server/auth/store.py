"""Every query of identity. The functions take an open connection; who opened it decides when it commits."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from server.auth.actors import Kind, make_actor
from server.auth.invites import NewInvite
from server.auth.sessions import expires_at_ms
from server.auth.tables import accounts, actors, invites, roles, sessions, telegram
from server.kernel.module import Actor, Store


@dataclass(frozen=True)
class StoredSession:
    """A session that has not ended, with its actor."""

    actor: Actor
    created_at_ms: int
    used_at_ms: int


@dataclass(frozen=True)
class StoredAccount:
    """What a log-in needs."""

    actor_id: str
    password_hash: str


@dataclass(frozen=True)
class Member:
    """Somebody who works for the shop."""

    actor_id: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    since_ms: int


@dataclass(frozen=True)
class OpenInvite:
    """An invitation that somebody may still take up; `maker` is the name of who made it."""

    invite_id: str
    role: str
    label: str
    made_by: str
    created_at_ms: int
    expires_at_ms: int
    maker: str


STAFF_MAX = 500
"""Roles and invitations in one list: far more than a shop has people."""


async def add_actor(conn: Store, actor_id: str, kind: Kind, name: str, locale: str, now_ms: int) -> None:
    """A new actor."""
    await conn.execute(insert(actors).values(actor_id=actor_id, kind=kind, name=name, locale=locale, created_at_ms=now_ms))


async def change_actor(conn: Store, actor_id: str, kind: Kind, name: str, locale: str) -> None:
    """A guest takes another nickname, or becomes an account."""
    await conn.execute(update(actors).where(actors.c.actor_id == actor_id).values(kind=kind, name=name, locale=locale))


async def get_actor(conn: Store, actor_id: str) -> Actor | None:
    """An actor with its roles."""
    row = (await conn.execute(select(actors).where(actors.c.actor_id == actor_id))).one_or_none()
    if row is None:
        return None
    names = {} if row.kind == "guest" else await _roles_of(conn, [actor_id])
    return make_actor(actor_id, row.kind, row.name, row.locale, names.get(actor_id, []))


async def add_account(conn: Store, actor_id: str, email: str, password_hash: str, now_ms: int) -> None:
    """E-mail and password of an actor.

    Raises:
        sqlalchemy.exc.IntegrityError: the e-mail is taken.
    """
    row = {"actor_id": actor_id, "email": email, "password_hash": password_hash, "created_at_ms": now_ms}
    await conn.execute(insert(accounts).values(row))


async def find_account(conn: Store, email: str) -> StoredAccount | None:
    """The account of an e-mail in its clean form."""
    query = select(accounts.c.actor_id, accounts.c.password_hash).where(accounts.c.email == email)
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else StoredAccount(row.actor_id, row.password_hash)


async def set_password_hash(conn: Store, actor_id: str, password_hash: str) -> None:
    """The same password, hashed with today's parameters."""
    await conn.execute(update(accounts).where(accounts.c.actor_id == actor_id).values(password_hash=password_hash))


async def find_by_telegram(conn: Store, telegram_user_id: int) -> str | None:
    """Id of the actor who came in as this Telegram user before."""
    query = select(telegram.c.actor_id).where(telegram.c.telegram_user_id == telegram_user_id)
    actor_id: str | None = (await conn.execute(query)).scalar_one_or_none()
    return actor_id


async def has_telegram(conn: Store, actor_id: str) -> bool:
    """Whether the actor belongs to a Telegram user already."""
    return (await conn.execute(select(telegram.c.actor_id).where(telegram.c.actor_id == actor_id))).first() is not None


async def bind_telegram(conn: Store, telegram_user_id: int, actor_id: str, now_ms: int) -> None:
    """The Telegram user is this actor from now on.

    Raises:
        sqlalchemy.exc.IntegrityError: one of them is bound already.
    """
    row = {"telegram_user_id": telegram_user_id, "actor_id": actor_id, "created_at_ms": now_ms}
    await conn.execute(insert(telegram).values(row))


async def grant(conn: Store, actor_id: str, names: Iterable[str], now_ms: int) -> None:
    """Give roles; those that the actor has stay as they are."""
    held = set((await conn.execute(select(roles.c.role).where(roles.c.actor_id == actor_id))).scalars())
    for name in sorted(set(names) - held):
        await conn.execute(insert(roles).values(actor_id=actor_id, role=name, granted_at_ms=now_ms))


async def role_is_held(conn: Store, role: str) -> bool:
    """Whether anybody has the role."""
    return (await conn.execute(select(roles.c.actor_id).where(roles.c.role == role).limit(1))).first() is not None


async def account_of(conn: Store, actor_id: str) -> tuple[str, int] | None:
    """E-mail of an account and when it was made, in Unix milliseconds; None for a guest."""
    query = select(accounts.c.email, accounts.c.created_at_ms).where(accounts.c.actor_id == actor_id)
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else (row.email, row.created_at_ms)


async def names_of(conn: Store, actor_ids: Collection[str]) -> dict[str, str]:
    """What these people are called; those who are not known are left out."""
    query = select(actors.c.actor_id, actors.c.name).where(actors.c.actor_id.in_(actor_ids))
    return {row.actor_id: row.name for row in await conn.execute(query)}


async def made_at_ms(conn: Store, actor_id: str) -> int:
    """When somebody first came; 0 for nobody we know."""
    return int(await conn.scalar(select(actors.c.created_at_ms).where(actors.c.actor_id == actor_id)) or 0)


async def password_hash(conn: Store, actor_id: str) -> str | None:
    """The stored hash of an account; None for a guest."""
    found: str | None = await conn.scalar(select(accounts.c.password_hash).where(accounts.c.actor_id == actor_id))
    return found


async def set_email(conn: Store, actor_id: str, email: str) -> None:
    """Another e-mail, in its clean form.

    Raises:
        sqlalchemy.exc.IntegrityError: the e-mail is taken.
    """
    await conn.execute(update(accounts).where(accounts.c.actor_id == actor_id).values(email=email))


async def staff(conn: Store) -> list[Member]:
    """Everybody with a role, who has one longest first."""
    query = (
        select(roles.c.actor_id, roles.c.role, roles.c.granted_at_ms, actors.c.name, accounts.c.email)
        .join(actors, actors.c.actor_id == roles.c.actor_id)
        .outerjoin(accounts, accounts.c.actor_id == roles.c.actor_id)
        .order_by(roles.c.granted_at_ms, roles.c.actor_id, roles.c.role)
        .limit(STAFF_MAX)
    )
    found: dict[str, Member] = {}
    for row in await conn.execute(query):
        known = found.get(row.actor_id, Member(row.actor_id, row.name, row.email, (), row.granted_at_ms))
        found[row.actor_id] = replace(known, roles=(*known.roles, row.role))
    return list(found.values())


async def lock_role(conn: Store, role: str) -> list[str]:
    """Who has the role; nobody else gives or takes it until the transaction ends (in SQLite every write transaction does)."""
    query = select(roles.c.actor_id).where(roles.c.role == role).order_by(roles.c.actor_id).with_for_update()
    return list((await conn.execute(query)).scalars())


async def take_role(conn: Store, actor_id: str, role: str) -> bool:
    """Take a role away; False when it was not held."""
    return bool((await conn.execute(delete(roles).where(roles.c.actor_id == actor_id, roles.c.role == role))).rowcount)


async def end_sessions(conn: Store, actor_id: str, but: str = "") -> list[str]:
    """End somebody's sessions, all or all but one; returns the hashes of those that ended."""
    gone = delete(sessions).where(sessions.c.actor_id == actor_id, sessions.c.session_hash != but)
    return list((await conn.execute(gone.returning(sessions.c.session_hash))).scalars())


async def erase(conn: Store, actor_id: str, name: str) -> None:
    """Forget who somebody was: sessions, roles, e-mail, password and Telegram go at once. Their id stays, without a name: orders
    and books keep it, and who has it can find out nothing by it."""
    await conn.execute(delete(sessions).where(sessions.c.actor_id == actor_id))
    await conn.execute(delete(roles).where(roles.c.actor_id == actor_id))
    await conn.execute(delete(accounts).where(accounts.c.actor_id == actor_id))
    await conn.execute(delete(telegram).where(telegram.c.actor_id == actor_id))
    await conn.execute(update(invites).where(invites.c.made_by == actor_id).values(made_by="", label=""))
    await conn.execute(update(actors).where(actors.c.actor_id == actor_id).values(kind="guest", name=name))


async def add_session(conn: Store, session_hash: str, actor_id: str, now_ms: int) -> None:
    """A new session, used now."""
    row = {"session_hash": session_hash, "actor_id": actor_id, "created_at_ms": now_ms, "used_at_ms": now_ms}
    await conn.execute(insert(sessions).values(row | {"expires_at_ms": expires_at_ms(now_ms, now_ms)}))


async def find_session(conn: Store, session_hash: str, now_ms: int) -> StoredSession | None:
    """The session with its actor, unless it has ended."""
    return (await find_sessions(conn, [session_hash], now_ms)).get(session_hash)


async def find_sessions(conn: Store, session_hashes: Collection[str], now_ms: int) -> dict[str, StoredSession]:
    """Those of the sessions that have not ended, with their actors, by their hashes."""
    query = (
        select(
            sessions.c.session_hash,
            sessions.c.created_at_ms,
            sessions.c.used_at_ms,
            actors.c.actor_id,
            actors.c.kind,
            actors.c.name,
            actors.c.locale,
        )
        .join(actors, actors.c.actor_id == sessions.c.actor_id)
        .where(sessions.c.session_hash.in_(session_hashes), sessions.c.expires_at_ms > now_ms)
    )
    rows = (await conn.execute(query)).all()
    # Most are guests, who have no roles: they are spared the second query.
    names = await _roles_of(conn, {row.actor_id for row in rows if row.kind != "guest"})
    return {
        row.session_hash: StoredSession(
            make_actor(row.actor_id, row.kind, row.name, row.locale, names.get(row.actor_id, [])),
            row.created_at_ms,
            row.used_at_ms,
        )
        for row in rows
    }


async def touch_session(conn: Store, session_hash: str, session: StoredSession, now_ms: int) -> None:
    """Note that the session was used, which puts off its idle end."""
    ends = expires_at_ms(session.created_at_ms, now_ms)
    changed = update(sessions).where(sessions.c.session_hash == session_hash).values(used_at_ms=now_ms, expires_at_ms=ends)
    await conn.execute(changed)


async def end_session(conn: Store, session_hash: str) -> None:
    """The session is over; its cookie and its tickets are worth nothing from now on."""
    await conn.execute(delete(sessions).where(sessions.c.session_hash == session_hash))


async def purge_sessions(conn: Store, now_ms: int, limit: int) -> list[str]:
    """Remove up to `limit` sessions that have ended; returns their hashes."""
    ended = select(sessions.c.session_hash).where(sessions.c.expires_at_ms <= now_ms).limit(limit)
    hashes = list((await conn.execute(ended)).scalars())
    await conn.execute(delete(sessions).where(sessions.c.session_hash.in_(hashes)))
    return hashes


async def add_invite(conn: Store, invite: NewInvite) -> None:
    """A new invitation."""
    await conn.execute(insert(invites).values(asdict(invite) | {"uses": 0}))


async def revoke_invites(conn: Store, scope: str, role: str, now_ms: int) -> None:
    """All open invitations to a role in a scope stop working."""
    open_ones = (invites.c.scope == scope, invites.c.role == role, invites.c.revoked_at_ms.is_(None))
    await conn.execute(update(invites).where(*open_ones).values(revoked_at_ms=now_ms))


async def open_invites(conn: Store, scope: str, now_ms: int) -> list[OpenInvite]:
    """Invitations in a scope that somebody may still take up, oldest first."""
    query = select(invites, actors.c.name).outerjoin(actors, actors.c.actor_id == invites.c.made_by)
    query = query.where(*_usable(scope, now_ms)).order_by(invites.c.created_at_ms, invites.c.invite_id).limit(STAFF_MAX)
    return [_open_invite(row) for row in await conn.execute(query)]


async def open_invite(conn: Store, key_hash: str, scope: str, now_ms: int) -> OpenInvite | None:
    """The invitation that a key opens now."""
    query = select(invites, actors.c.name).outerjoin(actors, actors.c.actor_id == invites.c.made_by)
    row = (await conn.execute(query.where(*_open(key_hash, scope, now_ms)))).one_or_none()
    return None if row is None else _open_invite(row)


async def revoke_invite(conn: Store, invite_id: str, scope: str, now_ms: int) -> bool:
    """One invitation stops working; False when there is none of this id that works."""
    which = (invites.c.invite_id == invite_id, *_usable(scope, now_ms))
    return bool((await conn.execute(update(invites).where(*which).values(revoked_at_ms=now_ms))).rowcount)


async def invite_is_open(conn: Store, key_hash: str, scope: str, now_ms: int) -> bool:
    """Whether `use_invite` would give a role now."""
    return (await conn.execute(select(invites.c.role).where(*_open(key_hash, scope, now_ms)))).first() is not None


async def use_invite(conn: Store, key_hash: str, scope: str, now_ms: int) -> str | None:
    """Use an invitation once and return its role; None when it is unknown, used up, too old or revoked.

    One statement decides and counts, so two people with the last use of a key cannot both get in.
    """
    used = update(invites).where(*_open(key_hash, scope, now_ms)).values(uses=invites.c.uses + 1).returning(invites.c.role)
    role: str | None = (await conn.execute(used)).scalar_one_or_none()
    return role


def _open(key_hash: str, scope: str, now_ms: int) -> tuple[ColumnElement[bool], ...]:
    return (invites.c.key_hash == key_hash, *_usable(scope, now_ms))


def _usable(scope: str, now_ms: int) -> tuple[ColumnElement[bool], ...]:
    return (
        invites.c.scope == scope,
        invites.c.uses < invites.c.max_uses,
        invites.c.expires_at_ms > now_ms,
        invites.c.revoked_at_ms.is_(None),
    )


def _open_invite(row: Any) -> OpenInvite:
    fields = ("invite_id", "role", "label", "made_by", "created_at_ms", "expires_at_ms")
    return OpenInvite(**{name: getattr(row, name) for name in fields}, maker=row.name or "")


async def _roles_of(conn: Store, actor_ids: Collection[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    if actor_ids:
        query = select(roles.c.actor_id, roles.c.role).where(roles.c.actor_id.in_(actor_ids))
        for row in await conn.execute(query):
            names.setdefault(row.actor_id, []).append(row.role)
    return names
