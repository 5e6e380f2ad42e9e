"""State + events, proved for every channel kind of every module that `server/app.py` lists, in the server and in the browser.

Nobody lists kinds here: `examples.py` makes publications from the structs. A kind whose struct it cannot make fails.
"""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from schemas.events.ledger import AnyLedgerEvent
from server.app import MODULES
from server.kernel.module import ChannelKind
from tests.channels.examples import THINGS, Sample, fold, history, nothing, samples, value
from tests.channels.proof import assert_converges, assert_overlap_is_harmless

STATIC = Path(__file__).parents[2] / "static"
DEADLINE_S = 60
KINDS: list[ChannelKind] = [kind for module in MODULES for kind in module.channels]
LOG_KINDS = [kind for kind in KINDS if kind.source == "log"]
FEW = settings(max_examples=6, phases=[Phase.generate])
"""Each example is a history of a hundred publications: to make a failing one smaller takes minutes, to read it does not."""


def named(kind: ChannelKind) -> str:
    return kind.name


def came_at(count: int, kept: int) -> list[int]:
    """When viewers come: in the beginning, in the end, and around the places where the log begins to forget."""
    edges = {0, 1, count // 2, count - kept - 1, count - kept, count - kept + 1, count - 1, count}
    return sorted(edge for edge in edges if 0 <= edge <= count)


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_a_kind_has_what_a_channel_needs(kind: ChannelKind) -> None:
    assert issubclass(kind.snapshot, msgspec.Struct)
    assert kind.history_length >= 1
    assert kind.delivery in ("event", "state")
    assert not (kind.conflate_ms and kind.delivery == "event"), "an event channel sends every offset"


class NoDatabase:
    """A context of which nothing may be asked."""

    def __getattr__(self, name: str) -> Any:
        raise LookupError(name)


def begins_with_nothing(kind: ChannelKind) -> bool:
    """Whether the state before the first publication is always the same: then all the rest must be in the log's last entries.
    Otherwise the database tells it, and knows at least what the log has forgotten."""
    try:
        asyncio.run(kind.initial(NoDatabase(), "shw_" + "0" * 32))
    except LookupError:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS, ids=named)
@FEW
@given(data=st.data())
def test_the_snapshot_is_the_older_snapshot_and_the_pushes_after_it(kind: ChannelKind, data: st.DataObject) -> None:
    made = history(kind, data.draw(samples(kind)))
    empty = nothing(kind.snapshot)
    kept = len(made) if kind.source == "ledger" else kind.history_length  # the ledger forgets nothing
    known = 0 if begins_with_nothing(kind) else data.draw(st.integers(len(made) - kept, len(made)), "in the database")
    before = fold(kind, empty, made[:known])

    def snapshot(top: int) -> Any:
        return fold(kind, before if top >= known else fold(kind, empty, made[:top]), made[max(0, top - kept) : top])

    for came in came_at(len(made), kept):
        assert_converges(kind, snapshot(came), made[came:], snapshot(len(made)))


@pytest.mark.parametrize("kind", LOG_KINDS, ids=named)
@FEW
@given(data=st.data())
def test_what_the_database_and_the_log_both_tell_counts_once(kind: ChannelKind, data: st.DataObject) -> None:
    length = min(kind.history_length, 3 * THINGS) + THINGS
    assert_overlap_is_harmless(kind, nothing(kind.snapshot), history(kind, data.draw(samples(kind)), length))


@pytest.mark.parametrize("kind", KINDS, ids=named)
@FEW
@given(data=st.data())
def test_a_kind_changes_its_state_and_never_what_it_is_given(kind: ChannelKind, data: st.DataObject) -> None:
    made = history(kind, data.draw(samples(kind)), 2 * THINGS)
    state: Any = nothing(kind.snapshot)
    states = [msgspec.json.encode(state)]
    for push in made:
        before = msgspec.json.encode([state, push])
        after = kind.apply(state, push)
        assert msgspec.json.encode([state, push]) == before
        state = after
        states.append(msgspec.json.encode(state))
    assert msgspec.json.decode(states[-1], type=kind.snapshot) == state, "a browser must be able to hold the state"


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_the_made_histories_lead_somewhere(kind: ChannelKind) -> None:
    """Otherwise the tests above could not fail."""
    seen: set[bytes] = set()

    @settings(FEW, max_examples=20)
    @given(few=samples(kind))
    def look(few: list[Sample]) -> None:
        seen.add(msgspec.json.encode(fold(kind, nothing(kind.snapshot), history(kind, few, THINGS))))

    look()
    assert len(seen) > 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.source == "ledger"], ids=named)
@settings(FEW, max_examples=50)
@given(data=st.data())
def test_any_entry_of_the_ledger_makes_a_publication_or_none(kind: ChannelKind, data: st.DataObject) -> None:
    made = data.draw(value(msgspec.inspect.type_info(AnyLedgerEvent)))
    event = msgspec.convert(made, AnyLedgerEvent, strict=False)
    assert isinstance(kind.project(event), kind.publication | None)


TOGETHER = 4
"""Kinds of one example: each is a process of Node, and too large an example is none."""

REDUCE = """
import { KINDS, fromSnapshot, takePush } from "./lib/reducers.js";
let text = "";
for await (const chunk of process.stdin) text += chunk;
const after = JSON.parse(text).map(({ kind, snapshot, publications }) => {
  let view = fromSnapshot({ epoch: "e", offset: 0, snapshot });
  publications.forEach((data, index) => {
    view = takePush(KINDS[kind], view, { epoch: "e", offset: index + 1, data });
  });
  return view.state;
});
console.log(JSON.stringify(after));
"""


@pytest.mark.parametrize("kinds", [KINDS[first : first + TOGETHER] for first in range(0, len(KINDS), TOGETHER)])
@settings(FEW, max_examples=3)
@given(data=st.data())
def test_the_browser_reduces_every_history_as_the_server_does(kinds: Sequence[ChannelKind], data: st.DataObject) -> None:
    few = data.draw(st.fixed_dictionaries({kind.name: samples(kind) for kind in kinds}))
    asked, wanted = [], []
    for kind in kinds:
        empty, made = nothing(kind.snapshot), history(kind, few[kind.name])
        asked.append({"kind": kind.name, "snapshot": msgspec.to_builtins(empty), "publications": msgspec.to_builtins(made)})
        wanted.append(msgspec.to_builtins(fold(kind, empty, made)))
    for kind, expected, found in zip(kinds, wanted, reduced_by_the_browser(asked), strict=True):
        assert found == json.loads(json.dumps(expected)), kind.name


def reduced_by_the_browser(asked: list[dict[str, Any]]) -> Any:
    """What `static/lib/reducers.js` makes of these histories."""
    node = shutil.which("node")
    assert node is not None, "Node.js is missing: run `make test`, which fetches one"
    words = [node, "--input-type=module", "--eval", REDUCE]
    ran = subprocess.run(
        words, cwd=STATIC, input=json.dumps(asked), capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
