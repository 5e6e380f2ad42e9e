"""Whole sessions: an aiortc host and aiortc viewers around a real relay on loopback."""

import os
import socket
from itertools import pairwise

import pytest
from aiortc import rtcdtlstransport

import media.stream as stream_module
from media.layer import Layer
from media.node import MediaNode
from media.publisher import Publisher
from media.stream import Stream
from media.subscriber import Subscriber
from media.transport.srtp import LibsrtpOutbound
from schemas.events.media import StreamEnded, StreamStarted
from tests.media import offers
from tests.media.clients import STREAM, Client, Clients, until
from tests.media.clips import RATE
from tests.media.conftest import Relay
from tests.media.network import LossySocket

AIORTC_RTX = frozenset({98, 100, 102})
"""Payload types that aiortc gives to RTX (RFC 4588) of VP8 and its two kinds of H264."""


def stream_of(relay: Relay) -> Stream:
    return relay.node.streams[STREAM]


def video_of(relay: Relay) -> Layer:
    """The host's picture."""
    track = stream_of(relay).playable("video")
    assert track is not None
    return track.layers[0]


async def on_air(relay: Relay, clients: Clients) -> Client:
    """A publisher whose packets come."""
    publisher = await clients.publisher()
    await until(lambda: relay.events)
    return publisher


async def silence(relay: Relay, publisher: Client) -> None:
    """The publisher keeps its connection and sends nothing more; returns when its last packet is in."""
    for track in publisher.tracks:
        track.running.clear()
    host = stream_of(relay).publisher
    assert isinstance(host, Publisher)
    await until(lambda: host.silent(relay.clock.monotonic_ms(), 300))


async def test_a_viewer_decodes_picture_and_sound(relay: Relay, clients: Clients) -> None:
    await on_air(relay, clients)
    viewer = await clients.viewer()
    await until(lambda: len(viewer.video_frames) >= RATE and viewer.audio_frames >= 40)
    started = relay.events[0]
    assert isinstance(started, StreamStarted)
    assert (started.stream_id, started.node_id) == (STREAM, "node-1")


