"""Cheap peers: a WHIP or WHEP client of one connected UDP socket that does what a browser does on the wire, without decoding.

A thousand of them fit into a process. DTLS and the SRTP of single packets are the relay's own library calls; everything that says
whether media arrived is read from the packets' plain headers.
"""

import asyncio
import contextlib
import secrets
import socket
import struct
from collections.abc import AsyncIterator, Sequence

import httpx

from loadtests.media import wire
from loadtests.media.wire import AUDIO_TYPE, RTX_TYPE, VIDEO_TYPE, Remote
from media.transport.dtls import DtlsSession, Fingerprint, Identity
from media.transport.srtp import SrtpKeys, inbound, outbound

DEADLINE_S = 20.0
CHECK_S = 4.0
"""Consent is renewed so often (RFC 7675 §5.1 says 5 s)."""
SWEEP_S = 0.005
"""A frame and what is around it fit into a socket's buffer many times over."""
SLICES = 20
"""A second's reports are spread over so many moments, as those of real viewers are."""
NACKED = 2
"""Packets that every viewer asks again each second: about 1 % of a broadcast."""
REMB_BPS = 8_000_000
SDP = {"content-type": "application/sdp"}
_DRAIN_MAX = 64


class Client:
    """From the offer to the keys, then whatever `on_datagram` makes of what comes."""

    def __init__(self, http: httpx.AsyncClient, identity: Identity) -> None:
        self.http = http
        self.identity = identity
        self.ssrc = secrets.randbits(31) + 1
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.keys: SrtpKeys | None = None
        self.remote: Remote
        self.session = ""
        self._ufrag, self._password = secrets.token_hex(4), secrets.token_hex(12)
        self._checked = asyncio.Event()
        self._buffer = bytearray(2048)
        self._dtls: DtlsSession

    async def connect(self, path: str, direction: str, port: int | None = None) -> None:
        """Offer, answer, check, handshake. `port` goes there instead of to the port of the answer (a network in between).

        Raises:
            httpx.HTTPError: refused.
            TimeoutError, HandshakeFailed: no connection.
        """
        reply = await self.http.post(path, content=self.describe(direction), headers=SDP)
        reply.raise_for_status()
        self.session = reply.headers["location"]
        await self.establish(wire.read(reply.text), port)

    def describe(self, direction: str) -> str:
        """Our end as SDP."""
        return wire.describe(direction, self.identity.fingerprint, self._ufrag, self._password)

    async def establish(self, remote: Remote, port: int | None = None) -> None:
        """Check and handshake with the other end."""
        self.remote = remote
        self.sock.connect((remote.host, port or remote.port))
        self._dtls = DtlsSession(self.identity, "client", [Fingerprint(*remote.fingerprint)], self._send, lambda: None)
        self.read(True)
        async with asyncio.timeout(DEADLINE_S):
            while not self._checked.is_set():  # a check may be lost: it is UDP
                self.renew_consent()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._checked.wait(), 0.2)
        self.keys = await self._dtls.handshake()
        self.outbound = outbound(self.keys)
        self.inbound = inbound(self.keys)

    def read(self, reading: bool) -> None:
        """Read the socket, or stop it."""
        loop = asyncio.get_running_loop()
        if reading:
            loop.add_reader(self.sock, self.drain)
        else:
            loop.remove_reader(self.sock)

    def renew_consent(self) -> None:
        """A check (RFC 7675)."""
        self._send(wire.check(f"{self.remote.ufrag}:{self._ufrag}", self.remote.password))

    def send_rtcp(self, data: bytes) -> None:
        """Protect and send."""
        self._send(self.outbound.protect_rtcp(data))

    def each_second(self) -> None:
        """Reports."""

    async def close(self) -> None:
        """Say goodbye and close the socket."""
        if self.keys is not None:
            await self._dtls.close()
        self.read(False)
        self.sock.close()

    def on_datagram(self, buffer: bytearray, size: int) -> None:
        """RTP or RTCP, still protected; the buffer is used again afterwards."""

    def _send(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):  # lost, as on any network
            self.sock.send(data)

    def drain(self) -> None:
        """Take what has come."""
        receive, buffer = self.sock.recv_into, self._buffer
        for _ in range(_DRAIN_MAX):
            try:
                size = receive(buffer)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if buffer[0] > 127:
                self.on_datagram(buffer, size)
            else:
                self.on_control(bytes(buffer[:size]))

    def on_control(self, data: bytes) -> None:
        """An answer to a check, a check of a full agent, or DTLS."""
        if wire.is_check(data):
            self._send(wire.check_answer(data, self.sock.getpeername(), self._password))
        elif data[0] < 4:
            self._checked.set()
        else:
            self._dtls.receive(data)


