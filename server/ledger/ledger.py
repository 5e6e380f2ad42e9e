"""The ledger: decides at once and for good who gets how many units. One Redis script per batch decides, writes and logs.

Every command carries an id made by whoever has the intent. The same id again gets the same outcome, so whoever got no answer
(`Unavailable`) asks again with the same id.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis

from schemas.errors import STALE_EPOCH, Refused
from server.kernel.clock import Clock
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger
from server.kernel.metrics import counter, histogram
from server.ledger.caller import BatchCaller, BeforeLoad
from server.ledger.log import SHOWS_KEY
from server.ledger.rules import (
    SWEEP_MAX,
    AnyCommand,
    AnyOutcome,
    Behind,
    Commit,
    Committed,
    Extend,
    Extended,
    Fenced,
    Fund,
    Funded,
    Held,
    Hold,
    HoldGone,
    HoldLine,
    IdempotencyConflict,
    LimitReached,
    Release,
    Released,
    SaleNotOpen,
    SoldOut,
    StaleEpoch,
    UnknownSku,
    check,
)
from server.ledger.wire import Planned, PoolsSnapshot, ShowSnapshot, batch_keys, key, read_snapshot, snapshot
from server.redis.connection import reaching
from server.redis.group_commit import BATCH_MAX, DEADLINE_S, WAITING_MAX, GroupCommit, Lost

FundOutcome = Funded | SoldOut | UnknownSku | IdempotencyConflict
HoldOutcome = Held | SoldOut | LimitReached | UnknownSku | SaleNotOpen | IdempotencyConflict
ExtendOutcome = Extended | HoldGone | IdempotencyConflict
CommitOutcome = Committed | HoldGone | IdempotencyConflict
ReleaseOutcome = Released | HoldGone | IdempotencyConflict

SWEEP_ROUNDS_MAX = 100
"""Calls of one `sweep`: 10,000 things; the next round goes on."""
PEEK = 100
"""Shows whose next expiry is looked up in one round trip."""

log = get_logger(__name__)
commands_total = counter("ledger_commands_total", "Commands of the ledger by outcome", ("outcome",))
batch_commands = histogram("ledger_batch_commands", "Commands per call", (1, 2, 4, 8, 16, 32, 64, 128))
call_seconds = histogram(
    "ledger_call_seconds", "A call until it is on the disk", (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)
)


class Ledger:
    """Client of the scripts. Its methods raise `Unavailable` when no answer came in time or the show is fenced."""

    def __init__(
        self,
        redis: Redis,
        clock: Clock,
        *,
        batch_max: int = BATCH_MAX,
        waiting_max: int = WAITING_MAX,
        deadline_s: float = DEADLINE_S,
        before_load: BeforeLoad | None = None,
    ) -> None:
        """`redis` is a client of the durable server (`server.redis.connection.connect`), owned by the caller. `before_load` is
        called when a server process has just started (`Restorer.examine`)."""
        self._redis = redis
        self._clock = clock
        self._caller = BatchCaller(redis, before_load)
        self._snapshot = snapshot()
        self._commands = GroupCommit[Planned, AnyOutcome](
            self._send, what="the ledger", batch_max=batch_max, waiting_max=waiting_max, deadline_s=deadline_s
        )

    async def fund(self, show_id: str, command_id: str, sku: str, quantity: int, per_buyer_max: int) -> FundOutcome:
        """Bring units into a pool; a negative `quantity` takes free ones out (`SoldOut` when there are not so many)."""
        command = Fund(command_id=command_id, sku=sku, quantity=quantity, per_buyer_max=per_buyer_max)
        outcome = await self.submit(show_id, command)
        assert isinstance(outcome, FundOutcome), outcome
        return outcome

    async def hold(self, show_id: str, hold_id: str, buyer_id: str, lines: Sequence[HoldLine], hold_ms: int) -> HoldOutcome:
        """Keep units for a buyer, all lines or none, for `hold_ms`. `hold_id` is the command's id as well."""
        command = Hold(command_id=hold_id, buyer_id=buyer_id, lines=tuple(lines), hold_ms=hold_ms)
        outcome = await self.submit(show_id, command)
        assert isinstance(outcome, HoldOutcome), outcome
        return outcome

    async def extend(self, show_id: str, command_id: str, hold_id: str, hold_ms: int) -> ExtendOutcome:
        """Let the hold last `hold_ms` from now; works once per hold, later answers name the time that holds."""
        command = Extend(command_id=command_id, hold_id=hold_id, hold_ms=hold_ms)
        outcome = await self.submit(show_id, command)
        assert isinstance(outcome, ExtendOutcome), outcome
        return outcome

    async def commit(self, show_id: str, command_id: str, hold_id: str) -> CommitOutcome:
        """Sell the held units."""
        command = Commit(command_id=command_id, hold_id=hold_id)
        outcome = await self.submit(show_id, command)
        assert isinstance(outcome, CommitOutcome), outcome
        return outcome

    async def release(self, show_id: str, command_id: str, hold_id: str) -> ReleaseOutcome:
        """Free the held units."""
        command = Release(command_id=command_id, hold_id=hold_id)
        outcome = await self.submit(show_id, command)
        assert isinstance(outcome, ReleaseOutcome), outcome
        return outcome

    async def submit(self, show_id: str, command: AnyCommand, known_epoch: str = "") -> AnyOutcome:
        """Outcome of a command, on the disk when this returns.

        Raises:
            ValueError: the command makes no sense (`rules.check`).
            Refused: `STALE_EPOCH`, when `known_epoch` is another than the show's.
            Unavailable: no answer in time, too many commands wait, the show is fenced, or SQL is too far behind its log.
        """
        check(command)
        outcome = await self._commands.submit(show_id, Planned(command, known_epoch))
        match outcome:
            case Fenced(reason):
                raise Unavailable(f"show {show_id} is fenced: {reason}")
            case Behind(entries):
                raise Unavailable(f"the record of show {show_id} is {entries} entries behind")
            case StaleEpoch(epoch):
                raise Refused(STALE_EPOCH, epoch=epoch)
        return outcome

    async def sweep(self, show_id: str) -> int:
        """End what is overdue (holds, sales, lots, …); returns how many things."""
        swept = 0
        for _ in range(SWEEP_ROUNDS_MAX):
            try:
                now = (await self._caller.call(show_id, ())).swept
            except Lost as error:
                raise Unavailable("the ledger cannot be reached") from error
            swept += now
            if now < SWEEP_MAX:
                break
        return swept

    async def sweep_all(self) -> int:
        """Sweep every show in which something is overdue, or units are free for somebody in line (the last call had no room for
        all of them); the others cost two cheap reads. Worth running a few times a second."""
        shows = await self.shows()
        swept = 0
        for start in range(0, len(shows), PEEK):
            page = shows[start : start + PEEK]
            async with reaching("the ledger"):
                pipeline = self._redis.pipeline(transaction=False)
                pipeline.time()
                for show_id in page:
                    pipeline.zrange(key(show_id, "due"), 0, 0, withscores=True)
                    pipeline.exists(key(show_id, "freed"))
                (seconds, micros), *found = await pipeline.execute()
            now_ms = seconds * 1000 + micros // 1000
            for show_id, first, freed in zip(page, found[::2], found[1::2], strict=True):
                if freed or (first and first[0][1] <= now_ms):
                    swept += await self.sweep(show_id)
        return swept

    async def snapshot(self, show_id: str) -> ShowSnapshot:
        """How the show stands, read at one moment of the log. What is overdue counts as open until somebody sweeps."""
        reply = await self._snapshot.run(self._redis, batch_keys(show_id), [])
        if not reply:
            raise Unavailable(f"show {show_id} is being restored")
        return read_snapshot(reply)

    async def pools(self, show_id: str) -> PoolsSnapshot:
        """What is left, read at one moment of the log. Units of overdue holds count as held until somebody sweeps."""
        found = await self.snapshot(show_id)
        return PoolsSnapshot(found.epoch, found.seq, found.pools)

    async def shows(self) -> list[str]:
        """Ids of all shows that ever had a command."""
        async with reaching("the ledger"):
            members: Any = await self._redis.smembers(SHOWS_KEY)
        return sorted(member.decode() for member in members)

    async def fence(self, show_id: str, reason: str) -> None:
        """Stop all decisions for a show: commands raise `Unavailable` until `unfence`. Known ids still get their outcomes."""
        async with reaching("the ledger"):
            await self._redis.hset(key(show_id, "meta"), "fence", reason)

    async def unfence(self, show_id: str) -> None:
        """Decide again."""
        async with reaching("the ledger"):
            await self._redis.hdel(key(show_id, "meta"), "fence")

    async def close(self) -> None:
        """Answer what waits, take nothing new."""
        await self._commands.close()

    async def _send(self, show_id: str, batch: Sequence[Planned]) -> Sequence[AnyOutcome]:
        started_ms = self._clock.monotonic_ms()
        answer = await self._caller.call(show_id, batch)
        call_seconds.observe((self._clock.monotonic_ms() - started_ms) / 1000)
        batch_commands.observe(len(batch))
        for kind, count in Counter(map(type, answer.outcomes)).items():
            commands_total.labels(kind.__name__).inc(count)
        if fenced := next((outcome for outcome in answer.outcomes if isinstance(outcome, Fenced)), None):
            log.error("commands for a fenced show are refused", show_id=show_id, reason=fenced.reason)
        return answer.outcomes
