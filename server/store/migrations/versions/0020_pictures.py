"""table of pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pictures_pictures",
        sa.Column("picture_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("uploaded_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("swept_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("height > 0", name=op.f("ck_pictures_pictures_height_positive")),
        sa.CheckConstraint("used_at_ms IS NULL OR swept_at_ms IS NULL", name=op.f("ck_pictures_pictures_used_stays")),
        sa.CheckConstraint("width > 0", name=op.f("ck_pictures_pictures_width_positive")),
        sa.PrimaryKeyConstraint("picture_id", name=op.f("pk_pictures_pictures")),
    )
    with op.batch_alter_table("pictures_pictures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pictures_pictures_owner_id_digest"), ["owner_id", "digest"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_pictures_pictures_used_at_ms_uploaded_at_ms"), ["used_at_ms", "uploaded_at_ms"], unique=False
        )
