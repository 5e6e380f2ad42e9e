"""A lot from the run of the show to the winner who owes: the module with the real ledger, its projection, and a real database."""

import itertools
import json
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, func, select, update

from schemas.errors import (
    ALREADY_RUNNING,
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    LOT_HAS_BIDS,
    LOT_NOT_OVER,
    LOT_OVER,
    LOT_SETTLED,
    NOT_ENOUGH_STOCK,
    ORDER_NOT_PAYABLE,
    UNKNOWN_SKU,
    WRONG_CURRENCY,
)
from schemas.events.auctions import LotOffered, LotSold, LotUnsold
from schemas.events.ledger import BidPlaced, HoldExpired
from schemas.events.orders import OrderPaid, OrderPlaced
from schemas.http.auctions import AuctionState
from schemas.money import Money
from server.kernel.errors import Unavailable
from server.ledger.tables import EVENTS
from server.modules.auctions.channel import AuctionChannel, LotsChannel
from server.modules.auctions.rules import live
from server.modules.auctions.tables import LOTS
from tests.channels.proof import assert_converges
from tests.modules.auctions.house import ANNA, BORIS, CLARA, GUEST, LOT, OWNER, SKU, House
from tests.modules.world import HOST, OTHER_HOST, SHOW_ID, an_id, refused

SECOND = an_id("lot", 2)


async def test_a_lot_is_sold_to_the_highest_maximum_one_step_over_the_second(house: House) -> None:
    await house.auction()
    assert (await house.bid(ANNA, 5_000)).leads
    after = await house.bid(BORIS, 3_000)
    assert (after.leads, after.price_minor) == (False, 3_200)
    await house.hammer()
    assert (await house.lot()).state == "ended"
    assert house.told(LotSold) == [], "nobody is charged before the record has it"
    await house.jobs()
    lot = await house.lot()
    assert (lot.state, lot.winner_name, lot.price_minor, lot.bids, lot.runner_up) == ("paid", "Anna", 3_200, 2, True)
    (sold,) = house.told(LotSold)
    assert (sold.buyer_id, sold.price, sold.hold_id) == (ANNA.id, Money(amount_minor=3_200, currency="EUR"), LOT)
    await house.jobs()
    assert len(house.told(LotSold)) == 1
    assert await house.inbox(ANNA) == ["lot_won", "order_confirmed"]
    assert await house.inbox(HOST) == ["lot_sold"]


async def test_a_lot_without_bids_and_one_below_its_reserve_are_unsold(house: House) -> None:
    await house.auction()
    await house.sell()
    await house.auction(SECOND, reserve_minor=9_000)
    await house.bid(ANNA, 8_999, lot_id=SECOND)
    await house.sell()
    assert [(event.lot_id, event.reason) for event in house.told(LotUnsold)] == [(LOT, "no_bids"), (SECOND, "reserve")]
    assert house.told(LotSold) == []
    assert await house.world.pool(SKU) == (10, 0, 0)


async def test_a_reserve_that_is_met_is_the_price(house: House) -> None:
    await house.auction(reserve_minor=9_000)
    assert (await house.bid(ANNA, 9_000)).reserve_met
    await house.sell()
    assert (await house.lot()).price_minor == 9_000


async def test_secret_maxima_before_the_start_count_when_it_begins(house: House) -> None:
    await house.auction(starts_in_ms=30_000)
    await house.bid(ANNA, 4_000)
    await house.bid(BORIS, 2_000)
    (lot,) = (await house.live()).lots
    assert (lot.state, lot.bids, lot.price_minor, lot.leader_id, lot.next_minor) == ("announced", 2, 0, "", 0)
    await house.hammer(31_000)
    (lot,) = (await house.live()).lots
    assert (lot.state, lot.price_minor, lot.leader_id) == ("open", 2_100, ANNA.id)
    await house.jobs()
    assert await house.inbox(BORIS) == ["outbid"]
    assert await house.inbox(ANNA) == []


