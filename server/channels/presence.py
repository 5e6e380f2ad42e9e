"""Who is on a channel, over all web processes: kinds with `counts_viewers`.

Each process writes into a hash of the channel how many distinct people it serves there, with an expiry, and a script adds the
processes up and publishes `PresenceState`. For each channel and process Redis is asked once a heartbeat, and after changes at
most once a second, however many viewers there are. A process that dies is forgotten when its entry expires: the heartbeat of
another one notices and publishes.
"""

import asyncio
import math
import secrets

from schemas.http.presence import SAMPLE_MAX, PersonPresent
from server.channels.figures import PRESENCE_REPORTS
from server.channels.framing import encode
from server.channels.hub import Channel, Hub
from server.channels.limits import HubLimits
from server.channels.log import ChannelLog
from server.kernel.clock import Clock
from server.kernel.tasks import forever

MET_MAX = 2_000
"""Newcomers of a channel that Redis is told of at once, under a millisecond of its time; the others follow at the next tick."""
TICK_MS = 200
"""How often changes are looked for: a page shows its own viewer within this time."""


class Presence:
    """All channels of the process that count their viewers."""

    def __init__(self, hub: Hub, log: ChannelLog, clock: Clock, limits: HubLimits) -> None:
        self._hub, self._log, self._clock, self._limits = hub, log, clock, limits
        self._process = secrets.token_hex(6)
        self._due_ms: dict[str, float] = {}  # channels of which Redis must be told, changed or not, and when
        self._told_ms: dict[str, float] = {}  # when it was told last
        self._met: dict[str, set[str]] = {}  # of whom Redis knows that they have come

    async def run(self) -> None:
        """Report until cancelled. While Redis is away it is tried again; the last state is told when it is back."""
        await forever(self._step, "presence", pause_ms_max=1_000)

    async def _step(self) -> None:
        await asyncio.sleep(TICK_MS / 1000)
        await self.report()

    async def report(self, *, everything: bool = False) -> None:
        """Tell Redis of every channel whose viewers have changed or whose heartbeat is due; or of all.

        Raises:
            Unavailable: Redis did not answer in time; what it was not told stays due.
        """
        now_ms = self._clock.monotonic_ms()
        for channel in self._hub.stirred:
            told_ms = self._told_ms.get(channel.name, -math.inf)
            self._due_ms[channel.name] = max(now_ms, told_ms + self._limits.presence_rest_ms)
        self._hub.stirred.clear()
        for name, due_ms in list(self._due_ms.items()):
            if due_ms <= now_ms or everything:
                await self._tell(name, now_ms)

    async def _tell(self, name: str, now_ms: float) -> None:
        count, people, here = _people(self._hub.channels.get(name))
        met = self._met.setdefault(name, set())
        fresh = sorted(here - met)[:MET_MAX]
        wait_ms = await self._log.present(
            name,
            self._process,
            count,
            people,
            met=fresh,
            expires_ms=self._limits.presence_expires_ms,
            rest_ms=self._limits.presence_rest_ms,
        )
        PRESENCE_REPORTS.inc()
        met.update(fresh)
        # A change that was made while Redis answered is in `stirred`, so nothing here can hide it.
        self._told_ms[name] = now_ms
        crowd = len(fresh) == MET_MAX
        self._due_ms[name] = now_ms + (0 if crowd else wait_ms or self._limits.presence_heartbeat_ms)
        if not count and not wait_ms:  # Redis knows of nobody here, and needs no heartbeat for that
            del self._told_ms[name], self._due_ms[name], self._met[name]


def _people(channel: Channel | None) -> tuple[int, list[bytes], set[str]]:
    """How many distinct people view the channel, the first of them who have a name, and the ids of all. O(viewers): a millisecond
    or two for ten thousand, at most once a second."""
    if channel is None:
        return 0, [], set()
    actors = {viewer.actor.id: viewer.actor for viewer in channel.viewers if viewer.actor is not None}
    named = [actor for actor in actors.values() if actor.name][:SAMPLE_MAX]
    return len(actors), [encode(PersonPresent(actor_id=actor.id, name=actor.name)) for actor in named], set(actors)
