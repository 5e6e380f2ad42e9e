"""What a client does wrong is answered with a numbered error frame or a close code, and touches nobody else."""

import asyncio

import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from schemas.frames import CHANNELS_MAX, FRAME_BYTES_MAX
from server.channels.limits import HubLimits, SessionLimits
from server.kernel.errors import Unavailable
from tests.channels.site import ANNA, BORIS, HOST, Site, command_id, running_site

ROOM = "talk:room"


async def test_a_ticket_is_good_once(site: Site) -> None:
    ticket = site.ticket()
    first, second = await site.dial(), await site.dial()
    assert (await first.ask(op="connect", ticket=ticket))["actor_id"] == ANNA.id
    refused = await second.ask(op="connect", ticket=ticket)
    assert (refused["code"], refused["name"]) == (2002, "ticket_expired")
    assert await second.closed() == (4003, "ticket_expired")


async def test_the_first_frame_must_be_connect(site: Site) -> None:
    client = await site.dial()
    refused = await client.subscribe(ROOM)
    assert (refused["code"], refused["name"]) == (2000, "not_signed_in")
    assert (await client.ask(op="connect", ticket=site.ticket()))["op"] == "connected"


async def test_a_silent_connection_is_closed_after_the_deadline(redis: Redis) -> None:
    async with running_site(redis, session_limits=SessionLimits(connect_deadline_ms=50)) as site:
        assert await (await site.dial()).closed() == (4004, "connect_deadline")


async def test_a_peer_that_answers_no_pings_is_closed(redis: Redis) -> None:
    async with running_site(redis, session_limits=SessionLimits(ping_ms=30)) as site:
        client = await site.enter()
        assert await client.closed() == (4002, "no_pong")
        assert [frame["op"] for frame in client.inbox] == ["ping", "ping"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.evil.example", "ftp://shop.example"])
async def test_pages_of_other_sites_are_turned_away(site: Site, origin: str) -> None:
    assert await (await site.dial(origin)).closed() == (4501, "forbidden_origin")


async def test_pages_of_the_shop_and_of_the_same_host_are_welcome(site: Site) -> None:
    for origin in ["https://shop.example", "HTTPS://Shop.Example", f"http://{site.address}"]:
        client = await site.dial(origin)
        assert (await client.ask(op="connect", ticket=site.ticket()))["op"] == "connected"


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ("{", "malformed"),
        ("[1]", "invalid_field"),
        ('"connect"', "invalid_field"),
        ("{}", "unknown_operation"),
        ('{"op":"dance","id":7}', "unknown_operation"),
        ('{"op":"ping","id":7,"t0_ms":1,"extra":1}', "invalid_field"),
        ('{"op":"ping","id":"7","t0_ms":1}', "invalid_field"),
        ('{"op":"ping","id":7}', "invalid_field"),
        ('{"op":"ping","id":7,"t0_ms":"soon"}', "invalid_field"),
        ('{"op":"subscribe","id":7,"channel":"no colon"}', "invalid_field"),
        ('{"op":"subscribe","id":7,"channel":"talk:room","position":{"epoch":"e","offset":-1}}', "invalid_field"),
        ('{"op":"publish","id":7,"channel":"talk:room","command_id":"mine","data":{}}', "invalid_field"),
        ('{"op":"publish","id":7,"data":' + "[" * 5_000 + "]" * 5_000 + "}", "malformed"),
    ],
)
async def test_a_frame_that_cannot_be_read_is_answered_and_the_connection_lives(site: Site, frame: str, name: str) -> None:
    client = await site.enter()
    await client.socket.send(frame)
    error = await client.next("error")
    assert error["name"] == name
    assert error["detail"]
    assert error["id"] == (7 if '"id":7' in frame and name != "malformed" else None)
    assert (await client.ask(op="ping", t0_ms=0))["op"] == "pong"


async def test_a_binary_frame_is_malformed(site: Site) -> None:
    client = await site.enter()
    await client.socket.send(b'{"op":"pong"}')
    assert (await client.next("error"))["name"] == "malformed"


async def test_the_third_bad_frame_ends_the_connection(site: Site) -> None:
    client = await site.enter()
    for _ in range(3):
        await client.socket.send("{")
    assert await client.closed() == (4500, "bad_frames")
    assert len(client.inbox) == 3


async def test_a_frame_above_the_limit_ends_the_connection_with_a_number(site: Site) -> None:
    client, other = await site.enter(), await site.enter(BORIS)
    await client.subscribe(ROOM)
    await client.send(op="publish", channel=ROOM, command_id=command_id(), data={"text": "x" * FRAME_BYTES_MAX})
    assert await client.closed() == (4503, "too_large")
    assert client.inbox[-1]["code"] == 1003
    assert (await other.subscribe(ROOM))["offset"] == 0


async def test_a_frame_far_above_the_limit_is_not_even_read(site: Site) -> None:
    client = await site.enter()
    await client.socket.send("x" * (5 * FRAME_BYTES_MAX))
    code, _ = await client.closed()
    assert code == 1009


async def test_text_that_is_not_utf_8_ends_the_connection(site: Site) -> None:
    client = await site.enter()
    client.socket.protocol.send_text(b"\xff\xfe")
    client.socket.send_data()
    code, _ = await client.closed()
    assert code == 1007


@pytest.mark.parametrize("channel", ["nothing:room", "talk:nowhere"])
async def test_a_channel_that_does_not_exist(site: Site, channel: str) -> None:
    client = await site.enter()
    assert (await client.subscribe(channel))["name"] == "unknown_channel"
    assert (await client.say(channel, "hello"))["name"] == "not_subscribed"


