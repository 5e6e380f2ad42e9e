"""Starting, stopping and examining an installation, as its operator does it."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from server.kernel.config import read_settings
from server.kernel.errors import SetupError
from server.up import check_ports
from tests.e2e.site import ROOT, Site, alive, descendants, free_port, until


async def command(*words: str, environment: dict[str, str], options: tuple[str, ...] = ()) -> tuple[int | None, str, str]:
    """Exit status, standard output and standard error of `python -m server …`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *options, "-m", "server", *words, cwd=ROOT, env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(90):
        output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


async def test_the_doctor_finds_a_running_site_well_and_nothing_missed_after_a_cut(site: Site) -> None:
    status, output, _ = await command("doctor", environment=site.environment)
    assert status == 0, output
    assert f"Efir runs at {site.url}" in output
    assert "publish → cut → resume: nothing missed" in output
    assert "FAIL" not in output


async def test_a_taken_port_stops_up_with_one_clear_line(site: Site, folder: Path) -> None:
    environment = {**site.environment, "DATA_DIR": str(folder / "other")}
    status, output, errors = await command("up", environment=environment)
    assert (status, output) == (1, "")
    assert errors.splitlines() == [
        f"efir: cannot use 127.0.0.1:{site.http_port} (Address already in use); set HTTP_PORT to a free port"
    ]


def test_the_port_of_every_media_process_is_looked_at() -> None:
    first = free_port(socket.SOCK_DGRAM, 3)
    settings = read_settings({"UDP_PORT": str(first), "MEDIA_PROCESSES": "3", "HTTP_PORT": str(free_port(socket.SOCK_STREAM))})
    check_ports(settings)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", first + 2))
        with pytest.raises(SetupError, match=f"{first + 2} .*set UDP_PORT"):
            check_ports(settings)


async def test_a_second_up_on_the_same_data_is_refused_with_one_clear_line(site: Site) -> None:
    other = Site(site.folder)
    status, output, errors = await command("up", environment=other.environment)
    assert (status, output) == (1, "")
    assert len(errors.splitlines()) == 1, errors
    assert errors.startswith("efir: "), errors


async def test_a_missing_package_stops_up_with_one_clear_line(folder: Path) -> None:
    # -S: without site-packages, as on a machine on which nothing was installed
    status, output, errors = await command("up", environment={"DATA_DIR": str(folder)}, options=("-S",))
    assert (status, output) == (1, "")
    assert errors.startswith("efir: the package "), errors
    assert len(errors.splitlines()) == 1


async def test_a_wrong_setting_is_named(folder: Path) -> None:
    status, _, errors = await command("up", environment={"DATA_DIR": str(folder), "HTTP_PORT": "eighty"})
    assert status == 1
    assert errors == "efir: HTTP_PORT='eighty': give a whole number from 1 to 65535\n"


async def test_sigterm_drains_and_leaves_no_process_behind(site: Site) -> None:
    assert site.process is not None
    children = descendants(site.process.pid)
    assert len(children) == 4  # Valkey and three roles
    assert await site.stop() == 0
    assert not [pid for pid in children if alive(pid)]


async def test_a_role_that_dies_is_started_again(site: Site) -> None:
    for role in ("worker", "media", "web", "valkey"):
        before = site.pids(role)
        site.kill(role)
        await until(lambda role=role, before=before: site.pids(role) not in ([], before), 30_000)  # type: ignore[misc]
