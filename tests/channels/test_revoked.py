"""Sessions that end and rights that shrink while somebody is connected."""

import asyncio
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from schemas.errors import BLOCKED, WireError
from server.bus.asking import AskRegistry
from server.bus.outbox import OutboxRelay
from server.bus.unit_of_work import UnitsOfWork
from server.channels import endpoint
from server.kernel.errors import Unavailable
from server.kernel.module import SYSTEM, Actor, Context
from server.redis.revocations import CHANNEL, Revoked, announce
from server.store.database import Database
from tests.channels.kinds import TalkKind
from tests.channels.site import ANNA, BORIS, HOST, PATIENCE_S, Site, running_site, until
from tests.fakes.clock import FakeClock

ROOM = "talk:room"


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Ids of actors that may not read the channels of `talk`."""
    ids: set[str] = set()

    def authorise(self: TalkKind, actor: Actor, facts: Any) -> WireError | None:
        return BLOCKED if actor.id in ids else None

    monkeypatch.setattr(TalkKind, "authorise", authorise)
    return ids


async def listening(redis: Redis, nodes: int = 1) -> None:
    """Wait until so many nodes hear of revocations."""
    async with asyncio.timeout(PATIENCE_S):
        while (await redis.pubsub_numsub(CHANNEL))[0][1] < nodes:  # noqa: ASYNC110 - Redis has no event for it
            await asyncio.sleep(0.005)


async def test_an_ended_session_is_closed_on_every_node_within_a_second(redis: Redis) -> None:
    async with running_site(redis) as here, running_site(redis) as there:
        await listening(redis, 2)
        session = here.session(ANNA)
        there.people.sessions[session] = ANNA
        mine = [await here.enter(session=session), await there.enter(session=session)]
        other = await here.enter(ANNA)
        began = time.monotonic()
        await announce(redis, Revoked(sessions=[session]))
        assert [await client.closed() for client in mine] == [(4502, "signed_out")] * 2
        assert time.monotonic() - began < 1
        assert (await other.ask(op="ping", t0_ms=0))["op"] == "pong", "another session of the same person goes on"


async def test_who_is_blocked_loses_the_channel_with_the_reason_and_nothing_else(
    site: Site, redis: Redis, blocked: set[str]
) -> None:
    await listening(redis)
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    for client in (anna, boris):
        await client.subscribe(ROOM)
        await client.subscribe("sign:door")
    blocked.add(ANNA.id)
    await announce(redis, Revoked(actors=[ANNA.id]))
    assert await anna.next("unsubscribed") == {"op": "unsubscribed", "channel": ROOM, "id": None, "reason": "blocked"}
    await boris.say(ROOM, "among us")
    assert (await boris.pushes(1))[0]["data"]["text"] == "among us"
    assert (await anna.say(ROOM, "still here?"))["name"] == "not_subscribed"
    assert (await anna.subscribe(ROOM))["name"] == "blocked"
    assert (await anna.subscribe("sign:door"))["op"] == "subscribed"
    assert [frame["op"] for frame in anna.inbox] == []


async def test_a_revocation_is_carried_by_the_outbox_and_not_lost_while_redis_refuses_it(
    site: Site, redis: Redis, blocked: set[str], sqlite_database: Database, clock: FakeClock
) -> None:
    await listening(redis)
    anna = await site.enter(ANNA)
    await anna.subscribe(ROOM)
    relay = OutboxRelay(sqlite_database, redis, site.channels.publish_push, clock)
    async with UnitsOfWork(sqlite_database, clock, AskRegistry([]), {})(SYSTEM) as ctx:
        blocked.add(ANNA.id)
        ctx.revoke(ANNA.id)
    assert await relay.relay_once() == 1
    assert (await anna.next("unsubscribed"))["reason"] == "blocked"
    assert await relay.relay_once() == 0


async def test_facts_that_were_being_read_when_rights_shrank_do_not_let_anybody_in(
    site: Site, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listening(redis)
    anna, boris = await site.enter(ANNA), await site.enter(BORIS)
    reading, go_on = asyncio.Event(), asyncio.Event()
    open_now = True

    async def load(self: TalkKind, ctx: Context, subject: str) -> Any:
        was_open = open_now
        if not reading.is_set():
            reading.set()
            await go_on.wait()
        return subject if was_open else "private"

    monkeypatch.setattr(TalkKind, "load", load)
    await boris.send(op="subscribe", channel=ROOM)
    await reading.wait()
    open_now = False
    await announce(redis, Revoked(actors=[ANNA.id]))
    await anna.ask(op="ping", t0_ms=0)
    await until(lambda: site.channels._admission._era > 1)
    assert (await anna.subscribe(ROOM))["name"] == "forbidden"
    go_on.set()
    assert (await boris.next("error"))["name"] == "forbidden"


async def test_a_new_name_and_new_roles_reach_the_connection(site: Site, redis: Redis) -> None:
    await listening(redis)
    session = site.session(ANNA)
    client = await site.enter(session=session)
    await client.subscribe(ROOM)
    assert (await client.subscribe("talk:private"))["name"] == "forbidden"
    site.people.sessions[session] = Actor(ANNA.id, "account", "Anna Host", roles=frozenset({"host"}))
    await announce(redis, Revoked(actors=[ANNA.id]))

    async def promoted() -> bool:
        return bool((await client.subscribe("talk:private"))["op"] == "subscribed")

    async with asyncio.timeout(PATIENCE_S):
        while not await promoted():
            pass
    assert not [frame for frame in client.inbox if frame["op"] == "unsubscribed"], "what may still be read stays"


async def test_a_node_that_did_not_hear_for_a_while_looks_at_everybody(
    redis: Redis, blocked: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "LOOK_STEP_MS", 10)
    monkeypatch.setattr(endpoint, "LOOKS_PER_STEP", 2)
    async with running_site(redis) as site:
        await listening(redis)
        clients = [await site.enter(ANNA) for _ in range(5)]
        gone, host = site.session(BORIS), await site.enter(HOST)
        boris = await site.enter(session=gone)
        for client in (*clients, boris, host):
            await client.subscribe(ROOM)
        blocked.add(ANNA.id)
        del site.people.sessions[gone]
        await redis.client_kill_filter(_type="pubsub", skipme=True)
        for client in clients:
            assert (await client.next("unsubscribed"))["reason"] == "blocked"
        assert await boris.closed() == (4502, "signed_out")
        assert (await host.ask(op="ping", t0_ms=0))["op"] == "pong"
        assert not host.inbox


async def test_while_nobody_can_say_who_it_is_the_connection_stays_and_is_looked_at_later(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "LOOK_STEP_MS", 10)
    async with running_site(redis) as site:
        await listening(redis)
        session = site.session(ANNA)
        anna = await site.enter(session=session)
        asked = 0

        class Broken(dict[str, Actor]):
            def get(self, key: str, default: Any = None) -> Any:
                nonlocal asked
                asked += 1
                raise Unavailable("the database is away")

        site.people.sessions = Broken()
        await announce(redis, Revoked(actors=[ANNA.id]))
        await until(lambda: asked >= 3)
        assert (await anna.ask(op="ping", t0_ms=0))["op"] == "pong"
        site.people.sessions = {}
        assert await anna.closed() == (4502, "signed_out")


async def test_news_that_cannot_be_read_does_no_harm(site: Site, redis: Redis) -> None:
    await listening(redis)
    session = site.session(ANNA)
    anna = await site.enter(session=session)
    for text in (b"{", b"[]", b'{"sessions":5}'):
        await redis.publish(CHANNEL, text)
    await announce(redis, Revoked(sessions=[session]))
    assert await anna.closed() == (4502, "signed_out")
