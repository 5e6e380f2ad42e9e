"""The people who work for the shop: links that give one role to one person, roles that are taken away, and what each may do."""

import pytest
from sqlalchemy import insert, select

from schemas.errors import FORBIDDEN, INVITE_INVALID, LAST_OWNER, NOT_FOUND
from schemas.http.accounts import NewStaffInvite, ProfileView, StaffInvitation, StaffView
from schemas.http.moderation import MyStanding
from schemas.http.orders import PackingView
from server.auth import tables as auth
from server.auth.permissions import missing
from server.bus.tables import OUTBOX
from server.kernel.module import Actor, Permission
from server.modules.orders.module import MODULE as ORDERS
from tests.modules.world import BUYER, HOST, OTHER_BUYER, SHOW_ID, World, an_id, refused

OWNER = Actor("acc_" + "0" * 32, "account", "Olga", roles=frozenset({"owner", "host"}))
PAULA = Actor("acc_" + "9" * 32, "account", "Paula")
PACKER = Actor(PAULA.id, "account", "Paula", roles=frozenset({"packer"}))
WEEK_MS = 7 * 86_400_000


async def begin(world: World) -> None:
    await world.know(OWNER, PAULA, HOST, BUYER, OTHER_BUYER)
    async with world.database.begin() as connection:
        for actor in (OWNER, PAULA):
            row = {"actor_id": actor.id, "email": f"{actor.name.lower()}@example.org", "password_hash": "x", "created_at_ms": 1}
            await connection.execute(insert(auth.accounts).values(row))
        for role in sorted(OWNER.roles):
            await connection.execute(insert(auth.roles).values(actor_id=OWNER.id, role=role, granted_at_ms=1))


async def invite(world: World, role: str) -> NewStaffInvite:
    view = (await world.call(OWNER, "POST", "/api/accounts/staff/invites", {"role": role, "label": "for the depot"})).view
    assert isinstance(view, NewStaffInvite)
    return view


def key_of(made: NewStaffInvite) -> dict[str, str]:
    address, _, key = made.link.partition("#")
    assert address.endswith("/join/")
    return {"key": key}


async def staff(world: World) -> dict[str, list[str]]:
    view = (await world.call(OWNER, "GET", "/api/accounts/staff")).view
    assert isinstance(view, StaffView)
    return {member.name: member.roles for member in view.people}


async def test_a_link_gives_one_role_to_one_person(world: World) -> None:
    await begin(world)
    made = await invite(world, "packer")
    assert [(each.role, each.label, each.made_by) for each in made.staff.invites] == [("packer", "for the depot", "Olga")]
    look = (await world.call(BUYER, "POST", "/api/accounts/join/look", key_of(made))).view
    assert isinstance(look, StaffInvitation)
    assert (look.role, look.invited_by) == ("packer", "Olga")
    joined = (await world.call(PAULA, "POST", "/api/accounts/join", key_of(made))).view
    assert isinstance(joined, ProfileView)
    assert joined.roles == ["packer"]
    assert await staff(world) == {"Olga": ["host", "owner"], "Paula": ["packer"]}
    for path in ("/api/accounts/join/look", "/api/accounts/join"):
        with refused(INVITE_INVALID):
            await world.call(PAULA, "POST", path, key_of(made))


async def test_the_key_is_stored_nowhere(world: World) -> None:
    await begin(world)
    made = await invite(world, "packer")
    async with world.database.reading() as connection:
        (row,) = (await connection.execute(select(auth.invites))).all()
    assert key_of(made)["key"] not in str(row)


async def test_a_link_can_be_taken_back_and_gets_old(world: World) -> None:
    await begin(world)
    made, other = await invite(world, "packer"), await invite(world, "host")
    taken = (await world.call(OWNER, "POST", "/api/accounts/staff/invites/revoke", {"invite_id": made.invite_id})).view
    assert isinstance(taken, StaffView)
    assert [each.role for each in taken.invites] == ["host"]
    with refused(INVITE_INVALID):
        await world.call(PAULA, "POST", "/api/accounts/join", key_of(made))
    with refused(NOT_FOUND):
        await world.call(OWNER, "POST", "/api/accounts/staff/invites/revoke", {"invite_id": made.invite_id})
    await world.pass_time(WEEK_MS)
    with refused(INVITE_INVALID):
        await world.call(PAULA, "POST", "/api/accounts/join", key_of(other))


