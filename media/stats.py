"""Counters of a media node: plain attributes, so that the hot path only adds to them, and the picture that `/stats` gives."""

import msgspec


class Counters:
    """Everything counted since the start of the process."""

    __slots__ = (
        "batches_out",
        "bytes_in",
        "bytes_out",
        "cache_hits",
        "cache_misses",
        "dropped_malformed",
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
    dropped_malformed: int
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

    def as_dict(self) -> dict[str, int]:
        """Name and value of each."""
        return {name: getattr(self, name) for name in self.__slots__}


class StreamStats(msgspec.Struct, frozen=True, kw_only=True):
    """One stream. Loss and round trip are the worst of its viewers' last reports."""

    stream_id: str
    active: bool
    subscribers: int
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
