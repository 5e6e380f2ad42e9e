"""Erasing: nothing that says who somebody was is left anywhere, whatever crashes, and nobody leaves while money is under way."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import select, update

import server.app  # noqa: F401 - every table of the server must be known
from schemas.errors import ACCOUNT_IN_USE, INVALID_FIELD, WRONG_CREDENTIALS
from schemas.events.accounts import ERASED_NAME, ActorErased
from schemas.events.chat import MessagePosted
from schemas.http.accounts import ExportView, ObstacleListView, ProfileView
from schemas.http.orders import OrderView
from server.auth import store as people
from server.auth import tables as auth
from server.bus.consume import Consumer
from server.bus.topics import Sources
from server.kernel.module import Actor
from server.modules.accounts.rules import AGAIN_AFTER_MS
from server.modules.accounts.tables import ERASURES
from server.modules.auctions.module import MODULE as AUCTIONS
from server.modules.auctions.tables import BIDDERS, LOTS
from server.store.database import Database
from server.store.metadata import METADATA
from tests.modules.accounts.planting import ADDRESS, EMAIL, PASSWORD, WORDS, ZOE, everything, places, plant
from tests.modules.world import (
    BUYER,
    HOST,
    MODULES,
    SHOW_ID,
    World,
    a_payment,
    an_id,
    an_order,
    close_world,
    make_world,
    refused,
)

POST = {"option_id": "post", "name_en": "Post", "name_ru": "Почта", "price": {"amount_minor": 490, "currency": "EUR"}}
DELETE = {"confirm": True, "password": PASSWORD}

KEEPS_WORDS: dict[str, str] = {}
"""Columns in which a planted word may be after erasing, each with its reason. The audit log of moderation is the only place that
keeps names and words on purpose; this person's were not removed by a moderator."""

KEEPS_ID = {
    "auth_actors.actor_id": "the person's id, which orders and bids refer to; their name is gone",
    "accounts_erasures.actor_id": "who is to be erased once more, until the day after",
    "chat_messages.author_id": "replies and the order of the talk hang on it; the line is empty",
    "chat_removed.subject_id": "what they said and is heard of late stays off the screens",
    "questions_questions.asker_id": "the question is empty",
    "questions_votes.voter_id": "the count of others' questions is its number of rows",
    "moderation_held.author_id": "the line is empty",
    "guests_passes.actor_id": "who was on a stage, without a name",
    "giveaways_entries.entrant_id": "anybody can compute the draw again",
    "flash_sales_waits.buyer_id": "places in the ledger's line",
    "auctions_bidders.bidder_id": "winner and price are computed again from the bids",
    "auctions_deeds.who_id": "what happened to a lot, for its other bidders",
    "auctions_lots.winner_id": "what happened to a lot, for its other bidders",
    "auctions_lots.buyer_id": "what happened to a lot, for its other bidders",
    "auctions_lots.seller_id": "what happened to a lot, for its bidders",
    "polls_votes.voter_id": "the result is everybody's",
    "polls_polls.opened_by": "a host's id",
    "catalog_stock.made_by": "a host's id: who moved what in the warehouse",
    "orders_orders.buyer_id": "the receipt behind the books",
    "orders_orders.seller_id": "the receipt behind the books",
    "orders_changes.actor_id": "who did what to an order, without a name",
    "payments_payments.buyer_id": "what the books are made of, and what a bank may ask about",
    "payments_refunds.seller_id": "what the books are made of",
    "books_transfers.seller_id": "the books",
    "shows_shows.host_id": "orders and talk belong to the show",
    "recaps_shows.host_id": "a host's id: whose show it was",
    "pictures_pictures.owner_id": "a host's id: orders and lots show the shop's pictures",
    "moderation_words.host_id": "a host's id",
    "moderation_settings.host_id": "a host's id",
    "moderation_sanctions.host_id": "a host's id; sanctions of the person are gone",
    "moderation_moderators.host_id": "a host's id; appointments of the person are gone",
    "moderation_audit.by_id": "the log that moderators are held to account by; each line vouches for those before it",
    "coupons_coupons.host_id": "a host's id",
    "flash_sales_sales.host_id": "a host's id",
    "giveaways_giveaways.host_id": "a host's id",
    "ledger_events.payload": "the ledger's log, which everything is computed from again; ids, never names",
    "ledger_events.outcome": "the same",
    "ledger_refusals.command": "the same",
    "ledger_refusals.outcome": "the same",
}
ERASES = {
    "auth_accounts.actor_id",
    "auth_roles.actor_id",
    "auth_sessions.actor_id",
    "auth_telegram.actor_id",
    "auth_invites.made_by",
    "moderation_sanctions.actor_id",
    "moderation_moderators.actor_id",
    "notifications_follows.actor_id",
    "notifications_follows.host_id",
    "notifications_fanouts.host_id",
    "notifications_reminders.actor_id",
    "notifications_items.actor_id",
    "notifications_reads.actor_id",
    "notifications_choices.actor_id",
    "notifications_subscriptions.actor_id",
    "notifications_deliveries.actor_id",
    "orders_addresses.actor_id",
    "payments_cards.owner_id",
    "webhooks_hooks.owner_id",
}
PEOPLE = (
    *("actor", "author", "asker", "voter", "bidder", "buyer", "seller", "owner"),
    *("host", "winner", "entrant", "who", "by", "subject"),
)


