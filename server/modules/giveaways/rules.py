"""Decisions of the giveaways: who may take part, and who wins. Pure.

The draw (`draw`) is a function of published things, so that anybody can compute it again. When a giveaway starts, the server
makes a secret seed and publishes its SHA-256: from then on it cannot choose another one. When it is over, those who took part say
"here", and the list of those who did is fixed. Everybody on the list gets the number SHA-256(seed : digest of the list : own id),
and the smallest numbers win. The seed alone decides nothing, because the list, which nobody knew when the seed was made, is part
of every number.
"""

import hashlib
from collections.abc import Collection, Sequence

import msgspec

from schemas.errors import (
    ALREADY_RUNNING,
    BLOCKED,
    FORBIDDEN,
    GIVEAWAY_NOT_OVER,
    GIVEAWAY_OVER,
    IDEMPOTENCY_CONFLICT,
    NO_ADDRESS_ON_FILE,
    NOT_ELIGIBLE,
    SHOW_ENDED,
    SOLD_OUT,
    UNKNOWN_GIVEAWAY,
    UNKNOWN_SKU,
    Refusal,
)
from schemas.http.giveaways import (
    ROLL_CALL_MS,
    DrawView,
    EntrantView,
    GiveawayCount,
    GiveawayLive,
    GiveawayPublication,
    GiveawayResult,
    GiveawaysState,
    GiveawayStage,
    GiveawayView,
    StartGiveaway,
    WinnerView,
)
from schemas.http.shows import ShowView
from schemas.requests.moderation import Door
from server.ledger.rules import AnyOutcome, Entered, GiveawayOver, IdempotencyConflict, OpenGiveaway, UnknownGiveaway

CLOCKS_MS = 2_000
"""The clock of a web process may be this much behind the ledger's: a "here" that comes a moment too early counts."""
EXACT_UP_TO = 20
TENS_UP_TO = 1_000


class Giveaway(msgspec.Struct, frozen=True, kw_only=True):
    """A giveaway as SQL has it."""

    giveaway_id: str
    show_id: str
    host_id: str
    sku: str
    winners_max: int
    lasts_ms: int
    seed: str
    commitment: str
    state: GiveawayStage
    reason: str
    entries: int
    ends_at_ms: int
    drawn_at_ms: int
    asked_at_ms: int


class Entrant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who takes part. `present`: said "here" before the roll call was closed."""

    entrant_id: str
    name: str
    seq: int | None
    present: bool
    won: bool


# The draw


def commitment_of(seed: str) -> str:
    """What is published when the giveaway starts."""
    return hashlib.sha256(seed.encode()).hexdigest()


def list_digest(listed: Sequence[str]) -> str:
    """One number for the whole list of the draw, in its order."""
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()


def draw(seed: str, entrants: Sequence[str], present: Collection[str], winners_max: int) -> list[str]:
    """Who wins, first to last. `entrants` are in the order of the ledger's log."""
    listed = [entrant for entrant in entrants if entrant in present]
    digest = list_digest(listed)
    numbers = {entrant: hashlib.sha256(f"{seed}:{digest}:{entrant}".encode()).hexdigest() for entrant in listed}
    return sorted(listed, key=lambda entrant: (numbers[entrant], entrant))[:winners_max]


# A giveaway of the host


def start(
    body: StartGiveaway, show: ShowView, actor_id: str, available: int | None, seed: str, now_ms: int
) -> Giveaway | Refusal:
    """A new giveaway, as it is written down before the ledger is asked. `available` are the free units of the show's pool, None
    when it has none."""
    if show.host_id != actor_id:
        return Refusal(FORBIDDEN, "Only the host of the show gives things away.")
    if show.state == "ended":
        return Refusal(SHOW_ENDED, "Nobody is there to take part any more.")
    if available is None:
        return Refusal(UNKNOWN_SKU, "Add the product to the show first.", {"sku": body.sku})
    if available < body.winners_max:
        return Refusal(SOLD_OUT, f"Only {available} left; add units, or take fewer winners.", _units(body.sku, available))
    return Giveaway(
        giveaway_id=body.giveaway_id,
        show_id=body.show_id,
        host_id=actor_id,
        sku=body.sku,
        winners_max=body.winners_max,
        lasts_ms=body.lasts_ms,
        seed=seed,
        commitment=commitment_of(seed),
        state="opening",
        reason="",
        entries=0,
        ends_at_ms=0,
        drawn_at_ms=0,
        asked_at_ms=now_ms,
    )


def repeated(known: Giveaway | None, body: StartGiveaway, actor_id: str) -> Refusal | None:
    """Why what is there is not what `body` asks for, or None when `body` made it. `known` is None when another giveaway of the
    show is running."""
    if known is None:
        return Refusal(ALREADY_RUNNING, "One giveaway at a time; wait for the draw.")
    given = (body.show_id, actor_id, body.sku, body.winners_max, body.lasts_ms)
    same = given == (known.show_id, known.host_id, known.sku, known.winners_max, known.lasts_ms)
    return None if same else Refusal(IDEMPOTENCY_CONFLICT, "A giveaway with this id exists; make a new id for a new one.")


def command(giveaway: Giveaway) -> OpenGiveaway:
    """What the ledger is asked: the same at every repetition."""
    return OpenGiveaway(
        command_id=giveaway.giveaway_id,
        sku=giveaway.sku,
        winners_max=giveaway.winners_max,
        lasts_ms=giveaway.lasts_ms,
        commitment=giveaway.commitment,
    )


ORDER: tuple[GiveawayStage, ...] = ("opening", "open", "ended", "called", "drawn")


