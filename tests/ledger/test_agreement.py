"""The scripts and the rules agree on every outcome, every entry of the log and every key."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
import redis

from server.ledger.wire import FILES, SNAPSHOT_FILES, bundle, source
from tests.ledger import lot_scenarios, scenarios
from tests.ledger.twin import Twin


@pytest.mark.parametrize("history", [*scenarios.AGREEING, *lot_scenarios.AGREEING], ids=lambda history: history.__name__)
def test_script_and_rules_agree_when(blocking: redis.Redis, history: Callable[[Twin], None]) -> None:
    script = bundle()
    blocking.script_load(script.text)
    twin = Twin(blocking, script, "shw_table")
    history(twin)
    twin.compare()


@pytest.mark.parametrize("history", [*scenarios.SCRIPT_ONLY, *lot_scenarios.SCRIPT_ONLY], ids=lambda history: history.__name__)
def test_the_script_behaves_when(blocking: redis.Redis, history: Callable[[Twin], None]) -> None:
    script = bundle()
    blocking.script_load(script.text)
    history(Twin(blocking, script, "shw_table"))


@pytest.mark.parametrize("files", [FILES, SNAPSHOT_FILES], ids=["bundle", "snapshot"])
def test_no_file_of_a_script_hides_a_name_of_another(files: tuple[str, ...]) -> None:
    """They are one text: a second `local` of the same name would take the first one's place in all that follows."""
    text = "\n".join(source(name) for name in files)
    names = Counter(re.findall(r"^local (?:function )?(\w+)", text, re.MULTILINE))
    assert names
    assert [name for name, times in names.items() if times > 1] == []
