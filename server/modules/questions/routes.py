"""HTTP operations of the questions."""

from schemas.errors import FORBIDDEN, INVALID_FIELD, NOT_FOUND, Refused
from schemas.http.questions import MyQuestionVotes, QuestionsState, QuestionView, SetQuestionStatus
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.questions import rules, store
from server.modules.questions.channel import facts_of, refused, save, tell_asked
from server.modules.questions.rules import Facts, Refusal

PAGE = 200
"""Questions of one answer; the next page begins `after` the last one."""


async def set_status(ctx: Context, call: Call) -> Reply:
    """Put a question on the screen, say that it is answered, hide it, or let it wait. The same again changes nothing."""
    facts = await _moderated(ctx, call)
    show, body = facts.show, call.body
    await store.lock_desk(ctx.store, show.show_id)
    question = await store.question(ctx.store, call.path["question_id"])
    moved = rules.move(question, await store.on_screen(ctx.store, show.show_id), body, show, ctx.now_ms)
    if isinstance(moved, Refusal):
        raise refused(moved)
    await save(ctx, show.show_id, moved)
    assert question is not None, call.path
    after = moved[-1] if moved else question
    if question.held and not after.held:
        tell_asked(ctx, after)
    return Reply(rules.desk_view(after))


async def list_questions(ctx: Context, call: Call) -> Reply:
    """All questions of a show in the order of asking, hidden ones too, a page at a time (`?after=<question_id>`)."""
    facts = await _moderated(ctx, call)
    after_id = call.query.get("after")
    async with ctx.reading() as connection:
        after = None if after_id is None else await store.question(connection, after_id)
        if after_id is not None and (after is None or after.show_id != facts.show.show_id):
            raise Refused(INVALID_FIELD, "`after` names no question of this show.")
        found = await store.page(connection, facts.show.show_id, after, PAGE)
    return Reply(QuestionsState(questions=[rules.desk_view(question) for question in found]))


async def my_questions(ctx: Context, call: Call) -> Reply:
    """The caller's votes, and their own questions as they should see them."""
    show_id = call.path["show_id"]
    async with ctx.reading() as connection:
        voted_for = await store.voted_for(connection, show_id, ctx.actor.id)
        own = await store.asked_by(connection, show_id, ctx.actor.id)
    return Reply(MyQuestionVotes(question_ids=voted_for, own=[rules.own_view(question) for question in own]))


async def _moderated(ctx: Context, call: Call) -> Facts:
    facts = await facts_of(ctx, call.path["show_id"])
    if facts is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if facts.show.host_id != ctx.actor.id and not facts.standing.may_moderate:
        raise Refused(FORBIDDEN, "Only the host and moderators of the show may do this.")
    return facts


ROUTES = (
    Endpoint(
        "POST",
        "/api/questions/{show_id}/{question_id}/status",
        set_status,
        "account",
        "Move a question: live, answered, hidden, waiting",
        body=SetQuestionStatus,
        view=QuestionView,
    ),
    Endpoint(
        "GET",
        "/api/questions/{show_id}",
        list_questions,
        "account",
        "Every question of a show, for its hosts",
        view=QuestionsState,
    ),
    Endpoint(
        "GET", "/api/questions/{show_id}/mine", my_questions, "guest", "The caller's votes and questions", view=MyQuestionVotes
    ),
)
