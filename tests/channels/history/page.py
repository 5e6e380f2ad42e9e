"""A page of the test: connects, subscribes, comes back with its positions, retries its commands, and records all of it."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from schemas import frames
from tests.channels.history.events import (
    Accepted,
    Gapped,
    History,
    Lost,
    Opened,
    Pushed,
    Refused,
    Sent,
    Stayed,
    Subscribed,
    Unsubscribed,
)

PROBE_S = 1.0
"""A page that has heard nothing for so long asks whether anybody is there."""
ANSWER_S = 3.0
"""Longest wait for the answer to a command; after that nobody knows its outcome, and it is sent again."""
_FRAMES: msgspec.json.Decoder[frames.AnyServerFrame] = msgspec.json.Decoder(frames.AnyServerFrame)


@dataclass(frozen=True)
class Entrance:
    """Where a page gets in just now: a websocket without a word said, its ticket, and the name of the node."""

    socket: ClientConnection
    ticket: str
    node: str


Enter = Callable[[], Awaitable[Entrance]]


async def dial(port: int) -> ClientConnection:
    """A websocket to a node of this machine. The page probes by itself, in frames, as a browser must."""
    return await connect(f"ws://127.0.0.1:{port}/ws", compression=None, ping_interval=None, proxy=None, max_size=None)


class Ended(Exception):
    """The connection is of no more use."""


class Page:
    """One tab. `back_s` is how long it waits before it connects again: from, to."""

    def __init__(
        self,
        name: str,
        enter: Enter,
        history: History,
        channels: Sequence[str],
        dice: random.Random,
        *,
        back_s: tuple[float, float] = (0.0, 0.2),
        silence_s: float = 4.0,
    ) -> None:
        self.name, self.channels = name, tuple(channels)
        self.positions: dict[str, tuple[str, int]] = {}
        self._enter, self._history, self._dice, self._back_s, self._silence_s = enter, history, dice, back_s, silence_s
        self._numbers = itertools.count(1)
        self._socket: ClientConnection | None = None
        self._answers: dict[int, asyncio.Future[frames.Accepted | frames.Failed]] = {}
        self._asked: dict[int, tuple[str, tuple[str, int] | None]] = {}
        self._subscribed: set[str] = set()
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()
        self._leaving = False

    async def run(self) -> None:
        """Stay on the channels until cancelled or told to leave, whatever happens to the connection."""
        while not self._leaving:
            try:
                await self._visit()
            except (OSError, TimeoutError, WebSocketException, Ended) as error:
                if not self._leaving:
                    self._history.record(Lost(who=self.name, reason=repr(error)))
            finally:
                self._forget_connection()
            await asyncio.sleep(self._dice.uniform(*self._back_s))

    def cut(self) -> None:
        """Drop the connection as a lost network does; the page comes back."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def leave(self) -> None:
        """Close for good."""
        self._leaving = True
        if self._socket is not None:
            await self._socket.close()

    @property
    def is_subscribed(self) -> bool:
        """To all of its channels."""
        return len(self._subscribed) == len(self.channels)

    async def subscribed(self) -> None:
        """Wait until the page is on all of its channels."""
        await self._ready.wait()

    async def cut_and_back(self) -> None:
        """Drop the connection as a lost network does, and wait until the page is on its channels again."""
        self.cut()
        self._ready.clear()
        await self.subscribed()

    async def reaches(self, channel: str, position: tuple[str, int]) -> None:
        """Wait until the page stands there."""
        while not (self.is_subscribed and self.positions.get(channel) == position):
            self._changed.clear()
            await self._changed.wait()

    def stay(self) -> None:
        """Record that what the page shows now is its last word."""
        for channel in sorted(self._subscribed):
            self._history.record(Stayed(who=self.name, channel=channel))

    # Commands

    async def say(
        self, channel: str, data: msgspec.Struct, marker: str, command_id: str, *, copies: int = 1, tries: int = 100
    ) -> bool:
        """Publish, and again while the outcome is unknown or the refusal temporary; whether it was accepted."""
        for _ in range(tries):
            await self.subscribed()
            attempts = [self._attempt(channel, data, marker, command_id) for _ in range(copies)]
            outcomes = await asyncio.gather(*attempts)
            if any(isinstance(outcome, frames.Accepted) for outcome in outcomes):
                return True
            if all(isinstance(outcome, frames.Failed) and not outcome.temporary for outcome in outcomes):
                return False
            waits = [outcome.retry_after_ms or 100 for outcome in outcomes if isinstance(outcome, frames.Failed)]
            await asyncio.sleep(max(waits, default=50) / 1000)
        return False

    async def _attempt(
        self, channel: str, data: msgspec.Struct, marker: str, command_id: str
    ) -> frames.Accepted | frames.Failed | None:
        if self._socket is None:
            return None
        number = next(self._numbers)
        answer: asyncio.Future[frames.Accepted | frames.Failed] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._history.record(Sent(who=self.name, channel=channel, command_id=command_id, marker=marker))
        raw = msgspec.Raw(msgspec.json.encode(data))
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._send(frames.Publish(id=number, channel=channel, command_id=command_id, data=raw))
                outcome = await answer
        except (TimeoutError, OSError, WebSocketException, Ended):
            return None
        finally:
            self._answers.pop(number, None)
        if isinstance(outcome, frames.Accepted):
            self._history.record(
                Accepted(who=self.name, channel=channel, command_id=command_id, epoch=outcome.epoch, offset=outcome.offset)
            )
        else:
            self._history.record(
                Refused(who=self.name, channel=channel, command_id=command_id, name=outcome.name, temporary=outcome.temporary)
            )
        return outcome

    # The connection

    async def _visit(self) -> None:
        async with asyncio.timeout(5 * self._silence_s):
            entrance = await self._enter()
        self._socket = entrance.socket
        try:
            await self._send(frames.Connect(id=next(self._numbers), ticket=entrance.ticket))
            await self._read_on(entrance)
        finally:
            entrance.socket.transport.abort()
            await entrance.socket.wait_closed()

    async def _read_on(self, entrance: Entrance) -> None:
        while True:
            frame = _FRAMES.decode(await self._next_text(entrance.socket))
            if isinstance(frame, frames.Connected):
                self._history.record(Opened(who=self.name, node=entrance.node))
                for channel in self.channels:
                    await self._subscribe(channel)
            else:
                await self._take(frame)

    async def _next_text(self, socket: ClientConnection) -> str | bytes:
        waited_s = 0.0
        while waited_s < self._silence_s:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PROBE_S):
                    return await socket.recv()
            waited_s += PROBE_S
            if self._subscribed:  # before that, only `connect` may be sent
                await self._send(frames.Ping(id=next(self._numbers), t0_ms=0.0))
        raise Ended("silence")

    async def _send(self, frame: frames.ClientFrame) -> None:
        if self._socket is None:
            raise Ended("no connection")
        await self._socket.send(msgspec.json.encode(frame).decode())

    async def _subscribe(self, channel: str) -> None:
        position, number = self.positions.get(channel), next(self._numbers)
        self._asked[number] = channel, position
        wanted = None if position is None else frames.Position(epoch=position[0], offset=position[1])
        await self._send(frames.Subscribe(id=number, channel=channel, position=wanted))

    async def _take(self, frame: frames.AnyServerFrame) -> None:
        match frame:
            case frames.Push():
                data = bytes(frame.data).decode()
                self._history.record(
                    Pushed(who=self.name, channel=frame.channel, epoch=frame.epoch, offset=frame.offset, data=data)
                )
                self._stand(frame.channel, frame.epoch, frame.offset)
            case frames.Gap():
                state = bytes(frame.snapshot).decode()
                self._history.record(
                    Gapped(who=self.name, channel=frame.channel, epoch=frame.epoch, offset=frame.offset, snapshot=state)
                )
                self._stand(frame.channel, frame.epoch, frame.offset)
            case frames.Subscribed():
                self._take_subscribed(frame)
            case frames.Unsubscribed():
                self._history.record(Unsubscribed(who=self.name, channel=frame.channel, reason=frame.reason or ""))
                raise Ended("unsubscribed")
            case frames.ServerPing():
                await self._send(frames.Pong())
            case frames.Accepted() | frames.Failed():
                self._take_answer(frame)

    def _take_answer(self, frame: frames.Accepted | frames.Failed) -> None:
        if frame.id in self._asked:
            assert isinstance(frame, frames.Failed)
            raise Ended(f"cannot subscribe: {frame.name}")  # temporary while Redis is away; the page comes back
        answer = self._answers.get(frame.id or 0)
        if answer is not None and not answer.done():
            answer.set_result(frame)
        elif isinstance(frame, frames.Failed) and not frame.id:
            raise Ended(f"the server says {frame.name}: {frame.detail}")

    def _take_subscribed(self, frame: frames.Subscribed) -> None:
        _, asked = self._asked.pop(frame.id)
        self._history.record(
            Subscribed(
                who=self.name,
                channel=frame.channel,
                asked=asked,
                epoch=frame.epoch,
                offset=frame.offset,
                recovered=frame.recovered,
                publications=[(one.offset, bytes(one.data).decode()) for one in frame.publications],
                snapshot=bytes(frame.snapshot).decode(),
            )
        )
        self._subscribed.add(frame.channel)
        self._stand(frame.channel, frame.epoch, frame.offset)
        if self.is_subscribed:
            self._ready.set()

    def _stand(self, channel: str, epoch: str, offset: int) -> None:
        self.positions[channel] = epoch, offset
        self._changed.set()

    def _forget_connection(self) -> None:
        self._socket = None
        self._ready.clear()
        self._subscribed.clear()
        self._asked.clear()
        answers, self._answers = self._answers, {}
        for answer in answers.values():
            if not answer.done():
                answer.set_exception(Ended("the connection was lost"))
                answer.exception()  # whoever waited may have given up
