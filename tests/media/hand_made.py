"""Hand-made viewers, one over ICE-TCP (framed by RFC 4571) and one over UDP, and a publisher: checks, DTLS and SRTP."""

import asyncio
import ipaddress
import itertools
import secrets
import socket
import struct

import httpx

from media import sdp
from media.transport import stun
from media.transport.dtls import DtlsSession, Identity
from media.transport.srtp import inbound, outbound
from tests.media.clients import DEADLINE_S, STREAM

IDENTITY = Identity()


def offer(direction: str = "recvonly", identity: Identity = IDENTITY) -> str:
    """A video m-line, H264 with RTX."""
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "a=mid:0",
        "a=ice-ufrag:hand",
        "a=ice-pwd:handhandhandhandhandhand",
        f"a=fingerprint:{identity.fingerprint.algorithm} {identity.fingerprint.value}",
        "a=setup:active",
        "a=rtcp-mux",
        f"a={direction}",
        "a=rtpmap:96 H264/90000",
        "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f",
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "",
    ]
    return "\r\n".join(lines)


def tcp_port(answer: str) -> int:
    """Of the passive TCP candidate."""
    return next(int(line.split()[5]) for line in answer.splitlines() if line.startswith("a=candidate") and " tcp " in line)


def udp_port(answer: str) -> int:
    """Of the first candidate."""
    return next(int(line.split()[5]) for line in answer.splitlines() if line.startswith("a=candidate") and " udp " in line)


def mapped(response: stun.StunMessage) -> tuple[str, int]:
    """XOR-MAPPED-ADDRESS: where the relay saw the check come from."""
    value = response.attributes[0x0020]
    mask = stun.COOKIE.to_bytes(4, "big") + response.transaction
    raw = bytes(a ^ b for a, b in zip(value[4:], mask, strict=False))
    assert (value[1], len(raw)) in ((1, 4), (2, 16))
    return str(ipaddress.ip_address(raw)), int.from_bytes(value[2:4], "big") ^ stun.COOKIE >> 16


class TcpViewer:
    """`sequences` are the numbers of the RTP packets that came and could be opened."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.session_url = ""
        self.answer = ""
        self.sequences: list[int] = []
        self.responses: list[stun.StunMessage] = []
        self.alerted = asyncio.Event()
        """The relay said goodbye."""
        self.ended = asyncio.Event()
        """The connection is closed."""
        self._ufrag = self._password = ""
        self._responded = asyncio.Event()

    protocol, direction = "whep", "recvonly"

    async def post(self) -> None:
        """Offer and answer."""
        url, headers = f"/{self.protocol}/{STREAM}", {"content-type": "application/sdp"}
        reply = await self.http.post(url, content=offer(self.direction), headers=headers)
        assert reply.status_code == 201, reply.text
        self.session_url, self.answer = reply.headers["location"], reply.text
        media = sdp.parse(reply.text).medias[0]
        self._ufrag, self._password = media.ufrag, media.password
        self.dtls = DtlsSession(IDENTITY, "client", media.fingerprints, self.send, self.alerted.set)

    async def open(self, host: str = "127.0.0.1") -> None:
        """A new connection; the old one, if any, stays as it is."""
        self._reader, self._writer = await asyncio.open_connection(host, tcp_port(self.answer))
        self._reading = asyncio.get_running_loop().create_task(self._read(self._reader))

    async def connect(self, host: str = "127.0.0.1") -> None:
        """All of it."""
        await self.post()
        await self.open(host)
        await self.check()
        async with asyncio.timeout(DEADLINE_S):
            keys = await self.dtls.handshake()
        self.inbound, self.outbound = inbound(keys), outbound(keys)

    def request(self, *, nominate: bool = True) -> bytes:
        """A new check."""
        name = f"{self._ufrag}:hand"
        return stun.binding_request(secrets.token_bytes(12), name, self._password.encode(), use_candidate=nominate)

    async def check(self, *, nominate: bool = True) -> stun.StunMessage:
        """Sends a check and waits for its answer."""
        self._responded.clear()
        self.send(self.request(nominate=nominate))
        async with asyncio.timeout(DEADLINE_S):
            await self._responded.wait()
        return self.responses[-1]

    def send(self, packet: bytes) -> None:
        """One frame."""
        self._writer.write(struct.pack("!H", len(packet)) + packet)

    def send_raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self._writer.write(data)

    def hang_up(self) -> None:
        """Close without a word."""
        self._reading.cancel()
        self._writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
                self._receive(await reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.ended.set()

    def _receive(self, packet: bytes) -> None:
        if packet[0] < 4:
            self.responses.append(stun.parse(packet))
            self._responded.set()
        elif packet[0] < 64:
            self.dtls.receive(packet)
        elif not 192 <= packet[1] <= 223 and hasattr(self, "inbound"):
            header, _ = self.inbound.open(packet)
            self.sequences.append(int.from_bytes(header[2:4], "big"))


class UdpViewer(TcpViewer):
    """The same over a connected UDP socket."""

    async def open(self, host: str = "127.0.0.1") -> None:
        """A new socket; the old one is forgotten."""
        self.sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.connect((host, udp_port(self.answer)))
        asyncio.get_running_loop().add_reader(self.sock, self._drain)

    def send(self, packet: bytes) -> None:
        """One datagram."""
        self.sock.send(packet)

    def hang_up(self) -> None:
        """Vanish without a word."""
        asyncio.get_running_loop().remove_reader(self.sock)
        self.sock.close()

    def _drain(self) -> None:
        self._receive(self.sock.recv(2048))


class UdpPublisher(UdpViewer):
    """Sends 30 frames a second of three packets each, a key frame every second; nothing that could be decoded."""

    protocol, direction = "whip", "sendonly"

    async def broadcast(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        started, index = loop.time(), 0
        for frame in itertools.count():
            await asyncio.sleep(max(0.0, started + frame / 30 - loop.time()))
            payload = (b"\x65" if frame % 30 == 0 else b"\x41") + bytes(800)
            for number in range(3):
                second = 96 | (0x80 if number == 2 else 0)
                header = struct.pack("!BBHII", 0x80, second, index & 0xFFFF, frame * 3000 & 0xFFFFFFFF, 77)
                self.send(self.outbound.protect(index, header, payload))
                index += 1
            if frame % 60 == 0:
                self.send(self.request())
