"""Sends robots into every rehearsal that is on: a task of the worker role, in one worker at a time.

It looks into the record rather than waits for facts: so it also finds what began before it did, and a restart of any process
needs no care. Robots that lose their worker are gone; their holds end by the server's clock, and a new crowd comes.
"""

import asyncio
import contextlib
import random
from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

from schemas.requests.shows import GetLiveRehearsals
from server.app import Core
from server.bus.lease import Lease
from server.bus.unit_of_work import UnitsOfWork
from server.demo.crowd import visit
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.module import SYSTEM
from server.kernel.tasks import TaskGroup, supervised, until_done

log = get_logger(__name__)

LOOK_S = 2.0
"""How often rehearsals are looked for: one query, of one worker."""
CROWDS_MAX = 3
"""More rehearsals at once have no robots, until one of the older ones ends: a crowd costs as much as eight viewers."""
CRASH_PAUSE_MS_MAX = 60_000


class Changes(NamedTuple):
    """Shows that robots go to, and shows that they leave."""

    begin: list[str]
    leave: list[str]


async def visit_rehearsals(parts: Core) -> None:
    """Run a crowd in each live rehearsal, for ever; end it by cancelling."""
    lease = Lease(parts.durable, "robots", parts.settings.process, parts.clock)
    try:
        async with supervised("rehearsals") as tasks:
            await _keep_visiting(parts, lease, tasks)
    finally:
        with contextlib.suppress(Unavailable):  # it ends by itself
            await lease.release()


async def _keep_visiting(parts: Core, lease: Lease, tasks: TaskGroup) -> None:
    crowds: dict[str, asyncio.Task[None]] = {}
    leaving: set[str] = set()
    while True:
        live = await rehearsals_to_visit(parts.units, lease)
        crowds = {show_id: task for show_id, task in crowds.items() if not task.done()}
        leaving &= crowds.keys()
        changes = next_changes(crowds, live)
        # Once only: a second cancellation would interrupt robots that are giving up what they ordered.
        for show_id in set(changes.leave) - leaving:
            leaving.add(show_id)
            crowds[show_id].cancel()
        for show_id in changes.begin:
            crowds[show_id] = tasks.start(_visit(parts, show_id), show_id)
        await asyncio.sleep(LOOK_S)


def next_changes(running: Collection[str], live: Sequence[str]) -> Changes:
    """What to begin and what to leave; `live` has the oldest rehearsal first."""
    wanted = live[:CROWDS_MAX]
    return Changes([show_id for show_id in wanted if show_id not in running], [each for each in running if each not in wanted])


async def rehearsals_to_visit(units: UnitsOfWork, lease: Lease) -> list[str]:
    """Live rehearsals, the oldest first; none while another worker visits them, or nobody knows who does."""
    try:
        if await lease.hold() is None:
            return []
        async with units(SYSTEM) as ctx:
            return [show.show_id for show in await ctx.ask(GetLiveRehearsals())]
    except Unavailable as error:
        log.warning("robots stay away while a part is unavailable", reason=repr(error))
        return []


async def _visit(parts: Core, show_id: str) -> None:
    crowd = partial(visit, parts.settings.robots_address, show_id, parts.clock, random.Random(show_id))
    await until_done(crowd, "robots in a rehearsal", CRASH_PAUSE_MS_MAX)
