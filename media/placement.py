"""Which media node has which stream, in Redis: nodes renew a lease, the first claim of a stream wins while its node lives.

All keys share the hash tag `{media}`: few and small, and in one cluster slot, so that a script may read them together.
Redis' own expiry is the clock, so the clocks of machines need not agree.
"""

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.media import NODE_LEASE_MS, MediaNodeEntry

if TYPE_CHECKING:  # web nodes import this file too, and need nothing of what a peer needs
    from media.peer import Clock

_NODES = "{media}:nodes"
_CLAIM_MS = 30_000
"""A claim outlives a short silence of its node: the publisher comes back to where the viewers are."""

# KEYS: claim of the stream. ARGV: node that claims, duration in ms, prefix of node keys. Returns the owner.
_CLAIM = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] and redis.call('EXISTS', ARGV[3] .. owner) == 1 then
  return owner
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
"""

# KEYS: claims to renew. ARGV: node, duration in ms. Only its own claims are renewed.
_RENEW = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) end
end
"""

_decode = msgspec.json.Decoder(MediaNodeEntry).decode


class Placement:
    """`redis` is a `redis.asyncio.Redis` with its own deadlines; its errors pass through."""

    def __init__(self, redis: Any, clock: "Clock") -> None:
        self._redis = redis
        self._clock = clock
        self._claim = redis.register_script(_CLAIM)
        self._renew = redis.register_script(_RENEW)

    async def renew(self, entry: MediaNodeEntry, streams: Collection[str] = (), published: Collection[str] = ()) -> None:
        """Say that the node lives, and that it still has these streams; at least twice within `NODE_LEASE_MS`.

        Those of `streams` that are its own are kept, so that their publisher comes back to it. Those that are `published` here
        are claimed too: a process that took over the address of a dead one has publishers that were on their way to that.
        """
        stamped = msgspec.structs.replace(entry, renewed_at_ms=self._clock.now_ms())
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(_node_key(entry.node_id), msgspec.json.encode(stamped), px=NODE_LEASE_MS)
            pipe.sadd(_NODES, entry.node_id)
            await pipe.execute()
        if streams:
            await self._renew(keys=[_stream_key(stream_id) for stream_id in streams], args=[entry.node_id, _CLAIM_MS])
        for stream_id in published:
            await self.claim(stream_id, entry.node_id)

    async def claim(self, stream_id: str, node_id: str) -> str:
        """The owner after the claim: this node, or the living node that was first."""
        owner = await self._claim(keys=[_stream_key(stream_id)], args=[node_id, _CLAIM_MS, _node_key("")])
        return _text(owner)

    async def owner(self, stream_id: str) -> MediaNodeEntry | None:
        """The living node that has the stream."""
        owner = await self._redis.get(_stream_key(stream_id))
        entry = await self._redis.get(_node_key(_text(owner))) if owner else None
        return _decode(entry) if entry else None

    async def node(self, node_id: str) -> MediaNodeEntry | None:
        """The node, if it lives."""
        entry = await self._redis.get(_node_key(node_id))
        return _decode(entry) if entry else None

    async def nodes(self) -> list[MediaNodeEntry]:
        """Every living node, sorted by id; the names of dead ones are forgotten."""
        names = sorted(_text(name) for name in await self._redis.smembers(_NODES))
        if not names:
            return []
        entries = await self._redis.mget([_node_key(name) for name in names])
        dead = [name for name, entry in zip(names, entries, strict=True) if entry is None]
        if dead:
            await self._redis.srem(_NODES, *dead)
        return [_decode(entry) for entry in entries if entry is not None]

    async def replace(self, control_url: str, machine: str) -> None:
        """A new process is about to listen on this address: whoever had it is dead, and need not be waited for."""
        for entry in await self.nodes():
            if (entry.control_url, entry.machine) == (control_url, machine):
                await self.forget(entry.node_id)

    async def forget(self, node_id: str) -> None:
        """The node leaves."""
        await self._redis.delete(_node_key(node_id))
        await self._redis.srem(_NODES, node_id)


def machine_of(folder: Path) -> str:
    """Names a folder of a running machine, by whatever path: processes that see it can reach each other's sockets in it.

    Raises:
        OSError: there is no such folder.
    """
    found = os.stat(folder)
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{found.st_dev}:{found.st_ino}"


def _node_key(node_id: str) -> str:
    return f"{{media}}:node:{node_id}"


def _stream_key(stream_id: str) -> str:
    return f"{{media}}:stream:{stream_id}"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
