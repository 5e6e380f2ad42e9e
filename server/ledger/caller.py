"""Sends one batch to the server and comes back when the answer is on the disk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError

from server.kernel.errors import Unavailable
from server.kernel.ids import new_secret
from server.kernel.log import get_logger
from server.ledger.log import SHOWS_KEY
from server.ledger.rules import Answer
from server.ledger.wire import Planned, batch_args, batch_keys, bundle, read_answer
from server.redis.connection import UNREACHABLE
from server.redis.group_commit import Lost

ATTEMPT_S = 1.0
"""One try. A sync of a busy disk takes tens of milliseconds; who waits longer has lost the connection and tries again."""
WAITAOF_MS = 800
"""Within `ATTEMPT_S`. A server that syncs every second needs this long at worst when it is not told to hurry."""

BARRIER_KEY = "ledger:barrier"

BeforeLoad = Callable[[], Awaitable[object]]

log = get_logger(__name__)


class BatchCaller:
    """Calls the bundle. What it writes is synced before the reply (`appendfsync always`), or waited for with WAITAOF.

    A server process that does not know the scripts has just started, perhaps with an older file: `before_load` looks at that, and
    only then it may decide again.
    """

    def __init__(self, redis: Redis, before_load: BeforeLoad | None = None) -> None:
        self._redis = redis
        self._before_load = before_load
        self._script = bundle()
        self._waits: bool | None = None
        self._warned = False

    async def call(self, show_id: str, batch: Sequence[Planned]) -> Answer:
        """Run a batch. An empty batch only expires what is overdue.

        Raises:
            Lost: no answer, or it is not on the disk yet; the same batch may be sent again.
            Unavailable: the server refuses.
        """
        try:
            async with asyncio.timeout(ATTEMPT_S):
                if self._waits is None:
                    self._waits = await self._probe()
                return await self._attempt(show_id, batch, self._waits)
        except UNREACHABLE as error:
            self._waits = None  # another server may answer next time
            raise Lost(repr(error)) from error
        except ResponseError as error:
            log.warning("the ledger's server refused a call", show_id=show_id, error=repr(error))
            raise Unavailable(f"the ledger's server refused: {error}") from error

    async def _attempt(self, show_id: str, batch: Sequence[Planned], waits: bool) -> Answer:
        new_epoch = new_secret()[:16]  # taken when the show has none yet; 96 random bits, short because every entry has it
        keys, args = batch_keys(show_id), batch_args(show_id, batch, new_epoch)
        # One connection for all of it: WAITAOF speaks of what its own connection wrote. The show is announced first, so that
        # no log exists which consumers cannot find.
        pipeline = self._redis.pipeline(transaction=False)
        if batch:
            pipeline.sadd(SHOWS_KEY, show_id)
        pipeline.execute_command("EVALSHA", self._script.sha, len(keys), *keys, *args)
        if waits:
            # A repeat writes nothing, and WAITAOF waits only for what its own connection wrote: write something after it.
            pipeline.set(BARRIER_KEY, "")
            pipeline.execute_command("WAITAOF", 1, 0, WAITAOF_MS)
        replies = await pipeline.execute(raise_on_error=False)
        script_reply, synced = (replies[-3], replies.pop()) if waits else (replies[-1], None)
        if isinstance(script_reply, NoScriptError):
            # A server that restarted has forgotten its scripts.
            if self._before_load is not None:
                await self._before_load()
            await self._redis.script_load(self._script.text)
            return await self._attempt(show_id, batch, waits)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        self._check_synced(synced)
        return read_answer(script_reply)

    def _check_synced(self, reply: Any) -> None:
        if isinstance(reply, ResponseError):
            self._warn(f"WAITAOF failed: {reply}")
        elif reply is not None and int(reply[0]) < 1:
            log.warning("the ledger's server has not synced its file; nothing is acknowledged", waited_ms=WAITAOF_MS)
            raise Lost("not on the disk yet")

    async def _probe(self) -> bool:
        """Whether replies must be waited for, because the server does not sync before it answers."""
        try:
            config = await self._redis.config_get("append*")
        except ResponseError:
            return True  # managed servers hide their configuration; WAITAOF tells
        match config.get("appendonly"), config.get("appendfsync"):
            case "yes", "always":
                return False
            case "yes", "everysec":
                return True
            case appendonly, appendfsync:
                self._warn(f"appendonly {appendonly}, appendfsync {appendfsync}")
                return False

    def _warn(self, reason: str) -> None:
        self._waits = False
        if not self._warned:
            self._warned = True
            log.error("THE LEDGER'S SERVER CAN LOSE ACKNOWLEDGED SALES; set appendonly yes and appendfsync always", reason=reason)
