"""`/api/auth/…`: entering, registering, logging in and out, claiming the shop, tickets. Sessions travel in the cookie only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import msgspec

from schemas.errors import NOT_SIGNED_IN, Refused
from schemas.http.auth import ClaimShop, EnterAsGuest, EnterByTelegram, LogIn, MeView, Register, TelegramView, TicketView
from server.auth.service import Auth, SignedIn
from server.kernel.module import Actor, Call, Context, Endpoint, Permission, Reply


async def enter_as_guest(auth: Auth, _: Context, call: Call) -> Reply:
    """An anonymous viewer with a nickname."""
    return _entered(auth, call, await auth.enter_as_guest(_token(auth, call), call.body), framed=call.body.framed)


async def register(auth: Auth, _: Context, call: Call) -> Reply:
    """A new account."""
    return _entered(auth, call, await auth.register(_token(auth, call), call.body, call.client_address), framed=call.body.framed)


async def log_in(auth: Auth, _: Context, call: Call) -> Reply:
    """Into an account."""
    return _entered(auth, call, await auth.log_in(_token(auth, call), call.body, call.client_address), framed=call.body.framed)


async def log_out(auth: Auth, _: Context, call: Call) -> Reply:
    """Out of the session; without one there is nothing to do."""
    await auth.log_out(_token(auth, call))
    framed = auth.cookie.is_framed(call.headers.get("cookie", ""))
    return Reply(status=204, headers={"set-cookie": auth.cookie.clear(framed)})


async def claim(auth: Auth, _: Context, call: Call) -> Reply:
    """The owner's set-up key becomes an owner."""
    return _entered(auth, call, await auth.claim(_token(auth, call), call.body, call.client_address))


async def enter_by_telegram(auth: Auth, _: Context, call: Call) -> Reply:
    """Somebody who opened the Mini App."""
    signed_in = await auth.enter_by_telegram(_token(auth, call), call.body, call.client_address)
    return _entered(auth, call, signed_in, framed=call.body.framed)


async def telegram(auth: Auth, _: Context, __: Call) -> Reply:
    """Whether there is a bot, and where its Mini App is."""
    return Reply(auth.telegram)


async def me(_: Auth, ctx: Context, __: Call) -> Reply:
    """Who the session belongs to."""
    return Reply(_view(ctx.actor))


async def ticket(auth: Auth, _: Context, call: Call) -> Reply:
    """A single-use ticket for the first frame of a websocket."""
    token = _token(auth, call)
    if token is None:
        raise Refused(NOT_SIGNED_IN)
    return Reply(await auth.issue_ticket(token))


@dataclass(frozen=True)
class SessionEndpoint:
    """One operation of `/api/auth`, not yet bound to the service."""

    method: Literal["GET", "POST"]
    path: str
    handler: Callable[[Auth, Context, Call], Awaitable[Reply]]
    permission: Permission
    summary: str
    body: type[msgspec.Struct] | None = None
    view: type[msgspec.Struct] | None = None
    status: int = 200

    def bind(self, auth: Auth) -> Endpoint:
        """The endpoint of a server."""
        handler = partial(self.handler, auth)
        return Endpoint(self.method, self.path, handler, self.permission, self.summary, self.body, self.view, self.status)


SESSION_ENDPOINTS: tuple[SessionEndpoint, ...] = (
    SessionEndpoint("POST", "/api/auth/guest", enter_as_guest, "anyone", "Enter with a nickname", EnterAsGuest, MeView),
    SessionEndpoint("POST", "/api/auth/register", register, "anyone", "Make an account", Register, MeView),
    SessionEndpoint("POST", "/api/auth/login", log_in, "anyone", "Log in", LogIn, MeView),
    SessionEndpoint("POST", "/api/auth/logout", log_out, "anyone", "Log out", status=204),
    SessionEndpoint("POST", "/api/auth/claim", claim, "anyone", "Become the owner with the set-up key", ClaimShop, MeView),
    SessionEndpoint("POST", "/api/auth/telegram", enter_by_telegram, "anyone", "Enter by Telegram", EnterByTelegram, MeView),
    SessionEndpoint("GET", "/api/auth/telegram", telegram, "anyone", "The shop's Telegram app", view=TelegramView),
    SessionEndpoint("GET", "/api/auth/me", me, "guest", "Who am I", view=MeView),
    SessionEndpoint("POST", "/api/auth/ticket", ticket, "guest", "A ticket for the websocket", view=TicketView),
)


def _token(auth: Auth, call: Call) -> str | None:
    return auth.cookie.read(call.headers.get("cookie", ""))


def _entered(auth: Auth, call: Call, signed_in: SignedIn, framed: bool = False) -> Reply:
    if signed_in.token is None:
        return Reply(_view(signed_in.actor))
    # Who signs in again within a frame stays within it.
    framed = framed or auth.cookie.is_framed(call.headers.get("cookie", ""))
    return Reply(_view(signed_in.actor), headers={"set-cookie": auth.cookie.write(signed_in.token, framed)})


def _view(actor: Actor) -> MeView:
    return MeView(actor_id=actor.id, kind=actor.kind, name=actor.name, roles=sorted(actor.roles), locale=actor.locale)