async def test_no_secret_is_ever_on_a_wire(house: House) -> None:
    """Anna's maximum and the reserve are numbers that occur nowhere else: look for them in all that anybody else can get."""
    maximum, reserve, early = 777_717, 333_313, 222_212
    await house.auction(starts_in_ms=30_000, reserve_minor=reserve)
    await house.bid(CLARA, early)
    await house.hammer(31_000)
    await house.bid(ANNA, maximum)
    await house.bid(BORIS, 400_000)
    await house.jobs()
    seen = [msgspec.json.encode(await house.live())]
    await house.sell(62_000)
    frames = [live.project(event) for event in await house.log()]
    seen += [msgspec.json.encode(frame) for frame in frames if frame is not None]
    seen += [json.dumps(push).encode() for pushes in house.world.screens.pushes.values() for push in pushes]
    seen.append(msgspec.json.encode(await house.live()))
    for stranger in (GUEST, BORIS):
        seen += [msgspec.json.encode(await house.history(stranger)), msgspec.json.encode(await house.mine(stranger))]
    seen.append(msgspec.json.encode((await house.world.call(GUEST, "GET", f"/api/auctions/shows/{SHOW_ID}/lots")).view))
    assert len(seen) > 10
    for secret in (maximum, early):
        assert [frame for frame in seen if str(secret).encode() in frame] == []
    assert str(maximum).encode() in msgspec.json.encode(await house.history(ANNA)), "but one's own are shown"


async def test_an_unmet_reserve_is_on_no_wire(house: House) -> None:
    reserve = 333_313
    await house.auction(reserve_minor=reserve)
    await house.bid(ANNA, 50_000)
    await house.sell()
    frames = [msgspec.json.encode(frame) for event in await house.log() if (frame := live.project(event)) is not None]
    frames += [json.dumps(push).encode() for pushes in house.world.screens.pushes.values() for push in pushes]
    frames += [msgspec.json.encode(await house.history(ANNA)), msgspec.json.encode(await house.live())]
    assert [frame for frame in frames if str(reserve).encode() in frame] == []


async def test_what_a_browser_folds_is_what_a_new_one_is_given(house: House) -> None:
    kind = AuctionChannel()
    states = [await house.live()]
    marks = [len(await house.log())]

    async def mark() -> None:
        states.append(await house.live())
        marks.append(len(await house.log()))

    await house.auction(starts_in_ms=30_000, reserve_minor=2_500)
    await mark()
    await house.bid(ANNA, 2_000)
    await mark()
    await house.hammer(31_000)
    await mark()
    await house.bid(BORIS, 9_000, exact=True)
    await mark()
    await house.sell(62_000)
    await mark()
    await house.auction(SECOND)
    await house.host("POST", f"/api/auctions/lots/{SECOND}/void", {"command_id": an_id("cmd", 1), "reason": "broken"})
    await mark()
    frames = [live.project(event) for event in await house.log()]
    for came, seen in itertools.combinations(range(len(states)), 2):
        pushes = [frame for frame in frames[marks[came] : marks[seen]] if frame is not None]
        assert_converges(kind, states[came], pushes, states[seen])
    assert isinstance(states[-1], AuctionState)
    assert [lot.state for lot in states[-1].lots] == ["sold", "void"]


async def test_players_are_told_the_names_of_leaders_and_the_winner(house: House) -> None:
    await house.auction()
    await house.bid(ANNA, 5_000)
    await house.jobs()
    state = house.world.fold(LotsChannel(), f"lots:{SHOW_ID}", (await house.world.snapshot(LotsChannel(), SHOW_ID)))
    assert [(name.actor_id, name.name) for name in state.names] == [(ANNA.id, "Anna")]
    assert [(card.state, card.winner_name) for card in state.lots] == [("open", "")]
    await house.sell()
    state = await house.world.snapshot(LotsChannel(), SHOW_ID)
    assert [(card.state, card.winner_name, card.price_minor) for card in state.lots] == [("paid", "Anna", 1_000)]


# The fence


async def test_while_the_record_is_behind_nobody_is_told_to_pay(house: House) -> None:
    await house.auction()
    await house.bid(ANNA, 5_000)
    await house.record()
    await house.hammer()
    for _ in range(3):
        await house.world.run_job("auctions", "settle")
    assert (await house.lot()).state == "ended"
    assert house.told(LotSold) == []
    await house.record()
    await house.world.run_job("auctions", "settle")
    assert len(house.told(LotSold)) == 1


@pytest.mark.parametrize(
    ("column", "value"), [("price_minor", 1_100), ("bids", 3), ("winner_id", BORIS.id)], ids=["price", "bids", "winner"]
)
async def test_a_difference_between_record_and_ledger_stops_the_show_and_charges_nobody(
    house: House, column: str, value: object
) -> None:
    await house.auction()
    await house.bid(ANNA, 5_000)
    await house.hammer()
    async with house.world.database.begin() as connection:
        statement = update(LOTS).where(LOTS.c.lot_id == LOT).values({column: value, "due_minor": 0})
        await connection.execute(statement)
    await house.jobs()
    lot = await house.lot()
    assert lot.state == "disputed"
    assert house.told(LotSold) == []
    await house.prepare(SECOND)
    with pytest.raises(Unavailable):
        await house.world.ledger.fund(SHOW_ID, an_id("mov", 9), SKU, 1, 3)


