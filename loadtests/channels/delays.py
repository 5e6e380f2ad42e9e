"""Delays in steps of 10 µs: many processes count, one adds up."""

from collections import Counter
from collections.abc import Iterable, Mapping

STEP_S = 1e-5


class Delays:
    """A histogram of delays in seconds."""

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: Counter[int] = Counter(counts or {})

    def add(self, delay_s: float) -> None:
        self.counts[int(delay_s / STEP_S)] += 1

    def percentile_ms(self, share: float) -> float:
        """The delay that `share` of all keep, in milliseconds.

        Raises:
            ValueError: there is none at all.
        """
        if not self.counts:
            raise ValueError("no delay was measured")
        wanted = share * self.counts.total()
        seen = 0
        for step in sorted(self.counts):
            seen += self.counts[step]
            if seen >= wanted:
                break
        return step * STEP_S * 1000

    def to_json(self) -> dict[str, int]:
        """For a line of JSON."""
        return {str(step): count for step, count in self.counts.items()}

    @staticmethod
    def sum(parts: Iterable[Mapping[str, int]]) -> "Delays":
        """Of the `to_json` of several."""
        total = Delays()
        for part in parts:
            total.counts.update({int(step): count for step, count in part.items()})
        return total
