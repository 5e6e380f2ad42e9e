"""Starts the measured relay (`served.py`) as a process of its own, and counts its CPU."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

START_S = 30.0
"""Deadline of a start: most of it is importing."""


class NotMeasured(Exception):
    """A figure cannot be had here; the message is one line that says why."""


@dataclass(frozen=True)
class Relay:
    """A running relay: where its HTTP is, and whose CPU to count."""

    url: str
    pid: int
    http: httpx.AsyncClient

    def cpu_s(self) -> float:
        """CPU of the whole process so far, user and system."""
        return cpu_s(self.pid)


def cpu_s(pid: int) -> float:
    """CPU of a process so far, all threads, user and system, in nanosecond steps (clock_getcpuclockid(3))."""
    return time.clock_gettime(~pid << 3 | 2)


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[Relay]:
    """A relay for the block; it ends with it, and with this process."""
    command = [sys.executable, "-m", "loadtests.media.served", str(os.getpid())]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            line = await process.stdout.readline()
        if not line:
            raise NotMeasured("the relay did not start; its error is above")
        url = f"http://127.0.0.1:{int(line)}"
        async with httpx.AsyncClient(base_url=url, timeout=20.0) as http:
            yield Relay(url, process.pid, http)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
