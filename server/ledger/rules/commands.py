"""What may be asked of the ledger. Every command carries an id made by whoever has the intent. Pure."""

import msgspec

from schemas.money import AMOUNT_MINOR_MAX

QUANTITY_MAX = 1_000_000
"""Of one command. Totals stay far below 10**14, up to which Lua's JSON writes whole numbers as such."""
LINES_MAX = 50
HOLD_MS_MAX = 24 * 3_600_000
"""A hold must end long before the stored outcome of its command is forgotten (`KEEP_MS` in prelude.lua)."""
SWEEP_MAX = 100
"""Things that one call may end because their time has come: a script must be short, because the server does nothing else
meanwhile."""
SERVES_MAX = 100
"""People in line whom one call may serve or send away, for the same reason; the next call goes on."""
LAG_MAX = 200_000
"""Entries of the log that SQL may lack before the show takes no more commands: a minute of a very hot show, and 100 MB."""
EXTENSIONS_MAX = 1
"""More time when a payment begins, but not again and again: else one person keeps a unit from everybody for ever."""
ITEMS_MAX = 20
"""SKUs of one flash sale."""
LASTS_MS_MAX = 7 * 24 * 3_600_000
INCREMENTS_MAX = 20
CONFIRM_TIMES = 3
"""A bid above so many times what the lot stands at needs a second look of the bidder (fat finger)."""
WINNERS_MAX = 100
WAITING_MAX = 500
"""People who wait for one SKU; one more could not hope for a unit during the show."""
WISHES_MAX = 20
"""Different wishes (quantity, sale) in the line for one SKU; whoever is next is found by a look at the first of each."""


class HoldLine(msgspec.Struct, frozen=True):
    """So many units of one SKU, at the price of a flash sale when `sale_id` names one."""

    sku: str
    quantity: int
    sale_id: str = ""


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """An intent. Its maker gives the id; the same id again gets the stored outcome of the first time."""

    command_id: str

    def sensible(self) -> bool:
        """Whether its numbers are in range; the edges check the same before, in words."""
        return True


class Fund(Command, frozen=True, tag="fund"):
    """Bring units into the pool of a SKU, or take free ones out (negative). `per_buyer_max` is the pool's limit from now on."""

    sku: str
    quantity: int
    per_buyer_max: int

    def sensible(self) -> bool:
        return abs(self.quantity) <= QUANTITY_MAX and _count(self.per_buyer_max)


class Hold(Command, frozen=True, tag="hold"):
    """Keep units for a buyer: every line or none, and one use of the coupon, when there is one. The command's id is the hold's
    id."""

    buyer_id: str
    lines: tuple[HoldLine, ...]
    hold_ms: int
    coupon: str = ""

    def sensible(self) -> bool:
        return 1 <= len(self.lines) <= LINES_MAX and _within_hold(self.hold_ms) and all(map(_line, self.lines))


class Extend(Command, frozen=True, tag="extend"):
    """Give the buyer `hold_ms` from now, because a payment has begun."""

    hold_id: str
    hold_ms: int

    def sensible(self) -> bool:
        return _within_hold(self.hold_ms)


class Commit(Command, frozen=True, tag="commit"):
    """The held units are sold."""

    hold_id: str


class Release(Command, frozen=True, tag="release"):
    """The held units are free again."""

    hold_id: str


class Restock(Command, frozen=True, tag="restock"):
    """The units of a committed hold go back into the pool: the order was cancelled before anything was sent. The sale and the
    coupon get theirs back as well."""

    hold_id: str


class Wait(Command, frozen=True, tag="wait"):
    """Stand in line for units that are held by others. The next free ones are held for whoever waits longest, for `hold_ms`; the
    command's id is the hold's id then. When there are enough units now they are held at once."""

    buyer_id: str
    line: HoldLine
    hold_ms: int

    def sensible(self) -> bool:
        return _line(self.line) and _within_hold(self.hold_ms)


class Leave(Command, frozen=True, tag="leave"):
    """Stand in line no more."""

    wait_id: str


class SaleItem(msgspec.Struct, frozen=True):
    """One SKU of a flash sale: at most `quantity_max` units at `price_minor`, and `per_buyer_max` for one buyer."""

    sku: str
    quantity_max: int
    per_buyer_max: int
    price_minor: int


class OpenSale(Command, frozen=True, tag="open_sale"):
    """Sell SKUs at another price for a while, from `starts_in_ms` on. The command's id is the sale's id."""

    items: tuple[SaleItem, ...]
    currency: str
    starts_in_ms: int
    lasts_ms: int

    def sensible(self) -> bool:
        skus = {item.sku for item in self.items}
        items = 1 <= len(skus) == len(self.items) <= ITEMS_MAX and all(map(_item, self.items))
        return items and bool(self.currency) and _lasts(self.starts_in_ms, self.lasts_ms)


class CloseSale(Command, frozen=True, tag="close_sale"):
    """End a flash sale before its time; holds that were made in it stay."""

    sale_id: str


class OpenCoupon(Command, frozen=True, tag="open_coupon"):
    """Let holds use a coupon `uses_max` times, each buyer `per_buyer_max` times. Opened again, it has the new limits."""

    code: str
    uses_max: int
    per_buyer_max: int

    def sensible(self) -> bool:
        return _count(self.uses_max) and _count(self.per_buyer_max)


class CloseCoupon(Command, frozen=True, tag="close_coupon"):
    """No new hold may use the coupon; those that did keep it."""

    code: str


class LotTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What stays as it is from the opening of a lot on. Amounts are minor units of `currency`; `reserve_minor` 0 is none.

    `increments` is a table of (price from, step), the first from 0. A bid in the last `window_ms` moves the end to `reset_ms`
    from then, at most `extension_max_ms` beyond the planned end; `sudden_death` moves nothing. The winner
    has `payment_ms` to pay.
    """

    sku: str
    quantity: int
    seller_id: str
    currency: str
    start_minor: int
    reserve_minor: int
    increments: tuple[tuple[int, int], ...]
    window_ms: int
    reset_ms: int
    extension_max_ms: int
    sudden_death: bool
    payment_ms: int


class OpenLot(Command, frozen=True, tag="open_lot"):
    """Announce a lot: its units leave the pool now, secret maxima count from now on, bids from `starts_in_ms` on. The command's
    id is the lot's id."""

    terms: LotTerms
    starts_in_ms: int
    lasts_ms: int

    def sensible(self) -> bool:
        return _terms(self.terms) and _lasts(self.starts_in_ms, self.lasts_ms)


class AnyBid(Command, frozen=True):
    """What both kinds of bids say. `ceiling_minor` is how much this bidder may bid (0: as much as they like); `confirmed` is the
    answer to `NeedsConfirmation`, with a new command id."""

    lot_id: str
    bidder_id: str
    amount_minor: int
    currency: str
    ceiling_minor: int = 0
    confirmed: bool = False

    def sensible(self) -> bool:
        return _amount(self.amount_minor) and 0 <= self.ceiling_minor <= AMOUNT_MINOR_MAX


class Bid(AnyBid, frozen=True, tag="bid"):
    """Bid exactly this amount: when it takes the lead, it is the price. When somebody's maximum is higher it raises the price. Of
    the leader it is a higher maximum: nobody pays more for bidding against nobody."""


class SetMaximum(AnyBid, frozen=True, tag="set_maximum"):
    """Bid up to this amount, no more than needed. Before the lot starts the only kind there is."""


class CloseLot(Command, frozen=True, tag="close_lot"):
    """Close a lot whose time is over. Every call closes overdue lots by itself; this asks for it and tells the result."""

    lot_id: str


class VoidLot(Command, frozen=True, tag="void_lot"):
    """Take a lot back. The host may until the first bid; `force` is an admin's, with a reason, until the lot is paid."""

    lot_id: str
    reason: str
    force: bool = False


class Award(Command, frozen=True, tag="award"):
    """Offer the units of a closed lot to another bidder, because the one before did not pay: a new hold for `hold_ms`, whose id
    is the command's. The hold before, when it is still open, ends with it."""

    lot_id: str
    buyer_id: str
    price_minor: int
    hold_ms: int

    def sensible(self) -> bool:
        return _amount(self.price_minor) and _within_hold(self.hold_ms)


class OpenGiveaway(Command, frozen=True, tag="open_giveaway"):
    """Give `winners_max` units away, one each, among those who enter within `lasts_ms`. They leave the pool now. `commitment` is
    the SHA-256 (hex) of the seed that the draw reveals. The command's id is the giveaway's id."""

    sku: str
    winners_max: int
    lasts_ms: int
    commitment: str

    def sensible(self) -> bool:
        return 1 <= self.winners_max <= WINNERS_MAX and _lasts(0, self.lasts_ms) and len(self.commitment) == 64


class Enter(Command, frozen=True, tag="enter"):
    """Take part, once per person."""

    giveaway_id: str
    entrant_id: str


class Draw(Command, frozen=True, tag="draw"):
    """Note who won, after the end; `seed` lets everybody compute it again. The pool gets what nobody won."""

    giveaway_id: str
    seed: str
    winners: tuple[str, ...]

    def sensible(self) -> bool:
        return len(set(self.winners)) == len(self.winners) <= WINNERS_MAX and bool(self.seed)


AnyCommand = (
    Fund
    | Hold
    | Extend
    | Commit
    | Release
    | Restock
    | Wait
    | Leave
    | OpenSale
    | CloseSale
    | OpenCoupon
    | CloseCoupon
    | OpenLot
    | Bid
    | SetMaximum
    | CloseLot
    | VoidLot
    | Award
    | OpenGiveaway
    | Enter
    | Draw
)


def check(command: AnyCommand) -> None:
    """Refuse what no caller may ever send.

    Raises:
        ValueError: a number out of range or an empty list; the edges have checked that before, so this is a fault of ours.
    """
    if not command.command_id or not command.sensible():
        raise ValueError(f"senseless command: {command}")


def _line(line: HoldLine) -> bool:
    return _count(line.quantity)


def _item(item: SaleItem) -> bool:
    return _count(item.quantity_max) and _count(item.per_buyer_max) and _amount(item.price_minor)


def _terms(terms: LotTerms) -> bool:
    froms = [price for price, _ in terms.increments]
    table = 1 <= len(froms) <= INCREMENTS_MAX and froms[0] == 0 and froms == sorted(set(froms))
    steps = all(_amount(step) and price <= AMOUNT_MINOR_MAX for price, step in terms.increments)
    amounts = _amount(terms.start_minor) and 0 <= terms.reserve_minor <= AMOUNT_MINOR_MAX
    times = all(0 <= time <= HOLD_MS_MAX for time in (terms.window_ms, terms.reset_ms, terms.extension_max_ms))
    return table and steps and amounts and times and _count(terms.quantity) and _within_hold(terms.payment_ms)


def _count(number: int) -> bool:
    return 1 <= number <= QUANTITY_MAX


def _amount(minor: int) -> bool:
    return 1 <= minor <= AMOUNT_MINOR_MAX


def _within_hold(hold_ms: int) -> bool:
    return 1 <= hold_ms <= HOLD_MS_MAX


def _lasts(starts_in_ms: int, lasts_ms: int) -> bool:
    return 0 <= starts_in_ms <= LASTS_MS_MAX and 1 <= lasts_ms <= LASTS_MS_MAX
