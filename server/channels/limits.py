"""Token buckets, and every limit of the websocket side in one place. Pure: the time is given."""

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True)
class SessionLimits:
    """Limits of one connection; times in milliseconds."""

    connect_deadline_ms: int = 5_000
    """A connection that does not say who it is costs memory for nothing."""
    ping_ms: int = 25_000
    """Under the 60 s after which common proxies cut a silent connection."""
    pings_missed_max: int = 2
    frames_per_s: float = 20.0
    """A busy page sends two or three frames a second; a person cannot type or tap more than this."""
    frames_burst: int = 60
    """A page that opens subscribes to a handful of channels and takes eight clock samples at once."""
    strikes_max: int = 3
    strike_ms: int = 60_000
    """A bad frame is forgiven after this time, so that a page that stays open for hours is not closed for three in a day."""
    refused_in_a_row_max: int = 100
    """Frames beyond the rate that are answered with an error; after so many in a row nobody is listening to the answers."""
    effects_max: int = 64
    """Frames decided and not yet carried out; beyond this the connection is not read from."""


@dataclass(frozen=True)
class HubLimits:
    """Limits of one process."""

    connections_max: int = 20_000
    """About 25 KiB each; more is another process."""
    ring_length_max: int = 1_024
    ring_bytes_max: int = 1024 * 1024
    """Per channel. At 100 messages of 200 bytes a second a viewer may lag for ten seconds without a gap."""
    segment_bytes_max: int = 64 * 1024
    """At most this is written to a lagging viewer before looking whether its socket takes more."""
    writes_per_step_max: int = 500
    """About 3 ms of writing; then the loop serves pings, bids and other channels."""
    delay_ms_max: int = 20
    """Longest wait for more publications under load."""
    paused_ms_max: int = 30_000
    """A viewer whose socket has taken nothing for so long is gone, whatever TCP says."""
    idle_channel_ms: int = 30_000
    """A channel without viewers is kept for so long: those who reconnect find the ring warm."""
    verify_ms: int = 10_000
    """How often the ends of all streams are compared with what was read of them: one pipeline, whatever the number of viewers."""
    presence_heartbeat_ms: int = 5_000
    presence_expires_ms: int = 15_000
    """Two heartbeats may be lost before the viewers of a process are taken for gone."""
    presence_rest_ms: int = 1_000
    """Least time between two publications of who is on a channel: nobody reads a number that changes faster."""
    recovered_max: int = 300
    """Publications in one reply; a reader that missed more is better served with a snapshot."""
    entering_at_once: int = 64
    """Clients whose tickets and subscriptions are looked at side by side. They wait for Redis and SQL, which answer many at once
    what many ask at once; more of them only wait longer."""
    deadline_ms: int = 3_000
    """For one operation on behalf of a client, Redis and SQL together."""


class TokenBucket:
    """Lets `per_s` through in the long run and `burst` at once."""

    __slots__ = ("_burst", "_per_ms", "_tokens", "_updated_ms")

    def __init__(self, per_s: float, burst: int, now_ms: float) -> None:
        self._per_ms = per_s / 1000
        self._burst = float(burst)
        self._tokens = float(burst)
        self._updated_ms = now_ms

    def take(self, now_ms: float) -> int:
        """Take one token: 0 when there was one, else the milliseconds to wait. A clock that steps back adds nothing."""
        gained = max(0.0, now_ms - self._updated_ms) * self._per_ms
        self._tokens = min(self._burst, self._tokens + gained)
        self._updated_ms = now_ms
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0
        return int((1.0 - self._tokens) / self._per_ms) + 1


class KeyedBuckets:
    """A bucket for each key. Beyond `keys_max` the one used longest ago is forgotten: it has most likely filled up again."""

    def __init__(self, keys_max: int = 20_000) -> None:
        self._keys_max = keys_max
        self._buckets: OrderedDict[tuple[str, str], TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: tuple[str, str], per_s: float, burst: int, now_ms: float) -> int:
        """As `TokenBucket.take`, for the bucket of this key."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(per_s, burst, now_ms)
            if len(self._buckets) > self._keys_max:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket.take(now_ms)
