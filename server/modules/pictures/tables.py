"""Tables of the module `pictures`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table

from server.store.metadata import METADATA

PICTURES = Table(
    "pictures_pictures",
    METADATA,
    Column("picture_id", String(36), primary_key=True),
    Column("owner_id", String(36), nullable=False),
    # SHA-256 of the uploaded file: the same file again within the day is the same picture.
    Column("digest", String(64), nullable=False),
    Column("width", Integer, CheckConstraint("width > 0", "width_positive"), nullable=False),
    Column("height", Integer, CheckConstraint("height > 0", "height_positive"), nullable=False),
    Column("uploaded_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger),
    Column("swept_at_ms", BigInteger),
    # The last gate against a product whose picture is gone.
    CheckConstraint("used_at_ms IS NULL OR swept_at_ms IS NULL", "used_stays"),
    Index(None, "owner_id", "digest"),
    Index(None, "used_at_ms", "uploaded_at_ms"),
)
