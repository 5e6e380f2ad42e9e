"""A bad network: a TCP proxy that delays, drips, cuts after so many bytes, swallows everything, or takes nothing any more."""

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

from server.kernel.tasks import TaskGroup, supervised

CHUNK_BYTES = 4096
RECEIVE_BUFFER_BYTES = 8 * 1024
"""Of the proxy's side toward the server: what a slow reader has not taken must soon be the server's to keep."""
STEP_S = 0.05


@dataclass(frozen=True)
class Weather:
    """What happens to bytes. `down` is toward the client, `up` toward the server.

    `swallow`: bytes are taken and not handed on, and neither end hears of the other's close (half-open). `stall`: nothing is
    taken at all. The cuts reset both connections after so many bytes of one of them, for connections made in this weather.
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    down_bytes_per_s: float | None = None
    cut_down_after: int | None = None
    cut_up_after: int | None = None
    swallow: bool = False
    stall: bool = False


FAIR = Weather()


class Proxy:
    """Listens on `port`, talks to `upstream_port`; both on this machine."""

    def __init__(self, upstream_port: int, tasks: TaskGroup, dice: random.Random) -> None:
        self.upstream_port = upstream_port
        self.weather = FAIR
        self.forecast: Iterator[Weather] = iter(())
        """Each new connection changes the weather to the next of these, as long as there are any."""
        self.port = 0
        self._tasks, self._dice = tasks, dice
        self._open: set[asyncio.StreamWriter] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client has come."""
        self._open.add(writer)
        self._tasks.start(self._serve(reader, writer), "connection")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        weather = self.weather = next(self.forecast, self.weather)
        try:
            up_reader, up_writer = await self._reach()
            ends.append(up_writer)
            self._open.add(up_writer)
            async with supervised("pumps") as pumps:
                up = pumps.start(self._pump(reader, up_writer, weather.cut_up_after, down=False))
                down = pumps.start(self._pump(up_reader, writer, weather.cut_down_after, down=True))
                await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            return  # nobody listens there just now: the client is reset
        finally:
            for end in ends:
                self._open.discard(end)
                end.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        own = socket.socket(proto=socket.IPPROTO_TCP)
        own.setblocking(False)
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        try:
            await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", self.upstream_port))
        except BaseException:
            own.close()
            raise
        # The reader's own buffer is small as well: it would hide from the server that nothing is read.
        return await asyncio.open_connection(sock=own, limit=1024)

    def reset_all(self) -> None:
        """Every connection ends at once, without a word to either end."""
        for end in list(self._open):
            end.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut_after: int | None, *, down: bool
    ) -> None:
        """Ends when the connection is to be reset."""
        passed, swallowed = 0, False
        while cut_after is None or passed < cut_after:
            while self.weather.stall:  # noqa: ASYNC110 - the weather has no event
                await asyncio.sleep(STEP_S)
            rate = self.weather.down_bytes_per_s if down else None
            most = CHUNK_BYTES if rate is None else max(1, int(rate * STEP_S))
            try:
                data = await reader.read(most if cut_after is None else min(most, cut_after - passed))
                while self.weather.swallow and not data:  # noqa: ASYNC110 - the weather has no event
                    await asyncio.sleep(STEP_S)
                if not data or writer.is_closing():
                    return
                if self.weather.swallow:
                    swallowed = True
                    continue
                if swallowed:  # a connection that went on behind a loss in its middle would be none of TCP's
                    return
                await asyncio.sleep(self.weather.latency_s + self._dice.uniform(0, self.weather.jitter_s))
                writer.write(data)
                await writer.drain()
            except OSError:
                return
            passed += len(data)
            await self._rest(len(data), rate)

    async def _rest(self, sent: int, bytes_per_s: float | None) -> None:
        """So that no more than this rate comes through; in steps, for the weather can change."""
        rest_s = sent / bytes_per_s if bytes_per_s else 0.0
        while rest_s > 0 and self.weather.down_bytes_per_s is not None:
            await asyncio.sleep(min(rest_s, STEP_S))
            rest_s -= STEP_S

    def change(self, **changes: object) -> None:
        """The weather is fair but for this, from now on."""
        self.weather = replace(FAIR, **changes)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def proxied(upstream_port: int, dice: random.Random) -> AsyncIterator[Proxy]:
    """A proxy before this port, until the end of the block."""
    async with supervised("proxy") as tasks:
        proxy = Proxy(upstream_port, tasks, dice)
        server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0, limit=CHUNK_BYTES)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            proxy.reset_all()
    await asyncio.sleep(0)  # the transports' last callbacks
