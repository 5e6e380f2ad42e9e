"""The edge's side of the pipe: a connection to the origin of one stream, which feeds the stream here as publishers would.

The stream at the edge has sources, numbers, caches and viewers of its own. For its layers the pipe is a publisher like any other:
when the origin dies and the broadcast goes on from another one, that is a change of source, after which a layer's numbers and
time go on where they stopped (`Layer.attach`). So no number of any viewer is ever used twice, whatever origins number.
"""

import asyncio
import socket
from collections.abc import Callable

from media.cascade import wire
from media.layer import Layer
from media.peer import Transport
from media.stage import Place
from media.stream import Stream
from media.uptrack import UpTrack

BUFFER_BYTES = wire.MESSAGE_BYTES_MAX
_MESSAGES_PER_WAKE = 16  # of 8 ms of a stream each; then viewers' packets have their turn


class PipedParticipant:
    """A participant who publishes at the origin: a `Host` (see `media.stream`)."""

    fraction_lost = 0.0  # the origin repairs and reports it

    def __init__(self, place: Place) -> None:
        self.clocks: dict[Layer, tuple[float, int]] = {}
        self._place = place

    @property
    def participant_id(self) -> str:
        """See `Host`."""
        return self._place.participant_id

    @property
    def bitrate_bps(self) -> int:
        """Of what comes through the pipe."""
        return sum(layer.bitrate_bps for track in self._place.tracks.values() for layer in track.layers)

    def clock_of(self, layer: Layer) -> tuple[float, int] | None:
        """See `Host`; as the origin tells it every second."""
        return self.clocks.get(layer)

    def close(self) -> None:
        """Nothing of ours ends: the participant's session is the origin's."""


class PipedSource:
    """A layer of the origin: a `Source` (see `media.stream`)."""

    __slots__ = ("layer", "place", "track")

    def __init__(self, track: UpTrack, layer: Layer, place: Place) -> None:
        self.track = track
        self.layer = layer
        self.place = place


