"""Redis that comes back with less than SQL has: the show stops, is made again from SQL, and nothing that SQL knows is lost."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from schemas.errors import Refused
from schemas.events.ledger import ShowRestored
from server.kernel.clock import SystemClock
from server.kernel.errors import Unavailable
from server.ledger import restore
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.log import SHOWS_KEY, read_log
from server.ledger.projection import Projection
from server.ledger.restore import FENCE, Kept, Recorded, Restorer, is_older
from server.ledger.rules import (
    AnyOutcome,
    Award,
    CloseCoupon,
    CloseSale,
    Commit,
    Committed,
    Draw,
    Drawn,
    Enter,
    Held,
    Hold,
    HoldLine,
    HoldRecord,
    IdempotencyConflict,
    Leave,
    LotTerms,
    OpenCoupon,
    OpenGiveaway,
    OpenLot,
    OpenSale,
    Release,
    Released,
    Restock,
    SaleItem,
    SetMaximum,
    VoidLot,
    Wait,
    Waiter,
)
from server.ledger.wire import key
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey
from server.store.database import Database

SHOW = "shw_0123456789abcdef0123456789abcdef"
OTHER = "shw_fedcba9876543210fedcba9876543210"
SKU = "CAP-A"
ONE = (HoldLine(SKU, 1),)


async def lease() -> int:
    return 1


@pytest.fixture
async def ledger(redis: Redis) -> AsyncIterator[Ledger]:
    made = Ledger(redis, SystemClock())
    yield made
    await made.close()


@pytest.fixture
def restorer(redis: Redis, sqlite_database: Database) -> Restorer:
    return Restorer(redis, sqlite_database, SystemClock())


async def copy_all(redis: Redis, database: Database, restorer: Restorer) -> None:
    """Bring SQL to where Redis is."""
    copying = Projection(redis, database, SystemClock(), lease=lease, examine=restorer.examine)
    while await copying.step():
        pass
    await copying.aclose()


async def busy_show(ledger: Ledger, show_id: str = SHOW, buyers: int = 12) -> None:
    """Holds in every state."""
    await ledger.fund(show_id, "mov_1", SKU, 100, 3)
    await ledger.fund(show_id, "mov_2", "HAT", 10, 3)
    for number in range(buyers):
        lines = (*ONE, HoldLine("HAT", 1)) if number % 4 == 0 else ONE
        await ledger.hold(show_id, f"ord_{number}", f"acc_{number % 5}", lines, 600_000)
    await ledger.extend(show_id, "ext_1", "ord_1", 700_000)
    await ledger.commit(show_id, "com_1", "ord_0")
    await ledger.commit(show_id, "com_2", "ord_2")
    await ledger.release(show_id, "rel_1", "ord_3")
    await ledger.release(show_id, "rel_2", "ord_4")
    await ledger.submit(show_id, Restock(command_id="res_1", hold_id="ord_2"))
    await ledger.hold(show_id, "ord_none", "acc_1", (HoldLine(SKU, 1_000),), 600_000)
    await sales_and_lines(ledger, show_id)


async def sales_and_lines(ledger: Ledger, show_id: str) -> None:
    """Sales that are open and over, coupons that are used and shut, people in line."""
    item = SaleItem("BAG", quantity_max=3, per_buyer_max=2, price_minor=500)
    await ledger.fund(show_id, "mov_3", "BAG", 4, 9)
    for sale_id, starts_in_ms in (("sal_1", 0), ("sal_2", 0), ("sal_3", 60_000)):
        sale = OpenSale(command_id=sale_id, items=(item,), currency="EUR", starts_in_ms=starts_in_ms, lasts_ms=900_000)
        await ledger.submit(show_id, sale)
    await ledger.submit(show_id, CloseSale(command_id="clo_1", sale_id="sal_2"))
    for code in ("SAVE10", "SAVE20"):
        await ledger.submit(show_id, OpenCoupon(command_id=f"cou_{code}", code=code, uses_max=9, per_buyer_max=2))
    for number in range(2):
        lines = (HoldLine("BAG", 1, "sal_1"), HoldLine("BAG", 1))
        hold = Hold(command_id=f"ord_s{number}", buyer_id="acc_s", lines=lines, hold_ms=600_000, coupon="SAVE10")
        await ledger.submit(show_id, hold)
    await ledger.submit(show_id, CloseCoupon(command_id="cou_off", code="SAVE20"))
    await ledger.commit(show_id, "com_s", "ord_s0")
    for number in range(4):
        line = HoldLine("BAG", 1 + number % 2, "sal_1" if number == 3 else "")
        await ledger.submit(show_id, Wait(command_id=f"wai_{number}", buyer_id=f"wai_{number}", line=line, hold_ms=60_000))
    await ledger.submit(show_id, Leave(command_id="lea_1", wait_id="wai_1"))
    await lots_and_giveaways(ledger, show_id)


def open_lot(lot_id: str, starts_in_ms: int, lasts_ms: int, reserve_minor: int = 0) -> OpenLot:
    terms = LotTerms(
        sku="ART",
        quantity=1,
        seller_id="acc_seller",
        currency="EUR",
        start_minor=100,
        reserve_minor=reserve_minor,
        increments=((0, 10), (1_000, 50)),
        window_ms=0,
        reset_ms=0,
        extension_max_ms=0,
        sudden_death=True,
        payment_ms=900_000,
    )
    return OpenLot(command_id=lot_id, terms=terms, starts_in_ms=starts_in_ms, lasts_ms=lasts_ms)


async def lots_and_giveaways(ledger: Ledger, show_id: str) -> None:
    """Lots that are announced, open, sold, unsold, void and offered to a runner-up; giveaways that are open, over and drawn."""
    await ledger.fund(show_id, "mov_4", "ART", 30, 9)
    for lot_id, starts_in_ms, lasts_ms in (
        *(("lot_announced", 600_000, 900_000), ("lot_open", 0, 900_000), ("lot_void", 0, 900_000)),
        *(("lot_sold", 0, 100_000), ("lot_reserve", 0, 100_000), ("lot_unsold", 0, 100_000), ("lot_offered", 0, 100_000)),
    ):
        await ledger.submit(show_id, open_lot(lot_id, starts_in_ms, lasts_ms, 5_000 if lot_id == "lot_reserve" else 0))
        for number in range(3 if lot_id != "lot_unsold" else 0):
            bid = {"lot_id": lot_id, "bidder_id": f"bid_{number}", "amount_minor": 150 + 50 * number, "currency": "EUR"}
            await ledger.submit(show_id, SetMaximum(command_id=f"{lot_id}{number}", **bid))  # type: ignore[arg-type]
    await ledger.submit(show_id, VoidLot(command_id="voi_1", lot_id="lot_void", reason="broken", force=True))
    for giveaway_id, lasts_ms in (("gvw_open", 900_000), ("gvw_over", 100_000), ("gvw_drawn", 100_000)):
        giveaway = OpenGiveaway(command_id=giveaway_id, sku="ART", winners_max=2, lasts_ms=lasts_ms, commitment="0" * 64)
        await ledger.submit(show_id, giveaway)
        for number in range(3):
            entrant = {"giveaway_id": giveaway_id, "entrant_id": f"ent_{number}"}
            await ledger.submit(show_id, Enter(command_id=f"{giveaway_id}{number}", **entrant))
    # The show's clock never goes back behind its last moment: so a test lets time pass.
    await ledger._redis.hset(key(show_id, "meta"), "last_ms", SystemClock().now_ms() + 200_000)
    await ledger.sweep(show_id)
    draw = Draw(command_id="drw_1", giveaway_id="gvw_drawn", seed="seed", winners=("ent_1",))
    assert isinstance(await ledger.submit(show_id, draw), Drawn)
    award = Award(command_id="awd_1", lot_id="lot_offered", buyer_id="bid_1", price_minor=200, hold_ms=600_000)
    assert isinstance(await ledger.submit(show_id, award), Held)
    await ledger.sweep(show_id)
    found = {lot.lot_id: lot.lot.state for lot in (await ledger.snapshot(show_id)).lots}
    assert found == {
        **{"lot_announced": "announced", "lot_open": "open", "lot_void": "void", "lot_sold": "sold", "lot_offered": "sold"},
        **{"lot_unsold": "unsold", "lot_reserve": "unsold"},
    }


async def dump(redis: Redis, show_id: str = SHOW) -> dict[str, Any]:
    """Everything that Redis keeps of a show, but for what a new life changes."""
    found: dict[str, Any] = {}
    client: Any = redis
    async for name in client.scan_iter(match=f"{{sh:{show_id}}}:*"):
        short = name.decode().partition("}:")[2]
        match await client.type(name):
            case b"hash":
                fields = await client.hgetall(name)
                found[short] = {field: json.loads(text) if text[:1] in (b"[", b"{") else text for field, text in fields.items()}
            case b"set":
                found[short] = await client.smembers(name)
            case b"zset":
                found[short] = await client.zrange(name, 0, -1, withscores=True)
            case b"list":
                found[short] = await client.lrange(name, 0, -1)
            case b"string":
                text = await client.get(name)
                record = {"hold": HoldRecord, "waiter": Waiter}.get(short.partition(":")[0])
                found[short] = msgspec.json.decode(text, type=record) if record else text
                assert (await client.pttl(name) > 0) == (
                    short.startswith("cmd:") or any(word in text for word in (b'"released"', b'"restocked"'))
                ), short
    return {name: value for name, value in found.items() if name not in ("meta", "freed")}


async def restored_events(redis: Redis, database: Database) -> list[ShowRestored]:
    return [event async for event in read_log(redis, SHOW) if isinstance(event, ShowRestored)]


async def test_an_empty_redis_gets_exactly_what_it_had(
    ledger: Ledger, redis: Redis, sqlite_database: Database, restorer: Restorer
) -> None:
    await busy_show(ledger)
    await copy_all(redis, sqlite_database, restorer)
    before, (epoch, seq) = await dump(redis), await LedgerHistory(sqlite_database).projected(SHOW)
    await redis.flushall()
    assert await restorer.examine() == [SHOW]
    with pytest.raises(Unavailable, match="restoring"):
        await ledger.hold(SHOW, "ord_new", "acc_9", ONE, 600_000)
    assert await restorer.restore(SHOW)
    assert await dump(redis) == before
    meta: Any = await redis.hgetall(key(SHOW, "meta"))
    assert meta[b"seq"] == str(seq + 1).encode()
    assert meta[b"epoch"] != epoch.encode()
    assert b"fence" not in meta
    log = [event async for event in read_log(redis, SHOW)]
    assert [event.seq for event in log] == list(range(1, seq + 2)), "consumers that were behind find what they had not read"
    assert isinstance(log[-1], ShowRestored)
    assert log[-1].previous_epoch == epoch
    assert await redis.sismember(SHOWS_KEY, SHOW)
    assert await restorer.examine() == []


async def test_commands_of_before_keep_their_outcomes_and_new_ones_go_on(
    ledger: Ledger, redis: Redis, sqlite_database: Database, restorer: Restorer
) -> None:
    await busy_show(ledger)
    asked: list[tuple[Any, AnyOutcome]] = []
    for command in (
        Hold(command_id="ord_90", buyer_id="acc_9", lines=ONE, hold_ms=600_000),
        Commit(command_id="com_90", hold_id="ord_90"),
        Release(command_id="rel_90", hold_id="ord_5"),
    ):
        asked.append((command, await ledger.submit(SHOW, command)))
    await copy_all(redis, sqlite_database, restorer)
    epoch = (await ledger.pools(SHOW)).epoch
    await redis.flushall()
    await restorer.examine()
    await restorer.restore(SHOW)
    for command, outcome in asked:
        assert await ledger.submit(SHOW, command) == outcome
    assert await ledger.hold(SHOW, "ord_90", "acc_8", ONE, 5) == IdempotencyConflict()
    assert await ledger.commit(SHOW, "com_91", "ord_6") == Committed()
    assert await ledger.release(SHOW, "rel_91", "ord_7") == Released()
    with pytest.raises(Refused, match="stale_epoch"):
        await ledger.submit(SHOW, Hold(command_id="ord_91", buyer_id="acc_9", lines=ONE, hold_ms=5), epoch)
    await copy_all(redis, sqlite_database, restorer)
    recorded = [event async for event in LedgerHistory(sqlite_database).all_events(SHOW)]
    assert [event.seq for event in recorded] == list(range(1, len(recorded) + 1))
    assert sum(isinstance(event, ShowRestored) for event in recorded) == 1
    # And once more, from a record with two lives.
    before = await dump(redis)
    await redis.flushall()
    await restorer.examine()
    assert await restorer.restore(SHOW)
    assert await dump(redis) == before


class Crash(BaseException):
    """The process dies here."""


class Dying(Restorer):
    """Dies at its n-th step towards Redis."""

    def __init__(self, *args: Any, die_at: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self.die_at = die_at
        self.steps = 0

    async def _guarded(self, script: Any, show_id: str, args: Sequence[bytes | str | int]) -> None:
        self.steps += 1
        if self.steps == self.die_at:
            raise Crash
        await super()._guarded(script, show_id, args)
        if self.steps == -self.die_at:
            raise Crash  # after the write, before anybody heard of it


async def test_a_restoration_that_dies_at_any_write_is_begun_again(
    ledger: Ledger, redis: Redis, sqlite_database: Database, restorer: Restorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy_show(ledger)
    await copy_all(redis, sqlite_database, restorer)
    before = await dump(redis)
    monkeypatch.setattr(restore, "PAGE", 7)
    count = Dying(redis, sqlite_database, SystemClock(), die_at=0)
    await redis.flushall()
    await count.restore(SHOW)
    assert count.steps > 8
    for die_at in [*range(1, count.steps + 1), *range(-count.steps, 0)]:
        await redis.flushall()
        await restorer.examine()
        with pytest.raises(Crash):
            await Dying(redis, sqlite_database, SystemClock(), die_at=die_at, lock_ms=60_000).restore(SHOW)
        finished = die_at == -count.steps
        if not finished:
            with pytest.raises(Unavailable):
                await ledger.hold(SHOW, "ord_half", "acc_9", ONE, 600_000)
            with pytest.raises(Unavailable):
                await ledger.snapshot(SHOW)
        await redis.delete(key(SHOW, "restoring"))  # what time does when a process is gone
        assert await restorer.restore(SHOW) is not finished
        assert await dump(redis) == before, die_at
        assert len(await restored_events(redis, sqlite_database)) == 1


async def test_processes_that_find_it_at_once_restore_it_once(ledger: Ledger, redis: Redis, sqlite_database: Database) -> None:
    await busy_show(ledger)
    crew = [Restorer(redis, sqlite_database, SystemClock()) for _ in range(5)]
    await copy_all(redis, sqlite_database, crew[0])
    await redis.flushall()
    await asyncio.gather(*(one.examine() for one in crew))
    assert sum(await asyncio.gather(*(one.restore(SHOW) for one in crew))) == 1
    assert len(await restored_events(redis, sqlite_database)) == 1
    assert [await one.examine() for one in crew] == [[]] * 5
    assert isinstance(await ledger.hold(SHOW, "ord_new", "acc_9", ONE, 600_000), Held)


async def test_who_lost_the_restoration_to_another_process_writes_nothing(
    ledger: Ledger, redis: Redis, sqlite_database: Database, restorer: Restorer
) -> None:
    await busy_show(ledger)
    await copy_all(redis, sqlite_database, restorer)
    await redis.flushall()

    class Paused(Restorer):
        async def _guarded(self, script: Any, show_id: str, args: Sequence[bytes | str | int]) -> None:
            if script is restore._finish:
                await redis.delete(key(SHOW, "restoring"))  # its lock ran out while it was paused
                assert await restorer.restore(SHOW)
            await super()._guarded(script, show_id, args)

    assert not await Paused(redis, sqlite_database, SystemClock()).restore(SHOW)
    assert len(await restored_events(redis, sqlite_database)) == 1


async def test_a_show_that_was_stopped_before_stays_stopped(
    ledger: Ledger, redis: Redis, sqlite_database: Database, restorer: Restorer
) -> None:
    await busy_show(ledger)
    await copy_all(redis, sqlite_database, restorer)
    await redis.hset(key(SHOW, "meta"), mapping={"seq": 3, "fence": "somebody looks at it"})
    await restorer.examine()
    assert await restorer.restore(SHOW)
    assert await redis.hget(key(SHOW, "meta"), "fence") == b"somebody looks at it"


async def test_a_stop_that_came_too_late_is_lifted(
    ledger: Ledger, redis: Redis, sqlite_database: Database, restorer: Restorer
) -> None:
    await busy_show(ledger)
    await copy_all(redis, sqlite_database, restorer)
    await redis.hset(key(SHOW, "meta"), "fence", FENCE)
    assert await restorer.examine() == [SHOW]
    assert not await restorer.restore(SHOW)
    assert isinstance(await ledger.hold(SHOW, "ord_new", "acc_9", ONE, 600_000), Held)


async def test_a_server_with_an_older_file_decides_nothing_before_it_is_restored(
    sqlite_database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "v"
    server = EmbeddedValkey(folder)
    await server.start()
    client = connect(server.url)
    restorer = Restorer(client, sqlite_database, SystemClock())
    ledger = Ledger(client, SystemClock(), before_load=restorer.examine, deadline_s=10)
    try:
        await busy_show(ledger)
        await busy_show(ledger, OTHER)
        await copy_all(client, sqlite_database, restorer)
        shutil.copytree(folder, tmp_path / "older", ignore=shutil.ignore_patterns("*.sock", "*.pid"))
        later = [await ledger.hold(SHOW, f"ord_late_{number}", f"late_{number}", ONE, 600_000) for number in range(5)]
        await copy_all(client, sqlite_database, restorer)
        before = await dump(client)

        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await server.wait()
        for path in (tmp_path / "older").iterdir():
            target = folder / path.name
            shutil.rmtree(target) if target.is_dir() else None
            shutil.copytree(path, target) if path.is_dir() else shutil.copy2(path, target)
        await server.start()

        # The other show is as it was; this one would sell what it sold already.
        assert isinstance(await ledger.hold(OTHER, "ord_new", "acc_9", ONE, 600_000), Held)
        with pytest.raises(Unavailable, match="restoring"):
            await ledger.hold(SHOW, "ord_new", "acc_9", ONE, 600_000)
        assert await restorer.restore(SHOW)
        assert await dump(client) == before
        assert await ledger.hold(SHOW, "ord_late_3", "late_3", ONE, 600_000) == later[3]
        assert await restorer.examine() == []
    finally:
        await ledger.close()
        await client.aclose()
        await server.stop()


async def test_what_was_decided_on_an_older_file_is_found_and_undone(
    ledger: Ledger, redis: Redis, sqlite_database: Database, restorer: Restorer
) -> None:
    await busy_show(ledger)
    await copy_all(redis, sqlite_database, restorer)
    before = await dump(redis)
    await redis.flushall()
    # As if nobody had looked: the show begins anew and comes further than before.
    await ledger.fund(SHOW, "mov_x", SKU, 500, 500)
    await asyncio.gather(*(ledger.hold(SHOW, f"ord_x{number}", "acc_x", ONE, 600_000) for number in range(100)))
    assert await restorer.examine() == [SHOW]
    await restorer.restore(SHOW)
    assert await dump(redis) == before


async def test_a_show_that_differs_is_made_again_when_somebody_wants_it(
    ledger: Ledger, redis: Redis, sqlite_database: Database, restorer: Restorer
) -> None:
    await busy_show(ledger)
    await copy_all(redis, sqlite_database, restorer)
    before = await dump(redis)
    await redis.hincrby(key(SHOW, f"pool:{SKU}"), "sold", -1)
    await ledger.fence(SHOW, "audit: it differs")
    assert not await restorer.restore(SHOW)
    assert await restorer.restore(SHOW, anyway=True)
    assert await dump(redis) == before
    assert isinstance(await ledger.hold(SHOW, "ord_new", "acc_9", ONE, 600_000), Held)


def test_older_is_less_or_something_else() -> None:
    recorded = Recorded(SHOW, "e1", 5, b"five")
    restored = (
        b'{"type":"ledger.show_restored.v1","show_id":"s","epoch":"e2","seq":6,"command_id":"","at_ms":1,"previous_epoch":"%s"}'
    )
    assert not is_older(recorded, Kept(5, "", "", {5: b"five"}))
    assert not is_older(recorded, Kept(9, "", "", {5: b"five", 6: b"six"}))
    assert is_older(recorded, Kept(4, "", "", {}))
    assert is_older(recorded, Kept(0, "", "", {}))
    assert is_older(recorded, Kept(9, "", "", {5: b"other"}))
    assert is_older(recorded, Kept(9, "", "", {}))
    assert not is_older(recorded, Kept(9, "", "", {6: restored % b"e1"}))
    assert is_older(recorded, Kept(9, "", "", {6: restored % b"e0"}))
