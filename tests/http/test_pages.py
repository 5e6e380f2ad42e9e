"""Pages and browser files: language, CSP, what may be kept, what is not served."""

import asyncio
import base64
import hashlib
import json
import re
import threading

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from server.http.application import STATIC_FOLDER
from server.http.pages import Pages, choose_locale
from server.http.shell import Face, Page, PageSpec, Shell, ShellSpec
from server.http.static_files import A_DAY, FOR_EVER, Assets
from server.kernel.config import Settings
from server.kernel.words import LOCALES
from tests.fakes.clock import FakeClock
from tests.http.conftest import ORIGIN, World
from tests.http.fake_media import SECRET
from tests.http.test_api import problem

IMPORT_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)


def csp(answer: httpx.Response) -> dict[str, str]:
    """The policy's directives."""
    parts = (rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    return {part[0]: part[1] for part in parts}


@pytest.mark.parametrize(
    "path", ["/", "/watch/", "/watch/shw_1", "/studio/", "/studio/shw_1", "/guest/", "/guest/shw_1", "/moderate/shw_1"]
)
async def test_a_page_allows_its_import_map_and_no_other_inline_script(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    [script] = IMPORT_MAP.findall(answer.text)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = csp(answer)
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert policy["default-src"] == "'self'"
    assert policy["connect-src"] == "'self' ws://127.0.0.1:8080 wss://127.0.0.1:8080"
    assert (policy["object-src"], policy["base-uri"], policy["style-src"]) == ("'none'", "'none'", "'self'")
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_only_pages_that_say_so_may_be_framed_and_only_by_telegram(client: httpx.AsyncClient) -> None:
    assert csp(await client.get("/watch/x"))["frame-ancestors"] == "'self' https://web.telegram.org"
    assert csp(await client.get("/studio/"))["frame-ancestors"] == "'none'"
    assert csp(await client.get("/"))["frame-ancestors"] == "'none'"


def test_what_a_viewer_reaches_from_the_player_works_in_telegram_and_what_a_host_uses_does_not() -> None:
    specs = {path.parent.name: json.loads(path.read_text()) for path in STATIC_FOLDER.glob("*/page.json")}
    framed = {name for name, spec in specs.items() if spec.get("in_telegram")}
    assert {"start", "watch", "orders", "order", "cards", "addresses"} <= framed
    assert not framed & {"studio", "guest", "moderate", "statement", "webhooks"}


async def test_only_the_studio_and_the_guests_page_may_use_the_camera(client: httpx.AsyncClient) -> None:
    for path in ("/studio/", "/guest/", "/guest/shw_1"):
        assert "camera=(self), microphone=(self)" in (await client.get(path)).headers["permissions-policy"]
    for path in ("/", "/watch/x", "/api/notes", "/nothing"):
        assert "camera=(), microphone=()" in (await client.get(path)).headers["permissions-policy"]


@pytest.mark.parametrize("path", ["/", "/api/notes", "/nothing", "/static/brand/mark.svg", "/healthz", "/problems"])
async def test_every_answer_has_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-request-id"]
    assert "default-src" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize("host", ["shop.example", "[::1]:8080", "127.0.0.1:8080"])
async def test_websockets_are_allowed_to_the_host_that_was_asked(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/", headers={"host": host})
    assert csp(answer)["connect-src"] == f"'self' ws://{host} wss://{host}"


@pytest.mark.parametrize("host", ["evil.example; script-src *", "a b", "x'y", "*"])
async def test_a_forged_host_does_not_get_into_the_policy(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/", headers={"host": host})
    assert csp(answer)["connect-src"] == "'self' ws://127.0.0.1:8080 wss://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("cookie", "accepted", "locale"),
    [
        ("", "", "en"),
        ("", "ru", "ru"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("", "de, fr;q=0.9, ru;q=0.5, en;q=0.4", "ru"),
        ("", "ru;q=0, en;q=0.1", "en"),
        ("", "en;q=0.1,ru;q=x", "en"),
        ("", "*", "en"),
        ("ru", "en", "ru"),
        ("en", "ru", "en"),
        ("xx", "ru", "ru"),
        ('"><script>', "", "en"),
    ],
)
async def test_the_page_speaks_the_readers_language(client: httpx.AsyncClient, cookie: str, accepted: str, locale: str) -> None:
    answer = await client.get("/", headers={"cookie": f"efir_locale={cookie}", "accept-language": accepted})
    assert f'<html lang="{locale}">' in answer.text
    assert answer.headers["content-language"] == locale
    assert "Accept-Language" in answer.headers["vary"]


@given(st.text(max_size=60))
def test_any_accept_language_gives_one_of_our_languages(header: str) -> None:
    assert choose_locale("", header) in LOCALES


async def test_modules_get_one_address_with_a_digest_however_they_are_imported(world: World) -> None:
    answer = await world.client.get("/watch/x")
    [script] = IMPORT_MAP.findall(answer.text)
    imports = json.loads(script)["imports"]
    preact = imports["preact"]
    assert re.fullmatch(r"/static/vendor/preact\.js\?v=[0-9a-f]{16}", preact)
    assert imports["/static/vendor/preact.js"] == preact
    assert imports["/static/watch/page.js"] in answer.text.replace(script, "")
    assert f'<script type="module" src="{imports["/static/watch/page.js"]}"' in answer.text
    assert imports["gone"] == "/static/vendor/gone.js"
    assert not [address for address in imports if "node_modules" in address]
    module = await world.client.get(preact)
    assert module.headers["cache-control"] == FOR_EVER
    assert module.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_a_page_gets_its_style_sheets_and_its_words_in_one_piece_each(client: httpx.AsyncClient) -> None:
    html = (await client.get("/watch/x", headers={"accept-language": "ru"})).text
    [sheet] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    answer = await client.get(sheet)
    assert answer.text.split() == ["body", "{}", ".watch", "{}"], "of all pages first, the page's own last"
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("text/css; charset=utf-8", FOR_EVER)
    assert (await client.get(sheet.partition("?")[0])).headers["cache-control"] == "no-cache"
    assert (await client.get(sheet, headers={"if-none-match": answer.headers["etag"]})).status_code == 304
    words = dict(re.findall(r'href="([^"]+)" data-words="(\w\w)"', html))
    assert sorted(words.values()) == ["en", "ru"]
    told = {locale: (await client.get(address)).text for address, locale in words.items()}
    assert ("close = Закрыть" in told["ru"], "close = Close" in told["en"]) == (True, True)
    for missing in ("/combined/watch/x.css", "/combined/nothing/first.css", "/combined/watch/de.ftl", "/combined/watch/en.js"):
        problem(await client.get(missing), 404, "not_found")


async def test_what_only_runs_within_a_page_carries_few_headers(client: httpx.AsyncClient) -> None:
    for path in ("/static/watch/page.js", "/static/base.css"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "content-security-policy" not in headers
    assert "default-src" in (await client.get("/static/service_worker.js")).headers["content-security-policy"]


@pytest.mark.parametrize(("locale", "fonts"), [("en", ["latin"]), ("ru", ["latin", "cyrillic"])])
async def test_the_fonts_of_the_language_are_on_their_way_under_the_name_that_the_style_sheet_has(
    locale: str, fonts: list[str], world: World, clock: FakeClock
) -> None:
    pages = Pages(Assets(STATIC_FOLDER, clock), "http://127.0.0.1:8080", world.faces)
    html = (await pages.draft("watch", locale)).show(Face()).body.decode()
    sheet = (STATIC_FOLDER / "tokens.css").read_text()
    found = re.findall(r'<link rel="preload" as="font" type="font/woff2" crossorigin href="([^"]+)"', html)
    assert found == [f"/static/vendor/fonts/onest-{font}.woff2" for font in fonts]
    assert [font for font in found if f'url("{font}") format("woff2")' not in sheet] == []


async def test_what_many_ask_for_at_once_is_made_once_and_holds_nobody_up(
    world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[threading.Thread] = []

    def watched(name: str) -> None:
        make = getattr(Shell, name)

        def noted(*given: object) -> object:
            made.append(threading.current_thread())
            return make(*given)

        monkeypatch.setattr(Shell, name, noted)

    watched("draft")
    pages = Pages(Assets(STATIC_FOLDER, clock), "http://127.0.0.1:8080", world.faces)
    drafts = await asyncio.gather(*(pages.draft("watch", "en") for _ in range(20)))
    assert len(made) == 1
    assert made[0] is not threading.main_thread()
    assert all(each is drafts[0] for each in drafts)

    # A piece of a page that this process has not shown yet.
    watched("combined")
    app = Starlette(routes=Pages(Assets(STATIC_FOLDER, clock), "http://127.0.0.1:8080", world.faces).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as http:
        answers = await asyncio.gather(*(http.get("/combined/watch/en.ftl") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(made) == 2
        assert made[1] is not threading.main_thread()
        assert (await http.get("/combined/watch/nothing.js")).status_code == 404
        assert (await http.get("/combined/nothing/en.ftl")).status_code == 404


async def test_a_changed_module_gets_a_new_address_and_the_old_one_is_not_kept(world: World, clock: FakeClock) -> None:
    async def address() -> str:
        [script] = IMPORT_MAP.findall((await world.client.get("/watch/x")).text)
        return str(json.loads(script)["imports"]["preact"])

    before = await address()
    (world.static / "vendor/preact.js").write_text("export const h = 2;  // changed", encoding="utf-8")
    assert (await world.client.get(before)).headers["cache-control"] == "no-cache"
    clock.advance(1_000)
    after = await address()
    assert after != before
    assert (await world.client.get(before)).headers["cache-control"] == "no-cache"
    assert (await world.client.get(after)).text == "export const h = 2;  // changed"
    (world.static / "vendor/preact.js").unlink()
    problem(await world.client.get(after), 404, "not_found")


async def test_what_is_known_is_not_sent_again(client: httpx.AsyncClient) -> None:
    for path in ("/", "/static/watch/page.js"):
        first = await client.get(path)
        again = await client.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"].removeprefix("W/")
        other = await client.get(path, headers={"if-none-match": '"other"'})
        assert other.content == first.content


async def test_icons_of_libraries_are_kept_for_a_day_and_their_code_is_asked_about(client: httpx.AsyncClient) -> None:
    assert (await client.get("/static/vendor/icons/x.svg")).headers["cache-control"] == A_DAY
    assert (await client.get("/static/vendor/preact.js")).headers["cache-control"] == "no-cache"
    assert (await client.get("/static/brand/mark.svg")).headers["cache-control"] == "no-cache"


async def test_a_part_of_a_file_can_be_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/watch/page.js", headers={"range": "bytes=0-5"})
    assert (answer.status_code, answer.text) == (206, "// @cs")


@pytest.mark.parametrize(
    "path",
    [
        "package.json",
        "vendor.mjs",
        "node_modules/x/x.js",
        ".hidden/x.js",
        "watch/.secret.js",
        "watch/page.json",
        "watch/body.html",
        "shell.json",
        "watch",
        "link.js",
        "../outside.js",
        "..%2foutside.js",
        "watch/%2e%2e/%2e%2e/outside.js",
        "/etc/passwd",
        "%2fetc/passwd",
        "watch/page.js%00.css",
        "watch\\page.js",
        "a" * 5_000,
    ],
)
async def test_only_browser_files_are_served(world: World, path: str) -> None:
    request = world.client.build_request("GET", "/")
    request.url = httpx.URL(f"http://127.0.0.1:8080/static/{path}")
    problem(await world.client.send(request), 404, "not_found")


async def test_an_svg_cannot_run_scripts(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/brand/mark.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert csp(answer)["default-src"] == "'none'"


async def test_a_page_without_its_slash_redirects_within_the_host(client: httpx.AsyncClient) -> None:
    answer = await client.get("/studio?key=1")
    assert (answer.status_code, answer.headers["location"]) == (308, "/studio/?key=1")


@pytest.mark.parametrize("settings", [Settings(public_url="https://shop.example", internal_secret=SECRET)])
async def test_behind_https_the_policy_names_the_public_host(client: httpx.AsyncClient) -> None:
    assert "wss://shop.example" in csp(await client.get("/"))["connect-src"]


def test_the_import_map_cannot_end_its_script_element() -> None:
    shell = Shell(ShellSpec({"</script><b>": "/static/x.js"}, ()), {}, {})
    rendered = shell.draft(Page("start", PageSpec(())), "en").show(Face())
    assert rendered.body.count(b"</script>") == 2, "the map's and the page's"
    assert b"<b>" not in rendered.body
    assert len(rendered.script_hashes) == 1


def test_a_title_from_outside_stays_text() -> None:
    rendered = (
        Shell(ShellSpec({}, ()), {}, {}).draft(Page("start", PageSpec(())), "en").show(Face("</title><script>alert(1)</script>"))
    )
    assert b"<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>" in rendered.body


@pytest.mark.parametrize("page", sorted(path.parent.name for path in STATIC_FOLDER.glob("*/page.json")))
async def test_the_products_pages_have_no_inline_code_but_the_import_map(page: str, world: World, clock: FakeClock) -> None:
    pages = Pages(Assets(STATIC_FOLDER, clock), "http://127.0.0.1:8080", world.faces)
    html = (await pages.draft(page, "ru")).show(Face()).body.decode()
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.DOTALL)
    assert [attributes for attributes, content in scripts if content.strip()] == [' type="importmap"']
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=", html)
    assert '<html lang="ru"' in html
    assert "//static" not in html
    [script] = IMPORT_MAP.findall(html)
    addresses = json.loads(script)["imports"].values()
    assert len(addresses) > 20
    assert [address for address in addresses if not re.fullmatch(r"/(?:static|combined)/[^?]+\?v=[0-9a-f]{16}", address)] == []
    others = [found for found in re.findall(r'(?:href|src)="(/static/[^?"]+)"', html) if not found.endswith(".woff2")]
    assert others == [], "every address has the digest of what is there, but those that the style sheet names without one"


async def test_the_service_worker_may_serve_every_page_and_is_asked_about_at_each_visit(client: httpx.AsyncClient) -> None:
    answer = await client.get("/static/service_worker.js")
    assert answer.status_code == 200
    assert (answer.headers["service-worker-allowed"], answer.headers["cache-control"]) == ("/", "no-cache")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "service-worker-allowed" not in (await client.get("/static/watch/page.js")).headers
    assert csp(await client.get("/"))["worker-src"] == "'self'"


async def test_the_service_worker_may_fetch_from_us_and_nothing_else(client: httpx.AsyncClient) -> None:
    policy = csp(await client.get("/static/service_worker.js"))
    assert (policy["default-src"], policy["connect-src"]) == ("'none'", "'self'")


class TestEmbedded:
    """Pages in frames of other sites."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(public_url=ORIGIN, internal_secret=SECRET, embed_origins="https://blog.example, http://localhost:3000")

    async def test_only_listed_sites_may_frame_the_player_and_only_when_it_is_asked_for_as_that(
        self, client: httpx.AsyncClient
    ) -> None:
        policy = csp(await client.get("/watch/x?embed=inline&parent=https%3A%2F%2Fevil.example"))
        assert policy["frame-ancestors"] == "https://blog.example http://localhost:3000"
        assert csp(await client.get("/watch/x"))["frame-ancestors"] == "'self' https://web.telegram.org"
        for path in ("/studio/?embed=inline", "/?embed", "/watch/?x=embed"):
            assert "blog.example" not in csp(await client.get(path))["frame-ancestors"]
        assert csp(await client.get("/?embed"))["frame-ancestors"] == "'none'"

    async def test_the_site_may_ask_for_its_own_language(self, client: httpx.AsyncClient) -> None:
        russian = {"accept-language": "en"}
        assert '<html lang="ru">' in (await client.get("/watch/x?embed=inline&locale=ru", headers=russian)).text
        for query in ("?locale=ru", "?embed=inline&locale=xx", "?embed=inline"):
            assert '<html lang="en">' in (await client.get(f"/watch/x{query}", headers=russian)).text


async def test_without_a_list_no_other_site_may_frame_anything(client: httpx.AsyncClient) -> None:
    assert csp(await client.get("/watch/x?embed=inline"))["frame-ancestors"] == "'none'"


def test_only_the_player_and_what_a_purchase_needs_may_be_framed_by_other_sites() -> None:
    specs = {path.parent.name: json.loads(path.read_text()) for path in STATIC_FOLDER.glob("*/page.json")}
    assert {name for name, spec in specs.items() if spec.get("embedded")} == {"watch", "order"}


async def test_the_script_for_other_sites_is_theirs_to_load(client: httpx.AsyncClient, world: World) -> None:
    (world.static / "embed").mkdir()
    (world.static / "embed" / "embed.js").write_text("first")
    plain = await client.get("/embed.js", headers={"accept-encoding": "identity"})
    assert (plain.status_code, plain.text) == (200, "first")
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=600"
    assert plain.headers["cross-origin-resource-policy"] == "cross-origin"
    packed = await client.get("/embed.js", headers={"accept-encoding": "gzip"})
    assert (packed.headers["content-encoding"], packed.text) == ("gzip", "first")
    again = await client.get("/embed.js", headers={"if-none-match": packed.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_without_its_source_there_is_no_script(client: httpx.AsyncClient) -> None:
    assert (await client.get("/embed.js")).status_code == 404
