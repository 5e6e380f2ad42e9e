"""The rules themselves, with expected values written out."""

from typing import Any

import msgspec
import pytest

from schemas.events.ledger import AnyLedgerEvent, HoldCommitted, HoldExpired, LineState, StockFunded, StockHeld
from server.ledger.replay import fold
from server.ledger.rules import (
    AnyCommand,
    Commit,
    Committed,
    Extend,
    Extended,
    Fenced,
    Fund,
    Funded,
    Held,
    Hold,
    HoldGone,
    HoldLine,
    IdempotencyConflict,
    LimitReached,
    LogMismatch,
    Pool,
    Release,
    Released,
    Show,
    ShowState,
    SoldOut,
    StaleEpoch,
    UnknownSku,
    check,
    violations,
)
from tests.ledger.scenarios import A, B, commit, extend, fund, hold, release


def funded_show() -> Show:
    """Five caps of A, two of B, three of each per buyer; time is 1000."""
    show = Show(ShowState("shw_1", ""))
    show.call([("", fund("f1", A, 5, 3)), ("", fund("f2", B, 2, 3))], 1000, "e1")
    return show


def outcomes(show: Show, now_ms: int, *commands: AnyCommand) -> tuple[object, ...]:
    return show.call([("", command) for command in commands], now_ms).outcomes


def test_a_hold_takes_units_until_none_are_left() -> None:
    show = funded_show()
    assert outcomes(show, 1000, hold("h1", "ann", (A, 3))) == (Held("h1", 2000, 3),)
    assert outcomes(show, 1001, hold("h2", "bob", (A, 3)), hold("h3", "bob", (A, 2))) == (SoldOut(A, 2), Held("h3", 2001, 4))
    assert outcomes(show, 1001, hold("h4", "eve")) == (SoldOut(A, 0),)
    assert show.state.pools[A] == Pool(A, funded=5, held=5, sold=0, per_buyer_max=3)


def test_a_buyer_gets_no_more_than_the_limit_in_all_his_holds() -> None:
    show = funded_show()
    assert outcomes(show, 1000, hold("h1", "ann", (A, 2)), commit("c1", "h1")) == (Held("h1", 2000, 3), Committed())
    assert outcomes(show, 1000, hold("h2", "ann", (A, 2))) == (LimitReached(A, 3),)


def test_several_lines_are_held_all_or_none() -> None:
    show = funded_show()
    assert outcomes(show, 1000, hold("h1", "ann", (A, 1), (B, 3)), hold("h2", "ann", (A, 1), ("?", 1))) == (
        SoldOut(B, 2),
        UnknownSku("?"),
    )
    assert show.state.pools[A].held == 0
    show.call([("", hold("h3", "ann", (A, 1), (B, 1), (A, 1)))], 1000)
    assert show.state.holds["h3"].lines == (HoldLine(A, 2), HoldLine(B, 1))


def test_a_hold_ends_at_its_last_millisecond_and_only_once() -> None:
    show = funded_show()
    outcomes(show, 1000, hold("h1", "ann", hold_ms=10), hold("h2", "bob", hold_ms=10))
    assert outcomes(show, 1009, commit("c1", "h1")) == (Committed(),)
    answer = show.call([("", commit("c2", "h2"))], 1010)
    assert (answer.swept, answer.outcomes) == (1, (HoldGone("expired"),))
    line = LineState(sku=A, quantity=1, available=4, held=0, sold=1)
    head: Any = {"show_id": "shw_1", "epoch": "e1", "seq": 6, "command_id": "h2", "at_ms": 1010}
    assert answer.events == (HoldExpired(**head, hold_id="h2", buyer_id="bob", lines=[line]),)
    assert outcomes(show, 1010, release("r1", "h1"), release("r2", "none")) == (HoldGone("committed"), HoldGone("unknown"))


def test_committing_and_releasing_twice_is_harmless() -> None:
    show = funded_show()
    outcomes(show, 1000, hold("h1"), hold("h2", "bob"))
    assert outcomes(show, 1000, commit("c1", "h1"), commit("c2", "h1")) == (Committed(), Committed())
    assert outcomes(show, 1000, release("r1", "h2"), release("r2", "h2")) == (Released(), Released())
    assert outcomes(show, 1000, commit("c3", "h2"), extend("x1", "h2")) == (HoldGone("released"), HoldGone("released"))
    assert show.state.pools[A] == Pool(A, funded=5, held=0, sold=1, per_buyer_max=3)


def test_more_time_is_given_once() -> None:
    show = funded_show()
    outcomes(show, 1000, hold("h1", hold_ms=100))
    assert outcomes(show, 1050, extend("x1", "h1", 20), extend("x2", "h1", 100)) == (Extended(1100), Extended(1150))
    assert outcomes(show, 1100, extend("x3", "h1", 500)) == (Extended(1150),)
    assert outcomes(show, 1150, commit("c1", "h1")) == (HoldGone("expired"),)


