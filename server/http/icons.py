"""The icons of a page, drawn once in its HTML: wherever one is shown, the page refers to it (SVG 2 §5.5, `use`).

An image for each icon would be a request for each, and to browsers every SVG image is a document of its own.
"""

import re
from collections.abc import Iterable, Mapping

FOLDER = "/static/vendor/icons/"

_LITERAL = re.compile(r'"([a-z][a-z0-9-]*)"')
_FILE = re.compile(r"<svg\b([^>]*)>(.*)</svg>", re.DOTALL)
_OF_AN_IMAGE = re.compile(r'\s(?:class|xmlns|width|height)="[^"]*"')
_LICENCE = re.compile(r"<!--.*?-->", re.DOTALL)
_BETWEEN = re.compile(r"\s+(?=[</])|(?<=>)\s+")


def drawn(modules: Iterable[str], sources: Mapping[str, str]) -> str:
    """The icons that the texts of a page's modules name, as symbols with the ids `icon-<name>`; nothing where there are none.

    Sources are the files of `FOLDER` by address. A word that happens to be an icon's name costs a symbol that nobody shows.
    """
    named = {name for module in modules for name in _LITERAL.findall(module)}
    files = {name: text for name in sorted(named) if (text := sources.get(f"{FOLDER}{name}.svg"))}
    if not files:
        return ""
    licences = dict.fromkeys(licence for text in files.values() for licence in _LICENCE.findall(text))
    symbols = [_symbol(name, text) for name, text in files.items()]
    return "\n".join(['<svg display="none">', *licences, *symbols, "</svg>"])


def _symbol(name: str, text: str) -> str:
    found = _FILE.search(text)
    if found is None:
        raise ValueError(f"{FOLDER}{name}.svg is no SVG image")
    attributes = " ".join(_OF_AN_IMAGE.sub("", found[1]).split())
    return f'<symbol id="icon-{name}" {attributes}>{_BETWEEN.sub(" ", found[2]).strip()}</symbol>'.replace("> <", "><")
