"""What a crowd of robots says, asks, votes and cheers. Decisions only: dice and time are given."""

import random
from collections import deque
from collections.abc import Sequence

from server.demo.cast import ABOUT, ASKED_ABOUT, THANKS, Person, fits_a_line
from server.demo.deeds import Ask, Cheer, Deed, Pace, Say, Upvote, Vote
from server.demo.moment import Agenda, Moment, later
from server.demo.sight import Sight
from server.demo.viewer import HEARTS_MAX, REACTIONS

ABOUT_SHARE = 0.25
"""Of lines that speak about what is pinned."""
THANKS_SHARE = 0.5
"""Of buyers who say so."""
VOTERS_SHARE = 0.8
UPVOTERS_SHARE = 0.3
QUESTIONS_WAITING_MAX = 5
"""With so many questions before the host no robot asks another one."""
RECENT_LINES = 16
"""Nobody says what somebody has said within so many lines; fewer than there are lines in a language."""
DECIDED_MAX = 5_000
"""Polls and questions that were thought about; the oldest are forgotten, they are closed by then."""


class Talk:
    """The crowd's voice: one line at a time, by whoever has been silent for long."""

    def __init__(self, people: Sequence[Person], pace: Pace, dice: random.Random, now_ms: int) -> None:
        self._people, self._pace, self._dice = people, pace, dice
        self._agenda = Agenda()
        self._line_at_ms = later(dice, pace.line_s, now_ms)
        self._question_at_ms = later(dice, pace.question_s, now_ms)
        self._hearts_at_ms = later(dice, pace.hearts_s, now_ms)
        self._spoke_at_ms = dict.fromkeys(range(len(people)), 0)
        self._recent: deque[str] = deque(maxlen=RECENT_LINES)
        self._decided: dict[str, None] = {}
        self._grateful: deque[int] = deque(maxlen=len(people))

    def paid(self, robot: int) -> None:
        """This robot has paid an order, and may say so."""
        if self._dice.random() < THANKS_SHARE:
            self._grateful.append(robot)

    def step(self, moment: Moment) -> list[Deed]:
        """What is said, asked, voted and cheered now."""
        if not moment.here:
            return []
        self._consider_polls(moment)
        self._consider_questions(moment)
        due = [deed for deed in self._agenda.due(moment.now_ms) if deed.robot in moment.here and _makes_sense(deed, moment.sight)]
        return [*due, *self._line(moment), *self._question(moment), *self._hearts(moment)]

    def _line(self, moment: Moment) -> list[Deed]:
        if moment.now_ms < self._line_at_ms:
            return []
        self._line_at_ms = later(self._dice, self._pace.line_s, moment.now_ms)
        speaker = self._grateful.popleft() if self._grateful else -1
        thanks = [text for text in THANKS[self._people[speaker].part.locale] if text not in self._recent]
        if speaker in moment.here and thanks:
            words = thanks
        else:
            silent = sorted(moment.here, key=lambda robot: self._spoke_at_ms[robot])
            speaker = self._dice.choice(silent[: (len(silent) + 1) // 2])
            words = self._words(speaker, moment.sight)
        text = self._dice.choice([each for each in words if each not in self._recent] or words)
        self._recent.append(text)
        self._spoke_at_ms[speaker] = moment.now_ms
        return [Say(speaker, text)]

    def _words(self, speaker: int, sight: Sight) -> list[str]:
        part = self._people[speaker].part
        title = shown_title(sight)
        if title and self._dice.random() < ABOUT_SHARE:
            fresh = [line.format(title=title) for line in ABOUT[part.locale]]
            return [line for line in fresh if line not in self._recent] or list(part.lines)
        return list(part.lines)

    def _question(self, moment: Moment) -> list[Deed]:
        if moment.now_ms < self._question_at_ms:
            return []
        self._question_at_ms = later(self._dice, self._pace.question_s, moment.now_ms)
        if len(moment.sight.questions) >= QUESTIONS_WAITING_MAX:
            return []
        asker = self._dice.choice(moment.here)
        part = self._people[asker].part
        title = shown_title(moment.sight)
        texts = [*part.questions, *([ASKED_ABOUT[part.locale].format(title=title)] if title else [])]
        waiting = {each.text for each in moment.sight.questions.values()}
        fresh = [text for text in texts if text not in waiting and text not in self._recent]
        if not fresh:
            return []
        text = self._dice.choice(fresh)
        self._recent.append(text)
        return [Ask(asker, text)]

    def _hearts(self, moment: Moment) -> list[Deed]:
        if moment.now_ms < self._hearts_at_ms:
            return []
        self._hearts_at_ms = later(self._dice, self._pace.hearts_s, moment.now_ms)
        return [Cheer(self._dice.choice(moment.here), self._dice.choice(REACTIONS), self._dice.randint(1, HEARTS_MAX))]

    def _consider_polls(self, moment: Moment) -> None:
        for poll in moment.sight.polls:
            # Each robot by itself: who comes later votes too.
            fresh = [robot for robot in moment.here if poll.status == "open" and self._is_new(f"{poll.poll_id} {robot}")]
            for robot in self._some(fresh, VOTERS_SHARE):
                vote = Vote(robot, poll.poll_id, self._dice.randrange(len(poll.options)))
                self._agenda.add(later(self._dice, self._pace.vote_s, moment.now_ms), vote)

    def _consider_questions(self, moment: Moment) -> None:
        for question in moment.sight.questions.values():
            if self._is_new(question.question_id):
                for robot in self._some(moment.here, UPVOTERS_SHARE):
                    if moment.actor_ids.get(robot) != question.asker_id:
                        vote = Upvote(robot, question.question_id)
                        self._agenda.add(later(self._dice, self._pace.vote_s, moment.now_ms), vote)

    def _is_new(self, subject_id: str) -> bool:
        if subject_id in self._decided:
            return False
        self._decided[subject_id] = None
        if len(self._decided) > DECIDED_MAX:
            del self._decided[next(iter(self._decided))]
        return True

    def _some(self, robots: Sequence[int], share: float) -> list[int]:
        return [robot for robot in robots if self._dice.random() < share]


def shown_title(sight: Sight) -> str:
    """Title of what was pinned last, when it fits into a sentence."""
    titles = {offer.sku: offer.title for offer in sight.offers}
    return next((titles[sku] for sku in reversed(sight.pinned) if fits_a_line(titles.get(sku, "")) and titles.get(sku)), "")


def _makes_sense(deed: Deed, sight: Sight) -> bool:
    """Whether what was planned a while ago can still be done."""
    match deed:
        case Vote(poll_id=poll_id):
            return any(poll.poll_id == poll_id and poll.status == "open" for poll in sight.polls)
        case Upvote(question_id=question_id):
            return question_id in sight.questions
        case _:
            return True
