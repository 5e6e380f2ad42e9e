"""Every query of identity. The functions take an open connection; who opened it decides when it commits."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.auth.actors import Kind, make_actor
from server.auth.invites import NewInvite
from server.auth.sessions import expires_at_ms
from server.auth.tables import accounts, actors, invites, roles, sessions, telegram
from server.kernel.module import Actor


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


async def add_actor(conn: AsyncConnection, actor_id: str, kind: Kind, name: str, locale: str, now_ms: int) -> None:
    """A new actor."""
    await conn.execute(insert(actors).values(actor_id=actor_id, kind=kind, name=name, locale=locale, created_at_ms=now_ms))


async def change_actor(conn: AsyncConnection, actor_id: str, kind: Kind, name: str, locale: str) -> None:
    """A guest takes another nickname, or becomes an account."""
    await conn.execute(update(actors).where(actors.c.actor_id == actor_id).values(kind=kind, name=name, locale=locale))


async def get_actor(conn: AsyncConnection, actor_id: str) -> Actor | None:
    """An actor with its roles."""
    row = (await conn.execute(select(actors).where(actors.c.actor_id == actor_id))).one_or_none()
    if row is None:
        return None
    names = {} if row.kind == "guest" else await _roles_of(conn, [actor_id])
    return make_actor(actor_id, row.kind, row.name, row.locale, names.get(actor_id, []))


async def add_account(conn: AsyncConnection, actor_id: str, email: str, password_hash: str, now_ms: int) -> None:
    """E-mail and password of an actor.

    Raises:
        sqlalchemy.exc.IntegrityError: the e-mail is taken.
    """
    row = {"actor_id": actor_id, "email": email, "password_hash": password_hash, "created_at_ms": now_ms}
    await conn.execute(insert(accounts).values(row))


async def find_account(conn: AsyncConnection, email: str) -> StoredAccount | None:
    """The account of an e-mail in its clean form."""
    query = select(accounts.c.actor_id, accounts.c.password_hash).where(accounts.c.email == email)
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else StoredAccount(row.actor_id, row.password_hash)


async def set_password_hash(conn: AsyncConnection, actor_id: str, password_hash: str) -> None:
    """The same password, hashed with today's parameters."""
    await conn.execute(update(accounts).where(accounts.c.actor_id == actor_id).values(password_hash=password_hash))


async def find_by_telegram(conn: AsyncConnection, telegram_user_id: int) -> str | None:
    """Id of the actor who came in as this Telegram user before."""
    query = select(telegram.c.actor_id).where(telegram.c.telegram_user_id == telegram_user_id)
    actor_id: str | None = (await conn.execute(query)).scalar_one_or_none()
    return actor_id


async def has_telegram(conn: AsyncConnection, actor_id: str) -> bool:
    """Whether the actor belongs to a Telegram user already."""
    return (await conn.execute(select(telegram.c.actor_id).where(telegram.c.actor_id == actor_id))).first() is not None


async def bind_telegram(conn: AsyncConnection, telegram_user_id: int, actor_id: str, now_ms: int) -> None:
    """The Telegram user is this actor from now on.

    Raises:
        sqlalchemy.exc.IntegrityError: one of them is bound already.
    """
    row = {"telegram_user_id": telegram_user_id, "actor_id": actor_id, "created_at_ms": now_ms}
    await conn.execute(insert(telegram).values(row))


async def grant(conn: AsyncConnection, actor_id: str, names: Iterable[str], now_ms: int) -> None:
    """Give roles; those that the actor has stay as they are."""
    held = set((await conn.execute(select(roles.c.role).where(roles.c.actor_id == actor_id))).scalars())
    for name in sorted(set(names) - held):
        await conn.execute(insert(roles).values(actor_id=actor_id, role=name, granted_at_ms=now_ms))


async def role_is_held(conn: AsyncConnection, role: str) -> bool:
    """Whether anybody has the role."""
    return (await conn.execute(select(roles.c.actor_id).where(roles.c.role == role).limit(1))).first() is not None


