"""Simulated buyers and bidders of one show: they come, watch, talk, buy and bid until it ends, and leave nothing unpaid.

They are clients like any other and stay under every limit that others have: eight robots send a few requests a second, where one
address may post two hundred, and make three accounts, where an address may make forty at once. So no limit knows of them.
"""

import asyncio
import random

from schemas.errors import NOT_FOUND
from schemas.http.shows import ShowState
from server.demo import checkout
from server.demo.buyer import COMES_BACK_S, MISHAPS, Buyer, Scene
from server.demo.cast import cast
from server.demo.client import ApiRefused, ShopClient
from server.demo.deeds import Buy, Deed, Pace, StandInLine
from server.demo.moment import Moment
from server.demo.plans import Plans
from server.kernel.clock import Clock
from server.kernel.log import get_logger
from server.kernel.tasks import TaskGroup, supervised

log = get_logger(__name__)

TICK_S = 0.1
DEED_S = 15.0
"""Deadline of a line, a vote or a bid."""
PURCHASE_S = 300.0
"""Deadline of a purchase; most of it may be spent in a waiting line."""
PARTING_S = 8.0
"""How long a crowd takes to leave: payments that are under way are decided in less."""

PACE = Pace()


async def visit(base_url: str, show_id: str, clock: Clock, dice: random.Random, pace: Pace = PACE) -> None:
    """Fill the show with robots until it ends, or until cancelled: then they leave within `PARTING_S`."""
    scene = Scene(base_url, show_id, clock, pace, dice)
    title = await _title_of(scene)
    if title is None:
        return
    crowd = Crowd(title, scene)
    log.info("robots come to a show", show=show_id, robots=len(crowd.robots))
    async with supervised("crowd") as tasks:
        try:
            await crowd.play(tasks)
        finally:
            await crowd.part()
            log.info("the robots have left the show", show=show_id)


class Crowd:
    """The robots of one show and what they are about to do."""

    def __init__(self, title: str, scene: Scene) -> None:
        people = cast(title, scene.dice)
        self.robots = [Buyer(number, person, scene) for number, person in enumerate(people)]
        self._scene = scene
        self._plans = Plans(people, scene.pace, scene.dice, scene.clock.now_ms())
        self._purchases: set[asyncio.Task[None]] = set()

    async def play(self, tasks: TaskGroup) -> None:
        """Let them live until the show is over."""
        for robot in self.robots:
            tasks.start(robot.stay(), "robot")
        while not self._scene.sight.is_over:
            for deed in self._plans.step(self._moment()):
                self._begin(deed, tasks)
            await asyncio.sleep(TICK_S)

    async def part(self) -> None:
        """Stop, finish or give up what was begun, and go; whatever does not answer in time is left to the server's own clocks."""
        self._scene.over.set()
        try:
            async with asyncio.timeout(PARTING_S):
                if self._purchases:
                    await asyncio.wait(self._purchases)
                await asyncio.gather(*(self._settle(robot) for robot in self.robots))
        except TimeoutError:
            log.warning("robots left before all of their orders were settled", show=self._scene.show_id)
        finally:
            for robot in self.robots:
                await robot.client.close()

    def _moment(self) -> Moment:
        here = [robot for robot in self.robots if robot.is_here]
        return Moment(
            sight=self._scene.sight,
            here=[robot.number for robot in here],
            free=[robot.number for robot in here if not robot.is_busy],
            actor_ids={robot.number: robot.actor_id for robot in self.robots if robot.actor_id},
            now_ms=self._scene.clock.now_ms(),
        )

    def _begin(self, deed: Deed, tasks: TaskGroup) -> None:
        robot = self.robots[deed.robot]
        if isinstance(deed, Buy | StandInLine):
            robot.is_busy = True
            task = tasks.start(self._purchase(robot, deed), "purchase")
            self._purchases.add(task)
            task.add_done_callback(self._purchases.discard)
        else:
            tasks.start(self._do(robot, deed), "deed")

    async def _do(self, robot: Buyer, deed: Deed) -> None:
        try:
            async with asyncio.timeout(DEED_S):
                await robot.do(deed)
        except MISHAPS as error:
            self._scene.complain(error)

    async def _purchase(self, robot: Buyer, wish: Buy | StandInLine) -> None:
        try:
            async with asyncio.timeout(PURCHASE_S):
                if await checkout.buy(robot, wish):
                    self._plans.paid(robot.number)
        except MISHAPS as error:
            self._scene.complain(error)
        finally:
            robot.is_busy = False

    async def _settle(self, robot: Buyer) -> None:
        try:
            await checkout.settle(robot)
        except MISHAPS as error:
            self._scene.complain(error)


async def _title_of(scene: Scene) -> str | None:
    """The show's title, as soon as the server answers; None when there is no such show, or it is over."""
    client, failures = ShopClient(scene.base_url), 0
    try:
        while True:
            try:
                state = await client.get(f"/api/shows/{scene.show_id}", ShowState)
                return state.show.title if state.show.state != "ended" else None
            except MISHAPS as error:
                if isinstance(error, ApiRefused) and error.name == NOT_FOUND.name:
                    return None
                scene.complain(error)
                await asyncio.sleep(COMES_BACK_S[min(failures, len(COMES_BACK_S) - 1)])
                failures += 1
    finally:
        await client.close()
