"""Timed work of the catalogue: pools of shows that are over are emptied, and pools are compared with the ledger's."""

from schemas.events.catalog import PoolReturnAsked
from server.kernel.log import get_logger
from server.kernel.metrics import counter
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.modules.catalog import rules, store

EMPTY_EVERY_MS = 5_000
COMPARE_EVERY_MS = 15_000
TIMES = 3
"""Rounds in a row that must see the same difference: facts on their way between SQL and the ledger take moments, not rounds."""
SHOWS_MAX = 20
"""Shows of one round; the others have their turn in the next ones."""

DIFFERENCES = counter("catalog_pool_differences_total", "Pools of which SQL and the ledger tell different things for good")

log = get_logger(__name__)


async def empty_pools(ctx: Context) -> None:
    """Ask back what is free in the pools of shows that are over, until nobody holds anything of them any more."""
    async with ctx.reading() as connection:
        ended = await store.shows_to_empty(connection, SHOWS_MAX)
    ledger = ctx.port(Ledger)
    found = [(show_id, rounds, (await ledger.pools(show_id)).pools) for show_id, rounds in ended]
    for show_id, rounds, pools in found:
        asked = await store.open_returns(ctx.store, show_id)
        for pool in pools if not asked else ():
            if pool.available:
                move_id = rules.leftover_id(show_id, pool.sku, rounds)
                await store.insert_return(ctx.store, move_id, show_id, pool.sku, pool.available, ctx.now_ms)
                ctx.publish(
                    PoolReturnAsked(
                        move_id=move_id,
                        show_id=show_id,
                        sku=pool.sku,
                        quantity=pool.available,
                        per_buyer_max=pool.per_buyer_max,
                    )
                )
        emptied = not asked and all(pool.available == pool.held == 0 for pool in pools)
        await store.next_round(ctx.store, show_id, emptied)


async def compare_pools(ctx: Context) -> None:
    """Stop a show whose pools in SQL differ from the ledger's, and go on doing so while nothing moves."""
    async with ctx.reading() as connection:
        show_ids = await store.shows_to_compare(connection, ctx.now_ms - rules.COMPARED_MS, SHOWS_MAX)
        told = {show_id: await store.pool_totals(connection, show_id) for show_id in show_ids}
    ledger = ctx.port(Ledger)
    for show_id, in_sql in told.items():
        snapshot = await ledger.pools(show_id)
        in_ledger = {pool.sku: (pool.funded, pool.sold) for pool in snapshot.pools}
        seen = rules.PoolsSeen(snapshot.seq, in_sql, in_ledger)
        before, times = SEEN.get(show_id, (seen, 0))
        SEEN[show_id] = (seen, times + 1 if before == seen else 1)
        if SEEN[show_id][1] >= TIMES and (difference := rules.pool_difference(in_sql, in_ledger)):
            DIFFERENCES.inc()
            log.error("THE CATALOGUE AND THE LEDGER DIFFER: the show is stopped", show_id=show_id, difference=difference)
            await ledger.fence(show_id, f"catalogue: {difference}")
    for show_id in SEEN.keys() - told.keys():
        del SEEN[show_id]


SEEN: dict[str, tuple[rules.PoolsSeen, int]] = {}
"""What the last round saw, and how often in a row. One worker at a time runs the job; another one that takes over begins anew."""
