"""The embedded server: private, alone in its folder, durable, and never left behind."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from server.kernel.errors import SetupError
from server.redis import embedded
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey, socket_path

CHILD = """
import asyncio, sys
from pathlib import Path
from server.redis.embedded import EmbeddedValkey
async def main():
    server = EmbeddedValkey(Path(sys.argv[1]))
    await server.start()
    sys.stdout.write(f"{server.pid}\\n")
    sys.stdout.flush()
    await server.wait()
asyncio.run(main())
"""


async def fill(client: Redis) -> None:
    """Write until nothing more fits."""
    for number in range(100):
        await client.set(f"key:{number}", b"x" * 200_000)


async def test_it_writes_every_change_to_the_disk_and_never_evicts(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", memory_max_mb=8)
    await server.start()
    client = connect(server.url)
    try:
        for name, value in (
            (b"appendonly", b"yes"),
            (b"appendfsync", b"always"),
            (b"aof-load-truncated", b"no"),
            (b"maxmemory-policy", b"noeviction"),
            (b"save", b""),
            (b"port", b"0"),
        ):
            given = await client.config_get(name.decode())
            assert {str(key): str(item) for key, item in given.items()} == {name.decode(): value.decode()}
        with pytest.raises(OutOfMemoryError):
            await fill(client)
    finally:
        await client.aclose()
        await server.stop()


async def test_only_its_own_user_can_reach_it(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    await server.start()
    try:
        assert server.url == f"unix://{tmp_path}/valkey/valkey.sock"
        assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    finally:
        await server.stop()


async def test_kill_9_loses_nothing_and_it_can_be_started_again(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    await server.start()
    client = connect(server.url)
    for number in range(50):
        await client.set(f"key:{number}", number)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert await server.wait() == -signal.SIGKILL
    await server.start()
    assert [await client.get(f"key:{number}") for number in range(50)] == [str(number).encode() for number in range(50)]
    await client.aclose()
    await server.stop()
    assert server.pid is None


async def test_two_servers_never_share_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LOCK_TIMEOUT_S", 0.1)
    first = EmbeddedValkey(tmp_path / "valkey")
    await first.start()
    second = EmbeddedValkey(tmp_path / "valkey")
    with pytest.raises(SetupError, match="is in use by another server"):
        await second.start()
    client = connect(first.url)
    assert await client.ping()
    await client.aclose()
    await first.stop()
    await second.start()
    await second.stop()


async def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path / "valkey")], stdout=subprocess.PIPE)  # noqa: ASYNC220 - it is killed below
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.stdout.close()
    parent.kill()
    parent.wait()
    # The lock is the server's too: that it can be taken means that the server is gone.
    successor = EmbeddedValkey(tmp_path / "valkey")
    await successor.start()
    assert successor.pid != pid
    await successor.stop()


async def test_a_server_that_outlives_its_parent_for_a_moment_still_has_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path / "valkey")], stdout=subprocess.PIPE)  # noqa: ASYNC220
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.stdout.close()
    os.kill(pid, signal.SIGSTOP)  # it cannot end now
    parent.kill()
    parent.wait()
    successor = EmbeddedValkey(tmp_path / "valkey")
    try:
        with monkeypatch.context() as patch:
            patch.setattr(embedded, "LOCK_TIMEOUT_S", 0.2)
            with pytest.raises(SetupError, match="is in use by another server"):
                await successor.start()
    finally:
        os.kill(pid, signal.SIGCONT)
    await successor.start()
    await successor.stop()


async def test_a_path_too_long_for_a_socket_moves_only_the_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    server = EmbeddedValkey(folder)
    await server.start()
    try:
        assert server.socket == socket_path(folder) != folder / "valkey.sock"
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
        client = connect(server.url)
        assert await client.ping()
        await client.aclose()
        assert (folder / "appendonlydir").is_dir()
    finally:
        await server.stop()
        server.socket.parent.rmdir()


async def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="cannot use the folder"):
        await EmbeddedValkey(tmp_path / "file" / "valkey").start()


async def test_a_server_that_does_not_come_up_says_why(tmp_path: Path) -> None:
    (tmp_path / "valkey" / "appendonlydir").mkdir(parents=True)
    (tmp_path / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(SetupError, match="the embedded Valkey did not start: "):
        await EmbeddedValkey(tmp_path / "valkey").start()
