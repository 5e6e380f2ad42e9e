"""Who may bid and what becomes of a bid: every refusal by its name, over the channel and over HTTP."""

from typing import Any

import msgspec
import pytest

from schemas.errors import (
    BID_TOO_LOW,
    BIDDER_NOT_ELIGIBLE,
    BLOCKED,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    LOT_NOT_STARTED,
    LOT_OVER,
    NEEDS_CONFIRMATION,
    NO_ADDRESS_ON_FILE,
    NO_CARD_ON_FILE,
    NOT_SIGNED_IN,
    OVER_CEILING,
    OWN_LOT,
    STALE_EPOCH,
    UNKNOWN_LOT,
    WRONG_CURRENCY,
    WireError,
)
from schemas.money import AMOUNT_MINOR_MAX
from server.kernel.module import Actor
from tests.modules.auctions.house import ANNA, BORIS, CLARA, GUEST, LOT, OWNER, SKU, House
from tests.modules.world import HOST, OTHER_HOST, SHOW_ID, an_id, refused

DANA = Actor("acc_" + "7" * 32, "account", "Dana")
OTHER_SHOW = an_id("shw", 2)


async def over_http(house: House, person: Actor, amount: Any, **fields: Any) -> Any:
    given = {
        "exact": False,
        "confirmed": True,
        "bid_id": an_id("bid", 900),
        "currency": "EUR",
        "lot_id": LOT,
        "epoch": "",
    } | fields
    bid = {
        "lot_id": given["lot_id"],
        "amount": {"amount_minor": amount, "currency": given["currency"]},
        "exact": given["exact"],
        "confirmed": given["confirmed"],
        "epoch": given["epoch"],
    }
    body = {"bid_id": given["bid_id"], "show_id": given.get("show_id", SHOW_ID), "bid": bid}
    return (await house.world.call(person, "POST", "/api/auctions/bids", body)).view


async def over_the_channel(house: House, person: Actor, amount: Any, **fields: Any) -> Any:
    return await house.bid(person, amount, **({"bid_id": an_id("bid", 900)} | fields))


WAYS = [pytest.param(over_the_channel, id="channel"), pytest.param(over_http, id="http")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("amount", "fields", "error", "extra"),
    [
        (0, {}, INVALID_FIELD, {}),
        (999, {}, BID_TOO_LOW, {"next_minor": 1_000}),
        (3_001, {"confirmed": False}, NEEDS_CONFIRMATION, {"price_minor": 1_000}),
        (AMOUNT_MINOR_MAX, {"confirmed": False}, OVER_CEILING, {"ceiling_minor": 50_000}),
        (50_001, {}, OVER_CEILING, {"ceiling_minor": 50_000}),
        (2_000, {"currency": "USD"}, WRONG_CURRENCY, {"currency": "EUR"}),
        (2_000, {"lot_id": an_id("lot", 5)}, UNKNOWN_LOT, {}),
        (2_000, {"show_id": OTHER_SHOW}, UNKNOWN_LOT, {}),
        (2_000, {"bid_id": an_id("cmd", 900)}, INVALID_FIELD, {}),
        (2_000, {"bid_id": an_id("lot", 900)}, INVALID_FIELD, {}),
    ],
)
async def test_a_bad_bid_is_refused_by_name(
    house: House, way: Any, amount: int, fields: dict[str, Any], error: WireError, extra: dict[str, Any]
) -> None:
    await house.auction(ceiling_minor=50_000)
    await house.world.call(OTHER_HOST, "POST", "/api/shows", {"show_id": OTHER_SHOW, "title": "Another"})
    with refused(error) as refusal:
        await way(house, ANNA, amount, **fields)
    assert refusal.extra == extra
    (lot,) = (await house.live()).lots
    assert (lot.bids, lot.leader_id) == (0, ""), "nothing half done"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("amount", [-1, 10.5, "100", AMOUNT_MINOR_MAX + 1, None, True])
async def test_what_is_no_amount_does_not_get_in(house: House, way: Any, amount: Any) -> None:
    await house.auction()
    with pytest.raises(msgspec.ValidationError):
        await way(house, ANNA, amount)


