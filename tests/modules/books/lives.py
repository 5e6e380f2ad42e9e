"""Lives of orders: sold, captured, refunded in parts, disputed; with coupons, shipping, taxes and fees of every size."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from schemas.money import Amounts, Money
from server.modules.books import rules
from server.modules.books.rules import Booked, Place, Transfer

PLACE = Place("ord_" + "1" * 32, "shw_" + "1" * 32, "acc_" + "a" * 32)
CURRENCY = "EUR"


def money(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency=CURRENCY)


def amounts(subtotal: int, discount: int = 0, shipping: int = 0, tax: int = 0) -> Amounts:
    return Amounts(
        currency=CURRENCY,
        subtotal_minor=subtotal,
        discount_minor=discount,
        shipping_minor=shipping,
        tax_minor=tax,
        total_minor=subtotal - discount + shipping,
    )


@dataclass
class Life:
    """Facts of one order, in the order in which they happened."""

    sold: Amounts
    facts: list[Transfer] = field(default_factory=list)
    refunded: list[Amounts] = field(default_factory=list)
    fees: int = 0
    lost: int = 0
    open: int = 0


@st.composite
def lives(draw: st.DrawFn, *, full_refund: bool = False, disputes: bool = True) -> Life:
    """Any life that orders and payments allow; `full_refund`: in the end everything has gone back, in parts."""
    subtotal = draw(st.integers(0, 10**9))
    discount = draw(st.integers(0, subtotal))
    shipping = draw(st.integers(0, 10**6))
    tax = draw(st.integers(0, subtotal - discount + shipping))
    life = Life(amounts(subtotal, discount, shipping, tax))
    life.fees = draw(st.integers(0, life.sold.total_minor))
    bps = draw(st.integers(0, rules.BPS))
    life.facts = [
        rules.sale(PLACE, life.sold, bps, 2),
        rules.capture(PLACE, "pay_1", money(life.sold.total_minor), money(life.fees), 1),
    ]
    cuts = draw(st.integers(1 if full_refund else 0, 4))
    left = [subtotal - discount, discount, shipping, tax]
    for number in range(cuts):
        rest = full_refund and number == cuts - 1
        part = list(left) if rest else [draw(st.integers(0, each)) for each in left]
        left = [have - gone for have, gone in zip(left, part, strict=True)]
        life.refunded.append(amounts(part[0] + part[1], *part[1:]))
        life.facts.append(rules.refund(PLACE, f"rfd_{number}", life.refunded[-1], 10 + number))
    for number in range(draw(st.integers(0, 2)) if disputes else 0):
        amount = draw(st.integers(0, life.sold.total_minor))
        life.facts.append(rules.dispute(PLACE, f"dsp_{number}", money(amount), 20 + number))
        ended = draw(st.sampled_from(["open", "won", "lost"]))
        if ended != "open":
            life.facts.append(rules.dispute_closed(PLACE, f"dsp_{number}", money(amount), ended == "won", 30 + number))
        life.lost += amount if ended == "lost" else 0
        life.open += amount if ended == "open" else 0
    return life


def book(facts: list[Transfer]) -> list[Booked]:
    """As the database would have them, recorded in this order."""
    booked: list[Booked] = []
    for fact in facts:
        booked.append(Booked(fact, rules.entries(fact, [each.transfer for each in booked])))
    return booked


def balances(booked: list[Booked]) -> dict[str, int]:
    """Credits less debits by account."""
    found: dict[str, int] = {}
    for _, entries in booked:
        for entry in entries:
            found[entry.account] = found.get(entry.account, 0) + entry.credit_minor - entry.debit_minor
    return {account: minor for account, minor in found.items() if minor}
