"""Tables of the module `books`. They only grow: the database itself refuses a change, and a transfer that does not balance.

A transfer's entries are written first and the transfer last, which seals them: the foreign key waits for the commit, no entry
comes in without its transfer, and after it no entry comes at all.
"""

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    event,
)

from server.store.metadata import METADATA

TRANSFERS = Table(
    "books_transfers",
    METADATA,
    # The business key: what happened, by its own id. The same fact again is the same transfer.
    Column("transfer_id", String(60), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("order_id", String(36), nullable=False),
    # Counts the transfers of an order, so that they can be computed again in the order in which they were.
    Column("number", Integer, nullable=False),
    Column("show_id", String(36), nullable=False),
    Column("seller_id", String(36), nullable=False),
    Column("currency", String(3), nullable=False),
    # The fact as it came; the entries follow from it.
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("fee_bps", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("recorded_at_ms", BigInteger, nullable=False),
    Column("entries", Integer, nullable=False),
    CheckConstraint(
        "kind IN ('sale', 'capture', 'refund', 'dispute', 'dispute_won', 'dispute_lost')",
        "kind_known",
    ),
    UniqueConstraint("order_id", "number"),
    Index(None, "seller_id", "at_ms"),
)

ENTRIES = Table(
    "books_entries",
    METADATA,
    Column(
        "transfer_id",
        ForeignKey("books_transfers.transfer_id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("account", String(20), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("debit_minor", BigInteger, nullable=False),
    Column("credit_minor", BigInteger, nullable=False),
    CheckConstraint("debit_minor >= 0 AND credit_minor >= 0", "not_negative"),
    CheckConstraint("(debit_minor > 0) <> (credit_minor > 0)", "one_side"),
    CheckConstraint(
        "account IN ('buyer_receivable', 'psp_clearing', 'psp_fees', 'seller_payable', 'platform_fee', 'tax_payable',"
        " 'shipping', 'coupon_subsidy', 'disputes', 'chargeback_loss')",
        "account_known",
    ),
)

AUDITS = Table(
    "books_audits",
    METADATA,
    Column("audit_id", String(36), primary_key=True),
    Column("started_at_ms", BigInteger, nullable=False, index=True),
    Column("ended_at_ms", BigInteger),
    # The audit has come up to this order.
    Column("cursor", String(36), nullable=False),
    Column("orders", Integer, nullable=False),
    Column("transfers", Integer, nullable=False),
    Column("problems", JSON, nullable=False),
)
"""Comparisons of the books with the facts, a batch of orders at a time."""

_UNBALANCED = """EXISTS (SELECT 1 FROM books_entries WHERE transfer_id = NEW.transfer_id
            GROUP BY currency HAVING SUM(debit_minor) <> SUM(credit_minor))
    OR (SELECT COUNT(*) FROM books_entries WHERE transfer_id = NEW.transfer_id) <> NEW.entries"""
_SEALED = "EXISTS (SELECT 1 FROM books_transfers WHERE transfer_id = NEW.transfer_id)"

# "INSERT OR REPLACE" of SQLite deletes without a DELETE trigger; so the trigger before the insert refuses what is there already.
SQLITE = {
    "books_transfers": [
        f"""CREATE TRIGGER books_transfers_seal BEFORE INSERT ON books_transfers BEGIN
    SELECT RAISE(ABORT, 'books: the transfer exists')
    WHERE {_SEALED};
    SELECT RAISE(ABORT, 'books: the transfer does not balance')
    WHERE {_UNBALANCED};
END""",
        """CREATE TRIGGER books_transfers_update BEFORE UPDATE ON books_transfers BEGIN
    SELECT RAISE(ABORT, 'books: nothing is changed, correct by a new transfer');
END""",
        """CREATE TRIGGER books_transfers_delete BEFORE DELETE ON books_transfers BEGIN
    SELECT RAISE(ABORT, 'books: nothing is deleted, correct by a new transfer');
END""",
    ],
    "books_entries": [
        f"""CREATE TRIGGER books_entries_seal BEFORE INSERT ON books_entries BEGIN
    SELECT RAISE(ABORT, 'books: the transfer is sealed')
    WHERE {_SEALED};
END""",
        """CREATE TRIGGER books_entries_update BEFORE UPDATE ON books_entries BEGIN
    SELECT RAISE(ABORT, 'books: nothing is changed, correct by a new transfer');
END""",
        """CREATE TRIGGER books_entries_delete BEFORE DELETE ON books_entries BEGIN
    SELECT RAISE(ABORT, 'books: nothing is deleted, correct by a new transfer');
END""",
    ],
}

# Here another transaction may write entries at the same time, which the seal does not see: the balance is looked at once more at
# the commit.
POSTGRESQL = {
    "books_transfers": [
        """CREATE OR REPLACE FUNCTION books_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'books: nothing is changed or deleted, correct by a new transfer'
    USING ERRCODE = 'integrity_constraint_violation';
END $$""",
        f"""CREATE OR REPLACE FUNCTION books_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_UNBALANCED} THEN
        RAISE EXCEPTION 'books: the transfer does not balance' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$""",
        """CREATE TRIGGER books_transfers_seal BEFORE INSERT ON books_transfers
FOR EACH ROW EXECUTE FUNCTION books_seal()""",
        """CREATE TRIGGER books_transfers_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON books_transfers
FOR EACH STATEMENT EXECUTE FUNCTION books_refuse()""",
    ],
    "books_entries": [
        f"""CREATE OR REPLACE FUNCTION books_refuse_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_SEALED} THEN
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
    ],
}

for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _table in (TRANSFERS, ENTRIES):
        for _statement in _statements[_table.name]:
            _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
            event.listen(_table, "after_create", _ddl.execute_if(dialect=_dialect))
