"""What others show of a page: previews, data for search engines, the sitemap. Read as those read it, by an HTML parser."""

import asyncio
import json
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.http.catalog import OfferView
from schemas.http.shows import ShowView
from schemas.money import Money
from server.auth.actors import NOBODY
from server.http.application import STATIC_FOLDER
from server.http.faces import Faces, product, show_face, sitemap
from server.kernel.module import Actor
from server.kernel.words import LOCALES, Words
from tests.http.conftest import ENDED_SHOW_ID, ORIGIN, SHOW_ID, World

WORDS = Words(STATIC_FOLDER / "locales")
SHOP = "https://shop.example"
SHOW = ShowView(
    show_id=SHOW_ID,
    host_id="acc_" + "3" * 32,
    host_name="Анна",
    title="Утренний чай",
    description="",
    state="scheduled",
    unlisted=False,
    on_air=False,
    scheduled_at_ms=1_796_000_400_000,
    started_at_ms=None,
    ended_at_ms=None,
    cover_url="/media/pictures/p/1600.webp",
)


class Head(HTMLParser):
    """What a crawler sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.data: list[Any] = []
        self.title = ""
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._inside = tag
        if tag == "meta" and "content" in values:
            self.meta[values.get("property") or values.get("name", "")] = values["content"]
        if tag == "link":
            self.links[values["rel"]] = values["href"]
        if tag == "script":
            self._inside = values.get("type", "text/javascript")
            self.scripts.append(self._inside)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        if self._inside == "application/ld+json":
            self.data.append(json.loads(data))


def offer(sku: str = "MUG", **changes: Any) -> OfferView:
    made = OfferView(
        sku=sku,
        product_id="prd_" + "4" * 32,
        title="Mug",
        label="",
        image_url="/media/pictures/m/800.webp",
        price=Money(amount_minor=1290, currency="EUR"),
        per_buyer_max=5,
    )
    return msgspec.structs.replace(made, **changes)


def face_of(show: ShowView, *offers: OfferView, locale: str = "ru") -> Head:
    return Head(show_face(show, offers, WORDS, SHOP, locale).head)


async def test_a_link_to_a_show_has_a_preview_card(client: httpx.AsyncClient) -> None:
    head = Head((await client.get(f"/watch/{SHOW_ID}", headers={"accept-language": "ru"})).text)
    assert head.title == "A show — Эфир"
    assert head.meta["og:title"] == "A show"
    assert head.meta["og:description"] == "Host сейчас в эфире. Смотрите, спрашивайте и покупайте прямо в видео."
    assert head.meta["og:url"] == head.links["canonical"] == f"{ORIGIN}/watch/{SHOW_ID}"
    assert head.meta["og:image"] == f"{ORIGIN}/static/brand/card.jpg"
    assert (head.meta["og:type"], head.meta["og:locale"]) == ("video.other", "ru_RU")
    assert head.meta["twitter:card"] == "summary_large_image"
    assert "robots" not in head.meta


def test_the_card_shows_the_cover_and_when_the_show_begins() -> None:
    head = face_of(SHOW)
    assert head.meta["og:image"] == f"{SHOP}/media/pictures/p/1600.webp"
    assert (
        head.meta["description"] == "В эфире 30 ноября, 01:00 UTC, ведёт Анна. Смотрите, спрашивайте и покупайте прямо в видео."
    )
    assert "30 November, 01:00 UTC" in face_of(SHOW, locale="en").meta["description"]
    told = msgspec.structs.replace(SHOW, description="Пять чаёв\n\n  и печенье ")
    assert face_of(told).meta["og:description"] == "Пять чаёв и печенье"


def test_search_engines_get_the_broadcast_and_its_products() -> None:
    event, *products = face_of(SHOW, offer("MUG-S", label="S"), offer("MUG-L", label="L"), offer("PRIZE", listed=False)).data
    assert (event["@type"], event["name"], event["isLiveBroadcast"]) == ("BroadcastEvent", "Утренний чай", True)
    assert event["startDate"] == "2026-11-30T01:00:00+00:00"
    assert "endDate" not in event
    assert event["organizer"] == {"@type": "Person", "name": "Анна"}
    [mug] = products
    assert (mug["@type"], mug["name"], mug["image"]) == ("Product", "Mug", f"{SHOP}/media/pictures/m/800.webp")
    assert [(each["sku"], each["price"], each["priceCurrency"]) for each in mug["offers"]] == [
        ("MUG-S", "12.90", "EUR"),
        ("MUG-L", "12.90", "EUR"),
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "written"), [(1290, "EUR", "12.90"), (5, "RUB", "0.05"), (500, "JPY", "500"), (1, "KWD", "0.001")]
)
def test_prices_have_the_digits_of_their_currency(amount: int, currency: str, written: str) -> None:
    made = product([offer(price=Money(amount_minor=amount, currency=currency))], SHOP, SHOP)
    assert made["offers"][0]["price"] == written


def test_an_unlisted_show_has_a_preview_and_is_not_for_search_engines() -> None:
    head = face_of(msgspec.structs.replace(SHOW, unlisted=True), offer())
    assert head.meta["og:title"] == "Утренний чай"
    assert head.meta["robots"] == "noindex"
    assert head.data == []


@pytest.mark.parametrize("path", ["/studio/", "/watch/", "/watch/nothing", "/watch/shw_" + "9" * 32, "/watch/" + "x" * 4_000])
async def test_what_is_nobodys_business_is_not_indexed(client: httpx.AsyncClient, path: str) -> None:
    head = Head((await client.get(path)).text)
    assert head.meta["robots"] == "noindex"
    assert not any(name.startswith("og:") for name in head.meta)


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(LOCALES))
def test_whatever_a_host_writes_stays_text(title: str, description: str, locale: str) -> None:
    shown = msgspec.structs.replace(SHOW, title=f"</script><b>{title}", description=f'"><meta name="robots">{description}')
    head = face_of(shown, offer(title=f"<!--<script>{title}"), locale=locale)
    assert head.scripts == ["application/ld+json"] * 2
    assert head.data[0]["name"] == f"</script><b>{title}"
    assert head.data[1]["name"] == f"<!--<script>{title}"
    assert "robots" not in head.meta


async def test_a_page_that_needs_a_show_has_it_on_its_way_at_once(world: World) -> None:
    (world.static / "watch/page.json").write_text('{"words": ["common"], "ask": "/api/shows/{subject}"}', encoding="utf-8")
    link = '<link rel="preload" as="fetch" crossorigin href="/api/shows/%s" />'
    assert link % SHOW_ID in (await world.client.get(f"/watch/{SHOW_ID}")).text
    for subject in ("", "nothing", '"><b>'):
        assert "/api/shows/" not in (await world.client.get(f"/watch/{subject}")).text


async def test_the_policy_runs_no_more_script_because_of_the_data(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/watch/{SHOW_ID}")
    assert "application/ld+json" in answer.text
    assert answer.headers["content-security-policy"].count("'sha256-") == 1


async def test_a_page_whose_face_cannot_be_asked_for_in_time_opens_without_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Never:
        """A record that does not answer."""

        async def __aenter__(self) -> Any:
            await asyncio.Event().wait()

        async def __aexit__(self, *_: object) -> None:
            return None

    def units(actor: Actor) -> Never:
        assert actor == NOBODY
        return Never()

    monkeypatch.setattr("server.http.faces.FACE_MS", 10)
    face = await Faces(units, WORDS, SHOP).of("watch", SHOW_ID, "en")
    assert (face.title, face.head) == ("Efir", "")


async def test_the_sitemap_has_the_start_page_and_every_listed_show(client: httpx.AsyncClient) -> None:
    answer = await client.get("/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml"
    root = ElementTree.fromstring(answer.content)
    found = [node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert found == [f"{ORIGIN}/", f"{ORIGIN}/watch/{SHOW_ID}", f"{ORIGIN}/watch/{ENDED_SHOW_ID}"]


def test_the_sitemap_is_xml_whatever_the_origin_is() -> None:
    xml = sitemap([msgspec.structs.replace(SHOW, ended_at_ms=1_796_000_400_000)], "https://a.example/?x=1&y=<2>")
    texts = [node.text for node in ElementTree.fromstring(xml).iter() if node.text and node.text.strip()]
    assert texts == [
        "https://a.example/?x=1&y=<2>/",
        f"https://a.example/?x=1&y=<2>/watch/{SHOW_ID}",
        "2026-11-30T01:00:00+00:00",
    ]


async def test_robots_are_told_where_the_sitemap_is_and_what_is_private(client: httpx.AsyncClient) -> None:
    lines = (await client.get("/robots.txt")).text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /studio/" in lines
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in lines
