"""Timers of all connections with one handle of the loop: thousands of them cost a few bytes each, not half a kilobyte."""

import asyncio
import heapq
from typing import Protocol

from server.kernel.clock import Clock
from server.kernel.log import get_logger

log = get_logger(__name__)

SLOT_MS = 10
"""Deadlines are kept to the next hundredth of a second: nobody notices, and those that fall together share a slot."""


class Waiting(Protocol):
    """Who has a deadline. An object and not a callable: a bound method would be one more for every connection."""

    def on_deadline(self, slot: int) -> None:
        """The moment of the slot that `add` returned has come; it may be one that no longer counts."""


class Deadlines:
    """Calls back once a moment has come. Nothing is cancelled: who is called too early or no longer cares, does nothing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._slots: dict[int, list[Waiting]] = {}
        self._order: list[int] = []
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for = 0

    def __len__(self) -> int:
        return sum(len(waiting) for waiting in self._slots.values())

    @staticmethod
    def slot(due_ms: float) -> int:
        """The slot of a moment."""
        return int(due_ms // SLOT_MS) + 1

    def add(self, due_ms: float, who: Waiting) -> int:
        """Call `who` at `due_ms` of the monotonic clock or up to `SLOT_MS` later; returns the slot."""
        slot = self.slot(due_ms)
        waiting = self._slots.get(slot)
        if waiting is None:
            self._slots[slot] = [who]
            heapq.heappush(self._order, slot)
            self._arm()
        else:
            waiting.append(who)
        return slot

    def _arm(self) -> None:
        if self._handle is not None:
            if self._order and self._armed_for <= self._order[0]:
                return
            self._handle.cancel()
            self._handle = None
        if self._order:
            self._armed_for = self._order[0]
            delay_ms = max(0.0, self._armed_for * SLOT_MS - self._clock.monotonic_ms())
            self._handle = asyncio.get_running_loop().call_later(delay_ms / 1000, self._run)

    def _run(self) -> None:
        self._handle = None
        now_ms = self._clock.monotonic_ms()
        while self._order and self._order[0] * SLOT_MS <= now_ms:
            slot = heapq.heappop(self._order)
            for who in self._slots.pop(slot):
                try:
                    who.on_deadline(slot)
                except Exception:  # a bug in one connection must not stop the timers of all
                    log.exception("a deadline could not be handled")
        self._arm()
