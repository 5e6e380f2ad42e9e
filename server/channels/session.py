"""One websocket's protocol as a state machine without I/O: frames and the time go in, effects and frames come out.

The shell (`endpoint.py`) feeds what the socket gave, carries the effects out one after the other, and tells the outcome with
`connected`, `joined`, `left` or `send`. Frames that a client sends before its ticket has been checked wait behind that check.
Times: `now_ms` is monotonic and drives timers and buckets; `unix_ms` is only told to the client.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import msgspec

from schemas.errors import (
    CLOSE_BAD_FRAMES,
    CLOSE_CONNECT_DEADLINE,
    CLOSE_FLOODING,
    CLOSE_NO_PONG,
    CLOSE_TICKET_EXPIRED,
    CLOSE_TOO_LARGE,
    INVALID_FIELD,
    MALFORMED,
    NOT_SIGNED_IN,
    NOT_SUBSCRIBED,
    RATE_LIMITED,
    TICKET_EXPIRED,
    TOO_LARGE,
    TOO_MANY_CHANNELS,
    UNKNOWN_OPERATION,
    CloseCode,
    WireError,
)
from schemas.frames import (
    CHANNELS_MAX,
    FRAME_BYTES_MAX,
    AnyClientFrame,
    Clock,
    Connect,
    Connected,
    FrameId,
    Ping,
    Pong,
    Position,
    Publish,
    ServerFrame,
    ServerPing,
    Subscribe,
    Unsubscribe,
)
from server.channels.framing import NOTHING, encode_frame, failed
from server.channels.limits import SessionLimits, TokenBucket


@dataclass(frozen=True)
class Authenticate:
    """Find out whose ticket this is; then `connected` or `ticket_refused`."""

    frame_id: int
    ticket: str


@dataclass(frozen=True)
class Join:
    """Subscribe the connection; then `send(Subscribed)` and `joined`, or `refuse` and `left`."""

    frame_id: int
    channel: str
    position: Position | None


@dataclass(frozen=True)
class Leave:
    """Forget the subscription; then `left` and `send(Unsubscribed)`."""

    frame_id: int
    channel: str


@dataclass(frozen=True)
class Command:
    """Let the channel's kind decide; then `send(Accepted)` or `refuse`."""

    frame_id: int
    channel: str
    command_id: str
    data: bytes


@dataclass(frozen=True)
class Close:
    """End the connection with this code. The last effect of a session."""

    code: CloseCode


Effect = Authenticate | Join | Leave | Command | Close


class Phase(Enum):
    """What the session waits for."""

    NEW = "the first frame"
    CHECKING = "the outcome of the ticket"
    OPEN = "frames"
    CLOSED = "nothing"


class _Numbered(msgspec.Struct):
    """Of a frame that cannot be read, the id may still be: the client then knows which one it was."""

    id: FrameId | None = None


_FRAMES: msgspec.json.Decoder[AnyClientFrame] = msgspec.json.Decoder(AnyClientFrame)
_NUMBERED = msgspec.json.Decoder(_Numbered)


