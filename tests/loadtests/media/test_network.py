"""The bad network is as bad as it says."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from loadtests.media.network import Lossy, Narrow, Proxy

RTP = bytes([0x80, 96, 0, 7]) + bytes(4) + (5).to_bytes(4, "big") + bytes(100)
OTHER_RTP = bytes([0x80, 97, 0, 8]) + bytes(4) + (6).to_bytes(4, "big") + bytes(100)
SPARED = [bytes([0, 1]) + bytes(18), bytes([22, 254]) + bytes(30), bytes([0x80, 200]) + bytes(30)]
"""A check, DTLS, RTCP."""


class Ends:
    """A relay's and a viewer's socket with a proxy between them."""

    def __init__(self) -> None:
        self.relay, self.viewer = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for sock in (self.relay, self.viewer):
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
        self.port = self.relay.getsockname()[1]

    async def join(self, proxy: Proxy) -> None:
        """The viewer sends first; the relay then knows where to answer."""
        await asyncio.get_running_loop().sock_sendto(self.viewer, b"\0hello", ("127.0.0.1", proxy.port))
        data, self.address = await asyncio.wait_for(asyncio.get_running_loop().sock_recvfrom(self.relay, 100), 5)
        assert data == b"\0hello"

    async def down(self, *datagrams: bytes) -> None:
        """From the relay."""
        for data in datagrams:
            await asyncio.get_running_loop().sock_sendto(self.relay, data, self.address)

    async def arrived(self) -> bytes:
        """At the viewer."""
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.viewer, 2048), 5)


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    made = Ends()
    yield made
    made.relay.close()
    made.viewer.close()


async def test_a_lossy_line_loses_media_only_and_knows_which_packets_of_the_video(ends: Ends) -> None:
    async with Lossy(ends.port, share=1.0, seed=1, video_ssrc=5) as line:
        await ends.join(line)
        await ends.down(RTP, OTHER_RTP, *SPARED)
        assert [await ends.arrived() for _ in SPARED] == SPARED
        assert isinstance(line, Lossy)
        assert set(line.lost) == {7}


async def test_a_lossy_line_loses_about_its_share_and_the_same_packets_each_time(ends: Ends) -> None:
    lines = [Lossy(ends.port, 0.05, seed=3, video_ssrc=5) for _ in range(2)]
    packets = [bytes([0x80, 96]) + number.to_bytes(2, "big") + RTP[4:] for number in range(4_000)]
    for line in lines:
        for packet in packets:
            line.down(packet)
        await line.__aexit__()
    assert set(lines[0].lost) == set(lines[1].lost)
    assert 150 < len(lines[0].lost) < 250


async def test_a_narrow_line_keeps_half_a_second_and_loses_the_rest(ends: Ends) -> None:
    line = Narrow(ends.port)
    async with line:
        await ends.join(line)
        line.bps = len(RTP) * 8 * 20  # twenty packets a second: ten find room
        for _ in range(40):
            line.down(RTP)
        assert line.lost == 30
        assert await ends.arrived() == RTP
        line.bps = 0
        line.down(OTHER_RTP)
        assert [await ends.arrived() for _ in range(10)] == [RTP] * 9 + [OTHER_RTP]
