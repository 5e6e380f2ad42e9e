"""Slow viewers, a Redis that goes away or comes back different, and deploys."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from redis.asyncio import Redis
from websockets.exceptions import InvalidStatus

from schemas.base import Envelope
from schemas.events.ledger import LineState, SaleEnded, StockFunded
from server.channels import live
from server.channels.framing import encode
from server.channels.limits import HubLimits, SessionLimits
from server.channels.log import log_key, meta_key, read_ends
from server.ledger.log import log_key as ledger_log_key
from tests.channels.kinds import CountKind, Sign
from tests.channels.site import ANNA, BORIS, PATIENCE_S, Site, enter_stuck, fill, running_site, until
from tests.redis.servers import own_valkey

ROOM = "talk:room"
GENEROUS = SessionLimits(frames_per_s=10_000, frames_burst=10_000)


async def test_a_stuck_viewer_does_not_hold_up_the_others_and_gets_a_gap_when_it_reads_again(redis: Redis) -> None:
    limits = HubLimits(ring_length_max=50)
    async with running_site(redis, limits=limits) as site:
        anna, stuck = await site.enter(ANNA), await enter_stuck(site, ROOM)
        await anna.subscribe(ROOM)
        sent = await fill(site, anna, stuck, ROOM)
        for number in range(60):  # the ring moves past the stuck viewer
            await anna.say(ROOM, f"last {number}")
        assert len(await anna.pushes(60)) == 60

        stuck.socket.transport.resume_reading()
        gap = await stuck.next("gap")
        assert gap["channel"] == ROOM
        assert gap["offset"] == sent + 60
        assert gap["snapshot"]["said"][-1]["text"] == "last 59"
        before = [frame["offset"] for frame in stuck.inbox if frame["op"] == "push"]
        assert before == list(range(1, len(before) + 1)), "what came before the gap had no hole"
        await anna.say(ROOM, "after")
        assert (await stuck.wait(lambda got: got.get("offset") == sent + 61))["data"]["text"] == "after"


async def test_a_slow_viewer_within_the_ring_gets_everything(redis: Redis) -> None:
    limits = HubLimits(ring_length_max=10_000, ring_bytes_max=64 * 1024 * 1024)
    async with running_site(redis, limits=limits) as site:
        anna, slow = await site.enter(ANNA), await enter_stuck(site, ROOM)
        await anna.subscribe(ROOM)
        sent = await fill(site, anna, slow, ROOM)
        slow.socket.transport.resume_reading()
        offsets = [push["offset"] for push in await slow.pushes(sent)]
        assert offsets == list(range(1, sent + 1))
        assert site.channels.stats().gaps == 0


async def test_a_viewer_that_reads_nothing_for_too_long_is_dropped(redis: Redis) -> None:
    limits = HubLimits(paused_ms_max=100)
    async with running_site(redis, limits=limits) as site:
        anna, stuck = await site.enter(ANNA), await enter_stuck(site, ROOM)
        await anna.subscribe(ROOM)
        await fill(site, anna, stuck, ROOM)
        await until(lambda: site.channels.stats().aborted_slow == 1)
        await until(lambda: site.channels.stats().connections == 1)
        await anna.say(ROOM, "still here")
        assert (await anna.pushes(1))[0]["data"]["text"] == "still here"


async def test_pushes_of_the_server_have_an_effect_once_and_old_versions_none(site: Site) -> None:
    anna = await site.enter()
    await anna.subscribe("sign:door")
    publish = site.channels.publish_push

    async def put(version: int, text: str, command: str) -> None:
        await publish("sign:door", encode(Sign(version=version, text=text)), command, version)

    await put(1, "open", "row-1")
    await put(1, "open", "row-1")
    await put(3, "closed", "row-3")
    await put(2, "closing", "row-2")
    await put(4, "gone", "row-4")
    last = await anna.wait(lambda got: got["op"] == "push" and got["data"]["version"] == 4)
    seen = [frame["data"]["version"] for frame in anna.inbox if frame["op"] == "push"]
    assert last["offset"] == 3
    assert 2 not in seen
    assert seen == sorted(set(seen))
    assert (await anna.subscribe("sign:door"))["snapshot"] == {"version": 4, "text": "gone"}


async def test_a_reader_of_a_state_channel_is_recovered_with_the_newest_alone(site: Site) -> None:
    anna = await site.enter()
    reply = await anna.subscribe("sign:door")
    for version in range(1, 6):
        await site.channels.publish_push("sign:door", encode(Sign(version=version, text="")), f"row-{version}", version)
    await anna.wait(lambda got: got.get("offset") == 5)
    resumed = await anna.subscribe("sign:door", (reply["epoch"], 2))
    assert resumed["recovered"] is True
    assert [missed["offset"] for missed in resumed["publications"]] == [5]


async def test_a_push_to_a_kind_that_does_not_exist_is_an_error_of_ours(site: Site) -> None:
    with pytest.raises(LookupError):
        await site.channels.publish_push("nothing:x", b"{}", "row-1", None)


async def fund(redis: Redis, epoch: str, seq: int, total: int) -> None:
    """An entry of the ledger's log of the show `s1`."""
    line = LineState(sku="A", quantity=1, available=total, held=0, sold=0)
    event = StockFunded(show_id="s1", epoch=epoch, seq=seq, command_id="c", at_ms=1, lines=[line], per_buyer_max=1)
    envelope = Envelope(id=f"{epoch}-{seq}", source="ledger", type="t", subject="s1", time_ms=1, data=msgspec.Raw(encode(event)))
    await redis.xadd(ledger_log_key("s1"), {"e": encode(envelope)}, id=f"{seq}-0")


