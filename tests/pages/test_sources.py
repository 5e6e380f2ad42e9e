"""What makes the pages safe and loadable without a bundler: import maps, a policy without inline code, vendored files."""

import json
import re
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
PAGES = sorted(STATIC.glob("*/index.html"))
FOLDERS = ("lib", "components", *sorted({path.parent.name for path in STATIC.glob("*/*.html")}))
COMPONENT_LINES_MAX = 150

IMPORT_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)


def sources(*suffixes: str) -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((STATIC / folder).iterdir()) if path.suffix in suffixes]


def import_map() -> dict[str, str]:
    found = IMPORT_MAP.search(PAGES[0].read_text())
    assert found
    imports: dict[str, str] = json.loads(found[1])["imports"]
    return imports


def vendored() -> dict[str, str]:
    files: dict[str, str] = json.loads((STATIC / "vendor.json").read_text())["files"]
    return files


def test_every_page_has_the_same_import_map_to_the_byte() -> None:
    maps = {page.parent.name: IMPORT_MAP.findall(page.read_text()) for page in PAGES}
    assert {"start", "watch", "studio", "guest"} <= set(maps)
    assert all(len(found) == 1 for found in maps.values())
    assert len({found[0] for found in maps.values()}) == 1


def test_the_import_map_names_files_that_are_vendored() -> None:
    assert {target.removeprefix("/static/") for target in import_map().values()} <= set(vendored())


def test_every_vendored_file_comes_from_a_locked_package() -> None:
    packages = json.loads((STATIC / "package-lock.json").read_text())["packages"]
    for target, source in vendored().items():
        assert target.startswith("vendor/")
        assert any(source.startswith(f"{name}/") and "integrity" in packages[name] for name in packages if name), source


def test_only_the_servers_clock_is_read() -> None:
    """A countdown that asks the device would be off by whatever the device is; durations may count on `performance.now`."""
    readers = {path.name for path in sources(".js") if re.search(r"Date\.now\(|new Date\(\)", path.read_text())}
    assert readers == {"clock.js"}


def test_modules_import_only_what_the_browser_can_find() -> None:
    for path in sources(".js"):
        for target in re.findall(r'^(?:import|export) .*?from "([^"]+)";|^import "([^"]+)";', path.read_text(), re.MULTILINE):
            name = target[0] or target[1]
            if name.startswith("."):
                assert (path.parent / name).is_file(), f"{path}: {name}"
            else:
                assert name in import_map(), f"{path}: {name}"


def modules_of(entry: str) -> set[str]:
    """Addresses of a module and of everything that it imports, ours and vendored."""
    found: set[str] = set()
    left = [STATIC / entry]
    while left:
        path = left.pop()
        address = f"/static/{path.relative_to(STATIC)}"
        if address in found:
            continue
        found.add(address)
        for target in re.findall(r'^(?:import|export) (?:.*? from )?"([^"]+)";', path.read_text(), re.MULTILINE):
            if target.startswith("."):
                left.append((path.parent / target).resolve())
            else:
                found.add(import_map()[target])
    return found


def test_the_player_fetches_all_its_modules_at_once_and_those_of_the_picture_first() -> None:
    page = (STATIC / "watch" / "index.html").read_text()
    links = re.findall(r'<link rel="modulepreload" href="([^"]+)"( fetchpriority="low")? />', page)
    entries = re.findall(r'<script type="module"(?: async)? src="([^"]+)"></script>', page)
    assert entries == ["/static/watch/picture.js", "/static/watch/page.js"]
    first, whole = modules_of("watch/picture.js"), modules_of("watch/page.js")
    assert sorted(address for address, low in links if not low) == sorted(first - set(entries))
    assert sorted(address for address, low in links if low) == sorted(whole - first - set(entries))
    assert len(first) < len(whole) / 3, "what the picture needs is little"


def test_everything_that_a_page_links_to_exists() -> None:
    for page in PAGES:
        links = re.findall(r'(?:href|src)="/static/([^"]+)"', page.read_text())
        assert links
        assert [link for link in links if not (STATIC / link).is_file() and link not in vendored()] == [], page


def test_every_address_in_a_style_sheet_exists() -> None:
    sheets = [STATIC / "tokens.css", STATIC / "base.css", *sources(".css")]
    named = {found for sheet in sheets for found in re.findall(r'url\("/static/([^"]+)"\)', sheet.read_text())}
    assert named
    assert {name for name in named if not (STATIC / name).is_file() and name not in vendored()} == set()


def test_every_icon_that_the_code_names_is_vendored_and_none_is_left_over() -> None:
    text = "\n".join(path.read_text() for path in sources(".js"))
    literals = set(re.findall(r'"([a-z][a-z0-9-]*)"', text))
    icons = {Path(target).stem for target in vendored() if target.startswith("vendor/icons/")}
    sheet = (STATIC / "components" / "icon.css").read_text()
    assert set(re.findall(r"^\.icon-([a-z0-9-]+) \{\n  --icon", sheet, re.MULTILINE)) == icons
    assert icons - literals == set()
    used = set(re.findall(r'<\$\{Icon\} name="([^"]+)"', text))
    assert used <= icons


def test_nothing_is_inline() -> None:
    for path in [*PAGES, *sources(".js")]:
        text = path.read_text()
        assert not re.search(r"\sstyle=", text), path
        assert not re.search(r"\son[a-z]+=[\"']", text), path
        assert "<style" not in text, path
    for page in PAGES:
        inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page.read_text())
        assert inline == ['<script type="importmap">'], page


def test_colours_live_in_the_tokens() -> None:
    # Pictures without a photograph and what lies on video have colours of their own; everything else follows the theme.
    own = {"picture.css", "show_card.css", "page.css", "broadcast.css"}
    for sheet in sources(".css"):
        if sheet.name not in own:
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(", sheet.read_text()), sheet


def test_every_variable_of_a_style_sheet_is_a_token() -> None:
    tokens = set(re.findall(r"^\s*(--[a-z0-9-]+):", (STATIC / "tokens.css").read_text(), re.MULTILINE)) | {"--icon"}
    for sheet in [STATIC / "base.css", *sources(".css")]:
        assert set(re.findall(r"var\((--[a-z0-9-]+)", sheet.read_text())) <= tokens, sheet


def test_components_are_one_element_each_and_short() -> None:
    for path in sources(".js"):
        if path.parent.name != "lib":
            assert path.read_text().count("\n") <= COMPONENT_LINES_MAX, path


def test_lib_does_not_touch_the_document_and_components_do_not_touch_the_network() -> None:
    for path in sources(".js"):
        # Prose may speak of both.
        code = re.sub(r"//.*", "", re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL))
        if path.parent.name == "lib":
            assert not re.search(r"\bdocument\b|\bwindow\b", code), path
        elif path.parent.name == "components" and path.name != "words.js":
            assert not re.search(r"\bfetch\(|\bWebSocket\b|\bRTCPeerConnection\b", code), path
