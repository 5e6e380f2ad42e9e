"""The tail: every new entry of a changing set of streams, in order and without gaps, as one blocking XREAD."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping

from redis.asyncio import Redis

from server.kernel.log import get_logger
from server.kernel.tasks import forever
from server.redis.blocking import BlockingReader

BLOCK_MS = 1_000
COUNT_MAX = 200
"""Entries per stream and reply: bounds the memory of a tail that catches up; the rest comes with the next read."""
PAUSE_MS_MAX = 1_000
"""While Redis is away viewers see nothing new, so it is tried again every second."""

OnEntry = Callable[[str, str, Mapping[bytes, bytes]], Awaitable[None] | None]
OnReset = Callable[[], Awaitable[None] | None]

log = get_logger(__name__)


class Tail:
    """Reads streams by XREAD. Calls, never two at a time:

    - `on_entry(stream, entry_id, fields)` for every entry after the position that `follow` gave, in order;
    - `on_reset()` when another server process answers than before: it may have lost the end of its streams, or written them
      anew under the same ids. The owner compares epochs and follows again, from where it then stands.

    A lost connection to the same process loses nothing: reading goes on behind the last entry. A stream that was trimmed past
    the position shows as a jump of the ids, which whoever numbers entries `<offset>-0` can see.
    """

    def __init__(self, redis: Redis, on_entry: OnEntry, on_reset: OnReset) -> None:
        self._reader = BlockingReader(redis, BLOCK_MS)
        self._on_entry = on_entry
        self._on_reset = on_reset
        self._positions: dict[str, str] = {}
        self._changed = asyncio.Event()
        self._run_id = ""

    @property
    def following(self) -> Mapping[str, str]:
        """Streams, each with the id of the last entry that was handed on."""
        return self._positions

    def follow(self, stream: str, after_id: str = "0-0") -> None:
        """Read a stream from behind `after_id` on (`0-0`: from its start); takes effect within milliseconds.

        A stream that is followed already goes back, or forth, to the new position.
        """
        self._positions[stream] = after_id
        self._change()

    def unfollow(self, stream: str) -> None:
        """Stop reading a stream; nothing of it is handed on after this call."""
        if self._positions.pop(stream, None) is not None:
            self._change()

    async def run(self) -> None:
        """Read for ever; end it by cancelling. When Redis is away it is tried again and again."""
        try:
            await forever(self.step, "tail", PAUSE_MS_MAX)
        finally:
            await self._reader.aclose()

    async def step(self) -> int:
        """One read: waits until there is something to read, at most `BLOCK_MS`; returns how many entries were handed on.

        Raises:
            Unavailable: Redis is away.
        """
        if not self._positions:
            await self._changed.wait()
        self._changed.clear()
        await self._reader.ensure()
        if self._run_id != self._reader.run_id:
            restarted, self._run_id = bool(self._run_id), self._reader.run_id
            if restarted:
                log.warning("another Redis process answers; positions are checked", run_id=self._run_id)
                await _call(self._on_reset)
        asked = dict(self._positions)
        if not asked:
            return 0
        reply = await self._reader.read("XREAD", "COUNT", COUNT_MAX, "BLOCK", BLOCK_MS, "STREAMS", *asked, *asked.values())
        handed_on = 0
        for name, entries in reply:
            stream = name.decode()
            for key, fields in entries:
                # The owner may have moved on while it was called; what was read for its old position is void then.
                if self._positions.get(stream) != asked[stream]:
                    break
                self._positions[stream] = asked[stream] = key.decode()
                await self._hand_on(stream, asked[stream], fields or {})
                handed_on += 1
        return handed_on

    async def _hand_on(self, stream: str, entry_id: str, fields: Mapping[bytes, bytes]) -> None:
        try:
            await _call(self._on_entry, stream, entry_id, fields)
        except Exception:
            log.exception("an entry could not be handed on", stream=stream, entry=entry_id)

    def _change(self) -> None:
        self._changed.set()
        self._reader.interrupt()


async def _call(function: Callable[..., Awaitable[None] | None], *args: object) -> None:
    result = function(*args)
    if inspect.isawaitable(result):
        await result
