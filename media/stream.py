"""A live broadcast: its publisher, its tracks, its viewers, and the fan-out from the first to the last."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Protocol

from media.downtrack import entry
from media.negotiation import Chosen, Kind, OutgoingSource
from media.peer import Transport
from media.rtp import rtcp
from media.rtp.packets import Packet
from media.stats import StreamStats
from media.transport.ice import Address
from media.transport.pacer import Entry, plan
from media.transport.srtp import GcmOutbound, LibsrtpOutbound
from media.uptrack import UpTrack
from schemas.base import Event
from schemas.events.media import StreamEnded, StreamStarted

TICK_S = 0.008
"""Longest wait of a packet for company: audio rides in the batch of a video frame."""

JOIN_TICK_S = 0.005
_PENDING_MAX = 64  # a key frame of more packets leaves in several batches
_OTHER_SOURCE_MS = 500.0  # a second source of a track takes over when the first was silent for so long
_NTP_EPOCH_MS = 2_208_988_800_000  # 1900 to 1970

Pending = list[tuple[UpTrack, Packet]]


def first_sequence() -> int:
    """Random (RFC 3550 §5.1) and low, so that a viewer's first second does not cross a roll-over (RFC 3711 §3.3.1)."""
    return 1 + secrets.randbits(14)


class Host(Protocol):
    """What a stream needs of its publisher."""

    bitrate_bps: int
    fraction_lost: float

    def clock_of(self, track: UpTrack) -> tuple[float, int] | None:
        """Monotonic milliseconds and the incoming timestamp at that moment, by the sender's reports."""

    def close(self) -> None:
        """End the session."""


class Source(Protocol):
    """An incoming source."""

    @property
    def track(self) -> UpTrack:
        """The track that it feeds."""


