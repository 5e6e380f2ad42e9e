"""How much one sender may cost us: checks of strangers, bytes of a publisher. Pure; both are given the time."""

import ipaddress

_BUCKETS = 1024
_BURST_S = 2.0  # a key frame in bad light, or what piled up while the host's network was away
_FACTOR = 4  # above what we ask for: browsers overshoot at the start, OBS does not listen to REMB at all


def network_of(ip: str) -> str:
    """What a limit per address counts by: the address, or the /64 that one IPv6 subscriber has to itself (RFC 6177)."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped is not None else str(ipaddress.ip_address(int(address) >> 64 << 64))


class CheckLimit:
    """STUN checks per second from addresses that proved nothing yet.

    Reading and verifying one costs about 20 µs. The addresses may be forged, so what is kept does not grow with them: they
    share a fixed number of counters, by a hash that an attacker cannot foresee (Python salts it). Two that share a counter share
    the allowance; whoever has a session is never counted. Policy over the limit: drop, ICE repeats its checks.
    """

    def __init__(self, per_address: int = 200, in_all: int = 4_000) -> None:
        """64 viewers behind one address that join in the same second send about 200; 4,000 cost a tenth of a core."""
        self._per_address = per_address
        self._in_all = in_all
        self._second = -1
        self._total = 0
        self._counts: list[int] = []

    def allow(self, ip: str, now_ms: float) -> bool:
        """Whether to look at a check from this address."""
        second = int(now_ms // 1000)
        if second != self._second:
            self._second, self._total, self._counts = second, 0, [0] * _BUCKETS
        if self._total >= self._in_all:
            return False
        bucket = hash(ip) % _BUCKETS
        if self._counts[bucket] >= self._per_address:
            return False
        self._counts[bucket] += 1
        self._total += 1
        return True


class ByteBudget:
    """A token bucket for a publisher: four times the bitrate that we ask it for, and two seconds of that at once.

    Policy over the limit: drop the packet before anything is done with it, as a network would; its congestion control notices.
    """

    __slots__ = ("_full", "_left", "_per_ms", "_updated_ms")

    def __init__(self, ceiling_bps: int, now_ms: float) -> None:
        self._per_ms = ceiling_bps * _FACTOR / 8_000
        self._full = self._left = self._per_ms * 1000 * _BURST_S
        self._updated_ms = now_ms

    def allow(self, size: int, now_ms: float) -> bool:
        """Whether a packet of `size` bytes may pass; it is paid for when it may."""
        if now_ms > self._updated_ms:
            self._left = min(self._full, self._left + (now_ms - self._updated_ms) * self._per_ms)
            self._updated_ms = now_ms
        if size > self._left:
            return False
        self._left -= size
        return True
