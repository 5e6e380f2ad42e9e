"""Token buckets per key: who asks too often is told when to come back. Given the time, holds no clock."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil


@dataclass(frozen=True)
class Rate:
    """`per_s` tokens flow in per second, up to `burst`."""

    per_s: float
    burst: int


class TokenBuckets:
    """One bucket per key, at most `keys_max` of them.

    Above `keys_max` the key that asked longest ago is forgotten: it has had the most time to fill up again, and memory stays
    bounded when somebody makes up keys. Buckets belong to one process; with several web processes the rate is per process.
    """

    def __init__(self, rate: Rate, keys_max: int = 50_000) -> None:
        self.rate = rate
        self._keys_max = keys_max
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now_ms: float) -> int:
        """Take a token: 0 when there was one, else the milliseconds until there is."""
        tokens, filled_at_ms = self._buckets.get(key, (float(self.rate.burst), now_ms))
        tokens = min(self.rate.burst, tokens + max(0.0, now_ms - filled_at_ms) * self.rate.per_s / 1000)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now_ms)
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._keys_max:
            self._buckets.popitem(last=False)
        return 0 if allowed else ceil((1 - tokens) * 1000 / self.rate.per_s)

    def __len__(self) -> int:
        return len(self._buckets)


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """Whom an address stands for: an IPv4 address itself, an IPv6 address its /64 (RFC 6177: one customer has at least that)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
