"""RTCP: what is written is read back, by us and by aiortc; any bytes give messages or an RtcpError."""

import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSdesPacket, RtcpSrPacket, unpack_remb_fci
from hypothesis import given
from hypothesis import strategies as st

from media.rtp import rtcp
from media.rtp.rtcp import Bye, KeyframeRequest, Nack, ReceiverReport, Remb, ReportBlock, RtcpError, SenderReport

SSRC = st.integers(1, 0xFFFFFFFF)
WORD = st.integers(0, 0xFFFFFFFF)
NAMES = st.text("abcdef-", min_size=1, max_size=20)
BLOCK = st.builds(
    ReportBlock,
    ssrc=SSRC,
    fraction_lost=st.integers(0, 255),
    packets_lost=st.integers(-0x800000, 0x7FFFFF),
    highest_sequence=WORD,
    jitter=WORD,
    last_report=WORD,
    delay_since_last_report=WORD,
)


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda body: b"\x81\xcd\x00\x0f" + body))
def test_any_bytes_give_messages_or_an_rtcp_error(data: bytes) -> None:
    try:
        messages = rtcp.parse(data)
    except RtcpError:
        return
    assert len(messages) <= len(data)


@given(SSRC, st.lists(BLOCK, max_size=31))
def test_a_receiver_report_is_read_back(ssrc: int, blocks: list[ReportBlock]) -> None:
    data = rtcp.receiver_report(ssrc, blocks)
    assert rtcp.parse(data) == [ReceiverReport(ssrc, tuple(blocks))]
    (theirs,) = RtcpPacket.parse(data)
    assert isinstance(theirs, RtcpRrPacket)
    assert [(b.ssrc, b.packets_lost, b.lsr, b.dlsr) for b in theirs.reports] == [
        (b.ssrc, b.packets_lost, b.last_report, b.delay_since_last_report) for b in blocks
    ]


@given(SSRC, st.integers(0, (1 << 64) - 1), WORD, WORD, WORD, NAMES)
def test_a_sender_report_with_its_name_is_read_back(
    ssrc: int, ntp: int, timestamp: int, packets: int, octets: int, cname: str
) -> None:
    report = SenderReport(ssrc, ntp, timestamp, packets, octets)
    data = rtcp.sender_report(report) + rtcp.source_description([ssrc], cname)
    assert rtcp.parse(data) == [report]
    theirs = RtcpPacket.parse(data)
    assert isinstance(theirs[0], RtcpSrPacket)
    assert isinstance(theirs[1], RtcpSdesPacket)
    assert theirs[0].sender_info.ntp_timestamp == ntp
    assert [dict(chunk.items) for chunk in theirs[1].chunks] == [{1: cname.encode()}]


@given(SSRC, SSRC, st.integers(0, 1 << 40), st.sets(st.integers(0, 200), min_size=1, max_size=40))
def test_a_nack_is_read_back(sender: int, media: int, base: int, offsets: set[int]) -> None:
    wanted = {base + offset for offset in offsets}
    data = rtcp.nack(sender, media, wanted)
    (message,) = rtcp.parse(data)
    assert isinstance(message, Nack)
    assert message.media_ssrc == media
    assert set(message.sequences) == {sequence & 0xFFFF for sequence in wanted}
    (theirs,) = RtcpPacket.parse(data)
    assert isinstance(theirs, RtcpRtpfbPacket)
    assert set(theirs.lost) == set(message.sequences)


@given(SSRC, st.integers(0, 1 << 32), st.lists(SSRC, max_size=5))
def test_remb_keeps_18_bits_of_the_rate(sender: int, bitrate_bps: int, ssrcs: list[int]) -> None:
    data = rtcp.remb(sender, bitrate_bps, ssrcs)
    (message,) = rtcp.parse(data)
    assert isinstance(message, Remb)
    assert message.ssrcs == tuple(ssrcs)
    assert bitrate_bps * (1 - 2**-17) <= message.bitrate_bps <= bitrate_bps
    (theirs,) = RtcpPacket.parse(data)
    assert isinstance(theirs, RtcpPsfbPacket)
    assert unpack_remb_fci(theirs.fci) == (message.bitrate_bps, ssrcs)


def test_key_frame_requests_and_bye_are_read_back() -> None:
    assert rtcp.parse(rtcp.pli(1, 2)) == [KeyframeRequest(2)]
    assert rtcp.parse(rtcp.fir(1, 2, 300)) == [KeyframeRequest(2)]
    assert rtcp.parse(rtcp.bye([5, 6])) == [Bye((5, 6))]
    (theirs,) = RtcpPacket.parse(rtcp.pli(1, 2))
    assert isinstance(theirs, RtcpPsfbPacket)
    assert theirs.media_ssrc == 2


def test_a_compound_packet_with_padding_and_unknown_types_is_read() -> None:
    padded = b"\xa0\xc9\x00\x02" + bytes(4) + b"\x00\x00\x00\x04"
    unknown = b"\x80\xcc\x00\x01" + bytes(4)
    assert rtcp.parse(unknown + padded + rtcp.pli(1, 2)) == [ReceiverReport(0), KeyframeRequest(2)]


@pytest.mark.parametrize("data", [b"\x80", b"\x40\xc9\x00\x00", b"\x80\xc8\x00\x01" + bytes(4), b"\x80\xcb\x00\x05"])
def test_what_is_cut_off_is_an_error(data: bytes) -> None:
    with pytest.raises(RtcpError):
        rtcp.parse(data)


def test_aiortc_reads_the_name_of_two_sources() -> None:
    (theirs,) = RtcpPacket.parse(rtcp.source_description([5, 7], "efir"))
    assert isinstance(theirs, RtcpSdesPacket)
    assert [(chunk.ssrc, dict(chunk.items)) for chunk in theirs.chunks] == [(5, {1: b"efir"}), (7, {1: b"efir"})]


def test_rtcp_and_rtp_are_told_apart() -> None:
    assert rtcp.is_rtcp(rtcp.pli(1, 2))
    assert not rtcp.is_rtcp(b"\x80\x60")
    assert not rtcp.is_rtcp(b"\x80\xe0")


@pytest.mark.parametrize(("sources", "packets"), [(0, 1), (31, 1), (32, 2), (300, 10)])
def test_any_number_of_sources_is_reported_on(sources: int, packets: int) -> None:
    blocks = [ReportBlock(ssrc, 1, 2, 3, 4, 5, 6) for ssrc in range(sources)]
    messages = rtcp.parse(rtcp.receiver_report(9, blocks))
    assert len(messages) == packets
    assert [block for message in messages if isinstance(message, ReceiverReport) for block in message.blocks] == blocks
    (message,) = rtcp.parse(rtcp.remb(9, 1000, range(sources)))
    assert message == Remb(1000, tuple(range(min(255, sources))))
