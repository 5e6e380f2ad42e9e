"""Counters of a media node: plain attributes, so that the hot path only adds to them, and the picture that `/stats` gives."""

from bisect import bisect_left

import msgspec

BATCH_PACKETS_MAX = 64
"""Packets of the largest batch that is told apart: the kernel's limit of UDP_SEGMENT."""


class Histogram:
    """A distribution: counts per bucket, whose upper `bounds` belong to it, and one bucket above them. 0.3 µs per value."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Distributions:
    """What is not told by a sum. Seconds, but for shares and packets."""

    __slots__ = ("batch_packets", "first_packet_s", "handshake_s", "loop_lag_s", "loss_ratio", "round_trip_s")

    def __init__(self) -> None:
        self.handshake_s = Histogram(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
        """From a viewer's or publisher's POST to its keys."""
        self.first_packet_s = Histogram(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
        """From a viewer's POST to its first packet of the stream."""
        self.round_trip_s = Histogram(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
        """Each connected viewer's last report, once a second."""
        self.loss_ratio = Histogram(0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
        """The same of the share of packets that it lost, 0 to 1."""
        self.loop_lag_s = Histogram(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)
        """How late each 20 ms tick of the event loop came."""
        self.batch_packets = [0] * (BATCH_PACKETS_MAX + 1)
        """How many batches had so many packets: the sender only adds to an element."""


class Counters:
    """Everything counted since the start of the process."""

    __slots__ = (
        "batches_out",
        "bytes_in",
        "bytes_out",
        "cache_hits",
        "cache_misses",
        "distributions",
        "dropped_malformed",
        "dropped_pipe_full",
        "dropped_rate_limited",
        "dropped_replayed",
        "dropped_socket_full",
        "dropped_too_large",
        "dropped_unauthenticated",
        "dropped_unknown_address",
        "dropped_unknown_source",
        "dropped_unreachable",
        "handshakes_failed",
        "joins",
        "nacks_in",
        "nacks_out",
        "nacks_suppressed",
        "packets_in",
        "packets_out",
        "pipe_packets_in",
        "pipe_packets_out",
        "plis_in",
        "plis_sent",
        "plis_suppressed",
        "replayed_at_join",
        "sessions_expired",
        "tcp_expired",
        "tcp_refused",
    )

    batches_out: int
    bytes_in: int
    bytes_out: int
    cache_hits: int
    cache_misses: int
    distributions: Distributions
    dropped_malformed: int
    dropped_pipe_full: int
    dropped_rate_limited: int
    dropped_replayed: int
    dropped_socket_full: int
    dropped_too_large: int
    dropped_unauthenticated: int
    dropped_unknown_address: int
    dropped_unknown_source: int
    dropped_unreachable: int
    handshakes_failed: int
    joins: int
    nacks_in: int
    nacks_out: int
    nacks_suppressed: int
    packets_in: int
    packets_out: int
    pipe_packets_in: int
    pipe_packets_out: int
    plis_in: int
    plis_sent: int
    plis_suppressed: int
    replayed_at_join: int
    sessions_expired: int
    tcp_expired: int
    tcp_refused: int

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, 0)
        self.distributions = Distributions()

    def as_dict(self) -> dict[str, int]:
        """Name and value of each."""
        return {name: value for name in self.__slots__ if isinstance(value := getattr(self, name), int)}


class StreamStats(msgspec.Struct, frozen=True, kw_only=True):
    """One stream. Loss is the worst of its viewers' last reports. `subscribers` watch here, `viewers` at all processes that have
    it; `edges` are other processes that take it from here, `edge` says that this one takes it from another."""

    stream_id: str
    active: bool
    subscribers: int
    viewers: int
    edges: int
    edge: bool
    publisher_bitrate_bps: int
    uplink_fraction_lost: float
    worst_fraction_lost: float
    codecs: list[str]


class NodeStats(msgspec.Struct, frozen=True, kw_only=True):
    """One media process, for `/stats`, the registry and the tests."""

    node_id: str
    draining: bool
    publishers: int
    subscribers: int
    loop_lag_ms: float
    """Largest delay of the event loop's 20 ms tick within the last second."""
    segmentation: bool
    """Whether packets leave in UDP_SEGMENT batches."""
    counters: dict[str, int]
    streams: list[StreamStats]
