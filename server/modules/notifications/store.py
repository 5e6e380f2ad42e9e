"""Every query of the module `notifications`."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.http.notifications import INBOX_MAX, InboxState, NotificationView, SubscribePush
from server.kernel.module import Store
from server.modules.notifications import rules
from server.modules.notifications.rules import FanoutKind
from server.modules.notifications.tables import (
    CHOICES,
    DELIVERIES,
    FANOUTS,
    FOLLOWS,
    ITEMS,
    KEYS,
    READS,
    REMINDERS,
    SUBSCRIPTIONS,
)
from server.store.rows import rows_of

FIELDS = NotificationView.__struct_fields__
FORGOTTEN_MAX = 1_000
"""Rows that one round of forgetting deletes: a fraction of a second of the writer's time."""


class Fanout(NamedTuple):
    """A notification for many; everybody up to `told_up_to` has it."""

    show_id: str
    kind: FanoutKind
    host_id: str
    told_up_to: str


class Delivery(NamedTuple):
    """A push that is due, with everything to send it."""

    delivery_id: int
    subscription_id: str
    subscribed_at_ms: int
    attempts: int
    expires_at_ms: int
    endpoint: str
    p256dh: str
    auth: str
    locale: str
    notification: NotificationView


# Follows and reminders


async def follow(store: Store, actor_id: str, host_id: str, now_ms: int) -> bool:
    """Follow; False when that was so before."""
    row = {"host_id": host_id, "actor_id": actor_id, "followed_at_ms": now_ms}
    return bool((await store.execute(insert(FOLLOWS).values(row).on_conflict_do_nothing())).rowcount)


async def unfollow(store: Store, actor_id: str, host_id: str) -> bool:
    """Stop following; False when nobody followed."""
    query = delete(FOLLOWS).where(FOLLOWS.c.host_id == host_id, FOLLOWS.c.actor_id == actor_id)
    return bool((await store.execute(query)).rowcount)


async def is_following(store: Store, actor_id: str, host_id: str) -> bool:
    """Whether somebody follows a host."""
    query = select(FOLLOWS.c.host_id).where(FOLLOWS.c.host_id == host_id, FOLLOWS.c.actor_id == actor_id)
    return await store.scalar(query) is not None


async def add_reminder(store: Store, actor_id: str, show_id: str, now_ms: int) -> None:
    """Remember who waits for a show."""
    row = {"show_id": show_id, "actor_id": actor_id, "asked_at_ms": now_ms}
    await store.execute(insert(REMINDERS).values(row).on_conflict_do_nothing())


async def drop_reminder(store: Store, actor_id: str, show_id: str) -> None:
    """Somebody waits no more."""
    await store.execute(delete(REMINDERS).where(REMINDERS.c.show_id == show_id, REMINDERS.c.actor_id == actor_id))


async def drop_reminders(store: Store, show_id: str) -> None:
    """Nobody waits for this show any more."""
    await store.execute(delete(REMINDERS).where(REMINDERS.c.show_id == show_id))


async def following(store: Store, actor_id: str) -> tuple[list[str], list[str]]:
    """Hosts that somebody follows and shows that somebody waits for, in order of id."""
    hosts = select(FOLLOWS.c.host_id).where(FOLLOWS.c.actor_id == actor_id).order_by(FOLLOWS.c.host_id)
    shows = select(REMINDERS.c.show_id).where(REMINDERS.c.actor_id == actor_id).order_by(REMINDERS.c.show_id)
    host_ids = [row.host_id for row in await store.execute(hosts.limit(rules.FOLLOWS_MAX))]
    return host_ids, [row.show_id for row in await store.execute(shows.limit(rules.FOLLOWS_MAX))]


async def followed(store: Store, actor_id: str) -> list[tuple[str, int]]:
    """Hosts that somebody follows and since when, newest first."""
    query = select(FOLLOWS.c.host_id, FOLLOWS.c.followed_at_ms).where(FOLLOWS.c.actor_id == actor_id)
    newest = query.order_by(FOLLOWS.c.followed_at_ms.desc(), FOLLOWS.c.host_id).limit(rules.FOLLOWS_MAX)
    return [(row.host_id, row.followed_at_ms) for row in await store.execute(newest)]


async def count_browsers(store: Store, actor_id: str) -> int:
    """How many browsers of somebody take pushes."""
    query = select(func.count()).select_from(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.actor_id == actor_id)
    return int(await store.scalar(query) or 0)


# Inboxes


