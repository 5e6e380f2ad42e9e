"""The report of a show from real facts: what was sold, who watched, whatever comes late, twice or first."""

import csv
import io
import random
from typing import Any

import pytest
from redis.asyncio import Redis

from schemas.errors import FORBIDDEN, NOT_FOUND
from schemas.events.auctions import LotSold, LotUnsold
from schemas.events.chat import MessagePosted
from schemas.events.polls import PollClosed
from schemas.events.questions import QuestionAnswered, QuestionAsked
from schemas.http.books import StatementView
from schemas.http.recaps import RecapView
from schemas.money import Money
from server.channels.log import ChannelLog
from server.kernel.module import Actor, Reply
from server.modules.recaps import rules
from server.modules.recaps.routes import MINUTE_HEAD
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id, refused

OWNER = Actor("acc_" + "d" * 32, "account", "Olga", roles=frozenset({"host", "owner"}))
PATH = f"/api/recaps/{SHOW_ID}"


async def recap(world: World, actor: Actor = HOST, show_id: str = SHOW_ID) -> RecapView:
    view = (await world.call(actor, "GET", f"/api/recaps/{show_id}")).view
    assert isinstance(view, RecapView)
    return view


async def pin(world: World, verb: str = "pin", sku: str = "DRESS-M") -> None:
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/{verb}", {"sku": sku})
    await world.settle()


async def end(world: World, show_id: str = SHOW_ID) -> None:
    await world.call(HOST, "POST", f"/api/shows/{show_id}/end")
    await world.settle()


def message(number: int, at_ms: int) -> MessagePosted:
    return MessagePosted(
        show_id=SHOW_ID,
        message_id=an_id("msg", number),
        author_id=BUYER.id,
        author_name="Bea",
        author_role="viewer",
        text="Hi",
        posted_at_ms=at_ms,
    )


async def test_a_purchase_while_a_product_is_pinned_is_in_the_report_with_its_minute(world: World) -> None:
    await world.open_show()
    began_ms = world.clock.now_ms()
    await pin(world)
    await world.pass_time(rules.MINUTE_MS)
    await world.order(BUYER, 1, 2)
    await world.pay(BUYER, 1, 1)
    ordered_ms = world.clock.now_ms()
    await world.order(OTHER_BUYER, 2)
    await world.pass_time(rules.MINUTE_MS)
    await pin(world, "unpin")
    await end(world)
    found = await recap(world)
    figures = found.figures
    assert (figures.orders_placed, figures.orders_paid, figures.units, figures.pins) == (2, 1, 2, 1)
    assert figures.revenue == [Money(amount_minor=2 * 1_999, currency="EUR")]
    assert [minute.at_ms for minute in found.minutes if minute.orders] == [rules.minute_of(ordered_ms)]
    assert found.minutes[0].at_ms == rules.minute_of(began_ms)
    assert [(each.kind, each.title) for each in found.moments] == [("pin", "Dress"), ("unpin", "Dress")]
    (product,) = found.products
    assert (product.pins, product.units, product.units_after_pin) == (1, 2, 2)
    assert product.pinned_ms >= 2 * rules.MINUTE_MS
    assert product.revenue == figures.revenue
    (best,) = found.highlights
    assert (best.kind, best.at_ms, best.titles) == ("orders", rules.minute_of(ordered_ms), ["Dress"])
    assert await world.dead_letters() == 0


