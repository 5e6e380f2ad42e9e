"""Requests to endpoints: signed, guarded, within a deadline, each in a task of its own, so that a slow one delays nobody."""

import asyncio
import contextlib
import ipaddress
import ssl
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

import httpcore
from standardwebhooks import Webhook

from server.http.guarded import GuardedBackend, is_public
from server.kernel.clock import Clock
from server.kernel.log import get_logger
from server.kernel.tasks import TaskGroup
from server.kernel.tls import client_context

DEADLINE_S = 10.0
"""Of one request, look-up and TLS included."""
REQUESTS_MAX = 100
"""At a time, to all endpoints together."""
IN_FLIGHT_MAX = 4
"""Requests to one endpoint at a time."""
FAILING_MAX = REQUESTS_MAX // 2
"""Of these to endpoints that have failed lately: they wait for each other, not the healthy ones for them."""
IDLE_S = 30.0
ANSWER_BYTES_MAX = 1_024
"""Read of an answer; a longer one is cut off with its connection."""
TEXT_MAX = 300
"""Characters of it, or of an error, that are kept."""


log = get_logger(__name__)


@dataclass(frozen=True)
class HookRequest:
    """One try of a delivery. `secrets` sign, the newest first."""

    delivery_id: str
    hook_id: str
    message_id: str
    url: str
    body: str
    secrets: tuple[str, ...]
    failing: bool


@dataclass(frozen=True)
class Outcome:
    """What came of one try: an HTTP status with the first bytes of the answer, or why there was none."""

    status: int | None
    took_ms: int
    answer: str = ""
    error: str = ""


class HookSender(Protocol):
    """Sends in the background. Every outcome is handed back once; what is lost with the process is sent again by the next."""

    def room(self, hook_id: str, *, failing: bool) -> int:
        """How many more requests to this endpoint may begin now."""

    def start(self, request: HookRequest) -> None:
        """Begin; unless this delivery is under way already."""

    def take_finished(self) -> list[tuple[HookRequest, Outcome]]:
        """What has ended since the last time."""

    async def idle(self) -> None:
        """Wait until nothing is under way."""

    def is_allowed(self, url: str) -> bool:
        """False for an address in numbers that is not public; what names lead to is looked at when they are used."""


class HttpHookSender:
    """Follows no redirects, asks no proxy of the environment, and connects to public addresses only."""

    def __init__(self, clock: Clock, trusted: Collection[str] = (), deadline_s: float = DEADLINE_S) -> None:
        """`trusted` are `host:port` that may be private; they alone may do without TLS, which `rules.url_fault` sees to."""
        self._clock = clock
        self._trusted = frozenset(trusted)
        self._deadline_s = deadline_s
        self._tasks = TaskGroup("webhooks")
        self._under_way: dict[str, HookRequest] = {}
        self._finished: list[tuple[HookRequest, Outcome]] = []
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=client_context(),
            max_connections=REQUESTS_MAX,
            max_keepalive_connections=REQUESTS_MAX // 5,
            keepalive_expiry=IDLE_S,
            network_backend=GuardedBackend(trusted),
        )

    def room(self, hook_id: str, *, failing: bool) -> int:
        by_hook = Counter(request.hook_id for request in self._under_way.values())
        # What has ended but was not taken yet holds its place: the list of outcomes is no longer than the places are.
        left = REQUESTS_MAX - len(self._under_way) - len(self._finished)
        if failing:
            left = min(left, FAILING_MAX - sum(request.failing for request in self._under_way.values()))
        return max(0, min(left, IN_FLIGHT_MAX - by_hook[hook_id]))

    def start(self, request: HookRequest) -> None:
        if request.delivery_id not in self._under_way:
            self._under_way[request.delivery_id] = request
            self._tasks.start(self._run(request), request.hook_id)

    def take_finished(self) -> list[tuple[HookRequest, Outcome]]:
        taken, self._finished = self._finished, []
        return taken

    async def idle(self) -> None:
        await self._tasks.join()

    def is_allowed(self, url: str) -> bool:
        parsed = urlsplit(url)
        host = parsed.hostname or ""
        if f"{host}:{parsed.port}" in self._trusted:
            return True
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return host != "localhost" and not host.endswith((".localhost", ".local", ".internal"))
        return is_public(host)

    async def close(self) -> None:
        """End what is under way, and close every connection."""
        await self._tasks.close()
        await self._pool.aclose()

    async def _run(self, request: HookRequest) -> None:
        try:
            outcome = await self._send(request)
            # Only now: the list may have been taken while this was under way.
            self._finished.append((request, outcome))
        finally:
            self._under_way.pop(request.delivery_id, None)

    async def _send(self, request: HookRequest) -> Outcome:
        """Every outcome is a value."""
        began_ms = self._clock.monotonic_ms()
        status: int | None = None
        answer = error = ""
        try:
            async with asyncio.timeout(self._deadline_s):
                status, answer = await self._post(request)
        except TimeoutError:
            error = f"no answer within {self._deadline_s:g} s"
        except (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError, UnicodeError) as fault:
            error = f"the address cannot be used: {fault}"
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as fault:
            error = str(fault) or type(fault).__name__
        except Exception as fault:
            log.exception("a request to a webhook failed in an unknown way", hook=request.hook_id)
            error = repr(fault)
        took_ms = int(self._clock.monotonic_ms() - began_ms)
        return Outcome(status, took_ms, answer[:TEXT_MAX], error[:TEXT_MAX])

    async def _post(self, request: HookRequest) -> tuple[int, str]:
        body = request.body.encode()
        limits = {name: self._deadline_s for name in ("connect", "read", "write", "pool")}
        async with self._pool.stream(
            "POST", request.url, headers=self._headers(request), content=body, extensions={"timeout": limits}
        ) as response:
            read = b""
            # The status is the answer; what follows is only for the log.
            with contextlib.suppress(httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, TimeoutError):
                async with asyncio.timeout(self._deadline_s / 4):
                    async for piece in response.aiter_stream():
                        read += piece[:ANSWER_BYTES_MAX]
                        if len(read) >= ANSWER_BYTES_MAX:
                            break
            return response.status, _printable(read[:ANSWER_BYTES_MAX])

    def _headers(self, request: HookRequest) -> dict[str | bytes, str | bytes]:
        sent_at = datetime.fromtimestamp(self._clock.now_ms() // 1_000, UTC)
        signatures = [Webhook(secret).sign(request.message_id, sent_at, request.body) for secret in request.secrets]
        return {
            "content-type": "application/json",
            "user-agent": "Efir-Webhooks/1",
            "webhook-id": request.message_id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def _printable(data: bytes) -> str:
    """Text that every database takes and every page can show."""
    text = data.decode("utf-8", "replace")
    return "".join(character if character.isprintable() or character == "\n" else "\ufffd" for character in text)
