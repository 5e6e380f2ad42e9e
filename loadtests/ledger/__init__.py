"""The ledger, with a real Valkey that syncs every batch to the disk: `python -m loadtests ledger [--only NAME]`.

`bids`: durable bids per second on one hot lot. `growth`: what a bid costs as a lot and a show grow. `flash`: ten thousand buyers
press the button for five hundred units, over HTTP, against the whole server.
"""

import importlib
import sys
import time
from collections.abc import Sequence

import uvloop

MEASUREMENTS = ("bids", "growth", "flash")


def run(quick: bool, only: str | None = None) -> dict[str, float]:
    """Figures of all measurements, or of the one named `only`."""
    return uvloop.run(_measure((only,) if only else MEASUREMENTS, quick))


async def _measure(names: Sequence[str], quick: bool) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name in names:
        started_s = time.monotonic()
        measured = await importlib.import_module(f"loadtests.ledger.{name}").measure(quick)
        figures |= measured
        sys.stderr.write(f"{name}: {len(measured)} figures after {time.monotonic() - started_s:.1f} s\n")
    return figures
