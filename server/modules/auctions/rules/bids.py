"""Who may bid, what the ledger is asked, and what its answers mean to a person. Pure."""

from typing import NamedTuple, assert_never

from schemas.errors import (
    BID_TOO_LOW,
    BIDDER_NOT_ELIGIBLE,
    BLOCKED,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    LOT_NOT_STARTED,
    LOT_OVER,
    NEEDS_CONFIRMATION,
    NO_ADDRESS_ON_FILE,
    NO_CARD_ON_FILE,
    NOT_SIGNED_IN,
    OVER_CEILING,
    OWN_LOT,
    UNKNOWN_LOT,
    WRONG_CURRENCY,
    Refusal,
)
from schemas.http.auctions import BidView, PlaceBid
from schemas.http.orders import AddressView
from schemas.http.shows import ShowView
from schemas.requests.moderation import Door
from schemas.requests.payments import SavedCard
from server.ledger.rules import (
    AnyOutcome,
    Bid,
    BidAccepted,
    BidTooLow,
    IdempotencyConflict,
    LotNotStarted,
    LotOver,
    NeedsConfirmation,
    OverCeiling,
    OwnLot,
    SetMaximum,
    UnknownLot,
    WrongCurrency,
)

BID_PREFIX = "bid_"
"""Ids of bids are made by strangers, and all commands of a show share one space of ids: with a prefix of their own they cannot
take an id that the server, or somebody else, will need."""


class Facts(NamedTuple):
    """The show, who is let in and moderates it, and who is on its stage."""

    show: ShowView
    door: Door
    stage: frozenset[str]


class Person(NamedTuple):
    """Who bids. `staff`: has a role in the shop."""

    id: str
    kind: str
    staff: bool


class Means(NamedTuple):
    """What somebody would pay with, and where the goods would go."""

    card: SavedCard | None
    address: AddressView | None


def barred(person: Person, facts: Facts) -> Refusal | None:
    """Why somebody may never bid in this show: whoever gains from a high price, or is not let in."""
    if person.id == facts.show.host_id:
        return Refusal(OWN_LOT)
    if facts.door.turns_away(person.id):
        return Refusal(BLOCKED)
    if person.kind != "account":
        return Refusal(NOT_SIGNED_IN, "Bids are binding: sign in with an account first.")
    if facts.door.may_moderate(person.id) or person.staff:
        return Refusal(BIDDER_NOT_ELIGIBLE, "Whoever works for the shop or moderates its shows does not bid.")
    if person.id in facts.stage:
        return Refusal(BIDDER_NOT_ELIGIBLE, "Guests of a show do not bid in it.")
    return None


def without_means(own: Means, seller_home: AddressView | None) -> Refusal | None:
    """Why somebody cannot bid yet, or bids for the seller."""
    if own.card is None:
        return Refusal(NO_CARD_ON_FILE, "Save a card: it is charged only when you win.")
    if own.address is None:
        return Refusal(NO_ADDRESS_ON_FILE, "Save an address: what you win is sent there.")
    # The token of a card is another one for each person who saves it, so that a card says nothing about whose it is.
    if seller_home is not None and _home(own.address) == _home(seller_home):
        return Refusal(BIDDER_NOT_ELIGIBLE, "This address is the seller's own.")
    return None


def checked(command: PlaceBid, command_id: str) -> Refusal | None:
    """What the shape of a bid does not say."""
    if not command_id.startswith(BID_PREFIX):
        return Refusal(INVALID_FIELD, f"The id of a bid begins with {BID_PREFIX!r}.")
    if command.amount.amount_minor < 1:
        return Refusal(INVALID_FIELD, "Bid at least one minor unit of the currency.")
    return None


def ledger_command(command: PlaceBid, command_id: str, bidder_id: str, ceiling_minor: int) -> Bid | SetMaximum:
    """What the ledger is asked."""
    kind = Bid if command.exact else SetMaximum
    return kind(
        command_id=command_id,
        lot_id=command.lot_id,
        bidder_id=bidder_id,
        amount_minor=command.amount.amount_minor,
        currency=command.amount.currency,
        ceiling_minor=ceiling_minor,
        confirmed=command.confirmed,
    )


def answer(command: PlaceBid, outcome: AnyOutcome) -> BidView | Refusal:
    """What the bidder is told."""
    if isinstance(outcome, BidAccepted):
        return BidView(
            lot_id=command.lot_id,
            leads=outcome.leads,
            maximum_minor=command.amount.amount_minor,
            price_minor=outcome.price_minor,
            next_minor=outcome.next_minor,
            ends_at_ms=outcome.ends_at_ms,
            reserve_met=outcome.reserve_met,
        )
    return refusal_of(outcome)


BidRefused = (
    UnknownLot
    | OwnLot
    | WrongCurrency
    | LotOver
    | LotNotStarted
    | OverCeiling
    | NeedsConfirmation
    | BidTooLow
    | IdempotencyConflict
)


def refusal_of(outcome: AnyOutcome) -> Refusal:
    """A refusal of the ledger in words.

    Raises:
        AssertionError: no bid has this outcome.
    """
    assert isinstance(outcome, BidRefused), outcome
    match outcome:
        case UnknownLot():
            return Refusal(UNKNOWN_LOT, "Look at the lots of this show.")
        case OwnLot():
            return Refusal(OWN_LOT)
        case WrongCurrency(currency=currency):
            return Refusal(WRONG_CURRENCY, f"Bid in {currency}.", {"currency": currency})
        case LotOver(state=state):
            return Refusal(LOT_OVER, "No more bids are taken.", {"state": state})
        case LotNotStarted(starts_at_ms=starts_at_ms):
            text = "Before the start only a secret maximum can be set."
            return Refusal(LOT_NOT_STARTED, text, {"starts_at_ms": starts_at_ms})
        case OverCeiling(ceiling_minor=ceiling_minor):
            return Refusal(OVER_CEILING, "Bid less, or ask the shop.", {"ceiling_minor": ceiling_minor})
        case NeedsConfirmation(price_minor=price_minor):
            return Refusal(NEEDS_CONFIRMATION, "Send it confirmed, under a new id.", {"price_minor": price_minor})
        case BidTooLow(next_minor=next_minor):
            return Refusal(BID_TOO_LOW, "Bid at least `next_minor`.", {"next_minor": next_minor})
        case IdempotencyConflict():
            return Refusal(IDEMPOTENCY_CONFLICT, "Another bid had this id; make a new one for each bid.")
        case _:
            assert_never(outcome)


def public_name(name: str) -> str:
    """How a bidder is called in a lot's history for those who were only watching: "B…a"."""
    return f"{name[0]}…{name[-1]}" if len(name) > 1 else "…"


def _home(address: AddressView) -> tuple[str, ...]:
    parts = (address.country, address.postal_code, address.city, address.street)
    return tuple("".join(part.split()).casefold() for part in parts)