@pytest.fixture
async def world(database: Database, redis: Redis) -> AsyncIterator[World]:
    """With every module that keeps something of people."""
    made = await make_world(database, redis, modules=(*MODULES, AUCTIONS))
    yield made
    await close_world(made)


async def bought(world: World) -> None:
    """Zoe has bought a dress, and it has arrived."""
    await world.open_show()
    await world.call(HOST, "POST", "/api/orders/shipping", POST)
    await world.call(ZOE, "POST", "/api/orders/addresses", ADDRESS)
    body = {**an_order(1, [("DRESS-M", 1)]), "shipping": "post"}
    await world.call(ZOE, "POST", "/api/orders", body)
    await world.settle()
    await world.call(ZOE, "POST", "/api/payments", a_payment(1, 1))
    await world.settle()


async def arrived(world: World) -> None:
    """The parcel is there, and Zoe has said what she thinks of it."""
    ids = {"order_ids": [an_id("ord", 1)]}
    await world.call(HOST, "POST", "/api/orders/ship", {**ids, "carrier": "DHL", "tracking": WORDS["tracking"]})
    await world.call(HOST, "POST", "/api/orders/deliver", ids)
    wish = {"return_id": an_id("rtn", 1), "lines": [{"position": 0, "quantity": 1}], "reason": WORDS["return"]}
    await world.call(ZOE, "POST", f"/api/orders/{an_id('ord', 1)}/returns", wish)
    path = f"/api/orders/{an_id('ord', 1)}/returns/{an_id('rtn', 1)}/decide"
    await world.call(HOST, "POST", path, {"accept": False, "note": "worn"})
    await world.settle()


async def erase(world: World, actor: Actor = ZOE) -> None:
    await world.call(actor, "POST", "/api/accounts/delete", DELETE)
    await world.settle()


async def test_after_erasing_no_table_says_who_somebody_was(world: World) -> None:
    await plant(world)
    await bought(world)
    await arrived(world)
    before = await everything(world.database)
    for what, word in WORDS.items():
        assert places(before, word), f"nothing was planted: {what}"
    planted = {place for place in places(before, ZOE.id)}
    assert planted >= ERASES - {"auth_roles.actor_id", "notifications_fanouts.host_id", "notifications_follows.host_id"}

    await erase(world)

    after = await everything(world.database)
    for what, word in WORDS.items():
        assert places(after, word) <= set(KEEPS_WORDS), what
    assert places(after, ZOE.id) <= set(KEEPS_ID)
    order = (await world.call(ZOE, "GET", f"/api/orders/{an_id('ord', 1)}")).view
    assert isinstance(order, OrderView)
    assert order.address is not None
    assert (order.buyer_name, order.address.country, order.total.amount_minor) == (ERASED_NAME, "DE", 1_999 + 490)


def test_every_column_that_names_a_person_is_erased_or_kept_for_a_reason() -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.c
        if (
            column.name.rpartition("_")[0] in PEOPLE
            and column.name.endswith(("_id", "_by"))
            and not table.name.startswith("bus_")
        )
        or column.name in ("opened_by", "made_by")
    }
    assert {place for place in named if place not in KEEPS_ID} <= ERASES
    assert not ERASES & set(KEEPS_ID)


