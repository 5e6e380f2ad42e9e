"""Who is let in: caps on connections, rates of handshakes, and the token buckets that several connections share. Pure: the time
is given.

Addresses are those of `address_key` (an IPv6 customer is one address). Some stand for a thousand people, so their limits only
stop what no crowd of people does. All of it is per process.
"""

from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus

from server.channels.limits import KeyedBuckets, TokenBucket
from server.channels.rfc6455 import Refusal

RETRY_AFTER_S = 5


@dataclass(frozen=True)
class DoorLimits:
    """Limits per address and per person, over all of their connections to one process."""

    connections_per_address_max: int = 4_000
    """Mobile operators put thousands of phones behind one address."""
    handshakes_per_s: float = 100.0
    handshakes_burst: int = 4_000
    """All of them may come back at once after a deploy."""
    frames_per_address_s: float = 4_000.0
    frames_per_address_burst: int = 40_000
    frames_per_person_s: float = 60.0
    """Three busy pages."""
    frames_per_person_burst: int = 300
    polls_max: int = 2_000
    """Long polls that wait at one time: each costs some ten times as much as a websocket."""
    keys_max: int = 40_000
    """Addresses and persons that are remembered; beyond it the one seen longest ago is forgotten."""


class Door:
    """Counts and buckets of one process."""

    def __init__(self, limits: DoorLimits) -> None:
        self.limits = limits
        self.refused = 0
        """Handshakes turned away since the start of the process."""
        self._inside: dict[str, int] = {}
        self._handshakes = KeyedBuckets(limits.keys_max)
        self._shared: OrderedDict[str, TokenBucket] = OrderedDict()

    def refusal(self, address: str | None, *, full: bool, now_ms: float) -> Refusal | None:
        """Why this handshake goes no further, or None. `address` is None when it says nothing about who that is."""
        if full:
            return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "This node is full or leaving.", RETRY_AFTER_S)
        if address is None:
            return None
        if self._inside.get(address, 0) >= self.limits.connections_per_address_max:
            return self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "Too many connections from this address.", RETRY_AFTER_S)
        limits = self.limits
        wait_ms = self._handshakes.take((address, ""), limits.handshakes_per_s, limits.handshakes_burst, now_ms)
        if wait_ms:
            return self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "Too many handshakes from this address.", -(-wait_ms // 1000))
        return None

    def entered(self, address: str | None) -> None:
        """A connection was accepted."""
        if address is not None:
            self._inside[address] = self._inside.get(address, 0) + 1

    def left(self, address: str | None) -> None:
        """It has ended."""
        if address is None:
            return
        if self._inside[address] == 1:
            del self._inside[address]
        else:
            self._inside[address] -= 1

    def buckets(self, address: str | None, actor_id: str | None, now_ms: float) -> tuple[TokenBucket, ...]:
        """The buckets that a connection's frames draw from besides its own."""
        limits = self.limits
        found = []
        if address is not None:
            found.append(self._bucket(f"at {address}", limits.frames_per_address_s, limits.frames_per_address_burst, now_ms))
        if actor_id is not None:
            found.append(self._bucket(actor_id, limits.frames_per_person_s, limits.frames_per_person_burst, now_ms))
        return tuple(found)

    def _bucket(self, key: str, per_s: float, burst: int, now_ms: float) -> TokenBucket:
        bucket = self._shared.pop(key, None) or TokenBucket(per_s, burst, now_ms)
        self._shared[key] = bucket
        if len(self._shared) > self.limits.keys_max:
            self._shared.popitem(last=False)
        return bucket

    def _refuse(self, status: HTTPStatus, detail: str, retry_after_s: int) -> Refusal:
        self.refused += 1
        return Refusal(status, detail, [("Retry-After", str(max(1, retry_after_s)))])
