"""Which robot buys what, and when. Decisions only: dice and time are given."""

import random
from collections import Counter
from collections.abc import Sequence

from schemas.http.catalog import OfferView
from schemas.money import Money
from server.demo.deeds import Buy, Deed, Manner, Pace, StandInLine, Wish
from server.demo.moment import Agenda, Moment, later

RUSH_SIZE = 4
"""Robots that take part in one flash sale."""
PINNED_SHARE = 0.85
"""Of orders for what is pinned; the others are for something else of the show."""

ROUND: tuple[Manner, ...] = (
    *("pays", "second_card", "pays", "asked_by_bank", "pays", "pays"),
    *("pays", "gives_up", "pays", "asked_by_bank", "pays", "pays"),
)
"""How orders are paid, one after the other: one in six cards is declined, as often the bank asks. Not by dice, so that a host
sees each of them in the first minutes."""


class Shopping:
    """The crowd's orders."""

    def __init__(self, pace: Pace, dice: random.Random, now_ms: int) -> None:
        self._pace, self._dice = pace, dice
        self._agenda = Agenda()
        self._order_at_ms = later(dice, pace.order_s, now_ms)
        self._pinned: frozenset[str] = frozenset()
        self._rushed: set[str] = set()
        """Flash sales that robots were sent to; a show has one at a time."""
        self._orders = 0
        self._bought: Counter[tuple[int, str]] = Counter()
        self._orders_of: Counter[int] = Counter()

    def step(self, moment: Moment) -> list[Deed]:
        """Who buys now."""
        self._look_at_pins(moment)
        self._look_at_sales(moment)
        rush = [self._rush(wish, moment) for wish in self._agenda.due(moment.now_ms) if isinstance(wish, Wish)]
        order = self._order(moment, {each.robot for each in rush if each is not None})
        return [each for each in (*rush, order) if each is not None]

    def _look_at_pins(self, moment: Moment) -> None:
        pinned = frozenset(moment.sight.pinned)
        if pinned - self._pinned:
            self._order_at_ms = min(self._order_at_ms, later(self._dice, self._pace.first_order_s, moment.now_ms))
        self._pinned = pinned

    def _look_at_sales(self, moment: Moment) -> None:
        for sale in moment.sight.sales.values():
            if sale.sale_id in self._rushed or not sale.items or not moment.here:
                continue
            self._rushed.add(sale.sale_id)
            for robot in self._dice.sample(moment.here, min(RUSH_SIZE, len(moment.here))):
                item = self._dice.choice(sale.items)
                at_ms = later(self._dice, self._pace.rush_s, max(moment.now_ms, sale.starts_at_ms))
                self._agenda.add(at_ms, Wish(robot, item.sku, item.price, sale_id=sale.sale_id))

    def _rush(self, wish: Wish, moment: Moment) -> Wish | None:
        """An order in a flash sale, or a place in the line when others hold all units."""
        found = moment.sight.sale_item(wish.sku, moment.now_ms)
        if found is None or wish.robot not in moment.free:
            return None
        sale, item = found
        if self._bought[wish.robot, wish.sku] >= item.per_buyer_max:
            return None
        if min(item.available, moment.sight.available(wish.sku)) < 1:
            return StandInLine(wish.robot, wish.sku, item.price, "pays", sale.sale_id)
        return self._buy(wish.robot, wish.sku, sale.sale_id, item.price)

    def _order(self, moment: Moment, busy: set[int]) -> Wish | None:
        free = [robot for robot in moment.free if robot not in busy]
        if moment.now_ms < self._order_at_ms or not free:
            return None
        self._order_at_ms = later(self._dice, self._pace.order_s, moment.now_ms)
        offer = self._choose(moment)
        if offer is None:
            return None
        able = [robot for robot in free if self._bought[robot, offer.sku] < offer.per_buyer_max]
        if not able:
            return None
        fewest = min(self._orders_of[robot] for robot in able)
        robot = self._dice.choice([robot for robot in able if self._orders_of[robot] == fewest])
        found = moment.sight.sale_item(offer.sku, moment.now_ms)
        if found is not None and found[1].available > 0 and self._bought[robot, offer.sku] < found[1].per_buyer_max:
            return self._buy(robot, offer.sku, found[0].sale_id, found[1].price)
        return self._buy(robot, offer.sku, None, offer.price)

    def _choose(self, moment: Moment) -> OfferView | None:
        offers = [offer for offer in moment.sight.offers if moment.sight.available(offer.sku) > 0]
        # A pin shows one variant; its product's other sizes and colours can be chosen in the player, and are.
        shown = {offer.product_id for offer in moment.sight.offers if offer.sku in self._pinned}
        pinned = [offer for offer in offers if offer.product_id in shown]
        wanted: Sequence[OfferView] = pinned if pinned and self._dice.random() < PINNED_SHARE else offers
        return self._dice.choice(wanted) if wanted else None

    def _buy(self, robot: int, sku: str, sale_id: str | None, price: Money) -> Buy:
        manner = ROUND[self._orders % len(ROUND)]
        self._orders += 1
        self._bought[robot, sku] += 1
        self._orders_of[robot] += 1
        return Buy(robot, sku, price, manner, sale_id)
