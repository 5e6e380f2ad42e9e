"""Random auctions: repeats, conflicting ids, disorder, steps over every start and end. Script, rules and definition agree."""

from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from server.ledger.rules import DUE, AnyCommand, AnyOutcome, Fund
from server.ledger.wire import bundle
from tests.ledger import checker
from tests.ledger.lot_strategies import BIDS, IDS, LOT_COMMANDS, MAXIMA, OPEN_LOT
from tests.ledger.twin import Twin, keep


class LotMachine(RuleBasedStateMachine):
    """One show per history, on one server."""

    client: Any
    shows = 0

    def __init__(self) -> None:
        super().__init__()
        LotMachine.shows += 1
        self.client.flushall()
        self.twin = Twin(self.client, bundle(), f"shw_{LotMachine.shows:08}")
        self.client.script_load(self.twin.script.text)
        self.sent: list[AnyCommand] = []
        self.exchanges: list[tuple[AnyCommand, AnyOutcome]] = []

    @initialize(quantity=st.integers(3, 12))
    def begin(self, quantity: int) -> None:
        for sku in ("A", "B"):
            self.twin.call(Fund(command_id=f"first-{sku}", sku=sku, quantity=quantity, per_buyer_max=2))

    def send(self, commands: list[AnyCommand]) -> None:
        self.sent += commands
        self.exchanges += zip(commands, self.twin.call(*commands), strict=True)

    @rule(commands=st.lists(LOT_COMMANDS, min_size=1, max_size=8))
    def batch(self, commands: list[AnyCommand]) -> None:
        self.send(commands)

    @rule(opening=OPEN_LOT, commands=st.lists(st.one_of(BIDS, MAXIMA), min_size=1, max_size=12))
    def auction(self, opening: AnyCommand, commands: list[AnyCommand]) -> None:
        self.send([opening])
        self.send(commands)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def late_again_and_in_disorder(self, data: st.DataObject) -> None:
        self.send(data.draw(st.lists(st.sampled_from(self.sent), min_size=1, max_size=6)))

    @rule(milliseconds=st.integers(0, 50))
    def wait(self, milliseconds: int) -> None:
        self.twin.tick(milliseconds)

    @rule(beside=st.sampled_from([-1, 0, 1]), commands=st.lists(LOT_COMMANDS, max_size=4))
    def step_to_what_is_due(self, beside: int, commands: list[AnyCommand]) -> None:
        due = min((at_ms for part in DUE for at_ms, _ in part(self.twin.show.state)), default=0)
        self.twin.tick(max(0, due + beside - self.twin.now_ms))
        self.send(commands)

    @rule()
    def sweep(self) -> None:
        self.twin.call()

    @rule()
    def scripts_are_lost(self) -> None:
        self.client.script_flush()
        self.client.script_load(self.twin.script.text)

    @rule(command=LOT_COMMANDS)
    def fenced(self, command: AnyCommand) -> None:
        self.twin.fence("test")
        self.twin.call(command)
        self.twin.fence("")

    @invariant()
    def everything_kept_agrees(self) -> None:
        self.twin.compare()

    def teardown(self) -> None:
        checker.check(keep(self.client, self.twin.show_id).events, self.exchanges)


class ForgetfulLotMachine(LotMachine):
    """Outcomes are forgotten as well, as after days, so a question may have a second answer; but every thing exists once."""

    @rule(command_id=IDS)
    def forget(self, command_id: str) -> None:
        self.twin.forget(command_id)

    def teardown(self) -> None:
        checker.check(keep(self.client, self.twin.show_id).events, None)


def check_machine(machine: type[LotMachine], client: "redis.Redis", examples: int, steps: int) -> None:
    machine.client = client
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )


@pytest.mark.parametrize("machine", [LotMachine, ForgetfulLotMachine])
def test_script_rules_and_definition_agree_in_random_auctions(blocking: redis.Redis, machine: type[LotMachine]) -> None:
    check_machine(machine, blocking, examples=40, steps=20)


@pytest.mark.chaos
@pytest.mark.parametrize("machine", [LotMachine, ForgetfulLotMachine])
def test_script_rules_and_definition_agree_in_many_auctions(blocking: redis.Redis, machine: type[LotMachine]) -> None:
    check_machine(machine, blocking, examples=800, steps=50)
