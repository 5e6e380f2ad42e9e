"""What others show of a page: Open Graph for link previews, JSON-LD for search engines, the sitemap and robots.txt.

Only the start page and the player have a face. What search engines must not list (unlisted shows, unknown ones) says so, and an
unlisted show has a preview all the same: whoever has the link may see what it leads to.
"""

import asyncio
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import msgspec
from babel.dates import format_datetime

from schemas.http.catalog import OfferView
from schemas.http.pictures import preview_url
from schemas.http.shows import ShowView
from schemas.money import digits_of
from schemas.requests.catalog import GetOffers
from schemas.requests.shows import GetListedShows, GetShow
from server.auth.actors import NOBODY
from server.http.shell import BRAND, Face
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.module import UnitOfWork
from server.kernel.words import Words

log = get_logger(__name__)

FACE_MS = 1_000
"""The page itself needs no face: rather a poor preview than a page that waits."""
OFFERS_MAX = 20
"""Products in the JSON-LD of a show; a page is not a catalogue."""
CARD = "/static/brand/card.jpg"
"""The picture of what has no cover, 1200×630 as previews want it."""
HIDDEN_PATHS = (
    "/api/",
    "/studio/",
    "/moderate/",
    "/guest/",
    "/order/",
    "/orders/",
    "/account/",
    "/cards/",
    "/addresses/",
    "/sandbox/",
)
OG_LOCALES = {"en": "en_GB", "ru": "ru_RU"}

_SHOW = re.compile(r"shw_[0-9a-f]{32}")
"""A rehearsal has no face: it is for those who rehearse, and search engines are told to leave it."""


class Faces:
    """Asks the modules and draws the face."""

    def __init__(self, units: UnitOfWork, words: Words, origin: str) -> None:
        """`origin`: scheme, host and port under which people know the shop."""
        self._units = units
        self._words = words
        self._origin = origin

    async def of(self, page: str, subject: str, locale: str) -> Face:
        """The face of a page; a plain one when there is nothing to tell, or nobody to tell it in time."""
        if page == "start":
            return start_face(self._words, self._origin, locale)
        if page != "watch" or not _SHOW.fullmatch(subject):
            return Face(BRAND, _hidden())
        try:
            async with asyncio.timeout(FACE_MS / 1000), self._units(NOBODY) as ctx:
                show = await ctx.ask(GetShow(subject))
                offers = await ctx.ask(GetOffers(subject)) if show is not None else []
        except (TimeoutError, Unavailable):
            log.warning("A page went without its face: the record did not answer in time", extra={"subject": subject})
            return Face()
        return Face(BRAND, _hidden()) if show is None else show_face(show, offers, self._words, self._origin, locale)

    async def sitemap(self) -> bytes:
        """sitemaps.org protocol 0.9: the start page and every listed show."""
        async with self._units(NOBODY) as ctx:
            shows = await ctx.ask(GetListedShows())
        return sitemap(shows, self._origin)

    def robots(self) -> bytes:
        """RFC 9309."""
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in HIDDEN_PATHS), "", f"Sitemap: {self._origin}/sitemap.xml", ""]
        return "\n".join(lines).encode()


def start_face(words: Words, origin: str, locale: str) -> Face:
    """The shop itself."""
    title, description = words.text(locale, "start-title"), words.text(locale, "start-lead")
    tags = _preview(title, description, f"{origin}/", f"{origin}{CARD}", locale, "website")
    return Face(title, "\n".join(tags))


def show_face(show: ShowView, offers: Sequence[OfferView], words: Words, origin: str, locale: str) -> Face:
    """A show: a preview for everybody, and for search engines the broadcast with what it sells."""
    title = words.text(locale, "watch-title", {"title": show.title})
    description = " ".join(show.description.split()) or _description(show, words, locale)
    url, image = f"{origin}/watch/{show.show_id}", f"{origin}{preview_url(show.cover_url or CARD)}"
    tags = list(_preview(show.title, description[:300], url, image, locale, "video.other"))
    tags += [_hidden()] if show.unlisted else [_data(broadcast(show, description, url, image)), *_products(offers, url, origin)]
    return Face(title, "\n".join(tags))


