"""The manifests are true: what a module says it owns, consumes, emits, answers and serves is what its files do."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from sqlalchemy import Table

import schemas.events
import server.modules
from schemas.base import Event, event_topic, event_type
from server.kernel.module import Module
from server.store.metadata import METADATA

ROOT = Path(server.modules.__path__[0])
TEMPLATE = {"module", "rules", "channel", "handlers", "routes", "store", "tables", "jobs", "adapters"}
OUTSIDE_EMITTERS = {"ledger", "media"}
"""Topics whose facts come from a part of the server that is not a module."""

ONLY_COUNTED = {"reactions"}
"""Kinds of channels whose commands leave nothing behind but a total."""

NAMES = sorted(found.name for found in pkgutil.iter_modules([str(ROOT)]))
MODULES: dict[str, Module] = {name: importlib.import_module(f"server.modules.{name}.module").MODULE for name in NAMES}


def events_of(topic: str) -> list[type[Event]]:
    """Every event that `schemas/events/<topic>.py` defines."""
    module = importlib.import_module(f"schemas.events.{topic}")
    return [thing for thing in vars(module).values() if is_event(thing, module)]


def is_event(thing: object, module: ModuleType) -> bool:
    return (
        isinstance(thing, type)
        and issubclass(thing, Event)
        and thing.__module__ == module.__name__
        and isinstance(thing.__struct_config__.tag, str)
        and "." in thing.__struct_config__.tag
    )


ALL_EVENTS = [event for found in pkgutil.iter_modules(schemas.events.__path__) for event in events_of(found.name)]


def sources(name: str) -> list[Path]:
    return sorted((ROOT / name).rglob("*.py"))


def tables_named_in(path: Path) -> set[str]:
    """Names of tables of ours that occur in a file's strings: in SQL, in foreign keys, in table definitions."""
    known = set(METADATA.tables)
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= known & set(re.findall(r"[a-z]+_[a-z_]+", node.value))
    return found


