"""checks of single columns, which no step before this one has made: autogeneration leaves them out."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CHECKS = {
    "auctions_lots": {
        "quantity_positive": "quantity > 0",
        "start_positive": "start_minor > 0",
    },
    "catalog_moves": {
        "quantity_positive": "quantity > 0",
    },
    "catalog_pools": {
        "per_buyer_max_positive": "per_buyer_max > 0",
    },
    "catalog_sales": {
        "quantity_positive": "quantity > 0",
    },
    "catalog_variants": {
        "on_hand_not_negative": "on_hand >= 0",
        "price_not_negative": "price_minor >= 0",
    },
    "payments_disputes": {
        "amount_not_negative": "amount_minor >= 0",
    },
    "payments_payments": {
        "amount_not_negative": "amount_minor >= 0",
    },
}
"""By table and name."""


def upgrade() -> None:
    for table, checks in CHECKS.items():
        with op.batch_alter_table(table) as batch_op:
            for name, check in checks.items():
                batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), check)