async def test_a_handler_that_is_given_the_fact_again_changes_nothing(world: World) -> None:
    await plant(world)
    await bought(world)
    await arrived(world)
    await erase(world)
    once = await everything(world.database)
    handled = 0
    for module in world.modules:
        for entry in module.consumes:
            if entry.event is ActorErased:
                await world.handle(module.name, ActorErased(actor_id=ZOE.id, erased_at_ms=world.clock.now_ms()))
                handled += 1
    await world.settle()
    twice = await everything(world.database)
    assert handled >= 10
    # A tombstone says when; nothing else moves.
    moving = {"bus_inbox", "chat_removed"}
    assert {name: rows for name, rows in twice.items() if name not in moving} == {
        name: rows for name, rows in once.items() if name not in moving
    }


async def test_what_was_on_its_way_is_erased_when_the_fact_is_told_again(world: World) -> None:
    await plant(world)
    await world.open_show()
    await erase(world)
    late = MessagePosted(
        show_id=SHOW_ID,
        message_id=an_id("msg", 99),
        author_id=ZOE.id,
        author_name=ZOE.name,
        author_role="viewer",
        text=WORDS["chat"],
        posted_at_ms=world.clock.now_ms(),
    )
    await world.handle("chat", late)
    assert places(await everything(world.database), WORDS["chat"]) == {"chat_messages.text"}
    for pause_ms in AGAIN_AFTER_MS:
        await world.run_job("accounts", "tell_again")  # too early: nothing
        await world.pass_time(pause_ms)
        await world.run_job("accounts", "tell_again")
        assert not places(await everything(world.database), WORDS["chat"])
    async with world.database.reading() as connection:
        assert (await connection.execute(select(ERASURES))).first() is None


async def test_sessions_end_at_once(world: World) -> None:
    await plant(world)
    await erase(world)
    async with world.database.reading() as connection:
        assert (await connection.execute(select(auth.sessions).where(auth.sessions.c.actor_id == ZOE.id))).first() is None


async def test_an_account_needs_its_password(world: World) -> None:
    await plant(world)
    with refused(INVALID_FIELD):
        await world.call(ZOE, "POST", "/api/accounts/delete", {"confirm": True})
    with refused(WRONG_CREDENTIALS):
        await world.call(ZOE, "POST", "/api/accounts/delete", {"confirm": True, "password": "not that one"})
    assert places(await everything(world.database), WORDS["e-mail"])


async def test_who_comes_by_telegram_has_no_password_and_only_confirms(world: World) -> None:
    await world.know(ZOE)
    async with world.database.begin() as connection:
        await people.bind_telegram(connection, 4_711, ZOE.id, 0)
    await world.call(ZOE, "POST", "/api/accounts/delete", {"confirm": True})
    assert places(await everything(world.database), ZOE.id) == {"auth_actors.actor_id", "accounts_erasures.actor_id", *OUTBOX}


async def test_a_guest_only_confirms(world: World) -> None:
    await world.know(BUYER)
    await world.call(BUYER, "POST", "/api/accounts/delete", {"confirm": True})
    assert places(await everything(world.database), BUYER.id) == {"auth_actors.actor_id", "accounts_erasures.actor_id", *OUTBOX}


OUTBOX = {"bus_outbox.payload", "bus_outbox.target"}


async def obstacles(world: World, actor: Actor) -> list[tuple[str, str]]:
    view = (await world.call(actor, "GET", "/api/accounts/obstacles")).view
    assert isinstance(view, ObstacleListView)
    return [(each.kind, each.subject_id) for each in view.obstacles]


async def test_nobody_leaves_while_an_order_is_under_way(world: World) -> None:
    await plant(world)
    await bought(world)
    assert await obstacles(world, ZOE) == [("order", an_id("ord", 1))]
    assert ("sale", an_id("ord", 1)) in await obstacles(world, HOST)
    with refused(ACCOUNT_IN_USE):
        await erase(world)
    ids = {"order_ids": [an_id("ord", 1)]}
    await world.call(HOST, "POST", "/api/orders/ship", {**ids, "carrier": "DHL"})
    assert await obstacles(world, ZOE) == [("order", an_id("ord", 1))]
    await world.call(HOST, "POST", "/api/orders/deliver", ids)
    await world.settle()
    assert await obstacles(world, ZOE) == []
    await erase(world)


