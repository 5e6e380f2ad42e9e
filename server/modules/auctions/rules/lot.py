"""A lot's life: what may be prepared, opened, run again, and what each fact means for it. Pure.

A transition returns the changed lot, None when the fact is old news or not for this lot's state, or a `Refusal` for a person.
"""

from collections.abc import Mapping

import msgspec

from schemas.errors import (
    FORBIDDEN,
    INVALID_FIELD,
    LOT_NOT_OVER,
    LOT_OVER,
    LOT_SETTLED,
    NOT_ELIGIBLE,
    SHOW_ENDED,
    UNKNOWN_SKU,
    WRONG_CURRENCY,
    Refusal,
)
from schemas.events.auctions import LotUnsold
from schemas.events.ledger import LotAwarded, LotEnded, LotOpened
from schemas.http.auctions import IncrementStep, LotCard, LotStatus, LotView, PrepareLot
from schemas.http.catalog import OfferView
from schemas.http.shows import ShowView
from server.ledger.rules import LotTerms, OpenLot
from server.modules.auctions.rules.increments import VERSION, table_of

RUNNING: frozenset[LotStatus] = frozenset({"opening", "open"})
OWED: frozenset[LotStatus] = frozenset({"sold", "offered"})
SHOWN: frozenset[LotStatus] = frozenset({"open", "ended", "disputed", "sold", "offered", "unpaid", "paid", "unsold", "void"})
"""States of lots that viewers know of."""
AGAIN: frozenset[LotStatus] = frozenset({"unsold", "void", "unpaid"})
"""States after which a lot may run again."""


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot as its row has it."""

    lot_id: str
    show_id: str
    seller_id: str
    sku: str
    title: str
    label: str
    image_url: str | None
    quantity: int
    currency: str
    start_minor: int
    reserve_minor: int
    ceiling_minor: int
    duration_ms: int
    window_ms: int
    reset_ms: int
    extension_max_ms: int
    sudden_death: bool
    payment_ms: int
    auto_offer: bool
    increments: tuple[tuple[int, int], ...]
    increments_version: str
    state: LotStatus
    created_at_ms: int
    reason: str = ""
    starts_at_ms: int = 0
    ends_at_ms: int = 0
    ended_epoch: str = ""
    ended_seq: int = 0
    ended_sold: bool = False
    winner_id: str = ""
    price_minor: int = 0
    bids: int = 0
    hold_id: str = ""
    order_id: str = ""
    buyer_id: str = ""
    due_minor: int = 0
    pays_until_ms: int = 0
    charge_failed: bool = False
    runner_up: bool = False
    folded_seq: int = 0
    rerun_of: str = ""


def prepared(body: PrepareLot, show: ShowView, offer: OfferView | None, actor_id: str, now_ms: int) -> Lot | Refusal:
    """A new lot in the run of a show."""
    if refusal := _may_prepare(show, actor_id):
        return refusal
    if offer is None:
        return Refusal(UNKNOWN_SKU, "Bring units of this product into the show first.", {"sku": body.sku})
    if body.currency != offer.price.currency:
        return Refusal(WRONG_CURRENCY, f"This product is sold in {offer.price.currency}.", {"currency": offer.price.currency})
    if 0 < body.reserve_minor < body.start_minor:
        return Refusal(INVALID_FIELD, "A reserve below the start price reserves nothing.")
    if 0 < body.ceiling_minor < max(body.start_minor, body.reserve_minor):
        return Refusal(INVALID_FIELD, "With this ceiling nobody could win; raise it or leave it out.")
    given = {name: getattr(body, name) for name in PrepareLot.__struct_fields__}
    return Lot(
        **given,
        seller_id=show.host_id,
        title=offer.title,
        label=offer.label,
        image_url=offer.image_url,
        increments=table_of(body.currency),
        increments_version=VERSION,
        state="prepared",
        created_at_ms=now_ms,
    )


def is_repetition(lot: Lot, body: PrepareLot) -> bool:
    """Whether `body` is the command that made the lot, sent again."""
    return all(getattr(lot, name) == getattr(body, name) for name in PrepareLot.__struct_fields__)


def again(lot: Lot, new_id: str, show: ShowView, actor_id: str, now_ms: int) -> Lot | Refusal:
    """The same lot once more, under a new id and with the increments of today."""
    if refusal := _may_prepare(show, actor_id):
        return refusal
    if lot.state not in AGAIN:
        error = LOT_NOT_OVER if lot.state in RUNNING | {"ended", "disputed", "prepared"} else LOT_SETTLED
        return Refusal(error, "A lot runs again when it was not sold, was taken back, or nobody paid.")
    kept = {name: getattr(lot, name) for name in (*PrepareLot.__struct_fields__, "seller_id", "title", "label", "image_url")}
    return Lot(
        **{**kept, "lot_id": new_id},
        increments=table_of(lot.currency),
        increments_version=VERSION,
        state="prepared",
        created_at_ms=now_ms,
        rerun_of=lot.lot_id,
    )


def opening(lot: Lot, show: ShowView) -> Lot | Refusal | None:
    """The host starts it; None when it runs already."""
    if lot.state in RUNNING:
        return None
    if lot.state != "prepared":
        return Refusal(LOT_OVER, "This lot was used; run it again.", {"state": lot.state})
    if show.state == "ended":
        return Refusal(SHOW_ENDED, "Nothing can be auctioned in a show that is over.")
    return _with(lot, state="opening", reason="")


def withdrawn(lot: Lot) -> Lot | Refusal | None:
    """Taken out of the run before it was opened."""
    if lot.state == "withdrawn":
        return None
    if lot.state != "prepared":
        return Refusal(LOT_OVER, "This lot was opened; take it back instead.", {"state": lot.state})
    return _with(lot, state="withdrawn")


def open_command(lot: Lot, starts_in_ms: int) -> OpenLot:
    """What the ledger is asked when the lot starts."""
    terms = LotTerms(
        sku=lot.sku,
        quantity=lot.quantity,
        seller_id=lot.seller_id,
        currency=lot.currency,
        start_minor=lot.start_minor,
        reserve_minor=lot.reserve_minor,
        increments=lot.increments,
        window_ms=lot.window_ms,
        reset_ms=lot.reset_ms,
        extension_max_ms=lot.extension_max_ms,
        sudden_death=lot.sudden_death,
        payment_ms=lot.payment_ms,
    )
    return OpenLot(command_id=lot.lot_id, terms=terms, starts_in_ms=starts_in_ms, lasts_ms=lot.duration_ms)


def not_opened(lot: Lot, reason: str) -> Lot | None:
    """The ledger had no units for it. Its id is used up: it may only run again."""
    return _with(lot, state="unsold", reason=reason) if lot.state in ("prepared", "opening") else None


def opened(lot: Lot, event: LotOpened) -> Lot | None:
    """The ledger has opened it."""
    if lot.state not in ("prepared", "opening"):
        return None
    return _with(lot, state="open", starts_at_ms=event.starts_at_ms, ends_at_ms=event.ends_at_ms)


def ended(lot: Lot, event: LotEnded) -> Lot | None:
    """The hammer fell, says the ledger; nobody is told to pay before the record says the same."""
    if lot.state not in ("prepared", "opening", "open"):
        return None
    return _with(
        lot,
        state="ended",
        ends_at_ms=event.at_ms,
        ended_epoch=event.epoch,
        ended_seq=event.seq,
        ended_sold=event.state == "sold",
        winner_id=event.winner_id,
        price_minor=event.price_minor,
        bids=event.bids,
        hold_id=event.hold_id,
        buyer_id=event.winner_id,
        due_minor=event.price_minor if event.state == "sold" else 0,
        pays_until_ms=event.expires_at_ms,
    )


def reopened(lot: Lot) -> Lot:
    """The end that was told belongs to a life of the show that was lost: by the record the lot goes on."""
    nothing = Lot.__struct_defaults__
    back = dict(zip(Lot.__struct_fields__[-len(nothing) :], nothing, strict=True))
    names = ("ended_epoch", "ended_seq", "ended_sold", "winner_id", "price_minor", "bids", "hold_id", "buyer_id", "due_minor")
    return _with(lot, state="open", **{name: back[name] for name in (*names, "pays_until_ms")})


def settled(lot: Lot, runner_up: bool) -> Lot:
    """The record gives what the ledger said."""
    if lot.ended_sold:
        return _with(lot, state="sold", runner_up=runner_up)
    return _with(lot, state="unsold", reason="reserve" if lot.bids else "no_bids", buyer_id="", due_minor=0)


def disputed(lot: Lot, reason: str) -> Lot:
    """The record gives something else: nobody pays before an operator has looked."""
    return _with(lot, state="disputed", reason=reason[:200])


def unsold(lot: Lot, reason: str) -> LotUnsold:
    """The fact that nobody gets a lot's units."""
    return LotUnsold(lot_id=lot.lot_id, show_id=lot.show_id, sku=lot.sku, reason=reason, hold_id=lot.hold_id)


