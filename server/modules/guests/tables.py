"""Tables of the module `guests`."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table

from server.store.metadata import METADATA

STAGES = Table(
    "guests_stages",
    METADATA,
    Column("show_id", String(36), primary_key=True),
    Column("layout", String(20), nullable=False),
    Column("featured", String(36), nullable=False),
    # Known here as well as in the show, so that it is decided under this row's lock: no guest slips in while the show ends.
    Column("ended", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("stage_version", BigInteger, nullable=False),
    CheckConstraint("layout IN ('solo', 'side_by_side', 'picture_in_picture')", "layout_known"),
)
"""One row per show: locked by every change of the show's guests."""

INVITES = Table(
    "guests_invites",
    METADATA,
    Column("invite_id", String(36), primary_key=True),
    Column("show_id", ForeignKey("guests_stages.show_id"), nullable=False, index=True),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("label", String(60), nullable=False),
    Column("max_uses", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger),
    CheckConstraint("uses BETWEEN 0 AND max_uses", "uses_within"),
)

PASSES = Table(
    "guests_passes",
    METADATA,
    Column("participant_id", String(36), primary_key=True),
    Column("show_id", ForeignKey("guests_stages.show_id"), nullable=False),
    Column("invite_id", ForeignKey("guests_invites.invite_id"), nullable=False, index=True),
    # Whose session took the invitation up: reads the own part on the channel `guest:`.
    Column("actor_id", String(36), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("name", String(40), nullable=False),
    Column("standing", String(8), nullable=False),
    # At most two words, always read and written with the pass.
    Column("muted", JSON, nullable=False),
    Column("place", Integer),
    # The relay's events carry their own time: one that is older than what we know changes nothing.
    Column("media_at_ms", BigInteger, nullable=False),
    Column("joined_at_ms", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("standing IN ('waiting', 'live', 'removed')", "standing_known"),
    CheckConstraint("standing <> 'removed' OR place IS NULL", "removed_has_no_place"),
    Index(None, "show_id", "standing"),
)
