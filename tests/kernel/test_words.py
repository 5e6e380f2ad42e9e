"""What the server says to people."""

from pathlib import Path

import pytest
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

from server.http.application import STATIC_FOLDER
from server.kernel.words import LOCALES, Words

CATALOGUE = """# Of the page

first = One
  more line
# Of the second
second_one =
    Two { $what }
left = { $count ->
    [one] { $count } left, the last
   *[other] { $count } left
}, hurry
"""


def words(folder: Path, **catalogues: str) -> Words:
    for locale in LOCALES:
        (folder / locale).mkdir()
        for name, text in catalogues.items():
            (folder / locale / f"{name}.ftl").write_text(text, encoding="utf-8")
    return Words(folder)


def test_a_message_is_found_wherever_it_stands_and_however_often_it_is_asked_for(tmp_path: Path) -> None:
    made = words(tmp_path, a=CATALOGUE, b="third = =3")
    for _ in range(2):
        assert made.text("en", "left", {"count": 1}) == "1 left, the last, hurry"
        assert made.text("en", "second_one", {"what": "x"}) == "Two x"
        assert made.text("ru", "first") == "One\nmore line"
        assert made.text("ru", "third") == "=3"


def test_what_is_not_there_is_a_key_error(tmp_path: Path) -> None:
    made = words(tmp_path, a=CATALOGUE)
    with pytest.raises(KeyError):
        made.text("en", "fourth")
    with pytest.raises(KeyError):
        made.text("de", "first")


def test_a_parameter_that_is_missing_shows_as_its_name(tmp_path: Path) -> None:
    assert words(tmp_path, a=CATALOGUE).text("en", "second_one") == "Two what"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_of_the_pages_reads_as_if_all_were_parsed_together(locale: str) -> None:
    made = Words(STATIC_FOLDER / "locales")
    together = FluentBundle([locale], use_isolating=False)
    ids = []
    for catalogue in (STATIC_FOLDER / "locales" / locale).glob("*.ftl"):
        resource = FluentResource(catalogue.read_text(encoding="utf-8"))
        together.add_resource(resource)
        ids += [entry.id.name for entry in resource.body if isinstance(entry, ast.Message)]
    assert len(ids) > 500
    for message_id in ids:
        pattern = together.get_message(message_id).value
        assert pattern is not None
        assert made.text(locale, message_id) == together.format_pattern(pattern, {})[0]
