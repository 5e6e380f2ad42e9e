"""The TCP port on both event loops: asyncio's own, and uvloop, which production runs on."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from media.stats import Counters
from media.transport import tcp
from media.transport.ice import Address
from media.transport.tcp import BUFFER_MAX, TcpConnection, TcpListener
from media.transport.udp import Session
from tests.media.clients import until

PACKET = b"\x80\x60" + bytes(1000)


class Receiver:
    """A session that keeps what it gets."""

    def __init__(self) -> None:
        self.dtls: list[bytes] = []
        self.media: list[bytes] = []
        self.closed: list[Address] = []

    def receive_dtls(self, data: bytes, address: Address) -> None:
        self.dtls.append(data)

    def receive_media(self, data: bytes, address: Address, now_ms: float) -> None:
        self.media.append(data)

    def path_closed(self, address: Address) -> None:
        self.closed.append(address)


async def both_directions() -> None:
    sessions: dict[Address, Session] = {}
    receiver, counters = Receiver(), Counters()

    def trust(data: bytes, address: Address) -> None:
        sessions[address] = receiver

    listener = TcpListener("::1", 0, sessions, counters, lambda: 0.0, trust)
    listener.start()
    reader, writer = await asyncio.open_connection("::1", listener.port)
    writer.write(b"\x00\x01\x00" + b"\x00\x02\x16d" + b"\x00\x02\x80")
    await until(lambda: receiver.dtls)
    writer.write(b"m")
    await until(lambda: receiver.media)
    assert (receiver.dtls, receiver.media) == ([b"\x16d"], [b"\x80m"])
    (connection,) = sessions
    assert isinstance(connection, TcpConnection)
    taken = 0
    while connection.send([PACKET] * 8):
        taken += 8
    assert connection.congested
    assert not connection.send([PACKET])
    assert len(connection._unsent) <= BUFFER_MAX
    for _ in range(taken):
        assert await reader.readexactly(2 + len(PACKET)) == len(PACKET).to_bytes(2, "big") + PACKET
    await until(lambda: not connection.congested and not connection._unsent)
    assert listener.buffered == 0
    assert connection.send([PACKET]) == 1
    assert await reader.readexactly(2 + len(PACKET))
    while connection.send([PACKET] * 8):
        pass
    assert listener.buffered == len(connection._unsent) > 0
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    await until(lambda: receiver.closed == [connection])
    assert listener.buffered == 0
    assert not sessions
    assert not connection.send([PACKET], urgent=True)
    listener.close()
    listener.close()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_packets_pass_both_ways_and_a_full_buffer_empties(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    run(both_directions())


async def many_that_do_not_read() -> None:
    sessions: dict[Address, Session] = {}

    def trust(data: bytes, address: Address) -> None:
        sessions[address] = Receiver()

    counters = Counters()
    listener = TcpListener("127.0.0.1", 0, sessions, counters, lambda: 0.0, trust)
    listener.start()
    clients = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(4)]
    for client in clients:
        client.send(b"\x00\x01\x00")
    await until(lambda: len(sessions) == 4)
    for connection in listener.connections:
        while connection.send([PACKET] * 8):
            pass
    assert all(connection.congested for connection in listener.connections)
    batches = len(clients) * 8 * (2 + len(PACKET))
    assert BUFFER_MAX < listener.buffered <= tcp.ALL_BUFFERS_MAX + batches
    for client in clients:
        client.close()
    await until(lambda: not listener.connections)
    listener.close()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_all_buffers_together_have_a_limit(
    run: Callable[[Coroutine[Any, Any, None]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "ALL_BUFFERS_MAX", 2 * BUFFER_MAX)
    run(many_that_do_not_read())
