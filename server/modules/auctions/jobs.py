"""Timed work of the module `auctions`: follow the bids in the record, tell who was outbid, settle what has ended, ask
runners-up."""

from collections.abc import Sequence

from schemas.base import Event
from schemas.events.auctions import LotSold
from schemas.events.ledger import AnyLedgerEvent, BidPlaced, LotStarted
from schemas.ids import derived_id
from schemas.money import Money
from schemas.requests.notifications import Notify
from server.auth.store import get_actor
from server.kernel.log import get_logger
from server.kernel.module import Context
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.modules.auctions import store
from server.modules.auctions.channel import PAGE, award_next, record_of, save, tell
from server.modules.auctions.rules import lot as lots
from server.modules.auctions.rules import truth
from server.modules.auctions.rules.lot import Lot
from server.modules.auctions.rules.truth import Record, Standing
from server.modules.auctions.store import Deed

FOLLOW_EVERY_MS = 1_000
"""How late a name comes onto screens, and somebody who looks elsewhere hears that they were outbid."""
SETTLE_EVERY_MS = 500
"""A winner waits for this, after the record has the end."""
OFFER_EVERY_MS = 2_000

PAGES_MAX = 4
"""Of one lot in one round: 2,000 bids a second are followed, more a little later."""
TELL_EVERY_MS = 30_000
"""One person hears of one lot no more often than this."""
TELL_MAX = 50
"""People in one transaction: on SQLite everybody else waits for it."""

log = get_logger(__name__)


async def follow_bids(ctx: Context) -> None:
    """Keep `auctions_bidders` in step with the record, name the leaders, tell who was outbid."""
    history = ctx.port(LedgerHistory)
    async with ctx.reading() as connection:
        running = await store.in_states(connection, "open", "ended")
    news = [(found, await _news(history, found)) for found in running]
    for found, events in news:
        if events:
            await _fold(ctx, found, events)
    for found in running:
        if found.state == "open" and ctx.now_ms < found.ends_at_ms + found.extension_max_ms:
            await _tell_outbid(ctx, found)


async def settle(ctx: Context) -> None:
    """The fence between the hammer and the money: when the record has the end, compute winner and price from it. Only what comes
    out the same is charged."""
    history, ledger = ctx.port(LedgerHistory), ctx.port(Ledger)
    async with ctx.reading() as connection:
        ended = await store.in_states(connection, "ended")
    verdicts = []
    for found in ended:
        epoch, seq = await history.projected(found.show_id)
        if seq < found.ended_seq:
            continue
        record = await record_of(history, found)
        why = truth.dispute(found, record)
        if why and epoch != found.ended_epoch and record.ended is None:
            why = ""  # that end was lost with its life of the show: the lot goes on
        elif why:
            log.error("AUCTION: the record does not give what was told; nobody is charged", lot_id=found.lot_id, why=why)
            await ledger.fence(found.show_id, f"lot {found.lot_id}: {why}")
        verdicts.append((found, record, why))
    for found, record, why in verdicts:
        await _settle(ctx, found, record, why)


async def offer_to_runners_up(ctx: Context) -> None:
    """Where the host has said so beforehand, the next one is asked as soon as somebody has not paid."""
    async with ctx.reading() as connection:
        unpaid = await store.in_states(connection, "unpaid")
    history, ledger = ctx.port(LedgerHistory), ctx.port(Ledger)
    for found in unpaid:
        if found.auto_offer and found.runner_up:
            await award_next(history, ledger, found)


async def _news(history: LedgerHistory, lot: Lot) -> list[AnyLedgerEvent]:
    """What the record has of a lot since it was last followed."""
    events: list[AnyLedgerEvent] = []
    after_seq = lot.folded_seq
    for _ in range(PAGES_MAX):
        page = await history.events(lot.show_id, lot.lot_id, after_seq, PAGE)
        if not page:
            break
        events += page
        after_seq = page[-1].seq
    return events


