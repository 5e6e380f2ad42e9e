"""Pure decisions of auctions: increments, a lot's life, and the truth computed in a way of its own."""

from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.events.ledger import AnyLedgerEvent, LotEnded
from schemas.http.shows import ShowView
from schemas.requests.moderation import Door
from server.ledger.rules import (
    AnyCommand,
    Bid,
    BidAccepted,
    BidTooLow,
    Fund,
    IdempotencyConflict,
    LotNotStarted,
    LotOver,
    LotTerms,
    NeedsConfirmation,
    OpenLot,
    OverCeiling,
    OwnLot,
    SetMaximum,
    Show,
    ShowState,
    UnknownLot,
    WrongCurrency,
)
from server.modules.auctions.rules import bids, history, truth
from server.modules.auctions.rules import lot as lots
from server.modules.auctions.rules.increments import SCALES, step_at, table_of
from server.modules.auctions.rules.lot import Lot
from server.modules.auctions.rules.truth import Standing

SELLER = "acc_seller"
LOT = "lot_1"


@pytest.mark.parametrize(
    ("price", "step"),
    [
        *((0, 1), (29, 1), (30, 2), (49, 2), (50, 3), (99, 3), (100, 5), (299, 5), (300, 10), (999, 10)),
        *((1_000, 20), (2_000, 50), (9_999, 50)),
    ],
)
def test_increments_are_those_of_the_rule_book(price: int, step: int) -> None:
    assert step_at(table_of("EUR"), price * 100) == step * 100


@pytest.mark.parametrize("currency", ["EUR", "CHF", *SCALES])
def test_steps_begin_at_nothing_and_never_fall(currency: str) -> None:
    table = table_of(currency)
    assert table[0][0] == 0
    assert [price for price, _ in table] == sorted({price for price, _ in table})
    assert [step for _, step in table] == sorted(step for _, step in table)
    assert all(step > 0 for _, step in table)


def terms(reserve_minor: int, start_minor: int = 1_000) -> LotTerms:
    return LotTerms(
        sku="VASE",
        quantity=1,
        seller_id=SELLER,
        currency="EUR",
        start_minor=start_minor,
        reserve_minor=reserve_minor,
        increments=table_of("EUR"),
        window_ms=10_000,
        reset_ms=10_000,
        extension_max_ms=60_000,
        sudden_death=False,
        payment_ms=60_000,
    )


def play(reserve_minor: int, early: int, offers: list[tuple[int, int, bool]]) -> list[AnyLedgerEvent]:
    """The ledger's own rules decide these bids; the first `early` of them before the start."""
    show = Show(ShowState("shw_1", ""))
    events: list[AnyLedgerEvent] = []
    now_ms = 1_000

    def do(*commands: AnyCommand) -> None:
        events.extend(show.call([("", command) for command in commands], now_ms, "epoch").events)

    do(Fund(command_id="cmd_1", sku="VASE", quantity=5, per_buyer_max=5))
    do(OpenLot(command_id=LOT, terms=terms(reserve_minor), starts_in_ms=10_000, lasts_ms=600_000))
    for number, (who, amount, exact) in enumerate(offers):
        if number == early:
            now_ms = 20_000
        kind = Bid if exact else SetMaximum
        do(
            kind(
                command_id=f"bid_{number}",
                lot_id=LOT,
                bidder_id=f"acc_{who}",
                amount_minor=amount,
                currency="EUR",
                confirmed=True,
            )
        )
    now_ms = 10_000_000
    do()
    return events


AMOUNTS = st.integers(900, 12_000) | st.integers(100, 150).map(lambda tens: tens * 10)
"""Many of them within a step or two of each other, where caps and ties are."""
OFFERS = st.lists(st.tuples(st.integers(0, 3), AMOUNTS, st.booleans()), max_size=14)


