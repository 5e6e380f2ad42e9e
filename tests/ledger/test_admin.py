"""What an operator can do with a show that was stopped."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.kernel.clock import SystemClock
from server.kernel.config import Settings
from server.ledger.admin import ledger_command
from server.ledger.ledger import Ledger
from server.ledger.restore import Restorer
from server.ledger.rules import Held
from server.ledger.wire import key
from server.store.database import Database
from tests.ledger.test_restore import ONE, SHOW, SKU, busy_show, copy_all


@pytest.fixture
async def ledger(redis: Redis) -> AsyncIterator[Ledger]:
    made = Ledger(redis, SystemClock())
    yield made
    await made.close()


async def test_a_stopped_show_is_shown_looked_at_restored_and_let_go(
    ledger: Ledger, redis: Redis, sqlite_database: Database, valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(ledger_redis_url=valkey_url, redis_url=valkey_url, database_url=str(sqlite_database.url))
    await busy_show(ledger)
    assert await ledger_command(settings, "restore", SHOW, print) == 1
    assert "the record ends at 0" in capsys.readouterr().out
    await copy_all(redis, sqlite_database, Restorer(redis, sqlite_database, SystemClock()))
    assert await ledger_command(settings, "status", "", print) == 0
    await redis.hincrby(key(SHOW, f"pool:{SKU}"), "sold", -1)
    await ledger.fence(SHOW, "audit: it differs")
    assert await ledger_command(settings, "status", "", print) == 1
    assert "STOPPED: audit: it differs" in capsys.readouterr().out
    assert await ledger_command(settings, "audit", SHOW, print) == 1
    assert f"pool:{SKU}" in capsys.readouterr().out
    assert await ledger_command(settings, "unfence", SHOW, print) == 1
    assert "restore" in capsys.readouterr().out
    assert await ledger_command(settings, "restore", SHOW, print) == 0
    assert await ledger_command(settings, "audit", SHOW, print) == 0
    assert isinstance(await ledger.hold(SHOW, "ord_new", "acc_9", ONE, 600_000), Held)
    await ledger.fence(SHOW, "somebody stopped it")
    assert await ledger_command(settings, "unfence", SHOW, print) == 0
    assert isinstance(await ledger.hold(SHOW, "ord_newer", "acc_8", ONE, 600_000), Held)
