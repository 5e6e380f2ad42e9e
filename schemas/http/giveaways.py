"""Bodies of `/api/giveaways/…`, and what the channel `giveaways:<show_id>` carries."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import CommandId, GiveawayId, ShowId, Sku

LASTS_MS_MIN = 15_000
LASTS_MS_MAX = 300_000
WINNERS_MAX = 100
ROLL_CALL_MS = 10_000
"""After the end: who took part says "here" within this time, or cannot win."""

GiveawayStage = Literal["opening", "open", "ended", "called", "drawn", "refused"]
"""`opening`: asked for, the ledger has not answered yet. `ended`: nobody can enter any more, those who did say "here". `called`:
it is known who is there. `refused`: there were not enough units."""


class StartGiveaway(Body, frozen=True):
    """Give `winners_max` units away, one each. The client makes the id. It cannot be taken back."""

    giveaway_id: GiveawayId
    show_id: ShowId
    sku: Sku
    winners_max: Annotated[int, Meta(ge=1, le=WINNERS_MAX)] = 1
    lasts_ms: Annotated[int, Meta(ge=LASTS_MS_MIN, le=LASTS_MS_MAX)] = 60_000


class EnterGiveaway(Body, frozen=True):
    """Take part, once per person. The client makes the id, so that a retry is the same entry."""

    entry_id: CommandId


class EntryMade(View, frozen=True):
    """The caller takes part; so many do so far."""

    giveaway_id: str
    entries: int


class HereView(View, frozen=True):
    """The caller's "here" counts."""

    giveaway_id: str
    here: bool


class WinnerView(View, frozen=True):
    """Somebody who won a unit."""

    actor_id: str
    name: str


class GiveawayView(View, frozen=True):
    """A giveaway. `commitment` is the SHA-256 (hex) of `seed`, empty until the draw. `present` counts those who said "here"."""

    giveaway_id: str
    show_id: str
    sku: str
    winners_max: int
    commitment: str
    seed: str
    state: GiveawayStage
    reason: str
    entries: int
    present: int
    winners: list[WinnerView]
    ends_at_ms: int
    drawn_at_ms: int
    asked_at_ms: int


class GiveawayListView(View, frozen=True):
    """The giveaways of a show, newest first."""

    giveaways: list[GiveawayView]


class MyEntriesView(View, frozen=True):
    """The giveaways of a show that the caller takes part in, and those where they said "here"."""

    entered: list[str]
    here: list[str]


class EntrantView(View, frozen=True):
    """Somebody who took part; `present`: said "here" in time."""

    actor_id: str
    name: str
    present: bool


class DrawView(View, frozen=True):
    """Everything that a draw is made of, so that anybody can compute it again: `server/modules/giveaways/rules.py: draw`.

    `entrants` are in the order of the ledger's log. Those who are present are the list of the draw; `list_digest` is the SHA-256
    (hex) of their ids, joined by line feeds. Everybody on it has the number SHA-256(`<seed>:<list_digest>:<actor_id>`); the
    smallest numbers win.
    """

    giveaway_id: str
    show_id: str
    sku: str
    winners_max: int
    commitment: str
    seed: str
    entrants: list[EntrantView]
    list_digest: str
    winners: list[str]


class GiveawayLive(View, frozen=True, tag_field="type", tag="open"):
    """A giveaway that is not drawn yet. While it is open `entries` is rounded down: most entries are told to nobody."""

    giveaway_id: str
    sku: str
    winners_max: int
    commitment: str
    ends_at_ms: int
    entries: int
    ended: bool


class GiveawayCount(View, frozen=True, tag_field="type", tag="count"):
    """So many take part, or did when it ended."""

    giveaway_id: str
    entries: int
    ended: bool


class GiveawayResult(View, frozen=True, tag_field="type", tag="drawn"):
    """Drawn: these won. Their names are at `/api/giveaways/{giveaway_id}/draw`."""

    giveaway_id: str
    winners: list[str]


GiveawayPublication = GiveawayLive | GiveawayCount | GiveawayResult


class GiveawaysState(View, frozen=True):
    """Snapshot of `giveaways:<show_id>`: what is not drawn yet, in the order of the ids."""

    giveaways: list[GiveawayLive]
