"""A host's session (WHIP): takes its packets apart by source, asks for lost ones and for key frames, and reports back."""

from media.negotiation import Chosen
from media.peer import Peer, Transport
from media.rtp import rtcp
from media.rtp.bandwidth import UplinkEstimate
from media.rtp.nack import GapDetector
from media.rtp.packets import HEADER, MARKER, RtpError, extend, extension, without_padding
from media.rtp.reception import Reception
from media.rtp.rtcp import Bye, Message, SenderReport
from media.sdp import MID_EXTENSION
from media.stream import Stream
from media.transport.dtls import Role
from media.uptrack import UpTrack

SILENT_MS = 2_000.0
"""A publisher without packets for so long may be replaced by another: the same host after a reload of the page."""

_SOURCES_MAX = 16
_RTP_CLOCK = {"audio": 48_000, "video": 90_000}


class Source:
    """One incoming SSRC: extends its numbers, counts it, finds its gaps, feeds its track."""

    __slots__ = ("_highest", "gaps", "reception", "ssrc", "track")

    def __init__(self, ssrc: int, track: UpTrack) -> None:
        self.ssrc = ssrc
        self.track = track
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
    """An m-line of the offer: its codec's payload types and track."""

    __slots__ = ("codec_type", "mid", "mid_extension", "rtx_type", "track")

    def __init__(self, chosen: Chosen, track: UpTrack) -> None:
        assert chosen.codec is not None
        self.track = track
        self.codec_type = chosen.codec.payload_type
        self.rtx_type = chosen.rtx.payload_type if chosen.rtx is not None else None
        self.mid = chosen.media.mid.encode()
        self.mid_extension = chosen.media.extensions.get(MID_EXTENSION)


class Publisher(Peer):
    """The one host of a stream."""

    def __init__(
        self, transport: Transport, stream: Stream, chosen: list[Chosen], role: Role, client_address: str, ceiling_bps: int
    ) -> None:
        super().__init__(transport, chosen, role, client_address)
        self.stream = stream
        self.packet_ms = self.created_ms
        """When the last packet came."""
        self.estimate = UplinkEstimate(ceiling_bps)
        self.bitrate_bps = 0
        self.fraction_lost = 0.0
        self._ssrc = stream.new_ssrc()  # names us in our reports
        self._lines = [_Line(item, stream.track_for(item)) for item in chosen]
        self._line_by_ssrc = {ssrc: line for line, item in zip(self._lines, chosen, strict=True) for ssrc in item.media.ssrcs}
        self._sources: dict[int, Source] = {}
        self._octets = 0
        self._fir_number = 0
        self._wants_fir = [
            "nack pli" not in item.codec.feedback and "ccm fir" in item.codec.feedback
            for item in chosen
            if item.codec is not None
        ]
        self._clock_offset_ms: float | None = None

    def silent(self, now_ms: float, limit_ms: float = SILENT_MS) -> bool:
        """Whether no packet came for `limit_ms`."""
        return now_ms - self.packet_ms > limit_ms

    def on_rtp(self, header: bytes, payload: bytes, now_ms: float) -> None:
        """About 15 µs per packet in all; nothing here is done per viewer."""
        _, second, sequence, timestamp, ssrc = HEADER.unpack_from(header)
        payload_type = second & 0x7F
        line = self._line_by_ssrc.get(ssrc) or self._identify(header, ssrc, payload_type)
        try:
            payload = without_padding(header, payload)
        except RtpError:
            self.transport.counters.dropped_malformed += 1
            return
        if line is None:
            self.transport.counters.dropped_unknown_source += 1
        elif payload_type == line.codec_type:
            self._octets += len(payload)
            self._receive(self._source(ssrc, line.track), sequence, timestamp, second & MARKER != 0, payload, now_ms)
        elif payload_type == line.rtx_type and len(payload) > 2:
            self._receive_rtx(line, timestamp, second & MARKER != 0, payload, now_ms)
        elif payload_type != line.rtx_type:
            self.transport.counters.dropped_unknown_source += 1

    def on_rtcp(self, messages: list[Message], now_ms: float) -> None:
        """Sender reports give us the sender's clock; a BYE frees the track for another source at once."""
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
                        ended.track.detach(ended)

    def on_closed(self) -> None:
        """The stream ends with its publisher, unless another has taken over."""
        for source in self._sources.values():
            source.track.detach(source)
        self.stream.publisher_closed(self)

    def clock_of(self, track: UpTrack) -> tuple[float, int] | None:
        """A moment of our monotonic clock and the incoming timestamp that belongs to it, by the sender's reports."""
        source = track.source
        if not isinstance(source, Source) or source.reception.mapping is None or self._clock_offset_ms is None:
            return None
        mapping = source.reception.mapping
        return ntp_to_ms(mapping.ntp) + self._clock_offset_ms, mapping.timestamp

    def tick(self, now_ms: float) -> None:
        """Every 20 ms: ask for what is missing."""
        counters = self.transport.counters
        for source in self._sources.values():
            lost = source.gaps.due(now_ms)
            if lost and source.track.kind == "video":
                counters.nacks_out += 1
                self.send_rtcp(rtcp.nack(self._ssrc, source.ssrc, lost))
            if source.gaps.take_overflow() and source.track.needs_key:
                source.track.keyframes.request()
            if source.track.source is source and source.track.keyframes.due(now_ms):
                counters.plis_sent += 1
                self.send_rtcp(self._keyframe_request(source))

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
        source.gaps.receive(number, now_ms)
        self.stream.receive(source, number, timestamp, marker, payload, now_ms)

    def _receive_rtx(self, line: _Line, timestamp: int, marker: bool, payload: bytes, now_ms: float) -> None:
        """RFC 4588 §4: the first two bytes are the number of the packet that is sent again."""
        source = line.track.source
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

    def _source(self, ssrc: int, track: UpTrack) -> Source:
        source = self._sources.get(ssrc)
        if source is None:
            source = self._sources[ssrc] = Source(ssrc, track)
        return source

    def _keyframe_request(self, source: Source) -> bytes:
        position = next(index for index, line in enumerate(self._lines) if line.track is source.track)
        if not self._wants_fir[position]:
            return rtcp.pli(self._ssrc, source.ssrc)
        self._fir_number += 1
        return rtcp.fir(self._ssrc, source.ssrc, self._fir_number)


def ntp_to_ms(ntp: int) -> float:
    """Milliseconds since 1900 of a 64-bit NTP time."""
    return (ntp >> 32) * 1000.0 + (ntp & 0xFFFFFFFF) * 1000.0 / (1 << 32)
