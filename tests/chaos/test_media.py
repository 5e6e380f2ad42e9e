"""`kill -9` of one of two media processes in mid-broadcast: it takes only its own viewers, and these are back within seconds."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from schemas.media import node_of
from tests.e2e.conftest import folder as folder
from tests.e2e.shopper import open_shop
from tests.e2e.site import Site, alive, until
from tests.media import offers
from tests.media.clients import Client, Clients

pytestmark = pytest.mark.chaos

BACK_MS = 20_000
CROWD_MAX = 250
"""Sessions that are opened until the origin has its share of viewers; a process takes 256 of one address."""


class Broadcast:
    """A site with two media processes, a host, and viewers at both."""

    def __init__(self, site: Site, show_id: str, token: str) -> None:
        self.site = site
        self.show_id = show_id
        self.anyone = httpx.AsyncClient(base_url=site.url, timeout=10.0, trust_env=False)
        self.host = httpx.AsyncClient(
            base_url=site.url, timeout=10.0, trust_env=False, headers={"authorization": f"Bearer {token}"}
        )
        self.viewers = Clients(self.anyone, show_id)
        self.publishers = Clients(self.host, show_id)

    async def close(self) -> None:
        await self.viewers.close()
        await self.publishers.close()
        await self.anyone.aclose()
        await self.host.aclose()

    async def publish(self) -> None:
        """The host's camera, which asks again until it is taken, as OBS and the studio do."""
        await self._again(self.publishers.publisher)

    async def watch(self) -> Client:
        """A player, which asks again as long as nothing is there."""
        return await self._again(self.viewers.viewer)

    async def _again(self, start: Callable[[], Awaitable[Client]]) -> Client:
        async with asyncio.timeout(BACK_MS / 1000):
            while True:
                try:
                    return await start()
                except (AssertionError, httpx.TransportError):
                    await asyncio.sleep(0.3)

    async def crowd(self) -> None:
        """So many sessions at the first process that the next viewer goes to the other one."""
        headers = {"content-type": "application/sdp"}
        first = ""
        for _ in range(CROWD_MAX):
            reply = await self.anyone.post(f"/whep/{self.show_id}", content=offers.CHROMIUM_WHEP, headers=headers)
            assert reply.status_code == 201, reply.text
            node = node_of(reply.headers["location"].rpartition("/")[2]) or ""
            first = first or node
            if node != first:
                return
        raise AssertionError("every viewer went to the same process")

    async def pid_of(self, node_id: str) -> int:
        """The process of a node, by its own word over its control socket."""
        for pid in self.site.pids("media"):
            name = process_name(pid)
            transport = httpx.AsyncHTTPTransport(uds=f"{self.site.folder}/data/{name}.sock")
            async with httpx.AsyncClient(transport=transport, base_url="http://media") as client:
                secret = (self.site.folder / "data" / "internal-secret").read_text()
                stats = (await client.get("/stats", headers={"x-efir-internal": secret})).json()
            if stats["node_id"] == node_id:
                return pid
        raise AssertionError(f"no process is {node_id}")


def process_name(pid: int) -> str:
    """What `up` calls a process."""
    words = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return next(word.partition("=")[2] for word in words if word.startswith("PROCESS_NAME="))


def node(client: Client) -> str:
    """Where a session is."""
    return node_of(client.session_url.rpartition("/")[2]) or ""


async def goes_on(client: Client, frames: int = 30) -> None:
    """So many more pictures come."""
    before = len(client.video_frames)
    await until(lambda: len(client.video_frames) > before + frames, BACK_MS)


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    running = Site(folder, media_processes=2)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def broadcast(site: Site) -> AsyncIterator[Broadcast]:
    owner, show_id = await open_shop(site.url, site.key, 1)
    ingest = await owner.must("GET", f"/api/shows/{show_id}/ingest")
    await owner.close()
    made = Broadcast(site, show_id, ingest["token"])
    await made.publish()
    yield made
    await made.close()


async def test_an_edge_that_is_killed_takes_only_its_own_viewers(broadcast: Broadcast) -> None:
    at_origin = await broadcast.watch()
    await goes_on(at_origin)
    await broadcast.crowd()
    at_edge = await broadcast.watch()
    assert node(at_edge) != node(at_origin)
    await goes_on(at_edge)
    seen = len(at_origin.video_frames)
    killed = await broadcast.pid_of(node(at_edge))
    os.kill(killed, signal.SIGKILL)
    await until(lambda: not alive(killed), BACK_MS)
    back = await broadcast.watch()
    await goes_on(back)
    assert len(at_origin.video_frames) > seen
    await goes_on(at_origin)
    assert at_origin.pc.connectionState == "connected", "the same session all the time"


async def test_when_the_origin_is_killed_viewers_elsewhere_keep_their_sessions(broadcast: Broadcast) -> None:
    at_origin = await broadcast.watch()
    await goes_on(at_origin)
    await broadcast.crowd()
    at_edge = await broadcast.watch()
    assert node(at_edge) != node(at_origin)
    await goes_on(at_edge)
    killed = await broadcast.pid_of(node(at_origin))
    os.kill(killed, signal.SIGKILL)
    await until(lambda: not alive(killed), BACK_MS)
    await broadcast.publish()
    back = await broadcast.watch()
    await goes_on(back)
    await goes_on(at_edge)
    assert at_edge.pc.connectionState == "connected", "the same session all the time"
