"""Giveaways: units that are put aside, entered for and drawn. Mirrored by `scripts/giveaways.lua`. Pure.

Like a lot a giveaway ends by time: in the sweep, or before a command that names it is decided.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from schemas.events.ledger import AnyLedgerEvent, GiveawayDrawn, GiveawayEnded, GiveawayEntered, GiveawayOpened
from server.ledger.rules.commands import Draw, Enter, HoldLine, OpenGiveaway
from server.ledger.rules.outcomes import (
    Drawn,
    Entered,
    GiveawayNotOver,
    GiveawayOver,
    IdempotencyConflict,
    NotEntered,
    Opened,
    SoldOut,
    TooManyWinners,
    UnknownGiveaway,
    UnknownSku,
)
from server.ledger.rules.records import GiveawayPhase, GiveawayRecord
from server.ledger.rules.state import (
    Appliers,
    Deciders,
    Decision,
    Endings,
    LogMismatch,
    Moves,
    ShowState,
    apply_line,
    head,
    note_ended,
    taken,
)


def due(state: ShowState) -> Iterator[tuple[int, str]]:
    """When which giveaway ends."""
    return ((giveaway.ends_at_ms, f"giveaway:{ident}") for ident, giveaway in state.giveaways.items() if giveaway.state == "open")


def end(state: ShowState, giveaway_id: str, now_ms: int) -> tuple[AnyLedgerEvent, ...]:
    """What time asks of a giveaway: to take no more entries. Nothing, when it is not known or not yet so far."""
    giveaway = state.giveaways.get(giveaway_id)
    if giveaway is None or giveaway.state != "open" or giveaway.ends_at_ms > now_ms:
        return ()
    return (GiveawayEnded(**head(state, giveaway_id, now_ms), giveaway_id=giveaway_id, entries=giveaway.entries),)


def open_giveaway(state: ShowState, command: OpenGiveaway, now_ms: int) -> Decision:
    """Put units aside; anybody may enter from now on."""
    giveaway_id, units = command.command_id, command.winners_max
    if taken(state, giveaway_id):
        # The stored outcome is gone, the giveaway is not: the id is used up.
        return Decision(IdempotencyConflict())
    pool = state.pools.get(command.sku)
    if pool is None:
        return Decision(UnknownSku(command.sku))
    if units > pool.available:
        return Decision(SoldOut(command.sku, pool.available))
    event = GiveawayOpened(
        **head(state, giveaway_id, now_ms),
        giveaway_id=giveaway_id,
        winners_max=units,
        commitment=command.commitment,
        ends_at_ms=now_ms + command.lasts_ms,
        lines=Moves(state).lines([HoldLine(command.sku, units)], held=1),
    )
    return Decision(Opened(now_ms, event.ends_at_ms), (event,))


def enter(state: ShowState, command: Enter, now_ms: int) -> Decision:
    """Take part, once: whoever is in already hears the number again, also after the end."""
    giveaway = state.giveaways.get(command.giveaway_id)
    if giveaway is None:
        return Decision(UnknownGiveaway())
    number = state.entrants.get((command.giveaway_id, command.entrant_id))
    over = end(state, command.giveaway_id, now_ms)
    if number is not None:
        return Decision(Entered(number), over)
    if giveaway.state != "open" or over:
        return Decision(GiveawayOver(), over)
    entries = giveaway.entries + 1
    event = GiveawayEntered(
        **head(state, command.command_id, now_ms),
        giveaway_id=command.giveaway_id,
        entrant_id=command.entrant_id,
        entries=entries,
    )
    return Decision(Entered(entries), (event,))


def draw(state: ShowState, command: Draw, now_ms: int) -> Decision:
    """Note the winners; their units are sold, the others free."""
    giveaway = state.giveaways.get(command.giveaway_id)
    if giveaway is None:
        return Decision(UnknownGiveaway())
    over = end(state, command.giveaway_id, now_ms)
    if giveaway.state == "open" and not over:
        return Decision(GiveawayNotOver(giveaway.ends_at_ms))
    if giveaway.state == "drawn":
        return Decision(GiveawayOver())
    if len(command.winners) > giveaway.winners_max:
        return Decision(TooManyWinners(giveaway.winners_max), over)
    for winner_id in command.winners:
        if (command.giveaway_id, winner_id) not in state.entrants:
            return Decision(NotEntered(winner_id), over)
    units = giveaway.winners_max
    event = GiveawayDrawn(
        **head(state, command.command_id, now_ms, after=len(over)),
        giveaway_id=command.giveaway_id,
        seed=command.seed,
        winners=list(command.winners),
        lines=[Moves(state).line(HoldLine(giveaway.sku, units), held=-units, sold=len(command.winners))],
    )
    return Decision(Drawn(command.winners), (*over, event))


def apply_opened(state: ShowState, event: GiveawayOpened) -> None:
    """Put units aside."""
    if taken(state, event.giveaway_id):
        raise LogMismatch(f"{event} opens a giveaway that was there before")
    (line,) = event.lines
    apply_line(state, line, held=event.winners_max)
    state.giveaways[event.giveaway_id] = GiveawayRecord(line.sku, event.winners_max, event.commitment, event.ends_at_ms)


def apply_entered(state: ShowState, event: GiveawayEntered) -> None:
    """One more takes part."""
    giveaway = known_giveaway(state, event.giveaway_id, "open")
    entry = (event.giveaway_id, event.entrant_id)
    if entry in state.entrants or event.entries != giveaway.entries + 1 or event.at_ms >= giveaway.ends_at_ms:
        raise LogMismatch(f"{event} does not fit {giveaway}")
    state.entrants[entry] = event.entries
    state.giveaways[event.giveaway_id] = replace(giveaway, entries=event.entries)


def apply_ended(state: ShowState, event: GiveawayEnded) -> None:
    """No more entries."""
    giveaway = known_giveaway(state, event.giveaway_id, "open")
    if event.entries != giveaway.entries or event.at_ms < giveaway.ends_at_ms:
        raise LogMismatch(f"{event} does not fit {giveaway}")
    state.giveaways[event.giveaway_id] = replace(giveaway, state="ended")


def apply_drawn(state: ShowState, event: GiveawayDrawn) -> None:
    """Winners have their units."""
    giveaway = known_giveaway(state, event.giveaway_id, "ended")
    if any((event.giveaway_id, winner_id) not in state.entrants for winner_id in event.winners):
        raise LogMismatch(f"{event} names a winner who never entered")
    if len(set(event.winners)) != len(event.winners) or len(event.winners) > giveaway.winners_max:
        raise LogMismatch(f"{event} has too many winners or one twice")
    (line,) = event.lines
    apply_line(state, line, held=-giveaway.winners_max, sold=len(event.winners))
    drawn = replace(giveaway, state="drawn", seed=event.seed, winners=tuple(event.winners))
    state.giveaways[event.giveaway_id] = drawn
    note_ended(state, "giveaway", event.giveaway_id)


def known_giveaway(state: ShowState, giveaway_id: str, phase: GiveawayPhase) -> GiveawayRecord:
    """The giveaway of an event, which must be in this phase.

    Raises:
        LogMismatch: it is not.
    """
    giveaway = state.giveaways.get(giveaway_id)
    if giveaway is None or giveaway.state != phase:
        raise LogMismatch(f"giveaway {giveaway_id} is {giveaway}, not {phase}")
    return giveaway


def kept(state: ShowState) -> Counter[str]:
    """Units by SKU that giveaways themselves have."""
    units: Counter[str] = Counter()
    for giveaway in state.giveaways.values():
        units[giveaway.sku] += giveaway.winners_max if giveaway.state != "drawn" else 0
    return units


def violations(state: ShowState, kept: Mapping[str, int]) -> Iterator[str]:
    """Everybody is in once, and no more won than there were units."""
    for giveaway_id, giveaway in state.giveaways.items():
        numbers = sorted(number for (of_id, _), number in state.entrants.items() if of_id == giveaway_id)
        if numbers != list(range(1, giveaway.entries + 1)):
            yield f"giveaway {giveaway_id} has {giveaway.entries} entries, its entrants the numbers {numbers}"
        if len(giveaway.winners) > giveaway.winners_max or (giveaway.winners and giveaway.state != "drawn"):
            yield f"giveaway {giveaway_id} has the wrong winners: {giveaway}"


DECIDE: Deciders = {OpenGiveaway: open_giveaway, Enter: enter, Draw: draw}
APPLY: Appliers = {
    GiveawayOpened: apply_opened,
    GiveawayEntered: apply_entered,
    GiveawayEnded: apply_ended,
    GiveawayDrawn: apply_drawn,
}
ENDINGS: Endings = {"giveaway": end}
