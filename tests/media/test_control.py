"""WHIP and WHEP over HTTP, request by request (RFC 9725, draft-ietf-wish-whep)."""

from collections.abc import Callable

import httpx
import pytest

from media.node import Limits
from schemas.media import HEADER_CLIENT
from tests.media import offers
from tests.media.clients import STREAM, Clients, until
from tests.media.conftest import Relay

SDP = {"content-type": "application/sdp"}
FRAGMENT = {"content-type": "application/trickle-ice-sdpfrag"}
WHIP, WHEP = f"/whip/{STREAM}", f"/whep/{STREAM}"
TRICKLE = (
    "a=ice-ufrag:{ufrag}\r\na=ice-pwd:xxxxxxxxxxxxxxxxxxxxxxxx\r\n"
    "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n"
)


def problem(reply: httpx.Response, name: str, status: int) -> dict[str, object]:
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = reply.json()
    assert (body["type"], body["status"], reply.status_code) == (f"/problems#{name}", status, status)
    assert body["title"]
    assert body["detail"]
    return body


async def publish(relay: Relay) -> httpx.Response:
    reply = await relay.http.post(WHIP, content=offers.OBS, headers=SDP)
    assert reply.status_code == 201, reply.text
    return reply


async def test_a_publisher_gets_201_with_location_etag_and_an_answer(relay: Relay) -> None:
    reply = await publish(relay)
    assert reply.headers["content-type"] == "application/sdp"
    assert reply.headers["location"].startswith(f"{WHIP}/")
    assert "?" not in reply.headers["location"]
    assert reply.headers["etag"].startswith('"')
    assert "typ host" in reply.text
    assert f"127.0.0.1 {relay.node.udp_port}" in reply.text


@pytest.mark.parametrize("path", [WHIP, WHEP, f"{WHIP}/x", "/stats"])
async def test_without_the_secret_nothing_is_answered(relay: Relay, path: str) -> None:
    for secret in ("", "guess", "ключ"):
        reply = await relay.http.request("GET", path, headers=[(b"x-efir-internal", secret.encode())])
        problem(reply, "forbidden", 403)


async def test_a_viewer_before_the_publisher_is_asked_to_come_back(relay: Relay) -> None:
    for _ in range(2):
        reply = await relay.http.post(WHEP, content=offers.CHROMIUM_WHEP, headers=SDP)
        problem(reply, "stream_inactive", 409)
        assert int(reply.headers["retry-after"]) > 0
        await publish(relay) if not relay.node.sessions else None


async def test_a_second_publisher_is_refused_while_the_first_is_there(relay: Relay) -> None:
    await publish(relay)
    reply = await relay.http.post(WHIP, content=offers.OBS, headers=SDP)
    problem(reply, "stream_taken", 409)
    assert "retry-after" in reply.headers


@pytest.mark.parametrize("path", [WHIP, WHEP])
@pytest.mark.parametrize(
    ("content", "kind", "name", "status"),
    [
        (b"hello", "application/sdp", "malformed", 400),
        (b"\xff\xfe", "application/sdp", "malformed", 400),
        (b"{}", "application/json", "unsupported_media_type", 415),
        (b"v=0", "", "unsupported_media_type", 415),
        (b"x" * 140_000, "application/sdp", "too_large", 413),
    ],
)
async def test_a_bad_body_is_refused_by_name(relay: Relay, path: str, content: bytes, kind: str, name: str, status: int) -> None:
    reply = await relay.http.post(path, content=content, headers={"content-type": kind})
    problem(reply, name, status)
    assert not relay.node.sessions


async def test_an_offer_without_our_codecs_is_406(relay: Relay) -> None:
    reply = await relay.http.post(WHIP, content=offers.OBS.replace("H264", "H265"), headers=SDP)
    assert "H264" in str(problem(reply, "not_acceptable", 406)["detail"])


async def test_trickle_is_204_with_and_without_an_etag(relay: Relay) -> None:
    made = await publish(relay)
    fragment = TRICKLE.format(ufrag="OBS1")
    for headers in ({}, {"if-match": "*"}, {"if-match": made.headers["etag"]}):
        reply = await relay.http.patch(made.headers["location"], content=fragment, headers={**FRAGMENT, **headers})
        assert (reply.status_code, reply.content) == (204, b"")
        assert "etag" not in reply.headers
    reply = await relay.http.patch(made.headers["location"], content=fragment, headers={**FRAGMENT, "if-match": '"old"'})
    problem(reply, "precondition_failed", 412)


async def test_an_ice_restart_gives_new_credentials_and_a_new_etag(relay: Relay) -> None:
    made = await publish(relay)
    url, fragment = made.headers["location"], TRICKLE.format(ufrag="NEW1")
    problem(await relay.http.patch(url, content=fragment, headers=FRAGMENT), "precondition_required", 428)
    problem(await relay.http.patch(url, content=fragment, headers={**FRAGMENT, "if-match": '"x"'}), "precondition_failed", 412)
    reply = await relay.http.patch(url, content=fragment, headers={**FRAGMENT, "if-match": "*"})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/trickle-ice-sdpfrag"
    assert reply.headers["etag"] != made.headers["etag"]
    old = [line for line in made.text.splitlines() if "ufrag" in line]
    new = [line for line in reply.text.splitlines() if "ufrag" in line]
    assert len(new) == 1
    assert new[0] not in old
    assert reply.text.count("a=candidate:") == 1
    same = {**FRAGMENT, "if-match": reply.headers["etag"]}
    again = await relay.http.patch(url, content=TRICKLE.format(ufrag="NEW1"), headers=same)
    assert again.status_code == 204


