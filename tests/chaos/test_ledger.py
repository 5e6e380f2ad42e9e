"""Bids, holds and purchases while Valkey, web and worker are killed or restarted: what was answered is in the record, once.

The checker knows only what the clients were told, and compares it with SQL: every answer is recorded exactly once and as it was
told, every lot ended once and for whom the bids say, and Redis agrees with a replay of the record.
"""

import asyncio
import os
import random
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from schemas.events.ledger import BidPlaced, LotEnded
from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.kernel.ids import new_id
from server.kernel.tasks import supervised
from server.ledger.audit import audit
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.log import read_log
from server.ledger.replay import replay
from server.ledger.restore import Restorer
from server.ledger.rules import (
    AnyCommand,
    AnyOutcome,
    Bid,
    BidAccepted,
    BidTooLow,
    Commit,
    Held,
    Hold,
    HoldLine,
    LotOver,
    LotTerms,
    OpenLot,
    SetMaximum,
)
from server.ledger.tables import EVENTS, REFUSALS
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey
from server.store.database import Database
from tests.e2e.conftest import folder as folder
from tests.e2e.site import Site

CLOCK = SystemClock()
SKU = "ART"
UNITS = 100_000
WINDOW_MS = 1_500
LASTS_MS = 2_000
EXTENSION_MS = 3_000
BIDDERS = 8
SHOPPERS = 4
PATIENCE_S = 60.0