@settings(max_examples=300, deadline=None)
@given(reserve=st.sampled_from([0, 1_000, 3_333, 11_000]), early=st.integers(0, 6), offers=OFFERS)
# Equal maxima, and then the leader raises by less than a step: the price was capped by what the maximum was, and does not move.
@example(reserve=0, early=0, offers=[(1, 1_100, False), (0, 1_100, False), (1, 1_101, False)])
@example(reserve=0, early=3, offers=[(1, 1_100, False), (0, 1_100, False), (1, 1_101, False)])
@example(reserve=0, early=0, offers=[(1, 1_150, False), (0, 1_120, False), (1, 5_000, False)])
@example(reserve=0, early=0, offers=[(0, 1_100, False), (1, 1_120, False), (1, 5_000, False)])
def test_winner_and_price_by_definition_are_those_of_the_ledger(
    reserve: int, early: int, offers: list[tuple[int, int, bool]]
) -> None:
    events = play(reserve, early, offers)
    (ended,) = [event for event in events if isinstance(event, LotEnded)]
    told = truth.Hammer(ended.state == "sold", ended.winner_id, ended.price_minor, ended.bids)
    assert truth.hammer(truth.read(events, LOT)) == told


@settings(max_examples=100, deadline=None)
@given(early=st.integers(0, 6), offers=OFFERS, cut=st.integers(0, 20))
def test_bidders_folded_in_pages_are_those_folded_at_once(early: int, offers: list[tuple[int, int, bool]], cut: int) -> None:
    events = play(0, early, offers)
    whole = truth.fold({}, events, LOT)
    known = truth.fold({}, events[:cut], LOT)
    paged = {**known, **truth.fold(known, events[cut:], LOT)}
    assert paged == whole
    record = truth.read(events, LOT)
    assert {each.bidder_id: each.maximum_minor for each in whole.values()} == {
        each.bidder_id: each.maximum_minor for each in record.bidders.values()
    }
    leaders = [each.bidder_id for each in whole.values() if each.leads]
    assert leaders == ([truth.hammer(record).winner_id] if record.bidders else [])


def test_the_runner_up_is_the_next_maximum_and_pays_no_more_than_the_winner_would_have() -> None:
    events = play(0, 0, [(0, 5_000, False), (1, 4_000, False), (2, 4_500, False)])
    record = truth.read(events, LOT)
    hammer = truth.hammer(record)
    assert (hammer.winner_id, hammer.price_minor) == ("acc_0", 4_700)
    assert truth.runner_up(record, hammer.price_minor, hammer.winner_id) == truth.RunnerUp("acc_2", 4_500)
    assert truth.runner_up(record, 4_200, hammer.winner_id) == truth.RunnerUp("acc_2", 4_200)
    record.awarded_to.append("acc_2")
    assert truth.runner_up(record, hammer.price_minor, hammer.winner_id) == truth.RunnerUp("acc_1", 4_000)
    record.awarded_to.append("acc_1")
    assert truth.runner_up(record, hammer.price_minor, hammer.winner_id) is None


def a_lot(**fields: Any) -> Lot:
    given = {name: 0 for name in Lot.__struct_fields__} | {
        name: "" for name in ("lot_id", "show_id", "sku", "title", "label", "increments_version")
    }
    known = {"seller_id": SELLER, "currency": "EUR", "start_minor": 1_000, "increments": (), "state": "ended", "image_url": None}
    defaults = dict(zip(Lot.__struct_fields__[-len(Lot.__struct_defaults__) :], Lot.__struct_defaults__, strict=True))
    return Lot(**{**given, **defaults, **known, **fields})


def test_only_what_the_bids_give_is_believed() -> None:
    events = play(0, 0, [(0, 5_000, False), (1, 4_000, False)])
    record = truth.read(events, LOT)
    lot = a_lot(ended_sold=True, winner_id="acc_0", price_minor=4_200, bids=2)
    assert truth.dispute(lot, record) == ""
    for change in ({"price_minor": 4_199}, {"winner_id": "acc_1"}, {"bids": 1}, {"ended_sold": False}, {"reserve_minor": 1}):
        assert truth.dispute(msgspec.structs.replace(lot, **change), record) != "", change
    assert truth.dispute(lot, truth.read(events[:-1], LOT)) == "the record does not have the end"
    assert truth.dispute(lot, truth.Record()) == "the record does not have the opening"


