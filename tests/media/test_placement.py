"""Placement against a real Valkey."""

import asyncio
from pathlib import Path

import pytest
from msgspec import structs
from redis.asyncio import Redis

from media.placement import Placement, machine_of
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


async def test_a_node_claims_what_is_published_at_it_when_the_owner_is_dead(redis: Redis, clock: FakeClock) -> None:
    placement = Placement(redis, clock)
    await placement.renew(node("dead"))
    await placement.claim("show", "dead")
    await placement.renew(node("b"), ["show"], ["show"])
    owner = await placement.owner("show")
    assert owner is not None
    assert owner.node_id == "dead", "it lives still"
    await placement.forget("dead")
    await placement.renew(node("b"), ["show"], ["show"])
    owner = await placement.owner("show")
    assert owner is not None
    assert owner.node_id == "b"


async def test_a_process_that_takes_an_address_over_replaces_the_dead_one(redis: Redis, clock: FakeClock) -> None:
    placement = Placement(redis, clock)
    old = structs.replace(node("old"), control_url="unix:/a", machine="m")
    for entry in (
        old,
        structs.replace(old, node_id="other", control_url="unix:/b"),
        structs.replace(old, node_id="far", machine="n"),
    ):
        await placement.renew(entry)
    await placement.replace("unix:/a", "m")
    assert [entry.node_id for entry in await placement.nodes()] == ["far", "other"]


def test_a_folder_is_the_same_by_whatever_path_and_another_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert machine_of(tmp_path / "real") == machine_of(tmp_path / "link") != machine_of(tmp_path)
    with pytest.raises(OSError, match="none"):
        machine_of(tmp_path / "none")
