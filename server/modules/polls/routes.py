"""HTTP operations of the polls."""

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, NOT_FOUND, Refused
from schemas.http.polls import MyVotes, OpenPoll, PollView
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.polls import rules, store
from server.modules.polls.channel import facts_of, opened, save_closed
from server.modules.polls.rules import Facts, Refusal

NO_SUCH_POLL = "There is no such poll."


async def open_poll(ctx: Context, call: Call) -> Reply:
    """Ask everybody. The same id with the same content again is the same answer."""
    body: OpenPoll = call.body
    facts = await _facts(ctx, body.show_id)
    version = await store.next_version(ctx.store, body.show_id)
    known = await store.poll(ctx.store, body.poll_id)
    if known is None:
        open_now = len(await store.open_polls(ctx.store, body.show_id))
        made = rules.open_poll(body, facts, ctx.actor.id, open_now, ctx.now_ms)
        if isinstance(made, Refusal):
            raise Refused(made.error, made.detail)
        if await store.insert_poll(ctx.store, made):
            await opened(ctx, version, made)
            return Reply(rules.view(made, all_counts=True), 201)
        # Another show's poll got this id in the meantime: the desk that is locked here is not its own.
        known = await store.poll(ctx.store, body.poll_id)
    if known is None or not rules.is_repetition(known, body, ctx.actor.id):
        raise Refused(IDEMPOTENCY_CONFLICT, "A poll with this id exists; make a new id for a new poll.")
    await store.give_back(ctx.store, body.show_id, version)
    return Reply(rules.view(known, all_counts=True), 201)


async def close_poll(ctx: Context, call: Call) -> Reply:
    """End a poll before its time; a closed one stays as it is."""
    async with ctx.reading() as connection:
        found = await store.poll(connection, call.path["poll_id"])
    if found is None:
        raise Refused(NOT_FOUND, NO_SUCH_POLL)
    if not rules.moderates(await _facts(ctx, found.show_id), ctx.actor.id):
        raise Refused(FORBIDDEN, "Only the host and moderators of the show may do this.")
    version = await store.next_version(ctx.store, found.show_id)
    before = await store.poll(ctx.store, found.poll_id)
    assert before is not None, found
    after = rules.close(before, ctx.now_ms)
    await save_closed(ctx, after.show_id, version, [after] if after != before else [])
    return Reply(rules.view(after, all_counts=True))


async def my_votes(ctx: Context, call: Call) -> Reply:
    """What the caller has voted for in the polls of a show."""
    async with ctx.reading() as connection:
        return Reply(MyVotes(votes=await store.votes_of(connection, call.path["show_id"], ctx.actor.id)))


async def _facts(ctx: Context, show_id: str) -> Facts:
    facts = await facts_of(ctx, show_id)
    if facts is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    return facts


ROUTES = (
    Endpoint("POST", "/api/polls", open_poll, "account", "Open a poll", body=OpenPoll, view=PollView, status=201),
    Endpoint("POST", "/api/polls/{poll_id}/close", close_poll, "account", "End a poll before its time", view=PollView),
    Endpoint("GET", "/api/polls/{show_id}/mine", my_votes, "guest", "The caller's votes in the polls of a show", view=MyVotes),
)
