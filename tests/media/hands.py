"""Clients whose packets a test makes one by one: real sessions of the relay whose keys are known instead of negotiated."""

import re
import socket
import struct
from typing import NamedTuple

import httpx

from media.peer import Peer
from media.publisher import Publisher
from media.rtp import rtcp
from media.subscriber import Subscriber
from media.transport.srtp import AES_128_GCM, GcmInbound, GcmOutbound, SrtpKeys, inbound, outbound
from schemas.media import HEADER_PARTICIPANT, HEADER_ROLE, HEADER_STAGE
from tests.media import offers
from tests.media.clients import STREAM, until
from tests.media.conftest import Relay

SDP = {"content-type": "application/sdp"}
KEYS = SrtpKeys(AES_128_GCM, bytes(16), bytes(12), bytes(16), bytes(12))
KEY, DELTA = b"\x65", b"\x41"
"""First bytes of an IDR slice and of another one (RFC 6184 §1.3)."""

MID, RID = 4, 10
"""Header extensions of `SIMULCAST`."""

SIMULCAST = (
    offers.OBS.replace("a=ssrc:3002 cname:obscname\r\n", "")
    .replace("a=ssrc:3002 msid:obsstream obsstream-video\r\n", "")
    .rstrip("\r\n")
    + f"\r\na=extmap:{RID} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=rid:0 send\r\na=rid:1 send\r\n"
    + "a=simulcast:send 0;1\r\n"
)
"""As OBS offers two layers."""


def places_offer(count: int) -> str:
    """A browser's offer with so many video and audio m-lines."""
    session, video, audio = re.split("(?=m=)", offers.CHROMIUM_WHEP)
    text = re.sub(r"a=group:BUNDLE.*\r\n", f"a=group:BUNDLE {' '.join(map(str, range(2 * count)))}\r\n", session)
    for number in range(2 * count):
        text += re.sub(r"a=mid:.*\r\n", f"a=mid:{number}\r\n", (video, audio)[number % 2])
    return text


class Received(NamedTuple):
    """A packet that a viewer opened."""

    ssrc: int
    payload_type: int
    sequence: int
    timestamp: int
    marker: bool
    payload: bytes


def connect(peer: Peer, address: tuple[str, int]) -> None:
    """What checks and a handshake do: keys and an address."""
    peer.state = "connected"
    peer.address = address
    peer._inbound, peer.outbound = inbound(KEYS), outbound(KEYS)
    peer.on_connected()


async def post(relay: Relay, protocol: str, offer: str, headers: dict[str, str]) -> httpx.Response:
    """An offer to the relay."""
    return await relay.http.post(f"/{protocol}/{STREAM}", content=offer, headers=SDP | headers)


def role(name: str, participant: str = "", stage: str = "waiting") -> dict[str, str]:
    """Headers of the web role."""
    return {HEADER_ROLE: name, HEADER_PARTICIPANT: participant, HEADER_STAGE: stage}


class HandPublisher:
    """Sends what it is told."""

    def __init__(self, relay: Relay, session: Publisher) -> None:
        self.relay = relay
        self.session = session
        self._sealer = GcmOutbound(KEYS.send_key, KEYS.send_salt)
        self._indexes: dict[int, int] = {}

    @classmethod
    async def start(cls, relay: Relay, offer: str = offers.OBS, headers: dict[str, str] | None = None) -> "HandPublisher":
        reply = await post(relay, "whip", offer, headers or {})
        assert reply.status_code == 201, reply.text
        session = relay.node.sessions[reply.headers["location"].rpartition("/")[2]]
        assert isinstance(session, Publisher)
        connect(session, ("127.0.0.1", 9))
        return cls(relay, session)

    def send(
        self, ssrc: int, timestamp: int, payload: bytes, *, payload_type: int = 96, marker: bool = True, rid: str = ""
    ) -> None:
        """One packet; numbers are counted per source from 1."""
        index = self._indexes[ssrc] = self._indexes.get(ssrc, 0) + 1
        first = 0x90 if rid else 0x80
        header = struct.pack("!BBHII", first, payload_type | marker << 7, index & 0xFFFF, timestamp, ssrc)
        if rid:
            element = bytes([RID << 4 | len(rid) - 1]) + rid.encode()
            element += bytes(-len(element) % 4)
            header += struct.pack("!HH", 0xBEDE, len(element) // 4) + element
        data = self._sealer.protect(index, header, payload)
        self.session.receive_media(data, ("127.0.0.1", 9), self.relay.clock.monotonic_ms())

    def report(self, message: rtcp.SenderReport) -> None:
        """A sender report."""
        data = self._sealer.protect_rtcp(rtcp.sender_report(message))
        self.session.receive_media(data, ("127.0.0.1", 9), self.relay.clock.monotonic_ms())


class HandViewer:
    """Opens what it gets."""

    def __init__(self, relay: Relay, session: Subscriber, sock: socket.socket) -> None:
        self.relay = relay
        self.session = session
        self.rtp: list[Received] = []
        self._sock = sock
        self._opener = GcmInbound(KEYS.send_key, KEYS.send_salt)
        self._sealer = GcmOutbound(KEYS.receive_key, KEYS.receive_salt)

    @classmethod
    async def start(cls, relay: Relay, offer: str = offers.CHROMIUM_WHEP, headers: dict[str, str] | None = None) -> "HandViewer":
        reply = await post(relay, "whep", offer, headers or {})
        assert reply.status_code == 201, reply.text
        session = relay.node.sessions[reply.headers["location"].rpartition("/")[2]]
        assert isinstance(session, Subscriber)
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        connect(session, sock.getsockname())
        return cls(relay, session, sock)

    def receive(self) -> list[Received]:
        """Everything that has come by now; what is pending in the relay is sent first."""
        self.session.stream.flush()
        while True:
            try:
                data = self._sock.recv(2048)
            except BlockingIOError:
                return self.rtp
            if rtcp.is_rtcp(data):
                continue
            header, payload = self._opener.open(data)
            _, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", header)
            self.rtp.append(Received(ssrc, second & 0x7F, sequence, timestamp, second > 127, payload))

    async def caught_up(self) -> None:
        """Until the replay is at its end."""
        await until(lambda: not self.session.replaying)

    def of(self, place: int, kind: str = "video") -> list[Received]:
        """What came of one track so far."""
        track = self.session.stream.playable(kind, place)
        assert track is not None
        return [packet for packet in self.receive() if packet.ssrc == track.ssrc]

    def ask(self, place: int, sequences: list[int]) -> list[Received]:
        """NACK some numbers of a video; what comes again."""
        track = self.session.stream.playable("video", place)
        assert track is not None
        before = len(self.receive())
        data = self._sealer.protect_rtcp(rtcp.nack(1, track.ssrc, sequences))
        self.session.receive_media(data, ("127.0.0.1", 9), self.relay.clock.monotonic_ms())
        return self.receive()[before:]

    def close(self) -> None:
        self._sock.close()
