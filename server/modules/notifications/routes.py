"""HTTP operations of notifications."""

from schemas.errors import INVALID_FIELD, NOT_FOUND, NOT_IN_REHEARSAL, PUSH_SUBSCRIPTION_INVALID, SHOW_ENDED, Refused
from schemas.events.notifications import HostFollowed, HostUnfollowed
from schemas.http.notifications import (
    Follow,
    FollowedHost,
    FollowedListView,
    FollowingView,
    InboxRead,
    PushChoices,
    PushChoicesView,
    PushKeyView,
    ReadInbox,
    RemindMe,
    SubscribePush,
    UnsubscribePush,
)
from schemas.ids import is_rehearsal
from schemas.requests.shows import GetShow
from server.auth.store import names_of
from server.kernel.config import Settings
from server.kernel.module import Call, Context, Endpoint, Reply, Store
from server.modules.notifications import rules, store
from server.modules.notifications.adapters.encryption import read_keys
from server.modules.notifications.adapters.vapid import new_private_key, public_key
from server.modules.notifications.channel import InboxChannel


async def get_following(ctx: Context, call: Call) -> Reply:
    """What the caller follows and waits for."""
    async with ctx.reading() as connection:
        host_ids, show_ids = await store.following(connection, ctx.actor.id)
    return Reply(FollowingView(host_ids=host_ids, show_ids=show_ids))


async def list_followed(ctx: Context, call: Call) -> Reply:
    """Whom the caller follows, by name."""
    async with ctx.reading() as connection:
        found = await store.followed(connection, ctx.actor.id)
        names = await names_of(connection, [host_id for host_id, _ in found])
    hosts = [FollowedHost(host_id=host_id, name=names.get(host_id, ""), followed_at_ms=at_ms) for host_id, at_ms in found]
    return Reply(FollowedListView(hosts=hosts))


async def get_choices(ctx: Context, call: Call) -> Reply:
    """What is pushed to the caller's devices."""
    async with ctx.reading() as connection:
        return Reply(await _choices(connection, ctx))


async def choose(ctx: Context, call: Call) -> Reply:
    """Push some kinds no more, and all others."""
    body: PushChoices = call.body
    await store.set_muted(ctx.store, ctx.actor.id, body.muted)
    return Reply(await _choices(ctx.store, ctx))


async def follow(ctx: Context, call: Call) -> Reply:
    """Follow a host or stop it; the same again changes nothing."""
    body: Follow = call.body
    if body.host_id == ctx.actor.id:
        raise Refused(INVALID_FIELD, "Nobody follows themselves.")
    if not body.following:
        if await store.unfollow(ctx.store, ctx.actor.id, body.host_id):
            ctx.publish(HostUnfollowed(host_id=body.host_id, actor_id=ctx.actor.id, unfollowed_at_ms=ctx.now_ms))
    elif await store.follow(ctx.store, ctx.actor.id, body.host_id, ctx.now_ms):
        ctx.publish(HostFollowed(host_id=body.host_id, actor_id=ctx.actor.id, followed_at_ms=ctx.now_ms))
    return Reply(await _following(ctx))


