"""Datagrams on a TCP connection: a length of two bytes before each (RFC 4571 §2). Sans I/O."""

from collections.abc import Sequence

FRAME_MAX = 2048
"""As for a UDP datagram (`udp.py`): no WebRTC packet is longer, and who speaks another protocol is noticed at once."""


class FramingError(ValueError):
    """The other side does not speak RFC 4571, or sends what no WebRTC peer would; there is no way to find the next frame."""


def framed(packets: Sequence[bytes]) -> bytes:
    """The packets as one piece for the connection."""
    parts: list[bytes] = []
    for packet in packets:
        parts.append(len(packet).to_bytes(2, "big"))
        parts.append(packet)
    return b"".join(parts)


class Deframer:
    """Cuts what arrives into packets; keeps at most the beginning of one frame."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    @property
    def partial(self) -> bool:
        """Whether the end of a frame is missing."""
        return bool(self._rest)

    def receive(self, data: bytes) -> list[bytes]:
        """The packets that are complete now.

        Raises:
            FramingError: a frame is empty or longer than `FRAME_MAX`; nothing more can be read.
        """
        if self._rest:
            data = self._rest + data
        packets: list[bytes] = []
        position, end = 0, len(data)
        while end - position >= 2:
            size = data[position] << 8 | data[position + 1]
            if not 0 < size <= FRAME_MAX:
                raise FramingError(f"a frame of {size} bytes")
            if end - position - 2 < size:
                break
            packets.append(data[position + 2 : position + 2 + size])
            position += 2 + size
        self._rest = data[position:]
        return packets