def test_units_leave_a_pool_only_when_they_are_free() -> None:
    show = funded_show()
    outcomes(show, 1000, hold("h1", "ann", (A, 3)))
    assert outcomes(show, 1000, fund("f3", A, -3), fund("f4", A, -2), fund("f5", "?", -1)) == (
        SoldOut(A, 2),
        Funded(),
        UnknownSku("?"),
    )


def test_the_same_id_gets_the_first_outcome_for_ever() -> None:
    show = funded_show()
    refused = hold("h1", "ann", (A, 4))
    assert outcomes(show, 1000, refused) == (LimitReached(A, 3),)
    outcomes(show, 1000, fund("f3", A, 0, 9))
    assert outcomes(show, 9999, refused, hold("h1", "ann", (A, 3))) == (LimitReached(A, 3), IdempotencyConflict())


def test_a_fence_and_a_stale_epoch_decide_nothing() -> None:
    show = funded_show()
    assert show.call([("e0", hold("h1"))], 1000).outcomes == (StaleEpoch("e1"),)
    show.fence = "audit"
    assert outcomes(show, 1000, hold("h1"), fund("f1", A, 5, 3)) == (Fenced("audit"), Funded())
    show.fence = None
    assert outcomes(show, 1000, hold("h1")) == (Held("h1", 2000, 3),)


def test_time_of_a_show_never_goes_back() -> None:
    show = funded_show()
    assert show.call([("", hold("h1"))], 400).now_ms == 1000


@pytest.mark.parametrize(
    "command",
    [
        fund("f1", A, 1_000_001),
        fund("f1", A, 1, 0),
        fund("", A),
        hold("h1", "ann", (A, 0)),
        hold("h1", "ann", (A, -1)),
        hold("h1", "ann", (A, 1_000_001)),
        hold("h1", hold_ms=0),
        hold("h1", hold_ms=86_400_001),
        Hold(command_id="h1", buyer_id="ann", lines=(), hold_ms=1),
        Hold(command_id="h1", buyer_id="ann", lines=(HoldLine(A, 1),) * 51, hold_ms=1),
        extend("x1", "h1", 0),
        commit("", "h1"),
        release("", "h1"),
    ],
    ids=repr,
)
def test_a_senseless_command_is_refused(command: AnyCommand) -> None:
    with pytest.raises(ValueError, match="senseless"):
        check(command)


@pytest.mark.parametrize(
    "command", [fund("f1", A, -1_000_000), hold("h1", hold_ms=86_400_000), extend("x1", "h1", 1), commit("c", "h")]
)
def test_a_sensible_command_passes(command: Fund | Hold | Extend | Commit | Release) -> None:
    check(command)


def test_a_log_with_a_hole_a_repeat_or_a_wrong_sum_is_noticed() -> None:
    head: Any = {"show_id": "shw_1", "epoch": "e1", "at_ms": 1}
    full = LineState(sku=A, quantity=2, available=2, held=0, sold=0)
    less = LineState(sku=A, quantity=1, available=1, held=1, sold=0)
    funded = StockFunded(**head, seq=1, command_id="f1", lines=[full], per_buyer_max=2)
    held = StockHeld(**head, seq=2, command_id="h1", hold_id="h1", buyer_id="ann", expires_at_ms=9, lines=[less])
    sold_line = LineState(sku=A, quantity=1, available=1, held=0, sold=1)
    sold = HoldCommitted(**head, seq=3, command_id="c1", hold_id="h1", buyer_id="ann", lines=[sold_line])
    assert violations(fold("shw_1", [funded, held, sold])) == []
    replace = msgspec.structs.replace
    wrong: list[list[AnyLedgerEvent]] = [
        [funded, replace(held, seq=3)],
        [funded, held, held],
        [funded, held, replace(held, seq=3)],
        [funded, held, sold, replace(sold, seq=4)],
        [funded, replace(held, lines=[full])],
        [funded, replace(held, epoch="e2")],
        [funded, replace(held, at_ms=0)],
        [funded, held, replace(sold, buyer_id="bob")],
        [funded, replace(held, lines=[replace(less, sku=B)])],
    ]
    for events in wrong:
        with pytest.raises(LogMismatch):
            fold("shw_1", events)


def test_broken_sums_of_a_state_are_named() -> None:
    show = funded_show()
    outcomes(show, 1000, hold("h1", "ann", (A, 2)))
    state = show.state
    assert violations(state) == []
    state.pools[A] = Pool(A, funded=1, held=2, sold=0, per_buyer_max=3)
    state.pools[B] = Pool(B, funded=2, held=1, sold=0, per_buyer_max=3)
    state.bought["B", "ann"] = 1
    assert len(violations(state)) == 3
