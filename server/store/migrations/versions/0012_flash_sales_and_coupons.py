"""tables of flash sales and coupons."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the branch that brings these tables."""
