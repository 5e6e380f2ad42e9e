"""Searches for inputs that break a target, guided by coverage: `python -m tests.media.fuzz --seconds 60 [target…]`.

Needs atheris (`pip install atheris==3.0.0`, Python 3.11 to 3.13). Every target runs for so many seconds in a process of its own;
what it finds is written into the target's corpus as `crash-…`, `oom-…` or `timeout-…`, and the exit status is 1.
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")
NAMES = ("stun", "rtp", "rtcp", "twcc", "srtp", "sdp", "fragment", "h264", "vp8", "whip")
_INPUT_S = 5  # no input may take so long, not even on a busy machine
_MEMORY_MB = 1024
_GRACE_S = 120  # start, instrumentation and the corpus


def main() -> int:
    """Run the targets one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.media.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="target", help=f"default: all of {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = set(arguments.targets) - set(NAMES)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: pip install atheris==3.0.0", file=sys.stderr)
        return 2
    if arguments.inside:
        search(arguments.targets[0], arguments.seconds)
    failed = [name for name in arguments.targets or NAMES if not _search_apart(name, arguments.seconds)]
    if failed:
        print(f"found something: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _search_apart(name: str, seconds: int) -> bool:
    print(f"== {name}: {seconds} s", flush=True)
    command = [sys.executable, "-m", "tests.media.fuzz", "--inside", "--seconds", str(seconds), name]
    return subprocess.run(command, check=False, timeout=seconds + _GRACE_S).returncode == 0


def search(name: str, seconds: int) -> None:
    """Run one target in this process, which ends with it."""
    import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

    with atheris.instrument_imports(include=["media"]):
        from tests.media.fuzz.targets import TARGETS
    target = TARGETS[name]
    seeds = CORPUS / name
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as found:
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={target.length_max}",
            f"-timeout={_INPUT_S}",
            f"-rss_limit_mb={_MEMORY_MB}",
            f"-artifact_prefix={seeds}/",
            "-print_final_stats=1",
            "-verbosity=0",
        ]
        atheris.Setup([sys.argv[0], *options, found, str(seeds)], target.one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
