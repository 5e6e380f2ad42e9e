"""Push services (RFC 8030): the port by which a push leaves, and what they answer."""

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Push:
    """One message for one browser. `private_key` is the server's, `p256dh` and `auth` are the browser's, base64url."""

    endpoint: str
    p256dh: str
    auth: str
    private_key: str
    text: bytes
    ttl_s: int
    urgency: Literal["normal", "high"]
    topic: str
    """Of two messages with one topic that wait for a device, the later one replaces the other (RFC 8030 §5.4)."""


@dataclass(frozen=True)
class Taken:
    """The push service has it."""


@dataclass(frozen=True)
class Gone:
    """The browser takes no more pushes at this address, for good (404, 410)."""


@dataclass(frozen=True)
class Later:
    """Not now: too many (429), a fault of the service (5xx), no answer in time. `not_before_ms`: a wish of the service, or 0."""

    reason: str
    not_before_ms: int = 0


@dataclass(frozen=True)
class Rejected:
    """This message will never be taken; others may be."""

    reason: str


Answer = Taken | Gone | Later | Rejected


class PushSender(Protocol):
    """Sends a push, within a deadline. Every outcome is an answer; it raises nothing."""

    async def send(self, push: Push) -> Answer:
        """Send once. A push whose answer is `Later` may have arrived all the same."""
