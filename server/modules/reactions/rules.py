"""Decisions of the reactions: who may send a heart, and when. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.errors import SHOW_NOT_LIVE, WireError
from schemas.http.reactions import React
from schemas.http.shows import ShowView
from schemas.requests.moderation import Door


class Facts(NamedTuple):
    """The show, and who is let in."""

    show: ShowView
    door: Door


def react(show: ShowView, command: React) -> Mapping[str, int] | WireError:
    """What the taps add to the totals. Hearts are for what is happening: only while the show is live."""
    return {command.kind: command.count} if show.state == "live" else SHOW_NOT_LIVE
