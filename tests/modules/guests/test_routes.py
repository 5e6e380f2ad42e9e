"""Guests over HTTP, with every fact handled: what the host, the guest, the viewers and the media node get."""

from typing import Any

import msgspec
import pytest

from schemas.errors import (
    FORBIDDEN,
    GUEST_REMOVED,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    INVITE_EXPIRED,
    INVITE_REVOKED,
    INVITE_UNKNOWN,
    INVITE_USED,
    NOT_FOUND,
    NOT_ON_STAGE,
    SHOW_ENDED,
    STAGE_FULL,
)
from schemas.events.media import ParticipantConnected, ParticipantDisconnected
from schemas.http.guests import BackstageState, InviteMade, InvitePage, OwnPart, PassGiven
from schemas.media import StageOrder
from schemas.requests.guests import CheckPass, PassView
from server.kernel.errors import Unavailable
from server.kernel.module import SYSTEM, Actor
from server.modules.guests.channel import BackstageChannel, GuestChannel, StageChannel
from server.modules.guests.tables import INVITES, PASSES
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id, refused

DAY_MS = 24 * 3_600_000


async def invite(world: World, number: int = 1, **fields: Any) -> str:
    """The key of a new invitation."""
    made = await world.call(
        HOST, "POST", "/api/guests/invites", {"invite_id": an_id("inv", number), "show_id": SHOW_ID, "label": "Ivan", **fields}
    )
    assert isinstance(made.view, InviteMade)
    return made.view.link.partition("#")[2]


async def accept(world: World, key: str, number: int = 1, actor: Actor = BUYER, name: str = "Ivan") -> PassGiven:
    body = {"pass_id": an_id("pas", number), "key": key, "name": name}
    view = (await world.call(actor, "POST", "/api/guests/passes", body)).view
    assert isinstance(view, PassGiven)
    await world.settle()
    return view


async def act(world: World, number: int, action: str, body: Any = None, actor: Actor = HOST) -> Any:
    reply = await world.call(actor, "POST", f"/api/guests/passes/{an_id('pas', number)}/{action}", body)
    await world.settle()
    return reply.view


async def check(world: World, token: str, show_id: str = SHOW_ID) -> PassView | None:
    async with world.units(SYSTEM) as ctx:
        return await ctx.ask(CheckPass(show_id=show_id, token=token))


async def connect(world: World, number: int, place: int, *, on_stage: bool = False) -> None:
    world.stages.connect(an_id("pas", number), on_stage=on_stage)
    await world.emit(
        ParticipantConnected(
            stream_id=SHOW_ID, participant_id=an_id("pas", number), place=place, connected_at_ms=world.clock.now_ms()
        )
    )


async def look(world: World, key: str) -> InvitePage:
    view = (await world.call(BUYER, "POST", "/api/guests/lookup", {"key": key})).view
    assert isinstance(view, InvitePage)
    return view


async def test_looking_at_an_invitation_uses_nothing_up_and_accepting_it_does(world: World) -> None:
    await world.open_show()
    key = await invite(world)
    for _ in range(3):
        page = await look(world, key)
        assert (page.state, page.show_title, page.host_name, page.label) == ("open", "Dresses", "Hanna", "Ivan")
    given = await accept(world, key)
    assert (given.guest.standing, given.guest.name, given.show_id) == ("waiting", "Ivan", SHOW_ID)
    assert (await look(world, key)).state == "used"
    with refused(INVITE_USED):
        await accept(world, key, 2)
    with refused(INVITE_UNKNOWN):
        await look(world, "x" * 43)


async def test_secrets_are_stored_as_hashes_alone(world: World) -> None:
    await world.open_show()
    key = await invite(world)
    token = (await accept(world, key)).token
    assert len(key) >= 43, "256 bits"
    assert len(token) >= 43
    async with world.database.reading() as connection:
        rows = [str(row) for table in (INVITES, PASSES) for row in await connection.execute(table.select())]
    assert len(rows) == 2
    assert not any(secret in row for secret in (key, token) for row in rows)
    pushed = msgspec.json.encode(world.screens.pushes).decode()
    assert key not in pushed
    assert token not in pushed


