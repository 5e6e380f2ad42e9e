"""`POST /api/channels/poll`: the websocket's frames for networks that let no websocket through (schemas/frames.py, `Poll`).

A poll is a conversation that lasts for one answer: the same session decides, the same hub serves a viewer with cursors, so
limits, errors, gaps and order are those of a websocket. Between two polls the server knows nothing: positions are the client's.
"""

import asyncio
import contextlib
from typing import Any, Protocol

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from schemas.errors import (
    CLOSE_FLOODING,
    CLOSE_SHUTDOWN,
    CLOSE_SIGNED_OUT,
    CLOSE_TOO_LARGE,
    INVALID_FIELD,
    MALFORMED,
    NOT_SIGNED_IN,
    RATE_LIMITED,
    REQUEST_TIMEOUT,
    TOO_LARGE,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    CloseCode,
    Refused,
    WireError,
)
from schemas.frames import FRAME_BYTES_MAX, Poll, Subscribed
from server.auth.limits import address_key
from server.channels.conversation import Conversation, Host
from server.channels.door import RETRY_AFTER_S, Door
from server.channels.framing import payloads
from server.channels.hub import Viewer
from server.channels.session import Session
from server.kernel.ids import new_id

PATH = "/api/channels/poll"
BODY_BYTES_MAX = 4 * FRAME_BYTES_MAX
BODY_DEADLINE_S = 10.0
GATHER_S = 0.05
"""After the first push, for others that come with it: a new request for each would cost more than the wait."""
ANSWER_BYTES_MAX = 256 * 1024
"""Above this the viewer counts as paused, and the answer leaves. What it lacks it asks for with its next poll."""

_ERRORS: dict[CloseCode, WireError] = {
    CLOSE_SIGNED_OUT: NOT_SIGNED_IN,
    CLOSE_TOO_LARGE: TOO_LARGE,
    CLOSE_FLOODING: RATE_LIMITED,
}
"""What a websocket would be closed with; any other code is for frames that break the protocol."""

_BODY = msgspec.json.Decoder(Poll)


class PollHost(Host, Protocol):
    """The process's side of polls."""

    door: Door
    draining: bool
    others: dict[Conversation, None]


class Polled(Conversation):
    """One poll. Frames gather in `frames`; `news` is set when they should leave."""

    __slots__ = ("_quiet", "_size", "closed", "done", "frames", "news")

    def __init__(self, host: Host, address: str | None) -> None:
        session = Session(new_id("con", host.clock), host.clock.monotonic_ms(), host.session_limits)
        super().__init__(host, session, Viewer(self.write), address)
        self.frames: list[bytes] = []
        self.closed: CloseCode | None = None
        self.news = asyncio.Event()
        self.done = asyncio.Event()
        """Everything that the client asked for has been done."""
        self._quiet = 1  # frames that are no news: `connected`, and subscriptions that go on where they were
        self._size = 0

    def write(self, data: bytes) -> None:
        self.frames += payloads(data)
        self._size += len(data)
        if self._size > ANSWER_BYTES_MAX:
            self.viewer.paused = True
        if self.done.is_set():
            self.news.set()

    def look_again(self) -> None:
        # The next poll finds out everything anew, so this one just ends.
        self.news.set()

    def _joined(self, reply: Subscribed) -> None:
        self._quiet += reply.recovered and not reply.publications

    def _worked(self) -> None:
        self.done.set()
        if len(self.frames) > self._quiet:
            self.news.set()

    def start(self) -> None:
        """The client's frames have been given to the session: do what they ask for."""
        self.carry_out()
        if self.idle:
            self._worked()

    def _say_goodbye(self, code: CloseCode) -> None:
        self.closed = code
        self.end()
        self.done.set()
        self.news.set()


class LongPoll:
    """The operation."""

    def __init__(self, host: PollHost) -> None:
        self._host = host

    async def answer(self, request: Request) -> Response:
        """Raises Refused and Unavailable, for whoever turns them into problems."""
        host = self._host
        request.scope["efir.route"] = PATH  # the label of this route in the metrics
        if host.draining or len(host.others) >= host.door.limits.polls_max:
            raise Refused(
                UNAVAILABLE, "This node is full or leaving; another one will answer.", retry_after_ms=RETRY_AFTER_S * 1000
            )
        body = await _read(request)
        identity = await host.identities.by_cookie(request.headers.get("cookie", ""))
        if identity is None:
            raise Refused(NOT_SIGNED_IN)
        polled = Polled(host, address_key(request.client.host) if request.client else None)
        host.others[polled] = None
        try:
            polled.identify(identity)
            now_ms, unix_ms = host.clock.monotonic_ms(), host.clock.now_ms()
            polled.session.connected(1, identity.actor.id, now_ms, unix_ms)
            for frame in body.frames:
                polled.session.receive_frame(bytes(frame).decode(), now_ms, unix_ms)
            polled.start()
            await polled.done.wait()  # each effect has its deadline
            await _wait_for_news(polled, request, body.wait_ms)
        finally:
            host.others.pop(polled, None)
            polled.end()
        if polled.closed is not None and polled.closed != CLOSE_SHUTDOWN:
            raise _refusal(polled, polled.closed)
        return Response(
            b"[" + b",".join(polled.frames) + b"]", headers={"cache-control": "no-store"}, media_type="application/json"
        )


async def _wait_for_news(polled: Polled, request: Request, wait_ms: int) -> None:
    """Until there is some, the client is gone, or the time is over."""
    at_once = polled.news.is_set()
    if wait_ms and not at_once:
        news = polled.host.tasks.start(polled.news.wait(), "poll")
        gone = polled.host.tasks.start(_disconnection(request), "poll")
        try:
            await asyncio.wait((news, gone), timeout=wait_ms / 1000, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (news, gone):
                waiting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await waiting
    if polled.news.is_set() and not at_once and not polled.ended and not polled.viewer.paused:
        await asyncio.sleep(GATHER_S)


async def _disconnection(request: Request) -> object:
    return await request.receive()  # the body has been read, so this is the next message


def _refusal(polled: Polled, code: CloseCode) -> Refused:
    error = _ERRORS.get(code, MALFORMED)
    said: list[dict[str, Any]] = [msgspec.json.decode(frame) for frame in polled.frames]
    details = [frame["detail"] for frame in said if frame["op"] == "error"]
    return Refused(error, details[-1] if details else "")


async def _read(request: Request) -> Poll:
    """The body.

    Raises:
        Refused: it is no poll.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refused(UNSUPPORTED_MEDIA_TYPE, "Send the header Content-Type: application/json.")
    body = b""
    try:
        async with asyncio.timeout(BODY_DEADLINE_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_BYTES_MAX:
                    raise Refused(TOO_LARGE, f"Send at most {BODY_BYTES_MAX} bytes.")
    except TimeoutError:
        raise Refused(REQUEST_TIMEOUT, f"Send the whole body within {BODY_DEADLINE_S:.0f} seconds.") from None
    except ClientDisconnect:
        raise Refused(MALFORMED) from None  # nobody hears it
    try:
        return _BODY.decode(body.decode())  # whole, so that each frame in it is text
    except msgspec.ValidationError as error:
        raise Refused(INVALID_FIELD, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(MALFORMED, f"Send one JSON object in UTF-8 ({error}).") from error
