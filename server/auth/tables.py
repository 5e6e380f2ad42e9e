"""Tables of identity. Secrets are never stored: sessions and invitations by the SHA-256 of their token, passwords by Argon2id."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table

from server.store.metadata import METADATA

actors = Table(
    "auth_actors",
    METADATA,
    Column("actor_id", String(36), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("name", String(120), nullable=False),
    Column("locale", String(5), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

accounts = Table(
    "auth_accounts",
    METADATA,
    Column("actor_id", String(36), ForeignKey(actors.c.actor_id), primary_key=True),
    Column("email", String(255), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

roles = Table(
    "auth_roles",
    METADATA,
    Column("actor_id", String(36), ForeignKey(actors.c.actor_id), primary_key=True),
    Column("role", String(20), primary_key=True, index=True),
    Column("granted_at_ms", BigInteger, nullable=False),
)

sessions = Table(
    "auth_sessions",
    METADATA,
    Column("session_hash", String(64), primary_key=True),
    Column("actor_id", String(36), ForeignKey(actors.c.actor_id), nullable=False, index=True),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
)

invites = Table(
    "auth_invites",
    METADATA,
    Column("invite_id", String(36), primary_key=True),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("scope", String(64), nullable=False, index=True),
    Column("role", String(20), nullable=False),
    Column("max_uses", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger),
    # Whom the link is meant for, in its maker's words, and who made it; empty for set-up keys.
    Column("label", String(60), nullable=False, server_default=""),
    Column("made_by", String(36), nullable=False, server_default=""),
)

telegram = Table(
    "auth_telegram",
    METADATA,
    Column("telegram_user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor_id", String(36), ForeignKey(actors.c.actor_id), nullable=False, unique=True),
    Column("created_at_ms", BigInteger, nullable=False),
)
