"""Hearts: who may send them, and what they add."""

import msgspec
import pytest

from schemas.errors import BLOCKED, SHOW_NOT_LIVE
from schemas.http.reactions import REACTIONS_AT_ONCE_MAX, React, ReactionsState
from server.channels.codec import Codec
from server.kernel.module import Decision
from server.modules.reactions.channel import ReactionChannel
from tests.channels.proof import assert_law, assert_overlap_is_harmless
from tests.modules.crowd import ANNA, facts, restrain
from tests.modules.world import HOST, SHOW_ID, World, an_id


async def test_taps_are_added_while_the_show_is_live_and_refused_before_and_after(world: World) -> None:
    kind, command = ReactionChannel(), React(kind="heart", count=7)
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    nothing = await world.snapshot(kind, SHOW_ID)
    assert nothing == ReactionsState(counts={})

    async def outcome() -> Decision:
        return kind.decide(ANNA, await facts(world, kind, ANNA), nothing, command, an_id("rct", 1), world.clock.now_ms())

    assert await outcome() == Decision(error=SHOW_NOT_LIVE)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/start")
    assert await outcome() == Decision(tally={"heart": 7})
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    assert await outcome() == Decision(error=SHOW_NOT_LIVE)


async def test_a_blocked_person_neither_sends_nor_sees_hearts(world: World) -> None:
    await world.open_show()
    kind = ReactionChannel()
    assert kind.authorise(ANNA, await facts(world, kind, ANNA)) is None
    await restrain(world, ANNA, "block")
    assert kind.authorise(ANNA, await facts(world, kind, ANNA)) == BLOCKED
    assert await facts(world, kind, ANNA, an_id("shw", 9)) is None


@pytest.mark.parametrize(
    "data",
    [{"kind": "poison"}, {"kind": "heart", "count": 0}, {"kind": "heart", "count": REACTIONS_AT_ONCE_MAX + 1}, {"count": 1}],
)
def test_a_command_that_is_no_reaction_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        Codec(ReactionChannel()).command(msgspec.json.encode(data))


def test_the_totals_keep_the_law() -> None:
    log = [ReactionsState(counts={"heart": number, "fire": number // 2}) for number in range(1, 8)]
    assert_law(ReactionChannel(), ReactionsState(counts={}), log)
    assert_overlap_is_harmless(ReactionChannel(), ReactionsState(counts={}), log)
