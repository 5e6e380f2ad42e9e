"""The one file that knows uvicorn's insides: a protocol of ours for websockets, from the handshake on, and its own for HTTP with
a deadline for request heads.

After the handshake a connection is a transport, this protocol and its listener: no task, no queue, no ASGI scope. Frames for
viewers are written straight to the transport, the same bytes to everybody. What makes that sound: only whole frames, only after
the handshake, never compressed, never after our close frame, always on the loop's thread. The contract with the pinned uvicorn
is tests/channels/test_transport.py.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar, Protocol, cast

from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.server import ServerState

from schemas.frames import FRAME_BYTES_MAX
from server.channels.rfc6455 import (
    Event,
    FrameReader,
    PeerClosed,
    Refusal,
    Request,
    Violation,
    accept_handshake,
    check_handshake,
    close_frame,
    parse_request,
)

MESSAGE_BYTES_MAX = 4 * FRAME_BYTES_MAX
"""Larger than the session's limit: between the two the client hears a numbered error, above this only close code 1009."""
TCP_NOTSENT_LOWAT = 25  # <netinet/tcp.h>
NOT_SENT_BYTES = 16 * 1024
"""What the kernel may hold unsent. By default that is megabytes: a slow viewer would be noticed late and shown old prices."""
USER_TIMEOUT_MS = 30_000
"""A peer that acknowledges nothing for so long is gone; by default the kernel tries for a quarter of an hour."""
WRITE_BUFFER_BYTES = 32 * 1024
"""Above this the viewer counts as paused. A snapshot of the largest channel still goes out in one piece."""
CLOSING_S = 5.0
"""How long a peer may take to answer our close frame, or to read it."""
HEAD_DEADLINE_S = 10.0
"""For the head of a request. Who drips it byte by byte holds a socket for nothing (slowloris)."""


class Listener(Protocol):
    """Who a connection belongs to. Called on the loop, `paused` from inside `write` as well."""

    @property
    def has_room(self) -> bool:
        """Whether it takes another event now; otherwise it calls `LiveProtocol.read_on` later."""

    def receive(self, event: Event) -> None:
        """An event of the peer; never `PeerClosed`."""

    def paused(self) -> None:
        """The socket takes nothing more; stop writing."""

    def resumed(self) -> None:
        """The socket takes data again."""

    def lost(self) -> None:
        """Nothing more can be read or written."""


class Reception(Protocol):
    """Who takes connections in."""

    def greet(self, request: Request, address: str | None) -> Refusal | None:
        """Why there will be no connection, or None. `address` is None when it is a proxy's."""

    def open(self, wire: "LiveProtocol", request: Request, address: str | None) -> Listener | None:
        """The connection is open; None when it was closed at once."""


class Phase(Enum):
    """What may still happen on a connection."""

    HANDSHAKE = "the request"
    OPEN = "frames both ways"
    CLOSING = "our close frame is out, the peer's is not here yet"
    OVER = "bytes that come are thrown away"