@pytest.mark.parametrize(
    ("headers", "content", "name", "status"),
    [
        ({"content-type": "application/sdp"}, "v=0", "invalid_field", 422),
        ({"content-type": "text/plain"}, "x", "unsupported_media_type", 415),
        (FRAGMENT, "nothing", "malformed", 400),
        (FRAGMENT, "a=mid:0\r\n", "malformed", 400),
        ({**FRAGMENT, "if-match": "*"}, "a=ice-ufrag:other\r\n", "invalid_field", 422),
    ],
)
async def test_a_bad_patch_is_refused_and_the_session_lives(
    relay: Relay, headers: dict[str, str], content: str, name: str, status: int
) -> None:
    made = await publish(relay)
    problem(await relay.http.patch(made.headers["location"], content=content, headers=headers), name, status)
    assert len(relay.node.sessions) == 1


async def test_delete_ends_a_session_once(relay: Relay) -> None:
    made = await publish(relay)
    url = made.headers["location"]
    assert (await relay.http.delete(url, headers={"if-match": '"whatever"'})).status_code == 200
    problem(await relay.http.delete(url), "not_found", 404)
    problem(await relay.http.patch(url, content=TRICKLE.format(ufrag="OBS1"), headers=FRAGMENT), "not_found", 404)
    assert relay.node.stats().publishers == 0


async def test_a_session_is_only_found_under_its_own_stream_and_protocol(relay: Relay) -> None:
    session_id = (await publish(relay)).headers["location"].rpartition("/")[2]
    for path in (f"/whep/{STREAM}/{session_id}", f"/whip/other/{session_id}", f"{WHIP}/other"):
        problem(await relay.http.delete(path), "not_found", 404)
    assert relay.node.stats().publishers == 1


@pytest.mark.parametrize("path", [WHIP, WHEP, f"{WHIP}/x", f"{WHEP}/x"])
async def test_options_and_head_describe_the_address(relay: Relay, path: str) -> None:
    reply = await relay.http.options(path)
    assert (reply.status_code, reply.headers["accept-post"]) == (200, "application/sdp")
    head = await relay.http.head(path)
    assert (head.status_code, head.headers["content-type"]) == (200, "application/sdp")
    assert (await relay.http.get(path)).content == b""


async def test_while_draining_no_session_is_opened_and_those_open_go_on(relay: Relay) -> None:
    made = await publish(relay)
    await relay.node.drain()
    reply = await relay.http.post(WHEP, content=offers.CHROMIUM_WHEP, headers=SDP)
    problem(reply, "unavailable", 503)
    assert "retry-after" in reply.headers
    trickle = await relay.http.patch(made.headers["location"], content=TRICKLE.format(ufrag="OBS1"), headers=FRAGMENT)
    assert trickle.status_code == 204
    assert (await relay.http.get("/stats")).json()["draining"] is True


async def test_limits_are_refused_by_name(make_relay: Callable[..., object]) -> None:
    relay: Relay = await make_relay(Limits(publishers=2, sessions_per_address=1))  # type: ignore[misc]
    first = await relay.http.post("/whip/a", content=offers.OBS, headers={**SDP, HEADER_CLIENT: "192.0.2.1"})
    assert first.status_code == 201
    same = await relay.http.post("/whip/b", content=offers.OBS, headers={**SDP, HEADER_CLIENT: "192.0.2.1"})
    problem(same, "rate_limited", 429)
    assert (await relay.http.post("/whip/b", content=offers.OBS, headers={**SDP, HEADER_CLIENT: "192.0.2.2"})).status_code == 201
    full = await relay.http.post("/whip/c", content=offers.OBS, headers={**SDP, HEADER_CLIENT: "192.0.2.3"})
    problem(full, "stream_full", 503)


async def test_stats_count_sessions_and_packets(relay: Relay, clients: Clients) -> None:
    await clients.publisher()
    await until(lambda: relay.events)
    viewer = await clients.viewer()
    await until(lambda: len(viewer.video_frames) > 5)
    stats = (await relay.http.get("/stats")).json()
    assert (stats["publishers"], stats["subscribers"]) == (1, 1)
    assert stats["counters"]["packets_in"] > 5
    assert stats["counters"]["packets_out"] > 5
    assert stats["counters"]["joins"] == 1
    assert stats["streams"][0] | {"publisher_bitrate_bps": 0} == {
        "stream_id": STREAM,
        "active": True,
        "subscribers": 1,
        "viewers": 1,
        "edges": 0,
        "edge": False,
        "publisher_bitrate_bps": 0,
        "uplink_fraction_lost": 0.0,
        "worst_fraction_lost": 0.0,
        "codecs": ["H264", "OPUS"],
    }
