"""The HTML pages: the page's shell in the reader's language, and a strict CSP.

`/` is `static/start`, `/<page>/` and `/<page>/{subject}` are `static/<page>`.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.http.compression import Compressed
from server.http.faces import Faces
from server.http.icons import FOLDER as ICONS
from server.http.problem import not_found_response
from server.http.routing import Methods
from server.http.shell import BRAND, COMBINED, MODULES, Draft, Face, Page, PageSpec, Rendered, Shell, ShellSpec
from server.http.static_files import FOR_EVER, Asset, Assets, etag_matches
from server.kernel.words import LOCALES

START = "start"
PROBLEM = "problem"
IN_TELEGRAM = "'self' https://web.telegram.org"
EMBEDDED = "embed"
"""In the query of a page that a frame on another site asks for. Only then that site may show it, and the page never takes such a
frame for Telegram's."""
WITH_CAMERA = frozenset({"studio", "guest"})

T = TypeVar("T")

_ID = re.compile(r"[a-z]{3}_[0-9a-f]{32}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")


@dataclass(frozen=True)
class _Made:
    """What was made from one state of the files."""

    assets: Mapping[str, Asset]
    shell: Shell
    pages: Mapping[str, Page]
    drafts: dict[tuple[str, str], Draft]
    """At most pages × languages entries."""


class Pages:
    """The routes of all pages."""

    def __init__(self, assets: Assets, origin: str, faces: Faces, embed_origins: Sequence[str] = ()) -> None:
        """`embed_origins`: sites that may show pages in frames, or `*`."""
        self._embed_origins = embed_origins
        self._assets = assets
        self._faces = faces
        self._origin = origin
        self._compressed = Compressed()
        self._made: _Made | None = None
        self._making = asyncio.Lock()

    def routes(self) -> list[Route]:
        """The pages that exist when the server starts."""
        routes = []
        for spec in sorted(self._assets.folder.glob("*/page.json")):
            page = spec.parent.name
            show = self._operation(page)
            if page == START:
                routes.append(Route("/", Methods("/", {"GET": show})))
                continue
            routes.append(Route(f"/{page}", Methods(f"/{page}", {"GET": _with_slash})))
            routes.append(Route(f"/{page}/", Methods(f"/{page}/", {"GET": show})))
            routes.append(Route(f"/{page}/{{subject}}", Methods(f"/{page}/{{subject}}", {"GET": show})))
        combined = f"{COMBINED}{{page}}/{{name}}"
        routes.append(Route(combined, Methods(combined, {"GET": self._combined})))
        routes.append(Route("/sitemap.xml", Methods("/sitemap.xml", {"GET": self._sitemap})))
        routes.append(Route("/robots.txt", Methods("/robots.txt", {"GET": self._robots})))
        return routes

    async def _combined(self, request: Request) -> Response:
        """Style sheets or words of a page, in one piece."""
        made = await self._current()
        page, name = request.path_params["page"], request.path_params["name"]
        try:
            found = await self._once(made.shell.made, (page, name), lambda: made.shell.combined(made.pages[page], name))
        except KeyError:
            return not_found_response()
        keep = FOR_EVER if request.query_params.get("v") == found.digest else "no-cache"
        headers = {"cache-control": keep, "etag": f'"{found.digest}"', "vary": "Accept-Encoding"}
        if etag_matches(request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=304, headers=headers)
        coded = await self._compressed.answer(request, found.digest, lambda: found.body, headers, found.media_type)
        return coded or Response(found.body, headers=headers, media_type=found.media_type)

    async def _sitemap(self, request: Request) -> Response:
        return Response(await self._faces.sitemap(), headers={"cache-control": "no-cache"}, media_type="application/xml")

    async def _robots(self, request: Request) -> Response:
        return Response(self._faces.robots(), headers={"cache-control": "no-cache"}, media_type="text/plain")

    def _operation(self, page: str) -> "_Page":
        return _Page(self, page)

    async def respond(self, request: Request, page: str) -> Response:
        """The page in the language of the request."""
        locale = self._locale(request)
        try:
            draft = await self.draft(page, locale)
            spec = (await self._current()).pages[page].spec
        except KeyError:
            return not_found_response()
        subject = request.path_params.get("subject", "")
        ask = spec.ask.format(subject=subject) if _ID.fullmatch(subject) else ""
        rendered = draft.show(await self._faces.of(page, subject, locale), ask)
        headers = self._headers(request, page, spec, rendered) | {"content-language": locale}
        if etag_matches(request.headers.get("if-none-match", ""), rendered.etag):
            return Response(status_code=304, headers=headers)
        coded = await self._compressed.answer(request, rendered.etag, lambda: rendered.body, headers, "text/html")
        return coded or Response(rendered.body, headers=headers, media_type="text/html")

    async def explain(self, request: Request, status: int, name: str, request_id: str) -> Response:
        """The page that says what went wrong and what to do, with the status of the problem `name`.

        Raises:
            KeyError: the files of the page are not there.
        """
        locale = self._locale(request)
        draft = await self.draft(PROBLEM, locale)
        facts = f'<meta name="problem" content="{escape(name)}" data-request="{escape(request_id)}" />'
        rendered = draft.show(Face(BRAND, f'<meta name="robots" content="noindex" />\n{facts}'))
        headers = self._headers(request, PROBLEM, (await self._current()).pages[PROBLEM].spec, rendered)
        del headers["etag"]
        headers |= {"content-language": locale, "cache-control": "no-store"}
        return Response(rendered.body, status, headers, media_type="text/html")

    async def draft(self, page: str, locale: str) -> Draft:
        """The page in a language, without its face.

        Raises:
            KeyError: there is no such page (any more).
        """
        made = await self._current()
        return await self._once(made.drafts, (page, locale), lambda: made.shell.draft(made.pages[page], locale))

    async def _once(self, known: dict[tuple[str, str], T], key: tuple[str, str], make: Callable[[], T]) -> T:
        """What is made of the files, which takes up to half a second: in a thread, and once for all who ask meanwhile."""
        if key not in known:
            async with self._making:
                if key not in known:
                    known[key] = await asyncio.to_thread(make)
        return known[key]

    async def _current(self) -> _Made:
        """Made anew when a file has changed."""
        assets = await self._assets.all()
        if self._made is None or self._made.assets is not assets:
            async with self._making:
                if self._made is None or self._made.assets is not assets:
                    self._made = await asyncio.to_thread(_make, self._assets.folder, assets)
        return self._made

    def _headers(self, request: Request, page: str, spec: PageSpec, rendered: Rendered) -> dict[str, str]:
        host = request.headers.get("host", "")
        host = host if _HOST.fullmatch(host) else self._origin.partition("://")[2]
        headers = {
            "content-security-policy": content_security_policy(host, rendered.script_hashes, self._framed_by(request, spec)),
            "cache-control": "no-cache",
            "etag": rendered.etag,
            "vary": "Accept-Language, Accept-Encoding, Cookie, Host",
        }
        if page in WITH_CAMERA:
            headers["permissions-policy"] = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()"
        return headers

    def _framed_by(self, request: Request, spec: PageSpec) -> str:
        if EMBEDDED in request.query_params:
            return " ".join(self._embed_origins) if spec.embedded and self._embed_origins else "'none'"
        return IN_TELEGRAM if spec.in_telegram else "'none'"

    def _locale(self, request: Request) -> str:
        """The site around a frame may ask for its own language."""
        asked = request.query_params.get("locale", "") if EMBEDDED in request.query_params else ""
        if asked in LOCALES:
            return asked
        return choose_locale(request.cookies.get("efir_locale", ""), request.headers.get("accept-language", ""))


