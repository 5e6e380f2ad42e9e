"""Every text of the pages comes from the catalogues, in both languages, with nothing missing and nothing left over."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from schemas.errors import ERRORS
from tests.pages.test_sources import graph, module_text

STATIC = Path(__file__).parents[2] / "static"
LOCALES = ("en", "ru")

HOMONYMS = {"check-again", "following", "invite-label", "pin", "quantity", "share", "stage-title", "unpin", "variants"}
"""Messages of one page by whose names another page calls a tab, an icon, a field or a test id."""

OF_THE_DEVICE = {
    "offline",
    "camera_refused",
    "camera_missing",
    "camera_busy",
    "camera_insecure",
    "webrtc_missing",
    "microphone_missing",
}
"""Errors that no server sends: lib/errors.js, lib/devices.js and lib/whep.js make them."""


class Variables(Visitor):
    """Names of the variables of a message."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:
        self.names.add(node.id.name)


@cache
def catalogue(locale: str) -> dict[str, ast.Message]:
    messages = [message for name in names(locale) for message in messages_of(locale, name)]
    ids = [message.id.name for message in messages]
    assert len(ids) == len(set(ids)), "a message is there twice"
    return dict(zip(ids, messages, strict=True))


@cache
def messages_of(locale: str, name: str) -> list[ast.Message]:
    resource = FluentParser().parse((STATIC / "locales" / locale / f"{name}.ftl").read_text())
    junk = [entry.content for entry in resource.body if isinstance(entry, ast.Junk)]
    assert junk == []
    return [entry for entry in resource.body if isinstance(entry, ast.Message)]


def names(locale: str) -> list[str]:
    return sorted(path.stem for path in (STATIC / "locales" / locale).glob("*.ftl"))


@cache
def bundle(locale: str) -> FluentBundle:
    made = FluentBundle([locale], use_isolating=False)
    for name in names(locale):
        made.add_resource(FluentResource((STATIC / "locales" / locale / f"{name}.ftl").read_text()))
    return made


@cache
def scripts() -> dict[str, str]:
    folders = ["lib", "components", *sorted({path.parent.name for path in STATIC.glob("*/page.json")})]
    paths = [path for folder in folders for path in sorted((STATIC / folder).glob("*.js"))]
    return {str(path.relative_to(STATIC)): path.read_text() for path in paths}


def format_message(locale: str, message_id: str, **arguments: object) -> str:
    pattern = bundle(locale).get_message(message_id).value
    assert pattern is not None, message_id
    text, errors = bundle(locale).format_pattern(pattern, arguments)
    assert errors == []
    return str(text)


def test_both_languages_have_the_same_messages() -> None:
    assert names("en") == names("ru")
    for name in names("en"):
        assert [message.id.name for message in messages_of("en", name)] == [
            message.id.name for message in messages_of("ru", name)
        ]


def test_a_message_takes_the_same_variables_in_both_languages() -> None:
    def variables(locale: str) -> dict[str, set[str]]:
        found = {}
        for message_id, message in catalogue(locale).items():
            visitor = Variables()
            visitor.visit(message)
            found[message_id] = visitor.names
        return found

    assert variables("en") == variables("ru")


def test_every_message_that_the_code_asks_for_exists() -> None:
    asked = {(name, found) for name, text in scripts().items() for found in re.findall(r'\bt\("([^"]+)"', text)}
    assert len(asked) > 80
    assert [each for each in sorted(asked) if each[1] not in catalogue("en")] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_stands_for_itself(locale: str) -> None:
    """The pages read a message when they first show it (lib/fluent.js), and none that it would refer to."""
    texts = [(STATIC / "locales" / locale / f"{name}.ftl").read_text() for name in names(locale)]
    assert not re.search(r"^-|\{\s*-?[a-z]", "\n".join(texts), re.MULTILINE)
    begins = re.findall(r"^([a-z][\w-]*) =", "\n".join(texts), re.MULTILINE)
    assert sorted(begins) == sorted(catalogue(locale))


def test_no_message_is_left_over() -> None:
    literals = {found for text in scripts().values() for found in re.findall(r'"([a-z][a-z0-9-]+)"', text)}
    left = {
        message_id
        for message_id in catalogue("en")
        if message_id not in literals and not message_id.startswith(("error-", "face-"))
    }
    assert left == set()
    # Previews of links are the server's own words, one for each state of a show.
    assert {message.id.name for message in messages_of("en", "face")} == {
        f"face-{state}" for state in ("scheduled", "live", "ended")
    }


def test_every_error_has_a_text_and_every_error_text_an_error() -> None:
    texts = {message_id.removeprefix("error-") for message_id in catalogue("en") if message_id.startswith("error-")}
    assert texts == {error.name for error in ERRORS} | OF_THE_DEVICE


def test_the_device_errors_are_the_ones_that_the_code_makes() -> None:
    pattern = re.compile(r'"(camera_\w+|microphone_missing|webrtc_missing|offline)"')
    made = {found for text in scripts().values() for found in pattern.findall(text)}
    assert made == OF_THE_DEVICE


@pytest.mark.parametrize("page", sorted(path.parent.name for path in STATIC.glob("*/page.json")))
def test_a_page_loads_the_catalogues_of_its_words_and_no_others(page: str) -> None:
    listed = json.loads((STATIC / page / "page.json").read_text())["words"]
    home = {message.id.name: name for name in names("en") for message in messages_of("en", name)}
    modules = graph().ever(f"/static/{page}/page.js")
    used = {found for address in modules for found in re.findall(r'"([a-z][a-z0-9-]+)"', module_text(address)) if found in home}
    asked = {found for address in modules for found in re.findall(r'\bt\("([^"]+)"', module_text(address))}
    assert {home[each] for each in asked} <= set(listed)
    # A table may hold the name of a message for `t` to say.
    assert {each for each in used if home[each] not in listed} <= HOMONYMS
    # A literal may be a class or an icon by the same name; of a whole catalogue more than one would be asked for.
    assert set(listed) <= {home[each] for each in used} | {"common", "errors"}


def test_the_html_of_a_page_has_no_words() -> None:
    for body in STATIC.glob("*/body.html"):
        assert re.sub(r"<[^>]*>", "", body.read_text()).split() == []


def test_templates_have_no_words_of_their_own() -> None:
    # Text between tags that is not an expression: letters there would be a text that no catalogue has.
    found = [
        (name, text.strip())
        for name, source in scripts().items()
        for template in re.findall(r"html`([^`]*)`", source)
        for text in re.findall(r">([^<>$={}]*)<", template)
        if re.search(r"[A-Za-zА-Яа-яЁё]{2,}", text.replace("&nbsp;", ""))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "Осталась 1 штука"),
        (2, "Осталось 2 штуки"),
        (5, "Осталось 5 штук"),
        (11, "Осталось 11 штук"),
        (21, "Осталась 21 штука"),
    ],
)
def test_russian_counts_agree_with_their_nouns(count: int, text: str) -> None:
    assert format_message("ru", "stock-left", count=count) == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 товар"), (3, "3 товара"), (12, "12 товаров"), (101, "101 товар")])
def test_russian_items_are_counted_right(count: int, text: str) -> None:
    assert format_message("ru", "order-units", count=count) == text
