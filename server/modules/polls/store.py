"""Every query of the module `polls`."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.http.polls import POLLS_MAX, MyVote
from server.kernel.module import Store
from server.modules.polls.rules import Poll
from server.modules.polls.tables import DESKS, POLLS, VOTES
from server.store.rows import rows_of

DUE_MAX = 100
"""Due polls of one round; the next one comes within a second."""
MINE_MAX = 100
"""Votes that a page is told of, the newest; a player shows `POLLS_MAX` polls."""

FIELDS = Poll.__struct_fields__


async def next_version(store: Store, show_id: str) -> int:
    """The version that the show's polls are about to have. Nobody else changes them until the transaction ends."""
    first = insert(DESKS).values(show_id=show_id, version=1)
    next_one = first.on_conflict_do_update(index_elements=["show_id"], set_={"version": DESKS.c.version + 1})
    version: int | None = await store.scalar(next_one.returning(DESKS.c.version))
    assert version is not None, show_id
    return version


async def give_back(store: Store, show_id: str, version: int) -> None:
    """Nothing has changed after all: `version` is for the next one."""
    await store.execute(update(DESKS).where(DESKS.c.show_id == show_id).values(version=version - 1))


async def version(store: Store, show_id: str) -> int:
    """Version of the show's polls; a show that never had one is at 0."""
    found: int | None = await store.scalar(select(DESKS.c.version).where(DESKS.c.show_id == show_id))
    return found or 0


async def shown(store: Store, show_id: str) -> list[Poll]:
    """The polls of a player, newest first: every open one, then the newest."""
    newest = (POLLS.c.opened_at_ms.desc(), POLLS.c.poll_id.desc())
    query = select(POLLS).where(POLLS.c.show_id == show_id)
    rows = await store.execute(query.order_by(POLLS.c.status.desc(), *newest).limit(POLLS_MAX))  # "open" > "closed"
    return sorted((_poll(row) for row in rows), key=_place, reverse=True)


async def poll(store: Store, poll_id: str) -> Poll | None:
    """A poll of any show."""
    row = (await store.execute(select(POLLS).where(POLLS.c.poll_id == poll_id))).one_or_none()
    return None if row is None else _poll(row)


async def open_polls(store: Store, show_id: str) -> list[Poll]:
    """Polls of a show that nobody has closed; no more than `POLLS_MAX`, as `rules.open_poll` sees to."""
    query = select(POLLS).where(POLLS.c.show_id == show_id, POLLS.c.status == "open").order_by(POLLS.c.poll_id)
    return [_poll(row) for row in await store.execute(query)]


async def shows_due(store: Store, now_ms: int) -> list[str]:
    """Shows with a poll whose time is over, in the order of their ids: who locks several desks locks them in this order."""
    due = (POLLS.c.status == "open") & (POLLS.c.closes_at_ms <= now_ms)
    query = select(POLLS.c.show_id).where(due).order_by(POLLS.c.closes_at_ms).limit(DUE_MAX)
    return sorted({row.show_id for row in await store.execute(query)})


async def insert_poll(store: Store, made: Poll) -> bool:
    """Store a new poll; False when there is one with this id already."""
    done = await store.execute(insert(POLLS).values(_row(made)).on_conflict_do_nothing())
    return bool(done.rowcount)


async def update_poll(store: Store, changed: Poll) -> None:
    """Write a poll that was read under the desk's lock."""
    await store.execute(update(POLLS).where(POLLS.c.poll_id == changed.poll_id).values(_row(changed)))


async def vote(store: Store, poll_id: str, voter_id: str) -> int | None:
    """The option that somebody has voted for."""
    found: int | None = await store.scalar(select(VOTES.c.option).where(VOTES.c.poll_id == poll_id, VOTES.c.voter_id == voter_id))
    return found


async def insert_vote(store: Store, poll: Poll, voter_id: str, option: int, now_ms: int) -> bool:
    """Store a vote; False when there is one of this person already, which stays."""
    row = {"poll_id": poll.poll_id, "voter_id": voter_id, "show_id": poll.show_id, "option": option, "voted_at_ms": now_ms}
    done = await store.execute(insert(VOTES).values(row).on_conflict_do_nothing())
    return bool(done.rowcount)


async def set_counts(store: Store, changed: Poll) -> None:
    """Write the counts of a poll that was read under the desk's lock."""
    await store.execute(update(POLLS).where(POLLS.c.poll_id == changed.poll_id).values(counts=list(changed.counts)))


async def votes_of(store: Store, show_id: str, voter_id: str) -> list[MyVote]:
    """Somebody's last votes in a show, newest first."""
    own = (VOTES.c.show_id == show_id) & (VOTES.c.voter_id == voter_id)
    query = select(VOTES.c.poll_id, VOTES.c.option).where(own).order_by(VOTES.c.voted_at_ms.desc(), VOTES.c.poll_id)
    return [MyVote(poll_id=row.poll_id, option=row.option) for row in await store.execute(query.limit(MINE_MAX))]


def _place(poll: Poll) -> tuple[int, str]:
    return poll.opened_at_ms, poll.poll_id


def _poll(row: Any) -> Poll:
    fields = {name: getattr(row, name) for name in FIELDS}
    return Poll(**{**fields, "options": tuple(row.options), "counts": tuple(row.counts)})


def _row(poll: Poll) -> dict[str, Any]:
    fields = {name: getattr(poll, name) for name in FIELDS}
    return {**fields, "options": list(poll.options), "counts": list(poll.counts)}


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """What somebody voted for."""
    return {"votes": await rows_of(store, VOTES, VOTES.c.voter_id == actor_id)}
