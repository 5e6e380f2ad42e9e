"""A track of a stream as its viewers know it: one outgoing source, with the layers that its publisher sends of it."""

from collections.abc import Sequence

from media.layer import Layer
from media.negotiation import Kind, OutgoingSource
from schemas.media import LayerView


class UpTrack:
    """`slot` is its place in the stream's list of tracks, `place` that of its participant; SSRCs are random (RFC 3550 §5.1)."""

    def __init__(
        self,
        *,
        slot: int,
        place: int,
        kind: Kind,
        codec_name: str,
        clock_rate: int,
        ssrc: int,
        rtx_ssrc: int,
        first_sequence: int,
    ) -> None:
        self.slot = slot
        self.place = place
        self.kind: Kind = kind
        self.codec_name = codec_name
        self.clock_rate = clock_rate
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.nonce_base = ssrc << 48  # RFC 7714 §8.1: SSRC, then the index
        self.profile_level_id = ""
        """As the offer has it; a sequence parameter set in the stream knows better."""
        self.stereo = False
        self.muted = False
        self.layers: list[Layer] = [self._layer("", first_sequence)]
        self.offered = True
        """Whether the answers to viewers have it."""
        self._first_sequence = first_sequence

    def _layer(self, rid: str, first_sequence: int) -> Layer:
        return Layer(self.kind, self.codec_name, self.clock_rate, rid, first_sequence)

    @property
    def description(self) -> OutgoingSource:
        """For the answers to viewers."""
        sets = next((layer.parameter_sets.sequence_set for layer in self.layers if layer.parameter_sets is not None), None)
        profile = sets[1:4].hex() if sets is not None and len(sets) >= 4 else self.profile_level_id  # RFC 6184 §8.1
        return OutgoingSource(self.ssrc, self.rtx_ssrc, self.codec_name, profile, self.stereo, f"place-{self.place}")

    @property
    def needs_key(self) -> bool:
        """Whether viewers of this track must start with a key frame."""
        return self.layers[0].needs_key

    @property
    def packets(self) -> int:
        """Packets taken, of all layers."""
        return sum(layer.packets for layer in self.layers)

    @property
    def latest(self) -> Layer:
        """The layer heard last: it knows what time it is in this track."""
        return max(self.layers, key=lambda layer: layer.arrived_ms)

    def use_rids(self, rids: Sequence[str]) -> list[Layer]:
        """The layers of a publisher's offer, in its order; those of before are kept where the rid is the same.

        Without simulcast there is one layer with an empty rid. A layer that is no longer offered goes: its viewers move on with
        the next key frame of another.
        """
        wanted = list(rids) or [""]
        if len(wanted) == len(self.layers) == 1:
            self.layers[0].rid = wanted[0]  # the same track goes on, whatever it is called
            return self.layers
        known = {layer.rid: layer for layer in self.layers}
        latest = self.latest
        self.layers = [known.get(rid) or self._layer(rid, self._first_sequence) for rid in wanted]
        for layer in self.layers:
            if not layer.packets:  # time goes on from the layer heard last
                layer.munger.timestamp, layer.arrived_ms = latest.munger.timestamp, latest.arrived_ms
            layer.muted = self.muted
        return self.layers

    def ranked(self) -> list[Layer]:
        """Layers from the smallest to the largest picture; by bitrate where the size is not known yet."""
        return sorted(self.layers, key=lambda layer: (layer.width * layer.height, layer.bitrate_bps))

    def mute(self, muted: bool) -> None:
        """See `Layer.mute`; new layers inherit it."""
        self.muted = muted
        for layer in self.layers:
            layer.mute(muted)

    def views(self, now_ms: float) -> list[LayerView]:
        """For the players' menus, smallest first."""
        return [
            LayerView(
                place=self.place,
                rid=layer.rid,
                width=layer.width,
                height=layer.height,
                bitrate_bps=layer.bitrate_bps,
                active=layer.active(now_ms),
            )
            for layer in self.ranked()
        ]
