"""Icons as symbols of the page."""

from xml.etree import ElementTree

import pytest

from server.http.icons import FOLDER, drawn

EYE = """<!-- @license icons v1 - ISC -->
<svg
  class="lucide lucide-eye"
  xmlns="http://www.w3.org/2000/svg"
  width="24"
  height="24"
  viewBox="0 0 24 24"
  stroke-width="2"
>
  <path d="M2 12 a1 1" />
  <circle cx="12" cy="12" r="3" />
</svg>
"""
BELL = EYE.replace("eye", "bell").replace("M2 12 a1 1", "M1 1")
FILES = {f"{FOLDER}eye.svg": EYE, f"{FOLDER}bell.svg": BELL, f"{FOLDER}zap.svg": EYE, "/static/brand/mark.svg": EYE}


def test_the_icons_that_modules_name_become_symbols_and_no_others() -> None:
    text = drawn(['Icon name="eye"', 'const [icon] = ["bell", "eye"];', '"mark" "none" `zap` zap'], FILES)
    root = ElementTree.fromstring(text)
    assert root.attrib == {"display": "none"}
    assert [(symbol.tag, symbol.attrib) for symbol in root] == [
        ("symbol", {"id": "icon-bell", "viewBox": "0 0 24 24", "stroke-width": "2"}),
        ("symbol", {"id": "icon-eye", "viewBox": "0 0 24 24", "stroke-width": "2"}),
    ]
    assert [(child.tag, child.attrib) for child in root[1]] == [
        ("path", {"d": "M2 12 a1 1"}),
        ("circle", {"cx": "12", "cy": "12", "r": "3"}),
    ]


def test_the_licence_travels_with_them_once() -> None:
    assert drawn(['"eye" "bell"'], FILES).count("<!-- @license icons v1 - ISC -->") == 1


def test_a_page_without_icons_gets_nothing() -> None:
    assert drawn(['"none"', ""], FILES) == ""


def test_a_file_that_is_no_image_is_named() -> None:
    with pytest.raises(ValueError, match=r"icons/eye\.svg is no SVG image"):
        drawn(['"eye"'], {f"{FOLDER}eye.svg": "moved"})
