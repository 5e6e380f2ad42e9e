"""The channel `giveaways:<show_id>`: what can be won now, straight from the ledger's log. Seeds stay secret until the draw."""

from typing import Any

from schemas.errors import BLOCKED, WireError
from schemas.events.ledger import GiveawayDrawn, GiveawayEnded, GiveawayEntered, GiveawayOpened
from schemas.http.giveaways import GiveawayCount, GiveawayLive, GiveawayPublication, GiveawayResult, GiveawaysState
from schemas.requests.moderation import Door, GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context
from server.ledger.ledger import Ledger
from server.ledger.wire import GiveawaySnapshot
from server.modules.giveaways import rules


class GiveawayChannel(ChannelKind):
    """Everybody may watch. Most entries are told to nobody (`rules.rounded`): thousands enter in a minute, before thousands."""

    name = "giveaways"
    source = "ledger"
    publication = GiveawayPublication
    snapshot = GiveawaysState

    async def load(self, ctx: Context, subject: str) -> Door | None:
        show = await ctx.ask(GetShow(show_id=subject))
        return None if show is None else await ctx.ask(GetDoor(host_id=show.host_id))

    def authorise(self, actor: Actor, facts: Door) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> tuple[str, int, GiveawaysState]:
        ledger = await ctx.port(Ledger).snapshot(subject)
        live = [_live(each) for each in ledger.giveaways if each.giveaway.state != "drawn"]
        return ledger.epoch, ledger.seq, GiveawaysState(giveaways=sorted(live, key=lambda each: each.giveaway_id))

    def apply(self, state: GiveawaysState, publication: GiveawayPublication) -> GiveawaysState:
        return rules.applied(state, publication)

    def project(self, event: Any) -> GiveawayPublication | None:
        match event:
            case GiveawayOpened():
                return GiveawayLive(
                    giveaway_id=event.giveaway_id,
                    sku=event.lines[0].sku,
                    winners_max=event.winners_max,
                    commitment=event.commitment,
                    ends_at_ms=event.ends_at_ms,
                    entries=0,
                    ended=False,
                )
            case GiveawayEntered(giveaway_id=giveaway_id, entries=entries):
                shown = rules.rounded(entries)
                return GiveawayCount(giveaway_id=giveaway_id, entries=shown, ended=False) if shown == entries else None
            case GiveawayEnded(giveaway_id=giveaway_id, entries=entries):
                return GiveawayCount(giveaway_id=giveaway_id, entries=entries, ended=True)
            case GiveawayDrawn(giveaway_id=giveaway_id, winners=winners):
                return GiveawayResult(giveaway_id=giveaway_id, winners=winners)
            case _:
                return None


def _live(found: GiveawaySnapshot) -> GiveawayLive:
    giveaway = found.giveaway
    ended = giveaway.state == "ended"
    return GiveawayLive(
        giveaway_id=found.giveaway_id,
        sku=giveaway.sku,
        winners_max=giveaway.winners_max,
        commitment=giveaway.commitment,
        ends_at_ms=giveaway.ends_at_ms,
        entries=giveaway.entries if ended else rules.rounded(giveaway.entries),
        ended=ended,
    )
