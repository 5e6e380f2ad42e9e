"""Decisions of the books: which entries a fact makes, and what a seller's statement and a buyer's receipt say. Pure.

A transfer follows from its fact and the facts of the same order before it. Only the platform's share looks back: it is what is
due on the goods that are left, so that refunds in parts give back to the cent what one refund of all would have, and facts may
come in any order.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from schemas.http.books import FiguresView, OrderBooksView, RefundLine, StatementLine
from schemas.money import Amounts, Money

BPS = 10_000
AUDIT_EVERY_MS = 24 * 3_600_000
AUDIT_ORDERS_MAX = 200
"""Orders of one round of an audit: some tens of milliseconds of reading."""
PROBLEMS_MAX = 100
UNPAID_MS = 3_600_000
"""How long a sale may wait for the news of its capture, or the other way round, before an audit calls it a problem."""
LINES_MAX = 100
PERIOD_MS_MAX = 400 * 24 * 3_600_000
TIME_MS_MAX = 10**13

Kind = Literal["sale", "capture", "refund", "dispute", "dispute_won", "dispute_lost"]
Account = Literal[
    "buyer_receivable",
    "psp_clearing",
    "psp_fees",
    "seller_payable",
    "platform_fee",
    "tax_payable",
    "shipping",
    "coupon_subsidy",
    "disputes",
    "chargeback_loss",
]

SELLERS: tuple[Account, ...] = ("seller_payable", "shipping", "coupon_subsidy", "psp_fees", "disputes", "chargeback_loss")
"""Accounts whose credit is the seller's money, and whose debit is the seller's cost."""


class Entry(NamedTuple):
    """One side of a transfer, in the transfer's currency."""

    account: Account
    debit_minor: int
    credit_minor: int


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that moves money. `fee_minor` is the provider's (of a capture), `fee_bps` the platform's share (of a sale)."""

    transfer_id: str
    kind: Kind
    order_id: str
    show_id: str
    seller_id: str
    currency: str
    subtotal_minor: int = 0
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    total_minor: int = 0
    fee_minor: int = 0
    fee_bps: int = 0
    at_ms: int


class Place(NamedTuple):
    """Whose money it is."""

    order_id: str
    show_id: str
    seller_id: str


# Facts become transfers


def sale(place: Place, amounts: Amounts, fee_bps: int, at_ms: int) -> Transfer:
    """The order is paid: the buyer owes the total, the seller is owed what is left of it."""
    return _of_amounts("sale", f"sale:{place.order_id}", place, amounts, at_ms, fee_bps)


def of_total(total: Money) -> Amounts:
    """Amounts of an order that does not say what it consists of."""
    return Amounts(
        currency=total.currency,
        subtotal_minor=total.amount_minor,
        discount_minor=0,
        shipping_minor=0,
        tax_minor=0,
        total_minor=total.amount_minor,
    )


def capture(place: Place, payment_id: str, amount: Money, fee: Money | None, at_ms: int) -> Transfer:
    """The provider has the buyer's money for us and keeps its fee. A fee in another currency is not of these books."""
    own_fee = fee.amount_minor if fee is not None and fee.currency == amount.currency else 0
    made = _of_money("capture", f"capture:{payment_id}", place, amount, at_ms)
    return msgspec.structs.replace(made, fee_minor=own_fee)


def refund(place: Place, refund_id: str, amounts: Amounts, at_ms: int) -> Transfer:
    """Money went back to the buyer: the part of the sale that it was for is undone."""
    return _of_amounts("refund", f"refund:{refund_id}", place, amounts, at_ms, 0)


def dispute(place: Place, dispute_id: str, amount: Money, at_ms: int) -> Transfer:
    """The buyer's bank has taken the money back for now."""
    return _of_money("dispute", f"dispute:{dispute_id}", place, amount, at_ms)


def dispute_closed(place: Place, dispute_id: str, amount: Money, won: bool, at_ms: int) -> Transfer:
    """It is decided. One dispute ends once: won and lost have one key."""
    return _of_money("dispute_won" if won else "dispute_lost", f"dispute_closed:{dispute_id}", place, amount, at_ms)


# Transfers become entries


