"""A stream at an edge is as at its origin: picture, late join, repairs, key frames, places, layers, viewer count."""

import os
import socket
import stat

from media.cascade import LINGER_MS, wire
from media.publisher import Publisher
from media.rtp import rtcp
from media.rtp.keyframes import INTERVAL_MS
from media.rtp.rtcp import SenderReport
from schemas.events.media import StreamStarted
from schemas.media import HOST
from tests.media import offers
from tests.media.cascade.conftest import Machine, StartViewer
from tests.media.clients import STREAM, Clients, until
from tests.media.conftest import Relay
from tests.media.hands import DELTA, KEY, SIMULCAST, HandPublisher, HandViewer, places_offer, post, role

VIDEO, AUDIO = 3002, 3001
"""Sources of an OBS offer."""
LOW, HIGH = 501, 502


async def on_air(relay: Relay, frames: int = 3) -> HandPublisher:
    """A host who has sent a key frame and some others."""
    host = await HandPublisher.start(relay)
    for number in range(frames):
        host.send(VIDEO, 3000 * number, (DELTA if number else KEY) + b"%d" % number)
    relay.node.streams[STREAM].flush()
    return host


def texts(viewer: HandViewer, place: int = 0, kind: str = "video") -> list[bytes]:
    return [packet.payload[1:] for packet in viewer.of(place, kind)]


async def comes(viewer: HandViewer, text: bytes, place: int = 0, kind: str = "video") -> None:
    await until(lambda: text in texts(viewer, place, kind))


async def test_a_late_viewer_at_the_edge_starts_with_the_cached_picture_and_goes_on_live(
    origin: Relay, edge: Relay, viewer: StartViewer
) -> None:
    host = await on_air(origin)
    watching = await viewer(edge)
    await comes(watching, b"2")
    host.send(VIDEO, 9000, DELTA + b"live")
    host.send(AUDIO, 0, b"\0voice", payload_type=111, marker=False)
    origin.node.streams[STREAM].flush()
    await comes(watching, b"live")
    await comes(watching, b"voice", kind="audio")
    assert texts(watching) == [b"0", b"1", b"2", b"live"]
    assert (edge.node.counters.plis_sent, origin.node.counters.plis_in) == (0, 0), "the replay needs no key frame"
    second = await viewer(edge)
    await comes(second, b"live")
    assert texts(second) == [b"0", b"1", b"2", b"live"]
    assert origin.node.stats().streams[0].edges == 1, "one connection, however many viewers"
    assert not origin.node.stats().streams[0].edge
    assert edge.node.stats().streams[0].edge


async def test_independent_peers_watch_a_broadcast_at_its_edge(origin: Relay, edge: Relay) -> None:
    publishers, viewers = Clients(origin.http), Clients(edge.http)
    try:
        await publishers.publisher()
        await until(lambda: origin.events)
        one = await viewers.viewer()
        await until(lambda: len(one.video_frames) > 30 and one.audio_frames > 30)
        other = await viewers.viewer()
        await until(lambda: len(other.video_frames) > 30)
    finally:
        await viewers.close()
        await publishers.close()


async def test_what_a_viewer_of_the_edge_misses_is_repaired_by_the_edge(origin: Relay, edge: Relay, viewer: StartViewer) -> None:
    await on_air(origin, 5)
    watching = await viewer(edge)
    await comes(watching, b"4")
    got = watching.of(0)
    repaired = watching.ask(0, [packet.sequence for packet in got])
    assert [packet.payload[2:] for packet in repaired] == [packet.payload for packet in got]
    assert origin.node.counters.nacks_in == 0


async def test_key_frame_requests_reach_the_publisher_joined(origin: Relay, edge: Relay, viewer: StartViewer) -> None:
    host = await on_air(origin)
    watching = [await viewer(edge) for _ in range(5)]
    track = host.session.stream.playable("video")
    assert track is not None
    before = origin.node.counters.plis_sent
    edge.clock.shift_ms += INTERVAL_MS + 1
    origin.clock.shift_ms += INTERVAL_MS + 1
    for one in watching:
        down = one.session.down_tracks[0]
        one.session.on_rtcp([rtcp.KeyframeRequest(down.track.ssrc)], edge.clock.monotonic_ms())
    await until(lambda: origin.node.counters.plis_sent == before + 1)
    assert (edge.node.counters.plis_in, origin.node.counters.plis_in) == (5, 1)
    host.send(VIDEO, 12_000, KEY + b"asked")
    origin.node.streams[STREAM].flush()
    for one in watching:
        await comes(one, b"asked")
    assert not track.layers[0].keyframes.wanted


