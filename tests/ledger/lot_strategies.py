"""Random commands about few lots, giveaways, people and ids, so that they meet; shared by the state machine and the histories."""

from hypothesis import strategies as st

from server.ledger.rules import (
    AnyCommand,
    Award,
    Bid,
    CloseLot,
    Commit,
    Draw,
    Enter,
    Extend,
    Fund,
    Hold,
    HoldLine,
    LotTerms,
    OpenGiveaway,
    OpenLot,
    Release,
    Restock,
    SetMaximum,
    VoidLot,
)

SELLER = "seller"
PEOPLE = st.sampled_from(["ann", "bob", "зоя", SELLER])
SKUS = st.sampled_from(["A", "B"])
IDS = st.sampled_from([f"c{number}" for number in range(40)])
LOTS = st.sampled_from(["l1", "l2", "l3"])
GIVEAWAYS = st.sampled_from(["g1", "g2"])
THINGS = st.one_of(LOTS, IDS)
"""Holds: of lots, and of commands."""
TIMES = st.integers(1, 40)
AMOUNTS = st.one_of(st.integers(1, 60), st.sampled_from([10, 11, 12, 20, 21, 30, 40, 41, 100, 200]))
LINES = st.lists(st.builds(HoldLine, sku=SKUS, quantity=st.integers(1, 2)), min_size=1, max_size=2).map(tuple)
TERMS = st.builds(
    LotTerms,
    sku=SKUS,
    quantity=st.integers(1, 3),
    seller_id=st.just(SELLER),
    currency=st.just("EUR"),
    start_minor=st.sampled_from([1, 10, 15]),
    reserve_minor=st.sampled_from([0, 0, 20, 40]),
    increments=st.sampled_from([((0, 1),), ((0, 2), (20, 5)), ((0, 1), (10, 3), (30, 10))]),
    window_ms=st.sampled_from([0, 5, 20]),
    reset_ms=st.sampled_from([0, 5, 10, 30]),
    extension_max_ms=st.sampled_from([0, 15, 60]),
    sudden_death=st.booleans(),
    payment_ms=TIMES,
)
OPEN_LOT = st.builds(
    OpenLot, command_id=st.one_of(LOTS, LOTS, IDS), terms=TERMS, starts_in_ms=st.sampled_from([0, 0, 10, 30]), lasts_ms=TIMES
)
CURRENCIES = st.sampled_from(["EUR"] * 9 + ["USD"])
CEILINGS = st.sampled_from([0] * 6 + [30, 100])
BIDS = st.builds(
    Bid,
    command_id=IDS,
    lot_id=LOTS,
    bidder_id=PEOPLE,
    amount_minor=AMOUNTS,
    currency=CURRENCIES,
    ceiling_minor=CEILINGS,
    confirmed=st.booleans(),
)
MAXIMA = st.builds(
    SetMaximum,
    command_id=IDS,
    lot_id=LOTS,
    bidder_id=PEOPLE,
    amount_minor=AMOUNTS,
    currency=CURRENCIES,
    ceiling_minor=CEILINGS,
    confirmed=st.booleans(),
)
OPEN_GIVEAWAY = st.builds(
    OpenGiveaway,
    command_id=st.one_of(GIVEAWAYS, IDS),
    sku=SKUS,
    winners_max=st.integers(1, 2),
    lasts_ms=TIMES,
    commitment=st.just("c0" * 32),
)
ENTER = st.builds(Enter, command_id=IDS, giveaway_id=GIVEAWAYS, entrant_id=PEOPLE)
DRAW = st.builds(
    Draw,
    command_id=IDS,
    giveaway_id=GIVEAWAYS,
    seed=st.just("seed"),
    winners=st.lists(PEOPLE, max_size=3, unique=True).map(tuple),
)
LOT_COMMANDS: st.SearchStrategy[AnyCommand] = st.one_of(
    OPEN_LOT,
    BIDS,
    BIDS,
    BIDS,
    MAXIMA,
    MAXIMA,
    st.builds(CloseLot, command_id=IDS, lot_id=LOTS),
    st.builds(VoidLot, command_id=IDS, lot_id=LOTS, reason=st.just("broken"), force=st.booleans()),
    st.builds(Award, command_id=IDS, lot_id=LOTS, buyer_id=PEOPLE, price_minor=AMOUNTS, hold_ms=TIMES),
    OPEN_GIVEAWAY,
    ENTER,
    ENTER,
    DRAW,
    st.builds(Fund, command_id=IDS, sku=SKUS, quantity=st.integers(-3, 6), per_buyer_max=st.integers(1, 3)),
    st.builds(Hold, command_id=IDS, buyer_id=PEOPLE, lines=LINES, hold_ms=TIMES),
    st.builds(Commit, command_id=IDS, hold_id=THINGS),
    st.builds(Release, command_id=IDS, hold_id=THINGS),
    st.builds(Extend, command_id=IDS, hold_id=THINGS, hold_ms=TIMES),
    st.builds(Restock, command_id=IDS, hold_id=THINGS),
)
