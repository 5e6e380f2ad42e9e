"""A clock that only moves when told."""

START_MS = 1_800_000_000_000


class FakeClock:
    """`server.kernel.clock.Clock` and the media node's clock; starts in January 2027."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self._now_ms = now_ms
        self._monotonic_ms = 0.0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_ms(self) -> float:
        return self._monotonic_ms

    def advance(self, ms: int) -> None:
        """Let time pass."""
        assert ms >= 0, ms
        self._now_ms += ms
        self._monotonic_ms += ms

    def step(self, ms: int) -> None:
        """Set the wall clock forward or back, as an administrator or NTP does; the monotonic clock does not notice."""
        self._now_ms += ms
