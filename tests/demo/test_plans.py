"""What robots decide: who speaks, buys, bids and leaves, and when. Time and dice are given."""

import random
import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec
import pytest

from schemas.http.auctions import LotMoved, LotNow
from schemas.http.catalog import OfferView, PoolView
from schemas.http.chat import TEXT_LENGTH_MAX
from schemas.http.flash_sales import FlashSalesState, FlashSaleUnits, FlashSaleView, SaleItemView, SaleUnits
from schemas.http.giveaways import GiveawayLive
from schemas.http.orders import ShippingView
from schemas.http.polls import PollView
from schemas.http.questions import QUESTION_LENGTH_MAX, QuestionView
from schemas.http.shows import ShowState, ShowView
from schemas.money import Money
from server.demo.bidding import Taste, next_bid, worth_of
from server.demo.cast import ABOUT, ASKED_ABOUT, LINES, NAMES, QUESTIONS, THANKS, TITLE_LENGTH_MAX, cast, home_for
from server.demo.deeds import Ask, Bid, Buy, Cheer, Deed, Enter, Pace, Say, SayHere, StandInLine, StepOut, Upvote, Vote
from server.demo.moment import Moment
from server.demo.plans import AWAY_MAX, Plans
from server.demo.shopping import ROUND
from server.demo.sight import Sight
from tests.modules.world import SHOW_ID, an_id

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
PACE = Pace()
PRICE = Money(amount_minor=1_990, currency="USD")
BEGIN_MS = 1_790_000_000_000
TICK_MS = 100
PEOPLE = cast("Вечер посуды", random.Random(7))
ALL = tuple(range(len(PEOPLE)))
ACTOR_IDS = {robot: an_id("gst", robot) for robot in ALL}


def offer(sku: str, product: int = 1, title: str = "Кружка", per_buyer_max: int = 100) -> OfferView:
    return OfferView(
        sku=sku,
        product_id=an_id("prd", product),
        title=title,
        label="",
        image_url=None,
        price=PRICE,
        per_buyer_max=per_buyer_max,
    )


def a_show(pinned: list[str], offers: list[OfferView], state: str = "live") -> ShowState:
    view = ShowView(
        show_id=SHOW_ID,
        host_id=an_id("acc", 1),
        host_name="Ольга",
        title="Вечер посуды",
        description="",
        state=state,
        unlisted=True,
        on_air=True,
        scheduled_at_ms=0,
        started_at_ms=0,
        ended_at_ms=None,
        cover_url=None,
    )
    return ShowState(version=1, show=view, pinned=pinned, offers=offers)


def a_sight(pinned: list[str] | None = None, offers: list[OfferView] | None = None, available: int = 500) -> Sight:
    sight = Sight()
    offers = [offer("MUG")] if offers is None else offers
    sight.show = a_show(["MUG"] if pinned is None else pinned, offers)
    sight.pools = {each.sku: PoolView(sku=each.sku, available=available, held=0, sold=0) for each in offers}
    return sight


def moment(sight: Sight, now_ms: int, here: tuple[int, ...] = ALL, free: tuple[int, ...] | None = None) -> Moment:
    return Moment(sight, here, here if free is None else free, ACTOR_IDS, now_ms)


def life(sight: Sight, seconds: float, seed: int = 1, here: tuple[int, ...] = ALL) -> Iterator[tuple[float, Deed]]:
    """Everything that a crowd does in a show that stays as it is, each with its second."""
    plans = Plans(PEOPLE, PACE, random.Random(seed), BEGIN_MS)
    for passed_ms in range(0, round(seconds * 1000), TICK_MS):
        for deed in plans.step(moment(sight, BEGIN_MS + passed_ms, here)):
            yield passed_ms / 1000, deed


def gaps(seconds: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(seconds)]


def test_a_chat_line_comes_every_few_seconds_and_nobody_repeats_themselves() -> None:
    said = [(at, deed) for at, deed in life(a_sight(), 600) if isinstance(deed, Say)]
    assert all(5.9 <= gap <= 10.2 for gap in gaps([at for at, _ in said]))
    assert {deed.robot for _, deed in said} == set(ALL)
    texts = [deed.text for _, deed in said]
    assert all(text not in texts[max(0, at - 10) : at] for at, text in enumerate(texts))
    assert any("Кружка" in text for text in texts), "somebody speaks about what is pinned"


