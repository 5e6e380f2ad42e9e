"""Retransmissions and reports of one viewer's track."""

import pytest
from aiortc.rtp import RtpPacket, unwrap_rtx
from hypothesis import given
from hypothesis import strategies as st

from media.downtrack import DownTrack
from media.negotiation import Chosen
from media.rtp.packets import Packet
from media.rtp.rtcp import ReportBlock
from media.sdp import Codec, Media
from media.uptrack import UpTrack


def down_track(*, rtx: bool) -> DownTrack:
    track = UpTrack(slot=0, place=0, kind="video", codec_name="H264", clock_rate=90_000, ssrc=11, rtx_ssrc=12, first_sequence=1)
    media = Media(kind="video", port=9, protocol="UDP/TLS/RTP/SAVPF", payload_types=[96, 97])
    return DownTrack(track, Chosen(media, Codec(96, "H264", 90_000), Codec(97, "rtx", 90_000) if rtx else None))


PACKETS = st.builds(
    Packet, st.integers(0, 1 << 40), st.integers(0, 0xFFFFFFFF), st.booleans(), st.binary(min_size=1), st.just(0.0)
)


@given(st.lists(PACKETS, min_size=1, max_size=5))
def test_an_rtx_packet_holds_the_original_as_aiortc_unwraps_it(packets: list[Packet]) -> None:
    down = down_track(rtx=True)
    for number, packet in enumerate(packets):
        index, header, payload = down.retransmission(packet)
        sent = RtpPacket.parse(header + payload)
        assert (index, sent.sequence_number, sent.ssrc, sent.payload_type) == (number, number, 12, 97)
        original = unwrap_rtx(sent, payload_type=96, ssrc=11)
        assert original.payload == packet.payload
        assert original.sequence_number == packet.sequence & 0xFFFF
        assert (original.timestamp, bool(original.marker)) == (packet.timestamp, packet.marker)


@given(PACKETS)
def test_a_viewer_without_rtx_gets_the_same_packet_again(packet: Packet) -> None:
    down = down_track(rtx=False)
    down.begin(down.track.layers[0], packet.sequence, packet.timestamp)
    assert down.flow is not None
    index, header, payload = down.retransmission(packet)
    live = down.flow.entry(packet)
    assert (index, header, payload) == (packet.sequence - down.base, live.header, packet.payload)
    assert live.nonce == 11 << 48 | packet.sequence


def test_the_round_trip_is_now_less_the_report_and_the_delay_at_the_viewer() -> None:
    down = down_track(rtx=True)
    sent, held, now = 0x00050000, 0x00008000, 0x00058CCD  # held for 0.5 s, heard 0.55 s after it was sent
    down.report(ReportBlock(11, 64, 5, 0, 90, sent, held), now)
    assert down.round_trip_ms == pytest.approx(50, abs=0.1)
    assert (down.fraction_lost, down.packets_lost, down.jitter) == (0.25, 5, 90)
    down.report(ReportBlock(11, 0, 5, 0, 90, now, held), sent)
    assert down.round_trip_ms == pytest.approx(50, abs=0.1)