async def test_a_role_that_is_taken_away_is_told_to_every_node(world: World) -> None:
    await begin(world)
    await world.call(PAULA, "POST", "/api/accounts/join", key_of(await invite(world, "packer")))
    await world.settle()
    await world.call(OWNER, "POST", "/api/accounts/staff/take-role", {"actor_id": PAULA.id, "role": "packer"})
    async with world.database.reading() as connection:
        told = (await connection.execute(select(OUTBOX.c.target).where(OUTBOX.c.kind == "revoke"))).scalars().all()
    assert told == [PAULA.id]
    assert await staff(world) == {"Olga": ["host", "owner"]}


async def test_the_shop_never_loses_its_last_owner(world: World) -> None:
    await begin(world)
    with refused(LAST_OWNER):
        await world.call(OWNER, "POST", "/api/accounts/staff/take-role", {"actor_id": OWNER.id, "role": "owner"})
    obstacles = (await world.call(OWNER, "GET", "/api/accounts/obstacles")).view
    assert "last_owner" in str(obstacles)
    await world.call(PAULA, "POST", "/api/accounts/join", key_of(await invite(world, "owner")))
    await world.call(OWNER, "POST", "/api/accounts/staff/take-role", {"actor_id": OWNER.id, "role": "owner"})
    assert await staff(world) == {"Olga": ["host"], "Paula": ["host", "owner"]}


async def test_a_moderator_of_the_shop_moderates_every_show_until_they_do_not(world: World) -> None:
    await begin(world)
    await world.open_show()
    path = f"/api/moderation/{SHOW_ID}/me"
    before = (await world.call(PAULA, "GET", path)).view
    await world.call(PAULA, "POST", "/api/accounts/join", key_of(await invite(world, "moderator")))
    await world.settle()
    during = (await world.call(PAULA, "GET", path)).view
    await world.call(OWNER, "POST", "/api/accounts/staff/take-role", {"actor_id": PAULA.id, "role": "moderator"})
    await world.settle()
    after = (await world.call(PAULA, "GET", path)).view
    assert isinstance(before, MyStanding)
    assert isinstance(during, MyStanding)
    assert isinstance(after, MyStanding)
    assert (before.may_moderate, during.may_moderate, after.may_moderate) == (False, True, False)


async def test_a_packer_sees_and_moves_what_is_to_be_sent_and_no_money(world: World) -> None:
    await begin(world)
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1)
    view = (await world.call(PACKER, "GET", "/api/orders/packing")).view
    assert isinstance(view, PackingView)
    assert [[each.order_id for each in parcel.orders] for parcel in view.parcels] == [[an_id("ord", 1)]]
    assert "1999" not in str(view)
    assert "minor" not in str(view)
    ids = {"order_ids": [an_id("ord", 1)]}
    packed = await world.call(PACKER, "POST", "/api/orders/pack", ids)
    sent = await world.call(PACKER, "POST", "/api/orders/ship", {**ids, "carrier": "DHL"})
    assert (packed.view, packed.status, sent.view) == (None, 204, None)
    assert (await world.order_now(BUYER, 1)).fulfilment == "shipped"
    with refused(FORBIDDEN):
        await world.call(PACKER, "GET", f"/api/orders/{an_id('ord', 1)}")
    with refused(FORBIDDEN):
        await world.call(OTHER_BUYER, "POST", "/api/orders/pack", ids)


GUEST = Actor("gst_" + "3" * 32, "guest", "Gus", roles=frozenset({"owner", "host", "packer"}))


@pytest.mark.parametrize(
    ("permission", "roles", "may"),
    [
        ("packer", {"packer"}, True),
        ("packer", {"host"}, True),
        ("packer", {"moderator"}, False),
        ("host", {"packer"}, False),
        ("host", {"owner", "host"}, True),
        ("owner", {"host"}, False),
        ("owner", {"owner", "host"}, True),
    ],
)
def test_a_permission_asks_for_a_role(permission: Permission, roles: set[str], may: bool) -> None:
    assert (missing(Actor(PAULA.id, "account", "Paula", roles=frozenset(roles)), permission) is None) is may
    assert missing(GUEST, permission) == FORBIDDEN


def test_a_packer_reaches_nothing_of_orders_but_packing() -> None:
    reached = {endpoint.path for endpoint in ORDERS.routes if endpoint.permission == "packer"}
    assert reached == {"/api/orders/packing", "/api/orders/pack", "/api/orders/ship", "/api/orders/deliver"}
