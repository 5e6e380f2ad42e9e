"""Allowances: what a flood gets, what the others keep, and that nothing grows with the number of senders."""

from hypothesis import given
from hypothesis import strategies as st

from media.transport.limits import ByteBudget, CheckLimit, network_of


def test_an_address_has_its_allowance_each_second() -> None:
    limit = CheckLimit(per_address=10, in_all=1_000)
    assert sum(limit.allow("192.0.2.1", 5_000 + turn) for turn in range(100)) == 10
    assert sum(limit.allow("192.0.2.1", 6_000 + turn) for turn in range(100)) == 10


def test_all_strangers_together_have_a_limit() -> None:
    limit = CheckLimit(per_address=10, in_all=50)
    assert sum(limit.allow(f"10.0.{n >> 8}.{n & 255}", 0) for n in range(3_000)) == 50


def test_what_is_kept_does_not_grow() -> None:
    limit = CheckLimit(in_all=100_000)
    for number in range(20_000):
        limit.allow(f"2001:db8::{number:x}", 0)
    assert len(limit._counts) == 1024


def test_a_flood_from_one_address_leaves_nearly_all_others_alone() -> None:
    limit = CheckLimit(per_address=10, in_all=10_000)
    for _ in range(1_000):
        limit.allow("203.0.113.9", 0)
    assert sum(limit.allow(f"10.0.0.{n}", 0) for n in range(250)) >= 240  # a few share the flood's counter


def test_a_network_is_an_ipv4_address_or_a_64() -> None:
    assert network_of("192.0.2.1") == network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::") == "2001:db8:1:2::"
    assert network_of("2001:db8:1:3::4") != network_of("2001:db8:1:2::4")
    assert network_of("fe80::1%3") == "fe80::"


@given(st.lists(st.tuples(st.integers(1, 1500), st.floats(0, 50)), max_size=400))
def test_a_publisher_never_passes_more_than_its_rate_and_one_burst(packets: list[tuple[int, float]]) -> None:
    budget, now_ms, passed = ByteBudget(100_000, 0.0), 0.0, 0
    for size, pause_ms in packets:
        now_ms += pause_ms
        passed += size if budget.allow(size, now_ms) else 0
        assert passed <= 100_000 * 4 / 8 * (2 + now_ms / 1000) + 1e-3


def test_a_publisher_within_its_rate_loses_nothing_and_one_far_above_loses_the_excess() -> None:
    modest, greedy = ByteBudget(4_000_000, 0.0), ByteBudget(4_000_000, 0.0)
    assert all(modest.allow(1_200, turn * 1.0) for turn in range(20_000))  # 9.6 Mbit/s
    passed = sum(greedy.allow(1_200, turn * 0.1) for turn in range(200_000))  # 96 Mbit/s for 20 s
    assert 0.15 < passed / 200_000 < 0.2  # 16 Mbit/s, and the burst


def test_a_clock_that_steps_back_gives_nothing() -> None:
    budget = ByteBudget(8_000, 1_000.0)
    assert budget.allow(8_000, 1_000.0)
    assert not budget.allow(1, 0.0)
    assert not budget.allow(1, 1_000.0)
    assert budget.allow(4, 1_001.0)
