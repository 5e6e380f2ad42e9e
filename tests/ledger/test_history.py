"""The record answers what people ask about one hold, lot, sale or coupon; it is written once and only where it ends."""

import hashlib
from collections.abc import Sequence

import msgspec
import pytest

from schemas.events.ledger import (
    AnyLedgerEvent,
    GiveawayEntered,
    HoldCommitted,
    HoldExpired,
    LineState,
    LotAwarded,
    LotEnded,
    SaleItemState,
    SaleOffer,
    SaleOpened,
    ShowRestored,
    StockFunded,
    StockHeld,
)
from server.ledger.history import LedgerHistory, Refusal
from server.ledger.record import Checkpoint, Contradiction, Logged, Overtaken, Refused, read_checkpoints, write
from server.ledger.rules import AnyCommand, AnyOutcome, Bid, BidTooLow, Hold, HoldLine, SoldOut
from server.store.database import Database

SHOW = "shw_0123456789abcdef0123456789abcdef"


def line(sale_id: str = "") -> LineState:
    sale = SaleItemState(sale_id=sale_id, available=1, held=1, sold=0) if sale_id else None
    return LineState(sku="CAP-A", quantity=1, available=1, held=1, sold=0, sale=sale)


def head(seq: int, command_id: str, epoch: str = "e1") -> dict[str, object]:
    return {"show_id": SHOW, "epoch": epoch, "seq": seq, "command_id": command_id, "at_ms": 1_000 + seq}


def logged(event: AnyLedgerEvent, outcome: bytes = b"") -> Logged:
    return Logged(event, msgspec.json.encode(event), outcome)


def refused(entry_id: str, command: AnyCommand, outcome: AnyOutcome) -> Refused:
    text = msgspec.json.encode(command)
    fingerprint = hashlib.sha1(text, usedforsecurity=False).hexdigest()
    answer = msgspec.json.encode(outcome).decode()
    return Refused(entry_id, int(entry_id.partition("-")[0]), 1, command, text.decode(), fingerprint + answer)


def history_of_a_show() -> list[AnyLedgerEvent]:
    lines = [line()]
    held = {"hold_id": "ord_1", "buyer_id": "acc_1", "lines": [line("sal_1")]}
    ended = {"state": "sold", "winner_id": "acc_1", "price_minor": 5, "bids": 2, "hold_id": "lot_1", "expires_at_ms": 9}
    award = {"lot_id": "lot_1", "hold_id": "awd_1", "buyer_id": "acc_2", "price_minor": 4, "expires_at_ms": 9}
    offer = SaleOffer(sku="CAP-A", quantity_max=5, per_buyer_max=1, price_minor=9)
    sale = {"sale_id": "sal_1", "currency": "EUR", "items": [offer], "starts_at_ms": 1, "ends_at_ms": 2}
    return [
        StockFunded(**head(1, "mov_1"), lines=lines, per_buyer_max=3),  # type: ignore[arg-type]
        SaleOpened(**head(2, "sal_1"), **sale),  # type: ignore[arg-type]
        StockHeld(**head(3, "ord_1"), **held, expires_at_ms=9, coupon="SAVE10"),  # type: ignore[arg-type]
        HoldCommitted(**head(4, "cmd_1"), **held),  # type: ignore[arg-type]
        LotEnded(**head(5, "lot_1"), lot_id="lot_1", lines=lines, **ended),  # type: ignore[arg-type]
        HoldExpired(**head(6, "lot_1"), hold_id="lot_1", buyer_id="acc_1", lines=lines),  # type: ignore[arg-type]
        LotAwarded(**head(7, "awd_1"), lines=lines, **award),  # type: ignore[arg-type]
        HoldCommitted(**head(8, "cmd_2"), hold_id="awd_1", buyer_id="acc_2", lines=lines),  # type: ignore[arg-type]
        GiveawayEntered(**head(9, "cmd_3"), giveaway_id="gvw_1", entrant_id="acc_3", entries=1),  # type: ignore[arg-type]
    ]


async def record(
    database: Database, before: Checkpoint, entries: Sequence[Logged], refusals: Sequence[Refused] = ()
) -> Checkpoint:
    async with database.begin() as connection:
        return await write(connection, before, entries, refusals, 5_000)


async def test_everything_about_one_thing_is_found_whatever_the_event_is_called(database: Database) -> None:
    events = history_of_a_show()
    await record(database, Checkpoint(SHOW), [logged(event) for event in events])
    history = LedgerHistory(database)
    assert await history.projected(SHOW) == ("e1", 9)
    assert await history.projected("shw_other") == ("", 0)
    assert list(await history.events(SHOW)) == events

    async def places(subject: str) -> list[int]:
        return [event.seq for event in await history.events(SHOW, subject)]

    assert await places("ord_1") == [3, 4]
    assert await places("sal_1") == [2, 3, 4]
    assert await places("SAVE10") == [3]
    assert await places("lot_1") == [5, 6, 7, 8], "the holds of a lot belong to its history, the runner-up's too"
    assert await places("awd_1") == [7, 8]
    assert await places("gvw_1") == [9]
    assert await places("CAP-A") == [1]
    assert [event.seq for event in await history.events(SHOW, after_seq=2, limit=3)] == [3, 4, 5]
    assert [event.seq async for event in history.all_events(SHOW, after_seq=7)] == [8, 9]


async def test_refusals_are_kept_with_the_command_and_the_reason(database: Database) -> None:
    bid = Bid(command_id="bid_1", lot_id="lot_1", bidder_id="acc_1", amount_minor=5, currency="EUR")
    hold = Hold(command_id="ord_7", buyer_id="acc_1", lines=(HoldLine("CAP-A", 2),), hold_ms=1_000)
    found = [refused("10-0", bid, BidTooLow(7)), refused("11-0", hold, SoldOut("CAP-A", 1))]
    after = await record(database, Checkpoint(SHOW), [], found)
    assert after.refused_id == "11-0"
    history = LedgerHistory(database)
    assert list(await history.refusals(SHOW, "lot_1")) == [Refusal(10, bid, BidTooLow(7))]
    assert list(await history.refusals(SHOW, "ord_7")) == [Refusal(11, hold, SoldOut("CAP-A", 1))]


async def test_the_record_is_written_only_from_where_it_ends(database: Database) -> None:
    entries = [logged(event) for event in history_of_a_show()]
    after = await record(database, Checkpoint(SHOW), entries[:4])
    with pytest.raises(Overtaken):
        await record(database, Checkpoint(SHOW), entries[:4])
    with pytest.raises(Contradiction):
        await record(database, after, entries[5:])
    async with database.reading() as connection:
        assert await read_checkpoints(connection, [SHOW, "x"]) == {SHOW: after, "x": Checkpoint("x")}
    assert len(await LedgerHistory(database).events(SHOW)) == 4
    assert (await record(database, after, entries[4:])).seq == 9


async def test_another_life_begins_only_with_its_announcement(database: Database) -> None:
    entries = [logged(event) for event in history_of_a_show()]
    after = await record(database, Checkpoint(SHOW), entries[:1])
    changed = msgspec.structs.replace(entries[1].event, epoch="e2")
    with pytest.raises(Contradiction):
        await record(database, after, [logged(changed)])
    foreign = ShowRestored(**head(2, "", "e2"), previous_epoch="e0")  # type: ignore[arg-type]
    with pytest.raises(Contradiction):
        await record(database, after, [logged(foreign)])
    announced = ShowRestored(**head(2, "", "e2"), previous_epoch="e1")  # type: ignore[arg-type]
    assert await record(database, after, [logged(announced)]) == Checkpoint(SHOW, "e2", 2)
