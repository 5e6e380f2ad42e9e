"""What a show comes to, for any facts in any order."""

import random
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from schemas.money import Money
from server.modules.recaps import rules
from server.modules.recaps.rules import MINUTE_MS, Fact, Minute, Show

START_MS = 1_700_000_030_000
KINDS = (
    "message",
    "question",
    "answered",
    "poll",
    "placed",
    "paid",
    "refunded",
    "unit",
    "pin",
    "unpin",
    "lot_sold",
    "lot_unsold",
)
SHOW = Show("shw_1", "acc_1", START_MS, START_MS + 10 * MINUTE_MS, START_MS, 0, 0)


def fact(kind: str, number: int, at_ms: int, sku: str, amount_minor: int) -> Fact:
    money = kind in ("paid", "refunded", "unit", "lot_sold")
    return Fact(kind, f"{number}", at_ms, sku, 1 + number % 3, "EUR" if money else "", amount_minor if money else 0)


FACTS = st.lists(
    st.builds(
        fact,
        st.sampled_from(KINDS),
        st.integers(0, 8),
        st.integers(START_MS, START_MS + 10 * MINUTE_MS),
        st.sampled_from(["CUP", "POT"]),
        st.integers(0, 10**7),
    ),
    max_size=40,
    unique_by=lambda each: (each.kind, each.fact_id),
)


def report(facts: list[Fact]) -> object:
    """Everything that is made of facts."""
    now_ms = START_MS + 20 * MINUTE_MS
    told = rules.minutes(SHOW, [], facts, now_ms)
    return (
        rules.figures(SHOW, [], facts, now_ms),
        told,
        rules.moments(facts, {}),
        rules.products(SHOW, facts, {}, now_ms),
        rules.lots(facts, {}),
        rules.highlights(told, facts, {}, now_ms),
    )


@given(FACTS, st.integers(0, 2**32))
def test_the_order_in_which_facts_are_heard_is_nothing_to_the_report(facts: list[Fact], seed: int) -> None:
    shuffled = list(facts)
    random.Random(seed).shuffle(shuffled)
    assert report(shuffled) == report(facts)


@given(FACTS)
def test_minutes_and_products_add_up_to_the_whole(facts: list[Fact]) -> None:
    figures = rules.figures(SHOW, [], facts, 0)
    told = rules.minutes(SHOW, [], facts, 0)
    assert len(told) == 11
    assert sum(each.messages for each in told) == figures.messages
    assert sum(each.orders for each in told) == figures.orders_paid
    assert sum(each.units for each in told) == figures.units
    assert minor(money for each in told for money in each.revenue) == minor(figures.revenue)
    products = rules.products(SHOW, facts, {}, 0)
    assert sum(each.units for each in products) == figures.units
    assert all(each.units_after_pin <= each.units and 0 <= each.pinned_ms <= 10 * MINUTE_MS for each in products)


def minor(amounts: Iterable[Money]) -> int:
    return sum(money.amount_minor for money in amounts)


@given(st.lists(st.tuples(st.integers(1, 12_000), st.integers(0, 50), st.integers(0, 20)), min_size=1, max_size=60))
def test_what_is_counted_is_every_moment_once(rounds: list[tuple[int, int, int]]) -> None:
    show, watch_ms, hearts, now_ms = SHOW._replace(ended_at_ms=None), 0, 0, START_MS
    audience: dict[int, Minute] = {}
    for pause_ms, viewers, tapped in rounds:
        now_ms, hearts, watch_ms = now_ms + pause_ms, hearts + tapped, watch_ms + pause_ms * viewers
        show, added = rules.sample(show, viewers, viewers, hearts, now_ms)
        for each in added:
            known = audience.get(each.at_ms, Minute(each.at_ms, 0, 0, 0, 0))
            sums = [getattr(known, name) + getattr(each, name) for name in ("viewer_ms", "sampled_ms")]
            peak = max(known.viewers_peak, each.viewers_peak)
            audience[each.at_ms] = Minute(each.at_ms, sums[0], sums[1], peak, known.reactions + each.reactions)
    figures = rules.figures(show, list(audience.values()), [], now_ms)
    assert figures.watch_ms == watch_ms
    assert figures.reactions == hearts
    assert figures.viewers_peak == max(viewers for _, viewers, _ in rounds)
    assert sum(each.sampled_ms for each in audience.values()) == now_ms - START_MS
    assert all(each.sampled_ms <= MINUTE_MS for each in audience.values())


def test_while_nobody_counted_nothing_is_invented() -> None:
    later_ms = START_MS + rules.GAP_MS_MAX + 1
    after, (here,) = rules.sample(SHOW._replace(ended_at_ms=None), 9, 9, 0, later_ms)
    assert (here.viewer_ms, here.sampled_ms, here.viewers_peak, after.sampled_at_ms) == (0, 0, 9, later_ms)


def test_totals_that_were_lost_begin_again() -> None:
    show = SHOW._replace(ended_at_ms=None, reactions=100, viewers_unique=40)
    after, (minute,) = rules.sample(show, 1, 3, 7, START_MS)
    assert (minute.reactions, after.reactions, after.viewers_unique) == (7, 7, 40)


def test_what_is_counted_late_ends_with_the_show() -> None:
    show = SHOW._replace(ended_at_ms=START_MS + 1_000)
    _, added = rules.sample(show, 5, 5, 0, START_MS + 9_000)
    assert sum(each.viewer_ms for each in added) == 5_000


def test_a_product_that_is_pinned_twice_and_left_there_is_pinned_until_the_end() -> None:
    facts = [
        Fact("pin", "a", START_MS, "CUP"),
        Fact("pin", "b", START_MS + 1_000, "CUP"),
        Fact("unpin", "c", START_MS + 2_000, "CUP"),
        Fact("pin", "d", START_MS + 5_000, "CUP"),
    ]
    assert [each[1:] for each in rules.pinned(facts, START_MS + 9_000)] == [
        (START_MS, START_MS + 2_000),
        (START_MS + 5_000, START_MS + 9_000),
    ]


def test_units_count_for_a_pin_for_five_minutes() -> None:
    sold = [Fact("unit", str(n), START_MS + n * MINUTE_MS, "CUP", 1, "EUR", 100) for n in (0, 2, 4, 5)]
    (product,) = rules.products(SHOW, [Fact("pin", "a", START_MS, "CUP"), *sold], {}, 0)
    assert (product.units, product.units_after_pin) == (4, 3)


def test_a_show_that_was_left_on_for_days_has_a_day_of_minutes() -> None:
    assert len(rules.minutes(SHOW._replace(ended_at_ms=START_MS + 10**9), [], [], 0)) == rules.MINUTES_MAX
