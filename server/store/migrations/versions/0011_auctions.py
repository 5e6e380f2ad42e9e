"""tables of auctions."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "auctions_desks",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_auctions_desks")),
    )
    op.create_table(
        "auctions_lots",
        sa.Column("lot_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("seller_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("image_url", sa.String(length=300), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("start_minor", sa.BigInteger(), nullable=False),
        sa.Column("reserve_minor", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_minor", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("window_ms", sa.BigInteger(), nullable=False),
        sa.Column("reset_ms", sa.BigInteger(), nullable=False),
        sa.Column("extension_max_ms", sa.BigInteger(), nullable=False),
        sa.Column("sudden_death", sa.Boolean(), nullable=False),
        sa.Column("payment_ms", sa.BigInteger(), nullable=False),
        sa.Column("auto_offer", sa.Boolean(), nullable=False),
        sa.Column("increments", sa.JSON(), nullable=False),
        sa.Column("increments_version", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("starts_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_epoch", sa.String(length=40), nullable=False),
        sa.Column("ended_seq", sa.BigInteger(), nullable=False),
        sa.Column("ended_sold", sa.Boolean(), nullable=False),
        sa.Column("winner_id", sa.String(length=36), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("bids", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("buyer_id", sa.String(length=36), nullable=False),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("pays_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("charge_failed", sa.Boolean(), nullable=False),
        sa.Column("runner_up", sa.Boolean(), nullable=False),
        sa.Column("folded_seq", sa.BigInteger(), nullable=False),
        sa.Column("rerun_of", sa.String(length=36), nullable=False),
        sa.CheckConstraint(
            "state <> 'sold' OR (winner_id <> '' AND hold_id <> '' AND price_minor >= start_minor)",
            name=op.f("ck_auctions_lots_sold_has_a_winner"),
        ),
        sa.CheckConstraint(
            "state IN ('prepared', 'opening', 'open', 'ended', 'disputed', 'sold', 'offered', 'unpaid', 'paid', 'unsold', "
            "'void', 'withdrawn')",
            name=op.f("ck_auctions_lots_state_known"),
        ),
        sa.CheckConstraint("due_minor <= price_minor", name=op.f("ck_auctions_lots_due_within_price")),
        sa.CheckConstraint("reserve_minor >= 0 AND ceiling_minor >= 0", name=op.f("ck_auctions_lots_limits_not_negative")),
        sa.ForeignKeyConstraint(["show_id"], ["auctions_desks.show_id"], name=op.f("fk_auctions_lots_show_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_auctions_lots")),
    )
    with op.batch_alter_table("auctions_lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auctions_lots_hold_id"), ["hold_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_auctions_lots_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_auctions_lots_show_id_created_at_ms"), ["show_id", "created_at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_auctions_lots_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_auctions_lots_running",
            ["show_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('opening', 'open')"),
            postgresql_where=sa.text("state IN ('opening', 'open')"),
        )
    op.create_table(
        "auctions_bidders",
        sa.Column("lot_id", sa.String(length=36), nullable=False),
        sa.Column("bidder_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("maximum_minor", sa.BigInteger(), nullable=False),
        sa.Column("bids", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("outbid_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("told_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["auctions_lots.lot_id"], name=op.f("fk_auctions_bidders_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", "bidder_id", name=op.f("pk_auctions_bidders")),
    )
    op.create_table(
        "auctions_deeds",
        sa.Column("lot_id", sa.String(length=36), nullable=False),
        sa.Column("deed_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("who_id", sa.String(length=36), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["auctions_lots.lot_id"], name=op.f("fk_auctions_deeds_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", "deed_id", name=op.f("pk_auctions_deeds")),
    )
