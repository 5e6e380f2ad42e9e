"""The scripts and the rules agree on every outcome, every entry of the log and every key."""

from collections.abc import Callable

import pytest
import redis

from server.ledger.wire import bundle
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
