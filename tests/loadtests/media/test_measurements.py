"""Measurements: each has budgets, and one that cannot be done is missing from the figures instead of being guessed."""

import importlib
import os
import shutil
from typing import Any

import pytest

from loadtests import media
from loadtests.__main__ import due, judge, read_budgets
from loadtests.media import cpu, janus, relay
from loadtests.media.join import percentile

BUDGETS = read_budgets("media")


def test_every_budget_names_its_measurement_and_every_measurement_has_one() -> None:
    assert {bounds.get("of") for bounds in BUDGETS.values()} == set(media.MEASUREMENTS)
    assert {bounds["of"] for bounds in BUDGETS.values() if bounds.get("full_only")} == set(media.FULL_ONLY)


@pytest.mark.parametrize("name", media.MEASUREMENTS)
def test_every_measurement_can_be_called(name: str) -> None:
    assert callable(importlib.import_module(f"loadtests.media.{name}").measure)


def test_one_measurement_is_judged_by_its_own_budgets() -> None:
    assert set(due(BUDGETS, quick=False, only="plis")) == {"plis"}


def test_the_short_run_does_not_ask_for_what_it_leaves_out() -> None:
    assert "janus_ratio" not in due(BUDGETS, quick=True)
    assert "janus_ratio" in due(BUDGETS, quick=False)
    assert set(due(BUDGETS, quick=True, only="janus")) == {"janus_ratio"}


@pytest.fixture
def without_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Janus and no browser on the path."""
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_without_janus_its_figure_is_missing_and_the_budget_missed(without_programs: None, capsys: Any) -> None:
    figures = media.run(quick=True, only="janus")
    assert figures == {}
    assert judge("media", figures, due(BUDGETS, quick=True, only="janus"), quick=True)["missed"] == ["janus_ratio"]
    said = capsys.readouterr().err
    assert "janus: NOT MEASURED: Debian's package janus is not installed" in said


def test_without_a_browser_joins_are_missing(without_programs: None, capsys: Any) -> None:
    assert media.run(quick=True, only="glass") == {}
    assert "glass: NOT MEASURED: no Chromium here" in capsys.readouterr().err


def test_a_mistake_of_ours_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(bench: object, quick: bool) -> dict[str, float]:
        raise KeyError("mistake")

    monkeypatch.setattr(janus, "measure", broken)
    with pytest.raises(KeyError, match="mistake"):
        media.run(quick=True, only="janus")


def test_growth_spread_and_ratio_are_of_the_right_sizes() -> None:
    figures = cpu._figures({10: 6.0, 40: 3.0, 300: 4.5}, 3.0, {10: 4.0, 300: 3.0})
    assert figures["ratio_to_bare"] == 1.5  # at the largest size
    assert figures["ratio_to_bare_40_viewers"] == 1.0
    assert figures["growth"] == 0.75
    assert figures["spread"] == 2.0
    assert figures["ratio_to_paced_bare"] == 1.5


def test_the_bare_loop_takes_microseconds() -> None:
    assert 0.1 < cpu.bare_loop_us(viewers=4, frames=4) < 1000
    assert 0.1 < cpu.bare_loop_us(viewers=4, frames=4, pace_s=0.001) < 10_000


def test_a_percentile_is_a_value_that_was_there() -> None:
    assert percentile([5.0, 1.0, 3.0], 0.5) == 3.0
    assert percentile([float(number) for number in range(1, 101)], 0.99) == 99.0
    assert percentile([7.0], 0.01) == 7.0


def test_a_process_clock_counts_only_its_own_cpu() -> None:
    before = relay.cpu_s(os.getpid())
    sum(range(300_000))
    assert 0 < relay.cpu_s(os.getpid()) - before < 5
