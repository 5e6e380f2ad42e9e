"""How robots bid for lots and take part in giveaways. Decisions only: dice and time are given."""

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

from schemas.http.auctions import LotNow
from schemas.money import Money
from server.demo.cast import Person
from server.demo.deeds import Bid, Deed, Enter, Pace, SayHere
from server.demo.moment import Agenda, Moment, later

WORTH = (1.5, 4.0)
"""What a lot is worth to a robot, in start prices. The host sees a contest; no price runs away."""

Style = Literal["maximum", "steps", "late"]
STYLES: tuple[Style, ...] = ("maximum", "steps", "late")
"""One names a secret maximum early, one goes up step by step, one waits for the last seconds."""


class Taste(NamedTuple):
    """What a robot makes of a lot: its limit, and for the late style how long before the end it bids."""

    style: Style
    worth_minor: int
    late_ms: int


class Bidding:
    """The crowd's bids."""

    def __init__(self, people: Sequence[Person], pace: Pace, dice: random.Random) -> None:
        self._bidders = [robot for robot, person in enumerate(people) if person.has_account]
        self._pace, self._dice = pace, dice
        # Lots that were seen: some dozens in a show, and the crowd ends with it.
        self._tastes: dict[str, dict[int, Taste]] = {}
        self._next_at_ms: dict[tuple[str, int], int] = {}
        self._named: set[tuple[str, int]] = set()

    def step(self, moment: Moment) -> list[Deed]:
        """Who bids now."""
        deeds: list[Deed] = []
        for lot in moment.sight.lots.values():
            if lot.state in ("announced", "open"):
                tastes = self._tastes.get(lot.lot_id) or self._look_at(lot, moment.now_ms)
                deeds += [bid for robot, taste in tastes.items() if (bid := self._bid(lot, robot, taste, moment)) is not None]
        return deeds

    def _look_at(self, lot: LotNow, now_ms: int) -> dict[int, Taste]:
        tastes = {}
        for robot, style in zip(self._dice.sample(self._bidders, len(self._bidders)), STYLES, strict=False):
            late_ms = round(1000 * self._dice.uniform(*self._pace.late_s))
            tastes[robot] = Taste(style, worth_of(lot.start_minor, self._dice), late_ms)
            self._next_at_ms[lot.lot_id, robot] = later(self._dice, self._pace.bid_s, now_ms)
        self._tastes[lot.lot_id] = tastes
        return tastes

    def _bid(self, lot: LotNow, robot: int, taste: Taste, moment: Moment) -> Bid | None:
        place = (lot.lot_id, robot)
        actor_id = moment.actor_ids.get(robot)
        if robot not in moment.here or actor_id is None or moment.now_ms < self._next_at_ms[place]:
            return None
        if taste.style == "maximum" and place in self._named:
            return None
        amount_minor = next_bid(lot, taste, actor_id, moment.now_ms)
        if amount_minor is None:
            return None
        self._named.add(place)
        self._next_at_ms[place] = later(self._dice, self._pace.bid_s, moment.now_ms)
        return Bid(robot, lot.lot_id, Money(amount_minor=amount_minor, currency=lot.currency), exact=taste.style != "maximum")


def next_bid(lot: LotNow, taste: Taste, actor_id: str, now_ms: int) -> int | None:
    """What a robot bids now; None when it leads, waits, or has had enough. Before the start only a maximum can be named."""
    if lot.leader_id == actor_id or lot.state not in ("announced", "open"):
        return None
    if taste.style == "maximum":
        return taste.worth_minor if taste.worth_minor >= lot.next_minor else None
    if lot.state == "announced" or now_ms >= lot.ends_at_ms:
        return None
    if taste.style == "late" and now_ms < lot.ends_at_ms - taste.late_ms:
        return None
    wanted_minor = max(lot.next_minor, lot.start_minor)
    return wanted_minor if wanted_minor <= taste.worth_minor else None


def worth_of(start_minor: int, dice: random.Random) -> int:
    """A private valuation, in round tenths of the start price as far as there are any."""
    worth_minor = round(start_minor * dice.uniform(*WORTH))
    return worth_minor - worth_minor % max(1, start_minor // 10)


class Luck:
    """The crowd's part in giveaways."""

    def __init__(self, people: Sequence[Person], pace: Pace, dice: random.Random) -> None:
        self._able = [robot for robot, person in enumerate(people) if person.has_account]
        self._pace, self._dice = pace, dice
        self._agenda = Agenda()
        # Giveaways that were seen: a dozen in a show, and the crowd ends with it.
        self._entered: dict[str, set[int]] = {}
        self._called: set[str] = set()

    def step(self, moment: Moment) -> list[Deed]:
        """Who enters, and who says "here", now."""
        for giveaway_id, live in moment.sight.giveaways.items():
            entered = self._entered.setdefault(giveaway_id, set())
            if not live.ended:
                fresh = [robot for robot in self._able if robot in moment.here and robot not in entered]
                entered |= set(fresh)
                for robot in fresh:
                    self._agenda.add(later(self._dice, self._pace.vote_s, moment.now_ms), Enter(robot, giveaway_id))
            elif giveaway_id not in self._called:
                self._called.add(giveaway_id)
                for robot in sorted(entered):
                    self._agenda.add(later(self._dice, self._pace.here_s, moment.now_ms), SayHere(robot, giveaway_id))
        return [deed for deed in self._agenda.due(moment.now_ms) if deed.robot in moment.here]
