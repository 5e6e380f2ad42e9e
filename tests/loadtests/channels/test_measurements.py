"""Measurements of the channels: each has budgets, one that cannot be done is missing, and what they count is counted right."""

import importlib
import resource
import shutil
from typing import Any

import pytest

from loadtests import channels
from loadtests.__main__ import due, judge, read_budgets
from loadtests.channels import fanout, latency
from loadtests.channels.bench import Report, need_descriptors
from loadtests.channels.delays import Delays
from loadtests.channels.node_ws import _ratio
from loadtests.media.relay import NotMeasured

BUDGETS = read_budgets("channels")


def test_every_budget_names_its_measurement_and_every_measurement_has_one() -> None:
    assert {bounds.get("of") for bounds in BUDGETS.values()} == set(channels.MEASUREMENTS)


@pytest.mark.parametrize("name", channels.MEASUREMENTS)
def test_every_measurement_can_be_called(name: str) -> None:
    assert callable(importlib.import_module(f"loadtests.channels.{name}").measure)


def test_the_full_run_is_held_to_what_was_promised() -> None:
    promised = {"path_to_bare": 1.25, "hub_to_bare": 1.25, "ours_to_node_send": 1.0, "burst_added_delay_p99_ms": 50}
    promised |= {"stuck_p99_growth": 1.1, "storm_back_s": 15, "memory_kib_per_connection": 30, "last_ms": 500}
    assert {name: BUDGETS[name]["max"] for name in promised} == promised
    assert BUDGETS["burst_messages_per_write"]["min"] == 3.5
    assert BUDGETS["connections"]["min"] == 10_000


def test_without_node_js_its_figures_are_missing_and_the_budget_missed(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    figures = channels.run(quick=True, only="node_ws")
    assert figures == {}
    assert judge("channels", figures, due(BUDGETS, quick=True, only="node_ws"), quick=True)["missed"] == ["ours_to_node_send"]
    assert "node_ws: NOT MEASURED: Node.js or its package ws is missing" in capsys.readouterr().err


def test_a_mistake_of_ours_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(bench: object, quick: bool) -> dict[str, float]:
        raise KeyError("mistake")

    monkeypatch.setattr(latency, "measure", broken)
    with pytest.raises(KeyError, match="mistake"):
        channels.run(quick=True, only="latency")


def test_too_few_open_files_are_said_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (1_024, 4_096))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, wanted: limits.append(wanted))
    with pytest.raises(NotMeasured, match="ulimit -Hn 10500"):
        need_descriptors(10_000)
    need_descriptors(3_000)
    assert limits == [(4_096, 4_096)]


def test_a_percentile_is_that_of_all_processes_together() -> None:
    fast, slow = Delays(), Delays()
    for _ in range(98):
        fast.add(0.001)
    slow.add(0.2)
    slow.add(0.3)
    both = Delays.sum([fast.to_json(), slow.to_json()])
    assert both.percentile_ms(0.5) == pytest.approx(1.0, abs=0.02)
    assert both.percentile_ms(0.99) == pytest.approx(200, abs=0.02)
    assert both.percentile_ms(1.0) == pytest.approx(300, abs=0.02)
    with pytest.raises(ValueError, match="no delay"):
        Delays().percentile_ms(0.5)


def test_a_message_has_reached_the_last_when_the_slowest_process_has_it() -> None:
    parts = []
    for count, last_s in ((3, 10.5), (2, 10.25)):
        counts = dict.fromkeys(("pushes", "holes", "twice", "gaps", "snapshots", "recovered", "live", "attempts_failed"), 1)
        parts.append({**counts, "refusals": {"rate_limited": 2}, "delays": {"1": 4}, "arrivals": [[10.0, count, last_s]]})
    report = Report.sum(parts)
    assert report.arrivals == {10.0: (5, 10.5)}
    assert report.refusals == {"rate_limited": 4}
    assert report.holes == 2
    assert report.delays.counts == {1: 8}


def test_ratios_are_of_neighbouring_rounds_and_against_the_better_of_the_peers_ways() -> None:
    assert _ratio([2.0, 20.0, 6.0], [[9.0, 90.0, 27.0], [4.0, 40.0, 12.0]]) == 0.5
    costs = fanout.Costs([1.0, 10.0, 2.0], [1.2, 12.0, 2.4], [1.5, 15.0, 3.0], [0.5, 5.0, 1.0], [0.8, 8.0, 1.6], [2.0, 4.0, 3.0])
    figures = fanout._figures(costs, 200)
    assert figures["hub_to_bare_200_viewers"] == pytest.approx(1.2)
    assert figures["path_to_bare_200_viewers"] == pytest.approx(1.5)
    assert figures["path_us_per_frame_200_viewers"] == 3.0
    assert figures["path_burst_flushes_per_s_200_viewers"] == pytest.approx(1e6 / 1.6 / 3.0)
