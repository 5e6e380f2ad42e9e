"""HTTP operations of webhooks: a seller's endpoints, what was sent to them, and sending it again."""

import base64
import secrets
from typing import Any, get_args

from schemas.errors import FORBIDDEN, IDEMPOTENCY_CONFLICT, INVALID_FIELD, NOT_FOUND, PRECONDITION_FAILED, Refused
from schemas.http.webhooks import (
    HOOKS_MAX,
    ChangeHook,
    DeliveryDetailsView,
    DeliveryListView,
    DeliveryState,
    DeliveryView,
    HookEvent,
    HookListView,
    HookSecretView,
    HookView,
    RegisterHook,
    ReplayFailed,
    ReplayView,
    RotateSecret,
)
from server.kernel.config import Settings
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.webhooks import rules, store
from server.modules.webhooks.adapters import HookSender
from server.modules.webhooks.store import Delivery, Hook

SECRET_BYTES = 32
"""Standard Webhooks asks for 24 to 64."""


async def list_hooks(ctx: Context, call: Call) -> Reply:
    """The caller's endpoints."""
    async with ctx.reading() as connection:
        hooks = await store.views(connection, await store.hooks_of(connection, ctx.actor.id))
    return Reply(HookListView(hooks=hooks, events=list(get_args(HookEvent))))


async def register_hook(ctx: Context, call: Call) -> Reply:
    """A new endpoint. The same again is answered with the same secret until something has been sent: the answer may have been
    lost. After that it is shown no more."""
    body: RegisterHook = call.body
    _check_url(ctx, body.url)
    made = Hook(
        hook_id=body.hook_id,
        owner_id=ctx.actor.id,
        url=body.url,
        description=body.description.strip(),
        events=sorted(set(body.events)),
        state="on",
        secret=_new_secret(),
        previous_secret=None,
        previous_until_ms=None,
        failing_since_ms=None,
        created_at_ms=ctx.now_ms,
        version=1,
    )
    known = await store.hook(ctx.store, body.hook_id, lock=True)
    if known is None:
        if len(await store.hooks_of(ctx.store, ctx.actor.id)) >= HOOKS_MAX:
            raise Refused(INVALID_FIELD, f"A shop has at most {HOOKS_MAX} endpoints; remove one first.", field="/hook_id")
        if await store.insert_hook(ctx.store, made):
            return Reply(HookSecretView(hook=await _view(ctx, made), secret=made.secret), 201)
        known = await store.hook(ctx.store, body.hook_id, lock=True)
    if known is None or not _is_repetition(known, made) or await store.page(ctx.store, known.hook_id, None, None):
        raise Refused(IDEMPOTENCY_CONFLICT, "There is an endpoint with this id; make a new id, or rotate the secret.")
    return Reply(HookSecretView(hook=await _view(ctx, known), secret=known.secret), 201)


async def change_hook(ctx: Context, call: Call) -> Reply:
    """Another address, other events, on or off."""
    body: ChangeHook = call.body
    if body.url is not None:
        _check_url(ctx, body.url)
    hook = await _own(ctx, call, lock=True)
    values: dict[str, Any] = {}
    if body.url is not None:
        values["url"] = body.url
    if body.events is not None:
        values["events"] = sorted(set(body.events))
    if body.description is not None:
        values["description"] = body.description.strip()
    if body.enabled is not None:
        values |= {"state": "on", "failing_since_ms": None} if body.enabled else {"state": "off"}
    if values:
        await store.change_hook(ctx.store, hook.hook_id, values)
    return Reply(await _view(ctx, await _own(ctx, call)))


async def remove_hook(ctx: Context, call: Call) -> Reply:
    """Nothing more is sent, and what was sent is forgotten."""
    hook = await _own(ctx, call, lock=True)
    await store.drop_hook(ctx.store, hook.hook_id)
    return Reply()


async def rotate_secret(ctx: Context, call: Call) -> Reply:
    """A new secret. The old one signs too for a day, so that receivers can change over."""
    body: RotateSecret = call.body
    hook = await _own(ctx, call, lock=True)
    if hook.version != body.version:
        raise Refused(PRECONDITION_FAILED, "The endpoint has changed meanwhile; load it again.")
    secret = _new_secret()
    until_ms = ctx.now_ms + rules.ROTATION_MS
    values = {"secret": secret, "previous_secret": hook.secret, "previous_until_ms": until_ms}
    await store.change_hook(ctx.store, hook.hook_id, values)
    return Reply(HookSecretView(hook=await _view(ctx, await _own(ctx, call)), secret=secret))


async def ping_hook(ctx: Context, call: Call) -> Reply:
    """Send a message that says nothing, once; what came of it is in the deliveries."""
    hook = await _own(ctx, call, lock=True)
    if hook.state != "on":
        raise Refused(INVALID_FIELD, "Switch the endpoint on first.", field="/enabled")
    message_id = "msg_" + secrets.token_hex(16)
    message = (message_id, rules.PING, rules.payload(rules.PING, {"hook_id": hook.hook_id}, ctx.now_ms))
    await store.insert_delivery(ctx.store, hook, message, ctx.now_ms)
    made = await store.delivery(ctx.store, rules.delivery_id(hook.hook_id, message_id))
    assert made is not None
    return Reply(store.view(made), 202)