async def inbox(store: Store, actor_id: str) -> InboxState:
    """What the inbox shows."""
    newest = (ITEMS.c.created_at_ms.desc(), ITEMS.c.notification_id.desc())
    query = select(ITEMS).where(ITEMS.c.actor_id == actor_id).order_by(*newest).limit(INBOX_MAX)
    found = [_notification(row) for row in await store.execute(query)]
    mark = await store.scalar(select(READS.c.read_up_to_ms).where(READS.c.actor_id == actor_id))
    return rules.inbox(found, mark or 0)


async def insert_items(
    store: Store, notification: NotificationView, actor_ids: Sequence[str]
) -> list[tuple[str, NotificationView]]:
    """Put a notification into inboxes; returns those that did not have it, each as it lies there."""
    late = select(READS).where(READS.c.actor_id.in_(actor_ids), READS.c.read_up_to_ms >= notification.created_at_ms)
    marks = {row.actor_id: row.read_up_to_ms for row in await store.execute(late)}
    made = {actor_id: rules.after_mark(notification, marks.get(actor_id, 0)) for actor_id in actor_ids}
    rows = [{"actor_id": actor_id, **msgspec.structs.asdict(each)} for actor_id, each in made.items()]
    query = insert(ITEMS).on_conflict_do_nothing().returning(ITEMS.c.actor_id)
    new = {row.actor_id for row in await store.execute(query, rows)}
    return [(actor_id, each) for actor_id, each in made.items() if actor_id in new]


async def read_up_to(store: Store, actor_id: str, notification_id: str) -> int | None:
    """Move the mark to a notification; returns where it is now, or None when there is no such notification."""
    where = (ITEMS.c.actor_id == actor_id) & (ITEMS.c.notification_id == notification_id)
    at_ms: int | None = await store.scalar(select(ITEMS.c.created_at_ms).where(where))
    if at_ms is None:
        return None
    row = insert(READS).values(actor_id=actor_id, read_up_to_ms=at_ms)
    higher = READS.c.read_up_to_ms < row.excluded.read_up_to_ms
    moved = row.on_conflict_do_update(
        index_elements=["actor_id"], set_={"read_up_to_ms": row.excluded.read_up_to_ms}, where=higher
    )
    return at_ms if (await store.execute(moved)).rowcount else 0


async def forget(store: Store, before_ms: int) -> None:
    """Delete the oldest of what is older."""
    oldest = (
        select(ITEMS.c.actor_id, ITEMS.c.notification_id)
        .where(ITEMS.c.created_at_ms < before_ms)
        .order_by(ITEMS.c.created_at_ms)
        .limit(FORGOTTEN_MAX)
    )
    for actor_id, notification_id in (await store.execute(oldest)).all():
        where = (ITEMS.c.actor_id == actor_id) & (ITEMS.c.notification_id == notification_id)
        await store.execute(delete(ITEMS).where(where))
    await store.execute(delete(REMINDERS).where(REMINDERS.c.asked_at_ms < before_ms))


# Notifications for many


async def insert_fanout(store: Store, kind: FanoutKind, show_id: str, host_id: str, due_at_ms: int) -> None:
    """Tell many, from `due_at_ms` on; once per show and kind."""
    row = {"show_id": show_id, "kind": kind, "host_id": host_id, "due_at_ms": due_at_ms, "told_up_to": ""}
    await store.execute(insert(FANOUTS).values(row).on_conflict_do_nothing())


async def due_fanout(store: Store, now_ms: int) -> Fanout | None:
    """The one that has rested longest, so that a host with many followers does not keep the others waiting."""
    query = select(FANOUTS).where(FANOUTS.c.due_at_ms <= now_ms).order_by(FANOUTS.c.due_at_ms, FANOUTS.c.show_id).limit(1)
    return _fanout((await store.execute(query)).one_or_none())


async def lock_fanout(store: Store, found: Fanout) -> Fanout | None:
    """As it is now; None when it has ended meanwhile."""
    query = select(FANOUTS).where(FANOUTS.c.show_id == found.show_id, FANOUTS.c.kind == found.kind).with_for_update()
    return _fanout((await store.execute(query)).one_or_none())


async def people(store: Store, fanout: Fanout, *, with_followers: bool, count: int) -> list[str]:
    """The next ones to tell, in order of their ids; who follows the host and waits for the show as well is there once."""
    waiting = select(REMINDERS.c.actor_id).where(REMINDERS.c.show_id == fanout.show_id, REMINDERS.c.actor_id > fanout.told_up_to)
    followers = select(FOLLOWS.c.actor_id).where(FOLLOWS.c.host_id == fanout.host_id, FOLLOWS.c.actor_id > fanout.told_up_to)
    both = waiting.union(followers) if with_followers else waiting
    found = await store.execute(both.order_by("actor_id").limit(count))
    return [row.actor_id for row in found]


