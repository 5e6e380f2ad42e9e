"""Paths of a client: both IP families on one socket, who is believed on them, and how soon a dead one is noticed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from media.node import REPORT_MS, TICK_S
from media.rtp import rtcp
from media.subscriber import Subscriber
from media.transport import stun
from media.transport.ice import CONSENT_MS
from media.transport.srtp import AES_128_GCM, SrtpKeys, outbound
from tests.media import offers
from tests.media.clients import until
from tests.media.conftest import Relay
from tests.media.hand_made import TcpViewer, UdpPublisher, UdpViewer, mapped, udp_port

REPORT = rtcp.receiver_report(9, [])


def session_of(relay: Relay, viewer: TcpViewer) -> Subscriber:
    session = relay.node.sessions[viewer.session_url.rpartition("/")[2]]
    assert isinstance(session, Subscriber)
    return session


@pytest.fixture
async def dual(make_relay: Callable[..., Awaitable[Relay]]) -> AsyncIterator[Relay]:
    """A relay on `::` with a publisher that came over IPv4."""
    relay = await make_relay(host="::", announced=["127.0.0.1", "::1"])
    publisher = UdpPublisher(relay.http)
    await publisher.connect("127.0.0.1")
    broadcast = asyncio.get_running_loop().create_task(publisher.broadcast())
    await until(lambda: any(stream.active for stream in relay.node.streams.values()))
    yield relay
    broadcast.cancel()
    publisher.hang_up()


@pytest.fixture
async def viewer(dual: Relay) -> AsyncIterator[UdpViewer]:
    """Watches over UDP and IPv6."""
    made = UdpViewer(dual.http)
    await made.connect("::1")
    await until(lambda: len(made.sequences) > 10)
    yield made
    made.hang_up()


@pytest.mark.parametrize("kind", [UdpViewer, TcpViewer])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_dual_stack_relay_serves_both_families_and_tells_each_its_own_address(
    dual: Relay, kind: type[TcpViewer], host: str
) -> None:
    viewer = kind(dual.http)
    await viewer.connect(host)
    await until(lambda: len(viewer.sequences) > 60)
    own = viewer.sock.getsockname() if isinstance(viewer, UdpViewer) else viewer._writer.get_extra_info("sockname")
    assert mapped(viewer.responses[-1]) == own[:2]
    viewer.hang_up()


async def test_an_answer_names_addresses_of_both_families(dual: Relay) -> None:
    viewer = UdpViewer(dual.http)
    await viewer.post()
    candidates = [line.split() for line in viewer.answer.splitlines() if line.startswith("a=candidate")]
    assert [(line[2], line[4]) for line in candidates] == [
        ("udp", "127.0.0.1"),
        ("udp", "::1"),
        ("tcp", "127.0.0.1"),
        ("tcp", "::1"),
    ]
    assert "c=IN IP4 127.0.0.1" in viewer.answer


async def test_a_relay_of_ipv6_alone_says_so(make_relay: Callable[..., Awaitable[Relay]]) -> None:
    relay = await make_relay(host="::1", announced=["::1"])
    reply = await relay.http.post("/whip/show", content=offers.OBS, headers={"content-type": "application/sdp"})
    assert reply.status_code == 201
    assert "c=IN IP6 ::1" in reply.text


async def test_a_repeated_packet_a_forged_one_and_one_from_elsewhere_are_dropped_and_counted(
    dual: Relay, viewer: UdpViewer
) -> None:
    counters, session = dual.node.counters, session_of(dual, viewer)
    sealed = viewer.outbound.protect_rtcp(REPORT)
    viewer.send(sealed)
    viewer.send(sealed)
    await until(lambda: counters.dropped_replayed == 1)
    salt = bytes(12)
    forger = outbound(SrtpKeys(AES_128_GCM, bytes(16), salt, bytes(16), salt))
    forged = [forger.protect_rtcp(REPORT) for _ in range(3)][-1]  # with a number that was not seen yet
    unauthenticated = counters.dropped_unauthenticated
    viewer.send(forged)
    await until(lambda: counters.dropped_unauthenticated == unauthenticated + 1)
    thief, unknown, before = UdpViewer(dual.http), counters.dropped_unknown_address, session.address
    thief.answer = viewer.answer
    await thief.open("::1")
    thief.send(viewer.outbound.protect_rtcp(REPORT))
    await until(lambda: counters.dropped_unknown_address == unknown + 1)
    assert session.address == before
    assert session.state == "connected"
    thief.hang_up()


async def test_a_copied_check_does_not_turn_the_media_to_its_sender(dual: Relay, viewer: UdpViewer) -> None:
    session, before = session_of(dual, viewer), viewer.sock.getsockname()[:2]
    check = viewer.request()
    viewer.send(check)
    await until(lambda: len(viewer.responses) == 2)
    thief, unauthenticated = UdpViewer(dual.http), dual.node.counters.dropped_unauthenticated
    thief.answer = viewer.answer
    await thief.open("::1")
    thief.send(check)
    await until(lambda: dual.node.counters.dropped_unauthenticated == unauthenticated + 1)
    assert session.address == before
    assert not thief.responses
    thief.hang_up()


async def test_nothing_is_answered_to_who_proves_nothing(make_relay: Callable[..., Awaitable[Relay]]) -> None:
    relay = await make_relay()
    reply = await relay.http.post("/whip/show", content=offers.OBS, headers={"content-type": "application/sdp"})
    ufrag = next(iter(relay.node.transport.by_ufrag))
    stranger = UdpViewer(relay.http)
    stranger.answer = reply.text
    await stranger.open()
    sent = [
        stun.binding_request(bytes(12), f"{ufrag}:x", b"guess", use_candidate=True),
        stun.binding_request(bytes(12), "nobody:x", b"guess"),
        stun.binding_request(bytes(12), "", b""),
        b"\x16\xfe\xff" + bytes(200),  # a DTLS client hello
        b"\x80\x60" + bytes(200),
        b"\x80\xc9" + bytes(60),
        bytes(20),
        b"\x40" * 100,  # a TURN channel
    ]
    for packet in sent:
        stranger.send(packet)
    await until(lambda: relay.node.counters.packets_in == len(sent))
    assert relay.node.counters.packets_out == relay.node.counters.bytes_out == 0
    stranger.hang_up()


async def test_a_flood_of_checks_is_cut_and_a_viewer_renews_its_consent_all_the_same(dual: Relay, viewer: UdpViewer) -> None:
    flood = UdpViewer(dual.http)
    flood.answer = viewer.answer
    await flood.open("::1")
    guess = stun.binding_request(bytes(12), "nobody:x", b"guess")
    for _ in range(40):
        for _ in range(60):
            flood.send(guess)
        await viewer.check()
    await until(lambda: dual.node.counters.dropped_rate_limited > 500)
    await viewer.check()
    flood.hang_up()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_viewer_that_vanishes_is_gone_within_ten_seconds_and_not_before_consent_ends(dual: Relay, host: str) -> None:
    viewer = UdpViewer(dual.http)
    await viewer.connect(host)
    session = session_of(dual, viewer)
    dual.clock.shift_ms += 6_000
    await viewer.check()
    dual.clock.shift_ms += 6_000
    viewer.send(viewer.outbound.protect_rtcp(REPORT))
    heard_ms = session.ice.heard_ms
    await until(lambda: session.ice.heard_ms > heard_ms)
    assert session.state == "connected"  # a report is as good as a check
    viewer.hang_up()
    dual.clock.shift_ms += CONSENT_MS + 100
    await until(lambda: session.state == "closed")
    assert session.id not in dual.node.sessions
    assert dual.node.counters.sessions_expired >= 1


def test_consent_and_the_wait_for_the_next_look_make_less_than_ten_seconds() -> None:
    assert CONSENT_MS + REPORT_MS + TICK_S * 1000 < 10_000


async def test_a_viewer_may_come_back_from_another_address_within_its_consent(dual: Relay, viewer: UdpViewer) -> None:
    session, before = session_of(dual, viewer), viewer.sock.getsockname()[:2]
    viewer.hang_up()
    dual.clock.shift_ms += 7_000
    await viewer.open("127.0.0.1")
    await viewer.check()
    assert session.address == ("::ffff:127.0.0.1", viewer.sock.getsockname()[1])
    assert session.address != before
    seen = len(viewer.sequences)
    await until(lambda: len(viewer.sequences) > seen + 30)
    assert udp_port(viewer.answer) == dual.node.udp_port
