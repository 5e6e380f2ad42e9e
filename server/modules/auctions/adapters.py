"""What a process remembers so that a bid costs it little. A port, so that each process, and each test, has one of its own."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

KEPT_MAX = 10_000
"""Bidders, and lots, that a process remembers; the one used longest ago is forgotten."""

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class KnownLot(NamedTuple):
    """What a bid needs of a lot and the ledger does not have; it never changes once the lot is open."""

    show_id: str
    ceiling_minor: int


class Kept(Generic[KeyT, ValueT]):
    """A bounded memory."""

    def __init__(self, most: int = KEPT_MAX) -> None:
        self._most = most
        self._values: OrderedDict[KeyT, ValueT] = OrderedDict()

    def get(self, key: KeyT) -> ValueT | None:
        """What was put, unless it was forgotten."""
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
        return found

    def put(self, key: KeyT, value: ValueT) -> None:
        """Remember."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)


class BidMemory:
    """Until when somebody is known to have card and address (by bidder and seller), and lots that are open."""

    def __init__(self) -> None:
        self.means_until_ms: Kept[tuple[str, str], int] = Kept()
        self.lots: Kept[str, KnownLot] = Kept()