async def test_a_repeated_command_makes_one_invitation_and_uses_it_once(world: World) -> None:
    await world.open_show()
    first = await invite(world)
    key = await invite(world)
    with refused(INVITE_UNKNOWN):
        await look(world, first)
    lost, given = await accept(world, key), await accept(world, key)
    assert lost.guest == given.guest
    assert await check(world, lost.token) is None
    assert await check(world, given.token) is not None
    with refused(IDEMPOTENCY_CONFLICT):
        await accept(world, key, actor=OTHER_BUYER)
    with refused(IDEMPOTENCY_CONFLICT):
        await invite(world)  # it is in use: its link must not change any more
    with refused(IDEMPOTENCY_CONFLICT):
        await invite(world, label="Anna")
    state = await world.snapshot(BackstageChannel(), SHOW_ID)
    assert [(made.uses, made.max_uses) for made in state.invites] == [(1, 1)]


async def test_an_invitation_ends_by_time_or_by_the_hosts_word(world: World) -> None:
    await world.open_show()
    late, withdrawn = await invite(world, 1), await invite(world, 2, max_uses=2)
    given = await accept(world, withdrawn)
    await world.call(HOST, "POST", f"/api/guests/invites/{an_id('inv', 2)}/revoke")
    await world.settle()
    assert (await look(world, withdrawn)).state == "revoked"
    with refused(INVITE_REVOKED):
        await accept(world, withdrawn, 2)
    assert await check(world, given.token) is None
    world.clock.advance(DAY_MS)
    assert (await look(world, late)).state == "expired"
    with refused(INVITE_EXPIRED):
        await accept(world, late, 2)


async def test_a_pass_opens_its_own_show_and_says_where_the_guest_stands(world: World) -> None:
    await world.open_show()
    token = (await accept(world, await invite(world))).token
    guest = an_id("pas", 1)
    assert await check(world, token) == PassView(participant_id=guest, name="Ivan", on_stage=False, muted=())
    assert await check(world, token, an_id("shw", 2)) is None
    assert await check(world, token[:-1]) is None
    assert await check(world, "x" * 10_000) is None
    await act(world, 1, "admit")
    await act(world, 1, "mute", {"muted": ["video", "audio"]})
    assert await check(world, token) == PassView(participant_id=guest, name="Ivan", on_stage=True, muted=("audio", "video"))


async def test_the_media_node_does_what_the_host_says(world: World) -> None:
    await world.open_show()
    await accept(world, await invite(world))
    guest = an_id("pas", 1)
    await connect(world, 1, 2)
    orders: list[tuple[str, Any, StageOrder]] = [
        ("admit", None, StageOrder(on_stage=True)),
        ("mute", {"muted": ["audio"]}, StageOrder(on_stage=True, muted=("audio",))),
        ("back", None, StageOrder(on_stage=False, muted=("audio",))),
        ("mute", {"muted": []}, StageOrder(on_stage=False)),
    ]
    for action, body, expected in orders:
        await act(world, 1, action, body)
        assert world.stages.sessions == {guest: expected}, action
    told = len(world.stages.orders)
    await act(world, 1, "mute", {"muted": []})
    assert len(world.stages.orders) == told, "nothing changed, so nothing is said"
    await act(world, 1, "remove")
    assert world.stages.sessions == {}
    assert await world.dead_letters() == 0


async def test_a_guest_who_connects_with_an_old_state_is_given_the_new_one(world: World) -> None:
    await world.open_show()
    await accept(world, await invite(world))
    await act(world, 1, "admit")
    assert world.stages.sessions == {}
    await connect(world, 1, 1, on_stage=False)
    assert world.stages.sessions == {an_id("pas", 1): StageOrder(on_stage=True)}
    await act(world, 1, "remove")
    await connect(world, 1, 1, on_stage=True)
    assert world.stages.sessions == {}, "a removed guest's late session is ended"


async def test_an_order_that_could_not_be_given_is_given_when_the_node_is_back(world: World) -> None:
    await world.open_show()
    await accept(world, await invite(world))
    await connect(world, 1, 1)
    world.stages.away = True
    await act(world, 1, "admit")
    assert world.stages.sessions[an_id("pas", 1)] == StageOrder(on_stage=False)
    world.stages.away = False
    world.clock.advance(10_000)
    await world.settle()
    assert world.stages.sessions[an_id("pas", 1)] == StageOrder(on_stage=True)
    assert await world.dead_letters() == 0


