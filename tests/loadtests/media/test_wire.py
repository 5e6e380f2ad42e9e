"""What the load tests' clients write is read by implementations that are not ours."""

import aioice.stun
import pytest
from aiortc.rtp import RTCP_PSFB_PLI, RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket, unpack_remb_fci
from hypothesis import given
from hypothesis import strategies as st

from loadtests.media import wire

JANUS_OFFER = """v=0
o=- 1795601831939156 1 IN IP4 127.0.0.1
a=fingerprint:sha-256 96:6E:40
a=ice-lite
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=ice-ufrag:L9OQ
a=ice-pwd:91SC1n19z0w9Mr
a=ssrc:3352246296 cname:janus
a=candidate:1 1 udp 2015363327 192.0.2.2 46896 typ host
a=candidate:3 1 udp 2015363839 fe80::fc:ff:fe00:1 54940 typ host
m=video 9 UDP/TLS/RTP/SAVPF 96 97
a=ice-ufrag:L9OQ
a=ssrc-group:FID 313546420 3306652625
a=ssrc:313546420 cname:janus
"""


def test_a_check_is_a_binding_request_of_a_controlling_agent() -> None:
    message = aioice.stun.parse_message(wire.check("them:us", "their password"))
    assert message.check_message_integrity(b"their password")
    assert message.message_class is aioice.stun.Class.REQUEST
    assert message.attributes["USERNAME"] == "them:us"
    assert {"PRIORITY", "ICE-CONTROLLING", "USE-CANDIDATE"} <= set(message.attributes)


def test_a_full_agent_gets_its_address_in_the_answer_to_its_check() -> None:
    request = wire.check("us:them", "our password")
    assert wire.is_check(request)
    answer = wire.check_answer(request, ("127.0.0.1", 40_000), "our password")
    message = aioice.stun.parse_message(answer)
    assert message.check_message_integrity(b"our password")
    assert message.message_class is aioice.stun.Class.RESPONSE
    assert message.transaction_id == request[8:20]
    assert message.attributes["XOR-MAPPED-ADDRESS"] == ("127.0.0.1", 40_000)
    assert not wire.is_check(answer)


@given(st.integers(1, 2**32 - 1), st.integers(10_000, 2**31))
def test_a_viewers_report_has_its_sources_and_its_bitrate(ssrc: int, bitrate_bps: int) -> None:
    report, remb = RtcpPacket.parse(wire.receiver_report(ssrc, [(7, 65_535), (8, 1)], bitrate_bps))
    assert isinstance(report, RtcpRrPacket)
    assert report.ssrc == ssrc
    assert [(block.ssrc, block.highest_sequence) for block in report.reports] == [(7, 65_535), (8, 1)]
    assert isinstance(remb, RtcpPsfbPacket)
    read_bps, sources = unpack_remb_fci(remb.fci)
    assert sources == [7, 8]
    assert bitrate_bps * (1 - 2**-17) <= read_bps <= bitrate_bps


def test_a_hosts_report_names_a_moment() -> None:
    (report,) = RtcpPacket.parse(wire.sender_report(9, 1.5, 2**32 + 90, 3, 300))
    assert isinstance(report, RtcpSrPacket)
    assert report.sender_info.ntp_timestamp == (2_208_988_801 << 32) + (1 << 31)
    assert report.sender_info.rtp_timestamp == 90


@given(st.lists(st.integers(-5, 70_000), min_size=1, max_size=100, unique_by=lambda number: number & 0xFFFF))
def test_a_nack_names_the_packets(numbers: list[int]) -> None:
    (packet,) = RtcpPacket.parse(wire.nack(1, 2, numbers))
    assert isinstance(packet, RtcpRtpfbPacket)
    assert packet.lost == [number & 0xFFFF for number in numbers]


def test_a_nack_with_a_full_mask_names_seventeen() -> None:
    (packet,) = RtcpPacket.parse(wire.nack(1, 2, [65_530], mask=0xFFFF))
    assert isinstance(packet, RtcpRtpfbPacket)
    assert [number & 0xFFFF for number in packet.lost] == [number & 0xFFFF for number in range(65_530, 65_547)]


def test_key_frame_requests_are_counted_and_other_feedback_is_not() -> None:
    fir = bytes([0x84, 206, 0, 4]) + bytes(16)
    compound = wire.receiver_report(1, [(2, 3)], 100_000) + wire.pli(1, 2) + fir + wire.nack(1, 2, [3])
    assert wire.keyframe_requests(compound) == 2
    (pli,) = RtcpPacket.parse(wire.pli(1, 2))
    assert isinstance(pli, RtcpPsfbPacket)
    assert pli.fmt == RTCP_PSFB_PLI


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_counting(data: bytes) -> None:
    assert wire.keyframe_requests(data) >= 0


def test_an_offer_is_read_by_its_first_udp_candidate_of_ipv4() -> None:
    remote = wire.read(JANUS_OFFER)
    assert (remote.ufrag, remote.password, remote.host, remote.port) == ("L9OQ", "91SC1n19z0w9Mr", "192.0.2.2", 46896)
    assert remote.fingerprint == ("sha-256", "96:6E:40")
    assert remote.sources == {"audio": wire.Source(3352246296, 0), "video": wire.Source(313546420, 3306652625)}


def test_a_description_without_a_candidate_is_refused() -> None:
    with pytest.raises(ValueError, match="candidate"):
        wire.read(JANUS_OFFER.replace("a=candidate", "a=x-candidate"))