class Upstream:
    """The connection. It ends by `close`, or when the origin is gone, which `on_lost` is told after everything is tidied."""

    def __init__(
        self, stream: Stream, transport: Transport, on_removed: Callable[[str], None], on_lost: Callable[["Upstream"], None]
    ) -> None:
        self.stream = stream
        self.ready = asyncio.Event()
        """Set when the stream is described and its groups of pictures are here, or when the connection is over."""
        self.origin_id = ""
        self.idle_since_ms: float | None = None
        """Since when nobody watches here."""
        self._transport = transport
        self._on_removed = on_removed
        self._on_lost = on_lost
        self._sock: socket.socket | None = None
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._sources: dict[wire.Address, PipedSource] = {}
        self._told_viewers = 0

    @property
    def open(self) -> bool:
        """Whether there is a connection."""
        return self._sock is not None

    def start(self, path: str, origin_id: str) -> None:
        """Connect and subscribe. Does not wait: a unix socket connects at once or not at all.

        Raises:
            OSError: nobody listens there, or it is not for us.
        """
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.setblocking(False)
        try:
            sock.connect(path)
            sock.send(wire.encode(wire.Subscribe(wire.VERSION, self.stream.id, self._transport.node_id)))
        except OSError:
            sock.close()
            raise
        self._sock, self.origin_id = sock, origin_id
        asyncio.get_running_loop().add_reader(sock, self._read)

    def close(self) -> None:
        """End the connection: to the viewers the publishers are away."""
        sock, self._sock = self._sock, None
        if sock is None:
            return
        asyncio.get_running_loop().remove_reader(sock)
        sock.close()
        stream = self.stream
        for source in self._sources.values():
            source.layer.detach(source)
        self._sources = {}
        stream.elsewhere = 0
        for place in stream.stage.places:
            if isinstance(place.publisher, PipedParticipant):
                stream.publisher_closed(place.publisher)
        self.ready.set()

    def tick(self, now_ms: float) -> None:
        """Every 20 ms: pass key frame requests on, at most one per layer and second."""
        for address, source in self._sources.items():
            layer = source.layer
            if layer.source in (None, source) and layer.keyframes.due(now_ms) and self._say(wire.KeyframeWanted(*address)):
                self._transport.counters.plis_sent += 1

    def each_second(self) -> None:
        """Tell the origin how many watch here."""
        viewers = len(self.stream.subscribers)
        if viewers != self._told_viewers and self._say(wire.Viewers(viewers)):
            self._told_viewers = viewers

    def _say(self, message: wire.ToOrigin) -> bool:
        """False when the origin's buffer is full: it will be said again."""
        if self._sock is None:
            return False
        try:
            self._sock.send(wire.encode(message))
        except OSError:  # the end of the connection is read
            return False
        return True

    def _read(self) -> None:
        for _ in range(_MESSAGES_PER_WAKE):
            if self._sock is None:
                return
            try:
                size = self._sock.recv_into(self._buffer)
            except BlockingIOError:
                return
            except OSError:
                size = 0
            if size == 0:
                self._lose()
                return
            try:
                self._receive(wire.decode_to_edge(self._buffer[:size]))
            except wire.WireError:
                self._transport.counters.dropped_malformed += 1
                self._lose()
                return

    def _lose(self) -> None:
        self.close()
        self._on_lost(self)

    def _receive(self, message: wire.ToEdge | list[wire.PipedPacket]) -> None:
        if isinstance(message, list):
            self._feed(message)
        elif isinstance(message, wire.Description):
            self._describe(message)
        elif isinstance(message, wire.Clocks):
            self._set_clocks(message)
        elif isinstance(message, wire.Elsewhere):
            self.stream.elsewhere = max(0, message.count)
        else:
            self._on_removed(message.participant_id)

    def _feed(self, packets: list[wire.PipedPacket]) -> None:
        """About 4 µs per packet, of which the stream's own part is most."""
        now_ms, receive, sources = self._transport.clock.monotonic_ms(), self.stream.receive, self._sources
        self._transport.counters.pipe_packets_in += len(packets)
        for address, sequence, timestamp, marker, payload in packets:
            source = sources.get(address)
            if source is not None and source.place.publishing:  # else its participant has left already
                receive(source, sequence, timestamp, marker, payload, now_ms)

    def _describe(self, message: wire.Description) -> None:
        stream = self.stream
        read = [(wire.track_of(track.key), track) for track in message.tracks]
        codecs = {track.codec_name for (_, kind), track in read if kind == "video"}
        if len(codecs) > 1:
            raise wire.WireError("the video of a stream has one codec")
        codec = next(iter(codecs), "")
        if codec and stream.video_codec not in ("", codec):
            stream.start_over()
        if read:
            stream.lay_tracks(codec or stream.video_codec)
        sources: dict[wire.Address, PipedSource] = {}
        for (place_index, kind), described in read:
            place = stream.stage.places[place_index]
            track = place.tracks["video" if kind == "video" else "audio"]
            track.offered, track.stereo = described.offered, described.stereo
            track.profile_level_id = described.profile_level_id
            for index, layer in enumerate(track.use_rids(described.rids)):
                known = self._sources.get((described.key, index))
                same = known is not None and known.layer is layer
                sources[described.key, index] = known if known is not None and same else PipedSource(track, layer, place)
        for address, source in self._sources.items():
            if sources.get(address) is not source:
                source.layer.detach(source)
        self._sources = sources
        self._set_places(message)

    def _set_places(self, message: wire.Description) -> None:
        stream = self.stream
        for view in message.places:
            if not 0 <= view.place < len(stream.stage.places):
                raise wire.WireError(f"no place {view.place}")
            place = stream.stage.places[view.place]
            if not view.publishing and isinstance(place.publisher, PipedParticipant):
                for source in self._sources.values():
                    if source.place is place:
                        source.layer.detach(source)
                stream.publisher_closed(place.publisher)
            place.participant_id, place.on_stage = view.participant_id, view.on_stage
            if place.muted != frozenset(view.muted):
                place.mute(frozenset(view.muted))
            if view.publishing and not place.publishing:
                place.publisher = PipedParticipant(place)
                stream.started(place)
        stream.aim_all()

    def _set_clocks(self, message: wire.Clocks) -> None:
        for track, layer, timestamp in message.timestamps:
            source = self._sources.get((track, layer))
            participant = source.place.publisher if source is not None else None
            if source is not None and isinstance(participant, PipedParticipant):
                participant.clocks[source.layer] = (message.now_ms, timestamp)
        self.stream.align()
        self.ready.set()
