"""Asking and voting as the channels' service carries it out, over a real database: what is stored, and what screens are told."""

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from schemas.base import Envelope
from schemas.errors import BLOCKED, FORBIDDEN, INVALID_FIELD, NOT_FOUND, TOO_MANY_QUESTIONS
from schemas.events.questions import QuestionAnswered, QuestionAsked
from schemas.http.questions import MyQuestionVotes, QuestionsState, QuestionView
from server.bus.topics import stream_of_topic
from server.kernel.module import Actor
from server.modules.questions import routes
from server.modules.questions.channel import QuestionChannel, QuestionVotesChannel
from server.modules.questions.tables import QUESTIONS, VOTES
from tests.modules.crowd import ANNA, MODERATOR, appoint, facts, people, restrain, send
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id, refused

CHANNEL, VOTES_CHANNEL = f"questions:{SHOW_ID}", f"question_votes:{SHOW_ID}"


async def ask(world: World, actor: Actor, number: int, text: str = "Is it warm?") -> None:
    await send(world, QuestionChannel(), actor, {"type": "ask", "text": text}, an_id("qst", number))
    await world.settle()


async def vote(world: World, actor: Actor, question: int, command: int, up: bool = True) -> None:
    data = {"type": "vote", "question_id": an_id("qst", question), "up": up}
    await send(world, QuestionChannel(), actor, data, an_id("cmd", command))


async def move(world: World, question: int, status: str, actor: Actor = HOST) -> QuestionView:
    path = f"/api/questions/{SHOW_ID}/{an_id('qst', question)}/status"
    view = (await world.call(actor, "POST", path, {"status": status})).view
    assert isinstance(view, QuestionView)
    await world.settle()
    return view


async def mine(world: World, actor: Actor) -> MyQuestionVotes:
    view = (await world.call(actor, "GET", f"/api/questions/{SHOW_ID}/mine")).view
    assert isinstance(view, MyQuestionVotes)
    return view


async def counts(world: World) -> tuple[dict[str, int], dict[str, int]]:
    """Votes by question as the counters have them, and as the rows have them."""
    async with world.database.reading() as connection:
        kept = await connection.execute(select(QUESTIONS.c.question_id, QUESTIONS.c.votes).where(QUESTIONS.c.votes != 0))
        rows = await connection.execute(
            select(VOTES.c.question_id, func.count()).where(VOTES.c.up.is_(True)).group_by(VOTES.c.question_id)
        )
        return {row[0]: row[1] for row in kept}, {row[0]: row[1] for row in rows}


def told(world: World) -> list[dict[str, Any]]:
    return world.screens.pushes.get(CHANNEL, [])


async def test_a_question_goes_from_a_viewer_over_the_screen_into_the_replay(world: World) -> None:
    await world.open_show()
    started_at_ms = world.clock.now_ms()
    empty = await world.snapshot(QuestionChannel(), SHOW_ID)
    await ask(world, ANNA, 1)
    await ask(world, BUYER, 2, "How long is it?")
    middle, heard = await world.snapshot(QuestionChannel(), SHOW_ID), len(told(world))
    world.clock.advance(60_000)
    await move(world, 1, "live")
    world.clock.advance(15_000)
    answered = await move(world, 1, "answered")
    assert (answered.answered_at_ms, answered.answered_at_show_ms) == (started_at_ms + 60_000, 60_000)
    await move(world, 2, "hidden")

    now = await world.snapshot(QuestionChannel(), SHOW_ID)
    assert [(each.status, each.text) for each in now.questions] == [("answered", "Is it warm?"), ("hidden", "")]
    assert "How long" not in str(told(world)[heard:]), "what is hidden is not told again"
    for snapshot, since in ((empty, 0), (middle, heard), (now, 0)):
        assert world.fold(QuestionChannel(), CHANNEL, snapshot, since) == now


async def test_the_same_question_sent_again_is_one_question(world: World) -> None:
    await world.open_show()
    for _ in range(3):
        await ask(world, ANNA, 1)
    assert len(told(world)) == 1
    await asyncio.gather(
        *(send(world, QuestionChannel(), ANNA, {"type": "ask", "text": "?"}, an_id("qst", 2)) for _ in range(10))
    )
    await world.settle()
    assert len(told(world)) == 2


async def test_ten_questions_of_one_person_at_once_are_three(world: World) -> None:
    await world.open_show()
    outcomes = await asyncio.gather(*(ask_quietly(world, number) for number in range(1, 11)), return_exceptions=True)
    refusals = [outcome for outcome in outcomes if outcome is not None]
    assert [getattr(outcome, "error", outcome) for outcome in refusals] == [TOO_MANY_QUESTIONS] * 7
    await world.settle()
    assert len(told(world)) == 3
    waiting = [push["question_id"] for push in told(world)]
    await move(world, int(waiting[0][-4:], 16), "answered")
    await ask(world, ANNA, 20)
    assert len((await mine(world, ANNA)).own) == 4


async def ask_quietly(world: World, number: int) -> None:
    await send(world, QuestionChannel(), ANNA, {"type": "ask", "text": "?"}, an_id("qst", number))


