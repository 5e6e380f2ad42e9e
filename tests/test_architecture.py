"""The walls stand: each import rule catches a planted violation, and the README says what the code says."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from server.app import MODULES
from server.kernel.config import Settings
from server.map import MARK_BEGIN, MARK_END, render_map

ROOT = Path(__file__).resolve().parent.parent
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"

PLANTED = {
    "media knows the server": (
        "media/__init__.py",
        "import server.kernel.clock",
        "server may use media, both may use schemas, never the other way",
        "media is not allowed to import server",
    ),
    "the kernel knows a module": (
        "server/kernel/clock.py",
        "import server.modules.chat",
        "The server is layered; a new package must be placed in a layer",
        "server.kernel is not allowed to import server.modules",
    ),
    "a module knows another": (
        "server/modules/chat/module.py",
        "import server.modules.orders",
        "Modules never import each other",
        "server.modules.chat is not allowed to import server.modules.orders",
    ),
    "the ledger's rules read the clock": (
        "server/ledger/rules/stock.py",
        "import time",
        "Decision code does no I/O and reads no clock",
        "server.ledger.rules.stock -> time",
    ),
    "channels know the relay": (
        "server/channels/__init__.py",
        "import media",
        "Only the composition root imports media",
        "server.channels",
    ),
}
"""Per violation: the file and the line that is planted there, the contract that must break, and what it must say."""

STRAY = {
    "a package stands in no layer": ("server/helpers/__init__.py", "server.helpers"),
    "a module has a file of no kind": ("server/modules/chat/utils.py", "server.modules.chat.utils"),
}
"""Files that have no place; import-linter stops at the first contract that meets one."""


def configuration_table() -> str:
    """The table of every setting, as the README must have it."""
    rows = [
        f"| `{item.name.upper()}` | {f'`{item.default}`' if item.default else '–'} | {item.metadata['text']} |"
        for item in fields(Settings)
    ]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows])


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own packages and the import rules, in a folder of their own."""
    folder = tmp_path_factory.mktemp("tree")
    for package in ("server", "media", "schemas"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def report_of_violations(copy: Path) -> str:
    """What the import rules say when every violation is planted at once."""
    before = {path: (copy / path).read_text() for path, _, _, _ in PLANTED.values()}
    for path, line, _, _ in PLANTED.values():
        (copy / path).write_text(f"{before[path]}\n{line}\n")
    try:
        return lint_imports(copy)
    finally:
        for path, text in before.items():
            (copy / path).write_text(text)


def lint_imports(folder: Path) -> str:
    """Output of import-linter over the tree in `folder`, its spaces and line ends made single spaces."""
    environment = {"PYTHONPATH": str(folder), "COLUMNS": "300"}
    done = subprocess.run([LINT_IMPORTS], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return f"exit {done.returncode}: " + " ".join((done.stdout + done.stderr).split())


def test_the_tree_keeps_every_contract(copy: Path) -> None:
    report = lint_imports(copy)
    assert report.startswith("exit 0:"), report
    assert " 0 broken." in report, report


@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_caught(report_of_violations: str, violation: str) -> None:
    _, _, contract, complaint = PLANTED[violation]
    assert report_of_violations.startswith("exit 1:")
    assert f"{contract} BROKEN" in report_of_violations, report_of_violations
    assert complaint in report_of_violations, report_of_violations


@pytest.mark.parametrize("violation", STRAY)
def test_a_file_without_a_place_is_caught(copy: Path, violation: str) -> None:
    path, name = STRAY[violation]
    place = copy / path
    place.parent.mkdir(exist_ok=True)
    place.touch()
    try:
        report = lint_imports(copy)
    finally:
        place.unlink()
        if place.name == "__init__.py":
            place.parent.rmdir()
    assert report.startswith("exit 1:"), report
    assert name in report, report


def test_the_readme_lists_every_setting() -> None:
    readme = (ROOT / "README.md").read_text()
    assert configuration_table() in readme, "put this table into README.md:\n" + configuration_table()


def test_the_readme_shows_the_map_of_the_modules() -> None:
    readme = (ROOT / "README.md").read_text()
    shown = readme.partition(MARK_BEGIN)[2].partition(MARK_END)[0].strip()
    assert shown == render_map(MODULES), "put the output of `python -m server map` between the marks in README.md"


def test_the_readme_shows_only_pictures_that_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme):
        assert (ROOT / picture).is_file(), picture


def test_every_goal_of_the_makefile_that_the_readme_names_exists() -> None:
    goals = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert {"run", "test"} <= named <= goals


def test_the_procfile_starts_the_three_roles() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert [line.split(": ", 1) for line in lines] == [
        [role, f".venv/bin/python -m server {role}"] for role in ("web", "media", "worker")
    ]
