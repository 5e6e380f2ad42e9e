"""A lot and a giveaway as the ledger knows them, with their secrets: no channel ever shows these as they are. Pure."""

from dataclasses import dataclass
from typing import Literal

from schemas.events.ledger import LotSpecification, LotState
from server.ledger.rules.commands import LotTerms

LotPhase = Literal["announced", "open", "sold", "unsold", "void"]
GiveawayPhase = Literal["open", "ended", "drawn"]


@dataclass(frozen=True)
class LotRecord:
    """A lot and how it stands. `leader_max_minor` is the secret of the leader. Winner and price of a sold lot are its leader and
    price; `hold_id` is the present hold of its units, "" before it is sold."""

    terms: LotTerms
    starts_at_ms: int
    ends_at_ms: int
    hard_ends_at_ms: int
    state: LotPhase = "announced"
    price_minor: int = 0
    leader_id: str = ""
    leader_max_minor: int = 0
    bids: int = 0
    hold_id: str = ""

    @property
    def reserve_met(self) -> bool:
        """Without a reserve it is met from the beginning."""
        return self.leader_max_minor >= self.terms.reserve_minor

    @property
    def next_minor(self) -> int:
        """The least that the next bid of somebody who does not lead must be."""
        return self.price_minor + increment(self.terms, self.price_minor) if self.bids else self.terms.start_minor

    def standing(self) -> LotState:
        """How the lot stands, as everybody may see it."""
        return LotState(
            price_minor=self.price_minor,
            next_minor=self.next_minor,
            leader_id=self.leader_id,
            bids=self.bids,
            ends_at_ms=self.ends_at_ms,
            reserve_met=self.reserve_met,
        )


@dataclass(frozen=True)
class GiveawayRecord:
    """A giveaway and how it stands; `seed` and `winners` are empty until it is drawn."""

    sku: str
    winners_max: int
    commitment: str
    ends_at_ms: int
    state: GiveawayPhase = "open"
    entries: int = 0
    seed: str = ""
    winners: tuple[str, ...] = ()


def increment(terms: LotTerms, price_minor: int) -> int:
    """Least step above a price: that of the last row of the table which begins at the price or below."""
    return next(step for price_from, step in reversed(terms.increments) if price_from <= price_minor)


def specification(terms: LotTerms) -> LotSpecification:
    """The terms as the log has them."""
    return LotSpecification(
        sku=terms.sku,
        quantity=terms.quantity,
        seller_id=terms.seller_id,
        currency=terms.currency,
        start_minor=terms.start_minor,
        reserve_minor=terms.reserve_minor,
        increments=list(terms.increments),
        window_ms=terms.window_ms,
        reset_ms=terms.reset_ms,
        extension_max_ms=terms.extension_max_ms,
        sudden_death=terms.sudden_death,
        payment_ms=terms.payment_ms,
    )


def terms_of(lot: LotSpecification) -> LotTerms:
    """The terms that the log tells."""
    return LotTerms(
        sku=lot.sku,
        quantity=lot.quantity,
        seller_id=lot.seller_id,
        currency=lot.currency,
        start_minor=lot.start_minor,
        reserve_minor=lot.reserve_minor,
        increments=tuple(lot.increments),
        window_ms=lot.window_ms,
        reset_ms=lot.reset_ms,
        extension_max_ms=lot.extension_max_ms,
        sudden_death=lot.sudden_death,
        payment_ms=lot.payment_ms,
    )