class LiveProtocol(asyncio.Protocol):
    """A websocket. Subclasses from `websocket_protocol` know where they belong."""

    reception: ClassVar[Reception]

    __slots__ = ("_config", "_connections", "_listener", "_phase", "_reader", "_stop", "is_paused", "transport", "write")

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        self._config = config
        self._connections: set[Any] = server_state.connections
        self._phase = Phase.HANDSHAKE
        self._reader = FrameReader(MESSAGE_BYTES_MAX)
        self._listener: Listener | None = None
        self._stop: asyncio.TimerHandle | None = None
        self.is_paused = False
        """Whether the socket takes nothing at the moment."""
        self.transport: asyncio.Transport
        self.write: Callable[[bytes], None]
        """Write whole frames while the connection is open; never blocks."""

    # Called by uvicorn's HTTP protocol, which hands over once it has read `Upgrade: websocket`, and by uvicorn when it ends

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.write = self.transport.write
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._phase is Phase.HANDSHAKE:
            self._shake_hands(parse_request(data))
        elif self._phase is not Phase.OVER:
            self._reader.feed(data)
            self.read_on()

    def shutdown(self) -> None:
        """The process ends; whoever is here still was not drained in time."""
        self.close(1001, "")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self._stop is not None:
            self._stop.cancel()
            self._stop = None
        self._end()

    def pause_writing(self) -> None:
        self.is_paused = True
        if self._listener is not None:
            self._listener.paused()

    def resume_writing(self) -> None:
        self.is_paused = False
        if self._listener is not None:
            self._listener.resumed()

    # For the listener

    def read_on(self) -> None:
        """Hand on what has come, as far as there is room; leave the rest to the kernel, which slows the peer down."""
        try:
            while self._phase is not Phase.OVER and (self._listener is None or self._listener.has_room):
                event = self._reader.next()
                if event is None:
                    break
                self._take(event)
        except Violation as violation:
            self._fail(violation)
        if self.transport.is_closing():
            return
        if self._phase is Phase.OPEN and self._listener is not None and not self._listener.has_room:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye and wait a while for the peer to do so too (RFC 6455 §7.1.2). Nothing is handed on any more."""
        if self._phase is not Phase.OPEN:
            return
        self.transport.write(close_frame(code, reason))
        self._phase = Phase.CLOSING
        self._end()
        self._stop_later()
        self.transport.resume_reading()

    def abort(self) -> None:
        """Drop the connection at once. A close frame would wait behind what the viewer does not read."""
        self._phase = Phase.OVER
        self._end()
        self.transport.abort()

    # Inside

    def _shake_hands(self, request: Request) -> None:
        address = client_address(self._config, self.transport, request)
        refusal = self.reception.greet(request, address) or check_handshake(request)
        if refusal is not None:
            self._phase = Phase.OVER
            self.transport.write(refusal.encode())
            self.transport.close()
            return
        self._prepare_socket()
        self.transport.write(accept_handshake(request))
        self._phase = Phase.OPEN
        self._listener = self.reception.open(self, request, address)

    def _prepare_socket(self) -> None:
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        own = self.transport.get_extra_info("socket")
        if own is not None and own.family in (socket.AF_INET, socket.AF_INET6) and hasattr(own, "setsockopt"):
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does it for some listeners only
            own.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)

    def _take(self, event: Event) -> None:
        if not isinstance(event, PeerClosed):
            if self._listener is not None:
                self._listener.receive(event)
            return
        if self._phase is Phase.OPEN:
            self.transport.write(close_frame(event.code))  # §5.5.1: the same code back
        self._phase = Phase.OVER
        self._end()
        self.transport.close()

    def _fail(self, violation: Violation) -> None:
        """§7.1.7. The peer may still be sending: closing now would reset the connection, and our close frame be lost with it."""
        if self._phase is Phase.OPEN:
            self.transport.write(close_frame(violation.code, violation.args[0]))
        self._phase = Phase.OVER
        self._end()
        self._stop_later()
        if self.transport.can_write_eof():
            with contextlib.suppress(OSError):  # the peer was faster
                self.transport.write_eof()

    def _stop_later(self) -> None:
        if self._stop is None:
            self._stop = asyncio.get_running_loop().call_later(CLOSING_S, self.transport.abort)

    def _end(self) -> None:
        listener, self._listener = self._listener, None
        self._reader = FrameReader(MESSAGE_BYTES_MAX) if self._phase is Phase.OVER else self._reader
        if listener is not None:
            listener.lost()


def websocket_protocol(reception: Reception) -> type[LiveProtocol]:
    """For `uvicorn.Config(ws=…)`: a class, because that is what it takes."""
    return type("Websocket", (LiveProtocol,), {"reception": reception, "__slots__": ()})


def client_address(config: Config, transport: asyncio.Transport, request: Request) -> str | None:
    """The peer's address, or what a trusted proxy says of it, as uvicorn finds it for HTTP; None when only a proxy is known."""
    peer = get_remote_addr(transport)
    proxies = config.loaded_app.trusted_hosts if isinstance(config.loaded_app, ProxyHeadersMiddleware) else ()
    if peer is None or peer[0] not in proxies:
        return None if peer is None else peer[0]
    forwarded = request.header("x-forwarded-for")
    if forwarded is None:
        return None
    host, _ = cast(Any, proxies).get_trusted_client_address(forwarded)
    return str(host) or None


class PatientHttp(HttpToolsProtocol):
    """uvicorn's HTTP protocol, whose patience with an unfinished request head ends."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._patience is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._patience = self.loop.call_later(HEAD_DEADLINE_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._patience = None
        self.transport.abort()


HTTP_PROTOCOL: type[asyncio.Protocol] = PatientHttp
"""For `uvicorn.Config(http=…)`."""