def test_everybody_speaks_one_language_and_most_speak_the_shows() -> None:
    for _, deed in life(a_sight(), 600):
        if isinstance(deed, Say | Ask):
            text = deed.text.replace("Кружка", "")
            assert bool(CYRILLIC.search(text)) == (PEOPLE[deed.robot].part.locale == "ru"), deed


@pytest.mark.parametrize(
    ("title", "russian"), [("Вечер посуды", 6), ("Mugs and lamps", 2), ("Mugs / Кружки", 4), ("2026", 2), ("", 2)]
)
def test_the_mix_of_languages_follows_the_title(title: str, russian: int) -> None:
    people = cast(title, random.Random(3))
    assert [person.part.locale for person in people].count("ru") == russian
    assert len({person.part.name for person in people}) == len(people) == 8
    assert sum(person.has_account for person in people) == 3


def test_the_words_keep_the_limits_and_their_language() -> None:
    title = "x" * TITLE_LENGTH_MAX
    for locale in ("en", "ru"):
        lines = [*LINES[locale], *ABOUT[locale], *THANKS[locale], *QUESTIONS[locale], ASKED_ABOUT[locale], *NAMES[locale]]
        assert all(bool(CYRILLIC.search(line.replace("{title}", ""))) == (locale == "ru") for line in lines)
        assert max(len(line.format(title=title)) for line in lines) <= TEXT_LENGTH_MAX
        assert max(len(line.format(title=title)) for line in (*QUESTIONS[locale], ASKED_ABOUT[locale])) <= QUESTION_LENGTH_MAX
        assert len(lines) == len(set(lines))


@pytest.mark.parametrize("seed", range(5))
def test_the_first_order_comes_soon_after_a_pin_and_the_next_ones_at_a_measured_pace(seed: int) -> None:
    bought = [at for at, deed in life(a_sight(), 900, seed) if isinstance(deed, Buy)]
    assert 8 <= bought[0] <= 20
    assert all(19 <= gap <= 41 for gap in gaps(bought))


def test_a_new_pin_is_bought_within_twenty_seconds() -> None:
    plans = Plans(PEOPLE, PACE, random.Random(5), BEGIN_MS)
    sight = a_sight(offers=[offer("MUG"), offer("LAMP", 2, "Лампа")])
    now_ms = BEGIN_MS
    while not any(isinstance(deed, Buy) for deed in plans.step(moment(sight, now_ms))):
        now_ms += TICK_MS
    pinned_ms = now_ms
    sight.show = a_show(["LAMP"], [offer("MUG"), offer("LAMP", 2, "Лампа")])
    while not any(isinstance(deed, Buy) for deed in plans.step(moment(sight, now_ms))):
        now_ms += TICK_MS
    assert now_ms - pinned_ms <= 20_000


def test_one_order_in_six_is_declined_first_and_one_in_six_is_asked_by_the_bank() -> None:
    manners = [deed.manner for _, deed in life(a_sight(), 900) if isinstance(deed, Buy)][:12]
    assert tuple(manners) == ROUND
    assert [manners.count(each) for each in ("second_card", "gives_up", "asked_by_bank")] == [1, 1, 2]


def test_other_variants_of_a_pinned_product_are_bought_too() -> None:
    sizes = [offer("DRESS-S"), offer("DRESS-M"), offer("DRESS-L")]
    bought = {deed.sku for _, deed in life(a_sight(["DRESS-S"], sizes), 900) if isinstance(deed, Buy)}
    assert bought == {"DRESS-S", "DRESS-M", "DRESS-L"}


def test_nobody_buys_more_than_one_person_may_nor_what_is_gone() -> None:
    once = a_sight(offers=[offer("MUG", per_buyer_max=1)])
    robots = [deed.robot for _, deed in life(once, 900) if isinstance(deed, Buy)]
    assert sorted(robots) == list(ALL)
    assert not [deed for _, deed in life(a_sight(available=0), 300) if isinstance(deed, Buy | StandInLine)]
    unlisted = msgspec.structs.replace(offer("MUG"), listed=False)
    assert not [deed for _, deed in life(a_sight(offers=[unlisted]), 300) if isinstance(deed, Buy)]


