"""WHIP and WHEP through the web role to a media node on a unix socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from schemas.media import HEADER_CLIENT, HEADER_PARTICIPANT, HEADER_ROLE, HEADER_SECRET, HEADER_STAGE
from server.http.media_nodes import NODES_MAX, NodeClients, least_loaded
from server.kernel.errors import Unavailable
from tests.http.conftest import (
    ADDRESS,
    ENDED_SHOW_ID,
    HOST_EMAIL,
    HOST_PASSWORD,
    ICE_LINKS,
    INGEST_TOKEN,
    LIVE_PASS,
    ORIGIN,
    PARTICIPANT,
    SHOW_ID,
    WAITING_PASS,
    World,
)
from tests.http.fake_media import SECRET, FakeMedia, node_entry, served
from tests.http.test_api import problem

OFFER = b"v=0\r\noffer\r\n"
SDP = {"content-type": "application/sdp"}
AUTHORISED = SDP | {"authorization": f"Bearer {INGEST_TOKEN}"}
WHIP, WHEP = f"/whip/{SHOW_ID}", f"/whep/{SHOW_ID}"
UNKNOWN_SHOW = "shw_" + "9" * 32


@pytest.fixture
async def media(world: World, tmp_path: Path) -> AsyncIterator[FakeMedia]:
    """A node that is registered and running."""
    node = FakeMedia()
    async with served(node.app(), tmp_path / "media.sock") as url:
        world.placement.entries.append(node_entry("one", url))
        yield node


async def test_an_encoder_publishes_with_its_key_and_a_viewer_plays(world: World, media: FakeMedia) -> None:
    published = await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)
    assert (published.status_code, published.content) == (201, b"v=0\r\nanswer\r\n")
    assert published.headers["content-type"] == "application/sdp"
    assert published.headers["location"].startswith(f"{WHIP}/")
    assert published.headers["etag"] == '"1"'
    assert published.headers.get_list("link") == ["<urn:one>; rel=a", "<urn:two>; rel=b", *ICE_LINKS]
    assert "server" not in published.headers
    assert world.placement.owners == {SHOW_ID: "one"}
    played = await world.client.post(WHEP, content=OFFER, headers=SDP)
    assert played.status_code == 201
    method, path, body, headers = media.seen[-1]
    assert (method, path, body) == ("POST", WHEP, OFFER)
    assert (headers[HEADER_SECRET], headers[HEADER_CLIENT], headers["content-type"]) == (SECRET, ADDRESS, "application/sdp")


async def test_a_client_can_forge_neither_the_secret_nor_its_address(world: World, media: FakeMedia) -> None:
    forged = AUTHORISED | {HEADER_SECRET: "guess", HEADER_CLIENT: "127.0.0.1", "cookie": "efir_session=x"}
    assert (await world.client.post(WHIP, content=OFFER, headers=forged)).status_code == 201
    headers = media.seen[-1][3]
    assert (headers[HEADER_SECRET], headers[HEADER_CLIENT]) == (SECRET, ADDRESS)
    assert "cookie" not in headers
    assert "authorization" not in headers


FORGED = {HEADER_PARTICIPANT: "host", HEADER_ROLE: "host", HEADER_STAGE: "live", HEADER_SECRET: "guess", "x-efir-else": "x"}


@pytest.mark.parametrize(
    ("path", "token", "told"),
    [
        (WHIP, INGEST_TOKEN, {HEADER_ROLE: "host", HEADER_PARTICIPANT: "host"}),
        (WHIP, LIVE_PASS, {HEADER_ROLE: "guest", HEADER_PARTICIPANT: PARTICIPANT, HEADER_STAGE: "live"}),
        (WHIP, WAITING_PASS, {HEADER_ROLE: "guest", HEADER_PARTICIPANT: PARTICIPANT, HEADER_STAGE: "waiting"}),
        (WHEP, INGEST_TOKEN, {HEADER_ROLE: "host", HEADER_PARTICIPANT: "host"}),
        (WHEP, LIVE_PASS, {HEADER_ROLE: "guest", HEADER_PARTICIPANT: PARTICIPANT, HEADER_STAGE: "live"}),
        (WHEP, "a player's own key", {HEADER_ROLE: "viewer"}),
        (WHEP, None, {HEADER_ROLE: "viewer"}),
    ],
)
@pytest.mark.parametrize("forged", [{}, FORGED])
async def test_the_node_is_told_who_it_is_and_nobody_else_can_tell_it(
    world: World, media: FakeMedia, path: str, token: str | None, told: dict[str, str], forged: dict[str, str]
) -> None:
    headers = SDP | forged | ({"authorization": f"Bearer {token}"} if token is not None else {})
    await world.client.post(path, content=OFFER, headers=headers)
    seen = {name: value for name, value in media.seen[-1][3].items() if name.startswith("x-efir-")}
    assert seen == told | {HEADER_SECRET: SECRET, HEADER_CLIENT: ADDRESS}


async def test_forged_headers_do_not_pass_into_a_session_either(world: World, media: FakeMedia) -> None:
    location = (await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)).headers["location"]
    for method, url in (("DELETE", f"{location}"), ("GET", location)):
        await world.client.request(method, url, headers=FORGED)
        assert {name for name in media.seen[-1][3] if name.startswith("x-efir-")} == {HEADER_SECRET, HEADER_CLIENT}


async def test_a_host_watches_as_everybody_does_unless_the_studio_asks_for_more(world: World, media: FakeMedia) -> None:
    await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)
    studio = f"{WHEP}?role=host"
    problem(await world.client.post(studio, content=OFFER, headers=SDP), 403, "forbidden")
    await world.client.post("/api/auth/login", json={"email": HOST_EMAIL, "password": HOST_PASSWORD})
    for path, role in ((WHEP, "viewer"), (studio, "host"), (f"{WHEP}?role=guest", "viewer")):
        assert (await world.client.post(path, content=OFFER, headers=SDP)).status_code == 201
        assert media.seen[-1][3][HEADER_ROLE] == role
        assert media.seen[-1][3].get(HEADER_PARTICIPANT) == ("host" if role == "host" else None)
    await world.auth.ensure_host("other@example.org", "correct horse", "Other")
    await world.client.post("/api/auth/login", json={"email": "other@example.org", "password": "correct horse"})
    problem(await world.client.post(studio, content=OFFER, headers=SDP), 403, "forbidden")


async def test_a_session_stays_with_its_node_whoever_has_the_stream(world: World, tmp_path: Path) -> None:
    first, second = FakeMedia("one"), FakeMedia("two")
    async with served(first.app(), tmp_path / "1.sock") as url_1, served(second.app(), tmp_path / "2.sock") as url_2:
        world.placement.entries += [node_entry("one", url_1), node_entry("two", url_2, subscribers=9)]
        location = (await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)).headers["location"]
        world.placement.owners[SHOW_ID] = "two"
        headers = {"content-type": "application/trickle-ice-sdpfrag", "if-match": '"1"'}
        assert (await world.client.patch(location, content=b"a=ice-ufrag:x", headers=headers)).status_code == 204
        assert (await world.client.delete(location)).status_code == 200
        assert (len(first.seen), len(second.seen)) == (3, 0)
        world.placement.entries.pop(0)  # its lease ran out
        problem(await world.client.delete(location), 404, "not_found")


async def test_a_session_is_patched_and_ended_where_the_location_says(world: World, media: FakeMedia) -> None:
    location = (await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)).headers["location"]
    patch_headers = {"content-type": "application/trickle-ice-sdpfrag", "if-match": '"1"'}
    patched = await world.client.patch(location, content=b"a=ice-ufrag:x", headers=patch_headers)
    assert (patched.status_code, patched.content) == (204, b"")
    wrong = await world.client.patch(location, content=b"a=ice-ufrag:x", headers=patch_headers | {"if-match": '"2"'})
    assert wrong.status_code == 412
    assert (await world.client.delete(location)).status_code == 200
    assert media.published == {}
    assert (await world.client.delete(location)).status_code == 404


async def test_the_shows_host_publishes_with_the_session_and_other_people_do_not(world: World, media: FakeMedia) -> None:
    client = world.client
    nobody = await client.post(WHIP, content=OFFER, headers=SDP)
    problem(nobody, 401, "not_signed_in")
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    await client.post("/api/auth/guest", json={"name": "Ann"})
    problem(await client.post(WHIP, content=OFFER, headers=SDP), 403, "forbidden")
    await client.post("/api/auth/login", json={"email": HOST_EMAIL, "password": HOST_PASSWORD})
    assert (await client.post(WHIP, content=OFFER, headers=SDP | {"origin": ORIGIN})).status_code == 201


async def test_another_host_does_not_publish_to_the_show(world: World, media: FakeMedia) -> None:
    await world.auth.ensure_host("other@example.org", "correct horse", "Other")
    await world.client.post("/api/auth/login", json={"email": "other@example.org", "password": "correct horse"})
    problem(await world.client.post(WHIP, content=OFFER, headers=SDP), 403, "forbidden")
    assert media.seen == []


@pytest.mark.parametrize("token", ["wrong", "", INGEST_TOKEN + "x"])
async def test_a_wrong_key_is_refused_even_with_a_hosts_session(world: World, media: FakeMedia, token: str) -> None:
    await world.client.post("/api/auth/login", json={"email": HOST_EMAIL, "password": HOST_PASSWORD})
    headers = SDP | {"authorization": f"Bearer {token}"}
    problem(await world.client.post(WHIP, content=OFFER, headers=headers), 401, "not_signed_in")
    assert media.seen == []


async def test_a_host_who_is_lured_to_another_site_does_not_publish_from_there(world: World, media: FakeMedia) -> None:
    await world.client.post("/api/auth/login", json={"email": HOST_EMAIL, "password": HOST_PASSWORD})
    headers = SDP | {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    problem(await world.client.post(WHIP, content=OFFER, headers=headers), 403, "cross_origin")
    assert media.seen == []


async def test_a_player_on_another_site_may_watch_and_can_read_what_it_needs(world: World, media: FakeMedia) -> None:
    await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)
    origin = {"origin": "https://blog.example", "sec-fetch-site": "cross-site"}
    preflight = await world.client.options(WHEP, headers=origin | {"access-control-request-method": "POST"})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    assert preflight.headers["accept-post"] == "application/sdp"
    played = await world.client.post(WHEP, content=OFFER, headers=SDP | origin)
    assert played.status_code == 201
    assert played.headers["access-control-allow-origin"] == "*"
    assert "Location" in played.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in played.headers


async def test_what_the_node_refuses_reaches_the_player(world: World, media: FakeMedia) -> None:
    quiet = await world.client.post(WHEP, content=OFFER, headers=SDP)
    assert (quiet.status_code, quiet.json()["type"]) == (409, "/problems#stream_inactive")
    assert quiet.headers["retry-after"] == "2"
    assert quiet.headers["content-type"] == "application/problem+json"
    broken = await world.client.post(WHEP, content=b"not sdp", headers=SDP)
    assert (broken.status_code, broken.json()["type"]) == (400, "/problems#malformed")


@pytest.mark.parametrize("kind", ["whip", "whep"])
@pytest.mark.parametrize(
    ("stream", "status", "name"),
    [(UNKNOWN_SHOW, 404, "not_found"), ("%2e%2e", 404, "not_found"), (ENDED_SHOW_ID, 409, "show_ended")],
)
async def test_an_unknown_or_ended_show_has_no_stream(
    world: World, media: FakeMedia, kind: str, stream: str, status: int, name: str
) -> None:
    problem(await world.client.post(f"/{kind}/{stream}", content=OFFER, headers=AUTHORISED), status, name)
    assert media.seen == []


@pytest.mark.parametrize("path", [WHIP, WHEP])
async def test_another_content_type_or_a_huge_offer_is_refused(world: World, media: FakeMedia, path: str) -> None:
    answer = await world.client.post(path, content=OFFER, headers=AUTHORISED | {"content-type": "text/plain"})
    problem(answer, 415, "unsupported_media_type")
    problem(await world.client.post(path, content=b"v" * 131_073, headers=AUTHORISED), 413, "too_large")
    assert (await world.client.post(path, content=b"v=0" + b"x" * 131_069, headers=AUTHORISED)).status_code != 413


@pytest.mark.parametrize("session", ["short", "a" * 129, "%2e%2e%2f%2e%2e", "session%00", "se ssion1"])
async def test_an_odd_session_address_is_not_passed_on(world: World, media: FakeMedia, session: str) -> None:
    problem(await world.client.delete(f"{WHIP}/{session}"), 404, "not_found")
    assert media.seen == []


@pytest.mark.parametrize("path", [WHIP, WHEP])
async def test_get_and_head_discover_the_endpoint(world: World, path: str) -> None:
    for answer in (await world.client.get(path), await world.client.head(path)):
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == "application/sdp"
    wrong = await world.client.delete(path)
    problem(wrong, 405, "method_not_allowed")


async def test_without_a_node_the_client_is_asked_to_come_back(world: World) -> None:
    answer = await world.client.post(WHEP, content=OFFER, headers=SDP)
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_node_that_died_is_unavailable(world: World, tmp_path: Path) -> None:
    world.placement.entries.append(node_entry("dead", f"unix:{tmp_path / 'nobody.sock'}"))
    problem(await world.client.post(WHIP, content=OFFER, headers=AUTHORISED), 503, "unavailable")


async def test_a_node_that_hangs_is_unavailable_in_time(world: World, media: FakeMedia, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.media_nodes.DEADLINE_S", 0.1)
    media.stuck = True
    async with asyncio.timeout(3):
        problem(await world.client.post(WHEP, content=OFFER, headers=SDP), 503, "unavailable")


async def test_a_node_with_another_secret_is_our_failure_and_not_the_clients(world: World, tmp_path: Path) -> None:
    async with served(_refuse, tmp_path / "other.sock") as url:
        world.placement.entries.append(node_entry("other", url))
        problem(await world.client.post(WHIP, content=OFFER, headers=AUTHORISED), 503, "unavailable")


async def test_a_node_on_a_tcp_port_works_alike(world: World) -> None:
    node = FakeMedia()
    async with served(node.app()) as url:
        world.placement.entries.append(node_entry("tcp", url))
        assert (await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)).status_code == 201


async def test_the_stream_goes_where_it_was_claimed_first(world: World, tmp_path: Path) -> None:
    first, second = FakeMedia(), FakeMedia()
    async with served(first.app(), tmp_path / "1.sock") as url_1, served(second.app(), tmp_path / "2.sock") as url_2:
        world.placement.entries += [node_entry("one", url_1, subscribers=5), node_entry("two", url_2)]
        world.placement.owners[SHOW_ID] = "one"
        assert (await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)).status_code == 201
        assert (await world.client.post(WHEP, content=OFFER, headers=SDP)).status_code == 201
    assert (len(first.seen), len(second.seen)) == (2, 0)


async def test_who_loses_the_race_for_a_stream_goes_to_the_winners_node(world: World, tmp_path: Path) -> None:
    first, second = FakeMedia(), FakeMedia()
    async with served(first.app(), tmp_path / "1.sock") as url_1, served(second.app(), tmp_path / "2.sock") as url_2:
        world.placement.entries += [node_entry("one", url_1), node_entry("two", url_2)]
        claim = world.placement.claim

        async def claimed_meanwhile(stream_id: str, node_id: str) -> str:
            world.placement.owners[stream_id] = "two"
            return await claim(stream_id, node_id)

        world.placement.claim = claimed_meanwhile  # type: ignore[method-assign]
        assert (await world.client.post(WHIP, content=OFFER, headers=AUTHORISED)).status_code == 201
    assert (len(first.seen), len(second.seen)) == (0, 1)


def test_a_new_stream_goes_to_the_least_loaded_node_that_stays() -> None:
    nodes = [node_entry("a", "x", 3), node_entry("b", "x", 1, draining=True), node_entry("c", "x", 2)]
    assert least_loaded(nodes).node_id == "c"
    with pytest.raises(Unavailable):
        least_loaded([nodes[1]])


async def test_clients_of_many_nodes_stay_bounded_and_close() -> None:
    clients = NodeClients()
    first = await clients.get("http://127.0.0.1:1")
    assert await clients.get("http://127.0.0.1:1") is first
    for port in range(2, 2 * NODES_MAX + 2):
        last = await clients.get(f"http://127.0.0.1:{port}")
    assert first.is_closed
    await clients.close()
    assert last.is_closed
    assert isinstance(last, httpx.AsyncClient)


async def _refuse(scope: object, receive: object, send: object) -> None:
    assert callable(send)
    assert isinstance(scope, dict)
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 403, "headers": []})
        await send({"type": "http.response.body", "body": b""})
