"""Figures against budgets: `python -m loadtests media|channels|ledger|page|show [--quick]`. The last line is one JSON object.

Each name is a module of this package with `run(quick: bool) -> dict[str, float]`; `budgets.toml` says what figures must reach.
Exit status 1 when a figure misses its budget, or is not there. A module with `MEASUREMENTS` can do one of them alone (`--only`).
"""

import argparse
import importlib
import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

NAMES = ("media", "channels", "ledger", "page", "show")
BUDGETS = Path(__file__).with_name("budgets.toml")


class Bounds(TypedDict, total=False):
    """`min` or `max` of one figure, for the full run; `quick_min` or `quick_max` for the short one, where it differs.

    `full_only`: the short run does not measure it. `of`: the measurement that makes the figure, for `--only`.
    """

    min: float
    max: float
    quick_min: float
    quick_max: float
    full_only: bool
    of: str


def main() -> int:
    """Measure, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m loadtests", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--quick", action="store_true", help="end within 50 seconds")
    parser.add_argument("--only", metavar="MEASUREMENT", help="one measurement of the name (media has several)")
    arguments = parser.parse_args()
    module = importlib.import_module(f"loadtests.{arguments.name}")
    measurements: tuple[str, ...] = getattr(module, "MEASUREMENTS", ())
    if arguments.only is not None and arguments.only not in measurements:
        parser.error(f"{arguments.name} has {', '.join(measurements) or 'no measurements to choose from'}")
    figures: dict[str, float] = module.run(arguments.quick, arguments.only) if measurements else module.run(arguments.quick)
    budgets = due(read_budgets(arguments.name), quick=arguments.quick, only=arguments.only)
    report = judge(arguments.name, figures, budgets, quick=arguments.quick)
    for line in table(figures, budgets, quick=arguments.quick):
        print(line)
    print(json.dumps(report))
    return 0 if report["ok"] else 1


def read_budgets(name: str) -> dict[str, Bounds]:
    """The bounds of a name's figures."""
    budgets: dict[str, Bounds] = tomllib.loads(BUDGETS.read_text())[name]
    return budgets


def due(budgets: Mapping[str, Bounds], *, quick: bool, only: str | None = None) -> dict[str, Bounds]:
    """The budgets that this run must keep: the short run leaves out `full_only`, unless that is what was asked for."""
    if only is not None:
        return {figure: bounds for figure, bounds in budgets.items() if bounds.get("of") == only}
    return {figure: bounds for figure, bounds in budgets.items() if not (quick and bounds.get("full_only", False))}


def judge(name: str, figures: Mapping[str, float], budgets: Mapping[str, Bounds], *, quick: bool) -> dict[str, object]:
    """The report. A budget whose figure is not measured is missed: otherwise a figure could vanish without anybody noticing."""
    missed = [figure for figure in budgets if figure not in figures or not within(figures[figure], budgets[figure], quick)]
    return {"name": name, "figures": dict(figures), "budgets": dict(budgets), "missed": missed, "ok": not missed}


def within(value: float, bounds: Bounds, quick: bool) -> bool:
    """Whether a figure keeps its bounds; NaN does not."""
    least, most = bounds_of(bounds, quick)
    return least <= value <= most


def bounds_of(bounds: Bounds, quick: bool) -> tuple[float, float]:
    """Least and most that a figure may be."""
    least, most = bounds.get("min", float("-inf")), bounds.get("max", float("inf"))
    return (bounds.get("quick_min", least), bounds.get("quick_max", most)) if quick else (least, most)


def table(figures: Mapping[str, float], budgets: Mapping[str, Bounds], *, quick: bool) -> list[str]:
    """One line per figure for people: name, value, budget."""
    lines = []
    for figure in sorted({*figures, *budgets}):
        bounds = budgets.get(figure, {})
        least, most = bounds_of(bounds, quick)
        wanted = " and ".join([f"≥ {least:g}"] * (least > float("-inf")) + [f"≤ {most:g}"] * (most < float("inf"))) or "no budget"
        value = figures.get(figure)
        mark = "MISSED" if bounds and (value is None or not within(value, bounds, quick)) else ""
        lines.append(f"{figure:<32} {'not measured' if value is None else f'{value:g}':>14}   {wanted:<20} {mark}".rstrip())
    return lines


if __name__ == "__main__":
    sys.exit(main())
