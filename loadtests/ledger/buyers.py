"""A process full of buyers: each has a connection that is open before the sale, presses the button once, and notes the answer."""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

import uvloop

from server.kernel.process import die_with_parent
from server.kernel.tasks import TaskGroup

CONNECTING = 64
"""Connections that are being opened at once."""
PAGE = 100


class Buyer(asyncio.Protocol):
    """One connection, one request, one answer."""

    def __init__(self, crowd: "Crowd", request: bytes) -> None:
        self._crowd = crowd
        self._request = request
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None
        self._pressed_s = 0.0
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def press(self) -> None:
        """Send the order."""
        assert self._transport is not None
        self._pressed_s = time.monotonic()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if self._answered or not separator:
            return
        lengths = [line[15:] for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"]
        if lengths and len(body) >= int(lengths[0]):
            self._answered = True
            self._crowd.answered(int(head[9:12]), body, time.monotonic() - self._pressed_s)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._pressed_s and not self._answered:
            self._answered = True
            self._crowd.answered(0, b"", time.monotonic() - self._pressed_s)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Crowd:
    """All buyers of this process."""

    def __init__(self) -> None:
        self.buyers: list[Buyer] = []
        self.statuses: Counter[str] = Counter()
        self.taken_s: list[float] = []
        self.done = asyncio.Event()

    async def come(self, port: int, requests: Sequence[str], sources: Sequence[str]) -> dict[str, Any]:
        """Open a connection for each request."""
        gate = asyncio.Semaphore(CONNECTING)
        loop = asyncio.get_running_loop()

        async def connect(number: int, request: str) -> Buyer:
            async with gate:
                address = (sources[number % len(sources)], 0)
                _, buyer = await loop.create_connection(
                    lambda: Buyer(self, request.encode()), "127.0.0.1", port, local_addr=address
                )
                return buyer

        self.buyers += await asyncio.gather(*(connect(number, request) for number, request in enumerate(requests)))
        return {"here": len(self.buyers)}

    async def press(self, within_s: float) -> dict[str, Any]:
        """Everybody presses the button, evenly spread over `within_s`; answered when everybody has an answer."""
        started_s = time.monotonic()
        count = len(self.buyers)
        for first in range(0, count, PAGE):
            due_s = started_s + within_s * first / count
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            for buyer in self.buyers[first : first + PAGE]:
                buyer.press()
        await self.done.wait()
        for buyer in self.buyers:
            buyer.close()
        taken_ms = sorted(round(each * 1000, 1) for each in self.taken_s)
        return {"statuses": dict(self.statuses), "taken_ms": taken_ms, "lasted_s": time.monotonic() - started_s}

    def answered(self, status: int, body: bytes, taken_s: float) -> None:
        """A buyer's answer; status 0 is a connection that ended without one."""
        name = json.loads(body)["type"].rpartition("#")[2] if status >= 400 else ""
        self.statuses[f"{status} {name}".strip()] += 1
        self.taken_s.append(taken_s)
        if len(self.taken_s) == len(self.buyers):
            self.done.set()


def say(what: dict[str, Any]) -> None:
    """A line on standard output."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def serve() -> None:
    """Answer questions on standard input."""
    reader = asyncio.StreamReader(limit=256 * 1024 * 1024)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    crowd, tasks = Crowd(), TaskGroup("buyers")

    async def answer(question: dict[str, Any]) -> None:
        number, do = question.pop("id"), question.pop("do")
        try:
            found = await getattr(crowd, do)(**question)
        except OSError as error:
            found = {"error": repr(error)}
        say({"id": number, **found})

    say({})
    while line := await reader.readline():
        tasks.start(answer(json.loads(line)), "question")
    await tasks.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    die_with_parent(parser.parse_args().parent)
    uvloop.run(serve())
