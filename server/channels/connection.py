"""One websocket: what moves between its transport and its session."""

from typing import Protocol

from schemas.errors import CloseCode
from server.channels.conversation import Conversation, Host
from server.channels.deadlines import Deadlines
from server.channels.hub import Viewer
from server.channels.rfc6455 import Event, Message, Ping, pong_frame
from server.channels.session import Session
from server.channels.transport import LiveProtocol
from server.kernel.ids import new_id


class ConnectionHost(Host, Protocol):
    """The process's side of a connection."""

    deadlines: Deadlines

    def paused(self, connection: "Connection") -> None:
        """Its socket takes nothing more."""

    def resumed(self, connection: "Connection") -> None:
        """Its socket takes data again, or is gone."""

    def left(self, connection: "Connection") -> None:
        """It has ended."""


class Connection(Conversation):
    """The listener of a `LiveProtocol`. Between two frames it costs its fields and nothing else."""

    __slots__ = ("_slot", "_wire")

    host: ConnectionHost

    def __init__(self, host: ConnectionHost, wire: LiveProtocol, address: str | None) -> None:
        session = Session(new_id("con", host.clock), host.clock.monotonic_ms(), host.session_limits)
        super().__init__(host, session, Viewer(wire.write), address)
        self._wire = wire
        self._slot = 0
        session.shared = host.buckets(address, None)
        self._arm_timer()

    def write(self, data: bytes) -> None:
        self._wire.write(data)

    def abort(self) -> None:
        """Drop the connection without a word: a close frame would wait behind what its peer does not read."""
        self._wire.abort()

    # Listener of the transport

    @property
    def has_room(self) -> bool:
        # A peer that does not read our answers is not read from either: so they stay bounded too.
        return not self._wire.is_paused and super().has_room

    def receive(self, event: Event) -> None:
        now_ms, unix_ms = self._now()
        if isinstance(event, Message):
            self.session.receive_frame(event.data, now_ms, unix_ms)
        elif self.session.receive_control(now_ms) and isinstance(event, Ping):
            self.write(pong_frame(event.data))
        self.carry_out()

    def paused(self) -> None:
        self.viewer.paused = True
        self.host.paused(self)

    def resumed(self) -> None:
        self.host.resumed(self)
        self.host.hub.resumed(self.viewer)
        self._wire.read_on()

    def lost(self) -> None:
        self.end()

    # Conversation

    def carry_out(self) -> None:
        super().carry_out()
        self._arm_timer()

    def end(self) -> None:
        if not self.ended:
            super().end()
            self.host.resumed(self)
            self.host.left(self)

    def _worked(self) -> None:
        if not self.ended:
            self._wire.read_on()

    def _say_goodbye(self, code: CloseCode) -> None:
        if self._wire.is_paused:
            self._wire.abort()
        else:
            self._wire.close(code.number, code.name)

    def on_deadline(self, slot: int) -> None:
        """The session's timer."""
        if slot == self._slot and not self.ended:
            self._slot = 0
            self.session.handle_timer(*self._now())
            self.carry_out()

    def _arm_timer(self) -> None:
        due_ms = self.session.next_timer_ms()
        if due_ms is not None and not self.ended and (not self._slot or self._slot > self.host.deadlines.slot(due_ms)):
            self._slot = self.host.deadlines.add(due_ms, self)