def broadcast(show: ShowView, description: str, url: str, image: str) -> dict[str, Any]:
    """schema.org `BroadcastEvent`."""
    starts_at_ms = show.started_at_ms or show.scheduled_at_ms
    ends = {"endDate": _iso(show.ended_at_ms)} if show.ended_at_ms else {}
    return {
        "@context": "https://schema.org",
        "@type": "BroadcastEvent",
        "name": show.title,
        "description": description,
        "url": url,
        "image": image,
        "startDate": _iso(starts_at_ms),
        **ends,
        "isLiveBroadcast": True,
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
        "location": {"@type": "VirtualLocation", "url": url},
        "organizer": {"@type": "Person", "name": show.host_name},
        "video": {
            "@type": "VideoObject",
            "name": show.title,
            "description": description,
            "thumbnailUrl": image,
            "uploadDate": _iso(starts_at_ms),
            "embedUrl": url,
            "publication": {"@type": "BroadcastEvent", "isLiveBroadcast": True, "startDate": _iso(starts_at_ms), **ends},
        },
    }


def product(offers: Sequence[OfferView], url: str, origin: str) -> dict[str, Any]:
    """schema.org `Product` of all variants of one product."""
    first = offers[0]
    image = {"image": f"{origin}{preview_url(first.image_url)}"} if first.image_url else {}
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": first.title,
        "productID": first.product_id,
        **image,
        "offers": [
            {
                "@type": "Offer",
                "sku": offer.sku,
                **({"name": offer.label} if offer.label else {}),
                "price": _amount(offer),
                "priceCurrency": offer.price.currency,
                "url": url,
            }
            for offer in offers
        ],
    }


def sitemap(shows: Iterable[ShowView], origin: str) -> bytes:
    """The XML; addresses escaped as the protocol asks."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">']
    lines.append(f"<url><loc>{escape(origin)}/</loc></url>")
    for show in shows:
        changed_at_ms = show.ended_at_ms or show.started_at_ms
        changed = f"<lastmod>{_iso(changed_at_ms)}</lastmod>" if changed_at_ms else ""
        lines.append(f"<url><loc>{escape(f'{origin}/watch/{show.show_id}')}</loc>{changed}</url>")
    return "\n".join([*lines, "</urlset>", ""]).encode()


def _products(offers: Sequence[OfferView], url: str, origin: str) -> Iterable[str]:
    by_product: dict[str, list[OfferView]] = {}
    for offer in offers:
        # What cannot be bought at its price (only won, or in a flash sale) is no offer to a search engine.
        if offer.listed:
            by_product.setdefault(offer.product_id, []).append(offer)
    for variants in list(by_product.values())[:OFFERS_MAX]:
        yield _data(product(variants, url, origin))


def _description(show: ShowView, words: Words, locale: str) -> str:
    when = f"{format_datetime(_time(show.scheduled_at_ms), 'd MMMM, HH:mm', locale=locale)} UTC"
    return words.text(locale, f"face-{show.state}", {"host": show.host_name, "when": when})


def _preview(title: str, description: str, url: str, image: str, locale: str, kind: str) -> Iterable[str]:
    """Open Graph protocol (ogp.me), which messengers and networks read, and the one tag of X that has no og: counterpart."""
    yield f'<meta name="description" content="{escape(description)}" />'
    yield f'<link rel="canonical" href="{escape(url)}" />'
    properties: Mapping[str, str] = {
        "og:site_name": BRAND,
        "og:type": kind,
        "og:title": title,
        "og:description": description,
        "og:url": url,
        "og:image": image,
        "og:locale": OG_LOCALES[locale],
    }
    for name, content in properties.items():
        yield f'<meta property="{name}" content="{escape(content)}" />'
    yield '<meta name="twitter:card" content="summary_large_image" />'


def _hidden() -> str:
    return '<meta name="robots" content="noindex" />'


def _data(thing: Mapping[str, Any]) -> str:
    """JSON-LD 1.1 §7: a data block, which no browser runs. "<" could end it, so none is left."""
    text = msgspec.json.encode(thing).decode().replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def _amount(offer: OfferView) -> str:
    digits = digits_of(offer.price.currency)
    whole, rest = divmod(offer.price.amount_minor, 10**digits)
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)


def _iso(at_ms: int | None) -> str:
    return "" if at_ms is None else _time(at_ms).isoformat(timespec="seconds")


def _time(at_ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_ms / 1000, tz=dt.UTC)
