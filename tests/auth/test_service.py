"""Guests, accounts, the owner's key, sessions: on both databases."""

import asyncio

import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis
from sqlalchemy import event, func, select, text

from schemas.errors import EMAIL_TAKEN, INVALID_FIELD, INVITE_INVALID, RATE_LIMITED, WRONG_CREDENTIALS, Refused, WireError
from schemas.http.auth import ClaimShop, EnterAsGuest, LogIn, Register
from server.auth import tables
from server.auth.passwords import Passwords
from server.auth.service import PER_EMAIL_AND_ADDRESS, Auth
from server.auth.sessions import ABSOLUTE_MS, DAY_MS, IDLE_MS
from server.kernel.config import Settings
from server.kernel.module import Actor
from server.store.database import Database
from server.store.metadata import METADATA
from tests.fakes.clock import FakeClock

ADDRESS = "203.0.113.7"
REGISTER = Register(email="Ann@Example.org", password="correct horse", name="Ann")
LOG_IN = LogIn(email="ann@example.org ".strip(), password="correct horse")


def claim(key: str, email: str = "owner@example.org", password: str = "correct horse") -> ClaimShop:
    return ClaimShop(key=key, email=email, password=password, name="Olga")


class Refusal:
    """`with refusal(ERROR):` — the block is refused with exactly this error."""

    def __init__(self, error: WireError) -> None:
        self.expected = error

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        assert isinstance(error, Refused), f"was not refused: {error!r}"
        assert error.error == self.expected
        return True


async def test_a_guest_enters_and_is_known_by_the_token(auth: Auth) -> None:
    signed_in = await auth.enter_as_guest(None, EnterAsGuest(name="  Ann\u202e \n Lee ", locale="ru"))
    assert signed_in.token is not None
    actor = await auth.actor_of(signed_in.token)
    assert actor == signed_in.actor
    assert (actor.kind, actor.name, actor.locale, actor.roles) == ("guest", "Ann Lee", "ru", frozenset())
    assert actor.id.startswith("gst_")


@pytest.mark.parametrize("name", ["\u200b\u200d", " \t ", "\u202e"])
async def test_an_invisible_name_is_refused(auth: Auth, name: str) -> None:
    with Refusal(INVALID_FIELD):
        await auth.enter_as_guest(None, EnterAsGuest(name=name))


async def test_a_guest_who_enters_again_keeps_session_and_id_but_takes_the_new_name(auth: Auth) -> None:
    first = await auth.enter_as_guest(None, EnterAsGuest(name="Ann"))
    second = await auth.enter_as_guest(first.token, EnterAsGuest(name="Anna"))
    assert second.token is None
    known = await auth.actor_of(first.token)
    assert known is not None
    assert (known.id, known.name) == (first.actor.id, "Anna")


async def test_an_account_that_enters_as_guest_stays_the_account(auth: Auth) -> None:
    registered = await auth.register(None, REGISTER, ADDRESS)
    again = await auth.enter_as_guest(registered.token, EnterAsGuest(name="Somebody"))
    assert (again.token, again.actor) == (None, registered.actor)


async def test_a_guest_who_registers_keeps_the_actor_id_and_gets_a_new_token(auth: Auth) -> None:
    guest = await auth.enter_as_guest(None, EnterAsGuest(name="Ann"))
    account = await auth.register(guest.token, REGISTER, ADDRESS)
    assert account.actor.id == guest.actor.id
    assert account.actor.kind == "account"
    assert account.token not in (None, guest.token)
    assert await auth.actor_of(guest.token) is None
    assert await auth.actor_of(account.token) == account.actor


async def test_somebody_without_a_session_registers_as_a_new_account(auth: Auth) -> None:
    account = await auth.register(None, REGISTER, ADDRESS)
    assert account.actor.id.startswith("acc_")


async def test_an_email_registers_once_whatever_its_case_and_the_refused_guest_stays_a_guest(auth: Auth) -> None:
    await auth.register(None, REGISTER, ADDRESS)
    guest = await auth.enter_as_guest(None, EnterAsGuest(name="Bob"))
    with Refusal(EMAIL_TAKEN):
        await auth.register(guest.token, Register(email="ANN@example.ORG", password="other password", name="Bob"), ADDRESS)
    unchanged = await auth.actor_of(guest.token)
    assert unchanged is not None
    assert (unchanged.kind, unchanged.name) == ("guest", "Bob")


