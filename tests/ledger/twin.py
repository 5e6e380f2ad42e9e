"""Drives the real script and `rules.py` side by side, and compares everything after every call."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis

from schemas.events.ledger import AnyLedgerEvent
from server.ledger.log import decode_entry
from server.ledger.replay import fold
from server.ledger.rules import (
    DUE,
    Answer,
    AnyCommand,
    AnyOutcome,
    Coupon,
    GiveawayRecord,
    HoldRecord,
    LotRecord,
    LotTerms,
    Offer,
    Pool,
    Refused,
    Sale,
    Show,
    ShowState,
    Waiter,
    violations,
)
from server.ledger.wire import Planned, batch_args, batch_keys, key, read_answer
from server.redis.scripts import Script

START_MS = 4_000_000_000_000
"""Far in the future: the script's clock is clamped to the show's last moment, so a test steps it by writing that moment."""
DAY_MS = 86_400_000
ENDED = ("released", "expired", "restocked")


@dataclass
class Kept:
    """All that the server keeps of a show, in the terms of the rules."""

    state: ShowState
    due: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, AnyOutcome] = field(default_factory=dict)
    events: list[AnyLedgerEvent] = field(default_factory=list)
    caused: dict[int, AnyOutcome] = field(default_factory=dict)
    refusals: list[Refused] = field(default_factory=list)
    ttl_ms: dict[str, int] = field(default_factory=dict)
    skus: set[str] = field(default_factory=set)
    open: dict[str, dict[str, int]] = field(default_factory=dict)
    queues: dict[str, dict[str, int]] = field(default_factory=dict)
    firsts: dict[str, dict[str, int]] = field(default_factory=dict)
    fence: str | None = None
    projected: int | None = None


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

    def project(self, seq: int | None) -> None:
        """Tell both which entry SQL has; None: nobody projects."""
        self.show.projected = seq
        if seq is None:
            self.client.hdel(key(self.show_id, "meta"), "projected")
        else:
            self.client.hset(key(self.show_id, "meta"), "projected", seq)

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
        assert _facts(answer) == _facts(expected), (answer, expected)
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
        assert kept.due == {thing: at_ms for part in DUE for at_ms, thing in part(state)}
        assert kept.outcomes == {command_id: outcome for command_id, (_, outcome) in self.show.stored.items()}
        assert kept.caused == {seq: outcome for seq, (_, outcome) in self.show.caused.items()}
        assert kept.refusals == self.show.refusals
        assert kept.skus == state.pools.keys()
        assert kept.open == open_things(state)
        assert (kept.queues, kept.firsts) == line(state)
        assert (kept.fence, kept.projected) == (self.show.fence, self.show.projected)
        assert violations(state) == []
        assert [event.seq for event in kept.events] == list(range(1, state.seq + 1))
        replayed = fold(self.show_id, kept.events)
        replayed.last_ms, replayed.epoch = state.last_ms, state.epoch  # a tick and a refusal leave no entry
        assert replayed == state
        check_lifetimes(kept)


def open_things(state: ShowState) -> dict[str, dict[str, int]]:
    """By kind the ids of what is announced or open."""
    things = {
        "sale": {sale_id: 0 for sale_id, sale in state.sales.items() if not sale.over},
        "coupon": {code: 0 for code, coupon in state.coupons.items() if not coupon.shut},
        "lot": {lot_id: lot.starts_at_ms for lot_id, lot in state.lots.items() if lot.state in ("announced", "open")},
        "giveaway": {ident: 0 for ident, giveaway in state.giveaways.items() if giveaway.state != "drawn"},
    }
    return {kind: ids for kind, ids in things.items() if ids}


def line(state: ShowState) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """The line as the server keeps it: who has which wish, and the first of each wish by SKU."""
    queues: dict[str, dict[str, int]] = {}
    firsts: dict[str, dict[str, int]] = {}
    for wait_id, waiter in state.waits.items():
        wish = f"{waiter.quantity}|{waiter.sale_id}"
        queues.setdefault(f"{wish}|{waiter.sku}", {})[wait_id] = waiter.seq
        of_sku = firsts.setdefault(waiter.sku, {})
        of_sku[wish] = min(waiter.seq, of_sku.get(wish, waiter.seq))
    return queues, firsts


def check_lifetimes(kept: Kept) -> None:
    """Outcomes and given-back holds are forgotten, but not within a day; open and committed holds never."""
    for name, ttl_ms in kept.ttl_ms.items():
        kind, _, ident = name.partition(":")
        passes = kind == "cmd" or (kind == "hold" and kept.state.holds[ident].state in ENDED)
        passes = passes or (kind == "entrants" and kept.state.giveaways[ident].state == "drawn")
        assert DAY_MS < ttl_ms <= 3 * DAY_MS if passes else ttl_ms == -1, f"{name} lives {ttl_ms} ms"


def keep(client: Any, show_id: str) -> Kept:
    """Read every key of the show."""
    prefix = key(show_id, "")
    kept = Kept(ShowState(show_id, ""))
    names = sorted(name.decode()[len(prefix) :] for name in client.scan_iter(match=prefix + "*", count=1000))
    pipeline = client.pipeline(transaction=False)
    for name in names:
        pipeline.pttl(prefix + name)
    kept.ttl_ms = dict(zip(names, pipeline.execute(), strict=True))
    texts = [name for name in names if name.partition(":")[0] in TEXTS]
    found = client.mget([prefix + name for name in texts]) if texts else []
    for name, text in zip(texts, found, strict=True):
        kind, _, ident = name.partition(":")
        TEXTS[kind](kept, ident, text)
    for name in names:
        kind, _, ident = name.partition(":")
        if kind not in TEXTS:
            READERS[kind](client, kept, ident, prefix + name)
    return kept


def _texts(client: Any, full: str) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in client.hgetall(full).items()}


def _numbers(client: Any, full: str) -> dict[str, int]:
    return {name: int(value) for name, value in _texts(client, full).items()}


def _scores(client: Any, full: str) -> dict[str, int]:
    return {member.decode(): int(score) for member, score in client.zrange(full, 0, -1, withscores=True)}


def _meta(client: Any, kept: Kept, _: str, full: str) -> None:
    meta = _texts(client, full)
    kept.state.epoch, kept.fence = meta.get("epoch", ""), meta.get("fence")
    kept.state.seq, kept.state.last_ms = int(meta.get("seq", 0)), int(meta.get("last_ms", 0))
    kept.projected = int(meta["projected"]) if "projected" in meta else None


def _pool(client: Any, kept: Kept, sku: str, full: str) -> None:
    kept.state.pools[sku] = Pool(sku=sku, **_numbers(client, full))


def _skus(client: Any, kept: Kept, _: str, full: str) -> None:
    kept.skus = {sku.decode() for sku in client.smembers(full)}


def _hold(kept: Kept, hold_id: str, text: bytes) -> None:
    kept.state.holds[hold_id] = msgspec.json.decode(text, type=HoldRecord)


def _due(client: Any, kept: Kept, _: str, full: str) -> None:
    kept.due = _scores(client, full)


def _bought(client: Any, kept: Kept, sku: str, full: str) -> None:
    kept.state.bought |= {(sku, buyer): units for buyer, units in _numbers(client, full).items()}


def _sale(client: Any, kept: Kept, sale_id: str, full: str) -> None:
    fields = _texts(client, full)
    offers = {}
    for sku in msgspec.json.decode(fields["skus"], type=list[str]):
        offers[sku] = Offer(sku=sku, **_numbers(client, key(kept.state.show_id, f"offer:{sale_id}:{sku}")))
    times = int(fields["starts_at_ms"]), int(fields["ends_at_ms"])
    kept.state.sales[sale_id] = Sale(fields["currency"], *times, offers, over=fields["state"] == "over")


def _offer(_: Any, kept: Kept, ident: str, full: str) -> None:
    assert key(kept.state.show_id, f"offer:{ident}") == full  # read with its sale


def _in_sale(client: Any, kept: Kept, ident: str, full: str) -> None:
    sale_id, _, sku = ident.partition(":")
    kept.state.bought_in_sale |= {(sale_id, sku, buyer): units for buyer, units in _numbers(client, full).items()}


def _coupon(client: Any, kept: Kept, code: str, full: str) -> None:
    fields = _texts(client, full)
    shut = fields.pop("state") == "shut"
    kept.state.coupons[code] = Coupon(**{name: int(value) for name, value in fields.items()}, shut=shut)


def _uses(client: Any, kept: Kept, code: str, full: str) -> None:
    kept.state.coupon_uses |= {(code, buyer): times for buyer, times in _numbers(client, full).items()}


def _waiter(kept: Kept, wait_id: str, text: bytes) -> None:
    kept.state.waits[wait_id] = msgspec.json.decode(text, type=Waiter)


def _queue(client: Any, kept: Kept, wish: str, full: str) -> None:
    kept.queues[wish] = _scores(client, full)


def _firsts(client: Any, kept: Kept, sku: str, full: str) -> None:
    kept.firsts[sku] = _scores(client, full)


def _freed(client: Any, kept: Kept, _: str, full: str) -> None:
    assert set(_scores(client, full).values()) == {0}
    assert client.zcard(full) <= len(kept.state.pools) or not kept.state.pools


def _open(client: Any, kept: Kept, kind: str, full: str) -> None:
    kept.open[kind] = _scores(client, full)


def _ended(client: Any, kept: Kept, kind: str, full: str) -> None:
    kept.state.ended[kind] = tuple(ident.decode() for ident in client.lrange(full, 0, -1))


def _lot(client: Any, kept: Kept, lot_id: str, full: str) -> None:
    fields: dict[str, Any] = dict(_texts(client, full))
    fields["terms"] = msgspec.json.decode(fields["terms"], type=LotTerms)
    kept.state.lots[lot_id] = msgspec.convert(fields, LotRecord, strict=False)


def _giveaway(client: Any, kept: Kept, giveaway_id: str, full: str) -> None:
    fields: dict[str, Any] = dict(_texts(client, full))
    fields["winners"] = msgspec.json.decode(fields["winners"])
    kept.state.giveaways[giveaway_id] = msgspec.convert(fields, GiveawayRecord, strict=False)


def _entrants(client: Any, kept: Kept, giveaway_id: str, full: str) -> None:
    kept.state.entrants |= {(giveaway_id, entrant): number for entrant, number in _numbers(client, full).items()}


def _command(kept: Kept, command_id: str, text: bytes) -> None:
    kept.outcomes[command_id] = msgspec.json.decode(text[40:], type=AnyOutcome)


def _log(client: Any, kept: Kept, _: str, full: str) -> None:
    for _, fields in client.xrange(full):
        kept.events.append(event := decode_entry(fields))
        if stored := fields.get(b"o"):
            kept.caused[event.seq] = msgspec.json.decode(stored[40:], type=AnyOutcome)


def _refused(client: Any, kept: Kept, _: str, full: str) -> None:
    for _, fields in client.xrange(full):
        assert hashlib.sha1(fields[b"c"], usedforsecurity=False).hexdigest().encode() == fields[b"o"][:40]
        command = msgspec.json.decode(fields[b"c"], type=AnyCommand)
        outcome = msgspec.json.decode(fields[b"o"][40:], type=AnyOutcome)
        kept.refusals.append(Refused(command, outcome, int(fields[b"s"]), int(fields[b"t"])))


TEXTS: Mapping[str, Callable[[Kept, str, bytes], None]] = {"hold": _hold, "waiter": _waiter, "cmd": _command}
"""Keys that are strings are read together: there are many."""
READERS: Mapping[str, Callable[[Any, Kept, str, str], None]] = {
    "meta": _meta,
    "pool": _pool,
    "skus": _skus,
    "due": _due,
    "bought": _bought,
    "sale": _sale,
    "offer": _offer,
    "insale": _in_sale,
    "coupon": _coupon,
    "uses": _uses,
    "queue": _queue,
    "firsts": _firsts,
    "freed": _freed,
    "open": _open,
    "ended": _ended,
    "lot": _lot,
    "giveaway": _giveaway,
    "entrants": _entrants,
    "log": _log,
    "refused": _refused,
}
"""By the first part of a key's name: how it is read. A key of another kind is an error (KeyError)."""


def _facts(answer: Answer) -> tuple[object, ...]:
    return (answer.epoch, answer.seq, answer.now_ms, answer.swept, answer.outcomes)
