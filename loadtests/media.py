"""CPU per forwarded packet of a relay process with real DTLS-SRTP viewers on loopback, against the bare loop of the same run.

The bare loop is what nobody can go below in Python: AES-GCM and one UDP_SEGMENT `sendmsg` per frame, without a server around it.
"""

import asyncio
import contextlib
import multiprocessing
import os
import secrets
import socket
import statistics
import struct
import tempfile
import time
from pathlib import Path

import httpx
import uvicorn
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from media import sdp
from media.control import control_app
from media.node import MediaNode
from media.transport import stun
from media.transport.dtls import DtlsSession, Identity
from media.transport.pacer import UDP_SEGMENT
from media.transport.srtp import outbound
from schemas.media import HEADER_SECRET
from server.kernel.clock import SystemClock
from server.kernel.tasks import supervised

STREAM = "load"
SECRET = secrets.token_hex(16)
PAYLOAD = bytes(range(256)) * 5
SIZE = 1100
"""Bytes of RTP payload per packet."""
FRAME = 8
"""Packets per frame, at 30 frames/s: 2.1 Mbit/s."""
RATE = 30
CHECK_S = 4.0
DEADLINE_S = 20.0


def run(quick: bool) -> dict[str, float]:
    """Figures: µs of CPU per packet bare and forwarded at several sizes of audience, their ratio, and how flat they are."""
    sizes, seconds = ((10, 60), 6.0) if quick else ((10, 40, 120, 300), 15.0)
    before = bare_loop_us()
    measured = asyncio.run(_measure(sizes, seconds))
    bare = statistics.mean([before, bare_loop_us()])
    figures = {f"us_per_packet_{size}_viewers": measured[size] for size in sizes}
    largest = measured[sizes[-1]]
    return {**figures, "us_per_packet_bare": bare, "ratio_to_bare": largest / bare, "growth": largest / measured[sizes[0]]}


def bare_loop_us(viewers: int = 60, frames: int = 60) -> float:
    """CPU of encrypting a packet and sending it in a batch of a frame, to many sockets with a key each, without emptying them."""
    payload, header = PAYLOAD[:SIZE], bytes(12)
    control = [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("H", 12 + SIZE + 16))]
    spent = 0.0
    with contextlib.ExitStack() as stack:
        sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        receivers = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(viewers)]
        targets = []
        for receiver in receivers:
            receiver.bind(("127.0.0.1", 0))
            receiver.setblocking(False)
            targets.append((AESGCM(secrets.token_bytes(16)).encrypt, secrets.randbits(96), receiver.getsockname()))
        for frame in range(frames):
            started = time.process_time()
            for encrypt, salt, address in targets:
                parts: list[bytes] = []
                for number in range(frame * FRAME, frame * FRAME + FRAME):
                    parts += (header, encrypt((number ^ salt).to_bytes(12, "big"), payload, header))
                sender.sendmsg(parts, control, 0, address)
            spent += time.process_time() - started
            _empty(receivers)
    return spent / (viewers * frames * FRAME) * 1e6


def _empty(receivers: list[socket.socket]) -> None:
    for receiver in receivers:
        for _ in range(FRAME):
            receiver.recv(2048)


class Client:
    """A WHIP or WHEP client that does no more than it must: checks, DTLS, SRTP keys, and an emptied socket."""

    def __init__(self, http: httpx.AsyncClient, identity: Identity) -> None:
        self.http = http
        self.identity = identity
        self.received = 0
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self._checked = asyncio.Event()
        self._buffer = bytearray(2048)
        self._check = b""

    async def connect(self, path: str, offer: str) -> None:
        """Offer, answer, check, handshake; `keys` are there afterwards."""
        reply = await self.http.post(path, content=offer, headers={"content-type": "application/sdp"})
        reply.raise_for_status()
        answer = sdp.parse(reply.text).medias[0]
        port = next(int(line.split()[5]) for line in reply.text.splitlines() if line.startswith("a=candidate"))
        self.sock.connect(("127.0.0.1", port))
        self._check = stun.binding_request(
            secrets.token_bytes(12), f"{answer.ufrag}:load", answer.password.encode(), use_candidate=True
        )
        self._dtls = DtlsSession(self.identity, "client", answer.fingerprints, self._send, lambda: None)
        asyncio.get_running_loop().add_reader(self.sock, self._drain)
        async with asyncio.timeout(DEADLINE_S):
            while not self._checked.is_set():  # a check may be lost: it is UDP
                self.check()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._checked.wait(), 0.2)
        self.outbound = outbound(await self._dtls.handshake())

    def check(self) -> None:
        """Renew consent."""
        self.sock.send(self._check)

    async def close(self) -> None:
        """Say goodbye and close the socket."""
        await self._dtls.close()
        asyncio.get_running_loop().remove_reader(self.sock)
        self.sock.close()

    def _send(self, data: bytes) -> None:
        self.sock.send(data)

    def _drain(self) -> None:
        for _ in range(64):
            try:
                size = self.sock.recv_into(self._buffer)
            except BlockingIOError:
                return
            first = self._buffer[0]
            if first < 4:
                self._checked.set()
            elif first < 64:
                self._dtls.receive(bytes(self._buffer[:size]))
            else:
                self.received += 1


