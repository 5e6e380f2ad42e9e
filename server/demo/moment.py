"""What a decision of the robots is made from: who is there, what they see, and what time it is."""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.demo.deeds import Deed, Span
from server.demo.sight import Sight

PLANNED_MAX = 200
"""Deeds that are planned and not yet due. A host who opens more than that at once gets fewer robots for each."""


class Moment(NamedTuple):
    """One look at the show. `here` are the robots that watch, `free` those of them that are not buying anything just now;
    `actor_ids` are known of all that have come in."""

    sight: Sight
    here: Sequence[int]
    free: Sequence[int]
    actor_ids: Mapping[int, str]
    now_ms: int


class Agenda:
    """Deeds for later."""

    def __init__(self) -> None:
        self._planned: list[tuple[int, Deed]] = []

    def add(self, at_ms: int, deed: Deed) -> None:
        """Remember a deed; one that is too many is not planned."""
        if len(self._planned) < PLANNED_MAX:
            self._planned.append((at_ms, deed))

    def due(self, now_ms: int) -> list[Deed]:
        """What is to be done now, in the order in which it was to be done. It is told once."""
        due = sorted((entry for entry in self._planned if entry[0] <= now_ms), key=lambda entry: entry[0])
        self._planned = [entry for entry in self._planned if entry[0] > now_ms]
        return [deed for _, deed in due]


def later(dice: random.Random, span: Span, now_ms: int) -> int:
    """A moment within the span from now."""
    return now_ms + round(1000 * dice.uniform(*span))
