"""Random histories: repeats, conflicting ids, time, expiry, fences, forgotten outcomes. Script and rules must agree."""

from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from server.ledger.rules import (
    LAG_MAX,
    AnyCommand,
    CloseCoupon,
    CloseSale,
    Commit,
    Extend,
    Fund,
    Hold,
    HoldLine,
    Leave,
    OpenCoupon,
    OpenSale,
    Release,
    Restock,
    SaleItem,
    Wait,
)
from server.ledger.wire import bundle
from tests.ledger.twin import Twin

IDS = st.sampled_from([f"c{i}" for i in range(12)])
"""Few, so that ids are reused all the time, also across kinds of commands."""
SKUS = st.sampled_from(["A", "B", 'C"\\ж'])
BUYERS = st.sampled_from(["ann", "bob", "зоя"])
CODES = st.sampled_from(["TEN", "HALF"])
DURATIONS = st.integers(1, 40)
COUNTS = st.integers(1, 4)
SALES = st.one_of(st.just(""), st.just("sale"), IDS)
LINE = st.builds(HoldLine, sku=SKUS, quantity=COUNTS, sale_id=SALES)
LINES = st.lists(LINE, min_size=1, max_size=3).map(tuple)
ITEM = st.builds(SaleItem, sku=SKUS, quantity_max=st.integers(1, 6), per_buyer_max=COUNTS, price_minor=st.integers(1, 999))
ITEMS = st.lists(ITEM, min_size=1, max_size=2, unique_by=lambda item: item.sku).map(tuple)
HOLDS: st.SearchStrategy[AnyCommand] = st.builds(
    Hold, command_id=IDS, buyer_id=BUYERS, lines=LINES, hold_ms=DURATIONS, coupon=st.one_of(st.just(""), CODES)
)
WAITS: st.SearchStrategy[AnyCommand] = st.builds(Wait, command_id=IDS, buyer_id=BUYERS, line=LINE, hold_ms=DURATIONS)
COMMANDS: st.SearchStrategy[AnyCommand] = st.one_of(
    st.builds(Fund, command_id=IDS, sku=SKUS, quantity=st.integers(-6, 6), per_buyer_max=st.integers(1, 6)),
    HOLDS,
    HOLDS,
    WAITS,
    WAITS,
    st.builds(Extend, command_id=IDS, hold_id=IDS, hold_ms=DURATIONS),
    st.builds(Commit, command_id=IDS, hold_id=IDS),
    st.builds(Release, command_id=IDS, hold_id=IDS),
    st.builds(Restock, command_id=IDS, hold_id=IDS),
    st.builds(Leave, command_id=IDS, wait_id=IDS),
    st.builds(
        OpenSale, command_id=IDS, items=ITEMS, currency=st.just("EUR"), starts_in_ms=st.integers(0, 20), lasts_ms=DURATIONS
    ),
    st.builds(CloseSale, command_id=IDS, sale_id=IDS),
    st.builds(OpenCoupon, command_id=IDS, code=CODES, uses_max=COUNTS, per_buyer_max=st.integers(1, 2)),
    st.builds(CloseCoupon, command_id=IDS, code=CODES),
)


