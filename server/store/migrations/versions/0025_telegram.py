"""people who came in by Telegram."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "auth_telegram",
        sa.Column("telegram_user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["auth_actors.actor_id"], name=op.f("fk_auth_telegram_actor_id")),
        sa.PrimaryKeyConstraint("telegram_user_id", name=op.f("pk_auth_telegram")),
        sa.UniqueConstraint("actor_id", name=op.f("uq_auth_telegram_actor_id")),
    )


def downgrade() -> None:
    op.drop_table("auth_telegram")
