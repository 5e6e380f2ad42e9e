"""Questions that the module `guests` answers."""

from dataclasses import dataclass

import msgspec

from schemas.base import Request
from schemas.media import MediaKind


class PassView(msgspec.Struct, frozen=True, kw_only=True):
    """Whose pass it is, and where its owner stands now. `participant_id` is what media nodes know the guest by."""

    participant_id: str
    name: str
    on_stage: bool
    muted: tuple[MediaKind, ...]


@dataclass(frozen=True)
class GetStageActors(Request[frozenset[str]]):
    """The people who take part in a show as guests now, waiting ones included: what they say moves the price, so they do not
    bid."""

    show_id: str


@dataclass(frozen=True)
class CheckPass(Request[PassView | None]):
    """The guest whose pass this token is; nothing when it is not good for this show: wrong, revoked, removed, over."""

    show_id: str
    token: str
