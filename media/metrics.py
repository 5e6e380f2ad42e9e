"""The relay's figures for Prometheus: plain attributes while media flows, converted when somebody asks."""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from media.peer import Peer
from media.stats import Distributions, Histogram
from media.subscriber import Subscriber

if TYPE_CHECKING:  # the node calls `sample` once a second
    from media.node import MediaNode

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BATCH_BOUNDS = (1, 2, 4, 8, 16, 32)
_KINDS = ("publisher", "subscriber")
_STATES = ("new", "connecting", "connected")

_TEXTS = {
    "dropped": "Packets dropped, by reason",
    "pipe_packets": "Packets from and to other media processes of this machine",
    "repairs": "Packets that viewers asked for again: `sent` from the cache, `missed` there, `suppressed` as asked too often",
    "keyframe_requests": "Key frame requests: `received` from viewers, `suppressed` as one was under way, `sent` to publishers",
}
_FAMILIES = {
    "packets_in": ("packets", "direction", "in"),
    "packets_out": ("packets", "direction", "out"),
    "pipe_packets_in": ("pipe_packets", "direction", "in"),
    "pipe_packets_out": ("pipe_packets", "direction", "out"),
    "bytes_in": ("bytes", "direction", "in"),
    "bytes_out": ("bytes", "direction", "out"),
    "nacks_in": ("nacks", "direction", "in"),
    "nacks_out": ("nacks", "direction", "out"),
    "cache_hits": ("repairs", "outcome", "sent"),
    "cache_misses": ("repairs", "outcome", "missed"),
    "nacks_suppressed": ("repairs", "outcome", "suppressed"),
    "plis_in": ("keyframe_requests", "outcome", "received"),
    "plis_sent": ("keyframe_requests", "outcome", "sent"),
    "plis_suppressed": ("keyframe_requests", "outcome", "suppressed"),
}
"""Counters that are one family with a label; `dropped_*` are too, and every other one is a family of its own."""


def sample(sessions: Iterable[Peer], distributions: Distributions) -> None:
    """Once a second: round trip and loss of every viewer. About 1 µs per viewer."""
    for session in sessions:
        if isinstance(session, Subscriber) and session.state == "connected":
            distributions.loss_ratio.observe(session.worst_loss)
            round_trips = [down.round_trip_ms for down in session.down_tracks if down.round_trip_ms is not None]
            if round_trips:
                distributions.round_trip_s.observe(max(round_trips) / 1000)


class RelayMetrics(Collector):
    """The figures of one node; `render` gives Prometheus' text format."""

    def __init__(self, node: "MediaNode") -> None:
        self._node = node
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def render(self) -> bytes:
        """The whole page."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Nothing is known before it is asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family, with the values of now."""
        yield from _counters(self._node.counters.as_dict())
        yield from self._gauges()
        yield from _histograms(self._node.counters.distributions)

    def _gauges(self) -> Iterator[Metric]:
        node = self._node
        kinds: Tally[tuple[str, str]] = Tally(
            (type(session).__name__.lower(), session.state) for session in node.sessions.values()
        )
        sessions = GaugeMetricFamily("efir_relay_sessions", "Open sessions", labels=("kind", "state"))
        for kind in _KINDS:
            for state in _STATES:
                sessions.add_metric((kind, state), kinds[kind, state])
        yield sessions
        streams = GaugeMetricFamily("efir_relay_streams", "Streams with a publisher or viewers", labels=("active",))
        active = sum(stream.active for stream in node.streams.values())
        streams.add_metric(("true",), active)
        streams.add_metric(("false",), len(node.streams) - active)
        yield streams
        pictures = GaugeMetricFamily("efir_relay_pictures", "Pictures that flow to viewers now, by encoding", labels=("rid",))
        viewers = [session for session in node.sessions.values() if isinstance(session, Subscriber)]
        flows = [down.flow for viewer in viewers for down in viewer.down_tracks if down.track.kind == "video"]
        for rid, count in Tally(flow.layer.rid for flow in flows if flow is not None).items():
            pictures.add_metric((rid,), count)
        yield pictures
        uplinks = [stream.stats() for stream in node.streams.values()]
        yield GaugeMetricFamily(
            "efir_relay_uplink_loss_ratio",
            "Share of packets lost on the way from the publisher that loses most",
            max((stream.uplink_fraction_lost for stream in uplinks), default=0.0),
        )
        yield GaugeMetricFamily("efir_relay_event_listeners", "Open server-sent event streams", len(node.events))
        yield GaugeMetricFamily("efir_relay_draining", "1 while the node takes no new sessions", int(node.draining))


def _counters(values: dict[str, int]) -> Iterator[Metric]:
    families: dict[str, CounterMetricFamily] = {}
    for name, value in values.items():
        if name.startswith("dropped_"):
            family, label, of = "dropped", "reason", name.removeprefix("dropped_")
        else:
            family, label, of = _FAMILIES.get(name, (name, "", ""))
        if family not in families:
            text = _TEXTS.get(family, f"Count of {family.replace('_', ' ')}")
            families[family] = CounterMetricFamily(f"efir_relay_{family}", text, labels=(label,) if label else ())
        families[family].add_metric((of,) if label else (), value)
    yield from families.values()


def _histograms(distributions: Distributions) -> Iterator[Metric]:
    named = (
        ("handshake_seconds", "From the POST of a session to its keys", distributions.handshake_s),
        ("first_packet_seconds", "From a viewer's POST to its first packet of the stream", distributions.first_packet_s),
        ("round_trip_seconds", "Round trip to a viewer, once per viewer and second", distributions.round_trip_s),
        ("reported_loss_ratio", "Share of packets that a viewer lost, once per viewer and second", distributions.loss_ratio),
        ("loop_lag_seconds", "How late a 20 ms tick of the event loop came", distributions.loop_lag_s),
        ("batch_packets", "Packets per system call", _batches(distributions.batch_packets)),
    )
    for name, text, histogram in named:
        bounds = [*(str(float(bound)) for bound in histogram.bounds), "+Inf"]
        buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
        yield HistogramMetricFamily(f"efir_relay_{name}", text, buckets, histogram.total)


def _batches(counts: list[int]) -> Histogram:
    """The exact counts in the buckets that are worth a line."""
    histogram = Histogram(*_BATCH_BOUNDS)
    for size, count in enumerate(counts):
        histogram.counts[next((i for i, bound in enumerate(_BATCH_BOUNDS) if size <= bound), len(_BATCH_BOUNDS))] += count
        histogram.total += size * count
    return histogram