def docstring_lines(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return set((ast.get_docstring(tree) or "").splitlines())


def test_there_are_modules() -> None:
    assert len(NAMES) >= 5
    assert all(MODULES[name].name == name for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_module_has_only_the_files_of_the_template(name: str) -> None:
    folder = ROOT / name
    tops = {path.relative_to(folder).parts[0].removesuffix(".py") for path in sources(name)}
    assert tops - {"__init__"} <= TEMPLATE
    assert "module" in tops
    assert (folder / "__init__.py").read_text() == "", "importing rules must not import routes"


@pytest.mark.parametrize("name", NAMES)
def test_a_module_names_only_its_own_tables(name: str) -> None:
    foreign = {
        (path.name, table) for path in sources(name) for table in tables_named_in(path) if not table.startswith(f"{name}_")
    }
    assert not foreign


@pytest.mark.parametrize("name", NAMES)
def test_the_card_lists_exactly_the_tables_that_the_module_owns(name: str) -> None:
    owned = {table for table in METADATA.tables if table.startswith(f"{name}_")}
    defined = set()
    if (ROOT / name / "tables.py").exists():
        tables = importlib.import_module(f"server.modules.{name}.tables")
        defined = {thing.name for thing in vars(tables).values() if isinstance(thing, Table)}
    assert owned == defined
    card = ast.get_docstring(ast.parse((ROOT / name / "module.py").read_text())) or ""
    (listed,) = re.findall(r"^Owns (.*?)^Decides ", card, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"[a-z]+_[a-z_]+", listed)) == owned


@pytest.mark.parametrize("name", NAMES)
def test_the_card_says_what_the_module_decides_and_promises(name: str) -> None:
    lines = docstring_lines(ROOT / name / "module.py")
    for word in ("Decides ", "Promises "):
        assert any(line.startswith(word) for line in lines), word


@pytest.mark.parametrize("event", ALL_EVENTS, ids=event_type)
def test_an_event_is_named_after_the_file_that_defines_it(event: type[Event]) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.v[0-9]+", event_type(event))
    assert event.__module__ == f"schemas.events.{event_topic(event)}"
    assert event.SUBJECT in {field.name for field in msgspec.structs.fields(event)}


def test_every_event_type_exists_once() -> None:
    assert [name for name, times in Counter(event_type(event) for event in ALL_EVENTS).items() if times > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_module_emits_only_events_of_its_own_file(name: str) -> None:
    own = events_of(name) if importlib.util.find_spec(f"schemas.events.{name}") else []
    assert set(MODULES[name].emits) <= set(own)
    recorded = {event for kind in MODULES[name].channels for event in kind.emits}
    assert recorded <= set(MODULES[name].emits)


@pytest.mark.parametrize("name", NAMES)
def test_a_module_constructs_exactly_the_events_that_it_emits(name: str) -> None:
    own = {event.__name__ for event in events_of(name)} if importlib.util.find_spec(f"schemas.events.{name}") else set()
    made = set()
    for path in sources(name):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in own:
                made.add(node.func.id)
    assert made == {event.__name__ for event in MODULES[name].emits}


@pytest.mark.parametrize("name", NAMES)
def test_every_consumed_event_has_an_emitter(name: str) -> None:
    emitted = {event for module in MODULES.values() for event in module.emits}
    for entry in MODULES[name].consumes:
        assert entry.event in emitted or event_topic(entry.event) in OUTSIDE_EMITTERS, event_type(entry.event)
    consumed = Counter(event_type(entry.event) for entry in MODULES[name].consumes)
    assert not consumed or max(consumed.values()) == 1, "one module, one handler per event"


def test_every_question_asked_has_exactly_one_answerer() -> None:
    answerers = Counter(entry.request for module in MODULES.values() for entry in module.answers)
    asked = {question for module in MODULES.values() for question in module.asks}
    assert asked <= set(answerers)
    assert set(answerers.values()) <= {1}
    for module in MODULES.values():
        for entry in module.answers:
            assert entry.request.__module__ == f"schemas.requests.{module.name}"


@pytest.mark.parametrize("name", NAMES)
def test_a_module_asks_exactly_what_it_declares(name: str) -> None:
    asked = set()
    for path in sources(name):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ask":
                (question,) = node.args
                assert isinstance(question, ast.Call), f"{path}: make the question where it is asked"
                assert isinstance(question.func, ast.Name)
                asked.add(question.func.id)
    assert asked == {question.__name__ for question in MODULES[name].asks}


@pytest.mark.parametrize("name", NAMES)
def test_a_module_uses_exactly_the_ports_that_it_declares(name: str) -> None:
    used = set()
    for path in sources(name):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "port":
                (kind,) = node.args
                assert isinstance(kind, ast.Name)
                used.add(kind.id)
    assert used == {kind.__name__ for kind in MODULES[name].ports}


@pytest.mark.parametrize("name", NAMES)
def test_routes_start_with_the_name_of_their_module(name: str) -> None:
    routes = MODULES[name].routes
    for route in routes:
        assert route.path == f"/api/{name}" or route.path.startswith(f"/api/{name}/"), route.path
        assert route.summary
        assert route.method != "GET" or route.body is None
    assert len({(route.method, route.path) for route in routes}) == len(routes)


def test_a_channel_kind_has_one_module() -> None:
    names = Counter(kind.name for module in MODULES.values() for kind in module.channels)
    assert set(names.values()) == {1}
    for module in MODULES.values():
        for kind in module.channels:
            recorded = bool(kind.emits) or kind.transactional or kind.name in ONLY_COUNTED
            assert (kind.command is not None) == recorded, "what people say is recorded"


@pytest.mark.parametrize("name", NAMES)
def test_jobs_have_names_of_their_own(name: str) -> None:
    jobs = MODULES[name].jobs
    assert len({job.name for job in jobs}) == len(jobs)
    assert all(job.every_ms >= 100 for job in jobs), "more often is an event, not a job"


@pytest.mark.parametrize("name", NAMES)
def test_questions_to_all_are_those_of_accounts(name: str) -> None:
    for entry in MODULES[name].contributes:
        assert entry.request.__module__ == "schemas.requests.accounts"
