"""One media process: its socket, its streams, its limits, and the clockwork of reports and deadlines."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from media.cascade import Cascade, FindOrigin, Origin
from media.events import EventHub
from media.metrics import sample
from media.peer import Clock, Peer, Tasks, Transport
from media.publisher import Publisher
from media.stats import Counters, NodeStats
from media.stream import Stream
from media.subscriber import Subscriber
from media.transport import stun
from media.transport.dtls import Identity
from media.transport.ice import Address, endpoint
from media.transport.limits import CheckLimit
from media.transport.pacer import BatchSender
from media.transport.tcp import TcpListener
from media.transport.udp import UdpSocket
from schemas.base import Event, event_subject
from schemas.errors import NOT_FOUND, RATE_LIMITED, STREAM_FULL, UNAVAILABLE, Refused
from schemas.media import StageOrder, StageView

TICK_S = 0.02
REST_S = 0.05
"""Between two ticks while no publisher's packet is missing: a wake-up of the process costs as much as 50 packets."""
REPORT_MS = 1000.0
_ENDED_MS = 10_000.0
"""A publisher without packets for so long has ended its broadcast."""

_ALERT_S = 1.0


@dataclass(frozen=True)
class Limits:
    """What a process takes; beyond it a request is refused, with a name and a Retry-After."""

    publishers: int = 64
    subscribers: int = 2_000
    sessions_per_address: int = 256
    """A company behind one address; not a whole flood."""
    handshakes: int = 512
    """Sessions that are not connected yet: twice what one address can hold. A handshake costs about 3 ms, so the last one waits
    one or two seconds."""
    publisher_bitrate_bps: int = 4_000_000


