"""Retransmissions and reports of one viewer's track."""

from itertools import pairwise

import pytest
from aiortc.rtp import RtpPacket, unwrap_rtx
from hypothesis import given
from hypothesis import strategies as st

from media.downtrack import DownTrack
from media.layer import Layer
from media.negotiation import Chosen
from media.rtp.packets import HEADER, Packet
from media.rtp.rtcp import ReportBlock
from media.sdp import Codec, Media
from media.transport.pacer import Entry
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


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("packets"), st.integers(0, 1), st.integers(1, 5)),
        st.tuples(st.just("begin"), st.integers(0, 1), st.booleans()),
        st.tuples(st.just("stop"), st.just(0), st.just(0)),
    ),
    max_size=30,
)


class Switching:
    """A viewer between two layers of one camera; notes what was sent to it."""

    def __init__(self, apart: int) -> None:
        self.down = down_track(rtx=True)
        self.layers = [Layer("video", "H264", 90_000, str(rid), 65_500 + 700 * rid) for rid in range(2)]
        self.sent: list[tuple[int, int, bytes]] = []
        self._apart = apart
        self._clock = 0
        self._counts = [0, 0]
        for rid, layer in enumerate(self.layers):
            layer.munger.switch(0x10000, apart * rid, 1)

    def write(self, rid: int) -> Packet:
        self._clock += 300
        stamp = (self._apart * rid + self._clock) & 0xFFFFFFFF
        payload = b"\x41" + bytes([rid, self._counts[rid]])
        packet, _ = self.layers[rid].write(0x10000 + self._counts[rid], stamp, False, payload, 0.0)
        self._counts[rid] += 1
        assert packet is not None
        return packet

    def packets(self, rid: int, count: int) -> None:
        for _ in range(count):
            packet = self.write(rid)
            if self.flows(rid):
                assert self.down.flow is not None
                self.note(self.down.flow.entry(packet))

    def begin(self, rid: int, inject: int) -> None:
        if self.flows(rid):
            return
        first = self.write(rid)
        self.down.begin(self.layers[rid], first.sequence, first.timestamp)
        if inject:
            self.note(self.down.inject(OURS, first))
        assert self.down.flow is not None
        self.note(self.down.flow.entry(first))

    def stop(self, _rid: int, _count: int) -> None:
        self.down.stop()

    def flows(self, rid: int) -> bool:
        return self.down.flow is not None and self.down.flow.layer is self.layers[rid]

    def note(self, entry: Entry) -> None:
        stamp = HEADER.unpack(entry.header)[3]
        self.sent.append((entry.nonce & 0xFFFFFFFFFFFF, stamp, entry.payload))


OURS = b"parameter sets"


@given(STEPS, st.integers(0, 3 * 90_000))
def test_whatever_a_viewer_changes_its_numbers_have_no_hole_and_time_goes_on(
    steps: list[tuple[str, int, int]], apart: int
) -> None:
    run = Switching(apart)
    for verb, rid, number in steps:
        getattr(run, verb)(rid, number)
    if not run.sent:
        return
    numbers = [number for number, _, _ in run.sent]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert all((after[1] - before[1]) & 0xFFFFFFFF < 0x80000000 for before, after in pairwise(run.sent))
    assert run.down.find(numbers[0] - 1 & 0xFFFF) is None
    assert run.down.base <= numbers[0] < run.down.base + 0x10000


@given(STEPS, st.integers(0, 3 * 90_000))
def test_every_packet_can_be_repaired_as_it_was_sent(steps: list[tuple[str, int, int]], apart: int) -> None:
    run = Switching(apart)
    changes = 0
    for verb, rid, number in steps:
        changes += verb == "begin"
        if changes > 4:  # older flows are forgotten
            break
        getattr(run, verb)(rid, number)
    for number, stamp, payload in run.sent:
        found = run.down.find(number & 0xFFFF)
        if payload == OURS and (found is None or found.payload != OURS):
            continue  # of ours the last one is kept
        assert found is not None
        assert (found.sequence, found.timestamp, found.payload) == (number, stamp, payload)


def test_the_round_trip_is_now_less_the_report_and_the_delay_at_the_viewer() -> None:
    down = down_track(rtx=True)
    sent, held, now = 0x00050000, 0x00008000, 0x00058CCD  # held for 0.5 s, heard 0.55 s after it was sent
    down.report(ReportBlock(11, 64, 5, 0, 90, sent, held), now)
    assert down.round_trip_ms == pytest.approx(50, abs=0.1)
    assert (down.fraction_lost, down.packets_lost, down.jitter) == (0.25, 5, 90)
    down.report(ReportBlock(11, 0, 5, 0, 90, now, held), sent)
    assert down.round_trip_ms == pytest.approx(50, abs=0.1)
