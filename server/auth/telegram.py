"""Init data of a Telegram Mini App: who opened it, and whether Telegram says so. Pure; given the time.

Telegram hands the page a query string with fields such as `user`, `auth_date` and `start_param`, and signs it in two ways
(https://core.telegram.org/bots/webapps): `hash` with the bot's token, and `signature` with a key of Telegram's own, which needs
only the bot's number. Every field counts, also those that we do not know.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.errors import Refused
from server.auth.actors import clean_name

AGE_MAX_MS = 3_600_000
"""Init data is as good as a password as long as it is accepted; a page that stays open longer has its session by then."""
AHEAD_MAX_MS = 60_000
"""Telegram's clock may be a little before ours."""
FIELDS_MAX = 64

Environment = Literal["production", "test"]

PUBLIC_KEYS: Mapping[Environment, bytes] = {
    "production": bytes.fromhex("e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d"),
    "test": bytes.fromhex("40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec"),
}
"""Ed25519 keys with which Telegram signs for everybody ("Validating data for Third-Party Use")."""


@dataclass(frozen=True)
class Bot:
    """What checks init data: the token where there is one, else the bot's number and Telegram's key."""

    token: str = ""
    bot_id: int = 0
    environment: Environment = "production"


class Launch(NamedTuple):
    """Somebody opened the Mini App; `language` is a tag such as `ru`, or empty, `start_param` what the link carried."""

    user_id: int
    name: str
    language: str
    start_param: str


Problem = Literal["forged", "expired"]


class _User(msgspec.Struct, frozen=True):
    """`WebAppUser`, as far as it is needed."""

    id: int
    first_name: str
    last_name: str = ""
    language_code: str = ""
    is_bot: bool = False


def read_launch(init_data: str, bot: Bot, now_ms: int) -> Launch | Problem:
    """Who opened the app, when Telegram vouches for it now.

    Returns `forged` for anything that Telegram did not sign for this bot, and `expired` for what it signed too long ago.
    """
    fields = parse_fields(init_data)
    if fields is None or not (signed_with_token(fields, bot.token) if bot.token else signed_by_telegram(fields, bot)):
        return "forged"
    user = _user(fields.get("user", ""))
    signed_at = fields.get("auth_date", "")
    if user is None or not (signed_at.isascii() and signed_at.isdigit() and len(signed_at) <= 12):
        return "forged"
    age_ms = now_ms - int(signed_at) * 1_000
    if not -AHEAD_MAX_MS <= age_ms <= AGE_MAX_MS:
        return "expired"
    name = f"{user.first_name} {user.last_name}".strip()
    return Launch(user.id, name, user.language_code, fields.get("start_param", ""))


def actor_name(launch: Launch) -> str:
    """The name from Telegram, fit for a chat; somebody whose name has nothing visible is called by their number's end."""
    try:
        return clean_name(launch.name)
    except Refused:
        return f"Telegram {launch.user_id % 10_000:04}"


def locale_of(language: str, otherwise: str) -> str:
    """Our language that is nearest to Telegram's `language_code` (an IETF tag); what the page has where Telegram names none."""
    if not language:
        return otherwise
    return "ru" if language.lower().split("-")[0] == "ru" else "en"


def parse_fields(init_data: str) -> dict[str, str] | None:
    """The fields, decoded; None for what no Telegram client writes.

    A field that comes twice would be checked as one value and read as another; a line break within one would look like two.
    """
    try:
        pairs = parse_qsl(
            init_data, keep_blank_values=True, strict_parsing=True, encoding="utf-8", errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        return None
    fields = dict(pairs)
    if len(fields) != len(pairs) or any("\n" in key or "\n" in value or "=" in key for key, value in pairs):
        return None
    return fields


def signed_with_token(fields: Mapping[str, str], token: str) -> bool:
    """Whether `hash` is the HMAC-SHA-256 of all other fields under the key that comes from the bot's token."""
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    expected = hmac.new(key, _check_string(fields, {"hash"}).encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), fields.get("hash", "").encode())


def signed_by_telegram(fields: Mapping[str, str], bot: Bot) -> bool:
    """Whether `signature` is Telegram's Ed25519 signature of all fields but itself and `hash`, made for this bot."""
    given = fields.get("signature", "")
    try:
        signature = base64.b64decode(given + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    # The last character has bits to spare: only the one text that Telegram writes is taken for the signature.
    if base64.urlsafe_b64encode(signature).decode() != given + "==":
        return False
    text = f"{bot.bot_id}:WebAppData\n{_check_string(fields, {'hash', 'signature'})}"
    try:
        Ed25519PublicKey.from_public_bytes(PUBLIC_KEYS[bot.environment]).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _check_string(fields: Mapping[str, str], without: set[str]) -> str:
    return "\n".join(f"{key}={fields[key]}" for key in sorted(fields) if key not in without)


def _user(text: str) -> _User | None:
    try:
        user = msgspec.json.decode(text, type=_User)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None
    return None if user.is_bot or not 0 < user.id < 2**53 else user