def taken_back(lot: Lot, reason: str) -> Lot | None:
    """Void; what is owed is owed no more."""
    if lot.state in ("void", "paid", "withdrawn"):
        return None
    return _with(lot, state="void", reason=reason, due_minor=0, charge_failed=False)


def awarded(lot: Lot, event: LotAwarded) -> Lot | None:
    """Offered to a runner-up."""
    if lot.hold_id == event.hold_id or lot.state not in ("sold", "unpaid", "offered"):
        return None
    return _with(
        lot,
        state="offered",
        hold_id=event.hold_id,
        order_id="",
        buyer_id=event.buyer_id,
        due_minor=event.price_minor,
        pays_until_ms=event.expires_at_ms,
        charge_failed=False,
    )


def ordered(lot: Lot, order_id: str, pays_until_ms: int) -> Lot | None:
    """What is owed has an order."""
    if lot.state not in OWED or lot.order_id == order_id:
        return None
    return _with(lot, order_id=order_id, pays_until_ms=pays_until_ms)


def charge_failed(lot: Lot) -> Lot | None:
    """A payment was declined; the buyer may pay another way while the hold lasts."""
    return None if lot.charge_failed or lot.state not in OWED else _with(lot, charge_failed=True)


def paid(lot: Lot) -> Lot | None:
    """Paid, in the end."""
    return None if lot.state not in OWED | {"unpaid"} else _with(lot, state="paid", charge_failed=False, reason="")


