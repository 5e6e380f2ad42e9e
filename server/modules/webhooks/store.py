"""Every query of the module `webhooks`."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, case, delete, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.http.webhooks import AttemptView, DeliveryView, HookView
from server.kernel.module import Store
from server.modules.webhooks import rules
from server.modules.webhooks.adapters import Outcome
from server.modules.webhooks.rules import Health, Next, Target
from server.modules.webhooks.tables import ATTEMPTS, DELIVERIES, HOOKS
from server.store.rows import rows_of

HOOKS_DUE_MAX = 200
FORGOTTEN_MAX = 2_000


class Hook(NamedTuple):
    """An endpoint with its secrets."""

    hook_id: str
    owner_id: str
    url: str
    description: str
    events: list[str]
    state: str
    secret: str
    previous_secret: str | None
    previous_until_ms: int | None
    failing_since_ms: int | None
    created_at_ms: int
    version: int

    @property
    def target(self) -> Target:
        return Target(self.url, self.secret, self.previous_secret, self.previous_until_ms)

    @property
    def health(self) -> Health:
        return Health(self.state, self.failing_since_ms)  # type: ignore[arg-type]


class Delivery(NamedTuple):
    """An event for an endpoint."""

    delivery_id: str
    hook_id: str
    message_id: str
    event: str
    payload: str
    state: str
    attempts: int
    tried: int
    status: int | None
    created_at_ms: int
    next_at_ms: int | None
    done_at_ms: int | None


# Endpoints


async def insert_hook(store: Store, hook: Hook) -> bool:
    """False when there is one with this id."""
    done = await store.execute(insert(HOOKS).values(hook._asdict()).on_conflict_do_nothing())
    return bool(done.rowcount)


async def hook(store: Store, hook_id: str, *, lock: bool = False) -> Hook | None:
    """An endpoint. `lock` keeps others from changing it until the transaction ends."""
    query = select(HOOKS).where(HOOKS.c.hook_id == hook_id)
    row = (await store.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _hook(row)


async def hooks_of(store: Store, owner_id: str) -> list[Hook]:
    """A seller's endpoints, the oldest first."""
    query = select(HOOKS).where(HOOKS.c.owner_id == owner_id).order_by(HOOKS.c.created_at_ms, HOOKS.c.hook_id)
    return [_hook(row) for row in await store.execute(query)]


async def change_hook(store: Store, hook_id: str, values: Mapping[str, Any]) -> None:
    """Its version grows with it."""
    changed = update(HOOKS).where(HOOKS.c.hook_id == hook_id)
    await store.execute(changed.values({**values, "version": HOOKS.c.version + 1}))


async def drop_hook(store: Store, hook_id: str) -> None:
    """With all that was sent to it."""
    await store.execute(delete(HOOKS).where(HOOKS.c.hook_id == hook_id))


async def views(store: Store, hooks: Sequence[Hook]) -> list[HookView]:
    """As their owner sees them."""
    counted = (
        select(DELIVERIES.c.hook_id, DELIVERIES.c.state, func.count().label("deliveries"))
        .where(DELIVERIES.c.hook_id.in_([each.hook_id for each in hooks]), DELIVERIES.c.state != "delivered")
        .group_by(DELIVERIES.c.hook_id, DELIVERIES.c.state)
    )
    counts = {(row.hook_id, row.state): row.deliveries for row in await store.execute(counted)}
    return [
        HookView(
            waiting=counts.get((each.hook_id, "waiting"), 0),
            dead=counts.get((each.hook_id, "dead"), 0),
            **{name: getattr(each, name) for name in HookView.__struct_fields__ if name not in ("waiting", "dead")},
        )
        for each in hooks
    ]


async def set_health(store: Store, hook_id: str, before: Health, after: Health, now_ms: int) -> None:
    """What waits for an endpoint that is switched off now is given up, and can be replayed."""
    if after == before:
        return
    await store.execute(update(HOOKS).where(HOOKS.c.hook_id == hook_id).values(after._asdict()))
    if after.state == "failed":
        waiting = (DELIVERIES.c.hook_id == hook_id) & (DELIVERIES.c.state == "waiting")
        await store.execute(update(DELIVERIES).where(waiting).values(state="dead", next_at_ms=None, done_at_ms=now_ms))


