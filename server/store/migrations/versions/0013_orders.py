"""tables of orders."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ORDER_CHECKS = {
    "version_positive": "version > 0",
    "kind_known": "kind IN ('sale', 'lot', 'giveaway')",
    "state_known": "state IN ('placed', 'confirmed', 'fulfilled', 'cancelled', 'returned')",
    "payment_known": "payment IN ('none', 'in_progress', 'failed', 'authorised', 'captured', 'refunded', 'voided')",
    "fulfilment_known": "fulfilment IN ('none', 'packed', 'shipped', 'delivered')",
    "dispute_known": "dispute IN ('open', 'won', 'lost')",
    "captured_only_when_confirmed": "payment NOT IN ('captured', 'refunded') OR confirmed_at_ms IS NOT NULL",
    "sent_only_when_confirmed": "fulfilment = 'none' OR confirmed_at_ms IS NOT NULL",
    "refunded_within_captured": "refunded_minor >= 0 AND refunded_minor <= captured_minor",
    "captured_is_the_total": "captured_minor IN (0, total_minor)",
    "amounts_add_up": "subtotal_minor - discount_minor + shipping_minor = total_minor",
    "discount_within_subtotal": "discount_minor >= 0 AND discount_minor <= subtotal_minor",
    "tax_within_total": "shipping_minor >= 0 AND tax_minor >= 0 AND tax_minor <= total_minor",
}
LINE_CHECKS = {
    "quantity_positive": "quantity > 0 AND unit_minor >= 0",
    "refunded_within_quantity": "refunded >= 0 AND coming_back >= 0 AND refunded + coming_back <= quantity",
    "discount_within_total": "discount_minor >= 0 AND discount_minor <= total_minor",
    "refunded_within_paid": "refunded_minor >= 0 AND refunded_minor <= total_minor - discount_minor",
}


def upgrade() -> None:
    """Orders that exist keep their amounts: goods and nothing else, paid or not."""
    _new_tables()
    _columns("orders_lines", ["total_minor", "discount_minor", "tax_minor", "refunded", "refunded_minor", "coming_back"])
    op.add_column("orders_lines", sa.Column("tax_rate_bp", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("orders_lines", sa.Column("sale_id", sa.String(length=36), nullable=True))
    op.execute("UPDATE orders_lines SET total_minor = unit_minor * quantity")
    amounts = ["subtotal_minor", "discount_minor", "shipping_minor", "tax_minor", "shipping_tax_minor"]
    _columns("orders_orders", [*amounts, "captured_minor", "refunded_minor"])
    for name, length, default in (
        ("seller_id", 36, ""),
        ("kind", 10, "sale"),
        ("fulfilment", 10, "none"),
        ("place", 64, ""),
        ("request", 64, ""),
        ("carrier", 80, ""),
        ("tracking", 80, ""),
    ):
        op.add_column("orders_orders", sa.Column(name, sa.String(length=length), nullable=False, server_default=default))
    for name, length in (("coupon", 15), ("payment_id", 36), ("action_url", 2000), ("dispute", 6)):
        op.add_column("orders_orders", sa.Column(name, sa.String(length=length), nullable=True))
    for name in ("confirmed_at_ms", "paid_at_ms", "shipped_at_ms", "delivered_at_ms"):
        op.add_column("orders_orders", sa.Column(name, sa.BigInteger(), nullable=True))
    for name in ("shipping", "address"):
        op.add_column("orders_orders", sa.Column(name, sa.JSON(), nullable=True))
    op.add_column("orders_orders", sa.Column("owed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE orders_orders SET subtotal_minor = total_minor, seller_id = COALESCE("
        "(SELECT host_id FROM shows_shows WHERE shows_shows.show_id = orders_orders.show_id), ''), payment_id = "
        "(SELECT payment_id FROM orders_attempts WHERE orders_attempts.order_id = orders_orders.order_id "
        "AND orders_attempts.state IN ('authorised', 'captured'))"
    )
    op.execute("UPDATE orders_orders SET confirmed_at_ms = changed_at_ms WHERE state = 'confirmed'")
    op.execute("UPDATE orders_orders SET paid_at_ms = changed_at_ms, captured_minor = total_minor WHERE payment = 'captured'")
    _checks("orders_lines", LINE_CHECKS, ())
    _checks("orders_orders", ORDER_CHECKS, ("state_known", "payment_known", "captured_only_when_confirmed"))
    with op.batch_alter_table("orders_orders") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_orders_orders_fulfilment_shipped_at_ms"), ["fulfilment", "shipped_at_ms"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_orders_orders_show_id_fulfilment_state"), ["show_id", "fulfilment", "state"], unique=False
        )


def _columns(table: str, names: Sequence[str]) -> None:
    """New whole numbers, 0 in the rows that are there."""
    for name in names:
        op.add_column(table, sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))


def _checks(table: str, checks: dict[str, str], old: Sequence[str]) -> None:
    """These checks instead of the `old` ones, which must be dropped by their names: SQLite makes the table anew, with every check
    that it had."""
    with op.batch_alter_table(table) as batch_op:
        for name in old:
            batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        for name, check in checks.items():
            batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), check)


def _new_tables() -> None:
    op.create_table(
        "orders_addresses",
        sa.Column("address_id", sa.String(length=36), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("street", sa.String(length=200), nullable=False),
        sa.Column("postal_code", sa.String(length=16), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("saved_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("chosen_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_orders_addresses")),
    )
    with op.batch_alter_table("orders_addresses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_addresses_actor_id_chosen_at_ms"), ["actor_id", "chosen_at_ms"], unique=False)

    op.create_table(
        "orders_shipping",
        sa.Column("option_id", sa.String(length=32), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("name_ru", sa.String(length=80), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("free_from_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_orders_shipping_price_not_negative")),
        sa.CheckConstraint("tax_rate_bp BETWEEN 0 AND 10000", name=op.f("ck_orders_shipping_tax_rate_sane")),
        sa.PrimaryKeyConstraint("option_id", name=op.f("pk_orders_shipping")),
    )
    op.create_table(
        "orders_changes",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("actor_name", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders_orders.order_id"], name=op.f("fk_orders_changes_order_id")),
        sa.PrimaryKeyConstraint("order_id", "version", name=op.f("pk_orders_changes")),
    )
    op.create_table(
        "orders_refunds",
        sa.Column("refund_id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("requested_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('requested', 'done', 'failed')", name=op.f("ck_orders_refunds_state_known")),
        sa.CheckConstraint("total_minor > 0", name=op.f("ck_orders_refunds_total_positive")),
        sa.CheckConstraint(
            "subtotal_minor - discount_minor + shipping_minor = total_minor", name=op.f("ck_orders_refunds_amounts_add_up")
        ),
        sa.CheckConstraint("tax_minor >= 0 AND tax_minor <= total_minor", name=op.f("ck_orders_refunds_tax_within_total")),
        sa.ForeignKeyConstraint(["order_id"], ["orders_orders.order_id"], name=op.f("fk_orders_refunds_order_id")),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_orders_refunds")),
    )
    with op.batch_alter_table("orders_refunds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_refunds_order_id"), ["order_id"], unique=False)

    op.create_table(
        "orders_returns",
        sa.Column("return_id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("requested_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'accepted', 'refused', 'received')", name=op.f("ck_orders_returns_state_known")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders_orders.order_id"], name=op.f("fk_orders_returns_order_id")),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_orders_returns")),
    )
    with op.batch_alter_table("orders_returns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_returns_order_id"), ["order_id"], unique=False)
