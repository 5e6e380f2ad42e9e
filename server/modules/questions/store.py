"""Every query of the module `questions`."""

from typing import Any

from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.accounts import ERASED_NAME
from schemas.http.questions import QUESTIONS_MAX, QuestionVotes
from server.kernel.module import Store
from server.modules.questions.rules import OPEN, Ballot, Question
from server.modules.questions.tables import DESKS, QUESTIONS, VOTES
from server.store.rows import rows_of

MINE_MAX = 500
"""Questions that a page is told it has voted for, the newest; a screen shows `QUESTIONS_MAX`."""

FIELDS = Question.__struct_fields__


async def lock_desk(store: Store, show_id: str) -> None:
    """Nobody else changes the show's questions until the transaction ends (in SQLite every write transaction does that)."""
    await store.execute(insert(DESKS).values(show_id=show_id, votes_version=0).on_conflict_do_nothing())
    await store.execute(select(DESKS.c.show_id).where(DESKS.c.show_id == show_id).with_for_update())


async def question(store: Store, question_id: str) -> Question | None:
    """A question of any show."""
    return await _one(store, QUESTIONS.c.question_id == question_id)


async def on_screen(store: Store, show_id: str) -> Question | None:
    """The show's live question."""
    return await _one(store, (QUESTIONS.c.show_id == show_id) & (QUESTIONS.c.status == "live"))


async def waiting(store: Store, show_id: str, asker_id: str) -> int:
    """How many questions of somebody wait, as they see it."""
    seen = or_(QUESTIONS.c.status == "waiting", QUESTIONS.c.held.is_(True))
    own = (QUESTIONS.c.show_id == show_id) & (QUESTIONS.c.asker_id == asker_id)
    return int(await store.scalar(select(func.count()).select_from(QUESTIONS).where(own, seen)))


async def insert_question(store: Store, made: Question) -> None:
    """Store a new question."""
    await store.execute(insert(QUESTIONS).values(_row(made)))


async def update_question(store: Store, changed: Question) -> None:
    """Write a question that was read under the desk's lock."""
    await store.execute(update(QUESTIONS).where(QUESTIONS.c.question_id == changed.question_id).values(_row(changed)))


async def last_changed(store: Store, show_id: str) -> list[Question]:
    """What everybody's list holds, oldest change first."""
    newest = (QUESTIONS.c.changed_at_ms.desc(), QUESTIONS.c.question_id.desc())
    shown = (QUESTIONS.c.show_id == show_id) & QUESTIONS.c.held.is_(False)
    query = select(QUESTIONS).where(shown).order_by(*newest).limit(QUESTIONS_MAX)
    return [_question(row) for row in await store.execute(query)][::-1]


async def page(store: Store, show_id: str, after: Question | None, count: int) -> list[Question]:
    """All questions of a show in the order of asking; those that follow another one, or the first ones."""
    place = (QUESTIONS.c.asked_at_ms, QUESTIONS.c.question_id)
    query = select(QUESTIONS).where(QUESTIONS.c.show_id == show_id).order_by(*place).limit(count)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(after.asked_at_ms, after.question_id))
    return [_question(row) for row in await store.execute(query)]


async def asked_by(store: Store, show_id: str, asker_id: str) -> list[Question]:
    """Somebody's own last questions, oldest first."""
    own = (QUESTIONS.c.show_id == show_id) & (QUESTIONS.c.asker_id == asker_id)
    newest = (QUESTIONS.c.asked_at_ms.desc(), QUESTIONS.c.question_id.desc())
    query = select(QUESTIONS).where(own).order_by(*newest).limit(QUESTIONS_MAX)
    return [_question(row) for row in await store.execute(query)][::-1]


async def ballot(store: Store, question_id: str, voter_id: str) -> Ballot:
    """Somebody's vote; an empty one when they have not voted."""
    query = select(VOTES).where(VOTES.c.question_id == question_id, VOTES.c.voter_id == voter_id)
    row = (await store.execute(query)).one_or_none()
    return Ballot() if row is None else Ballot(row.up, tuple(row.commands))


