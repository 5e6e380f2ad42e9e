"""A load test says the truth about its budgets."""

import json
import subprocess
import sys

import pytest

from loadtests.__main__ import NAMES, Bounds, due, judge, read_budgets, table


def test_a_figure_within_its_bounds_keeps_the_budget() -> None:
    assert judge("x", {"rate": 10.0}, {"rate": {"min": 10}}, quick=False)["ok"] is True


@pytest.mark.parametrize("value", [9.99, float("nan")])
def test_a_figure_outside_its_bounds_misses_the_budget(value: float) -> None:
    report = judge("x", {"rate": value}, {"rate": {"min": 10}}, quick=False)
    assert report["ok"] is False
    assert report["missed"] == ["rate"]
    assert "MISSED" in table({"rate": value}, {"rate": {"min": 10}}, quick=False)[0]


def test_a_budget_whose_figure_vanished_is_missed() -> None:
    assert judge("x", {}, {"rate": {"min": 10}}, quick=False)["ok"] is False


def test_the_short_run_has_its_own_bounds() -> None:
    budgets: dict[str, Bounds] = {"rate": {"min": 10, "quick_min": 2}}
    assert judge("x", {"rate": 3.0}, budgets, quick=True)["ok"] is True
    assert judge("x", {"rate": 3.0}, budgets, quick=False)["ok"] is False


def test_a_budget_of_the_full_run_is_not_due_in_the_short_one_unless_asked_for() -> None:
    budgets: dict[str, Bounds] = {"rate": {"of": "rates", "min": 10, "full_only": True}, "cost": {"of": "costs", "max": 1}}
    assert set(due(budgets, quick=False)) == {"rate", "cost"}
    assert set(due(budgets, quick=True)) == {"cost"}
    assert set(due(budgets, quick=True, only="rates")) == {"rate"}


def test_only_a_measurement_that_exists_can_be_chosen() -> None:
    command = [sys.executable, "-m", "loadtests", "show", "--only", "cpu"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "show has no measurements to choose from" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_load_test_has_budgets(name: str) -> None:
    assert read_budgets(name)


def test_the_last_line_is_one_json_object_and_the_exit_status_tells_a_miss() -> None:
    program = """
import sys, types
import loadtests.__main__ as main
sys.modules["loadtests.ledger"] = types.SimpleNamespace(run=lambda quick: {"holds_per_s_grouped": 1.0})
sys.argv = ["loadtests", "ledger", "--quick"]
sys.exit(main.main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert report["name"] == "ledger"
    assert report["ok"] is False
    assert report["figures"] == {"holds_per_s_grouped": 1.0}
