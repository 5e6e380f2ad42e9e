"""A track of a stream as its viewers know it: one outgoing source, its cache, and where its last key frame is.

It outlives its publisher: the packets of a publisher that comes back continue the same sequence.
"""

from collections.abc import Callable
from typing import Any

from media.negotiation import Kind, OutgoingSource
from media.rtp import h264, vp8
from media.rtp.keyframes import KeyframeRequests
from media.rtp.munger import Munger
from media.rtp.packet_cache import PacketCache
from media.rtp.packets import Packet

GOP_MAX_MS = 3_500.0
"""Age up to which a group of pictures is replayed to a late joiner: a key frame every 3 s is common, and half a second of slack.
Older ones would be megabytes to catch up with; such a viewer waits for the key frame that it makes us ask for."""

_CACHE_PACKETS = {"video": 4096, "audio": 512}  # 4 s at 1000 packets/s; 10 s at 50
_IS_KEY: dict[str, Callable[[bytes], bool]] = {"H264": h264.is_key, "VP8": vp8.is_key}


class UpTrack:
    """`slot` is its place in the stream's list of tracks. `first_sequence` and the SSRCs are random (RFC 3550 §5.1)."""

    def __init__(
        self, *, slot: int, kind: Kind, codec_name: str, clock_rate: int, ssrc: int, rtx_ssrc: int, first_sequence: int
    ) -> None:
        self.slot = slot
        self.kind: Kind = kind
        self.codec_name = codec_name
        self.clock_rate = clock_rate
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.nonce_base = ssrc << 48  # RFC 7714 §8.1: SSRC, then the index
        self.profile_level_id = ""
        self.stereo = False
        self.cache = PacketCache(_CACHE_PACKETS[kind])
        self.keyframes = KeyframeRequests()
        self.source: Any = None
        """The incoming source that feeds it now; None while the publisher is away."""
        self.packets = 0
        self.octets = 0
        self.arrived_ms = 0.0
        self.munger = Munger(first_sequence, first_sequence)
        self._is_key = _IS_KEY.get(codec_name)
        self._gop_start: int | None = None
        self._gop_ms = 0.0
        self._frame_timestamp = -1
        self._frame_start = 0

    @property
    def description(self) -> OutgoingSource:
        """For the answers to viewers."""
        return OutgoingSource(self.ssrc, self.rtx_ssrc, self.codec_name, self.profile_level_id, self.stereo)

    def attach(self, source: object, sequence: int, timestamp: int, now_ms: float) -> None:
        """A (new) source starts with this packet."""
        elapsed_ms = now_ms - self.arrived_ms if self.packets else 0.0
        self.munger.switch(sequence, timestamp, int(elapsed_ms * self.clock_rate / 1000))
        self.source = source
        self._gop_start = None
        self._frame_timestamp = -1
        if self._is_key is not None:
            self.keyframes.request()

    def detach(self, source: object) -> None:
        """The source is gone; what is cached still repairs losses, but nobody may start with it."""
        if self.source is source:
            self.source = None
            self._gop_start = None

    def write(self, sequence: int, timestamp: int, marker: bool, payload: bytes, now_ms: float) -> Packet | None:
        """Take a packet of the current source; what goes out, or None when it is a duplicate or too old."""
        mapped = self.munger.map(sequence, timestamp)
        if mapped is None:
            return None
        packet = Packet(mapped[0], mapped[1], marker, payload, now_ms)
        if not self.cache.add(packet):
            return None
        self.packets += 1
        self.octets += len(payload)
        self.arrived_ms = now_ms
        if self._is_key is not None:
            self._follow_frames(packet, now_ms)
        return packet

    def skip(self, sequence: int) -> None:
        """Leave a packet without content out."""
        self.munger.skip(sequence)

    def replay_start(self, now_ms: float) -> int | None:
        """Where a viewer can start: the first packet of the last key frame, if it is young enough and still cached."""
        start = self._gop_start
        if start is None or now_ms - self._gop_ms > GOP_MAX_MS or self.cache.get(start) is None:
            return None
        return start

    @property
    def needs_key(self) -> bool:
        """Whether viewers of this track must start with a key frame."""
        return self._is_key is not None

    def _follow_frames(self, packet: Packet, now_ms: float) -> None:
        assert self._is_key is not None
        if packet.timestamp != self._frame_timestamp:
            if packet.sequence < self.cache.highest:  # a late packet of an older frame
                return
            self._frame_timestamp, self._frame_start = packet.timestamp, packet.sequence
        elif packet.sequence < self._frame_start:
            self._frame_start = packet.sequence
        if self._is_key(packet.payload):
            self._gop_start, self._gop_ms = self._frame_start, now_ms
            self.keyframes.arrived()
            if self.codec_name == "H264":
                self.profile_level_id = h264.profile_level_id(packet.payload) or self.profile_level_id
