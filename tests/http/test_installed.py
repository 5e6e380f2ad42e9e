"""The manifest and the icons of the installed app."""

import struct

import httpx
import pytest

from server.http.application import STATIC_FOLDER
from server.http.installed import ICONS, WORDS
from server.http.shell import DARK_PAGE, LIGHT_PAGE


@pytest.mark.parametrize("locale", sorted(WORDS))
async def test_the_manifest_speaks_the_readers_language(client: httpx.AsyncClient, locale: str) -> None:
    answer = await client.get("/manifest.webmanifest", headers={"accept-language": locale})
    assert answer.headers["content-type"] == "application/manifest+json"
    assert answer.headers["vary"] == "Accept-Language, Cookie"
    told = answer.json()
    assert (told["lang"], told["display"], told["id"], told["start_url"], told["scope"]) == (locale, "standalone", "/", "/", "/")
    assert [shortcut["name"] for shortcut in told["shortcuts"]] == [WORDS[locale]["orders"], WORDS[locale]["studio"]]
    for shortcut in told["shortcuts"]:
        assert (STATIC_FOLDER / shortcut["url"].strip("/") / "page.json").is_file()


def test_every_icon_is_there_in_the_size_that_the_manifest_says() -> None:
    for icon in ICONS:
        data = (STATIC_FOLDER / icon["src"].removeprefix("/static/")).read_bytes()
        if icon["type"] == "image/png":
            # PNG (ISO/IEC 15948) §11.2.2: width and height follow the first chunk's name.
            assert data.startswith(b"\x89PNG")
            width, height = struct.unpack(">II", data[16:24])
            assert f"{width}x{height}" == icon["sizes"]
    assert {icon["purpose"] for icon in ICONS} == {"any", "maskable"}


def test_the_devices_bars_have_the_colour_of_the_page() -> None:
    tokens = (STATIC_FOLDER / "tokens.css").read_text()
    assert f"--page: light-dark(var(--host-page-light, {LIGHT_PAGE}), var(--host-page-dark, {DARK_PAGE}));" in tokens


async def test_every_page_names_the_manifest(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert '<link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials" />' in page
    assert '<link rel="apple-touch-icon"' in page
    assert page.count('<meta name="theme-color"') == 2