async def list_deliveries(ctx: Context, call: Call) -> Reply:
    """What was sent to an endpoint, or is to be."""
    state = call.query.get("state") or None
    if state is not None and state not in get_args(DeliveryState):
        raise Refused(INVALID_FIELD, "Send state as waiting, delivered or dead, or leave it out.", field="/state")
    after = _position(call.query.get("after", ""))
    async with ctx.reading() as connection:
        hook = _checked(await store.hook(connection, call.path["hook_id"]), ctx)
        found = await store.page(connection, hook.hook_id, state, after)
    shown = found[: rules.PAGE]
    more = len(found) > len(shown)
    position = f"{shown[-1].created_at_ms}.{shown[-1].delivery_id}" if more else None
    return Reply(DeliveryListView(deliveries=[store.view(each) for each in shown], after=position))


async def get_delivery(ctx: Context, call: Call) -> Reply:
    """One delivery with its body and every try."""
    async with ctx.reading() as connection:
        found = await _own_delivery(ctx, connection, call)
        tries = await store.attempts(connection, found.delivery_id)
    return Reply(DeliveryDetailsView(delivery=store.view(found), payload=found.payload, attempts=tries))


async def replay_delivery(ctx: Context, call: Call) -> Reply:
    """Send it again now, whatever came of it before."""
    found = await _own_delivery(ctx, ctx.store, call)
    await store.replay(ctx.store, [found.delivery_id], ctx.now_ms)
    after = await store.delivery(ctx.store, found.delivery_id)
    assert after is not None
    return Reply(store.view(after), 202)


async def replay_failed(ctx: Context, call: Call) -> Reply:
    """Send everything again that was given up since a moment; of very much the oldest part."""
    body: ReplayFailed = call.body
    hook = await _own(ctx, call, lock=True)
    found = await store.given_up(ctx.store, hook.hook_id, body.since_ms)
    if found:
        await store.replay(ctx.store, found, ctx.now_ms)
    return Reply(ReplayView(replayed=len(found)), 202)


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _check_url(ctx: Context, url: str) -> None:
    fault = rules.url_fault(url, ctx.port(Settings).webhook_host_list)
    if fault is None and not ctx.port(HookSender).is_allowed(url):  # type: ignore[type-abstract]
        fault = "The address is not a public one."
    if fault is not None:
        raise Refused(INVALID_FIELD, fault, field="/url")


def _is_repetition(known: Hook, made: Hook) -> bool:
    same = ("owner_id", "url", "description", "events")
    return known.version == 1 and all(getattr(known, name) == getattr(made, name) for name in same)


async def _own(ctx: Context, call: Call, *, lock: bool = False) -> Hook:
    return _checked(await store.hook(ctx.store, call.path["hook_id"], lock=lock), ctx)


def _checked(hook: Hook | None, ctx: Context) -> Hook:
    if hook is None:
        raise Refused(NOT_FOUND, "There is no such endpoint.")
    if hook.owner_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's endpoint.")
    return hook


async def _own_delivery(ctx: Context, connection: Any, call: Call) -> Delivery:
    found = await store.delivery(connection, call.path["delivery_id"])
    hook = None if found is None else await store.hook(connection, found.hook_id)
    if found is None or hook is None:
        raise Refused(NOT_FOUND, "There is no such delivery; they are kept for 30 days.")
    _checked(hook, ctx)
    return found


async def _view(ctx: Context, hook: Hook) -> HookView:
    (view,) = await store.views(ctx.store, [hook])
    return view


def _position(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    at_ms, _, delivery_id = text.partition(".")
    if not (at_ms.isascii() and at_ms.isdigit() and len(at_ms) <= 14 and delivery_id):
        raise Refused(INVALID_FIELD, "Send the after of the page before, as it is.", field="/after")
    return int(at_ms), delivery_id


_HOOK = "/api/webhooks/hooks/{hook_id}"
_DELIVERY = "/api/webhooks/deliveries/{delivery_id}"

ROUTES = (
    Endpoint("GET", "/api/webhooks/hooks", list_hooks, "host", "The caller's webhooks", view=HookListView),
    Endpoint(
        "POST",
        "/api/webhooks/hooks",
        register_hook,
        "host",
        "Register a webhook; the secret is shown this once",
        body=RegisterHook,
        view=HookSecretView,
        status=201,
    ),
    Endpoint("PATCH", _HOOK, change_hook, "host", "Change a webhook, or switch it on or off", body=ChangeHook, view=HookView),
    Endpoint("DELETE", _HOOK, remove_hook, "host", "Remove a webhook", status=204),
    Endpoint("POST", f"{_HOOK}/rotate", rotate_secret, "host", "Make a new secret", body=RotateSecret, view=HookSecretView),
    Endpoint("POST", f"{_HOOK}/ping", ping_hook, "host", "Send a test message", view=DeliveryView, status=202),
    Endpoint(
        "POST",
        f"{_HOOK}/replay",
        replay_failed,
        "host",
        "Send everything again that was given up since a moment",
        body=ReplayFailed,
        view=ReplayView,
        status=202,
    ),
    Endpoint(
        "GET",
        f"{_HOOK}/deliveries",
        list_deliveries,
        "host",
        "What was sent to a webhook: query state and after",
        view=DeliveryListView,
    ),
    Endpoint("GET", _DELIVERY, get_delivery, "host", "One delivery with every try", view=DeliveryDetailsView),
    Endpoint("POST", f"{_DELIVERY}/replay", replay_delivery, "host", "Send one delivery again", view=DeliveryView, status=202),
)