async def test_a_channel_of_the_ledger_follows_its_log(site: Site, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    await fund(redis, "e1", 1, 10)
    monkeypatch.setattr(CountKind, "ledger", ("e1", 1, 10))
    anna = await site.enter()
    reply = await anna.subscribe("count:s1")
    assert (reply["epoch"], reply["offset"], reply["snapshot"]) == ("e1", 1, {"total": 10})
    await fund(redis, "e1", 2, 20)
    (push,) = await anna.pushes(1)
    assert (push["epoch"], push["offset"], push["data"]) == ("e1", 2, {"total": 20})
    resumed = await anna.subscribe("count:s1", ("e1", 0))
    assert [missed["data"]["total"] for missed in resumed["publications"]] == [10, 20]


async def close_sale(redis: Redis, seq: int) -> None:
    """An entry that is nothing to the kinds of these tests."""
    event = SaleEnded(show_id="s1", epoch="e1", seq=seq, command_id="c", at_ms=1, sale_id="s", reason="time")
    envelope = Envelope(id=f"e1-{seq}", source="ledger", type="t", subject="s1", time_ms=1, data=msgspec.Raw(encode(event)))
    await redis.xadd(ledger_log_key("s1"), {"e": encode(envelope)}, id=f"{seq}-0")


async def test_entries_that_are_nothing_to_a_channel_move_it_on_and_nobody_hears_of_them(
    site: Site, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fund(redis, "e1", 1, 10)
    monkeypatch.setattr(CountKind, "ledger", ("e1", 1, 10))
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    await anna.subscribe("count:s1")
    await fund(redis, "e1", 2, 20)
    for seq in (3, 4, 5):
        await close_sale(redis, seq)
    await fund(redis, "e1", 6, 60)
    await fund(redis, "e1", 7, 70)
    pushes = await anna.pushes(3)
    assert [(push["after"], push["offset"], push["data"]["total"]) for push in pushes] == [(1, 2, 20), (2, 6, 60), (6, 7, 70)]
    await close_sale(redis, 8)
    await fund(redis, "e1", 9, 90)
    await anna.pushes(1)
    # From within the silence, from the ring and, behind it, from the ledger's log.
    for position, missed in ((4, [(2, 6), (6, 7), (7, 9)]), (8, [(7, 9)]), (0, [(0, 1), (1, 2), (2, 6), (6, 7), (7, 9)])):
        reply = await boris.subscribe("count:s1", ("e1", position))
        assert reply["recovered"] is True
        assert reply["offset"] == 9
        assert [(each["after"], each["offset"]) for each in reply["publications"]] == missed


async def test_two_kinds_on_one_ledger_log_each_get_every_entry_once(
    site: Site, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    await anna.subscribe("count:s1")
    for seq in range(1, 4):
        await fund(redis, "e1", seq, seq)
    await anna.pushes(3)
    monkeypatch.setattr(CountKind, "ledger", ("e1", 1, 1))  # as if read before entries 2 and 3 came
    await boris.subscribe("tally:s1")
    assert [push["offset"] for push in await boris.pushes(2)] == [2, 3]
    await fund(redis, "e1", 4, 4)
    assert (await boris.pushes(1))[0]["offset"] == 4
    assert (await anna.wait(lambda got: got.get("offset") == 4))["data"] == {"total": 4}


async def test_a_new_epoch_gives_everybody_a_gap_with_the_new_state(site: Site, redis: Redis) -> None:
    anna = await site.enter()
    old = await anna.subscribe(ROOM)
    for number in range(3):
        await anna.say(ROOM, f"before {number}")
    await anna.pushes(3)
    await redis.delete(log_key(ROOM), meta_key(ROOM))
    accepted = await anna.say(ROOM, "after")
    gap = await anna.next("gap")
    assert accepted["epoch"] == gap["epoch"] != old["epoch"]
    assert (gap["offset"], [said["text"] for said in gap["snapshot"]["said"]]) == (1, ["after"])


async def test_history_that_shrank_behind_the_nodes_back_is_noticed(redis: Redis) -> None:
    async with running_site(redis, limits=HubLimits(verify_ms=50)) as site, running_site(redis) as other:
        anna, boris = await site.enter(ANNA), await other.enter(BORIS)
        await anna.subscribe(ROOM)
        await boris.subscribe(ROOM)
        for number in range(3):
            await anna.say(ROOM, f"before {number}")
        await anna.pushes(3)
        await redis.delete(log_key(ROOM), meta_key(ROOM))
        accepted = await boris.say(ROOM, "after")
        gap = await anna.next("gap")  # from before or from after the new message: both lead to the same state
        said = [entry["text"] for entry in gap["snapshot"]["said"]]
        if gap["offset"] == 0:
            said += [push["data"]["text"] for push in await anna.pushes(1)]
        assert gap["epoch"] == accepted["epoch"]
        assert said == ["after"]


async def test_a_publication_that_comes_while_the_ends_are_read_is_no_loss(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = asyncio.Event()
    async with running_site(redis, limits=HubLimits(verify_ms=50)) as site:
        anna = await site.enter(ANNA)
        await anna.subscribe(ROOM)

        async def read_then_publish(asked: Redis, streams: Sequence[str]) -> list[int]:
            ends = await read_ends(asked, streams)
            if streams and not compared.is_set():
                await anna.say(ROOM, "meanwhile")
                await anna.pushes(1)
                compared.set()
            return ends

        monkeypatch.setattr(live, "read_ends", read_then_publish)
        await asyncio.wait_for(compared.wait(), PATIENCE_S)
        for number in range(10):  # a channel that is loaded anew has its gap by then
            await anna.say(ROOM, f"after {number}")
        await anna.pushes(10)
        assert site.channels.stats().gaps == 0


async def test_while_redis_is_away_commands_are_refused_and_the_connection_stays(tmp_path: Path) -> None:
    async with own_valkey(tmp_path) as (server, redis), running_site(redis) as site:
        anna = await site.enter()
        await anna.subscribe(ROOM)
        await anna.say(ROOM, "before")
        await server.stop()
        refused = await anna.say(ROOM, "during")
        other = await anna.subscribe("talk:other")
        assert (refused["name"], refused["temporary"]) == ("unavailable", True)
        assert other["name"] == "unavailable"

        await server.start()
        accepted = await anna.say(ROOM, "after")
        assert accepted["op"] == "accepted"
        gap = await anna.next("gap")  # another server process answers: what it holds is what counts
        said = [entry["text"] for entry in gap["snapshot"]["said"]]
        said += [frame["data"]["text"] for frame in anna.inbox if frame["op"] == "push" and frame["offset"] > gap["offset"]]
        if "after" not in said:
            said.append((await anna.wait(lambda got: got.get("offset") == accepted["offset"]))["data"]["text"])
        assert said == ["before", "after"]


async def test_a_drained_node_sends_its_viewers_away_in_steps_and_takes_no_others(site: Site) -> None:
    clients = [await site.enter() for _ in range(10)]
    began = time.monotonic()
    ended, _ = await asyncio.gather(
        asyncio.gather(*(client.closed() for client in clients)),
        site.channels.drain(400),
    )
    assert set(ended) == {(4000, "shutdown")}
    assert time.monotonic() - began > 0.2
    with pytest.raises(InvalidStatus) as refused:
        await site.enter()
    assert refused.value.response.status_code == 503


async def test_a_channel_without_viewers_is_given_up_after_a_while(redis: Redis) -> None:
    async with running_site(redis, limits=HubLimits(idle_channel_ms=10)) as site:
        anna = await site.enter()
        await anna.subscribe(ROOM)
        assert site.channels.stats().channels == 1
        await anna.cut()
        await until(lambda: site.channels.stats().channels == 0)
        boris = await site.enter(BORIS)
        await boris.subscribe(ROOM)
        await boris.say(ROOM, "back")
        assert (await boris.pushes(1))[0]["data"]["text"] == "back"


async def test_fifty_viewers_that_come_at_once_cost_one_read_of_the_channel(site: Site, redis: Redis) -> None:
    clients = [await site.enter() for _ in range(50)]
    before = (await redis.info("commandstats")).get("cmdstat_xrevrange", {"calls": 0})["calls"]
    replies = await asyncio.gather(*(client.subscribe("talk:crowd") for client in clients))
    after = (await redis.info("commandstats"))["cmdstat_xrevrange"]["calls"]
    assert {reply["op"] for reply in replies} == {"subscribed"}
    assert after - before <= 2, "one script, which reads the log's end and its last entries"
