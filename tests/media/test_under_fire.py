"""A live relay under fire: nonsense, forgeries and replays, from strangers and in the name of clients that go on watching."""

import asyncio
import random
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from media.stats import Counters
from tests.media.clients import Client, Clients, until
from tests.media.conftest import Relay
from tests.media.fuzz.replay import mutated, seeds

DATAGRAMS = 2_000
BURST = 40  # of one attacker, then the relay and the clients go on
CLEAR_ALERT = bytes.fromhex("15fefd 0000 000000000001 0002 0228")
"""A fatal DTLS alert that no key protects: whoever can forge an address can send it (RFC 9147 §11)."""

CLIENT_HELLO = (
    bytes.fromhex("16fefd 0000 000000000000 0036 01 00002a 0000 000000 00002a fefd") + bytes(32) + b"\0\0\0\2\xc0\x2b\1\0"
)


def nonsense() -> Iterator[bytes]:
    """Datagrams without end: seeds of the corpus, mostly damaged, and forged DTLS; the same in every run."""
    chance = random.Random(7)
    whole = [data for name in ("stun", "rtp", "rtcp", "twcc", "srtp") for data in seeds(name)]
    while True:
        for data in chance.sample(whole, len(whole)):
            edits = [
                (chance.random(), chance.randrange(4), chance.randbytes(chance.randrange(4))) for _ in range(chance.randrange(4))
            ]
            yield mutated(data, edits)[:1400]
            yield chance.choice([CLEAR_ALERT, CLIENT_HELLO, b"", chance.randbytes(chance.randrange(1, 200))])
            yield bytes([chance.randrange(20, 64)]) + chance.randbytes(60)


def ice_path(client: Client) -> Any:
    """The nominated pair of an aiortc client: what is sent on it has the client's address."""
    ice = client.pc.getTransceivers()[0].receiver.transport.transport
    return ice._connection._nominated[1]


def in_the_name_of(client: Client) -> Callable[[bytes], object]:
    pair = ice_path(client)
    return lambda data: pair.protocol.transport.sendto(data, pair.remote_addr)


def double(client: Client, sent: list[bytes]) -> None:
    """Whatever the client sends goes out twice, as if somebody repeated it; the datagrams are kept."""
    protocol = ice_path(client).protocol
    once = protocol.send_data

    async def twice(data: bytes, address: tuple[str, int]) -> None:
        sent.append(data)
        await once(data, address)
        await once(data, address)

    protocol.send_data = twice


def dropped(counters: Counters) -> dict[str, int]:
    return {name: value for name, value in counters.as_dict().items() if name.startswith("dropped_")}


@pytest.fixture
def stranger(relay: Relay) -> Iterator[Callable[[bytes], object]]:
    """Sends from an address that the relay has never heard of."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", relay.node.udp_port))
        yield sock.send


async def test_viewers_see_nothing_of_fire_from_strangers_and_from_forged_addresses(
    relay: Relay, clients: Clients, stranger: Callable[[bytes], object]
) -> None:
    publisher, viewer, other = await clients.publisher(), await clients.viewer(), await clients.viewer()
    await until(lambda: len(viewer.video_frames) > 5 and len(other.video_frames) > 5)
    node = relay.node
    paths = {session.id: session.address for session in node.sessions.values()}
    known, before = dict(node.transport.udp.sessions), dropped(node.counters)
    repeated: list[bytes] = []
    double(publisher, repeated)
    attackers = [stranger, in_the_name_of(viewer), in_the_name_of(publisher)]
    datagrams = nonsense()
    for _ in range(DATAGRAMS // BURST):
        seen = len(viewer.video_frames), len(other.video_frames), publisher.tracks[0].sent
        for attack in attackers:
            for _ in range(BURST // 2):
                attack(next(datagrams))
        for data in repeated[-BURST // 2 :]:
            stranger(data)
        await until(lambda seen=seen: publisher.tracks[0].sent > seen[2])  # type: ignore[misc]
    fired = len(viewer.video_frames), len(other.video_frames)
    await until(lambda: len(viewer.video_frames) > fired[0] + 30 and len(other.video_frames) > fired[1] + 30)
    after = dropped(node.counters)
    for name in ("dropped_malformed", "dropped_unauthenticated", "dropped_unknown_address"):
        assert after[name] > before[name], name
    media = sum(127 < data[0] < 192 and not 192 <= data[1] <= 223 for data in repeated)
    assert after["dropped_replayed"] - before["dropped_replayed"] > media / 2  # the kernel may lose some of either
    assert {session.id: session.address for session in node.sessions.values()} == paths
    assert node.transport.udp.sessions == known
    assert {session.state for session in node.sessions.values()} == {"connected"}
    assert {client.pc.connectionState for client in (publisher, viewer, other)} == {"connected"}
    assert fired[0] > 30
    assert node.counters.joins == 2


async def test_a_viewer_joins_while_strangers_fire(relay: Relay, clients: Clients, stranger: Callable[[bytes], object]) -> None:
    await clients.publisher()
    datagrams = nonsense()
    firing = True

    async def fire() -> None:
        while firing:
            for _ in range(5):
                stranger(next(datagrams))
            await asyncio.sleep(0.005)

    attack = asyncio.get_running_loop().create_task(fire())
    viewer = await clients.viewer()
    await until(lambda: len(viewer.video_frames) > 30)
    firing = False
    await attack
    assert relay.node.counters.dropped_unknown_address > 100
