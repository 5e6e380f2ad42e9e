"""Every guard of the scripts is needed: a copy with one guard changed disagrees with the rules.

Guards are the lines marked `-- guard: …`. Writes and changes of fields are mutated as well: a forgotten write is found, too.
Lines marked `-- saves: …` only spare work: taking their branch always changes nothing, never taking it must be found.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import pytest
import redis

from server.ledger.rules import LogMismatch
from server.ledger.wire import FILES, LOT_OPERATIONS, source
from server.redis.scripts import Script
from tests.ledger.lot_scenarios import bid, open_lot
from tests.ledger.scenarios import AGREEING, SCRIPT_ONLY, fund, hold, release
from tests.ledger.twin import Twin

FLIPS = {
    " < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " ~= ", " ~= ": " == ",
    " and ": " or ", " or ": " and ", " + ": " - ", " - ": " + ", "math.max": "math.min", "math.min": "math.max",
}  # fmt: skip
GUARD = " -- guard: "
SAVES = " -- saves: "
WRITE = re.compile(r"^\s+redis\.call\('(HSET|XADD|SET|PEXPIRE|ZREM|ZADD|HINCRBY|SADD|SREM|LPUSH|LTRIM|DEL)'")
CALL = re.compile(
    r"^\s+(flush|serve|save|note_open|note_ended|unqueue|send_away|count|count_hold|save_hold|look_at_line|end_sale)\("
)
CHANGE = re.compile(r"^\s+[a-z_]+[.\[][^=]* = |^\s+(fence|epoch|seq) = ")
ARITHMETIC = re.compile(r" [+-] ")
CONDITION = re.compile(r"\b(if|if not) (.*?) then\b")
LITERAL = re.compile(r"(?<=[ (=])\d+(?=[ ),]|$)")


@dataclass(frozen=True)
class Mutant:
    """The bundle with one line changed."""

    file: str
    line: int
    before: str
    after: str
    text: str


def mutants() -> Iterator[Mutant]:
    texts = {name: source(name).splitlines() for name in FILES}
    for name, lines in texts.items():
        if name in LOT_OPERATIONS:
            continue  # test_lot_mutations.py
        for index, line in enumerate(lines):
            for changed in changes(line):
                mutated = texts | {name: [*lines[:index], changed, *lines[index + 1 :]]}
                text = "\n".join("\n".join(part) for part in mutated.values())
                yield Mutant(name, index + 1, line.strip(), changed.strip(), text)


def changes(line: str) -> Iterator[str]:
    """Wrong versions of one line."""
    code, marker, _ = line.partition(GUARD)
    if marker:
        yield from guard_changes(code)
        return
    if SAVES in line:
        yield CONDITION.sub("if false then", line.partition(SAVES)[0], count=1)
        return
    balanced = line.count("(") == line.count(")") and line.count("{") == line.count("}")
    if balanced and (WRITE.match(line) or CALL.match(line) or CHANGE.match(line)):
        yield ""
    if not line.lstrip().startswith("--"):
        for found in ARITHMETIC.finditer(line):
            yield line[: found.start()] + FLIPS[found.group()] + line[found.end() :]


def guard_changes(code: str) -> Iterator[str]:
    for before, after in FLIPS.items():
        for found in re.finditer(re.escape(before), code):
            yield code[: found.start()] + after + code[found.end() :]
    for found in LITERAL.finditer(code):
        yield code[: found.start()] + str(int(found.group()) + 1) + code[found.end() :]
    if CONDITION.search(code):
        for value in ("true", "false"):
            yield CONDITION.sub(f"if {value} then", code, count=1)
    if "int(now_ms)" in code:
        for step in ("+ 1", "- 1"):
            yield code.replace("int(now_ms)", f"int(now_ms {step})")


def survives(client: redis.Redis, text: str, histories: list[Callable[[Twin], None]]) -> bool:
    """Whether every history goes well with this text. The one that does not moves to the front: it is likely to find the next."""
    script = Script(text)
    client.script_load(text)  # outside: a mutant that does not compile would prove nothing
    for number, history in enumerate(histories):
        twin = Twin(client, script, f"shw_{number:08}")
        try:
            history(twin)
            if history not in SCRIPT_ONLY:
                twin.compare()
        except (AssertionError, LogMismatch, redis.ResponseError, msgspec.MsgspecError, KeyError, TypeError, ValueError):
            histories.insert(0, histories.pop(number))
            return False
        finally:
            client.flushall()
    return True


def what_was_won_is_no_part_of_the_limit(twin: Twin) -> None:
    twin.call(fund("f1", quantity=4, per_buyer_max=1), open_lot("l1"), bid("b1", 100, "ann"))
    twin.tick(1000)
    twin.call(hold("h1", "ann"), release("r1", "l1"), hold("h2", "ann"))


def test_the_table_finds_every_changed_guard_and_every_lost_write(blocking: redis.Redis) -> None:
    text, seconds = "\n".join(source(name) for name in FILES), {}
    for history in (*AGREEING, *SCRIPT_ONLY, what_was_won_is_no_part_of_the_limit):
        started_s = time.perf_counter()
        assert survives(blocking, text, [history]), "it must pass before anything is mutated"
        seconds[history] = time.perf_counter() - started_s
    histories = sorted(seconds, key=lambda history: seconds[history])
    tried = list(mutants())
    guards = sum(source(name).count(GUARD) for name in FILES if name not in LOT_OPERATIONS)
    assert guards >= 60
    assert len(tried) >= 3 * guards
    alive = [mutant for mutant in tried if survives(blocking, mutant.text, histories)]
    assert not alive, "\n".join(f"{m.file}.lua:{m.line}: {m.before}  ->  {m.after or '(removed)'}" for m in alive)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  if a < b then -- guard: x", {"  if a <= b then", "  if true then", "  if false then"}),
        ("  redis.call('HSET', k, 'a', 1)", {""}),
        ("  local x = 1", set()),
        ("  local x = a + 1", {"  local x = a - 1"}),
        ("local MAX = 100 -- guard: x", {"local MAX = 101"}),
    ],
)
def test_a_line_is_changed_in_every_way_that_matters(line: str, expected: set[str]) -> None:
    assert set(changes(line)) == expected
