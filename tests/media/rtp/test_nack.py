"""Asking for lost packets, and answering those who ask."""

from hypothesis import given
from hypothesis import strategies as st

from media.rtp.nack import FIRST_DELAY_MS, MISSING_MAX, RETRY_MS, TRIES_MAX, GapDetector, RetransmissionLimit, pack_sequences


def unpack(pairs: list[tuple[int, int]]) -> set[int]:
    return {(first + bit) & 0xFFFF for first, mask in pairs for bit in range(17) if bit == 0 or mask >> (bit - 1) & 1}


@given(st.integers(0, 1 << 40), st.sets(st.integers(0, 300), max_size=50))
def test_packed_numbers_unpack_to_the_same(base: int, offsets: set[int]) -> None:
    sequences = {base + offset for offset in offsets}
    assert unpack(pack_sequences(sequences)) == {sequence & 0xFFFF for sequence in sequences}


@given(st.sets(st.integers(1, 100), max_size=60))
def test_exactly_the_missing_numbers_are_asked_for(lost: set[int]) -> None:
    gaps = GapDetector()
    for sequence in range(102):
        if sequence not in lost:
            gaps.receive(sequence, 0)
    assert gaps.due(FIRST_DELAY_MS - 1) == []
    assert set(gaps.due(FIRST_DELAY_MS)) == lost


def test_a_lost_packet_is_asked_for_until_it_comes() -> None:
    gaps = GapDetector()
    assert not gaps.receive(1, 0)
    assert gaps.receive(3, 0), "whoever asks must not wait for its next tick"
    assert gaps.due(10) == [2]
    assert gaps.due(11) == []
    assert gaps.due(10 + RETRY_MS) == [2]
    assert [gaps.missing, gaps.receive(2, 80), gaps.missing] == [True, False, False]
    assert gaps.due(1000) == []


def test_asking_ends_after_some_tries() -> None:
    gaps = GapDetector()
    gaps.receive(1, 0)
    gaps.receive(3, 0)
    asked = [gaps.due(10 + RETRY_MS * turn) for turn in range(TRIES_MAX + 5)]
    assert asked == [[2]] * TRIES_MAX + [[]] * 5


def test_a_very_long_gap_is_not_asked_for() -> None:
    gaps = GapDetector()
    gaps.receive(1, 0)
    gaps.receive(MISSING_MAX + 3, 0)
    assert gaps.due(1000) == []
    assert gaps.take_overflow() is True
    assert gaps.take_overflow() is False


def test_the_same_packet_is_not_sent_twice_at_once() -> None:
    limit = RetransmissionLimit()
    assert limit.allow(7, 0.0)
    assert not limit.allow(7, 39.0)
    assert limit.allow(7, 41.0)


@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 5)), max_size=400))
def test_a_flood_gets_no_more_than_the_rate(requests: list[tuple[int, float]]) -> None:
    limit = RetransmissionLimit(rate_per_s=100.0, burst=10.0)
    now_ms = 0.0
    sent = 0
    for sequence, pause_ms in requests:
        now_ms += pause_ms
        sent += limit.allow(sequence, now_ms)
    assert sent <= 10 + now_ms / 10 + 1
