"""Thousands of viewers in one process: `python -m loadtests.channels.swarm`. Told in lines of JSON what to do (`lines.py`).

One thread, one epoll, no library per connection: a push costs a viewer here about 4 µs, so that the load leaves the machine to
what is measured.
"""

import argparse
import heapq
import itertools
import json
import os
import select
import socket
import sys
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from typing import Any

from loadtests.channels.client import LIVE, Client, now_s
from loadtests.channels.delays import Delays
from loadtests.channels.wire import Frame, Move, Parser, Piece, stamped
from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from server.kernel.process import die_with_parent

READABLE, WRITABLE = select.EPOLLIN, select.EPOLLOUT
EVENTS_MAX = 512
"""Looked at before timers get their turn."""


class Swarm:
    """The viewers of this process. What they have in common is here, so that each is small."""

    def __init__(self) -> None:
        self.parser = Parser()
        self.clients: list[Client] = []
        self.host, self.address = "", ("127.0.0.1", 0)
        self.channels: list[str] = []
        self.newest_only: set[str] = set()
        self.plain = False
        self.receive_buffer_bytes = 0
        self._epoll = select.epoll()
        self._by_fd: dict[int, Client] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._to_join: deque[Client] = deque()
        self._joining: set[Client] = set()
        self._waiting_live: list[tuple[int, float]] = []
        self._clock = SystemClock()
        self._talk: dict[int, Talk] = {}
        self._input = b""
        self._in_flight = 0
        self._stopped = 0
        self.live_count = 0
        self.clear()

    def clear(self) -> None:
        """Count from here."""
        self.delays = Delays()
        self.arrivals: dict[float, list[float]] = {}
        self.pushes = self.holes = self.twice = self.gaps = self.snapshots = self.recovered = 0
        self.attempts_failed = 0
        self.refusals: Counter[str] = Counter()
        self.last_push_s = 0.0

    # What clients tell

    def heard(self, piece: Piece) -> None:
        """A viewer got pushes."""
        now = now_s()
        self.pushes += piece.pushes
        self.last_push_s = now
        for stamp in piece.stamps:
            self.delays.add(now - stamp)
            arrival = self.arrivals.get(stamp)
            if arrival is None:
                self.arrivals[stamp] = [1, now]
            else:
                arrival[0] += 1
                arrival[1] = now

    def moved(self, move: Move, at: tuple[str, int]) -> tuple[str, int]:
        """Where a viewer stands after pushes; what is missing or comes twice is counted."""
        epoch, offset = at
        if move.epoch != epoch or move.first > offset + 1:
            self.holes += move.channel not in self.newest_only or move.epoch != epoch
        elif move.first <= offset:
            self.twice += 1
        return move.epoch, max(move.last, offset) if move.epoch == epoch else move.last

    def resumed(self, frame: Frame, at: tuple[str, int] | None) -> tuple[str, int]:
        """Where a viewer stands after the reply to its subscription."""
        epoch, offset = frame.epoch or "", frame.offset or 0
        if at is not None and frame.recovered:
            self.recovered += 1
            expected = list(range(at[1] + 1, offset + 1))
            got = [missed.offset for missed in frame.publications]
            if frame.channel in self.newest_only:
                expected, got = expected[-1:], got[-1:]
            self.holes += expected != got or at[0] != epoch
        elif at is not None:
            self.snapshots += 1
        return epoch, offset

    def live(self, client: Client) -> None:
        """A viewer is in, with all its channels."""
        self.live_count += 1
        self._joining.discard(client)
        self._join_more()
        self._answer_live()

    def refused(self, why: str) -> None:
        self.refusals[why] += 1

    def stopped(self, code: int) -> None:
        self._stopped += 1
        self.refusals[f"closed with {code}"] += 1
        self._answer_live()

    def later(self, pause_s: float, client: Client) -> None:
        """The client tries again after this pause."""
        self.after(pause_s, client.begin)

    def after(self, pause_s: float, do: Callable[[], None]) -> None:
        """Do something later."""
        self._at(now_s() + pause_s, do)

    def answered(self, frame: Frame) -> None:
        talk = self._talk.pop(frame.id, None)
        if talk is not None:
            talk.answered(frame)

    # Sockets

    def watch(self, client: Client, sock: socket.socket, *, connected: bool) -> None:
        self._by_fd[sock.fileno()] = client
        self._epoll.register(sock, READABLE if connected else READABLE | WRITABLE)

    def connected(self, sock: socket.socket) -> None:
        self._epoll.modify(sock, READABLE)

    def forget(self, sock: socket.socket) -> None:
        client = self._by_fd.pop(sock.fileno(), None)
        if client is not None:
            self.live_count -= client.stage == LIVE
            if not client.deaf:
                self._epoll.unregister(sock)

    def run(self) -> None:
        """Until standard input ends."""
        os.set_blocking(0, False)
        self._epoll.register(0, READABLE)
        while True:
            timeout_s = max(0.0, self._timers[0][0] - now_s()) if self._timers else -1
            for fd, events in self._epoll.poll(timeout_s, EVENTS_MAX):
                if fd == 0:
                    if not self._read_commands():
                        return
                    continue
                client = self._by_fd.get(fd)
                if client is None:
                    continue
                if events & WRITABLE and not events & ~WRITABLE & ~READABLE:
                    client.writable()
                    client = self._by_fd.get(fd)
                if client is not None and events & ~WRITABLE:
                    client.readable()
            now = now_s()
            while self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2]()

    def _at(self, due_s: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (due_s, next(self._numbers), do))

    # Commands

    def _read_commands(self) -> bool:
        data = os.read(0, 1 << 20)
        self._input += data
        *lines, self._input = self._input.split(b"\n")
        for line in lines:
            command = json.loads(line)
            number, do = command.pop("id"), command.pop("do")
            answer = getattr(self, f"do_{do}")(number, **command)
            if answer is not None:
                self.say(number, **answer)
        return bool(data)

    def say(self, number: int, **answer: Any) -> None:
        sys.stdout.write(json.dumps({"id": number, **answer}) + "\n")
        sys.stdout.flush()

    def do_aim(
        self,
        number: int,
        *,
        port: int,
        channels: list[str],
        newest_only: list[str],
        plain: bool = False,
        receive_buffer_bytes: int = 0,
    ) -> dict[str, Any]:
        """Where to, and what is subscribed to there."""
        self.host, self.address = f"127.0.0.1:{port}", ("127.0.0.1", port)
        self.channels, self.newest_only = channels, set(newest_only)
        self.plain, self.receive_buffer_bytes = plain, receive_buffer_bytes
        return {}

    def do_join(self, number: int, *, tokens: list[str], sources: list[str], in_flight: int) -> None:
        """Let viewers in, so many at a time; answered when all are in."""
        fresh = [Client(self, token, sources[index % len(sources)]) for index, token in enumerate(tokens)]
        self.clients += fresh
        self._to_join.extend(fresh)
        self._in_flight = in_flight
        self._waiting_live.append((number, now_s()))
        self._join_more()

    def do_leave(self, number: int, *, count: int) -> dict[str, Any]:
        """The last `count` viewers go for good."""
        for _ in range(count):
            self.clients.pop().hang_up(abort=True)
        return {}

    def do_back(self, number: int) -> None:
        """Answered when all viewers are in."""
        self._waiting_live.append((number, now_s()))
        self._answer_live()

    def do_clear(self, number: int) -> dict[str, Any]:
        self.clear()
        return {}

    def do_report(self, number: int) -> dict[str, Any]:
        """What was counted since `clear`."""
        return {
            "clients": len(self.clients),
            "live": self.live_count,
            "pushes": self.pushes,
            "holes": self.holes,
            "twice": self.twice,
            "gaps": self.gaps,
            "snapshots": self.snapshots,
            "recovered": self.recovered,
            "attempts_failed": self.attempts_failed,
            "refusals": dict(self.refusals),
            "delays": self.delays.to_json(),
            "arrivals": [[stamp, *arrival] for stamp, arrival in self.arrivals.items()],
            "last_push_s": self.last_push_s,
        }

    def do_positions(self, number: int) -> dict[str, Any]:
        """Where the viewers stand: channel → {"epoch offset": how many}."""
        where: dict[str, Counter[str]] = {name: Counter() for name in self.channels}
        for client in self.clients:
            for name in self.channels:
                epoch, offset = client.positions.get(name, ("", -1))
                where[name][f"{epoch} {offset}"] += 1
        return {"where": where, "holes": self.holes, "twice": self.twice}

    def do_cut(self, number: int) -> dict[str, Any]:
        """All connections end at once without a word; each viewer comes back as a page does."""
        at_s = now_s()
        for client in self.clients:
            if client.sock is not None:
                client.hang_up(abort=True)
                client.lost(0)
        return {"at_s": at_s}

    def do_stop_reading(self, number: int, *, count: int) -> dict[str, Any]:
        """The first `count` viewers take nothing any more."""
        for client in self.clients[:count]:
            assert client.sock is not None
            assert not client.deaf
            client.deaf = True
            self._epoll.unregister(client.sock)
        return {}

    def do_read_on(self, number: int) -> dict[str, Any]:
        """They read again."""
        for client in self.clients:
            if client.deaf:
                client.deaf = False
                assert client.sock is not None
                self._epoll.register(client.sock, READABLE)
        return {}

    def do_talk(self, number: int, *, channel: str, start_s: float, every_s: float, at_once: int, count: int) -> None:
        """The viewers of this process say `count` lines in turn, `at_once` every `every_s`; answered when all were answered."""
        talk = Talk(self, number, count)
        for line in range(count):
            due_s = start_s + line // at_once * every_s
            client = self.clients[line % len(self.clients)]
            self._at(due_s, partial(self._say, talk, client, channel, line, due_s))

    def _say(self, talk: "Talk", client: Client, channel: str, line: int, due_s: float) -> None:
        talk.late_s = max(talk.late_s, now_s() - due_s)
        frame_id = 1_000 + next(self._numbers)
        self._talk[frame_id] = talk
        data = {"text": stamped(line, due_s)}
        command_id = new_id("msg", self._clock)
        client.send({"op": "publish", "id": frame_id, "channel": channel, "command_id": command_id, "data": data})

    def _join_more(self) -> None:
        while self._to_join and len(self._joining) < self._in_flight:
            client = self._to_join.popleft()
            self._joining.add(client)
            client.begin()

    def _answer_live(self) -> None:
        if not self._waiting_live or self._to_join:
            return
        if self.live_count + self._stopped < len(self.clients):
            return
        now = now_s()
        for number, since_s in self._waiting_live:
            self.say(number, live=self.live_count, seconds=now - since_s, at_s=now, attempts_failed=self.attempts_failed)
        self._waiting_live.clear()


class Talk:
    """Lines that are being said."""

    def __init__(self, swarm: Swarm, number: int, count: int) -> None:
        self._swarm, self._number, self._left = swarm, number, count
        self.accepted = 0
        self.late_s = 0.0
        self.refusals: Counter[str] = Counter()

    def answered(self, frame: Frame) -> None:
        """One line was accepted or refused."""
        if frame.op == "accepted":
            self.accepted += 1
        else:
            self.refusals[frame.name] += 1
        self._left -= 1
        if self._left == 0:
            self._swarm.say(self._number, accepted=self.accepted, refusals=dict(self.refusals), late_ms=self.late_s * 1000)


def main() -> None:
    """Say that it is ready, then do as told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parent", type=int, required=True)
    die_with_parent(parser.parse_args().parent)
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    Swarm().run()


if __name__ == "__main__":
    main()
