"""The origin's side of the pipe: a stream as its edges are told of it."""

import socket
from collections.abc import Callable

from media.cascade import wire
from media.cascade.link import EdgeLink
from media.layer import Layer
from media.stage import Place
from media.stats import Counters
from media.stream import Pending, Stream
from media.uptrack import UpTrack


class StreamPipe:
    """The edges of a stream; a `Tap` of it (see `media.stream`). `addresses` name its layers on the wire."""

    def __init__(self, stream: Stream, counters: Counters, now_ms: Callable[[], float]) -> None:
        self.stream = stream
        self._now_ms = now_ms
        self.links: list[EdgeLink] = []
        self.addresses: dict[Layer, wire.Address] = {}
        self.description = b""
        self._counters = counters
        self._described: wire.Description | None = None
        self._describe()

    def now_ms(self) -> float:
        """Monotonic."""
        return self._now_ms()

    @property
    def viewers(self) -> int:
        """How many watch at all edges."""
        return sum(link.viewers for link in self.links)

    @property
    def edges(self) -> int:
        """See `media.stream.Tap`."""
        return len(self.links)

    def add(self, sock: socket.socket) -> EdgeLink:
        """A new edge."""
        self.stream.flush()  # so that nothing pending is sent twice
        self.changed()
        link = EdgeLink(self, sock)
        self.links.append(link)
        if self not in self.stream.taps:
            self.stream.taps.append(self)
        link.start()
        return link

    def drop(self, link: EdgeLink) -> None:
        """This edge is gone; its viewers are counted no more."""
        if link in self.links:
            self.links.remove(link)
            link.close()
            self.stream.elsewhere = self.viewers
            if not self.links:
                self.stream.taps.remove(self)

    def send(self, pending: Pending) -> None:
        """See `media.stream.Tap`. Encoded once for all edges."""
        if any(layer not in self.addresses for layer, _ in pending):
            self.changed()
        known = [(layer, packet) for layer, packet in pending if layer in self.addresses]  # a layer may have gone meanwhile
        if known:
            message = wire.packets(known, self.addresses)
            self._counters.pipe_packets_out += len(known) * len(self.links)
            for link in list(self.links):
                link.send(known, message)

    def changed(self) -> None:
        """See `media.stream.Tap`."""
        if self._describe():
            for link in list(self.links):
                link.changed()

    def report(self) -> None:
        """Every second."""
        self.changed()
        self.stream.elsewhere = viewers = self.viewers
        for link in list(self.links):
            link.report(len(self.stream.subscribers) + viewers - link.viewers)

    def removed(self, participant_id: str) -> None:
        """This participant must not watch any more, wherever it does."""
        for link in list(self.links):
            link.remove(participant_id)

    def clocks(self) -> bytes:
        """The message of now."""
        now_ms = self.now_ms()
        stamps = [
            (*self.addresses[layer], (self.stream.timestamp_now(track, now_ms) - layer.skew_ticks) & 0xFFFFFFFF)
            for track in self.stream.tracks
            if track.packets
            for layer in track.layers
            if layer in self.addresses
        ]
        return wire.encode(wire.Clocks(now_ms, tuple(stamps)))

    def dropped(self, layer: Layer, packets: int) -> None:
        """An edge has lost packets for good."""
        self._counters.dropped_pipe_full += packets
        if layer.needs_key:
            layer.keyframes.request()

    def receive(self, link: EdgeLink, message: wire.ToOrigin) -> None:
        """What an edge says."""
        if isinstance(message, wire.KeyframeWanted):
            layer = next((layer for layer, at in self.addresses.items() if at == (message.track, message.layer)), None)
            if layer is not None and layer.needs_key:
                self._counters.plis_in += 1
                self._counters.plis_suppressed += layer.keyframes.wanted
                layer.keyframes.request()
        elif isinstance(message, wire.Viewers):
            link.viewers = max(0, message.count)
            self.stream.elsewhere = self.viewers

    def _describe(self) -> bool:
        tracks = self.stream.tracks
        described = wire.Description(
            tuple(place.view() for place in self._places()), tuple(_describe_track(track) for track in tracks)
        )
        if described == self._described:
            return False
        self._described, self.description = described, wire.encode(described)
        self.addresses = {
            layer: (wire.track_key(track.place, track.kind), index)
            for track in tracks
            for index, layer in enumerate(track.layers)
        }
        return True

    def _places(self) -> list[Place]:
        return [place for place in self.stream.stage.places if place.participant_id]


def _describe_track(track: UpTrack) -> wire.TrackDescription:
    return wire.TrackDescription(
        wire.track_key(track.place, track.kind),
        track.codec_name,
        track.profile_level_id,
        track.stereo,
        track.offered,
        tuple(layer.rid for layer in track.layers),
    )
