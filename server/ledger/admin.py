"""`python -m server ledger …`: what an operator does with a show that was stopped.

`status` lists the shows: position, what SQL has, and why one is stopped. `audit` compares a show with a replay of its log.
`unfence` lets it go on when it agrees. `restore` makes it again from the record, in a new epoch.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from server.kernel.clock import SystemClock
from server.kernel.config import Settings
from server.kernel.errors import Unavailable
from server.ledger.audit import Auditor
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.restore import Restorer
from server.ledger.wire import key
from server.redis.connection import connect, reaching
from server.store.database import Database


@dataclass
class Tools:
    """What the actions need."""

    redis: Redis
    ledger: Ledger
    history: LedgerHistory
    restorer: Restorer
    say: Callable[[str], object]


async def ledger_command(settings: Settings, action: str, show_id: str, say: Callable[[str], object]) -> int:
    """Do one action and `say` what came of it; exit status 0, or 1 when a show needs somebody's attention."""
    try:
        async with _tools(settings, say) as tools:
            match action:
                case "status":
                    return await _status(tools)
                case "audit":
                    return await _audit(tools, show_id)
                case "restore":
                    return await _restore(tools, show_id)
            return await _unfence(tools, show_id)
    except Unavailable as error:
        say(f"not now: {error}")
        return 1


@asynccontextmanager
async def _tools(settings: Settings, say: Callable[[str], object]) -> AsyncIterator[Tools]:
    redis, database, clock = connect(settings.durable_redis_url), Database(settings.sql_url), SystemClock()
    restorer = Restorer(redis, database, clock)
    ledger = Ledger(redis, clock, before_load=restorer.examine)
    try:
        yield Tools(redis, ledger, LedgerHistory(database), restorer, say)
    finally:
        await ledger.close()
        await restorer.close()
        await redis.aclose()
        await database.dispose()


async def _status(tools: Tools) -> int:
    stopped = 0
    for show_id in await tools.ledger.shows():
        epoch, seq, fence = await _position(tools.redis, show_id)
        recorded = (await tools.history.projected(show_id))[1]
        tools.say(f"{show_id}  epoch {epoch}  at {seq}  recorded {recorded}  {f'STOPPED: {fence}' if fence else 'open'}")
        stopped += bool(fence)
    tools.say(f"{stopped} stopped")
    return 1 if stopped else 0


async def _audit(tools: Tools, show_id: str) -> int:
    found = await Auditor(tools.redis, tools.ledger, tools.history, holds_max=1_000_000).audit(show_id)
    for difference in found:
        tools.say(difference)
    tools.say(f"{len(found)} differences")
    return 1 if found else 0


async def _restore(tools: Tools, show_id: str) -> int:
    _, seq, _ = await _position(tools.redis, show_id)
    recorded = (await tools.history.projected(show_id))[1]
    if recorded < seq:
        tools.say(f"the record ends at {recorded}, the show is at {seq}: wait until a worker has recorded it")
        return 1
    if not await tools.restorer.restore(show_id, anyway=True):
        tools.say("another process restores the show now, or the record does not know it")
        return 1
    tools.say("restored; it goes on in a new epoch")
    return 0


async def _unfence(tools: Tools, show_id: str) -> int:
    if await _audit(tools, show_id):
        tools.say("it would be stopped again; `restore` makes it again from the record")
        return 1
    await tools.ledger.unfence(show_id)
    tools.say("it goes on")
    return 0


async def _position(redis: Redis, show_id: str) -> tuple[str, int, str]:
    async with reaching("the ledger"):
        found: Any = await redis.hmget(key(show_id, "meta"), "epoch", "seq", "fence")
    epoch, seq, fence = ((field or b"").decode() for field in found)
    return epoch, int(seq or 0), fence
