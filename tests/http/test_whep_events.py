"""Server-sent events and layer selection of WHEP: player, web role and relay over real sockets."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from server.http.media_nodes import MediaNodes
from tests.http.conftest import SHOW_ID, Broadcast
from tests.http.fake_media import served
from tests.http.test_api import problem
from tests.media import offers
from tests.media.clients import until

WHEP = f"/whep/{SHOW_ID}"
JSON = {"content-type": "application/json"}
DEADLINE_S = 10


class Player:
    """A viewer's session and its two extensions, found by their `Link` headers."""

    def __init__(self, http: httpx.AsyncClient, made: httpx.Response) -> None:
        self.http = http
        self.url = made.headers["location"]
        self.links = {}
        for link in made.headers.get_list("link"):
            found = re.fullmatch(r'<([^>]+)>; rel="([^"]+)".*', link)
            assert found is not None
            self.links[found[2].rpartition(":")[2]] = found[1]

    async def listen(self, kinds: list[str] | None = None) -> str:
        """URL of a new event stream."""
        body = {} if kinds is None else {"content": msgspec.json.encode(kinds), "headers": JSON}
        reply = await self.http.post(self.links["server-sent-events"], **body)  # type: ignore[arg-type]
        assert reply.status_code == 201, reply.text
        return str(reply.headers["location"])

    @contextlib.asynccontextmanager
    async def events(self, url: str) -> AsyncIterator["Events"]:
        """The open stream."""
        async with asyncio.timeout(DEADLINE_S), self.http.stream("GET", url) as reply:
            assert reply.status_code == 200
            assert reply.headers["content-type"].startswith("text/event-stream")
            assert reply.headers["cache-control"] == "no-store"
            assert reply.headers["access-control-allow-origin"] == "*"
            yield Events(reply)


class Events:
    """Reads events one by one; comments are skipped."""

    def __init__(self, reply: httpx.Response) -> None:
        self._lines = reply.aiter_lines()

    async def next(self) -> tuple[str, object]:
        """Name and data of the next event."""
        name = ""
        async for line in self._lines:
            key, _, value = line.partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                return name, msgspec.json.decode(value)
        raise EOFError

    async def until(self, name: str) -> object:
        """Data of the next event with this name."""
        while (event := await self.next())[0] != name:
            pass
        return event[1]

    async def end(self) -> list[str]:
        """Names of what comes before the end."""
        names = []
        with contextlib.suppress(EOFError):
            while True:
                names.append((await self.next())[0])
        return names


