"""The one file that knows uvicorn's insides: it gives the endpoint the connection's transport, past the ASGI send path.

`await websocket.send_text` builds the frame anew for every viewer and costs 2.4 times a bare write; a fan-out also must not wait
for one viewer's socket. So frames are written straight to the transport. What makes that sound: only whole frames, only after the
handshake, never compressed, never after our close frame, always on the loop's thread. The contract with the pinned uvicorn is
tests/channels/test_transport.py.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Protocol, cast

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from schemas.frames import FRAME_BYTES_MAX

EXTENSION = "efir.wire"
TCP_NOTSENT_LOWAT = 25  # <netinet/tcp.h>
NOT_SENT_BYTES = 16 * 1024
"""What the kernel may hold unsent. By default that is megabytes: a slow viewer would be noticed late and shown old prices."""
WRITE_BUFFER_BYTES = 32 * 1024
"""Above this the viewer counts as paused. A snapshot of the largest channel still goes out in one piece."""


class Listener(Protocol):
    """Who wants to know about the connection's socket. Called on the loop, from inside `write` as well."""

    def paused(self) -> None:
        """The socket takes nothing more; stop writing."""

    def resumed(self) -> None:
        """The socket takes data again."""

    def lost(self) -> None:
        """The connection is gone."""


class LiveProtocol(WebSocketsSansIOProtocol):
    """uvicorn's websocket protocol that shows its transport to the application, in `scope["extensions"]`."""

    listener: Listener | None = None

    async def run_asgi(self) -> None:
        cast(dict[str, Any], self.scope["extensions"])[EXTENSION] = Wire(self)
        await super().run_asgi()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.listener is not None:
            self.listener.paused()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.listener is not None:
            self.listener.resumed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.listener is not None:
            self.listener.lost()
            self.listener = None


class Wire:
    """A connection's transport. Use it after the handshake only."""

    __slots__ = ("_protocol", "write")

    def __init__(self, protocol: LiveProtocol) -> None:
        self._protocol = protocol
        self.write: Callable[[bytes], None] = protocol.transport.write
        """Write whole frames; never blocks."""

    def attach(self, listener: Listener) -> None:
        """Prepare the socket after the handshake, and tell `listener` how it fares."""
        protocol = self._protocol
        assert protocol.handshake_complete
        assert not protocol.conn.extensions, "frames are shared, so none may be compressed"
        protocol.listener = listener
        protocol.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        own = protocol.transport.get_extra_info("socket")
        if own is not None and own.family in (socket.AF_INET, socket.AF_INET6) and hasattr(own, "setsockopt"):
            own.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)

    @property
    def is_paused(self) -> bool:
        """Whether the socket takes nothing at the moment."""
        return not self._protocol.writable.is_set()

    def abort(self) -> None:
        """Drop the connection at once. A close frame would wait behind what the viewer does not read."""
        self._protocol.transport.abort()


def wire_of(websocket: WebSocket) -> Wire:
    """The transport of an accepted or yet unaccepted connection.

    Raises:
        RuntimeError: the server was not started with `WEBSOCKET_PROTOCOL`.
    """
    wire = websocket.scope.get("extensions", {}).get(EXTENSION)
    if not isinstance(wire, Wire):
        raise RuntimeError("start uvicorn with ws=WEBSOCKET_PROTOCOL and **WEBSOCKET_SETTINGS of server.channels.transport")
    return wire


WEBSOCKET_PROTOCOL: type[asyncio.Protocol] = LiveProtocol
"""For `uvicorn.Config(ws=…)`."""

WEBSOCKET_SETTINGS: dict[str, Any] = {
    # Larger than ours: between the two the client hears a numbered error, above this only close code 1009.
    "ws_max_size": 4 * FRAME_BYTES_MAX,
    # Compression costs 40 KiB a connection, twice the CPU, and sharing of frames.
    "ws_per_message_deflate": False,
    # The session pings in frames of its own, so that the page notices a dead link too.
    "ws_ping_interval": None,
    "ws_ping_timeout": None,
}
"""For `uvicorn.Config(…, **WEBSOCKET_SETTINGS)`."""
