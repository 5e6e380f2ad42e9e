"""What the script alone did, judged by the definition of an auction (`checker.py`), at every prefix of random histories."""

import asyncio
import os
import random
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.events.ledger import AnyLedgerEvent, BidPlaced, HoldReleased, LotEnded, StockHeld
from server.ledger.rules import DUE, AnyCommand, AnyOutcome, Fund, ShowState, apply, violations
from server.ledger.wire import FILES, bundle, source
from server.redis.embedded import EmbeddedValkey
from server.redis.scripts import Script
from tests.ledger import checker
from tests.ledger.lot_scenarios import AGREEING, award, bid, close, enter, maximum, open_giveaway, open_lot, void
from tests.ledger.lot_strategies import LOT_COMMANDS
from tests.ledger.scenarios import A, commit, fund, hold, release
from tests.ledger.twin import START_MS, Twin, keep

Step = int | list[AnyCommand]
Log = list[AnyLedgerEvent]
STEPS = st.lists(st.one_of(st.integers(0, 30), st.lists(LOT_COMMANDS, min_size=1, max_size=10)), min_size=5, max_size=40)


def every_prefix_is_well(show_id: str, events: list[AnyLedgerEvent]) -> ShowState:
    """Fold the log entry by entry; no state on the way breaks a promise."""
    state = ShowState(show_id, "")
    judge = checker.Checker()
    for event in events:
        state.epoch = state.epoch or event.epoch
        apply(state, event)
        assert violations(state) == []
        judge.take(event)
    return state


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(steps=STEPS, first=st.integers(3, 10))
def test_every_prefix_of_a_random_history_keeps_every_promise(blocking: redis.Redis, steps: list[Step], first: int) -> None:
    blocking.flushall()
    twin = Twin(blocking, bundle(), "shw_history")
    blocking.script_load(twin.script.text)
    exchanges: list[tuple[AnyCommand, AnyOutcome]] = []

    def send(*commands: AnyCommand) -> None:
        exchanges.extend(zip(commands, twin.run(*commands).outcomes, strict=True))

    send(*(Fund(command_id=f"first-{sku}", sku=sku, quantity=first, per_buyer_max=2) for sku in ("A", "B")))
    for step in steps:
        if isinstance(step, int):
            twin.tick(step)
        else:
            send(*step)
    kept = keep(blocking, twin.show_id)
    state = every_prefix_is_well(twin.show_id, kept.events)
    state.last_ms = kept.state.last_ms
    assert state == kept.state, "the log does not tell what the server keeps"
    checker.check(kept.events, exchanges)


def an_auction(twin: Twin) -> None:
    """A history with everything that the tampering below touches."""
    twin.run(fund("f1", A, 9, 3), open_lot("l1", reserve_minor=150), hold("h1", "ann", (A, 2)), release("r1", "h1"))
    twin.run(maximum("b0", 140), maximum("b1", 140, "bob"), maximum("b2", 160, "bob"), open_giveaway("g1"), enter("e1", "ann"))
    twin.tick(950)
    twin.run(maximum("b3", 300, "eve"), maximum("b4", 200, "bob"), maximum("b5", 350, "eve"))
    twin.tick(80)
    twin.run(bid("b6", 250, "ann"), void("v1"), close("c1"))
    twin.tick(100)
    twin.run(close("c2"), award("a1", "bob"), commit("p1", "a1"))


def replaced(events: list[AnyLedgerEvent], kind: type, number: int, **changes: Any) -> Iterator[AnyLedgerEvent]:
    for event in events:
        if isinstance(event, kind):
            number -= 1
            yield msgspec.structs.replace(event, **changes) if number == -1 else event
        else:
            yield event


def of_bid(number: int, **changes: Any) -> Callable[[Log], Iterable[AnyLedgerEvent]]:
    """Another tale of a bid; when the price is another, so is the next bid."""

    def tamper(log: Log) -> Iterable[AnyLedgerEvent]:
        event = [event for event in log if isinstance(event, BidPlaced)][number]
        fields = set(BidPlaced.__struct_fields__) - {"lot"}
        of_event = {name: value for name, value in changes.items() if name in fields}
        of_lot = {name: value for name, value in changes.items() if name not in fields}
        if "price_minor" in of_lot:
            of_lot["next_minor"] = of_lot["price_minor"] + 20
        lot = msgspec.structs.replace(event.lot, **of_lot)
        return replaced(log, BidPlaced, number, **of_event, lot=lot)

    return tamper


def of_end(**changes: Any) -> Callable[[Log], Iterable[AnyLedgerEvent]]:
    return lambda log: replaced(log, LotEnded, 0, **changes)


def a_second_release(log: Log) -> Iterable[AnyLedgerEvent]:
    (first,) = (event for event in log if isinstance(event, HoldReleased))
    return [*log, msgspec.structs.replace(first, seq=len(log) + 1, at_ms=log[-1].at_ms)]


