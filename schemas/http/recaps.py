"""Views of `/api/recaps/…`: what became of a show. Times are Unix milliseconds, minutes begin at whole minutes of the clock."""

from typing import Literal

from schemas.base import View
from schemas.money import Money

MomentKind = Literal[
    "pin", "unpin", "flash_sale", "lot_sold", "lot_unsold", "giveaway", "giveaway_won", "guest", "poll", "question_answered"
]
HighlightKind = Literal["viewers", "orders", "messages", "reactions"]


class RecapFigures(View, frozen=True):
    """A whole show in numbers. `viewers_unique` are the distinct people who were there, `watch_ms` the time of all of them
    together, `viewers_average` that time by the length of the show. `orders_placed` were made, `orders_paid` of them paid;
    `units` and `revenue` are those of the paid ones, delivery and tax included, before `refunded`, what has gone back since.
    `waits` are people who stood in line for something that was sold out."""

    duration_ms: int
    viewers_unique: int
    viewers_peak: int
    viewers_average: float
    watch_ms: int
    messages: int
    questions: int
    questions_answered: int
    votes: int
    reactions: int
    waits: int
    orders_placed: int
    orders_paid: int
    units: int
    revenue: list[Money]
    refunded: list[Money]
    pins: int
    flash_sales: int
    lots_sold: int
    giveaways: int
    guests: int


class RecapMinute(View, frozen=True):
    """One minute of a show. Paid orders, their units and revenue stand at the minute in which the buyer ordered, because that is
    what the show did; the money may have come later."""

    at_ms: int
    viewers_peak: int
    viewers_average: float
    messages: int
    questions: int
    reactions: int
    orders: int
    units: int
    revenue: list[Money]


class RecapMoment(View, frozen=True):
    """Something that happened in a show. `title` is the product's, or empty; `amount` is a hammer price; `count` is votes or
    units."""

    at_ms: int
    kind: MomentKind
    sku: str
    title: str
    count: int
    amount: Money | None


class RecapHighlight(View, frozen=True):
    """A minute in which more happened than in any other. `titles` are the products that were pinned then."""

    kind: HighlightKind
    at_ms: int
    value: int
    titles: list[str]


class RecapProduct(View, frozen=True):
    """What a show did for a product: how often and how long it was pinned, and what was sold of it; `units_after_pin` of `units`
    were ordered within five minutes after it was pinned. `revenue` is of the goods alone, after discounts."""

    sku: str
    title: str
    label: str
    image_url: str | None
    pins: int
    pinned_ms: int
    orders: int
    units: int
    units_after_pin: int
    revenue: list[Money]


class RecapLot(View, frozen=True):
    """A lot of an auction: `price` is the hammer price, if it fell; `reason` says why it was not sold."""

    lot_id: str
    sku: str
    title: str
    price: Money | None
    sold: bool
    reason: str


class PreviousRecap(View, frozen=True):
    """The host's show before this one, to compare with."""

    show_id: str
    title: str
    started_at_ms: int
    figures: RecapFigures


class RecapView(View, frozen=True):
    """A show from its first minute to its last one, or to now while it is live."""

    show_id: str
    title: str
    state: str
    started_at_ms: int | None
    ended_at_ms: int | None
    figures: RecapFigures
    previous: PreviousRecap | None
    minutes: list[RecapMinute]
    moments: list[RecapMoment]
    highlights: list[RecapHighlight]
    products: list[RecapProduct]
    lots: list[RecapLot]
