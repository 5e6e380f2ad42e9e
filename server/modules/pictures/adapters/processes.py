"""The darkroom that develops every file in a process of its own, a few at a time."""

import asyncio
import contextlib
import struct
import sys
from pathlib import Path

from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter, histogram
from server.modules.pictures.adapters import Broken, Busy, Developed
from server.modules.pictures.adapters.develop import unpacked

AT_ONCE = 2
"""Processes at a time of one web process: each may take a core and 0.5 GB for a second."""
WAITING_MAX = 16
"""Files that wait for their turn, with up to 10 MB each; whoever comes then is asked to try again."""
DEADLINE_S = 30.0
"""From the file to its pictures, waiting included. The largest one takes about two seconds of a core."""

_PROGRAM = Path(__file__).with_name("develop.py")
_REFUSED = 3

OUTCOMES = counter("pictures_developed_total", "Uploaded files by what became of them", ("outcome",))
SECONDS = histogram("pictures_develop_seconds", "Time from a file to its pictures", (0.2, 0.5, 1.0, 2.0, 5.0, 15.0))

log = get_logger(__name__)


class ProcessDarkroom:
    """Develops in child processes, which are killed when they are late or nobody waits for them any more."""

    def __init__(self, at_once: int = AT_ONCE, waiting_max: int = WAITING_MAX, deadline_s: float = DEADLINE_S) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._room = at_once + waiting_max
        self._inside = 0
        self._deadline_s = deadline_s

    async def develop(self, data: bytes) -> Developed | Broken | Busy:
        if self._inside >= self._room:
            OUTCOMES.labels("busy").inc()
            return Busy()
        self._inside += 1
        try:
            with SECONDS.time():
                async with asyncio.timeout(self._deadline_s), self._free:
                    made = await _develop(data)
        except TimeoutError as error:
            OUTCOMES.labels("late").inc()
            raise Unavailable("a picture was not developed in time") from error
        finally:
            self._inside -= 1
        OUTCOMES.labels("broken" if isinstance(made, Broken) else "developed").inc()
        return made


async def _develop(data: bytes) -> Developed | Broken:
    pipe = asyncio.subprocess.PIPE
    # -I: neither the environment nor the folder that it lies in has a say in what it imports.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(_PROGRAM)), stdin=pipe, stdout=pipe, stderr=pipe, env={}, limit=2**20
    )
    try:
        out, words = await process.communicate(data)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        reason = words.decode(errors="replace") or f"status {process.returncode}"
        if process.returncode != _REFUSED:
            log.warning("a file ended the process that developed it", status=process.returncode, reason=reason[-300:])
        return Broken(reason)
    try:
        width, height, files = unpacked(out)
    except struct.error as error:
        return Broken(repr(error))
    return Developed(width, height, files)
