"""ICE-TCP, passive side (RFC 6544): the TCP port of a media process, for clients whose network blocks UDP.

A connection carries what a UDP path would, framed (`framing.py`): checks, DTLS, SRTP. It is an `Address` as an IP address and
port are: sessions are found by it, and the batch sender sends to it. It belongs to nobody until a valid check came over it.
"""

import asyncio
import contextlib
import errno
import resource
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from media.stats import Counters
from media.transport.framing import Deframer, FramingError, framed
from media.transport.ice import Address, Endpoint
from media.transport.limits import network_of
from media.transport.udp import Session, endpoint_of

FIRST_CHECK_MS = 5_000.0
"""A connection without a valid check for so long is closed."""

HALF_FRAME_MS = 5_000.0
"""A frame whose end is missing for so long: the sender is broken, or wants to hold our memory."""

STUCK_MS = 10_000.0
"""A peer that took not one byte for so long is closed; it may connect again."""

BUFFER_MAX = 512 << 10
"""Bytes waiting for one peer: a cached group of pictures must fit on its way to a slow line, or the peer could not start at all.
Policy: when full, media is dropped as whole packets until three quarters are gone, so that the peer sees one gap, asks for a key
frame and goes on, instead of losing a packet of each frame."""

ALL_BUFFERS_MAX = 128 << 20
"""Bytes waiting for all peers together, so that a thousand viewers that stopped reading do not take the process down. Above it
each may still have the rest of one batch: a frame that is begun must be finished."""

_URGENT_MAX = 32 << 10  # above BUFFER_MAX for checks, handshakes and reports: without them the session would end
_NOT_SENT_MAX = 64 << 10  # in the kernel: what waits there cannot be dropped any more
_READ_MAX = 64 << 10
_ACCEPT_MAX = 16  # per wake-up
_BACKLOG = 128
_STRANGER_CHECKS_MAX = 16  # checks over a connection none of which was valid
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # Linux and macOS


@dataclass(frozen=True)
class TcpLimits:
    """Connections. Over `in_all` or `per_network` the new one is closed; over `strangers` the oldest stranger is, so that a flood
    cannot keep others out for the five seconds that a stranger has."""

    in_all: int = 2_500
    per_network: int = 300
    strangers: int = 256


