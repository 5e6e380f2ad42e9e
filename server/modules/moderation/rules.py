"""Decisions of moderation: who may restrain whom, how somebody stands now, and the audit log's chain of hashes. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from schemas.errors import FORBIDDEN, INVALID_FIELD, WireError
from schemas.http.chat import ChatMessage
from schemas.http.moderation import AuditAction, ModerationSettings, Sanction, SanctionKind
from schemas.requests.moderation import Standing
from server.channels.text import clean_text

MODERATORS_MAX = 50
"""Of one host. Each is told every change of every open show."""
DETAIL_LENGTH_MAX = 1_000
FIRST_HASH = "0" * 64
"""What the first line of an audit log continues."""


class Refusal(NamedTuple):
    """Why something is not done, and what to do instead."""

    error: WireError
    detail: str


class Roles(NamedTuple):
    """Who is in charge of a host's shows."""

    host_id: str
    moderator_ids: Collection[str]

    def may_moderate(self, actor_id: str) -> bool:
        """The host and those whom the host appointed."""
        return actor_id == self.host_id or actor_id in self.moderator_ids


class Restraint(NamedTuple):
    """A sanction as stored: it ends by itself at `until_ms`, or not at all."""

    kind: SanctionKind
    until_ms: int | None


class AuditLine(msgspec.Struct, frozen=True, array_like=True):
    """One line of a show's audit log. `number` counts from 1 without holes."""

    show_id: str
    number: int
    at_ms: int
    by_id: str
    by_name: str
    action: AuditAction
    target: str
    detail: str


def sanction(roles: Roles, by_id: str, body: Sanction) -> Refusal | None:
    """Why somebody may not be restrained by somebody, or None. Nobody restrains the host or a moderator: the host dismisses
    first."""
    if not roles.may_moderate(by_id):
        return Refusal(FORBIDDEN, "Only the host and moderators may do this.")
    if roles.may_moderate(body.actor_id):
        return Refusal(FORBIDDEN, "The host and moderators cannot be restrained; the host may dismiss a moderator first.")
    if (body.kind == "mute") != (body.duration_ms is not None):
        return Refusal(
            INVALID_FIELD, "Give duration_ms with a mute, and with nothing else: a block or a shadow lasts until lifted."
        )
    return None


def removal(roles: Roles, by_id: str, author_ids: Iterable[str]) -> Refusal | None:
    """Why messages of these people may not be removed, or None: a moderator leaves the host's alone."""
    if not roles.may_moderate(by_id):
        return Refusal(FORBIDDEN, "Only the host and moderators may do this.")
    if by_id != roles.host_id and roles.host_id in author_ids:
        return Refusal(FORBIDDEN, "The host's messages are the host's to remove.")
    return None


def in_force(restraint: Restraint | None, now_ms: int) -> Restraint | None:
    """A sanction that has ended is none: no job ends it, the clock does."""
    if restraint is None or (restraint.until_ms is not None and restraint.until_ms <= now_ms):
        return None
    return restraint


def standing(
    *, may_moderate: bool, restraint: Restraint | None, settings: ModerationSettings, words: Sequence[str], now_ms: int
) -> Standing:
    """How somebody stands now. Who may moderate is never restrained."""
    found = None if may_moderate else in_force(restraint, now_ms)
    return Standing(
        may_moderate=may_moderate,
        sanction=None if found is None else found.kind,
        until_ms=None if found is None else found.until_ms,
        settings=settings,
        words=tuple(words),
    )


def clean_words(words: Sequence[str]) -> list[str]:
    """The host's words as they are kept: visible characters, each once, in the order in which they were given."""
    cleaned = [clean_text(word).casefold() for word in words]
    return list(dict.fromkeys(word for word in cleaned if word.strip("*")))


def changed_words(before: Sequence[str], after: Sequence[str]) -> str:
    """What the audit log says of a change of the words."""
    added = [f"+{word}" for word in after if word not in before]
    taken = [f"-{word}" for word in before if word not in after]
    return clipped(" ".join([*added, *taken]))


def removed_message(message: ChatMessage | None, reason: str) -> str:
    """What the audit log says of a removed message; None is one that is not recorded yet."""
    said = [] if message is None else [f"{message.author_name}: {message.text}"]
    return clipped(" · ".join([*([reason] if reason else []), *said]))


def clipped(text: str) -> str:
    """A detail of bounded length."""
    return text if len(text) <= DETAIL_LENGTH_MAX else text[: DETAIL_LENGTH_MAX - 1] + "…"


def line_hash(before: str, line: AuditLine) -> str:
    """SHA-256 over the hash of the line before and all that the line says."""
    return hashlib.sha256(before.encode() + msgspec.json.encode(line)).hexdigest()


def is_intact(before: str, first_number: int, lines: Sequence[tuple[AuditLine, str]]) -> bool:
    """Whether lines, oldest first and each with its stored hash, continue the line with the hash `before`, and none was changed,
    taken out or put in between."""
    for number, (line, stored) in enumerate(lines, start=first_number):
        before = line_hash(before, line)
        if line.number != number or stored != before:
            return False
    return True
