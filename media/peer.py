"""One client of the relay: ICE, DTLS and SRTP from the first check to the closing alert. Publisher and Subscriber extend it."""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from media.negotiation import Chosen, LocalEnd, OutgoingSource
from media.rtp import rtcp
from media.rtp.rtcp import RtcpError
from media.stats import Counters
from media.transport import stun
from media.transport.dtls import DtlsSession, HandshakeFailed, Identity, Role
from media.transport.ice import Address, Credentials, IceLite
from media.transport.pacer import BatchSender
from media.transport.srtp import GcmInbound, GcmOutbound, LibsrtpInbound, LibsrtpOutbound, Replayed, SrtpError, inbound, outbound
from media.transport.udp import UdpSocket
from schemas.media import SESSION_TOKEN_LENGTH, session_id
from schemas.media import Role as ClientRole

_ADDRESSES_MAX = 8  # network paths per client: Wi-Fi, mobile, IPv4, IPv6, with changes; the oldest is forgotten

State = Literal["new", "connecting", "connected", "closed"]


class Who(NamedTuple):
    """Whom the web role has authorised. `participant_id` is empty for those who only watch."""

    role: ClientRole = "viewer"
    participant_id: str = ""
    on_stage: bool = False


class Clock(Protocol):
    """Source of time."""

    def now_ms(self) -> int:
        """Unix time."""

    def monotonic_ms(self) -> float:
        """Never steps."""


class Tasks(Protocol):
    """Owner of background tasks."""

    def start(self, coroutine: Coroutine[Any, Any, object], name: str = ..., /) -> "asyncio.Task[object]":
        """Run a coroutine until it ends or the owner is closed."""


@dataclass(slots=True)
class Transport:
    """What the sessions of a node share."""

    udp: UdpSocket
    sender: BatchSender
    identity: Identity
    addresses: list[str]
    counters: Counters
    clock: Clock
    tasks: Tasks
    node_id: str = ""
    """Begins the id of every session."""
    by_ufrag: dict[str, "Peer"] = field(default_factory=dict)
    tcp_port: int = 0
    """0: no TCP."""
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by a session that cannot wait for the clockwork's next tick."""


