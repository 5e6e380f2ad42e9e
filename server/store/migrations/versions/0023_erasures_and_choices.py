"""erasures that are told again, and which notifications are pushed."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('show_started', 'show_reminder', 'outbid', 'order_confirmed', 'order_cancelled', 'question_answered', "
    "'webhook_failed', 'order_shipped', 'order_refunded', 'your_turn', 'giveaway_won', 'lot_won', 'lot_sold', 'lot_offered')"
)


def upgrade() -> None:
    op.create_table(
        "accounts_erasures",
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("erased_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("next_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_accounts_erasures")),
    )
    with op.batch_alter_table("accounts_erasures") as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_erasures_next_at_ms"), ["next_at_ms"], unique=False)
    op.create_table(
        "notifications_choices",
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_notifications_choices_kind_known")),
        sa.PrimaryKeyConstraint("actor_id", "kind", name=op.f("pk_notifications_choices")),
    )
