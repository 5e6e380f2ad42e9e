"""Token buckets and whom an address stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.auth.limits import Rate, TokenBuckets, address_key


def test_a_burst_passes_then_the_rate_decides() -> None:
    buckets = TokenBuckets(Rate(per_s=2, burst=3))
    assert [buckets.take("a", 0) for _ in range(4)] == [0, 0, 0, 500]
    assert buckets.take("a", 499) > 0
    assert buckets.take("a", 500) == 0
    assert buckets.take("b", 500) == 0


@given(st.lists(st.integers(0, 5_000), max_size=200))
def test_never_more_pass_than_burst_plus_rate_times_time(steps: list[int]) -> None:
    buckets, now_ms, passed = TokenBuckets(Rate(per_s=2, burst=3)), 0, 0
    for step in steps:
        now_ms += step
        passed += buckets.take("a", now_ms) == 0
        assert passed <= 3 + 2 * now_ms / 1000


@given(st.integers(0, 10_000))
def test_who_waits_as_told_passes(start_ms: int) -> None:
    buckets = TokenBuckets(Rate(per_s=0.3, burst=1))
    assert buckets.take("a", start_ms) == 0
    wait_ms = buckets.take("a", start_ms)
    assert buckets.take("a", start_ms + wait_ms) == 0


def test_a_clock_that_goes_back_gives_no_tokens() -> None:
    buckets = TokenBuckets(Rate(per_s=1, burst=1))
    assert buckets.take("a", 10_000) == 0
    assert buckets.take("a", 0) > 0


def test_made_up_keys_do_not_fill_the_memory() -> None:
    buckets = TokenBuckets(Rate(per_s=1, burst=1), keys_max=10)
    for number in range(1_000):
        buckets.take(str(number), 0)
    assert len(buckets) == 10


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_address_stands_for_one_customer(address: str, key: str) -> None:
    assert address_key(address) == key