async def write_ballot(store: Store, question: Question, voter_id: str, before: Ballot, after: Ballot) -> None:
    """Write a vote, and count it."""
    row = {"question_id": question.question_id, "voter_id": voter_id, "show_id": question.show_id}
    changed = {"up": after.up, "commands": list(after.commands)}
    statement = insert(VOTES).values({**row, **changed})
    await store.execute(statement.on_conflict_do_update(index_elements=["question_id", "voter_id"], set_=changed))
    if after.up != before.up:
        votes = QUESTIONS.c.votes + (1 if after.up else -1)
        await store.execute(update(QUESTIONS).where(QUESTIONS.c.question_id == question.question_id).values(votes=votes))


async def next_votes_version(store: Store, show_id: str) -> int:
    """The version that the show's votes are about to have; locks as `lock_desk` does."""
    first = insert(DESKS).values(show_id=show_id, votes_version=1)
    next_one = first.on_conflict_do_update(index_elements=["show_id"], set_={"votes_version": DESKS.c.votes_version + 1})
    version: int | None = await store.scalar(next_one.returning(DESKS.c.votes_version))
    assert version is not None, show_id
    return version


async def give_back(store: Store, show_id: str, version: int) -> None:
    """No vote has changed after all: `version` is for the next one."""
    await store.execute(update(DESKS).where(DESKS.c.show_id == show_id).values(votes_version=version - 1))


async def votes_version(store: Store, show_id: str) -> int:
    """Version of the show's votes; a show where nobody has asked is at 0."""
    found: int | None = await store.scalar(select(DESKS.c.votes_version).where(DESKS.c.show_id == show_id))
    return found or 0


async def votes(store: Store, show_id: str) -> list[QuestionVotes]:
    """Votes of the open questions, most first."""
    counted = (QUESTIONS.c.show_id == show_id) & QUESTIONS.c.status.in_(OPEN) & (QUESTIONS.c.votes > 0)
    query = select(QUESTIONS.c.question_id, QUESTIONS.c.votes).where(counted)
    rows = await store.execute(query.order_by(QUESTIONS.c.votes.desc(), QUESTIONS.c.question_id).limit(QUESTIONS_MAX))
    return [QuestionVotes(question_id=row.question_id, votes=row.votes) for row in rows]


async def voted_for(store: Store, show_id: str, voter_id: str) -> list[str]:
    """Questions of a show that somebody has voted for."""
    own = (VOTES.c.show_id == show_id) & (VOTES.c.voter_id == voter_id) & VOTES.c.up.is_(True)
    query = select(VOTES.c.question_id).where(own).order_by(VOTES.c.question_id.desc()).limit(MINE_MAX)
    return [row.question_id for row in await store.execute(query)]


async def _one(store: Store, which: Any) -> Question | None:
    row = (await store.execute(select(QUESTIONS).where(which))).one_or_none()
    return None if row is None else _question(row)


def _question(row: Any) -> Question:
    return Question(**{name: getattr(row, name) for name in FIELDS})


def _row(question: Question) -> dict[str, Any]:
    return {name: getattr(question, name) for name in FIELDS}


async def questions_of(store: Store, asker_id: str) -> list[Question]:
    """Questions of somebody that still have a name."""
    asked = (QUESTIONS.c.asker_id == asker_id) & (QUESTIONS.c.asker_name != ERASED_NAME)
    return [_question(row) for row in await store.execute(select(QUESTIONS).where(asked).order_by(QUESTIONS.c.show_id))]


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """What somebody asked and voted for."""
    return {
        "questions": await rows_of(store, QUESTIONS, QUESTIONS.c.asker_id == actor_id),
        "votes": await rows_of(store, VOTES, VOTES.c.voter_id == actor_id, ("commands",)),
    }