class Host(Client):
    """Sends frames of equal packets; every second a key frame."""

    async def send(self) -> None:
        """Until cancelled."""
        started, frame, index = time.monotonic(), 0, 0
        while True:
            await asyncio.sleep(max(0.0, started + frame / RATE - time.monotonic()))
            kind = b"\x65" if frame % RATE == 0 else b"\x41"
            for number in range(FRAME):
                second = 96 | (0x80 if number == FRAME - 1 else 0)
                header = struct.pack("!BBHII", 0x80, second, index & 0xFFFF, frame * 3000 & 0xFFFFFFFF, 77)
                self.sock.send(self.outbound.protect(index, header, (kind + PAYLOAD)[:SIZE]))
                index += 1
            frame += 1


async def _measure(sizes: tuple[int, ...], seconds: float) -> dict[int, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "relay.sock")
        relay = multiprocessing.get_context("spawn").Process(target=_relay, args=(path, SECRET))
        relay.start()
        transport = httpx.AsyncHTTPTransport(uds=path)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://relay", headers={HEADER_SECRET: SECRET}) as http:
                await _until_serving(http)
                assert relay.pid is not None
                return await _with_audiences(http, relay.pid, sizes, seconds)
        finally:
            relay.terminate()
            relay.join()


async def _with_audiences(http: httpx.AsyncClient, pid: int, sizes: tuple[int, ...], seconds: float) -> dict[int, float]:
    identity = Identity()
    host = Host(http, identity)
    clients: list[Client] = [host]
    measured: dict[int, float] = {}
    async with supervised("load") as tasks:
        await host.connect(f"/whip/{STREAM}", _offer(identity, "sendonly"))
        tasks.start(host.send(), "host")
        tasks.start(_keep_consent(clients), "consent")
        await asyncio.sleep(0.5)  # the relay needs a key frame before it lets viewers in
        for size in sizes:
            while len(clients) <= size:
                viewer = Client(http, identity)
                await viewer.connect(f"/whep/{STREAM}", _offer(identity, "recvonly"))
                clients.append(viewer)
            await asyncio.sleep(1.0)  # the replays at the start are not what is measured
            measured[size] = await _us_per_packet(http, pid, clients[1:], seconds)
    for client in clients:
        await client.close()
    return measured


async def _us_per_packet(http: httpx.AsyncClient, pid: int, viewers: list[Client], seconds: float) -> float:
    cpu, sent, received = _cpu_s(pid), await _packets_out(http), sum(viewer.received for viewer in viewers)
    await asyncio.sleep(seconds)
    cpu, sent = _cpu_s(pid) - cpu, await _packets_out(http) - sent
    received = sum(viewer.received for viewer in viewers) - received
    if received < 0.9 * sent:
        raise RuntimeError(f"only {received} of {sent} packets arrived: the machine is too busy for this measurement")
    return cpu / sent * 1e6


async def _keep_consent(clients: list[Client]) -> None:
    while True:
        await asyncio.sleep(CHECK_S)
        for client in clients:
            client.check()


async def _packets_out(http: httpx.AsyncClient) -> int:
    return int((await http.get("/stats")).json()["counters"]["packets_out"])


async def _until_serving(http: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            (await http.get("/stats")).raise_for_status()
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


def _cpu_s(pid: int) -> float:
    """CPU of a whole process, user and system, from /proc (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _offer(identity: Identity, direction: str) -> str:
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "a=mid:0",
        "a=ice-ufrag:load",
        "a=ice-pwd:loadloadloadloadloadload",
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


def _relay(path: str, secret: str) -> None:
    """The measured process."""
    asyncio.run(_serve(path, secret))


async def _serve(path: str, secret: str) -> None:
    async with supervised("relay") as tasks:
        node = MediaNode(
            node_id="load",
            udp_host="127.0.0.1",
            udp_port=0,
            announced=["127.0.0.1"],
            clock=SystemClock(),
            tasks=tasks,
            on_event=lambda event: None,
        )
        await node.start()
        app = control_app(node, secret)
        await uvicorn.Server(uvicorn.Config(app, uds=path, log_level="error", lifespan="off", ws="none")).serve()
        await node.close()