@pytest.fixture
async def http(broadcast: Broadcast) -> AsyncIterator[httpx.AsyncClient]:
    """The web role on a TCP port: only there an answer can stream."""
    async with served(broadcast.world.app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


@pytest.fixture
async def player(http: httpx.AsyncClient) -> Player:
    """A viewer with a session."""
    return await view(http)


async def view(http: httpx.AsyncClient) -> Player:
    made = await http.post(WHEP, content=offers.CHROMIUM_WHEP, headers={"content-type": "application/sdp"})
    assert made.status_code == 201, made.text
    return Player(http, made)


async def test_a_stream_begins_with_the_state_of_the_moment(player: Player) -> None:
    async with player.events(await player.listen()) as events:
        told = dict([await events.next(), await events.next(), await events.next()])
    assert told["active"] == {}
    assert told["viewercount"] == {"viewercount": 1}
    assert isinstance(told["layers"], dict)
    assert list(told["layers"]) == ["0"], "by the index of the m-line"


async def test_only_what_was_asked_for_is_told(player: Player, http: httpx.AsyncClient) -> None:
    async with player.events(await player.listen(["viewercount", "scte35"])) as events:
        told = await events.next()
        assert told == ("viewercount", {"viewercount": 1})
        other = await view(http)
        # The round of the second in which somebody begins to listen tells them what they know already.
        while told == ("viewercount", {"viewercount": 1}):
            told = await events.next()
        assert told == ("viewercount", {"viewercount": 2})
        await http.delete(other.url)
        assert await events.next() == ("viewercount", {"viewercount": 1})


async def test_players_hear_when_the_publisher_goes_and_comes_back(player: Player, broadcast: Broadcast) -> None:
    async with player.events(await player.listen(["active", "inactive"])) as events:
        assert await events.next() == ("active", {})
        await broadcast.publisher.http.delete(broadcast.publisher.session_url)
        assert await events.next() == ("inactive", {})
        await broadcast.clients.publisher()
        assert await events.next() == ("active", {})


async def test_a_draining_node_asks_to_connect_again_and_ends_the_stream(player: Player, broadcast: Broadcast) -> None:
    url = await player.listen()
    async with player.events(url) as events:
        await events.until("layers")
        await broadcast.node.drain()
        assert (await events.end())[-1] == "reconnect"
    assert (await player.http.get(url)).status_code == 204, "tells an EventSource to stop"
    problem(await player.http.post(player.links["server-sent-events"]), 503, "unavailable")


async def test_the_end_of_the_session_ends_its_streams(player: Player, broadcast: Broadcast) -> None:
    url = await player.listen()
    async with player.events(url) as events:
        await events.next()
        await player.http.delete(player.url)
        await events.end()
    problem(await player.http.get(url), 404, "not_found")
    assert len(broadcast.node.events) == 0


async def test_a_session_that_broke_ends_its_streams_too(player: Player, broadcast: Broadcast) -> None:
    async with player.events(await player.listen()) as events:
        await events.next()
        for session in list(broadcast.node.streams[SHOW_ID].subscribers.values()):
            session.close()
        await events.end()
    await until(lambda: len(broadcast.node.events) == 0)


async def test_a_player_may_end_a_stream(player: Player) -> None:
    url = await player.listen()
    async with player.events(url) as events:
        await events.next()
        assert (await player.http.delete(url)).status_code == 200
        await events.end()
    problem(await player.http.get(url), 404, "not_found")
    problem(await player.http.delete(url), 404, "not_found")


async def test_a_player_that_goes_leaves_no_connection_behind(player: Player, broadcast: Broadcast) -> None:
    nodes = broadcast.world.app.state.drain.__self__
    assert isinstance(nodes, MediaNodes)
    url = await player.listen()
    async with player.events(url) as events:
        await events.next()
        assert nodes.open_streams == 1
    await until(lambda: nodes.open_streams == 0)
    async with player.events(url) as events:  # the same stream again: EventSource comes back by itself
        assert await events.next() == ("active", {})


async def test_a_node_that_dies_ends_the_stream_in_good_order(player: Player, broadcast: Broadcast) -> None:
    async with player.events(await player.listen(["active"])) as events:
        await events.next()
        await broadcast.node.close()
        broadcast.node.events.end_session(player.url.rpartition("/")[2])
        assert await events.end() == []


async def test_a_web_process_that_stops_ends_its_streams(player: Player, broadcast: Broadcast) -> None:
    url = await player.listen(["active"])
    async with player.events(url) as events:
        await events.next()
        await broadcast.world.app.state.drain()
        assert await events.end() == []
    async with player.events(url) as events:
        assert await events.next() == ("active", {})


async def test_more_streams_than_a_process_carries_are_refused(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.media_nodes.STREAMS_MAX", 1)
    url = await player.listen()
    async with player.events(url) as events:
        await events.next()
        refused = await player.http.get(url)
        problem(refused, 503, "unavailable")
        assert "retry-after" in refused.headers


@pytest.mark.parametrize(
    ("headers", "body", "status", "name"),
    [
        (JSON, '["scte35"]', 422, "invalid_field"),
        (JSON, "[]", 422, "invalid_field"),
        (JSON, '{"active": true}', 422, "invalid_field"),
        (JSON, "[1]", 422, "invalid_field"),
        (JSON, "[", 400, "malformed"),
        ({"content-type": "application/sdp"}, "v=0", 415, "unsupported_media_type"),
        (JSON, "[" + '"active",' * 8_000 + "]", 413, "too_large"),
    ],
)
async def test_a_bad_list_of_events_is_refused(
    player: Player, broadcast: Broadcast, headers: dict[str, str], body: str, status: int, name: str
) -> None:
    problem(await player.http.post(player.links["server-sent-events"], content=body, headers=headers), status, name)
    assert len(broadcast.node.events) == 0


async def test_a_viewer_chooses_and_gives_the_choice_back(player: Player) -> None:
    async with player.events(await player.listen(["layers"])) as events:
        layers = await events.until("layers")
    assert isinstance(layers, dict)
    sent = [layer for layer in layers["0"] if layer.get("bitrate")]
    wishes: list[dict[str, object]] = [{"mediaId": "0"}, {"mediaId": 0, "temporalLayerId": 1}, {}]
    wishes += [{"mediaId": "0", name: layer["rid"]} for layer in sent if "rid" in layer for name in ("rid", "encodingId")]
    wishes += [{"maxWidth": 640, "maxHeight": 360}] if any("width" in layer for layer in sent) else []
    for wish in wishes:
        reply = await player.http.post(player.links["layer"], json=wish)
        assert (reply.status_code, reply.content) == (200, b""), wish
    assert (await player.http.delete(player.links["layer"])).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ('{"rid": "none"}', 422, "invalid_field"),
        ('{"mediaId": "1"}', 422, "invalid_field"),  # the audio
        ('{"mediaId": "x", "rid": "h"}', 422, "invalid_field"),
        ('{"maxWidth": "wide"}', 422, "invalid_field"),
        ("[]", 422, "invalid_field"),
        ("{", 400, "malformed"),
    ],
)
async def test_a_bad_choice_is_refused(player: Player, body: str, status: int, name: str) -> None:
    problem(await player.http.post(player.links["layer"], content=body, headers=JSON), status, name)


async def test_extensions_of_another_or_no_session_are_not_found(player: Player, broadcast: Broadcast) -> None:
    wrong = player.url[:-4] + "AAAA"
    problem(await player.http.post(f"{wrong}/sse"), 404, "not_found")
    problem(await player.http.get(f"{wrong}/sse/{'a' * 16}"), 404, "not_found")
    problem(await player.http.get(f"{player.url}/sse/{'a' * 16}"), 404, "not_found")
    problem(await player.http.delete(f"{wrong}/layer"), 404, "not_found")
    publisher = broadcast.publisher.session_url.replace("/whip/", "/whep/")
    problem(await player.http.post(f"{publisher}/sse"), 404, "not_found")
    problem(await player.http.get(f"{player.url}/sse"), 405, "method_not_allowed")


async def test_a_page_of_another_site_may_listen(player: Player) -> None:
    for url in (player.links["layer"], player.links["server-sent-events"], await player.listen()):
        asked = {"origin": "https://blog.example", "access-control-request-method": "POST"}
        reply = await player.http.options(url, headers=asked)
        assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (200, "*")
