"""What Telegram does for a Mini App: init data with a hash of a bot's token, and with a signature by a key of the test's."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import quote, quote_plus, urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

BOT_ID = 5_768_337_691
BOT_TOKEN = f"{BOT_ID}:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8"
USER = '{"id":70042,"first_name":"Ann","last_name":"Lee","username":"annlee","language_code":"ru"}'


def person(user_id: int, first_name: str, **more: str) -> str:
    """A `WebAppUser` as JSON, spelt as Telegram spells it: without spaces, slashes escaped."""
    text = json.dumps({"id": user_id, "first_name": first_name} | more, separators=(",", ":"), ensure_ascii=False)
    return text.replace("/", "\\/")


def init_data(
    *,
    auth_date: int | str,
    user: str | None = USER,
    extra: Mapping[str, str] | None = None,
    token: str = BOT_TOKEN,
    key: Ed25519PrivateKey | None = None,
    plus: bool = False,
) -> str:
    """The query string that Telegram gives to the page; `auth_date` in Unix seconds."""
    fields = {"auth_date": str(auth_date), **({} if user is None else {"user": user}), **(extra or {})}
    if key is not None:
        signed = key.sign(f"{token.partition(':')[0]}:WebAppData\n{_lines(fields)}".encode())
        fields["signature"] = base64.urlsafe_b64encode(signed).decode().rstrip("=")
    secret = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    fields["hash"] = hmac.new(secret, _lines(fields).encode(), hashlib.sha256).hexdigest()
    return urlencode(fields, quote_via=quote_plus if plus else quote)


def _lines(fields: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
