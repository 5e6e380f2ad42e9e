"""The relay over ICE-TCP with real peers: who is let in, who is shown the door, and that nobody else notices."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from media.node import Limits
from media.subscriber import Subscriber
from media.transport import stun
from media.transport.tcp import BUFFER_MAX, TcpConnection, TcpLimits, TcpListener
from tests.media import offers
from tests.media.clients import Clients, until
from tests.media.conftest import Relay
from tests.media.hand_made import TcpViewer


def listener(relay: Relay) -> TcpListener:
    made = relay.node._tcp
    assert made is not None
    return made


def session_of(relay: Relay, viewer: TcpViewer) -> Subscriber:
    session = relay.node.sessions[viewer.session_url.rpartition("/")[2]]
    assert isinstance(session, Subscriber)
    return session


@pytest.fixture
async def live(relay: Relay, clients: Clients) -> Relay:
    """A relay with a publisher on air."""
    await clients.publisher()
    await until(lambda: any(stream.active for stream in relay.node.streams.values()))
    return relay


@pytest.fixture
async def viewer(live: Relay) -> AsyncIterator[TcpViewer]:
    """Watches over TCP."""
    made = TcpViewer(live.http)
    await made.connect()
    await until(lambda: len(made.sequences) > 30)
    yield made
    made.hang_up()


async def test_a_viewer_over_tcp_gets_every_packet_in_order(live: Relay, viewer: TcpViewer) -> None:
    await until(lambda: len(viewer.sequences) > 200)
    first = viewer.sequences[0]
    assert viewer.sequences == [number & 0xFFFF for number in range(first, first + len(viewer.sequences))]
    assert isinstance(session_of(live, viewer).address, TcpConnection)


async def test_the_answer_names_tcp_below_udp(viewer: TcpViewer) -> None:
    udp, tcp = (line.split() for line in viewer.answer.splitlines() if line.startswith("a=candidate"))
    assert (udp[2], tcp[2], tcp[6:]) == ("udp", "tcp", ["typ", "host", "tcptype", "passive"])
    assert int(udp[3]) > int(tcp[3])


async def test_a_check_is_answered_on_its_connection_with_its_address(viewer: TcpViewer) -> None:
    response = await viewer.check()
    assert response.kind == stun.BINDING_RESPONSE
    port = int.from_bytes(response.attributes[0x0020][2:4], "big") ^ stun.COOKIE >> 16
    assert port == viewer._writer.get_extra_info("sockname")[1]


async def test_a_restart_over_tcp_names_tcp_again(live: Relay, viewer: TcpViewer) -> None:
    headers = {"content-type": "application/trickle-ice-sdpfrag", "if-match": "*"}
    fragment = f"a=ice-ufrag:next\r\na=ice-pwd:{'n' * 24}\r\n"
    reply = await live.http.patch(viewer.session_url, content=fragment, headers=headers)
    assert reply.status_code == 200
    assert reply.text.count("a=candidate") == 2
    assert " tcptype passive" in reply.text


async def test_a_nomination_moves_a_session_from_tcp_to_udp_and_back(live: Relay, viewer: TcpViewer) -> None:
    session = session_of(live, viewer)
    connection = session.address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.sendto(viewer.request(nominate=True), ("127.0.0.1", live.node.udp_port))
        await until(lambda: session.address == udp.getsockname())
        await viewer.check(nominate=True)
        assert session.address is connection


async def test_a_closed_connection_ends_the_path_at_once_and_the_client_comes_back_by_another(
    live: Relay, viewer: TcpViewer
) -> None:
    session = session_of(live, viewer)
    viewer.hang_up()
    await until(lambda: session.address is None)
    assert session.state == "connected"
    assert not listener(live).connections
    await viewer.open()
    await viewer.check()
    seen = len(viewer.sequences)
    await until(lambda: len(viewer.sequences) > seen + 30)


async def test_a_client_that_does_not_come_back_is_gone_within_ten_seconds(live: Relay, viewer: TcpViewer) -> None:
    session = session_of(live, viewer)
    viewer.hang_up()
    await until(lambda: session.address is None)
    live.clock.shift_ms += 8_900
    await until(lambda: session.state == "closed")


async def test_the_end_of_a_session_says_goodbye_and_closes_the_connection(live: Relay, viewer: TcpViewer) -> None:
    assert (await live.http.delete(viewer.session_url)).status_code == 200
    await until(lambda: viewer.alerted.is_set() and viewer.ended.is_set())
    assert not listener(live).connections


async def test_a_viewer_that_does_not_read_loses_packets_and_the_others_do_not(
    live: Relay, clients: Clients, viewer: TcpViewer
) -> None:
    other = await clients.viewer()
    lazy = TcpViewer(live.http)
    await lazy.connect()
    connection = session_of(live, lazy).address
    assert isinstance(connection, TcpConnection)
    await until(lambda: lazy.sequences)
    lazy._writer.transport.pause_reading()  # type: ignore[attr-defined]
    filling = b"\x80\x60" + bytes(1200)
    while connection.send([filling]):
        pass
    assert connection.congested
    assert BUFFER_MAX - 2_000 < len(connection._unsent) <= BUFFER_MAX
    report = b"\x80\xc9" + bytes(1300)
    assert connection.send([report], urgent=True) == 1  # longer than what is left for media
    while connection.send([report], urgent=True):
        pass
    assert len(connection._unsent) < BUFFER_MAX + (33 << 10)
    dropped = live.node.counters.dropped_socket_full
    seen, over_tcp = len(other.video_frames), len(viewer.sequences)
    await until(lambda: len(other.video_frames) > seen + 30 and len(viewer.sequences) > over_tcp + 60)
    assert live.node.counters.dropped_socket_full > dropped
    lost, first = session_of(live, viewer), viewer.sequences[0]
    assert viewer.sequences == [number & 0xFFFF for number in range(first, first + len(viewer.sequences))]
    assert lost.state == "connected"
    lazy.hang_up()


async def test_a_viewer_that_reads_again_gets_media_again(live: Relay, viewer: TcpViewer) -> None:
    connection = session_of(live, viewer).address
    assert isinstance(connection, TcpConnection)
    viewer._writer.transport.pause_reading()  # type: ignore[attr-defined]
    filling = b"\x80\xc9" + bytes(1200)  # like a report: the client ignores it
    while connection.send([filling] * 32):
        pass
    viewer._writer.transport.resume_reading()  # type: ignore[attr-defined]
    await until(lambda: not connection.congested)
    seen = len(viewer.sequences)
    await until(lambda: len(viewer.sequences) > seen + 30)


async def test_a_viewer_that_takes_nothing_for_ten_seconds_is_disconnected(live: Relay, viewer: TcpViewer) -> None:
    connection = session_of(live, viewer).address
    assert isinstance(connection, TcpConnection)
    viewer._writer.transport.pause_reading()  # type: ignore[attr-defined]
    while connection.send([b"\x80\xc9" + bytes(1200)] * 32):
        pass
    listener(live).sweep(live.clock.monotonic_ms() + 9_000)
    assert not connection.closed
    listener(live).sweep(live.clock.monotonic_ms() + 10_100)
    assert connection.closed


class Stranger:
    """Someone who connects and proves nothing."""

    def __init__(self, relay: Relay) -> None:
        self.sock = socket.create_connection(("127.0.0.1", listener(relay).port))
        self.sock.setblocking(False)

    async def ended(self) -> None:
        """Until the relay hangs up."""
        async with asyncio.timeout(10):
            try:
                while await asyncio.get_running_loop().sock_recv(self.sock, 100):
                    pass
            except ConnectionResetError:
                pass
        self.sock.close()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00",
        b"\x00\x05\x16hello",
        b"\x00\x04\x80\x60ab",
        b"\xff\xff",
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
async def test_a_stranger_that_does_not_speak_ice_is_shown_the_door(relay: Relay, data: bytes) -> None:
    stranger = Stranger(relay)
    stranger.sock.send(data)
    await stranger.ended()
    assert not listener(relay).connections
    assert relay.node.counters.bytes_out == 0


async def test_garbage_from_a_hundred_strangers_disturbs_nobody(live: Relay, viewer: TcpViewer) -> None:
    source, sent = random.Random(7), live.node.counters.dropped_malformed
    strangers = [Stranger(live) for _ in range(100)]
    for stranger in strangers:
        packet = source.randbytes(source.randrange(1, 400))
        stranger.sock.send(packet if source.random() < 0.3 else len(packet).to_bytes(2, "big") + packet)
    seen = len(viewer.sequences)
    await until(lambda: len(viewer.sequences) > seen + 60)
    assert live.node.counters.dropped_malformed > sent
    live.clock.shift_ms += 5_100
    await until(lambda: len(listener(live).connections) == 1)
    for stranger in strangers:
        stranger.sock.close()
    assert viewer.sequences == sorted(viewer.sequences)


async def test_a_silent_stranger_has_five_seconds(relay: Relay) -> None:
    stranger = Stranger(relay)
    await until(lambda: listener(relay).connections)
    relay.clock.shift_ms += 5_100
    await stranger.ended()
    assert relay.node.counters.tcp_expired == 1


async def test_a_stranger_that_guesses_passwords_is_cut_off_without_an_answer(relay: Relay) -> None:
    stranger = Stranger(relay)
    guess = stun.binding_request(bytes(12), "nobody:x", b"guess", use_candidate=True)
    stranger.sock.send((len(guess).to_bytes(2, "big") + guess) * 16)
    await stranger.ended()
    assert relay.node.counters.dropped_unauthenticated == 16
    assert relay.node.counters.bytes_out == 0


async def test_half_a_frame_of_a_viewer_has_five_seconds(live: Relay, viewer: TcpViewer) -> None:
    viewer.send_raw(b"\x00\x50\x80")
    connection = session_of(live, viewer).address
    assert isinstance(connection, TcpConnection)
    await until(lambda: connection._partial_ms is not None)
    listener(live).sweep(live.clock.monotonic_ms() + 4_000)
    assert not connection.closed
    listener(live).sweep(live.clock.monotonic_ms() + 5_100)
    assert connection.closed


async def test_connections_have_a_limit_in_all_and_per_network(relay: Relay) -> None:
    listener(relay)._limits = TcpLimits(per_network=2)
    kept = [Stranger(relay), Stranger(relay)]
    await until(lambda: len(listener(relay).connections) == 2)
    await Stranger(relay).ended()
    assert relay.node.counters.tcp_refused == 1
    listener(relay)._limits = TcpLimits()
    listener(relay)._most = 2
    await Stranger(relay).ended()
    assert relay.node.counters.tcp_refused == 2
    kept[0].sock.close()
    await until(lambda: len(listener(relay).connections) == 1)
    later = Stranger(relay)
    await until(lambda: len(listener(relay).connections) == 2)
    for stranger in (kept[1], later):
        stranger.sock.close()
    await until(lambda: not listener(relay)._networks)


async def test_a_flood_of_strangers_pushes_out_the_oldest_of_them_and_no_viewer(live: Relay, viewer: TcpViewer) -> None:
    listener(live)._limits = TcpLimits(strangers=2)
    first, second = Stranger(live), Stranger(live)
    await until(lambda: len(listener(live).connections) == 3)
    third = Stranger(live)
    await first.ended()
    seen = len(viewer.sequences)
    await until(lambda: len(viewer.sequences) > seen + 30)
    for stranger in (second, third):
        stranger.sock.close()


async def test_a_process_out_of_files_goes_on_and_accepts_again(
    live: Relay, viewer: TcpViewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tcp = listener(live)
    real = tcp._sock

    class Exhausted:
        """accept() without a free file descriptor."""

        def accept(self) -> None:
            raise OSError(24, "Too many open files")

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    monkeypatch.setattr(tcp, "_sock", Exhausted())
    stranger = Stranger(live)
    await until(lambda: tcp._paused)
    seen = len(viewer.sequences)
    await until(lambda: len(viewer.sequences) > seen + 30)
    monkeypatch.setattr(tcp, "_sock", real)
    await until(lambda: len(tcp.connections) == 2)
    stranger.sock.close()


async def test_too_many_handshakes_under_way_are_refused_until_some_end(make_relay: Callable[..., Awaitable[Relay]]) -> None:
    relay = await make_relay(Limits(handshakes=1))
    headers = {"content-type": "application/sdp"}
    assert (await relay.http.post("/whip/one", content=offers.OBS, headers=headers)).status_code == 201
    refused = await relay.http.post("/whip/two", content=offers.OBS, headers=headers)
    assert refused.status_code == 503
    assert "retry-after" in refused.headers
    relay.clock.shift_ms += 9_000
    await until(lambda: not relay.node.sessions)
    assert (await relay.http.post("/whip/two", content=offers.OBS, headers=headers)).status_code == 201
