"""The relay, measured with real DTLS-SRTP peers on loopback: `python -m loadtests media [--only NAME]`.

One file per measurement, each with `measure(bench, quick) -> figures`. One that cannot be done here (no Janus, no browser, a busy
machine) says why in one line; its figures are missing, and their budgets missed.
"""

import contextlib
import importlib
import sys
import time
from collections.abc import Sequence

import httpx
import uvloop

from loadtests.media import relay
from loadtests.media.bench import Bench
from media.transport.dtls import HandshakeFailed
from server.kernel.tasks import TaskGroup

MEASUREMENTS = ("cpu", "janus", "join", "plis", "loss", "bad_viewers", "glass")
FULL_ONLY = ("janus",)
"""Left out of the short run."""
_EXPECTED = (relay.NotMeasured, TimeoutError, HandshakeFailed, httpx.HTTPError, OSError)
"""What the world around may do; anything else is a mistake of ours and ends the run."""


def run(quick: bool, only: str | None = None) -> dict[str, float]:
    """Figures of all measurements, or of the one named `only`."""
    names = (only,) if only else [name for name in MEASUREMENTS if not (quick and name in FULL_ONLY)]
    return uvloop.run(_measure(names, quick))


async def _measure(names: Sequence[str], quick: bool) -> dict[str, float]:
    figures: dict[str, float] = {}
    async with contextlib.AsyncExitStack() as stack:
        running = await stack.enter_async_context(relay.running())
        bench = Bench(running, TaskGroup("load"), stack)
        for name in names:
            measure = importlib.import_module(f"loadtests.media.{name}").measure
            started_s = time.monotonic()
            try:
                measured = await measure(bench, quick)
                figures |= measured
                outcome = f"{len(measured)} figures"
            except _EXPECTED as error:
                outcome = f"NOT MEASURED: {error if isinstance(error, relay.NotMeasured) else repr(error)}"
            finally:
                await bench.tasks.close()
            sys.stderr.write(f"{name}: {outcome} after {time.monotonic() - started_s:.1f} s\n")
    return figures