class MediaNode:
    """The relay of this process.

    `tcp_port` is that of UDP when not given; 0 is no TCP. `announced` are the addresses that go into answers. `on_event` is told
    of started and ended streams; it must not block. `pipe` is the path of the socket by which other processes of this machine
    share its streams, and `find_origin` tells which of them has a stream (see `media.cascade`); without them it is alone.
    """

    def __init__(
        self,
        *,
        node_id: str,
        udp_host: str,
        udp_port: int,
        announced: Sequence[str],
        clock: Clock,
        tasks: Tasks,
        on_event: Callable[[Event], None],
        limits: Limits | None = None,
        tcp_port: int | None = None,
        pipe: str = "",
        find_origin: FindOrigin | None = None,
    ) -> None:
        self.node_id = node_id
        self.limits = limits or Limits()
        self.clock = clock
        self.counters = Counters()
        self.draining = False
        self.busy = 0.0
        """Share of a core that the process used lately, as its role measures it for the registry."""
        self.streams: dict[str, Stream] = {}
        self.sessions: dict[str, Publisher | Subscriber] = {}
        self.events = EventHub(self.streams)
        self.cascade = Cascade(self, pipe, find_origin or _alone)
        self._bind = (udp_host, udp_port)
        self._tcp_port = tcp_port
        self._tcp: TcpListener | None = None
        self._checks = CheckLimit()
        self._announced = list(announced)
        self._tasks = tasks
        self._on_event = on_event
        self._transport: Transport | None = None
        self._clockwork: asyncio.Task[object] | None = None
        self._telling: asyncio.Task[object] | None = None
        self._lag_ms = 0.0
        self._worst_lag_ms = 0.0

    @property
    def transport(self) -> Transport:
        """What its sessions share."""
        assert self._transport is not None, "start first"
        return self._transport

    @property
    def udp_port(self) -> int:
        """The UDP port in use."""
        return self.transport.udp.port

    async def start(self) -> None:
        """Open the sockets.

        Raises:
            OSError: the address, the port or the path of the pipe cannot be used.
        """
        self.cascade.start()
        udp = UdpSocket(*self._bind, self.counters, self.clock.monotonic_ms, self._receive_stun)
        sender = BatchSender(udp.sock, self.counters)
        self._transport = Transport(
            udp, sender, Identity(), self._announced, self.counters, self.clock, self._tasks, self.node_id
        )
        if self._tcp_port != 0:
            self._tcp = self._listen(udp)
            self._transport.tcp_port = self._tcp.port
            self._tcp.start()
        udp.start()
        self._clockwork = self._tasks.start(self._run(), "media clockwork")
        self._telling = self._tasks.start(self.events.run(self.sessions), "viewer events")

    async def drain(self) -> None:
        """Take no new sessions; those that are there go on, and players that listen are asked to connect again."""
        self.draining = True
        await self.events.drain()

    async def close(self) -> None:
        """End every session with a closing alert, then close the socket."""
        self.draining = True
        for task in (self._clockwork, self._telling):
            if task is not None:
                task.cancel()
        self.cascade.close()
        sessions = list(self.sessions.values())
        for session in sessions:
            session.close()
        alerts = [session.alert for session in sessions if session.alert is not None]
        if alerts:
            await asyncio.wait(alerts, timeout=_ALERT_S)
        if self._tcp is not None:
            self._tcp.close()
        if self._transport is not None:
            self._transport.udp.close()

    def _listen(self, udp: UdpSocket) -> TcpListener:
        host, port = self._bind[0], self._tcp_port or self._bind[1]  # with UDP on any free port, TCP takes any free one too
        try:
            return TcpListener(host, port, udp.sessions, self.counters, self.clock.monotonic_ms, self._receive_stun)
        except OSError:
            udp.close()
            raise

    def admit(self, client_address: str) -> None:
        """Whether another session may be opened.

        Raises:
            Refused: draining, or this address has too many.
        """
        self._forget_closed()
        if self.draining:
            raise Refused(UNAVAILABLE, "This media node takes no new sessions; try again for another")
        same = sum(session.client_address == client_address for session in self.sessions.values())
        if client_address and same >= self.limits.sessions_per_address:
            raise Refused(RATE_LIMITED, "Too many sessions from this address")
        if sum(session.state in ("new", "connecting") for session in self.sessions.values()) >= self.limits.handshakes:
            raise Refused(UNAVAILABLE, "Too many clients are connecting at this moment; try again in a second")

    def check_room(self, kind: type[Peer], most: int) -> None:
        """Raises:
        Refused: the process is full.
        """
        if sum(isinstance(session, kind) for session in self.sessions.values()) >= most:
            raise Refused(STREAM_FULL)

    def stream(self, stream_id: str) -> Stream:
        """The stream with this id; made when it is new."""
        stream = self.streams.get(stream_id)
        if stream is None:
            stream = self.streams[stream_id] = Stream(stream_id, self.node_id, self.transport, self._tell)
        return stream

    def published(self) -> list[str]:
        """Streams whose publishers are here."""
        return [stream_id for stream_id in self.streams if self.cascade.publishes(stream_id)]

    def stage(self, stream_id: str) -> StageView:
        """Who publishes in a stream; nobody when it is unknown."""
        stream = self.streams.get(stream_id)
        return stream.view() if stream is not None else StageView(stream_id=stream_id, places=())

    def order(self, stream_id: str, participant_id: str, order: StageOrder) -> StageView:
        """Put a participant on stage or into the waiting room, and mute it.

        Raises:
            Refused: it does not publish here.
        """
        stream = self.streams.get(stream_id)
        if stream is None or not stream.order(participant_id, order):
            raise Refused(NOT_FOUND, "This participant does not publish here now")
        return stream.view()

    def remove(self, stream_id: str, participant_id: str) -> None:
        """End what a participant publishes and watches, here and at the edges of the stream; nothing when it does neither."""
        self.end_sessions(stream_id, participant_id)
        self.cascade.removed(stream_id, participant_id)

    def end_sessions(self, stream_id: str, participant_id: str) -> None:
        """End what a participant publishes and watches here."""
        for session in list(self.sessions.values()):
            if session.stream.id == stream_id and session.participant_id == participant_id:
                session.close()

    def session(self, kind: type[Peer], stream_id: str, session_id: str) -> Publisher | Subscriber:
        """An open session.

        Raises:
            Refused: there is none with this id, kind and stream.
        """
        session = self.sessions.get(session_id)
        if session is None or session.state == "closed" or not isinstance(session, kind) or session.stream.id != stream_id:
            raise Refused(NOT_FOUND, "This session is over or never was")
        return session

    def stats(self) -> NodeStats:
        """Picture of the moment."""
        sessions = [session for session in self.sessions.values() if session.state != "closed"]
        return NodeStats(
            node_id=self.node_id,
            draining=self.draining,
            publishers=sum(isinstance(session, Publisher) for session in sessions),
            subscribers=sum(isinstance(session, Subscriber) for session in sessions),
            loop_lag_ms=self._worst_lag_ms,
            segmentation=self.transport.sender.segmentation,
            counters=self.counters.as_dict(),
            streams=[stream.stats(edge=self.cascade.is_edge(stream.id)) for stream in self.streams.values()],
        )

    def _tell(self, event: Event) -> None:
        """Facts of a stream are told to the rest of the system by its origin alone."""
        self.events.told(event)
        if not self.cascade.is_edge(event_subject(event)):
            self._on_event(event)

    def _receive_stun(self, data: bytes, address: Address) -> None:
        if address not in self.transport.udp.sessions and not self._checks.allow(endpoint(address)[0], self.clock.monotonic_ms()):
            self.counters.dropped_rate_limited += 1
            return
        try:
            message = stun.parse(data)
        except stun.StunError:
            self.counters.dropped_malformed += 1
            return
        if message.kind != stun.BINDING_REQUEST:
            self.counters.dropped_malformed += 1
            return
        peer = self.transport.by_ufrag.get(message.username.partition(":")[0])
        if peer is None:
            self.counters.dropped_unauthenticated += 1
        else:
            peer.receive_check(message, address, self.clock.monotonic_ms())

    async def _run(self) -> None:
        reported_ms = before_ms = self.clock.monotonic_ms()
        while True:
            publishers = [session for session in self.sessions.values() if isinstance(session, Publisher)]
            rest_s = TICK_S if any(publisher.pressing for publisher in publishers) else REST_S
            hurried = await self._rest(rest_s)
            now_ms = self.clock.monotonic_ms()
            if not hurried:
                late_ms = max(0.0, now_ms - before_ms - rest_s * 1000)
                self._lag_ms = max(self._lag_ms, late_ms)
                self.counters.distributions.loop_lag_s.observe(late_ms / 1000)
            before_ms = now_ms
            for publisher in publishers:
                publisher.tick(now_ms)
            self.cascade.tick(now_ms)
            if now_ms - reported_ms >= REPORT_MS:
                reported_ms = now_ms
                self._worst_lag_ms, self._lag_ms = self._lag_ms, 0.0
                self._each_second(now_ms)

    async def _rest(self, rest_s: float) -> bool:
        """Wait; True when a publisher wants the next tick sooner."""
        hurry = self.transport.hurry
        try:
            async with asyncio.timeout(rest_s):
                await hurry.wait()
        except TimeoutError:
            return False
        hurry.clear()
        return True

    def _each_second(self, now_ms: float) -> None:
        if self._tcp is not None:
            self._tcp.sweep(now_ms)
        for session in list(self.sessions.values()):
            ended = isinstance(session, Publisher) and session.silent(now_ms, _ENDED_MS)
            if session.state != "closed" and (ended or session.ice.expired(now_ms)):
                self.counters.sessions_expired += 1
                session.close()
            elif isinstance(session, Publisher):
                session.report(now_ms)
        for stream in self.streams.values():
            stream.report()
        self.cascade.each_second(now_ms)
        sample(self.sessions.values(), self.counters.distributions)
        self._forget_closed()

    def _forget_closed(self) -> None:
        for session_id in [key for key, session in self.sessions.items() if session.state == "closed"]:
            del self.sessions[session_id]
        for stream_id in [key for key, stream in self.streams.items() if stream.idle and not self.cascade.is_edge(key)]:
            del self.streams[stream_id]


async def _alone(stream_id: str) -> Origin | None:
    return None
