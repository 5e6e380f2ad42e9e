"""What breaks costs only what it must: an edge that does not read, an origin that dies, a broadcast that moves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from media.cascade import wire
from media.cascade.link import STUCK_MS
from media.cascade.origin import StreamPipe
from tests.media import offers
from tests.media.cascade.conftest import Machine, StartViewer
from tests.media.cascade.test_cascade import AUDIO, VIDEO, comes, ended, on_air, texts
from tests.media.clients import STREAM, until
from tests.media.conftest import Relay
from tests.media.hands import DELTA, KEY, HandPublisher, HandViewer, post


class HandEdge:
    """An edge that reads when it is told to."""

    def __init__(self, machine: Machine) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.setblocking(False)
        self.sock.connect(str(machine.path("origin")))
        self.sock.send(wire.encode(wire.Subscribe(wire.VERSION, STREAM, "hand")))
        self.said: list[wire.ToEdge] = []
        self.packets: list[wire.PipedPacket] = []

    def read(self) -> None:
        """Everything that is there."""
        while True:
            try:
                data = self.sock.recv(wire.MESSAGE_BYTES_MAX)
            except BlockingIOError:
                return
            message = wire.decode_to_edge(memoryview(data))
            if isinstance(message, list):
                self.packets += message
            else:
                self.said.append(message)

    def numbers(self) -> list[int]:
        return [packet.sequence for packet in self.packets]

    def got(self) -> list[wire.PipedPacket]:
        """All packets so far."""
        self.read()
        return self.packets

    def descriptions(self) -> list[wire.Description]:
        """All descriptions so far."""
        self.read()
        return [message for message in self.said if isinstance(message, wire.Description)]


@pytest.fixture
async def hand_edge(machine: Machine, origin: Relay) -> AsyncIterator[HandEdge]:
    """Subscribed to a broadcast of which it has got the first picture."""
    made = HandEdge(machine)
    yield made
    made.sock.close()


def flood(origin: Relay, host: HandPublisher, frames: int, first: int = 100) -> None:
    """Frames of 8 KB."""
    for number in range(first, first + frames):
        for part in range(8):
            host.send(VIDEO, 3_000 * number, DELTA + bytes(1_000), marker=part == 7)


def pipe_of(relay: Relay) -> StreamPipe:
    (tap,) = relay.node.streams[STREAM].taps
    assert isinstance(tap, StreamPipe)
    return tap


async def test_an_edge_that_pauses_gets_everything_later_and_in_order(
    origin: Relay, hand_edge: HandEdge, viewer: StartViewer
) -> None:
    host = await on_air(origin)
    await until(lambda: origin.node.streams[STREAM].taps)
    at_the_origin = await viewer(origin)
    await at_the_origin.caught_up()
    flood(origin, host, 200)
    assert len(at_the_origin.of(0)) > 100, "nobody waits for the edge"
    await until(lambda: len(hand_edge.got()) == 3 + 1600)
    numbers = hand_edge.numbers()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert origin.node.counters.dropped_pipe_full == 0


async def test_an_edge_that_is_stuck_loses_what_it_missed_and_starts_again_with_a_key_frame(
    origin: Relay, hand_edge: HandEdge
) -> None:
    host = await on_air(origin)
    await until(lambda: origin.node.streams[STREAM].taps)
    flood(origin, host, 400)
    track = host.session.stream.playable("video")
    assert track is not None
    layer = track.layers[0]
    origin.clock.shift_ms += STUCK_MS + 1
    flood(origin, host, 1, first=600)
    assert layer.keyframes.wanted
    dropped = origin.node.counters.dropped_pipe_full
    assert dropped > 500
    await until(lambda: len(hand_edge.got()) >= 3 + 3_208 - dropped)
    host.send(VIDEO, 3_000_000, KEY + b"again")
    origin.node.streams[STREAM].flush()
    await until(lambda: hand_edge.got()[-1].payload == KEY + b"again")
    numbers = hand_edge.numbers()
    assert numbers == sorted(set(numbers)), "in order, each once"
    assert numbers[-1] - numbers[0] + 1 - len(numbers) == origin.node.counters.dropped_pipe_full, "every loss is counted"


async def test_what_an_edge_is_told_while_it_does_not_read_is_the_last_state(origin: Relay, hand_edge: HandEdge) -> None:
    host = await on_air(origin)
    await until(lambda: origin.node.streams[STREAM].taps)
    hand_edge.read()
    hand_edge.said.clear()
    flood(origin, host, 400)
    place = host.session.stream.stage.host
    for muted in ([], ["audio"], ["video"], ["audio", "video"]):
        place.mute(frozenset(muted))  # type: ignore[arg-type]
        host.session.stream.aim_all()
    await until(hand_edge.descriptions)
    described = hand_edge.descriptions()
    assert [message.places[0].muted for message in described] == [("audio", "video")]


async def test_an_edge_that_goes_is_forgotten_and_its_viewers_with_it(origin: Relay, hand_edge: HandEdge) -> None:
    host = await on_air(origin)
    await until(lambda: origin.node.streams[STREAM].taps)
    hand_edge.sock.send(wire.encode(wire.Viewers(7)))
    await until(lambda: origin.node.streams[STREAM].viewers == 7)
    hand_edge.sock.close()
    flood(origin, host, 3)
    await until(lambda: not origin.node.streams[STREAM].taps)
    assert origin.node.streams[STREAM].viewers == 0


async def test_an_edge_that_says_nonsense_is_cut_off(origin: Relay, hand_edge: HandEdge) -> None:
    await on_air(origin)
    await until(lambda: origin.node.streams[STREAM].taps)
    hand_edge.read()
    hand_edge.sock.send(wire.encode(wire.KeyframeWanted(99, 99)))
    hand_edge.sock.send(b"nonsense")
    await until(lambda: ended(hand_edge.sock))
    assert origin.node.streams[STREAM].active


async def test_an_origin_that_says_nonsense_is_left(edge: Relay, machine: Machine) -> None:
    machine.owner = "liar"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(machine.path("liar")))
        listener.listen()
        listener.setblocking(False)
        asked = asyncio.create_task(post(edge, "whep", offers.CHROMIUM_WHEP, {}))
        async with asyncio.timeout(10):
            liar, _ = await asyncio.get_running_loop().sock_accept(listener)
        with liar:
            liar.send(b"\0\xff nonsense")
            assert (await asked).json()["name"] == "stream_inactive"
            assert not edge.node.cascade.is_edge(STREAM)


async def test_the_broadcast_goes_on_from_a_new_origin_in_the_same_sessions(
    origin: Relay, edge: Relay, machine: Machine, viewer: StartViewer
) -> None:
    """The new origin numbers from a random start of its own; a viewer sees one sequence, and no number twice."""
    await on_air(origin, 5)
    watching = await viewer(edge)
    await comes(watching, b"4")
    await origin.node.close()
    await until(lambda: not edge.node.streams[STREAM].active)
    assert watching.session.state == "connected"
    successor = await machine.node("successor")
    machine.owner = "successor"
    host = await HandPublisher.start(successor)
    for number in range(4):
        host.send(VIDEO, 777_000 + 3_000 * number, (DELTA if number else KEY) + b"new %d" % number)
    host.send(AUDIO, 5, b"\0new", payload_type=111, marker=False)
    successor.node.streams[STREAM].flush()
    await comes(watching, b"new 3")
    await until(lambda: edge.node.streams[STREAM].active)
    assert texts(watching) == [b"0", b"1", b"2", b"3", b"4", b"new 0", b"new 1", b"new 2", b"new 3"]
    assert_continuous(watching)
    repaired = watching.ask(0, [packet.sequence for packet in watching.of(0)])
    assert len(repaired) == 9, "what was lost before the change is repaired after it"


async def test_an_edge_becomes_the_origin_and_an_old_origin_its_edge(
    origin: Relay, edge: Relay, machine: Machine, viewer: StartViewer
) -> None:
    """The host comes back to another process, while the viewers of both wait where they are."""
    host = await on_air(origin, 3)
    one, other = await viewer(origin), await viewer(edge)
    await comes(other, b"2")
    host.session.close()
    await until(lambda: not edge.node.streams[STREAM].active)
    machine.owner = "edge"
    back = await HandPublisher.start(edge)
    for number in range(3):
        back.send(VIDEO, 3_000 * number, (DELTA if number else KEY) + b"back %d" % number)
    edge.node.streams[STREAM].flush()
    for watching in (one, other):
        await comes(watching, b"back 2")
        assert texts(watching) == [b"0", b"1", b"2", b"back 0", b"back 1", b"back 2"]
        assert_continuous(watching)
    assert origin.node.cascade.is_edge(STREAM)
    assert not edge.node.cascade.is_edge(STREAM)
    assert [type(event).__name__ for event in origin.events] == ["StreamStarted", "StreamEnded"]
    assert [type(event).__name__ for event in edge.events] == ["StreamStarted"]
    assert [relay.node.published() for relay in (origin, edge)] == [[], [STREAM]]


async def test_a_new_codec_ends_the_viewers_sessions_at_the_edge_too(origin: Relay, edge: Relay, viewer: StartViewer) -> None:
    host = await on_air(origin)
    watching = await viewer(edge)
    await comes(watching, b"2")
    host.session.close()
    only_vp8 = offers.OBS.replace("H264/90000", "VP8/90000")
    again = await HandPublisher.start(origin, only_vp8)
    again.send(VIDEO, 0, b"\x10\x00\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00")
    origin.node.streams[STREAM].flush()
    await until(lambda: watching.session.state == "closed")
    await until(lambda: edge.node.streams[STREAM].video_codec == "VP8")


def assert_continuous(viewer: HandViewer) -> None:
    packets = viewer.of(0)
    assert [after.sequence - before.sequence for before, after in pairwise(packets)] == [1] * (len(packets) - 1)
    steps = [(after.timestamp - before.timestamp) & 0xFFFFFFFF for before, after in pairwise(packets)]
    assert all(0 < step < 90_000 * 30 for step in steps), "time never goes back"
