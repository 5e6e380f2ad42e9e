"""What goes into the pipe comes out of it, and nothing else is taken for a message."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.cascade import wire
from media.rtp.packets import Packet
from schemas.media import PLACES_MAX, StagePlace

packet = st.builds(
    Packet,
    sequence=st.integers(0, 2**63),
    timestamp=st.integers(0, 2**32 - 1),
    marker=st.booleans(),
    payload=st.binary(min_size=1, max_size=1500),
    arrived_ms=st.just(0.0),
)
address = st.tuples(st.integers(0, 2 * PLACES_MAX - 1), st.integers(0, 3))
entries = st.lists(st.tuples(address, packet), min_size=1, max_size=wire.PACKETS_MAX)
place = st.builds(
    StagePlace,
    place=st.integers(0, PLACES_MAX - 1),
    participant_id=st.text(max_size=40),
    on_stage=st.booleans(),
    muted=st.sampled_from([(), ("audio",), ("audio", "video")]),
    publishing=st.booleans(),
)
track = st.builds(
    wire.TrackDescription,
    key=st.integers(0, 2 * PLACES_MAX - 1),
    codec_name=st.sampled_from(["H264", "VP8", "OPUS"]),
    profile_level_id=st.text(max_size=6),
    stereo=st.booleans(),
    offered=st.booleans(),
    rids=st.lists(st.text(max_size=16), max_size=4).map(tuple),
)
counts = st.integers(0, 2**32)
to_edge = st.one_of(
    st.builds(wire.Description, places=st.lists(place, max_size=4).map(tuple), tracks=st.lists(track, max_size=8).map(tuple)),
    st.builds(
        wire.Clocks,
        now_ms=st.floats(0, 1e12),
        timestamps=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(0, 2**32 - 1)), max_size=9).map(tuple),
    ),
    st.builds(wire.Elsewhere, count=counts),
    st.builds(wire.Removed, participant_id=st.text(max_size=40)),
)
to_origin = st.one_of(
    st.builds(wire.Subscribe, version=counts, stream_id=st.text(max_size=40), node_id=st.text(max_size=40)),
    st.builds(wire.KeyframeWanted, track=counts, layer=counts),
    st.builds(wire.Viewers, count=counts),
)


def joined(batch: list[tuple[wire.Address, Packet]]) -> bytes:
    return b"".join(wire.packets(batch, {at: at for at, _ in batch}))


@given(entries)
def test_packets_come_out_as_they_went_in(batch: list[tuple[wire.Address, Packet]]) -> None:
    read = wire.decode_to_edge(memoryview(joined(batch)))
    assert read == [wire.PipedPacket(at, p.sequence, p.timestamp, p.marker, p.payload) for at, p in batch]


@given(to_edge)
def test_what_an_origin_says_is_understood(message: wire.ToEdge) -> None:
    assert wire.decode_to_edge(memoryview(wire.encode(message))) == message


@given(to_origin)
def test_what_an_edge_says_is_understood(message: wire.ToOrigin) -> None:
    assert wire.decode_to_origin(wire.encode(message)) == message


@given(entries, st.data())
def test_a_message_that_is_cut_off_or_too_long_is_refused(batch: list[tuple[wire.Address, Packet]], data: st.DataObject) -> None:
    whole = joined(batch)
    with pytest.raises(wire.WireError):
        wire.decode_to_edge(memoryview(whole[: data.draw(st.integers(0, len(whole) - 1))]))
    with pytest.raises(wire.WireError):
        wire.decode_to_edge(memoryview(whole + b"\0"))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused_and_raise_nothing_else(data: bytes) -> None:
    for decode in (lambda: wire.decode_to_edge(memoryview(data)), lambda: wire.decode_to_origin(data)):
        with contextlib.suppress(wire.WireError):
            decode()


@given(st.integers(0, PLACES_MAX - 1), st.sampled_from(["audio", "video"]))
def test_a_track_is_named_by_its_place_and_kind(place: int, kind: str) -> None:
    assert wire.track_of(wire.track_key(place, kind)) == (place, kind)


@pytest.mark.parametrize("key", [-1, 2 * PLACES_MAX])
def test_a_track_of_no_place_is_refused(key: int) -> None:
    with pytest.raises(wire.WireError):
        wire.track_of(key)