@pytest.mark.parametrize(
    ("outcome", "name", "extra"),
    [
        (UnknownLot(), "unknown_lot", {}),
        (OwnLot(), "own_lot", {}),
        (WrongCurrency("EUR"), "wrong_currency", {"currency": "EUR"}),
        (LotOver("sold"), "lot_over", {"state": "sold"}),
        (LotNotStarted(7), "lot_not_started", {"starts_at_ms": 7}),
        (OverCeiling(5), "over_ceiling", {"ceiling_minor": 5}),
        (NeedsConfirmation(9), "needs_confirmation", {"price_minor": 9}),
        (BidTooLow(11), "bid_too_low", {"next_minor": 11}),
        (IdempotencyConflict(), "idempotency_conflict", {}),
    ],
)
def test_every_refusal_of_the_ledger_has_a_name_and_says_what_to_do(outcome: Any, name: str, extra: dict[str, Any]) -> None:
    refusal = bids.refusal_of(outcome)
    assert (refusal.error.name, dict(refusal.extra)) == (name, extra)


def test_who_works_for_the_shop_or_is_on_stage_never_bids() -> None:
    show = ShowView(
        show_id="shw_1",
        host_id=SELLER,
        host_name="Hanna",
        title="",
        description="",
        state="live",
        unlisted=False,
        on_air=True,
        scheduled_at_ms=0,
        started_at_ms=None,
        ended_at_ms=None,
        cover_url=None,
    )
    door = Door(SELLER, frozenset({"acc_moderator"}), frozenset({"acc_blocked"}))
    facts = bids.Facts(show, door, frozenset({"acc_on_stage"}))
    people = {
        bids.Person(SELLER, "account", True): "own_lot",
        bids.Person("acc_blocked", "account", False): "blocked",
        bids.Person("gst_1", "guest", False): "not_signed_in",
        bids.Person("acc_moderator", "account", False): "bidder_not_eligible",
        bids.Person("acc_owner", "account", True): "bidder_not_eligible",
        bids.Person("acc_on_stage", "account", False): "bidder_not_eligible",
    }
    for person, name in people.items():
        refusal = bids.barred(person, facts)
        assert refusal is not None
        assert refusal.error.name == name
    assert bids.barred(bids.Person("acc_anna", "account", False), facts) is None


def test_an_outcome_that_no_bid_has_is_a_fault() -> None:
    with pytest.raises(AssertionError):
        bids.refusal_of(BidAccepted(1, True, 1, 1, 1, True))


@pytest.mark.parametrize(("name", "public"), [("Anna", "A…a"), ("Al", "A…l"), ("X", "…"), ("", "…")])
def test_names_are_masked(name: str, public: str) -> None:
    assert bids.public_name(name) == public


@pytest.mark.parametrize(
    ("fields", "leads", "word", "binds"),
    [
        ({"state": "open"}, True, "leading", True),
        ({"state": "open"}, False, "outbid", False),
        ({"state": "ended"}, True, "leading", True),
        ({"state": "disputed"}, True, "leading", True),
        ({"state": "sold", "winner_id": "acc_1", "buyer_id": "acc_1"}, True, "won", True),
        ({"state": "offered", "winner_id": "acc_2", "buyer_id": "acc_1"}, False, "won", True),
        ({"state": "offered", "winner_id": "acc_1", "buyer_id": "acc_2"}, True, "lost", False),
        ({"state": "paid", "winner_id": "acc_1", "buyer_id": "acc_1"}, True, "won", False),
        ({"state": "unsold"}, True, "lost", False),
        ({"state": "void"}, True, "void", False),
    ],
)
def test_somebody_who_bid_is_told_how_they_stand_and_stays_while_they_are_bound(
    fields: dict[str, Any], leads: bool, word: str, binds: bool
) -> None:
    lot = a_lot(**{"winner_id": "", "buyer_id": "", **fields})
    standing = Standing("acc_1", 1_000, 1, leads, 1, 0)
    assert history.standing_of(lot, standing) == word
    assert lots.binds(lot, "acc_1", leads=leads) is binds
