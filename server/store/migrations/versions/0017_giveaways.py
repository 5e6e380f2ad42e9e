"""tables of giveaways."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


KINDS = (
    "kind IN ('show_started', 'show_reminder', 'outbid', 'order_confirmed', 'order_cancelled', 'question_answered', "
    "'webhook_failed', 'your_turn', 'giveaway_won', 'lot_won', 'lot_sold', 'lot_offered')"
)


def _kinds_of_notifications() -> None:
    """More kinds. The old check must be dropped by its name: SQLite makes the table anew, with every check that it had."""
    name = op.f("ck_notifications_items_kind_known")
    with op.batch_alter_table("notifications_items") as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, KINDS)


def upgrade() -> None:
    _kinds_of_notifications()
    op.create_table(
        "giveaways_giveaways",
        sa.Column("giveaway_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("winners_max", sa.Integer(), nullable=False),
        sa.Column("lasts_ms", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('opening', 'open', 'ended', 'called', 'drawn', 'refused')", name=op.f("ck_giveaways_giveaways_state_known")
        ),
        sa.CheckConstraint("winners_max > 0", name=op.f("ck_giveaways_giveaways_winners_positive")),
        sa.PrimaryKeyConstraint("giveaway_id", name=op.f("pk_giveaways_giveaways")),
    )
    with op.batch_alter_table("giveaways_giveaways", schema=None) as batch_op:
        batch_op.create_index(
            "ix_giveaways_giveaways_running",
            ["show_id"],
            unique=True,
            sqlite_where=sa.text("running"),
            postgresql_where=sa.text("running"),
        )
        batch_op.create_index(
            batch_op.f("ix_giveaways_giveaways_show_id_asked_at_ms_giveaway_id"),
            ["show_id", "asked_at_ms", "giveaway_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_giveaways_giveaways_state_ends_at_ms"), ["state", "ends_at_ms"], unique=False)

    op.create_table(
        "giveaways_entries",
        sa.Column("giveaway_id", sa.String(length=36), nullable=False),
        sa.Column("entrant_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("here_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("won", sa.Boolean(), nullable=False),
        sa.CheckConstraint("NOT won OR present", name=op.f("ck_giveaways_entries_only_who_is_present_wins")),
        sa.ForeignKeyConstraint(
            ["giveaway_id"], ["giveaways_giveaways.giveaway_id"], name=op.f("fk_giveaways_entries_giveaway_id")
        ),
        sa.PrimaryKeyConstraint("giveaway_id", "entrant_id", name=op.f("pk_giveaways_entries")),
    )
    with op.batch_alter_table("giveaways_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_giveaways_entries_show_id_entrant_id"), ["show_id", "entrant_id"], unique=False)