async def test_a_bid_that_the_record_does_not_have_is_found(house: House) -> None:
    """The log and the end agree with each other, and are still wrong: the price is computed from the bids alone."""
    await house.auction()
    await house.bid(ANNA, 5_000)
    await house.bid(BORIS, 3_000)
    await house.hammer()
    await house.record()
    async with house.world.database.begin() as connection:
        bids = EVENTS.c.type == BidPlaced.__struct_config__.tag
        last = select(func.max(EVENTS.c.seq)).where(bids).scalar_subquery()
        gone = await connection.execute(delete(EVENTS).where(bids, EVENTS.c.seq == last))
        assert gone.rowcount == 1
    await house.world.run_job("auctions", "settle")
    assert (await house.lot()).state == "disputed"
    assert house.told(LotSold) == []


async def test_an_end_that_was_lost_with_the_life_of_a_show_is_taken_back(house: House) -> None:
    await house.auction()
    await house.bid(ANNA, 5_000)
    await house.record()
    await house.hammer()
    async with house.world.database.begin() as connection:
        # What SQL told of the end belongs to another life of the show; the record, which is that of the new one, has none.
        await connection.execute(update(LOTS).where(LOTS.c.lot_id == LOT).values(ended_epoch="lost", ended_seq=1))
    await house.world.run_job("auctions", "settle")
    lot = await house.lot()
    assert (lot.state, lot.winner_id, lot.price_minor) == ("open", "", 0)
    assert house.told(LotSold) == []


# The host


async def test_one_lot_at_a_time(house: House) -> None:
    await house.auction()
    await house.prepare(SECOND)
    with refused(ALREADY_RUNNING) as refusal:
        await house.start(SECOND)
    assert refusal.extra == {"lot_id": LOT}
    await house.start(LOT)
    await house.sell()
    await house.start(SECOND)
    assert (await house.lot(SECOND)).state == "open"


async def test_a_lot_needs_units_in_the_show(house: House) -> None:
    await house.prepare(quantity=11)
    with refused(NOT_ENOUGH_STOCK) as refusal:
        await house.start()
    assert refusal.extra == {"sku": SKU, "available": 10}


async def test_units_that_go_while_the_lot_is_being_opened_leave_it_unsold_with_a_reason(house: House) -> None:
    await house.prepare(quantity=10)
    await house.host("POST", f"/api/auctions/lots/{LOT}/start", {})
    await house.world.order(BORIS, 1, sku=SKU)
    lot = await house.lot()
    assert (lot.state, lot.reason) == ("unsold", "no_stock")
    assert (await house.host("POST", f"/api/auctions/lots/{LOT}/rerun", {"lot_id": SECOND})).rerun_of == LOT


