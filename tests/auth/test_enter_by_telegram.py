"""Coming in by Telegram: one person every time, guests taken along, accounts left alone. On both databases."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from schemas.errors import NOT_FOUND, RATE_LIMITED, TELEGRAM_DATA_EXPIRED, TELEGRAM_DATA_INVALID
from schemas.http.auth import EnterAsGuest, EnterByTelegram
from server.auth import tables
from server.auth.passwords import Passwords
from server.auth.service import PER_ADDRESS, PER_TELEGRAM_USER, Auth
from server.auth.telegram import AGE_MAX_MS
from server.kernel.config import Settings
from server.store.database import Database
from tests.auth.test_service import ADDRESS, REGISTER, Refusal
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import BOT_TOKEN, init_data, person


@pytest.fixture
async def shop(database: Database, redis: Redis, clock: FakeClock, passwords: Passwords) -> AsyncIterator[Auth]:
    """A shop with a bot."""
    made = Auth(database, redis, clock, Settings(telegram_bot_token=BOT_TOKEN, telegram_app="shop_bot/shows"), passwords)
    yield made
    await made.close()


def opened(clock: FakeClock, user_id: int = 70_042, first_name: str = "Ann", **more: str) -> EnterByTelegram:
    """The Mini App, opened now."""
    return EnterByTelegram(init_data=init_data(auth_date=clock.now_ms() // 1000, user=person(user_id, first_name, **more)))


async def test_somebody_new_is_an_account_with_the_name_and_language_from_telegram(shop: Auth, clock: FakeClock) -> None:
    signed_in = await shop.enter_by_telegram(None, opened(clock, last_name="Lee", language_code="ru"), ADDRESS)
    actor = await shop.actor_of(signed_in.token)
    assert actor == signed_in.actor
    assert (actor.kind, actor.name, actor.locale, actor.roles) == ("account", "Ann Lee", "ru", frozenset())


async def test_the_same_person_is_the_same_actor_on_another_device(shop: Auth, clock: FakeClock) -> None:
    phone = await shop.enter_by_telegram(None, opened(clock), ADDRESS)
    clock.advance(3 * AGE_MAX_MS)
    desktop = await shop.enter_by_telegram(None, opened(clock, first_name="Anna"), ADDRESS)
    assert desktop.actor == phone.actor
    assert desktop.token not in (None, phone.token)
    assert await shop.actor_of(phone.token) == phone.actor
    other = await shop.enter_by_telegram(None, opened(clock, user_id=5), ADDRESS)
    assert other.actor.id != phone.actor.id


async def test_the_same_init_data_again_keeps_the_session_until_it_is_too_old(shop: Auth, clock: FakeClock) -> None:
    body = opened(clock)
    first = await shop.enter_by_telegram(None, body, ADDRESS)
    again = await shop.enter_by_telegram(first.token, body, ADDRESS)
    assert (again.actor, again.token) == (first.actor, None)
    clock.advance(AGE_MAX_MS + 1_000)
    with Refusal(TELEGRAM_DATA_EXPIRED):
        await shop.enter_by_telegram(first.token, body, ADDRESS)
    assert await shop.actor_of(first.token) == first.actor


async def test_a_guest_becomes_the_person_and_keeps_the_actor_id(shop: Auth, clock: FakeClock) -> None:
    guest = await shop.enter_as_guest(None, EnterAsGuest(name="Guest 1"))
    signed_in = await shop.enter_by_telegram(guest.token, opened(clock), ADDRESS)
    assert (signed_in.actor.id, signed_in.actor.kind, signed_in.actor.name) == (guest.actor.id, "account", "Ann")
    assert await shop.actor_of(guest.token) is None
    assert await shop.actor_of(signed_in.token) == signed_in.actor


async def test_a_known_person_leaves_the_guest_behind(shop: Auth, clock: FakeClock) -> None:
    known = await shop.enter_by_telegram(None, opened(clock), ADDRESS)
    guest = await shop.enter_as_guest(None, EnterAsGuest(name="Guest 1"))
    signed_in = await shop.enter_by_telegram(guest.token, opened(clock), ADDRESS)
    assert signed_in.actor == known.actor
    assert await shop.actor_of(guest.token) is None


async def test_an_account_is_never_bound_to_whoever_opens_the_app_in_its_browser(shop: Auth, clock: FakeClock) -> None:
    account = await shop.register(None, REGISTER, ADDRESS)
    signed_in = await shop.enter_by_telegram(account.token, opened(clock), ADDRESS)
    assert signed_in.actor.id != account.actor.id
    assert (await shop.enter_by_telegram(None, opened(clock), ADDRESS)).actor.id == signed_in.actor.id


async def test_another_person_of_the_same_device_does_not_get_the_first_ones_orders(shop: Auth, clock: FakeClock) -> None:
    first = await shop.enter_by_telegram(None, opened(clock, user_id=1), ADDRESS)
    second = await shop.enter_by_telegram(first.token, opened(clock, user_id=2), ADDRESS)
    assert second.actor.id != first.actor.id
    assert await shop.actor_of(first.token) is None


async def test_two_pages_of_a_new_person_at_once_make_one_actor(shop: Auth, clock: FakeClock, database: Database) -> None:
    entered = await asyncio.gather(*(shop.enter_by_telegram(None, opened(clock), ADDRESS) for _ in range(6)))
    assert len({signed_in.actor.id for signed_in in entered}) == 1
    async with database.reading() as conn:
        assert (await conn.execute(select(func.count()).select_from(tables.telegram))).scalar_one() == 1
        assert (await conn.execute(select(func.count()).select_from(tables.actors))).scalar_one() == 1


async def test_forged_data_is_refused_and_counted_per_address(shop: Auth, clock: FakeClock) -> None:
    forged = EnterByTelegram(init_data=init_data(auth_date=clock.now_ms() // 1000, token="42:TEST"))
    for _ in range(PER_ADDRESS.burst):
        with Refusal(TELEGRAM_DATA_INVALID):
            await shop.enter_by_telegram(None, forged, ADDRESS)
    with Refusal(RATE_LIMITED):
        await shop.enter_by_telegram(None, forged, ADDRESS)
    # A crowd of honest people behind the same address is not stopped by that.
    await shop.enter_by_telegram(None, opened(clock), ADDRESS)


async def test_one_person_cannot_make_sessions_without_end(shop: Auth, clock: FakeClock) -> None:
    for _ in range(PER_TELEGRAM_USER.burst):
        await shop.enter_by_telegram(None, opened(clock), ADDRESS)
    with Refusal(RATE_LIMITED):
        await shop.enter_by_telegram(None, opened(clock), ADDRESS)
    await shop.enter_by_telegram(None, opened(clock, user_id=6), ADDRESS)


async def test_without_a_bot_nobody_comes_in_by_telegram(auth: Auth, clock: FakeClock) -> None:
    with Refusal(NOT_FOUND):
        await auth.enter_by_telegram(None, opened(clock), ADDRESS)
