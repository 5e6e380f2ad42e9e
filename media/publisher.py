"""A host's or a guest's session (WHIP): takes packets apart by layer, asks for lost ones and for key frames, reports back."""

from media.layer import Layer
from media.negotiation import Chosen
from media.peer import Peer, Transport
from media.rtp import rtcp
from media.rtp.bandwidth import UplinkEstimate
from media.rtp.nack import GapDetector
from media.rtp.packets import HEADER, MARKER, RtpError, extend, extension, without_padding
from media.rtp.reception import Reception
from media.rtp.rtcp import Bye, Message, SenderReport
from media.rtp.twcc import FEEDBACK_MS, ArrivalLog
from media.sdp import MID_EXTENSION, REPAIRED_RID_EXTENSION, RID_EXTENSION, TWCC_EXTENSION
from media.stage import Place
from media.stream import Stream
from media.transport.dtls import Role
from media.transport.limits import ByteBudget
from media.uptrack import UpTrack
from schemas.media import HOST

SILENT_MS = 2_000.0
"""A publisher without packets for so long may be replaced by another: the same host after a reload of the page."""

_SOURCES_MAX = 16


class Source:
    """One incoming SSRC: extends its numbers, counts it, finds its gaps, feeds its layer."""

    __slots__ = ("_highest", "gaps", "layer", "reception", "ssrc", "track")

    def __init__(self, ssrc: int, track: UpTrack, layer: Layer) -> None:
        self.ssrc = ssrc
        self.track = track
        self.layer = layer
        self.gaps = GapDetector()
        self.reception = Reception(ssrc, track.clock_rate)
        self._highest: int | None = None

    def extended(self, sequence: int) -> int:
        """64-bit number of a packet. The first lies one turn up, so that a reordered earlier one is not negative."""
        highest = self._highest
        if highest is None:
            self._highest = sequence + 0x10000
            return self._highest
        number = extend(sequence, highest)
        if number > highest:
            self._highest = number
        return number


class _Line:
    """An m-line of the offer: its codec's payload types, its track and layers."""

    def __init__(self, chosen: Chosen, track: UpTrack) -> None:
        assert chosen.codec is not None
        media, feedback = chosen.media, chosen.codec.feedback
        self.track = track
        self.layers = track.use_rids(media.rids)
        self.by_rid = {layer.rid.encode(): layer for layer in self.layers}
        self.simulcast = bool(media.rids)
        self.codec_type = chosen.codec.payload_type
        self.rtx_type = chosen.rtx.payload_type if chosen.rtx is not None else None
        self.mid = media.mid.encode()
        self.mid_extension = media.extensions.get(MID_EXTENSION)
        self.rid_extension = media.extensions.get(RID_EXTENSION)
        self.repaired_extension = media.extensions.get(REPAIRED_RID_EXTENSION)
        self.twcc_extension = media.extensions.get(TWCC_EXTENSION) if "transport-cc" in feedback else None
        self.wants_fir = "nack pli" not in feedback and "ccm fir" in feedback


