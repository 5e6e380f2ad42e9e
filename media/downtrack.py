"""A track on its way to one viewer: which layer flows, in which numbers, what was sent, and what the viewer reports."""

from collections import deque
from typing import Any, NamedTuple

from media.layer import Layer
from media.negotiation import Chosen
from media.rtp.layers import LayerChooser, LayerRate
from media.rtp.nack import RetransmissionLimit
from media.rtp.packets import HEADER, HEADER_LENGTH, MARKER, VERSION, Packet, extend
from media.rtp.rtcp import ReportBlock
from media.transport.pacer import Entry
from media.uptrack import UpTrack

_FLOWS_REMEMBERED = 4  # switches that a late NACK can still be followed through: they are seconds apart, repairs are not


class Flow(NamedTuple):
    """A layer in the numbers of a viewer, or of many: viewers with equal flows get equal plaintext.

    The offsets are added to the layer's own sequence numbers and timestamps; they are 0 until a viewer changes its layer.
    """

    track: UpTrack
    layer: Layer
    payload_type: int
    sequence_offset: int
    timestamp_offset: int

    def entry(self, packet: Packet) -> Entry:
        """The packet as every viewer with this flow gets it: keys differ between viewers, plaintext does not."""
        track, _, payload_type, sequence_offset, timestamp_offset = self
        sequence, timestamp, marker, payload, _ = packet
        sequence += sequence_offset
        first = MARKER | payload_type if marker else payload_type
        header = HEADER.pack(VERSION, first, sequence & 0xFFFF, (timestamp + timestamp_offset) & 0xFFFFFFFF, track.ssrc)
        return Entry(track.nonce_base | sequence, header, payload, HEADER_LENGTH + len(payload), track.slot)