class Crowd:
    """People who bid and buy straight at the ledger, and remember every answer."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.show_id = new_id("shw", CLOCK)
        self.lots: list[str] = []
        self.asked: dict[str, AnyCommand] = {}
        self.told: dict[str, AnyOutcome] = {}

    async def ask(self, command: AnyCommand) -> AnyOutcome:
        """The answer, however long the servers are away: the same command again, as a browser does it."""
        self.asked[command.command_id] = command
        while True:
            with suppress(Unavailable):
                outcome = await self.ledger.submit(self.show_id, command)
                before = self.told.setdefault(command.command_id, outcome)
                assert outcome == before
                return outcome

    async def open(self) -> None:
        """A show with stock."""
        await self.ledger.fund(self.show_id, new_id("mov", CLOCK), SKU, UNITS, UNITS)

    async def auction(self) -> None:
        """One lot after another, each with bidders until it is over."""
        while True:
            lot_id = new_id("lot", CLOCK)
            terms = LotTerms(
                sku=SKU,
                quantity=1,
                seller_id="acc_seller",
                currency="EUR",
                start_minor=100,
                reserve_minor=0,
                increments=((0, 10),),
                window_ms=WINDOW_MS,
                reset_ms=WINDOW_MS,
                extension_max_ms=EXTENSION_MS,
                sudden_death=False,
                payment_ms=600_000,
            )
            await self.ask(OpenLot(command_id=lot_id, terms=terms, starts_in_ms=0, lasts_ms=LASTS_MS))
            self.lots.append(lot_id)
            await asyncio.gather(*(self.bid(lot_id, f"acc_{number}") for number in range(BIDDERS)))

    async def bid(self, lot_id: str, bidder_id: str) -> None:
        """Bid a little more each time, by maximum and exactly."""
        amount = 100
        dice = random.Random(f"{lot_id}{bidder_id}")
        while True:
            kind = dice.choice((Bid, SetMaximum))
            command_id, confirmed = new_id("bid", CLOCK), True
            outcome = await self.ask(
                kind(
                    command_id=command_id,
                    lot_id=lot_id,
                    bidder_id=bidder_id,
                    amount_minor=amount,
                    currency="EUR",
                    confirmed=confirmed,
                )
            )
            match outcome:
                case LotOver():
                    return
                case BidAccepted(next_minor=least) | BidTooLow(next_minor=least):
                    amount = max(amount, least) + dice.choice((0, 0, 10, 50))
                case _:
                    raise AssertionError(outcome)
            await asyncio.sleep(dice.uniform(0.0, 0.03))  # people are not all as quick

    async def shop(self, buyer_id: str) -> None:
        """Hold and buy, again and again."""
        while True:
            hold_id = new_id("ord", CLOCK)
            line = (HoldLine(SKU, 1),)
            held = await self.ask(Hold(command_id=hold_id, buyer_id=buyer_id, lines=line, hold_ms=600_000))
            assert isinstance(held, Held), held
            await self.ask(Commit(command_id=new_id("com", CLOCK), hold_id=hold_id))

    async def until_answered(self, count: int) -> None:
        """Wait until so many more answers came."""
        target = len(self.told) + count
        async with asyncio.timeout(PATIENCE_S):
            while len(self.told) < target:  # noqa: ASYNC110 - many tasks answer
                await asyncio.sleep(0.01)


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    running = Site(folder)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def database(site: Site) -> AsyncIterator[Database]:
    made = Database(f"sqlite+aiosqlite:///{site.folder}/data/efir.sqlite3")
    yield made
    await made.dispose()


@pytest.fixture
async def crowd(site: Site, database: Database) -> AsyncIterator[Crowd]:
    client = connect(f"unix://{site.folder}/data/valkey/valkey.sock")
    restorer = Restorer(client, database, CLOCK)
    ledger = Ledger(client, CLOCK, before_load=restorer.examine)
    yield Crowd(ledger)
    await ledger.close()
    await restorer.close()
    await client.aclose()


async def check(crowd: Crowd, database: Database) -> None:
    """Compare what the crowd was told with the record."""
    history, show_id, ledger = LedgerHistory(database), crowd.show_id, crowd.ledger
    async with asyncio.timeout(PATIENCE_S):
        while not await _settled(crowd, history):  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.05)
    async with database.reading() as connection:
        events_of = select(EVENTS.c.command_id, EVENTS.c.outcome).where(EVENTS.c.show_id == show_id, EVENTS.c.outcome != b"")
        refusals_of = select(REFUSALS.c.command_id, REFUSALS.c.outcome).where(REFUSALS.c.show_id == show_id)
        answers = [*(await connection.execute(events_of)), *(await connection.execute(refusals_of))]
    recorded: dict[str, list[AnyOutcome]] = {}
    for command_id, text in answers:
        recorded.setdefault(command_id, []).append(msgspec.json.decode(text[40:], type=AnyOutcome))
    for command_id, outcome in crowd.told.items():
        assert recorded.get(command_id) == [outcome], f"{crowd.asked[command_id]} was told {outcome}"
    events = [event async for event in history.all_events(show_id)]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    for lot_id in crowd.lots:
        _check_lot(lot_id, events)
    assert await audit(ledger._redis, ledger, show_id, history) == []
    assert sum(isinstance(outcome, BidAccepted) for outcome in crowd.told.values()) > 20, "hardly anybody bid"
    assert sum(isinstance(outcome, Held) for outcome in crowd.told.values()) > 20, "hardly anybody bought"


def _check_lot(lot_id: str, events: Sequence[Any]) -> None:
    """By the definition of an auction: the highest amount wins, of equal ones the earlier."""
    ends = [event for event in events if isinstance(event, LotEnded) and event.lot_id == lot_id]
    assert len(ends) == 1, f"{lot_id} ended {len(ends)} times"
    bids = [event for event in events if isinstance(event, BidPlaced) and event.lot_id == lot_id]
    best = max(bids, key=lambda event: (event.amount_minor, -event.seq))
    assert (ends[0].state, ends[0].winner_id) == ("sold", best.bidder_id)
    assert all(event.seq < ends[0].seq for event in bids), "a bid after the hammer"


async def _settled(crowd: Crowd, history: LedgerHistory) -> bool:
    with suppress(Unavailable):
        await crowd.ledger.sweep(crowd.show_id)
        snapshot = await crowd.ledger.snapshot(crowd.show_id)
        over = not any(lot.lot.state in ("announced", "open") for lot in snapshot.lots)
        return over and await history.projected(crowd.show_id) == (snapshot.epoch, snapshot.seq)
    return False


async def under_fire(site: Site, crowd: Crowd, database: Database, targets: Sequence[str], dice: random.Random) -> None:
    """People bid and buy while the targets are killed one after another."""
    await crowd.open()
    async with supervised("crowd") as tasks:
        people = [tasks.start(crowd.auction())] + [tasks.start(crowd.shop(f"buy_{number}")) for number in range(SHOPPERS)]
        for target in targets:
            await crowd.until_answered(dice.randint(50, 250))  # the moment of the kill is what varies
            assert not [person.exception() for person in people if person.done()]
            site.kill(target)
        await crowd.until_answered(200)
        assert not [person.exception() for person in people if person.done()]
    await check(crowd, database)


async def test_every_answer_is_recorded_once_when_each_process_is_killed(site: Site, crowd: Crowd, database: Database) -> None:
    await under_fire(site, crowd, database, ["valkey", "worker", "web", "valkey"], random.Random(5))


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(3))
async def test_every_answer_is_recorded_once_in_a_minute_of_random_kills(
    seed: int, site: Site, crowd: Crowd, database: Database
) -> None:
    dice = random.Random(seed)
    await under_fire(site, crowd, database, [dice.choice(("valkey", "worker", "web")) for _ in range(40)], dice)


async def test_a_rolling_restart_in_the_middle_of_an_auction_changes_nothing(
    site: Site, crowd: Crowd, database: Database
) -> None:
    await crowd.open()
    async with supervised("crowd") as tasks:
        people = [tasks.start(crowd.auction())] + [tasks.start(crowd.shop(f"buy_{number}")) for number in range(SHOPPERS)]
        for role in ("web", "worker"):
            await crowd.until_answered(100)
            before = site.pids(role)
            for pid in before:
                os.kill(pid, signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_S):
                while not site.pids(role) or set(site.pids(role)) & set(before):  # noqa: ASYNC110 - other processes
                    await asyncio.sleep(0.05)
        await crowd.until_answered(200)
        assert not [person.exception() for person in people if person.done()]
    await check(crowd, database)


async def last_transaction(folder: Path) -> tuple[Path, int, int, dict[str, AnyOutcome]]:
    """A server's folder whose append-only file ends with one script of several writes: the file, where that begins and ends, and
    what was acknowledged before."""
    server = EmbeddedValkey(folder)
    await server.start()
    client = connect(server.url)
    crowd = Crowd(Ledger(client, CLOCK))
    crowd.show_id = "shw_cut"
    try:
        await crowd.open()
        for number in range(20):
            hold = Hold(command_id=f"ord_{number}", buyer_id=f"acc_{number}", lines=(HoldLine(SKU, 1),), hold_ms=600_000)
            await crowd.ask(hold)
        (file,) = folder.glob("appendonlydir/*.incr.aof")  # noqa: ASYNC240 - one small folder
        begins = file.stat().st_size
        lines = (HoldLine(SKU, 1), HoldLine(SKU, 2))
        await crowd.ledger.submit("shw_cut", Hold(command_id="ord_last", buyer_id="acc_last", lines=lines, hold_ms=600_000))
        ends = file.stat().st_size
    finally:
        await crowd.ledger.close()
        await client.aclose()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await server.wait()
    return file, begins, ends, crowd.told


async def restart_twice(copy: Path, told: dict[str, AnyOutcome]) -> None:
    """Start on a cut file, decide something, die, start again: both times nothing that was acknowledged may be missing."""
    acknowledged = {command_id for command_id in told if command_id.startswith("ord_")}
    server = EmbeddedValkey(copy)
    for round_number in range(2):
        await server.start()
        client = connect(server.url)
        ledger = Ledger(client, CLOCK)
        try:
            state = await replay(client, "shw_cut")
            assert acknowledged <= state.holds.keys(), "an acknowledged hold is lost"
            assert await audit(client, ledger, "shw_cut") == []
            seqs = [event.seq async for event in read_log(client, "shw_cut")]
            assert seqs == list(range(1, len(seqs) + 1))
            name = f"ord_after_{round_number}"
            held = await ledger.hold("shw_cut", name, f"acc_{name}", [HoldLine(SKU, 1)], 600_000)
            assert isinstance(held, Held)
            acknowledged.add(name)
        finally:
            await ledger.close()
            await client.aclose()
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            await server.wait()


async def cut_everywhere(folder: Path, positions: int | None) -> None:
    """Cut the last transaction at `positions` places (None: at every byte)."""
    file, begins, ends, told = await last_transaction(folder / "whole")
    assert ends - begins > 300, "the last transaction is hardly one"
    places = list(range(begins, ends + 1))
    if positions is not None:
        places = sorted({begins, begins + 1, ends - 1, ends, *random.Random(1).sample(places, positions)})
    for place in places:
        copy = folder / f"cut-{place}"
        shutil.copytree(folder / "whole", copy, ignore=shutil.ignore_patterns("*.sock", "*.pid"))
        os.truncate(copy / file.relative_to(folder / "whole"), place)
        await restart_twice(copy, told)
        shutil.rmtree(copy)


async def test_a_file_that_is_cut_in_its_last_transaction_loses_nothing_else_and_stays_whole(folder: Path) -> None:
    await cut_everywhere(folder, 4)


@pytest.mark.chaos
async def test_a_file_that_is_cut_at_every_byte_of_its_last_transaction(folder: Path) -> None:
    await cut_everywhere(folder, None)
