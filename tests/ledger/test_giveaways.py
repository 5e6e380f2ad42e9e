"""The rules of giveaways, with expected values written out."""

import pytest

from schemas.events.ledger import GiveawayDrawn, GiveawayEnded, GiveawayEntered
from server.ledger.replay import fold
from server.ledger.rules import (
    AnyCommand,
    Drawn,
    Entered,
    GiveawayNotOver,
    GiveawayOver,
    IdempotencyConflict,
    NotEntered,
    Opened,
    Show,
    ShowState,
    SoldOut,
    TooManyWinners,
    UnknownGiveaway,
    UnknownSku,
    check,
    violations,
)
from tests.ledger.lot_scenarios import draw, enter, open_giveaway
from tests.ledger.scenarios import A, fund


def outcomes(show: Show, now_ms: int, *commands: AnyCommand) -> tuple[object, ...]:
    answer = show.call([("", command) for command in commands], now_ms, "e1")
    assert violations(show.state) == []
    return answer.outcomes


def giveaway_show() -> Show:
    """Five caps, of which two are given away among those who enter from 1000 to 2000."""
    show = Show(ShowState("shw_1", ""))
    assert outcomes(show, 1000, fund("f1", A, 5, 1), open_giveaway("g1"))[1] == Opened(1000, 2000)
    return show


def pool(show: Show) -> tuple[int, int, int]:
    pool = show.state.pools[A]
    return pool.available, pool.held, pool.sold


def test_its_units_leave_the_pool_at_once() -> None:
    show = giveaway_show()
    assert pool(show) == (3, 2, 0)
    assert outcomes(show, 1000, open_giveaway("g2", 4), open_giveaway("g3", sku="?")) == (SoldOut(A, 3), UnknownSku("?"))


def test_everybody_enters_once_and_hears_the_own_number_again() -> None:
    show = giveaway_show()
    assert outcomes(show, 1000, enter("e1", "ann"), enter("e2", "bob"), enter("e3", "ann"), enter("e4", "x", "g9")) == (
        Entered(1),
        Entered(2),
        Entered(1),
        UnknownGiveaway(),
    )
    assert outcomes(show, 2000, enter("e5", "eve"), enter("e6", "bob")) == (GiveawayOver(), Entered(2))
    assert show.state.giveaways["g1"].entries == 2


def test_it_is_drawn_once_after_its_end_among_those_who_entered() -> None:
    show = giveaway_show()
    outcomes(show, 1000, enter("e1", "ann"), enter("e2", "bob"), enter("e3", "eve"))
    assert outcomes(show, 1999, draw("d1", "ann"), draw("d2", giveaway="g9")) == (GiveawayNotOver(2000), UnknownGiveaway())
    assert outcomes(show, 2000, draw("d3", "ann", "bob", "eve"), draw("d4", "ann", "dan")) == (
        TooManyWinners(2),
        NotEntered("dan"),
    )
    assert pool(show) == (3, 2, 0)
    assert outcomes(show, 2000, draw("d5", "bob"), draw("d6", "ann"), draw("d5", "bob")) == (
        Drawn(("bob",)),
        GiveawayOver(),
        Drawn(("bob",)),
    )
    assert pool(show) == (4, 0, 1)


def test_nobody_entered_and_nobody_wins() -> None:
    show = giveaway_show()
    assert outcomes(show, 2000, draw("d1")) == (Drawn(()),)
    assert pool(show) == (5, 0, 0)


def test_the_log_tells_the_whole_giveaway() -> None:
    show = Show(ShowState("shw_1", ""))
    events = list(show.call([("", fund("f1", A, 5, 1)), ("", open_giveaway("g1")), ("", enter("e1", "ann"))], 1000, "e1").events)
    events += show.call([("", draw("d1", "ann"))], 2000).events
    assert [type(event) for event in events[2:]] == [GiveawayEntered, GiveawayEnded, GiveawayDrawn]
    assert fold("shw_1", events) == show.state


def test_an_id_stays_used_up_when_its_outcome_is_forgotten() -> None:
    show = giveaway_show()
    show.stored.clear()
    assert outcomes(show, 1000, open_giveaway("g1", 1)) == (IdempotencyConflict(),)


@pytest.mark.parametrize(
    "command",
    [open_giveaway("g1", 0), open_giveaway("g1", 101), open_giveaway("g1", 1, 0), draw("d1", "ann", "ann"), enter("", "ann")],
    ids=repr,
)
def test_a_senseless_command_is_refused(command: AnyCommand) -> None:
    with pytest.raises(ValueError, match="senseless"):
        check(command)
