"""Commands that only count: added once each, gathered, and shown as totals."""

import asyncio
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from server.channels import tallies
from server.channels.log import ChannelLog, Published, Tally, log_key
from server.channels.tallies import Tallies
from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.kernel.tasks import supervised
from server.redis.connection import connect
from tests.channels.site import ANNA, BORIS, Client, Site, command_id, running_site

SHOW = "hearts:show"


async def tally(log: ChannelLog, *commands: Tally) -> list[Published]:
    return await log.tally(SHOW, commands, at_ms=5, length_max=100)


async def totals(log: ChannelLog) -> dict[str, int]:
    entries = (await log.open(SHOW, 1)).entries
    counts: dict[str, int] = msgspec.json.decode(entries[-1].data)["counts"] if entries else {}
    return counts


async def test_a_batch_is_one_publication_and_everybody_gets_its_position(log: ChannelLog) -> None:
    await tally(log, Tally("c0", "f", {"heart": 1}))
    answers = await tally(log, *(Tally(f"c{number}", "f", {"heart": 2, "fire": 1}) for number in range(1, 4)))
    assert {(answer.outcome, answer.offset) for answer in answers} == {("appended", 2)}
    (entry,) = (await log.open(SHOW, 1)).entries
    assert entry.data == b'{"counts":{"fire":3,"heart":7}}'


async def test_a_command_counts_once_within_a_batch_and_over_batches(log: ChannelLog, redis: Redis) -> None:
    once = Tally("same", "f", {"heart": 1})
    first = await tally(log, once, once, Tally("same", "other", {"heart": 1}))
    again = await tally(log, once, Tally("same", "other", {"heart": 1}))
    assert [answer.outcome for answer in first] == ["appended", "duplicate", "conflict"]
    assert [answer.outcome for answer in again] == ["duplicate", "conflict"]
    assert {answer.offset for answer in (*first[:2], again[0])} == {1}
    assert await totals(log) == {"heart": 1}
    assert await redis.xlen(log_key(SHOW)) == 1, "a batch without news publishes nothing"


async def test_a_guard_holds_within_the_batch_as_well(log: ChannelLog) -> None:
    guard = [("anna", 60_000)]
    first, second = await tally(log, Tally("c1", "f", {"a": 1}, guard), Tally("c2", "f", {"a": 1}, guard))
    assert (first.outcome, second.outcome, second.guard) == ("appended", "guarded", 0)
    assert 0 < second.remaining_ms <= 60_000
    assert await totals(log) == {"a": 1}


async def test_totals_stay_integers_however_large(log: ChannelLog) -> None:
    await tally(log, Tally("c1", "f", {"heart": 2**53 - 1}), Tally("c2", "f", {"heart": 2, 'quo"te': -1}))
    assert await totals(log) == {"heart": 2**53 + 1, 'quo"te': -1}


commands = st.builds(
    Tally,
    command_id=st.sampled_from(["c1", "c2", "c3", "c4", "c5"]),
    fingerprint=st.just("f"),
    counts=st.dictionaries(st.sampled_from(["heart", "fire"]), st.integers(1, 20), min_size=1),
    guards=st.lists(st.just(("anna", 60_000)), max_size=1),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(commands, min_size=1, max_size=5), max_size=5))
def test_totals_are_the_sum_of_the_commands_that_were_accepted(valkey_url: str, batches: list[list[Tally]]) -> None:
    async def scenario() -> None:
        redis = connect(valkey_url)
        await redis.flushall()
        log = ChannelLog(redis)
        expected: Counter[str] = Counter()
        seen: dict[str, int] = {}
        held = False
        publications = 0
        for batch in batches:
            fresh = False
            for command, answer in zip(batch, await tally(log, *batch), strict=True):
                if command.command_id in seen:
                    assert (answer.outcome, answer.offset) == ("duplicate", seen[command.command_id])
                elif command.guards and held:
                    assert answer.outcome == "guarded"
                else:
                    assert (answer.outcome, answer.offset) == ("appended", publications + 1)
                    seen[command.command_id] = publications + 1
                    expected.update(command.counts)
                    fresh, held = True, held or bool(command.guards)
            publications += fresh
        assert await totals(log) == expected
        assert await redis.xlen(log_key(SHOW)) == publications
        await log.close()
        await redis.aclose()

    asyncio.run(scenario())


