"""A blocked person is let into no channel of the host's shows, whatever module has it."""

from typing import Any

from schemas.errors import BLOCKED, WireError
from schemas.requests.moderation import GetRoomRules, GetStanding
from server.kernel.module import SYSTEM, Actor, ChannelKind
from tests.modules.crowd import ANNA, MODERATOR, appoint, let_in, restrain
from tests.modules.world import BUYER, HOST, MODULES, OTHER_BUYER, SHOW_ID, World

OPEN_TO_ALL = {
    *("show", "stock", "flash_sales", "giveaways", "stage", "chat", "chat_room", "questions", "question_votes", "polls"),
    *("reactions", "presence"),
}


async def answers(world: World, actor: Actor) -> dict[str, WireError | None]:
    """What each channel of the show says to somebody; kinds about other things than shows are left out."""
    told: dict[str, WireError | None] = {}
    for kind in (kind for module in MODULES for kind in module.channels):
        facts = await facts_of(world, kind)
        if facts is not None:
            told[kind.name] = kind.authorise(actor, facts)
    return told


async def facts_of(world: World, kind: ChannelKind) -> Any:
    async with world.units(SYSTEM) as ctx:
        return await kind.load(ctx, SHOW_ID)


async def test_a_blocked_person_is_shown_out_of_every_channel_and_comes_back_when_let_in(world: World) -> None:
    await world.open_show()
    before = await answers(world, BUYER)
    assert {name for name, error in before.items() if error is None} == OPEN_TO_ALL
    await restrain(world, BUYER, "block")
    now = await answers(world, BUYER)
    assert {name for name, error in now.items() if error == BLOCKED} == OPEN_TO_ALL
    assert await answers(world, OTHER_BUYER) == before
    await let_in(world, BUYER)
    assert await answers(world, BUYER) == before


async def test_who_was_blocked_and_is_made_a_moderator_comes_in(world: World) -> None:
    await world.open_show()
    await restrain(world, MODERATOR, "block")
    await appoint(world, MODERATOR)
    told = await answers(world, MODERATOR)
    assert {name for name in OPEN_TO_ALL if told[name] is not None} == set()
    assert (told["moderation"], told["poll_desk"], told["sales"]) == (None, None, (await answers(world, BUYER))["sales"])
    assert set((await answers(world, HOST)).values()) == {None}


async def test_everybodys_rules_say_of_each_what_is_said_of_one(world: World) -> None:
    await world.open_show()
    await world.call(HOST, "POST", f"/api/moderation/{SHOW_ID}/settings", {"slow_mode_s": 7})
    await world.call(HOST, "POST", f"/api/moderation/{SHOW_ID}/words", {"words": ["shampoo"]})
    await restrain(world, BUYER, "mute", 60_000)
    await restrain(world, OTHER_BUYER, "block")
    await restrain(world, ANNA, "shadow")
    await appoint(world, MODERATOR)
    for passed_ms in (0, 59_999, 1):
        world.clock.advance(passed_ms)
        async with world.units(SYSTEM) as ctx:
            rules = await ctx.ask(GetRoomRules(show_id=SHOW_ID, host_id=HOST.id))
            for actor in (HOST, MODERATOR, BUYER, OTHER_BUYER, ANNA, SYSTEM):
                one = await ctx.ask(GetStanding(show_id=SHOW_ID, host_id=HOST.id, actor_id=actor.id))
                assert rules.standing(actor.id, ctx.now_ms) == one, actor.name
    assert {rules.standing(actor.id, world.clock.now_ms()).sanction for actor in (BUYER, OTHER_BUYER, ANNA)} == {
        None,
        "block",
        "shadow",
    }
