"""tables of books: with the triggers by which the database itself keeps them balanced and unchanged."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TRIGGER books_transfers_seal BEFORE INSERT ON books_transfers BEGIN
    SELECT RAISE(ABORT, 'books: the transfer exists')
    WHERE EXISTS (SELECT 1 FROM books_transfers WHERE transfer_id = NEW.transfer_id);
    SELECT RAISE(ABORT, 'books: the transfer does not balance')
    WHERE EXISTS (SELECT 1 FROM books_entries WHERE transfer_id = NEW.transfer_id
            GROUP BY currency HAVING SUM(debit_minor) <> SUM(credit_minor))
    OR (SELECT COUNT(*) FROM books_entries WHERE transfer_id = NEW.transfer_id) <> NEW.entries;
END""",
    """CREATE TRIGGER books_transfers_update BEFORE UPDATE ON books_transfers BEGIN
    SELECT RAISE(ABORT, 'books: nothing is changed, correct by a new transfer');
END""",
    """CREATE TRIGGER books_transfers_delete BEFORE DELETE ON books_transfers BEGIN
    SELECT RAISE(ABORT, 'books: nothing is deleted, correct by a new transfer');
END""",
    """CREATE TRIGGER books_entries_seal BEFORE INSERT ON books_entries BEGIN
    SELECT RAISE(ABORT, 'books: the transfer is sealed')
    WHERE EXISTS (SELECT 1 FROM books_transfers WHERE transfer_id = NEW.transfer_id);
END""",
    """CREATE TRIGGER books_entries_update BEFORE UPDATE ON books_entries BEGIN
    SELECT RAISE(ABORT, 'books: nothing is changed, correct by a new transfer');
END""",
    """CREATE TRIGGER books_entries_delete BEFORE DELETE ON books_entries BEGIN
    SELECT RAISE(ABORT, 'books: nothing is deleted, correct by a new transfer');
END""",
)
POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION books_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'books: nothing is changed or deleted, correct by a new transfer'
    USING ERRCODE = 'integrity_constraint_violation';
END $$""",
    """CREATE OR REPLACE FUNCTION books_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM books_entries WHERE transfer_id = NEW.transfer_id
            GROUP BY currency HAVING SUM(debit_minor) <> SUM(credit_minor))
    OR (SELECT COUNT(*) FROM books_entries WHERE transfer_id = NEW.transfer_id) <> NEW.entries THEN
        RAISE EXCEPTION 'books: the transfer does not balance' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER books_transfers_seal BEFORE INSERT ON books_transfers
FOR EACH ROW EXECUTE FUNCTION books_seal()""",
    """CREATE TRIGGER books_transfers_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON books_transfers
FOR EACH STATEMENT EXECUTE FUNCTION books_refuse()""",
    """CREATE OR REPLACE FUNCTION books_refuse_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM books_transfers WHERE transfer_id = NEW.transfer_id) THEN
        RAISE EXCEPTION 'books: the transfer is sealed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE OR REPLACE FUNCTION books_check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM books_entries WHERE transfer_id = NEW.transfer_id
               GROUP BY currency HAVING SUM(debit_minor) <> SUM(credit_minor)) THEN
        RAISE EXCEPTION 'books: the transfer does not balance' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$""",
    """CREATE TRIGGER books_entries_seal BEFORE INSERT ON books_entries
FOR EACH ROW EXECUTE FUNCTION books_refuse_sealed()""",
    """CREATE CONSTRAINT TRIGGER books_entries_balance AFTER INSERT ON books_entries
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION books_check_balance()""",
    """CREATE TRIGGER books_entries_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON books_entries
FOR EACH STATEMENT EXECUTE FUNCTION books_refuse()""",
)


def upgrade() -> None:
    op.create_table(
        "books_audits",
        sa.Column("audit_id", sa.String(length=36), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.String(length=36), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("transfers", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_books_audits")),
    )
    with op.batch_alter_table("books_audits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_books_audits_started_at_ms"), ["started_at_ms"], unique=False)

    op.create_table(
        "books_transfers",
        sa.Column("transfer_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("seller_id", sa.String(length=36), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_bps", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sale', 'capture', 'refund', 'dispute', 'dispute_won', 'dispute_lost')",
            name=op.f("ck_books_transfers_kind_known"),
        ),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_books_transfers")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_books_transfers_order_id_number")),
    )
    with op.batch_alter_table("books_transfers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_books_transfers_seller_id_at_ms"), ["seller_id", "at_ms"], unique=False)

    op.create_table(
        "books_entries",
        sa.Column("transfer_id", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("debit_minor", sa.BigInteger(), nullable=False),
        sa.Column("credit_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "account IN ('buyer_receivable', 'psp_clearing', 'psp_fees', 'seller_payable', 'platform_fee', 'tax_payable',"
            " 'shipping', 'coupon_subsidy', 'disputes', 'chargeback_loss')",
            name=op.f("ck_books_entries_account_known"),
        ),
        sa.CheckConstraint("(debit_minor > 0) <> (credit_minor > 0)", name=op.f("ck_books_entries_one_side")),
        sa.CheckConstraint("debit_minor >= 0 AND credit_minor >= 0", name=op.f("ck_books_entries_not_negative")),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["books_transfers.transfer_id"],
            name=op.f("fk_books_entries_transfer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("transfer_id", "position", name=op.f("pk_books_entries")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
