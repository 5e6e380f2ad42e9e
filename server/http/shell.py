"""The HTML around every page: one head for all of them, made from what the page's modules need.

A page is a folder `static/<page>/` with `page.json`, `page.js` and, where the first picture must not wait for the script,
`body.html`. `static/shell.json` has what all pages share. The import map is the only inline script; it gets an entry for every
module of ours, so that browsers keep modules for ever and still see a new version at once. What a page needs at once comes in few
files (`joined.py`); what it needs later comes one by one.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath

import msgspec

from server.http.icons import drawn
from server.http.joined import Joined, join
from server.http.module_graph import ModuleGraph
from server.http.static_files import TYPES
from server.kernel.words import LOCALES

BRAND = "Efir"
COMBINED = "/combined/"
FIRST_SHEET, LATER_SHEET = "first.css", "later.css"
FIRST_MODULES, PAGE_MODULES = "first.js", "page.js"
MODULES = (".js", ".mjs")
LIGHT_PAGE, DARK_PAGE = "#f6f5f1", "#0c0d10"
"""Of `--page` in tokens.css: the device colours its own bars like the page."""


class PageSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`page.json`. `words`: catalogues of `static/locales/<language>/`, loaded before anything is drawn."""

    words: tuple[str, ...]
    first: str | None = None
    """A module to begin with before all others, by its name in the page's folder."""
    viewport: str = ""
    """More of the viewport meta element."""
    ask: str = ""
    """What the page asks the server first, with `{subject}` in it: asked while its modules are still being fetched."""
    in_telegram: bool = False
    """Whether web.telegram.org may show it in a frame: what a viewer reaches from the player, which is a Mini App there."""
    embedded: bool = False
    """Whether sites of `EMBED_ORIGINS` may show it in a frame: the player, and what a purchase needs within it."""


class ShellSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`shell.json`: the import map's names, the style sheets of every page, and the fonts of each language."""

    imports: dict[str, str]
    sheets: tuple[str, ...]
    fonts: dict[str, tuple[str, ...]] = {}


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
    """A page as it is sent: `script_hashes` go into the CSP."""

    body: bytes
    etag: str
    script_hashes: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A page in a language, all but its face: that alone differs from request to request."""

    before: str
    after: str
    script_hashes: tuple[str, ...]

    def show(self, face: Face, ask: str = "") -> Rendered:
        """The page with its face. `ask` is an address that the script will fetch first, so that it is on its way already."""
        asked = f'<link rel="preload" as="fetch" crossorigin href="{escape(ask)}" />' if ask else ""
        head = "\n".join(filter(None, [f"<title>{escape(face.title)}</title>", face.head, asked]))
        body = f"{self.before}{head}\n{self.after}".encode()
        return Rendered(body, f'"{_digest(body)}"', self.script_hashes)


@dataclass(frozen=True)
class Combined:
    """Several files as one."""

    body: bytes
    media_type: str
    digest: str


class Shell:
    """Makes pages out of one state of the browser's files."""

    def __init__(self, spec: ShellSpec, digests: Mapping[str, str], sources: Mapping[str, str]) -> None:
        """`digests` of every file, and `sources` of every module, style sheet, catalogue and icon, by address."""
        self._spec = spec
        self._digests = digests
        self._sources = sources
        self._graph = ModuleGraph({url: text for url, text in sources.items() if url.endswith(MODULES)}, spec.imports)
        self.made: dict[tuple[str, str], Combined] = {}
        """What `combined` has made already, by page and name."""
        self._joined: dict[str, dict[str, Joined]] = {}

    def draft(self, page: Page, locale: str) -> Draft:
        """The page in a language, waiting for its face."""
        viewport = ", ".join(filter(None, ["width=device-width, initial-scale=1, viewport-fit=cover", page.spec.viewport]))
        before = [
            "<!doctype html>",
            f'<html lang="{locale}">',
            "<head>",
            '<meta charset="utf-8" />',
            f'<meta name="viewport" content="{viewport}" />',
            '<meta name="color-scheme" content="light dark" />',
            "",
        ]
        after = [
            *self._links(page, locale),
            *self._scripts(page),
            "</head>",
            "<body>",
            f'<div id="app">{page.body}</div>',
            drawn((self._sources[module] for module in self._modules_ever(page)), self._sources),
            *self._later_link(page),
            "</body>",
            "</html>",
            "",
        ]
        return Draft("\n".join(before), "\n".join(after), (_csp_hash(self._import_map(page)),))

    def combined(self, page: Page, name: str) -> Combined:
        """What a page fetches in one piece: style sheets (`first.css`, `later.css`), words (`en.ftl`), modules (`page.js`).

        Raises:
            KeyError: a page has nothing of this name.
        """
        if (page.name, name) not in self.made:
            text = self._text(page, name)
            self.made[page.name, name] = Combined(text.encode(), TYPES[PurePosixPath(name).suffix], _digest(text.encode()))
        return self.made[page.name, name]

    def _text(self, page: Page, name: str) -> str:
        if joined := self._modules(page).get(name):
            return joined.text
        return "\n".join(self._sources[address] for address in self._parts(page, name) if address in self._sources)

    def _modules(self, page: Page) -> dict[str, Joined]:
        """Files of modules by their names."""
        if page.name not in self._joined:
            first = self._graph.at_once(page.first) if page.first else []
            others = [address for address in self._graph.at_once(page.entry) if address not in first]
            made = {
                name: join(self._graph, self._sources, each) for name, each in ((FIRST_MODULES, first), (PAGE_MODULES, others))
            }
            self._joined[page.name] = {name: joined for name, joined in made.items() if joined.modules}
        return self._joined[page.name]

    def _parts(self, page: Page, name: str) -> list[str]:
        if name == FIRST_SHEET:
            return [*self._spec.sheets, *self._sheets_at_once(page)]
        if name == LATER_SHEET:
            return self._later_sheets(page)
        locale, _, suffix = name.partition(".")
        if suffix != "ftl" or locale not in LOCALES:
            raise KeyError(name)
        return [f"/static/locales/{locale}/{words}.ftl" for words in page.spec.words]

    def _links(self, page: Page, locale: str) -> Iterable[str]:
        yield f'<link rel="icon" href="{self._versioned("/static/brand/mark.svg")}" type="image/svg+xml" />'
        yield f'<link rel="apple-touch-icon" href="{self._versioned("/static/brand/apple_touch_icon.png")}" />'
        # With the cookie, because the reader's language may stand there.
        yield '<link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials" />'
        yield f'<meta name="theme-color" content="{LIGHT_PAGE}" media="(prefers-color-scheme: light)" />'
        yield f'<meta name="theme-color" content="{DARK_PAGE}" media="(prefers-color-scheme: dark)" />'
        yield f'<link rel="stylesheet" href="{self._address(page, FIRST_SHEET)}" />'
        # There before the first text is drawn, which would be drawn again; its address is the one that the style sheet names.
        for font in self._spec.fonts.get(locale, ()):
            yield f'<link rel="preload" as="font" type="font/woff2" crossorigin href="{font}" fetchpriority="low" />'
        # Before any module: a map that comes later is too late for those that have begun to load (HTML §8.1.6.2).
        yield f'<script type="importmap">{self._import_map(page)}</script>'
        yield f'<link rel="preload" as="fetch" crossorigin href="{self._address(page, f"{locale}.ftl")}" data-words="{locale}" />'
        for other in LOCALES:
            if other != locale:
                # Fetched when the reader changes the language; browsers do nothing with a relation that they do not know.
                yield f'<link rel="words" href="{self._address(page, f"{other}.ftl")}" data-words="{other}" />'

    def _scripts(self, page: Page) -> Iterable[str]:
        """All modules at once, instead of one generation of imports after the other; those of `first` before the others."""
        first = self._files(page, page.first) if page.first else []
        if page.first:
            yield f'<script type="module" async src="{self._file(page, page.first)}"></script>'
            yield from (f'<link rel="modulepreload" href="{file}" />' for file in first if file != self._file(page, page.first))
        low = ' fetchpriority="low"' if first else ""
        entry = self._file(page, page.entry)
        for file in self._files(page, page.entry):
            if file != entry and file not in first:
                yield f'<link rel="modulepreload" href="{file}"{low} />'
        yield f'<script type="module" src="{entry}"></script>'

    def _files(self, page: Page, entry: str) -> list[str]:
        """Where the modules come from that are needed at once."""
        return list(dict.fromkeys(self._file(page, module) for module in self._graph.at_once(entry)))

    def _file(self, page: Page, module: str) -> str:
        """Where a module comes from: a file of several, or its own."""
        held = (name for name, joined in self._modules(page).items() if module in joined.modules)
        return next((self._address(page, name) for name in held), self._versioned(module))

    def _modules_ever(self, page: Page) -> list[str]:
        return self._graph.ever(*filter(None, [page.first, page.entry]))

    def _sheets_at_once(self, page: Page) -> list[str]:
        entries = [page.first, page.entry] if page.first else [page.entry]
        return [sheet for sheet in self._graph.sheets(self._graph.at_once(*entries)) if sheet not in self._spec.sheets]

    def _later_sheets(self, page: Page) -> list[str]:
        known = {*self._spec.sheets, *self._sheets_at_once(page)}
        return [sheet for sheet in self._graph.sheets(self._graph.ever(page.entry)) if sheet not in known]

    def _later_link(self, page: Page) -> Iterable[str]:
        """Sheets of what is fetched later stand at the end of the body: there they hold up nothing that comes before."""
        if self._later_sheets(page):
            yield f'<link rel="stylesheet" href="{self._address(page, LATER_SHEET)}" />'

    def _import_map(self, page: Page) -> str:
        imports = {name: self._file(page, target) for name, target in self._spec.imports.items()}
        # A module that is imported by its path gets the same address as one imported by name: two would be two instances.
        imports |= {url: self._file(page, url) for url in self._modules_ever(page) if url not in imports}
        # "<" could end the script element.
        return msgspec.json.encode({"imports": dict(sorted(imports.items()))}).decode().replace("<", "\\u003c")

    def _address(self, page: Page, name: str) -> str:
        return f"{COMBINED}{page.name}/{name}?v={self.combined(page, name).digest}"

    def _versioned(self, url: str) -> str:
        digest = self._digests.get(url)
        return url if digest is None else f"{url}?v={digest}"


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def _csp_hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
