"""A lease in Redis: one holder at a time, with a fencing token that only grows."""

from redis.asyncio import Redis

from server.kernel.clock import Clock
from server.redis.scripts import Script

LEASE_MS = 10_000
"""How long the work of a worker that died rests before another takes over. Restarted under its old name it goes on at once."""
RENEW_EVERY_MS = 2_500

ACQUIRE = Script.packaged("server.bus", "scripts/acquire_lease.lua")
RELEASE = Script.packaged("server.bus", "scripts/release_lease.lua")


class Lease:
    """A named lease as one holder sees it. A holder that was paused learns of its loss late: what it does must check `token`."""

    def __init__(self, redis: Redis, name: str, holder: str, clock: Clock, lease_ms: int = LEASE_MS) -> None:
        """`holder` is unique among living processes, and the same again after a restart."""
        self._redis = redis
        self._keys = [f"{{lease:{name}}}", f"{{lease:{name}}}:fence"]
        self._holder = holder
        self._clock = clock
        self._lease_ms = lease_ms
        self._renew_at_ms = 0.0
        self.token: int | None = None

    async def hold(self) -> int | None:
        """Take the lease or keep it; returns the token, or None while somebody else holds it. Asks Redis only when it is time.

        Raises:
            Unavailable: Redis is away; the lease counts as lost.
        """
        now_ms = self._clock.monotonic_ms()
        if self.token is not None and now_ms < self._renew_at_ms:
            return self.token
        self.token = None
        reply = await ACQUIRE.run(self._redis, self._keys, [self._holder, self._lease_ms])
        if reply is not None:
            self.token = int(reply)
            self._renew_at_ms = now_ms + min(RENEW_EVERY_MS, self._lease_ms / 4)
        return self.token

    async def release(self) -> None:
        """Give it back, so that another holder need not wait.

        Raises:
            Unavailable: Redis is away; the lease ends by itself.
        """
        self.token = None
        await RELEASE.run(self._redis, self._keys[:1], [self._holder])
