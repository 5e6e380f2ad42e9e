"""Who may do what to whom, what others are told of it, and the log that remembers it."""

from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from schemas.errors import FORBIDDEN, INVALID_FIELD, NOT_FOUND
from schemas.events.chat import MessageHeld
from schemas.http.moderation import QUEUE_MAX, AuditPage, ModerationSettings, ModerationState, MyStanding
from schemas.requests.moderation import GetStanding, Standing
from server.bus.tables import OUTBOX
from server.kernel.module import Actor
from server.modules.moderation import routes
from server.modules.moderation.channel import ModerationChannel
from server.modules.moderation.tables import AUDIT, SETTINGS
from tests.modules.crowd import ANNA, MODERATOR, appoint, restrain
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id, refused

PATH = f"/api/moderation/{SHOW_ID}"
OTHER_SHOW_ID = an_id("shw", 2)


async def act(world: World, what: str, body: dict[str, Any], actor: Actor = HOST, show_id: str = SHOW_ID) -> ModerationState:
    view = (await world.call(actor, "POST", f"/api/moderation/{show_id}/{what}", body)).view
    assert isinstance(view, ModerationState)
    return view


async def audit(world: World, before: str | None = None) -> AuditPage:
    view = (await world.call(HOST, "GET", f"{PATH}/audit", query={"before": before} if before else None)).view
    assert isinstance(view, AuditPage)
    return view


async def standing(world: World, actor: Actor) -> Standing:
    async with world.units(actor) as ctx:
        return await ctx.ask(GetStanding(show_id=SHOW_ID, host_id=HOST.id, actor_id=actor.id))


async def revoked(world: World) -> list[str]:
    """Whose rights the outbox says have shrunk, of what was not relayed yet."""
    async with world.database.reading() as connection:
        rows = await connection.execute(select(OUTBOX.c.target).where(OUTBOX.c.kind == "revoke").order_by(OUTBOX.c.id))
        return [row.target for row in rows]


def held(number: int) -> MessageHeld:
    return MessageHeld(
        show_id=SHOW_ID,
        message_id=an_id("msg", number),
        author_id=BUYER.id,
        author_name=BUYER.name,
        text=f"text {number}",
        reason="link",
        held_at_ms=number,
    )


async def test_only_the_host_and_moderators_are_in_charge(world: World) -> None:
    await world.open_show()
    for stranger in (OTHER_HOST, MODERATOR):
        for what, body in (
            ("settings", {}),
            ("words", {"words": []}),
            ("remove", {"author_id": BUYER.id}),
            ("lift", {"actor_id": BUYER.id}),
            ("pin", {"message_id": None}),
            ("held/review", {"message_id": an_id("msg", 1), "approve": True}),
        ):
            with refused(FORBIDDEN):
                await act(world, what, body, stranger)
        for page in ("", "/audit"):
            with refused(FORBIDDEN):
                await world.call(stranger, "GET", f"{PATH}{page}")
    await appoint(world, MODERATOR)
    await act(world, "settings", {"slow_mode_s": 5}, MODERATOR)
    await world.know(ANNA, BUYER)
    with refused(FORBIDDEN):
        await act(world, "moderators", {"actor_id": BUYER.id, "moderator": True}, MODERATOR)
    with refused(INVALID_FIELD):
        await appoint(world, ANNA)  # a guest
    kind = ModerationChannel()
    async with world.units(HOST) as ctx:
        facts = await kind.load(ctx, SHOW_ID)
        assert await kind.load(ctx, an_id("shw", 9)) is None
    assert facts is not None
    told = {actor.name: kind.authorise(actor, facts) for actor in (HOST, MODERATOR, OTHER_HOST, BUYER)}
    assert told == {"Hanna": None, "Mo": None, "Otto": FORBIDDEN, "Bea": FORBIDDEN}
    await appoint(world, MODERATOR, moderator=False)
    with refused(FORBIDDEN):
        await act(world, "settings", {}, MODERATOR)


