"""Feedback about arrivals: vectors worked out by hand from the draft, and every arrival reported once, whatever the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp import rtcp, twcc
from media.rtp.twcc import ArrivalLog, TwccError

HEAD = bytes.fromhex("00000001 00000002")
CLOCK_MS = 64 * (1 << 24)


def log(arrivals: list[tuple[int, float]]) -> ArrivalLog:
    made = ArrivalLog()
    for number, at_ms in arrivals:
        made.receive(number, at_ms)
    return made


def packet(words: int, rest: str) -> bytes:
    return bytes([0x8F, 205, 0, words]) + HEAD + bytes.fromhex(rest)


@pytest.mark.parametrize(
    ("arrivals", "expected"),
    [
        # base, count, reference time in 64 ms, feedback count; run of 3 small; 10 ms after the reference, 1 ms, 0.25 ms
        ([(5, 138), (6, 139), (7, 139.25)], packet(6, "0005 0003 000002 00 2003 28 04 01 000000")),
        # small, lost, large (64 ms = 0x0100): two-bit vector 01 00 10 and four unused places
        ([(9, 64), (11, 128)], packet(6, "0009 0003 000001 00 d200 00 0100 000000")),
        # reordered: 3 came 1 ms after 4, whose delta is negative, -4 = 0xfffc: two-bit vector 01 01 10
        ([(2, 64), (4, 65), (3, 66)], packet(6, "0002 0003 000001 00 d600 00 08 fffc 0000")),
        # small, lost, small as one-bit vector 101…
        ([(0xFFFF, 0), (1, 1)], packet(5, "ffff 0003 000000 00 a800 00 04")),
        # a hole of 20 is a run: vector of 14, and the rest of 7 zeros and a one as a vector again
        ([(0, 0), (21, 0)], packet(6, "0000 0016 000000 00 a000 8040 00 00 0000")),
    ],
)
def test_packets_are_as_the_draft_says(arrivals: list[tuple[int, float]], expected: bytes) -> None:
    (made,) = log(arrivals).feedback(1, 2)
    assert made.hex(" ", 4) == (expected + bytes(-len(expected) % 4)).hex(" ", 4)


def test_feedback_of_a_browser_with_announced_padding_is_read() -> None:
    data = bytes.fromhex("afcd0006 00000001 00000002 00050003 00000207 20032804 01000003")
    assert twcc.parse(data) == (1, 2, 5, 3, 7, ((5, 138.0), (6, 139.0), (7, 139.25)))


@pytest.mark.parametrize(
    "data",
    [
        "8fcd0004 00000001 00000002 00050003 00000207",  # no chunks
        "8fcd0005 00000001 00000002 00050003 00000207 20032804",  # a delta is missing
        "8fcd0005 00000001 00000002 00050001 00000207 60010000",  # the reserved symbol
        "8fcd0006 00000001 00000002 00050001 00000207 20010000",  # shorter than its length
        "afcd0005 00000001 00000002 00050001 00000207 20010009",  # more padding than packet
        "8ecd0005 00000001 00000002 00050001 00000207 20010000",  # another format
        "8fcd0001 00000001",
    ],
)
def test_what_is_cut_off_or_reserved_is_an_error(data: str) -> None:
    with pytest.raises(TwccError):
        twcc.parse(bytes.fromhex(data))


def test_a_number_that_came_twice_is_reported_once_with_its_first_arrival() -> None:
    arrivals = log([(7, 10), (7, 20)])
    (first,) = arrivals.feedback(1, 2)
    assert twcc.parse(first).arrivals == ((7, 10.0),)
    arrivals.receive(7, 30)
    assert arrivals.feedback(1, 2) == []


def test_the_next_feedback_goes_on_where_the_last_ended_and_reports_what_is_missing_between() -> None:
    arrivals = log([(7, 10)])
    arrivals.feedback(1, 2)
    arrivals.receive(10, 20)
    (second,) = arrivals.feedback(1, 2)
    feedback = twcc.parse(second)
    assert (feedback.base, feedback.covered, feedback.feedback_count) == (8, 3, 1)
    assert feedback.arrivals == ((10, 20.0),)


def test_a_late_arrival_does_not_call_the_packets_after_it_lost() -> None:
    arrivals = log([(7, 10), (9, 11)])
    arrivals.feedback(1, 2)
    arrivals.receive(8, 20)
    arrivals.receive(10, 21)
    late, fresh = (twcc.parse(data) for data in arrivals.feedback(1, 2))
    assert (late.base, late.covered, late.arrivals) == (8, 1, ((8, 20.0),))
    assert (fresh.base, fresh.covered, fresh.arrivals) == (10, 1, ((10, 21.0),))


@pytest.mark.parametrize("jump", [twcc.LATE_MAX + 2, 0x8000, 0x10000 - twcc.LATE_MAX - 1])
def test_a_long_gap_is_a_fresh_base_and_not_thousands_of_losses(jump: int) -> None:
    arrivals = log([(7, 10), (7 + jump & 0xFFFF, 11)])
    first, second = (twcc.parse(data) for data in arrivals.feedback(1, 2))
    assert (first.base, first.covered) == (7, 1)
    assert (second.base, second.covered) == (7 + jump & 0xFFFF, 1)


def test_a_pause_longer_than_a_delta_can_say_is_a_new_reference_time() -> None:
    first, second = (twcc.parse(data) for data in log([(7, 10), (9, 9000)]).feedback(1, 2))
    assert first.arrivals == ((7, 10.0),)
    assert (second.base, second.covered, second.arrivals) == (8, 2, ((9, 9000.0),))


def test_a_flood_is_bounded_and_what_was_not_noted_counts_as_lost() -> None:
    arrivals = log([(number, number / 100) for number in range(twcc.PENDING_MAX + 10)])
    assert arrivals.overflowed == 10
    reported = [twcc.parse(data) for data in arrivals.feedback(1, 2)]
    assert sum(len(feedback.arrivals) for feedback in reported) == twcc.PENDING_MAX
    arrivals.receive(twcc.PENDING_MAX + 10, 100)
    (following,) = (twcc.parse(data) for data in arrivals.feedback(1, 2))
    assert (following.base, following.covered, len(following.arrivals)) == (twcc.PENDING_MAX, 11, 1)


def test_feedback_passes_for_rtcp_that_the_reader_skips() -> None:
    (data,) = log([(1, 1)]).feedback(1, 2)
    assert rtcp.is_rtcp(data)
    assert rtcp.parse(data + rtcp.pli(1, 2)) == rtcp.parse(rtcp.pli(1, 2))


MOVES = st.tuples(
    st.sampled_from([1, 1, 1, 1, 2, 3, -1, -2, 30, -40, 900, 5000]),  # to the next number
    st.sampled_from([0.0, 0.1, 1.0, 3.3, 63.9, 100.0, 9000.0, -20.0]),  # to the next arrival
    st.booleans(),  # a feedback follows
)


@given(st.integers(0, 0xFFFF), st.floats(100_000, 2 * CLOCK_MS), st.lists(MOVES, max_size=300))
def test_every_packet_is_reported_exactly_once_with_its_arrival(
    first: int, start_ms: float, moves: list[tuple[int, float, bool]]
) -> None:
    arrivals = ArrivalLog()
    number, at_ms = first, start_ms
    sent: dict[int, float] = {}
    packets: list[bytes] = []
    for step, pause_ms, flush in moves:
        number, at_ms = number + step, at_ms + pause_ms
        if number & 0xFFFF not in sent:
            sent[number & 0xFFFF] = at_ms
            arrivals.receive(number & 0xFFFF, at_ms)
        if flush:
            packets += arrivals.feedback(1, 2)
    packets += arrivals.feedback(1, 2)
    read = [twcc.parse(data) for data in packets]
    assert all(len(data) <= 1200 and len(data) % 4 == 0 for data in packets)
    assert [feedback.feedback_count for feedback in read] == [index & 0xFF for index in range(len(read))]
    found = [arrival for feedback in read for arrival in feedback.arrivals]
    assert len(found) == len(sent)
    assert {sequence for sequence, _ in found} == set(sent)
    assert all(0 <= (sent[sequence] - reported_ms + 1) % CLOCK_MS - 1 < 0.25 for sequence, reported_ms in found)
    for feedback in read:
        covered = {(feedback.base + index) & 0xFFFF for index in range(feedback.covered)}
        assert {sequence for sequence, _ in feedback.arrivals} <= covered


@given(
    st.binary(max_size=80) | st.binary(max_size=60).map(lambda rest: b"\x8f\xcd" + bytes([0, 2 + len(rest) // 4]) + HEAD + rest)
)
def test_reading_any_bytes_ends_in_feedback_or_an_error_and_costs_no_more_than_their_size(data: bytes) -> None:
    try:
        feedback = twcc.parse(data)
    except TwccError:
        return
    assert len(feedback.arrivals) <= len(data)
