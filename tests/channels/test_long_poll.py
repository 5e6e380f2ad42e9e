"""The way around a blocked websocket: the same frames, limits and errors, and nothing remembered between two polls."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from redis.asyncio import Redis

from schemas.frames import FRAME_BYTES_MAX, POLL_FRAMES_MAX
from server.channels import long_poll
from server.channels.door import DoorLimits
from server.channels.limits import HubLimits, SessionLimits
from server.redis.revocations import Revoked, announce
from tests.channels.kinds import HISTORY
from tests.channels.site import ANNA, BORIS, PATIENCE_S, Site, command_id, running_site, until
from tests.channels.test_revoked import listening

ROOM = "talk:room"
Frame = dict[str, Any]


class Poller:
    """A page that polls, with its positions."""

    def __init__(self, site: Site, http: httpx.AsyncClient, session: str) -> None:
        self.site, self.http, self.session = site, http, session
        self.at: dict[str, tuple[str, int]] = {}

    async def post(self, *frames: Any, wait_ms: int = 0, headers: dict[str, str] | None = None) -> httpx.Response:
        """One request as it is."""
        body = msgspec.json.encode({"frames": frames, "wait_ms": wait_ms})
        given = {"content-type": "application/json", "cookie": f"session={self.session}", **(headers or {})}
        return await self.http.post("/api/channels/poll", content=body, headers=given)

    async def poll(self, *frames: Frame, wait_ms: int = 0) -> list[Frame]:
        """Subscribe where we stand, with these frames behind; the answer without `connected`, positions noted."""
        again = [
            {"op": "subscribe", "id": 100 + number, "channel": name, "position": {"epoch": epoch, "offset": offset}}
            for number, (name, (epoch, offset)) in enumerate(self.at.items())
        ]
        response = await self.post(*again, *frames, wait_ms=wait_ms)
        assert response.status_code == 200, response.text
        connected, *rest = response.json()
        assert (connected["op"], connected["actor_id"]) == ("connected", self.site.people.sessions[self.session].id)
        for frame in rest:
            if frame["op"] in ("subscribed", "push", "gap"):
                self.at[frame["channel"]] = (frame["epoch"], frame["offset"])
        return list(rest)

    async def join(self, channel: str) -> Frame:
        """Take a channel up."""
        (reply,) = await self.poll({"op": "subscribe", "id": 1, "channel": channel})
        assert reply["op"] == "subscribed", reply
        return reply


@contextlib.asynccontextmanager
async def polling(site: Site, session: str = "") -> AsyncIterator[Poller]:
    """A page without a websocket."""
    async with httpx.AsyncClient(base_url=f"http://{site.address}", trust_env=False, timeout=PATIENCE_S) as http:
        yield Poller(site, http, session or site.session(ANNA))


def say(text: str, number: int = 5, channel: str = ROOM) -> Frame:
    return {"op": "publish", "id": number, "channel": channel, "command_id": command_id(), "data": {"text": text}}


def texts(frames: list[Frame]) -> list[str]:
    """What was said, recovered or pushed."""
    found = []
    for frame in frames:
        if frame["op"] == "push":
            found.append(frame["data"]["text"])
        elif frame["op"] == "subscribed":
            found += [missed["data"]["text"] for missed in frame["publications"]]
    return found


async def test_a_poll_waits_for_a_push_and_the_next_one_goes_on_from_there(site: Site) -> None:
    boris = await site.enter(BORIS)
    await boris.subscribe(ROOM)
    async with polling(site) as page:
        await page.join(ROOM)
        waiting = asyncio.ensure_future(page.poll(wait_ms=8_000))
        await until(lambda: site.channels.stats().polls == 1)
        assert not waiting.done()
        await boris.say(ROOM, "first")
        assert texts(await waiting) == ["first"]
        for text in ("between", "two polls"):
            await boris.say(ROOM, text)
        found: list[str] = []
        while len(found) < 2:  # a line is accepted before this node has heard of it
            found += texts(await page.poll(wait_ms=8_000))
        assert found == ["between", "two polls"]
        assert site.channels.stats().polls == 0


async def test_pushes_that_come_together_come_in_one_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_poll, "GATHER_S", 0.5)
    boris = await site.enter(BORIS)
    await boris.subscribe(ROOM)
    async with polling(site) as page:
        await page.join(ROOM)
        waiting = asyncio.ensure_future(page.poll(wait_ms=8_000))
        await until(lambda: site.channels.stats().polls == 1)
        for number in range(5):
            await boris.say(ROOM, str(number))
        assert texts(await waiting) == ["0", "1", "2", "3", "4"]


async def test_without_news_a_poll_ends_after_its_time(site: Site) -> None:
    async with polling(site) as page:
        await page.join(ROOM)
        (quiet,) = await page.poll(wait_ms=60)
        assert (quiet["op"], quiet["recovered"], quiet["publications"]) == ("subscribed", True, [])


async def test_a_command_and_a_clock_sample_are_answered_at_once(site: Site) -> None:
    async with polling(site) as page:
        await page.join(ROOM)
        frames = await page.poll(say("hello"), {"op": "ping", "id": 6, "t0_ms": 4.5}, wait_ms=8_000)
        answers = {frame.get("id"): frame["op"] for frame in frames}
        assert (answers[5], answers[6]) == ("accepted", "pong")


async def test_a_command_twice_has_one_effect(site: Site) -> None:
    async with polling(site) as page:
        await page.join(ROOM)
        command = say("once")
        for _ in range(3):
            assert [frame for frame in await page.poll(command) if frame["op"] == "accepted"][0]["offset"] == 1  # noqa: RUF015
        assert page.at[ROOM][1] == 1


async def test_who_missed_too_much_gets_a_snapshot(redis: Redis) -> None:
    async with running_site(redis, limits=HubLimits(ring_length_max=3, recovered_max=5)) as site, polling(site) as page:
        await page.join(ROOM)
        boris = await site.enter(BORIS)
        await boris.subscribe(ROOM)
        for number in range(12):
            await boris.say(ROOM, str(number))
        await boris.pushes(12)
        (fresh,) = await page.poll()
        assert (fresh["recovered"], fresh["offset"], len(fresh["snapshot"]["said"])) == (False, 12, min(12, HISTORY))


async def test_an_answer_has_a_limit_and_what_is_left_comes_with_the_next(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_poll, "ANSWER_BYTES_MAX", 20_000)
    monkeypatch.setattr(long_poll, "GATHER_S", 1.0)
    boris = await site.enter(BORIS)
    await boris.subscribe(ROOM)
    async with polling(site) as page:
        await page.join(ROOM)
        waiting = asyncio.ensure_future(page.poll(wait_ms=8_000))
        await until(lambda: site.channels.stats().polls == 1)
        for number in range(15):
            await boris.say(ROOM, f"{number} " + "x" * 4_000)
        heard = texts(await waiting)
        assert len(heard) < 15
        await boris.pushes(15)
        heard += texts(await page.poll())
        assert [int(text.split()[0]) for text in heard] == list(range(15))


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ({"op": "dance", "id": 7}, "unknown_operation"),
        ({"op": "ping", "id": 7}, "invalid_field"),
        ({"op": "connect", "id": 7, "ticket": "t" * 16}, "malformed"),
        ({"op": "publish", "id": 7, "channel": ROOM, "command_id": "msg_" + "0" * 32, "data": {}}, "not_subscribed"),
        ({"op": "subscribe", "id": 7, "channel": "talk:nowhere"}, "unknown_channel"),
        ({"op": "subscribe", "id": 7, "channel": "talk:private"}, "forbidden"),
    ],
)
async def test_what_is_wrong_with_a_frame_is_answered_as_on_a_websocket(site: Site, frame: Frame, name: str) -> None:
    async with polling(site) as page:
        (error,) = await page.poll(frame, wait_ms=8_000)
        assert (error["op"], error["name"], error["id"]) == ("error", name, 7)


async def test_a_poll_that_is_none_is_a_problem(redis: Redis) -> None:
    limits = SessionLimits(frames_per_s=0.01, frames_burst=4, refused_in_a_row_max=2)
    async with running_site(redis, session_limits=limits) as site, polling(site) as page:
        ping = {"op": "ping", "id": 1, "t0_ms": 0}
        for response, status, name in [
            (await page.post({"op": 1}, {"op": 2}, {"op": 3}), 400, "malformed"),
            (await page.post(*[ping] * 8), 429, "rate_limited"),
            (await page.post({"op": "publish", "data": "x" * FRAME_BYTES_MAX}), 413, "too_large"),
            (await page.post("x" * long_poll.BODY_BYTES_MAX), 413, "too_large"),
            (await page.post(*[ping] * (POLL_FRAMES_MAX + 1)), 422, "invalid_field"),
            (await page.post(wait_ms=25_001), 422, "invalid_field"),
            (await page.post(headers={"content-type": "text/plain"}), 415, "unsupported_media_type"),
            (await page.post(headers={"cookie": "session=gone"}), 401, "not_signed_in"),
            (await page.post(headers={"origin": "https://evil.example"}), 403, "cross_origin"),
        ]:
            assert (response.status_code, response.json()["name"]) == (status, name)
        for content in (b"", b"{", b"[]", b'{"frames":["\xff"]}', b'{"frames":[],"more":1}'):
            headers = {"content-type": "application/json", "cookie": f"session={page.session}"}
            response = await page.http.post("/api/channels/poll", content=content, headers=headers)
            assert response.json()["name"] in ("malformed", "invalid_field")
        assert (await page.http.get("/api/channels/poll")).status_code == 405


async def test_a_full_or_leaving_node_says_when_to_come_back(redis: Redis) -> None:
    async with running_site(redis, door_limits=DoorLimits(polls_max=1)) as site, polling(site) as page:
        await page.join(ROOM)
        waiting = asyncio.ensure_future(page.poll(wait_ms=8_000))
        await until(lambda: site.channels.stats().polls == 1)
        full = await page.post()
        assert (full.status_code, full.headers["retry-after"]) == (503, "5")
        await site.channels.drain(1)
        assert [frame["op"] for frame in await waiting] == ["subscribed"]
        assert (await page.post()).status_code == 503


async def test_a_session_that_ends_ends_its_poll(site: Site, redis: Redis) -> None:
    await listening(redis)
    async with polling(site) as page:
        await page.join(ROOM)
        waiting = asyncio.ensure_future(page.post(wait_ms=8_000))
        await until(lambda: site.channels.stats().polls == 1)
        await announce(redis, Revoked(sessions=[page.session]))
        assert (await waiting).json()["name"] == "not_signed_in"


async def test_who_hangs_up_is_no_viewer_any_more(site: Site) -> None:
    async with polling(site) as page:
        await page.join(ROOM)
        waiting = asyncio.ensure_future(page.poll(wait_ms=25_000))
        await until(lambda: site.channels.stats().polls == 1)
        waiting.cancel()
        await until(lambda: site.channels.stats().polls == 0)
        assert not site.channels._hub.channels[ROOM].viewers
