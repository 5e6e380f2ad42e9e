"""What the measurements share: a Valkey as `python -m server up` starts it, and a lot with bids for it."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from server.kernel.clock import SystemClock
from server.ledger.ledger import Ledger
from server.ledger.rules import Bid, Fund, LotTerms, Opened, OpenLot
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey

BIDDERS = 100
"""People at the same time, each waiting for the answer before they bid again."""
BATCH = 100
"""Commands per call of the bare client."""
LASTS_MS = 3_600_000
SKU = "CAP-A"
STEP = 1
TERMS = LotTerms(
    sku=SKU,
    quantity=1,
    seller_id="acc_seller",
    currency="EUR",
    start_minor=100,
    reserve_minor=0,
    increments=((0, STEP),),
    window_ms=10_000,
    reset_ms=10_000,
    extension_max_ms=60_000,
    sudden_death=False,
    payment_ms=600_000,
)

clock = SystemClock()


def bid(lot_id: str, number: int) -> Bid:
    """The next bid but `number` others, which leads if those before it were made."""
    amount = TERMS.start_minor + number * STEP
    return Bid(
        command_id=f"{lot_id}-{number}",
        lot_id=lot_id,
        bidder_id=f"acc_{number % BIDDERS}",
        amount_minor=amount,
        currency=TERMS.currency,
        confirmed=True,
    )


async def open_lots(ledger: Ledger, show_id: str, lot_ids: list[str]) -> None:
    """Lots of a show that are open for bids."""
    fund = Fund(command_id=f"fund-{lot_ids[0]}", sku=SKU, quantity=len(lot_ids), per_buyer_max=1)
    await ledger.submit(show_id, fund)
    for lot_id in lot_ids:
        outcome = await ledger.submit(show_id, OpenLot(command_id=lot_id, terms=TERMS, starts_in_ms=0, lasts_ms=LASTS_MS))
        assert isinstance(outcome, Opened), outcome


@asynccontextmanager
async def server() -> AsyncIterator[Redis]:
    """A client of a Valkey of its own."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        valkey = EmbeddedValkey(Path(folder))
        await valkey.start()
        client = connect(valkey.url)
        try:
            yield client
        finally:
            await client.aclose()
            await valkey.stop()


@asynccontextmanager
async def opened(redis: Redis) -> AsyncIterator[Ledger]:
    """The ledger as the server uses it."""
    ledger = Ledger(redis, clock)
    try:
        yield ledger
    finally:
        await ledger.close()
