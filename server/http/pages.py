"""The HTML pages: `static/<page>/index.html` with the reader's language, addresses with digests, and a strict CSP.

`/` is `static/start`, `/<page>/` and `/<page>/{subject}` are `static/<page>`. The import map is the only inline script; it gets
an entry for every module of ours, so that browsers keep modules for ever and still see a new version at once, without a bundler.
"""

import asyncio
import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.http.problem import not_found_response
from server.http.routing import Methods
from server.http.static_files import Asset, Assets, etag_matches

LOCALES = ("en", "ru")
START = "start"
EMBEDDABLE: Mapping[str, str] = {"watch": "'self' https://web.telegram.org"}
"""Pages that others may show in a frame: the player runs as a Telegram Mini App."""
WITH_CAMERA = frozenset({"studio", "guest"})

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")
_HTML_TAG = re.compile(r"<html\b[^>]*>", re.IGNORECASE)
_LANG = re.compile(r'\slang="[^"]*"', re.IGNORECASE)
_IMPORT_MAP = re.compile(r'(<script type="importmap">)(.*?)(</script>)', re.DOTALL)
_ADDRESS = re.compile(r'((?:src|href)=")(/static/[^"?#]+)(")')


@dataclass(frozen=True)
class Rendered:
    """A page for one language: `script_hashes` go into the CSP."""

    body: bytes
    etag: str
    script_hashes: tuple[str, ...]


class Pages:
    """The routes of all pages."""

    def __init__(self, assets: Assets, origin: str) -> None:
        self._assets = assets
        self._origin = origin
        # At most pages × languages entries; dropped when any file has changed.
        self._rendered: dict[tuple[str, str], tuple[tuple[int, int], Mapping[str, Asset], Rendered]] = {}

    def routes(self) -> list[Route]:
        """The pages that exist when the server starts."""
        routes = []
        for index in sorted(self._assets.folder.glob("*/index.html")):
            page = index.parent.name
            show = self._operation(page)
            if page == START:
                routes.append(Route("/", Methods("/", {"GET": show})))
                continue
            routes.append(Route(f"/{page}", Methods(f"/{page}", {"GET": _with_slash})))
            routes.append(Route(f"/{page}/", Methods(f"/{page}/", {"GET": show})))
            routes.append(Route(f"/{page}/{{subject}}", Methods(f"/{page}/{{subject}}", {"GET": show})))
        return routes

    def _operation(self, page: str) -> "_Page":
        return _Page(self, page)

    async def respond(self, request: Request, page: str) -> Response:
        """The page in the language of the request."""
        locale = choose_locale(request.cookies.get("efir_locale", ""), request.headers.get("accept-language", ""))
        try:
            rendered = await self._render(page, locale)
        except FileNotFoundError:
            return not_found_response()
        headers = self._headers(request, page, rendered) | {"content-language": locale}
        if etag_matches(request.headers.get("if-none-match", ""), rendered.etag):
            return Response(status_code=304, headers=headers)
        return Response(rendered.body, headers=headers, media_type="text/html")

    async def _render(self, page: str, locale: str) -> Rendered:
        assets = await self._assets.all()
        path = self._assets.folder / page / "index.html"
        stamp, text = await asyncio.to_thread(_read, path)
        known = self._rendered.get((page, locale))
        if known is not None and known[0] == stamp and known[1] is assets:
            return known[2]
        rendered = render(text, locale, {url: asset.digest for url, asset in assets.items()})
        self._rendered[page, locale] = (stamp, assets, rendered)
        return rendered

    def _headers(self, request: Request, page: str, rendered: Rendered) -> dict[str, str]:
        host = request.headers.get("host", "")
        host = host if _HOST.fullmatch(host) else self._origin.partition("://")[2]
        headers = {
            "content-security-policy": content_security_policy(host, rendered.script_hashes, EMBEDDABLE.get(page, "'none'")),
            "cache-control": "no-cache",
            "etag": rendered.etag,
            "vary": "Accept-Language, Cookie, Host",
        }
        if page in WITH_CAMERA:
            headers["permissions-policy"] = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=()"
        return headers


class _Page:
    """The GET operation of one page."""

    def __init__(self, pages: Pages, page: str) -> None:
        self._pages = pages
        self._page = page

    async def __call__(self, request: Request) -> Response:
        return await self._pages.respond(request, self._page)


def render(text: str, locale: str, digests: Mapping[str, str]) -> Rendered:
    """The page with its language, and every address of ours with the digest of what is there."""
    text = _HTML_TAG.sub(lambda tag: f'<html lang="{locale}"' + _LANG.sub("", tag[0])[5:], text, count=1)
    text = _ADDRESS.sub(lambda found: found[1] + _versioned(found[2], digests) + found[3], text)
    text = _IMPORT_MAP.sub(lambda found: found[1] + _import_map(found[2], digests) + found[3], text)
    hashes = tuple(_csp_hash(found[2]) for found in _IMPORT_MAP.finditer(text))
    body = text.encode()
    return Rendered(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"', hashes)


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


def _import_map(text: str, digests: Mapping[str, str]) -> str:
    given = msgspec.json.decode(text)
    imports: dict[str, str] = {name: _versioned(target, digests) for name, target in given.get("imports", {}).items()}
    # A module that is imported by its path gets the same address as one imported by name: two would be two instances.
    imports |= {url: _versioned(url, digests) for url in digests if url.endswith((".js", ".mjs")) and url not in imports}
    merged = given | {"imports": dict(sorted(imports.items()))}
    return msgspec.json.encode(merged).decode().replace("<", "\\u003c")


def _versioned(url: str, digests: Mapping[str, str]) -> str:
    digest = digests.get(url)
    return url if digest is None else f"{url}?v={digest}"


def _csp_hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _read(path: Path) -> tuple[tuple[int, int], str]:
    stat = path.stat()
    return (stat.st_mtime_ns, stat.st_size), path.read_text(encoding="utf-8")


async def _with_slash(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{request.url.path}/{query}", status_code=308)
