"""Compares what the scripts keep in Redis with a replay of the log. Both must tell the same; a difference is a fault, loudly."""

from collections.abc import Iterable
from itertools import islice
from typing import cast

import msgspec
from redis.asyncio import Redis

from server.kernel.log import get_logger
from server.ledger.ledger import Ledger
from server.ledger.replay import replay
from server.ledger.rules import DUE, HoldRecord, LogMismatch, ShowState, violations
from server.ledger.wire import PoolsSnapshot, key
from server.redis.connection import reaching

ROUNDS_MAX = 3
"""Tries to catch a moment in which the show does not change; pools, read at one moment, are compared in any case."""
PAGE = 500

log = get_logger(__name__)
_holds = msgspec.json.Decoder(HoldRecord)


async def audit(redis: Redis, ledger: Ledger, show_id: str) -> list[str]:
    """Differences in words; empty when all is well.

    Raises:
        Unavailable: Redis cannot be reached.
    """
    found: list[str] = []
    for _ in range(ROUNDS_MAX):
        before = await ledger.pools(show_id)
        try:
            state = await replay(redis, show_id, before.seq)
        except LogMismatch as error:
            found = [f"the log contradicts itself: {error}"]
            break
        found = [*violations(state), *_compare_pools(before, state)]
        of_holds = await _compare_holds(redis, state)
        if found or (await ledger.pools(show_id)).seq == before.seq:
            found += of_holds
            break
    for difference in found:
        log.error("AUDIT: the ledger and its log differ", show_id=show_id, difference=difference)
    return found


def _compare_pools(snapshot: PoolsSnapshot, state: ShowState) -> list[str]:
    if snapshot.seq != state.seq or snapshot.epoch != state.epoch:
        return [f"the show is at {snapshot.epoch}/{snapshot.seq}, its log ends at {state.epoch}/{state.seq}"]
    kept = {pool.sku: pool for pool in snapshot.pools}
    skus = sorted(kept.keys() | state.pools.keys())
    return [f"pool {kept.get(sku)}, by its log {state.pools.get(sku)}" for sku in skus if kept.get(sku) != state.pools.get(sku)]


async def _compare_holds(redis: Redis, state: ShowState) -> list[str]:
    found: list[str] = []
    async with reaching("the ledger"):
        scored = cast(list[tuple[bytes, float]], await redis.zrange(key(state.show_id, "due"), 0, -1, withscores=True))
    due = {thing.decode(): int(score) for thing, score in scored}
    if due != (expected_due := {thing: at_ms for part in DUE for at_ms, thing in part(state)}):
        found.append(f"due are {due}, by the log {expected_due}")
    for page in _pages(state.holds):
        async with reaching("the ledger"):
            texts = await redis.mget([key(state.show_id, f"hold:{hold_id}") for hold_id in page])
        for hold_id, text in zip(page, texts, strict=True):
            kept, expected = _holds.decode(text) if text else None, state.holds[hold_id]
            forgotten = kept is None and expected.state in ("released", "expired", "restocked")
            if kept != expected and not forgotten:
                found.append(f"hold {hold_id} is {kept}, by the log {expected}")
    return found


def _pages(ids: Iterable[str]) -> Iterable[list[str]]:
    rest = iter(ids)
    while page := list(islice(rest, PAGE)):
        yield page
