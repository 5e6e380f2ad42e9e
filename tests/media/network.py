"""A bad network: sockets that lose datagrams, in place of the relay's own."""

import random
import socket
from typing import Any


class LossySocket:
    """Loses a share of the media datagrams that pass; handshakes and checks pass. The same packets are lost in every run."""

    def __init__(self, sock: socket.socket, share: float, spared: frozenset[int] = frozenset()) -> None:
        """`spared` are payload types that always pass."""
        self._sock = sock
        self._share = share
        self._spared = spared
        self._random = random.Random(7)
        self.lost = 0

    def sendmsg(self, parts: list[bytes], control: list[Any], flags: int, address: Any) -> int:
        """Asks for single datagrams, each of which may be lost."""
        if control:
            raise OSError(22, "no segmentation on this network")
        return self.sendto(b"".join(parts), address)

    def sendto(self, data: bytes, address: Any) -> int:
        return len(data) if self._lose(data[0], data[1]) else self._sock.sendto(data, address)

    def recvfrom_into(self, buffer: bytearray) -> tuple[int, Any]:
        while True:
            size, address = self._sock.recvfrom_into(buffer)
            if not self._lose(buffer[0], buffer[1]):
                return size, address

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def _lose(self, first: int, second: int) -> bool:
        media = 127 < first < 192 and not 192 <= second <= 223 and second & 0x7F not in self._spared
        if media and self._random.random() < self._share:
            self.lost += 1
            return True
        return False
