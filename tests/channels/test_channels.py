"""Viewers of a channel, over real websockets: snapshot, pushes, commands, and nothing lost by a cut."""

import asyncio

import msgspec
import pytest
from redis.asyncio import Redis

from schemas.base import Envelope
from server.channels.limits import HubLimits
from server.channels.log import RECORDED_KEY, log_key, read_range
from tests.channels.kinds import HISTORY, TalkKind, TalkSaid
from tests.channels.site import ANNA, BORIS, HOST, Site, command_id, running_site

ROOM = "talk:room"


def texts(pushes: list[dict[str, object]]) -> list[object]:
    return [push["data"]["text"] for push in pushes]  # type: ignore[index]


async def test_a_subscriber_gets_a_snapshot_and_then_every_publication(site: Site) -> None:
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    await anna.subscribe(ROOM)
    await anna.say(ROOM, "one")
    await anna.pushes(1)  # `accepted` says that Redis has it; the node hears of it a moment later

    reply = await boris.subscribe(ROOM)
    accepted = await anna.say(ROOM, "two")

    assert reply["recovered"] is False
    assert reply["snapshot"] == {"said": [{"text": "one", "author_id": ANNA.id}]}
    assert reply["offset"] == 1
    (push,) = await boris.pushes(1)
    assert push["data"] == {"text": "two", "author_id": ANNA.id}
    assert (push["epoch"], push["offset"]) == (accepted["epoch"], accepted["offset"]) == (reply["epoch"], 2)


async def test_the_sender_hears_its_own_publications_too(site: Site) -> None:
    anna = await site.enter()
    await anna.subscribe(ROOM)
    await anna.say(ROOM, "one")
    assert texts(await anna.pushes(1)) == ["one"]


async def test_all_viewers_get_the_same_bytes(site: Site) -> None:
    viewers = [await site.enter(actor) for actor in (ANNA, BORIS, HOST)]
    for viewer in viewers:
        await viewer.subscribe(ROOM)
    sender = await site.enter(BORIS)
    await sender.subscribe(ROOM)
    await sender.say(ROOM, "привет 🎉")
    raw = [await viewer.socket.recv() for viewer in viewers]
    assert raw[0] == raw[1] == raw[2]


async def test_a_retried_command_is_published_once_and_gets_the_first_offset(site: Site) -> None:
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    await boris.subscribe(ROOM)
    await anna.subscribe(ROOM)
    command = command_id()
    replies = [await anna.say(ROOM, "once", command) for _ in range(10)]
    await anna.say(ROOM, "last")
    assert {(reply["op"], reply["offset"]) for reply in replies} == {("accepted", 1)}
    assert texts(await boris.pushes(2)) == ["once", "last"]


async def test_ten_retries_at_once_from_ten_connections_have_one_effect(site: Site) -> None:
    clients = [await site.enter(ANNA) for _ in range(10)]
    for client in clients:
        await client.subscribe(ROOM)
    command = command_id()
    replies = await asyncio.gather(*(client.say(ROOM, "once", command) for client in clients))
    assert {(reply["op"], reply["epoch"], reply["offset"]) for reply in replies} == {
        ("accepted", replies[0]["epoch"], 1),
    }