class _Page:
    """The GET operation of one page."""

    def __init__(self, pages: Pages, page: str) -> None:
        self._pages = pages
        self._page = page

    async def __call__(self, request: Request) -> Response:
        return await self._pages.respond(request, self._page)


def content_security_policy(host: str, script_hashes: tuple[str, ...], frame_ancestors: str) -> str:
    """CSP level 3: our own files only, and one inline import map by its hash. `host` as in the request, for websockets."""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "connect-src": f"'self' ws://{host} wss://{host}",
        "worker-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": frame_ancestors,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def choose_locale(cookie: str, accept_language: str) -> str:
    """The language that the reader chose, else the first of ours that the browser prefers (RFC 9110 §12.5.4), else English."""
    if cookie in LOCALES:
        return cookie
    wanted: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept_language.split(",")[:20]):
        tag, _, quality = part.strip().partition(";")
        match = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", quality) if quality else None
        q = float(match[1]) if match else (0.0 if quality else 1.0)
        if q > 0:
            wanted.append((-q, position, tag.split("-")[0].strip().lower()))
    return next((language for _, _, language in sorted(wanted) if language in LOCALES), LOCALES[0])


def _make(folder: Path, assets: Mapping[str, Asset]) -> _Made:
    sources = {}
    for url, asset in assets.items():
        if url.endswith((*MODULES, ".css", ".ftl")) or url.startswith(ICONS):
            with contextlib.suppress(FileNotFoundError):  # removed since the index was made
                sources[url] = asset.path.read_text(encoding="utf-8")
    spec = msgspec.json.decode((folder / "shell.json").read_bytes(), type=ShellSpec)
    shell = Shell(spec, {url: asset.digest for url, asset in assets.items()}, sources)
    return _Made(assets, shell, {page.name: page for page in map(_page, folder.glob("*/page.json"))}, {})


def _page(path: Path) -> Page:
    body = path.with_name("body.html")
    spec = msgspec.json.decode(path.read_bytes(), type=PageSpec)
    return Page(path.parent.name, spec, body.read_text(encoding="utf-8").strip() if body.exists() else "")


async def _with_slash(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{request.url.path}/{query}", status_code=308)