def entries(transfer: Transfer, before: Sequence[Transfer]) -> list[Entry]:
    """Both sides of a transfer; `before` are the earlier ones of its order. What would be zero is left out."""
    sides = _sides(transfer)
    share = share_due([*before, transfer], transfer.currency) - share_due(before, transfer.currency)
    sides["platform_fee"] = share
    sides["seller_payable"] = sides.get("seller_payable", 0) - share
    found = [_entry(account, credit_minor) for account, credit_minor in sides.items() if credit_minor]
    assert sum(entry.debit_minor - entry.credit_minor for entry in found) == 0, transfer
    return found


def share_due(transfers: Iterable[Transfer], currency: str) -> int:
    """The platform's share of what is left of an order's goods, half a minor unit rounded up. It depends on which facts there
    are, not on their order."""
    goods = bps = 0
    for transfer in transfers:
        if transfer.currency != currency:
            continue
        if transfer.kind == "sale":
            goods += transfer.subtotal_minor - transfer.discount_minor
            bps = transfer.fee_bps
        elif transfer.kind == "refund":
            goods -= transfer.subtotal_minor - transfer.discount_minor
    return (max(0, goods) * bps * 2 + BPS) // (2 * BPS)


def _sides(transfer: Transfer) -> dict[Account, int]:
    """Credits by account, negative for debits, without the platform's share."""
    total = transfer.total_minor
    match transfer.kind:
        case "sale":
            return {"buyer_receivable": -total, **_goods(transfer, 1)}
        case "capture":
            fee = transfer.fee_minor
            return {"buyer_receivable": total, "psp_clearing": fee - total, "psp_fees": -fee}
        case "refund":
            return {"psp_clearing": total, **_goods(transfer, -1)}
        case "dispute":
            return {"psp_clearing": total, "disputes": -total}
        case "dispute_won":
            return {"disputes": total, "psp_clearing": -total}
        case "dispute_lost":
            return {"disputes": total, "chargeback_loss": -total}


def _goods(transfer: Transfer, sign: int) -> dict[Account, int]:
    """What the total consists of. The tax is a part of the prices: it is the seller's to hand on, not to keep."""
    return {
        "seller_payable": sign * (transfer.subtotal_minor - transfer.tax_minor),
        "shipping": sign * transfer.shipping_minor,
        "coupon_subsidy": -sign * transfer.discount_minor,
        "tax_payable": sign * transfer.tax_minor,
    }


def _entry(account: Account, credit_minor: int) -> Entry:
    return Entry(account, max(0, -credit_minor), max(0, credit_minor))


# What people are shown


def figures(currency: str, facts: Mapping[str, "Sums"], balances: Mapping[str, int]) -> FiguresView:
    """`facts` are sums of transfers by kind, `balances` credits less debits by account."""
    sold, refunded = facts.get("sale", NOTHING), facts.get("refund", NOTHING)
    return FiguresView(
        currency=currency,
        gross_minor=sold.subtotal_minor,
        discount_minor=sold.discount_minor,
        shipping_minor=sold.shipping_minor,
        total_minor=sold.total_minor,
        refunded_minor=refunded.total_minor,
        tax_minor=balances.get("tax_payable", 0),
        platform_fee_minor=balances.get("platform_fee", 0),
        provider_fee_minor=-balances.get("psp_fees", 0),
        disputed_minor=-balances.get("disputes", 0),
        lost_minor=-balances.get("chargeback_loss", 0),
        net_minor=sum(balances.get(account, 0) for account in SELLERS),
    )


class Sums(NamedTuple):
    """Sums of some transfers' facts."""

    subtotal_minor: int = 0
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    total_minor: int = 0


NOTHING = Sums()


class Booked(NamedTuple):
    """A transfer with its entries."""

    transfer: Transfer
    entries: list[Entry]


def figures_of(booked: Sequence[Booked]) -> FiguresView:
    """Of transfers of one order."""
    facts: dict[str, Sums] = {}
    balances: dict[str, int] = {}
    for transfer, sides in booked:
        known = facts.get(transfer.kind, NOTHING)
        facts[transfer.kind] = Sums(*(getattr(known, name) + getattr(transfer, name) for name in Sums._fields))
        for entry in sides:
            balances[entry.account] = balances.get(entry.account, 0) + entry.credit_minor - entry.debit_minor
    return figures(booked[0].transfer.currency, facts, balances)


