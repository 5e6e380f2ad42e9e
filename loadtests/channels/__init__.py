"""The websocket side, measured with real connections on loopback: `python -m loadtests channels [--only NAME]`.

One file per measurement, each with `measure(bench, quick) -> figures`. The measured web process is `served.py`, the viewers are
processes of their own (`swarm.py`), and only CPU and memory of the measured process count. A measurement that cannot be done here
(no Node.js, too few open files) says why in one line; its figures are missing, and their budgets missed.
"""

import contextlib
import importlib
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import uvloop

from loadtests.channels.bench import opened
from loadtests.media.relay import NotMeasured

MEASUREMENTS = ("fanout", "node_ws", "burst", "latency", "stuck", "storm", "connections")
_EXPECTED = (NotMeasured, TimeoutError, httpx.HTTPError, OSError)
"""What the world around may do; anything else is a mistake of ours and ends the run."""


def run(quick: bool, only: str | None = None) -> dict[str, float]:
    """Figures of all measurements, or of the one named `only`."""
    return uvloop.run(_measure((only,) if only else MEASUREMENTS, quick))


async def _measure(names: Sequence[str], quick: bool) -> dict[str, float]:
    figures: dict[str, float] = {}
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        bench = await stack.enter_async_context(opened(folder))
        for name in names:
            measure = importlib.import_module(f"loadtests.channels.{name}").measure
            started_s = time.monotonic()
            try:
                measured = await measure(bench, quick)
                figures |= measured
                outcome = f"{len(measured)} figures"
            except _EXPECTED as error:
                outcome = f"NOT MEASURED: {error if isinstance(error, NotMeasured) else repr(error)}"
            sys.stderr.write(f"{name}: {outcome} after {time.monotonic() - started_s:.1f} s\n")
    return figures
