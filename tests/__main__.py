"""Every check in one command: `python -m tests [paths…] [--fast]`. `--fast` leaves out types and the tests in a browser.

One line per step with its time. A failing step does not stop the others; its output is shown, and the exit status is 1. The tests
come last, so that the last lines are pytest's.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent

STEP_DEADLINE_S = 600
PYTEST_DEADLINE_S = 3_600
"""Three times what all tests may take; a test that hangs shows its stacks long before, by faulthandler."""


class Step(NamedTuple):
    """A check that is a process of its own. `fast` steps end within seconds."""

    name: str
    command: list[str]
    fast: bool = True


class Result(NamedTuple):
    """How a step ended."""

    name: str
    passed: bool
    seconds: float
    output: str


STEPS = (
    Step("format", [str(SCRIPTS / "ruff"), "format", "--check", "--quiet", "."]),
    Step("lint", [str(SCRIPTS / "ruff"), "check", "--quiet", "."]),
    Step("types", [str(SCRIPTS / "mypy")], fast=False),
    Step("layers", [str(SCRIPTS / "lint-imports")]),
    Step("generated files", [sys.executable, "-m", "server", "schema", "--check"]),
)


def main() -> int:
    """Run the steps, then pytest; exit status 1 when anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", help="test files or folders; default all")
    parser.add_argument("--fast", action="store_true", help="without types and without a browser")
    arguments = parser.parse_args()
    steps = [step for step in STEPS if step.fast or not arguments.fast]
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(run_step, steps))
    failed = [result.name for result in results if not result.passed]
    if not run_pytest(arguments.paths, fast=arguments.fast):
        failed.append("tests")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run_step(step: Step) -> Result:
    """Run one step and say how it went."""
    started_s = time.monotonic()
    try:
        done = subprocess.run(
            step.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STEP_DEADLINE_S,
            check=False,
        )
        passed, output = done.returncode == 0, done.stdout
    except subprocess.TimeoutExpired:
        passed, output = False, f"not finished within {STEP_DEADLINE_S} s\n"
    except OSError as error:
        passed, output = False, f"{error}; `.ci/setup test` installs what is missing\n"
    result = Result(step.name, passed, time.monotonic() - started_s, output)
    # One write: two steps run at once, and their lines must not mix.
    sys.stdout.write(f"{'ok    ' if passed else 'FAILED'}  {step.name:<16} {result.seconds:6.1f} s\n{'' if passed else output}")
    sys.stdout.flush()
    return result


def run_pytest(paths: list[str], *, fast: bool) -> bool:
    """Run the tests with their output as it comes. No test at all is a failure as well (pytest's exit status 5)."""
    command = [sys.executable, "-m", "pytest", "-o", "faulthandler_timeout=180", "--durations=10", "--durations-min=5", "-rs"]
    if not paths:
        # One process a core; whoever is done takes over from the others, so that the long ones do not come last and alone.
        command += ["-n", "auto", "--dist", "worksteal"]
    if fast:
        command += ["-m", "not e2e and not chaos and not reference"]
    try:
        return subprocess.run([*command, *paths], cwd=ROOT, timeout=PYTEST_DEADLINE_S, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"FAILED  tests: not finished within {PYTEST_DEADLINE_S} s", file=sys.stderr)
        return False


if __name__ == "__main__":
    sys.exit(main())
