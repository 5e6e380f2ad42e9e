"""Questions that the module `moderation` answers."""

from collections.abc import Mapping
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


@dataclass(frozen=True)
class Door:
    """Who is let into the shows of a host, and who moderates them: one answer for a whole audience. Neither the host nor a
    moderator is ever blocked."""

    host_id: str
    moderators: frozenset[str]
    blocked: frozenset[str]

    def turns_away(self, actor_id: str) -> bool:
        """Whether somebody is blocked."""
        return actor_id in self.blocked

    def may_moderate(self, actor_id: str) -> bool:
        """Whether somebody is the host or a moderator."""
        return actor_id == self.host_id or actor_id in self.moderators


@dataclass(frozen=True)
class GetDoor(Request[Door]):
    """Who may come in. What it costs does not depend on who asks, so that many may share one answer."""

    host_id: str


@dataclass(frozen=True)
class RoomRules:
    """All that decides who may write what in a show: one answer for everybody, so that a burst of messages costs one question.
    `sanctions` are those of the host's shows by actor, with their end; `words` are the host's banned words."""

    door: Door
    settings: ModerationSettings
    words: tuple[str, ...]
    sanctions: Mapping[str, tuple[SanctionKind, int | None]]

    def standing(self, actor_id: str, now_ms: int) -> Standing:
        """How somebody stands now: a sanction that has ended is none, and who may moderate is never restrained."""
        may_moderate = self.door.may_moderate(actor_id)
        kind, until_ms = (None, None) if may_moderate else self.sanctions.get(actor_id, (None, None))
        if until_ms is not None and until_ms <= now_ms:
            kind, until_ms = None, None
        return Standing(may_moderate, kind, until_ms, self.settings, self.words)


@dataclass(frozen=True)
class GetRoomRules(Request[RoomRules]):
    """The rules of a show of this host."""

    show_id: str
    host_id: str
