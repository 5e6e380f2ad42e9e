"""The last packets of a track, by sequence number: for retransmissions and for the group of pictures of a late joiner."""

from media.rtp.packets import Packet, extend


class PacketCache:
    """A ring of `capacity` packets, a power of two. A packet leaves when one `capacity` numbers later takes its place.

    The limit is the memory of the track: 4096 packets of 1.2 kB are 5 MB, and 4 s at 1000 packets per second.
    """

    def __init__(self, capacity: int) -> None:
        assert capacity & (capacity - 1) == 0, capacity
        self.capacity = capacity
        self._mask = capacity - 1
        self._ring: list[Packet | None] = [None] * capacity
        self.highest = -1
        """Largest sequence number so far; -1 before the first packet."""

    def add(self, packet: Packet) -> bool:
        """Keep a packet. False when it is a duplicate, or so old that its place belongs to a newer one."""
        place = packet[0] & self._mask
        there = self._ring[place]
        if there is not None and there[0] >= packet[0]:
            return False
        self._ring[place] = packet
        if packet[0] > self.highest:
            self.highest = packet[0]
        return True

    def get(self, sequence: int) -> Packet | None:
        """The packet with this extended number, if it is still here."""
        packet = self._ring[sequence & self._mask]
        return packet if packet is not None and packet[0] == sequence else None

    def find(self, sequence16: int) -> Packet | None:
        """The newest packet whose number ends in these 16 bits: what a NACK (RFC 4585 §6.2.1) asks for."""
        return self.get(extend(sequence16, self.highest))

    def clear(self) -> None:
        """Forget the packets; `highest` stays, numbers go on."""
        self._ring = [None] * len(self._ring)