async def test_the_same_lot_prepared_again_is_the_same_lot(house: House) -> None:
    assert await house.prepare() == await house.prepare()
    with refused(IDEMPOTENCY_CONFLICT):
        await house.prepare(start_minor=2_000)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"sku": "NOTHING"}, UNKNOWN_SKU),
        ({"currency": "USD"}, WRONG_CURRENCY),
        ({"reserve_minor": 999}, INVALID_FIELD),
        ({"ceiling_minor": 999}, INVALID_FIELD),
        ({"reserve_minor": 5_000, "ceiling_minor": 4_000}, INVALID_FIELD),
    ],
)
async def test_a_lot_that_makes_no_sense_is_refused(house: House, fields: dict[str, Any], error: object) -> None:
    with refused(error):  # type: ignore[arg-type]
        await house.prepare(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"start_minor": 0},
        {"start_minor": -1},
        {"start_minor": 1.5},
        {"start_minor": 10**14},
        {"duration_ms": 1},
        {"payment_ms": 0},
    ],
)
async def test_a_lot_with_impossible_numbers_does_not_get_in(house: House, fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        await house.prepare(**fields)


async def test_only_the_host_of_the_show_prepares_and_starts(house: House) -> None:
    await house.world.know(OTHER_HOST)
    body = {"lot_id": SECOND, "show_id": SHOW_ID, "sku": SKU, "start_minor": 1_000, "currency": "EUR"}
    with refused(FORBIDDEN):
        await house.host("POST", "/api/auctions/lots", body, actor=OTHER_HOST)
    await house.prepare()
    for path in ("start", "withdraw", "void", "rerun", "offer", "give-up"):
        sent = {"command_id": an_id("cmd", 1)} if path == "void" else {"lot_id": SECOND} if path == "rerun" else {}
        with refused(FORBIDDEN):
            await house.host("POST", f"/api/auctions/lots/{LOT}/{path}", sent, actor=OTHER_HOST)


async def test_the_host_takes_a_lot_back_before_the_first_bid_and_not_after(house: House) -> None:
    await house.auction()
    await house.host("POST", f"/api/auctions/lots/{LOT}/void", {"command_id": an_id("cmd", 1), "reason": "broken"})
    await house.world.settle()
    assert (await house.lot()).state == "void"
    assert await house.world.pool(SKU) == (10, 0, 0)
    assert [event.reason for event in house.told(LotUnsold)] == ["void"]
    await house.auction(SECOND)
    await house.bid(ANNA, 2_000, lot_id=SECOND)
    with refused(LOT_HAS_BIDS):
        await house.host("POST", f"/api/auctions/lots/{SECOND}/void", {"command_id": an_id("cmd", 2), "reason": "oh"})


async def test_the_owner_voids_a_lot_with_a_reason_and_it_can_run_again(house: House) -> None:
    await house.auction()
    await house.bid(ANNA, 2_000)
    path = f"/api/auctions/lots/{LOT}/void"
    with refused(LOT_HAS_BIDS):
        await house.host("POST", path, {"command_id": an_id("cmd", 1), "reason": "  "}, actor=OWNER)
    await house.host("POST", path, {"command_id": an_id("cmd", 2), "reason": "wrong picture"}, actor=OWNER)
    await house.world.settle()
    lot = await house.lot()
    assert (lot.state, lot.reason) == ("void", "wrong picture")
    await house.host("POST", f"/api/auctions/lots/{LOT}/rerun", {"lot_id": SECOND})
    await house.start(SECOND)
    assert (await house.bid(ANNA, 1_000, lot_id=SECOND)).leads


async def test_a_lot_that_was_not_opened_is_withdrawn_and_is_nobodys_business(house: House) -> None:
    await house.prepare()
    await house.host("POST", f"/api/auctions/lots/{LOT}/withdraw")
    assert (await house.host("GET", f"/api/auctions/shows/{SHOW_ID}/desk")).lots == []
    with refused(LOT_OVER):
        await house.start()


# The money


async def unpaid(house: House) -> None:
    """The time to pay passes: the hold ends, and with it the order."""
    await house.hammer(61_000)
    await house.record()


def paid(hold_id: str, order_id: str = an_id("ord", 1)) -> OrderPaid:
    total = Money(amount_minor=3_200, currency="EUR")
    return OrderPaid(order_id=order_id, show_id=SHOW_ID, buyer_id=ANNA.id, total=total, paid_at_ms=1, hold_id=hold_id, kind="lot")


async def three_bids(house: House, **fields: Any) -> None:
    await house.auction(payment_ms=60_000, **fields)
    await house.bid(ANNA, 5_000)
    await house.bid(BORIS, 3_000)
    with refused(INVALID_FIELD):
        await house.bid(CLARA, 3_500, bid_id=an_id("cmd", 77))
    await house.bid(CLARA, 4_000)
    await house.drop_cards()
    await house.sell()


async def test_a_winner_who_pays_settles_the_lot(house: House) -> None:
    await three_bids(house)
    await house.world.handle("auctions", paid(LOT))
    assert (await house.lot()).state == "paid"
    with refused(LOT_SETTLED):
        await house.host("POST", f"/api/auctions/lots/{LOT}/offer")
    with refused(LOT_SETTLED):
        await house.host("POST", f"/api/auctions/lots/{LOT}/rerun", {"lot_id": SECOND})


async def test_a_late_payment_under_a_new_hold_is_known_by_its_order(house: House) -> None:
    await three_bids(house)
    order = OrderPlaced(
        order_id=an_id("ord", 1),
        show_id=SHOW_ID,
        buyer_id=ANNA.id,
        total=Money(amount_minor=4_200, currency="EUR"),
        hold_expires_at_ms=house.world.clock.now_ms() + 60_000,
        hold_id=LOT,
        kind="lot",
    )
    await house.world.handle("auctions", order)
    await house.world.handle("auctions", paid(an_id("cmd", 5)))
    assert (await house.lot()).state == "paid"


async def test_who_does_not_pay_loses_the_lot_to_the_runner_up_at_their_own_price(house: House) -> None:
    await three_bids(house)
    with refused(LOT_NOT_OVER):
        await house.host("POST", f"/api/auctions/lots/{LOT}/offer")
    await unpaid(house)
    lot = await house.lot()
    assert (lot.state, lot.reason, lot.runner_up) == ("unpaid", "hold_expired", True)
    await house.host("POST", f"/api/auctions/lots/{LOT}/offer")
    await house.host("POST", f"/api/auctions/lots/{LOT}/offer")
    await house.world.settle()
    (offered,) = house.told(LotOffered)
    assert (offered.buyer_id, offered.price.amount_minor) == (CLARA.id, 4_000), "her own maximum, and an offer"
    lot = await house.lot()
    assert (lot.state, lot.buyer_name, lot.due_minor) == ("offered", "Clara", 4_000)
    assert await house.inbox(CLARA) == ["lot_offered"]
    assert (await house.mine(CLARA)).offer_minor == 4_000
    assert (await house.mine(BORIS)).offer_minor == 0

    # She does not want it either: the next one, and then nobody.
    await unpaid(house)
    assert (await house.lot()).runner_up
    await house.host("POST", f"/api/auctions/lots/{LOT}/offer")
    await house.world.settle()
    assert [event.buyer_id for event in house.told(LotOffered)] == [CLARA.id, BORIS.id]
    await unpaid(house)
    assert not (await house.lot()).runner_up
    await house.host("POST", f"/api/auctions/lots/{LOT}/give-up")
    await house.host("POST", f"/api/auctions/lots/{LOT}/give-up")
    await house.world.settle()
    assert [event.reason for event in house.told(LotUnsold)] == ["unpaid"]


async def test_the_next_one_is_asked_without_the_host_when_that_was_said_before(house: House) -> None:
    await three_bids(house, auto_offer=True)
    await unpaid(house)
    await house.jobs()
    await house.jobs()
    assert [event.buyer_id for event in house.told(LotOffered)] == [CLARA.id]


async def test_a_lot_whose_hold_ends_without_an_order_waits_for_the_host(house: House) -> None:
    await three_bids(house)
    async with house.world.database.begin() as connection:
        await connection.execute(update(LOTS).where(LOTS.c.lot_id == LOT).values(order_id=""))
    hold = HoldExpired(show_id=SHOW_ID, epoch="e", seq=99, command_id=LOT, at_ms=1, lines=[], hold_id=LOT, buyer_id=ANNA.id)
    await house.world.handle("auctions", hold)
    assert (await house.lot()).state == "unpaid"


async def test_a_winner_whose_card_is_declined_may_pay_with_another_while_the_hold_lasts(house: House) -> None:
    await three_bids(house)
    (order,) = (await house.host("GET", "/api/orders", actor=ANNA)).orders
    body = {"payment_id": an_id("pay", 1), "order_id": order.order_id, "method": "tok_declined"}
    await house.world.call(ANNA, "POST", "/api/payments", body)
    await house.world.settle()
    assert (await house.lot()).state == "sold"
    await house.world.call(ANNA, "POST", "/api/payments", {**body, "payment_id": an_id("pay", 2), "method": "tok_visa"})
    await house.world.settle()
    assert (await house.lot()).state == "paid"
    kinds = [(entry.kind, entry.why) for entry in (await house.history(HOST)).entries][-3:]
    assert kinds == [("settled", ""), ("unpaid", "card_declined"), ("paid", "")]


async def test_a_sold_lot_that_the_owner_voids_leaves_nobody_an_order_to_pay(house: House) -> None:
    await three_bids(house)
    (order,) = (await house.host("GET", "/api/orders", actor=ANNA)).orders
    assert order.state == "placed"
    path = f"/api/auctions/lots/{LOT}/void"
    await house.host("POST", path, {"command_id": an_id("cmd", 8), "reason": "broken"}, actor=OWNER)
    await house.world.settle()
    (order,) = (await house.host("GET", "/api/orders", actor=ANNA)).orders
    assert (order.state, order.reason) == ("cancelled", "shop")
    with refused(ORDER_NOT_PAYABLE):
        body = {"payment_id": an_id("pay", 1), "order_id": order.order_id, "method": "tok_visa"}
        await house.world.call(ANNA, "POST", "/api/payments", body)
