"""Tables of the module `accounts`."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from server.store.metadata import METADATA

ERASURES = Table(
    "accounts_erasures",
    METADATA,
    Column("actor_id", String(36), primary_key=True),
    Column("erased_at_ms", BigInteger, nullable=False),
    Column("told", Integer, nullable=False),
    Column("next_at_ms", BigInteger, nullable=False, index=True),
)
"""Who was erased and when it will be told once more; gone after the last time."""
