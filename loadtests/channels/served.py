"""The measured web process: the web role with all its modules, as `server/app.py` composes it, and a few questions on stdin.

`bare` and `hub` write to the very sockets of the connected viewers, so that all ways of writing are compared on the same sockets,
in the same process, a moment apart.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import uvicorn
import uvloop

from schemas.frames import Push
from server.app import MODULES, Core, core, listen, server_settings
from server.channels.framing import encode_frame
from server.channels.hub import Channel, Hub, Viewer
from server.channels.limits import HubLimits
from server.channels.log import Entry
from server.channels.transport import HTTP_PROTOCOL, LiveProtocol
from server.http.application import build_app
from server.kernel import log
from server.kernel.config import read_settings, with_secret
from server.kernel.process import die_with_parent, settle
from server.kernel.tasks import TaskGroup

EPOCH = "0123456789ab"


async def serve(reader: asyncio.StreamReader) -> None:
    """Until SIGTERM."""
    settings = with_secret(read_settings())
    async with core(settings, "web") as parts:
        app = build_app(
            modules=MODULES,
            units=parts.units,
            auth=parts.auth,
            settings=settings,
            placement=parts.placement,
        )
        parts.tasks.start(parts.channels.run(), "channels")
        parts.tasks.start(parts.relay.run(), "outbox")
        config = uvicorn.Config(app, http=HTTP_PROTOCOL, ws=parts.channels.websocket_protocol, **server_settings(settings))
        server = uvicorn.Server(config)
        listener = listen(settings.http_host, settings.http_port_number)
        answering = TaskGroup("questions")
        answering.start(Questions(parts, server).answer(reader), "questions")
        settle()
        try:
            await server.serve(sockets=[listener])
        finally:
            await answering.close()


class Questions:
    """What the load test asks of the process."""

    def __init__(self, parts: Core, server: uvicorn.Server) -> None:
        self._parts, self._server = parts, server

    async def answer(self, reader: asyncio.StreamReader) -> None:
        """One question after the other."""
        say()
        while line := await reader.readline():
            question = json.loads(line)
            number, do = question.pop("id"), question.pop("do")
            say(id=number, **await getattr(self, f"do_{do}")(**question))

    async def do_stats(self) -> dict[str, Any]:
        """What `Channels` counts."""
        stats = self._parts.channels.stats()
        return {name: getattr(stats, name) for name in ("connections", "paused", "frames", "writes", "gaps", "aborted_slow")}

    async def do_bare(self, *, data: str, at_once: int, rounds: int, pause_s: float) -> dict[str, Any]:
        """The least that can be done: `transport.write` of the same bytes, `at_once` frames in one write."""
        transports = self._transports()
        frame = b"".join(_frame(number + 1, data) for number in range(at_once))
        writes = [transport.write for transport in transports]
        costs = [await _cost_s(lambda: _write_all(writes, frame), pause_s) for _ in range(rounds)]
        return _per_frame(costs, len(writes) * at_once)

    async def do_hub(self, *, data: str, at_once: int, rounds: int, pause_s: float) -> dict[str, Any]:
        """The hub alone, without Redis and without a loop: append, then flush until nothing is left."""
        transports = self._transports()
        limits = HubLimits()
        hub = Hub(limits)
        channel = Channel("bare:" + "0" * 36, lambda state, publication: state, limits)
        channel.load(EPOCH, 0, None, [])
        hub.add(channel)
        for transport in transports:
            hub.join(Viewer(transport.write), channel)

        def publish() -> None:
            for _ in range(at_once):
                hub.append(channel, Entry(channel.epoch, channel.top + 1, 0, data.encode()))
            while hub.flush(urgent=False):
                pass

        costs = [await _cost_s(publish, pause_s) for _ in range(rounds)]
        return _per_frame(costs, len(transports) * at_once)

    def _transports(self) -> list[asyncio.Transport]:
        return [one.transport for one in self._server.server_state.connections if isinstance(one, LiveProtocol)]


def _frame(offset: int, data: str) -> bytes:
    name = "bare:" + "0" * 36  # as long as a chat's
    return encode_frame(Push(channel=name, epoch=EPOCH, offset=offset, at_ms=0, data=msgspec.Raw(data.encode())))


def _write_all(writes: Sequence[Callable[[bytes], None]], frame: bytes) -> None:
    for write in writes:
        write(frame)


async def _cost_s(work: Callable[[], None], pause_s: float) -> float:
    """CPU of this thread; then the sockets get time to drain, and the processor to forget."""
    began_s = time.thread_time()
    work()
    cost_s = time.thread_time() - began_s
    await asyncio.sleep(pause_s)
    return cost_s


def _per_frame(costs_s: Sequence[float], frames: int) -> dict[str, Any]:
    return {"us": statistics.mean(costs_s) / frames * 1e6}


def say(**answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def _run() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await serve(reader)


def main() -> None:
    """Serve until SIGTERM, or until the parent has gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent", type=int, required=True)
    die_with_parent(parser.parse_args().parent)
    log.configure("web", "ERROR")  # a storm that is too much for the process is a figure; a line for each refusal is none
    uvloop.run(_run())


if __name__ == "__main__":
    main()
