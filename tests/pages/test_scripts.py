"""The browser's modules: types against the contract, behaviour under Node, and reducers that agree with the server's."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.kernel.module import ChannelKind
from server.modules.auctions.module import MODULE as AUCTIONS
from server.modules.catalog.module import MODULE as CATALOG
from server.modules.chat.module import MODULE as CHAT
from server.modules.flash_sales.module import MODULE as FLASH_SALES
from server.modules.giveaways.module import MODULE as GIVEAWAYS
from server.modules.guests.module import MODULE as GUESTS
from server.modules.moderation.module import MODULE as MODERATION
from server.modules.notifications.module import MODULE as NOTIFICATIONS
from server.modules.orders.module import MODULE as ORDERS
from server.modules.polls.module import MODULE as POLLS
from server.modules.presence.module import MODULE as PRESENCE
from server.modules.questions.module import MODULE as QUESTIONS
from server.modules.reactions.module import MODULE as REACTIONS
from server.modules.shows.module import MODULE as SHOWS

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
VECTORS = json.loads((ROOT / "tests" / "vectors" / "reducers.json").read_text())
MODULES = (
    SHOWS,
    CATALOG,
    CHAT,
    MODERATION,
    ORDERS,
    GUESTS,
    QUESTIONS,
    POLLS,
    REACTIONS,
    PRESENCE,
    NOTIFICATIONS,
    FLASH_SALES,
    GIVEAWAYS,
    AUCTIONS,
)
KINDS: dict[str, ChannelKind] = {kind.name: kind for module in MODULES for kind in module.channels}

DEADLINE_S = 120
"""The type checker needs two seconds of a core; the machine may be busy with the rest of the suite."""


def run_node(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node is not None, "Node.js is missing: run `make test`, which fetches one"
    # Colours would put escape sequences into the message of a failing test.
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        [node, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )


def test_the_types_of_the_pages_agree_with_the_contract() -> None:
    checked = run_node("node_modules/typescript/bin/tsc", "--noEmit", folder=STATIC)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_type_checker_sees_the_contract_in_every_module() -> None:
    listed = run_node("node_modules/typescript/bin/tsc", "--listFilesOnly", folder=STATIC).stdout.splitlines()
    ours = {
        str(path)
        for folder in ("lib", "components", *sorted({path.parent.name for path in STATIC.glob("*/page.json")}))
        for path in (STATIC / folder).glob("*.js")
    }
    assert ours
    assert ours <= set(listed)
    assert str(ROOT / "schemas" / "generated" / "messages.d.ts") in listed
    assert [path for path in ours if not Path(path).read_text().startswith("// @ts-check\n")] == []


@pytest.mark.parametrize("script", sorted(path.name for path in Path(__file__).parent.glob("*.test.mjs")))
def test_the_script_passes_under_node(script: str) -> None:
    result = run_node("--test", "--test-reporter=tap", script, folder=Path(__file__).parent)
    assert result.returncode == 0, result.stdout + result.stderr
    passed = re.search(r"^# pass (\d+)$", result.stdout, re.MULTILINE)
    assert passed, result.stdout
    assert int(passed[1]) > 0


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_the_server_reduces_as_the_browser_does(vector: dict[str, Any]) -> None:
    kind = KINDS[vector["kind"]]
    state = msgspec.convert(vector["snapshot"], kind.snapshot)
    for publication in vector["publications"]:
        state = kind.apply(state, msgspec.convert(publication, kind.publication))
    assert msgspec.json.decode(msgspec.json.encode(state)) == vector["after"]


def test_the_browser_knows_every_kind_of_channel_and_how_it_is_delivered() -> None:
    found = re.findall(r'^  (\w+): \{ delivery: "(\w+)"', (STATIC / "lib" / "reducers.js").read_text(), re.MULTILINE)
    assert dict(found) == {name: kind.delivery for name, kind in KINDS.items()}