async def test_taps_of_a_moment_are_gathered_and_the_first_after_a_rest_goes_at_once(site: Site) -> None:
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    await anna.subscribe(SHOW)
    await boris.subscribe(SHOW)
    first = await tap(anna, heart=1)
    answers = await asyncio.gather(*(tap(client, heart=1) for client in (anna, boris)))
    assert first["offset"] == 1
    assert {answer["offset"] for answer in answers} == {2}
    push = await boris.wait(lambda got: got.get("op") == "push" and got["offset"] == 2)
    assert push["data"] == {"counts": {"heart": 3}}


async def test_ten_retries_at_once_from_ten_connections_count_once(site: Site) -> None:
    clients = [await site.enter(ANNA) for _ in range(10)]
    for client in clients:
        await client.subscribe(SHOW)
    command = command_id()
    answers = await asyncio.gather(*(tap(client, command, heart=7) for client in clients))
    assert {(answer["op"], answer["epoch"], answer["offset"]) for answer in answers} == {("accepted", answers[0]["epoch"], 1)}
    await tap(clients[0], heart=1)
    newest = await clients[0].wait(lambda got: got.get("op") == "push" and got["offset"] == 2)
    assert newest["data"] == {"counts": {"heart": 8}}


async def test_a_guarded_tap_is_refused_with_the_guards_error(site: Site) -> None:
    anna = await site.enter(ANNA)
    await anna.subscribe(SHOW)
    await anna.ask(op="publish", channel=SHOW, command_id=command_id(), data={"counts": {"a": 1}, "once_per": "x"})
    refused = await anna.ask(op="publish", channel=SHOW, command_id=command_id(), data={"counts": {"a": 1}, "once_per": "x"})
    assert (refused["name"], refused["temporary"]) == ("rate_limited", True)
    assert refused["retry_after_ms"] > 0


async def test_totals_outlive_the_node(redis: Redis) -> None:
    async with running_site(redis) as site:
        anna = await site.enter(ANNA)
        await anna.subscribe(SHOW)
        await tap(anna, heart=5)
    async with running_site(redis) as site:
        anna = await site.enter(ANNA)
        reply = await anna.subscribe(SHOW)
        assert reply["snapshot"] == {"counts": {"heart": 5}}
        await tap(anna, heart=1)
        push = await anna.next("push")
        assert push["data"] == {"counts": {"heart": 6}}


async def test_beyond_the_limit_taps_are_refused_and_the_waiting_ones_are_counted(
    log: ChannelLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "WAITING_MAX", 8)
    monkeypatch.setattr(tallies, "BATCH_MAX", 3)
    async with supervised("test") as tasks:
        counting = Tallies(log, SystemClock(), tasks)

        async def add(number: int) -> Published:
            return await counting.add(SHOW, Tally(f"c{number}", "f", {"heart": 1}), conflate_ms=0, length_max=10)

        results = await asyncio.gather(*(add(number) for number in range(10)), return_exceptions=True)
    assert [type(result) for result in results] == [Published] * 8 + [Unavailable] * 2
    assert [result.offset for result in results if isinstance(result, Published)] == [1] * 3 + [2] * 3 + [3] * 2
    assert await totals(log) == {"heart": 8}


async def tap(client: Client, command: str = "", **counts: int) -> dict[str, Any]:
    return await client.ask(op="publish", channel=SHOW, command_id=command or command_id(), data={"counts": counts})