async def test_who_leads_a_running_lot_or_owes_for_one_stays(world: World) -> None:
    await plant(world)
    for state, leads, buyer, binds in (
        ("open", True, "", True),
        ("open", False, "", False),
        ("disputed", True, "", True),
        ("offered", False, ZOE.id, True),
        ("unsold", True, "", False),
    ):
        async with world.database.begin() as connection:
            await connection.execute(update(LOTS).values(state=state, buyer_id=buyer))
            await connection.execute(update(BIDDERS).values(leads=leads))
        assert bool(await obstacles(world, ZOE)) is binds, (state, leads)


async def test_a_host_ends_the_shows_first(world: World) -> None:
    await world.open_show()
    assert await obstacles(world, HOST) == [("show", SHOW_ID)]
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    await world.settle()
    assert await obstacles(world, HOST) == []


async def test_the_export_has_everything_that_belongs_to_somebody(world: World) -> None:
    await plant(world)
    await bought(world)
    await arrived(world)
    reply = await world.call(ZOE, "GET", "/api/accounts/export")
    assert isinstance(reply.view, ExportView)
    text = msgspec.json.encode(reply.view).decode()
    for what in ("name", "e-mail", "recipient", "street", "telephone", "chat", "held", "question", "return", "push", "inbox"):
        assert WORDS[what] in text, what
    assert reply.view.person.email == EMAIL
    for secret in ("tok_visa", "argon2", "c" * 64, "f" * 64):
        assert secret not in text
    assert "attachment" in reply.headers["content-disposition"]
    other = (await world.call(BUYER, "GET", "/api/accounts/export")).view
    for word in WORDS.values():
        assert word not in msgspec.json.encode(other).decode().replace(f'"{ZOE.name}"', "") or word == WORDS["name"]


async def test_the_export_asks_every_module_that_erases(world: World) -> None:
    view = (await world.call(ZOE, "GET", "/api/accounts/export")).view
    assert isinstance(view, ExportView)
    erasing = {module.name for module in world.modules for entry in module.consumes if entry.event is ActorErased}
    contributing = {
        module.name for module in world.modules for entry in module.contributes if entry.request.__name__ == "CollectPersonalData"
    }
    assert erasing <= contributing


async def test_a_name_and_a_language_change(world: World) -> None:
    await plant(world)
    view = (await world.call(ZOE, "PATCH", "/api/accounts/profile", {"name": " Zoe  Neu ", "locale": "ru"})).view
    assert isinstance(view, ProfileView)
    assert (view.name, view.locale, view.email) == ("Zoe Neu", "ru", EMAIL)
    with refused(INVALID_FIELD):
        await world.call(ZOE, "PATCH", "/api/accounts/profile", {"email": "new@example.org"})
    changed = {"email": "New@Example.org", "password": PASSWORD}
    view = (await world.call(ZOE, "PATCH", "/api/accounts/profile", changed)).view
    assert isinstance(view, ProfileView)
    assert view.email == "new@example.org"


async def test_erasing_goes_on_where_a_crash_ended_it(world: World) -> None:
    await plant(world)
    await bought(world)
    await arrived(world)
    await world.call(ZOE, "POST", "/api/accounts/delete", DELETE)
    await world.relay.relay_once()
    for name in ("chat", "payments"):
        await world.consumers[name].step()
    half = await everything(world.database)
    assert not places(half, WORDS["chat"])
    assert places(half, WORDS["question"])
    # The worker is gone with all that it had in hand, and starts again.
    for consumer in world.consumers.values():
        for intake in consumer._intakes:
            await intake.aclose()
    sources = Sources(world.modules, world.redis, world.redis)
    consuming = [module for module in world.modules if module.consumes]
    world.consumers = {module.name: Consumer(module, sources, world.units, world.clock, "tester") for module in consuming}
    await world.settle()
    whole = await everything(world.database)
    for what, word in WORDS.items():
        assert places(whole, word) <= set(KEEPS_WORDS), what
    assert await world.dead_letters() == 0
