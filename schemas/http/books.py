"""Bodies of `/api/books/…`. Amounts are minor units of `currency`; those of the books may be negative."""

from schemas.base import View


class FiguresView(View, frozen=True):
    """What became of the money of an order, or of many, for the seller.

    `gross_minor` - `discount_minor` + `shipping_minor` = `total_minor`, what buyers were charged. Of what is left of it after
    `refunded_minor`, `tax_minor` is tax, `platform_fee_minor` the shop's share, `provider_fee_minor` the payment provider's,
    `disputed_minor` is with the buyers' banks until they have decided, `lost_minor` has gone back there for good, and the rest
    is `net_minor`.
    """

    currency: str
    gross_minor: int
    discount_minor: int
    shipping_minor: int
    total_minor: int
    refunded_minor: int
    tax_minor: int
    platform_fee_minor: int
    provider_fee_minor: int
    disputed_minor: int
    lost_minor: int
    net_minor: int


class StatementLine(View, frozen=True):
    """One order in a statement: what moved within the period, so that periods add up."""

    order_id: str
    show_id: str
    at_ms: int
    figures: FiguresView


class AuditView(View, frozen=True):
    """A comparison of the whole books with the facts that they are made of. `ended_at_ms` is null while it runs."""

    audit_id: str
    started_at_ms: int
    ended_at_ms: int | None
    orders: int
    transfers: int
    problems: list[str]


class StatementView(View, frozen=True):
    """A seller's money from `from_ms` up to, not including, `to_ms`: the newest orders first, `after` for the next page, and
    totals of the whole period, one per currency."""

    from_ms: int
    to_ms: int
    lines: list[StatementLine]
    totals: list[FiguresView]
    after: str | None
    audit: AuditView | None


class BookEntryView(View, frozen=True):
    """One side of a transfer: exactly one of the two amounts is above zero."""

    account: str
    currency: str
    debit_minor: int
    credit_minor: int


class TransferView(View, frozen=True):
    """One movement of money, written twice: its debits are its credits."""

    transfer_id: str
    kind: str
    at_ms: int
    entries: list[BookEntryView]


class RefundLine(View, frozen=True):
    """Money that went back to the buyer."""

    refund_id: str
    at_ms: int
    total_minor: int
    tax_minor: int


class OrderBooksView(View, frozen=True):
    """The buyer's receipt: what was charged, paid and given back. The seller sees `figures` and `transfers` too."""

    order_id: str
    show_id: str
    currency: str
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int
    refunded_minor: int
    refunds: list[RefundLine]
    figures: FiguresView | None
    transfers: list[TransferView]


class BalanceView(View, frozen=True):
    """One account: all that was ever debited and credited."""

    account: str
    currency: str
    debit_minor: int
    credit_minor: int


class BalancesView(View, frozen=True):
    """A trial balance: per currency the debits of all accounts are their credits."""

    balances: list[BalanceView]