class Viewer(Client):
    """Counts what arrives; reports, REMB and a few NACKs each second."""

    def __init__(self, http: httpx.AsyncClient, identity: Identity) -> None:
        super().__init__(http, identity)
        self.video = self.audio = self.repairs = self.reports = 0
        self.sequence = self.audio_sequence = 0

    @property
    def received(self) -> int:
        """Packets of media, retransmissions not counted."""
        return self.video + self.audio

    async def watch(self, stream: str, port: int | None = None) -> None:
        """Join a stream of the relay."""
        await self.connect(f"/whep/{stream}", "recvonly", port)

    def on_datagram(self, buffer: bytearray, size: int) -> None:
        kind = buffer[1] & 0x7F
        if kind == VIDEO_TYPE:
            self.video += 1
            self.sequence = buffer[2] << 8 | buffer[3]
        elif kind == AUDIO_TYPE:
            self.audio += 1
            self.audio_sequence = buffer[2] << 8 | buffer[3]
        elif kind == RTX_TYPE:
            self.repairs += 1
        else:
            self.reports += 1

    def each_second(self) -> None:
        video, audio = self.remote.sources["video"].ssrc, self.remote.sources["audio"].ssrc
        if self.video:
            report = wire.receiver_report(self.ssrc, [(video, self.sequence), (audio, self.audio_sequence)], REMB_BPS)
            self.send_rtcp(report)
            self.send_rtcp(wire.nack(self.ssrc, video, [self.sequence - 3 * number - 5 for number in range(NACKED)]))

    def want_key_frame(self) -> None:
        """PLI."""
        self.send_rtcp(wire.pli(self.ssrc, self.remote.sources["video"].ssrc))


async def chatter(clients: Sequence[Client]) -> None:
    """Reports each second and consent every few, of clients that are connected and of those that come later. Until cancelled."""
    turn = 0
    while True:
        for client in list(clients)[turn % SLICES :: SLICES]:
            if client.keys is not None:
                client.each_second()
                if turn // SLICES % int(CHECK_S) == 0:
                    client.renew_consent()
        turn += 1
        await asyncio.sleep(1 / SLICES)


@contextlib.asynccontextmanager
async def swept(clients: Sequence[Client]) -> AsyncIterator[None]:
    """In the block these sockets are emptied every few milliseconds, and not as soon as something comes.

    A waiting reader on the same machine makes each send of the measured server wake a process and often give way to it. Viewers
    elsewhere do not; this takes that cost, which is ours, out of the server's CPU.
    """

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            for client in clients:
                client.drain()

    for client in clients:
        client.read(False)
    sweeping = asyncio.ensure_future(sweep())
    try:
        yield
    finally:
        sweeping.cancel()
        await asyncio.wait([sweeping])
        for client in clients:
            client.read(True)


@contextlib.asynccontextmanager
async def leaving(clients: Sequence[Client]) -> AsyncIterator[None]:
    """Closes all clients at the end of the block, also those that were added in it."""
    try:
        yield
    finally:
        await asyncio.gather(*(client.close() for client in clients))


def last_float(plain: bytes) -> float:
    """The time that a host stamped into the last bytes of a payload."""
    stamped: float = struct.unpack_from("!d", plain, len(plain) - 8)[0]
    return stamped
