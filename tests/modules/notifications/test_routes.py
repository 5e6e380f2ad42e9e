"""Following, waiting, the inbox and its mark, over HTTP and with every fact handled."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from schemas.errors import (
    FORBIDDEN,
    INVALID_FIELD,
    NOT_FOUND,
    PUSH_SUBSCRIPTION_INVALID,
    SHOW_ENDED,
)
from schemas.events.orders import OrderCancelled, OrderConfirmed, OrderShipped
from schemas.events.payments import PaymentRefunded
from schemas.events.questions import QuestionAnswered
from schemas.events.shows import ShowStarted
from schemas.http.notifications import FollowingView, InboxState, PushKeyView
from schemas.requests.notifications import IsFollowing, Notify
from server.kernel.module import SYSTEM, Actor
from server.modules.notifications import jobs, rules
from server.modules.notifications.channel import InboxChannel
from server.modules.notifications.tables import FANOUTS, REMINDERS, SUBSCRIPTIONS
from tests.fakes.push_service import Browser, FakePushService
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id, refused

HOUR_MS = 3_600_000


async def following(world: World, actor: Actor, path: str, body: dict[str, Any]) -> FollowingView:
    view = (await world.call(actor, "POST", f"/api/notifications/{path}", body)).view
    assert isinstance(view, FollowingView)
    await world.settle()
    return view


async def follow(world: World, actor: Actor = BUYER, host: Actor = HOST, *, following_: bool = True) -> FollowingView:
    return await following(world, actor, "follow", {"host_id": host.id, "following": following_})


async def remind(world: World, actor: Actor = BUYER, show_id: str = SHOW_ID, *, wanted: bool = True) -> FollowingView:
    return await following(world, actor, "remind", {"show_id": show_id, "remind": wanted})


async def schedule(world: World, in_ms: int = HOUR_MS, **fields: Any) -> None:
    body = {"show_id": SHOW_ID, "title": "Dresses", "scheduled_at_ms": world.clock.now_ms() + in_ms, **fields}
    await world.call(HOST, "POST", "/api/shows", body)
    await world.settle()


async def start(world: World) -> None:
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/start")
    await world.settle()


async def inbox(world: World, actor: Actor = BUYER) -> InboxState:
    """As the database has it, which is what the pushes made of an empty one."""
    state: InboxState = await world.snapshot(InboxChannel(), actor.id)
    pushed = world.fold(InboxChannel(), f"inbox:{actor.id}", InboxState(notifications=[], read_up_to_ms=0))
    assert pushed == state
    return state


async def kinds(world: World, actor: Actor = BUYER) -> list[str]:
    return [each.kind for each in (await inbox(world, actor)).notifications]


async def fan_out(world: World) -> int:
    """Tell everybody; returns in how many rounds."""
    rounds = 0
    while await count(world, FANOUTS, FANOUTS.c.due_at_ms <= world.clock.now_ms()):
        await world.run_job("notifications", "fan_out")
        rounds += 1
    return rounds


async def count(world: World, table: Any, *where: Any) -> int:
    async with world.database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table).where(*where)) or 0)


async def notify(world: World, number: int = 1, actor: Actor = BUYER, kind: Any = "outbid") -> None:
    async with world.units(SYSTEM) as ctx:
        await ctx.ask(
            Notify(
                notification_id=an_id("ntf", number),
                actor_id=actor.id,
                kind=kind,
                link=f"/watch/{SHOW_ID}",
                params={"title": "Lamp"},
            )
        )
    await world.settle()


async def subscribe(world: World, service: FakePushService, name: str = "a", actor: Actor = BUYER, **fields: Any) -> Browser:
    view = (await world.call(actor, "GET", "/api/notifications/push/key")).view
    assert isinstance(view, PushKeyView)
    browser = service.subscribe(name, view.public_key)
    body = {"endpoint": service.endpoint(browser), "keys": browser.keys(), **fields}
    await world.call(actor, "POST", "/api/notifications/push/subscribe", body)
    return browser


async def test_following_is_told_once_and_undone(world: World) -> None:
    assert (await follow(world)).host_ids == [HOST.id]
    assert (await follow(world)).host_ids == [HOST.id]
    async with world.units(SYSTEM) as ctx:
        assert await ctx.ask(IsFollowing(actor_id=BUYER.id, host_id=HOST.id))
        assert not await ctx.ask(IsFollowing(actor_id=OTHER_BUYER.id, host_id=HOST.id))
    view = (await world.call(BUYER, "GET", "/api/notifications/following")).view
    assert view == FollowingView(host_ids=[HOST.id], show_ids=[])
    assert (await follow(world, following_=False)).host_ids == []
    await follow(world, following_=False)
    entries: Any = await world.redis.xrange("bus:notifications")
    assert [b"unfollowed" in fields[b"e"] for _, fields in entries] == [False, True]


async def test_nobody_follows_themselves_nor_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with refused(INVALID_FIELD):
        await follow(world, HOST, HOST)
    monkeypatch.setattr(rules, "FOLLOWS_MAX", 2)
    await follow(world)
    with refused(INVALID_FIELD):
        await follow(world, BUYER, OTHER_HOST)
    view = (await world.call(BUYER, "GET", "/api/notifications/following")).view
    assert view == FollowingView(host_ids=[HOST.id], show_ids=[])


async def test_only_a_show_that_has_not_started_is_waited_for(world: World) -> None:
    with refused(NOT_FOUND):
        await remind(world)
    await schedule(world)
    assert (await remind(world)).show_ids == [SHOW_ID]
    assert (await remind(world)).show_ids == [SHOW_ID]
    assert (await remind(world, wanted=False)).show_ids == []
    await start(world)
    assert (await remind(world)).show_ids == []
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await remind(world)


async def test_who_follows_and_waits_hears_of_a_start_once(world: World) -> None:
    await schedule(world)
    await follow(world)
    await remind(world)
    await remind(world, OTHER_BUYER)
    await start(world)
    assert await fan_out(world) == 1
    assert await kinds(world) == await kinds(world, OTHER_BUYER) == ["show_started"]
    (told,) = (await inbox(world)).notifications
    assert (told.link, told.params) == (f"/watch/{SHOW_ID}", {"title": "Dresses", "host": "Hanna"})
    await world.handle("notifications", ShowStarted(show_id=SHOW_ID, host_id=HOST.id, started_at_ms=world.clock.now_ms()))
    await fan_out(world)
    assert await kinds(world) == ["show_started"], "a fact that is told twice tells nobody twice"
    assert await count(world, REMINDERS) == 0


async def test_many_followers_are_told_in_batches_and_each_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 3)
    crowd = [Actor(an_id("gst", number), "guest", "Fan") for number in range(10, 18)]
    await schedule(world)
    for number, actor in enumerate(crowd):
        await follow(world, actor)
        if number % 2:
            await remind(world, actor)
    await start(world)
    await world.run_job("notifications", "fan_out")
    told = [actor for actor in crowd if await kinds(world, actor)]
    assert told == crowd[:3]
    assert await fan_out(world) == 2
    for actor in crowd:
        assert await kinds(world, actor) == ["show_started"]


async def test_a_host_with_many_followers_does_not_keep_another_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 1)
    await schedule(world)
    for number in range(10, 15):
        await follow(world, Actor(an_id("gst", number), "guest", "Fan"))
    await start(world)
    await world.run_job("notifications", "fan_out")
    world.clock.advance(1)
    other_id = an_id("shw", 2)
    await follow(world, BUYER, OTHER_HOST)
    await world.call(OTHER_HOST, "POST", "/api/shows", {"show_id": other_id, "title": "Lamps"})
    await world.call(OTHER_HOST, "POST", f"/api/shows/{other_id}/start")
    await world.settle()
    for _ in range(2):
        world.clock.advance(1)
        await world.run_job("notifications", "fan_out")
    assert await kinds(world) == ["show_started"]


async def test_an_unlisted_show_is_told_only_to_who_asked(world: World) -> None:
    await schedule(world, unlisted=True)
    await follow(world)
    await remind(world, OTHER_BUYER)
    await start(world)
    await fan_out(world)
    assert await kinds(world) == []
    assert await kinds(world, OTHER_BUYER) == ["show_started"]


async def test_a_show_that_is_over_is_no_news(world: World) -> None:
    await schedule(world)
    await follow(world)
    await remind(world, OTHER_BUYER)
    await start(world)
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    await world.run_job("notifications", "fan_out")
    await world.settle()
    assert await fan_out(world) == 0
    assert await kinds(world) == await kinds(world, OTHER_BUYER) == []
    assert await count(world, REMINDERS) == 0


async def test_who_waits_is_reminded_ten_minutes_before_and_followers_are_not(world: World) -> None:
    await schedule(world, in_ms=HOUR_MS)
    await follow(world)
    await remind(world, OTHER_BUYER)
    world.clock.advance(HOUR_MS - rules.SOON_MS - 1)
    assert await fan_out(world) == 0
    world.clock.advance(1)
    assert await fan_out(world) == 1
    assert await kinds(world) == []
    assert await kinds(world, OTHER_BUYER) == ["show_reminder"]
    await start(world)
    await fan_out(world)
    assert await kinds(world, OTHER_BUYER) == ["show_reminder", "show_started"]


async def test_a_show_that_starts_early_is_not_announced_any_more(world: World) -> None:
    await schedule(world, in_ms=HOUR_MS)
    await remind(world)
    await start(world)
    await fan_out(world)
    world.clock.advance(HOUR_MS)
    assert await fan_out(world) == 0
    assert await kinds(world) == ["show_started"]


async def test_a_buyer_hears_what_becomes_of_an_order(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1)
    assert await kinds(world) == ["order_confirmed"]
    await world.order(BUYER, 2)
    await world.expire_holds()
    assert await kinds(world) == ["order_confirmed", "order_cancelled"]
    cancelled = (await inbox(world)).notifications[-1]
    assert cancelled.params == {"title": "Dress", "reason": "hold_expired"}
    for event in (
        OrderConfirmed(order_id=an_id("ord", 1), show_id=SHOW_ID, payment_id=an_id("pay", 1)),
        OrderCancelled(order_id=an_id("ord", 2), show_id=SHOW_ID, reason="hold_expired"),
    ):
        await world.handle("notifications", event)
    await world.settle()
    assert len(await kinds(world)) == 2
    assert await kinds(world, OTHER_BUYER) == []
    assert await world.dead_letters() == 0


async def test_a_buyer_hears_that_the_goods_are_on_their_way_and_that_money_comes_back(world: World) -> None:
    await world.open_show()
    order = await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1)
    world.clock.advance(1)
    parcel = {"order_ids": [order.order_id], "carrier": "DHL", "tracking": "00340"}
    await world.call(HOST, "POST", "/api/orders/ship", parcel)
    await world.settle()
    refund = {"refund_id": an_id("rfd", 1), "reason": "a scratch", "amount": 500}
    await world.call(HOST, "POST", f"/api/orders/{order.order_id}/refunds", refund)
    for _ in range(3):
        await world.pass_time(2_000)
        await world.run_job("payments", "give_back")
    await world.settle()
    told = (await inbox(world)).notifications
    assert [each.kind for each in told] == ["order_confirmed", "order_shipped", "order_refunded"]
    assert told[1].params == {"title": "Dress", "carrier": "DHL", "tracking": "00340", "tracked": "yes"}
    assert told[2].params == {"title": "Dress", "amount_minor": "500", "currency": order.total.currency}
    assert [each.link for each in told[1:]] == [f"/order/{order.order_id}"] * 2
    assert order.amounts is not None
    amounts = msgspec.structs.replace(order.amounts, total_minor=500)
    ids = {"order_id": order.order_id, "show_id": SHOW_ID}
    shipped = OrderShipped(**ids, buyer_id=BUYER.id, carrier="DHL", tracking="00340", shipped_at_ms=1)
    refunded = PaymentRefunded(
        **ids, refund_id=an_id("rfd", 1), payment_id=an_id("pay", 1), seller_id=HOST.id, amounts=amounts, refunded_at_ms=1
    )
    for event in (shipped, refunded):  # delivered twice, told once
        await world.handle("notifications", event)
    await world.settle()
    assert len(await kinds(world)) == 3
    assert await kinds(world, OTHER_BUYER) == []
    assert await world.dead_letters() == 0


async def test_a_buyer_who_cancels_need_not_be_told(world: World) -> None:
    await world.open_show()
    await world.order(BUYER, 1)
    await world.call(BUYER, "POST", f"/api/orders/{an_id('ord', 1)}/cancel")
    await world.settle()
    assert await kinds(world) == []


async def test_whoever_asked_hears_that_the_host_has_answered(world: World) -> None:
    answered = QuestionAnswered(
        show_id=SHOW_ID,
        question_id=an_id("qst", 1),
        asker_id=BUYER.id,
        text="Is it wool?",
        answered_at_ms=world.clock.now_ms(),
        answered_at_show_ms=1_000,
    )
    await world.emit(answered)
    await world.handle("notifications", answered)
    (told,) = (await inbox(world)).notifications
    assert (told.kind, told.params) == ("question_answered", {"text": "Is it wool?"})


async def test_another_module_tells_somebody_once_per_id_and_with_its_own_transaction(world: World) -> None:
    await notify(world, 1)
    await notify(world, 1)
    await notify(world, 1, OTHER_BUYER)
    assert await kinds(world) == await kinds(world, OTHER_BUYER) == ["outbid"]

    async def fail_after_telling() -> None:
        async with world.units(SYSTEM) as ctx:
            await ctx.ask(Notify(notification_id=an_id("ntf", 2), actor_id=BUYER.id, kind="outbid", link="/watch/x"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_telling()
    await world.settle()
    assert await kinds(world) == ["outbid"]


async def test_a_link_leads_nowhere_but_into_this_site(world: World) -> None:
    for link in ("https://elsewhere.example/", "//elsewhere.example/", "watch/x"):
        with pytest.raises(AssertionError, match="not a path"):
            async with world.units(SYSTEM) as ctx:
                await ctx.ask(Notify(notification_id=an_id("ntf", 2), actor_id=BUYER.id, kind="outbid", link=link))


async def test_the_mark_moves_forward_only_and_over_what_is_there(world: World) -> None:
    async def read(number: int, actor: Actor = BUYER) -> None:
        await world.call(actor, "POST", "/api/notifications/read", {"notification_id": an_id("ntf", number)})
        await world.settle()

    at_ms = []
    for number in (1, 2, 3):
        await notify(world, number)
        at_ms.append(world.clock.now_ms())
        world.clock.advance(10)
    await read(2)
    assert (await inbox(world)).read_up_to_ms == at_ms[1]
    await read(1)
    await read(2)
    assert (await inbox(world)).read_up_to_ms == at_ms[1]
    assert len(world.screens.pushes[f"inbox:{BUYER.id}"]) == 4, "a mark that does not move is not published"
    await read(3)
    assert (await inbox(world)).read_up_to_ms == at_ms[2]
    with refused(NOT_FOUND):
        await read(9)
    with refused(NOT_FOUND):
        await read(1, OTHER_BUYER)


async def test_a_notification_of_a_late_clock_is_unread(world: World) -> None:
    await notify(world, 1)
    await world.call(BUYER, "POST", "/api/notifications/read", {"notification_id": an_id("ntf", 1)})
    world.clock.step(-5_000)
    await notify(world, 2)
    state = await inbox(world)
    assert state.notifications[-1].notification_id == an_id("ntf", 2)
    assert state.notifications[-1].created_at_ms > state.read_up_to_ms


async def test_an_inbox_is_its_owner_s_alone(world: World) -> None:
    kind = InboxChannel()
    async with world.units(SYSTEM) as ctx:
        assert await kind.load(ctx, "everybody") is None
        assert await kind.load(ctx, SYSTEM.id) is None
        facts = await kind.load(ctx, BUYER.id)
    assert kind.authorise(BUYER, facts) is None
    assert kind.authorise(OTHER_BUYER, facts) == FORBIDDEN
    assert kind.authorise(HOST, facts) == FORBIDDEN


async def test_what_is_old_is_forgotten(world: World) -> None:
    await schedule(world)
    await remind(world)
    await notify(world, 1)
    world.clock.advance(rules.KEPT_MS)
    await notify(world, 2)
    await world.run_job("notifications", "forget")
    assert [each.notification_id for each in (await world.snapshot(InboxChannel(), BUYER.id)).notifications] == [
        an_id("ntf", 1),
        an_id("ntf", 2),
    ]
    world.clock.advance(1)
    await world.run_job("notifications", "forget")
    left = (await world.snapshot(InboxChannel(), BUYER.id)).notifications
    assert [each.notification_id for each in left] == [an_id("ntf", 2)]
    assert await count(world, REMINDERS) == 0


@pytest.mark.parametrize(
    ("endpoint", "keys"),
    [
        ("http://127.0.0.1:1/x", {}),
        ("https://10.0.0.1:8443/x", {}),
        (None, {"auth": "A" * 23}),
        (None, {"p256dh": "A" * 87}),
    ],
)
async def test_a_subscription_that_cannot_work_is_refused(
    world: World, service: FakePushService, endpoint: str | None, keys: dict[str, str]
) -> None:
    browser = Browser("a", "")
    body = {"endpoint": endpoint or service.endpoint(browser), "keys": browser.keys() | keys}
    with refused(PUSH_SUBSCRIPTION_INVALID):
        await world.call(BUYER, "POST", "/api/notifications/push/subscribe", body)
    assert await count(world, SUBSCRIPTIONS) == 0


async def test_the_key_is_made_once(world: World) -> None:
    first = (await world.call(BUYER, "GET", "/api/notifications/push/key")).view
    assert isinstance(first, PushKeyView)
    assert len(first.public_key) == 87
    assert (await world.call(HOST, "GET", "/api/notifications/push/key")).view == first


async def test_a_person_has_ten_browsers_and_the_oldest_makes_room(world: World, service: FakePushService) -> None:
    await subscribe(world, service, "other", OTHER_BUYER)
    for number in range(rules.SUBSCRIPTIONS_MAX + 2):
        world.clock.advance(1)
        await subscribe(world, service, f"b{number}")
    async with world.database.reading() as connection:
        rows = await connection.execute(select(SUBSCRIPTIONS.c.endpoint).where(SUBSCRIPTIONS.c.actor_id == BUYER.id))
        left = {row.endpoint.rpartition("/")[2] for row in rows}
    assert left == {f"b{number}" for number in range(2, rules.SUBSCRIPTIONS_MAX + 2)}
    assert await count(world, SUBSCRIPTIONS) == rules.SUBSCRIPTIONS_MAX + 1