def test_nobody_buys_who_is_at_the_checkout() -> None:
    plans = Plans(PEOPLE, PACE, random.Random(1), BEGIN_MS)
    deeds = [deed for at in range(0, 300_000, TICK_MS) for deed in plans.step(moment(a_sight(), BEGIN_MS + at, free=(4,)))]
    assert {deed.robot for deed in deeds if isinstance(deed, Buy)} == {4}


def sale(available: int, starts_in_ms: int = 0) -> FlashSaleView:
    low = Money(amount_minor=990, currency="USD")
    item = SaleItemView(sku="MUG", price=low, quantity_max=5, per_buyer_max=1, available=available, held=5 - available, sold=0)
    starts_ms = BEGIN_MS + starts_in_ms
    return FlashSaleView(sale_id=an_id("sal", 1), items=[item], starts_at_ms=starts_ms, ends_at_ms=starts_ms + 60_000)


def test_a_flash_sale_is_stormed_the_moment_it_starts_and_not_before() -> None:
    sight = a_sight()
    sight.sales = {an_id("sal", 1): sale(5, starts_in_ms=5_000)}
    rush = [(at, deed) for at, deed in life(sight, 12) if isinstance(deed, Buy) and deed.sale_id is not None]
    assert len(rush) >= 3
    assert all(5 <= at <= 8 for at, _ in rush)
    assert {deed.price.amount_minor for _, deed in rush} == {990}
    assert len({deed.robot for _, deed in rush}) == len(rush)


def test_who_finds_a_flash_sale_sold_out_stands_in_line() -> None:
    sight = a_sight()
    sight.sales = {an_id("sal", 1): sale(0)}
    deeds = [deed for _, deed in life(sight, 6)]
    assert [deed for deed in deeds if isinstance(deed, StandInLine)]
    assert not [deed for deed in deeds if isinstance(deed, Buy)]


def a_lot(**changes: object) -> LotNow:
    lot = LotNow(
        lot_id=an_id("lot", 1),
        sku="MUG",
        quantity=1,
        currency="USD",
        state="open",
        start_minor=1_000,
        price_minor=0,
        next_minor=1_000,
        leader_id="",
        bids=0,
        has_reserve=False,
        reserve_met=False,
        starts_at_ms=BEGIN_MS,
        ends_at_ms=BEGIN_MS + 60_000,
        hard_ends_at_ms=BEGIN_MS + 300_000,
        window_ms=10_000,
        sudden_death=False,
    )
    return msgspec.structs.replace(lot, **changes)


def auction(seed: int) -> list[tuple[float, Bid]]:
    """The bids for one lot whose price goes up as the ledger's would."""
    plans, sight = Plans(PEOPLE, PACE, random.Random(seed), BEGIN_MS), a_sight()
    sight.lots[an_id("lot", 1)] = a_lot()
    maxima: dict[int, int] = {}
    bids = []
    for passed_ms in range(0, 60_000, TICK_MS):
        for deed in plans.step(moment(sight, BEGIN_MS + passed_ms)):
            if isinstance(deed, Bid):
                bids.append((passed_ms / 1000, deed))
                maxima[deed.robot] = max(maxima.get(deed.robot, 0), deed.amount.amount_minor)
                first, *others = sorted(maxima, key=lambda robot: -maxima[robot])
                price = min(maxima[first], maxima[others[0]] + 100) if others else 1_000
                lot = a_lot(price_minor=price, next_minor=price + 100, leader_id=ACTOR_IDS[first], bids=len(bids))
                sight.lots[lot.lot_id] = lot
    return bids


@pytest.mark.parametrize("seed", range(8))
def test_a_lot_has_an_early_maximum_a_patient_climber_and_a_late_bid(seed: int) -> None:
    bids = auction(seed)
    assert {deed.robot for _, deed in bids} <= {robot for robot in ALL if PEOPLE[robot].has_account}
    maxima = [(at, deed) for at, deed in bids if not deed.exact]
    assert len(maxima) <= 1
    assert all(at <= 10 for at, _ in maxima)
    assert max(deed.amount.amount_minor for _, deed in bids) <= 4_000


