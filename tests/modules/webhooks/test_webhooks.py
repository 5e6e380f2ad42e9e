"""Webhooks from a fact to a receiver: signatures, retries, misbehaving receivers, replay, rotation, and who may see what."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_FIELD, NOT_FOUND, PRECONDITION_FAILED, WireError
from schemas.events.orders import OrderPlaced
from schemas.http.notifications import InboxState
from schemas.http.webhooks import (
    HOOKS_MAX,
    DeliveryDetailsView,
    DeliveryListView,
    DeliveryView,
    HookListView,
    HookSecretView,
    HookView,
    ReplayView,
)
from schemas.money import Money
from server.bus.jobs import JobRunner
from server.kernel.clock import SystemClock
from server.modules.notifications.channel import InboxChannel
from server.modules.webhooks import adapters, rules
from server.modules.webhooks.adapters import HookRequest, HttpHookSender, Outcome
from server.modules.webhooks.module import MODULE as WEBHOOKS
from server.modules.webhooks.tables import DELIVERIES
from tests.fakes.webhook_receiver import WebhookReceiver, self_signed
from tests.modules.world import BUYER, HOST, OTHER_HOST, SHOW_ID, World, an_id, refused

HOOK = an_id("whk", 1)


def a_hook(receiver: WebhookReceiver, name: str = "a", number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"hook_id": an_id("whk", number), "url": receiver.url(name), "events": ["order.placed", "order.paid"], **fields}


async def register(world: World, receiver: WebhookReceiver, name: str = "a", number: int = 1, **fields: Any) -> str:
    """Returns the secret."""
    view = (await world.call(HOST, "POST", "/api/webhooks/hooks", a_hook(receiver, name, number, **fields))).view
    assert isinstance(view, HookSecretView)
    return view.secret


async def happen(world: World, number: int) -> None:
    """An order is placed in the host's show."""
    placed = OrderPlaced(
        order_id=an_id("ord", number),
        show_id=SHOW_ID,
        buyer_id=BUYER.id,
        total=Money(amount_minor=1_999, currency="EUR"),
        hold_expires_at_ms=1,
        seller_id=HOST.id,
    )
    await world.handle("webhooks", placed)


async def deliver(world: World) -> None:
    """Begin what is due, let it end, and note what came of it."""
    await world.run_job("webhooks", "deliver")
    await world.hooks.idle()
    await world.run_job("webhooks", "deliver")


async def hook_now(world: World, number: int = 1) -> HookView:
    view = (await world.call(HOST, "GET", "/api/webhooks/hooks")).view
    assert isinstance(view, HookListView)
    (found,) = [each for each in view.hooks if each.hook_id == an_id("whk", number)]
    return found


async def deliveries(world: World, number: int = 1, **query: str) -> list[DeliveryView]:
    view = (await world.call(HOST, "GET", f"/api/webhooks/hooks/{an_id('whk', number)}/deliveries", query=query)).view
    assert isinstance(view, DeliveryListView)
    return view.deliveries


async def details(world: World, delivery_id: str) -> DeliveryDetailsView:
    view = (await world.call(HOST, "GET", f"/api/webhooks/deliveries/{delivery_id}")).view
    assert isinstance(view, DeliveryDetailsView)
    return view


async def fail_for_good(world: World) -> None:
    """Let time pass from try to try until nothing waits."""
    while waiting := [each.next_at_ms for each in await deliveries(world, state="waiting") if each.next_at_ms]:
        world.clock.advance(max(0, min(waiting) - world.clock.now_ms()))
        await deliver(world)


async def test_a_purchase_arrives_signed_and_says_what_happened(world: World, receiver: WebhookReceiver) -> None:
    secret = await register(world, receiver)
    await world.order(BUYER, 1)
    await world.pay(BUYER, 1, 1)
    await deliver(world)
    got = receiver.inbox("a").got
    assert sorted(message.json["type"] for message in got) == ["order.paid", "order.placed"]
    assert len({message.id for message in got}) == 2
    for message in got:
        assert message.is_signed_with(secret)
        assert message.json["data"]["order_id"] == an_id("ord", 1)
        assert message.timestamp == world.clock.now_ms() // 1_000
    assert [each.state for each in await deliveries(world)] == ["delivered"] * 2
    await deliver(world)
    assert len(got) == 2
    assert await world.dead_letters() == 0