async def test_a_retry_gets_the_first_outcome_although_the_room_has_closed_since(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await site.enter()
    await anna.subscribe(ROOM)
    command = command_id()
    await anna.say(ROOM, "just in time", command)
    monkeypatch.setattr(TalkKind, "closed", {"room"})
    again, other = await anna.say(ROOM, "just in time", command), await anna.say(ROOM, "too late")
    assert (again["op"], again["offset"]) == ("accepted", 1)
    assert other["name"] == "message_empty"


@pytest.mark.parametrize("second", [(BORIS, "one"), (ANNA, "two")])
async def test_a_command_id_of_another_command_is_a_conflict(site: Site, second: tuple[object, str]) -> None:
    actor, text = second
    command = command_id()
    anna, other = await site.enter(ANNA), await site.enter(actor)  # type: ignore[arg-type]
    await anna.subscribe(ROOM)
    await other.subscribe(ROOM)
    await anna.say(ROOM, "one", command)
    reply = await other.say(ROOM, text, command)
    assert (reply["op"], reply["name"]) == ("error", "idempotency_conflict")


async def test_what_was_missed_during_a_cut_comes_with_the_reply_once_and_in_order(site: Site) -> None:
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    await anna.subscribe(ROOM)
    reply = await boris.subscribe(ROOM)
    await anna.say(ROOM, "1")
    (push,) = await boris.pushes(1)
    await boris.cut()
    for number in range(2, 6):
        await anna.say(ROOM, str(number))
    await anna.pushes(5)

    back = await site.enter(BORIS)  # 0 ms after the cut
    resumed = await back.subscribe(ROOM, (reply["epoch"], push["offset"]))
    await anna.say(ROOM, "6")

    assert resumed["recovered"] is True
    assert resumed["snapshot"] is None
    assert texts(resumed["publications"]) == ["2", "3", "4", "5"]
    assert [missed["offset"] for missed in resumed["publications"]] == [2, 3, 4, 5]
    assert texts(await back.pushes(1)) == ["6"]


async def test_a_reader_that_missed_nothing_is_told_so(site: Site) -> None:
    anna = await site.enter()
    reply = await anna.subscribe(ROOM)
    again = await anna.subscribe(ROOM, (reply["epoch"], reply["offset"]))
    assert (again["recovered"], again["publications"], again["snapshot"]) == (True, [], None)


async def test_a_reader_from_another_epoch_or_from_the_future_gets_a_snapshot(site: Site) -> None:
    anna = await site.enter()
    reply = await anna.subscribe(ROOM)
    await anna.say(ROOM, "1")
    await anna.pushes(1)
    for position in [("0000", 0), (reply["epoch"], 99)]:
        fresh = await anna.subscribe(ROOM, position)
        assert fresh["recovered"] is False
        assert fresh["offset"] == 1
        assert texts([{"data": said} for said in fresh["snapshot"]["said"]]) == ["1"]


async def test_what_the_ring_has_lost_is_read_from_the_log(redis: Redis) -> None:
    async with running_site(redis, limits=HubLimits(ring_length_max=3)) as site:
        anna = await site.enter()
        reply = await anna.subscribe(ROOM)
        for number in range(1, 11):
            await anna.say(ROOM, str(number))
        await anna.pushes(10)
        resumed = await anna.subscribe(ROOM, (reply["epoch"], 2))
        assert resumed["recovered"] is True
        assert texts(resumed["publications"]) == [str(number) for number in range(3, 11)]


async def test_who_missed_more_than_the_limit_gets_a_snapshot(redis: Redis) -> None:
    async with running_site(redis, limits=HubLimits(ring_length_max=3, recovered_max=5)) as site:
        anna = await site.enter()
        reply = await anna.subscribe(ROOM)
        for number in range(1, 11):
            await anna.say(ROOM, str(number))
        await anna.pushes(10)
        resumed = await anna.subscribe(ROOM, (reply["epoch"], 2))
        assert resumed["recovered"] is False
        assert resumed["offset"] == 10


async def test_a_node_that_starts_later_serves_the_same_history(site: Site, redis: Redis) -> None:
    anna = await site.enter()
    reply = await anna.subscribe(ROOM)
    for number in range(HISTORY + 5):
        await anna.say(ROOM, str(number))
    await anna.pushes(HISTORY + 5)
    here = await anna.subscribe(ROOM)
    async with running_site(redis) as other:
        boris = await other.enter(BORIS)
        there = await boris.subscribe(ROOM)
        resumed = await boris.subscribe(ROOM, (reply["epoch"], HISTORY))
        assert there["snapshot"] == here["snapshot"]
        assert (there["epoch"], there["offset"]) == (here["epoch"], here["offset"])
        assert texts(resumed["publications"]) == [str(number) for number in range(HISTORY, HISTORY + 5)]
        await anna.say(ROOM, "across")
        assert texts(await boris.pushes(1)) == ["across"]


async def test_a_command_records_its_event_in_the_same_log_entry(site: Site, redis: Redis) -> None:
    anna = await site.enter()
    await anna.subscribe(ROOM)
    await anna.say(ROOM, "for the record")
    assert await redis.smembers(RECORDED_KEY) == {ROOM.encode()}
    ((entry_id, fields),) = await read_range(redis, log_key(ROOM), 0, 9)
    envelope = msgspec.json.decode(fields[b"e"], type=Envelope)
    assert entry_id == "1-0"
    assert (envelope.source, envelope.type, envelope.subject) == ("talk", "talk.said.v1", "room")
    assert msgspec.json.decode(envelope.data, type=TalkSaid) == TalkSaid(room_id="room", text="for the record")


async def test_who_left_hears_nothing_more(site: Site) -> None:
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    await anna.subscribe(ROOM)
    await boris.subscribe(ROOM)
    left = await boris.ask(op="unsubscribe", channel=ROOM)
    await anna.say(ROOM, "secret")
    await anna.pushes(1)
    pong = await boris.ask(op="ping", t0_ms=1.5)
    assert left == {"op": "unsubscribed", "channel": ROOM, "id": left["id"], "reason": None}
    assert pong["t0_ms"] == 1.5
    assert not boris.inbox


async def test_frames_sent_ahead_of_their_answers_are_taken_in_order(site: Site) -> None:
    anna = await site.dial()
    await anna.send(op="connect", ticket=site.ticket())
    await anna.send(op="subscribe", channel=ROOM)
    await anna.send(op="unsubscribe", channel=ROOM)
    await anna.send(op="subscribe", channel=ROOM)
    await anna.send(op="publish", channel=ROOM, command_id=command_id(), data={"text": "quick"})
    ops = [(await anna.wait(lambda _: True))["op"] for _ in range(6)]
    assert ops[:4] == ["connected", "subscribed", "unsubscribed", "subscribed"]
    assert sorted(ops[4:]) == ["accepted", "push"]


async def test_a_chat_line_does_not_wait_for_a_heart_that_is_gathered_with_others(site: Site) -> None:
    anna = await site.enter()
    await anna.subscribe(ROOM)
    await anna.subscribe("rare_hearts:show")
    tap = {"channel": "rare_hearts:show", "data": {"counts": {"heart": 1}}}
    assert (await anna.ask(op="publish", command_id=command_id(), **tap))["op"] == "accepted"
    gathered = await anna.send(op="publish", command_id=command_id(), **tap)
    accepted = await anna.say(ROOM, "one")
    assert accepted["op"] == "accepted"
    assert gathered not in [frame.get("id") for frame in anna.inbox]


async def test_a_clock_sample_has_the_servers_time(site: Site) -> None:
    anna = await site.enter()
    pong = await anna.ask(op="ping", t0_ms=12.25)
    assert pong["t0_ms"] == 12.25
    assert 1_700_000_000_000 < pong["t1_ms"] <= pong["t2_ms"]