async def add_session(conn: AsyncConnection, session_hash: str, actor_id: str, now_ms: int) -> None:
    """A new session, used now."""
    row = {"session_hash": session_hash, "actor_id": actor_id, "created_at_ms": now_ms, "used_at_ms": now_ms}
    await conn.execute(insert(sessions).values(row | {"expires_at_ms": expires_at_ms(now_ms, now_ms)}))


async def find_session(conn: AsyncConnection, session_hash: str, now_ms: int) -> StoredSession | None:
    """The session with its actor, unless it has ended."""
    return (await find_sessions(conn, [session_hash], now_ms)).get(session_hash)


async def find_sessions(conn: AsyncConnection, session_hashes: Collection[str], now_ms: int) -> dict[str, StoredSession]:
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


async def touch_session(conn: AsyncConnection, session_hash: str, session: StoredSession, now_ms: int) -> None:
    """Note that the session was used, which puts off its idle end."""
    ends = expires_at_ms(session.created_at_ms, now_ms)
    changed = update(sessions).where(sessions.c.session_hash == session_hash).values(used_at_ms=now_ms, expires_at_ms=ends)
    await conn.execute(changed)


async def end_session(conn: AsyncConnection, session_hash: str) -> None:
    """The session is over; its cookie and its tickets are worth nothing from now on."""
    await conn.execute(delete(sessions).where(sessions.c.session_hash == session_hash))


async def purge_sessions(conn: AsyncConnection, now_ms: int, limit: int) -> list[str]:
    """Remove up to `limit` sessions that have ended; returns their hashes."""
    ended = select(sessions.c.session_hash).where(sessions.c.expires_at_ms <= now_ms).limit(limit)
    hashes = list((await conn.execute(ended)).scalars())
    await conn.execute(delete(sessions).where(sessions.c.session_hash.in_(hashes)))
    return hashes


async def add_invite(conn: AsyncConnection, invite: NewInvite) -> None:
    """A new invitation."""
    await conn.execute(insert(invites).values(asdict(invite) | {"uses": 0}))


async def revoke_invites(conn: AsyncConnection, scope: str, role: str, now_ms: int) -> None:
    """All open invitations to a role in a scope stop working."""
    open_ones = (invites.c.scope == scope, invites.c.role == role, invites.c.revoked_at_ms.is_(None))
    await conn.execute(update(invites).where(*open_ones).values(revoked_at_ms=now_ms))


async def invite_is_open(conn: AsyncConnection, key_hash: str, scope: str, now_ms: int) -> bool:
    """Whether `use_invite` would give a role now."""
    return (await conn.execute(select(invites.c.role).where(*_open(key_hash, scope, now_ms)))).first() is not None


async def use_invite(conn: AsyncConnection, key_hash: str, scope: str, now_ms: int) -> str | None:
    """Use an invitation once and return its role; None when it is unknown, used up, too old or revoked.

    One statement decides and counts, so two people with the last use of a key cannot both get in.
    """
    used = update(invites).where(*_open(key_hash, scope, now_ms)).values(uses=invites.c.uses + 1).returning(invites.c.role)
    role: str | None = (await conn.execute(used)).scalar_one_or_none()
    return role


def _open(key_hash: str, scope: str, now_ms: int) -> tuple[ColumnElement[bool], ...]:
    return (
        invites.c.key_hash == key_hash,
        invites.c.scope == scope,
        invites.c.uses < invites.c.max_uses,
        invites.c.expires_at_ms > now_ms,
        invites.c.revoked_at_ms.is_(None),
    )


async def _roles_of(conn: AsyncConnection, actor_ids: Collection[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    if actor_ids:
        query = select(roles.c.actor_id, roles.c.role).where(roles.c.actor_id.in_(actor_ids))
        for row in await conn.execute(query):
            names.setdefault(row.actor_id, []).append(row.role)
    return names
