"""The worker finds the rehearsals that are on, also those from before its start, and sends robots into three of them."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from server.bus.lease import Lease
from server.demo.rehearsals import CROWDS_MAX, next_changes, rehearsals_to_visit
from server.kernel.config import Settings
from server.kernel.errors import SetupError
from server.kernel.ids import new_id
from server.kernel.module import SYSTEM
from server.modules.shows.tables import SHOWS
from tests.e2e.shopper import CLOCK, open_shop
from tests.e2e.site import Site, until
from tests.modules.conftest import world
from tests.modules.world import SHOW_ID, World

__all__ = ["world"]

PATIENCE_MS = 90_000


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A shop without the house channel, in a folder with a short path."""
    folder = Path(tempfile.mkdtemp(prefix="rehearse-"))
    running = Site(folder)
    await running.start()
    yield running
    await running.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_robots_go_to_the_oldest_rehearsals_and_leave_what_is_over() -> None:
    assert next_changes([], []) == ([], [])
    assert next_changes([], ["a", "b", "c", "d"]) == (["a", "b", "c"], [])
    assert next_changes(["a", "b", "c"], ["a", "b", "c", "d"]) == ([], [])
    assert next_changes(["a", "b", "c"], ["a", "c", "d"]) == (["d"], ["b"])
    assert next_changes(["a"], []) == ([], ["a"]), "another worker has the lease, or all are over"
    assert CROWDS_MAX == 3


@pytest.mark.parametrize("address", ["web:8080", "ftp://web", "http://", "http://web/path", "http://me@web"])
def test_an_address_of_the_robots_that_is_none_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(SetupError, match="ROBOTS_URL"):
        _ = Settings(robots_url=address).robots_address


def test_robots_find_the_web_role_on_their_own_machine_or_where_they_are_told() -> None:
    assert Settings(http_host="0.0.0.0", http_port="8099").robots_address == "http://127.0.0.1:8099"
    assert Settings(robots_url="http://10.0.0.5:8080").robots_address == "http://10.0.0.5:8080"


async def test_robots_find_the_live_rehearsals_the_oldest_first_and_one_worker_sends_them(world: World) -> None:
    await world.open_show()
    kinds = {"reh_2": ("live", 2), "reh_1": ("live", 1), "reh_3": ("ended", 0), "reh_4": ("scheduled", None)}
    async with world.units(SYSTEM) as ctx:
        row = (await ctx.store.execute(select(SHOWS))).one()._asdict() | {"rehearsal_of": SHOW_ID}
        for show_id, (state, started_at_ms) in kinds.items():
            changed = {"show_id": show_id, "state": state, "started_at_ms": started_at_ms}
            await ctx.store.execute(insert(SHOWS).values(row | changed))
    first, second = (Lease(world.redis, "robots", name, world.clock) for name in ("worker-1", "worker-2"))
    assert await rehearsals_to_visit(world.units, first) == ["reh_1", "reh_2"]
    assert await rehearsals_to_visit(world.units, second) == []
    await first.release()
    assert await rehearsals_to_visit(world.units, second) == ["reh_1", "reh_2"]
    assert await rehearsals_to_visit(world.units, first) == []


@pytest.mark.reference
async def test_robots_visit_what_was_live_before_their_worker_and_buy_there_and_nowhere_else(site: Site) -> None:
    host, show_id = await open_shop(site.url, site.key, 50)
    rehearsal_id = new_id("reh", CLOCK)
    await host.must("POST", f"/api/shows/{show_id}/rehearsal", {"rehearsal_id": rehearsal_id})
    await host.must("POST", f"/api/shows/{rehearsal_id}/start")
    await host.must("POST", f"/api/shows/{rehearsal_id}/pin", {"sku": "MUG"})
    await site.stop()
    await site.start()
    await until(lambda: guests(site) >= 3, PATIENCE_MS, step_ms=200)
    await until(lambda: lines(site, rehearsal_id) >= 1, PATIENCE_MS, step_ms=200)

    known = guests(site)
    site.kill("worker")
    await until(lambda: guests(site) >= max(8, known) + 1, PATIENCE_MS, step_ms=200)
    paid = "SELECT DISTINCT show_id FROM orders_orders WHERE payment = 'captured'"
    await until(lambda: site.sql(paid), PATIENCE_MS, step_ms=200)

    await host.must("POST", f"/api/shows/{rehearsal_id}/end")
    await host.close()
    await until(lambda: "the robots have left the show" in site.log(), PATIENCE_MS, step_ms=200)
    assert "task failed" not in site.log()
    assert site.sql(paid) == [(rehearsal_id,)]
    assert lines(site, show_id) == 0, "nobody visits a show that is not a rehearsal"
    assert site.sql("SELECT count(*) FROM books_transfers") == [(0,)]


def guests(site: Site) -> int:
    """Robots that have come in, ever."""
    return len(site.sql("SELECT actor_id FROM auth_actors WHERE actor_id LIKE 'gst%'"))


def lines(site: Site, show_id: str) -> int:
    return len([said for (said,) in site.sql("SELECT show_id FROM chat_messages") if said == show_id])