async def test_guests_places_and_mutes_are_at_the_edge_as_at_the_origin(origin: Relay, edge: Relay, viewer: StartViewer) -> None:
    await on_air(origin)
    audience = await viewer(edge, places_offer(4))
    studio = await viewer(edge, places_offer(4), role("host", HOST))
    guest = await HandPublisher.start(origin, headers=role("guest", "gst_1", "waiting"))
    guest.send(VIDEO, 0, KEY + b"waits")
    origin.node.streams[STREAM].flush()
    await comes(studio, b"waits", 1)
    assert texts(studio, 0) == [], "nobody gets his own tracks back"
    assert texts(audience, 1) == []
    await origin.http.put(f"/stage/{STREAM}/gst_1", json={"on_stage": True, "muted": ["audio"]})
    await until(lambda: edge.node.streams[STREAM].stage.places[1].on_stage)
    guest.send(AUDIO, 0, b"\0muted", payload_type=111, marker=False)
    guest.send(VIDEO, 3000, KEY + b"admitted")
    origin.node.streams[STREAM].flush()
    await comes(audience, b"admitted", 1)
    await origin.http.put(f"/stage/{STREAM}/gst_1", json={"on_stage": True})
    guest.send(AUDIO, 960, b"\0heard", payload_type=111, marker=False)
    origin.node.streams[STREAM].flush()
    await comes(audience, b"heard", 1, "audio")
    assert texts(audience, 1, "audio") == [b"heard"]
    guest.session.close()
    await until(lambda: not edge.node.streams[STREAM].stage.places[1].publishing)


async def test_a_removed_guest_watches_no_more_wherever_it_does(origin: Relay, edge: Relay, viewer: StartViewer) -> None:
    await on_air(origin)
    watching = await viewer(edge, places_offer(4), role("guest", "gst_1"))
    stays = await viewer(edge, places_offer(4), role("guest", "gst_2"))
    assert (await origin.http.delete(f"/stage/{STREAM}/gst_1")).status_code == 204
    await until(lambda: watching.session.state == "closed")
    assert stays.session.state == "connected"