class Publisher(Peer):
    """The host of a stream, or a guest."""

    def __init__(
        self,
        transport: Transport,
        stream: Stream,
        place: Place,
        chosen: list[Chosen],
        role: Role,
        client_address: str,
        ceiling_bps: int,
        participant_id: str = HOST,
    ) -> None:
        super().__init__(transport, chosen, role, client_address)
        self.stream = stream
        self.participant_id = participant_id
        self.packet_ms = self.created_ms
        """When the last packet came."""
        self.estimate = UplinkEstimate(ceiling_bps)
        self.bitrate_bps = 0
        self.fraction_lost = 0.0
        self._budget = ByteBudget(ceiling_bps, self.created_ms)
        self._ssrc = stream.new_ssrc()  # names us in our reports
        self._lines = [_Line(item, stream.track_for(place, item)) for item in chosen]
        self._twcc_extension = next((line.twcc_extension for line in self._lines if line.twcc_extension is not None), None)
        self._arrivals = ArrivalLog()
        self._fed_back_ms = self.created_ms
        named = [(ssrc, line) for item, line in zip(chosen, self._lines, strict=True) for ssrc in item.media.ssrcs]
        self._line_by_ssrc = dict(named[:_SOURCES_MAX])
        self._layer_by_ssrc: dict[int, Layer] = {}
        self._sources: dict[int, Source] = {}
        self._octets = 0
        self._fir_number = 0
        self._clock_offset_ms: float | None = None

    def silent(self, now_ms: float, limit_ms: float = SILENT_MS) -> bool:
        """Whether no packet came for `limit_ms`."""
        return now_ms - self.packet_ms > limit_ms

    @property
    def pressing(self) -> bool:
        """Whether a packet or a key frame is being asked for."""
        return any(source.gaps.missing or source.layer.keyframes.wanted for source in self._sources.values())

    def on_rtp(self, header: bytes, payload: bytes, now_ms: float) -> None:
        """About 15 µs per packet in all; nothing here is done per viewer."""
        _, second, sequence, timestamp, ssrc = HEADER.unpack_from(header)
        payload_type = second & 0x7F
        if self._twcc_extension is not None and (number := extension(header, self._twcc_extension)) is not None:
            self._arrivals.receive(int.from_bytes(number, "big"), now_ms)
        line = self._line_by_ssrc.get(ssrc) or self._identify(header, ssrc, payload_type)
        counters = self.transport.counters
        if not self._budget.allow(len(payload), now_ms):
            counters.dropped_rate_limited += 1
            return
        try:
            payload = without_padding(header, payload)
        except RtpError:
            counters.dropped_malformed += 1
            return
        if line is None or payload_type not in (line.codec_type, line.rtx_type):
            counters.dropped_unknown_source += 1
            return
        layer = self._layer_by_ssrc.get(ssrc) or self._layer_of(line, header, ssrc, payload_type)
        if layer is None:
            counters.dropped_unknown_source += 1
        elif payload_type == line.codec_type:
            self._octets += len(payload)
            source = self._sources.get(ssrc) or self._new_source(ssrc, line.track, layer)
            if source is not None:
                self._receive(source, sequence, timestamp, second & MARKER != 0, payload, now_ms)
        elif len(payload) > 2:
            self._receive_rtx(layer, timestamp, second & MARKER != 0, payload, now_ms)

    def on_rtcp(self, messages: list[Message], now_ms: float) -> None:
        """Sender reports give us the sender's clock; a BYE frees the layer for another source at once."""
        for message in messages:
            if isinstance(message, SenderReport):
                source = self._sources.get(message.ssrc)
                if source is not None:
                    source.reception.sender_report(message, now_ms)
                    if self._clock_offset_ms is None:
                        self._clock_offset_ms = now_ms - ntp_to_ms(message.ntp)
            elif isinstance(message, Bye):
                for ssrc in message.ssrcs:
                    ended = self._sources.pop(ssrc, None)
                    if ended is not None:
                        ended.layer.detach(ended)

    def on_closed(self) -> None:
        """The stream ends with its host, unless another has taken over."""
        for source in self._sources.values():
            source.layer.detach(source)
        self.stream.publisher_closed(self)

    def clock_of(self, layer: Layer) -> tuple[float, int] | None:
        """A moment of our monotonic clock and the incoming timestamp that belongs to it, by the sender's reports."""
        source = layer.source
        if not isinstance(source, Source) or source.reception.mapping is None or self._clock_offset_ms is None:
            return None
        mapping = source.reception.mapping
        return ntp_to_ms(mapping.ntp) + self._clock_offset_ms, mapping.timestamp

    def tick(self, now_ms: float) -> None:
        """Every 20 to 50 ms: ask for what is missing, and say what arrived."""
        counters = self.transport.counters
        for source in self._sources.values():
            layer = source.layer
            lost = source.gaps.due(now_ms)
            if lost and layer.needs_key:
                counters.nacks_out += 1
                self.send_rtcp(rtcp.nack(self._ssrc, source.ssrc, lost))
            if source.gaps.take_overflow() and layer.needs_key:
                layer.keyframes.request()
            if layer.source is source and layer.keyframes.due(now_ms):
                counters.plis_sent += 1
                self.send_rtcp(self._keyframe_request(source))
        if self._twcc_extension is not None and now_ms - self._fed_back_ms >= FEEDBACK_MS and self._sources:
            self._fed_back_ms = now_ms
            for packet in self._arrivals.feedback(self._ssrc, next(iter(self._sources))):
                self.send_rtcp(packet)

    def report(self, now_ms: float) -> None:
        """Every second: receiver report and bitrate."""
        self.bitrate_bps, self._octets = self._octets * 8, 0
        sources = list(self._sources.values())
        if not sources or self.outbound is None:
            return
        blocks = [source.reception.report(now_ms) for source in sources]
        self.fraction_lost = max((s.reception.fraction_lost for s in sources if s.track.kind == "video"), default=0.0)
        bitrate = self.estimate.update(self.fraction_lost)
        self.send_rtcp(
            rtcp.receiver_report(self._ssrc, blocks)
            + rtcp.source_description([self._ssrc], "efir")
            + rtcp.remb(self._ssrc, bitrate, [source.ssrc for source in sources])
        )

    def _receive(self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, now_ms: float) -> None:
        number = source.extended(sequence)
        self.packet_ms = now_ms
        source.reception.receive(number, timestamp, now_ms)
        if source.gaps.receive(number, now_ms):
            self.transport.hurry.set()
        self.stream.receive(source, number, timestamp, marker, payload, now_ms)

    def _receive_rtx(self, layer: Layer, timestamp: int, marker: bool, payload: bytes, now_ms: float) -> None:
        """RFC 4588 §4: the first two bytes are the number of the packet that is sent again."""
        source = layer.source
        if isinstance(source, Source) and self._sources.get(source.ssrc) is source:
            original = int.from_bytes(payload[:2], "big")
            self._receive(source, original, timestamp, marker, payload[2:], now_ms)

    def _identify(self, header: bytes, ssrc: int, payload_type: int) -> _Line | None:
        """The m-line of a source that the offer did not name (RFC 9143 §9.2): by mid, else by payload type."""
        if len(self._line_by_ssrc) >= _SOURCES_MAX:
            return None
        for line in self._lines:
            named = line.mid_extension is not None and line.mid and extension(header, line.mid_extension) == line.mid
            if named or payload_type in (line.codec_type, line.rtx_type):
                self._line_by_ssrc[ssrc] = line
                return line
        return None

    def _layer_of(self, line: _Line, header: bytes, ssrc: int, payload_type: int) -> Layer | None:
        """The layer of a source heard for the first time, by its rid, or that of what it repairs (RFC 8852 §3.1, §3.2)."""
        layer: Layer | None
        if not line.simulcast:
            layer = line.layers[0]
        else:
            name = line.rid_extension if payload_type == line.codec_type else line.repaired_extension
            rid = extension(header, name) if name is not None else None
            layer = line.by_rid.get(rid) if rid is not None else None
        if layer is not None:
            self._layer_by_ssrc[ssrc] = layer
        return layer

    def _new_source(self, ssrc: int, track: UpTrack, layer: Layer) -> Source | None:
        if len(self._sources) >= _SOURCES_MAX:
            self.transport.counters.dropped_unknown_source += 1
            return None
        source = self._sources[ssrc] = Source(ssrc, track, layer)
        return source

    def _keyframe_request(self, source: Source) -> bytes:
        line = next(line for line in self._lines if line.track is source.track)
        if not line.wants_fir:
            return rtcp.pli(self._ssrc, source.ssrc)
        self._fir_number += 1
        return rtcp.fir(self._ssrc, source.ssrc, self._fir_number)


def ntp_to_ms(ntp: int) -> float:
    """Milliseconds since 1900 of a 64-bit NTP time."""
    return (ntp >> 32) * 1000.0 + (ntp & 0xFFFFFFFF) * 1000.0 / (1 << 32)
