"""The house channel as one coroutine: seed the shop, put the robot host on air, let the robots talk, for ever."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from schemas.http.shows import IngestView
from server.demo import clip, robot, shop
from server.demo.client import TEMPORARY, ShopClient
from server.demo.host import host_show
from server.demo.lines import VIEWERS
from server.demo.memory import Memory
from server.demo.viewer import watch_as
from server.kernel.clock import Clock
from server.kernel.log import get_logger
from server.kernel.tasks import forever, supervised

ResultT = TypeVar("ResultT")

log = get_logger(__name__)


PAUSE_MAX_S = 5.0


async def run_demo(base_url: str, folder: Path, memory: Memory, clock: Clock) -> None:
    """Run the house channel against the server at `base_url` until cancelled. The host's account must exist.

    `folder` holds the clip and the memory. Whatever fails is tried again: the server may start after us, and restart.
    """
    client = ShopClient(base_url)
    try:
        async with supervised("demo") as tasks:
            drawing = tasks.start(asyncio.to_thread(clip.ready_clip, folder), "clip")
            memory = await _until_done(partial(shop.seed, client, folder, memory, clock), "seed the demo shop")
            await asyncio.wait([drawing])
            drawn = await asyncio.to_thread(clip.ready_clip, folder)
            await _until_done(partial(shop.start_show, client, memory), "start the show")
            tasks.start(forever(partial(_publish, client, memory, drawn, clock), "robot host publishes"), "publish")
            tasks.start(forever(partial(_host, client, memory, clock), "robot host shows"), "host")
            for number in range(len(VIEWERS)):
                watch = partial(watch_as, client.base_url, number, memory, clock, random.Random(number))
                tasks.start(forever(watch, "robot viewer"), f"viewer {number}")
            await tasks.join()
    finally:
        await client.close()


async def _publish(client: ShopClient, memory: Memory, drawn: clip.Clip, clock: Clock) -> None:
    await shop.sign_in(client, memory)
    ingest = await client.get(f"/api/shows/{memory.show_id}/ingest", IngestView)
    await robot.publish_once(client, ingest, drawn, clock)


async def _host(client: ShopClient, memory: Memory, clock: Clock) -> None:
    await shop.sign_in(client, memory)
    await host_show(client, memory, clock)


async def _until_done(step: Callable[[], Coroutine[Any, Any, ResultT]], name: str) -> ResultT:
    """Result of `step`, tried again after every failure of the kind that a starting server causes."""
    pause_s = 0.25
    while True:
        try:
            return await step()
        except TEMPORARY as error:
            log.info("not yet", step=name, error=repr(error))
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_MAX_S)
