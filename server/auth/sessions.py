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


FRAMED_NAME = "efir_framed"


@dataclass(frozen=True)
class SessionCookie:
    """The session's cookie. Over https its name has the prefix `__Host-`: bound to host, path and TLS (RFC 6265bis §4.1.3).

    A session that began in a frame on another site (web.telegram.org, a shop's blog) has a cookie of its own kind: browsers
    keep none with `SameSite=Lax` there, only one with `SameSite=None; Secure; Partitioned` (CHIPS), which they keep apart from
    those of our pages outside, and send only below that site. Without https browsers keep it on the machine's own addresses
    alone. Its other name says which kind to write back. `SameSite=None` means that other sites inside such a page could make a
    browser send it; what protects us from them is what protects us anyway: `Guard` refuses every unsafe request whose `Sec-
    Fetch-Site` or `Origin` is not ours, websockets ask for our `Origin`, and no answer to a request with a cookie may be read
    by another site.
    """

    secure: bool

    @property
    def name(self) -> str:
        return self._prefix + "efir_session"

    @property
    def framed_name(self) -> str:
        """Of the cookie within frames on other sites."""
        return self._prefix + FRAMED_NAME

    def read(self, header: str) -> str | None:
        """The token in a `Cookie` header, if there is one of a plausible length. In a frame the one of the frame."""
        found = self._tokens(header)
        return found.get(self.framed_name) or found.get(self.name)

    def is_framed(self, header: str) -> bool:
        """Whether the session of a `Cookie` header began in a frame on another site."""
        return self.framed_name in self._tokens(header)

    def write(self, token: str, framed: bool = False) -> str:
        """`Set-Cookie` for a new session. The server decides when it ends; the browser keeps it up to the absolute end."""
        return f"{self._name(framed)}={token}; Path=/; Max-Age={ABSOLUTE_MS // 1000}{self._attributes(framed)}"

    def clear(self, framed: bool = False) -> str:
        """`Set-Cookie` that makes the browser forget the session."""
        return f"{self._name(framed)}=; Path=/; Max-Age=0{self._attributes(framed)}"

    @property
    def _prefix(self) -> str:
        return "__Host-" if self.secure else ""

    def _name(self, framed: bool) -> str:
        return self.framed_name if framed else self.name

    def _attributes(self, framed: bool) -> str:
        if framed:
            return "; HttpOnly; SameSite=None; Secure; Partitioned"
        return "; HttpOnly; SameSite=Lax" + ("; Secure" if self.secure else "")

    def _tokens(self, header: str) -> dict[str, str]:
        """By names; the first of several."""
        found: dict[str, str] = {}
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name in (self.name, self.framed_name) and 0 < len(value) <= TOKEN_LENGTH_MAX and value.isascii():
                found.setdefault(name, value)
        return found