class Session:
    """Protocol state of one connection."""

    __slots__ = (
        "_bucket",
        "_deadline_ms",
        "_effects",
        "_frames",
        "_last_strike_ms",
        "_limits",
        "_phase",
        "_pings_missed",
        "_refused_in_a_row",
        "_strikes",
        "channels",
        "session_id",
        "shared",
    )

    def __init__(self, session_id: str, now_ms: float, limits: SessionLimits) -> None:
        self.session_id = session_id
        self.channels: list[str] = []
        """Channels that the client has asked for and not left, each once. As effects are carried out in order, it ends up right
        however many frames the client sends ahead of their answers. A list: of six names it is a sixth of a set."""
        self.shared: tuple[TokenBucket, ...] = ()
        """Buckets that others draw from too: the person's, on all of their connections, and the address's."""
        self._limits = limits
        self._phase = Phase.NEW
        self._bucket = TokenBucket(limits.frames_per_s, limits.frames_burst, now_ms)
        self._deadline_ms: float | None = now_ms + limits.connect_deadline_ms
        self._effects: list[Effect] = []
        self._frames: list[bytes] = []
        self._pings_missed = 0
        self._refused_in_a_row = 0
        self._strikes = 0
        self._last_strike_ms = now_ms

    # Receive

    def receive_frame(self, data: str | bytes, now_ms: float, unix_ms: int) -> None:
        """A whole message of the client; `bytes` when it was a binary one, which this protocol has not."""
        if self._phase is Phase.CLOSED:
            return
        self._pings_missed = 0
        if _too_large(data):
            self.send(failed(TOO_LARGE, detail=f"A frame has at most {FRAME_BYTES_MAX} bytes"))
            self.close(CLOSE_TOO_LARGE)
            return
        wait_ms = self._take(now_ms)
        if wait_ms:
            self.refuse(_id_of(data), RATE_LIMITED, retry_after_ms=wait_ms)
            self._refuse_flood()
            return
        self._refused_in_a_row = 0
        frame = self._read(data, now_ms)
        if frame is not None:
            self._handle(frame, now_ms, unix_ms)

    def receive_control(self, now_ms: float) -> bool:
        """A ping, a pong or a part of a message of the websocket protocol itself; whether it may be answered. They draw from the
        same buckets: otherwise a flood of them would cost as much as one of frames and never end."""
        if self._phase is Phase.CLOSED:
            return False
        if self._take(now_ms):
            self._refuse_flood()
            return False
        return True

    def _take(self, now_ms: float) -> int:
        """A token from every bucket: 0, or the milliseconds until all have one."""
        wait_ms = self._bucket.take(now_ms)
        for bucket in self.shared:
            wait_ms = max(wait_ms, bucket.take(now_ms))
        return wait_ms

    def _read(self, data: str | bytes, now_ms: float) -> AnyClientFrame | None:
        if isinstance(data, bytes):
            self.strike(failed(MALFORMED, detail="Send frames as text, not binary"), now_ms)
            return None
        try:
            return _FRAMES.decode(data)
        except msgspec.ValidationError as error:
            text = str(error)
            wrong_op = text.endswith("`$.op`") or "missing required field `op`" in text
            self.strike(failed(UNKNOWN_OPERATION if wrong_op else INVALID_FIELD, _id_of(data), text), now_ms)
        except (msgspec.DecodeError, RecursionError) as error:
            self.strike(failed(MALFORMED, detail=f"Not a JSON object: {error}"), now_ms)
        return None

    def _handle(self, frame: AnyClientFrame, now_ms: float, unix_ms: int) -> None:
        if isinstance(frame, Connect):
            self._connect(frame, now_ms)
        elif self._phase is Phase.NEW:
            detail = "The first frame must be `connect` with a ticket"
            self.strike(failed(NOT_SIGNED_IN, None if isinstance(frame, Pong) else frame.id, detail), now_ms)
        elif isinstance(frame, Ping):
            self.send(Clock(id=frame.id, t0_ms=frame.t0_ms, t1_ms=unix_ms, t2_ms=unix_ms))
        elif isinstance(frame, Subscribe):
            self._subscribe(frame)
        elif isinstance(frame, Unsubscribe):
            self._unsubscribe(frame)
        elif isinstance(frame, Publish):
            self._publish(frame)

    def _connect(self, frame: Connect, now_ms: float) -> None:
        if self._phase is not Phase.NEW:
            self.strike(failed(MALFORMED, frame.id, "This connection has a ticket already"), now_ms)
            return
        self._phase = Phase.CHECKING
        self._deadline_ms = None  # the check has a deadline of its own
        self._effects.append(Authenticate(frame.id, frame.ticket))

    def _subscribe(self, frame: Subscribe) -> None:
        if frame.channel not in self.channels and len(self.channels) >= CHANNELS_MAX:
            self.refuse(frame.id, TOO_MANY_CHANNELS, f"A connection has at most {CHANNELS_MAX} channels")
            return
        name = sys.intern(frame.channel)  # one text for all who are on the channel
        if name not in self.channels:
            self.channels.append(name)
        self._effects.append(Join(frame.id, name, frame.position))

    def _unsubscribe(self, frame: Unsubscribe) -> None:
        if frame.channel not in self.channels:
            self.refuse(frame.id, NOT_SUBSCRIBED)
            return
        self.left(frame.channel)
        self._effects.append(Leave(frame.id, frame.channel))

    def _publish(self, frame: Publish) -> None:
        if frame.channel not in self.channels:
            self.refuse(frame.id, NOT_SUBSCRIBED)
            return
        self._effects.append(Command(frame.id, frame.channel, frame.command_id, bytes(frame.data)))

    # Outcomes, told by the shell

    def connected(self, frame_id: int, actor_id: str, now_ms: float, unix_ms: int) -> None:
        """The ticket was good."""
        if self._phase is Phase.CLOSED:
            return
        self._phase = Phase.OPEN
        self._deadline_ms = now_ms + self._limits.ping_ms
        self.send(
            Connected(id=frame_id, session_id=self.session_id, actor_id=actor_id, server_ms=unix_ms, ping_ms=self._limits.ping_ms)
        )

    def ticket_refused(self, frame_id: int) -> None:
        """The ticket was used before, too old, or never ours."""
        self.refuse(frame_id, TICKET_EXPIRED)
        self.close(CLOSE_TICKET_EXPIRED)

    def joined(self, channel: str) -> None:
        """The client's subscription has begun."""
        if self._phase is not Phase.CLOSED and channel not in self.channels:
            self.channels.append(channel)

    def left(self, channel: str) -> None:
        """The subscription has ended, or was refused."""
        if channel in self.channels:
            self.channels.remove(channel)

    def refuse(
        self,
        frame_id: int | None,
        error: WireError,
        detail: str = "",
        retry_after_ms: int | None = None,
        extra: Mapping[str, str | int | bool] = NOTHING,
    ) -> None:
        """Answer a frame with an error."""
        self.send(failed(error, frame_id, detail, retry_after_ms, extra))

    def send(self, frame: ServerFrame) -> None:
        """Queue a frame for this client alone."""
        if self._phase is not Phase.CLOSED:
            self._frames.append(encode_frame(frame))

    def strike(self, answer: ServerFrame, now_ms: float) -> None:
        """Answer a frame that breaks the protocol; the third within a minute ends the connection."""
        if now_ms - self._last_strike_ms > self._limits.strike_ms:
            self._strikes = 0
        self._strikes += 1
        self._last_strike_ms = now_ms
        self.send(answer)
        if self._strikes >= self._limits.strikes_max:
            self.close(CLOSE_BAD_FRAMES)

    def close(self, code: CloseCode) -> None:
        """End the connection; effects that were not carried out yet are dropped."""
        if self._phase is not Phase.CLOSED:
            self._phase = Phase.CLOSED
            self._deadline_ms = None
            self.channels.clear()
            self._effects = [Close(code)]

    def _refuse_flood(self) -> None:
        self._refused_in_a_row += 1
        if self._refused_in_a_row > self._limits.refused_in_a_row_max:
            self.close(CLOSE_FLOODING)

    # What the shell must do

    def effects(self) -> list[Effect]:
        """Effects since the last call, in order."""
        effects, self._effects = self._effects, []
        return effects

    def frames_to_send(self) -> list[bytes]:
        """Whole websocket frames since the last call, in order."""
        frames, self._frames = self._frames, []
        return frames

    @property
    def is_closed(self) -> bool:
        """Whether the session has ended; nothing more comes out of it but `Close`."""
        return self._phase is Phase.CLOSED

    # Timers

    def next_timer_ms(self) -> float | None:
        """When `handle_timer` is due, on the clock of `now_ms`."""
        return self._deadline_ms

    def handle_timer(self, now_ms: float, unix_ms: int) -> None:
        """The moment of `next_timer_ms` has come."""
        if self._deadline_ms is None or now_ms < self._deadline_ms:
            return
        if self._phase is Phase.NEW:
            self.close(CLOSE_CONNECT_DEADLINE)
        elif self._pings_missed >= self._limits.pings_missed_max:
            self.close(CLOSE_NO_PONG)
        else:
            self._pings_missed += 1
            self._deadline_ms = now_ms + self._limits.ping_ms
            self.send(ServerPing(server_ms=unix_ms))


def _too_large(data: str | bytes) -> bool:
    if len(data) > FRAME_BYTES_MAX:
        return True
    # A character has at most four bytes in UTF-8, so short texts need no counting.
    return isinstance(data, str) and len(data) * 4 > FRAME_BYTES_MAX and len(data.encode()) > FRAME_BYTES_MAX


def _id_of(data: str | bytes) -> int | None:
    try:
        return _NUMBERED.decode(data).id
    except (msgspec.DecodeError, RecursionError):
        return None
