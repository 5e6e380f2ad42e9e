"""Scripts without their comments: nothing else may go."""

import re
from pathlib import Path

import pytest

from server.http.application import STATIC_FOLDER
from server.http.comments import without_comments
from tests.http.conftest import World

OURS = [path for path in sorted(STATIC_FOLDER.glob("*/*.js")) if path.parent.name not in ("vendor", "node_modules")]


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("// one\nconst a = 1; // stays\n", "\nconst a = 1; // stays\n"),
        ("/** @type {X} */ const a = 1;\n", "/** @type {X} */ const a = 1;\n"),
        ("/**\n * Many\n * lines.\n */\nexport class A {}\n", "\n\n\n\nexport class A {}\n"),
        ("  /** Of a member. */\n  #a = 1;\n  /* And */ /* more */\n", "\n  #a = 1;\n  /* And */ /* more */\n"),
        ("/* open */ const a = /* b */ 1;\n/* c */\n", "/* open */ const a = /* b */ 1;\n\n"),
        ("const url = `https://x`; const re = /a\\/\\//;\n", "const url = `https://x`; const re = /a\\/\\//;\n"),
        ("/* never closed\nconst a = 1;\n", "/* never closed\nconst a = 1;\n"),
        ("const a = 2\n  /* over */ / 3;\n", "const a = 2\n  /* over */ / 3;\n"),
    ],
)
def test_only_whole_lines_of_comment_go_and_line_numbers_stay(source: str, left: str) -> None:
    assert without_comments(source.encode()).decode() == left
    assert left.count("\n") == source.count("\n")


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_goes_of_our_scripts_lies_in_no_template(path: Path) -> None:
    """Before every line that goes, the backticks of the code pair up: it is not within the text of a template literal."""
    source = path.read_bytes()
    for gone in re.finditer(rb"^[ \t]*//|^[ \t]*/\*", source, re.MULTILINE):
        before = re.sub(rb"(?<![:<])//[^\n]*|/\*(?:(?!\*/).)*\*/", b"", source[: gone.start()], flags=re.DOTALL)
        assert before.count(b"`") % 2 == 0, f"line {source[: gone.start()].count(bytes([10])) + 1}"


async def test_a_script_travels_without_comments_and_its_file_has_them(world: World) -> None:
    source = "// Why.\nexport const words = 1;\n" * 100
    for name in ("watch/page.js", "vendor/preact.js"):
        (world.static / name).write_text(source, encoding="utf-8")
    coded = await world.client.get("/static/watch/page.js", headers={"accept-encoding": "gzip"})
    assert coded.text == "\nexport const words = 1;\n" * 100
    assert coded.headers["etag"].startswith('W/"')
    plain = await world.client.get("/static/watch/page.js", headers={"accept-encoding": "identity"})
    assert plain.text == source
    vendored = await world.client.get("/static/vendor/preact.js", headers={"accept-encoding": "gzip"})
    assert vendored.text == source, "licences stand in comments"