async def move_fanout(store: Store, fanout: Fanout, told_up_to: str, now_ms: int) -> None:
    """Go on behind this person the next time."""
    where = (FANOUTS.c.show_id == fanout.show_id) & (FANOUTS.c.kind == fanout.kind)
    await store.execute(update(FANOUTS).where(where).values(told_up_to=told_up_to, due_at_ms=now_ms))


async def end_fanouts(store: Store, show_id: str, *kinds: FanoutKind) -> None:
    """Nobody more is told."""
    await store.execute(delete(FANOUTS).where(FANOUTS.c.show_id == show_id, FANOUTS.c.kind.in_(kinds)))


# Pushes


async def private_key(store: Store) -> str | None:
    """The server's VAPID key."""
    found: str | None = await store.scalar(select(KEYS.c.private_key))
    return found


async def keep_private_key(store: Store, made: str, now_ms: int) -> str:
    """The key that counts: of several made at once the first."""
    await store.execute(insert(KEYS).values(key_id=1, private_key=made, made_at_ms=now_ms).on_conflict_do_nothing())
    kept = await private_key(store)
    assert kept is not None
    return kept


async def subscribe(store: Store, actor_id: str, body: SubscribePush, now_ms: int) -> None:
    """A browser takes this person's pushes, and nobody else's any more."""
    subscription_id = rules.subscription_id(body.endpoint)
    row = {
        "subscription_id": subscription_id,
        "actor_id": actor_id,
        "endpoint": body.endpoint,
        "p256dh": body.keys.p256dh,
        "auth": body.keys.auth,
        "locale": body.locale,
        "subscribed_at_ms": now_ms,
    }
    query = insert(SUBSCRIPTIONS).values(row)
    await store.execute(query.on_conflict_do_update(index_elements=["subscription_id"], set_=row))
    others = (DELIVERIES.c.subscription_id == subscription_id) & (DELIVERIES.c.actor_id != actor_id)
    await store.execute(delete(DELIVERIES).where(others))
    newest = (
        select(SUBSCRIPTIONS.c.subscription_id)
        .where(SUBSCRIPTIONS.c.actor_id == actor_id)
        .order_by(SUBSCRIPTIONS.c.subscribed_at_ms.desc(), SUBSCRIPTIONS.c.subscription_id)
        .limit(rules.SUBSCRIPTIONS_MAX)
    )
    kept = [each.subscription_id for each in await store.execute(newest)]
    surplus = (SUBSCRIPTIONS.c.actor_id == actor_id) & SUBSCRIPTIONS.c.subscription_id.not_in(kept)
    await store.execute(delete(SUBSCRIPTIONS).where(surplus))


async def unsubscribe(store: Store, actor_id: str, endpoint: str) -> None:
    """The browser takes no more pushes of this person."""
    found = SUBSCRIPTIONS.c.subscription_id == rules.subscription_id(endpoint)
    await store.execute(delete(SUBSCRIPTIONS).where(found, SUBSCRIPTIONS.c.actor_id == actor_id))


async def queue_pushes(
    store: Store, notification: NotificationView, actor_ids: Iterable[str], now_ms: int, expires_at_ms: int
) -> None:
    """A push to every browser of these people."""
    sub = SUBSCRIPTIONS.c
    values = {
        "subscription_id": sub.subscription_id,
        "actor_id": sub.actor_id,
        "notification_id": literal(notification.notification_id),
        "attempts": literal(0),
        "next_at_ms": literal(now_ms),
        "expires_at_ms": literal(expires_at_ms),
    }
    rows = select(*[value.label(name) for name, value in values.items()]).where(
        sub.actor_id.in_(list(actor_ids)), _wanted(notification.kind)
    )
    await store.execute(insert(DELIVERIES).from_select(list(values), rows).on_conflict_do_nothing())


def _wanted(kind: str) -> ColumnElement[bool]:
    """Whose browser it is wants this kind pushed."""
    return ~exists().where(CHOICES.c.actor_id == SUBSCRIPTIONS.c.actor_id, CHOICES.c.kind == kind)