async def test_a_late_viewer_is_shown_the_cached_group_of_pictures_and_nobody_asks_for_a_key_frame(
    relay: Relay, clients: Clients
) -> None:
    publisher = await on_air(relay, clients)
    await until(lambda: publisher.tracks[0].sent % RATE == RATE // 2)  # half a second after a key frame
    await silence(relay, publisher)  # from now on only the cache can give pictures
    plis = relay.node.counters.plis_sent
    viewers = [await clients.viewer() for _ in range(2)]
    await until(lambda: all(len(viewer.video_frames) >= 10 for viewer in viewers))
    assert relay.node.counters.plis_sent == plis
    assert relay.node.counters.replayed_at_join > 2 * 10


async def test_frames_follow_each_other_without_a_hole(relay: Relay, clients: Clients) -> None:
    await on_air(relay, clients)
    viewer = await clients.viewer()
    await until(lambda: steady(viewer))


async def test_viewers_who_join_before_and_after_a_roll_over_of_the_sequence_see_the_stream(
    relay: Relay, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "first_sequence", lambda: 0x2FFC0)
    await on_air(relay, clients)
    tracks = stream_of(relay).tracks
    before = await clients.viewer()
    await until(
        lambda: all(track.layers[0].munger.highest > 0x30000 for track in tracks if track.place == 0) and before.audio_frames
    )
    after = await clients.viewer()
    await until(lambda: steady(before) and steady(after) and after.audio_frames > 20)


def steady(viewer: Client) -> bool:
    """Whether the last second of frames came one after the other: a number never sent would hold the decoder up."""
    last = viewer.timestamps[-RATE:]
    return len(last) == RATE and all(after - before == 90_000 // RATE for before, after in pairwise(last))


async def test_packets_lost_towards_a_viewer_are_repaired_from_the_cache(relay: Relay, clients: Clients) -> None:
    await on_air(relay, clients)
    sender = relay.node.transport.sender
    viewer = await clients.viewer()
    # aiortc asks for a lost packet once only, so its repair must pass.
    lossy = sender._sock = LossySocket(relay.node.transport.udp.sock, 0.05, AIORTC_RTX)  # type: ignore[assignment]
    await until(lambda: len(viewer.video_frames) > 5 * RATE)
    steps = [after - before for before, after in pairwise(viewer.timestamps[-4 * RATE :])]
    assert sum(step != 90_000 // RATE for step in steps) <= 1
    counters = relay.node.counters
    assert lossy.lost > 10
    assert counters.nacks_in > 0
    assert counters.cache_hits > 0
    assert counters.cache_misses == 0


async def test_packets_lost_on_the_way_from_the_publisher_are_asked_for_and_come(relay: Relay, clients: Clients) -> None:
    await on_air(relay, clients)
    viewer = await clients.viewer()
    udp = relay.node.transport.udp
    lossy = udp.sock = LossySocket(udp.sock, 0.05)  # type: ignore[assignment]
    await until(lambda: len(viewer.video_frames) > 3 * RATE)
    udp.sock = lossy._sock
    assert lossy.lost > 10
    assert relay.node.counters.nacks_out > 0
    cache = video_of(relay).cache
    highest = cache.highest
    await until(lambda: cache.highest > highest + 60)
    cached = [cache.get(number) is not None for number in range(highest - 200, highest)]
    assert sum(cached) >= 0.98 * len(cached)


async def test_viewers_stay_when_the_publisher_comes_back(relay: Relay, clients: Clients) -> None:
    first = await on_air(relay, clients)
    viewer = await clients.viewer()
    await until(lambda: len(viewer.video_frames) > 5)
    source = video_of(relay)
    await first.close()
    await until(lambda: not stream_of(relay).active)
    assert isinstance(relay.events[-1], StreamEnded)
    seen, highest = len(viewer.video_frames), source.munger.highest
    await clients.publisher()
    await until(lambda: len(viewer.video_frames) > seen + RATE)
    assert viewer.pc.connectionState == "connected"
    assert [type(event) for event in relay.events] == [StreamStarted, StreamEnded, StreamStarted]
    assert source.cache.get(highest) is not None
    assert source.cache.get(highest + 1) is not None
    await until(lambda: steady(viewer))


async def test_a_silent_publisher_is_replaced_without_a_word_to_the_viewers(relay: Relay, clients: Clients) -> None:
    first = await on_air(relay, clients)
    viewer = await clients.viewer()
    await until(lambda: len(viewer.video_frames) > 5)
    await silence(relay, first)
    refused = await relay.http.post(f"/whip/{STREAM}", content=offers.OBS, headers={"content-type": "application/sdp"})
    assert refused.json()["type"] == "/problems#stream_taken"
    relay.clock.shift_ms += 2_500
    seen = len(viewer.video_frames)
    await clients.publisher()
    await until(lambda: len(viewer.video_frames) > seen + RATE)
    assert [type(event) for event in relay.events] == [StreamStarted]
    assert relay.node.stats().publishers == 1


async def test_delete_ends_the_stream_at_once_and_viewers_may_wait(relay: Relay, clients: Clients) -> None:
    publisher = await on_air(relay, clients)
    viewer = await clients.viewer()
    assert (await relay.http.delete(publisher.session_url)).status_code == 200
    assert isinstance(relay.events[-1], StreamEnded)
    assert not stream_of(relay).active
    await until(lambda: publisher.pc.connectionState == "closed")
    assert viewer.pc.connectionState == "connected"
    refused = await relay.http.post(f"/whep/{STREAM}", content=offers.CHROMIUM_WHEP, headers={"content-type": "application/sdp"})
    assert refused.json()["type"] == "/problems#stream_inactive"


async def test_ten_seconds_of_silence_end_the_stream(relay: Relay, clients: Clients) -> None:
    publisher = await on_air(relay, clients)
    await silence(relay, publisher)
    relay.clock.shift_ms += 11_000
    await until(lambda: isinstance(relay.events[-1], StreamEnded))
    await until(lambda: not relay.node.streams)
    assert relay.node.stats().publishers == 0


async def test_a_session_that_never_connects_is_forgotten_within_ten_seconds(relay: Relay) -> None:
    reply = await relay.http.post(f"/whip/{STREAM}", content=offers.OBS, headers={"content-type": "application/sdp"})
    assert reply.status_code == 201
    relay.clock.shift_ms += 9_500
    await until(lambda: not relay.node.sessions)
    assert relay.node.counters.sessions_expired == 1
    assert relay.events == []
    assert not relay.node.transport.by_ufrag


async def test_a_viewer_that_leaves_is_gone_at_once(relay: Relay, clients: Clients) -> None:
    await on_air(relay, clients)
    viewer = await clients.viewer()
    await until(lambda: viewer.video_frames)
    await viewer.close()
    await until(lambda: relay.node.stats().subscribers == 0)
    assert stream_of(relay).active


async def test_a_viewer_that_only_speaks_aes_cm_is_served(
    relay: Relay, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    await on_air(relay, clients)
    modern = await clients.viewer()
    monkeypatch.setattr(rtcdtlstransport, "SRTP_PROFILES", [rtcdtlstransport.SRTP_AES128_CM_SHA1_80])
    old = await clients.viewer()
    await until(lambda: len(old.video_frames) > RATE and old.audio_frames > 20 and len(modern.video_frames) > RATE)
    kinds = {type(session.outbound) for session in relay.node.sessions.values() if isinstance(session, Subscriber)}
    assert LibsrtpOutbound in kinds
    assert len(kinds) == 2


async def test_a_publisher_that_only_speaks_aes_cm_is_received(
    relay: Relay, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(rtcdtlstransport, "SRTP_PROFILES", [rtcdtlstransport.SRTP_AES128_CM_SHA1_80])
        await on_air(relay, clients)
    viewer = await clients.viewer()
    await until(lambda: len(viewer.video_frames) > RATE)


async def test_garbage_from_strangers_and_replays_disturb_nobody(relay: Relay, clients: Clients) -> None:
    await on_air(relay, clients)
    viewer = await clients.viewer()
    await until(lambda: viewer.video_frames)
    counters = relay.node.counters
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.connect(("127.0.0.1", relay.node.udp_port))
        for first in range(256):
            stranger.send(bytes([first]) + os.urandom(first))
        stranger.send(b"")
    await until(lambda: counters.dropped_unknown_address > 100 and counters.dropped_malformed >= 4)
    seen = len(viewer.video_frames)
    await until(lambda: len(viewer.video_frames) > seen + RATE)
    assert stream_of(relay).active


async def test_closing_the_node_tells_every_client(relay: Relay, clients: Clients) -> None:
    publisher = await on_air(relay, clients)
    viewer = await clients.viewer()
    await relay.node.close()
    await until(lambda: publisher.pc.connectionState == viewer.pc.connectionState == "closed")


async def test_a_taken_port_is_an_error_at_the_start(relay: Relay) -> None:
    second = MediaNode(
        node_id="second",
        udp_host="127.0.0.1",
        udp_port=relay.node.udp_port,
        announced=["127.0.0.1"],
        clock=relay.clock,
        tasks=relay.node.transport.tasks,
        on_event=relay.events.append,
    )
    with pytest.raises(OSError, match="in use"):
        await second.start()