class LedgerMachine(RuleBasedStateMachine):
    """One show per history, on one server."""

    client: Any
    shows = 0

    def __init__(self) -> None:
        super().__init__()
        LedgerMachine.shows += 1
        self.client.flushall()
        self.twin = Twin(self.client, bundle(), f"shw_{LedgerMachine.shows:08}")
        self.client.script_load(self.twin.script.text)
        self.sent: list[AnyCommand] = []
        self.ended: dict[str, int] = {}

    @initialize(quantity=st.integers(0, 8), limit=st.integers(1, 6))
    def fund(self, quantity: int, limit: int) -> None:
        self.twin.call(Fund(command_id="first", sku="A", quantity=quantity, per_buyer_max=limit))
        items = (SaleItem("A", quantity_max=4, per_buyer_max=2, price_minor=1),)
        self.twin.call(OpenSale(command_id="sale", items=items, currency="EUR", starts_in_ms=10, lasts_ms=100))

    @rule(commands=st.lists(COMMANDS, min_size=1, max_size=8))
    def send(self, commands: list[AnyCommand]) -> None:
        self.sent += commands
        self.twin.call(*commands)

    @rule(commands=st.lists(WAITS, min_size=1, max_size=6), quantity=st.integers(1, 6))
    def stand_in_line(self, commands: list[AnyCommand], quantity: int) -> None:
        self.send(commands)
        self.twin.call(Fund(command_id=f"more-{len(self.sent)}", sku="A", quantity=quantity, per_buyer_max=6))

    @rule(hold_id=IDS, buyer=BUYERS, lines=LINES, hold_ms=DURATIONS)
    def hold_and_pay(self, hold_id: str, buyer: str, lines: tuple[HoldLine, ...], hold_ms: int) -> None:
        self.send([Hold(command_id=hold_id, buyer_id=buyer, lines=lines, hold_ms=hold_ms)])
        self.twin.tick(hold_ms - 1)
        self.send([Commit(command_id=f"pay-{hold_id}", hold_id=hold_id)])

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        self.twin.call(*data.draw(st.lists(st.sampled_from(self.sent), min_size=1, max_size=4)))

    @rule(milliseconds=st.integers(0, 50))
    def wait(self, milliseconds: int) -> None:
        self.twin.tick(milliseconds)

    @rule()
    def sweep(self) -> None:
        self.twin.call()

    @rule(command_id=IDS)
    def forget(self, command_id: str) -> None:
        self.twin.forget(command_id)

    @rule(command=COMMANDS)
    def fenced(self, command: AnyCommand) -> None:
        self.twin.fence("test")
        self.twin.call(command)
        self.twin.fence("")

    @rule(commands=st.permutations([f"c{i}" for i in range(4)]), times=st.integers(1, 3), hold_ms=DURATIONS)
    def what_is_late_overtakes(self, commands: list[str], times: int, hold_ms: int) -> None:
        """Payments, cancellations and holds of the same ids in any order, and each several times."""
        for ident in commands:
            kinds = [
                Hold(command_id=ident, buyer_id="ann", lines=(HoldLine("A", 1),), hold_ms=hold_ms),
                Commit(command_id=f"pay-{ident}", hold_id=ident),
                Restock(command_id=f"back-{ident}", hold_id=ident),
            ]
            self.send(kinds[:: -1 if times == 2 else 1] * times)

    @rule(command=COMMANDS)
    def behind(self, command: AnyCommand) -> None:
        self.twin.project(self.twin.show.state.seq - LAG_MAX - 1)
        self.twin.call(command)
        self.twin.project(None)

    @rule()
    def restart(self) -> None:
        """A server that restarted has forgotten its scripts, and nothing else."""
        self.twin.client.script_flush()
        with pytest.raises(redis.exceptions.NoScriptError):
            self.twin.run()
        self.twin.client.script_load(self.twin.script.text)

    @rule(command=COMMANDS, epoch=st.sampled_from(["", "of-yore"]))
    def stale(self, command: AnyCommand, epoch: str) -> None:
        self.twin.call(command, known_epoch=epoch or self.twin.epoch)

    @invariant()
    def everything_kept_agrees(self) -> None:
        self.twin.compare()


def check_machine(client: "redis.Redis", examples: int, steps: int) -> None:
    LedgerMachine.client = client
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )


def test_script_and_rules_agree_in_random_histories(blocking: redis.Redis) -> None:
    check_machine(blocking, examples=60, steps=20)


@pytest.mark.chaos
def test_script_and_rules_agree_in_many_random_histories(blocking: redis.Redis) -> None:
    check_machine(blocking, examples=800, steps=50)