async def test_money_that_comes_or_goes_after_the_end_still_counts_as_the_statement_says(world: World) -> None:
    await world.open_show()
    await world.pass_time(2 * rules.MINUTE_MS - 20_000 - world.clock.now_ms() % rules.MINUTE_MS)
    await world.order(BUYER, 1, 2)
    await world.order(OTHER_BUYER, 2)
    await end(world)
    assert (await recap(world)).figures.revenue == []
    await world.pass_time(40_000)  # into a minute that the show has not
    await world.pay(BUYER, 1, 1)
    await world.pay(OTHER_BUYER, 2, 2)
    refund = {"refund_id": an_id("rfd", 1), "reason": "goodwill", "lines": [{"position": 0, "quantity": 1}]}
    await world.call(HOST, "POST", f"/api/orders/{an_id('ord', 1)}/refunds", refund)
    await world.settle()
    await paid_back(world)
    found = await recap(world)
    assert found.figures.orders_paid == 2
    assert sum(minute.orders for minute in found.minutes) == 2
    (totals,) = (await statement_of(world)).totals
    assert found.figures.revenue == [Money(amount_minor=totals.total_minor, currency="EUR")]
    assert found.figures.refunded == [Money(amount_minor=totals.refunded_minor, currency="EUR")]
    assert totals.refunded_minor == 1_999


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_the_report_says_of_money_is_what_the_statement_says(world: World, seed: int) -> None:
    dice = random.Random(seed)
    await world.open_show(stock=40, funded=40)
    ended = False
    for number in range(1, 9):
        buyer = Actor(f"gst_{number:032x}", "guest", f"B{number}")
        await world.order(buyer, number, dice.randint(1, 3))
    for number in dice.sample(range(1, 9), 6):
        if not ended and dice.random() < 0.3:
            await end(world)
            ended = True
        await world.pay(Actor(f"gst_{number:032x}", "guest", f"B{number}"), number, number)
        if dice.random() < 0.5:
            part = {"amount": dice.randint(1, 1_999), "currency": "EUR"}
            refund = {"refund_id": an_id("rfd", number), "reason": "goodwill", **part}
            await world.call(HOST, "POST", f"/api/orders/{an_id('ord', number)}/refunds", refund)
            await world.settle()
    await paid_back(world)
    found = (await recap(world)).figures
    (totals,) = (await statement_of(world)).totals
    assert found.orders_paid == 6
    assert [money.amount_minor for money in found.revenue] == [totals.total_minor]
    assert sum(money.amount_minor for money in found.refunded) == totals.refunded_minor > 0


async def paid_back(world: World) -> None:
    """The provider has given back what was asked for."""
    for _ in range(10):
        await world.run_job("payments", "give_back")
        await world.pass_time(1_000)


async def statement_of(world: World) -> StatementView:
    now_ms = world.clock.now_ms()
    asked = {"from": str(now_ms - 86_400_000), "to": str(now_ms + 1)}
    view = (await world.call(HOST, "GET", "/api/books/statement", query=asked)).view
    assert isinstance(view, StatementView)
    return view


async def test_the_same_facts_again_and_before_the_show_s_own_change_nothing(world: World) -> None:
    now_ms = world.clock.now_ms()
    facts: list[Any] = [message(number, now_ms) for number in range(3)]
    asked = {"show_id": SHOW_ID, "question_id": an_id("qst", 1), "asker_id": BUYER.id, "text": "?"}
    facts += [QuestionAsked(**asked, asked_at_ms=now_ms)]
    facts += [QuestionAnswered(**asked, answered_at_ms=now_ms, answered_at_show_ms=None)]
    facts += [PollClosed(show_id=SHOW_ID, poll_id=an_id("pol", 1), counts=[3, 0, 4], closed_at_ms=now_ms)]
    for fact in (*facts, *reversed(facts)):
        await world.handle("recaps", fact)
    await world.open_show()
    figures = (await recap(world)).figures
    assert (figures.messages, figures.questions, figures.questions_answered, figures.votes) == (3, 1, 1, 7)
    assert (await recap(world)).minutes[0].messages == 3


