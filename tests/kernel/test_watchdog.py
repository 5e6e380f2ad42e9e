"""A loop that is stuck says where, and the health check hears of it afterwards."""

import asyncio
import logging
import time

import pytest

from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.kernel.metrics import REGISTRY
from server.kernel.tasks import supervised
from server.kernel.watchdog import LAG, Watchdog
from tests.fakes.clock import FakeClock


def grind_the_beans() -> None:
    """Work that should not be done on the loop."""
    time.sleep(0.4)


async def test_a_stuck_loop_is_logged_with_the_place_where_it_stands(caplog: pytest.LogCaptureFixture) -> None:
    watchdog = Watchdog(SystemClock(), stuck_ms=100, unhealthy_ms=200)
    before = REGISTRY.get_sample_value("efir_loop_lag_seconds_count") or 0
    with caplog.at_level(logging.WARNING):
        async with supervised("test") as tasks:
            tasks.start(watchdog.run(), "watchdog")
            await asyncio.sleep(0.15)
            await watchdog.check()
            grind_the_beans()
            async with asyncio.timeout(5):
                while watchdog.worst_ms() < 200:  # noqa: ASYNC110 - the next beat tells
                    await asyncio.sleep(0.01)
            with pytest.raises(Unavailable, match="stuck for"):
                await watchdog.check()
    said = [record for record in caplog.records if record.getMessage().startswith("the event loop is stuck")]
    assert len(said) == 1, "one line for each time"
    assert "grind_the_beans" in caplog.text
    assert (REGISTRY.get_sample_value("efir_loop_lag_seconds_count") or 0) > before
    assert LAG is not None


async def test_a_stall_is_forgotten_after_a_while(clock: FakeClock) -> None:
    watchdog = Watchdog(clock)
    watchdog._due_ms = clock.monotonic_ms()
    clock.advance(3_000)
    watchdog._beat()
    with pytest.raises(Unavailable):
        await watchdog.check()
    for _ in range(200):
        clock.advance(100)
        watchdog._beat()
    await watchdog.check()
    assert watchdog.worst_ms() == 0
    assert len(watchdog._worst) == 1, "what can no longer be the worst is not kept"


async def test_a_loop_that_stops_takes_its_thread_along() -> None:
    watchdog = Watchdog(SystemClock())
    async with supervised("test") as tasks:
        tasks.start(watchdog.run(), "watchdog")
        await asyncio.sleep(0)
    assert watchdog._stop.is_set()
