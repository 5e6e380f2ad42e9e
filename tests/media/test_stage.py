"""Guests: who sees whom, in which m-line, and what admitting, muting and removing do."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from media.subscriber import Subscriber
from schemas.events.media import ParticipantConnected, ParticipantDisconnected, StreamStarted
from schemas.media import HOST, StageOrder
from tests.media import offers
from tests.media.clients import STREAM
from tests.media.conftest import Relay
from tests.media.hands import DELTA, KEY, HandPublisher, HandViewer, places_offer, post, role

VIDEO, AUDIO = 3002, 3001
"""Sources of an OBS offer."""

StartViewer = Callable[..., Awaitable[HandViewer]]


@pytest.fixture
async def viewer(relay: Relay) -> AsyncIterator[StartViewer]:
    """Starts viewers with four places."""
    started: list[HandViewer] = []

    async def start(headers: dict[str, str] | None = None) -> HandViewer:
        made = await HandViewer.start(relay, places_offer(4), headers)
        started.append(made)
        return made

    yield start
    for one in started:
        one.close()


async def host_on_air(relay: Relay) -> HandPublisher:
    host = await HandPublisher.start(relay)
    host.send(VIDEO, 0, KEY + b"host 0")
    return host


async def guest_arrives(relay: Relay, name: str = "gst_1", stage: str = "waiting") -> HandPublisher:
    guest = await HandPublisher.start(relay, headers=role("guest", name, stage))
    guest.send(VIDEO, 0, KEY + name.encode())
    return guest


def texts(viewer: HandViewer, place: int, kind: str = "video") -> list[bytes]:
    return [packet.payload[1:] for packet in viewer.of(place, kind)]


async def test_only_the_host_sees_who_waits(relay: Relay, viewer: StartViewer) -> None:
    host = await host_on_air(relay)
    audience, studio = await viewer(), await viewer(role("host", HOST))
    guest = await guest_arrives(relay)
    guest.send(AUDIO, 0, b"\x00voice", payload_type=111, marker=False)
    assert (texts(audience, 1), texts(audience, 1, "audio")) == ([], [])
    assert (texts(studio, 1), texts(studio, 1, "audio")) == ([b"gst_1"], [b"voice"])
    assert texts(studio, 0) == [], "the studio shows its own camera, not what comes back"
    assert texts(audience, 0) == [b"host 0"]
    assert [type(event) for event in relay.events] == [StreamStarted, ParticipantConnected]
    assert host.session.stream.view().places[1].participant_id == "gst_1"


async def test_an_admitted_guest_flows_from_a_key_frame_on_without_a_new_session(relay: Relay, viewer: StartViewer) -> None:
    await host_on_air(relay)
    audience = await viewer()
    guest = await guest_arrives(relay)
    reply = await relay.http.put(f"/stage/{STREAM}/gst_1", json={"on_stage": True})
    assert reply.json()["places"][1]["on_stage"] is True
    guest.send(VIDEO, 3000, DELTA + b"too early")
    guest.send(AUDIO, 0, b"\x00voice", payload_type=111, marker=False)
    guest.session.tick(relay.clock.monotonic_ms())
    guest.send(VIDEO, 6000, KEY + b"first")
    guest.send(VIDEO, 9000, DELTA + b"second")
    assert texts(audience, 1) == [b"first", b"second"]
    assert texts(audience, 1, "audio") == [b"voice"]
    await relay.http.put(f"/stage/{STREAM}/gst_1", json={"on_stage": False})
    guest.send(VIDEO, 12000, KEY + b"behind the curtain")
    await relay.http.put(f"/stage/{STREAM}/gst_1", json={"on_stage": True})
    guest.send(VIDEO, 15000, KEY + b"back")
    assert texts(audience, 1) == [b"first", b"second", b"back"]
    numbers = [packet.sequence for packet in audience.of(1)]
    assert numbers == list(range(numbers[0], numbers[0] + 3)), "no hole, whatever was not sent"
    stamps = [packet.timestamp for packet in audience.of(1)]
    assert stamps[1] - stamps[0] == 3000
    assert stamps[2] - stamps[1] == 6000


async def test_nobody_gets_his_own_tracks_back_and_guests_see_host_and_each_other(relay: Relay, viewer: StartViewer) -> None:
    await host_on_air(relay)
    await guest_arrives(relay, "gst_1", "live")
    await guest_arrives(relay, "gst_2", "live")
    first = await viewer(role("guest", "gst_1"))
    await first.caught_up()
    assert [texts(first, place) for place in range(3)] == [[b"host 0"], [], [b"gst_2"]]


async def test_a_muted_guest_is_silent_and_its_picture_comes_back_with_a_key_frame(relay: Relay, viewer: StartViewer) -> None:
    await host_on_air(relay)
    audience = await viewer()
    guest = await guest_arrives(relay, stage="live")
    await relay.http.put(f"/stage/{STREAM}/gst_1", json={"on_stage": True, "muted": ["audio", "video"]})
    guest.send(VIDEO, 3000, DELTA + b"unseen")
    guest.send(AUDIO, 0, b"\x00unheard", payload_type=111, marker=False)
    await relay.http.put(f"/stage/{STREAM}/gst_1", json={"on_stage": True, "muted": []})
    guest.send(VIDEO, 6000, DELTA + b"needs what was not sent")
    guest.send(AUDIO, 960, b"\x00heard", payload_type=111, marker=False)
    assert guest.session.stream.playable("video", 1).layers[0].keyframes.wanted  # type: ignore[union-attr]
    guest.send(VIDEO, 9000, KEY + b"back")
    assert texts(audience, 1) == [b"gst_1", b"back"]
    assert texts(audience, 1, "audio") == [b"heard"]
    numbers = [packet.sequence for packet in audience.of(1)]
    assert numbers[1] == numbers[0] + 1


async def test_a_removed_guest_is_gone_with_what_it_watches_and_the_place_is_free(relay: Relay, viewer: StartViewer) -> None:
    host = await host_on_air(relay)
    await guest_arrives(relay, stage="live")
    watching = await viewer(role("guest", "gst_1"))
    assert (await relay.http.delete(f"/stage/{STREAM}/gst_1")).status_code == 204
    assert watching.session.state == "closed"
    assert isinstance(relay.events[-1], ParticipantDisconnected)
    assert [place.participant_id for place in host.session.stream.view().places] == [HOST]
    assert (await relay.http.delete(f"/stage/{STREAM}/gst_1")).status_code == 204
    assert (await relay.http.put(f"/stage/{STREAM}/gst_1", json={"on_stage": True})).status_code == 404
    assert host.session.state == "connected"


async def test_three_guests_fit_and_one_who_comes_back_gets_the_same_place(relay: Relay) -> None:
    await host_on_air(relay)
    guests = [await guest_arrives(relay, f"gst_{number}") for number in range(3)]
    full = await post(relay, "whip", offers.OBS, role("guest", "gst_9"))
    assert (full.status_code, full.json()["type"]) == (409, "/problems#waiting_room_full")
    guests[1].session.close()
    back = await guest_arrives(relay, "gst_1")
    assert [place.participant_id for place in back.session.stream.view().places] == [HOST, "gst_0", "gst_1", "gst_2"]
    taken = await post(relay, "whip", offers.OBS, role("guest", "gst_1"))
    assert taken.json()["type"] == "/problems#stream_taken"


async def test_a_guest_may_come_before_the_host_and_only_the_host_can_watch_then(relay: Relay, viewer: StartViewer) -> None:
    await guest_arrives(relay)
    refused = await post(relay, "whep", offers.CHROMIUM_WHEP, {})
    assert refused.json()["type"] == "/problems#stream_inactive"
    studio = await viewer(role("host", HOST))
    await studio.caught_up()
    assert texts(studio, 1) == [b"gst_1"]
    assert isinstance(relay.events[0], ParticipantConnected)
    await host_on_air(relay)
    assert isinstance(relay.events[1], StreamStarted)


async def test_a_host_with_another_codec_starts_the_stage_over(relay: Relay) -> None:
    await host_on_air(relay)
    guest = await guest_arrives(relay)
    relay.clock.shift_ms += 2_500
    vp8 = offers.without_h264(offers.CHROMIUM_WHIP)
    reply = await post(relay, "whip", vp8, {})
    assert reply.status_code == 201
    assert guest.session.state == "closed"
    stream = relay.node.streams[STREAM]
    assert {track.codec_name for track in stream.tracks} == {"VP8", "OPUS"}
    assert [track.slot for track in stream.tracks] == list(range(len(stream.tracks)))
    assert not any(isinstance(session, Subscriber) for session in relay.node.sessions.values())


async def test_an_order_for_somebody_who_is_not_here_changes_nothing(relay: Relay) -> None:
    host = await host_on_air(relay)
    before = host.session.stream.view()
    assert not host.session.stream.order("gst_1", StageOrder(on_stage=True))
    assert host.session.stream.view() == before


async def test_a_publisher_that_floods_is_cut_to_its_budget_and_the_others_go_on(relay: Relay, viewer: StartViewer) -> None:
    host = await host_on_air(relay)
    audience = await viewer()
    guest = await guest_arrives(relay)
    counters = relay.node.counters
    began_ms, sent = relay.clock.monotonic_ms(), 0
    while not counters.dropped_rate_limited:
        guest.send(VIDEO, 3000 + sent, DELTA + bytes(1100))
        sent += 1
    per_s = 4 * relay.node.limits.publisher_bitrate_bps / 8
    refilled = per_s * (relay.clock.monotonic_ms() - began_ms) / 1000
    assert 2 * per_s <= 1101 * sent <= 2 * per_s + refilled + 2000, "two seconds of four times the ceiling"
    host.send(VIDEO, 3000, DELTA + b"host 1")
    assert texts(audience, 0) == [b"host 0", b"host 1"]
