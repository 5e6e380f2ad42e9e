"""Short histories that reach every branch of every script: fast, deterministic, and run often by `test_mutations.py`."""

from collections.abc import Callable

from server.ledger.rules import Commit, Extend, Fenced, Fund, Hold, HoldLine, Release, SoldOut
from server.ledger.wire import key
from tests.ledger.twin import Twin

A, B = "CAP-A", "CAP-B"


def fund(command_id: str, sku: str = A, quantity: int = 5, per_buyer_max: int = 3) -> Fund:
    return Fund(command_id=command_id, sku=sku, quantity=quantity, per_buyer_max=per_buyer_max)


def hold(hold_id: str, buyer: str = "ann", *lines: tuple[str, int], hold_ms: int = 1000) -> Hold:
    return Hold(command_id=hold_id, buyer_id=buyer, lines=tuple(HoldLine(*line) for line in lines or [(A, 1)]), hold_ms=hold_ms)


def extend(command_id: str, hold_id: str, hold_ms: int = 1000) -> Extend:
    return Extend(command_id=command_id, hold_id=hold_id, hold_ms=hold_ms)


def commit(command_id: str, hold_id: str) -> Commit:
    return Commit(command_id=command_id, hold_id=hold_id)


def release(command_id: str, hold_id: str) -> Release:
    return Release(command_id=command_id, hold_id=hold_id)


def pools_are_funded_and_emptied(twin: Twin) -> None:
    twin.call(fund("f0", A, -1), fund("f1", A, 0), fund("f2", A, 5, 2), fund("f3", B, 7))
    twin.call(fund("f4", A, -5), fund("f5", A, -1), fund("f6", A, 1, 9), fund("f7", A, 0, 4))
    twin.call(hold("h1"), fund("f8", A, -1))
    assert twin.call(fund("f9", B, -8), fund("fa", B, -7)) == (SoldOut(B, 7), twin.show.stored["fa"][1])


def stock_ends_exactly_at_zero(twin: Twin) -> None:
    twin.call(fund("f1", A, 3, 3), hold("h1", "ann", (A, 4)), hold("h2", "bob", (A, 2)), hold("h3", "eve", (A, 2)))
    twin.call(hold("h4", "eve", (A, 1)), hold("h5", "dan", (A, 1)), hold("h6", "dan", ("NONE", 1)))


def one_buyer_takes_no_more_than_the_limit(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 3), hold("h1", "ann", (A, 2)), hold("h2", "ann", (A, 2)), hold("h3", "ann", (A, 1)))
    twin.call(hold("h4", "ann"), commit("c1", "h1"), hold("h5", "ann"), release("r1", "h3"), hold("h6", "ann"))
    twin.call(hold("h7", "bob", (A, 3)), hold("h8", "bob"))


def several_lines_are_held_all_or_none(twin: Twin) -> None:
    twin.call(fund("f1", A, 5, 5), fund("f2", B, 1, 5))
    twin.call(hold("h1", "ann", (A, 1), (B, 2)), hold("h2", "ann", (B, 1), (A, 2)), hold("h3", "bob", (A, 1), (B, 1)))
    twin.call(hold("h4", "bob", (A, 1), ("NONE", 1)), hold("h5", "bob", (A, 3)))


def two_lines_of_one_sku_are_one_demand(twin: Twin) -> None:
    twin.call(fund("f1", A, 3, 9), fund("f2", B, 9, 3))
    twin.call(hold("h1", "ann", (A, 2), (A, 2)), hold("h2", "ann", (B, 2), (B, 2)), hold("h3", "ann", (A, 2), (B, 1), (A, 1)))
    twin.call(commit("c1", "h3"))


def a_hold_ends_once(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), *(hold(f"h{i}") for i in range(4)))
    twin.call(commit("c0", "h0"), commit("c1", "h0"), release("r1", "h0"), extend("x1", "h0"))
    twin.call(release("r2", "h1"), release("r3", "h1"), commit("c2", "h1"), extend("x2", "h1"))
    twin.tick(1000)
    twin.call(commit("c3", "h2"), release("r4", "h2"), extend("x3", "h3"))
    twin.call(commit("c4", "none"), release("r5", "none"), extend("x4", "none"))


def a_hold_lasts_to_its_last_millisecond(twin: Twin) -> None:
    twin.call(fund("f1", A, 3, 9), hold("h1", hold_ms=1000), hold("h2", hold_ms=1000), hold("h3", hold_ms=1001))
    twin.tick(999)
    twin.call(commit("c1", "h1"), hold("h4", "bob"))
    twin.tick(1)
    twin.call(hold("h5", "bob"), hold("h6", "bob"))
    twin.call(commit("c2", "h3"), commit("c3", "h2"))


def overdue_units_are_free_for_the_next_buyer(twin: Twin) -> None:
    twin.call(fund("f1", A, 2, 2), fund("f2", B, 2, 2), hold("h1", "ann", (A, 2), (B, 1)))
    twin.call(hold("h2", "bob"))
    twin.tick(5000)
    twin.call(hold("h3", "ann", (A, 2), (B, 2)))


def an_empty_call_sweeps_and_makes_no_show(twin: Twin) -> None:
    twin.call()
    twin.call(fund("f1", A, 2, 2), hold("h1"), hold("h2"))
    twin.tick(1000)
    twin.call()
    twin.call()