def test_some_lots_get_a_bid_in_the_last_ten_seconds() -> None:
    assert sum(any(at >= 50 for at, _ in auction(seed)) for seed in range(20)) >= 8
    assert all(len({deed.robot for _, deed in auction(seed)}) >= 2 for seed in range(20))


@pytest.mark.parametrize(
    ("style", "changes", "at_s", "amount_minor"),
    [
        ("steps", {}, 10, 1_000),
        ("steps", {"next_minor": 1_500}, 10, 1_500),
        ("steps", {"next_minor": 2_600}, 10, None),
        ("steps", {"leader_id": "gst_me"}, 10, None),
        ("steps", {"state": "announced"}, 10, None),
        ("steps", {"state": "sold"}, 10, None),
        ("steps", {}, 60, None),
        ("late", {}, 10, None),
        ("late", {}, 54, None),
        ("late", {}, 56, 1_000),
        ("late", {"ends_at_ms": BEGIN_MS + 70_000}, 56, None),
        ("maximum", {}, 10, 2_500),
        ("maximum", {"state": "announced", "next_minor": 0}, 0, 2_500),
        ("maximum", {"next_minor": 2_600}, 10, None),
    ],
)
def test_a_bid_follows_the_style_the_price_and_the_clock(
    style: str, changes: dict[str, object], at_s: int, amount_minor: int | None
) -> None:
    taste = Taste(style, 2_500, 5_000)  # type: ignore[arg-type]
    assert next_bid(a_lot(**changes), taste, "gst_me", BEGIN_MS + at_s * 1000) == amount_minor


@pytest.mark.parametrize("start_minor", [1, 5, 100, 1_000, 99_999])
def test_a_valuation_is_some_times_the_start_price(start_minor: int) -> None:
    for seed in range(30):
        assert start_minor <= worth_of(start_minor, random.Random(seed)) <= 4 * start_minor


def test_who_comes_later_votes_and_enters_too() -> None:
    sight = a_sight()
    poll = {"poll_id": an_id("pol", 1), "question": "?", "options": ["a", "b"], "counts": None, "total": 0, "status": "open"}
    sight.polls = [msgspec.convert(poll | {"hide_results": True, "opened_at_ms": 0, "closes_at_ms": 0}, PollView)]
    sight.giveaways = {"gvw": GiveawayLive("gvw", "MUG", 1, "", BEGIN_MS, 0, ended=False)}
    plans = Plans(PEOPLE, PACE, random.Random(1), BEGIN_MS)
    deeds: list[Deed] = []
    for at_ms in range(0, 60_000, TICK_MS):
        here = ALL[:1] if at_ms < 20_000 else ALL
        deeds += plans.step(moment(sight, BEGIN_MS + at_ms, here))
    votes = [deed.robot for deed in deeds if isinstance(deed, Vote)]
    assert len(votes) == len(set(votes)) >= 4
    assert sorted(deed.robot for deed in deeds if isinstance(deed, Enter)) == [0, 1, 2]
    sight.giveaways = {"gvw": GiveawayLive("gvw", "MUG", 1, "", BEGIN_MS, 3, ended=True)}
    called = [plans.step(moment(sight, BEGIN_MS + at_ms)) for at_ms in range(60_000, 65_000, TICK_MS)]
    assert sorted(deed.robot for step in called for deed in step if isinstance(deed, SayHere)) == [0, 1, 2]


def test_robots_ask_until_enough_questions_wait_and_vote_for_others() -> None:
    sight = a_sight()
    assert [deed for _, deed in life(sight, 300) if isinstance(deed, Ask)]
    for number in range(6):
        question = QuestionView(an_id("qst", number), ACTOR_IDS[0], "Maya", "?", "waiting", 0, 0, None, None, 1)
        sight.questions[question.question_id] = question
    deeds = [deed for _, deed in life(sight, 300)]
    assert not [deed for deed in deeds if isinstance(deed, Ask)]
    upvoters = {deed.robot for deed in deeds if isinstance(deed, Upvote)}
    assert upvoters
    assert 0 not in upvoters, "nobody votes for their own"


