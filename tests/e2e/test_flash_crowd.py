"""Two hundred people press the button in the same moment."""

import asyncio
from collections import Counter

from tests.e2e.shopper import enter, open_shop, order_body, pool_ready, settle
from tests.e2e.site import Site

BUYERS = 200
UNITS = 50


async def test_of_200_buyers_for_50_units_exactly_50_succeed_and_the_others_hear_sold_out_at_once(site: Site) -> None:
    owner, show_id = await open_shop(site.url, site.key, UNITS)
    await pool_ready(owner, show_id, UNITS)
    buyers = [await enter(site.url, f"buyer {number}") for number in range(BUYERS)]
    try:
        answers = await asyncio.gather(*(buyer.call("POST", "/api/orders", order_body(show_id)) for buyer in buyers))
        assert Counter(answer.status_code for answer in answers) == {201: UNITS, 409: BUYERS - UNITS}
        refusals = [answer.json() for answer in answers if answer.status_code == 409]
        assert {problem["type"] for problem in refusals} == {"/problems#sold_out"}
        assert {problem["available"] for problem in refusals} == {0}
        assert site.sql("select count(*) from orders_orders where state = 'placed'") == [(UNITS,)]
    finally:
        for buyer in (owner, *buyers):
            await buyer.close()


async def test_a_bought_unit_is_paid_in_sql_and_gone_from_the_stock(site: Site) -> None:
    owner, show_id = await open_shop(site.url, site.key, 3)
    await pool_ready(owner, show_id, 3)
    buyer = await enter(site.url, "Vera")
    try:
        order = await buyer.must("POST", "/api/orders", order_body(show_id))
        payment = {"payment_id": order["order_id"].replace("ord_", "pay_"), "order_id": order["order_id"], "method": "tok_visa"}
        await buyer.must("POST", "/api/payments", payment)
        settled = await settle(buyer, order["order_id"])
        assert (settled["state"], settled["payment"]) == ("confirmed", "captured")
        assert site.sql("select state, payment from orders_orders") == [("confirmed", "captured")]
        await pool_ready(owner, show_id, 2)
    finally:
        await owner.close()
        await buyer.close()
