"""CPU per forwarded packet of the relay process, at several sizes of audience, against the bare loop of the same run.

The bare loop is what nobody can go below in Python: AES-GCM and one UDP_SEGMENT `sendmsg` per frame, without a server around it,
as fast as it goes. The paced one sleeps until each frame's time like a broadcast: what waking up and cold caches cost anybody.
A packet is one of video (1100 bytes) or sound (160 bytes every 20 ms) that arrived at a viewer. Receiver reports, REMB, NACKs and
their retransmissions, the host's packets and the cache are in the relay's CPU and not in the count.
"""

import asyncio
import contextlib
import multiprocessing
import secrets
import socket
import statistics
import struct
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from loadtests.media.bench import Air, Bench, delivered
from loadtests.media.client import Viewer, swept
from loadtests.media.host import FRAME, FRAME_RATE, SIZE, Host, Pattern

SIZES, QUICK_SIZES = (10, 40, 120, 300), (10, 60)
WINDOW_S, QUICK_WINDOW_S = 15.0, 1.5
SETTLE_S = 1.0
"""The replays at the start, and what queued up while nobody was reading, are not what is measured."""
PACED_FRAMES = 30
UDP_SEGMENT = 103
"""<linux/udp.h>; the socket module has no name for it."""


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """µs per packet and its ratio to the bare loop at each size.

    `ratio_to_bare` is that at the largest, where the broadcast itself costs least; `ratio_to_paced_bare` the worst of all;
    `growth` from the smallest to the largest size, `spread` the dearest over the cheapest; `ingest_ms_per_s` CPU of a broadcast
    that nobody watches. The short run has no paced loop.
    """
    sizes, window_s = (QUICK_SIZES, QUICK_WINDOW_S) if quick else (SIZES, WINDOW_S)
    spent: dict[int, float] = {}
    bares: list[float] = []
    paced: dict[int, float] = {}
    viewers: list[Viewer] = []
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as bare_process:
        async with bench.air("cpu", Pattern()) as air:
            ingest_ms = await _ingest_ms_per_s(air, window_s)
            for size in sizes:
                bares.append(await _bare(bare_process, air.host))
                if not quick:
                    paced[size] = await _bare(bare_process, air.host, size, PACED_FRAMES, 1 / FRAME_RATE)
                joining = air.viewers(size - len(viewers))
                await air.add(joining)
                viewers += joining
                spent[size] = await us_per_packet(air, viewers, window_s)
            bares.append(await _bare(bare_process, air.host))
    return {"ingest_ms_per_s": ingest_ms, **_figures(spent, statistics.mean(bares), paced)}


def _figures(spent: Mapping[int, float], bare: float, paced: Mapping[int, float]) -> dict[str, float]:
    figures = {"us_per_packet_bare": bare}
    figures |= {f"us_per_packet_{size}_viewers": value for size, value in spent.items()}
    figures |= {f"ratio_to_bare_{size}_viewers": value / bare for size, value in spent.items()}
    figures |= {f"us_per_packet_paced_bare_{size}_viewers": value for size, value in paced.items()}
    if paced:
        figures["ratio_to_paced_bare"] = max(spent[size] / paced[size] for size in paced)
    worst, least = max(spent.values()), min(spent.values())
    largest = spent[max(spent)]
    return {**figures, "ratio_to_bare": largest / bare, "spread": worst / least, "growth": largest / spent[min(spent)]}


async def _ingest_ms_per_s(air: Air, window_s: float) -> float:
    cpu_s = air.bench.relay.cpu_s()
    await asyncio.sleep(window_s)
    return (air.bench.relay.cpu_s() - cpu_s) / window_s * 1000


async def us_per_packet(air: Air, viewers: Sequence[Viewer], window_s: float) -> float:
    """CPU of the relay process per packet that arrived, over a window."""
    async with swept(viewers):
        await asyncio.sleep(SETTLE_S)
        cpu_s, sent, received = air.bench.relay.cpu_s(), air.host.packets, sum(viewer.received for viewer in viewers)
        await asyncio.sleep(window_s)
        cpu_s = air.bench.relay.cpu_s() - cpu_s
        return cpu_s / delivered(viewers, air.host.packets - sent, received) * 1e6


async def _bare(process: ProcessPoolExecutor, host: Host, *arguments: Any) -> float:
    """The bare loop in a process of its own, while the broadcast pauses."""
    host.pause(True)
    try:
        return await asyncio.get_running_loop().run_in_executor(process, bare_loop_us, *arguments)
    finally:
        host.pause(False)


def bare_loop_us(viewers: int = 60, frames: int = 60, pace_s: float = 0.0) -> float:
    """µs of encrypting a packet and sending it in a batch of a frame, to many sockets with a key each; emptying is free.

    With `pace_s` a frame leaves only so often.
    """
    payload, header = secrets.token_bytes(SIZE), bytes(12)
    control = [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("H", 12 + SIZE + 16))]
    spent_s = 0.0
    with contextlib.ExitStack() as stack:
        sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        receivers = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(viewers)]
        targets = []
        for receiver in receivers:
            receiver.bind(("127.0.0.1", 0))
            receiver.setblocking(False)
            targets.append((AESGCM(secrets.token_bytes(16)).encrypt, secrets.randbits(96), receiver.getsockname()))
        began_s = time.monotonic()
        for frame in range(frames):
            started_s = time.process_time()
            if pace_s:
                time.sleep(max(0.0, began_s + frame * pace_s - time.monotonic()))
            for encrypt, salt, address in targets:
                parts: list[bytes] = []
                for number in range(frame * FRAME, frame * FRAME + FRAME):
                    parts += (header, encrypt((number ^ salt).to_bytes(12, "big"), payload, header))
                sender.sendmsg(parts, control, 0, address)
            spent_s += time.process_time() - started_s
            for receiver in receivers:
                for _ in range(FRAME):
                    receiver.recv(2048)
    return spent_s / (viewers * frames * FRAME) * 1e6
