"""House rules that no linter knows, checked in every file; and each rule is shown to catch what it forbids."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
BROWSER_FILE_LINES_MAX = 300

TOO_LONG: frozenset[str] = frozenset()
"""Files, or `file:function`, that are longer than allowed since before the rule. Entries may be removed, never added."""

MIGRATIONS = "server/store/migrations/versions/"
"""A migration is a list of tables and columns; it is never read as a whole, and never changed."""

PRODUCT = ("server", "media", "schemas")
CLOCK_CALLS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.datetime.now", "date.today"}
TASK_CALLS = {"asyncio.create_task", "asyncio.ensure_future", "loop.create_task", "asyncio.get_running_loop().create_task"}
QUEUES = {"asyncio.Queue", "asyncio.LifoQueue", "asyncio.PriorityQueue", "queue.Queue", "Queue"}
ENVIRONMENT = {"os.environ", "os.getenv", "os.environb"}


class Source(NamedTuple):
    """A Python file: its path from the root of the repository, text and syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def is_product(self) -> bool:
        return self.path.split("/")[0] in PRODUCT


Complaints = Iterator[tuple[int, str]]
"""Line number, and what the writer should do."""


def source(path: str, text: str) -> Source:
    return Source(path, text, ast.parse(text))


def file_is_not_too_long(file: Source) -> Complaints:
    lines = file.text.count("\n")
    if lines > FILE_LINES_MAX and file.path not in TOO_LONG:
        yield 1, f"{lines} lines; split it into a package of the same name"


def functions_fit_on_a_screen(file: Source) -> Complaints:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            listed = f"{file.path}:{node.name}" in TOO_LONG or file.path.startswith(MIGRATIONS)
            if length > FUNCTION_LINES_MAX and not listed:
                yield node.lineno, f"{node.name} has {length} lines; split it: branches up, loops down"


def only_the_clock_reads_the_clock(file: Source) -> Complaints:
    if file.is_product and file.path != "server/kernel/clock.py":
        for call, name in _calls(file.tree):
            if name in CLOCK_CALLS:
                yield call.lineno, f"{name}: take now_ms or the injected Clock"


def every_task_has_an_owner(file: Source) -> Complaints:
    if file.is_product and file.path != "server/kernel/tasks.py":
        for call, name in _calls(file.tree):
            if name in TASK_CALLS or name.endswith((".create_task", ".ensure_future")):
                yield call.lineno, f"{name}: use the supervised group"


def every_queue_has_a_limit(file: Source) -> Complaints:
    if file.is_product:
        for call, name in _calls(file.tree):
            if name in QUEUES and not call.args and not any(word.arg == "maxsize" for word in call.keywords):
                yield call.lineno, f"{name}: give maxsize, and say what happens when it is full"


def settings_are_read_once(file: Source) -> Complaints:
    if file.is_product and file.path != "server/kernel/config.py":
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ENVIRONMENT:
                yield node.lineno, f"{ast.unparse(node)}: add a field to Settings"


def no_error_is_swallowed(file: Source) -> Complaints:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and isinstance(node.body[0], ast.Pass | ast.Continue):
            yield node.lineno, "catch what you expect, or log it and say why going on is right"


def nothing_is_left_unfinished(file: Source) -> Complaints:
    for number, line in enumerate(file.text.splitlines(), 1):
        if re.search(r"\b(FIX" + r"ME|TO" + r"DO|X" + r"XX)\b", line):
            yield number, "finish it"


def no_test_is_switched_off(file: Source) -> Complaints:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("pytest.mark.skip", "pytest.mark.xfail"):
            yield node.lineno, "repair the test, or remove it"


def a_file_says_what_it_is(file: Source) -> Complaints:
    if file.is_product and file.tree.body and ast.get_docstring(file.tree) is None:
        yield 1, "begin with a docstring that says in one sentence what the file is"


def tables_carry_their_owners_name(file: Source) -> Complaints:
    owner = re.match(r"server/(?:modules/)?(\w+)/tables\.py$", file.path)
    if owner is None:
        return
    for call, name in _calls(file.tree):
        if name == "Table" and call.args and isinstance(call.args[0], ast.Constant):
            table = str(call.args[0].value)
            if not table.startswith(f"{owner[1]}_"):
                yield call.lineno, f"table {table}: begin its name with {owner[1]}_"


