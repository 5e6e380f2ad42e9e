"""A web node in a process of its own, whose memory is looked at: prints its port, then its resident KiB for each line it reads.

`python -m tests.channels.idle_node redis://…`. Any ticket `ticket-<number>` lets in a person of its own.
"""

import asyncio
import gc
import sys

import uvloop

from server.auth.actors import Identity
from server.kernel.module import Actor
from server.redis.connection import connect
from tests.channels.site import People, running_site


class Crowd(People):
    """Everybody."""

    async def by_ticket(self, ticket: str) -> Identity | None:
        number = ticket.removeprefix("ticket-")
        return Identity(Actor(id=f"gst_{number:0>32}", kind="guest", name="Viewer"), f"{number:0>64}")


async def serve(url: str) -> None:
    """Until standard input ends."""
    redis = connect(url)
    async with running_site(redis, people=Crowd()) as site:
        sys.stdout.write(f"{site.port}\n")
        sys.stdout.flush()
        while await asyncio.to_thread(sys.stdin.readline):
            gc.collect()
            sys.stdout.write(f"{resident_kib()}\n")
            sys.stdout.flush()
    await redis.aclose()


def resident_kib() -> int:
    """Of this process."""
    with open("/proc/self/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
