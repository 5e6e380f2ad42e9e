"""What a show's log implies, and the tools with which every part of the rules reads and changes it. Pure."""

from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.events.ledger import AnyLedgerEvent, LineState
from server.ledger.rules.commands import HoldLine
from server.ledger.rules.outcomes import AnyOutcome

Ended = Literal["committed", "released", "expired"]


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
    """A hold and how it stands; `lines` has each SKU once."""

    buyer_id: str
    lines: tuple[HoldLine, ...]
    expires_at_ms: int
    state: Literal["held"] | Ended = "held"
    extensions: int = 0


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
    """Units by (SKU, buyer), held and sold together; no zeros."""


@dataclass(frozen=True)
class Decision:
    """Outcome of one command and what it changes (nothing, when it is refused)."""

    outcome: AnyOutcome
    event: AnyLedgerEvent | None = None


class LogMismatch(Exception):
    """An event does not fit the state before it: the log has a hole, or a script has a fault."""


def clamp(state: ShowState, server_ms: int) -> int:
    """Time of a call: the server's, but never before the show's last event."""
    return max(server_ms, state.last_ms)


def head(state: ShowState, command_id: str, now_ms: int) -> dict[str, Any]:
    """Fields that every event has."""
    seq = state.seq + 1
    return {"show_id": state.show_id, "epoch": state.epoch, "seq": seq, "command_id": command_id, "at_ms": now_ms}


def line_state(pool: Pool, quantity: int, funded: int = 0, held: int = 0, sold: int = 0) -> LineState:
    """A line of an event: the pool as it is after the change."""
    available = pool.available + funded - held - sold
    return LineState(sku=pool.sku, quantity=quantity, available=available, held=pool.held + held, sold=pool.sold + sold)


def known_pool(state: ShowState, line: LineState) -> Pool:
    """The pool of a line.

    Raises:
        LogMismatch: there is none.
    """
    if line.sku not in state.pools:
        raise LogMismatch(f"{line} has no pool")
    return state.pools[line.sku]


def set_pool(state: ShowState, line: LineState, pool: Pool) -> None:
    """Change a pool, which must become what the line says.

    Raises:
        LogMismatch: it does not.
    """
    if (line.available, line.held, line.sold) != (pool.available, pool.held, pool.sold):
        raise LogMismatch(f"{line} says otherwise than {pool}")
    state.pools[line.sku] = pool


def buy(state: ShowState, sku: str, buyer_id: str, units: int) -> None:
    """Change how many units of a SKU a buyer has."""
    total = state.bought.pop((sku, buyer_id), 0) + units
    if total:
        state.bought[sku, buyer_id] = total
