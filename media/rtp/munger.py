"""Rewrites numbers and timestamps so that viewers see one continuous track, whatever publisher feeds it.

A publisher that comes back has a new random sequence and timestamp; its packets continue where the last one stopped.
Packets without content (padding) are left out without leaving a hole.
"""

from collections import deque

_HISTORY = 32  # skips that a reordered packet can still be counted through; more would be padding older than the cache


class Munger:
    """Maps a source's extended sequence number and 32-bit timestamp to those of the track."""

    def __init__(self, first_sequence: int, first_timestamp: int) -> None:
        self.highest = first_sequence - 1
        """Largest sequence number given out."""
        self.timestamp = first_timestamp
        """Timestamp that belongs to `highest`."""
        self.timestamp_offset = 0
        self._since: int | None = None
        self._offset = 0
        self._older: deque[tuple[int, int]] = deque(maxlen=_HISTORY)

    def switch(self, sequence: int, timestamp: int, elapsed_ticks: int) -> None:
        """A new source starts with this packet, `elapsed_ticks` of the media clock after the last packet that went out."""
        self._since = sequence
        self._older.clear()
        self._offset = self.highest + 1 - sequence
        self.timestamp_offset = (self.timestamp + max(1, elapsed_ticks) - timestamp) & 0xFFFFFFFF

    def map(self, sequence: int, timestamp: int) -> tuple[int, int] | None:
        """Number and timestamp that go out; None for a packet from before the source's start or its oldest known skip."""
        assert self._since is not None, "switch first"
        offset = self._offset if sequence >= self._since else self._older_offset(sequence)
        if offset is None:
            return None
        outgoing, stamp = sequence + offset, (timestamp + self.timestamp_offset) & 0xFFFFFFFF
        if outgoing > self.highest:
            self.highest, self.timestamp = outgoing, stamp
        return outgoing, stamp

    def skip(self, sequence: int) -> None:
        """Leave this packet out. Only a packet newer than all before can be left out: others were counted in already."""
        if self._since is not None and sequence >= self._since and sequence + self._offset > self.highest:
            self._older.append((self._since, self._offset))
            self._since, self._offset = sequence + 1, self._offset - 1

    def _older_offset(self, sequence: int) -> int | None:
        for since, offset in reversed(self._older):
            if sequence >= since:
                return offset
        return None
