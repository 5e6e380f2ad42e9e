"""Timed work of the module `giveaways`."""

from schemas.http.giveaways import ROLL_CALL_MS
from schemas.ids import derived_id
from server.kernel.log import get_logger
from server.kernel.module import Context
from server.ledger.ledger import Ledger
from server.ledger.rules import Draw, Drawn
from server.modules.giveaways import rules, store
from server.modules.giveaways.rules import Giveaway

DRAW_EVERY_MS = 500

log = get_logger(__name__)


async def draw_due(ctx: Context) -> None:
    """Draw what was called, and close the roll calls whose time is over. In this order, so that the list of a draw is committed
    before anybody draws from it: a repetition after a crash draws from the same list."""
    async with ctx.reading() as connection:
        called = await store.in_state(connection, "called", ctx.now_ms)
        due = await store.in_state(connection, "ended", ctx.now_ms - ROLL_CALL_MS)
    for giveaway in called:
        await _draw(ctx, giveaway)
    for giveaway in due:
        found = await store.giveaway(ctx.store, giveaway.giveaway_id, lock=True)
        assert found is not None, giveaway
        if rules.roll_call_over(found, ctx.now_ms):
            await store.close_roll_call(ctx.store, found.giveaway_id)
            await store.update_giveaway(ctx.store, rules.moved(found, "called"))


async def _draw(ctx: Context, giveaway: Giveaway) -> None:
    async with ctx.reading() as connection:
        entrants = await store.entrants(connection, giveaway.giveaway_id)
    if len(entrants) != giveaway.entries:
        log.error(
            "a draw waits: entries are missing", giveaway_id=giveaway.giveaway_id, known=len(entrants), all=giveaway.entries
        )
        return
    present = {each.entrant_id for each in entrants if each.present}
    winners = rules.draw(giveaway.seed, [each.entrant_id for each in entrants], present, giveaway.winners_max)
    command_id = derived_id(giveaway.giveaway_id, "draw")
    command = Draw(command_id=command_id, giveaway_id=giveaway.giveaway_id, seed=giveaway.seed, winners=tuple(winners))
    outcome = await ctx.port(Ledger).submit(giveaway.show_id, command)
    if not isinstance(outcome, Drawn):
        raise AssertionError(f"the ledger refused the draw of {giveaway.giveaway_id}: {outcome}")
