"""A viewer's session (WHEP): its tracks, the replay that starts it, its layers, its retransmissions and its reports."""

from collections.abc import Sequence

from media.downtrack import DownTrack
from media.layer import Layer
from media.negotiation import Chosen
from media.peer import Peer, Transport
from media.rtp.layers import share
from media.rtp.packets import Packet
from media.rtp.rtcp import KeyframeRequest, Message, Nack, ReceiverReport, Remb, SenderReport
from media.stream import Cohort, Stream
from media.transport.dtls import Role as DtlsRole
from media.transport.pacer import Entry
from media.transport.srtp import SrtpError
from schemas.media import Role

REPLAY_PACKETS = 24
"""Packets of the cached group of pictures per `stream.JOIN_TICK_S` (5 ms): 40 Mbit/s for a moment. Three seconds of a 2.5 Mbit/s
broadcast arrive within 200 ms, and the first frame with the first batch."""

_NACKS_MAX = 256  # numbers answered per message; a browser asks for fewer, then for a key frame


class Subscriber(Peer):
    """One viewer. `bases` is read by the batch sender. `participant_id` is empty for those who only watch."""

    def __init__(
        self,
        transport: Transport,
        stream: Stream,
        chosen: list[Chosen],
        role: DtlsRole,
        client_address: str,
        *,
        viewer_role: Role = "viewer",
        participant_id: str = "",
    ) -> None:
        super().__init__(transport, chosen, role, client_address)
        self.stream = stream
        self.role: Role = viewer_role
        self.participant_id = participant_id
        self.bases = [0] * len(stream.tracks)
        self.cohort: Cohort | None = None
        self.down_tracks = [
            DownTrack(track, item, self)
            for item in chosen
            if item.codec is not None and (track := stream.playable(item.media.kind, item.place)) is not None
        ]
        self.remb_bps: int | None = None
        self._ahead: list[Entry] = []
        """Packets of ours that leave before the replay: parameter sets."""
        self._by_ssrc = {down.track.ssrc: down for down in self.down_tracks}

    @property
    def connected(self) -> bool:
        """Whether it can be sent to."""
        return self.state == "connected"

    @property
    def replaying(self) -> bool:
        """Whether a replay has begun and is not at its end."""
        return any(down.replaying for down in self.down_tracks)

    @property
    def worst_loss(self) -> float:
        """Largest share of lost packets in the last reports, 0 to 1."""
        return max((down.fraction_lost for down in self.down_tracks), default=0.0)

    def on_connected(self) -> None:
        """The stream starts it."""
        self.transport.counters.joins += 1
        self.stream.admit(self)

    def choose_layer(self, mid: str, rid: str | None) -> bool:
        """The viewer's wish for one of its m-lines, None for automatic; False when there is no such m-line or layer."""
        down = next((down for down in self.down_tracks if down.mid == mid), None)
        if down is None or (rid is not None and rid not in {layer.rid for layer in down.track.layers}):
            return False
        down.wish = rid
        if self.connected:
            self.stream.flush()
            self.aim(self.transport.clock.monotonic_ms(), replay=False)
        return True

    def aim(self, now_ms: float, *, replay: bool) -> None:
        """Start, stop or change tracks as the stage and the link want it.

        Tracks without key frames start with their next packet. Others start with the cached group of pictures when `replay` is
        set (a viewer who joins), else with the next key frame, which is asked for. Pending packets must have been sent.
        """
        for down in self.down_tracks:
            if not self.stream.sees(self, down.track):
                down.stop()
                continue
            layer = down.choose_layer(self._budget_bps(down), now_ms)
            if down.track.needs_key:
                self._aim_at(down, layer, now_ms, replay=replay)
            elif down.flow is None or down.flow.layer is not layer:
                self._start(down, layer, layer.munger.highest + 1, layer.munger.timestamp)

    def catch_up(self, pending: Sequence[tuple[Layer, Packet]], now_ms: float) -> list[Entry]:
        """What this viewer gets in a tick of its replay: the next packets of each cached group of pictures, in the original
        order, and the live packets of the other tracks."""
        entries, self._ahead = self._ahead, []
        before = {down.flow.layer: (down.flow, down.cursor) for down in self.down_tracks if down.flow is not None}
        for down in self.down_tracks:
            if down.cursor is not None:
                entries += self._replay(down, down.cursor)
        for layer, packet in pending:
            flow, cursor = before.get(layer, (None, None))
            if flow is not None and (cursor is None or packet.sequence < cursor):  # live, or a repair of what was replayed
                entries.append(flow.entry(packet))
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
                layer = (down.target or (down.flow.layer if down.flow else None)) if down is not None else None
                if layer is not None and layer.needs_key:
                    counters.plis_in += 1
                    counters.plis_suppressed += layer.keyframes.wanted
                    layer.keyframes.request()
            elif isinstance(message, ReceiverReport | SenderReport):
                self._reported(message)
            elif isinstance(message, Remb):
                self.remb_bps = message.bitrate_bps

    def on_closed(self) -> None:
        """Leaves the stream."""
        self.stream.leave(self)

    def _budget_bps(self, down: DownTrack) -> int | None:
        """What the viewer's estimate leaves for this track: it counts the whole transport."""
        flowing = [other for other in self.down_tracks if other.flow is not None]
        if self.remb_bps is None or down not in flowing:
            return self.remb_bps
        rates = [other.flow.layer.bitrate_bps for other in flowing if other.flow is not None]
        return share(self.remb_bps, rates, flowing.index(down))

    def _aim_at(self, down: DownTrack, layer: Layer, now_ms: float, *, replay: bool) -> None:
        if down.flow is not None and down.flow.layer is layer:
            down.target = None
            return
        start = layer.replay_start(now_ms) if replay else None
        first = layer.cache.get(start) if start is not None else None
        if first is not None:
            injected = layer.injected_before(first)
            self._start(down, layer, first.sequence, first.timestamp)
            if injected is not None:
                self._ahead.append(down.inject(injected, first))
                self.bases[down.track.slot] = down.base
            down.cursor = first.sequence
        elif down.target is not layer:
            down.target = layer
            layer.waiting.append(down)
            layer.keyframes.request()

    def _start(self, down: DownTrack, layer: Layer, sequence: int, timestamp: int) -> None:
        down.begin(layer, sequence, timestamp)
        self.bases[down.track.slot] = down.base

    def _replay(self, down: DownTrack, cursor: int) -> list[Entry]:
        flow = down.flow
        assert flow is not None
        cache = flow.layer.cache
        end = min(cursor + REPLAY_PACKETS, cache.highest + 1)
        found = [packet for number in range(cursor, end) if (packet := cache.get(number)) is not None]
        down.cursor = end if end <= cache.highest else None
        self.transport.counters.replayed_at_join += len(found)
        return [flow.entry(packet) for packet in found]

    def _repair(self, message: Nack, now_ms: float) -> None:
        down = self._by_ssrc.get(message.media_ssrc)
        if down is None or self.outbound is None or self.address is None:
            return
        counters = self.transport.counters
        counters.nacks_in += 1
        for number in message.sequences[:_NACKS_MAX]:
            packet = down.find(number)
            if packet is None:
                counters.cache_misses += 1
            elif not down.limit.allow(packet.sequence, now_ms):
                counters.nacks_suppressed += 1
            else:
                counters.cache_hits += 1
                self._send_again(down, packet)

    def _send_again(self, down: DownTrack, packet: Packet) -> None:
        assert self.outbound is not None
        assert self.address is not None
        try:
            sealed = self.outbound.protect(*down.retransmission(packet))
        except SrtpError:  # AES-CM only: libsrtp takes no packet this long or this old
            self.transport.counters.dropped_too_large += 1
            return
        self.transport.sender.emit_one(sealed, self.address)

    def _reported(self, message: ReceiverReport | SenderReport) -> None:
        middle = self.stream.ntp_now() >> 16 & 0xFFFFFFFF
        for block in message.blocks:
            down = self._by_ssrc.get(block.ssrc)
            if down is not None:
                down.report(block, middle)
