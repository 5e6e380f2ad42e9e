"""The package's Prometheus metrics. Counted as plain numbers where it is hot, and copied here once a second."""

from typing import Protocol

from prometheus_client import Counter

from server.kernel.metrics import counter, gauge, histogram

CONNECTIONS = gauge("efir_websocket_connections", "Open websockets")
POLLS = gauge("efir_long_polls", "Polls that are being answered, for viewers whom no websocket reaches")
REFUSED = counter("efir_websocket_refused_total", "Handshakes refused: too many, or the node is full or leaving")
PAUSED = gauge("efir_websocket_paused", "Websockets whose peer reads too slowly at the moment")
CHANNELS = gauge("efir_channels", "Channels that this process follows")
PUBLICATIONS = counter("efir_channel_publications_total", "Publications that came in from the logs")
FRAMES = counter("efir_channel_frames_total", "Publications delivered to viewers")
WRITES = counter("efir_channel_writes_total", "Writes that carried them")
GAPS = counter("efir_channel_gaps_total", "Viewers sent a snapshot because they fell out of the ring or history was lost")
ABORTED = counter("efir_websocket_aborted_slow_total", "Websockets dropped because their peer stopped reading")
TALLIED = counter("efir_channel_tallied_total", "Commands that were added to a channel's counters")
TALLY_BATCH = histogram("efir_channel_tally_batch", "Commands per publication of totals", (1, 4, 16, 64, 256))
PUBLISH_BATCH = histogram("efir_channel_publish_batch", "Publications of one channel per script", (1, 2, 4, 8, 16, 32, 64, 128))
RESTORED = counter("efir_channel_restored_total", "Times the subscriber's connection came back, by what answered", ("process",))
REPAIRED = counter("efir_channel_repaired_total", "Channels that were not where Redis was, by what brought them there", ("how",))
PRESENCE_REPORTS = counter("efir_channel_presence_reports_total", "Calls that told Redis who is on a channel in this process")


class Stats(Protocol):
    """The counts that are published."""

    @property
    def connections(self) -> int: ...
    @property
    def polls(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def paused(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def publications(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def writes(self) -> int: ...
    @property
    def gaps(self) -> int: ...
    @property
    def aborted_slow(self) -> int: ...


class Meter:
    """Turns totals into increments of Prometheus' counters."""

    def __init__(self) -> None:
        self._told: dict[Counter, int] = {}

    def update(self, stats: Stats) -> None:
        """Publish the present counts."""
        CONNECTIONS.set(stats.connections)
        POLLS.set(stats.polls)
        PAUSED.set(stats.paused)
        CHANNELS.set(stats.channels)
        self._raise(REFUSED, stats.refused)
        self._raise(PUBLICATIONS, stats.publications)
        self._raise(FRAMES, stats.frames)
        self._raise(WRITES, stats.writes)
        self._raise(GAPS, stats.gaps)
        self._raise(ABORTED, stats.aborted_slow)

    def _raise(self, metric: Counter, total: int) -> None:
        metric.inc(total - self._told.get(metric, 0))
        self._told[metric] = total
