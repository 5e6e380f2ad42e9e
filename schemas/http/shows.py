"""Bodies of `/api/shows/…`, and the state that the channel `show:<show_id>` carries."""

from typing import Annotated

from msgspec import Meta, field

from schemas.base import Body, View
from schemas.http.catalog import OfferView
from schemas.ids import END, PictureId, ShowId, Sku

PINNED_MAX = 3
TAGS_MAX = 10

Title = Annotated[str, Meta(min_length=1, max_length=120)]
Description = Annotated[str, Meta(max_length=2000)]
Tag = Annotated[str, Meta(min_length=1, max_length=30, pattern=r"^#?[^\s#,][^#,]*" + END, description="A word to find shows by")]
Tags = Annotated[list[Tag], Meta(max_length=TAGS_MAX)]


class ScheduleShow(Body, frozen=True):
    """A new show. The client makes the id."""

    show_id: ShowId
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
