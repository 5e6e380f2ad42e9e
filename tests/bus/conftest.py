"""The small world, over both databases."""

from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis

from server.kernel.module import Module
from server.store.database import Database
from tests.bus.shop import METADATA, Handler, World, modules, record
from tests.fakes.clock import FakeClock

MakeWorld = Callable[..., World]
"""`(handler, manifests, ports, client)`, all optional: another handler of beta, other modules altogether, another Redis."""


@pytest.fixture
async def make_world(database: Database, redis: Redis, clock: FakeClock) -> AsyncIterator[MakeWorld]:
    """Makes worlds, and closes them at the end of the test."""
    made: list[World] = []
    async with database.begin() as connection:
        await connection.run_sync(METADATA.create_all)

    def make(
        handler: Handler = record,
        manifests: tuple[Module, ...] | None = None,
        ports: dict[type, object] | None = None,
        client: Redis = redis,
    ) -> World:
        made.append(World(database, client, clock, manifests or modules(handler), ports or {}))
        return made[-1]

    yield make
    for world in made:
        await world.aclose()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """Beta records every thing that happens in alpha."""
    return make_world()
