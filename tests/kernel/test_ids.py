"""Identifiers are UUIDs of version 7 (RFC 9562 §5.7)."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.kernel.ids import new_id, uuid7_hex
from tests.fakes.clock import FakeClock

TIMES = st.integers(0, 2**48 - 1)
BITS = st.integers(0, 2**74 - 1)


@given(TIMES, BITS)
def test_the_digits_are_a_uuid_of_version_7_that_carries_its_time(unix_ms: int, bits: int) -> None:
    uuid = UUID(uuid7_hex(unix_ms, bits))
    assert (uuid.version, uuid.variant) == (7, "specified in RFC 4122")
    assert uuid.int >> 80 == unix_ms


@given(TIMES, TIMES, BITS, BITS)
def test_a_later_id_sorts_later(first_ms: int, second_ms: int, first_bits: int, second_bits: int) -> None:
    first, second = uuid7_hex(first_ms, first_bits), uuid7_hex(second_ms, second_bits)
    assert (first < second) == ((first_ms, first_bits) < (second_ms, second_bits))


def test_two_ids_of_one_moment_differ(clock: FakeClock) -> None:
    ids = {new_id("ord", clock) for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(each.startswith("ord_") and len(each) == 36 for each in ids)
