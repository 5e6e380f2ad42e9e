"""The HTML around every page: one head for all of them, made from what the page's modules need.

A page is a folder `static/<page>/` with `page.json`, `page.js` and, where the first picture must not wait for the script,
`body.html`. `static/shell.json` has what all pages share. The import map is the only inline script; it gets an entry for every
module of ours, so that browsers keep modules for ever and still see a new version at once, without a bundler.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

import msgspec

from server.http.module_graph import ModuleGraph

BRAND = "Efir"
LIGHT_PAGE, DARK_PAGE = "#f6f5f1", "#0c0d10"
"""Of `--page` in tokens.css: the device colours its own bars like the page."""


class PageSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`page.json`. `words`: catalogues of `static/locales/<language>/`, loaded before anything is drawn."""

    words: tuple[str, ...]
    first: str | None = None
    """A module to begin with before all others, by its name in the page's folder."""
    viewport: str = ""
    """More of the viewport meta element."""
    in_telegram: bool = False
    """Whether web.telegram.org may show it in a frame: what a viewer reaches from the player, which is a Mini App there."""


class ShellSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`shell.json`: the import map's names, and the style sheets of every page."""

    imports: dict[str, str]
    sheets: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """What there is to know of one page; `body` is HTML that the page takes over."""

    name: str
    spec: PageSpec
    body: str = ""

    @property
    def entry(self) -> str:
        """Address of the page's own module."""
        return f"/static/{self.name}/page.js"

    @property
    def first(self) -> str | None:
        """Address of the module that comes before."""
        return f"/static/{self.name}/{self.spec.first}" if self.spec.first else None


@dataclass(frozen=True)
class Face:
    """What others show of the page: link previews, search engines. `head` is further HTML of the head, already escaped."""

    title: str = BRAND
    head: str = ""


@dataclass(frozen=True)
class Rendered:
    """A page for one language: `script_hashes` go into the CSP."""

    body: bytes
    etag: str
    script_hashes: tuple[str, ...]


class Shell:
    """Makes pages out of one state of the browser's files."""

    def __init__(self, spec: ShellSpec, digests: Mapping[str, str], sources: Mapping[str, str]) -> None:
        """`digests` of every file and `sources` of every module, by address."""
        self._spec = spec
        self._digests = digests
        self._graph = ModuleGraph(sources, spec.imports)
        self._import_map = self._make_import_map()

    def render(self, page: Page, locale: str, face: Face) -> Rendered:
        """The page in a language."""
        html = "\n".join(
            [
                "<!doctype html>",
                f'<html lang="{locale}">',
                "<head>",
                *self._head(page, locale, face),
                "</head>",
                "<body>",
                f'<div id="app">{page.body}</div>',
                *self._late_sheets(page),
                "</body>",
                "</html>",
                "",
            ]
        )
        body = html.encode()
        return Rendered(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"', (_csp_hash(self._import_map),))

    def _head(self, page: Page, locale: str, face: Face) -> Iterable[str]:
        viewport = ", ".join(filter(None, ["width=device-width, initial-scale=1, viewport-fit=cover", page.spec.viewport]))
        yield '<meta charset="utf-8" />'
        yield f'<meta name="viewport" content="{viewport}" />'
        yield '<meta name="color-scheme" content="light dark" />'
        yield f"<title>{escape(face.title)}</title>"
        if face.head:
            yield face.head
        yield f'<link rel="icon" href="{self._versioned("/static/brand/mark.svg")}" type="image/svg+xml" />'
        yield f'<link rel="apple-touch-icon" href="{self._versioned("/static/brand/apple_touch_icon.png")}" />'
        # With the cookie, because the reader's language may stand there.
        yield '<link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials" />'
        yield f'<meta name="theme-color" content="{LIGHT_PAGE}" media="(prefers-color-scheme: light)" />'
        yield f'<meta name="theme-color" content="{DARK_PAGE}" media="(prefers-color-scheme: dark)" />'
        for sheet in [*self._spec.sheets, *self._sheets_at_once(page)]:
            yield f'<link rel="stylesheet" href="{self._versioned(sheet)}" />'
        yield f'<script type="importmap">{self._import_map}</script>'
        for name in page.spec.words:
            words = self._versioned(f"/static/locales/{locale}/{name}.ftl")
            yield f'<link rel="preload" as="fetch" crossorigin href="{words}" data-words="{name}" />'
        yield from self._scripts(page)

    def _scripts(self, page: Page) -> Iterable[str]:
        """All modules at once, instead of one generation of imports after the other; those of `first` before the others."""
        first = self._graph.at_once(page.first) if page.first else []
        if page.first:
            yield f'<script type="module" async src="{self._versioned(page.first)}"></script>'
        for module in first:
            if module != page.first:
                yield f'<link rel="modulepreload" href="{self._versioned(module)}" />'
        low = ' fetchpriority="low"' if first else ""
        for module in self._graph.at_once(page.entry):
            if module != page.entry and module not in first:
                yield f'<link rel="modulepreload" href="{self._versioned(module)}"{low} />'
        yield f'<script type="module" src="{self._versioned(page.entry)}"></script>'

    def _sheets_at_once(self, page: Page) -> list[str]:
        entries = [page.first, page.entry] if page.first else [page.entry]
        return [sheet for sheet in self._graph.sheets(self._graph.at_once(*entries)) if sheet not in self._spec.sheets]

    def _late_sheets(self, page: Page) -> Iterable[str]:
        """Sheets of what is fetched later stand at the end of the body: there they hold up nothing that comes before."""
        known = {*self._spec.sheets, *self._sheets_at_once(page)}
        for sheet in self._graph.sheets(self._graph.ever(page.entry)):
            if sheet not in known:
                yield f'<link rel="stylesheet" href="{self._versioned(sheet)}" />'

    def _make_import_map(self) -> str:
        imports = {name: self._versioned(target) for name, target in self._spec.imports.items()}
        # A module that is imported by its path gets the same address as one imported by name: two would be two instances.
        imports |= {url: self._versioned(url) for url in self._digests if url.endswith((".js", ".mjs")) and url not in imports}
        # "<" could end the script element.
        return msgspec.json.encode({"imports": dict(sorted(imports.items()))}).decode().replace("<", "\\u003c")

    def _versioned(self, url: str) -> str:
        digest = self._digests.get(url)
        return url if digest is None else f"{url}?v={digest}"


def _csp_hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