class Peer:
    """A session. Subclasses fill in `on_connected`, `on_rtp`, `on_rtcp` and `on_closed`."""

    def __init__(self, transport: Transport, chosen: list[Chosen], role: Role, client_address: str) -> None:
        now_ms = transport.clock.monotonic_ms()
        first = chosen[0].media
        self.transport = transport
        self.id = session_id(transport.node_id, secrets.token_urlsafe(SESSION_TOKEN_LENGTH * 3 // 4))
        self.chosen = chosen
        self.client_address = client_address
        self.state: State = "new"
        self.created_ms = now_ms
        self.ice = IceLite(now_ms)
        self.remote_ufrag = first.ufrag
        self.first_packet_ms: float | None = None
        """When the first packet of the stream went to it."""
        self.address: Address | None = None
        self.outbound: GcmOutbound | LibsrtpOutbound | None = None
        self._inbound: GcmInbound | LibsrtpInbound | None = None
        self._addresses: list[Address] = []
        self._restarts = 0
        self._connecting: asyncio.Task[object] | None = None
        self.alert: asyncio.Task[object] | None = None
        """Sends the closing alert after `close`."""
        self._role: Role = role
        self._dtls = DtlsSession(transport.identity, role, first.fingerprints, self._send_datagram, self._dtls_closed)
        transport.by_ufrag[self.ice.local.ufrag] = self

    @property
    def etag(self) -> str:
        """Names the ICE session (RFC 9725 §4.3.1); changes with every restart."""
        return f'"{self.id[-8:]}-{self._restarts}"'

    def local_end(self, sources: dict[str, OutgoingSource] | None = None) -> LocalEnd:
        """What the answer says about us."""
        shared = self.transport
        return LocalEnd(
            credentials=self.ice.local,
            fingerprint=shared.identity.fingerprint,
            role=self._role,
            addresses=shared.addresses,
            port=shared.udp.port,
            sources=sources or {},
            tcp_port=shared.tcp_port,
            over_tcp=self.address is not None and not isinstance(self.address, tuple),
        )

    def restart_ice(self, remote_ufrag: str) -> Credentials:
        """New credentials; media goes on meanwhile."""
        table = self.transport.by_ufrag
        if self.ice.previous is not None:
            table.pop(self.ice.previous.ufrag, None)
        self.remote_ufrag = remote_ufrag
        self._restarts += 1
        credentials = self.ice.restart()
        table[credentials.ufrag] = self
        return credentials

    def receive_check(self, message: stun.StunMessage, address: Address, now_ms: float) -> None:
        """A binding request with our ufrag."""
        answer = self.ice.check(message, address, now_ms)
        if answer is None:
            self.transport.counters.dropped_unauthenticated += 1
            return
        self.transport.sender.emit_one(answer.reply, address)
        if not answer.valid:
            return
        self.address = self.ice.address
        if address not in self._addresses:
            self._remember(address)
        if self.state == "new":
            self.state = "connecting"
            self._connecting = self.transport.tasks.start(self._connect(), "handshake")

    def receive_dtls(self, data: bytes, address: Address) -> None:
        """See `media.transport.udp.Session`."""
        self._dtls.receive(data)

    def receive_media(self, data: bytes, address: Address, now_ms: float) -> None:
        """See `media.transport.udp.Session`. Packets before the keys are dropped: the client repeats or goes on."""
        opener, counters = self._inbound, self.transport.counters
        if opener is None:
            counters.dropped_unauthenticated += 1
            return
        try:
            if rtcp.is_rtcp(data):
                messages = rtcp.parse(opener.open_rtcp(data))
                self.ice.heard(address, now_ms)
                self.on_rtcp(messages, now_ms)
            else:
                header, payload = opener.open(data)
                self.ice.heard(address, now_ms)
                self.on_rtp(header, payload, now_ms)
        except Replayed:
            counters.dropped_replayed += 1
        except SrtpError:
            counters.dropped_unauthenticated += 1
        except RtcpError:
            counters.dropped_malformed += 1

    def path_closed(self, address: Address) -> None:
        """See `media.transport.udp.Session`. The session lives on: the client may come by another path while consent lasts."""
        if address in self._addresses:
            self._addresses.remove(address)
        self.ice.lost(address)
        self.address = self.ice.address

    def send_rtcp(self, data: bytes) -> None:
        """Protect and send; nothing while there are no keys."""
        if self.outbound is not None and self.address is not None:
            self.transport.sender.emit_one(self.outbound.protect_rtcp(data), self.address)

    def sent_first(self, now_ms: float) -> None:
        """Packets of the stream have left for this client; the first time is measured."""
        if self.first_packet_ms is None:
            self.first_packet_ms = now_ms
            self.transport.counters.distributions.first_packet_s.observe((now_ms - self.created_ms) / 1000)

    def close(self) -> None:
        """End the session now; the closing alert leaves in the background."""
        if self.state == "closed":
            return
        alert = self.state != "new"
        self.state = "closed"
        shared = self.transport
        for credentials in (self.ice.local, self.ice.previous):
            if credentials is not None:
                shared.by_ufrag.pop(credentials.ufrag, None)
        for address in self._addresses:
            if shared.udp.sessions.get(address) is self:
                del shared.udp.sessions[address]
        self.on_closed()
        self.outbound = None
        if self._connecting is not None and self._connecting is not asyncio.current_task():
            self._connecting.cancel()
        if alert:
            self.alert = shared.tasks.start(self._say_goodbye(), "closing alert")

    def on_connected(self) -> None:
        """The keys are there."""

    def on_rtp(self, header: bytes, payload: bytes, now_ms: float) -> None:
        """An authentic RTP packet."""

    def on_rtcp(self, messages: list[rtcp.Message], now_ms: float) -> None:
        """An authentic RTCP packet."""

    def on_closed(self) -> None:
        """The session is over, whoever ended it."""

    async def _connect(self) -> None:
        try:
            keys = await self._dtls.handshake()
        except HandshakeFailed:
            self.transport.counters.handshakes_failed += 1
            self.close()
            return
        if self.state == "connecting":
            self.state = "connected"
            self._inbound, self.outbound = inbound(keys), outbound(keys)
            waited_ms = self.transport.clock.monotonic_ms() - self.created_ms
            self.transport.counters.distributions.handshake_s.observe(waited_ms / 1000)
            self.on_connected()

    async def _say_goodbye(self) -> None:
        try:
            await self._dtls.close()
        finally:
            for address in self._addresses:
                if not isinstance(address, tuple):
                    address.close()

    def _dtls_closed(self) -> None:
        self.close()

    def _send_datagram(self, data: bytes) -> None:
        if self.address is not None:
            self.transport.sender.emit_one(data, self.address)

    def _remember(self, address: Address) -> None:
        if len(self._addresses) == _ADDRESSES_MAX:
            oldest = next(known for known in self._addresses if known != self.address)
            self._addresses.remove(oldest)
            self.transport.udp.sessions.pop(oldest, None)
            if not isinstance(oldest, tuple):
                oldest.close()
        self._addresses.append(address)
        self.transport.udp.sessions[address] = self