@pytest.mark.parametrize("way", WAYS)
async def test_a_late_bid_an_early_exact_one_and_a_stale_epoch(house: House, way: Any) -> None:
    await house.auction(starts_in_ms=30_000)
    with refused(LOT_NOT_STARTED) as early:
        await way(house, ANNA, 2_000, exact=True)
    (lot,) = (await house.live()).lots
    assert early.extra == {"starts_at_ms": lot.starts_at_ms}
    with refused(STALE_EPOCH):
        await way(house, ANNA, 2_000, epoch="another", bid_id=an_id("bid", 901))
    await house.sell(95_000)
    with refused(LOT_OVER) as late:
        await way(house, ANNA, 2_000, bid_id=an_id("bid", 902))
    assert late.extra == {"state": "unsold"}


@pytest.mark.parametrize("way", WAYS)
async def test_the_same_bid_again_is_the_same_bid_and_another_under_its_id_is_not(house: House, way: Any) -> None:
    await house.auction()
    first = await way(house, ANNA, 2_000)
    assert await way(house, ANNA, 2_000) == first
    with refused(IDEMPOTENCY_CONFLICT):
        await way(house, ANNA, 2_500)
    with refused(IDEMPOTENCY_CONFLICT):
        await way(house, BORIS, 2_000)
    (lot,) = (await house.live()).lots
    assert lot.bids == 1


@pytest.mark.parametrize("way", WAYS)
async def test_who_gains_from_a_high_price_or_is_not_let_in_does_not_bid(house: House, way: Any) -> None:
    await house.auction()
    for person, error in ((HOST, OWN_LOT), (GUEST, NOT_SIGNED_IN), (OWNER, BIDDER_NOT_ELIGIBLE)):
        with refused(error):
            await way(house, person, 2_000)
    await house.world.call(HOST, "POST", f"/api/moderation/{SHOW_ID}/moderators", {"actor_id": CLARA.id, "moderator": True})
    with refused(BIDDER_NOT_ELIGIBLE):
        await way(house, CLARA, 2_000)


async def test_rights_that_shrink_count_with_the_next_bid_also_of_somebody_who_has_bid_already(house: House) -> None:
    await house.auction()
    assert (await house.bid(ANNA, 2_000)).leads
    body = {"actor_id": ANNA.id, "kind": "block", "duration_ms": None}
    await house.world.call(HOST, "POST", f"/api/moderation/{SHOW_ID}/sanctions", body)
    with refused(BLOCKED):
        await house.bid(ANNA, 3_000)
    with refused(BLOCKED):
        await over_http(house, ANNA, 3_000)


async def test_card_and_address_come_before_the_first_bid_and_work_at_once(house: House) -> None:
    await house.world.know(DANA)
    await house.auction()
    with refused(NO_CARD_ON_FILE):
        await house.bid(DANA, 2_000)
    assert (await house.mine(DANA)).refusal == "no_card_on_file"
    await house.save_card(DANA, 50)
    with refused(NO_ADDRESS_ON_FILE):
        await house.bid(DANA, 2_000)
    await house.save_address(DANA, "Elsewhere 5")
    assert (await house.mine(DANA)).refusal == ""
    assert (await house.bid(DANA, 2_000)).leads


async def test_whoever_lives_where_the_seller_lives_does_not_bid(house: House) -> None:
    await house.save_address(HOST, "Street  2")
    await house.auction()
    with refused(BIDDER_NOT_ELIGIBLE):
        await house.bid(BORIS, 2_000)
    assert (await house.bid(ANNA, 2_000)).leads


async def test_one_knows_what_one_bids_oneself_before_and_after_the_record_is_folded(house: House) -> None:
    await house.auction()
    await house.bid(ANNA, 5_000)
    await house.record()
    assert ((await house.mine(ANNA)).maximum_minor, (await house.mine(ANNA)).leads) == (5_000, True)
    await house.jobs()
    await house.bid(ANNA, 6_000)
    await house.bid(BORIS, 7_000)
    await house.record()
    mine = await house.mine(ANNA)
    assert (mine.maximum_minor, mine.bids, mine.leads) == (6_000, 2, False)
    assert (await house.mine(CLARA)).maximum_minor == 0
    await house.jobs()
    assert await house.mine(ANNA) == mine


