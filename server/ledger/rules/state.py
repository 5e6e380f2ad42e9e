"""What a show's log implies, and the tools with which every part of the rules reads and changes it. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from schemas.events.ledger import AnyLedgerEvent, LedgerEvent, LineState, SaleItemState
from server.ledger.rules.commands import Command, HoldLine
from server.ledger.rules.outcomes import AnyOutcome
from server.ledger.rules.records import GiveawayRecord, LotRecord

KeyT = TypeVar("KeyT")
Ended = Literal["committed", "released", "expired", "restocked"]
OPEN_MAX = 100
"""Things of one kind that a snapshot shows while they are announced or open: lots by their start, others by their id. The
server does nothing else while it reads them."""
ENDED_MAX = 20
"""Things of one kind (sales, lots, …) that a snapshot shows after their end: the latest."""


@dataclass(frozen=True)
class Pool:
    """Units of one SKU that the show may sell."""

    sku: str
    funded: int
    held: int
    sold: int
    per_buyer_max: int

    @property
    def available(self) -> int:
        return self.funded - self.held - self.sold


@dataclass(frozen=True)
class HoldRecord:
    """A hold and how it stands; `lines` has each SKU once, and once more per sale. Units of a hold that does not `count` are no
    part of what its buyer may take at most: a lot was won, or a giveaway."""

    buyer_id: str
    lines: tuple[HoldLine, ...]
    expires_at_ms: int
    state: Literal["held"] | Ended = "held"
    extensions: int = 0
    coupon: str = ""
    counts: bool = True


@dataclass(frozen=True)
class Offer:
    """One SKU of a flash sale: its terms, and its units that are held and sold."""

    sku: str
    quantity_max: int
    per_buyer_max: int
    price_minor: int
    held: int = 0
    sold: int = 0

    @property
    def available(self) -> int:
        return self.quantity_max - self.held - self.sold


@dataclass(frozen=True)
class Sale:
    """A flash sale. It is `over` by an event, and sells nothing from `ends_at_ms` on even before that event."""

    currency: str
    starts_at_ms: int
    ends_at_ms: int
    offers: Mapping[str, Offer]
    over: bool = False


@dataclass(frozen=True)
class Coupon:
    """How often a code was used (by holds that are open or sold) and may be."""

    uses_max: int
    per_buyer_max: int
    used: int = 0
    shut: bool = False


@dataclass(frozen=True)
class Waiter:
    """Somebody in line; `seq` of their joining is their place."""

    buyer_id: str
    sku: str
    quantity: int
    sale_id: str
    hold_ms: int
    seq: int


@dataclass
class ShowState:
    """Everything of one show that its log implies."""

    show_id: str
    epoch: str
    seq: int = 0
    last_ms: int = 0
    pools: dict[str, Pool] = field(default_factory=dict)
    holds: dict[str, HoldRecord] = field(default_factory=dict)
    bought: dict[tuple[str, str], int] = field(default_factory=dict)
    """Units by (SKU, buyer), held and sold together, of holds that count; no zeros."""
    sales: dict[str, Sale] = field(default_factory=dict)
    bought_in_sale: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Units by (sale, SKU, buyer), held and sold together; no zeros."""
    coupons: dict[str, Coupon] = field(default_factory=dict)
    coupon_uses: dict[tuple[str, str], int] = field(default_factory=dict)
    """Uses by (code, buyer); no zeros."""
    waits: dict[str, Waiter] = field(default_factory=dict)
    lots: dict[str, LotRecord] = field(default_factory=dict)
    giveaways: dict[str, GiveawayRecord] = field(default_factory=dict)
    entrants: dict[tuple[str, str], int] = field(default_factory=dict)
    """The number of each entry by (giveaway, entrant)."""
    ended: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By kind ("sale", …) the ids of what ended last, the latest first, at most `ENDED_MAX`."""


@dataclass(frozen=True)
class Decision:
    """Outcome of one command and what it changes (nothing, when it is refused)."""

    outcome: AnyOutcome
    events: tuple[AnyLedgerEvent, ...] = ()


Decide = Callable[[ShowState, Any, int], Decision]
Deciders = Mapping[type[Command], Decide]
"""Which function decides a kind of command: (state, command, now_ms)."""
Appliers = Mapping[type[LedgerEvent], Callable[[ShowState, Any], None]]
"""Which function applies a kind of event."""
Endings = Mapping[str, Callable[[ShowState, str, int], tuple[AnyLedgerEvent, ...]]]
"""What happens to a thing of a kind whose time has come: (state, id, now_ms). At least one event, which moves or ends its time:
else every call would meet it again."""


class LogMismatch(Exception):
    """An event does not fit the state before it: the log has a hole, or a script has a fault."""


class Moves:
    """Makes the lines of events, each as it is after those before it: two lines of a decision may be of the same SKU."""

    def __init__(self, state: ShowState) -> None:
        self._pools = dict(state.pools)
        self._sales = dict(state.sales)

    def line(self, line: HoldLine, *, funded: int = 0, held: int = 0, sold: int = 0) -> LineState:
        """A line of an event that moves so many units."""
        pool = moved(self._pools.get(line.sku, Pool(line.sku, 0, 0, 0, 0)), funded, held, sold)
        self._pools[line.sku] = pool
        sale = None
        if line.sale_id:
            offer = _moved_offer(self._sales[line.sale_id].offers[line.sku], held, sold)
            self._sales[line.sale_id] = _with_offer(self._sales[line.sale_id], offer)
            sale = SaleItemState(sale_id=line.sale_id, available=offer.available, held=offer.held, sold=offer.sold)
        return LineState(
            sku=line.sku, quantity=line.quantity, available=pool.available, held=pool.held, sold=pool.sold, sale=sale
        )

    def lines(self, lines: Iterable[HoldLine], *, held: int = 0, sold: int = 0) -> list[LineState]:
        """Lines of which each moves its quantity `held` and `sold` times (1, 0 or -1)."""
        return [self.line(line, held=held * line.quantity, sold=sold * line.quantity) for line in lines]


def clamp(state: ShowState, server_ms: int) -> int:
    """Time of a call: the server's, but never before the show's last event."""
    return max(server_ms, state.last_ms)


def head(state: ShowState, command_id: str, now_ms: int, after: int = 0) -> dict[str, Any]:
    """Fields that every event has; `after` counts the events that the same decision makes before it."""
    seq = state.seq + 1 + after
    return {"show_id": state.show_id, "epoch": state.epoch, "seq": seq, "command_id": command_id, "at_ms": now_ms}


def taken(state: ShowState, ident: str) -> bool:
    """Whether something has this id, although the outcome of the command that made it may be forgotten."""
    return any(ident in things for things in (state.holds, state.waits, state.sales, state.lots, state.giveaways))


def moved(pool: Pool, funded: int, held: int, sold: int) -> Pool:
    """The pool after a change."""
    return replace(pool, funded=pool.funded + funded, held=pool.held + held, sold=pool.sold + sold)


def apply_line(state: ShowState, line: LineState, *, funded: int = 0, held: int = 0, sold: int = 0) -> None:
    """Change a pool and, when the line names one, a sale; both must become what the line says.

    Raises:
        LogMismatch: they do not, or there are none.
    """
    if line.sku not in state.pools:
        raise LogMismatch(f"{line} has no pool")
    pool = moved(state.pools[line.sku], funded, held, sold)
    if (line.available, line.held, line.sold) != (pool.available, pool.held, pool.sold):
        raise LogMismatch(f"{line} says otherwise than {pool}")
    if line.sale is not None:
        sale = state.sales.get(line.sale.sale_id)
        if sale is None or line.sku not in sale.offers:
            raise LogMismatch(f"{line} has no sale")
        offer = _moved_offer(sale.offers[line.sku], held, sold)
        if (line.sale.available, line.sale.held, line.sale.sold) != (offer.available, offer.held, offer.sold):
            raise LogMismatch(f"{line} says otherwise than {offer}")
        state.sales[line.sale.sale_id] = _with_offer(sale, offer)
    state.pools[line.sku] = pool


def hold_lines(lines: Iterable[LineState]) -> tuple[HoldLine, ...]:
    """The lines of an event as a hold keeps them."""
    return tuple(HoldLine(line.sku, line.quantity, line.sale.sale_id if line.sale else "") for line in lines)


def add(counts: dict[KeyT, int], key: KeyT, change: int) -> None:
    """Change a counter that is not kept when it is zero."""
    if total := counts.pop(key, 0) + change:
        counts[key] = total


def note_ended(state: ShowState, kind: str, ident: str) -> None:
    """Remember what ended last, for snapshots."""
    state.ended[kind] = (ident, *state.ended.get(kind, ()))[:ENDED_MAX]


def _moved_offer(offer: Offer, held: int, sold: int) -> Offer:
    return replace(offer, held=offer.held + held, sold=offer.sold + sold)


def _with_offer(sale: Sale, offer: Offer) -> Sale:
    return replace(sale, offers={**sale.offers, offer.sku: offer})
