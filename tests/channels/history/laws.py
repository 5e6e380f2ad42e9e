"""What the checker must know of a channel: how its state follows from its publications, and by what these are recognised."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from server.kernel.module import ChannelKind


@dataclass(frozen=True)
class Law:
    """Of one channel. `marker` names a publication, `markers` those that a state still shows, oldest first.

    `holds`: a state shows at least the last so many publications. For `delivery="state"` markers are numbers that grow, and a
    state has the newest alone. `ahead`: a state may contain what the database knows and the log will tell later, so that two
    states at one place may differ.
    """

    delivery: Literal["event", "state"]
    holds: int
    marker: Callable[[str], str]
    markers: Callable[[str], list[str]]
    fold: Callable[[str, Sequence[str]], str]
    """A state as JSON and publications as JSON: the state after them, as JSON."""
    ahead: bool = False


def law_of(
    kind: ChannelKind, marker: Callable[[Any], str], markers: Callable[[Any], list[str]], holds: int = 1, *, ahead: bool = False
) -> Law:
    """The law of a kind, from functions over its own structs."""
    publications: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind.publication)
    states: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind.snapshot)

    def fold(state: str, data: Sequence[str]) -> str:
        folded = states.decode(state)
        for one in data:
            folded = kind.apply(folded, publications.decode(one))
        return msgspec.json.encode(folded).decode()

    return Law(
        delivery=kind.delivery,
        holds=holds,
        marker=lambda data: marker(publications.decode(data)),
        markers=lambda state: markers(states.decode(state)),
        fold=fold,
        ahead=ahead,
    )
