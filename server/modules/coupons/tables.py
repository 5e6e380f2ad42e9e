"""Tables of the module `coupons`."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table

from server.store.metadata import METADATA

COUPONS = Table(
    "coupons_coupons",
    METADATA,
    Column("coupon_id", String(36), primary_key=True),
    Column("show_id", String(36), nullable=False),
    Column("code", String(15), nullable=False),
    Column("host_id", String(36), nullable=False),
    # Null where the coupon has no such term. All amounts are of one currency, which is null when there is none.
    Column("percent", Integer),
    Column("amount_minor", BigInteger),
    Column("cap_minor", BigInteger),
    Column("minimum_minor", BigInteger),
    Column("currency", String(3)),
    Column("uses_max", BigInteger, nullable=False),
    Column("per_buyer_max", BigInteger, nullable=False),
    Column("new_buyers_only", Boolean, nullable=False),
    Column("state", String(9), nullable=False),
    Column("issued_at_ms", BigInteger, nullable=False),
    CheckConstraint("uses_max > 0", "uses_positive"),
    CheckConstraint("per_buyer_max > 0", "per_buyer_positive"),
    CheckConstraint("state IN ('active', 'withdrawn')", "state_known"),
    CheckConstraint("(percent IS NULL) <> (amount_minor IS NULL)", "percent_or_amount"),
    CheckConstraint("percent IS NULL OR (percent BETWEEN 1 AND 90)", "percent_in_range"),
    CheckConstraint("cap_minor IS NULL OR percent IS NOT NULL", "cap_of_a_percentage"),
    Index(None, "show_id", "code", unique=True),
)
