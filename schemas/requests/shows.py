"""Questions that the module `shows` answers."""

from dataclasses import dataclass

from schemas.base import Request
from schemas.http.shows import ShowView


@dataclass(frozen=True)
class GetShow(Request[ShowView | None]):
    """The show, or nothing when there is none with this id."""

    show_id: str


@dataclass(frozen=True)
class GetListedShows(Request[list[ShowView]]):
    """The shows that everybody may find: live, next and ended ones, the newest of each; unlisted ones are left out."""


@dataclass(frozen=True)
class GetLiveRehearsals(Request[list[ShowView]]):
    """The rehearsals that are on just now, the one that began first first; robots visit them."""


@dataclass(frozen=True)
class CheckIngestToken(Request[bool]):
    """Whether this stream token may publish to the show now (an ended show takes no publisher)."""

    show_id: str
    token: str
