"""Two web processes behind one port."""

import asyncio
import contextlib
import itertools
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, unix_connect

from server.kernel.ids import new_id
from tests.e2e.shopper import CLOCK, Client, enter, open_shop
from tests.e2e.site import Site

PATIENCE_S = 30.0

_ids = itertools.count(1)


async def test_a_line_said_on_one_web_process_arrives_on_the_other_and_both_are_told_apart(folder: Path) -> None:
    site = Site(folder, web_processes=2)
    await site.start()
    try:
        owner, show_id = await open_shop(site.url, site.key, 5)
        assert len(site.pids("web")) == 2
        async with enter_by(site, "web-1", "Vera") as vera, enter_by(site, "web-2", "Boris") as boris:
            for viewer in (vera, boris):
                assert (await ask(viewer, op="subscribe", channel=f"chat:{show_id}"))["op"] == "subscribed"
            for number, (speaker, listener) in enumerate([(vera, boris), (boris, vera)]):
                text = f"line {number}"
                command = {"command_id": new_id("msg", CLOCK), "data": {"text": text}}
                await send(speaker, op="publish", channel=f"chat:{show_id}", **command)
                await hear(listener, lambda frame, text=text: frame["op"] == "push" and frame["data"].get("text") == text)
            await figures_of_both(site)
        await one_dies_and_comes_back(site)
        await owner.close()
    finally:
        await site.stop()


async def figures_of_both(site: Site) -> None:
    """Whoever answers: the same page, with one websocket in each process."""
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as http:
        async with asyncio.timeout(PATIENCE_S):
            for process in ("web-1", "web-2"):
                while f'efir_websocket_connections{{process="{process}"}} 1.0' not in (await http.get("/metrics")).text:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        page = (await http.get("/metrics")).text
        assert 'efir_web_up{process="web-2"} 1.0' in page
        assert page.count("# TYPE efir_websocket_connections gauge") == 1


async def one_dies_and_comes_back(site: Site) -> None:
    """`kill -9` of one: the other answers, and `up` starts it again."""
    victim = site.pids("web")[0]
    os.kill(victim, signal.SIGKILL)
    async with asyncio.timeout(PATIENCE_S):
        while victim in site.pids("web") or len(site.pids("web")) < 2:  # noqa: ASYNC110 - processes have no event
            await asyncio.sleep(0.05)
        while not all([await well(site, process) for process in ("web-1", "web-2")]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def well(site: Site, process: str) -> bool:
    """Whether this process says that it is, by its own socket."""
    transport = httpx.AsyncHTTPTransport(uds=str(socket_of(site, process)))
    async with httpx.AsyncClient(transport=transport, base_url="http://web", trust_env=False) as http:
        with contextlib.suppress(httpx.HTTPError):
            return bool((await http.get("/healthz")).json()["checks"]["loop"] == "ok")
        return False


def socket_of(site: Site, process: str) -> Path:
    """Where a process answers for itself alone."""
    return site.folder / "data" / f"{process}.sock"


@contextlib.asynccontextmanager
async def enter_by(site: Site, process: str, name: str) -> AsyncIterator[ClientConnection]:
    """A person's websocket to this process."""
    person: Client = await enter(site.url, name)
    ticket = (await person.must("POST", "/api/auth/ticket"))["ticket"]
    async with unix_connect(str(socket_of(site, process)), "ws://localhost/ws", compression=None) as connection:
        assert (await ask(connection, op="connect", ticket=ticket))["op"] == "connected"
        yield connection
    await person.close()


async def send(connection: ClientConnection, **frame: Any) -> int:
    """Send a frame; returns its id."""
    number = next(_ids)
    await connection.send(msgspec.json.encode({"id": number, **frame}).decode())
    return number


async def ask(connection: ClientConnection, **frame: Any) -> dict[str, Any]:
    """Send a frame and wait for its answer."""
    number = await send(connection, **frame)
    return await hear(connection, lambda got: got.get("id") == number)


async def hear(connection: ClientConnection, wanted: Any) -> dict[str, Any]:
    """The next frame that is wanted."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            frame: dict[str, Any] = msgspec.json.decode(await connection.recv())
            if wanted(frame):
                return frame
