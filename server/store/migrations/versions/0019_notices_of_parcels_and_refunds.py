"""notifications of parcels on their way and of money that came back."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('show_started', 'show_reminder', 'outbid', 'order_confirmed', 'order_cancelled', 'question_answered', "
    "'webhook_failed', 'order_shipped', 'order_refunded', 'your_turn', 'giveaway_won', 'lot_won', 'lot_sold', 'lot_offered')"
)


def upgrade() -> None:
    # The old check must be dropped by its name: SQLite makes the table anew, with every check that it had.
    name = op.f("ck_notifications_items_kind_known")
    with op.batch_alter_table("notifications_items") as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, KINDS)