async def test_layers_are_chosen_at_the_edge_and_keep_one_time(origin: Relay, edge: Relay, viewer: StartViewer) -> None:
    host = await HandPublisher.start(origin, SIMULCAST)
    second = 1 << 32
    for frame in range(4):
        host.send(LOW, 7_000 + 3_000 * frame, (DELTA if frame else KEY) + b"low %d" % frame, rid="0")
        host.send(HIGH, 90_000 + 3_000 * frame, (DELTA if frame else KEY) + b"high %d" % frame, rid="1")
    host.report(SenderReport(LOW, 100 * second, 7_000, 1, 1))
    host.report(SenderReport(HIGH, 100 * second, 90_000 - 450, 1, 1))
    origin.node.streams[STREAM].report()
    watching = await viewer(edge)
    stream = watching.session.stream
    track = stream.playable("video")
    assert track is not None
    low, high = track.layers
    assert (low.rid, high.rid) == ("0", "1")
    # The same picture has the same time in both layers, whatever the order in which the groups of pictures came.
    last_low, last_high = low.cache.get(low.cache.highest), high.cache.get(high.cache.highest)
    assert last_low is not None
    assert last_high is not None
    lag = (last_high.timestamp + high.skew_ticks - last_low.timestamp - low.skew_ticks) & 0xFFFFFFFF
    assert abs((lag - 450 + 0x80000000) % (1 << 32) - 0x80000000) <= 2
    mid = watching.session.down_tracks[0].mid
    for rid, ssrc, start, name in (("0", LOW, 7_000, b"low"), ("1", HIGH, 90_000, b"high")):
        assert watching.session.choose_layer(mid, rid)
        host.send(ssrc, start + 30_000 + ssrc, KEY + name + b" chosen", rid=rid)
        origin.node.streams[STREAM].flush()
        await comes(watching, name + b" chosen")
    numbers = [packet.sequence for packet in watching.of(0)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_picture_and_sound_agree_at_the_edge(origin: Relay, edge: Relay, viewer: StartViewer) -> None:
    """The edge's sender reports name the same moment of each track as the origin's."""
    host = await on_air(origin)
    host.send(AUDIO, 500, b"\0voice", payload_type=111, marker=False)
    second = 1 << 32
    host.report(SenderReport(VIDEO, 100 * second, 6_000, 1, 1))
    host.report(SenderReport(AUDIO, 100 * second, 480, 1, 1))
    origin.node.streams[STREAM].flush()
    await viewer(edge)
    host.send(VIDEO, 9_000, DELTA + b"next")
    host.send(AUDIO, 1_460, b"\0next", payload_type=111, marker=False)
    here, there = origin.node.streams[STREAM], edge.node.streams[STREAM]
    here.flush()
    await until(lambda: all(track.packets for track in there.tracks if track.place == 0))
    here.taps[0].report()  # type: ignore[attr-defined]
    await until(lambda: all(there.stage.host.publisher.clock_of(track.latest) for track in there.tracks if track.place == 0))
    now_ms = origin.clock.monotonic_ms()
    ages: list[dict[str, float]] = []
    for stream in (here, there):
        ages.append({})
        for track in (track for track in stream.tracks if track.place == 0):
            last = track.latest.cache.get(track.latest.cache.highest)
            assert last is not None
            ticks = (stream.timestamp_now(track, now_ms) - last.timestamp) & 0xFFFFFFFF
            ages[-1][track.kind] = (ticks - (ticks >> 31 << 32)) * 1000 / track.clock_rate
    assert abs(ages[0]["video"] - ages[1]["video"]) < 1
    assert abs(ages[0]["audio"] - ages[1]["audio"]) < 1


async def test_everybody_counts_all_viewers(origin: Relay, edge: Relay, machine: Machine, viewer: StartViewer) -> None:
    third = await machine.node("third")
    await on_air(origin)
    for relay, count in ((origin, 1), (edge, 2), (third, 3)):
        for _ in range(count):
            await viewer(relay)
    nodes = [relay.node for relay in (origin, edge, third)]
    await until(lambda: [node.streams[STREAM].viewers for node in nodes] == [6, 6, 6])
    assert [node.stats().streams[0].subscribers for node in nodes] == [1, 2, 3]
    await third.node.close()
    await until(lambda: [node.streams[STREAM].viewers for node in nodes[:2]] == [3, 3])


async def test_facts_are_told_by_the_origin_alone_and_viewers_of_the_edge_hear_them(
    origin: Relay, edge: Relay, viewer: StartViewer
) -> None:
    host = await on_air(origin)
    watching = await viewer(edge)
    reply = await edge.http.post(f"/whep/{STREAM}/{watching.session.id}/sse")
    listener = edge.node.events.find(watching.session.id, reply.headers["location"].rpartition("/")[2])
    host.session.close()
    await until(lambda: not edge.node.streams[STREAM].active)
    assert b"inactive" in b"".join(listener._pending.values())
    assert isinstance(origin.events[0], StreamStarted)
    assert edge.events == []


async def test_an_edge_without_viewers_ends_its_pipe(origin: Relay, edge: Relay, viewer: StartViewer) -> None:
    await on_air(origin)
    watching = await viewer(edge)
    watching.session.close()
    await until(lambda: origin.node.streams[STREAM].elsewhere == 0)
    assert edge.node.cascade.is_edge(STREAM)
    await until(lambda: edge.node.cascade._upstreams[STREAM].idle_since_ms is not None)
    edge.clock.shift_ms += LINGER_MS + 1
    await until(lambda: not edge.node.streams)
    await until(lambda: not origin.node.streams[STREAM].taps)


async def test_a_viewer_is_refused_while_nobody_publishes_or_nobody_knows(edge: Relay, origin: Relay, machine: Machine) -> None:
    assert (await post(edge, "whep", offers.CHROMIUM_WHEP, {})).json()["name"] == "stream_inactive"
    machine.unknown = True
    edge.node.cascade.lead(STREAM)
    refused = await post(edge, "whep", offers.CHROMIUM_WHEP, {})
    assert (refused.json()["name"], refused.status_code) == ("unavailable", 503)
    machine.unknown, machine.owner = False, "never was"
    assert (await post(edge, "whep", offers.CHROMIUM_WHEP, {})).json()["name"] == "unavailable"
    machine.owner = ""
    assert (await post(edge, "whep", offers.CHROMIUM_WHEP, {})).json()["name"] == "stream_inactive"


async def test_the_pipe_is_for_its_owner_alone_and_refuses_strangers(origin: Relay, machine: Machine) -> None:
    path = machine.path("origin")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    await on_air(origin)
    wrong_version = wire.encode(wire.Subscribe(wire.VERSION + 1, STREAM, "edge"))
    for words in (b"GET / HTTP/1.1", wire.encode(wire.Viewers(3)), wrong_version):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger:
            stranger.connect(str(path))
            stranger.setblocking(False)
            stranger.send(words)
            await until(lambda stranger=stranger: ended(stranger))  # type: ignore[misc]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as silent:
        silent.connect(str(path))
        silent.setblocking(False)
        origin.clock.shift_ms += 3_000
        await until(lambda: ended(silent))
    assert origin.node.streams[STREAM].taps == []
    assert any(isinstance(session, Publisher) for session in origin.node.sessions.values())


def ended(sock: socket.socket) -> bool:
    """Whether the other side has closed the connection."""
    try:
        return sock.recv(1 << 19) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
