"""`PushSender` over HTTP: one encrypted request per push (RFC 8030 §5)."""

import asyncio
import contextlib
import email.utils
import ssl
from collections.abc import Collection

import httpcore

from server.http.guarded import GuardedBackend
from server.kernel.clock import Clock
from server.kernel.tls import client_context
from server.modules.notifications.adapters import Answer, Gone, Later, Push, Rejected, Taken
from server.modules.notifications.adapters.encryption import encrypt
from server.modules.notifications.adapters.vapid import authorization

DEADLINE_S = 10.0
"""Of one push, look-up and TLS included. Push services answer within a second."""
CONNECTIONS_MAX = 20
"""At a time, to all push services together."""
IDLE_S = 30.0
ANSWER_BYTES_MAX = 4_096
"""Read so that the connection can be used again. A longer answer is cut off with its connection: who named the address may be
anybody."""


class HttpPushSender:
    """Follows no redirects, asks no proxy of the environment, and connects to public addresses only."""

    def __init__(self, clock: Clock, contact: str, trusted: Collection[str] = (), deadline_s: float = DEADLINE_S) -> None:
        """`trusted` are `host:port` that may be private; they alone may do without TLS, which `rules.endpoint_fault` sees to."""
        self._clock = clock
        self._contact = contact
        self._deadline_s = deadline_s
        self._places = asyncio.Semaphore(CONNECTIONS_MAX)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=client_context(),
            max_connections=CONNECTIONS_MAX,
            max_keepalive_connections=CONNECTIONS_MAX,
            keepalive_expiry=IDLE_S,
            network_backend=GuardedBackend(trusted),
        )

    async def send(self, push: Push) -> Answer:
        try:
            body = encrypt(push.text, push.p256dh, push.auth)
        except ValueError as error:
            return Rejected(str(error))
        headers: dict[str | bytes, str | bytes] = {
            "authorization": authorization(push.private_key, push.endpoint, self._contact, self._clock.now_ms()),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(push.ttl_s),
            "urgency": push.urgency,
            "topic": push.topic,
        }
        try:
            # Whoever waits for a place is not yet late.
            async with self._places, asyncio.timeout(self._deadline_s):
                return await self._post(push.endpoint, headers, body)
        except (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError) as error:
            return Rejected(repr(error))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError, TimeoutError) as error:
            return Later(repr(error))

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def _post(self, endpoint: str, headers: dict[str | bytes, str | bytes], body: bytes) -> Answer:
        timeouts = {"connect": self._deadline_s, "read": self._deadline_s, "write": self._deadline_s, "pool": self._deadline_s}
        async with self._pool.stream(
            "POST", endpoint, headers=headers, content=body, extensions={"timeout": timeouts}
        ) as response:
            answer = self._answer(response)
            # The status is the answer; what follows only decides whether the connection can be used again.
            with contextlib.suppress(httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, TimeoutError):
                async with asyncio.timeout(self._deadline_s / 4):
                    await _read_to_end(response)
            return answer

    def _answer(self, response: httpcore.Response) -> Answer:
        status = response.status
        if 200 <= status < 300:
            return Taken()
        if status in (404, 410):  # RFC 8030 §7.3
            return Gone()
        if status == 429 or status >= 500:
            after = {name.lower(): value for name, value in response.headers}.get(b"retry-after", b"")
            return Later(f"HTTP {status}", not_before_ms(after.decode("latin-1"), self._clock.now_ms()))
        return Rejected(f"HTTP {status}")


async def _read_to_end(response: httpcore.Response) -> None:
    read = 0
    async for piece in response.aiter_stream():
        read += len(piece)
        if read > ANSWER_BYTES_MAX:
            return


def not_before_ms(text: str, now_ms: int) -> int:
    """The moment that a `Retry-After` header means (RFC 9110 §10.2.3): seconds or a date; 0 for one that cannot be read."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return now_ms + int(text[:9]) * 1_000
    with contextlib.suppress(ValueError):
        return int(email.utils.parsedate_to_datetime(text).timestamp() * 1_000)
    return 0
