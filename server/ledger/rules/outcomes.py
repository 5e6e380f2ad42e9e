"""What the ledger answers. All outcomes are stored with the command's id, but for those that say "not decided". Pure."""

from typing import Literal

import msgspec


class Outcome(msgspec.Struct, frozen=True, tag_field="outcome"):
    """Answer to a command."""


class Funded(Outcome, frozen=True, tag="funded"):
    """The pool has changed."""


class Held(Outcome, frozen=True, tag="held"):
    """The units are kept until `expires_at_ms`; `seq` is the place of the event in the log."""

    hold_id: str
    expires_at_ms: int
    seq: int


class SoldOut(Outcome, frozen=True, tag="sold_out"):
    """There are only `available` units (of the sale, when the line names one); nothing is held or taken out of the pool."""

    sku: str
    available: int


class LimitReached(Outcome, frozen=True, tag="limit_reached"):
    """The buyer would have more than `per_buyer_max`, held and sold together."""

    sku: str
    per_buyer_max: int


class UnknownSku(Outcome, frozen=True, tag="unknown_sku"):
    """The show has no pool of this SKU, or the sale does not sell it."""

    sku: str


class Extended(Outcome, frozen=True, tag="extended"):
    """The hold ends at `expires_at_ms`, which only the first extension moves."""

    expires_at_ms: int


class Committed(Outcome, frozen=True, tag="committed"):
    """The units are sold, now or by an earlier command."""


class Released(Outcome, frozen=True, tag="released"):
    """The units are free, now or by an earlier command."""


class Restocked(Outcome, frozen=True, tag="restocked"):
    """The units are back in the pool, now or by an earlier command."""


class HoldGone(Outcome, frozen=True, tag="hold_gone"):
    """The hold is not in the state that the command needs: it ended in another way before, is still open, or never was."""

    state: Literal["held", "expired", "released", "committed", "restocked", "unknown"]


class Waiting(Outcome, frozen=True, tag="waiting"):
    """In line; `place` counts from 1."""

    place: int


class LineFull(Outcome, frozen=True, tag="line_full"):
    """Too many wait already."""


class Left(Outcome, frozen=True, tag="left"):
    """Not in line, now or before."""


class Opened(Outcome, frozen=True, tag="opened"):
    """The sale, lot, coupon or giveaway exists, with these times (0 for a coupon, which has none)."""

    starts_at_ms: int
    ends_at_ms: int


class SaleClosed(Outcome, frozen=True, tag="sale_closed"):
    """The sale is over, now or before."""


class SaleNotOpen(Outcome, frozen=True, tag="sale_not_open"):
    """No hold at this price now. `announced` starts at `starts_at_ms`."""

    sale_id: str
    state: Literal["announced", "over", "unknown"]
    starts_at_ms: int = 0


class CouponClosed(Outcome, frozen=True, tag="coupon_closed"):
    """The coupon takes no new holds, now or before."""


class CouponRefused(Outcome, frozen=True, tag="coupon_refused"):
    """The hold cannot use the coupon; nothing is held."""

    code: str
    reason: Literal["unknown", "closed", "used_up", "used_by_you"]


class BidAccepted(Outcome, frozen=True, tag="bid_accepted"):
    """The bid counts. `leads` says whether its bidder leads now (somebody's maximum may be higher); `next_minor` is the least
    that the next bid of somebody else must be."""

    seq: int
    leads: bool
    price_minor: int
    next_minor: int
    ends_at_ms: int
    reserve_met: bool


class BidTooLow(Outcome, frozen=True, tag="bid_too_low"):
    """The least is `next_minor`; for the leader it is more than the own maximum."""

    next_minor: int


class OverCeiling(Outcome, frozen=True, tag="over_ceiling"):
    """The bidder may bid up to `ceiling_minor`."""

    ceiling_minor: int


class NeedsConfirmation(Outcome, frozen=True, tag="needs_confirmation"):
    """Far above `price_minor`, at which the lot stands (or starts): ask the bidder, then send it confirmed, with a new id."""

    price_minor: int


