"""The books in the database: one transfer per fact, nothing changed, what everybody may see, an audit that finds tampering."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import delete, insert, inspect, text, update
from sqlalchemy.exc import DBAPIError

from schemas.errors import FORBIDDEN, INVALID_FIELD, NOT_FOUND
from schemas.events.orders import OrderPaid
from schemas.events.payments import DisputeClosed, DisputeOpened, PaymentCaptured, PaymentRefunded
from schemas.http.books import AuditView, BalancesView, OrderBooksView, StatementView
from schemas.money import Money
from server.kernel.config import Settings
from server.kernel.module import Actor
from server.modules.books import rules, store
from server.modules.books.tables import ENTRIES, TRANSFERS
from server.store import migrate
from server.store.database import Database
from tests.modules.books.lives import amounts
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id, refused

OWNER = Actor(OTHER_HOST.id, "account", "Otto", roles=frozenset({"host", "owner"}))
SOLD = amounts(10_000, 1_000, 500, 1_500)


def euros(minor: int) -> Money:
    return Money(amount_minor=minor, currency="EUR")


def paid(number: int, at_ms: int = 1_000) -> OrderPaid:
    return OrderPaid(
        order_id=an_id("ord", number),
        show_id=SHOW_ID,
        buyer_id=BUYER.id,
        total=euros(SOLD.total_minor),
        paid_at_ms=at_ms,
        seller_id=HOST.id,
        amounts=SOLD,
    )


def captured(number: int, at_ms: int = 1_000) -> PaymentCaptured:
    return PaymentCaptured(
        payment_id=an_id("pay", number),
        order_id=an_id("ord", number),
        show_id=SHOW_ID,
        amount=euros(SOLD.total_minor),
        captured_at_ms=at_ms,
        fee=euros(30),
    )


def refunded(number: int, at_ms: int = 2_000) -> PaymentRefunded:
    return PaymentRefunded(
        refund_id=an_id("rfd", number),
        payment_id=an_id("pay", number),
        order_id=an_id("ord", number),
        show_id=SHOW_ID,
        seller_id=HOST.id,
        amounts=amounts(4_000, 400, 0, 600),
        refunded_at_ms=at_ms,
    )


async def tell(world: World, *events: Any) -> None:
    for event in events:
        await world.handle("books", event)


async def statement(world: World, actor: Actor = HOST, from_ms: int = 0, to_ms: int = 10_000, after: str = "") -> StatementView:
    asked = {"from": str(from_ms), "to": str(to_ms), "after": after}
    view = (await world.call(actor, "GET", "/api/books/statement", query=asked)).view
    assert isinstance(view, StatementView)
    return view


async def audit(world: World) -> AuditView:
    """A whole audit, as the nightly job makes it."""
    await world.call(OWNER, "POST", "/api/books/audits")
    while True:
        await world.run_job("books", "audit")
        view = (await world.call(OWNER, "GET", "/api/books/audits")).view
        assert isinstance(view, AuditView)
        if view.ended_at_ms is not None:
            return view


async def test_an_order_that_is_bought_in_the_player_is_in_the_books(world: World) -> None:
    await world.order(BUYER, 1, 2)
    await world.pay(BUYER, 1, 1)
    (line,) = (await statement(world, from_ms=world.clock.now_ms() - 1_000, to_ms=world.clock.now_ms() + 1)).lines
    assert (line.order_id, line.figures.total_minor) == (an_id("ord", 1), 2 * 1_999)
    view = (await world.call(BUYER, "GET", f"/api/books/orders/{an_id('ord', 1)}")).view
    assert isinstance(view, OrderBooksView)
    assert (view.total_minor, view.paid_minor, view.refunded_minor, view.figures, view.transfers) == (3_998, 3_998, 0, None, [])
    seen = (await world.call(HOST, "GET", f"/api/books/orders/{an_id('ord', 1)}")).view
    assert isinstance(seen, OrderBooksView)
    assert seen.figures is not None
    assert sorted(each.kind for each in seen.transfers) == ["capture", "sale"]
    with refused(FORBIDDEN):
        await world.call(OTHER_BUYER, "GET", f"/api/books/orders/{an_id('ord', 1)}")
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "GET", f"/api/books/orders/{an_id('ord', 1)}")
    assert (await audit(world)).problems == []
    assert await world.dead_letters() == 0


async def test_the_same_fact_again_and_facts_in_another_order_change_nothing(world: World) -> None:
    await tell(world, refunded(1), captured(1), paid(1), paid(1), captured(1), refunded(1))
    await tell(world, paid(2), captured(2), refunded(2))
    first, second = sorted((await statement(world)).lines, key=lambda line: line.order_id)
    assert first.figures == second.figures
    assert first.figures.net_minor == 9_500 - 3_600 - (1_500 - 600) - 30
    async with world.database.reading() as connection:
        assert [len(await store.of_order(connection, an_id("ord", n))) for n in (1, 2)] == [3, 3]


async def test_a_dispute_takes_the_money_and_its_end_decides_about_it(world: World) -> None:
    common: Any = {"payment_id": an_id("pay", 1), "order_id": an_id("ord", 1), "show_id": SHOW_ID, "amount": euros(9_500)}
    await tell(world, paid(1), captured(1))
    before = (await statement(world)).totals[0]
    await tell(world, DisputeOpened(dispute_id="dsp_1", reason="fraud", opened_at_ms=3_000, **common))
    during = (await statement(world)).totals[0]
    assert (during.disputed_minor, during.net_minor) == (9_500, before.net_minor - 9_500)
    await tell(world, DisputeClosed(dispute_id="dsp_1", won=False, closed_at_ms=4_000, **common))
    await tell(world, DisputeClosed(dispute_id="dsp_1", won=True, closed_at_ms=5_000, **common))
    after = (await statement(world)).totals[0]
    assert (after.disputed_minor, after.lost_minor, after.net_minor) == (0, 9_500, during.net_minor)


async def test_a_statement_has_pages_whose_lines_are_its_totals(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LINES_MAX", 2)
    for number in range(1, 6):
        await tell(world, paid(number, 1_000 + number % 2), captured(number), *([refunded(number)] if number == 2 else []))
    pages = [await statement(world)]
    while pages[-1].after is not None:
        pages.append(await statement(world, after=pages[-1].after))
    lines = [line for page in pages for line in page.lines]
    assert [len(page.lines) for page in pages] == [2, 2, 1]
    assert [line.order_id for line in lines] == [an_id("ord", n) for n in (2, 5, 3, 1, 4)]
    (totals,) = pages[0].totals
    for name in totals.__struct_fields__[1:]:
        assert sum(getattr(line.figures, name) for line in lines) == getattr(totals, name), name
    assert (await statement(world, OTHER_HOST)).lines == []
    assert (await statement(world, to_ms=1_000)).totals == []


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from": "0"},
        {"from": "0", "to": "0"},
        {"from": "2", "to": "1"},
        {"from": "-1", "to": "1"},
        {"from": "0", "to": "1.5"},
        {"from": "0", "to": "soon"},
        {"from": "0", "to": "９"},
        {"from": "0", "to": "9" * 30},
        {"from": "0", "to": str(rules.PERIOD_MS_MAX + 1)},
        {"from": "0", "to": "1", "after": "x"},
        {"from": "0", "to": "1", "after": "1"},
        {"from": "0", "to": "1", "after": ".ord_1"},
    ],
)
async def test_a_bad_period_is_refused(world: World, query: dict[str, str]) -> None:
    with refused(INVALID_FIELD):
        await world.call(HOST, "GET", "/api/books/statement", query=query)


async def test_what_is_not_there_or_not_the_caller_s_is_refused(world: World) -> None:
    await tell(world, paid(1))
    with refused(NOT_FOUND):
        await world.call(BUYER, "GET", f"/api/books/orders/{an_id('ord', 1)}")
    with refused(NOT_FOUND):
        await world.call(HOST, "GET", "/api/books/orders/nonsense")
    with refused(FORBIDDEN):
        await world.call(HOST, "GET", "/api/books/balances", query={"all": "1"})
    with refused(INVALID_FIELD):
        await world.call(HOST, "GET", "/api/books/balances", query={"all": "yes"})
    for method in ("GET", "POST"):
        with refused(FORBIDDEN):
            await world.call(HOST, method, "/api/books/audits")
    with refused(NOT_FOUND):
        await world.call(OWNER, "GET", "/api/books/audits")


async def test_the_trial_balance_is_the_caller_s_own_or_the_owner_s_whole_shop(world: World) -> None:
    await tell(world, paid(1), captured(1))
    for actor, query, empty in ((HOST, {}, False), (OWNER, {}, True), (OWNER, {"all": "1"}, False)):
        view = (await world.call(actor, "GET", "/api/books/balances", query=query)).view
        assert isinstance(view, BalancesView)
        assert (view.balances == []) == empty
        assert sum(each.debit_minor - each.credit_minor for each in view.balances) == 0


async def test_the_platform_s_share_follows_the_setting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "platform_fee_share", 250)
    await tell(world, paid(1), captured(1), refunded(1))
    assert (await statement(world)).totals[0].platform_fee_minor == round((9_000 - 3_600) * 0.025)


# What the database refuses


ENTRY = {"transfer_id": "sale:x", "position": 0, "account": "shipping", "currency": "EUR", "debit_minor": 5, "credit_minor": 0}
OTHER_SIDE = ENTRY | {"position": 1, "account": "tax_payable", "debit_minor": 0, "credit_minor": 5}
TRANSFER: dict[str, Any] = {
    "transfer_id": "sale:x",
    "kind": "sale",
    "order_id": an_id("ord", 9),
    "number": 1,
    "show_id": SHOW_ID,
    "seller_id": HOST.id,
    "currency": "EUR",
    "subtotal_minor": 5,
    "discount_minor": 0,
    "shipping_minor": 5,
    "tax_minor": 0,
    "total_minor": 5,
    "fee_minor": 0,
    "fee_bps": 0,
    "at_ms": 1,
    "recorded_at_ms": 1,
    "entries": 2,
}

REFUSED: dict[str, list[Any]] = {
    "a transfer that does not balance": [
        insert(ENTRIES).values([ENTRY, OTHER_SIDE | {"credit_minor": 4}]),
        insert(TRANSFERS).values(TRANSFER),
    ],
    "a transfer that balances over two currencies only": [
        insert(ENTRIES).values([ENTRY, OTHER_SIDE | {"currency": "USD"}]),
        insert(TRANSFERS).values(TRANSFER),
    ],
    "a transfer without its entries": [insert(TRANSFERS).values(TRANSFER)],
    "entries without their transfer": [insert(ENTRIES).values([ENTRY, OTHER_SIDE])],
    "an entry with two sides": [insert(ENTRIES).values(ENTRY | {"credit_minor": 5})],
    "an entry with no side": [insert(ENTRIES).values(ENTRY | {"debit_minor": 0})],
    "a negative amount": [insert(ENTRIES).values(ENTRY | {"debit_minor": -5})],
    "an account that does not exist": [insert(ENTRIES).values(ENTRY | {"account": "pocket"})],
    "an entry of a transfer that is sealed": [
        insert(ENTRIES).values(ENTRY | {"transfer_id": f"sale:{an_id('ord', 1)}", "position": 9})
    ],
    "a transfer twice": [insert(TRANSFERS).values(TRANSFER | {"transfer_id": f"sale:{an_id('ord', 1)}", "entries": 5})],
    "a second transfer with one number": [
        insert(TRANSFERS).values(TRANSFER | {"order_id": an_id("ord", 1), "number": 1, "entries": 0})
    ],
    "a changed amount": [update(ENTRIES).values(debit_minor=1).where(ENTRIES.c.debit_minor > 0)],
    "a changed fact": [update(TRANSFERS).values(total_minor=1)],
    "a deleted entry": [delete(ENTRIES)],
    "a deleted transfer": [delete(TRANSFERS)],
}


@pytest.fixture
async def migrated(request: pytest.FixtureRequest, database: Database) -> Database:
    """As in production: by the migrations, not by the metadata."""
    if request.param == "migrations":
        async with database.begin() as connection:
            names = [table for table in (await connection.run_sync(_tables))]
            for name in names:
                await connection.execute(
                    text(f'DROP TABLE IF EXISTS "{name}"' + (" CASCADE" if database.dialect == "postgresql" else ""))
                )
        await migrate.upgrade(database.url.render_as_string(hide_password=False))
    return database


def _tables(connection: Any) -> list[str]:
    return [name for name in inspect(connection).get_table_names() if not name.startswith("sqlite_")]


@pytest.mark.parametrize("migrated", ["metadata", "migrations"], indirect=True)
async def test_the_database_itself_refuses_what_books_must_not_have(migrated: Database) -> None:
    sold = rules.sale(rules.Place(an_id("ord", 1), SHOW_ID, HOST.id), SOLD, 0, 1)
    async with migrated.begin() as connection:
        assert await store.record(connection, sold, 1)
        assert not await store.record(connection, sold, 1)
    allowed = [name for name, statements in REFUSED.items() if await is_allowed(migrated, statements)]
    assert allowed == []
    if migrated.dialect == "sqlite":
        async with migrated.begin() as connection:
            with pytest.raises(DBAPIError, match="exists"):
                await connection.execute(
                    insert(TRANSFERS).prefix_with("OR REPLACE").values(TRANSFER | {"transfer_id": sold.transfer_id})
                )
    async with migrated.reading() as connection:
        (kept,) = await store.of_order(connection, an_id("ord", 1))
    assert (kept.transfer, kept.entries) == (sold, rules.entries(sold, []))


async def test_entries_that_two_transactions_write_at_once_still_balance(postgresql_database: Database) -> None:
    """The seal of one does not see the other's: the check at the commit does."""
    late = postgresql_database.begin()
    connection = await late.__aenter__()
    await connection.execute(insert(ENTRIES).values(ENTRY | {"position": 7}))
    assert await is_allowed(
        postgresql_database, [insert(ENTRIES).values([ENTRY, OTHER_SIDE]), insert(TRANSFERS).values(TRANSFER)]
    )
    with pytest.raises(DBAPIError, match="does not balance"):
        await late.__aexit__(None, None, None)