# Deliveries


async def insert_delivery(store: Store, hook: Hook, message: tuple[str, str, str], now_ms: int) -> None:
    """The same message for the same endpoint again changes nothing. When too many wait already, or the endpoint is switched off
    for failing, it is given up at once: what was missed can be replayed."""
    message_id, event, payload = message
    dead = hook.state != "on" or await _waiting(store, hook.hook_id) >= rules.QUEUE_MAX
    row = Delivery(
        delivery_id=rules.delivery_id(hook.hook_id, message_id),
        hook_id=hook.hook_id,
        message_id=message_id,
        event=event,
        payload=payload,
        state="dead" if dead else "waiting",
        attempts=0,
        tried=0,
        status=None,
        created_at_ms=now_ms,
        next_at_ms=None if dead else now_ms,
        done_at_ms=now_ms if dead else None,
    )
    await store.execute(insert(DELIVERIES).values(row._asdict()).on_conflict_do_nothing())


async def due_hooks(store: Store, now_ms: int) -> list[Hook]:
    """Endpoints for which something is due: those that take what they get before those that fail, the longest waiting first."""
    first = (
        select(func.min(DELIVERIES.c.next_at_ms))
        .where(DELIVERIES.c.hook_id == HOOKS.c.hook_id, DELIVERIES.c.next_at_ms <= now_ms)
        .scalar_subquery()
    )
    failing = case((HOOKS.c.failing_since_ms.is_(None), 0), else_=1)
    query = select(HOOKS).where(HOOKS.c.state == "on", first.is_not(None)).order_by(failing, first).limit(HOOKS_DUE_MAX)
    return [_hook(row) for row in await store.execute(query)]


async def due_deliveries(store: Store, hook_id: str, now_ms: int, count: int) -> list[Delivery]:
    """The longest waiting first."""
    due = and_(DELIVERIES.c.hook_id == hook_id, DELIVERIES.c.next_at_ms <= now_ms)
    query = select(DELIVERIES).where(due).order_by(DELIVERIES.c.next_at_ms, DELIVERIES.c.delivery_id).limit(count)
    return [_delivery(row) for row in await store.execute(query)]


async def claim(store: Store, found: Delivery, now_ms: int) -> bool:
    """Take a delivery for one try; False when it has changed since it was read."""
    unchanged = and_(DELIVERIES.c.delivery_id == found.delivery_id, DELIVERIES.c.next_at_ms == found.next_at_ms)
    done = await store.execute(update(DELIVERIES).where(unchanged).values(next_at_ms=now_ms + rules.CLAIM_MS))
    return bool(done.rowcount)


