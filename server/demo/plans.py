"""Everything that a crowd of robots does next. Decisions only: what they see, dice and time are given, deeds come out."""

import random
from collections.abc import Sequence

from server.demo.bidding import Bidding, Luck
from server.demo.cast import Person
from server.demo.deeds import Deed, Pace, StepOut
from server.demo.moment import Moment, later
from server.demo.shopping import Shopping
from server.demo.talking import Talk

AWAY_MAX = 2
"""Robots that are away at a time: the number of viewers moves, and there is always somebody to buy."""


class Plans:
    """One crowd in one show. The same people, dice, sights and times give the same deeds."""

    def __init__(self, people: Sequence[Person], pace: Pace, dice: random.Random, now_ms: int) -> None:
        self._people, self._pace, self._dice = people, pace, dice
        self._talk = Talk(people, pace, dice, now_ms)
        self._shopping = Shopping(pace, dice, now_ms)
        self._bidding = Bidding(people, pace, dice)
        self._luck = Luck(people, pace, dice)
        self._step_out_at_ms = later(dice, pace.step_out_s, now_ms)

    def step(self, moment: Moment) -> list[Deed]:
        """What is done at this moment; nothing in a show that is not on."""
        show = moment.sight.show
        if show is None or show.show.state != "live":
            return []
        habits = (self._talk, self._shopping, self._bidding, self._luck)
        deeds = [deed for habit in habits for deed in habit.step(moment)]
        return [*deeds, *self._step_out(moment, {deed.robot for deed in deeds})]

    def paid(self, robot: int) -> None:
        """This robot has paid an order."""
        self._talk.paid(robot)

    def _step_out(self, moment: Moment, busy: set[int]) -> list[Deed]:
        if moment.now_ms < self._step_out_at_ms:
            return []
        self._step_out_at_ms = later(self._dice, self._pace.step_out_s, moment.now_ms)
        # Who may bid or win something stays.
        idle = [robot for robot in moment.free if robot not in busy and not self._people[robot].has_account]
        if not idle or len(self._people) - len(moment.here) >= AWAY_MAX:
            return []
        return [StepOut(self._dice.choice(idle), self._dice.uniform(*self._pace.away_s))]
