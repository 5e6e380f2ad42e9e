"""The swarm is a harsh witness: what a viewer misses or gets twice is counted; and it lives a page's life."""

import asyncio
import re
import socket
from pathlib import Path

import pytest

from loadtests.channels import client
from loadtests.channels.bench import Crowd, opened
from loadtests.channels.storm import _behind
from loadtests.channels.swarm import Swarm
from loadtests.channels.wire import Frame, Missed, Move, stamped
from tests.e2e.site import ROOT, until


@pytest.fixture
def swarm() -> Swarm:
    made = Swarm()
    made.newest_only = {"show:a"}
    return made


def test_a_push_too_many_and_one_too_few_are_counted(swarm: Swarm) -> None:
    assert swarm.moved(Move("chat:a", "e1", 4, 6), ("e1", 3)) == ("e1", 6)
    assert (swarm.holes, swarm.twice) == (0, 0)
    assert swarm.moved(Move("chat:a", "e1", 8, 8), ("e1", 6)) == ("e1", 8)
    assert (swarm.holes, swarm.twice) == (1, 0)
    assert swarm.moved(Move("chat:a", "e1", 8, 8), ("e1", 8)) == ("e1", 8)
    assert (swarm.holes, swarm.twice) == (1, 1)
    assert swarm.moved(Move("chat:a", "e2", 9, 9), ("e1", 8)) == ("e2", 9)
    assert (swarm.holes, swarm.twice) == (2, 1)


def test_a_state_may_leave_offsets_out_but_not_change_its_epoch(swarm: Swarm) -> None:
    swarm.moved(Move("show:a", "e1", 9, 9), ("e1", 3))
    assert swarm.holes == 0
    swarm.moved(Move("show:a", "e2", 9, 9), ("e1", 3))
    assert swarm.holes == 1


def subscribed(offset: int, missed: list[int], *, recovered: bool = True, channel: str = "chat:a", epoch: str = "e1") -> Frame:
    publications = [Missed(offset=number) for number in missed]
    return Frame(op="subscribed", channel=channel, epoch=epoch, offset=offset, recovered=recovered, publications=publications)


def test_a_resumed_subscription_must_bring_everything_that_was_missed(swarm: Swarm) -> None:
    assert swarm.resumed(subscribed(5, [4, 5]), ("e1", 3)) == ("e1", 5)
    assert (swarm.holes, swarm.recovered) == (0, 1)
    swarm.resumed(subscribed(5, [5]), ("e1", 3))
    assert swarm.holes == 1
    swarm.resumed(subscribed(5, [4, 5], epoch="e2"), ("e1", 3))
    assert swarm.holes == 2
    swarm.resumed(subscribed(9, [9], channel="show:a"), ("e1", 3))
    assert swarm.holes == 2
    assert swarm.snapshots == 0


def test_a_snapshot_covers_what_was_missed(swarm: Swarm) -> None:
    assert swarm.resumed(subscribed(50, [], recovered=False, epoch="e2"), ("e1", 3)) == ("e2", 50)
    assert (swarm.holes, swarm.snapshots) == (0, 1)


def test_clients_back_off_as_pages_do() -> None:
    script = (ROOT / "static" / "lib" / "backoff.js").read_text()
    found = re.search(r"baseMs: (\d+), capMs: ([\d_]+)", script)
    assert found is not None
    assert (int(found[1]), int(found[2].replace("_", ""))) == (client.BASE_S * 1000, client.CAP_S * 1000)
    again = re.search(r"AGAIN_MS = ([\d_]+)", (ROOT / "static" / "lib" / "socket.js").read_text())
    assert again is not None
    assert int(again[1].replace("_", "")) == client.AGAIN_S * 1000


def test_a_channel_that_was_refused_for_the_moment_is_asked_for_again_and_one_refused_for_good_is_not(swarm: Swarm) -> None:
    swarm.channels = ["chat:a"]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        viewer = client.Client(swarm, "token", "127.0.0.2")
        viewer.sock, viewer.stage, viewer.unanswered = ours, client.JOINING, 1
        viewer._frame(Frame(op="error", id=2, name="unavailable", temporary=True))
        ((_, _, again),) = swarm._timers
        again()
        assert b'"op":"subscribe","id":2,"channel":"chat:a"' in theirs.recv(1_000)
        viewer._frame(Frame(op="error", id=2, name="blocked"))
    assert viewer.stage == client.STOPPED
    assert swarm.refusals == {"unavailable": 1, "blocked": 1, "closed with 4500": 1}


async def heard(crowd: Crowd, stamp_s: float, viewers: int) -> None:
    """Wait until so many viewers have a line, and no more; others talk of who is there meanwhile."""
    async with asyncio.timeout(20):
        while (await crowd.report()).arrivals.get(stamp_s, (0, 0.0))[0] < viewers:  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.02)
    assert (await crowd.report()).arrivals[stamp_s][0] == viewers


async def test_viewers_hear_come_back_and_miss_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as bench, bench.node() as node, bench.crowd(node.port, 6, swarms=2) as crowd:
        for number in range(3):
            await bench.push(bench.chat, bench.line(stamped(number, 1.0 + number)))
        for stamp_s in (1.0, 2.0, 3.0):
            await heard(crowd, stamp_s, 6)

        await crowd.ask("cut")
        await bench.push(bench.chat, bench.line(stamped(3, 4.0)))
        await crowd.ask("back")
        async with bench.crowd(node.port, 1, first=100) as witness:
            async with asyncio.timeout(10):
                while await _behind(bench, crowd, witness):  # noqa: ASYNC110 - other processes: there is no event to wait for
                    await asyncio.sleep(0.02)
        report = await crowd.report()
        assert (report.holes, report.twice, report.live) == (0, 0, 6)
        assert report.recovered + report.snapshots == 6 * len(bench.channels)

        await crowd.leave(2)
        stats = await node.stats()
        assert stats["connections"] <= 6
        await crowd.ask("clear")
        (one, two) = crowd.swarms
        await one.ask("stop_reading", count=2)
        await bench.push(bench.chat, bench.line(stamped(5, 6.0)))
        await heard(crowd, 6.0, 2)
        await one.ask("read_on")
        await heard(crowd, 6.0, 4)
        await node.child.kill()
        await until(lambda: not node.listens(), 5_000)
        async with asyncio.timeout(10):
            while (await two.ask("report"))["attempts_failed"] == 0:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
