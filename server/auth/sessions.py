"""Sessions: an opaque token in a cookie, its hash in SQL, an idle and an absolute end, a new token whenever rights change."""

import hashlib
from dataclasses import dataclass

DAY_MS = 86_400_000
IDLE_MS = 30 * DAY_MS
"""A session that nobody used for so long is over."""
ABSOLUTE_MS = 90 * DAY_MS
"""A session ends after so long, used or not (OWASP ASVS 5.0 §7.3)."""
TOUCH_MS = DAY_MS
"""How stale the stored time of the last use may be; so a request of an active viewer writes at most once a day."""
TOKEN_LENGTH_MAX = 128


def token_hash(token: str) -> str:
    """What is stored of a session, ticket or invitation token. Tokens have 256 random bits, so no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def expires_at_ms(created_at_ms: int, used_at_ms: int) -> int:
    """When a session ends: unused for `IDLE_MS`, or `ABSOLUTE_MS` old."""
    return min(created_at_ms + ABSOLUTE_MS, used_at_ms + IDLE_MS)


@dataclass(frozen=True)
class SessionCookie:
    """The session's cookie. Over https its name has the prefix `__Host-`: bound to host, path and TLS (RFC 6265bis §4.1.3)."""

    secure: bool

    @property
    def name(self) -> str:
        return "__Host-efir_session" if self.secure else "efir_session"

    def read(self, header: str) -> str | None:
        """The token in a `Cookie` header, if there is one of a plausible length."""
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == self.name and 0 < len(value) <= TOKEN_LENGTH_MAX and value.isascii():
                return value
        return None

    def write(self, token: str) -> str:
        """`Set-Cookie` for a new session. The server decides when it ends; the browser keeps it up to the absolute end."""
        return f"{self.name}={token}; Path=/; Max-Age={ABSOLUTE_MS // 1000}{self._attributes()}"

    def clear(self) -> str:
        """`Set-Cookie` that makes the browser forget the session."""
        return f"{self.name}=; Path=/; Max-Age=0{self._attributes()}"

    def _attributes(self) -> str:
        return "; HttpOnly; SameSite=Lax" + ("; Secure" if self.secure else "")
