"""A real PostgreSQL server in a temporary folder, on a unix socket only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

BINARIES = "/usr/lib/postgresql"


def find_binaries() -> Path | None:
    """Folder of the newest installed server's programs, or None."""
    found = sorted(Path(BINARIES).glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class PostgreSQL:
    """`with PostgreSQL(binaries) as server: server.url`. The server refuses to run as root, so it gets another user then."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the socket's path has a limit of 107 bytes
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://tester@/postgres?host={self._folder}"

    def __enter__(self) -> "PostgreSQL":
        data = self._folder / "data"
        if os.getuid() == 0:
            os.chown(self._folder, _unprivileged().pw_uid, _unprivileged().pw_gid)
        self._run("initdb", "-D", str(data), "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
        # fsync off: these tests are about transactions, not about power cuts.
        options = ["-k", str(self._folder), "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"]
        with (self._folder / "log").open("wb") as output:
            self._process = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(data), *options],
                stdout=output,
                stderr=output,
                cwd=self._folder,
                **self._user(),
            )
        self._run("pg_isready", "-h", str(self._folder), "-t", "0", attempts=200)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder)

    def _run(self, program: str, *args: str, attempts: int = 1) -> None:
        command = [str(self._binaries / program), *args]
        for _ in range(attempts):
            done = subprocess.run(command, capture_output=True, cwd=self._folder, check=False, timeout=60, **self._user())
            if done.returncode == 0:
                return
            if attempts > 1:
                subprocess.run(["sleep", "0.05"], check=True)
        raise RuntimeError(f"{program} failed: {done.stderr.decode()}{done.stdout.decode()}")

    def _user(self) -> dict[str, Any]:
        return {"user": _unprivileged().pw_uid, "group": _unprivileged().pw_gid} if os.getuid() == 0 else {}


def _unprivileged() -> pwd.struct_passwd:
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