class LotNotStarted(Outcome, frozen=True, tag="lot_not_started"):
    """Only secret maxima before `starts_at_ms`."""

    starts_at_ms: int


class LotOver(Outcome, frozen=True, tag="lot_over"):
    """The lot takes no bids and no such command any more."""

    state: Literal["sold", "unsold", "void"]


class LotNotOver(Outcome, frozen=True, tag="lot_not_over"):
    """The lot goes on until `ends_at_ms`."""

    ends_at_ms: int


class UnknownLot(Outcome, frozen=True, tag="unknown_lot"):
    """The show has no such lot."""


class OwnLot(Outcome, frozen=True, tag="own_lot"):
    """The seller may not bid."""


class WrongCurrency(Outcome, frozen=True, tag="wrong_currency"):
    """The lot is sold in `currency`."""

    currency: str


class LotHasBids(Outcome, frozen=True, tag="lot_has_bids"):
    """Somebody has bid: only an admin may void it."""


class LotClosed(Outcome, frozen=True, tag="lot_closed"):
    """How the lot ended; without a winner the last two are empty."""

    state: Literal["sold", "unsold"]
    winner_id: str
    price_minor: int


class LotVoided(Outcome, frozen=True, tag="lot_voided"):
    """The lot is void, now or before."""


class LotSettled(Outcome, frozen=True, tag="lot_settled"):
    """The lot is paid: neither void nor offered to somebody else."""


class Entered(Outcome, frozen=True, tag="entered"):
    """In, now or by an earlier command, as number `entries`."""

    entries: int


class GiveawayOver(Outcome, frozen=True, tag="giveaway_over"):
    """Nobody can enter any more, or it is drawn already."""


class GiveawayNotOver(Outcome, frozen=True, tag="giveaway_not_over"):
    """It can be drawn from `ends_at_ms` on."""

    ends_at_ms: int


class UnknownGiveaway(Outcome, frozen=True, tag="unknown_giveaway"):
    """The show has no such giveaway."""


class NotEntered(Outcome, frozen=True, tag="not_entered"):
    """This winner never entered; nothing is drawn."""

    entrant_id: str


class TooManyWinners(Outcome, frozen=True, tag="too_many_winners"):
    """More winners than units; nothing is drawn."""

    winners_max: int


class Drawn(Outcome, frozen=True, tag="drawn"):
    """These won."""

    winners: tuple[str, ...]


class IdempotencyConflict(Outcome, frozen=True, tag="idempotency_conflict"):
    """This id was used before with other content. Not stored: the id keeps its first outcome."""


class Fenced(Outcome, frozen=True, tag="fenced"):
    """The show is stopped by an operator, an audit or a failed script: temporary, nothing is decided."""

    reason: str


class StaleEpoch(Outcome, frozen=True, tag="stale_epoch"):
    """The caller knows another life of the show than the present one; nothing is decided."""

    epoch: str


class Behind(Outcome, frozen=True, tag="behind"):
    """The record in SQL is `entries` behind the log: temporary, nothing is decided."""

    entries: int


AnyOutcome = (
    Funded
    | Held
    | SoldOut
    | LimitReached
    | UnknownSku
    | Extended
    | Committed
    | Released
    | Restocked
    | HoldGone
    | Waiting
    | LineFull
    | Left
    | Opened
    | SaleClosed
    | SaleNotOpen
    | CouponClosed
    | CouponRefused
    | BidAccepted
    | BidTooLow
    | OverCeiling
    | NeedsConfirmation
    | LotNotStarted
    | LotOver
    | LotNotOver
    | UnknownLot
    | OwnLot
    | WrongCurrency
    | LotHasBids
    | LotClosed
    | LotVoided
    | LotSettled
    | Entered
    | GiveawayOver
    | GiveawayNotOver
    | UnknownGiveaway
    | NotEntered
    | TooManyWinners
    | Drawn
    | IdempotencyConflict
    | Fenced
    | StaleEpoch
    | Behind
)
