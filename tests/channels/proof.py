"""State + events, provably: a snapshot and the pushes after it are the later snapshot. For the kinds of every module.

Everything goes through JSON on the way, as it does between a node and a browser.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from server.kernel.module import ChannelKind


def assert_converges(kind: ChannelKind, before: msgspec.Struct, pushes: Sequence[msgspec.Struct], after: msgspec.Struct) -> None:
    """A browser that had `before` and took the pushes shows what a browser that comes now is given."""
    assert _json(_fold(kind, before, pushes)) == _json(after), f"{kind.name}: pushes lead elsewhere than the snapshot"
    if kind.delivery == "state" and pushes:
        newest = _fold(kind, before, pushes[-1:])
        assert _json(newest) == _json(after), f"{kind.name}: the newest push alone must carry the whole state"


def assert_law(kind: ChannelKind, initial: msgspec.Struct, publications: Sequence[msgspec.Struct]) -> None:
    """For a kind with `source="log"`: whenever a viewer came, and however long the log is, all viewers show the same.

    Give more publications than `history_length`, or the law of forgetting is not tested.
    """
    snapshots = [_snapshot(kind, initial, publications[:top]) for top in range(len(publications) + 1)]
    for came in range(len(publications) + 1):
        assert_converges(kind, snapshots[came], publications[came:], snapshots[-1])
    _assert_pure(kind, initial, publications)


def assert_overlap_is_harmless(kind: ChannelKind, initial: msgspec.Struct, publications: Sequence[msgspec.Struct]) -> None:
    """For a kind whose `initial` comes from the database: that may be ahead of what the log tells again."""
    for top in range(len(publications) + 1):
        ahead = _fold(kind, initial, publications[:top])
        again = _fold(kind, ahead, publications[max(0, top - kind.history_length) : top])
        assert _json(again) == _json(ahead), f"{kind.name}: publications that the state contains count twice"


def _snapshot(kind: ChannelKind, initial: msgspec.Struct, publications: Sequence[msgspec.Struct]) -> Any:
    """What a node that opens the channel now makes of the log."""
    return _fold(kind, initial, publications[-kind.history_length :])


def _fold(kind: ChannelKind, state: msgspec.Struct, publications: Sequence[msgspec.Struct]) -> Any:
    folded: Any = _through_json(state, kind.snapshot)
    for publication in publications:
        folded = kind.apply(folded, _through_json(publication, kind.publication))
    return folded


def _assert_pure(kind: ChannelKind, initial: msgspec.Struct, publications: Sequence[msgspec.Struct]) -> None:
    state: Any = initial
    for publication in publications:
        was = _json(state), _json(publication)
        state_after = kind.apply(state, publication)
        assert (_json(state), _json(publication)) == was, f"{kind.name}.apply changes what it is given"
        state = state_after


def _through_json(value: msgspec.Struct, shape: type[msgspec.Struct]) -> Any:
    return msgspec.json.decode(_json(value), type=shape)


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
