"""What two media processes of one machine say about a stream: one message per datagram of a SOCK_SEQPACKET socket. Pure.

The origin has the stream's publishers, an edge only viewers. An edge opens one connection per stream and says `Subscribe`; it
hears the `Description`, the cached groups of pictures, and from then on every packet of the stream. Closing is the good-bye.
Everything but packets is a state: a newer one replaces an older one, and saying it again is harmless. Packets are plaintext RTP
without its header, in the origin's numbers; packets of a tick share a message. Both ends are of the same release: another
`VERSION` is refused.
"""

from collections.abc import Mapping, Sequence
from struct import Struct, error
from typing import Any, NamedTuple

import msgspec

from media.rtp.packets import Packet
from schemas.media import PLACES_MAX, StagePlace

VERSION = 1
MESSAGE_BYTES_MAX = 512 * 1024
"""Larger ones are never sent: 255 packets of at most 2 KB, and their records."""
PACKETS_MAX = 255

_PACKETS = 0
"""First byte of a message of packets; the others are MessagePack arrays and begin with 0x90 to 0x9f."""

_RECORD = Struct("!BBQIBH")
_PACKETS_HEADS = [Struct("!BB" + "BBQIBH" * count) for count in range(PACKETS_MAX + 1)]

Address = tuple[int, int]
"""Track, as `track_key` names it, and index of the layer in its description."""


class WireError(ValueError):
    """The bytes are no message."""


class Subscribe(msgspec.Struct, frozen=True, array_like=True, tag="subscribe"):
    """The first message of an edge."""

    version: int
    stream_id: str
    node_id: str


class KeyframeWanted(msgspec.Struct, frozen=True, array_like=True, tag="keyframe"):
    """Viewers of the edge wait for a key frame of this layer."""

    track: int
    layer: int


class Viewers(msgspec.Struct, frozen=True, array_like=True, tag="viewers"):
    """How many watch at the edge."""

    count: int


class TrackDescription(msgspec.Struct, frozen=True, array_like=True):
    """A track; `rids` are its layers, by whose index packets name them."""

    key: int
    codec_name: str
    profile_level_id: str
    stereo: bool
    offered: bool
    rids: tuple[str, ...]


class Description(msgspec.Struct, frozen=True, array_like=True, tag="description"):
    """Who is here, and what they send."""

    places: tuple[StagePlace, ...]
    tracks: tuple[TrackDescription, ...]


class Clocks(msgspec.Struct, frozen=True, array_like=True, tag="clocks"):
    """What time it is: `timestamps` are (track, layer, RTP timestamp in the origin's numbers) at `now_ms` of the machine's
    monotonic clock, which all its processes share. The first one says that all groups of pictures are delivered."""

    now_ms: float
    timestamps: tuple[tuple[int, int, int], ...]


class Elsewhere(msgspec.Struct, frozen=True, array_like=True, tag="elsewhere"):
    """How many watch at the origin and its other edges."""

    count: int


class Removed(msgspec.Struct, frozen=True, array_like=True, tag="removed"):
    """This participant must not watch any more."""

    participant_id: str


ToOrigin = Subscribe | KeyframeWanted | Viewers
ToEdge = Description | Clocks | Elsewhere | Removed

encode = msgspec.msgpack.Encoder().encode
_to_origin: msgspec.msgpack.Decoder[ToOrigin] = msgspec.msgpack.Decoder(Subscribe | KeyframeWanted | Viewers)
_to_edge: msgspec.msgpack.Decoder[ToEdge] = msgspec.msgpack.Decoder(Description | Clocks | Elsewhere | Removed)


class PipedPacket(NamedTuple):
    """A packet as it comes out of the pipe."""

    address: Address
    sequence: int
    timestamp: int
    marker: bool
    payload: bytes


def track_key(place: int, kind: str) -> int:
    """Number of a track: the same in every process, whatever the order in which it made its tracks."""
    return place * 2 + (kind == "video")


def track_of(key: int) -> tuple[int, str]:
    """Place and kind.

    Raises:
        WireError: there is no such place.
    """
    if not 0 <= key < 2 * PLACES_MAX:
        raise WireError(f"no place {key // 2}")
    return key // 2, "video" if key % 2 else "audio"


def packets(batch: Sequence[tuple[Any, Packet]], addresses: Mapping[Any, Address]) -> list[bytes]:
    """A message of at most `PACKETS_MAX` packets, each with its layer, in parts for `sendmsg`: payloads are not copied here.
    About 1 µs per packet, for all edges together."""
    fields: list[int] = []
    parts = [b""]
    for layer, (sequence, timestamp, marker, payload, _) in batch:
        track, index = addresses[layer]
        fields += (track, index, sequence, timestamp, marker, len(payload))
        parts.append(payload)
    parts[0] = _PACKETS_HEADS[len(batch)].pack(_PACKETS, len(batch), *fields)
    return parts


def decode_to_origin(data: bytes) -> ToOrigin:
    """Raises:
    WireError: it is no message of an edge.
    """
    try:
        return _to_origin.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise WireError(str(problem)) from problem


def decode_to_edge(data: memoryview) -> ToEdge | list[PipedPacket]:
    """Raises:
    WireError: it is no message of an origin.
    """
    if len(data) and data[0] == _PACKETS:
        return _read_packets(data)
    try:
        return _to_edge.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise WireError(str(problem)) from problem


def _read_packets(data: memoryview) -> list[PipedPacket]:
    if len(data) < 2 or len(data) < (position := 2 + data[1] * _RECORD.size):
        raise WireError("the records are cut off")
    read = []
    try:
        for track, layer, sequence, timestamp, marker, length in _RECORD.iter_unpack(data[2:position]):
            end = position + length
            read.append(PipedPacket((track, layer), sequence, timestamp, marker != 0, bytes(data[position:end])))
            position = end
    except error as problem:
        raise WireError(str(problem)) from problem
    if position != len(data):
        raise WireError("the payloads are not as long as the records say")
    return read
