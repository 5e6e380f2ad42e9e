"""Bodies of `/api/shows/…`, and the states that the channels `show:<show_id>` and `run_of_show:<show_id>` carry."""

from typing import Annotated

from msgspec import Meta, field

from schemas.base import Body, View
from schemas.http.catalog import OfferView
from schemas.ids import END, PictureId, RealShowId, RehearsalId, Sku

PINNED_MAX = 3
TAGS_MAX = 10
RUN_ITEMS_MAX = 200
RUN_NOTE_LENGTH_MAX = 500
RUN_TITLE_LENGTH_MAX = 80
PLANNED_MINUTES_MAX = 240

Title = Annotated[str, Meta(min_length=1, max_length=120)]
Description = Annotated[str, Meta(max_length=2000)]
Tag = Annotated[str, Meta(min_length=1, max_length=30, pattern=r"^#?[^\s#,][^#,]*" + END, description="A word to find shows by")]
Tags = Annotated[list[Tag], Meta(max_length=TAGS_MAX)]
SegmentId = Annotated[str, Meta(pattern="^seg_[0-9a-f]{32}" + END)]
RunItemId = Annotated[
    str,
    Meta(
        pattern="^(seg_[0-9a-f]{32}|[A-Z0-9][A-Z0-9._-]{0,31})" + END, description="A SKU, or a segment's id that the client made"
    ),
]


class ScheduleShow(Body, frozen=True):
    """A new show. The client makes the id."""

    show_id: RealShowId
    title: Title
    description: Description = ""
    unlisted: bool = False
    scheduled_at_ms: Annotated[int, Meta(ge=0)] | None = None
    cover: PictureId | None = None
    tags: Tags = field(default_factory=list)


class EditShow(Body, frozen=True):
    """A show that has not begun, whole, as it is from now on. Without a `cover` the first product with a picture gives one."""

    title: Title
    description: Description
    unlisted: bool
    scheduled_at_ms: Annotated[int, Meta(ge=0)]
    cover: PictureId | None
    tags: Tags


class MakeRehearsal(Body, frozen=True):
    """Rehearse a show. The client makes the id, and a retry sends it again."""

    rehearsal_id: RehearsalId


class PinProduct(Body, frozen=True):
    """Show a product in every player; at most three, the oldest makes room."""

    sku: Sku


class ShowView(View, frozen=True):
    """A show as the start page lists it. `state` is `scheduled`, `live` or `ended`."""

    show_id: str
    host_id: str
    host_name: str
    title: str
    description: str
    state: str
    unlisted: bool
    on_air: bool
    scheduled_at_ms: int
    started_at_ms: int | None
    ended_at_ms: int | None
    cover_url: str | None
    tags: list[str] = field(default_factory=list)
    rehearsal_of: str | None = None
    """The show that this one rehearses: everything works, and nothing is charged, sent or told."""


class ShowListView(View, frozen=True):
    """Live shows first, then the next ones, then the ended ones."""

    shows: list[ShowView]


class ShowState(View, frozen=True):
    """What a player shows of the show. `on_air` says whether the host's packets arrive just now; `version` only grows."""

    version: int
    show: ShowView
    pinned: list[str]
    offers: list[OfferView]


class IngestView(View, frozen=True):
    """Where and with which token to publish (WHIP, RFC 9725)."""

    whip_url: str
    token: str


class RunItem(Body, frozen=True):
    """One step of a run of show: a product (its SKU is both `item_id` and `sku`), or a segment in words (`title`, no `sku`).
    `planned_minutes` is 0 when nothing is planned."""

    item_id: RunItemId
    sku: Sku | None = None
    title: Annotated[str, Meta(max_length=RUN_TITLE_LENGTH_MAX)] = ""
    note: Annotated[str, Meta(max_length=RUN_NOTE_LENGTH_MAX)] = ""
    planned_minutes: Annotated[int, Meta(ge=0, le=PLANNED_MINUTES_MAX)] = 0


class SetRunOfShow(Body, frozen=True):
    """The whole order anew. `version` is the one that it was made from."""

    version: Annotated[int, Meta(ge=0)]
    items: Annotated[list[RunItem], Meta(max_length=RUN_ITEMS_MAX)]


class GoToRunItem(Body, frozen=True):
    """Go on to this step. Its product is pinned, the product of the step before is not any more."""

    item_id: RunItemId


class RunItemView(View, frozen=True):
    """A step as it was set."""

    item_id: str
    sku: str | None
    title: str
    note: str
    planned_minutes: int


class RunOfShowState(View, frozen=True):
    """What the host's studios show of the run: the steps that the host has put in order (products of the show that are not
    among them come after them), the step that is on (null before the first) and since when. `version` only grows; at 0 nothing
    was planned."""

    version: int
    items: list[RunItemView]
    current_id: str | None
    current_since_ms: int | None
