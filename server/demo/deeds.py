"""What robots of a rehearsal can do, and how fast they are. Values only: `plans` decides, `buyer` does."""

from dataclasses import dataclass, fields, replace
from typing import Literal

from schemas.http.reactions import ReactionKind
from schemas.money import Money

Span = tuple[float, float]
"""Seconds, from and to."""


@dataclass(frozen=True)
class Pace:
    """How lively a crowd is. Spans are of the whole crowd unless they say otherwise."""

    arrival_s: Span = (0.0, 10.0)
    """From the beginning until one robot is there."""
    line_s: Span = (6.0, 10.0)
    question_s: Span = (60.0, 120.0)
    hearts_s: Span = (2.0, 6.0)
    vote_s: Span = (2.0, 15.0)
    """How long one robot thinks about a poll, a question of somebody else's, or a giveaway."""
    first_order_s: Span = (8.0, 18.0)
    """From a pin to the first order."""
    order_s: Span = (20.0, 40.0)
    step_s: Span = (2.0, 6.0)
    """Between two steps of one checkout: the address, the card, the bank's question."""
    rush_s: Span = (0.2, 2.5)
    """From the start of a flash sale to one robot's order."""
    bid_s: Span = (3.0, 8.0)
    """Between two bids of one robot."""
    late_s: Span = (2.0, 8.0)
    """So long before the end of a lot the robot bids that waits for it: late enough that the soft close moves the end."""
    here_s: Span = (0.5, 4.0)
    """From the end of a giveaway to one robot's "here"; the server takes it for ten seconds."""
    step_out_s: Span = (40.0, 80.0)
    away_s: Span = (10.0, 25.0)

    def faster(self, times: float) -> "Pace":
        """The same liveliness in less time."""
        spans = {item.name: getattr(self, item.name) for item in fields(self)}
        return replace(self, **{name: (least / times, most / times) for name, (least, most) in spans.items()})


Manner = Literal["pays", "second_card", "gives_up", "asked_by_bank"]

CARDS: dict[Manner, tuple[str, ...]] = {
    "pays": ("tok_visa",),
    "second_card": ("tok_declined", "tok_visa"),
    "gives_up": ("tok_declined",),
    "asked_by_bank": ("tok_3ds",),
}
"""Cards of the sandbox that a buyer tries one after the other; when none pays, the order is cancelled."""


@dataclass(frozen=True)
class Deed:
    """Something that the robot with this number does now."""

    robot: int


@dataclass(frozen=True)
class Say(Deed):
    """A line in the chat."""

    text: str


@dataclass(frozen=True)
class Ask(Deed):
    """A question for the host."""

    text: str


@dataclass(frozen=True)
class Upvote(Deed):
    """A vote for somebody's question."""

    question_id: str


@dataclass(frozen=True)
class Vote(Deed):
    """A vote in a poll."""

    poll_id: str
    option: int


@dataclass(frozen=True)
class Cheer(Deed):
    """Taps."""

    kind: ReactionKind
    count: int


@dataclass(frozen=True)
class Wish(Deed):
    """What somebody wants to buy: at its price, or at that of a flash sale."""

    sku: str
    price: Money
    manner: Manner = "pays"
    sale_id: str | None = None


@dataclass(frozen=True)
class Buy(Wish):
    """An order, from the cart to the payment."""


@dataclass(frozen=True)
class StandInLine(Wish):
    """Others hold the last units: wait for one, then buy."""


@dataclass(frozen=True)
class Bid(Deed):
    """A bid: exactly this, or this at most."""

    lot_id: str
    amount: Money
    exact: bool


@dataclass(frozen=True)
class Enter(Deed):
    """Take part in a giveaway."""

    giveaway_id: str


@dataclass(frozen=True)
class SayHere(Deed):
    """The giveaway has ended: whoever is not there cannot win."""

    giveaway_id: str


@dataclass(frozen=True)
class StepOut(Deed):
    """Leave the show for a while."""

    away_s: float
