"""A bad network between one viewer and the relay: a UDP proxy on loopback that loses or delays what goes down to the viewer."""

import asyncio
import contextlib
import random
import socket
import time
from collections import deque

_BUFFER = 1 << 20
_DRAIN_MAX = 64


class Proxy:
    """`port` is where the viewer sends; the relay sees the proxy's address. Subclasses decide in `down` what goes on.

    The first sender is the viewer, others are ignored.
    """

    def __init__(self, relay_port: int) -> None:
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind(("127.0.0.1", 0))
        self._back.connect(("127.0.0.1", relay_port))
        for sock in (self._front, self._back):
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._viewer: tuple[str, int] | None = None

    @property
    def port(self) -> int:
        """Port for the viewer."""
        return int(self._front.getsockname()[1])

    async def __aenter__(self) -> "Proxy":
        loop = asyncio.get_running_loop()
        loop.add_reader(self._front, self._from_viewer)
        loop.add_reader(self._back, self._from_relay)
        return self

    async def __aexit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for sock in (self._front, self._back):
            loop.remove_reader(sock)
            sock.close()

    def down(self, data: bytes) -> None:
        """A datagram of the relay; `deliver` passes it on."""
        self.deliver(data)

    def deliver(self, data: bytes) -> None:
        """To the viewer. A full or closed socket loses it."""
        if self._viewer is not None:
            with contextlib.suppress(OSError):
                self._front.sendto(data, self._viewer)

    def _from_viewer(self) -> None:
        for _ in range(_DRAIN_MAX):
            try:
                data, address = self._front.recvfrom(2048)
            except OSError:  # empty, or an ICMP error of an earlier send
                return
            self._viewer = self._viewer or address
            if address == self._viewer:
                with contextlib.suppress(OSError):
                    self._back.send(data)

    def _from_relay(self) -> None:
        for _ in range(_DRAIN_MAX):
            try:
                data = self._back.recv(2048)
            except OSError:
                return
            self.down(data)


class Lossy(Proxy):
    """Loses a share of the RTP packets at random, retransmissions too; checks, DTLS and RTCP pass."""

    def __init__(self, relay_port: int, share: float, seed: int, video_ssrc: int) -> None:
        super().__init__(relay_port)
        self._share = share
        self._random = random.Random(seed)
        self._video = video_ssrc.to_bytes(4, "big")
        self.lost: dict[int, float] = {}
        """Sequence number of each lost packet of video (not of its retransmissions), and when, monotonic seconds."""

    def down(self, data: bytes) -> None:
        """See `Proxy`."""
        media = 127 < data[0] < 192 and not 192 <= data[1] <= 223
        lost = media and self._random.random() < self._share
        if not lost:
            self.deliver(data)
        elif data[8:12] == self._video:
            self.lost[data[2] << 8 | data[3]] = time.monotonic()


class Narrow(Proxy):
    """A link of `bps` (0: as wide as it is) with a queue of `_QUEUE_S`; what finds it full is lost, as at a radio mast."""

    _QUEUE_S = 0.5

    def __init__(self, relay_port: int) -> None:
        super().__init__(relay_port)
        self.bps = 0
        self.lost = 0
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._timer: asyncio.TimerHandle | None = None

    def down(self, data: bytes) -> None:
        """See `Proxy`."""
        if not self.bps:
            while self._queue:
                self._next()
            self.deliver(data)
        elif (self._queued + len(data)) * 8 <= self.bps * self._QUEUE_S:
            self._queue.append(data)
            self._queued += len(data)
            self._wait()
        else:
            self.lost += 1

    def _wait(self) -> None:
        if self._timer is None and self._queue:
            pause_s = len(self._queue[0]) * 8 / self.bps if self.bps else 0.0
            self._timer = asyncio.get_running_loop().call_later(pause_s, self._release)

    def _release(self) -> None:
        self._timer = None
        if self._queue:
            self._next()
        self._wait()

    def _next(self) -> None:
        data = self._queue.popleft()
        self._queued -= len(data)
        self.deliver(data)

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await super().__aexit__()