async def due_deliveries(store: Store, now_ms: int, count: int) -> list[Delivery]:
    """What is to be sent now. Who has failed before waits behind who has not: an address that never answers takes the time of
    the patient only."""
    item = (ITEMS.c.actor_id == DELIVERIES.c.actor_id) & (ITEMS.c.notification_id == DELIVERIES.c.notification_id)
    query = (
        select(DELIVERIES, SUBSCRIPTIONS, *[ITEMS.c[name] for name in FIELDS if name != "notification_id"])
        .join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.subscription_id == DELIVERIES.c.subscription_id)
        .join(ITEMS, item)
        .where(
            DELIVERIES.c.next_at_ms <= now_ms,
            DELIVERIES.c.expires_at_ms > now_ms,
            SUBSCRIPTIONS.c.actor_id == DELIVERIES.c.actor_id,
        )
        .order_by(DELIVERIES.c.attempts, DELIVERIES.c.next_at_ms)
        .limit(count)
    )
    return [_delivery(row) for row in await store.execute(query)]


async def has_expired(store: Store, now_ms: int) -> bool:
    """Whether a push is no longer worth being sent."""
    return await store.scalar(select(DELIVERIES.c.delivery_id).where(DELIVERIES.c.expires_at_ms <= now_ms).limit(1)) is not None


async def drop_expired(store: Store, now_ms: int) -> None:
    """Nobody wants to hear of these any more."""
    await store.execute(delete(DELIVERIES).where(DELIVERIES.c.expires_at_ms <= now_ms))


async def drop_delivery(store: Store, delivery_id: int) -> None:
    """Done with."""
    await store.execute(delete(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id))


async def retry_delivery(store: Store, delivery_id: int, attempts: int, next_at_ms: int) -> None:
    """Again, then."""
    query = update(DELIVERIES).where(DELIVERIES.c.delivery_id == delivery_id)
    await store.execute(query.values(attempts=attempts, next_at_ms=next_at_ms))


async def drop_subscription(store: Store, delivery: Delivery) -> None:
    """The browser is gone, and with it everything that waits for it; unless it has subscribed anew meanwhile."""
    found = SUBSCRIPTIONS.c.subscription_id == delivery.subscription_id
    same = SUBSCRIPTIONS.c.subscribed_at_ms == delivery.subscribed_at_ms
    await store.execute(delete(SUBSCRIPTIONS).where(found, same))


async def waiting_pushes(store: Store) -> int:
    """Length of the queue."""
    return int(await store.scalar(select(func.count()).select_from(DELIVERIES)) or 0)


def _notification(row: Any) -> NotificationView:
    return NotificationView(**{name: getattr(row, name) for name in FIELDS})


def _fanout(row: Any) -> Fanout | None:
    return None if row is None else Fanout(row.show_id, row.kind, row.host_id, row.told_up_to)


def _delivery(row: Any) -> Delivery:
    fields = {name: getattr(row, name) for name in Delivery._fields if name != "notification"}
    return Delivery(**fields, notification=_notification(row))


async def forget_person(store: Store, actor_id: str) -> list[str]:
    """Nothing is left of what somebody was told, wanted to be told, and where; returns the hosts that they followed."""
    gone = delete(FOLLOWS).where(FOLLOWS.c.actor_id == actor_id).returning(FOLLOWS.c.host_id)
    hosts = sorted((await store.execute(gone)).scalars())
    await store.execute(delete(FOLLOWS).where(FOLLOWS.c.host_id == actor_id))
    await store.execute(delete(FANOUTS).where(FANOUTS.c.host_id == actor_id))
    for table in (DELIVERIES, SUBSCRIPTIONS, REMINDERS, ITEMS, READS, CHOICES):
        await store.execute(delete(table).where(table.c.actor_id == actor_id))
    return hosts


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """What somebody is told, wants to be told, and where; without the keys of their browsers."""
    return {
        "follows": await rows_of(store, FOLLOWS, FOLLOWS.c.actor_id == actor_id),
        "reminders": await rows_of(store, REMINDERS, REMINDERS.c.actor_id == actor_id),
        "notifications": await rows_of(store, ITEMS, ITEMS.c.actor_id == actor_id),
        "browsers": await rows_of(store, SUBSCRIPTIONS, SUBSCRIPTIONS.c.actor_id == actor_id, ("auth", "p256dh")),
        "choices": await rows_of(store, CHOICES, CHOICES.c.actor_id == actor_id),
    }


# Choices


async def muted(store: Store, actor_id: str) -> list[str]:
    """Kinds that somebody does not want pushed, in order."""
    query = select(CHOICES.c.kind).where(CHOICES.c.actor_id == actor_id).order_by(CHOICES.c.kind)
    return list((await store.execute(query)).scalars())


async def set_muted(store: Store, actor_id: str, kinds: Sequence[str]) -> None:
    """Push none of these kinds to somebody, and all others."""
    await store.execute(delete(CHOICES).where(CHOICES.c.actor_id == actor_id))
    if kinds:
        await store.execute(insert(CHOICES), [{"actor_id": actor_id, "kind": kind} for kind in sorted(set(kinds))])
