"""Lost packets (RFC 4585 §6.2.1): which ones to ask a publisher for, and how often a viewer may ask us."""

from collections.abc import Iterable

FIRST_DELAY_MS = 10.0  # most reordering on the internet is shorter
RETRY_MS = 60.0  # about one round trip on a mobile network: asking sooner doubles the answers
TRIES_MAX = 8  # after half a second of asking, a key frame is the better repair
MISSING_MAX = 256  # a longer gap is an outage: ask for a key frame, not for packets


class GapDetector:
    """Follows one incoming sequence and says which numbers to ask for and when."""

    def __init__(self) -> None:
        self._highest: int | None = None
        self._missing: dict[int, tuple[float, int]] = {}
        self.overflowed = False
        """A gap was too long to ask for; set until read by `take_overflow`."""

    def receive(self, sequence: int, now_ms: float) -> bool:
        """Note an extended number that arrived; True when numbers before it are missing."""
        highest = self._highest
        if highest is None or sequence == highest + 1:
            self._highest = sequence
            return False
        if sequence <= highest:
            self._missing.pop(sequence, None)
            return False
        self._highest = sequence
        if sequence - highest - 1 + len(self._missing) > MISSING_MAX:
            self._missing.clear()
            self.overflowed = True
        else:
            for lost in range(highest + 1, sequence):
                self._missing[lost] = (now_ms + FIRST_DELAY_MS, 0)
        return True

    @property
    def missing(self) -> bool:
        """Whether anything is asked for, or will be."""
        return bool(self._missing)

    def due(self, now_ms: float) -> list[int]:
        """Numbers to ask for now. Each is asked for at most `TRIES_MAX` times, `RETRY_MS` apart."""
        if not self._missing:
            return []
        asked = [lost for lost, (at_ms, _) in self._missing.items() if at_ms <= now_ms]
        for lost in asked:
            tries = self._missing[lost][1] + 1
            if tries > TRIES_MAX:
                del self._missing[lost]
            else:
                self._missing[lost] = (now_ms + RETRY_MS, tries)
        return [lost for lost in asked if lost in self._missing]

    def take_overflow(self) -> bool:
        """Whether a gap was too long to ask for since the last call."""
        overflowed, self.overflowed = self.overflowed, False
        return overflowed


class RetransmissionLimit:
    """Lets one viewer have retransmissions: the same packet not twice within `REPEAT_MS`, and a limited rate in all.

    A viewer that floods NACKs gets at most `rate_per_s` packets; it cannot turn the relay into an amplifier.
    """

    REPEAT_MS = 40.0
    REMEMBERED_MAX = 1024

    def __init__(self, rate_per_s: float = 1000.0, burst: float = 300.0) -> None:
        self._rate_per_ms = rate_per_s / 1000.0
        self._burst = burst
        self._tokens = burst
        self._filled_ms = 0.0
        self._sent: dict[int, float] = {}

    def allow(self, sequence: int, now_ms: float) -> bool:
        """Whether this packet may be sent again now; counts it when so."""
        sent_ms = self._sent.get(sequence)
        if sent_ms is not None and now_ms - sent_ms < self.REPEAT_MS:
            return False
        self._tokens = min(self._burst, self._tokens + (now_ms - self._filled_ms) * self._rate_per_ms)
        self._filled_ms = now_ms
        if self._tokens < 1:
            return False
        self._tokens -= 1
        if len(self._sent) >= self.REMEMBERED_MAX:
            self._sent.clear()  # forgetting all at worst allows one early repeat of each
        self._sent[sequence] = now_ms
        return True


def pack_sequences(sequences: Iterable[int]) -> list[tuple[int, int]]:
    """Pairs (packet id, bit mask of the 16 that follow) of the generic NACK (RFC 4585 §6.2.1), numbers modulo 2^16."""
    groups: list[list[int]] = []
    for sequence in sorted(set(sequences)):
        if groups and sequence - groups[-1][0] <= 16:
            groups[-1][1] |= 1 << (sequence - groups[-1][0] - 1)
        else:
            groups.append([sequence, 0])
    return [(first & 0xFFFF, mask) for first, mask in groups]