async def test_the_official_library_accepts_the_signature_and_nothing_else(receiver: WebhookReceiver) -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    sender = HttpHookSender(SystemClock(), [receiver.origin.removeprefix("http://")])
    sender.start(HookRequest("dlv_1", HOOK, "msg_1", receiver.url("a"), '{"type":"ping"}', (secret,), False))
    await sender.idle()
    (message,) = receiver.inbox("a").got
    headers = {
        "webhook-id": message.id,
        "webhook-timestamp": str(message.timestamp),
        "webhook-signature": " ".join(message.signatures),
    }
    assert Webhook(secret).verify(message.body, headers) == {"type": "ping"}
    for body, key in ((message.body + " ", secret), (message.body, "whsec_" + "A" * 32)):
        with pytest.raises(Exception, match="No matching signature"):
            Webhook(key).verify(body, headers)
    await sender.close()


async def test_other_hosts_and_unwanted_events_get_nothing(world: World, receiver: WebhookReceiver) -> None:
    await world.call(OTHER_HOST, "POST", "/api/webhooks/hooks", a_hook(receiver, "other", 2))
    await register(world, receiver, events=["show.ended"])
    await register(world, receiver, "off", 3)
    await world.call(HOST, "PATCH", f"/api/webhooks/hooks/{an_id('whk', 3)}", {"enabled": False})
    await happen(world, 1)
    await deliver(world)
    assert {name: inbox.got for name, inbox in receiver.inboxes.items() if inbox.got} == {}
    assert await deliveries(world) == await deliveries(world, 3) == []


async def test_what_fails_is_tried_again_with_the_same_id_and_a_new_signature_until_it_is_given_up(
    world: World, receiver: WebhookReceiver
) -> None:
    secret = await register(world, receiver)
    receiver.inbox("a").always = 500
    await happen(world, 1)
    await deliver(world)
    (waiting,) = await deliveries(world)
    assert (waiting.state, waiting.attempts, waiting.status) == ("waiting", 1, 500)
    world.clock.advance(4_999)
    await deliver(world)
    assert len(receiver.inbox("a").got) == 1
    await fail_for_good(world)
    got = receiver.inbox("a").got
    assert len(got) == 8
    assert len({message.id for message in got}) == 1
    assert len({message.timestamp for message in got}) == 8
    assert len({message.body for message in got}) == 1
    assert all(message.is_signed_with(secret) for message in got)
    (dead,) = await deliveries(world, state="dead")
    assert [attempt.number for attempt in (await details(world, dead.delivery_id)).attempts] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (await hook_now(world)).dead == 1
    receiver.inbox("a").always = 200
    assert (await world.call(HOST, "POST", f"/api/webhooks/deliveries/{dead.delivery_id}/replay")).status == 202
    await deliver(world)
    assert (got[-1].id, len(got)) == (got[0].id, 9)
    (after,) = await deliveries(world)
    assert (after.state, after.attempts) == ("delivered", 9)
    assert (await hook_now(world)).failing_since_ms is None


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [(500, 500, "answer 500\ufffd"), (404, 404, "answer 404"), ("redirect", 307, ""), ("endless", 200, "xxx"), (204, 204, "")],
)
async def test_the_log_has_the_status_and_the_first_bytes_of_the_answer(
    world: World, receiver: WebhookReceiver, answer: int | str, status: int, text: str
) -> None:
    await register(world, receiver)
    receiver.inbox("a").always = answer
    await happen(world, 1)
    await deliver(world)
    (found,) = await deliveries(world)
    (attempt,) = (await details(world, found.delivery_id)).attempts
    assert (attempt.status, attempt.error) == (status, "")
    assert attempt.answer.startswith(text)
    assert len(attempt.answer) <= adapters.TEXT_MAX
    assert (found.state == "delivered") == (200 <= status < 300)
    assert "elsewhere" not in receiver.inboxes, "a redirect is not followed"


async def test_a_silent_endpoint_delays_nobody_and_takes_few_places(
    world: World, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.hooks, "_deadline_s", 600.0)
    await register(world, receiver, "silent", 1)
    receiver.inbox("silent").always = "silent"
    await register(world, receiver, "healthy", 2)
    for number in range(1, 7):
        await happen(world, number)
    async with asyncio.timeout(120):
        while len(receiver.inbox("healthy").got) < 6:
            await world.run_job("webhooks", "deliver")
    assert receiver.inbox("silent").most_waiting == adapters.IN_FLIGHT_MAX
    assert receiver.inbox("silent").waiting == adapters.IN_FLIGHT_MAX
    assert world.hooks.room(HOOK, failing=False) == 0
    receiver.release.set()
    await deliver(world)
    await deliver(world)
    assert [each.state for each in await deliveries(world)] == ["delivered"] * 6


