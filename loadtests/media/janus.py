"""Debian's Janus with its streaming plugin as the peer: CPU per packet of both, same host, viewers and machine, in the same run.

Janus gets its broadcast as plain RTP on loopback, which spares it the publisher's SRTP that our relay has to open.
"""

import asyncio
import shutil

from loadtests.media.bench import LEAD_S, Bench, delivered, gather_few
from loadtests.media.client import Client, Viewer, chatter, leaving, swept
from loadtests.media.cpu import SETTLE_S, us_per_packet
from loadtests.media.host import Pattern
from loadtests.media.janus_peer import Api, JanusViewer, PlainHost, running_janus
from loadtests.media.relay import NotMeasured, cpu_s
from media.transport.dtls import Identity
from server.kernel.tasks import supervised

SIZES = (40, 80)
QUICK_SIZES = (20,)
WINDOW_S, QUICK_WINDOW_S = 15.0, 3.0


async def measure(bench: Bench, quick: bool) -> dict[str, float]:
    """`janus_us_per_packet_*` and `janus_ours_us_per_packet_*` at each size, and `janus_ratio`, the least of theirs over ours.

    Raises:
        NotMeasured: Janus is not installed, or does not start.
    """
    sizes, window_s = (QUICK_SIZES, QUICK_WINDOW_S) if quick else (SIZES, WINDOW_S)
    program = shutil.which("janus")
    if program is None:
        raise NotMeasured("Debian's package janus is not installed; `make load` installs it where it may use the package manager")
    ours = await _ours(bench, sizes, window_s)
    theirs = await _theirs(program, bench.identity, sizes, window_s)
    figures = {f"janus_us_per_packet_{size}_viewers": theirs[size] for size in sizes}
    figures |= {f"janus_ours_us_per_packet_{size}_viewers": ours[size] for size in sizes}
    return {**figures, "janus_ratio": min(theirs[size] / ours[size] for size in sizes)}


async def _ours(bench: Bench, sizes: tuple[int, ...], window_s: float) -> dict[int, float]:
    spent: dict[int, float] = {}
    viewers: list[Viewer] = []
    async with bench.air("beside-janus", Pattern()) as air:
        for size in sizes:
            joining = air.viewers(size - len(viewers))
            await air.add(joining)
            viewers += joining
            spent[size] = await us_per_packet(air, viewers, window_s)
    return spent


async def _theirs(program: str, identity: Identity, sizes: tuple[int, ...], window_s: float) -> dict[int, float]:
    spent: dict[int, float] = {}
    viewers: list[JanusViewer] = []
    peers: list[Client] = []
    async with running_janus(program) as (pid, http, ports), leaving(peers), supervised("janus") as tasks:
        api = Api(http)
        await api.open()
        tasks.start(api.listen(), "events")
        host = PlainHost(http, identity, Pattern(), ports)
        tasks.start(host.broadcast(), "host")
        tasks.start(chatter(peers), "reports")
        await asyncio.sleep(LEAD_S)
        for size in sizes:
            joining = [JanusViewer(api, identity) for _ in range(size - len(viewers))]
            peers += joining
            await gather_few(viewer.watch("") for viewer in joining)
            viewers += joining
            async with swept(viewers):
                await asyncio.sleep(SETTLE_S)
                cpu, sent, received = cpu_s(pid), host.packets, sum(viewer.received for viewer in viewers)
                await asyncio.sleep(window_s)
                cpu = cpu_s(pid) - cpu
                spent[size] = cpu / delivered(viewers, host.packets - sent, received) * 1e6
        host.close_ports()
    return spent