async def is_allowed(database: Database, statements: Sequence[Any]) -> bool:
    """Whether a transaction of these gets through."""
    try:
        async with database.begin() as connection:
            for each in statements:
                await connection.execute(each)
    except DBAPIError:
        return False
    return True


# The audit


async def test_the_audit_finds_what_was_changed_behind_the_database_s_back(world: World) -> None:
    await tell(world, *(fact(number) for number in range(1, 4) for fact in (paid, captured)))
    clean = await audit(world)
    assert (clean.orders, clean.transfers, clean.problems) == (3, 6, [])
    async with world.database.begin() as connection:
        if world.database.dialect == "sqlite":
            await connection.execute(text("DROP TRIGGER books_entries_update"))
        else:
            await connection.execute(text("ALTER TABLE books_entries DISABLE TRIGGER books_entries_refuse"))
        theft = update(ENTRIES).where(ENTRIES.c.transfer_id == f"sale:{an_id('ord', 2)}", ENTRIES.c.account == "seller_payable")
        await connection.execute(theft.values(credit_minor=ENTRIES.c.credit_minor - 100))
    world.clock.advance(1)
    found = (await audit(world)).problems
    assert len(found) == 2
    assert all(an_id("ord", 2) in text for text in found)
    assert (await statement(world)).audit is not None


async def test_the_audit_runs_once_a_day_and_goes_through_all_orders_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "AUDIT_ORDERS_MAX", 2)
    await tell(world, *(fact(number) for number in range(1, 6) for fact in (paid, captured)))
    for _ in range(5):
        await world.run_job("books", "audit")
    first = (await statement(world)).audit
    assert first is not None
    assert (first.orders, first.transfers, first.ended_at_ms) == (5, 10, world.clock.now_ms())
    world.clock.advance(rules.AUDIT_EVERY_MS - 1)
    await world.run_job("books", "audit")
    assert (await statement(world)).audit == first
    world.clock.advance(1)
    await world.run_job("books", "audit")
    second = (await statement(world)).audit
    assert second is not None
    assert second.audit_id != first.audit_id
