"""The cheap peers against the relay process that is measured: what they count is what was sent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from loadtests.media import relay
from loadtests.media.bench import Air, Bench, delivered
from loadtests.media.host import FRAME, FRAME_RATE, Pattern
from loadtests.media.network import Lossy
from loadtests.media.relay import NotMeasured
from loadtests.media.repairing import RepairingViewer
from server.kernel.tasks import TaskGroup
from tests.media.clients import until


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A bench without a browser."""
    async with relay.running() as running, contextlib.AsyncExitStack() as stack:
        made = Bench(running, TaskGroup("test"), stack)
        yield made
        await made.tasks.close()


async def test_viewers_count_what_the_host_sent_and_the_relay_hears_their_reports(bench: Bench) -> None:
    async with bench.air("counted", Pattern()) as air:
        viewers = air.viewers(3)
        await air.add(viewers)
        await until(lambda: all(viewer.video and viewer.audio for viewer in viewers))
        sent, received = air.host.packets, sum(viewer.received for viewer in viewers)
        cpu_s = bench.relay.cpu_s()
        await until(lambda: air.host.packets - sent > 600)
        air.host.pause(True)
        await until(lambda: sum(viewer.received for viewer in viewers) - received >= 3 * (air.host.packets - sent) - 30)
        assert delivered(viewers, air.host.packets - sent, received) <= 3 * (air.host.packets - sent) + 30
        assert bench.relay.cpu_s() > cpu_s
        assert all(viewer.repairs and viewer.reports for viewer in viewers)  # their NACKs and reports were understood
        counters = (await bench.relay.http.get("/stats")).json()["counters"]
        assert counters["nacks_in"] >= len(viewers)
        assert counters["dropped_malformed"] == counters["dropped_unauthenticated"] == 0
        with pytest.raises(NotMeasured, match="too busy"):
            delivered(viewers, 10 * air.host.packets, received)


async def test_a_viewers_wish_for_a_key_frame_reaches_the_host_who_answers_it(bench: Bench) -> None:
    async with bench.air("wished", Pattern(gop=1000 * FRAME_RATE, answers=True)) as air:
        (viewer,) = viewers = air.viewers(1)
        await air.add(viewers)
        await until(lambda: viewer.video)
        before = air.host.key_requests
        viewer.want_key_frame()
        await until(lambda: air.host.key_requests > before)


async def test_a_repairing_viewer_gets_what_a_lossy_line_lost(bench: Bench) -> None:
    async with bench.air("lossy", Pattern()) as air:
        scout = air.viewers(1)
        await air.add(scout)
        async with Lossy(air.host.remote.port, 0.2, 1, scout[0].remote.sources["video"].ssrc) as line:
            assert isinstance(line, Lossy)
            viewer = RepairingViewer(bench.relay.http, bench.identity)
            await air.add([viewer], line.port)
            bench.tasks.start(viewer.repair(), "repair")
            await until(lambda: viewer.video > 200)  # what is lost before the first arrival cannot be missed
            before = len(line.lost)
            await until(lambda: len(line.lost) >= before + 100)
            lost = set(list(line.lost)[before : before + 100])
            await until(lambda: len(lost & set(viewer.repaired)) > 95)


def test_a_patterns_frames_are_equal_packets_and_key_frames_come_when_due_or_asked() -> None:
    def kinds(pattern: Pattern, number: int, key: bool) -> set[int]:
        return {payload[0] & 0x1F for payload in pattern.frame(number, key)}

    deaf, polite = Pattern(gop=30), Pattern(gop=30, answers=True)
    assert kinds(deaf, 0, False) == kinds(deaf, 30, False) == kinds(polite, 7, True) == {5}
    assert kinds(deaf, 7, True) == kinds(polite, 7, False) == {1}
    assert len({len(payload) for number in range(3) for payload in deaf.frame(number, key=False)}) == 1
    assert len(deaf.frame(1, key=False)) == FRAME


async def test_air_closes_its_peers(bench: Bench) -> None:
    async with bench.air("closed", Pattern()) as air:
        await air.add(air.viewers(2))
        peers = list(air.peers)
        assert isinstance(air, Air)
    assert all(peer.sock.fileno() == -1 for peer in peers)

    async def sessions() -> int:
        stats = (await bench.relay.http.get("/stats")).json()
        return int(stats["subscribers"] + stats["publishers"])

    async with asyncio.timeout(5):
        while await sessions():  # noqa: ASYNC110 - the relay is another process
            await asyncio.sleep(0.02)
