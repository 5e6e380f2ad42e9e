"""Modules that travel as one file do what they do apart: Node.js runs them both ways."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from server.http.joined import Joined, join
from server.http.module_graph import ModuleGraph
from server.http.shell import FIRST_MODULES, PAGE_MODULES, Page, PageSpec, Shell
from tests.pages.test_scripts import run_node
from tests.pages.test_sources import PAGES, STATIC, graph, module_text, shell

NAMES = {"lib": "/static/vendor/lib.js"}

APART = {
    "/static/a.js": """
// @ts-check
import { b as other, COUNT } from "./b.js";
import { Kind, make } from "lib";
import whole from "./whole.js";
log("a");
export const a = () => [other(), COUNT, whole(), new Kind().name, make()];
export async function later() {
  const { late } = await import("./late.js");
  return late(a());
}
export class A {}
""",
    "/static/b.js": """
import { log as same } from "./c.js";
const a = "a name of b's own";
same("b");
export const COUNT = 2;
export const b = () => `${a} // no comment`;
""",
    "/static/c.js": """
export { hidden as log, COUNTED };
const COUNTED = [];
function hidden(text) {
  COUNTED.push(text);
}
hidden("c");
""",
    "/static/vendor/lib.js": 'import{log as l}from"/static/c.js";export{COUNTED}from"/static/c.js";'
    'class n{name="kind"}function t(){return"made"}l("lib");export{n as Kind,t as make};\n//# sourceMappingURL=lib.js.map',
    "/static/whole.js": "/** Of the whole. */\nexport default function(){return 7}",
}
APART["/static/a.js"] = APART["/static/a.js"].replace("import whole", 'import { log } from "./c.js";\nimport whole')
IN_ORDER = ["/static/a.js", "/static/b.js", "/static/c.js", "/static/vendor/lib.js", "/static/whole.js"]
EXPORTS = {"a", "later", "A", "COUNT", "b", "log", "COUNTED", "Kind", "make", "default"}


def joined(sources: dict[str, str], addresses: list[str]) -> Joined:
    return join(ModuleGraph(sources, NAMES), sources, addresses)


def run(text: str, folder: Path, program: str) -> object:
    """What the program says of `all`, the exports of a module with this text."""
    (folder / "joined.mjs").write_text(text, encoding="utf-8")
    (folder / "run.mjs").write_text(
        f'import * as all from "./joined.mjs";\nconsole.log(JSON.stringify({program}));', encoding="utf-8"
    )
    done = run_node(str(folder / "run.mjs"), folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_several_modules_run_once_each_in_the_order_of_browsers(tmp_path: Path) -> None:
    made = joined(APART, IN_ORDER)
    assert made.modules == set(IN_ORDER)
    assert run(made.text, tmp_path, "all.COUNTED") == ["c", "b", "lib", "a"]


def test_what_they_export_is_there_under_its_own_name_and_means_the_same(tmp_path: Path) -> None:
    made = joined(APART, IN_ORDER)
    assert run(made.text, tmp_path, "Object.keys(all).sort()") == sorted(EXPORTS)
    expected = ["a name of b's own // no comment", 2, 7, "kind", "made"]
    assert run(made.text, tmp_path, "[all.a(), all.A.name]") == [expected, "A"]
    assert 'import("/static/late.js")' in made.text, "from where the module stands, not from where the file does"
    (tmp_path / "late.mjs").write_text("export const late = (given) => given.length;", encoding="utf-8")
    assert run(made.text.replace("/static/late.js", "./late.mjs"), tmp_path, "await all.later()") == 5


def test_our_comments_stay_at_home_and_a_map_of_a_single_file_as_well() -> None:
    text = joined(APART, IN_ORDER).text
    assert ("@ts-check" in text, "Of the whole" in text, "sourceMappingURL" in text) == (False, False, False)
    licensed = {**APART, "/static/vendor/lib.js": "/* Licence */\n" + APART["/static/vendor/lib.js"]}
    assert "/* Licence */" in joined(licensed, IN_ORDER).text


@pytest.mark.parametrize(
    "source",
    [
        'import { log } from "./c.js";\nawait log("top");',
        'import { log } from "./c.js";\nlog(import.meta.url);',
        'export * from "./c.js";',
        'import * as c from "./c.js";\nc.log("");',
        "export let changes = 1;",
        "export const { x, y } = { x: 1, y: 2 };",
        "export const COUNT = 3;",
        'import { missing } from "./c.js";\nmissing();',
    ],
)
def test_a_module_that_a_function_cannot_hold_stays_a_file(source: str) -> None:
    sources = {**APART, "/static/odd.js": source}
    made = joined(sources, [*IN_ORDER, "/static/odd.js"])
    assert made.modules == set(IN_ORDER)


def test_what_stays_a_file_is_imported_from_there_and_never_waits_for_the_file_of_many(tmp_path: Path) -> None:
    alone = {**APART, "/static/c.js": APART["/static/c.js"] + "await null;"}
    made = joined(alone, IN_ORDER)
    assert made.modules == set(IN_ORDER) - {"/static/c.js"}
    assert made.text.count('from "/static/c.js";') == 1
    (tmp_path / "c.mjs").write_text(alone["/static/c.js"], encoding="utf-8")
    text = made.text.replace('"/static/c.js"', '"./c.mjs"')
    assert run(text, tmp_path, "all.COUNTED") == ["c", "b", "lib", "a"]
    # `b` waits for `c`, so it cannot be in a file that `b` waits for.
    between = joined({**APART, "/static/b.js": APART["/static/b.js"] + "await null;"}, IN_ORDER)
    assert between.modules == {"/static/c.js", "/static/vendor/lib.js", "/static/whole.js"}


def test_modules_that_import_each_other_stay_files() -> None:
    circle = {
        "/static/a.js": 'import { b } from "./b.js";\nexport const a = () => b;',
        "/static/b.js": 'import { a } from "./a.js";\nexport const b = () => a;',
        "/static/c.js": "export const c = 1;",
        "/static/d.js": "export const d = 1;",
    }
    assert joined(circle, sorted(circle)).modules == {"/static/c.js", "/static/d.js"}


def test_a_single_module_is_not_worth_another_file() -> None:
    assert joined(APART, ["/static/c.js"]) == Joined()


def made_of(page: str) -> tuple[Shell, Page]:
    spec = msgspec.json.decode((STATIC / page / "page.json").read_bytes(), type=PageSpec)
    return Shell(shell(), {}, {address: module_text(address) for address in graph().modules}), Page(page, spec)


@pytest.mark.parametrize("page", PAGES)
def test_the_files_of_a_page_are_modules_and_export_all_that_they_hold(page: str, tmp_path: Path) -> None:
    made, described = made_of(page)
    for name in (FIRST_MODULES, PAGE_MODULES) if described.first else (PAGE_MODULES,):
        text = made.combined(described, name).body.decode()
        (tmp_path / "joined.mjs").write_text(text, encoding="utf-8")
        checked = run_node("--check", str(tmp_path / "joined.mjs"), folder=tmp_path)
        assert checked.returncode == 0, checked.stderr
        held = re.findall(r"^// (/static/\S+)$", text, re.MULTILINE)
        declared = {
            name
            for address in held
            for name in re.findall(r"^export (?:async )?(?:const|class|function) (\w+)", module_text(address), re.MULTILINE)
        }
        exported = set(re.findall(r"\w+ as (\w+)", text[text.rindex("\nexport {") :]))
        assert declared <= exported
        assert len(held) > 10


def test_the_player_comes_in_three_files() -> None:
    made, watch = made_of("watch")
    html = made.draft(watch, "en").before + made.draft(watch, "en").after
    scripts = re.findall(r'<(?:script type="module"(?: async)? src|link rel="modulepreload" href)="([^"?]+)', html)
    assert scripts == ["/combined/watch/first.js", "/combined/watch/page.js", "/static/watch/page.js"]