async def test_nobody_restrains_the_host_or_a_moderator(world: World) -> None:
    await world.open_show()
    await world.know(HOST)
    await appoint(world, MODERATOR)
    for actor, by in ((HOST, MODERATOR), (HOST, HOST), (MODERATOR, MODERATOR), (MODERATOR, HOST)):
        with refused(FORBIDDEN):
            await act(world, "sanctions", {"actor_id": actor.id, "kind": "block"}, by)
    with refused(FORBIDDEN):
        await act(world, "remove", {"author_id": HOST.id}, MODERATOR)
    with refused(NOT_FOUND):
        await act(world, "sanctions", {"actor_id": an_id("gst", 99), "kind": "block"})


async def test_an_appointment_ends_a_sanction(world: World) -> None:
    await world.open_show()
    await restrain(world, MODERATOR, "block")
    await appoint(world, MODERATOR)
    assert (await standing(world, MODERATOR)).may_moderate
    await appoint(world, MODERATOR, moderator=False)
    now = await standing(world, MODERATOR)
    assert (now.may_moderate, now.sanction) == (False, None)
    assert [line.action for line in (await audit(world)).entries] == ["dismiss", "appoint", "lift", "block"]


@pytest.mark.parametrize(("kind", "duration_ms"), [("mute", None), ("block", 60_000), ("shadow", 60_000)])
async def test_a_mute_has_an_end_and_nothing_else_has(world: World, kind: str, duration_ms: int | None) -> None:
    await world.open_show()
    await world.know(BUYER)
    with refused(INVALID_FIELD):
        await act(world, "sanctions", {"actor_id": BUYER.id, "kind": kind, "duration_ms": duration_ms})


async def test_a_mute_ends_by_the_clock(world: World) -> None:
    await world.open_show()
    await restrain(world, BUYER, "mute", 60_000)
    muted = await standing(world, BUYER)
    assert (muted.sanction, muted.until_ms) == ("mute", world.clock.now_ms() + 60_000)
    world.clock.advance(60_000)
    assert (await standing(world, BUYER)).sanction is None
    assert (await act(world, "settings", {"slow_mode_s": 1})).sanctions == []


async def test_who_is_shadow_banned_is_told_nothing(world: World) -> None:
    await world.open_show()
    for actor, kind in ((BUYER, "shadow"), (OTHER_BUYER, "block")):
        await restrain(world, actor, kind)  # type: ignore[arg-type]
    told = {actor: (await world.call(actor, "GET", f"{PATH}/me")).view for actor in (BUYER, OTHER_BUYER, HOST)}
    assert told[BUYER] == MyStanding(may_moderate=False, sanction=None, until_ms=None)
    assert told[OTHER_BUYER] == MyStanding(may_moderate=False, sanction="block", until_ms=None)
    assert told[HOST] == MyStanding(may_moderate=True, sanction=None, until_ms=None)
    assert (await standing(world, BUYER)).sanction == "shadow"


async def test_shrunk_rights_are_looked_at_again_at_once(world: World) -> None:
    await world.open_show()
    await restrain(world, BUYER, "shadow")
    assert await revoked(world) == []
    await restrain(world, BUYER, "block")
    await restrain(world, OTHER_BUYER, "mute", 60_000)
    await appoint(world, MODERATOR)
    await appoint(world, MODERATOR, moderator=False)
    assert await revoked(world) == [BUYER.id, OTHER_BUYER.id, MODERATOR.id, MODERATOR.id]


async def test_every_deed_is_in_the_log_with_who_what_whom_and_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_show()
    await appoint(world, MODERATOR)
    await world.know(BUYER)
    await act(world, "sanctions", {"actor_id": BUYER.id, "kind": "mute", "duration_ms": 60_000, "reason": "rude"}, MODERATOR)
    await act(world, "lift", {"actor_id": BUYER.id, "reason": "sorry"})
    await act(world, "lift", {"actor_id": BUYER.id})  # nothing to lift: nothing done
    await act(world, "words", {"words": ["Fake*", "fake*", "copy"]})
    await act(world, "words", {"words": ["copy"]})
    await act(world, "remove", {"message_ids": [an_id("msg", 1), an_id("msg", 2)], "reason": "spam"})
    page = await audit(world)
    assert [(line.by_name, line.action, line.target, line.detail) for line in page.entries[::-1]] == [
        ("Hanna", "appoint", MODERATOR.id, "Mo"),
        ("Mo", "mute", BUYER.id, "Bea · 60000 ms · rude"),
        ("Hanna", "lift", BUYER.id, "sorry"),
        ("Hanna", "words", HOST.id, "+fake* +copy"),
        ("Hanna", "words", HOST.id, "-fake*"),
        ("Hanna", "remove_messages", an_id("msg", 1), "spam"),
        ("Hanna", "remove_messages", an_id("msg", 2), "spam"),
    ]
    assert (page.intact, page.before) == (True, None)
    monkeypatch.setattr(routes, "AUDIT_PAGE", 3)
    first = await audit(world)
    second = await audit(world, first.before)
    third = await audit(world, second.before)
    assert [*first.entries, *second.entries, *third.entries] == page.entries
    assert (first.intact, second.intact, third.intact, third.before) == (True, True, True, None)
    with refused(INVALID_FIELD):
        await audit(world, "-1")