async def delivery(store: Store, delivery_id: str, *, lock: bool = False) -> Delivery | None:
    """A delivery; `lock` as above."""
    query = select(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id)
    row = (await store.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _delivery(row)


async def note(store: Store, found: Delivery, outcome: Outcome, after: Next, now_ms: int) -> None:
    """Write down what came of a try."""
    number = found.tried + 1
    attempt = {"delivery_id": found.delivery_id, "number": number, "at_ms": now_ms, **dataclasses.asdict(outcome)}
    await store.execute(insert(ATTEMPTS).values(attempt))
    values = {
        **after._asdict(),
        "attempts": found.attempts + 1,
        "tried": number,
        "status": outcome.status,
        "done_at_ms": None if after.state == "waiting" else now_ms,
    }
    await store.execute(update(DELIVERIES).where(DELIVERIES.c.delivery_id == found.delivery_id).values(values))


async def replay(store: Store, delivery_ids: Sequence[str], now_ms: int) -> None:
    """As if they were new: under the same message id, with all tries before them."""
    again = {"state": "waiting", "attempts": 0, "next_at_ms": now_ms, "done_at_ms": None}
    await store.execute(update(DELIVERIES).where(DELIVERIES.c.delivery_id.in_(delivery_ids)).values(again))


async def given_up(store: Store, hook_id: str, since_ms: int) -> list[str]:
    """Deliveries that died since then, the oldest first; a ping has nothing to say any more."""
    query = (
        select(DELIVERIES.c.delivery_id)
        .where(
            DELIVERIES.c.hook_id == hook_id,
            DELIVERIES.c.state == "dead",
            DELIVERIES.c.done_at_ms >= since_ms,
            DELIVERIES.c.event != rules.PING,
        )
        .order_by(DELIVERIES.c.created_at_ms)
        .limit(rules.REPLAY_MAX)
    )
    return [row.delivery_id for row in await store.execute(query)]


async def page(store: Store, hook_id: str, state: str | None, after: tuple[int, str] | None) -> list[Delivery]:
    """Newest first; one more than a page when there are more."""
    created, own = DELIVERIES.c.created_at_ms, DELIVERIES.c.delivery_id
    query = select(DELIVERIES).where(DELIVERIES.c.hook_id == hook_id)
    if state is not None:
        query = query.where(DELIVERIES.c.state == state)
    if after is not None:
        query = query.where(or_(created < after[0], and_(created == after[0], own < after[1])))
    query = query.order_by(created.desc(), own.desc()).limit(rules.PAGE + 1)
    return [_delivery(row) for row in await store.execute(query)]


async def attempts(store: Store, delivery_id: str) -> list[AttemptView]:
    """Every try, the newest first; of very many the last ones."""
    query = select(ATTEMPTS).where(ATTEMPTS.c.delivery_id == delivery_id).order_by(ATTEMPTS.c.number.desc()).limit(rules.PAGE)
    return [
        AttemptView(**{name: getattr(row, name) for name in AttemptView.__struct_fields__}) for row in await store.execute(query)
    ]


async def forget(store: Store, before_ms: int) -> None:
    """Delete the oldest of what is older."""
    old = select(DELIVERIES.c.delivery_id).where(DELIVERIES.c.created_at_ms < before_ms)
    oldest = old.order_by(DELIVERIES.c.created_at_ms).limit(FORGOTTEN_MAX)
    await store.execute(delete(DELIVERIES).where(DELIVERIES.c.delivery_id.in_(oldest)))


def view(found: Delivery) -> DeliveryView:
    """As the endpoint's owner sees it."""
    fields = {name: getattr(found, name) for name in DeliveryView.__struct_fields__}
    return DeliveryView(**fields | {"attempts": found.tried})


async def _waiting(store: Store, hook_id: str) -> int:
    waiting = and_(DELIVERIES.c.hook_id == hook_id, DELIVERIES.c.next_at_ms.is_not(None))
    some = select(literal_column("1")).select_from(DELIVERIES).where(waiting).limit(rules.QUEUE_MAX).subquery()
    return int(await store.scalar(select(func.count()).select_from(some)) or 0)


def _hook(row: Any) -> Hook:
    return Hook(*(getattr(row, name) for name in Hook._fields))


def _delivery(row: Any) -> Delivery:
    return Delivery(*(getattr(row, name) for name in Delivery._fields))


async def forget_person(store: Store, actor_id: str) -> None:
    """Somebody's endpoints go, with everything that was sent to them or waits."""
    theirs = select(HOOKS.c.hook_id).where(HOOKS.c.owner_id == actor_id)
    sent = select(DELIVERIES.c.delivery_id).where(DELIVERIES.c.hook_id.in_(theirs))
    await store.execute(delete(ATTEMPTS).where(ATTEMPTS.c.delivery_id.in_(sent)))
    await store.execute(delete(DELIVERIES).where(DELIVERIES.c.hook_id.in_(theirs)))
    await store.execute(delete(HOOKS).where(HOOKS.c.owner_id == actor_id))


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """Somebody's endpoints, without their secrets."""
    return {"endpoints": await rows_of(store, HOOKS, HOOKS.c.owner_id == actor_id, ("secret", "previous_secret"))}
