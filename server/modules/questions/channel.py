"""The channels `questions:<show_id>` (ask, vote, and what became of it) and `question_votes:<show_id>`, and the one way to change
what they show."""

from collections.abc import Sequence
from typing import Any

from schemas.errors import BLOCKED, Refused, WireError
from schemas.events.questions import QuestionAnswered, QuestionAsked
from schemas.http.questions import (
    QUESTIONS_MAX,
    AskQuestion,
    QuestionCommand,
    QuestionsState,
    QuestionView,
    QuestionVotesState,
    VoteForQuestion,
)
from schemas.requests.moderation import Door, GetDoor, GetStanding
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context
from server.modules.questions import rules, store
from server.modules.questions.rules import Facts, Question, Refusal


class QuestionChannel(ChannelKind):
    """Whoever may watch reads and, in a transaction, asks and votes. Each question counts, so none may be left out."""

    name = "questions"
    command = QuestionCommand
    publication = QuestionView
    snapshot = QuestionsState
    history_length = QUESTIONS_MAX
    personal = True
    transactional = True
    # A viewer who opens the list votes for several in a row; asking has a limit of its own.
    commands_per_s = 1.0
    commands_burst = 10

    async def load(self, ctx: Context, subject: str) -> Door | None:
        return await door_of(ctx, subject)

    async def load_own(self, ctx: Context, subject: str, facts: Any) -> Facts | None:
        return await facts_of(ctx, subject)

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def carry_out(self, ctx: Context, subject: str, facts: Any, command: Any, command_id: str) -> None:
        if isinstance(command, AskQuestion):
            await _ask(ctx, facts, command, command_id)
        else:
            await _vote(ctx, facts, command, command_id)

    async def initial(self, ctx: Context, subject: str) -> QuestionsState:
        async with ctx.reading() as connection:
            found = await store.last_changed(connection, subject)
        return QuestionsState(questions=[rules.public_view(question) for question in found])

    def apply(self, state: QuestionsState, publication: QuestionView) -> QuestionsState:
        return QuestionsState(questions=rules.with_question(state.questions, publication))


class QuestionVotesChannel(ChannelKind):
    """How many want to hear the answer, whole at each change; viewers are told twice a second."""

    name = "question_votes"
    delivery = "state"
    publication = QuestionVotesState
    snapshot = QuestionVotesState
    history_length = 10
    conflate_ms = 500

    async def load(self, ctx: Context, subject: str) -> Door | None:
        return await door_of(ctx, subject)

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return BLOCKED if facts.turns_away(actor.id) else None

    async def initial(self, ctx: Context, subject: str) -> QuestionVotesState:
        async with ctx.reading() as connection:
            version, votes = await store.votes_version(connection, subject), await store.votes(connection, subject)
        return QuestionVotesState(version=version, votes=votes)

    def apply(self, state: QuestionVotesState, publication: QuestionVotesState) -> QuestionVotesState:
        return publication if publication.version > state.version else state


async def door_of(ctx: Context, show_id: str) -> Door | None:
    """Who is let into the show; None when there is no such show."""
    show = await ctx.ask(GetShow(show_id=show_id))
    return None if show is None else await ctx.ask(GetDoor(host_id=show.host_id))


async def facts_of(ctx: Context, show_id: str) -> Facts | None:
    """The show and how the caller stands in it; None when there is no such show."""
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        return None
    return Facts(show, await ctx.ask(GetStanding(show_id=show_id, host_id=show.host_id, actor_id=ctx.actor.id)))


async def save(ctx: Context, show_id: str, changed: Sequence[Question]) -> None:
    """Write moved questions, tell everybody, publish what happened; every move goes through here, so none is forgotten."""
    for question in changed:
        await store.update_question(ctx.store, question)
        ctx.push(f"{QuestionChannel.name}:{show_id}", rules.public_view(question))
        if question.status == "answered":
            assert question.answered_at_ms is not None, question
            ctx.publish(
                QuestionAnswered(
                    show_id=show_id,
                    question_id=question.question_id,
                    asker_id=question.asker_id,
                    text=question.text,
                    answered_at_ms=question.answered_at_ms,
                    answered_at_show_ms=question.answered_at_show_ms,
                )
            )
    if any(question.votes for question in changed):  # only open questions are listed there
        await _tell_votes(ctx, show_id, await store.next_votes_version(ctx.store, show_id))


def tell_asked(ctx: Context, question: Question) -> None:
    """The question is there for others: it was asked, or a moderator has let it through."""
    ctx.publish(
        QuestionAsked(
            show_id=question.show_id,
            question_id=question.question_id,
            asker_id=question.asker_id,
            text=question.text,
            asked_at_ms=question.asked_at_ms,
        )
    )


async def _ask(ctx: Context, facts: Facts, command: AskQuestion, question_id: str) -> None:
    show_id, actor = facts.show.show_id, ctx.actor
    await store.lock_desk(ctx.store, show_id)
    known = await store.question(ctx.store, question_id)
    waiting = await store.waiting(ctx.store, show_id, actor.id)
    asked = rules.new_question(facts, (actor.id, actor.name), command, question_id, known, waiting, ctx.now_ms)
    if isinstance(asked, Refusal):
        raise refused(asked)
    if known is not None:
        return
    await store.insert_question(ctx.store, asked)
    if not asked.held:
        tell_asked(ctx, asked)
        ctx.push(f"{QuestionChannel.name}:{show_id}", rules.public_view(asked))


async def _vote(ctx: Context, facts: Facts, command: VoteForQuestion, command_id: str) -> None:
    show_id, voter_id = facts.show.show_id, ctx.actor.id
    version = await store.next_votes_version(ctx.store, show_id)
    question = await store.question(ctx.store, command.question_id)
    before = await store.ballot(ctx.store, command.question_id, voter_id)
    after = rules.vote(facts.show, question, before, voter_id, command, command_id)
    if isinstance(after, Refusal):
        raise refused(after)
    if after != before:
        assert question is not None, command
        await store.write_ballot(ctx.store, question, voter_id, before, after)
    if after.up != before.up:
        await _tell_votes(ctx, show_id, version)
    else:
        await store.give_back(ctx.store, show_id, version)


async def _tell_votes(ctx: Context, show_id: str, version: int) -> None:
    state = QuestionVotesState(version=version, votes=await store.votes(ctx.store, show_id))
    ctx.push(f"{QuestionVotesChannel.name}:{show_id}", state, version)


def refused(refusal: Refusal) -> Refused:
    """The refusal as the edge takes it."""
    extra = {} if refusal.retry_after_ms is None else {"retry_after_ms": refusal.retry_after_ms}
    return Refused(refusal.error, refusal.detail, **extra)
