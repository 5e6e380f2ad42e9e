"""A viewer's session (WHEP): its tracks, the replay that starts it, its retransmissions and its reports."""

from collections.abc import Sequence

from media.downtrack import DownTrack
from media.negotiation import Chosen
from media.peer import Peer, Transport
from media.rtp.packets import Packet
from media.rtp.rtcp import KeyframeRequest, Message, Nack, ReceiverReport, Remb, SenderReport
from media.stream import Stream
from media.transport.dtls import Role
from media.transport.pacer import Entry
from media.uptrack import UpTrack

REPLAY_PACKETS = 24
"""Packets of the cached group of pictures per `stream.JOIN_TICK_S` (5 ms): 40 Mbit/s for a moment. Three seconds of a 2.5 Mbit/s
broadcast arrive within 200 ms, and the first frame with the first batch."""

_NACKS_MAX = 256  # numbers answered per message; a browser asks for fewer, then for a key frame


class Subscriber(Peer):
    """One viewer. `bases` is read by the batch sender."""

    def __init__(self, transport: Transport, stream: Stream, chosen: list[Chosen], role: Role, client_address: str) -> None:
        super().__init__(transport, chosen, role, client_address)
        self.stream = stream
        self.bases = [0] * len(stream.tracks)
        self.down_tracks = [
            DownTrack(track, item) for item in chosen if item.codec is not None and (track := stream.playable(item.media.kind))
        ]
        self.remb_bps: int | None = None
        self._by_slot = {down.track.slot: down for down in self.down_tracks}
        self._by_ssrc = {down.track.ssrc: down for down in self.down_tracks}

    @property
    def cohort_key(self) -> tuple[tuple[int, int], ...]:
        """Viewers with the same key get the same plaintext packets."""
        return tuple((down.track.slot, down.payload_type) for down in self.down_tracks)

    @property
    def caught_up(self) -> bool:
        """Whether every track that must start with a key frame was replayed up to the live edge."""
        return all(down.started and (down.cursor is None or down.cursor > down.track.cache.highest) for down in self.down_tracks)

    @property
    def replaying(self) -> bool:
        """Whether the replay has begun and is not at its end."""
        return any(down.cursor is not None and down.cursor <= down.track.cache.highest for down in self.down_tracks)

    @property
    def worst_loss(self) -> float:
        """Largest share of lost packets in the last reports, 0 to 1."""
        return max((down.fraction_lost for down in self.down_tracks), default=0.0)

    def on_connected(self) -> None:
        """Tracks without key frames start with their next packet, the others with the replay."""
        self.transport.counters.joins += 1
        for down in self.down_tracks:
            if not down.track.needs_key:
                self._start(down, down.track.munger.highest + 1)
        self.stream.admit(self)

    def catch_up(self, pending: Sequence[tuple[UpTrack, Packet]], now_ms: float) -> list[Entry]:
        """What this viewer gets in a tick of its replay: the next packets of each cached group of pictures, in the original
        order, and the live packets of the other tracks."""
        entries: list[Entry] = []
        before = {down.track.slot: down.cursor for down in self.down_tracks}
        for down in self.down_tracks:
            if down.track.needs_key:
                entries += self._replay(down, now_ms)
        for track, packet in pending:
            down_track = self._by_slot.get(track.slot)
            if down_track is None or not down_track.started:
                continue
            cursor = before[track.slot]
            if not track.needs_key or (cursor is not None and packet.sequence < cursor):  # a repair of what was replayed already
                entries.append(down_track.entry(packet))
        if entries:
            self.sent_first(now_ms)
        return entries

    def on_rtcp(self, messages: list[Message], now_ms: float) -> None:
        """Answers NACKs from the cache, passes key frame requests on, keeps reports."""
        counters = self.transport.counters
        for message in messages:
            if isinstance(message, Nack):
                self._repair(message, now_ms)
            elif isinstance(message, KeyframeRequest):
                down = self._by_ssrc.get(message.media_ssrc)
                if down is not None and down.track.needs_key:
                    counters.plis_in += 1
                    counters.plis_suppressed += down.track.keyframes.wanted
                    down.track.keyframes.request()
            elif isinstance(message, ReceiverReport | SenderReport):
                self._reported(message)
            elif isinstance(message, Remb):
                self.remb_bps = message.bitrate_bps

    def on_closed(self) -> None:
        """Leaves the stream."""
        self.stream.leave(self)

    def _replay(self, down: DownTrack, now_ms: float) -> list[Entry]:
        track = down.track
        if not down.started:
            start = track.replay_start(now_ms)
            if start is None:
                return []
            self._start(down, start)
            down.cursor = start
        assert down.cursor is not None
        end = min(down.cursor + REPLAY_PACKETS, track.cache.highest + 1)
        found = [packet for number in range(down.cursor, end) if (packet := track.cache.get(number)) is not None]
        down.cursor = max(down.cursor, end)
        self.transport.counters.replayed_at_join += len(found)
        return [down.entry(packet) for packet in found]

    def _start(self, down: DownTrack, sequence: int) -> None:
        # A receiver takes the roll-over counter of the first packet of a source for 0 (RFC 3711 §3.3.1): count from there.
        down.started = True
        self.bases[down.track.slot] = sequence & ~0xFFFF

    def _repair(self, message: Nack, now_ms: float) -> None:
        down = self._by_ssrc.get(message.media_ssrc)
        if down is None or self.outbound is None or self.address is None or not down.started:
            return
        counters, base = self.transport.counters, self.bases[down.track.slot]
        counters.nacks_in += 1
        for number in message.sequences[:_NACKS_MAX]:
            packet = down.track.cache.find(number)
            if packet is None or packet.sequence < base:
                counters.cache_misses += 1
            elif not down.limit.allow(packet.sequence, now_ms):
                counters.nacks_suppressed += 1
            else:
                counters.cache_hits += 1
                index, header, payload = down.retransmission(packet)
                if down.rtx_payload_type is None:
                    index -= base
                self.transport.sender.emit_one(self.outbound.protect(index, header, payload), self.address)

    def _reported(self, message: ReceiverReport | SenderReport) -> None:
        middle = self.stream.ntp_now() >> 16 & 0xFFFFFFFF
        for block in message.blocks:
            down = self._by_ssrc.get(block.ssrc)
            if down is not None:
                down.report(block, middle)
