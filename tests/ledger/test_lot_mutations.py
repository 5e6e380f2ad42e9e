"""Every guard and every sum in the scripts of lots and giveaways is needed: one changed disagrees with the rules."""

import re
from collections.abc import Callable, Iterator

import msgspec
import pytest
import redis

from server.ledger.rules import LogMismatch
from server.ledger.wire import FILES, LOT_OPERATIONS, source
from server.redis.scripts import Script
from tests.ledger.lot_scenarios import AGREEING, SCRIPT_ONLY
from tests.ledger.test_mutations import GUARD, SAVES, Mutant, changes
from tests.ledger.twin import Twin

MIN = "math.min"
"""The minimum has no guard flip of its own everywhere."""
CALL = re.compile(r"^\s+(change_lot|end_lot|end_lot_hold|hold_lot|hammer|ripen_lot|ripen_giveaway|current_lot|save_hold|note_)")
WRITE = re.compile(r"^\s+redis\.call\('(LPUSH|LTRIM|SREM)'")
ASSIGN = re.compile(r"^\s+[a-z_.]+ = .+$")
BROKEN = (AssertionError, LogMismatch, redis.ResponseError, msgspec.MsgspecError, KeyError, TypeError, ValueError)


def wrong_lines(line: str) -> Iterator[str]:
    """Wrong versions of one line."""
    yield from (found := set(changes(line)))
    code, saves, _ = line.partition(SAVES)
    code = code.partition(GUARD)[0]
    if saves:
        return
    if MIN in code and (flipped := code.replace(MIN, "math.max")) not in found:
        yield flipped
    balanced = code.count("(") == code.count(")") and code.count("{") == code.count("}")
    whole = balanced and not code.rstrip().endswith(("then", ",", "{"))
    if whole and (CALL.match(code) or WRITE.match(code) or ASSIGN.match(code)) and "" not in found:
        yield ""


def mutants() -> Iterator[Mutant]:
    texts = {name: source(name).splitlines() for name in FILES}
    for name in LOT_OPERATIONS:
        lines = texts[name]
        for index, line in enumerate(lines):
            for changed in wrong_lines(line):
                mutated = texts | {name: [*lines[:index], changed, *lines[index + 1 :]]}
                text = "\n".join("\n".join(part) for part in mutated.values())
                yield Mutant(name, index + 1, line.strip(), changed.strip(), text)


def survives(client: redis.Redis, text: str, histories: list[Callable[[Twin], None]]) -> bool:
    """Whether every history goes well with this text. The one that does not moves to the front: it is likely to find the next."""
    script = Script(text)
    client.script_load(text)  # outside: a mutant that does not compile would prove nothing
    for number, history in enumerate(histories):
        twin = Twin(client, script, f"shw_{number:08}")
        try:
            history(twin)
            if history in AGREEING:
                twin.compare()
        except BROKEN:
            histories.insert(0, histories.pop(number))
            return False
        finally:
            client.flushall()
    return True


def test_the_table_finds_every_changed_guard_of_lots_and_every_lost_write(blocking: redis.Redis) -> None:
    histories = [*AGREEING, *SCRIPT_ONLY]
    assert survives(blocking, "\n".join(source(name) for name in FILES), histories), "it must pass before anything is mutated"
    tried = list(mutants())
    guards = sum(source(name).count(GUARD) for name in LOT_OPERATIONS)
    assert guards >= 60
    assert len(tried) >= 3 * guards
    alive = [mutant for mutant in tried if survives(blocking, mutant.text, histories)]
    assert not alive, f"{len(alive)} of {len(tried)}:\n" + "\n".join(
        f"{m.file}.lua:{m.line}: {m.before}  ->  {m.after or '(removed)'}" for m in alive
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  a.b = math.min(c, d) -- guard: x", {"  a.b = math.max(c, d)", ""}),
        ("  change_lot(a, b)", {""}),
        ("  lot.hold_id = hold_id", {""}),
        ("  lot.bids = lot.bids + 1", {"", "  lot.bids = lot.bids - 1"}),
    ],
)
def test_a_line_is_changed_in_every_way_that_matters(line: str, expected: set[str]) -> None:
    assert set(wrong_lines(line)) == expected