class DownTrack:
    """`flow` is what the viewer gets now; `cursor` is the next packet of its replay, None at the live edge; `target` is
    the layer whose next key frame it waits for."""

    def __init__(self, track: UpTrack, chosen: Chosen, viewer: Any = None) -> None:
        assert chosen.codec is not None
        self.viewer = viewer
        """The subscriber that it belongs to."""
        self.track = track
        self.mid = chosen.media.mid
        self.payload_type = chosen.codec.payload_type
        self.rtx_payload_type = chosen.rtx.payload_type if chosen.rtx is not None else None
        self.flow: Flow | None = None
        self.cursor: int | None = None
        self.target: Layer | None = None
        self.wish: str | None = None
        """The rid that the viewer asked for; None leaves it to the relay."""
        self.chooser = LayerChooser()
        self.base = 0
        """A multiple of 65536: the number at which this viewer's roll-over counter is 0."""
        self.limit = RetransmissionLimit()
        self.fraction_lost = 0.0
        self.packets_lost = 0
        self.jitter = 0
        self.round_trip_ms: float | None = None
        self._last: tuple[int, int] | None = None
        """Number and timestamp of the last packet of the flow before."""
        self._first = 0
        self._flows: deque[tuple[int, Flow]] = deque(maxlen=_FLOWS_REMEMBERED)
        self._injected: Packet | None = None
        self._rtx_sequence = 0

    @property
    def replaying(self) -> bool:
        """Whether the replay has begun and is not at its end."""
        return self.cursor is not None

    @property
    def live(self) -> Flow | None:
        """What it takes of the fan-out."""
        return self.flow if self.cursor is None else None

    def begin(self, layer: Layer, sequence: int, timestamp: int) -> None:
        """Go on with this layer from this packet of it. Everything before must have been sent.

        The first time its own numbers are used: every viewer that starts with a layer shares them. Later numbers go on without a
        hole, and timestamps never go back.
        """
        self._leave()
        if self._last is None:
            # A receiver takes the roll-over counter of the first packet of a source for 0 (RFC 3711 §3.3.1): count from there.
            self._first, self.base = sequence, sequence & ~0xFFFF
            flow = Flow(self.track, layer, self.payload_type, 0, 0)
        else:
            last, last_timestamp = self._last
            skew = layer.skew_ticks
            if 0 < (last_timestamp + 1 - timestamp - skew) & 0xFFFFFFFF < 0x80000000:
                skew = (last_timestamp + 1 - timestamp) & 0xFFFFFFFF
            flow = Flow(self.track, layer, self.payload_type, last + 1 - sequence, skew)
        self._flows.append((sequence + flow.sequence_offset, flow))
        self.flow, self.target, self.cursor = flow, None, None

    def inject(self, payload: bytes, following: Packet) -> Entry:
        """A packet of ours in front of the first one of the flow, for example parameter sets; call right after `begin`."""
        assert self.flow is not None
        number, flow = self._flows.pop()
        if number == self._first and not self._flows:
            self._first = number - 1
            self.base = self._first & ~0xFFFF
        else:
            flow = flow._replace(sequence_offset=flow.sequence_offset + 1)
            number += 1
        self.flow = flow
        self._flows.append((number, flow))
        self._injected = Packet(number - 1, (following.timestamp + flow.timestamp_offset) & 0xFFFFFFFF, False, payload, 0.0)
        return self._unchanged().entry(self._injected)

    def stop(self) -> None:
        """Nothing more of this track until `begin`."""
        self._leave()
        self.cursor = self.target = None

    def _leave(self) -> None:
        if self.flow is not None:
            munger = self.flow.layer.munger
            self._last = (munger.highest + self.flow.sequence_offset, munger.timestamp + self.flow.timestamp_offset)
            self.flow = None

    def _unchanged(self) -> Flow:
        """Packets that are in the viewer's numbers already."""
        assert self.flow is not None
        return self.flow._replace(sequence_offset=0, timestamp_offset=0)

    def find(self, sequence16: int) -> Packet | None:
        """What the viewer got, or should have got, under a number that ends in these 16 bits; in the viewer's numbers."""
        if not self._flows:
            return None
        number = extend(sequence16, self._flows[-1][1].layer.munger.highest + self._flows[-1][1].sequence_offset)
        if number < self._first:
            return None
        if self._injected is not None and self._injected.sequence == number:
            return self._injected
        flow = next((flow for first, flow in reversed(self._flows) if number >= first), None)
        packet = flow.layer.cache.get(number - flow.sequence_offset) if flow is not None else None
        if flow is None or packet is None:
            return None
        timestamp = (packet.timestamp + flow.timestamp_offset) & 0xFFFFFFFF
        return Packet(number, timestamp, packet.marker, packet.payload, packet.arrived_ms)

    def retransmission(self, packet: Packet) -> tuple[int, bytes, bytes]:
        """Index, header and payload of a repair: RTX (RFC 4588 §4) when the viewer knows it, else the packet again.

        `packet` is in the viewer's numbers, as `find` gives it.
        """
        track = self.track
        marker = MARKER if packet.marker else 0
        if self.rtx_payload_type is None:
            header = HEADER.pack(VERSION, marker | self.payload_type, packet.sequence & 0xFFFF, packet.timestamp, track.ssrc)
            return packet.sequence - self.base, header, packet.payload
        index = self._rtx_sequence
        self._rtx_sequence = index + 1
        header = HEADER.pack(VERSION, marker | self.rtx_payload_type, index & 0xFFFF, packet.timestamp, track.rtx_ssrc)
        return index, header, (packet.sequence & 0xFFFF).to_bytes(2, "big") + packet.payload

    def choose_layer(self, budget_bps: int | None, now_ms: float) -> Layer:
        """The layer that this viewer should get now: the one that it wishes while it is sent, else by its link."""
        layers = self.track.ranked()
        if len(layers) == 1:
            return layers[0]
        rates = [LayerRate(max(1, layer.bitrate_bps) if layer.active(now_ms) else 0) for layer in layers]
        index = self.chooser.update(rates, budget_bps, self.fraction_lost, self.round_trip_ms, now_ms)
        wished = [layer for layer in layers if layer.rid == self.wish and layer.active(now_ms)]
        return wished[0] if wished else layers[index]

    def report(self, block: ReportBlock, ntp_middle: int) -> None:
        """The viewer's receiver report (RFC 3550 §6.4.1). `ntp_middle` is now, middle 32 bits of NTP time."""
        self.fraction_lost = block.fraction_lost / 256
        self.packets_lost = block.packets_lost
        self.jitter = block.jitter
        if block.last_report:
            round_trip = (ntp_middle - block.last_report - block.delay_since_last_report) & 0xFFFFFFFF
            if round_trip < 0x80000000:  # else the clocks ran backwards
                self.round_trip_ms = round_trip / 65.536
