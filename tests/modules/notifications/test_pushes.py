"""The queue of pushes, from a notification to a browser that shows it: retries, gone browsers, crashes, two workers."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, select

from schemas.http.notifications import FollowedListView, PushChoicesView
from server.bus.jobs import JobRunner
from server.kernel.module import SYSTEM
from server.modules.notifications import jobs, rules, store
from server.modules.notifications.module import MODULE as NOTIFICATIONS
from server.modules.notifications.tables import DELIVERIES, ITEMS, SUBSCRIPTIONS
from tests.fakes.push_service import FakePushService
from tests.modules.notifications.test_routes import count, fan_out, follow, notify, schedule, start, subscribe
from tests.modules.world import BUYER, HOST, OTHER_BUYER, SHOW_ID, World, an_id


async def deliver(world: World) -> None:
    await world.run_job("notifications", "deliver")


async def queued(world: World) -> list[Any]:
    async with world.database.reading() as connection:
        return list((await connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.delivery_id))).all())


async def test_a_push_says_the_same_as_the_inbox_in_the_browser_s_language(world: World, service: FakePushService) -> None:
    english = await subscribe(world, service, "english")
    russian = await subscribe(world, service, "russian", locale="ru")
    elsewhere = await subscribe(world, service, "elsewhere", OTHER_BUYER)
    await notify(world)
    await deliver(world)
    (shown,) = english.shown
    assert shown == {
        "title": "You have been outbid",
        "body": "Somebody bids more for “Lamp”.",
        "link": f"/watch/{SHOW_ID}",
        "tag": an_id("ntf", 1),
        "locale": "en",
        "at_ms": world.clock.now_ms(),
    }
    (shown,) = russian.shown
    assert (shown["title"], shown["body"]) == ("Вашу ставку перебили", "За «Lamp» предложили больше.")
    assert elsewhere.shown == []
    (headers,) = english.headers
    assert (headers["ttl"], headers["urgency"], len(headers["topic"])) == ("600", "high", 32)
    await notify(world)
    await deliver(world)
    assert len(english.shown) == 1, "the same notification is pushed once"
    assert await queued(world) == []


async def test_followers_get_a_push_when_the_show_starts(world: World, service: FakePushService) -> None:
    browser = await subscribe(world, service)
    await schedule(world)
    await follow(world)
    await start(world)
    await fan_out(world)
    await deliver(world)
    assert [shown["title"] for shown in browser.shown] == ["Hanna is live"]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten_with_all_that_waits_for_it(
    world: World, service: FakePushService, status: int
) -> None:
    browser = await subscribe(world, service)
    other = await subscribe(world, service, "b")
    browser.answers.extend([500, status])
    await notify(world, 1)
    await deliver(world)
    await notify(world, 2)
    await deliver(world)
    assert await count(world, SUBSCRIPTIONS) == 1
    assert await queued(world) == []
    assert len(other.shown) == 2


async def test_a_browser_that_subscribes_again_while_it_is_found_gone_stays(world: World, service: FakePushService) -> None:
    await subscribe(world, service)
    await notify(world)
    async with world.database.reading() as connection:
        (before,) = await store.due_deliveries(connection, world.clock.now_ms(), 10)
    world.clock.advance(1)
    await subscribe(world, service)
    async with world.units(SYSTEM) as ctx:
        await store.drop_subscription(ctx.store, before)
    assert await count(world, SUBSCRIPTIONS) == 1


async def test_a_busy_push_service_is_asked_again_when_it_wishes(world: World, service: FakePushService) -> None:
    browser = await subscribe(world, service)
    browser.answers.append((429, {"retry-after": "60"}))
    await notify(world)
    await deliver(world)
    world.clock.advance(59_999)
    await deliver(world)
    assert (browser.asked, browser.shown) == (1, [])
    world.clock.advance(1)
    await deliver(world)
    assert (browser.asked, len(browser.shown)) == (2, 1)
    assert await queued(world) == []


async def test_a_failing_push_service_is_asked_a_few_times_and_then_no_more(world: World, service: FakePushService) -> None:
    browser = await subscribe(world, service)
    browser.answers.extend([500] * 100)
    await notify(world, kind="order_confirmed")
    while rows := await queued(world):
        world.clock.advance(max(0, rows[0].next_at_ms - world.clock.now_ms()))
        await deliver(world)
    assert browser.asked == rules.ATTEMPTS_MAX
    assert await count(world, SUBSCRIPTIONS) == 1


async def test_silence_costs_its_deadline_and_nobody_else_s_push(
    world: World, service: FakePushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.pushes, "_deadline_s", 2.0)
    silent = await subscribe(world, service, "silent")
    silent.silent = True
    speaking = await subscribe(world, service, "speaking")
    await notify(world)
    await deliver(world)
    assert len(speaking.shown) == 1
    (left,) = await queued(world)
    assert (left.attempts, left.next_at_ms > world.clock.now_ms()) == (1, True)


async def test_who_has_failed_waits_behind_who_has_not(
    world: World, service: FakePushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SENT_MAX", 1)
    failing = await subscribe(world, service, "failing")
    failing.answers.append(500)
    await notify(world, 1)
    await deliver(world)
    world.clock.advance(rules.BACKOFF_MS)
    other = await subscribe(world, service, "other", OTHER_BUYER)
    await notify(world, 2, OTHER_BUYER)
    await deliver(world)
    assert (len(other.shown), len(failing.shown)) == (1, 0)
    await deliver(world)
    assert len(failing.shown) == 1


async def test_what_is_no_longer_worth_it_is_not_sent(world: World, service: FakePushService) -> None:
    browser = await subscribe(world, service)
    await notify(world)
    world.clock.advance(rules.POSTS["outbid"].ttl_s * 1_000)
    await deliver(world)
    assert browser.asked == 0
    assert await queued(world) == []


async def test_a_push_that_is_rejected_is_dropped_and_the_browser_stays(world: World, service: FakePushService) -> None:
    browser = await subscribe(world, service)
    browser.application_key = "another"
    await notify(world)
    await deliver(world)
    assert browser.asked == 1
    assert await queued(world) == []
    assert await count(world, SUBSCRIPTIONS) == 1


async def test_a_browser_that_another_person_uses_now_shows_nothing_of_the_first(world: World, service: FakePushService) -> None:
    await subscribe(world, service)
    await notify(world)
    browser = await subscribe(world, service, actor=OTHER_BUYER)
    assert await queued(world) == []
    await deliver(world)
    assert browser.shown == []
    await notify(world, 2)
    await notify(world, 3, OTHER_BUYER)
    await deliver(world)
    assert [shown["tag"] for shown in browser.shown] == [an_id("ntf", 3)]


async def test_a_push_that_was_queued_while_the_browser_changed_hands_is_not_sent(world: World, service: FakePushService) -> None:
    await notify(world)
    browser = await subscribe(world, service, actor=OTHER_BUYER)
    late = {
        "subscription_id": rules.subscription_id(service.endpoint(browser)),
        "actor_id": BUYER.id,
        "notification_id": an_id("ntf", 1),
        "attempts": 0,
        "next_at_ms": world.clock.now_ms(),
        "expires_at_ms": world.clock.now_ms() + 60_000,
    }
    async with world.database.begin() as connection:
        await connection.execute(insert(DELIVERIES).values(late))
    await deliver(world)
    assert browser.asked == 0


async def test_a_browser_takes_no_more_pushes_when_its_owner_says_so(world: World, service: FakePushService) -> None:
    browser = await subscribe(world, service)
    body = {"endpoint": service.endpoint(browser)}
    await world.call(OTHER_BUYER, "POST", "/api/notifications/push/unsubscribe", body)
    assert await count(world, SUBSCRIPTIONS) == 1
    await notify(world)
    await world.call(BUYER, "POST", "/api/notifications/push/unsubscribe", body)
    await deliver(world)
    assert browser.asked == 0
    assert await queued(world) == []


async def test_a_crash_between_sending_and_noting_sends_again_under_the_same_topic_and_tag(
    world: World, service: FakePushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await subscribe(world, service)
    await notify(world)

    async def die(*_: object) -> None:
        raise KeyError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(store, "drop_delivery", die)
        with pytest.raises(KeyError):
            await deliver(world)
    await deliver(world)
    first, second = browser.shown
    assert first["tag"] == second["tag"]
    assert browser.headers[0]["topic"] == browser.headers[1]["topic"]
    assert await queued(world) == []


async def test_two_workers_do_not_send_the_same(world: World, service: FakePushService) -> None:
    browsers = [await subscribe(world, service, f"b{number}") for number in range(5)]
    await notify(world)
    workers = [JobRunner([NOTIFICATIONS], world.units, world.redis, world.clock, name) for name in ("one", "two")]
    await asyncio.gather(*(worker.step() for worker in workers))
    await world.settle()
    assert [len(browser.shown) for browser in browsers] == [1] * 5
    assert [browser.asked for browser in browsers] == [1] * 5


async def test_a_kind_that_somebody_switched_off_comes_to_the_inbox_and_is_not_pushed(
    world: World, service: FakePushService
) -> None:
    own, other = await subscribe(world, service, "own"), await subscribe(world, service, "other", OTHER_BUYER)
    chosen = (await world.call(BUYER, "POST", "/api/notifications/choices", {"muted": ["outbid"]})).view
    assert chosen == PushChoicesView(muted=["outbid"], devices=1)
    await notify(world)
    await deliver(world)
    assert own.shown == []
    assert await count(world, ITEMS) == 1
    again = (await world.call(BUYER, "POST", "/api/notifications/choices", {"muted": []})).view
    assert again == PushChoicesView(muted=[], devices=1)
    await notify(world, 2)
    await deliver(world)
    assert len(own.shown) == 1
    assert other.shown == []


async def test_whom_one_follows_is_listed_by_name(world: World) -> None:
    await world.know(HOST)
    await follow(world)
    view = (await world.call(BUYER, "GET", "/api/notifications/followed")).view
    assert isinstance(view, FollowedListView)
    assert [(each.host_id, each.name) for each in view.hosts] == [(HOST.id, "Hanna")]
