"""Receiver statistics and the bitrate that follows from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.bandwidth import UplinkEstimate
from media.rtp.reception import Reception
from media.rtp.rtcp import SenderReport


@given(st.integers(0x10000, 1 << 40), st.sets(st.integers(1, 99), max_size=90))
def test_what_did_not_come_is_lost(base: int, lost: set[int]) -> None:
    reception = Reception(1, 90_000)
    for offset in range(101):
        if offset not in lost:
            reception.receive(base + offset, offset * 3000, offset * 1000 / 30)
    block = reception.report(4000)
    assert block.packets_lost == len(lost)
    assert block.highest_sequence == (base + 100) & 0xFFFFFFFF
    assert block.fraction_lost == int(len(lost) / 101 * 256)
    assert reception.report(5000).fraction_lost == 0


def test_packets_at_an_even_pace_have_no_jitter() -> None:
    reception = Reception(1, 90_000)
    for number in range(50):
        reception.receive(number, number * 3000, number * 3000 / 90)
    assert reception.report(2000).jitter == 0


def test_uneven_arrival_is_jitter() -> None:
    reception = Reception(1, 90_000)
    for number in range(200):
        reception.receive(number, number * 3000, number * 3000 / 90 + (10 if number % 2 else 0))
    assert reception.report(8000).jitter == pytest.approx(900, rel=0.1)


def test_the_last_sender_report_and_its_age_are_told() -> None:
    reception = Reception(1, 90_000)
    reception.receive(1, 0, 0)
    reception.sender_report(SenderReport(1, 0x0123456789ABCDEF, 0, 0, 0), 1000)
    block = reception.report(1500)
    assert block.last_report == 0x456789AB
    assert block.delay_since_last_report == 32768


@given(st.lists(st.floats(0, 1), max_size=50))
def test_the_estimate_stays_between_floor_and_ceiling(losses: list[float]) -> None:
    estimate = UplinkEstimate(2_000_000)
    for loss in losses:
        assert 150_000 <= estimate.update(loss) <= 2_000_000


def test_loss_lowers_the_estimate_and_its_end_raises_it() -> None:
    estimate = UplinkEstimate(2_000_000)
    low = estimate.update(0.4)
    assert low == 1_600_000
    assert estimate.update(0.05) == low
    assert estimate.update(0.0) > low