def an_extension_works_once_and_never_shortens(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), *(hold(f"h{i}") for i in range(4)))
    twin.tick(500)
    twin.call(extend("x1", "h0", 500), extend("x2", "h1", 499), extend("x3", "h2", 501))
    twin.call(extend("x4", "h0", 900), extend("x5", "h2", 900), extend("x6", "h0", 950))
    twin.tick(500)
    twin.call(commit("c1", "h2"), commit("c2", "h0"))
    twin.tick(400)
    twin.call(commit("c3", "h0"))


def a_backlog_of_overdue_holds_is_bounded_but_sells_nothing_twice(twin: Twin) -> None:
    many = [hold(f"h{i:03}", f"buyer{i}") for i in range(104)]
    twin.call(fund("f1", A, 104, 1), *many)
    twin.tick(1000)
    twin.call(commit("c1", "h103"), release("r1", "h102"), extend("x1", "h101"))
    twin.compare()
    twin.call(commit("c2", "h100"), hold("new", "zoe"))


def a_known_id_gets_its_first_outcome(twin: Twin) -> None:
    twin.call(fund("f1", A, 2, 1), hold("h1", "ann"), hold("h1", "ann"), hold("h1", "bob"), hold("h2", "ann"))
    twin.call(fund("f1", A, 2, 1), fund("f1", A, 3, 1), fund("f2", A, 5, 5), hold("h2", "ann"), commit("h1", "h1"))
    twin.call(commit("c1", "h1"), commit("c1", "h1"), commit("c1", "h2"), release("c1", "h1"))
    twin.tick(5000)
    twin.call(hold("h1", "ann"), commit("c1", "h1"), release("r1", "h1"), release("r1", "h1"))


def an_id_stays_used_up_when_its_outcome_is_forgotten(twin: Twin) -> None:
    twin.call(fund("f1", A, 9, 9), hold("h1"), hold("h2"), commit("c1", "h1"))
    for command_id in ("h1", "h2", "c1"):
        twin.forget(command_id)
    twin.call(hold("h1"), hold("h2", "bob"), commit("c1", "h1"))


def another_life_of_the_show_is_refused(twin: Twin) -> None:
    twin.call(fund("f1"))
    twin.call(hold("h1"), known_epoch=twin.epoch)
    twin.call(hold("h2"), hold("h1"), known_epoch="of-yore")
    twin.call(hold("h2"))


def a_fenced_show_decides_nothing(twin: Twin) -> None:
    twin.call(fund("f1"), hold("h1", hold_ms=500), hold("h2"))
    twin.tick(600)
    twin.fence("audit")
    twin.call(hold("h3"), hold("h1", hold_ms=500), commit("c1", "h2"))
    twin.compare()
    twin.call()
    twin.fence("")
    twin.call(hold("h3"), commit("c1", "h2"))


def a_script_that_fails_half_way_fences_the_show(twin: Twin) -> None:
    twin.call(fund("f1"), hold("h1"))
    twin.client.set(key(twin.show_id, "log"), "not a stream")
    answer = twin.run(hold("h2"), hold("h3"))
    assert [type(outcome) for outcome in answer.outcomes] == [Fenced, Fenced], answer
    assert answer.outcomes[0] == answer.outcomes[1]
    assert b"WRONGTYPE" in twin.client.hget(key(twin.show_id, "meta"), "fence")
    assert not twin.client.exists(key(twin.show_id, "cmd:h2"))
    twin.client.delete(key(twin.show_id, "log"))
    assert [type(outcome) for outcome in twin.run(hold("h4")).outcomes] == [Fenced]


def a_sweep_that_fails_fences_the_show(twin: Twin) -> None:
    twin.call(fund("f1"))
    twin.client.set(key(twin.show_id, "due"), "not a sorted set")
    answer = twin.run(hold("h2"))
    assert [type(outcome) for outcome in answer.outcomes] == [Fenced], answer
    assert b"WRONGTYPE" in twin.client.hget(key(twin.show_id, "meta"), "fence")
    assert answer.swept == 0


def the_time_is_the_servers(twin: Twin) -> None:
    twin.client.hset(key(twin.show_id, "meta"), "last_ms", 0)
    before_s, before_us = twin.client.time()
    now_ms = twin.run(fund("f1")).now_ms
    after_s, after_us = twin.client.time()
    assert before_s * 1000 + before_us // 1000 <= now_ms <= after_s * 1000 + after_us // 1000
    assert int(twin.client.hget(key(twin.show_id, "meta"), "last_ms")) == now_ms


AGREEING: tuple[Callable[[Twin], None], ...] = (
    pools_are_funded_and_emptied,
    stock_ends_exactly_at_zero,
    one_buyer_takes_no_more_than_the_limit,
    several_lines_are_held_all_or_none,
    two_lines_of_one_sku_are_one_demand,
    a_hold_ends_once,
    a_hold_lasts_to_its_last_millisecond,
    overdue_units_are_free_for_the_next_buyer,
    an_empty_call_sweeps_and_makes_no_show,
    an_extension_works_once_and_never_shortens,
    a_backlog_of_overdue_holds_is_bounded_but_sells_nothing_twice,
    a_known_id_gets_its_first_outcome,
    an_id_stays_used_up_when_its_outcome_is_forgotten,
    another_life_of_the_show_is_refused,
    a_fenced_show_decides_nothing,
)
"""Histories that both sides go through; everything kept is compared at the end."""

SCRIPT_ONLY: tuple[Callable[[Twin], None], ...] = (
    a_script_that_fails_half_way_fences_the_show,
    a_sweep_that_fails_fences_the_show,
    the_time_is_the_servers,
)
"""Histories that only the script knows: the rules have no half-written state and no clock."""
