"""Lots and giveaways of a snapshot are those of the rules at the same log position, however many there were."""

import redis

from server.ledger.rules import OPEN_MAX, ShowState
from server.ledger.wire import GiveawaySnapshot, LotSnapshot, ShowSnapshot, batch_keys, bundle, read_snapshot, snapshot
from tests.ledger.lot_scenarios import award, bid, draw, enter, maximum, open_giveaway, open_lot, void
from tests.ledger.scenarios import A, fund
from tests.ledger.twin import Twin


def read(twin: Twin) -> ShowSnapshot:
    twin.client.script_load(snapshot().text)
    return read_snapshot(twin.client.evalsha(snapshot().sha, 1, *batch_keys(twin.show_id)))


def expected_lots(state: ShowState) -> list[LotSnapshot]:
    live = sorted(
        (lot_id for lot_id, lot in state.lots.items() if lot.state in ("announced", "open")),
        key=lambda lot_id: (state.lots[lot_id].starts_at_ms, lot_id),
    )
    return [LotSnapshot(lot_id, state.lots[lot_id]) for lot_id in [*live, *state.ended.get("lot", ())]]


def expected_giveaways(state: ShowState) -> list[GiveawaySnapshot]:
    live = sorted(ident for ident, giveaway in state.giveaways.items() if giveaway.state != "drawn")
    return [GiveawaySnapshot(ident, state.giveaways[ident]) for ident in [*live, *state.ended.get("giveaway", ())]]


def begin(blocking: redis.Redis) -> Twin:
    twin = Twin(blocking, bundle(), "shw_snapshot")
    blocking.script_load(twin.script.text)
    return twin


def test_a_snapshot_has_every_stage_of_a_lot_and_of_a_giveaway(blocking: redis.Redis) -> None:
    twin = begin(blocking)
    twin.call(fund("f1", A, 50, 5), *(open_lot(f"l{i}", reserve_minor=150 * (i % 2)) for i in range(5)))
    twin.call(open_lot("l5", 5000), maximum("b1", 300, lot="l5"), *(bid(f"c{i}", 200, lot=f"l{i}") for i in range(3)))
    twin.call(void("v1", "l4"), open_giveaway("g1"), open_giveaway("g2", 3), enter("e1", "ann", "g2"), enter("e2", "bob", "g2"))
    twin.tick(1000)
    twin.call(draw("d1", "bob", giveaway="g2"), void("v2", "l0", force=True), award("a1", lot="l1"), open_lot("l6"))
    found = read(twin)
    state = twin.show.state
    assert (found.epoch, found.seq) == (state.epoch, state.seq)
    assert found.lots == expected_lots(state)
    assert found.giveaways == expected_giveaways(state)
    assert [(lot.lot_id, lot.lot.state) for lot in found.lots] == [
        ("l6", "open"),
        ("l5", "announced"),
        ("l3", "unsold"),
        ("l2", "sold"),
        ("l1", "sold"),
        ("l0", "void"),
        ("l4", "void"),
    ]
    assert [(item.giveaway_id, item.giveaway.state, item.giveaway.winners) for item in found.giveaways] == [
        ("g1", "ended", ()),
        ("g2", "drawn", ("bob",)),
    ]


def test_a_snapshot_shows_only_the_last_of_what_is_over(blocking: redis.Redis) -> None:
    twin = begin(blocking)
    twin.call(fund("f1", A, 100, 5), *(open_lot(f"m{i:02}", lasts_ms=i + 1) for i in range(25)))
    twin.tick(30)
    twin.call()
    found = read(twin)
    assert [lot.lot_id for lot in found.lots] == [f"m{i:02}" for i in range(24, 4, -1)]


def test_a_snapshot_shows_those_lots_that_start_first(blocking: redis.Redis) -> None:
    twin = begin(blocking)
    ids = [f"n{number:03}" for number in range(OPEN_MAX + 5)]
    twin.call(fund("f1", A, 200, 5), *(open_lot(lot_id, 1000 - number) for number, lot_id in enumerate(ids)))
    assert [lot.lot_id for lot in read(twin).lots] == ids[: -OPEN_MAX - 1 : -1]
