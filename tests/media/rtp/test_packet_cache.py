"""The ring of packets."""

from hypothesis import given
from hypothesis import strategies as st

from media.rtp.packet_cache import PacketCache
from media.rtp.packets import Packet


def packet(sequence: int) -> Packet:
    return Packet(sequence, 0, False, b"%d" % sequence, 0.0)


@given(st.integers(0, 1 << 40), st.lists(st.integers(0, 40), max_size=60))
def test_it_holds_exactly_the_newest_packet_of_every_place(base: int, offsets: list[int]) -> None:
    cache = PacketCache(16)
    places: dict[int, int] = {}
    for offset in offsets:
        sequence = base + offset
        expected = places.get(sequence % 16, -1) < sequence
        assert cache.add(packet(sequence)) is expected
        places[sequence % 16] = max(sequence, places.get(sequence % 16, -1))
    assert cache.highest == max((base + offset for offset in offsets), default=-1)
    for offset in range(41):
        kept = places.get((base + offset) % 16) == base + offset
        found = cache.get(base + offset)
        assert (found is not None) is kept
        assert found is None or found.sequence == base + offset


def test_a_nack_finds_its_packet_across_the_wrap() -> None:
    cache = PacketCache(64)
    for sequence in range(0x1FFF0, 0x20010):
        cache.add(packet(sequence))
    assert cache.find(0xFFF5) == packet(0x1FFF5)
    assert cache.find(0x0003) == packet(0x20003)
    assert cache.find(0x8000) is None


def test_an_empty_cache_finds_nothing() -> None:
    assert PacketCache(8).find(0) is None
