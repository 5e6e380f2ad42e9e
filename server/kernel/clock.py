"""The only place that reads the clock. Everything else is given `now_ms` or a `Clock`."""

import time
from typing import Protocol


class Clock(Protocol):
    """Source of time; tests give their own."""

    def now_ms(self) -> int:
        """Unix time in milliseconds, UTC. May step when the machine's clock is set."""

    def monotonic_ms(self) -> float:
        """Milliseconds since some fixed moment; never steps. For measuring durations and deadlines."""


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> float:
        return time.monotonic() * 1000.0