def a_hold_beyond_the_limit(log: Log) -> Iterable[AnyLedgerEvent]:
    (first,) = (event for event in log if isinstance(event, StockHeld))
    line = msgspec.structs.replace(first.lines[0], quantity=4, held=5, available=4)
    return replaced(log, StockHeld, 0, lines=[line])


LATER_MS = START_MS + 10_000
TAMPERED: dict[str, tuple[str, Callable[[Log], Iterable[AnyLedgerEvent]]]] = {
    "another leader": ("I6 the highest", of_bid(3, leader_id="ann")),
    "a price above the second maximum and a step": ("I6 the price", of_bid(4, price_minor=221)),
    "a price below the second maximum": ("I6 the price", of_bid(4, price_minor=199)),
    "a price above the own maximum": ("I6 the price", of_bid(0, price_minor=141)),
    "a price that moves with a raise": ("I5 a raise", of_bid(5, price_minor=230)),
    "a price that falls": ("I5 a competing bid", of_bid(4, price_minor=180)),
    "a bid that is too low": ("I5 at least one step", of_bid(4, amount_minor=160)),
    "a tie that the later one wins": ("I6 the highest", of_bid(1, leader_id="bob")),
    "a reserve that is met too early": ("I6 the reserve", of_bid(0, reserve_met=True)),
    "a bid that was not counted": ("I6 all bids", of_bid(1, bids=1)),
    "a bid after the end": ("I7 no bid", of_bid(6, at_ms=LATER_MS)),
    "an end that did not move": ("I7 a late bid", of_bid(3, ends_at_ms=START_MS + 1000)),
    "an end that moved for a raise": ("I7 a late bid", of_bid(5, ends_at_ms=START_MS + 1051)),
    "a bid by the seller": ("nobody bids", of_bid(3, bidder_id="seller")),
    "an early bid on an open lot": ("I7 only maxima", of_bid(0, early=True)),
    "who was outbid is left out": ("I6 who was outbid", of_bid(3, outbid_id="")),
    "another winner": ("I6 the winner", of_end(winner_id="ann")),
    "another hammer price": ("I6 the winner", of_end(price_minor=350)),
    "unsold although the reserve was met": ("I6 the winner", of_end(state="unsold", winner_id="", hold_id="")),
    "an end before its time": ("I7 a lot ends", of_end(at_ms=START_MS + 1030)),
    "a hold that ends twice": ("I9 a hold", a_second_release),
    "more than one buyer may have": ("I2 nobody", a_hold_beyond_the_limit),
    "a hole": ("I5 the log", lambda log: [*log[:5], *log[6:]]),
    "an entry twice": ("I5 the log", lambda log: [*log, log[-1]]),
}
"""The promise that is broken, and how."""


@pytest.mark.parametrize("tampering", TAMPERED)
def test_a_history_that_breaks_a_promise_is_found(blocking: redis.Redis, tampering: str) -> None:
    twin = Twin(blocking, bundle(), "shw_history")
    blocking.script_load(twin.script.text)
    an_auction(twin)
    log = keep(blocking, twin.show_id).events
    checker.check(log)
    promise, tamper = TAMPERED[tampering]
    with pytest.raises(checker.Broken, match=promise):
        checker.check(tamper(log))


