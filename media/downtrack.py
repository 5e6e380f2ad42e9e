"""A track on its way to one viewer: payload types, where it starts, retransmissions, and what the viewer reports."""

from media.negotiation import Chosen
from media.rtp.nack import RetransmissionLimit
from media.rtp.packets import HEADER, HEADER_LENGTH, MARKER, VERSION, Packet
from media.rtp.rtcp import ReportBlock
from media.transport.pacer import Entry
from media.uptrack import UpTrack


class DownTrack:
    """`cursor` is the next packet of the replay while the viewer joins, None before it starts and after it caught up."""

    __slots__ = (
        "_rtx_sequence",
        "cursor",
        "fraction_lost",
        "jitter",
        "limit",
        "packets_lost",
        "payload_type",
        "round_trip_ms",
        "rtx_payload_type",
        "started",
        "track",
    )

    def __init__(self, track: UpTrack, chosen: Chosen) -> None:
        assert chosen.codec is not None
        self.track = track
        self.payload_type = chosen.codec.payload_type
        self.rtx_payload_type = chosen.rtx.payload_type if chosen.rtx is not None else None
        self.cursor: int | None = None
        self.started = False
        self.limit = RetransmissionLimit()
        self.fraction_lost = 0.0
        self.packets_lost = 0
        self.jitter = 0
        self.round_trip_ms: float | None = None
        self._rtx_sequence = 0

    def entry(self, packet: Packet) -> Entry:
        """The packet for the batch sender."""
        return entry(self.track, self.payload_type, packet)

    def retransmission(self, packet: Packet) -> tuple[int, bytes, bytes]:
        """Index, header and payload of a repair: RTX (RFC 4588 §4) when the viewer knows it, else the packet again.

        The index of a plain repeat is the packet's own number; the caller takes the viewer's base off.
        """
        track = self.track
        if self.rtx_payload_type is None:
            original = entry(track, self.payload_type, packet)
            return packet.sequence, original.header, packet.payload
        index = self._rtx_sequence
        self._rtx_sequence = index + 1
        first = packet.marker << 7 | self.rtx_payload_type
        header = HEADER.pack(VERSION, first, index & 0xFFFF, packet.timestamp, track.rtx_ssrc)
        return index, header, (packet.sequence & 0xFFFF).to_bytes(2, "big") + packet.payload

    def report(self, block: ReportBlock, ntp_middle: int) -> None:
        """The viewer's receiver report (RFC 3550 §6.4.1). `ntp_middle` is now, middle 32 bits of NTP time."""
        self.fraction_lost = block.fraction_lost / 256
        self.packets_lost = block.packets_lost
        self.jitter = block.jitter
        if block.last_report:
            round_trip = (ntp_middle - block.last_report - block.delay_since_last_report) & 0xFFFFFFFF
            if round_trip < 0x80000000:  # else the clocks ran backwards
                self.round_trip_ms = round_trip / 65.536


def entry(track: UpTrack, payload_type: int, packet: Packet) -> Entry:
    """Header as every viewer with this payload type gets it: keys differ between viewers, plaintext does not."""
    sequence, timestamp, marker, payload, _ = packet
    first = MARKER | payload_type if marker else payload_type
    header = HEADER.pack(VERSION, first, sequence & 0xFFFF, timestamp, track.ssrc)
    return Entry(track.nonce_base | sequence, header, payload, HEADER_LENGTH + len(payload), track.slot)
