"""Watches the event loop from a thread: how late it is, and where it was stuck.

A loop that is stuck answers nobody and cannot say so itself; a health check that is answered by another thread would look fine.
So the loop notes the time ten times a second, a thread looks whether it still does, and writes down the stack that the loop's
thread stands in when it does not. Once the loop runs again, `/healthz` refuses for a while: a balancer should know.
"""

import asyncio
import sys
import threading
import traceback
from types import FrameType

from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import gauge, histogram

BEAT_MS = 100
STUCK_MS = 500
"""A loop that late is stuck: a viewer sees it. The stack is logged once for each time."""
UNHEALTHY_MS = 2_000
REMEMBERED_MS = 15_000
"""How long a stall above `UNHEALTHY_MS` counts against the process: long enough for a balancer that asks every ten seconds."""
STACK_FRAMES_MAX = 12

LAG = histogram("efir_loop_lag_seconds", "How late a beat of the event loop came", (0.001, 0.005, 0.02, 0.1, 0.5, 2.0))
WORST = gauge("efir_loop_lag_worst_seconds", "The latest beat of the last fifteen seconds")

log = get_logger(__name__)


class Watchdog:
    """One loop. `run` on the loop; the thread lives as long as it."""

    def __init__(self, clock: Clock, stuck_ms: int = STUCK_MS, unhealthy_ms: int = UNHEALTHY_MS) -> None:
        self._clock = clock
        self._stuck_ms, self._unhealthy_ms = stuck_ms, unhealthy_ms
        self._due_ms = 0.0
        self._worst: list[tuple[float, float]] = []  # (when, how late), of the last while
        self._stop = threading.Event()
        self._loop_thread = 0

    async def run(self) -> None:
        """Until cancelled."""
        self._loop_thread = threading.get_ident()
        self._due_ms = self._clock.monotonic_ms() + BEAT_MS
        self._stop.clear()
        thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        thread.start()
        try:
            while True:
                await asyncio.sleep(max(0.0, self._due_ms - self._clock.monotonic_ms()) / 1000)
                self._beat()
        finally:
            self._stop.set()
            thread.join()

    async def check(self) -> None:
        """For `/healthz`.

        Raises:
            Unavailable: the loop was stuck for too long a moment ago.
        """
        late_ms = self.worst_ms()
        if late_ms > self._unhealthy_ms:
            raise Unavailable(f"the event loop was stuck for {late_ms:.0f} ms")

    def worst_ms(self) -> float:
        """The longest delay of the last while."""
        since_ms = self._clock.monotonic_ms() - REMEMBERED_MS
        return max((late_ms for at_ms, late_ms in self._worst if at_ms >= since_ms), default=0.0)

    def _beat(self) -> None:
        now_ms = self._clock.monotonic_ms()
        late_ms = max(0.0, now_ms - self._due_ms)
        self._due_ms = now_ms + BEAT_MS
        LAG.observe(late_ms / 1000)
        # Of what came before only what is later than this one can still be the worst: the list stays short.
        recent = [(at_ms, late) for at_ms, late in self._worst if at_ms >= now_ms - REMEMBERED_MS and late > late_ms]
        self._worst = [*recent, (now_ms, late_ms)]
        WORST.set(self._worst[0][1] / 1000)
        if late_ms > self._stuck_ms:
            log.warning("the event loop runs again", stuck_ms=round(late_ms))

    def _watch(self) -> None:
        """The thread: one line for each time that the loop is stuck."""
        told_for_ms = 0.0
        while not self._stop.wait(BEAT_MS / 2000):
            due_ms = self._due_ms
            if due_ms != told_for_ms and self._clock.monotonic_ms() - due_ms > self._stuck_ms:
                told_for_ms = due_ms
                where = stack_of(sys._current_frames().get(self._loop_thread))
                log.error("the event loop is stuck", where=where)


def stack_of(frame: FrameType | None) -> str:
    """Where a thread stands, in one line: the innermost frames, outermost first."""
    if frame is None:
        return "unknown"
    frames = traceback.extract_stack(frame)[-STACK_FRAMES_MAX:]
    return " > ".join(f"{entry.filename.rpartition('/')[2]}:{entry.lineno} {entry.name}" for entry in frames)
