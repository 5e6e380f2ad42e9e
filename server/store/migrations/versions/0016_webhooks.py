"""tables of webhooks; and a check of the chat that an earlier step left behind in SQLite."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _roles_of_authors() -> None:
    """0004 meant to replace this check. SQLite kept the old one beside the new one, and refused what moderators say."""
    name = op.f("ck_chat_messages_author_role_known")
    with op.batch_alter_table("chat_messages") as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, "author_role IN ('viewer', 'host', 'moderator')")


def upgrade() -> None:
    _roles_of_authors()
    op.create_table(
        "webhooks_hooks",
        sa.Column("hook_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=120), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("previous_secret", sa.String(length=80), nullable=True),
        sa.Column("previous_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("failing_since_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('on', 'off', 'failed')", name=op.f("ck_webhooks_hooks_state_known")),
        sa.PrimaryKeyConstraint("hook_id", name=op.f("pk_webhooks_hooks")),
    )
    with op.batch_alter_table("webhooks_hooks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhooks_hooks_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "webhooks_deliveries",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("hook_id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("next_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("done_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (next_at_ms IS NOT NULL)", name=op.f("ck_webhooks_deliveries_only_waiting_is_due")
        ),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name=op.f("ck_webhooks_deliveries_state_known")),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["webhooks_hooks.hook_id"], name=op.f("fk_webhooks_deliveries_hook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_webhooks_deliveries")),
        sa.UniqueConstraint("hook_id", "message_id", name=op.f("uq_webhooks_deliveries_hook_id_message_id")),
    )
    with op.batch_alter_table("webhooks_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhooks_deliveries_created_at_ms"), ["created_at_ms"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_webhooks_deliveries_hook_id_created_at_ms"), ["hook_id", "created_at_ms"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_webhooks_deliveries_hook_id_next_at_ms"), ["hook_id", "next_at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhooks_deliveries_next_at_ms"), ["next_at_ms"], unique=False)

    op.create_table(
        "webhooks_attempts",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhooks_deliveries.delivery_id"],
            name=op.f("fk_webhooks_attempts_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhooks_attempts")),
    )