async def test_two_registrations_of_one_email_at_once_make_one_account(auth: Auth, database: Database) -> None:
    outcomes = await asyncio.gather(*(auth.register(None, REGISTER, ADDRESS) for _ in range(5)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) == 4
    assert {refusal.error for refusal in refused} == {EMAIL_TAKEN}
    async with database.reading() as conn:
        assert (await conn.execute(select(func.count()).select_from(tables.actors))).scalar_one() == 1


async def test_logging_in_rotates_the_session(auth: Auth) -> None:
    registered = await auth.register(None, REGISTER, ADDRESS)
    logged_in = await auth.log_in(registered.token, LOG_IN, ADDRESS)
    assert logged_in.actor == registered.actor
    assert await auth.actor_of(registered.token) is None
    assert await auth.actor_of(logged_in.token) == registered.actor


@pytest.mark.parametrize(("email", "password"), [("ann@example.org", "wrong horse"), ("nobody@example.org", "correct horse")])
async def test_a_wrong_password_and_an_unknown_email_are_refused_alike(auth: Auth, email: str, password: str) -> None:
    await auth.register(None, REGISTER, ADDRESS)
    with Refusal(WRONG_CREDENTIALS):
        await auth.log_in(None, LogIn(email=email, password=password), ADDRESS)


async def test_attempts_on_one_email_are_limited_and_the_limit_tells_when_to_come_back(auth: Auth, clock: FakeClock) -> None:
    await auth.register(None, REGISTER, ADDRESS)
    for _ in range(PER_EMAIL_AND_ADDRESS.burst):
        with Refusal(WRONG_CREDENTIALS):
            await auth.log_in(None, LogIn(email="ann@example.org", password="wrong"), ADDRESS)
    with pytest.raises(Refused) as refusal:
        await auth.log_in(None, LOG_IN, ADDRESS)
    assert refusal.value.error == RATE_LIMITED
    wait_ms = refusal.value.extra["retry_after_ms"]
    assert isinstance(wait_ms, int)
    await auth.log_in(None, LOG_IN, "198.51.100.1")
    clock.advance(wait_ms)
    assert (await auth.log_in(None, LOG_IN, ADDRESS)).actor.name == "Ann"


async def test_logging_out_ends_the_session_and_its_tickets(auth: Auth) -> None:
    signed_in = await auth.enter_as_guest(None, EnterAsGuest(name="Ann"))
    assert signed_in.token is not None
    ticket = await auth.issue_ticket(signed_in.token)
    await auth.log_out(signed_in.token)
    assert await auth.actor_of(signed_in.token) is None
    assert await auth.by_ticket(ticket.ticket) is None


async def test_a_session_ends_when_nobody_used_it(auth: Auth, clock: FakeClock) -> None:
    signed_in = await auth.enter_as_guest(None, EnterAsGuest(name="Ann"))
    clock.advance(IDLE_MS - 1)
    assert await auth.actor_of(signed_in.token) is not None
    clock.advance(IDLE_MS)
    assert await auth.actor_of(signed_in.token) is None


async def test_use_puts_off_the_idle_end_but_not_the_absolute_one(auth: Auth, clock: FakeClock) -> None:
    signed_in = await auth.enter_as_guest(None, EnterAsGuest(name="Ann"))
    for _ in range(ABSOLUTE_MS // (10 * DAY_MS) - 1):
        clock.advance(10 * DAY_MS)
        assert await auth.actor_of(signed_in.token) is not None
    clock.advance(10 * DAY_MS)
    assert await auth.actor_of(signed_in.token) is None


@pytest.mark.parametrize("token", [None, "", "unknown", "x" * 10_000, "я"])
async def test_an_unknown_token_is_nobody(auth: Auth, token: str | None) -> None:
    assert await auth.actor_of(token) is None


async def test_the_setup_key_makes_one_owner_who_is_a_host(auth: Auth) -> None:
    key = await auth.setup_key()
    assert key is not None
    owner = await auth.claim(None, claim(key), ADDRESS)
    assert owner.actor.roles == {"owner", "host"}
    assert owner.actor.is_host
    assert await auth.actor_of(owner.token) == owner.actor
    assert await auth.setup_key() is None
    with Refusal(INVITE_INVALID):
        await auth.claim(None, claim(key, "other@example.org"), ADDRESS)


async def test_two_people_with_the_key_at_once_make_one_owner(auth: Auth, database: Database) -> None:
    key = await auth.setup_key()
    assert key is not None
    claims = (auth.claim(None, claim(key, f"owner{number}@example.org"), ADDRESS) for number in range(4))
    outcomes = await asyncio.gather(*claims, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert {refusal.error for refusal in refused} == {INVITE_INVALID}
    assert len(refused) == 3
    async with database.reading() as conn:
        assert (await conn.execute(select(func.count()).select_from(tables.accounts))).scalar_one() == 1


async def test_a_newer_setup_key_replaces_the_older(auth: Auth) -> None:
    old = await auth.setup_key()
    new = await auth.setup_key()
    assert old is not None
    assert new is not None
    with Refusal(INVITE_INVALID):
        await auth.claim(None, claim(old), ADDRESS)
    assert (await auth.claim(None, claim(new), ADDRESS)).actor.is_host


async def test_a_setup_key_ends_after_a_week(auth: Auth, clock: FakeClock) -> None:
    key = await auth.setup_key()
    assert key is not None
    clock.advance(7 * DAY_MS)
    with Refusal(INVITE_INVALID):
        await auth.claim(None, claim(key), ADDRESS)


async def test_an_existing_account_claims_the_shop_only_with_its_password(auth: Auth) -> None:
    account = await auth.register(None, REGISTER, ADDRESS)
    key = await auth.setup_key()
    assert key is not None
    with Refusal(WRONG_CREDENTIALS):
        await auth.claim(None, claim(key, "ann@example.org", "wrong horse"), ADDRESS)
    owner = await auth.claim(account.token, claim(key, "ann@example.org"), ADDRESS)
    assert owner.actor.id == account.actor.id
    assert owner.actor.is_host


async def test_the_demo_host_is_made_once_and_leaves_the_shop_to_its_owner(auth: Auth) -> None:
    first = await auth.ensure_host("robot@example.org", "correct horse", "Robot")
    second = await auth.ensure_host("robot@example.org", "another password", "Robot 2")
    assert first == second
    assert first.roles == {"host"}
    assert await auth.setup_key() is not None
    assert (await auth.log_in(None, LogIn(email="robot@example.org", password="correct horse"), ADDRESS)).actor == first


async def test_no_secret_is_stored(auth: Auth, database: Database) -> None:
    key = await auth.setup_key()
    registered = await auth.register(None, REGISTER, ADDRESS)
    assert key is not None
    assert registered.token is not None
    async with database.reading() as conn:
        rows = [str(row) for table in METADATA.sorted_tables if table.name.startswith("auth_")
                for row in await conn.execute(select(table))]  # fmt: skip
    assert len(rows) == 4
    for secret in (key, registered.token, REGISTER.password):
        assert not [row for row in rows if secret in row]


async def test_a_hash_with_old_parameters_is_made_anew_at_the_next_log_in(
    auth: Auth, database: Database, redis: Redis, clock: FakeClock
) -> None:
    await auth.register(None, REGISTER, ADDRESS)
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    later = Auth(database, redis, clock, Settings(), stronger)
    await later.log_in(None, LOG_IN, ADDRESS)
    async with database.reading() as conn:
        stored = (await conn.execute(select(tables.accounts.c.password_hash))).scalar_one()
    assert "m=16,t=2" in stored
    assert (await later.log_in(None, LOG_IN, ADDRESS)).actor.name == "Ann"
    await later.close()


async def test_purging_removes_sessions_that_ended_and_only_those(auth: Auth, clock: FakeClock, database: Database) -> None:
    await auth.enter_as_guest(None, EnterAsGuest(name="Old"))
    clock.advance(IDLE_MS)
    young = await auth.enter_as_guest(None, EnterAsGuest(name="Young"))
    assert await auth.purge() == 1
    assert await auth.purge() == 0
    assert isinstance(await auth.actor_of(young.token), Actor)
    async with database.reading() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM auth_actors"))).scalar_one() == 2


async def test_people_who_come_back_at_once_are_looked_up_together_and_told_apart(auth: Auth, database: Database) -> None:
    entered = [await auth.enter_as_guest(None, EnterAsGuest(name=f"Guest {number}")) for number in range(20)]
    owner = await auth.register(None, REGISTER, ADDRESS)
    gone = entered.pop()
    await auth.log_out(gone.token)
    queries: list[str] = []
    engine = database._read_engine.sync_engine

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        queries.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    everybody = [*entered, owner]
    found = await asyncio.gather(*(auth.actor_of(one.token) for one in everybody), auth.actor_of(gone.token), auth.actor_of("x"))
    event.remove(engine, "before_cursor_execute", note)
    assert found == [*(one.actor for one in everybody), None, None]
    assert len([one for one in queries if "auth_sessions" in one]) <= 2


async def test_a_session_that_ends_while_another_is_looked_up_lets_nobody_in(auth: Auth) -> None:
    anna, boris = [await auth.enter_as_guest(None, EnterAsGuest(name=name)) for name in ("Anna", "Boris")]

    async def leave_then_ask() -> Actor | None:
        await auth.log_out(boris.token)
        return await auth.actor_of(boris.token)

    found = await asyncio.gather(auth.actor_of(anna.token), leave_then_ask(), auth.actor_of(anna.token))
    assert list(found) == [anna.actor, None, anna.actor]
