"""Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): when each packet arrived.

The publisher's encoder follows its own estimate of the path from these arrivals; a browser reacts within half a second.
"""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

FEEDBACK_MS = 100.0
"""How often to send feedback (§3: 50 to 250 ms); ten packets a second of 30 to 150 bytes are nothing to a publisher."""

LATE_MAX = 1024
"""A number so far behind the newest still counts as late; anything older is taken for a jump ahead, as after a restart.
A longer gap than this is an outage or a restart: not thousands of losses, but a fresh base."""

PENDING_MAX = 4096
"""Arrivals kept for the next feedback: 40 000 packets per second. More are not noted, so the sender takes them for lost
and slows down, which is what such a flood needs."""

_RTPFB, _FORMAT = 205, 15
_HEADER = Struct("!BBHIIHHI")
_CHUNK = Struct("!H")
_TICKS_PER_MS = 4  # §3.1.5: deltas count 250 µs
_REFERENCE_TICKS = 256  # §3.1: the reference time counts 64 ms
_LOST, _SMALL, _LARGE = 0, 1, 2
_RUN_MAX = 0x1FFF
_RECEIVED_MAX = 190
"""Arrivals per packet: each takes at most 2 bytes of delta and 4 bytes of chunks, so that a packet stays below 1200 bytes."""
_STATUSES_MAX = 0x8000

_Run = tuple[int, int]
"""A status symbol and how many packets in a row have it."""


class TwccError(ValueError):
    """The bytes are not transport-wide feedback."""


class Feedback(NamedTuple):
    """What one packet says. Numbers are modulo 2^16; as many as `covered` from `base` on are told of, and those that are not
    among the arrivals did not come. `arrivals` holds number and milliseconds on the receiver's clock, modulo 2^24 · 64 ms."""

    sender_ssrc: int
    media_ssrc: int
    base: int
    covered: int
    feedback_count: int
    arrivals: tuple[tuple[int, float], ...]


class ArrivalLog:
    """Notes arrivals of one transport and reports each of them once. Bounded by `PENDING_MAX` and `LATE_MAX`."""

    def __init__(self) -> None:
        self.overflowed = 0
        """Arrivals that were not noted because `PENDING_MAX` waited."""
        self._highest: int | None = None
        self._next: int | None = None
        self._pending: dict[int, int] = {}
        self._reported: set[int] = set()
        self._feedback_count = 0

    def receive(self, sequence16: int, now_ms: float) -> None:
        """A packet with this transport-wide number came. The first arrival of a number counts, duplicates are ignored."""
        highest = self._highest
        number = sequence16
        if highest is not None:
            ahead = (sequence16 - highest) & 0xFFFF
            number = highest + ahead
            if ahead >= 0x10000 - LATE_MAX:
                number -= 0x10000
        if number in self._pending or number in self._reported:
            return
        if len(self._pending) >= PENDING_MAX:
            self.overflowed += 1
            return
        self._pending[number] = int(now_ms * _TICKS_PER_MS)
        if highest is None or number > highest:
            self._highest = number

    def feedback(self, sender_ssrc: int, media_ssrc: int) -> list[bytes]:
        """RTCP packets of at most 1200 bytes about everything since the last call; none when nothing came."""
        if not self._pending or self._highest is None:
            return []
        arrivals = sorted(self._pending.items())
        expected = arrivals[0][0] if self._next is None else self._next
        packets = [self._pack(sender_ssrc, media_ssrc, base, part) for base, part in _parts(arrivals, expected)]
        oldest = self._highest - LATE_MAX
        self._reported = {number for number in self._reported if number >= oldest}
        self._reported.update(number for number in self._pending if number >= oldest)
        self._pending = {}
        self._next = self._highest + 1
        return packets

    def _pack(self, sender_ssrc: int, media_ssrc: int, base: int, part: list[tuple[int, int]]) -> bytes:
        reference = part[0][1] // _REFERENCE_TICKS
        runs, deltas = _encode(base, part, reference * _REFERENCE_TICKS)
        body = b"".join(map(_CHUNK.pack, _chunks(runs))) + deltas
        body += bytes(-len(body) % 4)
        count = part[-1][0] - base + 1
        last = (reference & 0xFFFFFF) << 8 | self._feedback_count
        self._feedback_count = (self._feedback_count + 1) & 0xFF
        words = (_HEADER.size + len(body)) // 4 - 1
        return _HEADER.pack(0x80 | _FORMAT, _RTPFB, words, sender_ssrc, media_ssrc, base & 0xFFFF, count, last) + body