async def test_who_is_outbid_hears_of_it_once_in_a_while_and_only_while_they_are(house: House) -> None:
    await house.auction(duration_ms=600_000)
    await house.bid(ANNA, 2_000)
    await house.bid(BORIS, 3_000)
    await house.jobs()
    assert await house.inbox(ANNA) == ["outbid"]
    assert await house.inbox(BORIS) == []
    # She leads again and loses the lead again at once: that is not news yet.
    await house.bid(ANNA, 4_000)
    await house.bid(BORIS, 5_000)
    await house.jobs()
    assert await house.inbox(ANNA) == ["outbid"]
    await house.world.pass_time(31_000)
    await house.jobs()
    await house.jobs()
    assert await house.inbox(ANNA) == ["outbid", "outbid"]
    # Outbid and back in the lead before the job looks: nothing to tell.
    await house.world.pass_time(31_000)
    await house.bid(ANNA, 6_000)
    await house.bid(BORIS, 6_500)
    await house.bid(ANNA, 9_000)
    await house.jobs()
    assert await house.inbox(ANNA) == ["outbid", "outbid"]
    assert await house.inbox(BORIS) == ["outbid"]


async def test_a_repeated_bid_reads_nothing_of_its_bidder_again(house: House) -> None:
    """What it costs: cards and addresses are asked for once in five seconds, the lot once."""
    await house.auction()
    await house.bid(ANNA, 2_000)
    asked = []
    registry = house.world.units._registry
    ask = registry.ask

    async def counting(request: Any, ctx: Any) -> Any:
        asked.append(type(request).__name__)
        return await ask(request, ctx)

    registry.ask = counting  # type: ignore[method-assign]
    await house.bid(ANNA, 3_000)
    assert "GetSavedCard" not in asked
    assert "GetAddress" not in asked
    house.world.clock.advance(5_001)
    await house.bid(ANNA, 4_000)
    assert asked.count("GetSavedCard") == 1


# The lot's truth


async def test_the_history_is_whole_for_the_host_and_a_ladder_with_masks_for_others(house: House) -> None:
    await house.auction()
    await house.bid(ANNA, 5_000)
    with refused(BID_TOO_LOW):
        await house.bid(BORIS, 1_000)
    await house.bid(BORIS, 3_000, exact=True)
    await house.jobs()

    during = await house.history(CLARA)
    assert [entry.kind for entry in during.entries] == ["announced", "started"], "how it goes is on the screen, who bids is not"
    own = await house.history(BORIS)
    assert [(entry.kind, entry.amount_minor, entry.why) for entry in own.entries if entry.mine] == [
        ("refused", 1_000, "bid_too_low"),
        ("bid", 3_000, ""),
    ]
    host = await house.history(HOST)
    assert [entry.amount_minor for entry in host.entries if entry.kind == "maximum"] == [0], "secret until the end"

    await house.sell()
    host = await house.history(HOST)
    kinds = [entry.kind for entry in host.entries]
    assert kinds == ["prepared", "announced", "started", "maximum", "refused", "bid", "sold", "settled", "paid"]
    assert [(entry.who, entry.amount_minor) for entry in host.entries if entry.kind == "maximum"] == [("Anna", 5_000)]
    assert [entry.why for entry in host.entries if entry.kind == "refused"] == ["bid_too_low"]
    stranger = await house.history(CLARA)
    assert [(entry.kind, entry.who, entry.amount_minor, entry.price_minor) for entry in stranger.entries] == [
        ("announced", "", 0, 1_000),
        ("started", "", 0, 0),
        ("maximum", "A…a", 0, 1_000),
        ("bid", "B…s", 3_000, 3_200),
        ("sold", "A…a", 0, 3_200),
        ("settled", "A…a", 3_200, 0),
    ]
    assert (stranger.winner_name, host.winner_name, stranger.price_minor) == ("A…a", "Anna", 3_200)


async def test_a_prepared_lot_is_nobodys_business(house: House) -> None:
    await house.prepare()
    for path in ("history", "mine"):
        with refused(UNKNOWN_LOT):
            await house.world.call(ANNA, "GET", f"/api/auctions/lots/{LOT}/{path}")
    with refused(UNKNOWN_LOT):
        await house.bid(ANNA, 2_000)
    assert (await house.history(HOST)).full
    assert (await house.lot()).sku == SKU