async def _fold(ctx: Context, lot: Lot, events: Sequence[AnyLedgerEvent]) -> None:
    """Take events into the bidders."""
    people = {event.bidder_id for event in events if isinstance(event, BidPlaced)}
    begins = any(isinstance(event, LotStarted) for event in events)
    async with ctx.reading() as connection:
        known = await store.bidders(connection, lot.lot_id, None if begins else people)
        names = {}
        for bidder_id in sorted(people - known.keys()):
            actor = await get_actor(connection, bidder_id)
            names[bidder_id] = actor.name if actor is not None else ""
    changed = truth.fold(known, events, lot.lot_id)
    version = await store.next_version(ctx.store, lot.show_id)
    if await store.set_folded(ctx.store, lot.lot_id, lot.folded_seq, events[-1].seq):
        await store.save_bidders(ctx.store, lot.lot_id, changed.values(), names)
        if names or _leader(changed) != _leader(known):
            await tell(ctx, lot.show_id, version)


async def _tell_outbid(ctx: Context, lot: Lot) -> None:
    for each in await store.outbid(ctx.store, lot.lot_id, ctx.now_ms - TELL_EVERY_MS, TELL_MAX):
        await store.set_told(ctx.store, lot.lot_id, each.bidder_id, ctx.now_ms)
        await ctx.ask(
            Notify(
                notification_id=derived_id("outbid", f"{lot.lot_id}:{each.bidder_id}:{each.outbid_at_ms}", "ntf"),
                actor_id=each.bidder_id,
                kind="outbid",
                link=f"/watch/{lot.show_id}",
                params={"title": lot.title},
            )
        )


async def _settle(ctx: Context, found: Lot, record: Record, why: str) -> None:
    version = await store.next_version(ctx.store, found.show_id)
    before = await store.lot(ctx.store, found.lot_id, lock=True)
    if before is None or before.state != "ended" or before.ended_seq != found.ended_seq:
        return
    if why:
        await save(ctx, version, lots.disputed(before, why), Deed("disputed", "disputed", ctx.now_ms, why=why))
        return
    if record.ended is None:
        await save(ctx, version, lots.reopened(before))
        return
    next_one = truth.runner_up(record, before.price_minor, before.winner_id)
    changed = lots.settled(before, next_one is not None)
    at_ms = max(ctx.now_ms, changed.ends_at_ms)  # the ledger's clock may be ahead of ours, and this comes after the hammer
    deed = Deed("settled", "settled", at_ms, changed.buyer_id, changed.due_minor, changed.reason)
    await save(ctx, version, changed, deed, _settled_event(changed))
    if changed.state == "sold":
        await _tell_sold(ctx, changed)


def _settled_event(lot: Lot) -> Event:
    if lot.state != "sold":
        return lots.unsold(lot, lot.reason)
    return LotSold(
        lot_id=lot.lot_id,
        show_id=lot.show_id,
        seller_id=lot.seller_id,
        hold_id=lot.hold_id,
        buyer_id=lot.winner_id,
        sku=lot.sku,
        quantity=lot.quantity,
        price=Money(amount_minor=lot.price_minor, currency=lot.currency),
        expires_at_ms=lot.pays_until_ms,
    )


async def _tell_sold(ctx: Context, lot: Lot) -> None:
    """The winner may have left, and the host should hear it too."""
    told = {"title": lot.title}
    link = f"/lot/{lot.lot_id}"
    won, sold = (derived_id(kind, lot.lot_id, "ntf") for kind in ("lot_won", "lot_sold"))
    await ctx.ask(Notify(notification_id=won, actor_id=lot.winner_id, kind="lot_won", link=link, params=told))
    await ctx.ask(Notify(notification_id=sold, actor_id=lot.seller_id, kind="lot_sold", link=link, params=told))


def _leader(standings: dict[str, Standing]) -> str:
    return next((each.bidder_id for each in standings.values() if each.leads), "")
