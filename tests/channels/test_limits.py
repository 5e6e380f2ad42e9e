"""Buckets let through what they promise, whatever the clock does."""

from hypothesis import given
from hypothesis import strategies as st

from server.channels.limits import KeyedBuckets, TokenBucket


@given(
    per_s=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    steps=st.lists(st.integers(-1_000, 5_000), min_size=1, max_size=100),
)
def test_never_more_than_burst_plus_rate(per_s: float, burst: int, steps: list[int]) -> None:
    bucket, now_ms, forward_ms, passed = TokenBucket(per_s, burst, 0), 0, 0, 0
    for step in steps:
        now_ms += step
        forward_ms += max(0, step)
        passed += bucket.take(now_ms) == 0
    assert passed <= burst + per_s * forward_ms / 1000 + 1e-6


@given(per_s=st.floats(0.1, 100), burst=st.integers(1, 50))
def test_after_the_time_it_names_there_is_a_token(per_s: float, burst: int) -> None:
    bucket = TokenBucket(per_s, burst, 0)
    assert [bucket.take(0) for _ in range(burst)] == [0] * burst
    wait_ms = bucket.take(0)
    assert wait_ms > 0
    assert bucket.take(wait_ms) == 0


def test_keys_do_not_share_a_budget_and_their_number_is_bounded() -> None:
    buckets = KeyedBuckets(keys_max=3)
    assert buckets.take(("a", "talk"), 1, 1, 0) == 0
    assert buckets.take(("a", "talk"), 1, 1, 0) > 0
    assert buckets.take(("b", "talk"), 1, 1, 0) == 0
    for number in range(10):
        buckets.take((str(number), "talk"), 1, 1, 0)
    assert len(buckets) == 3