class Viewer(Protocol):
    """What a stream needs of a subscriber."""

    id: str
    address: Address | None
    outbound: GcmOutbound | LibsrtpOutbound | None
    bases: list[int]

    @property
    def cohort_key(self) -> tuple[tuple[int, int], ...]: ...

    @property
    def caught_up(self) -> bool: ...

    @property
    def replaying(self) -> bool: ...

    @property
    def worst_loss(self) -> float: ...

    def catch_up(self, pending: Pending, now_ms: float) -> list[Entry]: ...

    def send_rtcp(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Cohort:
    """Viewers that get the same plaintext: one header per packet for all of them."""

    def __init__(self, key: tuple[tuple[int, int], ...]) -> None:
        self.payload_types = dict(key)
        self.members: list[Viewer] = []

    def entries(self, pending: Pending) -> list[Entry]:
        """The tick's packets for these viewers."""
        types = self.payload_types
        return [entry(track, types[track.slot], packet) for track, packet in pending if track.slot in types]


class Stream:
    """`stream_id` is the id of the show. Nothing here awaits; a viewer that cannot keep up loses packets, not the others."""

    def __init__(self, stream_id: str, node_id: str, transport: Transport, on_event: Callable[[Event], None]) -> None:
        self.id = stream_id
        self.transport = transport
        self.publisher: Host | None = None
        self.tracks: list[UpTrack] = []
        self.subscribers: dict[str, Viewer] = {}
        self.active = False
        """Whether a publisher's packets are coming."""
        self._node_id = node_id
        self._on_event = on_event
        self._pending: Pending = []
        self._cohorts: dict[tuple[tuple[int, int], ...], Cohort] = {}
        self._joining: list[Viewer] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Whether the stream can be forgotten."""
        return self.publisher is None and not self.subscribers

    def new_ssrc(self) -> int:
        """A random source number that the stream does not use (RFC 3550 §8.1)."""
        used = {ssrc for track in self.tracks for ssrc in (track.ssrc, track.rtx_ssrc)}
        while (ssrc := secrets.randbits(32)) in used or ssrc == 0:
            pass
        return ssrc

    def track_for(self, chosen: Chosen) -> UpTrack:
        """The track that an m-line of the publisher feeds: the one of before when the codec is the same.

        With another codec the viewers' answers are void: they are ended and come back with a new offer.
        """
        kind: Kind = "video" if chosen.media.kind == "video" else "audio"
        codec = chosen.codec
        assert codec is not None
        name = codec.name.upper()
        existing = self.playable(kind)
        if existing is None or existing.codec_name != name or existing.clock_rate != codec.clock_rate:
            if existing is not None:
                self.close_subscribers()
                self.tracks[existing.slot] = existing = self._new_track(existing.slot, kind, name, codec.clock_rate)
            else:
                existing = self._new_track(len(self.tracks), kind, name, codec.clock_rate)
                self.tracks.append(existing)
        existing.profile_level_id = codec.parameters.get("profile-level-id", "")
        existing.stereo = codec.parameters.get("stereo") == "1" or codec.parameters.get("sprop-stereo") == "1"
        return existing

    def _new_track(self, slot: int, kind: Kind, codec_name: str, clock_rate: int) -> UpTrack:
        return UpTrack(
            slot=slot,
            kind=kind,
            codec_name=codec_name,
            clock_rate=clock_rate,
            ssrc=self.new_ssrc(),
            rtx_ssrc=self.new_ssrc(),
            first_sequence=first_sequence(),
        )

    def playable(self, kind: str) -> UpTrack | None:
        """The track of this kind that viewers get."""
        return next((track for track in self.tracks if track.kind == kind), None)

    def sources(self) -> dict[Kind, OutgoingSource]:
        """What an answer to a viewer can offer."""
        return {track.kind: track.description for track in self.tracks}

    def receive(self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, now_ms: float) -> None:
        """A packet of the publisher. Leaves at the end of its frame, or with the tick."""
        track = source.track
        if track.source is not source and not self._take_over(source, sequence, timestamp, now_ms):
            return
        if not payload:
            track.skip(sequence)
            return
        packet = track.write(sequence, timestamp, marker, payload, now_ms)
        if packet is None:
            self.transport.counters.dropped_replayed += 1
            return
        if not self.active:
            self._started()
        self._pending.append((track, packet))
        if (marker and track.kind == "video") or len(self._pending) >= _PENDING_MAX:
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
        if self._joining:
            self._advance(pending)

    def admit(self, viewer: Viewer) -> None:
        """A viewer is connected: replay the group of pictures, or ask for a key frame."""
        self.flush()  # so that nothing pending is sent twice
        self._joining.append(viewer)
        viewer.send_rtcp(self.sender_reports())
        self._advance([])
        if viewer in self._joining and not viewer.replaying:
            for track in self.tracks:
                if track.needs_key:
                    track.keyframes.request()

    def leave(self, viewer: Viewer) -> None:
        """A viewer is gone."""
        self.subscribers.pop(viewer.id, None)
        if viewer in self._joining:
            self._joining.remove(viewer)
        cohort = self._cohorts.get(viewer.cohort_key)
        if cohort is not None and viewer in cohort.members:
            cohort.members.remove(viewer)
            if not cohort.members:
                del self._cohorts[viewer.cohort_key]

    def publisher_closed(self, publisher: Host) -> None:
        """The publisher ended or was lost. Viewers stay: it may come back."""
        if self.publisher is not publisher:
            return
        self.publisher = None
        self.flush()
        if self.active:
            self.active = False
            ended_at_ms = self.transport.clock.now_ms()
            self._on_event(StreamEnded(stream_id=self.id, node_id=self._node_id, ended_at_ms=ended_at_ms))

    def close_subscribers(self) -> None:
        """End every viewer's session; their players connect again."""
        for viewer in list(self.subscribers.values()):
            viewer.close()

    def report(self) -> None:
        """Every second: sender reports to every viewer."""
        if self.tracks and self.active:
            reports = self.sender_reports()
            for viewer in self.subscribers.values():
                viewer.send_rtcp(reports)

    def ntp_now(self) -> int:
        """64-bit NTP time of our clock."""
        return (self.transport.clock.now_ms() + _NTP_EPOCH_MS << 32) // 1000

    def sender_reports(self) -> bytes:
        """One compound packet for all viewers: which moment of each track is now, so that picture and sound agree."""
        now_ms, ntp = self.transport.clock.monotonic_ms(), self.ntp_now()
        reports = [
            rtcp.sender_report(
                rtcp.SenderReport(
                    track.ssrc, ntp, self._timestamp_now(track, now_ms), track.packets & 0xFFFFFFFF, track.octets & 0xFFFFFFFF
                )
            )
            for track in self.tracks
            if track.packets
        ]
        return b"".join(reports) + rtcp.source_description([track.ssrc for track in self.tracks], "efir")

    def stats(self) -> StreamStats:
        """Picture for `/stats`."""
        return StreamStats(
            stream_id=self.id,
            active=self.active,
            subscribers=len(self.subscribers),
            publisher_bitrate_bps=self.publisher.bitrate_bps if self.publisher else 0,
            uplink_fraction_lost=self.publisher.fraction_lost if self.publisher else 0.0,
            worst_fraction_lost=max((viewer.worst_loss for viewer in self.subscribers.values()), default=0.0),
            codecs=[track.codec_name for track in self.tracks],
        )

    def _take_over(self, source: Source, sequence: int, timestamp: int, now_ms: float) -> bool:
        track = source.track
        if track.source is not None and now_ms - track.arrived_ms < _OTHER_SOURCE_MS:
            self.transport.counters.dropped_unknown_source += 1
            return False
        track.attach(source, sequence, timestamp, now_ms)
        return True

    def _started(self) -> None:
        self.active = True
        self._on_event(StreamStarted(stream_id=self.id, node_id=self._node_id, started_at_ms=self.transport.clock.now_ms()))

    def _advance(self, pending: Pending) -> None:
        now_ms = self.transport.clock.monotonic_ms()
        for viewer in list(self._joining):
            self.transport.sender.send((viewer,), plan(viewer.catch_up(pending, now_ms)))
            if viewer.caught_up:
                self._joining.remove(viewer)
                self._cohorts.setdefault(viewer.cohort_key, Cohort(viewer.cohort_key)).members.append(viewer)
        if any(viewer.replaying for viewer in self._joining):
            self._wake_in(JOIN_TICK_S)

    def _wake_in(self, delay_s: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.flush()

    def _timestamp_now(self, track: UpTrack, now_ms: float) -> int:
        known = self.publisher.clock_of(track) if self.publisher is not None else None
        if known is None:
            since_ms, timestamp = track.arrived_ms, track.munger.timestamp
        else:
            since_ms, timestamp = known[0], known[1] + track.munger.timestamp_offset
        return int(timestamp + (now_ms - since_ms) * track.clock_rate / 1000) & 0xFFFFFFFF
