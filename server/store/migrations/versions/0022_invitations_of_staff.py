"""invitations of staff: whom a link is meant for, and who made it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("auth_invites") as batch_op:
        batch_op.add_column(sa.Column("label", sa.String(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("made_by", sa.String(length=36), nullable=False, server_default=""))