class TcpConnection:
    """One accepted connection. `remote` is where it comes from; equal only to itself, as a key of the table of sessions."""

    __slots__ = (
        "_deframer", "_loop", "_moved_ms", "_owner", "_partial_ms", "_sock", "_unsent", "_writing",
        "checks", "closed", "congested", "opened_ms", "remote",
    )  # fmt: skip

    def __init__(self, owner: "TcpListener", sock: socket.socket, remote: Endpoint, now_ms: float) -> None:
        self.remote = remote
        self.opened_ms = now_ms
        self.checks = 0
        self.congested = False
        """Whether media is being dropped."""
        self.closed = False
        self._owner = owner
        self._sock = sock
        self._deframer = Deframer()
        self._unsent = bytearray()
        self._writing = False
        self._moved_ms = now_ms
        self._partial_ms: float | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(sock, self._read)

    def send(self, packets: list[bytes], *, urgent: bool = False) -> int:
        """How many of the packets were taken: all or none. `urgent` ones still fit when media is dropped."""
        if self.closed or (self.congested and not urgent):
            return 0
        data = framed(packets)
        full = len(self._unsent) + len(data) > BUFFER_MAX + (_URGENT_MAX if urgent else 0)
        if full or (self._unsent and self._owner.buffered + len(data) > ALL_BUFFERS_MAX):
            self.congested = True
            return 0
        if self._unsent:
            self._keep(data)
            return len(packets)
        sent = self._write(data)
        if sent < len(data) and not self.closed:
            self._keep(data[sent:])
            self._moved_ms = self._owner.monotonic_ms()
            self._loop.add_writer(self._sock, self._drain)
            self._writing = True
        return 0 if self.closed else len(packets)

    def close(self) -> None:
        """End the connection now and tell its session; safe to call twice. What waits is lost."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._sock)
        if self._writing:
            self._loop.remove_writer(self._sock)
        self._sock.close()
        self._owner.buffered -= len(self._unsent)
        self._unsent.clear()
        self._owner.forget(self)

    def overdue(self, now_ms: float) -> bool:
        """Whether a deadline of a connection with a session has passed."""
        half = self._partial_ms is not None and now_ms - self._partial_ms > HALF_FRAME_MS
        return half or (bool(self._unsent) and now_ms - self._moved_ms > STUCK_MS)

    def _keep(self, data: bytes) -> None:
        self._unsent += data
        self._owner.buffered += len(data)

    def _write(self, data: bytes | bytearray) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0
        except OSError:  # reset, timed out
            self.close()
            return 0

    def _drain(self) -> None:
        sent = self._write(self._unsent)
        if self.closed or not sent:
            return
        del self._unsent[:sent]
        self._owner.buffered -= sent
        self._moved_ms = self._owner.monotonic_ms()
        if len(self._unsent) <= BUFFER_MAX // 4:
            self.congested = False
        if not self._unsent:
            self._loop.remove_writer(self._sock)
            self._writing = False

    def _read(self) -> None:
        try:
            data = self._sock.recv(_READ_MAX)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        now_ms = self._owner.monotonic_ms()
        try:
            packets = self._deframer.receive(data)
        except FramingError:
            self._owner.counters.dropped_malformed += 1
            self.close()
            return
        if packets or not self._deframer.partial:
            self._partial_ms = None
        if self._deframer.partial and self._partial_ms is None:
            self._partial_ms = now_ms
        for packet in packets:
            if self.closed:
                return
            self._owner.deliver(self, packet, now_ms)


class TcpListener:
    """Owns the listening socket and its connections. `sessions` is the table of `UdpSocket`: a session is found by its path."""

    def __init__(
        self,
        host: str,
        port: int,
        sessions: dict[Address, Session],
        counters: Counters,
        monotonic_ms: Callable[[], float],
        on_stun: Callable[[bytes, Address], None],
        limits: TcpLimits | None = None,
    ) -> None:
        self.counters = counters
        self.monotonic_ms = monotonic_ms
        self.connections: set[TcpConnection] = set()
        self.buffered = 0
        """Bytes waiting in all connections."""
        self._sessions = sessions
        self._on_stun = on_stun
        self._limits = limits or TcpLimits()
        # Half of the files that the process may open: the rest is for its HTTP, its database and its log.
        self._most = min(self._limits.in_all, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self._strangers: dict[TcpConnection, None] = {}
        self._networks: Counter[str] = Counter()
        self._paused = False
        self._loop: asyncio.AbstractEventLoop | None = None
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart finds connections of before in TIME_WAIT
            if family == socket.AF_INET6:
                self._sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            self._sock.setblocking(False)
            self._sock.bind((host, port))
            self._sock.listen(_BACKLOG)
        except OSError:
            self._sock.close()
            raise

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._sock.getsockname()[1])

    def start(self) -> None:
        """Begin to accept, on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sock, self._accept)

    def close(self) -> None:
        """Close the port and every connection; safe to call twice."""
        if self._loop is not None:
            self._loop.remove_reader(self._sock)
            self._loop = None
        self._sock.close()
        for connection in list(self.connections):
            connection.close()

    def sweep(self, now_ms: float) -> None:
        """Every second: close what is past its deadline; accept again after a shortage of files."""
        for connection in list(self.connections):
            late = connection in self._strangers and now_ms - connection.opened_ms > FIRST_CHECK_MS
            if late or connection.overdue(now_ms):
                self.counters.tcp_expired += 1
                connection.close()
        if self._paused and self._loop is not None:
            self._paused = False
            self._loop.add_reader(self._sock, self._accept)

    def deliver(self, connection: TcpConnection, packet: bytes, now_ms: float) -> None:
        """A packet of a connection, to whom it belongs (RFC 7983 §7)."""
        counters, first = self.counters, packet[0]
        counters.packets_in += 1
        counters.bytes_in += len(packet)
        if first < 4:
            self._check(connection, packet)
            return
        session = self._sessions.get(connection)
        if session is None:  # nobody who speaks ICE sends this first
            counters.dropped_unknown_address += 1
            connection.close()
        elif 127 < first < 192:
            session.receive_media(packet, connection, now_ms)
        elif 19 < first < 64:
            session.receive_dtls(packet, connection)
        else:
            counters.dropped_malformed += 1

    def forget(self, connection: TcpConnection) -> None:
        """A connection is closed."""
        self.connections.discard(connection)
        self._strangers.pop(connection, None)
        network = network_of(connection.remote[0])
        self._networks[network] -= 1
        if not self._networks[network]:
            del self._networks[network]
        session = self._sessions.pop(connection, None)
        if session is not None:
            session.path_closed(connection)

    def _check(self, connection: TcpConnection, packet: bytes) -> None:
        self._on_stun(packet, connection)
        if connection not in self._strangers:
            return
        connection.checks += 1
        if connection in self._sessions:
            del self._strangers[connection]
        elif connection.checks >= _STRANGER_CHECKS_MAX:
            connection.close()

    def _accept(self) -> None:
        for _ in range(_ACCEPT_MAX):
            try:
                sock, sender = self._sock.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _NO_ROOM and self._loop is not None:  # the port stays readable: wait, or the loop would spin
                    self._paused = True
                    self._loop.remove_reader(self._sock)
                    return
                continue  # the client was gone before we took it
            self._admit(sock, endpoint_of(sender))

    def _admit(self, sock: socket.socket, remote: Endpoint) -> None:
        network = network_of(remote[0])
        if len(self.connections) >= self._most or self._networks[network] >= self._limits.per_network:
            self.counters.tcp_refused += 1
            sock.close()
            return
        if len(self._strangers) >= self._limits.strangers:
            self.counters.tcp_refused += 1
            next(iter(self._strangers)).close()
        sock.setblocking(False)
        with contextlib.suppress(OSError):  # the client may be gone already; the first read tells
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if _NOTSENT_LOWAT is not None:
                sock.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _NOT_SENT_MAX)
        connection = TcpConnection(self, sock, remote, self.monotonic_ms())
        self.connections.add(connection)
        self._strangers[connection] = None
        self._networks[network] += 1
