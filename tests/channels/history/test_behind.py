"""A reader that comes back to a node which has not heard yet what the reader knows."""

from pathlib import Path

from redis.asyncio import Redis

from tests.channels.history.local import ROOM, TOPIC, entrance, staged


async def test_a_reader_that_comes_to_a_node_behind_its_own_is_not_set_back(redis: Redis, tmp_path: Path) -> None:
    async with staged(redis, seed=9) as stage:
        follower = stage.sites[1].channels._live._follower
        receive, held = follower._receive_entry, []
        follower._receive_entry = lambda *entry: held.append(entry)  # type: ignore[method-assign]
        await stage.run.write(stage.writers[0], TOPIC, 5, pause_s=(0, 0))
        page = stage.viewers[0]
        await page.reaches(ROOM, (page.positions[ROOM][0], 5))
        page._enter = entrance([stage.doors[1]], stage.run.dice)
        await page.cut_and_back()
        follower._receive_entry = receive  # type: ignore[method-assign]
        for entry in held:
            receive(*entry)
        await stage.finish()
    stage.run.verdict(tmp_path)
