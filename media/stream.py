"""A live broadcast: its publishers, their tracks, its viewers, and the fan-out from the first to the last."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Protocol

from media.downtrack import DownTrack, Flow
from media.layer import Layer
from media.negotiation import Chosen, Kind, OutgoingSource
from media.peer import Transport
from media.rtp import rtcp
from media.rtp.packets import Packet
from media.stage import Place, Stage
from media.stats import StreamStats
from media.transport.ice import Address
from media.transport.pacer import Entry, plan
from media.transport.srtp import GcmOutbound, LibsrtpOutbound
from media.uptrack import UpTrack
from schemas.base import Event
from schemas.events.media import ParticipantConnected, ParticipantDisconnected, StreamEnded, StreamStarted
from schemas.media import LayerView, Role, StageOrder, StageView

TICK_S = 0.010
"""Longest wait of a packet for company: every third audio packet then rides in the batch of a video frame."""

WAIT_FOR_COMPANY = 100
"""Viewers from which that is worth it. Waking up for the tick costs 100 to 150 µs, a ride saves 5 µs for each viewer: below this
number audio leaves at once, which is sooner and cheaper."""

JOIN_TICK_S = 0.005
_PENDING_MAX = 64  # a key frame of more packets leaves in several batches
_OTHER_SOURCE_MS = 500.0  # a second source of a track takes over when the first was silent for so long
_NTP_EPOCH_MS = 2_208_988_800_000  # 1900 to 1970
_AUDIO_CODEC, _AUDIO_CLOCK, _VIDEO_CLOCK = "OPUS", 48_000, 90_000

Pending = list[tuple[Layer, Packet]]


def first_sequence() -> int:
    """Random (RFC 3550 §5.1) and low, so that a viewer's first second does not cross a roll-over (RFC 3711 §3.3.1)."""
    return 1 + secrets.randbits(14)


class Host(Protocol):
    """What a stream needs of a publisher, the host or a guest."""

    @property
    def participant_id(self) -> str: ...

    @property
    def bitrate_bps(self) -> int: ...

    @property
    def fraction_lost(self) -> float: ...

    def clock_of(self, layer: Layer) -> tuple[float, int] | None:
        """Monotonic milliseconds and the incoming timestamp at that moment, by the sender's reports."""

    def close(self) -> None:
        """End the session."""


class Source(Protocol):
    """An incoming source."""

    @property
    def track(self) -> UpTrack:
        """The track that it feeds."""

    @property
    def layer(self) -> Layer:
        """The layer of the track."""