async def remind_me(ctx: Context, call: Call) -> Reply:
    """Wait for a show or stop it. One that has started already needs no reminder."""
    body: RemindMe = call.body
    show = await ctx.ask(GetShow(show_id=body.show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if body.remind and is_rehearsal(show.show_id):
        raise Refused(NOT_IN_REHEARSAL, "Nobody is told of a rehearsal; wait for the show itself.")
    if body.remind and show.state == "ended":
        raise Refused(SHOW_ENDED)
    if not body.remind:
        await store.drop_reminder(ctx.store, ctx.actor.id, show.show_id)
    elif show.state == "scheduled":
        await store.add_reminder(ctx.store, ctx.actor.id, show.show_id, ctx.now_ms)
    return Reply(await _following(ctx))


async def read_inbox(ctx: Context, call: Call) -> Reply:
    """Everything up to a notification has been seen. An older one than before changes nothing."""
    body: ReadInbox = call.body
    moved_to_ms = await store.read_up_to(ctx.store, ctx.actor.id, body.notification_id)
    if moved_to_ms is None:
        raise Refused(NOT_FOUND, "There is no such notification in your inbox.")
    if moved_to_ms:
        ctx.push(f"{InboxChannel.name}:{ctx.actor.id}", InboxRead(read_up_to_ms=moved_to_ms))
    return Reply()


async def get_push_key(ctx: Context, call: Call) -> Reply:
    """The key that a browser subscribes to; made at the first use."""
    return Reply(PushKeyView(public_key=public_key(await _private_key(ctx))))


async def subscribe_push(ctx: Context, call: Call) -> Reply:
    """Send this person's notifications to a browser, even while no page is open."""
    body: SubscribePush = call.body
    fault = rules.endpoint_fault(body.endpoint, ctx.port(Settings).push_host_list)
    if fault is not None:
        raise Refused(PUSH_SUBSCRIPTION_INVALID, fault)
    try:
        read_keys(body.keys.p256dh, body.keys.auth)
    except ValueError as error:
        raise Refused(PUSH_SUBSCRIPTION_INVALID, f"The keys cannot be used: {error}.") from error
    await _private_key(ctx)
    await store.subscribe(ctx.store, ctx.actor.id, body, ctx.now_ms)
    return Reply()


async def unsubscribe_push(ctx: Context, call: Call) -> Reply:
    """Send nothing more to a browser."""
    body: UnsubscribePush = call.body
    await store.unsubscribe(ctx.store, ctx.actor.id, body.endpoint)
    return Reply()


async def _following(ctx: Context) -> FollowingView:
    """As the transaction leaves it.

    Raises:
        Refused: there would be more than one person may have.
    """
    host_ids, show_ids = await store.following(ctx.store, ctx.actor.id)
    if max(len(host_ids), len(show_ids)) >= rules.FOLLOWS_MAX:
        raise Refused(INVALID_FIELD, f"Stop following somebody first: {rules.FOLLOWS_MAX - 1} is the most.")
    return FollowingView(host_ids=host_ids, show_ids=show_ids)


async def _choices(reader: Store, ctx: Context) -> PushChoicesView:
    muted = await store.muted(reader, ctx.actor.id)
    return PushChoicesView(muted=muted, devices=await store.count_browsers(reader, ctx.actor.id))


async def _private_key(ctx: Context) -> str:
    async with ctx.reading() as connection:
        known = await store.private_key(connection)
    return known or await store.keep_private_key(ctx.store, new_private_key(), ctx.now_ms)


ROUTES = (
    Endpoint("GET", "/api/notifications/following", get_following, "guest", "List whom one follows", view=FollowingView),
    Endpoint(
        "GET", "/api/notifications/followed", list_followed, "guest", "List whom one follows, by name", view=FollowedListView
    ),
    Endpoint("GET", "/api/notifications/choices", get_choices, "guest", "What is pushed to one's devices", view=PushChoicesView),
    Endpoint("POST", "/api/notifications/choices", choose, "guest", "Choose what is pushed", PushChoices, PushChoicesView),
    Endpoint("POST", "/api/notifications/follow", follow, "guest", "Follow a host", body=Follow, view=FollowingView),
    Endpoint("POST", "/api/notifications/remind", remind_me, "guest", "Wait for a show", body=RemindMe, view=FollowingView),
    Endpoint("POST", "/api/notifications/read", read_inbox, "guest", "Mark the inbox as read", body=ReadInbox),
    Endpoint("GET", "/api/notifications/push/key", get_push_key, "anyone", "Get the key of pushes", view=PushKeyView),
    Endpoint("POST", "/api/notifications/push/subscribe", subscribe_push, "guest", "Take pushes", body=SubscribePush),
    Endpoint("POST", "/api/notifications/push/unsubscribe", unsubscribe_push, "guest", "Take no pushes", body=UnsubscribePush),
)
