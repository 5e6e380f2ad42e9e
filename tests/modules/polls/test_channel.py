"""Voting as the channels' service carries it out, over a real database: one vote each, and what screens are told."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import func, select

from schemas.errors import (
    ALREADY_VOTED,
    BLOCKED,
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    NOT_FOUND,
    POLL_CLOSED,
    TOO_MANY_POLLS,
    Refused,
)
from schemas.http.polls import POLLS_MAX, MyVote, MyVotes, PollsState, PollView
from server.kernel.module import Actor
from server.modules.polls.channel import PollChannel, PollDeskChannel
from server.modules.polls.tables import POLLS, VOTES
from tests.modules.crowd import ANNA, MODERATOR, appoint, facts, people, restrain, send
from tests.modules.world import BUYER, HOST, OTHER_HOST, SHOW_ID, World, an_id, refused

CHANNEL, DESK = f"polls:{SHOW_ID}", f"poll_desk:{SHOW_ID}"


async def open_poll(world: World, number: int = 1, actor: Actor = HOST, **changes: Any) -> PollView:
    body = {
        "poll_id": an_id("pol", number),
        "show_id": SHOW_ID,
        "question": "Which colour?",
        "options": ["red", "blue", "green"],
        "duration_ms": 30_000,
        **changes,
    }
    view = (await world.call(actor, "POST", "/api/polls", body)).view
    assert isinstance(view, PollView)
    await world.settle()
    return view


async def close_poll(world: World, number: int = 1, actor: Actor = HOST) -> PollView:
    view = (await world.call(actor, "POST", f"/api/polls/{an_id('pol', number)}/close")).view
    assert isinstance(view, PollView)
    await world.settle()
    return view


async def vote(world: World, actor: Actor, option: int, poll: int = 1, command: int = 1) -> None:
    await send(world, PollChannel(), actor, {"poll_id": an_id("pol", poll), "option": option}, an_id("cmd", command))


async def state(world: World) -> PollsState:
    now = await world.snapshot(PollChannel(), SHOW_ID)
    assert isinstance(now, PollsState)
    return now


async def counts(world: World, poll: int = 1) -> tuple[list[int], list[int]]:
    """Votes by option as the counters have them, and as the rows have them."""
    poll_id = an_id("pol", poll)
    async with world.database.reading() as connection:
        kept = await connection.scalar(select(POLLS.c.counts).where(POLLS.c.poll_id == poll_id))
        rows = await connection.execute(
            select(VOTES.c.option, func.count()).where(VOTES.c.poll_id == poll_id).group_by(VOTES.c.option)
        )
        counted = {row[0]: row[1] for row in rows}
    return list(kept or ()), [counted.get(option, 0) for option in range(3)]


async def test_fifty_people_vote_at_once_and_every_vote_is_counted_once(world: World) -> None:
    await world.open_show()
    await open_poll(world)
    empty = await state(world)
    crowd = people(50)
    # Each of them sends twice at once, as a page does that lost its connection.
    await asyncio.gather(
        *(vote(world, actor, number % 3, command=number) for number, actor in enumerate(crowd) for _ in range(2))
    )
    await world.settle()

    kept, rows = await counts(world)
    assert kept == rows == [17, 17, 16]
    now = await state(world)
    assert (now.version, now.polls[0].counts, now.polls[0].total) == (51, [17, 17, 16], 50)
    assert world.fold(PollChannel(), CHANNEL, empty) == now
    versions = [push["version"] for push in world.screens.pushes[CHANNEL]]
    assert versions == sorted(set(versions))


async def test_two_different_votes_of_one_person_at_once_are_one(world: World) -> None:
    await world.open_show()
    await open_poll(world)
    tries = (vote(world, BUYER, number % 3, command=number) for number in range(9))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    errors = Counter(outcome.error for outcome in outcomes if isinstance(outcome, Refused))
    assert errors == {ALREADY_VOTED: 6}
    kept, rows = await counts(world)
    assert kept == rows
    assert sum(kept) == 1
    view = (await world.call(BUYER, "GET", f"/api/polls/{SHOW_ID}/mine")).view
    assert view == MyVotes(votes=[MyVote(poll_id=an_id("pol", 1), option=kept.index(1))])


async def test_a_vote_after_the_time_is_refused_though_no_job_has_run(world: World) -> None:
    await world.open_show()
    await open_poll(world)
    await vote(world, BUYER, 1)
    world.clock.advance(30_000)
    with refused(POLL_CLOSED):
        await vote(world, ANNA, 1)
    await vote(world, BUYER, 1)  # its answer was lost
    assert (await state(world)).polls[0].status == "open"
    await world.run_job("polls", "close_due")
    now = await state(world)
    assert (now.polls[0].status, now.polls[0].counts) == ("closed", [0, 1, 0])
    assert world.screens.pushes[CHANNEL][-1]["polls"][0]["status"] == "closed"
    await world.run_job("polls", "close_due")
    assert await state(world) == now


async def test_hidden_results_reach_viewers_at_the_end_and_the_desk_at_once(world: World) -> None:
    await world.open_show()
    empty, empty_desk = await state(world), await world.snapshot(PollDeskChannel(), SHOW_ID)
    await open_poll(world, hide_results=True)
    await vote(world, BUYER, 2)
    await world.settle()
    assert [push["polls"][0]["counts"] for push in world.screens.pushes[CHANNEL]] == [None, None]
    assert [push["polls"][0]["counts"] for push in world.screens.pushes[DESK]] == [[0, 0, 0], [0, 0, 1]]
    assert (await state(world)).polls[0].counts is None
    assert (await close_poll(world)).counts == [0, 0, 1]
    assert world.screens.pushes[CHANNEL][-1]["polls"][0]["counts"] == [0, 0, 1]
    assert world.fold(PollChannel(), CHANNEL, empty) == await state(world)
    assert world.fold(PollDeskChannel(), DESK, empty_desk) == await world.snapshot(PollDeskChannel(), SHOW_ID)


async def test_an_early_end_is_the_end(world: World) -> None:
    await world.open_show()
    await open_poll(world)
    world.clock.advance(5_000)
    closed = await close_poll(world)
    assert closed.closes_at_ms == world.clock.now_ms()
    world.clock.advance(5_000)
    assert await close_poll(world) == closed
    with refused(POLL_CLOSED):
        await vote(world, BUYER, 1)
    with refused(NOT_FOUND):
        await close_poll(world, 9)


async def test_opening_again_is_the_same_poll_and_another_with_its_id_is_refused(world: World) -> None:
    await world.open_show()
    first = await open_poll(world)
    assert await open_poll(world) == first
    with refused(IDEMPOTENCY_CONFLICT):
        await open_poll(world, question="What size?")
    assert len((await state(world)).polls) == 1
    with refused(NOT_FOUND):
        await open_poll(world, 2, show_id=an_id("shw", 9))


async def test_a_player_shows_every_open_poll_and_then_the_newest(world: World) -> None:
    await world.open_show()
    await open_poll(world, 1)
    for number in (2, 3, 4):
        world.clock.advance(10)
        await open_poll(world, number)
        await close_poll(world, number)
    assert [poll.poll_id for poll in (await state(world)).polls] == [an_id("pol", number) for number in (4, 3, 1)]
    for number in range(5, 4 + POLLS_MAX):
        await open_poll(world, number)
    with refused(TOO_MANY_POLLS):
        await open_poll(world, 20)


async def test_open_polls_end_with_the_show(world: World) -> None:
    await world.open_show()
    await open_poll(world, 1)
    await open_poll(world, 2)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    await world.settle()
    assert [poll.status for poll in (await state(world)).polls] == ["closed", "closed"]
    assert await world.dead_letters() == 0


async def test_the_desk_is_for_the_host_and_moderators_and_a_blocked_person_is_shown_out(world: World) -> None:
    await world.open_show()
    desk, polls = PollDeskChannel(), PollChannel()
    for actor, error in ((HOST, None), (OTHER_HOST, FORBIDDEN), (MODERATOR, FORBIDDEN), (ANNA, FORBIDDEN)):
        assert desk.authorise(actor, await facts(world, desk, actor)) == error
    with refused(FORBIDDEN):
        await open_poll(world, actor=MODERATOR)
    await appoint(world, MODERATOR)
    assert desk.authorise(MODERATOR, await facts(world, desk, MODERATOR)) is None
    await open_poll(world, actor=MODERATOR)
    with refused(FORBIDDEN):
        await close_poll(world, actor=OTHER_HOST)
    await restrain(world, ANNA, "block")
    assert polls.authorise(ANNA, await facts(world, polls, ANNA)) == BLOCKED
    with refused(BLOCKED):
        await vote(world, ANNA, 1)
    assert await facts(world, polls, ANNA, an_id("shw", 9)) is None
