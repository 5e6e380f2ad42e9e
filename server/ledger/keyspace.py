"""A show's keys in Redis as the scripts keep them (`scripts/prelude.lua`), made from its state. Pure."""

from collections.abc import Iterator, Mapping

import msgspec

from server.ledger.rules import HoldRecord, ShowState
from server.ledger.wire import key

KEEP_MS = 48 * 3_600_000
"""How long the scripts remember an outcome and a hold whose units went back (`KEEP_MS` in prelude.lua)."""

Write = list[str]
"""A Redis command."""


def writes(state: ShowState, ended_at_ms: Mapping[str, int], now_ms: int) -> Iterator[Write]:
    """Commands that make every key but the log, the stored outcomes and the position. Each key is written anew, so that it does
    not matter what was there.

    `ended_at_ms` says when holds ended.
    """
    tag = key(state.show_id, "")
    yield ["DEL", f"{tag}due", f"{tag}skus", *(f"{tag}bought:{sku}" for sku in state.pools)]
    for pool in state.pools.values():
        yield ["SADD", f"{tag}skus", pool.sku]
        numbers = ("funded", pool.funded, "held", pool.held, "sold", pool.sold, "per_buyer_max", pool.per_buyer_max)
        yield ["HSET", f"{tag}pool:{pool.sku}", *map(str, numbers)]
    for (sku, buyer_id), units in state.bought.items():
        yield ["HSET", f"{tag}bought:{sku}", buyer_id, str(units)]
    for hold_id, hold in state.holds.items():
        yield from _hold(tag, hold_id, hold, ended_at_ms.get(hold_id, now_ms) + KEEP_MS - now_ms)


def _hold(tag: str, hold_id: str, hold: HoldRecord, left_ms: int) -> Iterator[Write]:
    name = f"{tag}hold:{hold_id}"
    if hold.state in ("released", "expired"):
        if left_ms > 0:
            yield ["SET", name, _json(hold), "PX", str(left_ms)]
        return
    yield ["SET", name, _json(hold)]
    if hold.state == "held":
        yield ["ZADD", f"{tag}due", str(hold.expires_at_ms), hold_id]


def _json(record: HoldRecord) -> str:
    return msgspec.json.encode(record).decode()