def lines(booked: Sequence[Booked]) -> list[StatementLine]:
    """One line per order and currency, the newest first."""
    groups: dict[tuple[str, str], list[Booked]] = {}
    for each in booked:
        groups.setdefault((each.transfer.order_id, each.transfer.currency), []).append(each)
    made = [
        StatementLine(
            order_id=order_id,
            show_id=group[0].transfer.show_id,
            at_ms=max(each.transfer.at_ms for each in group),
            figures=figures_of(group),
        )
        for (order_id, _), group in groups.items()
    ]
    return sorted(made, key=lambda line: (line.at_ms, line.order_id), reverse=True)


def receipt(booked: Sequence[Booked]) -> OrderBooksView:
    """What the buyer of an order sees; at least one transfer."""
    transfers = [each.transfer for each in booked]
    sales = [each for each in transfers if each.kind == "sale"]
    refunds = [each for each in transfers if each.kind == "refund"]

    def total(name: str) -> int:
        return sum(getattr(each, name) for each in sales)

    return OrderBooksView(
        order_id=transfers[0].order_id,
        show_id=transfers[0].show_id,
        currency=transfers[0].currency,
        subtotal_minor=total("subtotal_minor"),
        discount_minor=total("discount_minor"),
        shipping_minor=total("shipping_minor"),
        tax_minor=total("tax_minor"),
        total_minor=total("total_minor"),
        paid_minor=sum(each.total_minor for each in transfers if each.kind == "capture"),
        refunded_minor=sum(each.total_minor for each in refunds),
        refunds=[
            RefundLine(
                refund_id=each.transfer_id.removeprefix("refund:"),
                at_ms=each.at_ms,
                total_minor=each.total_minor,
                tax_minor=each.tax_minor,
            )
            for each in sorted(refunds, key=lambda each: each.at_ms)
        ],
        figures=None,
        transfers=[],
    )


# The audit


def new_audit_id(now_ms: int) -> str:
    """Of two that begin at the same moment there is one."""
    return "aud_" + hashlib.sha256(f"audit:{now_ms}".encode()).hexdigest()[:32]


def problems(booked: Sequence[Booked], now_ms: int) -> list[str]:
    """What is wrong with the books of one order, whose transfers come in the order in which they were recorded."""
    found = []
    before: list[Transfer] = []
    for transfer, sides in booked:
        if sum(entry.debit_minor - entry.credit_minor for entry in sides):
            found.append(f"{transfer.transfer_id}: debits are not credits")
        if sorted(sides) != sorted(entries(transfer, before)):
            found.append(f"{transfer.transfer_id}: the entries do not follow from the fact")
        before.append(transfer)
    return found + [f"{booked[0].transfer.order_id}: {text}" for text in _complaints(before, now_ms)]


def _complaints(transfers: Sequence[Transfer], now_ms: int) -> list[str]:
    if len({each.currency for each in transfers}) > 1:
        return ["more than one currency"]

    def total(kind: Kind) -> int:
        return sum(each.total_minor for each in transfers if each.kind == kind)

    found = []
    sold, captured = total("sale"), total("capture")
    settled = now_ms - max(each.at_ms for each in transfers) >= UNPAID_MS
    if sold != captured and settled:
        found.append(f"sold for {sold}, captured {captured}")
    if total("refund") > captured and settled:
        found.append(f"captured {captured}, refunded {total('refund')}")
    if total("dispute_won") + total("dispute_lost") > total("dispute") and settled:
        found.append("a dispute has ended that never began")
    return found


def _of_amounts(kind: Kind, transfer_id: str, place: Place, amounts: Amounts, at_ms: int, fee_bps: int) -> Transfer:
    parts = msgspec.structs.asdict(amounts)
    return Transfer(transfer_id=transfer_id, kind=kind, **place._asdict(), **parts, fee_bps=fee_bps, at_ms=at_ms)


def _of_money(kind: Kind, transfer_id: str, place: Place, amount: Money, at_ms: int) -> Transfer:
    return Transfer(
        transfer_id=transfer_id,
        kind=kind,
        **place._asdict(),
        currency=amount.currency,
        total_minor=amount.amount_minor,
        at_ms=at_ms,
    )
