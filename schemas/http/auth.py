"""Bodies of `/api/auth/…`."""

from typing import Annotated

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import END

PersonName = Annotated[str, Meta(min_length=1, max_length=40)]
Email = Annotated[str, Meta(pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,190}" + END, max_length=255)]
Password = Annotated[str, Meta(min_length=10, max_length=200)]
Locale = Annotated[str, Meta(pattern="^(en|ru)" + END)]


class EnterAsGuest(Body, frozen=True):
    """An anonymous viewer with a nickname. `framed`: the page lies in a frame on another site, where only a partitioned cookie is
    kept; also of those who register or log in there."""

    name: PersonName
    locale: Locale = "en"
    framed: bool = False


class Register(Body, frozen=True):
    """A new account; a guest who registers keeps the same session's orders."""

    email: Email
    password: Password
    name: PersonName
    locale: Locale = "en"
    framed: bool = False


class ClaimShop(Body, frozen=True):
    """The first person with the set-up key becomes the owner (a host)."""

    key: Annotated[str, Meta(min_length=16, max_length=128)]
    email: Email
    password: Password
    name: PersonName
    locale: Locale = "en"


class LogIn(Body, frozen=True):
    """E-mail and password."""

    email: Email
    password: Annotated[str, Meta(min_length=1, max_length=200)]
    framed: bool = False


class EnterByTelegram(Body, frozen=True):
    """Who opened the Mini App: `init_data` as Telegram gave it to the page, byte for byte. `locale` counts where Telegram names
    no language. `framed`: the page lies in a frame of web.telegram.org, where only a partitioned cookie is kept."""

    init_data: Annotated[str, Meta(min_length=1, max_length=8_192)]
    locale: Locale = "en"
    framed: bool = False


class TelegramView(View, frozen=True):
    """The shop's Mini App: whether people can come in by Telegram, and `https://t.me/…` of the app, empty without one."""

    enabled: bool
    app_url: str


class MeView(View, frozen=True):
    """Who the session belongs to; `kind` is `guest` or `account`, `roles` are names such as `host`."""

    actor_id: str
    kind: str
    name: str
    roles: list[str]
    locale: str


class TicketView(View, frozen=True):
    """A single-use ticket for the first frame of a websocket."""

    ticket: str
    expires_at_ms: int
