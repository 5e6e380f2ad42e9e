"""Timed work of the module `webhooks`: sending, and forgetting."""

import random

from schemas.requests.notifications import Notify
from server.kernel.log import get_logger
from server.kernel.metrics import counter
from server.kernel.module import Context
from server.modules.webhooks import rules, store
from server.modules.webhooks.adapters import HookRequest, HookSender, Outcome
from server.modules.webhooks.rules import Health
from server.modules.webhooks.store import Delivery, Hook

SENT = counter("webhooks_attempts_total", "Tries to deliver a webhook by what came of them", ("outcome",))

log = get_logger(__name__)


async def deliver(ctx: Context) -> None:
    """Note what has ended and begin what is due; nothing is waited for, so that no endpoint delays another.

    A delivery is claimed for a minute before it is sent: what a worker that dies has sent and not noted is sent again after that,
    under the same id. That two workers do not send the same is the job's lease.
    """
    sender = ctx.port(HookSender)  # type: ignore[type-abstract]
    finished = sender.take_finished()
    async with ctx.reading() as connection:
        due = []
        for hook in await store.due_hooks(connection, ctx.now_ms):
            room = sender.room(hook.hook_id, failing=hook.failing_since_ms is not None)
            if room:
                due += [(hook, each) for each in await store.due_deliveries(connection, hook.hook_id, ctx.now_ms, room)]
    for request, outcome in finished:
        await _note(ctx, request, outcome)
    for hook, found in due:
        failing = hook.failing_since_ms is not None
        if sender.room(hook.hook_id, failing=failing) and await store.claim(ctx.store, found, ctx.now_ms):
            sender.start(_request(hook, found, ctx.now_ms))


async def forget(ctx: Context) -> None:
    """Nobody replays what is a month old."""
    await store.forget(ctx.store, ctx.now_ms - rules.KEPT_MS)


def _request(hook: Hook, found: Delivery, now_ms: int) -> HookRequest:
    return HookRequest(
        delivery_id=found.delivery_id,
        hook_id=hook.hook_id,
        message_id=found.message_id,
        url=hook.url,
        body=found.payload,
        secrets=hook.target.secrets(now_ms),
        failing=hook.failing_since_ms is not None,
    )


async def _note(ctx: Context, request: HookRequest, outcome: Outcome) -> None:
    SENT.labels("delivered" if rules.is_success(outcome.status) else str(outcome.status or "no_answer")).inc()
    hook = await store.hook(ctx.store, request.hook_id, lock=True)
    found = await store.delivery(ctx.store, request.delivery_id, lock=True)
    if hook is None or found is None:
        return  # its owner has removed the endpoint meanwhile
    after = rules.next_of(found.event, found.attempts + 1, outcome.status, random.random(), ctx.now_ms)
    if found.state != "waiting":
        after = rules.Next(found.state, None)  # type: ignore[arg-type]
    await store.note(ctx.store, found, outcome, after, ctx.now_ms)
    health = rules.health_after(hook.health, outcome.status, ctx.now_ms)
    await store.set_health(ctx.store, hook.hook_id, hook.health, health, ctx.now_ms)
    if health.state == "failed" and hook.state != "failed":
        await _tell_owner(ctx, hook, health)


async def _tell_owner(ctx: Context, hook: Hook, health: Health) -> None:
    log.warning("a webhook is switched off: nothing arrives", hook=hook.hook_id, since_ms=health.failing_since_ms)
    await ctx.ask(
        Notify(
            notification_id=rules.notice_id(hook.hook_id, health),
            actor_id=hook.owner_id,
            kind="webhook_failed",
            link="/webhooks/",
            params={"title": hook.description or hook.url},
        )
    )