async def test_silence_ends_at_the_deadline(world: World, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.hooks, "_deadline_s", 0.2)
    await register(world, receiver)
    receiver.inbox("a").always = "silent"
    await happen(world, 1)
    await deliver(world)
    (found,) = await deliveries(world)
    (attempt,) = (await details(world, found.delivery_id)).attempts
    assert (attempt.status, attempt.error) == (None, "no answer within 0.2 s")


async def test_a_certificate_that_nobody_trusts_is_refused(clock: SystemClock, tmp_path: Path) -> None:
    asked = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += bool(await reader.read(1))
        writer.close()

    with self_signed(tmp_path) as context:
        async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
            port = server.sockets[0].getsockname()[1]
            outcome = await send(f"https://127.0.0.1:{port}/", [f"127.0.0.1:{port}"])
    assert outcome.status is None
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.error
    assert asked == 0


async def send(url: str, trusted: list[str], deadline_s: float = 5.0) -> Outcome:
    sender = HttpHookSender(SystemClock(), trusted, deadline_s)
    sender.start(HookRequest("dlv_1", HOOK, "msg_1", url, "{}", ("whsec_" + "A" * 32,), False))
    await sender.idle()
    ((_, outcome),) = sender.take_finished()
    await sender.close()
    return outcome


async def test_nothing_is_sent_to_an_address_that_is_not_public(receiver: WebhookReceiver) -> None:
    port = receiver.origin.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "169.254.169.254", "[::1]", "no-such-host.invalid"):
        outcome = await send(f"http://{host}:{port}/hooks/a", [])
        assert outcome.status is None, host
        assert "not public" in outcome.error or "looked up" in outcome.error
    assert receiver.inboxes == {}


async def test_an_answer_that_is_no_http_and_a_line_that_is_cut_are_outcomes() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"SSH-2.0-OpenSSH\r\n")
        writer.close()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    for behaviour in (babble, hang_up):
        async with await asyncio.start_server(behaviour, "127.0.0.1", 0) as server:
            address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            outcome = await send(f"http://{address}/", [address])
        assert outcome.status is None
        assert outcome.error


async def test_the_old_secret_signs_for_a_day_after_a_rotation_and_a_repetition_does_not_rotate_twice(
    world: World, receiver: WebhookReceiver
) -> None:
    old = await register(world, receiver)
    version = (await hook_now(world)).version
    reply = await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/rotate", {"version": version})
    assert isinstance(reply.view, HookSecretView)
    new = reply.view.secret
    with refused(PRECONDITION_FAILED):
        await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/rotate", {"version": version})
    await happen(world, 1)
    await deliver(world)
    world.clock.advance(rules.ROTATION_MS)
    await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/ping")
    await deliver(world)
    first, second = receiver.inbox("a").got
    assert (first.is_signed_with(old), first.is_signed_with(new)) == (True, True)
    assert (second.is_signed_with(old), second.is_signed_with(new)) == (False, True)


