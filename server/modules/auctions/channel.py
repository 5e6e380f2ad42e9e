"""The channels `auctions:<show_id>` (the running lot, straight from the ledger; bids) and `lots:<show_id>` (what SQL knows of the
lots), the one way to bid, and the one way to change a lot."""

from typing import Any

from schemas.base import Event
from schemas.errors import BLOCKED, UNKNOWN_LOT, Refusal, Refused, WireError
from schemas.http.auctions import (
    AuctionPublication,
    AuctionState,
    BidView,
    LotsState,
    PersonName,
    PlaceBid,
)
from schemas.ids import derived_id, is_rehearsal
from schemas.requests.guests import GetStageActors
from schemas.requests.moderation import Door, GetDoor
from schemas.requests.orders import GetAddress
from schemas.requests.payments import GetSavedCard
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context, Store
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.rules import Award, Held, LotSettled, SoldOut
from server.modules.auctions import store
from server.modules.auctions.adapters import BidMemory, KnownLot
from server.modules.auctions.rules import bids, live, truth
from server.modules.auctions.rules import lot as lots
from server.modules.auctions.rules.bids import Facts, Means
from server.modules.auctions.rules.lot import Lot
from server.modules.auctions.rules.truth import Record
from server.modules.auctions.store import Deed

PAGE = 500
"""Events of one read."""
MEANS_MS = 5_000
"""How long a card and an address that were there are believed to be there. Whoever takes them away meanwhile still pays by the
link of the order; that somebody is blocked, or on stage, is looked at with every bid."""


class AuctionChannel(ChannelKind):
    """Whoever may watch sees the running lot, and bids. The log is the ledger's, so that a bid is seen by everybody in the same
    order in which it was decided, and nothing is written here for it."""

    name = "auctions"
    source = "ledger"
    command = PlaceBid
    publication = AuctionPublication
    snapshot = AuctionState
    transactional = True
    commands_per_s = 4.0
    commands_burst = 10

    async def load(self, ctx: Context, subject: str) -> Facts | None:
        return await facts_of(ctx, subject)

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return BLOCKED if facts.door.turns_away(actor.id) else None

    async def carry_out(self, ctx: Context, subject: str, facts: Any, command: Any, command_id: str) -> BidView:
        return await place_bid(ctx, facts, command, command_id)

    async def initial(self, ctx: Context, subject: str) -> tuple[str, int, AuctionState]:
        snapshot = await ctx.port(Ledger).snapshot(subject)
        return snapshot.epoch, snapshot.seq, live.newest([live.seen(each.lot_id, each.lot) for each in snapshot.lots])

    def apply(self, state: AuctionState, publication: AuctionPublication) -> AuctionState:
        return live.apply(state, publication)

    def project(self, event: Any) -> AuctionPublication | None:
        return live.project(event)


class LotsChannel(ChannelKind):
    """What a lot is, and what became of it once the record was compared. A slow viewer gets only the newest state."""

    name = "lots"
    delivery = "state"
    publication = LotsState
    snapshot = LotsState
    history_length = 10
    conflate_ms = 500

    async def load(self, ctx: Context, subject: str) -> Door | None:
        show = await ctx.ask(GetShow(show_id=subject))
        return None if show is None else await ctx.ask(GetDoor(host_id=show.host_id))

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> LotsState:
        async with ctx.reading() as connection:
            return await lots_state(connection, subject, await store.version(connection, subject))

    def apply(self, state: LotsState, publication: LotsState) -> LotsState:
        return publication if publication.version > state.version else state


async def facts_of(ctx: Context, show_id: str) -> Facts | None:
    """The show, its door and its stage; None when there is no such show."""
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        return None
    return Facts(show, await ctx.ask(GetDoor(host_id=show.host_id)), await ctx.ask(GetStageActors(show_id=show_id)))


async def place_bid(ctx: Context, facts: Facts, command: PlaceBid, command_id: str) -> BidView:
    """Bid. Costs no write here and, for somebody who bids again, no read: the ledger decides, and its log tells everybody.

    Raises:
        Refused: named as the first guard that holds the bid back.
        Unavailable: the ledger gave no answer; the same id may be sent again.
    """
    refuse(bids.checked(command, command_id))
    refuse(barred(ctx, facts))
    ceiling_minor = await _ceiling(ctx, facts, command.lot_id)
    await check_means(ctx, facts)
    wanted = bids.ledger_command(command, command_id, ctx.actor.id, ceiling_minor)
    outcome = await ctx.port(Ledger).submit(facts.show.show_id, wanted, command.epoch)
    answer = bids.answer(command, outcome)
    if isinstance(answer, Refusal):
        refuse(answer)
    assert isinstance(answer, BidView), answer
    return answer


