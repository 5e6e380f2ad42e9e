"""An authenticated client that sends nonsense: whatever it puts into its packets, the relay goes on and others see nothing."""

import struct
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from media.peer import Peer
from media.publisher import Publisher
from media.rtp import rtcp
from media.rtp.packets import RtpError, header_length
from media.subscriber import Subscriber
from media.transport.srtp import GcmOutbound
from schemas.media import PLACES_MAX
from tests.media import offers
from tests.media.clients import STREAM
from tests.media.conftest import Relay
from tests.media.hands import KEYS, SDP, HandPublisher, connect

ADDRESS = ("127.0.0.1", 9)

RTP = st.builds(
    lambda first, second, sequence, timestamp, ssrc, rest: (
        struct.pack("!BBHII", 0x80 | first, second, sequence, timestamp, ssrc) + rest
    ),
    st.integers(0, 63),
    st.sampled_from([96, 97, 111, 96 | 128, 5]),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.sampled_from([3001, 3002, 7, 8, 9]),
    st.binary(max_size=60),
)
RTCP = st.builds(
    lambda count, kind, body: bytes([0x80 | count, kind]) + struct.pack("!H", len(body) // 4) + body[: len(body) // 4 * 4],
    st.integers(0, 63),
    st.sampled_from([200, 201, 202, 203, 204, 205, 206]),
    st.binary(min_size=4, max_size=80),
)


def send_sealed(peer: Peer, sealer: GcmOutbound, now_ms: Callable[[], float]) -> Callable[[list[tuple[bool, bytes]]], None]:
    def send(packets: list[tuple[bool, bytes]]) -> None:
        for is_rtcp, data in packets:
            sealed = sealer.protect_rtcp(data) if is_rtcp else seal(sealer, data)
            peer.receive_media(sealed, ADDRESS, now_ms())

    return send


def seal(sealer: GcmOutbound, data: bytes) -> bytes:
    index = int.from_bytes(data[2:4], "big")
    try:
        length = header_length(data)
    except RtpError:
        length = len(data)
    return sealer.protect(index, data[:length], data[length:])


PACKETS = st.lists(st.tuples(st.just(False), RTP) | st.tuples(st.just(True), RTCP), max_size=30)


async def test_any_packets_of_an_authentic_publisher_are_forwarded_or_counted(relay: Relay) -> None:
    await relay.http.post(f"/whip/{STREAM}", content=offers.OBS, headers=SDP)
    (publisher,) = relay.node.sessions.values()
    assert isinstance(publisher, Publisher)
    connect(publisher, ADDRESS)
    send = send_sealed(publisher, GcmOutbound(KEYS.send_key, KEYS.send_salt), relay.clock.monotonic_ms)
    settings(max_examples=150, deadline=None)(given(PACKETS)(send))()
    publisher.tick(relay.clock.monotonic_ms())
    publisher.report(relay.clock.monotonic_ms())
    publisher.stream.flush()
    publisher.stream.report()
    assert relay.node.counters.dropped_malformed > 0
    rings = [len(layer.cache._ring) for track in publisher.stream.tracks for layer in track.layers]
    assert sorted(rings) == [512] * PLACES_MAX + [4096] * PLACES_MAX
    assert len(publisher._sources) <= 16


async def test_any_feedback_of_an_authentic_viewer_is_answered_or_counted(relay: Relay) -> None:
    await relay.http.post(f"/whip/{STREAM}", content=offers.OBS, headers=SDP)
    (publisher,) = relay.node.sessions.values()
    connect(publisher, ADDRESS)
    sealer = GcmOutbound(KEYS.send_key, KEYS.send_salt)
    for sequence in range(50):
        data = struct.pack("!BBHII", 0x80, 96, sequence, sequence // 5 * 3000, 3002) + b"\x65" + bytes(40)
        publisher.receive_media(seal(sealer, data), ADDRESS, relay.clock.monotonic_ms())
    reply = await relay.http.post(f"/whep/{STREAM}", content=offers.CHROMIUM_WHEP, headers=SDP)
    assert reply.status_code == 201
    viewer = next(session for session in relay.node.sessions.values() if isinstance(session, Subscriber))
    connect(viewer, ADDRESS)
    send = send_sealed(viewer, GcmOutbound(KEYS.send_key, KEYS.send_salt), relay.clock.monotonic_ms)
    settings(max_examples=150, deadline=None)(given(PACKETS | feedback(viewer))(send))()
    assert viewer.state == "connected"
    counters = relay.node.counters
    track = next(down.track for down in viewer.down_tracks if down.track.kind == "video")
    send([(True, rtcp.nack(1, track.ssrc, [track.layers[0].cache.highest]))] * 2)  # the second comes too soon
    assert counters.cache_hits > 0
    assert counters.cache_misses > 0
    assert counters.nacks_suppressed > 0
    assert counters.plis_in > 0
    assert counters.plis_sent <= 1


async def test_a_publisher_with_more_sources_than_one_report_holds_does_not_stop_the_reports(relay: Relay) -> None:
    lines = "".join(f"a=ssrc:{ssrc} cname:many\r\n" for ssrc in range(5000, 5040))
    publisher = await HandPublisher.start(relay, offers.OBS.rstrip("\r\n") + "\r\n" + lines)
    for ssrc in range(5000, 5040):
        publisher.send(ssrc, 1, b"\x65" + bytes(40))
    publisher.session.report(relay.clock.monotonic_ms())
    assert publisher.session.state == "connected"


def feedback(viewer: Subscriber) -> st.SearchStrategy[list[tuple[bool, bytes]]]:
    """Well-formed feedback about the tracks that the viewer really has."""
    ssrc = st.sampled_from([down.track.ssrc for down in viewer.down_tracks])
    highest = max(down.track.layers[0].cache.highest for down in viewer.down_tracks)
    lost = st.sets(st.integers(highest - 100, highest + 20), max_size=30)
    block = st.builds(rtcp.ReportBlock, ssrc, *[st.integers(0, 255)] * 2, *[st.integers(0, 0xFFFFFFFF)] * 4)
    messages = st.one_of(
        st.builds(rtcp.nack, st.just(1), ssrc, lost),
        st.builds(rtcp.pli, st.just(1), ssrc),
        st.builds(lambda one: rtcp.receiver_report(1, [one]), block),
        st.builds(rtcp.remb, st.just(1), st.integers(0, 1 << 40), st.lists(ssrc, max_size=3)),
    )
    return st.lists(st.tuples(st.just(True), messages), max_size=10)