async def test_what_changes_while_a_node_is_told_is_told_as_well(world: World) -> None:
    await world.open_show()
    await accept(world, await invite(world))
    await connect(world, 1, 1)
    await world.call(HOST, "POST", f"/api/guests/passes/{an_id('pas', 1)}/admit")

    async def send_back() -> None:
        async with world.database.begin() as connection:
            await connection.execute(PASSES.update().values(standing="waiting"))

    world.stages.meanwhile = send_back
    await world.settle()
    assert world.stages.sessions == {an_id("pas", 1): StageOrder(on_stage=False)}


async def test_viewers_see_the_stage_and_never_who_waits(world: World) -> None:
    await world.open_show()
    key = await invite(world, max_uses=3)
    await accept(world, key, 1, name="Ivan")
    await accept(world, key, 2, OTHER_BUYER, name="Anna")
    await connect(world, 1, 1)
    await connect(world, 2, 2)
    assert f"stage:{SHOW_ID}" not in world.screens.pushes
    await act(world, 2, "admit")
    await world.call(HOST, "POST", f"/api/guests/shows/{SHOW_ID}/layout", {"layout": "solo", "featured": an_id("pas", 2)})
    await world.settle()
    pushes = world.screens.pushes[f"stage:{SHOW_ID}"]
    assert pushes[-1] == {
        "version": 2,
        "show_id": SHOW_ID,
        "layout": "solo",
        "featured": an_id("pas", 2),
        "places": [{"place": 2, "participant_id": an_id("pas", 2), "name": "Anna", "muted": [], "live": True}],
    }
    assert "Ivan" not in msgspec.json.encode(pushes).decode()
    await world.emit(
        ParticipantDisconnected(stream_id=SHOW_ID, participant_id=an_id("pas", 2), disconnected_at_ms=world.clock.now_ms())
    )
    place = world.screens.pushes[f"stage:{SHOW_ID}"][-1]["places"][0]
    assert (place["place"], place["live"]) == (None, False)


async def test_old_snapshots_and_the_pushes_after_them_are_the_new_snapshots(world: World) -> None:
    await world.open_show()
    key = await invite(world, max_uses=3)
    await accept(world, key, 1)
    kinds = [(StageChannel(), SHOW_ID), (BackstageChannel(), SHOW_ID), (GuestChannel(), an_id("pas", 1))]
    before = [await world.snapshot(kind, subject) for kind, subject in kinds]
    await connect(world, 1, 1)
    await accept(world, key, 2, OTHER_BUYER)
    await act(world, 1, "admit")
    await act(world, 1, "mute", {"muted": ["audio"]})
    await act(world, 1, "leave", actor=BUYER)
    await act(world, 1, "remove")
    for (kind, subject), state in zip(kinds, before, strict=True):
        now = await world.snapshot(kind, subject)
        assert now != state, kind.name
        assert world.fold(kind, f"{kind.name}:{subject}", state) == now, kind.name
        assert world.fold(kind, f"{kind.name}:{subject}", now) == now, kind.name


async def test_each_channel_has_its_readers(world: World) -> None:
    await world.open_show()
    await accept(world, await invite(world))
    async with world.units(SYSTEM) as ctx:
        show, backstage = await StageChannel().load(ctx, SHOW_ID), await BackstageChannel().load(ctx, SHOW_ID)
        guest = await GuestChannel().load(ctx, an_id("pas", 1))
        assert await GuestChannel().load(ctx, an_id("pas", 2)) is None
        assert await BackstageChannel().load(ctx, an_id("shw", 2)) is None
    people = (HOST, OTHER_HOST, BUYER, OTHER_BUYER)
    assert show is not None
    assert [StageChannel().authorise(actor, show) for actor in people] == [None] * 4
    assert [BackstageChannel().authorise(actor, backstage) for actor in people] == [None, FORBIDDEN, FORBIDDEN, FORBIDDEN]
    assert [GuestChannel().authorise(actor, guest) for actor in people] == [FORBIDDEN, FORBIDDEN, None, FORBIDDEN]


