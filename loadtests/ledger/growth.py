"""What a bid costs as a lot grows from 10 to 10,000 bids and a show from 10 to 10,000 lots: a bare client, in turns."""

import itertools
import statistics
from collections.abc import Sequence

from redis.asyncio import Redis

from loadtests.ledger.bench import BATCH, TERMS, bid, clock, opened, server
from server.ledger.ledger import Ledger
from server.ledger.rules import Bid, Fund, OpenLot
from server.ledger.wire import Planned, batch_args, batch_keys, bundle

SMALL, LARGE = 10, 10_000
ROUNDS = 40
LASTS_MS = 3_600_000


async def measure(quick: bool) -> dict[str, float]:
    """Cost of a bid on the large one over that on the small one, medians of alternating batches."""
    large = LARGE // 10 if quick else LARGE
    async with server() as redis, opened(redis) as ledger:
        lots = await _compare(redis, await _show_of(ledger, SMALL), await _show_of(ledger, large))
        bids = await _compare(redis, await _lot_with(redis, ledger, SMALL), await _lot_with(redis, ledger, large))
    return {
        "bid_us_few_lots": round(lots[0], 1),
        "bid_us_many_lots": round(lots[1], 1),
        "growth_with_lots": round(lots[1] / lots[0], 2),
        "bid_us_few_bids": round(bids[0], 1),
        "bid_us_many_bids": round(bids[1], 1),
        "growth_with_bids": round(bids[1] / bids[0], 2),
    }


class Source:
    """A show and the bids that come next, spread over its lots."""

    def __init__(self, show_id: str, lot_ids: Sequence[str], first: int = 0) -> None:
        self.show_id = show_id
        self._lots = itertools.cycle(lot_ids)
        self._next = dict.fromkeys(lot_ids, first)

    def bids(self, count: int) -> list[Bid]:
        """The next ones."""
        found = []
        for lot_id in itertools.islice(self._lots, count):
            found.append(bid(lot_id, self._next[lot_id]))
            self._next[lot_id] += 1
        return found


async def _show_of(ledger: Ledger, count: int) -> Source:
    show_id = f"show-of-{count}-lots"
    lot_ids = [f"lot-{number}" for number in range(count)]
    await ledger.submit(show_id, Fund(command_id="fund", sku=TERMS.sku, quantity=count, per_buyer_max=1))
    for lot_id in lot_ids:
        await ledger.submit(show_id, OpenLot(command_id=lot_id, terms=TERMS, starts_in_ms=0, lasts_ms=LASTS_MS))
    # As many lots are bid on in either show, spread over all of them: a batch costs the same then but for the show's size.
    return Source(show_id, lot_ids[:: count // SMALL])


async def _lot_with(redis: Redis, ledger: Ledger, count: int) -> Source:
    show_id = f"lot-with-{count}-bids"
    await ledger.submit(show_id, Fund(command_id="fund", sku=TERMS.sku, quantity=1, per_buyer_max=1))
    await ledger.submit(show_id, OpenLot(command_id="lot", terms=TERMS, starts_in_ms=0, lasts_ms=LASTS_MS))
    source = Source(show_id, ["lot"])
    for _ in range(count // BATCH):
        await _send(redis, source, BATCH)
    await _send(redis, source, count % BATCH)
    return source


async def _compare(redis: Redis, small: Source, large: Source) -> tuple[float, float]:
    """Microseconds per bid on either."""
    taken: dict[str, list[float]] = {small.show_id: [], large.show_id: []}
    for _ in range(ROUNDS):
        for source in (small, large):
            taken[source.show_id].append(await _send(redis, source, BATCH))
    few, many = (statistics.median(found) for found in taken.values())
    return few, many


async def _send(redis: Redis, source: Source, count: int) -> float:
    if not count:
        return 0.0
    args = batch_args(source.show_id, [Planned(one) for one in source.bids(count)], "e")
    started_ms = clock.monotonic_ms()
    await redis.execute_command("EVALSHA", bundle().sha, 1, *batch_keys(source.show_id), *args)  # type: ignore[no-untyped-call]
    return (clock.monotonic_ms() - started_ms) * 1000 / count
