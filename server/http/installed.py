"""The shop as an installed app: its manifest (W3C Web Application Manifest), in the reader's language."""

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from server.http.pages import choose_locale
from server.http.shell import BRAND, DARK_PAGE, LIGHT_PAGE

MANIFEST = "/manifest.webmanifest"

ICONS = (
    {"src": "/static/brand/icon_192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
    {"src": "/static/brand/icon_512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
    {"src": "/static/brand/icon_maskable_512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    {"src": "/static/brand/mark.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
)

# Seen outside of the pages only: in the launcher of the device, so these words are in no page's catalogue.
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"about": "Live shopping: watch, talk and buy in the show.", "orders": "My orders", "studio": "Studio"},
    "ru": {"about": "Живые продажи: смотрите, общайтесь и покупайте прямо в эфире.", "orders": "Мои заказы", "studio": "Студия"},
}


def manifest(locale: str) -> bytes:
    """The manifest as JSON. `id` stays for ever: by it browsers know that an installed app is this one."""
    words = WORDS[locale]
    described = {
        "id": "/",
        "name": BRAND,
        "short_name": BRAND,
        "description": words["about"],
        "lang": locale,
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": LIGHT_PAGE,
        "theme_color": DARK_PAGE,
        "categories": ["shopping", "entertainment"],
        "icons": ICONS,
        "shortcuts": [
            {"name": words["orders"], "url": "/orders/", "icons": [ICONS[0]]},
            {"name": words["studio"], "url": "/studio/", "icons": [ICONS[0]]},
        ],
    }
    return msgspec.json.encode(described)


async def respond(request: Request) -> Response:
    """`GET /manifest.webmanifest`."""
    locale = choose_locale(request.cookies.get("efir_locale", ""), request.headers.get("accept-language", ""))
    headers = {"cache-control": "no-cache", "vary": "Accept-Language, Cookie", "content-language": locale}
    return Response(manifest(locale), headers=headers, media_type="application/manifest+json")