def test_nobody_asks_what_waits_for_an_answer_already() -> None:
    sight = a_sight()
    waiting = [*QUESTIONS["ru"][:2], *QUESTIONS["en"][:2]]
    for number, text in enumerate(waiting):
        question = QuestionView(an_id("qst", number), an_id("gst", 99), "Maya", text, "waiting", 0, 0, None, None, 1)
        sight.questions[question.question_id] = question
    asked = [deed.text for _, deed in life(sight, 1_200) if isinstance(deed, Ask)]
    assert len(asked) >= 5
    assert not set(asked) & set(waiting)


def test_some_leave_for_a_while_but_never_many_and_no_bidder() -> None:
    out = [deed for _, deed in life(a_sight(), 900) if isinstance(deed, StepOut)]
    assert len(out) >= 8
    assert all(not PEOPLE[deed.robot].has_account and 10 <= deed.away_s <= 25 for deed in out)
    few = ALL[: len(ALL) - AWAY_MAX]
    assert not [deed for _, deed in life(a_sight(), 900, here=few) if isinstance(deed, StepOut)]


@pytest.mark.parametrize("state", ["scheduled", "ended"])
def test_nothing_happens_in_a_show_that_is_not_on(state: str) -> None:
    sight = a_sight()
    sight.show = a_show(["MUG"], [offer("MUG")], state)
    assert list(life(sight, 120)) == []
    assert sight.is_over == (state == "ended")
    assert list(life(Sight(), 120)) == []


def test_the_same_dice_give_the_same_show_and_others_another() -> None:
    assert list(life(a_sight(), 120, 4)) == list(life(a_sight(), 120, 4))
    assert list(life(a_sight(), 120, 4)) != list(life(a_sight(), 120, 5))
    assert [deed for _, deed in life(a_sight(), 60) if isinstance(deed, Cheer)]


def test_an_address_is_one_that_the_shop_delivers_to() -> None:
    post = ShippingView("post", "Post", "Почта", PRICE, ["DE", "AT"], None, 0)
    assert home_for("ru", []).country == "RU"
    assert home_for("ru", [post]).country == "DE"
    assert home_for("ru", [post, msgspec.structs.replace(post, countries=["RU"])]).country == "RU"
    assert home_for("en", [msgspec.structs.replace(post, countries=[])]).country == "GB"


def test_what_several_robots_tell_counts_once_and_in_order() -> None:
    sight, channel = Sight(), f"auctions:{SHOW_ID}"
    opened = msgspec.json.encode({"lots": [msgspec.to_builtins(a_lot())]})
    sight.restart(channel, "e1", 5, opened)
    first, second = (
        msgspec.json.encode(LotMoved(an_id("lot", 1), "open", price, price + 100, "gst_a", bids, True, BEGIN_MS))
        for price, bids in ((1_000, 1), (1_100, 2))
    )
    sight.note(channel, "e1", 6, first)
    sight.note(channel, "e1", 7, second)
    sight.note(channel, "e1", 6, first)
    sight.restart(channel, "e1", 5, opened)
    sight.note(channel, "e0", 9, first)
    assert (sight.lots[an_id("lot", 1)].price_minor, sight.lots[an_id("lot", 1)].bids) == (1_100, 2)
    sight.restart(channel, "e2", 0, opened)
    assert sight.lots[an_id("lot", 1)].bids == 0, "a new epoch begins anew"


def test_the_units_of_a_flash_sale_are_followed() -> None:
    sight, channel = Sight(), f"flash_sales:{SHOW_ID}"
    sight.restart(channel, "e1", 0, msgspec.json.encode(FlashSalesState(sales=[sale(5)])))
    news = FlashSaleUnits(changes=[SaleUnits(an_id("sal", 1), "MUG", available=1, held=4, sold=0)])
    sight.note(channel, "e1", 1, msgspec.json.encode(news))
    found = sight.sale_item("MUG", BEGIN_MS)
    assert found is not None
    assert found[1].available == 1
    assert sight.sale_item("MUG", BEGIN_MS + 60_000) is None
