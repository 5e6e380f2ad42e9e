"""Timed work of the modules: each job runs in one worker at a time."""

import asyncio
from collections.abc import Iterable

from redis.asyncio import Redis
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from server.bus.lease import Lease
from server.bus.tables import JOBS
from server.bus.unit_of_work import UnitsOfWork
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter
from server.kernel.module import SYSTEM, Job, Module
from server.kernel.tasks import TaskGroup, supervised

JOB_TIMEOUT_S = 60.0
RENEW_EVERY_S = 2.0

RUNS = counter("bus_job_runs_total", "Runs of timed work", ("job", "outcome"))

log = get_logger(__name__)


class Fenced(Exception):
    """Another worker has taken the job over: this run's transaction rolls back."""


class JobRunner:
    """Runs the jobs of some modules about every `every_ms`, each in a loop of its own.

    The lease decides who runs a job; the token, checked in the job's own transaction, makes sure of it: a worker that was paused
    beyond its lease cannot commit any more.
    """

    def __init__(self, modules: Iterable[Module], units: UnitsOfWork, redis: Redis, clock: Clock, name: str = "worker") -> None:
        """`name` is the worker's: unique among living workers, and the same again after a restart."""
        self._units = units
        self._clock = clock
        self._jobs = [
            _Scheduled(job, f"{module.name}.{job.name}", Lease(redis, f"job:{module.name}.{job.name}", name, clock))
            for module in modules
            for job in module.jobs
        ]

    async def run(self) -> None:
        """Run for ever; end it by cancelling."""
        tasks = TaskGroup("jobs")
        try:
            for scheduled in self._jobs:
                tasks.start(self._loop(scheduled), scheduled.name)
            await tasks.join()
        finally:
            await tasks.close()

    async def step(self) -> int:
        """Run every job that is due, one after another; returns how many ran."""
        return sum([await self._run_if_due(scheduled) for scheduled in self._jobs])

    async def _loop(self, scheduled: "_Scheduled") -> None:
        while True:
            await self._run_if_due(scheduled)
            await asyncio.sleep(max(0.001, (scheduled.due_at_ms - self._clock.monotonic_ms()) / 1000))

    async def _run_if_due(self, scheduled: "_Scheduled") -> bool:
        now_ms = self._clock.monotonic_ms()
        if now_ms < scheduled.due_at_ms:
            return False
        scheduled.due_at_ms = now_ms + scheduled.job.every_ms
        outcome = await self._attempt(scheduled)
        RUNS.labels(scheduled.name, outcome).inc()
        return outcome != "standby"

    async def _attempt(self, scheduled: "_Scheduled") -> str:
        try:
            token = await scheduled.lease.hold()
            if token is None:
                return "standby"
            async with supervised("lease") as tasks:
                tasks.start(_keep(scheduled.lease), scheduled.name)
                fence = _Fence(scheduled.name, token, self._clock.now_ms())
                async with asyncio.timeout(JOB_TIMEOUT_S), self._units.open(SYSTEM, fence) as ctx:
                    await scheduled.job.run(ctx)
        except (Unavailable, Fenced) as error:
            log.warning("a job waits for its next turn", job=scheduled.name, error=repr(error))
            return "failed"
        except Exception:
            log.exception("a job failed", job=scheduled.name)
            return "failed"
        return "done"


class _Scheduled:
    def __init__(self, job: Job, name: str, lease: Lease) -> None:
        self.job = job
        self.name = name
        self.lease = lease
        self.due_at_ms = 0.0


class _Fence:
    """First statement of a job's transaction: only a token that is not older than the last one gets past it."""

    def __init__(self, name: str, token: int, now_ms: int) -> None:
        self._values = {"name": name, "token": token, "started_at_ms": now_ms}

    async def __call__(self, connection: AsyncConnection) -> None:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(JOBS).values(self._values)
        newer = {"token": statement.excluded.token, "started_at_ms": statement.excluded.started_at_ms}
        upsert = statement.on_conflict_do_update(
            index_elements=["name"], set_=newer, where=JOBS.c.token <= statement.excluded.token
        )
        if (await connection.execute(upsert)).rowcount == 0:
            raise Fenced(str(self._values))


async def _keep(lease: Lease) -> None:
    while True:
        await asyncio.sleep(RENEW_EVERY_S)
        await lease.hold()