async def test_fifty_people_vote_at_once_and_the_counters_are_the_votes(world: World) -> None:
    await world.open_show()
    await ask(world, ANNA, 1)
    await ask(world, BUYER, 2)
    empty = await world.snapshot(QuestionVotesChannel(), SHOW_ID)
    crowd = people(50)
    await asyncio.gather(*(vote(world, actor, 1 + number % 2, number) for number, actor in enumerate(crowd)))
    await asyncio.gather(*(vote(world, actor, 1 + number % 2, number) for number, actor in enumerate(crowd)))  # all of them again
    await asyncio.gather(*(vote(world, actor, 1, 100 + number, up=False) for number, actor in enumerate(crowd[:10])))
    await world.settle()

    kept, rows = await counts(world)
    assert kept == rows == {an_id("qst", 1): 20, an_id("qst", 2): 25}
    now = await world.snapshot(QuestionVotesChannel(), SHOW_ID)
    assert [(each.question_id, each.votes) for each in now.votes] == [(an_id("qst", 2), 25), (an_id("qst", 1), 20)]
    assert now.version == 55, "one for each change, none for a repetition"
    assert world.fold(QuestionVotesChannel(), VOTES_CHANNEL, empty) == now
    assert (await mine(world, crowd[10])).question_ids == [an_id("qst", 1)]
    assert (await mine(world, crowd[0])).question_ids == []


async def test_votes_of_a_question_that_is_answered_leave_the_list(world: World) -> None:
    await world.open_show()
    await ask(world, ANNA, 1)
    await vote(world, BUYER, 1, 1)
    await move(world, 1, "answered")
    now = await world.snapshot(QuestionVotesChannel(), SHOW_ID)
    assert (now.version, now.votes) == (2, [])
    assert world.screens.pushes[VOTES_CHANNEL][-1]["votes"] == []
    await move(world, 1, "waiting")
    assert world.screens.pushes[VOTES_CHANNEL][-1]["votes"] == [{"question_id": an_id("qst", 1), "votes": 1}]


async def test_a_blocked_person_is_shown_out_and_one_who_is_shadowed_talks_to_themselves(world: World) -> None:
    await world.open_show()
    await restrain(world, ANNA, "block")
    for kind in (QuestionChannel(), QuestionVotesChannel()):
        assert kind.authorise(ANNA, await facts(world, kind, ANNA)) == BLOCKED
        assert kind.authorise(BUYER, await facts(world, kind, BUYER)) is None
        assert await facts(world, kind, ANNA, an_id("shw", 9)) is None
    with refused(BLOCKED):
        await ask(world, ANNA, 1)

    await restrain(world, BUYER, "shadow")
    await ask(world, BUYER, 2)
    assert told(world) == []
    assert await world.snapshot(QuestionChannel(), SHOW_ID) == QuestionsState(questions=[])
    assert [(each.status, each.text) for each in (await mine(world, BUYER)).own] == [("waiting", "Is it warm?")]
    with refused(NOT_FOUND):
        await vote(world, OTHER_BUYER, 2, 1)
    assert await asked_facts(world) == []
    await move(world, 2, "waiting")
    assert [(push["status"], push["text"]) for push in told(world)] == [("waiting", "Is it warm?")]
    assert await asked_facts(world) == [an_id("qst", 2)]
    for number in (3, 4):
        await ask(world, BUYER, number)
    with refused(TOO_MANY_QUESTIONS):
        await ask(world, BUYER, 5)


async def test_only_the_host_and_moderators_move_and_list_questions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_show()
    for number in range(1, 4):
        await ask(world, ANNA, number)
        world.clock.advance(1)
    for stranger in (OTHER_HOST, MODERATOR):
        with refused(FORBIDDEN):
            await move(world, 1, "live", stranger)
        with refused(FORBIDDEN):
            await world.call(stranger, "GET", f"/api/questions/{SHOW_ID}")
    await appoint(world, MODERATOR)
    assert (await move(world, 1, "live", MODERATOR)).status == "live"
    assert (await move(world, 1, "live", MODERATOR)).status == "live", "again is the same"
    assert (await move(world, 2, "live")).status == "live"
    with refused(NOT_FOUND):
        await move(world, 9, "live")
    with refused(NOT_FOUND):
        await world.call(HOST, "GET", f"/api/questions/{an_id('shw', 9)}")

    monkeypatch.setattr(routes, "PAGE", 2)
    first = await listed(world)
    assert [each.status for each in first] == ["answered", "live"]
    assert [each.question_id for each in await listed(world, first[-1].question_id)] == [an_id("qst", 3)]
    with refused(INVALID_FIELD):
        await listed(world, an_id("qst", 9))


async def asked_facts(world: World) -> list[str]:
    """Questions that other modules have been told of."""
    entries: Any = await world.redis.xrange(stream_of_topic("questions"))
    envelopes = [msgspec.json.decode(fields[b"e"], type=Envelope) for _, fields in entries]
    facts = [msgspec.json.decode(each.data, type=QuestionAsked | QuestionAnswered) for each in envelopes]
    return [fact.question_id for fact in facts if isinstance(fact, QuestionAsked)]


async def listed(world: World, after: str | None = None) -> list[QuestionView]:
    query = {"after": after} if after else None
    view = (await world.call(HOST, "GET", f"/api/questions/{SHOW_ID}", query=query)).view
    assert isinstance(view, QuestionsState)
    return view.questions


async def test_the_question_on_the_screen_is_answered_when_the_show_ends(world: World) -> None:
    await world.open_show()
    await ask(world, ANNA, 1)
    await move(world, 1, "live")
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    await world.settle()
    assert [push["status"] for push in told(world)] == ["waiting", "live", "answered"]
    assert await world.dead_letters() == 0
