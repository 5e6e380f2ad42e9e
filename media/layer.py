"""One encoding of a track (a simulcast layer, RFC 8853; most tracks have one): its numbers, its cache, its last key frame.

It outlives its publisher: the packets of a publisher that comes back continue the same sequence.
"""

from collections.abc import Callable
from typing import Any

from media.rtp import h264, vp8
from media.rtp.keyframes import KeyframeRequests
from media.rtp.munger import Munger
from media.rtp.packet_cache import PacketCache
from media.rtp.packets import Packet

GOP_MAX_MS = 3_500.0
"""Age up to which a group of pictures is replayed to a late joiner: a key frame every 3 s is common, and half a second of slack.
Older ones would be megabytes to catch up with; such a viewer waits for the key frame that it makes us ask for."""

ACTIVE_MS = 1_500.0
"""A layer without packets for so long was switched off by its encoder (a browser does so when its uplink is narrow)."""

_CACHE_PACKETS = {"video": 4096, "audio": 512}  # 4 s at 1000 packets/s; 10 s at 50
_IS_KEY: dict[str, Callable[[bytes], bool]] = {"H264": h264.is_key, "VP8": vp8.is_key}


class Layer:
    """`rid` is empty where there is no simulcast. `first_sequence` is random (RFC 3550 §5.1)."""

    def __init__(self, kind: str, codec_name: str, clock_rate: int, rid: str, first_sequence: int) -> None:
        self.rid = rid
        self.codec_name = codec_name
        self.clock_rate = clock_rate
        self.cache = PacketCache(_CACHE_PACKETS[kind])
        self.keyframes = KeyframeRequests()
        self.munger = Munger(first_sequence, first_sequence)
        self.parameter_sets = h264.ParameterSets() if codec_name == "H264" else None
        self.source: Any = None
        """The incoming source that feeds it now; None while the publisher is away."""
        self.waiting: list[Any] = []
        """`DownTrack`s that start with its next key frame."""
        self.skew_ticks = 0
        """What its timestamps lack to agree with those of the track's reference layer, by the sender's reports."""
        self.packets = 0
        self.octets = 0
        self.arrived_ms = 0.0
        self.bitrate_bps = 0
        self.width = self.height = 0
        self.muted = False
        self._held = False
        self._is_key = _IS_KEY.get(codec_name)
        self._gop_start: int | None = None
        self._gop_timestamp = -1
        self._gop_ms = 0.0
        self._frame_timestamp = -1
        self._frame_start = 0
        self._octets_before = 0

    @property
    def needs_key(self) -> bool:
        """Whether its viewers must start with a key frame."""
        return self._is_key is not None

    def active(self, now_ms: float) -> bool:
        """Whether packets are coming."""
        return self.packets > 0 and now_ms - self.arrived_ms < ACTIVE_MS

    def attach(self, source: object, sequence: int, timestamp: int, now_ms: float, reference: "Layer") -> None:
        """A (new) source starts with this packet; its time goes on where `reference`, the layer heard last, is by now."""
        elapsed_ms = now_ms - reference.arrived_ms if reference.arrived_ms else 0.0
        self.munger.timestamp = (reference.munger.timestamp + reference.skew_ticks) & 0xFFFFFFFF
        self.munger.switch(sequence, timestamp, int(elapsed_ms * self.clock_rate / 1000))
        self.skew_ticks = 0
        self.source = source
        self._forget_frames()
        if self.needs_key:
            self.keyframes.request()

    def detach(self, source: object) -> None:
        """The source is gone; what is cached still repairs losses, but nobody may start with it."""
        if self.source is source:
            self.source = None
            self._gop_start = None

    def mute(self, muted: bool) -> None:
        """Let nothing pass; afterwards pictures begin with a key frame, since the frames between were never sent."""
        if self.muted and not muted and self.needs_key:
            self._held = True
            self.keyframes.request()
        if muted:
            self._gop_start = None
        self.muted = muted

    def admits(self, payload: bytes) -> bool:
        """Whether a packet with this payload may pass: not padding, not muted, not between a mute and the next key frame."""
        return bool(payload) and not self.muted and (not self._held or self._released(payload))

    def skip(self, sequence: int) -> None:
        """Leave a packet out without leaving a hole."""
        self.munger.skip(sequence)

    def write(self, sequence: int, timestamp: int, marker: bool, payload: bytes, now_ms: float) -> tuple[Packet | None, bool]:
        """Take a packet of the current source: what goes out (None for a duplicate or too old a packet), and whether a new key
        frame starts with it.
        """
        mapped = self.munger.map(sequence, timestamp)
        if mapped is None:
            return None, False
        packet = Packet(mapped[0], mapped[1], marker, payload, now_ms)
        if not self.cache.add(packet):
            return None, False
        self._count(payload, now_ms)
        return packet, self._is_key is not None and self._follow_frames(packet, now_ms)

    def replay_start(self, now_ms: float) -> int | None:
        """Where a viewer can start: the first packet of the last key frame, if it is young enough and still cached."""
        start = self._gop_start
        if start is None or now_ms - self._gop_ms > GOP_MAX_MS or self.cache.get(start) is None:
            return None
        return start

    def injected_before(self, packet: Packet) -> bytes | None:
        """Parameter sets that a decoder needs before this first packet and will not get with its key frame (RFC 6184 §8.4)."""
        return self.parameter_sets.missing_before(packet.payload) if self.parameter_sets is not None else None

    def measure(self) -> None:
        """Once a second: the bitrate since the last call."""
        self.bitrate_bps, self._octets_before = (self.octets - self._octets_before) * 8, self.octets

    def _count(self, payload: bytes, now_ms: float) -> None:
        self.packets += 1
        self.octets += len(payload)
        self.arrived_ms = now_ms

    def _released(self, payload: bytes) -> bool:
        assert self._is_key is not None
        self._held = not self._is_key(payload)
        return not self._held

    def _forget_frames(self) -> None:
        self._gop_start, self._gop_timestamp, self._frame_timestamp = None, -1, -1

    def _follow_frames(self, packet: Packet, now_ms: float) -> bool:
        assert self._is_key is not None
        if self.parameter_sets is not None:
            self.parameter_sets.receive(packet.payload)
        if packet.timestamp != self._frame_timestamp:
            if packet.sequence < self.cache.highest:  # a late packet of an older frame
                return False
            self._frame_timestamp, self._frame_start = packet.timestamp, packet.sequence
        elif packet.sequence < self._frame_start:
            self._frame_start = packet.sequence
        if not self._is_key(packet.payload):
            return False
        self._gop_start, self._gop_ms = self._frame_start, now_ms
        self.keyframes.arrived()
        self._read_key(packet.payload)
        started, self._gop_timestamp = packet.timestamp != self._gop_timestamp, packet.timestamp
        return started

    def _read_key(self, payload: bytes) -> None:
        if self.parameter_sets is None:
            size = vp8.resolution(payload)
        else:
            sequence_set = self.parameter_sets.sequence_set
            size = h264.resolution(sequence_set) if sequence_set is not None else None
        self.width, self.height = size or (self.width, self.height)
