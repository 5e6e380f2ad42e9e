"""The outgoing sequence has no holes of our making, whatever the publishers do."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from media.rtp.munger import Munger

SOURCES = st.lists(
    st.tuples(st.integers(0x10000, 1 << 40), st.integers(0, 0xFFFFFFFF), st.lists(st.booleans(), min_size=1, max_size=30)),
    min_size=1,
    max_size=5,
)


@given(SOURCES)
def test_numbers_go_on_without_holes_through_publishers_and_padding(sources: list[tuple[int, int, list[bool]]]) -> None:
    munger = Munger(1000, 1000)
    out: list[int] = []
    stamps: list[int] = []
    for first, timestamp, kinds in sources:
        munger.switch(first, timestamp, 900)
        for position, has_content in enumerate(kinds):
            if has_content:
                mapped = munger.map(first + position, timestamp + 10 * position & 0xFFFFFFFF)
                assert mapped is not None
                out.append(mapped[0])
                stamps.append(mapped[1])
            else:
                munger.skip(first + position)
    assert out == list(range(1000, 1000 + len(out)))
    steps = [(after - before) & 0xFFFFFFFF for before, after in pairwise(stamps)]
    assert all(0 < step < 2000 for step in steps)


@given(st.permutations(list(range(12))), st.sets(st.integers(1, 11)))
def test_reordered_packets_never_share_a_number(order: list[int], padding: set[int]) -> None:
    munger = Munger(5, 0)
    munger.switch(100, 0, 1)
    given_out: dict[int, int] = {}
    for position in order:
        if position in padding:
            munger.skip(100 + position)
        elif (mapped := munger.map(100 + position, 0)) is not None:
            given_out[position] = mapped[0]
    assert len(set(given_out.values())) == len(given_out)
    in_order = [given_out[position] for position in sorted(given_out)]
    assert in_order == sorted(in_order)


def test_a_packet_from_before_the_switch_is_refused() -> None:
    munger = Munger(5, 0)
    munger.switch(100, 0, 1)
    assert munger.map(100, 0) == (5, 1)
    assert munger.map(99, 0) is None


def test_the_timestamp_of_a_new_publisher_continues_by_the_time_that_passed() -> None:
    munger = Munger(5, 70)
    munger.switch(100, 5_000, 3_000)
    assert munger.map(100, 5_000) == (5, 3_070)
    munger.switch(9_000, 0xFFFFFFF0, 90_000)
    assert munger.map(9_000, 0xFFFFFFF0) == (6, 93_070)
    assert munger.map(9_001, 0x10) == (7, 93_102)
