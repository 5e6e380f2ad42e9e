"""The positive control: every broken build is caught in a real run, by the rule that is meant for it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from server.channels.log import meta_key
from tests.channels.history import broken
from tests.channels.history.local import ROOM, Stage, staged
from tests.channels.history.test_runs import restore_older_file
from tests.redis.servers import own_valkey

Break = Callable[[Stage], AbstractContextManager[Any]]

BUILDS: list[tuple[Break, set[str]]] = [
    (broken.push_dropped, {"hole"}),
    (broken.push_doubled, {"twice"}),
    (broken.pushes_swapped, {"hole", "twice"}),
    (broken.gaps_unannounced, {"epoch"}),
    (broken.other_bytes_on_one_node, {"bytes"}),
    (broken.snapshot_without_one, {"state"}),
    (broken.node_gone_silent, {"silence"}),
    (broken.resume_skips_one, {"hole"}),
    (broken.resume_never_recovers, {"window"}),
    (broken.acknowledged_and_not_published, {"acknowledged"}),
    (broken.retry_published_again, {"once"}),
    (broken.said_differently, {"phantom", "acknowledged"}),
    (broken.refused_and_published, {"refused"}),
    (broken.versions_go_back, {"lost"}),
]


async def trouble(stage: Stage) -> None:
    """What every build goes through: commands sent three times at once, viewers cut and back at once, an epoch that ends."""
    talking = asyncio.create_task(stage.talk(40, copies=3))
    for viewer in stage.viewers[2:]:
        await viewer.cut_and_back()
    await stage.newcomer(stage.doors[0])
    await stage.newcomer(stage.doors[1])
    await talking
    await stage.redis.delete(meta_key(ROOM))
    await stage.talk(10)
    await stage.finish()


@pytest.mark.parametrize(("build", "rules"), BUILDS, ids=lambda value: getattr(value, "__name__", ""))
async def test_a_broken_build_is_caught(redis: Redis, build: Break, rules: set[str]) -> None:
    async with staged(redis, seed=2, settle_s=1.5) as stage:
        with build(stage):
            await trouble(stage)
    found = {violation.rule for violation in stage.run.violations()}
    assert rules <= found, (rules, stage.run.violations())


async def test_the_same_run_of_an_unbroken_build_has_nothing_to_complain_of(redis: Redis) -> None:
    async with staged(redis, seed=2) as stage:
        await trouble(stage)
    assert stage.run.violations() == []


async def test_a_build_that_does_not_notice_an_older_file_is_caught(tmp_path: Path) -> None:
    async with own_valkey(tmp_path / "valkey") as (server, redis), staged(redis, seed=8) as stage:
        with broken.epoch_outlives_redis(stage):
            await restore_older_file(stage, server, tmp_path / "older")
    stage.run.loss_allowed = True
    found = {violation.rule for violation in stage.run.violations()}
    assert "back" in found
    assert found & {"bytes", "acknowledged"}, "an offset was given away twice; who saw it first depends on the moment"