@pytest.mark.parametrize(
    "forgery",
    [
        update(AUDIT).where(AUDIT.c.number == 2).values(detail="nothing"),
        update(AUDIT).where(AUDIT.c.number == 2).values(by_name="Otto"),
        delete(AUDIT).where(AUDIT.c.number == 2),
        delete(AUDIT).where(AUDIT.c.number == 1),
        delete(AUDIT).where(AUDIT.c.number == 3),
    ],
    ids=["detail", "name", "middle", "first", "last"],
)
async def test_a_line_that_was_changed_or_taken_out_is_found(world: World, forgery: Any) -> None:
    await world.open_show()
    for number in range(1, 4):
        await act(world, "settings", {"slow_mode_s": number})
    assert (await audit(world)).intact
    async with world.database.begin() as connection:
        await connection.execute(forgery)
    assert not (await audit(world)).intact


async def test_held_messages_queue_once_and_the_oldest_gives_way(world: World) -> None:
    await world.open_show()
    for _ in range(2):
        await world.handle("moderation", held(1))
    state = await act(world, "settings", {"slow_mode_s": 1})
    assert [each.text for each in state.held] == ["text 1"]
    for number in range(2, QUEUE_MAX + 3):
        await world.handle("moderation", held(number))
    state = await act(world, "settings", {"slow_mode_s": 2})
    assert [each.held_at_ms for each in state.held] == list(range(QUEUE_MAX + 2, 2, -1))
    rejected = await act(world, "held/review", {"message_id": an_id("msg", 3), "approve": False})
    assert len(rejected.held) == QUEUE_MAX - 1
    for number, approve in ((3, True), (1, True), (999, False)):  # decided otherwise, gone, unknown
        with refused(NOT_FOUND):
            await act(world, "held/review", {"message_id": an_id("msg", number), "approve": approve})


async def test_the_channel_shows_what_the_database_has_in_all_of_the_hosts_shows(world: World) -> None:
    await world.open_show()
    await world.call(HOST, "POST", "/api/shows", {"show_id": OTHER_SHOW_ID, "title": "Shoes"})
    await world.settle()
    kind = ModerationChannel()
    before = {show_id: await world.snapshot(kind, show_id) for show_id in (SHOW_ID, OTHER_SHOW_ID)}
    await restrain(world, BUYER, "block")
    await act(world, "words", {"words": ["fake"]}, show_id=OTHER_SHOW_ID)
    await act(world, "settings", {"approve_first": True})
    await world.settle()
    for show_id, first in before.items():
        after = await world.snapshot(kind, show_id)
        assert world.fold(kind, f"moderation:{show_id}", first) == after
        assert (after.words, [each.actor_id for each in after.sanctions]) == (["fake"], [BUYER.id])
    assert (await world.snapshot(kind, SHOW_ID)).settings == ModerationSettings(approve_first=True)
    assert (await world.snapshot(kind, OTHER_SHOW_ID)).settings == ModerationSettings()


async def test_a_standing_takes_one_query(world: World) -> None:
    await world.open_show()
    await restrain(world, BUYER, "mute", 60_000)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = world.database._read_engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert (await standing(world, BUYER)).sanction == "mute"
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1, statements


async def test_a_show_that_moderation_has_not_heard_of_has_the_usual_rules(world: World) -> None:
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    assert await standing(world, BUYER) == Standing(False, None, None, ModerationSettings(), ())
    assert (await world.snapshot(ModerationChannel(), SHOW_ID)).version == 0
    async with world.database.reading() as connection:
        assert (await connection.execute(select(SETTINGS))).all() == []