def unpaid(lot: Lot, reason: str, runner_up: bool) -> Lot | None:
    """Nobody paid in time: the host decides what becomes of it."""
    if lot.state not in OWED:
        return None
    return _with(lot, state="unpaid", reason=reason, runner_up=runner_up, order_id="")


def given_up(lot: Lot) -> Lot | Refusal | None:
    """The host leaves it at that."""
    if lot.state == "unsold":
        return None
    if lot.state != "unpaid":
        return Refusal(LOT_SETTLED if lot.state == "paid" else LOT_NOT_OVER, "Only a lot that nobody paid for can be given up.")
    return _with(lot, state="unsold", reason="unpaid", due_minor=0, buyer_id="")


def may_offer(lot: Lot) -> Refusal | None:
    """Whether a runner-up may be asked now."""
    if lot.state == "paid":
        return Refusal(LOT_SETTLED)
    if lot.state != "unpaid":
        return Refusal(LOT_NOT_OVER, "The lot can be offered to the runner-up once the winner has not paid.")
    if not lot.runner_up:
        return Refusal(NOT_ELIGIBLE, "Nobody else has bid for this lot; run it again.")
    return None


def view(lot: Lot, names: Mapping[str, str]) -> LotView:
    """For its host."""
    fields = {name: getattr(lot, name) for name in LotView.__struct_fields__ if hasattr(lot, name) and name != "increments"}
    steps = [IncrementStep(from_minor=start, step_minor=step) for start, step in lot.increments]
    return LotView(**fields, increments=steps, winner_name=names.get(lot.winner_id, ""), buyer_name=names.get(lot.buyer_id, ""))


def card(lot: Lot, names: Mapping[str, str]) -> LotCard:
    """For everybody: winner and price once they are sure, and never who did not pay or to whom it is offered."""
    sure = lot.state in ("sold", "paid") and lot.buyer_id == lot.winner_id
    return LotCard(
        lot_id=lot.lot_id,
        sku=lot.sku,
        title=lot.title,
        label=lot.label,
        image_url=lot.image_url,
        quantity=lot.quantity,
        currency=lot.currency,
        state=lot.state,
        price_minor=lot.price_minor if sure else 0,
        winner_id=lot.winner_id if sure else "",
        winner_name=names.get(lot.winner_id, "") if sure else "",
        starts_at_ms=lot.starts_at_ms,
    )


def _may_prepare(show: ShowView, actor_id: str) -> Refusal | None:
    if show.host_id != actor_id:
        return Refusal(FORBIDDEN, "Only the host of the show decides what it auctions.")
    if show.state == "ended":
        return Refusal(SHOW_ENDED, "Nothing can be added to a show that is over.")
    return None


def _with(lot: Lot, **fields: object) -> Lot:
    return msgspec.structs.replace(lot, **fields)


def binds(lot: Lot, bidder_id: str, *, leads: bool) -> bool:
    """Whether a bidder cannot just leave: they lead what is not over, or owe for it."""
    return (leads and lot.state in RUNNING | {"ended", "disputed"}) or (lot.buyer_id == bidder_id and lot.state in OWED)
