"""Payment providers: the port, the registry that `server/app.py` fills, and the built-in provider `sandbox`.

A provider answers with values: a time-out or a lost connection is `Unknown`, and only asking again with the same key may
resolve it. The key is the payment's id; a provider does the same work once per key.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec
from redis.asyncio import Redis

from schemas.money import Money
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.redis.connection import reaching

SANDBOX_KEEP_S = 7 * 24 * 3600
"""A sandbox payment is forgotten after a week, as long as a card issuer keeps an authorisation."""

log = get_logger(__name__)


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do; a feature that needs more is not offered with it."""

    manual_capture: bool = False
    partial_capture: bool = False
    saved_card: bool = False
    refunds: bool = False
    payouts: bool = False
    receipts: bool = False


@dataclass(frozen=True)
class Authorised:
    """The amount is kept for us, not charged yet."""


@dataclass(frozen=True)
class Declined:
    """No; `reason` is a short name such as `card_declined`."""

    reason: str


@dataclass(frozen=True)
class RequiresAction:
    """The buyer must confirm at `url`."""

    url: str


@dataclass(frozen=True)
class Captured:
    """The amount is ours since `captured_at_ms`."""

    captured_at_ms: int


@dataclass(frozen=True)
class Voided:
    """The authorisation is given back."""


@dataclass(frozen=True)
class Unseen:
    """The provider has never heard of this key: the same request may be sent again."""


@dataclass(frozen=True)
class Unknown:
    """No answer in time: it may or may not have happened."""


Result = Authorised | Declined | RequiresAction | Captured | Voided | Unseen | Unknown


class PaymentProvider(Protocol):
    """An outside service that moves money. Its methods may raise `Unavailable`, which `Providers` takes for `Unknown`."""

    capabilities: Capabilities
    deadline_ms: int
    """How long an answer may take; then it is `Unknown`."""

    async def authorise(self, key: str, amount: Money, method: str) -> Result:
        """Keep an amount on the card that `method` stands for."""

    async def capture(self, key: str, amount: Money) -> Result:
        """Take (at most) what was authorised under the key."""

    async def void(self, key: str) -> Result:
        """Give back what was authorised under the key."""

    async def get(self, key: str) -> Result:
        """What has become of a key."""


class Providers:
    """The providers of this installation by name; every call has its provider's deadline, and a provider that
    is not set up any more answers nothing."""

    def __init__(self, providers: Mapping[str, PaymentProvider]) -> None:
        self._providers = dict(providers)

    def __contains__(self, name: str) -> bool:
        return name in self._providers

    @property
    def names(self) -> list[str]:
        return sorted(self._providers)

    async def authorise(self, name: str, key: str, amount: Money, method: str) -> Result:
        return await self._ask(name, lambda provider: provider.authorise(key, amount, method))

    async def capture(self, name: str, key: str, amount: Money) -> Result:
        return await self._ask(name, lambda provider: provider.capture(key, amount))

    async def void(self, name: str, key: str) -> Result:
        return await self._ask(name, lambda provider: provider.void(key))

    async def get(self, name: str, key: str) -> Result:
        return await self._ask(name, lambda provider: provider.get(key))

    async def _ask(self, name: str, question: Callable[[PaymentProvider], Awaitable[Result]]) -> Result:
        provider = self._providers.get(name)
        if provider is None:
            log.error("a payment waits for a provider that is not set up", provider=name)
            return Unknown()
        with contextlib.suppress(TimeoutError, Unavailable):
            async with asyncio.timeout(provider.deadline_ms / 1000):
                return await question(provider)
        return Unknown()


class Sandbox:
    """Stands for a payment service outside: it keeps its own books in Redis, so that it outlives our processes.

    `tok_visa` pays, `tok_declined` does not, `tok_slow` takes its time, `tok_timeout` books the payment but its answer never
    comes: `get` tells it after `late_ms`. Any other token is declined.
    """

    capabilities = Capabilities(manual_capture=True, saved_card=False, refunds=False)

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        *,
        deadline_ms: int = 2_000,
        slow_ms: int = 800,
        silent_ms: int = 60_000,
        late_ms: int = 3_000,
    ) -> None:
        """`silent_ms` is how long `tok_timeout` says nothing: longer than anybody waits."""
        self.deadline_ms = deadline_ms
        self._silent_ms = silent_ms
        self._redis = redis
        self._clock = clock
        self._slow_ms = slow_ms
        self._late_ms = late_ms

    async def authorise(self, key: str, amount: Money, method: str) -> Result:
        late_ms = self._late_ms if method == "tok_timeout" else 0
        wish = _Booking(amount=amount, method=method, known_at_ms=self._clock.now_ms() + late_ms)
        first, stored = await self._write_once(key, "booking", msgspec.json.encode(wish))
        booking = msgspec.json.decode(stored, type=_Booking)
        if (booking.amount, booking.method) != (amount, method):
            return Declined("key_used_before")
        if method == "tok_slow" and first:
            await asyncio.sleep(self._slow_ms / 1000)
        if method == "tok_timeout" and first:
            await asyncio.sleep(self._silent_ms / 1000)
        return await self.get(key)

    async def capture(self, key: str, amount: Money) -> Result:
        booking = await self._booking(key)
        if booking is None or booking.method not in PAYING:
            return Declined("nothing_authorised")
        if amount.currency != booking.amount.currency or amount.amount_minor > booking.amount.amount_minor:
            return Declined("more_than_authorised")
        _, closing = await self._write_once(key, "closing", f"captured:{self._clock.now_ms()}".encode())
        return _closed(closing)

    async def void(self, key: str) -> Result:
        if await self._booking(key) is None:
            return Unseen()
        _, closing = await self._write_once(key, "closing", b"voided")
        return _closed(closing)

    async def get(self, key: str) -> Result:
        booking = await self._booking(key)
        if booking is None:
            return Unseen()
        async with reaching("the sandbox"):
            closing = await self._redis.hget(_books(key), "closing")
        if closing is not None:
            return _closed(closing)
        if booking.known_at_ms > self._clock.now_ms():
            return Unknown()
        return Authorised() if booking.method in PAYING else Declined("card_declined")

    async def _booking(self, key: str) -> "_Booking | None":
        async with reaching("the sandbox"):
            stored = await self._redis.hget(_books(key), "booking")
        return None if stored is None else msgspec.json.decode(stored, type=_Booking)

    async def _write_once(self, key: str, field: str, value: bytes) -> tuple[bool, bytes]:
        """Whether this was the first write, and what the field has now: HSETNX lets the first one decide for ever."""
        async with reaching("the sandbox"):
            first = await self._redis.hsetnx(_books(key), field, value)
            await self._redis.expire(_books(key), SANDBOX_KEEP_S)
            stored = await self._redis.hget(_books(key), field)
        assert isinstance(stored, bytes), key
        return bool(first), stored


PAYING = frozenset({"tok_visa", "tok_slow", "tok_timeout"})


class _Booking(msgspec.Struct, frozen=True, kw_only=True):
    amount: Money
    method: str
    known_at_ms: int


def _books(key: str) -> str:
    return f"sandbox:{key}"


def _closed(closing: bytes | str) -> Result:
    state, _, at_ms = (closing.decode() if isinstance(closing, bytes) else closing).partition(":")
    return Captured(int(at_ms)) if state == "captured" else Voided()
