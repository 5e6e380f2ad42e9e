"""The start-up guard of the append-only file: a torn tail is repaired before a server may serve from it.

A crash can tear the file inside the MULTI/EXEC block that every script leaves there. A server that loads such a file leniently
goes on appending *behind the open MULTI*, and the start after that drops all of it: everything acknowledged in between, in spite
of `appendfsync always`. So servers are started with `aof-load-truncated no`, and this guard cuts the torn tail off first. What it
cuts was never acknowledged: an answer leaves the server only after its block is on the disk.
"""

import shutil
import subprocess
from pathlib import Path

from server.kernel.errors import SetupError
from server.kernel.log import get_logger

AOF_FOLDER = "appendonlydir"
AOF_NAME = "appendonly.aof"
CHECK_TIMEOUT_S = 120.0
"""The checker reads about 100 MB/s; a file is rewritten when it doubles, so minutes are ample."""
BACKUPS_MAX = 3
"""A torn file is kept for the operator; more than a few would fill the disk of a machine that crashes again and again."""

log = get_logger(__name__)


def repair_torn_tail(binary: Path, folder: Path) -> bool:
    """Cut a torn tail off the append-only file under `folder`; returns whether there was one.

    Only the file that the server wrote last can be torn, so only that one is checked; the server itself checks the others when
    it loads them, and refuses to start when one is damaged.

    Raises:
        SetupError: the file is damaged in a way that the checker cannot repair.
    """
    newest = newest_increment(folder)
    if newest is None or _check(binary, newest).returncode == 0:
        return False
    size = newest.stat().st_size
    backup = _back_up(newest)
    fixed = _check(binary, newest, "--fix")
    if fixed.returncode != 0 or _check(binary, newest).returncode != 0:
        raise SetupError(f"{newest} is damaged and could not be repaired; restore the folder from a backup (copy: {backup})")
    log.warning("cut a torn tail off the append-only file", file=newest.name, cut_bytes=size - newest.stat().st_size, copy=backup)
    return True


def newest_increment(folder: Path) -> Path | None:
    """The append-only file that the server wrote last, by its manifest; None when there is none yet.

    The manifest has lines `file <name> seq <number> type <b|i|h>`: base, increments, history.
    """
    manifest = folder / AOF_FOLDER / f"{AOF_NAME}.manifest"
    if not manifest.exists():
        return None
    rows = [line.split() for line in manifest.read_text().splitlines()]
    increments = [(int(row[3]), row[1]) for row in rows if len(row) >= 6 and row[5] == "i"]
    if not increments:
        return None
    path = manifest.parent / max(increments)[1].strip('"')
    return path if path.exists() and path.stat().st_size > 0 else None


def _check(binary: Path, file: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    # The server's binary is the checker too, when called by that name. It is given the single file rather than the manifest:
    # the checker of Valkey 9.1 takes its own base file (magic `VALKEY080`) for a damaged one.
    command = ["valkey-check-aof", *options, str(file)]
    return subprocess.run(command, executable=binary, input=b"y\n", capture_output=True, timeout=CHECK_TIMEOUT_S, check=False)


def _back_up(file: Path) -> Path:
    kept = sorted(file.parent.glob("*.torn-*"), key=lambda path: path.stat().st_mtime)
    for old in kept[: max(0, len(kept) - BACKUPS_MAX + 1)]:
        old.unlink()
    number = max((int(path.name.rpartition("-")[2]) for path in kept), default=0) + 1
    backup = file.with_name(f"{file.name}.torn-{number}")
    shutil.copy2(file, backup)
    return backup
