"""Random histories: repeats, conflicting ids, time, expiry, fences, forgotten outcomes. Script and rules must agree."""

from collections.abc import Callable
from typing import Any

import msgspec
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

IDS = st.sampled_from([f"c{i}" for i in range(6)])
"""Few, so that ids are reused all the time, also across kinds of commands. Most ids are new, though: else nothing new happens."""
SKUS = st.sampled_from(["A", "A", "A", "B", 'C"\\ж'])
BUYERS = st.sampled_from(["ann", "bob", "зоя"])
CODES = st.sampled_from(["TEN", "HALF"])
COUPONS = st.sampled_from(["", "", "TEN", "HALF"])
DURATIONS = st.integers(1, 40)
COUNTS = st.integers(1, 4)
SALES = st.sampled_from(["", "", "sale", "sale", "c0"])
FUNDS = st.integers(-4, 6)
LIMITS = st.integers(1, 6)
SMALL = st.integers(1, 2)


def _line() -> st.SearchStrategy[HoldLine]:
    return st.builds(HoldLine, sku=SKUS, quantity=COUNTS, sale_id=SALES)


def _hold(ident: str, _: st.SearchStrategy[str]) -> st.SearchStrategy[Hold]:
    lines = st.lists(_line(), min_size=1, max_size=3).map(tuple)
    return st.builds(Hold, command_id=st.just(ident), buyer_id=BUYERS, lines=lines, hold_ms=DURATIONS, coupon=COUPONS)


def _wait(ident: str, _: st.SearchStrategy[str]) -> st.SearchStrategy[Wait]:
    return st.builds(Wait, command_id=st.just(ident), buyer_id=BUYERS, line=_line(), hold_ms=DURATIONS)


def _fund(ident: str, _: st.SearchStrategy[str]) -> st.SearchStrategy[Fund]:
    return st.builds(Fund, command_id=st.just(ident), sku=SKUS, quantity=FUNDS, per_buyer_max=LIMITS)


def _about(
    kind: type[Commit] | type[Release] | type[Restock],
) -> Callable[[str, st.SearchStrategy[str]], st.SearchStrategy[AnyCommand]]:
    return lambda ident, known: st.builds(kind, command_id=st.just(ident), hold_id=known)


def _extend(ident: str, known: st.SearchStrategy[str]) -> st.SearchStrategy[Extend]:
    return st.builds(Extend, command_id=st.just(ident), hold_id=known, hold_ms=DURATIONS)


def _leave(ident: str, known: st.SearchStrategy[str]) -> st.SearchStrategy[Leave]:
    return st.builds(Leave, command_id=st.just(ident), wait_id=known)


def _open_sale(ident: str, _: st.SearchStrategy[str]) -> st.SearchStrategy[OpenSale]:
    item = st.builds(SaleItem, sku=SKUS, quantity_max=LIMITS, per_buyer_max=COUNTS, price_minor=st.integers(1, 999))
    items = st.lists(item, min_size=1, max_size=2, unique_by=lambda item: item.sku).map(tuple)
    starts = st.integers(0, 20)
    return st.builds(
        OpenSale, command_id=st.just(ident), items=items, currency=st.just("EUR"), starts_in_ms=starts, lasts_ms=DURATIONS
    )


def _close_sale(ident: str, _: st.SearchStrategy[str]) -> st.SearchStrategy[CloseSale]:
    return st.builds(CloseSale, command_id=st.just(ident), sale_id=SALES)


def _open_coupon(ident: str, _: st.SearchStrategy[str]) -> st.SearchStrategy[OpenCoupon]:
    return st.builds(OpenCoupon, command_id=st.just(ident), code=CODES, uses_max=COUNTS, per_buyer_max=SMALL)


def _close_coupon(ident: str, _: st.SearchStrategy[str]) -> st.SearchStrategy[CloseCoupon]:
    return st.builds(CloseCoupon, command_id=st.just(ident), code=CODES)