async def test_a_lot_whose_winner_did_not_pay_is_not_sold(world: World) -> None:
    await world.open_show()
    for number in (1, 2):
        sold = LotSold(
            lot_id=an_id("lot", number),
            show_id=SHOW_ID,
            seller_id=HOST.id,
            hold_id=an_id("hld", number),
            buyer_id=BUYER.id,
            sku="DRESS-M",
            quantity=1,
            price=Money(amount_minor=5_000 * number, currency="EUR"),
            expires_at_ms=0,
        )
        await world.handle("recaps", sold)
    await world.handle("recaps", LotUnsold(lot_id=an_id("lot", 2), show_id=SHOW_ID, sku="DRESS-M", reason="not_paid"))
    found = await recap(world)
    assert [(lot.title, lot.price, lot.sold, lot.reason) for lot in found.lots] == [
        ("Dress", Money(amount_minor=5_000, currency="EUR"), True, ""),
        ("Dress", Money(amount_minor=10_000, currency="EUR"), False, "not_paid"),
    ]
    assert found.figures.lots_sold == 1
    assert [(each.kind, each.amount) for each in found.moments] == [
        ("lot_sold", Money(amount_minor=5_000, currency="EUR")),
        ("lot_unsold", None),
    ]


async def look(log: ChannelLog, viewers: int, met: list[str]) -> None:
    """A web process tells who is there."""
    await log.present(f"presence:{SHOW_ID}", "web", viewers, [], met=met, expires_ms=60_000, rest_ms=0)


async def test_the_audience_is_counted_while_the_show_is_live(world: World, redis: Redis) -> None:
    await world.open_show()
    log = ChannelLog(redis)
    await look(log, 2, ["gst_1", "gst_2"])
    await world.run_job("recaps", "count_audience")
    world.clock.advance(10_000)
    await world.run_job("recaps", "count_audience")
    await look(log, 1, ["gst_1", "gst_3"])
    world.clock.advance(10_000)
    await end(world)
    figures = (await recap(world)).figures
    assert (figures.viewers_peak, figures.viewers_unique) == (2, 3)
    assert (figures.watch_ms, figures.viewers_average) == (30_000, 1.5)
    world.clock.advance(10_000)
    await world.run_job("recaps", "count_audience")
    assert (await recap(world)).figures == figures
    await log.close()


async def test_the_report_compares_with_the_host_s_previous_show(world: World) -> None:
    await world.open_show()
    await end(world)
    assert (await recap(world)).previous is None
    world.clock.advance(rules.MINUTE_MS)
    second = an_id("shw", 2)
    await world.call(HOST, "POST", "/api/shows", {"show_id": second, "title": "More dresses"})
    await world.call(HOST, "POST", f"/api/shows/{second}/start")
    await world.settle()
    previous = (await recap(world, show_id=second)).previous
    assert previous is not None
    assert (previous.show_id, previous.title) == (SHOW_ID, "Dresses")


async def test_the_host_and_the_owner_see_it_and_no_other_host(world: World) -> None:
    await world.open_show()
    assert (await recap(world, OWNER)).title == "Dresses"
    for path in (PATH, f"{PATH}/minutes.csv", f"{PATH}/products.csv"):
        with refused(FORBIDDEN):
            await world.call(OTHER_HOST, "GET", path)
    with refused(NOT_FOUND):
        await world.call(HOST, "GET", f"/api/recaps/{an_id('shw', 9)}")


async def test_a_show_that_has_not_begun_has_an_empty_report(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    await world.settle()
    found = await recap(world)
    assert (found.started_at_ms, found.minutes, found.products, found.figures.duration_ms) == (None, [], [], 0)


def rows_of(reply: Reply) -> list[list[str]]:
    assert reply.content is not None
    assert reply.content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"), newline="")))


async def test_minutes_and_products_come_as_files(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1, 2)
    await world.pay(BUYER, 1, 1)
    await end(world)
    minutes = rows_of(await world.call(HOST, "GET", f"{PATH}/minutes.csv"))
    assert minutes[0] == list(MINUTE_HEAD)
    assert sum(float(row[-1]) for row in minutes[1:]) == pytest.approx(39.98)
    assert {row[-2] for row in minutes[1:]} <= {"EUR", ""}
    products = rows_of(await world.call(HOST, "GET", f"{PATH}/products.csv"))
    assert products[1][:3] == ["DRESS-M", "Dress", "M"]
    assert products[1][-2:] == ["EUR", "39.98"]
