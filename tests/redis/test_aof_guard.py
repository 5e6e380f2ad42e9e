"""The start-up guard against a real server and real files, cut where a crash can cut them."""

from pathlib import Path

import pytest

from server.kernel.errors import SetupError
from server.redis.aof_guard import BACKUPS_MAX, newest_increment, repair_torn_tail
from server.redis.connection import connect
from server.redis.embedded import EmbeddedValkey, find_binary

SCRIPT = "redis.call('SET', KEYS[1], ARGV[1]) redis.call('XADD', KEYS[2], '*', 'n', ARGV[1]) return 1"
BEFORE = 3


@pytest.fixture
async def written(tmp_path: Path) -> bytes:
    """Bytes of an append-only file that ends in a script's MULTI/EXEC block; the server that wrote it was killed."""
    server = EmbeddedValkey(tmp_path / "first")
    await server.start()
    client = connect(server.url)
    for number in range(BEFORE):
        await client.set(f"key:{number}", number)
    await client.eval(SCRIPT, 2, "count", "log", "1")
    await client.aclose()
    kill(server)
    await server.stop()
    file = newest_increment(server.folder)
    assert file is not None
    data = file.read_bytes()
    assert data.endswith(b"EXEC\r\n")
    return data


def kill(server: EmbeddedValkey) -> None:
    """`kill -9`."""
    assert server._process is not None
    server._process.kill()
    server._process.wait()


def cuts(data: bytes) -> list[int]:
    """Offsets to cut at: after MULTI, inside each command, inside EXEC, one byte short."""
    multi = data.rindex(b"*1\r\n$5\r\nMULTI")
    execute = data.rindex(b"*1\r\n$4\r\nEXEC")
    return [multi + 1, multi + 15, (multi + execute) // 2, execute, execute + 9, len(data) - 1]


@pytest.mark.parametrize("where", range(6))
async def test_after_a_torn_block_two_restarts_lose_nothing_acknowledged(tmp_path: Path, written: bytes, where: int) -> None:
    cut = cuts(written)[where]
    folder = tmp_path / "first"
    file = newest_increment(folder)
    assert file is not None
    file.write_bytes(written[:cut])
    for restart in range(3):
        server = EmbeddedValkey(folder)
        await server.start()
        assert newest_increment(folder) != file, "the repaired file was not written anew before serving"
        client = connect(server.url)
        assert [await client.get(f"key:{number}") for number in range(BEFORE + restart)] == [
            str(number).encode() for number in range(BEFORE + restart)
        ]
        assert await client.get("count") is None
        assert await client.xlen("log") == 0
        await client.set(f"key:{BEFORE + restart}", BEFORE + restart)
        await client.aclose()
        kill(server)
        await server.stop()


async def test_a_whole_file_is_left_alone(tmp_path: Path, written: bytes) -> None:
    assert repair_torn_tail(find_binary(), tmp_path / "first") is False
    file = newest_increment(tmp_path / "first")
    assert file is not None
    assert file.read_bytes() == written


async def test_the_torn_file_is_kept_for_the_operator_but_not_without_limit(tmp_path: Path, written: bytes) -> None:
    file = newest_increment(tmp_path / "first")
    assert file is not None
    for _ in range(BACKUPS_MAX + 2):
        file.write_bytes(written[:-1])
        assert repair_torn_tail(find_binary(), tmp_path / "first") is True
    copies = list(file.parent.glob("*.torn-*"))
    assert len(copies) == BACKUPS_MAX
    assert all(copy.read_bytes() == written[:-1] for copy in copies)


def test_a_folder_without_a_file_needs_no_repair(tmp_path: Path) -> None:
    assert repair_torn_tail(find_binary(), tmp_path) is False


async def test_a_damaged_base_file_stops_the_start_with_one_line(tmp_path: Path, written: bytes) -> None:
    base = next((tmp_path / "first" / "appendonlydir").glob("*.base.*"))
    base.write_bytes(base.read_bytes()[:20])
    with pytest.raises(SetupError) as caught:
        await EmbeddedValkey(tmp_path / "first").start()
    assert "did not start" in str(caught.value)
    assert "\n" not in str(caught.value)