def _parts(arrivals: list[tuple[int, int]], expected: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Base number and arrivals of each packet.

    Late arrivals get packets of their own: between them lie numbers that were reported before, and saying now that those
    did not come would be a lie.
    """
    yield from _split([arrival for arrival in arrivals if arrival[0] < expected], None, 0)
    yield from _split([arrival for arrival in arrivals if arrival[0] >= expected], expected, LATE_MAX)


def _split(arrivals: list[tuple[int, int]], following: int | None, gap_max: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    base, part = 0, list[tuple[int, int]]()
    for number, tick in arrivals:
        far = following is None or number - following > gap_max
        if part and (
            far
            or len(part) == _RECEIVED_MAX
            or number - base >= _STATUSES_MAX
            or not -0x8000 <= tick - part[-1][1] <= 0x7FFF  # §3.1.5: a larger delta needs a new reference time
        ):
            yield base, part
            part = []
        if not part:
            base = number if far or following is None else following
        part.append((number, tick))
        following = number + 1
    if part:
        yield base, part


def _encode(base: int, part: list[tuple[int, int]], tick: int) -> tuple[list[_Run], bytes]:
    """Status symbols as runs, and the deltas (§3.1.5) counted from `tick`."""
    runs: list[_Run] = []
    deltas = bytearray()
    following = base
    for number, arrived in part:
        if number > following:
            runs.append((_LOST, number - following))
        following = number + 1
        delta, tick = arrived - tick, arrived
        symbol = _SMALL if 0 <= delta <= 0xFF else _LARGE
        deltas += delta.to_bytes(symbol, "big", signed=symbol == _LARGE)
        if runs and runs[-1][0] == symbol:
            runs[-1] = symbol, runs[-1][1] + 1
        else:
            runs.append((symbol, 1))
    return runs, bytes(deltas)


def _chunks(runs: list[_Run]) -> Iterator[int]:
    """Run-length chunks (§3.1.3) where a run fills more than a status vector chunk (§3.1.4) would, vectors elsewhere."""
    waiting = runs[::-1]
    while waiting:
        symbol, length = waiting[-1]
        if length >= (7 if symbol == _LARGE else 14) or len(waiting) == 1:
            taken = min(length, _RUN_MAX)
            yield symbol << 13 | taken
            _take(waiting, taken)
            continue
        symbols = _peek(waiting, 14)
        if _LARGE in symbols:
            yield 0xC000 | _vector(symbols[:7], 7, 2)
            _take(waiting, 7)
        else:
            yield 0x8000 | _vector(symbols, 14, 1)
            _take(waiting, 14)


def _peek(waiting: list[_Run], count: int) -> list[int]:
    symbols: list[int] = []
    for symbol, length in reversed(waiting):
        symbols += [symbol] * min(length, count - len(symbols))
        if len(symbols) == count:
            break
    return symbols


def _take(waiting: list[_Run], count: int) -> None:
    while count and waiting:
        symbol, length = waiting.pop()
        if length > count:
            waiting.append((symbol, length - count))
            return
        count -= length


def _vector(symbols: list[int], places: int, bits: int) -> int:
    value = 0
    for symbol in symbols:
        value = value << bits | symbol
    return value << bits * (places - len(symbols))


def parse(data: bytes) -> Feedback:
    """Read one RTCP packet. The work is bounded by the size of the packet: lost numbers cost nothing.

    Raises:
        TwccError: not such a packet, cut off, or a reserved symbol.
    """
    if len(data) < _HEADER.size:
        raise TwccError("shorter than a header")
    first, kind, words, sender_ssrc, media_ssrc, base, count, last = _HEADER.unpack_from(data)
    if first & 0xDF != 0x80 | _FORMAT or kind != _RTPFB or 4 * words + 4 != len(data):
        raise TwccError("not transport-wide feedback")
    end = len(data)
    if first & 0x20:  # RFC 3550 §6.4.1: browsers say how much of it is padding, others leave zeros
        end -= data[-1]
        if not _HEADER.size <= end < len(data):
            raise TwccError("the padding is longer than the packet")
    runs, position = _read_chunks(data, end, count)
    arrivals: list[tuple[int, float]] = []
    number, tick = base, (last >> 8) * _REFERENCE_TICKS
    for symbol, length in runs:
        if symbol == _LOST:
            number += length
            continue
        if position + symbol * length > end:
            raise TwccError("the deltas are cut off")
        for _ in range(length):
            tick += int.from_bytes(data[position : position + symbol], "big", signed=symbol == _LARGE)
            position += symbol
            arrivals.append((number & 0xFFFF, tick / _TICKS_PER_MS))
            number += 1
    return Feedback(sender_ssrc, media_ssrc, base, count, last & 0xFF, tuple(arrivals))


def _read_chunks(data: bytes, end: int, count: int) -> tuple[list[_Run], int]:
    runs: list[_Run] = []
    position = _HEADER.size
    while count:
        if position + 2 > end:
            raise TwccError("the chunks are cut off")
        (chunk,) = _CHUNK.unpack_from(data, position)
        position += 2
        for symbol, length in _read_chunk(chunk):
            taken = min(length, count)
            if taken and symbol > _LARGE:
                raise TwccError("a reserved status symbol")
            runs.append((symbol, taken))
            count -= taken
    return runs, position


def _read_chunk(chunk: int) -> list[_Run]:
    if not chunk & 0x8000:
        return [(chunk >> 13, chunk & _RUN_MAX)]
    if chunk & 0x4000:
        return [(chunk >> shift & 0x03, 1) for shift in range(12, -1, -2)]
    return [(chunk >> shift & 0x01, 1) for shift in range(13, -1, -1)]
