"""Who may see who is watching."""

from schemas.errors import BLOCKED
from schemas.http.presence import PersonPresent, PresenceState
from server.modules.presence.channel import PresenceChannel
from tests.channels.proof import assert_law, assert_overlap_is_harmless
from tests.modules.crowd import ANNA, facts, restrain
from tests.modules.world import SHOW_ID, World, an_id

NOBODY = PresenceState(count=0, sample=[])


async def test_everybody_who_may_watch_sees_who_is_there_and_nobody_who_is_blocked(world: World) -> None:
    await world.open_show()
    kind = PresenceChannel()
    assert kind.command is None
    assert kind.counts_viewers
    assert await world.snapshot(kind, SHOW_ID) == NOBODY
    assert kind.authorise(ANNA, await facts(world, kind, ANNA)) is None
    await restrain(world, ANNA, "block")
    assert kind.authorise(ANNA, await facts(world, kind, ANNA)) == BLOCKED
    assert await facts(world, kind, ANNA, an_id("shw", 9)) is None


def test_the_people_present_keep_the_law() -> None:
    log = [
        PresenceState(count=count, sample=[PersonPresent(actor_id=an_id("gst", count), name="Anna")]) for count in (1, 5, 3, 0, 2)
    ]
    assert_law(PresenceChannel(), NOBODY, log)
    assert_overlap_is_harmless(PresenceChannel(), NOBODY, log)