async def test_a_channel_for_others(site: Site) -> None:
    anna, host = await site.enter(ANNA), await site.enter(HOST)
    refused = await anna.subscribe("talk:private")
    assert (refused["code"], refused["name"], refused["temporary"]) == (2001, "forbidden", False)
    assert (await host.subscribe("talk:private"))["op"] == "subscribed"
    await host.say("talk:private", "among us")
    assert (await anna.ask(op="ping", t0_ms=0))["op"] == "pong"
    assert not anna.inbox


async def test_publishing_needs_a_subscription_and_a_channel_that_takes_commands(site: Site) -> None:
    anna = await site.enter()
    assert (await anna.say(ROOM, "hello"))["name"] == "not_subscribed"
    await anna.subscribe("sign:door")
    assert (await anna.say("sign:door", "open"))["name"] == "read_only_channel"
    assert (await anna.ask(op="unsubscribe", channel=ROOM))["name"] == "not_subscribed"


@pytest.mark.parametrize("data", [{"text": "hi", "colour": "red"}, {"text": 5}, {}, [], "hi", None])
async def test_a_command_of_the_wrong_shape_is_refused(site: Site, data: object) -> None:
    anna = await site.enter()
    await anna.subscribe(ROOM)
    reply = await anna.ask(op="publish", channel=ROOM, command_id=command_id(), data=data)
    assert reply["name"] == "invalid_field"
    assert (await anna.subscribe(ROOM))["offset"] == 0


async def test_a_kinds_refusal_says_what_to_do(site: Site) -> None:
    anna = await site.enter()
    await anna.subscribe(ROOM)
    reply = await anna.say(ROOM, "")
    assert (reply["name"], reply["detail"]) == ("message_empty", "Say something")


async def test_a_person_on_two_connections_has_one_budget(site: Site) -> None:
    first, second, other = await site.enter(ANNA), await site.enter(ANNA), await site.enter(BORIS)
    for client in (first, second, other):
        await client.subscribe("slow_talk:room")
    assert (await first.say("slow_talk:room", "1"))["op"] == "accepted"
    assert (await second.say("slow_talk:room", "2"))["op"] == "accepted"
    refused = await second.say("slow_talk:room", "3")
    assert (refused["name"], refused["temporary"]) == ("rate_limited", True)
    assert 0 < refused["retry_after_ms"] <= 10_000
    assert (await other.say("slow_talk:room", "4"))["op"] == "accepted"


async def test_a_flood_of_frames_is_refused_and_then_ended(redis: Redis) -> None:
    limits = SessionLimits(frames_per_s=0.01, frames_burst=5, refused_in_a_row_max=20)
    async with running_site(redis, session_limits=limits) as site:
        client = await site.enter()
        for number in range(100, 140):
            await client.send(op="ping", id=number, t0_ms=0)
        assert await client.closed() == (4504, "flooding")
        refused = [frame for frame in client.inbox if frame["op"] == "error"]
        assert {frame["name"] for frame in refused} == {"rate_limited"}
        assert [frame["id"] for frame in refused] == list(range(104, 125))


async def test_a_connection_has_a_limited_number_of_channels(site: Site) -> None:
    anna = await site.enter()
    for number in range(CHANNELS_MAX):
        assert (await anna.subscribe(f"talk:r{number}"))["op"] == "subscribed"
    assert (await anna.subscribe("talk:one_more"))["name"] == "too_many_channels"
    await anna.ask(op="unsubscribe", channel="talk:r0")
    assert (await anna.subscribe("talk:one_more"))["op"] == "subscribed"


async def test_a_full_node_says_so_before_the_handshake(redis: Redis) -> None:
    async with running_site(redis, limits=HubLimits(connections_max=1)) as site:
        first = await site.enter()
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{site.address}/ws")
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "5"
        await first.leave()
        assert (await site.enter(BORIS)) is not None


async def test_a_bug_in_a_kind_is_an_error_frame_and_nothing_else(site: Site) -> None:
    anna = await site.enter()
    await anna.subscribe(ROOM)
    reply = await anna.say(ROOM, "crash")
    assert (reply["name"], reply["temporary"]) == ("internal", True)
    assert (await anna.say(ROOM, "fine"))["op"] == "accepted"


async def test_a_publication_that_cannot_be_applied_ends_its_channel_with_a_reason(site: Site) -> None:
    anna = await site.enter()
    await anna.subscribe(ROOM)
    await anna.subscribe("talk:other")
    await anna.say(ROOM, "poison")
    assert await anna.next("unsubscribed") == {"op": "unsubscribed", "channel": ROOM, "id": None, "reason": "internal"}
    assert (await anna.say("talk:other", "fine"))["op"] == "accepted"


async def test_no_database_is_a_temporary_refusal(site: Site) -> None:
    anna = await site.enter()
    site.units.broken = Unavailable("the database is away")
    refused = await anna.subscribe(ROOM)
    site.units.broken = None
    assert (refused["name"], refused["temporary"]) == ("unavailable", True)
    assert (await anna.subscribe(ROOM))["op"] == "subscribed"


async def test_five_hundred_random_texts_never_break_the_node(site: Site) -> None:
    async def babble(text: str) -> None:
        client = await site.dial()
        await client.socket.send(text)
        await client.next("error")
        await client.cut()

    samples = [f"{chr(33 + number % 90)}{number}" * (number % 7 + 1) for number in range(500)]
    for start in range(0, len(samples), 50):
        await asyncio.gather(*(babble(text) for text in samples[start : start + 50]))
    assert (await (await site.enter()).subscribe(ROOM))["op"] == "subscribed"
