"""Placement against a real Valkey."""

import asyncio

from redis.asyncio import Redis

from media.placement import Placement
from schemas.media import NODE_LEASE_MS, MediaNodeEntry
from tests.fakes.clock import FakeClock


def node(name: str) -> MediaNodeEntry:
    return MediaNodeEntry(
        node_id=name, control_url="http://192.0.2.1:1", streams=0, subscribers=0, draining=False, renewed_at_ms=0
    )


async def test_the_first_claim_wins_while_its_node_lives(redis: Redis, clock: FakeClock) -> None:
    placement = Placement(redis, clock)
    await placement.renew(node("a"))
    await placement.renew(node("b"))
    assert await placement.claim("show", "a") == "a"
    assert await placement.claim("show", "b") == "a"
    owner = await placement.owner("show")
    assert owner is not None
    assert (owner.node_id, owner.renewed_at_ms) == ("a", clock.now_ms())
    assert await placement.node("a") == owner
    await placement.forget("a")
    assert await placement.owner("show") is None
    assert await placement.node("a") is None
    assert await placement.claim("show", "b") == "b"


async def test_many_claims_at_once_have_one_winner(redis: Redis, clock: FakeClock) -> None:
    placement = Placement(redis, clock)
    names = [f"node-{number}" for number in range(20)]
    await asyncio.gather(*(placement.renew(node(name)) for name in names))
    winners = await asyncio.gather(*(placement.claim("show", name) for name in names))
    assert len(set(winners)) == 1


async def test_a_node_whose_lease_ran_out_is_not_listed(redis: Redis, clock: FakeClock) -> None:
    placement = Placement(redis, clock)
    await placement.renew(node("a"))
    await placement.renew(node("b"))
    assert 0 < await redis.pttl("{media}:node:a") <= NODE_LEASE_MS
    await redis.delete("{media}:node:a")  # what the end of the lease does
    assert [entry.node_id for entry in await placement.nodes()] == ["b"]
    assert await redis.smembers("{media}:nodes") == {b"b"}


async def test_a_node_renews_its_own_claims_only(redis: Redis, clock: FakeClock) -> None:
    placement = Placement(redis, clock)
    await placement.renew(node("a"))
    await placement.claim("mine", "a")
    await placement.claim("other", "b")
    for key in ("mine", "other"):
        await redis.pexpire(f"{{media}}:stream:{key}", 5_000)
    await placement.renew(node("a"), ["mine", "other", "unknown"])
    assert await redis.pttl("{media}:stream:mine") > 5_000
    assert await redis.pttl("{media}:stream:other") <= 5_000
    assert await redis.exists("{media}:stream:unknown") == 0


async def test_an_empty_registry_has_no_nodes(redis: Redis, clock: FakeClock) -> None:
    assert await Placement(redis, clock).nodes() == []
    assert await Placement(redis, clock).owner("show") is None
