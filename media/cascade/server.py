"""The socket of a media process that edges connect to, and what they say."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable

from media.cascade import wire
from media.cascade.link import EdgeLink
from media.cascade.origin import StreamPipe
from media.stats import Counters

EDGES_MAX = 256
"""Connections of a process: one per stream and edge. More than any machine has cores; others are closed at once."""
SUBSCRIBE_MS = 2_000.0
"""A connection that has not said `Subscribe` for so long is closed."""
BUFFER_BYTES = 1 << 20
"""Asked of the kernel, which may give less: half a second of four cameras in three layers."""

_BACKLOG = 64
_READS_PER_WAKE = 16


class PipeServer:
    """The socket of this process that edges connect to. Whoever may write to its file (mode 0600) is one of ours."""

    def __init__(
        self, path: str, subscribe: Callable[[str], StreamPipe], counters: Counters, now_ms: Callable[[], float]
    ) -> None:
        """`subscribe` gives the pipe of a stream."""
        self._path = path
        self._subscribe = subscribe
        self._counters = counters
        self._now_ms = now_ms
        self._listener: socket.socket | None = None
        self._new: dict[socket.socket, float] = {}
        self._links: dict[socket.socket, tuple[StreamPipe, EdgeLink]] = {}

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: the path cannot be used.
        """
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)  # left over from a process that was killed
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            os.fchmod(listener.fileno(), 0o600)  # before there is a file that others could open
            listener.bind(self._path)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
        listener.setblocking(False)
        self._listener = listener
        asyncio.get_running_loop().add_reader(listener, self._accept)

    def close(self) -> None:
        """End every connection, and listen no more."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
        for sock in [*self._new, *self._links]:
            self._end(sock)

    def each_second(self, now_ms: float) -> None:
        """Close connections that say nothing, and forget those whose edge was dropped."""
        for sock in [sock for sock, since_ms in self._new.items() if now_ms - since_ms > SUBSCRIBE_MS]:
            self._end(sock)
        for sock in [sock for sock in self._links if sock.fileno() < 0]:
            del self._links[sock]

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            sock, _ = self._listener.accept()
        except OSError:  # the edge has gone already, or this process has no descriptor left
            return
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        if len(self._new) + len(self._links) >= EDGES_MAX:
            sock.close()
            return
        self._new[sock] = self._now_ms()
        asyncio.get_running_loop().add_reader(sock, self._read, sock)

    def _read(self, sock: socket.socket) -> None:
        for _ in range(_READS_PER_WAKE):
            try:
                data = sock.recv(4096)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data or not self._receive(sock, data):
                self._end(sock)
                return

    def _receive(self, sock: socket.socket, data: bytes) -> bool:
        try:
            message = wire.decode_to_origin(data)
        except wire.WireError:
            self._counters.dropped_malformed += 1
            return False
        known = self._links.get(sock)
        if known is not None:
            known[0].receive(known[1], message)
        elif isinstance(message, wire.Subscribe) and message.version == wire.VERSION:
            del self._new[sock]
            pipe = self._subscribe(message.stream_id)
            self._links[sock] = (pipe, pipe.add(sock))
        else:
            return False
        return True

    def _end(self, sock: socket.socket) -> None:
        self._new.pop(sock, None)
        known = self._links.pop(sock, None)
        if known is not None:
            known[0].drop(known[1])
        if sock.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()