MAKERS: tuple[Callable[[str, st.SearchStrategy[str]], st.SearchStrategy[AnyCommand]], ...] = (
    *[_hold] * 5,
    *[_wait] * 3,
    *[_fund] * 2,
    *[_about(Commit)] * 2,
    *[_about(Release)] * 2,
    *[_about(Restock)] * 2,
    _extend,
    _leave,
    _open_sale,
    _close_sale,
    _open_coupon,
    _close_coupon,
)
"""Makers of commands from an id and ids of things that exist; what happens more often in a show is more often here."""


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
        self.made = 0

    @initialize(quantity=st.integers(0, 8), limit=st.integers(1, 6))
    def fund(self, quantity: int, limit: int) -> None:
        self.twin.call(Fund(command_id="first", sku="A", quantity=quantity, per_buyer_max=limit))
        items = (SaleItem("A", quantity_max=4, per_buyer_max=2, price_minor=1),)
        self.twin.call(OpenSale(command_id="sale", items=items, currency="EUR", starts_in_ms=0, lasts_ms=300))
        self.twin.call(OpenCoupon(command_id="coupon", code="TEN", uses_max=3, per_buyer_max=1))

    def command(self, data: st.DataObject) -> AnyCommand:
        """Any command, mostly with a new id, and mostly about something that exists."""
        self.made += 1
        ident = data.draw(st.one_of(st.just(f"n{self.made}"), st.just(f"n{self.made}"), st.just(f"n{self.made}"), IDS))
        known = st.sampled_from([*self.twin.show.state.holds, *self.twin.show.state.waits, "c0"])
        return data.draw(data.draw(st.sampled_from(MAKERS))(ident, known))

    @rule(data=st.data(), count=st.integers(1, 8))
    def send(self, data: st.DataObject, count: int) -> None:
        self.call([self.command(data) for _ in range(count)])

    def call(self, commands: list[AnyCommand]) -> None:
        self.sent += commands
        self.twin.call(*commands)

    @rule(data=st.data(), count=st.integers(1, 6), quantity=st.integers(1, 6))
    def stand_in_line(self, data: st.DataObject, count: int, quantity: int) -> None:
        """Everything is sold, some wait, some units come."""
        free = self.twin.show.state.pools["A"].available
        self.call([Fund(command_id=f"less-{self.made}", sku="A", quantity=-free, per_buyer_max=6)])
        for _ in range(count):
            self.made += 1
            self.call([data.draw(_wait(f"n{self.made}", IDS))])
        self.call([Fund(command_id=f"more-{self.made}", sku="A", quantity=quantity, per_buyer_max=6)])

    @rule(data=st.data(), hold_ms=DURATIONS)
    def hold_and_pay(self, data: st.DataObject, hold_ms: int) -> None:
        self.made += 1
        hold = msgspec.structs.replace(data.draw(_hold(f"n{self.made}", IDS)), hold_ms=hold_ms)
        self.call([hold])
        self.twin.tick(hold_ms - 1)
        self.call([Commit(command_id=f"pay-{self.made}", hold_id=hold.command_id)])

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

    @rule(data=st.data())
    def fenced(self, data: st.DataObject) -> None:
        self.twin.fence("test")
        self.call([self.command(data)])
        self.twin.fence("")

    @rule(commands=st.permutations([f"c{i}" for i in range(4)]), times=st.integers(1, 3), hold_ms=DURATIONS)
    def what_is_late_overtakes(self, commands: list[str], times: int, hold_ms: int) -> None:
        """Payments, cancellations and holds of the same ids in any order, and each several times."""
        for ident in commands:
            kinds: list[AnyCommand] = [
                Hold(command_id=ident, buyer_id="ann", lines=(HoldLine("A", 1),), hold_ms=hold_ms),
                Commit(command_id=f"pay-{ident}", hold_id=ident),
                Restock(command_id=f"back-{ident}", hold_id=ident),
            ]
            self.call(kinds[:: -1 if times == 2 else 1] * times)

    @rule(data=st.data())
    def behind(self, data: st.DataObject) -> None:
        self.twin.project(self.twin.show.state.seq - LAG_MAX - 1)
        self.call([self.command(data)])
        self.twin.project(None)

    @rule()
    def restart(self) -> None:
        """A server that restarted has forgotten its scripts, and nothing else."""
        self.twin.client.script_flush()
        with pytest.raises(redis.exceptions.NoScriptError):
            self.twin.run()
        self.twin.client.script_load(self.twin.script.text)

    @rule(data=st.data(), epoch=st.sampled_from(["", "of-yore"]))
    def stale(self, data: st.DataObject, epoch: str) -> None:
        self.twin.call(self.command(data), known_epoch=epoch or self.twin.epoch)

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