async def test_only_the_shows_host_decides_and_only_the_guest_leaves(world: World) -> None:
    await world.open_show()
    await accept(world, await invite(world))
    actions: list[tuple[str, Any]] = [("admit", None), ("back", None), ("mute", {"muted": []}), ("remove", None)]
    for action, body in actions:
        with refused(FORBIDDEN):
            await act(world, 1, action, body, OTHER_HOST)
        with refused(NOT_FOUND):
            await act(world, 9, action, body)
    with refused(FORBIDDEN):
        await act(world, 1, "leave", actor=OTHER_BUYER)
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "POST", f"/api/guests/invites/{an_id('inv', 1)}/revoke")
    with refused(NOT_FOUND):
        await world.call(HOST, "POST", f"/api/guests/invites/{an_id('inv', 9)}/revoke")
    requests: list[tuple[str, str, Any]] = [("GET", "", None), ("POST", "/layout", {"layout": "solo"})]
    for method, path, body in requests:
        with refused(FORBIDDEN):
            await world.call(OTHER_HOST, method, f"/api/guests/shows/{SHOW_ID}{path}", body)
        with refused(NOT_FOUND):
            await world.call(HOST, method, f"/api/guests/shows/{an_id('shw', 9)}{path}", body)
    own = (await world.call(BUYER, "GET", f"/api/guests/passes/{an_id('pas', 1)}")).view
    assert isinstance(own, OwnPart)
    assert own.guest.standing == "waiting"


async def test_refusals_change_nothing(world: World) -> None:
    await world.open_show()
    key = await invite(world, max_uses=5)
    for number in range(1, 5):
        await accept(world, key, number, name=f"Guest {number}")
    for number in range(1, 4):
        await act(world, number, "admit")
    before = await world.snapshot(BackstageChannel(), SHOW_ID)
    with refused(STAGE_FULL):
        await act(world, 4, "admit")
    with refused(NOT_ON_STAGE):
        await world.call(HOST, "POST", f"/api/guests/shows/{SHOW_ID}/layout", {"layout": "solo", "featured": an_id("pas", 4)})
    with refused(INVALID_FIELD) as refusal:
        await accept(world, key, 5, name="\u202e \u200b")
    assert refusal.extra["field"] == "/name"
    assert await world.snapshot(BackstageChannel(), SHOW_ID) == before
    await act(world, 4, "remove")
    with refused(GUEST_REMOVED):
        await act(world, 4, "admit")
    with refused(GUEST_REMOVED):
        await accept(world, key, 4, name="Guest 4")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"max_uses": 0}, "max_uses"),
        ({"max_uses": 11}, "max_uses"),
        ({"valid_for_ms": 1}, "valid_for_ms"),
        ({"valid_for_ms": 10**12}, "valid_for_ms"),
        ({"label": ""}, "label"),
        ({"label": "x" * 61}, "label"),
        ({"invite_id": "inv_1"}, "invite_id"),
    ],
)
async def test_a_bad_field_of_an_invitation_is_named(world: World, fields: dict[str, Any], path: str) -> None:
    await world.open_show()
    with pytest.raises(msgspec.ValidationError, match=path):
        await invite(world, **fields)


async def test_the_end_of_a_show_is_the_end_of_every_pass_and_invitation(world: World) -> None:
    await world.open_show()
    key = await invite(world, max_uses=3)
    given = await accept(world, key)
    await connect(world, 1, 1)
    await act(world, 1, "admit")
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await accept(world, key, 2)
    await world.settle()
    assert world.stages.sessions == {}
    assert await check(world, given.token) is None
    assert (await look(world, key)).show_state == "ended"
    for attempt in (accept(world, key, 2), invite(world, 2), act(world, 1, "admit")):
        with refused(SHOW_ENDED):
            await attempt
    state = (await world.call(HOST, "GET", f"/api/guests/shows/{SHOW_ID}")).view
    assert isinstance(state, BackstageState)
    assert state.guests == []


async def test_facts_heard_twice_or_of_strangers_change_nothing(world: World) -> None:
    await world.open_show()
    await accept(world, await invite(world))
    await connect(world, 1, 1)
    before = await world.snapshot(BackstageChannel(), SHOW_ID)
    now_ms = world.clock.now_ms()
    stranger = an_id("pas", 9)
    await world.handle(
        "guests",
        ParticipantConnected(stream_id=SHOW_ID, participant_id=an_id("pas", 1), place=1, connected_at_ms=now_ms),
    )
    await world.handle(
        "guests", ParticipantConnected(stream_id=SHOW_ID, participant_id=stranger, place=3, connected_at_ms=now_ms)
    )
    await world.handle("guests", ParticipantDisconnected(stream_id=SHOW_ID, participant_id=stranger, disconnected_at_ms=now_ms))
    assert await world.snapshot(BackstageChannel(), SHOW_ID) == before
    world.stages.away = True
    with pytest.raises(Unavailable):
        await world.handle(
            "guests",
            ParticipantConnected(stream_id=SHOW_ID, participant_id=an_id("pas", 1), place=1, connected_at_ms=now_ms),
        )
