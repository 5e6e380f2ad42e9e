"""One connection for commands that wait in the server (XREAD BLOCK, XREADGROUP BLOCK), and a way to cut such a wait short."""

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

from server.kernel.errors import Unavailable
from server.kernel.tasks import TaskGroup
from server.redis.connection import COMMAND_TIMEOUT_S, UNREACHABLE, reaching

UNBLOCK_EVERY_S = 0.002
"""CLIENT UNBLOCK does nothing when it overtakes the command that it is meant for, so it is repeated until the wait has ended."""

Entries = list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes] | None]]]]
"""Reply of XREAD and XREADGROUP: per stream its name and entries (id, fields); None for fields that were trimmed meanwhile."""


class BlockingReader:
    """A connection of its own to the server of `redis`. `run_id` names the server process that it is connected to."""

    def __init__(self, redis: Redis, block_ms: int = 1_000) -> None:
        """`block_ms` is the longest wait that the caller's commands ask for."""
        self.block_ms = block_ms
        self.run_id = ""
        self._redis: Any = redis  # its generic method is not typed
        self._connection: AbstractConnection | None = None
        self._client_id = 0
        self._reading = False
        self._round = 0  # counts reads
        self._interrupted = 0  # the last read that was told to return
        self._waker = TaskGroup("unblock")

    async def ensure(self) -> None:
        """Connect if need be; afterwards `run_id` is current.

        Raises:
            Unavailable: the server is away.
        """
        if self._connection is not None:
            return
        pool = self._redis.connection_pool
        connection: Any = pool.connection_class(**{**pool.connection_kwargs, "protocol": 2})
        try:
            async with reaching():
                await connection.connect()
                self._client_id = int(await _ask(connection, "CLIENT", "ID"))
                self.run_id = _run_id(await _ask(connection, "INFO", "server"))
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        self._connection = connection

    async def read(self, *command: str | bytes | int) -> Entries:
        """Entries that the command returned; none when it waited in vain or was interrupted.

        Raises:
            Unavailable: the connection was lost, or the server does not answer. The next call connects again.
            ResponseError: the server refused the command.
        """
        await self.ensure()
        assert self._connection is not None
        self._reading = True
        self._round += 1
        try:
            async with asyncio.timeout(self.block_ms / 1000 + COMMAND_TIMEOUT_S):
                reply = await _ask(self._connection, *command)
        except UNREACHABLE as error:
            await self.aclose()
            raise Unavailable(f"Redis was lost: {error!r}") from error
        except asyncio.CancelledError:
            await self.aclose()  # a reply may still be on its way: this connection is of no more use
            raise
        finally:
            self._reading = False
        return [(bytes(stream), [(bytes(key), _fields(values)) for key, values in entries]) for stream, entries in reply or ()]

    def interrupt(self) -> None:
        """Make a `read` that is in flight return now; without one nothing happens."""
        if self._reading and self._interrupted != self._round:
            self._interrupted = self._round
            self._waker.start(self._unblock(self._round), "client unblock")

    async def aclose(self) -> None:
        """Close the connection."""
        self._reading = False
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)
        await self._waker.close()

    async def _unblock(self, number: int) -> None:
        # Only the read that was meant: the next one may have begun before this task runs again.
        while self._reading and self._round == number:
            async with reaching():
                await self._redis.execute_command("CLIENT", "UNBLOCK", self._client_id)
            await asyncio.sleep(UNBLOCK_EVERY_S)


async def _ask(connection: AbstractConnection, *command: str | bytes | int) -> Any:
    await connection.send_command(*command, check_health=False)
    return await connection.read_response()


def _fields(values: list[bytes] | None) -> dict[bytes, bytes] | None:
    return None if values is None else dict(zip(values[::2], values[1::2], strict=True))


def _run_id(info: bytes) -> str:
    lines = dict(line.partition(":")[::2] for line in bytes(info).decode().splitlines())
    return lines["run_id"]
