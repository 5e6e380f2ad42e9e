"""A hundred people bid on one lot through the ledger's client, on the server's own clock, while the server is killed."""

import asyncio
import itertools
import os
import random
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis

from schemas.events.ledger import BidPlaced, LotEnded
from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.kernel.tasks import supervised
from server.ledger.audit import audit
from server.ledger.ledger import Ledger
from server.ledger.log import read_log
from server.ledger.replay import replay
from server.ledger.rules import (
    AnyCommand,
    AnyOutcome,
    Bid,
    BidAccepted,
    BidTooLow,
    CloseLot,
    LotClosed,
    LotOver,
    Opened,
    OpenLot,
    SetMaximum,
    violations,
)
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey
from tests.ledger import checker
from tests.ledger.lot_scenarios import terms

SHOW = "shw_0123456789abcdef0123456789abcdef"
LOT = "lot_0123456789abcdef0123456789abcdef"
SKU = "CAP-A"


class Bidder:
    """Bids on until the lot is over, and remembers what was answered. Whoever got no answer asks again with the same id."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self.ledger = ledger
        self.bidder_id = f"acc_{number:032x}"
        self.dice = random.Random(number)
        self.exchanges: list[tuple[AnyCommand, AnyOutcome]] = []

    async def bid_on(self) -> None:
        least = 100
        for number in itertools.count():
            kind: Callable[..., Bid | SetMaximum] = self.dice.choice((Bid, SetMaximum))
            amount = least + 10 * self.dice.randrange(4)
            bid_id = f"bid_{self.bidder_id[-8:]}_{number}"
            command = kind(
                command_id=bid_id,
                lot_id=LOT,
                bidder_id=self.bidder_id,
                amount_minor=amount,
                currency="EUR",
                confirmed=True,
            )
            outcome = await self.certainly(command)
            match outcome:
                case BidAccepted(next_minor=next_minor) | BidTooLow(next_minor=next_minor):
                    least = next_minor
                case LotOver():
                    return

    async def certainly(self, command: AnyCommand) -> AnyOutcome:
        while True:
            with suppress(Unavailable):
                outcome = await self.ledger.submit(SHOW, command)
                self.exchanges.append((command, outcome))
                return outcome


async def auction(redis: Redis, ledger: Ledger, bidders: int, lasts_ms: int, valkey: EmbeddedValkey | None, kills: int) -> None:
    await ledger.fund(SHOW, "mov_1", SKU, 3, 1)
    lot = OpenLot(
        command_id=LOT, terms=terms(window_ms=200, reset_ms=200, extension_max_ms=600), starts_in_ms=0, lasts_ms=lasts_ms
    )
    opened = await ledger.submit(SHOW, lot)
    assert isinstance(opened, Opened)
    people = [Bidder(ledger, number) for number in range(bidders)]
    async with asyncio.timeout(lasts_ms / 1000 + 60), supervised("bidders") as tasks:
        running = [tasks.start(person.bid_on(), person.bidder_id) for person in people]
        for _ in range(kills):
            await some_more_bids(people)
            assert valkey is not None
            assert valkey.pid is not None
            os.kill(valkey.pid, signal.SIGKILL)
            await valkey.wait()
            await valkey.start()
        await asyncio.gather(*running)
    closed = await ledger.submit(SHOW, CloseLot(command_id="clo_1", lot_id=LOT))
    log = [event async for event in read_log(redis, SHOW)]
    state = await replay(redis, SHOW)
    assert violations(state) == []
    assert await audit(redis, ledger, SHOW) == []
    checker.check(log, [exchange for person in people for exchange in person.exchanges])
    (ended,) = (event for event in log if isinstance(event, LotEnded))
    assert closed == LotClosed("sold", ended.winner_id, ended.price_minor)
    last = max(event.lot.ends_at_ms for event in log if isinstance(event, BidPlaced))
    assert opened.ends_at_ms <= last <= min(ended.at_ms, opened.ends_at_ms + 600)


async def some_more_bids(people: list[Bidder]) -> None:
    """Wait until a good number of further bids is answered."""
    target = sum(len(person.exchanges) for person in people) + 100
    async with asyncio.timeout(30):
        for _ in itertools.count():
            if sum(len(person.exchanges) for person in people) >= target:
                return
            await asyncio.sleep(0.005)


async def test_a_hundred_bidders_and_one_winner(redis: Redis) -> None:
    ledger = Ledger(redis, SystemClock(), deadline_s=10)
    await auction(redis, ledger, bidders=100, lasts_ms=700, valkey=None, kills=0)
    await ledger.close()


async def crash_while_bidding(kills: int, bidders: int, lasts_ms: int) -> None:
    with tempfile.TemporaryDirectory(prefix="led-") as folder:
        valkey = EmbeddedValkey(Path(folder))
        await valkey.start()
        client = connect(valkey.url)
        ledger = Ledger(client, SystemClock(), deadline_s=10)
        await auction(client, ledger, bidders, lasts_ms, valkey, kills)
        await ledger.close()
        await client.aclose()
        await valkey.stop()


async def test_a_killed_server_loses_no_acknowledged_bid() -> None:
    await crash_while_bidding(kills=2, bidders=30, lasts_ms=6000)


@pytest.mark.chaos
async def test_a_server_that_is_killed_again_and_again_loses_no_bid() -> None:
    await crash_while_bidding(kills=20, bidders=100, lasts_ms=60_000)
