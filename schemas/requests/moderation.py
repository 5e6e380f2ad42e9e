"""Questions that the module `moderation` answers."""

from dataclasses import dataclass

from schemas.base import Request
from schemas.http.moderation import ModerationSettings, SanctionKind


@dataclass(frozen=True)
class Standing:
    """What somebody may do in a host's show. `words` are the host's banned words; an ended sanction is none."""

    may_moderate: bool
    sanction: SanctionKind | None
    until_ms: int | None
    settings: ModerationSettings
    words: tuple[str, ...]


@dataclass(frozen=True)
class GetStanding(Request[Standing]):
    """How somebody stands in a show of this host. The host and moderators are never restrained."""

    show_id: str
    host_id: str
    actor_id: str
