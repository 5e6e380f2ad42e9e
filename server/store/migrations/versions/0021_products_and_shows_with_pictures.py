"""products have pictures and can be archived; shows have tags."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("catalog_products", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pictures", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("archived_at_ms", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("shows_shows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tags", sa.JSON(), server_default="[]", nullable=False))
