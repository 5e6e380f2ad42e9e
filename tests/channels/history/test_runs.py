"""Recorded runs over two nodes with faults in between; the checker must find nothing."""

from pathlib import Path

from redis.asyncio import Redis

from tests.channels.history.local import staged


async def test_a_run_without_faults_has_nothing_to_complain_of(redis: Redis, tmp_path: Path) -> None:
    async with staged(redis, seed=1) as stage:
        await stage.talk(100)
        await stage.finish()
    stage.run.verdict(tmp_path)
    assert len(stage.run.history.events) > 1000
