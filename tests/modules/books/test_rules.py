"""The arithmetic of the books: whatever happens to an order, money is neither made nor lost."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.money import Money
from server.modules.books import rules
from server.modules.books.rules import Booked, Entry
from tests.modules.books.lives import PLACE, Life, amounts, balances, book, lives, money

DISCOUNTED = amounts(10_000, 1_000, 500, 1_500)


@given(lives())
def test_every_transfer_balances_and_every_entry_has_one_side(life: Life) -> None:
    for transfer, entries in book(life.facts):
        assert sum(entry.debit_minor for entry in entries) == sum(entry.credit_minor for entry in entries), transfer
        assert all((entry.debit_minor > 0) != (entry.credit_minor > 0) for entry in entries)
        assert len({entry.account for entry in entries}) == len(entries)


@given(lives())
def test_the_buyer_s_receipt_less_refunds_is_what_the_seller_s_statement_says(life: Life) -> None:
    booked = book(life.facts)
    receipt, figures = rules.receipt(booked), rules.figures_of(booked)
    back = sum(each.total_minor for each in life.refunded)
    assert (receipt.total_minor, receipt.refunded_minor) == (life.sold.total_minor, back)
    assert receipt.paid_minor == receipt.total_minor
    assert receipt.total_minor - receipt.refunded_minor == (
        figures.net_minor
        + figures.tax_minor
        + figures.platform_fee_minor
        + figures.provider_fee_minor
        + figures.disputed_minor
        + figures.lost_minor
    )
    assert figures.gross_minor - figures.discount_minor + figures.shipping_minor == figures.total_minor
    assert (figures.provider_fee_minor, figures.disputed_minor, figures.lost_minor) == (life.fees, life.open, life.lost)
    assert figures.tax_minor == life.sold.tax_minor - sum(each.tax_minor for each in life.refunded)


@given(lives())
def test_money_is_conserved(life: Life) -> None:
    found = balances(book(life.facts))
    cash = life.sold.total_minor - life.fees - sum(each.total_minor for each in life.refunded) - life.open - life.lost
    assert -found.get("psp_clearing", 0) == cash
    assert "buyer_receivable" not in found
    assert sum(found.values()) == 0


@given(lives(full_refund=True, disputes=False))
def test_a_full_refund_in_parts_undoes_every_account_but_the_fee_that_the_provider_keeps(life: Life) -> None:
    kept = {"psp_clearing": life.fees, "psp_fees": -life.fees} if life.fees else {}
    assert balances(book(life.facts)) == kept


@given(lives(), st.integers(0, 2**32))
def test_the_order_in_which_facts_come_changes_no_balance_and_breaks_no_transfer(life: Life, seed: int) -> None:
    shuffled = list(life.facts)
    random.Random(seed).shuffle(shuffled)
    booked = book(shuffled)
    assert balances(booked) == balances(book(life.facts))
    assert rules.figures_of(booked) == rules.figures_of(book(life.facts))
    assert rules.problems(booked, now_ms=10**12) == []


@given(lives(), st.integers(1, 40))
def test_periods_add_up(life: Life, cut: int) -> None:
    booked = book(life.facts)
    early = [each for each in booked if each.transfer.at_ms < cut]
    late = [each for each in booked if each.transfer.at_ms >= cut]
    parts = [rules.figures_of(each) for each in (early, late) if each]
    whole = rules.figures_of(booked)
    for name in whole.__struct_fields__[1:]:
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name), name


def test_a_sale_is_divided_as_the_statement_says() -> None:
    (booked,) = book([rules.sale(PLACE, DISCOUNTED, 1_000, 1)])
    assert sorted(booked.entries) == sorted(
        [
            Entry("buyer_receivable", 9_500, 0),
            Entry("coupon_subsidy", 1_000, 0),
            Entry("shipping", 0, 500),
            Entry("tax_payable", 0, 1_500),
            Entry("platform_fee", 0, 900),
            Entry("seller_payable", 0, 7_600),
        ]
    )
    assert rules.figures_of([booked]).net_minor == 9_500 - 1_500 - 900


@pytest.mark.parametrize(
    ("goods", "bps", "due"), [(0, 500, 0), (99, 500, 5), (90, 500, 5), (89, 500, 4), (1, 5_000, 1), (1, 4_999, 0), (7, 10_000, 7)]
)
def test_the_platform_s_share_is_rounded_half_up(goods: int, bps: int, due: int) -> None:
    assert rules.share_due([rules.sale(PLACE, amounts(goods), bps, 1)], "EUR") == due


def test_three_refunds_of_a_third_give_back_what_one_of_all_would() -> None:
    facts = [rules.sale(PLACE, amounts(100), 250, 1)]
    facts += [rules.refund(PLACE, f"rfd_{number}", amounts(part), 2) for number, part in enumerate((33, 33, 34))]
    shares = [sum(e.credit_minor - e.debit_minor for e in each.entries if e.account == "platform_fee") for each in book(facts)]
    assert shares == [3, -1, -1, -1]


def test_a_fee_in_another_currency_is_left_out() -> None:
    fee = Money(amount_minor=5, currency="USD")
    assert rules.capture(PLACE, "pay_1", money(100), fee, 1).fee_minor == 0


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ([rules.sale(PLACE, amounts(100), 0, 1)], "sold for 100, captured 0"),
        ([rules.capture(PLACE, "pay_1", money(100), None, 1)], "sold for 0, captured 100"),
        (
            [
                rules.sale(PLACE, amounts(100), 0, 1),
                rules.capture(PLACE, "pay_1", money(100), None, 1),
                rules.refund(PLACE, "rfd_1", amounts(100), 2),
                rules.refund(PLACE, "rfd_2", amounts(1), 2),
            ],
            "captured 100, refunded 101",
        ),
        (
            [
                rules.sale(PLACE, amounts(0), 0, 1),
                rules.dispute_closed(PLACE, "dsp_1", money(7), True, 2),
            ],
            "a dispute has ended that never began",
        ),
    ],
)
def test_the_audit_says_what_does_not_add_up_once_the_news_must_have_come(facts: list[rules.Transfer], complaint: str) -> None:
    booked = book(facts)
    assert rules.problems(booked, rules.UNPAID_MS - 1) == []
    assert rules.problems(booked, rules.UNPAID_MS + 2) == [f"{PLACE.order_id}: {complaint}"]


def test_the_audit_sees_entries_that_were_changed() -> None:
    booked = book([rules.sale(PLACE, DISCOUNTED, 1_000, 1), rules.capture(PLACE, "pay_1", money(9_500), None, 1)])
    first = booked[0]
    moved = [entry._replace(account="shipping") if entry.account == "seller_payable" else entry for entry in first.entries]
    assert rules.problems([Booked(first.transfer, moved), booked[1]], 2) == [
        "sale:" + PLACE.order_id + ": the entries do not follow from the fact"
    ]
    assert rules.problems([Booked(first.transfer, first.entries[:-1]), booked[1]], 2)[0].endswith("debits are not credits")
