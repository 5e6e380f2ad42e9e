"""Drives the real script and `rules.py` side by side, and compares everything after every call."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis

from schemas.events.ledger import AnyLedgerEvent
from server.ledger.log import decode_entry
from server.ledger.replay import fold
from server.ledger.rules import Answer, AnyCommand, AnyOutcome, HoldRecord, Pool, Show, ShowState, violations
from server.ledger.wire import Planned, batch_args, batch_keys, key, read_answer
from server.redis.scripts import Script

START_MS = 4_000_000_000_000
"""Far in the future: the script's clock is clamped to the show's last moment, so a test steps it by writing that moment."""
DAY_MS = 86_400_000


@dataclass
class Kept:
    """All that the server keeps of a show, in the terms of the rules."""

    state: ShowState
    due: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, AnyOutcome] = field(default_factory=dict)
    events: list[AnyLedgerEvent] = field(default_factory=list)
    ttl_ms: dict[str, int] = field(default_factory=dict)
    skus: set[str] = field(default_factory=set)
    fence: str | None = None


class Twin:
    """One show, twice."""

    def __init__(self, client: redis.Redis, script: Script, show_id: str) -> None:
        self.client: Any = client
        self.script = script
        self.show_id = show_id
        self.epoch = "e" + show_id[-8:]
        self.show = Show(ShowState(show_id, ""))
        self.now_ms = START_MS
        self.tick(0)

    def tick(self, milliseconds: int) -> None:
        """Let time pass for both."""
        self.now_ms += milliseconds
        self.show.state.last_ms = self.now_ms
        self.client.hset(key(self.show_id, "meta"), "last_ms", self.now_ms)

    def fence(self, reason: str) -> None:
        self.show.fence = reason or None
        if reason:
            self.client.hset(key(self.show_id, "meta"), "fence", reason)
        else:
            self.client.hdel(key(self.show_id, "meta"), "fence")

    def forget(self, command_id: str) -> None:
        """What the server does with an outcome that has become too old."""
        self.show.stored.pop(command_id, None)
        self.client.delete(key(self.show_id, f"cmd:{command_id}"))

    def call(self, *commands: AnyCommand, known_epoch: str = "") -> tuple[AnyOutcome, ...]:
        """Run one batch on both; the outcomes, once all of the answer and the log agree."""
        seq_before = self.show.state.seq
        answer = self.run(*commands, known_epoch=known_epoch)
        assert answer.now_ms == self.now_ms, "the clock of the show went backwards"
        expected = self.show.call([(known_epoch, command) for command in commands], answer.now_ms, self.epoch)
        entries = self.client.xrange(key(self.show_id, "log"), min=f"({seq_before}-0")
        events = tuple(decode_entry(fields) for _, fields in entries)
        assert _facts(answer) == _facts(expected)
        assert events == expected.events
        return answer.outcomes

    def run(self, *commands: AnyCommand, known_epoch: str = "") -> Answer:
        """Run one batch on the script only."""
        batch = [Planned(command, known_epoch) for command in commands]
        args = batch_args(self.show_id, batch, self.epoch)
        return read_answer(self.client.evalsha(self.script.sha, 1, *batch_keys(self.show_id), *args))

    def compare(self) -> None:
        """Compare all that is kept, with the rules' state and with the log."""
        kept = keep(self.client, self.show_id)
        state = self.show.state
        assert kept.state == state
        assert kept.due == {hold_id: hold.expires_at_ms for hold_id, hold in state.holds.items() if hold.state == "held"}
        assert kept.outcomes == {command_id: outcome for command_id, (_, outcome) in self.show.stored.items()}
        assert kept.skus == state.pools.keys()
        assert kept.fence == self.show.fence
        assert violations(state) == []
        assert [event.seq for event in kept.events] == list(range(1, state.seq + 1))
        replayed = fold(self.show_id, kept.events)
        replayed.last_ms, replayed.epoch = state.last_ms, state.epoch  # a tick and a refusal leave no entry
        assert replayed == state
        check_lifetimes(kept)


def check_lifetimes(kept: Kept) -> None:
    """Outcomes and given-back holds are forgotten, but not within a day; open and committed holds never."""
    for name, ttl_ms in kept.ttl_ms.items():
        kind, _, ident = name.partition(":")
        passes = kind == "cmd" or (kind == "hold" and kept.state.holds[ident].state in ("released", "expired"))
        assert DAY_MS < ttl_ms <= 3 * DAY_MS if passes else ttl_ms == -1, f"{name} lives {ttl_ms} ms"


def keep(client: Any, show_id: str) -> Kept:
    """Read every key of the show."""
    prefix = key(show_id, "")
    kept = Kept(ShowState(show_id, ""))
    for name in sorted(name.decode()[len(prefix) :] for name in client.scan_iter(match=prefix + "*", count=1000)):
        _read(client, kept, name, prefix + name)
        kept.ttl_ms[name] = client.pttl(prefix + name)
    return kept


def _read(client: Any, kept: Kept, name: str, full: str) -> None:
    kind, _, ident = name.partition(":")
    state = kept.state
    match kind:
        case "meta":
            meta = {field.decode(): value.decode() for field, value in client.hgetall(full).items()}
            state.epoch, kept.fence = meta.get("epoch", ""), meta.get("fence")
            state.seq, state.last_ms = int(meta.get("seq", 0)), int(meta.get("last_ms", 0))
        case "pool":
            numbers = {field.decode(): int(value) for field, value in client.hgetall(full).items()}
            state.pools[ident] = Pool(sku=ident, **numbers)
        case "skus":
            kept.skus = {sku.decode() for sku in client.smembers(full)}
        case "hold":
            state.holds[ident] = msgspec.json.decode(client.get(full), type=HoldRecord)
        case "due":
            kept.due = {hold_id.decode(): int(score) for hold_id, score in client.zrange(full, 0, -1, withscores=True)}
        case "bought":
            state.bought |= {(ident, buyer.decode()): int(units) for buyer, units in client.hgetall(full).items()}
        case "cmd":
            kept.outcomes[ident] = msgspec.json.decode(client.get(full)[40:], type=AnyOutcome)
        case "log":
            kept.events = [decode_entry(fields) for _, fields in client.xrange(full)]
        case _:
            raise AssertionError(f"unknown key {full}")


def _facts(answer: Answer) -> tuple[object, ...]:
    return (answer.epoch, answer.seq, answer.now_ms, answer.swept, answer.outcomes)