class Viewer(Protocol):
    """What a stream needs of a subscriber."""

    id: str
    role: Role
    participant_id: str
    address: Address | None
    outbound: GcmOutbound | LibsrtpOutbound | None
    bases: list[int]
    cohort: "Cohort | None"
    down_tracks: list[DownTrack]

    @property
    def connected(self) -> bool: ...

    @property
    def replaying(self) -> bool: ...

    @property
    def worst_loss(self) -> float: ...

    def aim(self, now_ms: float, *, replay: bool) -> None: ...

    def catch_up(self, pending: Pending, now_ms: float) -> list[Entry]: ...

    def send_rtcp(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Tap(Protocol):
    """Who takes a stream's packets as they are, whatever viewers get: the pipe to other processes."""

    @property
    def edges(self) -> int:
        """How many processes take it by this."""

    def send(self, pending: Pending) -> None:
        """The packets of a tick."""

    def changed(self) -> None:
        """Who is here, on stage or muted, or which layers there are, has changed; packets from now on belong to it."""


class Cohort:
    """Viewers that get the same plaintext: one header per packet for all of them."""

    def __init__(self, flows: tuple[Flow, ...]) -> None:
        self.flows = flows
        self.members: list[Viewer] = []
        self._by_layer = {flow.layer: flow for flow in flows}

    def entries(self, pending: Pending) -> list[Entry]:
        """The tick's packets for these viewers."""
        flows = self._by_layer
        return [flows[layer].entry(packet) for layer, packet in pending if layer in flows]


class Stream:
    """`stream_id` is the id of the show. Nothing here awaits; a viewer that cannot keep up loses packets, not the others."""

    def __init__(self, stream_id: str, node_id: str, transport: Transport, on_event: Callable[[Event], None]) -> None:
        self.id = stream_id
        self.transport = transport
        self.stage = Stage()
        self.tracks: list[UpTrack] = []
        self.subscribers: dict[str, Viewer] = {}
        self.taps: list[Tap] = []
        self.elsewhere = 0
        """Viewers at other processes."""
        self._node_id = node_id
        self._on_event = on_event
        self._pending: Pending = []
        self._cohorts: dict[tuple[Flow, ...], Cohort] = {}
        self._joining: list[Viewer] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def active(self) -> bool:
        """Whether the host's packets are coming."""
        return self.stage.host.publishing

    @property
    def publisher(self) -> "Host | None":
        """The host's session."""
        host: Host | None = self.stage.host.publisher
        return host

    @property
    def idle(self) -> bool:
        """Whether the stream can be forgotten."""
        return not self.subscribers and not self.taps and all(place.publisher is None for place in self.stage.places)

    @property
    def viewers(self) -> int:
        """How many watch, here and elsewhere."""
        return len(self.subscribers) + self.elsewhere

    def new_ssrc(self) -> int:
        """A random source number that the stream does not use (RFC 3550 §8.1)."""
        used = {ssrc for track in self.tracks for ssrc in (track.ssrc, track.rtx_ssrc)}
        while (ssrc := secrets.randbits(32)) in used or ssrc == 0:
            pass
        return ssrc

    def track_for(self, place: Place, chosen: Chosen) -> UpTrack:
        """The track that an m-line of a publisher feeds: the one of before when the codec is the same.

        With another video codec the answers to viewers and guests are void: they are ended and come back with a new offer.
        """
        kind: Kind = "video" if chosen.media.kind == "video" else "audio"
        codec = chosen.codec
        assert codec is not None
        name = codec.name.upper()
        if kind == "video" and self.video_codec not in ("", name):
            self.start_over(place)
        self.lay_tracks(name if kind == "video" else self.video_codec)
        track = place.tracks[kind]
        track.offered = True
        track.profile_level_id = codec.parameters.get("profile-level-id", "")
        track.stereo = codec.parameters.get("stereo") == "1" or codec.parameters.get("sprop-stereo") == "1"
        return track

    @property
    def video_codec(self) -> str:
        """The codec of all video in the stream, as its first publisher chose it; empty while there is none."""
        return next((track.codec_name for track in self.tracks if track.kind == "video"), "")

    def start_over(self, place: Place | None = None) -> None:
        """Drop all video, and whoever has it in an answer; the publisher of `place` stays."""
        self.close_subscribers()
        for other in self.stage.places:
            if other is not place and other.publisher is not None:
                other.publisher.close()
            other.tracks = {kind: track for kind, track in other.tracks.items() if kind == "audio"}
        self.tracks = [track for track in self.tracks if track.kind == "audio"]
        for slot, track in enumerate(self.tracks):
            track.slot = slot

    def lay_tracks(self, video_codec: str) -> None:
        """Every place gets its tracks at once: a viewer's answer has those of guests to come, who then need no new one."""
        for place in self.stage.places:
            if "audio" not in place.tracks:
                self._add_track(place, "audio", _AUDIO_CODEC, _AUDIO_CLOCK)
            if video_codec and "video" not in place.tracks:
                self._add_track(place, "video", video_codec, _VIDEO_CLOCK)

    def _add_track(self, place: Place, kind: Kind, codec_name: str, clock_rate: int) -> None:
        track = UpTrack(
            slot=len(self.tracks),
            place=place.index,
            kind=kind,
            codec_name=codec_name,
            clock_rate=clock_rate,
            ssrc=self.new_ssrc(),
            rtx_ssrc=self.new_ssrc(),
            first_sequence=first_sequence(),
        )
        track.offered = place.index > 0  # the host's kinds are known when the first viewer comes
        place.tracks[kind] = track
        self.tracks.append(track)

    def playable(self, kind: str, place: int = 0) -> UpTrack | None:
        """The track of this kind and place that viewers get."""
        track = self.stage.places[place].tracks.get("video" if kind == "video" else "audio")
        return track if track is not None and track.offered else None

    def sources(self) -> dict[tuple[Kind, int], OutgoingSource]:
        """What an answer to a viewer can offer, by kind and place."""
        return {(track.kind, track.place): track.description for track in self.tracks if track.offered}

    def sees(self, viewer: Viewer, track: UpTrack) -> bool:
        """Whether this viewer gets this track: nobody gets his own, and only the host sees who waits."""
        place = self.stage.places[track.place]
        own = bool(viewer.participant_id) and place.participant_id == viewer.participant_id
        return not own and (place.on_stage or viewer.role == "host")

    def receive(self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, now_ms: float) -> None:
        """A packet of a publisher. Leaves at the end of its frame, or with the tick."""
        layer = source.layer
        if layer.source is not source and not self._take_over(source, sequence, timestamp, now_ms):
            return
        if not layer.admits(payload):
            layer.skip(sequence)
            return
        packet, key = layer.write(sequence, timestamp, marker, payload, now_ms)
        if packet is None:
            self.transport.counters.dropped_replayed += 1
            return
        place = self.stage.places[source.track.place]
        if not place.publishing:
            self.started(place)
        self.forward(layer, packet, key=key)

    def forward(self, layer: Layer, packet: Packet, *, key: bool) -> None:
        """A packet that its layer has taken, on its way to the viewers. `key`: it begins a key frame."""
        if key and layer.waiting:
            self._begin(layer, packet)
        self._pending.append((layer, packet))
        alone = not layer.needs_key and len(self._pending) == 1 and len(self.subscribers) < WAIT_FOR_COMPANY
        if alone or (packet.marker and layer.needs_key) or len(self._pending) >= _PENDING_MAX:
            self.flush()
        else:
            self._wake_in(TICK_S)

    def flush(self) -> None:
        """Send what is pending to every viewer, and the next part of their replay to those that join."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pending, self._pending = self._pending, []
        if pending:
            send = self.transport.sender.send
            for cohort in self._cohorts.values():
                send(cohort.members, plan(cohort.entries(pending)))
            for tap in tuple(self.taps):
                tap.send(pending)
        if self._joining:
            self._advance(pending)

    def admit(self, viewer: Viewer) -> None:
        """A viewer is connected: replay the groups of pictures, or ask for key frames."""
        self.flush()  # so that nothing pending is sent twice
        viewer.send_rtcp(self.sender_reports())
        viewer.aim(self.transport.clock.monotonic_ms(), replay=True)
        self._joining.append(viewer)
        self._advance([])

    def leave(self, viewer: Viewer) -> None:
        """A viewer is gone."""
        self.subscribers.pop(viewer.id, None)
        if viewer in self._joining:
            self._joining.remove(viewer)
        self._leave_cohort(viewer)
        for track in self.tracks:
            for layer in track.layers:
                layer.waiting = [down for down in layer.waiting if down not in viewer.down_tracks]

    def aim_all(self) -> None:
        """Who is on stage or which layers there are has changed: every viewer gets what it should get now."""
        self.flush()
        for tap in tuple(self.taps):
            tap.changed()
        now_ms = self.transport.clock.monotonic_ms()
        for viewer in self.subscribers.values():
            if viewer.connected:
                viewer.aim(now_ms, replay=False)
                self._assign(viewer)

    def order(self, participant_id: str, order: StageOrder) -> bool:
        """What the host wants of a guest; False when the guest does not publish."""
        place = self.stage.find(participant_id)
        if place is None:
            return False
        place.on_stage = order.on_stage or place is self.stage.host
        place.mute(frozenset(order.muted))
        self.aim_all()
        return True

    def view(self) -> StageView:
        """Who is here."""
        return StageView(stream_id=self.id, places=self.stage.view())

    def layers(self) -> dict[int, list[LayerView]]:
        """Per place on stage: the layers of its picture, for the players' menus."""
        now_ms = self.transport.clock.monotonic_ms()
        tracks = [track for track in self.tracks if track.kind == "video" and self.stage.places[track.place].on_stage]
        return {track.place: track.views(now_ms) for track in tracks if track.packets}

    def publisher_closed(self, publisher: Host) -> None:
        """A publisher ended or was lost. Viewers stay: it may come back."""
        place = next((place for place in self.stage.places if place.publisher is publisher), None)
        if place is None:
            return
        place.publisher = None
        self.flush()
        if not place.publishing:
            return
        place.publishing = False
        ended_at_ms = self.transport.clock.now_ms()
        if place is self.stage.host:
            self._on_event(StreamEnded(stream_id=self.id, node_id=self._node_id, ended_at_ms=ended_at_ms))
        else:
            place.on_stage = False
            self._on_event(
                ParticipantDisconnected(
                    stream_id=self.id, participant_id=publisher.participant_id, disconnected_at_ms=ended_at_ms
                )
            )
        self.aim_all()

    def close_subscribers(self) -> None:
        """End every viewer's session; their players connect again."""
        for viewer in list(self.subscribers.values()):
            viewer.close()

    def report(self) -> None:
        """Every second: sender reports to every viewer, bitrates, and the layer of each viewer."""
        for track in self.tracks:
            for layer in track.layers:
                layer.measure()
        self.align()
        if not any(place.publishing for place in self.stage.places):
            return
        reports, now_ms = self.sender_reports(), self.transport.clock.monotonic_ms()
        several = any(len(track.layers) > 1 for track in self.tracks)
        for viewer in self.subscribers.values():
            viewer.send_rtcp(reports)
            if several and viewer.connected:
                viewer.aim(now_ms, replay=False)

    def align(self) -> None:
        """See `_align`."""
        for track in self.tracks:
            self._align(track)

    def ntp_now(self) -> int:
        """64-bit NTP time of our clock."""
        return (self.transport.clock.now_ms() + _NTP_EPOCH_MS << 32) // 1000

    def sender_reports(self) -> bytes:
        """One compound packet for all viewers: which moment of each track is now, so that picture and sound agree."""
        now_ms, ntp = self.transport.clock.monotonic_ms(), self.ntp_now()
        sent = [track for track in self.tracks if track.packets]
        reports = []
        for track in sent:
            octets = sum(layer.octets for layer in track.layers)
            counts = (track.packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
            reports.append(rtcp.sender_report(rtcp.SenderReport(track.ssrc, ntp, self.timestamp_now(track, now_ms), *counts)))
        return b"".join(reports) + rtcp.source_description([track.ssrc for track in sent or self.tracks], "efir")

    def stats(self, *, edge: bool = False) -> StreamStats:
        """Picture for `/stats`. `edge`: it is taken from another process."""
        return StreamStats(
            stream_id=self.id,
            active=self.active,
            subscribers=len(self.subscribers),
            viewers=self.viewers,
            edges=sum(tap.edges for tap in self.taps),
            edge=edge,
            publisher_bitrate_bps=self.publisher.bitrate_bps if self.publisher else 0,
            uplink_fraction_lost=self.publisher.fraction_lost if self.publisher else 0.0,
            worst_fraction_lost=max((viewer.worst_loss for viewer in self.subscribers.values()), default=0.0),
            codecs=[track.codec_name for kind in ("video", "audio") if (track := self.playable(kind)) is not None],
        )

    def _take_over(self, source: Source, sequence: int, timestamp: int, now_ms: float) -> bool:
        layer = source.layer
        if layer.source is not None and now_ms - layer.arrived_ms < _OTHER_SOURCE_MS:
            self.transport.counters.dropped_unknown_source += 1
            return False
        layer.attach(source, sequence, timestamp, now_ms, source.track.latest)
        return True

    def started(self, place: Place) -> None:
        """The packets of a participant are coming."""
        place.publishing = True
        now_ms = self.transport.clock.now_ms()
        if place is self.stage.host:
            self._on_event(StreamStarted(stream_id=self.id, node_id=self._node_id, started_at_ms=now_ms))
        else:
            self._on_event(
                ParticipantConnected(
                    stream_id=self.id, participant_id=place.participant_id, place=place.index, connected_at_ms=now_ms
                )
            )
        self.aim_all()

    def _begin(self, layer: Layer, packet: Packet) -> None:
        """A key frame comes: whoever waits for it starts, or changes to this layer, with this packet."""
        self.flush()
        injected = layer.injected_before(packet)
        waiting, layer.waiting = layer.waiting, []
        for down in waiting:
            if down.target is not layer:
                continue
            if down.replaying:  # what it has now is not sent yet; it moves on with the next key frame
                layer.waiting.append(down)
                layer.keyframes.request()
                continue
            viewer = down.viewer
            down.begin(layer, packet.sequence, packet.timestamp)
            if injected is not None:
                self.transport.sender.send((viewer,), plan([down.inject(injected, packet)]))
            viewer.bases[down.track.slot] = down.base
            self._assign(viewer)
        if not layer.waiting:
            layer.keyframes.arrived()

    def _advance(self, pending: Pending) -> None:
        now_ms = self.transport.clock.monotonic_ms()
        for viewer in list(self._joining):
            self.transport.sender.send((viewer,), plan(viewer.catch_up(pending, now_ms)))
            if not viewer.replaying:
                self._joining.remove(viewer)
                self._assign(viewer)
        if self._joining:
            self._wake_in(JOIN_TICK_S)

    def _assign(self, viewer: Viewer) -> None:
        """Put a viewer into the cohort of those that get the same; one that replays gets its packets by itself."""
        if viewer in self._joining:
            return
        flows = tuple(flow for down in viewer.down_tracks if (flow := down.live) is not None)
        if viewer.cohort is not None and viewer.cohort.flows == flows:
            return
        self._leave_cohort(viewer)
        if flows:
            viewer.cohort = self._cohorts.setdefault(flows, Cohort(flows))
            viewer.cohort.members.append(viewer)

    def _leave_cohort(self, viewer: Viewer) -> None:
        cohort, viewer.cohort = viewer.cohort, None
        if cohort is not None:
            cohort.members.remove(viewer)
            if not cohort.members:
                del self._cohorts[cohort.flows]

    def _wake_in(self, delay_s: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.flush()

    def timestamp_now(self, track: UpTrack, now_ms: float) -> int:
        """The RTP timestamp of this moment, in the numbers of the track's reference layer."""
        layer = track.latest
        known = self._clock_of(track, layer)
        if known is None:
            since_ms, timestamp = layer.arrived_ms, layer.munger.timestamp
        else:
            since_ms, timestamp = known[0], known[1] + layer.munger.timestamp_offset
        return int(timestamp + layer.skew_ticks + (now_ms - since_ms) * track.clock_rate / 1000) & 0xFFFFFFFF

    def _clock_of(self, track: UpTrack, layer: Layer) -> tuple[float, int] | None:
        publisher: Host | None = self.stage.places[track.place].publisher
        return publisher.clock_of(layer) if publisher is not None else None

    def _align(self, track: UpTrack) -> None:
        """Learn from the sender's reports how far the layers' timestamps lie apart: each starts at random (RFC 3550 §5.1), and
        was joined to the others by its time of arrival only. Viewers feel it when they change the layer, not before."""
        if len(track.layers) < 2:
            return
        reference = track.layers[0]
        known = self._clock_of(track, reference)
        if known is None:
            return
        since_ms, timestamp = known[0], known[1] + reference.munger.timestamp_offset
        for layer in track.layers[1:]:
            other = self._clock_of(track, layer)
            if other is not None:
                expected = timestamp + (other[0] - since_ms) * track.clock_rate / 1000
                skew = (int(expected) - other[1] - layer.munger.timestamp_offset) & 0xFFFFFFFF
                layer.skew_ticks = skew - (skew >> 31 << 32)
