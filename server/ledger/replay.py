"""Makes a show's state again from its log alone."""

from collections.abc import Iterable

from redis.asyncio import Redis

from schemas.events.ledger import AnyLedgerEvent
from server.ledger.log import read_log
from server.ledger.rules import ShowState, apply


def fold(show_id: str, events: Iterable[AnyLedgerEvent]) -> ShowState:
    """State after the events, the first of which has `seq` 1.

    Raises:
        LogMismatch: the events have a hole or contradict themselves.
    """
    state = ShowState(show_id, "")
    for event in events:
        _step(state, event)
    return state


async def replay(redis: Redis, show_id: str, upto_seq: int | None = None) -> ShowState:
    """State of the show after the entry `upto_seq` of its log (default: the last one).

    Raises:
        LogMismatch: the log has a hole or contradicts itself.
        Unavailable: Redis cannot be reached.
    """
    state = ShowState(show_id, "")
    async for event in read_log(redis, show_id):
        if upto_seq is not None and event.seq > upto_seq:
            break
        _step(state, event)
    return state


def _step(state: ShowState, event: AnyLedgerEvent) -> None:
    state.epoch = state.epoch or event.epoch
    apply(state, event)