def moved(giveaway: Giveaway, state: GiveawayStage, **fields: int) -> Giveaway:
    """The giveaway in a later state; one that is further stays where it is, but learns the numbers."""
    later = giveaway.state != "refused" and ORDER.index(state) > ORDER.index(giveaway.state)
    return msgspec.structs.replace(giveaway, state=state if later else giveaway.state, **fields)


def refused(giveaway: Giveaway, reason: str) -> Giveaway:
    """The ledger had no units for it."""
    return giveaway if giveaway.state != "opening" else msgspec.structs.replace(giveaway, state="refused", reason=reason)


def running(giveaway: Giveaway) -> bool:
    """Whether another one must wait."""
    return giveaway.state not in ("drawn", "refused")


# Taking part


def may_enter(actor_id: str, is_staff: bool, door: Door, has_address: bool) -> Refusal | None:
    """Why somebody cannot take part, or None."""
    if door.turns_away(actor_id):
        return Refusal(BLOCKED)
    if is_staff or door.may_moderate(actor_id):
        return Refusal(NOT_ELIGIBLE, "Hosts, moderators and the people of the shop cannot win.")
    return None if has_address else Refusal(NO_ADDRESS_ON_FILE, "Save the address that a prize would go to, then take part.")


def entered(outcome: AnyOutcome) -> int | Refusal:
    """How many take part, by the ledger's answer to an entry."""
    match outcome:
        case Entered(entries=entries):
            return entries
        case GiveawayOver():
            return Refusal(GIVEAWAY_OVER, "Nobody can enter any more.")
        case UnknownGiveaway():
            return Refusal(UNKNOWN_GIVEAWAY, "Wait a moment: it has not begun.")
        case IdempotencyConflict():
            return Refusal(IDEMPOTENCY_CONFLICT, "Make a new id for a new entry.")
        case _:
            raise AssertionError(f"no answer to an entry: {outcome}")


def may_say_here(giveaway: Giveaway, has_entered: bool, now_ms: int) -> Refusal | None:
    """Why a "here" does not count, or None. It counts after the end, until the roll call is closed."""
    if not has_entered:
        return Refusal(NOT_ELIGIBLE, "You do not take part in this giveaway.")
    if giveaway.state in ("opening", "open") and now_ms < giveaway.ends_at_ms - CLOCKS_MS:
        return Refusal(GIVEAWAY_NOT_OVER, "Say it when the giveaway has ended.", {"ends_at_ms": giveaway.ends_at_ms})
    if giveaway.state not in ("open", "ended"):
        return Refusal(GIVEAWAY_OVER, "The roll call is over.")
    return None


def roll_call_over(giveaway: Giveaway, now_ms: int) -> bool:
    """Whether it is time to close the list of the draw."""
    return giveaway.state == "ended" and now_ms >= giveaway.ends_at_ms + ROLL_CALL_MS


# What people see


def view(giveaway: Giveaway, winners: Sequence[Entrant], present: int) -> GiveawayView:
    """A giveaway as everybody sees it: the seed only after the draw."""
    return GiveawayView(
        giveaway_id=giveaway.giveaway_id,
        show_id=giveaway.show_id,
        sku=giveaway.sku,
        winners_max=giveaway.winners_max,
        commitment=giveaway.commitment,
        seed=giveaway.seed if giveaway.state == "drawn" else "",
        state=giveaway.state,
        reason=giveaway.reason,
        entries=giveaway.entries,
        present=present,
        winners=[WinnerView(actor_id=each.entrant_id, name=each.name) for each in winners],
        ends_at_ms=giveaway.ends_at_ms,
        drawn_at_ms=giveaway.drawn_at_ms,
        asked_at_ms=giveaway.asked_at_ms,
    )


def draw_view(giveaway: Giveaway, entrants: Sequence[Entrant]) -> DrawView | Refusal:
    """Everything that the draw was made of."""
    if giveaway.state != "drawn":
        return Refusal(GIVEAWAY_NOT_OVER, "Nothing is drawn yet.", {"ends_at_ms": giveaway.ends_at_ms})
    present = {each.entrant_id for each in entrants if each.present}
    listed = [each.entrant_id for each in entrants if each.present]
    return DrawView(
        giveaway_id=giveaway.giveaway_id,
        show_id=giveaway.show_id,
        sku=giveaway.sku,
        winners_max=giveaway.winners_max,
        commitment=giveaway.commitment,
        seed=giveaway.seed,
        entrants=[EntrantView(actor_id=each.entrant_id, name=each.name, present=each.present) for each in entrants],
        list_digest=list_digest(listed),
        winners=draw(giveaway.seed, listed, present, giveaway.winners_max),
    )


def rounded(entries: int) -> int:
    """A count that changes seldom: of ten thousand entries some two hundred are told to everybody."""
    if entries < EXACT_UP_TO:
        return entries
    step = 10 if entries < TENS_UP_TO else 100
    return entries - entries % step


def applied(state: GiveawaysState, publication: GiveawayPublication) -> GiveawaysState:
    """The giveaways after a publication; news of one that is not shown changes nothing."""
    rest = [each for each in state.giveaways if each.giveaway_id != publication.giveaway_id]
    match publication:
        case GiveawayLive():
            return GiveawaysState(giveaways=sorted([*rest, publication], key=lambda each: each.giveaway_id))
        case GiveawayResult():
            return GiveawaysState(giveaways=rest)
        case GiveawayCount():
            return GiveawaysState(giveaways=[_counted(each, publication) for each in state.giveaways])


def _counted(live: GiveawayLive, count: GiveawayCount) -> GiveawayLive:
    if live.giveaway_id != count.giveaway_id:
        return live
    return msgspec.structs.replace(live, entries=count.entries, ended=count.ended)


def _units(sku: str, available: int) -> dict[str, str | int | bool]:
    return {"sku": sku, "available": available}
