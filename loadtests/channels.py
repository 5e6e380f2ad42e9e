"""CPU of one delivered frame: the hub's fan-out beside bare `transport.write` of the same bytes to the same sockets, in turns.

Only the writing thread's CPU time is counted; another process reads and throws away.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

import msgspec
import uvloop

from schemas.frames import Push
from schemas.http.chat import ChatMessage
from server.channels.framing import encode, encode_frame
from server.channels.hub import Channel, Hub, Viewer
from server.channels.limits import HubLimits
from server.channels.log import Entry

VIEWERS = 200
BURST = 4
"""Publications that come within one flush, as in a burst of chat."""
SINK = """
import selectors, socket, sys
selector = selectors.DefaultSelector()
for _ in range(int(sys.argv[2])):
    selector.register(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), selectors.EVENT_READ)
while selector.get_map():
    for key, _ in selector.select():
        if not key.fileobj.recv(1 << 16):
            selector.unregister(key.fileobj)
"""
SINK_DEADLINE_S = 20.0


def run(quick: bool) -> dict[str, float]:
    """Figures of the fan-out; `quick` takes about five seconds."""
    return uvloop.run(_measure(300 if quick else 2_000))


async def _measure(rounds: int) -> dict[str, float]:
    transports: list[asyncio.Transport] = []
    complete = asyncio.Event()

    class Viewing(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            transports.append(cast(asyncio.Transport, transport))  # uvloop's are not registered as such
            if len(transports) == VIEWERS:
                complete.set()

    server = await asyncio.get_running_loop().create_server(Viewing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sink = await asyncio.create_subprocess_exec(sys.executable, "-c", SINK, str(port), str(VIEWERS))
    try:
        async with asyncio.timeout(SINK_DEADLINE_S):
            await complete.wait()
        return await _compare(transports, rounds)
    finally:
        for transport in transports:
            transport.abort()
        server.close()
        sink.terminate()
        await sink.wait()


async def _compare(transports: list[asyncio.Transport], rounds: int) -> dict[str, float]:
    hub, channel = _hub(transports)
    writes = [transport.write for transport in transports]
    bare: list[float] = []
    single: list[float] = []
    burst: list[float] = []
    for number in range(rounds):
        data = _message(number)
        push = Push(channel=channel.name, epoch=channel.epoch, offset=channel.top + 1, at_ms=0, data=msgspec.Raw(data))
        frame = encode_frame(push)
        # In turns, so that a noisy neighbour hits all three alike.
        bare.append(await _cost_us(partial(_write_all, writes, frame)))
        single.append(await _cost_us(partial(_publish, hub, channel, data, 1)))
        burst.append(await _cost_us(partial(_publish, hub, channel, data, BURST)) / BURST)
    figures = hub.figures
    return {
        "bare_us_per_frame": round(statistics.median(bare), 3),
        "hub_us_per_frame": round(statistics.median(single), 3),
        "hub_us_per_frame_in_bursts": round(statistics.median(burst), 3),
        "hub_to_bare": round(statistics.median(single) / statistics.median(bare), 3),
        "burst_to_bare": round(statistics.median(burst) / statistics.median(bare), 3),
        "frames_per_write_in_bursts": round((figures.frames - rounds * VIEWERS) / (figures.writes - rounds * VIEWERS), 2),
    }


def _hub(transports: list[asyncio.Transport]) -> tuple[Hub, Channel]:
    limits = HubLimits()
    hub = Hub(limits)
    channel = Channel("chat:shw_" + "0" * 32, lambda state, data: state, limits)
    channel.load("0123456789ab", 0, None, [])
    hub.add(channel)
    for transport in transports:
        hub.join(Viewer(transport.write), channel)
    return hub, channel


def _write_all(writes: Sequence[Callable[[bytes], None]], frame: bytes) -> None:
    for write in writes:
        write(frame)


def _publish(hub: Hub, channel: Channel, data: bytes, count: int) -> None:
    for _ in range(count):
        hub.append(channel, Entry(channel.epoch, channel.top + 1, 0, data))
    while hub.flush(urgent=False):
        pass


async def _cost_us(work: Callable[[], None]) -> float:
    """CPU of this thread for one viewer, in microseconds; then the sockets get time to drain."""
    began = time.thread_time()
    work()
    cost = (time.thread_time() - began) * 1e6 / VIEWERS
    await asyncio.sleep(0.001)
    return cost


def _message(number: int) -> bytes:
    message = ChatMessage(
        message_id=f"msg_{number:032x}",
        author_id="gst_" + "0" * 32,
        author_name="Anna",
        author_role="viewer",
        text="Does it come in blue as well?",
        posted_at_ms=1_800_000_000_000,
    )
    return encode(message)
