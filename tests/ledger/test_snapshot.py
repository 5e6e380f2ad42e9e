"""A snapshot tells what the rules' state at the same place of the log tells."""

import redis

from server.ledger.rules import ENDED_MAX, Sale, ShowState
from server.ledger.wire import (
    CouponSnapshot,
    OfferSnapshot,
    SaleSnapshot,
    ShowSnapshot,
    batch_keys,
    bundle,
    read_snapshot,
    snapshot,
)
from tests.ledger.scenarios import A, B, close_coupon, close_sale, fund, hold, item, open_coupon, open_sale
from tests.ledger.twin import Twin


def read(twin: Twin) -> ShowSnapshot:
    script = snapshot()
    twin.client.script_load(script.text)
    return read_snapshot(twin.client.evalsha(script.sha, 1, *batch_keys(twin.show_id)))


def sale_of(sale_id: str, sale: Sale) -> SaleSnapshot:
    offers = [
        OfferSnapshot(offer.sku, offer.quantity_max, offer.per_buyer_max, offer.price_minor, offer.held, offer.sold)
        for offer in sale.offers.values()
    ]
    return SaleSnapshot(sale_id, "over" if sale.over else "open", sale.currency, sale.starts_at_ms, sale.ends_at_ms, offers)


def expected(state: ShowState) -> ShowSnapshot:
    coupons = [
        CouponSnapshot(code, coupon.uses_max, coupon.per_buyer_max, coupon.used)
        for code, coupon in sorted(state.coupons.items())
        if not coupon.shut
    ]
    shown = [*sorted(sale_id for sale_id, sale in state.sales.items() if not sale.over), *state.ended.get("sale", ())]
    return ShowSnapshot(
        epoch=state.epoch,
        seq=state.seq,
        now_ms=state.last_ms,
        pools=[pool for _, pool in sorted(state.pools.items())],
        sales=[sale_of(sale_id, state.sales[sale_id]) for sale_id in shown],
        coupons=coupons,
        lots=[],
        giveaways=[],
    )


def test_a_snapshot_is_the_state_of_the_rules(blocking: redis.Redis) -> None:
    script = bundle()
    blocking.script_load(script.text)
    twin = Twin(blocking, script, "shw_snap")
    assert (read(twin).epoch, read(twin).seq, read(twin).pools, read(twin).sales) == ("", 0, [], [])
    twin.call(fund("f1", A, 9, 9), fund("f2", 'B"\\ж', 3, 9), fund("f3", B, 1, 1))
    assert read(twin) == expected(twin.show.state)
    twin.call(open_sale("s2", item(A, 5, 5), item(B)), open_sale("s1", starts_in_ms=50), open_coupon("o1"))
    twin.call(open_coupon("o2", "MORE"), hold("h1", "ann", (A, 2, "s2"), (B, 1), coupon="TEN"), open_sale("s3"))
    twin.call(close_sale("x1", "s3"), close_coupon("o3", "MORE"))
    assert read(twin) == expected(twin.show.state)
    assert [sale.sale_id for sale in read(twin).sales] == ["s1", "s2", "s3"]
    assert read(twin).sales[1].offers[0].available == 3


def test_a_snapshot_shows_only_what_ended_last(blocking: redis.Redis) -> None:
    script = bundle()
    blocking.script_load(script.text)
    twin = Twin(blocking, script, "shw_snap")
    sales = [f"s{number:03}" for number in range(ENDED_MAX + 5)]
    twin.call(fund("f1"), *(open_sale(sale_id) for sale_id in sales))
    twin.call(*(close_sale(f"x-{sale_id}", sale_id) for sale_id in sales))
    assert [sale.sale_id for sale in read(twin).sales] == sales[: -ENDED_MAX - 1 : -1]
    assert read(twin) == expected(twin.show.state)
