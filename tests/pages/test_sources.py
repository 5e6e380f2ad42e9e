"""What makes the pages safe and loadable without a bundler: one import map, a policy without inline code, vendored files."""

import json
import re
from functools import cache
from pathlib import Path

import msgspec
import pytest

from server.http.module_graph import ModuleGraph
from server.http.shell import Face, Page, PageSpec, Shell, ShellSpec

STATIC = Path(__file__).parents[2] / "static"
PAGES = sorted(path.parent.name for path in STATIC.glob("*/page.json"))
FOLDERS = ("lib", "components", *sorted({path.parent.name for path in STATIC.glob("*/page.json")}))
COMPONENT_LINES_MAX = 150
IMPORT_MAP = '<script type="importmap">'


def sources(*suffixes: str) -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((STATIC / folder).iterdir()) if path.suffix in suffixes]


def shell() -> ShellSpec:
    return msgspec.json.decode((STATIC / "shell.json").read_bytes(), type=ShellSpec)


def import_map() -> dict[str, str]:
    return shell().imports


@cache
def graph() -> ModuleGraph:
    paths = [*sources(".js"), *sorted((STATIC / "vendor").rglob("*.js"))]
    return ModuleGraph({f"/static/{path.relative_to(STATIC)}": path.read_text() for path in paths}, import_map())


def vendored() -> dict[str, str]:
    files: dict[str, str] = json.loads((STATIC / "vendor.json").read_text())["files"]
    return files


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


def head_of(page: str) -> str:
    spec = msgspec.json.decode((STATIC / page / "page.json").read_bytes(), type=PageSpec)
    made = Shell(shell(), {}, {address: module_text(address) for address in graph().modules})
    return made.draft(Page(page, spec), "en").show(Face()).body.decode()


def module_text(address: str) -> str:
    return (STATIC / address.removeprefix("/static/")).read_text()


def test_the_player_fetches_all_its_modules_at_once_and_those_of_the_picture_first() -> None:
    html = head_of("watch")
    links = re.findall(r'<link rel="modulepreload" href="([^"?]+)[^"]*"( fetchpriority="low")? />', html)
    entries = re.findall(r'<script type="module"(?: async)? src="([^"?]+)[^"]*"></script>', html)
    assert entries == ["/combined/watch/first.js", "/static/watch/page.js"]
    assert links == [("/combined/watch/page.js", ' fetchpriority="low"')]
    imports = {
        name: target.partition("?")[0]
        for name, target in json.loads(html.split(IMPORT_MAP)[1].split("</script>")[0])["imports"].items()
    }
    first, whole = graph().at_once("/static/watch/picture.js"), graph().at_once(entries[1])
    assert {imports[address] for address in first} == {entries[0]}
    assert {imports[address] for address in whole if address not in first} == {"/combined/watch/page.js", entries[1]}
    assert (imports["preact"], imports["/static/vendor/preact.js"]) == ("/combined/watch/page.js", "/combined/watch/page.js")
    assert len(first) < len(whole) / 3, "what the picture needs is little"
    assert "/static/components/cart_sheet.js" not in whole, "what is needed later is fetched later"
    assert imports["/static/components/cart_sheet.js"] == "/static/components/cart_sheet.js"


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_a_page_links_to_exists(page: str) -> None:
    html = head_of(page)
    links = re.findall(r'(?:href|src)="/static/([^"]+)"', html)
    links += re.findall(r'"/static/([^"]+)":', html)
    assert len(links) > 15
    assert [link for link in links if not (STATIC / link).is_file() and link not in vendored()] == []


def classes_of_sheets() -> dict[str, set[str]]:
    """Address of the sheets by the classes that they style."""
    found: dict[str, set[str]] = {}
    for sheet in [STATIC / "base.css", *sources(".css")]:
        selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL))
        for name in re.findall(r"\.([a-z][a-z0-9-]*)", " ".join(selectors)):
            found.setdefault(name, set()).add(f"/static/{sheet.relative_to(STATIC)}")
    return found


def test_a_module_names_the_style_sheet_of_every_class_that_it_uses() -> None:
    """A component that is used on one more page brings its style along."""
    styled = classes_of_sheets()
    lacking = []
    for path in sources(".js"):
        module = graph().modules[f"/static/{path.relative_to(STATIC)}"]
        ours = {*module.sheets, *shell().sheets, f"/static/{path.parent.name}/page.css"}
        used = {name for text in re.findall(r'class="([^"$]*)"', path.read_text()) for name in text.split()}
        lacking += [(path.name, name, sheets) for name in used if (sheets := styled.get(name)) and not sheets & ours]
    assert lacking == []


def test_every_style_sheet_is_named_by_a_module() -> None:
    named = {sheet for module in graph().modules.values() for sheet in module.sheets} | set(shell().sheets)
    assert {
        f"/static/{path.relative_to(STATIC)}"
        for path in [STATIC / "tokens.css", STATIC / "base.css", *(STATIC / "vendor").glob("*.css"), *sources(".css")]
    } == named


def test_every_address_in_a_style_sheet_exists() -> None:
    sheets = [STATIC / "tokens.css", STATIC / "base.css", *sources(".css")]
    named = {found for sheet in sheets for found in re.findall(r'url\("/static/([^"]+)"\)', sheet.read_text())}
    assert named
    assert {name for name in named if not (STATIC / name).is_file() and name not in vendored()} == set()


def icons() -> set[str]:
    return {Path(target).stem for target in vendored() if target.startswith("vendor/icons/")}


def test_every_icon_that_the_code_names_is_vendored_and_none_is_left_over() -> None:
    text = "\n".join(path.read_text() for path in sources(".js"))
    assert icons() - set(re.findall(r'"([a-z][a-z0-9-]*)"', text)) == set()
    assert set(re.findall(r'<\$\{Icon\} name="([^"]+)"', text)) <= icons()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_every_icon_that_its_modules_name(page: str) -> None:
    files = [*sources(".js"), *(STATIC / "vendor" / "icons").iterdir()]
    texts = {f"/static/{path.relative_to(STATIC)}": path.read_text() for path in files}
    spec = msgspec.json.decode((STATIC / page / "page.json").read_bytes(), type=PageSpec)
    rendered = Shell(shell(), {}, texts).draft(Page(page, spec), "en").show(Face()).body.decode()
    ids = set(re.findall(r'<symbol id="icon-([a-z0-9-]+)" viewBox="0 0 24 24" [^>]*stroke="currentColor"', rendered))
    modules = [text for address, text in texts.items() if address in graph().ever(f"/static/{page}/page.js")]
    assert {name for text in modules for name in re.findall(r'"([a-z][a-z0-9-]*)"', text)} & icons() == ids
    assert "@license lucide-static" in rendered
    assert len(ids) >= 2, "the sign that turns while something is awaited, and what it says when it fails"


def test_nothing_is_inline() -> None:
    for path in [*STATIC.glob("*/body.html"), *sources(".js")]:
        text = path.read_text()
        assert not re.search(r"\sstyle=", text), path
        assert not re.search(r"\son[a-z]+=[\"']", text), path
        assert "<style" not in text, path
        assert path.suffix == ".js" or "<script" not in text, path


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
