"""Reading and writing of a crowd: what many callers want of the same function at the same time is one transaction."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.module import FoundT, ItemT, KeyT, MadeT, ReadMany, WriteMany
from server.redis.group_commit import GroupCommit
from server.store.database import Database

log = get_logger(__name__)

KEYS_MAX = 2_000
"""Of one read. A query with many keys costs little more than one with few, and a crowd waits for fewer of them."""
ITEMS_MAX = 200
"""Of one write: the lock that it holds keeps every other writer waiting."""
WHAT = "the database"

ResultT = TypeVar("ResultT")
Open = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens a unit of work of the system."""


class _Together:
    """One queue per function."""

    def __init__(self) -> None:
        self._queues: dict[Any, GroupCommit[Any, Any]] = {}

    async def close(self) -> None:
        """Answer what waits, then end."""
        for queue in self._queues.values():
            await queue.close()


class Readers(_Together):
    """One queue of keys per reading function."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def read(self, read: ReadMany[KeyT, FoundT], key: KeyT) -> FoundT:
        """As `Context.read_together`."""
        queue = self._queues.get(read)
        if queue is None:

            async def read_batch(_group: str, keys: Sequence[KeyT]) -> Sequence[FoundT]:
                async with self._database.reading() as connection:
                    found = await read(connection, list(dict.fromkeys(keys)))
                return [found[each] for each in keys]

            queue = self._queues[read] = GroupCommit(read_batch, what=WHAT, batch_max=KEYS_MAX)
        found: FoundT = await queue.submit("", key)
        return found


class Writers(_Together):
    """One queue of items per writing function."""

    def __init__(self, open_unit: Open) -> None:
        super().__init__()
        self._open = open_unit

    async def write(self, write: WriteMany[ItemT, MadeT], item: ItemT) -> MadeT:
        """As `Context.write_together`."""
        queue = self._queues.get(write)
        if queue is None:

            async def write_batch(_group: str, items: Sequence[ItemT]) -> Sequence[_Outcome[MadeT]]:
                return await self._write_batch(write, items)

            queue = self._queues[write] = GroupCommit(write_batch, what=WHAT, batch_max=ITEMS_MAX)
        outcome: _Outcome[MadeT] = await queue.submit("", item)
        return outcome.result()

    async def _write_batch(self, write: WriteMany[ItemT, MadeT], items: Sequence[ItemT]) -> Sequence["_Outcome[MadeT]"]:
        try:
            async with self._open() as ctx:
                return [_Outcome(made) for made in await write(ctx, items)]
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - raised again in each caller whose item it belongs to
            if len(items) == 1:
                return [_Outcome(None, error)]
            log.warning("a transaction of many failed; each has its own now", items=len(items), error=repr(error))
        return [outcome for item in items for outcome in await self._write_batch(write, [item])]


class _Outcome(Generic[ResultT]):
    """What became of an item."""

    def __init__(self, made: ResultT | None, error: Exception | None = None) -> None:
        self._made = made
        self._error = error

    def result(self) -> ResultT:
        """What was made of it, or the error."""
        if self._error is not None:
            raise self._error
        return self._made  # type: ignore[return-value]  # None belongs to errors, or is what was made
