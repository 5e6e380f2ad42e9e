"""One viewer as the load makes it: a page's life (ticket, websocket, connect, subscribe, resume, back off), cheaply.

Sans-loop: `Swarm` says when its socket is ready, and when a pause is over.
"""

import contextlib
import errno
import random
import socket
import struct
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from loadtests.channels.wire import Frame, client_frame, ticket_request, upgrade

if TYPE_CHECKING:
    from loadtests.channels.swarm import Swarm

BASE_S, CAP_S = 0.5, 20.0
"""Full jitter as static/lib/backoff.js, `FOR_A_PERSON`."""
AGAIN_S = 2.0
"""As `AGAIN_MS` of static/lib/socket.js."""
NOT_WANTED = 4500
"""From here on a close code means: do not come back."""
READ_BYTES = 16 * 1024
BIND_ADDRESS_NO_PORT = 24  # <linux/in.h>
RESTING, TICKET, UPGRADING, CONNECTING, JOINING, LIVE, STOPPED = range(7)
_ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER that makes `close` send RST, as a network that is gone does in the end."""
_PONG = client_frame(b'{"op":"pong"}')


class Client:
    """One viewer. `positions`: where it stands on each of its channels."""

    __slots__ = ("attempt", "deaf", "positions", "rest", "sock", "source", "stage", "swarm", "ticket", "token", "unanswered")

    def __init__(self, swarm: "Swarm", token: str, source: str) -> None:
        self.swarm, self.token, self.source = swarm, token, source
        self.sock: socket.socket | None = None
        self.stage = RESTING
        self.rest = b""
        self.positions: dict[str, tuple[str, int]] = {}
        self.attempt = 0
        self.unanswered = 0
        self.deaf = False
        self.ticket = ""

    # What the swarm calls

    def begin(self) -> None:
        """Make the next attempt."""
        if self.swarm.plain:
            self._dial(UPGRADING, upgrade(self.swarm.host))
        else:
            self._dial(TICKET, ticket_request(self.swarm.host, f"efir_session={self.token}"))

    def writable(self) -> None:
        """The socket is connected."""
        if self.stage == TICKET:
            self._greet(ticket_request(self.swarm.host, f"efir_session={self.token}"))
        elif self.stage == UPGRADING:
            self._greet(upgrade(self.swarm.host))

    def readable(self) -> None:
        """There is something to read, or the end."""
        assert self.sock is not None
        try:
            data = self.sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if self.stage >= CONNECTING:
            if not data:
                self.lost(0)
                return
            self._received(self.rest + data if self.rest else data)
        elif self.stage == TICKET:
            self._ticket(data)
        elif not data:
            self.lost(0)
        else:
            self._upgraded(data)

    def lost(self, code: int) -> None:
        """The connection has ended: come back later, as a page does, unless the server does not want us (4500–4999)."""
        self.hang_up(abort=False)
        if NOT_WANTED <= code <= 4999:
            self.stage = STOPPED
            self.swarm.stopped(code)
            return
        limit_s = min(CAP_S, BASE_S * 2 ** min(self.attempt, 30))
        self.attempt += 1
        self.swarm.later(random.random() * limit_s, self)

    def hang_up(self, *, abort: bool) -> None:
        """Close the socket; `abort`: without a word."""
        if self.sock is not None:
            if abort:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            self.swarm.forget(self.sock)
            self.sock.close()
        self.sock, self.rest, self.stage = None, b"", RESTING

    def send(self, frame: dict[str, Any]) -> None:
        """A frame to the server. Client frames are few and small: one that does not fit means a server that does not read."""
        self._write(client_frame(msgspec.json.encode(frame)))

    # The way in

    def _dial(self, stage: int, greeting: bytes) -> None:
        self.sock = sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        if self.swarm.receive_buffer_bytes:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.swarm.receive_buffer_bytes)
        sock.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
        sock.bind((self.source, 0))
        self.stage = stage
        error = sock.connect_ex(self.swarm.address)
        if error not in (0, errno.EINPROGRESS):
            self.swarm.attempts_failed += 1
            self.lost(0)
            return
        # On loopback the connection is mostly there already.
        try:
            sock.send(greeting)
            self.swarm.watch(self, sock, connected=True)
        except (BlockingIOError, BrokenPipeError):
            self.swarm.watch(self, sock, connected=False)
        except OSError:
            self.swarm.attempts_failed += 1
            self.swarm.watch(self, sock, connected=True)
            self.lost(0)

    def _greet(self, greeting: bytes) -> None:
        assert self.sock is not None
        try:
            self.sock.send(greeting)
        except BlockingIOError:
            return
        except OSError:
            self.swarm.attempts_failed += 1
            self.lost(0)
            return
        self.swarm.connected(self.sock)

    def _ticket(self, data: bytes) -> None:
        """The answer ends with the connection, as was asked for; it may come in pieces."""
        self.rest += data
        head, _, body = self.rest.partition(b"\r\n\r\n")
        if data and not body.endswith(b"}"):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.swarm.refused(head.partition(b"\r\n")[0].decode(errors="replace") or "no answer")
            self.lost(0)
            return
        self.ticket = msgspec.json.decode(body)["ticket"]
        self.hang_up(abort=False)
        self._dial(UPGRADING, upgrade(self.swarm.host))

    def _upgraded(self, data: bytes) -> None:
        self.rest += data
        head, end, rest = self.rest.partition(b"\r\n\r\n")
        if not end:
            return
        if not head.startswith(b"HTTP/1.1 101"):
            self.swarm.refused(head.partition(b"\r\n")[0].decode(errors="replace"))
            self.lost(0)
            return
        self.rest = b""
        if self.swarm.plain:
            self._live()
        else:
            self.stage = CONNECTING
            self.send({"op": "connect", "id": 1, "ticket": self.ticket})
        if rest:
            self._received(rest)

    def _live(self) -> None:
        self.stage = LIVE
        self.swarm.live(self)

    # Frames

    def _received(self, data: bytes) -> None:
        piece = self.swarm.parser.parse(data)
        # Hot path: whole frames, all pushes, that others got before.
        self.rest = b"" if piece.used == len(data) else data[piece.used :]
        if piece.pushes:
            self.swarm.heard(piece)
        for step in piece.steps:
            if isinstance(step, Frame):
                self._frame(step)
                continue
            at = self.positions.get(step.channel)
            if at is not None:
                self.positions[step.channel] = self.swarm.moved(step, at)
        if piece.closed and self.stage != STOPPED:
            self.lost(piece.closed)

    def _frame(self, frame: Frame) -> None:
        if frame.op == "connected":
            self.attempt = 0
            self.stage = JOINING
            channels = self.swarm.channels
            self.unanswered = len(channels)
            self._write(b"".join(self._subscribe(number, name) for number, name in enumerate(channels, 2)))
        elif frame.op == "subscribed":
            self.positions[frame.channel] = self.swarm.resumed(frame, self.positions.get(frame.channel))
            self._answered()
        elif frame.op == "gap":
            self.swarm.gaps += 1
            self.positions[frame.channel] = (frame.epoch or "", frame.offset or 0)
        elif frame.op == "ping":
            self._write(_PONG)
        elif frame.op == "error":
            self.swarm.refused(frame.name)
            if self.stage == JOINING and 2 <= frame.id < 2 + len(self.swarm.channels):
                self._refused_channel(frame)
            else:
                self.swarm.answered(frame)
        elif frame.op == "accepted":
            self.swarm.answered(frame)

    def _subscribe(self, number: int, name: str) -> bytes:
        at = self.positions.get(name)
        position = None if at is None else {"epoch": at[0], "offset": at[1]}
        return client_frame(msgspec.json.encode({"op": "subscribe", "id": number, "channel": name, "position": position}))

    def _refused_channel(self, frame: Frame) -> None:
        """A page asks again for a channel that was refused for the moment, on the same connection."""
        if not frame.temporary:
            self.lost(NOT_WANTED)
            return
        again = partial(self._ask_again, self.sock, frame.id)
        self.swarm.after(AGAIN_S + random.random() * BASE_S, again)

    def _ask_again(self, sock: socket.socket | None, number: int) -> None:
        if self.sock is sock and self.stage == JOINING:
            self._write(self._subscribe(number, self.swarm.channels[number - 2]))

    def _answered(self) -> None:
        self.unanswered -= 1
        if self.unanswered == 0 and self.stage == JOINING:
            self._live()

    def _write(self, data: bytes) -> None:
        if self.sock is not None:
            with contextlib.suppress(OSError):  # the end is read soon
                self.sock.send(data)


def now_s() -> float:
    """CLOCK_MONOTONIC, the same in all processes of the machine."""
    return time.monotonic()