def barred(ctx: Context, facts: Facts) -> Refusal | None:
    """Why the actor may never bid in this show, or None."""
    return bids.barred(bids.Person(ctx.actor.id, ctx.actor.kind, bool(ctx.actor.roles)), facts)


async def check_means(ctx: Context, facts: Facts) -> None:
    """Whether the actor could pay and be sent something. That they can is remembered for `MEANS_MS`; that they cannot is not, so
    that a card which was just saved works at once. In a rehearsal nothing is charged or sent, so nobody needs either."""
    if is_rehearsal(facts.show.show_id):
        return
    known, key = ctx.port(BidMemory).means_until_ms, (ctx.actor.id, facts.show.host_id)
    if (known.get(key) or 0) > ctx.now_ms:
        return
    own = Means(await ctx.ask(GetSavedCard(actor_id=ctx.actor.id)), await ctx.ask(GetAddress(actor_id=ctx.actor.id)))
    refuse(bids.without_means(own, await ctx.ask(GetAddress(actor_id=facts.show.host_id))))
    known.put(key, ctx.now_ms + MEANS_MS)


def refuse(refusal: Refusal | None) -> None:
    """Raise what a rule said.

    Raises:
        Refused: there is a refusal.
    """
    if refusal is not None:
        raise Refused(refusal.error, refusal.detail, **refusal.extra)


async def save(ctx: Context, version: int, changed: Lot, deed: Deed | None = None, event: Event | None = None) -> None:
    """Write a changed lot, note the deed and tell everybody; every change goes through here. `version` is the one that was taken
    for this."""
    await store.update_lot(ctx.store, changed)
    if deed is not None:
        await store.add_deed(ctx.store, changed.lot_id, deed)
    if event is not None:
        ctx.publish(event)
    await tell(ctx, changed.show_id, version)


async def tell(ctx: Context, show_id: str, version: int) -> None:
    """What players and the studio's desk are shown now."""
    ctx.push(f"{LotsChannel.name}:{show_id}", await lots_state(ctx.store, show_id, version), version)


async def lots_state(connection: Store, show_id: str, version: int) -> LotsState:
    """The lots that viewers know of."""
    found = await store.shown(connection, show_id)
    names = await store.names_of(connection, found)
    return LotsState(
        version=version,
        lots=[lots.card(each, names) for each in found],
        names=[PersonName(actor_id=each, name=name) for each, name in sorted(names.items()) if name],
    )


async def award_next(history: LedgerHistory, ledger: Ledger, lot: Lot) -> Held | SoldOut | LotSettled | None:
    """Let the ledger put the units aside for the next runner-up; None when there is none. That it did is a fact of its own."""
    record = await record_of(history, lot)
    next_one = truth.runner_up(record, lot.price_minor, lot.winner_id, lot.buyer_id)
    if next_one is None:
        return None
    command = Award(
        command_id=derived_id(lot.lot_id, f"offer to {next_one.bidder_id}"),
        lot_id=lot.lot_id,
        buyer_id=next_one.bidder_id,
        price_minor=next_one.price_minor,
        hold_ms=lot.payment_ms,
    )
    outcome = await ledger.submit(lot.show_id, command)
    assert isinstance(outcome, Held | SoldOut | LotSettled), outcome
    return outcome


async def record_of(history: LedgerHistory, lot: Lot) -> Record:
    """All that the record has of a lot."""
    record, after_seq = Record(), 0
    while page := await history.events(lot.show_id, lot.lot_id, after_seq, PAGE):
        truth.read(page, lot.lot_id, record)
        after_seq = page[-1].seq
    return record


async def _ceiling(ctx: Context, facts: Facts, lot_id: str) -> int:
    memory = ctx.port(BidMemory).lots
    known = memory.get(lot_id)
    if known is None:
        async with ctx.reading() as connection:
            found = await store.lot(connection, lot_id)
        if found is None or found.state in ("prepared", "withdrawn"):
            raise Refused(UNKNOWN_LOT, "Look at the lots of this show.")
        known = KnownLot(found.show_id, found.ceiling_minor)
        memory.put(lot_id, known)
    if known.show_id != facts.show.show_id:
        raise Refused(UNKNOWN_LOT, "Look at the lots of this show.")
    return known.ceiling_minor
