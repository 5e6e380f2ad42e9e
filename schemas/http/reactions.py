"""Command and state of `reactions:<show_id>`."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View

REACTIONS_AT_ONCE_MAX = 20
"""Taps that one command carries: a page gathers a second of them."""

ReactionKind = Literal["heart", "fire", "clap", "laugh", "wow"]


class React(Body, frozen=True):
    """Taps of one person since the last command."""

    kind: ReactionKind
    count: Annotated[int, Meta(ge=1, le=REACTIONS_AT_ONCE_MAX)] = 1


class ReactionsState(View, frozen=True):
    """Totals of the show by kind, conflated: players animate the difference to what they had."""

    counts: dict[str, int]