async def test_days_of_failure_switch_an_endpoint_off_and_everything_can_be_replayed(
    world: World, receiver: WebhookReceiver
) -> None:
    await register(world, receiver, description="My warehouse")
    receiver.inbox("a").always = 503
    await happen(world, 1)
    await deliver(world)
    first_ms = world.clock.now_ms()
    await fail_for_good(world)
    world.clock.advance(first_ms + rules.DISABLED_AFTER_MS - world.clock.now_ms())
    await happen(world, 2)
    await deliver(world)
    assert (await hook_now(world)).state == "failed"
    await happen(world, 3)
    await deliver(world)
    asked = len(receiver.inbox("a").got)
    assert [each.state for each in await deliveries(world)] == ["dead"] * 3
    inbox = await world.snapshot(InboxChannel(), HOST.id)
    assert isinstance(inbox, InboxState)
    assert [(item.kind, item.params["title"]) for item in inbox.notifications] == [("webhook_failed", "My warehouse")]
    receiver.inbox("a").always = 200
    assert (await world.call(HOST, "PATCH", f"/api/webhooks/hooks/{HOOK}", {"enabled": True})).view == await hook_now(world)
    late = (await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/replay", {"since_ms": world.clock.now_ms()})).view
    assert isinstance(late, ReplayView)
    assert late.replayed == 2
    everything = (await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/replay", {"since_ms": 0})).view
    assert isinstance(everything, ReplayView)
    assert everything.replayed == 1
    await deliver(world)
    assert len(receiver.inbox("a").got) == asked + 3
    assert (await hook_now(world)).dead == 0


async def test_an_endpoint_that_says_it_is_gone_is_switched_off_at_once(world: World, receiver: WebhookReceiver) -> None:
    await register(world, receiver)
    receiver.inbox("a").always = 410
    await happen(world, 1)
    await deliver(world)
    assert (await hook_now(world)).state == "failed"


async def test_a_ping_is_sent_once_and_seen_in_the_deliveries(world: World, receiver: WebhookReceiver) -> None:
    await register(world, receiver)
    receiver.inbox("a").always = 500
    await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/ping")
    await fail_for_good(world)
    (ping,) = await deliveries(world)
    assert (ping.event, ping.state, len(receiver.inbox("a").got)) == ("ping", "dead", 1)
    replayed = (await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/replay", {"since_ms": 0})).view
    assert isinstance(replayed, ReplayView)
    assert replayed.replayed == 0


async def test_a_full_queue_gives_up_what_comes_and_keeps_it(
    world: World, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "QUEUE_MAX", 2)
    await register(world, receiver)
    for number in range(1, 4):
        await happen(world, number)
    assert sorted(each.state for each in await deliveries(world)) == ["dead", "waiting", "waiting"]
    assert (await hook_now(world)).waiting == 2


async def test_a_crash_between_sending_and_noting_sends_again_under_the_same_id(world: World, receiver: WebhookReceiver) -> None:
    await register(world, receiver)
    await happen(world, 1)
    await world.run_job("webhooks", "deliver")
    await world.hooks.idle()
    assert len(world.hooks.take_finished()) == 1  # and the worker dies
    await deliver(world)
    assert len(receiver.inbox("a").got) == 1, "a claimed delivery is nobody else's"
    world.clock.advance(rules.CLAIM_MS)
    await deliver(world)
    first, second = receiver.inbox("a").got
    assert first.id == second.id
    assert [each.state for each in await deliveries(world)] == ["delivered"]


async def test_two_workers_do_not_send_the_same(world: World, receiver: WebhookReceiver) -> None:
    await register(world, receiver)
    for number in range(1, 4):
        await happen(world, number)
    workers = [JobRunner([WEBHOOKS], world.units, world.redis, world.clock, name) for name in ("one", "two")]
    await asyncio.gather(*(worker.step() for worker in workers))
    await world.hooks.idle()
    assert len(receiver.inbox("a").got) == 3


async def test_what_is_a_month_old_is_forgotten(world: World, receiver: WebhookReceiver) -> None:
    await register(world, receiver)
    await happen(world, 1)
    await deliver(world)
    world.clock.advance(rules.KEPT_MS)
    await world.run_job("webhooks", "forget")
    assert len(await deliveries(world)) == 1
    world.clock.advance(1)
    await world.run_job("webhooks", "forget")
    assert await deliveries(world) == []


async def test_an_endpoint_that_is_removed_takes_everything_with_it(world: World, receiver: WebhookReceiver) -> None:
    await register(world, receiver)
    await happen(world, 1)
    await world.run_job("webhooks", "deliver")
    await world.call(HOST, "DELETE", f"/api/webhooks/hooks/{HOOK}")
    await deliver(world)
    async with world.database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(DELIVERIES)) == 0


async def test_deliveries_have_pages(world: World, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PAGE", 2)
    await register(world, receiver)
    for number in range(1, 4):
        await happen(world, number)
    path = f"/api/webhooks/hooks/{HOOK}/deliveries"
    first = (await world.call(HOST, "GET", path)).view
    assert isinstance(first, DeliveryListView)
    assert first.after is not None
    second = (await world.call(HOST, "GET", path, query={"after": first.after})).view
    assert isinstance(second, DeliveryListView)
    assert second.after is None
    assert len({each.delivery_id for each in [*first.deliveries, *second.deliveries]}) == 3


async def test_the_secret_is_shown_again_only_while_nothing_was_sent(world: World, receiver: WebhookReceiver) -> None:
    secret = await register(world, receiver)
    assert await register(world, receiver) == secret, "the answer may have been lost"
    with refused(IDEMPOTENCY_CONFLICT):
        await register(world, receiver, "another")
    with refused(IDEMPOTENCY_CONFLICT):
        await world.call(OTHER_HOST, "POST", "/api/webhooks/hooks", a_hook(receiver))
    await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/ping")
    with refused(IDEMPOTENCY_CONFLICT):
        await register(world, receiver)
    assert secret not in str((await world.call(HOST, "GET", "/api/webhooks/hooks")).view)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1:8443/",
        "https://localhost/",
        "https://db.internal/",
    ],
)
async def test_an_address_that_leads_inside_is_refused_before_anything_is_sent(
    world: World, receiver: WebhookReceiver, url: str
) -> None:
    with refused(INVALID_FIELD) as refusal:
        await world.call(HOST, "POST", "/api/webhooks/hooks", a_hook(receiver) | {"url": url})
    assert refusal.extra == {"field": "/url"}
    await register(world, receiver)
    with refused(INVALID_FIELD):
        await world.call(HOST, "PATCH", f"/api/webhooks/hooks/{HOOK}", {"url": url})


BAD: list[tuple[str, str, dict[str, Any] | None, WireError]] = [
    ("PATCH", f"/api/webhooks/hooks/{an_id('whk', 9)}", {}, NOT_FOUND),
    ("DELETE", "/api/webhooks/hooks/nonsense", None, NOT_FOUND),
    ("POST", f"/api/webhooks/hooks/{an_id('whk', 9)}/ping", None, NOT_FOUND),
    ("POST", f"/api/webhooks/hooks/{an_id('whk', 9)}/rotate", {"version": 1}, NOT_FOUND),
    ("POST", f"/api/webhooks/hooks/{an_id('whk', 9)}/replay", {"since_ms": 0}, NOT_FOUND),
    ("GET", f"/api/webhooks/hooks/{an_id('whk', 9)}/deliveries", None, NOT_FOUND),
    ("GET", f"/api/webhooks/deliveries/{an_id('dlv', 9)}", None, NOT_FOUND),
    ("POST", f"/api/webhooks/deliveries/{an_id('dlv', 9)}/replay", None, NOT_FOUND),
]


@pytest.mark.parametrize(("method", "path", "body", "error"), BAD)
async def test_what_is_not_there_is_named(
    world: World, method: str, path: str, body: dict[str, Any] | None, error: WireError
) -> None:
    with refused(error):
        await world.call(HOST, method, path, body)


async def test_nobody_reads_or_changes_another_seller_s_webhooks(world: World, receiver: WebhookReceiver) -> None:
    await register(world, receiver)
    await happen(world, 1)
    (found,) = await deliveries(world)
    for method, path, body in (
        ("PATCH", f"/api/webhooks/hooks/{HOOK}", {"enabled": False}),
        ("DELETE", f"/api/webhooks/hooks/{HOOK}", None),
        ("POST", f"/api/webhooks/hooks/{HOOK}/ping", None),
        ("POST", f"/api/webhooks/hooks/{HOOK}/rotate", {"version": 1}),
        ("POST", f"/api/webhooks/hooks/{HOOK}/replay", {"since_ms": 0}),
        ("GET", f"/api/webhooks/hooks/{HOOK}/deliveries", None),
        ("GET", f"/api/webhooks/deliveries/{found.delivery_id}", None),
        ("POST", f"/api/webhooks/deliveries/{found.delivery_id}/replay", None),
    ):
        with refused(FORBIDDEN):
            await world.call(OTHER_HOST, method, path, body)
    assert (await hook_now(world)).state == "on"


async def test_bad_queries_and_too_many_endpoints_are_refused(world: World, receiver: WebhookReceiver) -> None:
    await register(world, receiver)
    for query in ({"state": "lost"}, {"after": "x"}, {"after": "9"}, {"after": ".dlv"}):
        with refused(INVALID_FIELD):
            await world.call(HOST, "GET", f"/api/webhooks/hooks/{HOOK}/deliveries", query=query)
    await world.call(HOST, "PATCH", f"/api/webhooks/hooks/{HOOK}", {"enabled": False})
    with refused(INVALID_FIELD):
        await world.call(HOST, "POST", f"/api/webhooks/hooks/{HOOK}/ping")
    for number in range(2, HOOKS_MAX + 1):
        await register(world, receiver, number=number)
    with refused(INVALID_FIELD):
        await register(world, receiver, number=HOOKS_MAX + 1)


async def test_failing_endpoints_leave_places_for_healthy_ones(world: World, receiver: WebhookReceiver) -> None:
    for number in range(adapters.REQUESTS_MAX):
        hook_id = an_id("whk", number)
        if world.hooks.room(hook_id, failing=True):
            receiver.inbox("slow").always = "silent"
            world.hooks.start(
                HookRequest(f"dlv_{number}", hook_id, "msg_1", receiver.url("slow"), "{}", ("whsec_" + "A" * 32,), True)
            )
    assert world.hooks.room(an_id("whk", 999), failing=True) == 0
    assert world.hooks.room(an_id("whk", 999), failing=False) == adapters.IN_FLIGHT_MAX
    receiver.release.set()
    await world.hooks.idle()