FAULTS = {
    "a tie goes to the later": (
        "bid",
        "elseif amount_minor > lot.leader_max_minor",
        "elseif amount_minor >= lot.leader_max_minor",
    ),
    "the leader pays all": (
        "bid",
        "math.min(amount_minor, lot.leader_max_minor +",
        "math.max(amount_minor, lot.leader_max_minor +",
    ),
    "the leader pays a step less": ("bid", "lot.leader_max_minor + increment", "lot.leader_max_minor - increment"),
    "a defended price has no step": ("bid", "amount_minor + increment(", "amount_minor - increment("),
    "an exact bid is a maximum": ("bid", "if exact then", "if false then"),
    "the reserve is passed over": ("bid", "math.max(lot.price_minor, terms.res", "math.min(lot.price_minor, terms.res"),
    "a bid may be too low": ("bid", "command.amount_minor < least_minor", "command.amount_minor < least_minor - 1"),
    "the end may be passed": ("lots", "lot.ends_at_ms <= now_ms", "lot.ends_at_ms < now_ms"),
    "the hard end may be passed": ("bid", "math.min(now_ms + terms.reset_ms, lot.hard_ends_at_ms)", "now_ms + terms.reset_ms"),
    "the row of the step is the next": ("lots", "row[1] > price_minor", "row[1] >= price_minor"),
    "a reserve must be exceeded": ("lots", "and lot.leader_max_minor >= terms", "and lot.leader_max_minor > terms"),
    "the seller may bid": ("bid", "if command.bidder_id == terms.seller_id then", "if false then"),
    "the pool forgets an unsold lot": ("lots", "move(line, 0, -terms.quantity, 0)", "move(line, 0, 0, 0)"),
    "an award takes no units": ("award", "terms.quantity}, 0, needed, 0)", "terms.quantity}, 0, 0, 0)"),
    "the hold before an award stays open": ("award", "  end_lot_hold(lot, hold)", ""),
    "a winner need not enter": ("giveaways", ", winner_id) == 0", ", winner_id) == 5"),
}
"""Wrong auctions: (file, before, after)."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_auction_is_found_by_the_definition_alone(blocking: redis.Redis, fault: str) -> None:
    file, before, after = FAULTS[fault]
    assert source(file).count(before) == 1, "the fault must be planted in exactly one place"
    wrong = Script("\n".join(source(name).replace(before, after) if name == file else source(name) for name in FILES))
    blocking.script_load(wrong.text)
    with pytest.raises((checker.Broken, KeyError)):
        judge_all(blocking, wrong)


def test_the_right_auctions_are_well_by_the_definition_alone(blocking: redis.Redis) -> None:
    blocking.script_load(bundle().text)
    judge_all(blocking, bundle())


def judge_all(client: redis.Redis, script: Script) -> None:
    for number, history in enumerate(AGREEING):
        twin = Unjudged(client, script, f"shw_{number:08}")
        history(twin)
        checker.check(keep(client, twin.show_id).events, twin.exchanges)


class Unjudged(Twin):
    """Runs a history on the script only."""

    def __init__(self, client: redis.Redis, script: Script, show_id: str) -> None:
        super().__init__(client, script, show_id)
        self.exchanges: list[tuple[AnyCommand, AnyOutcome]] | None = []

    def call(self, *commands: AnyCommand, known_epoch: str = "") -> tuple[AnyOutcome, ...]:
        outcomes = self.run(*commands, known_epoch=known_epoch).outcomes
        if self.exchanges is not None:
            self.exchanges += zip(commands, outcomes, strict=True)
        return outcomes

    def forget(self, command_id: str) -> None:
        super().forget(command_id)
        self.exchanges = None

    def compare(self) -> None:
        pass


def some_commands(dice: random.Random, number: int) -> list[AnyCommand]:
    """A batch about a few lots."""
    lot, who = f"l{dice.randrange(6)}", dice.choice(["ann", "bob", "eve"])
    choices: list[AnyCommand] = [
        open_lot(lot, dice.choice([0, 20]), dice.randrange(20, 200), reserve_minor=dice.choice([0, 200]), payment_ms=50),
        *(bid(f"b{number}-{i}", 100 + 10 * dice.randrange(60), who, lot, confirmed=True) for i in range(2)),
        *(maximum(f"m{number}-{i}", 100 + 10 * dice.randrange(90), who, lot, confirmed=True) for i in range(3)),
        void(f"v{number}", lot, force=dice.random() < 0.1),
        award(f"a{number}", who, lot, hold_ms=40),
        commit(f"p{number}", lot),
        open_giveaway(f"g{number % 4}", 1, 100),
        enter(f"e{number}", who, f"g{dice.randrange(4)}"),
    ]
    return dice.choices(choices, weights=[2, 4, 4, 4, 4, 4, 0.5, 1, 1, 1, 2], k=dice.randrange(1, 8))


async def survive_restarts(kills: int, seed: int) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="led-") as folder:
        valkey = EmbeddedValkey(Path(folder))
        await valkey.start()
        client = redis.Redis.from_url(valkey.url, protocol=2)
        twin = Twin(client, bundle(), "shw_restarts")
        client.script_load(twin.script.text)
        twin.call(fund("f1", A, 1000, 5))
        for kill in range(kills):
            for number in range(25):
                twin.call(*some_commands(dice, kill * 25 + number))
                moments = [at_ms for part in DUE for at_ms, _ in part(twin.show.state)]
                step = min(moments, default=twin.now_ms) - twin.now_ms + dice.choice([-1, 0, 1])
                twin.tick(max(0, step if dice.random() < 0.4 else dice.randrange(20)))
            assert valkey.pid is not None
            os.kill(valkey.pid, signal.SIGKILL)
            await valkey.wait()
            await valkey.start()
            with pytest.raises(redis.exceptions.NoScriptError):
                twin.run()
            client.script_load(twin.script.text)
            twin.compare()
        checker.check(keep(client, twin.show_id).events)
        assert any(isinstance(event, LotEnded) for event in keep(client, twin.show_id).events), "no auction came to its end"
        client.close()
        await valkey.stop()


async def test_an_auction_is_the_same_after_the_server_was_killed() -> None:
    async with asyncio.timeout(60):
        await survive_restarts(kills=3, seed=5)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(10))
async def test_many_auctions_are_the_same_after_the_server_was_killed(seed: int) -> None:
    async with asyncio.timeout(600):
        await survive_restarts(kills=20, seed=seed)
