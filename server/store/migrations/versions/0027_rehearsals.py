"""rehearsals of shows."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CHECK = "ck_shows_shows_rehearsal_says_so"


def upgrade() -> None:
    with op.batch_alter_table("shows_shows") as batch_op:
        batch_op.add_column(sa.Column("rehearsal_of", sa.String(length=36), nullable=True))
        batch_op.create_check_constraint(op.f(CHECK), "(rehearsal_of IS NULL) = (substr(show_id, 1, 4) <> 'reh_')")
    op.create_index(op.f("ix_shows_shows_rehearsal_of"), "shows_shows", ["rehearsal_of"])


def downgrade() -> None:
    op.drop_index(op.f("ix_shows_shows_rehearsal_of"), "shows_shows")
    with op.batch_alter_table("shows_shows") as batch_op:
        batch_op.drop_constraint(op.f(CHECK), type_="check")
        batch_op.drop_column("rehearsal_of")
