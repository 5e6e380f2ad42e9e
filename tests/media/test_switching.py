"""A viewer who changes its layer sees one track: no holes in its numbers, time that goes on, repairs from the right layer."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from media.layer import Layer
from media.rtp.rtcp import SenderReport
from tests.media.conftest import Relay
from tests.media.hands import DELTA, KEY, SIMULCAST, HandPublisher, HandViewer

LOW, HIGH = 501, 502


class Broadcast:
    """Two layers of the same camera, whose timestamps start at random as browsers' do."""

    def __init__(self, host: HandPublisher) -> None:
        self.host = host
        self.frame = 0

    def send(self, *, key: str = "", packets: int = 3) -> None:
        """A frame in both layers; `key` names those in which it is a key frame."""
        for rid, ssrc, start, count in (("0", LOW, 7_000, 1), ("1", HIGH, 4_000_000_000, packets)):
            for number in range(count):
                kind = KEY if rid in key and number == 0 else DELTA
                payload = kind + f"{rid}:{self.frame}:{number}".encode()
                stamp = (start + 3_000 * self.frame) & 0xFFFFFFFF
                self.host.send(ssrc, stamp, payload, marker=number == count - 1, rid=rid)
        self.frame += 1


@pytest.fixture
async def broadcast(relay: Relay) -> Broadcast:
    made = Broadcast(await HandPublisher.start(relay, SIMULCAST))
    made.send(key="01")
    return made


@pytest.fixture
async def viewer(relay: Relay, broadcast: Broadcast) -> AsyncIterator[HandViewer]:
    made = await HandViewer.start(relay)
    await made.caught_up()
    yield made
    made.close()


def layer(viewer: HandViewer, rid: str) -> Layer:
    (found,) = [layer for layer in viewer.session.down_tracks[0].track.layers if layer.rid == rid]
    return found


def seen(viewer: HandViewer) -> list[str]:
    return [packet.payload[1:].decode() for packet in viewer.of(0)]


def change(viewer: HandViewer, rid: str | None) -> None:
    assert viewer.session.choose_layer(viewer.session.down_tracks[0].mid, rid)


async def test_the_layer_changes_with_a_key_frame_and_leaves_no_hole(broadcast: Broadcast, viewer: HandViewer) -> None:
    for rid in ("0", "1", "0", "1"):
        change(viewer, rid)
        broadcast.send()
        broadcast.send(key=rid)
        broadcast.send()
    packets = viewer.of(0)
    assert [after.sequence - before.sequence for before, after in pairwise(packets)] == [1] * (len(packets) - 1)
    steps = [(after.timestamp - before.timestamp) & 0xFFFFFFFF for before, after in pairwise(packets)]
    assert all(step < 10_000 for step in steps), "time never goes back, and jumps by frames only"
    frames = [text.split(":")[:2] for text in seen(viewer)]
    switches = [(before, after) for before, after in pairwise(frames) if before[0] != after[0]]
    assert len(switches) >= 3
    assert all(int(after[1]) >= int(before[1]) for before, after in switches)
    assert seen(viewer)[-1].startswith("1:")


async def test_what_a_viewer_misses_is_repaired_from_the_layer_that_it_had_then(broadcast: Broadcast, viewer: HandViewer) -> None:
    change(viewer, "1")
    broadcast.send(key="1")
    broadcast.send()
    change(viewer, "0")
    broadcast.send(key="0")
    broadcast.send()
    packets = viewer.of(0)
    repaired = viewer.ask(0, [packet.sequence for packet in packets])
    assert [packet.payload[2:] for packet in repaired] == [packet.payload for packet in packets]
    assert [packet.timestamp for packet in repaired] == [packet.timestamp for packet in packets]
    assert viewer.ask(0, [packets[0].sequence - 1, packets[-1].sequence + 1]) == []


async def test_viewers_with_the_same_past_share_their_packets_and_others_do_not(
    relay: Relay, broadcast: Broadcast, viewer: HandViewer
) -> None:
    other = await HandViewer.start(relay)
    await other.caught_up()
    assert viewer.session.cohort is other.session.cohort
    change(viewer, "0")
    change(other, "0")
    broadcast.send(key="0")
    assert viewer.session.cohort is other.session.cohort
    change(other, "1")
    broadcast.send(key="1")
    assert viewer.session.cohort is not other.session.cohort
    assert len(viewer.session.stream._cohorts) == 2
    other.session.close()
    assert len(viewer.session.stream._cohorts) == 1
    other.close()


async def test_sender_reports_bring_the_layers_to_one_time(broadcast: Broadcast, viewer: HandViewer) -> None:
    """The second layer's first packet came late, so it was placed late; the sender's clocks say how much."""
    track = viewer.session.down_tracks[0].track
    low, high = layer(viewer, "0"), layer(viewer, "1")
    one_second = 1 << 32
    broadcast.host.report(SenderReport(LOW, 100 * one_second, 7_000, 1, 1))
    broadcast.host.report(SenderReport(HIGH, 100 * one_second, (4_000_000_000 - 450) & 0xFFFFFFFF, 1, 1))
    viewer.session.stream.report()
    placed = (high.munger.timestamp - low.munger.timestamp) & 0xFFFFFFFF
    assert (placed + high.skew_ticks - 450) & 0xFFFFFFFF == 0
    assert track.layers[0].skew_ticks == 0


async def test_a_layer_without_its_key_frame_is_asked_for_and_the_old_one_goes_on(
    broadcast: Broadcast, viewer: HandViewer
) -> None:
    change(viewer, "0")
    broadcast.send(key="0")
    change(viewer, "1")
    assert layer(viewer, "1").keyframes.wanted
    broadcast.send()
    assert seen(viewer)[-1].startswith("0:")
    change(viewer, "0")
    broadcast.send(key="1")
    assert seen(viewer)[-1].startswith("0:"), "the wish was taken back"
    assert not viewer.session.choose_layer("no such mid", "0")
    assert not viewer.session.choose_layer(viewer.session.down_tracks[0].mid, "no such layer")


async def test_a_source_without_a_known_rid_belongs_to_no_layer(relay: Relay, broadcast: Broadcast) -> None:
    before = relay.node.counters.dropped_unknown_source
    broadcast.host.send(777, 0, KEY + b"x", rid="9")
    broadcast.host.send(778, 0, KEY + b"x")
    assert relay.node.counters.dropped_unknown_source == before + 2
