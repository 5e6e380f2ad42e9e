"""What giveaways do when something happens."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.events.accounts import ActorErased
from schemas.events.giveaways import GiveawayRequested, GiveawayStarted, GiveawayWon
from schemas.events.ledger import GiveawayDrawn, GiveawayEnded, GiveawayEntered, GiveawayOpened
from schemas.ids import derived_id
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.catalog import GetOffers
from schemas.requests.notifications import Notify
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import Opened, SoldOut, UnknownSku
from server.modules.giveaways import rules, store
from server.modules.giveaways.rules import Giveaway


async def open_giveaway(event: GiveawayRequested, ctx: Context) -> None:
    """Let the ledger put the units aside. The giveaway's id makes a repetition harmless."""
    async with ctx.reading() as connection:
        asked = await store.giveaway(connection, event.giveaway_id)
    assert asked is not None, event
    outcome = await ctx.port(Ledger).submit(event.show_id, rules.command(asked))
    match outcome:
        case Opened():
            return  # the ledger's own fact says so to everybody, this module included
        case SoldOut():
            reason = "sold_out"
        case UnknownSku():
            reason = "unknown_sku"
        case _:
            raise AssertionError(f"the ledger refused {event.giveaway_id}: {outcome}")
    found = await _locked(ctx, event.giveaway_id)
    await store.update_giveaway(ctx.store, rules.refused(found, reason))


async def giveaway_opened(event: GiveawayOpened, ctx: Context) -> None:
    """The ledger has set the time."""
    found = await _locked(ctx, event.giveaway_id)
    await store.update_giveaway(ctx.store, rules.moved(found, "open", ends_at_ms=event.ends_at_ms))
    ctx.publish(
        GiveawayStarted(giveaway_id=event.giveaway_id, show_id=event.show_id, sku=event.lines[0].sku, ends_at_ms=event.ends_at_ms)
    )


async def giveaway_entered(event: GiveawayEntered, ctx: Context) -> None:
    """Somebody takes part; `seq` is their place on the list."""
    await store.put_entry(ctx.store, event.giveaway_id, event.show_id, event.entrant_id, seq=event.seq)


async def giveaway_ended(event: GiveawayEnded, ctx: Context) -> None:
    """Nobody can enter any more: the roll call begins."""
    found = await _locked(ctx, event.giveaway_id)
    await store.update_giveaway(ctx.store, rules.moved(found, "ended", entries=event.entries))


async def giveaway_drawn(event: GiveawayDrawn, ctx: Context) -> None:
    """Winners get their orders, and hear of it."""
    found = await _locked(ctx, event.giveaway_id)
    await store.update_giveaway(ctx.store, rules.moved(found, "drawn", drawn_at_ms=event.at_ms))
    await store.set_winners(ctx.store, event.giveaway_id, event.winners)
    offers = await ctx.ask(GetOffers(show_id=event.show_id, skus=(found.sku,)))
    for winner_id in event.winners:
        ctx.publish(
            GiveawayWon(
                giveaway_id=event.giveaway_id,
                show_id=event.show_id,
                seller_id=found.host_id,
                winner_id=winner_id,
                sku=found.sku,
                order_id=derived_id(event.giveaway_id, winner_id, "ord"),
            )
        )
        await ctx.ask(
            Notify(
                notification_id=derived_id(event.giveaway_id, winner_id, "ntf"),
                actor_id=winner_id,
                kind="giveaway_won",
                link=f"/watch/{event.show_id}",
                params={"title": offers[0].title if offers else found.sku, "giveaway_id": event.giveaway_id},
            )
        )


async def _locked(ctx: Context, giveaway_id: str) -> Giveaway:
    found = await store.giveaway(ctx.store, giveaway_id, lock=True)
    if found is None:
        raise AssertionError(f"the ledger knows a giveaway that nobody asked for: {giveaway_id}")
    return found


async def erase(event: ActorErased, ctx: Context) -> None:
    """The draw's list keeps the id, by which anybody can compute the draw again, and loses the name."""
    await store.forget_person(ctx.store, event.actor_id)


async def collect(request: CollectPersonalData, ctx: Context) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """In which giveaways somebody took part."""
    async with ctx.reading() as connection:
        return await store.of_person(connection, request.actor_id)