RULES: tuple[Callable[[Source], Complaints], ...] = (
    file_is_not_too_long,
    functions_fit_on_a_screen,
    only_the_clock_reads_the_clock,
    every_task_has_an_owner,
    every_queue_has_a_limit,
    settings_are_read_once,
    no_error_is_swallowed,
    nothing_is_left_unfinished,
    no_test_is_switched_off,
    a_file_says_what_it_is,
    tables_carry_their_owners_name,
)

VIOLATIONS: dict[Callable[[Source], Complaints], tuple[str, str]] = {
    file_is_not_too_long: ("server/long.py", "x = 1\n" * (FILE_LINES_MAX + 1)),
    functions_fit_on_a_screen: ("server/long.py", "def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX),
    only_the_clock_reads_the_clock: ("media/node.py", "import time\nnow = time.time()\n"),
    every_task_has_an_owner: ("server/app.py", "import asyncio\nasyncio.create_task(f())\n"),
    every_queue_has_a_limit: ("media/node.py", "import asyncio\nasyncio.Queue()\n"),
    settings_are_read_once: ("server/app.py", "import os\nx = os.environ['A']\n"),
    no_error_is_swallowed: ("server/app.py", "try:\n    f()\nexcept Exception:\n    pass\n"),
    nothing_is_left_unfinished: ("server/app.py", "# TO" + "DO later\n"),
    no_test_is_switched_off: ("tests/test_x.py", "@pytest.mark.skip\ndef test_x(): ...\n"),
    a_file_says_what_it_is: ("server/app.py", "x = 1\n"),
    tables_carry_their_owners_name: ("server/modules/chat/tables.py", "Table('orders_lines', METADATA)\n"),
}

LAWFUL = '''"""A file that keeps every rule."""

import asyncio

WAITING_MAX = 10


async def run(clock, tasks):
    queue = asyncio.Queue(maxsize=WAITING_MAX)
    tasks.start(queue.join(), "join")
    try:
        return clock.now_ms()
    except Exception:
        raise
'''


@cache
def python_files() -> list[Source]:
    places = [path for folder in (*PRODUCT, "loadtests", "tests", ".ci") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [source(str(path.relative_to(ROOT)), path.read_text()) for path in places]


def browser_files() -> list[Path]:
    ours = (path for path in sorted((ROOT / "static").rglob("*")) if path.suffix in (".js", ".html", ".mjs"))
    return [path for path in ours if not {"vendor", "vendor.new", "node_modules"} & set(path.relative_to(ROOT).parts)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: Callable[[Source], Complaints]) -> None:
    found = [f"{file.path}:{line}: {text}" for file in python_files() for line, text in rule(file)]
    assert found == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_catches_what_it_forbids_and_nothing_else(rule: Callable[[Source], Complaints]) -> None:
    path, text = VIOLATIONS[rule]
    assert list(rule(source(path, text)))
    assert list(rule(source("server/lawful.py", LAWFUL))) == []


def test_the_list_of_long_functions_names_only_what_is_still_too_long() -> None:
    by_path = {file.path: file for file in python_files()}
    for entry in TOO_LONG:
        path, _, function = entry.partition(":")
        lengths = _function_lengths(by_path[path].tree)
        assert lengths[function] > FUNCTION_LINES_MAX if function else by_path[path].text.count("\n") > FILE_LINES_MAX, entry


def test_browser_code_writes_text_and_takes_its_time_from_the_server() -> None:
    found = []
    for path in browser_files():
        name = str(path.relative_to(ROOT))
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write\(|dangerouslySetInnerHTML", line):
                found.append(f"{name}:{number}: use textContent or the template, never markup from a string")
            if "Date.now(" in line and name != "static/lib/clock.js":
                found.append(f"{name}:{number}: use the server's clock of lib/clock.js")
    assert found == []


def test_browser_files_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in browser_files()}
    assert {name: lines for name, lines in lengths.items() if lines > BROWSER_FILE_LINES_MAX} == {}


def test_no_lock_file_names_a_registry() -> None:
    locks = [*sorted((ROOT / ".ci" / "lock").iterdir()), ROOT / "static" / "package-lock.json"]
    assert len(locks) > 4
    # Funding and licence links are not where packages come from; a `resolved` address or an index option is.
    for lock in locks:
        assert not re.search(r'"resolved"|--(extra-)?index-url|--find-links|@ (https?|file):', lock.read_text()), lock


def test_every_locked_package_has_its_hash() -> None:
    for lock in sorted((ROOT / ".ci" / "lock").glob("*.txt")):
        entries = re.split(r"\n(?=\S)", lock.read_text())
        assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == [], lock


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")


def _function_lengths(tree: ast.Module) -> dict[str, int]:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
